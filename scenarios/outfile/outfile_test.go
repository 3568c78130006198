package outfile

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// names are the files in a folder.
func names(t *testing.T, dir string) []string {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	all := []string{}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestFileAppearsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	f, err := Create(path)
	require.NoError(t, err)
	_, err = f.Write([]byte("new"))
	require.NoError(t, err)
	assert.Equal(t, []string{"a.jsonl", "a.jsonl.partial"}, names(t, filepath.Dir(path)))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(text), "until it is complete")

	require.NoError(t, f.Commit())
	text, err = os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "new", string(text))
	assert.Equal(t, []string{"a.jsonl"}, names(t, filepath.Dir(path)))
}

func TestAbortLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	f, err := Create(path)
	require.NoError(t, err)
	_, err = f.Write(bytes.Repeat([]byte("x"), 1<<20))
	require.NoError(t, err)
	f.Abort()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(text))
	assert.Equal(t, []string{"a"}, names(t, filepath.Dir(path)))
}

func TestZstd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl.zst")
	want := bytes.Repeat([]byte("some line\n"), 1000)
	f, err := Create(path)
	require.NoError(t, err)
	_, err = f.Write(want)
	require.NoError(t, err)
	require.NoError(t, f.Commit())

	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Less(t, len(data), len(want)/10)
	z, err := zstd.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	defer z.Close()
	got, err := io.ReadAll(z)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestPlacesThatCanNotBeWritten(t *testing.T) {
	dir := t.TempDir()
	_, err := Create(dir)
	assert.EqualError(t, err, "create "+dir+": is a directory")
	_, err = Create(filepath.Join(dir, "no", "such", "folder"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = Create(filepath.Join(dir, "a\x00b"))
	assert.Error(t, err)
	assert.Empty(t, names(t, dir))
}

func TestDeviceIsWrittenInPlace(t *testing.T) {
	before, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	f, err := Create(os.DevNull)
	require.NoError(t, err)
	_, err = f.Write([]byte("text"))
	require.NoError(t, err)
	require.NoError(t, f.Commit())
	after, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after), "it is not replaced by a file")
}

func TestStandardOutput(t *testing.T) {
	for _, end := range []func(*File) error{(*File).Commit, func(f *File) error { require.NoError(t, f.buf.Flush()); f.Abort(); return nil }} {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		stdout := os.Stdout
		os.Stdout = w
		f, err := Create("-")
		os.Stdout = stdout
		require.NoError(t, err)
		_, err = f.Write([]byte("text"))
		require.NoError(t, err)
		require.NoError(t, end(f))
		_, err = w.Write([]byte(" and more"))
		require.NoError(t, err, "it stays open")
		require.NoError(t, w.Close())
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		assert.Equal(t, "text and more", string(got))
	}
}

// An error of the disk that shows only when the rest is written comes out of
// Commit, and the name is not given.
func TestCommitReportsLateErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.zst")
	f, err := Create(path)
	require.NoError(t, err)
	_, err = f.Write([]byte("text"))
	require.NoError(t, err)
	require.NoError(t, f.file.Close()) // as if the file had gone away
	assert.Error(t, f.Commit())
	assert.Equal(t, []string{"a.zst.partial"}, names(t, filepath.Dir(path)))
}
