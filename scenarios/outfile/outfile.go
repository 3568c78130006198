// Package outfile writes files that appear whole or not at all: under
// PATH.partial, which takes the name PATH when it is complete. After a kill the
// .partial stays.
package outfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/klauspost/compress/zstd"
)

// partial is what is added to the name of a file that is being written.
const partial = ".partial"

// File is a file being written. Write, then either Commit or Abort, once.
type File struct {
	path string   // the name at the end; "" if it is written in place
	file *os.File // nil: standard output, which stays open
	buf  *bufio.Writer
	zstd *zstd.Encoder // nil: not compressed
}

// Create begins the file of the given path. "-" is standard output; a pipe or a
// device is written in place. A name that ends in .zst is compressed by zstd. A
// directory, or a place that can't be written, is an error now rather than at the
// end of a long run.
func Create(path string) (*File, error) {
	f := &File{}
	out := os.Stdout
	if path != "-" {
		if err := f.open(path); err != nil {
			return nil, err
		}
		out = f.file
	}
	f.buf = bufio.NewWriterSize(out, 1<<16)
	if strings.HasSuffix(path, ".zst") {
		// One thread: the same bytes on every machine, and no goroutine.
		z, err := zstd.NewWriter(f.buf, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1))
		if err != nil {
			f.Abort()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		f.zstd = z
	}
	return f, nil
}

func (f *File) open(path string) (err error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return &fs.PathError{Op: "create", Path: path, Err: syscall.EISDIR}
	case err == nil && !info.Mode().IsRegular():
		f.file, err = os.OpenFile(path, os.O_WRONLY, 0)
		return err
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f.path = path
	f.file, err = os.Create(path + partial)
	return err
}

// Write writes to the file. Errors come here or, as writes are gathered, in Commit.
func (f *File) Write(b []byte) (int, error) { return f.out().Write(b) }

func (f *File) out() io.Writer {
	if f.zstd != nil {
		return f.zstd
	}
	return f.buf
}

// Commit completes the file and gives it its name. On an error the file keeps the
// name PATH.partial. Committing or aborting a nil File does nothing.
func (f *File) Commit() error {
	if f == nil {
		return nil
	}
	var err error
	if f.zstd != nil {
		err = f.zstd.Close()
	}
	err = errors.Join(err, f.buf.Flush())
	if f.file != nil {
		err = errors.Join(err, f.file.Close())
	}
	if err != nil || f.path == "" {
		return err
	}
	return os.Rename(f.path+partial, f.path)
}

// Abort gives the file up: nothing of it stays, and what had its name before is
// untouched. What went to standard output or a device can't be taken back.
func (f *File) Abort() {
	if f == nil {
		return
	}
	if f.file != nil {
		f.file.Close()
	}
	if f.path != "" {
		os.Remove(f.path + partial)
	}
}

// Write writes data as the whole of the file at path.
func Write(path string, data []byte) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Abort()
		return err
	}
	return f.Commit()
}

// WriteNew is Write for a file that must not exist yet.
func WriteNew(path string, data []byte) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists already; it is left as it is", path)
	}
	return Write(path, data)
}
