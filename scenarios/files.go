package scenarios

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// maxTableBytes bounds a file that a scenario names, unpacked.
const maxTableBytes = 64 << 20

// readFile reads a file of at most the given size. Its errors are one line
// without the name.
func readFile(fsys fs.FS, name string, most int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fileError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, fileError(err)
	case info.IsDir():
		return nil, errors.New("is a directory; a file is needed")
	case info.Size() > most:
		return nil, tooLarge(info.Size(), most)
	}
	return readAll(f, most)
}

// readAll reads at most one byte more than allowed: a pipe has no size.
func readAll(r io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fileError(err)
	}
	if int64(len(data)) > most {
		return nil, tooLarge(int64(len(data)), most)
	}
	return data, nil
}

func tooLarge(size, most int64) error {
	return fmt.Errorf("is too large: %d bytes or more; allowed: %d MiB", size, most>>20)
}

// fileError drops the file's name, which the message has already.
func fileError(err error) error {
	var pathError *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no such file%w", hidden{fs.ErrNotExist})
	case errors.As(err, &pathError):
		return fmt.Errorf("can't be read: %w", pathError.Err)
	}
	return fmt.Errorf("can't be read: %w", err)
}

// hidden lets an error be recognised without its text.
type hidden struct{ error }

func (hidden) Error() string   { return "" }
func (h hidden) Unwrap() error { return h.error }

// fileReference is a key of the scenario that names a file.
type fileReference struct{ key, name string }

// fileReferences lists the files that the scenario names.
func (s *Scenario) fileReferences() []fileReference {
	var refs []fileReference
	if kind, ok := s.Topology.Kind.(fileKind); ok {
		refs = append(refs, fileReference{"topology.path", kind.file()})
	}
	refs = append(refs, fileReference{"routing.file", s.Routing.File})
	for i := range s.Traffic {
		refs = append(refs, fileReference{elementPath("traffic", i) + ".file", s.Traffic[i].File})
	}
	s.sampleKeys(func(f sampleReader, kind any) {
		if file, ok := kind.(fromFile); ok {
			refs = append(refs, fileReference{f.fileKey(kind), file.sampleFile()})
		}
	})
	named := refs[:0]
	for _, ref := range refs {
		if ref.name != "" {
			named = append(named, ref)
		}
	}
	return named
}

// ReadFile reads a file that the scenario names: the one inside it, or else the one
// beside it.
func (s *Scenario) ReadFile(name string) ([]byte, error) {
	data, _, err := s.readTable(name)
	return data, err
}

// readTable reads a file that the scenario names: the embedded one, or the one on
// disk beside the scenario. shown is its name in messages.
func (s *Scenario) readTable(name string) (data []byte, shown string, err error) {
	shown = s.tableName(name)
	if packed, ok := s.Files[name]; ok {
		data, err = unpack(packed)
		return data, shown, err
	}
	fsys := s.source.fsys
	if fsys == nil {
		fsys = Disk
	}
	data, err = readFile(fsys, shown, maxTableBytes)
	return data, shown, err
}

// tableName is the name of such a file in messages and, unless it is embedded, in
// the file system.
func (s *Scenario) tableName(name string) string {
	file := filepath.ToSlash(name)
	if _, embedded := s.Files[name]; embedded {
		return name
	}
	if path.IsAbs(file) || filepath.IsAbs(name) {
		return file
	}
	return path.Join(s.source.dir, file)
}

// SelfContained is a copy of the scenario with all files that it names inside, and
// with faults that say what chance made of them, so that it runs alone anywhere.
func (s *Scenario) SelfContained() (*Scenario, error) {
	known, err := s.withDefaults().concrete(nil)
	if err != nil {
		return nil, err
	}
	whole := *known
	whole.Files = nil
	for _, ref := range whole.fileReferences() {
		data, shown, err := s.readTable(ref.name)
		if err != nil {
			return nil, Errors{{File: shown, Message: err.Error()}}
		}
		if whole.Files == nil {
			whole.Files = map[string]string{}
		}
		whole.Files[ref.name] = pack(data)
	}
	return &whole, nil
}

// pack is base64 of zstd, the form of an embedded file.
func pack(data []byte) string {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // only of a bad option
	}
	defer w.Close()
	return base64.StdEncoding.EncodeToString(w.EncodeAll(data, nil))
}

func unpack(packed string) ([]byte, error) {
	compressed, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return nil, fmt.Errorf("embedded file is damaged: %w", err)
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxTableBytes))
	if err != nil {
		panic(err) // only of a bad option
	}
	defer r.Close()
	data, err := r.DecodeAll(compressed, nil)
	if err != nil {
		return nil, fmt.Errorf("embedded file is damaged or larger than %d MiB: %w", maxTableBytes>>20, err)
	}
	return data, nil
}
