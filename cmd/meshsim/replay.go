package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/trace"
)

func (a *app) replayCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "replay FILE",
		Short: "Run again what a trace or a .fail.toml records, and compare",
		Long: `Run again what a trace or a .fail.toml records, and say "same", or name the first
different event. FILE alone is enough: scenario and data files are inside.

Exit status: 0 same, 3 different, whatever the expectations say; 2 recorded by
another engine, or nothing but a header. A trace that was cut off counts as far as
it goes, with a warning. Checkpoints and the end line are compared too: a trace that
holds few events still tells whether it is the same run.`,
		Example: "  meshsim replay run.jsonl.zst\n  meshsim replay starter-1.fail.toml --json",
		Args:    takes(1, 1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.replay(args[0]) },
	}
}

func (a *app) replay(path string) error {
	if err := a.untouched("replay"); err != nil {
		return err
	}
	f, name, err := a.openFile(path)
	if err != nil {
		return err
	}
	defer f.Close()
	o, _, done := a.watched(name)
	defer done()
	var out *rerun.Replayed
	in := bufio.NewReader(f)
	if looksLikeTOML(in) {
		out, err = replayRecord(in, name, o)
	} else {
		var r *trace.Reader
		if r, err = trace.NewReader(in); err == nil {
			out, err = rerun.Trace(r, o)
			done()
			a.traceWarnings(name, r)
		}
	}
	done()
	if err != nil {
		return about(name, err)
	}
	return a.comparison(out, exitNotDeterministic)
}

func replayRecord(in io.Reader, name string, o scenarios.Options) (*rerun.Replayed, error) {
	s, err := scenarios.LoadReader(nil, in, name)
	if err != nil {
		return nil, err
	}
	return rerun.Record(s, o)
}

// looksLikeTOML tells a .fail.toml, which begins with a comment or a key, from a
// trace, whose first byte is that of a JSON object or of a zstd frame.
func looksLikeTOML(r *bufio.Reader) bool {
	first, _ := r.Peek(1)
	return len(first) == 1 && bytes.Contains([]byte("# \n\r\t[abcdefghijklmnopqrstuvwxyz\"'\xef"), first)
}

// comparison prints what a comparison found; a difference has the given status.
func (a *app) comparison(out *rerun.Replayed, different int) error {
	if !out.Same {
		a.settle(different)
	}
	if a.json {
		return a.printJSON(out)
	}
	p := a.printer()
	p.comparison(out)
	return p.err
}

// openFile opens a file, - for stdin, and says how to call it.
func (a *app) openFile(path string) (f io.ReadCloser, name string, err error) {
	if path == "-" {
		return io.NopCloser(a.in), "<stdin>", nil
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		hint := ""
		if _, err := os.Stat(path + ".partial"); err == nil {
			hint = fmt.Sprintf("; a run that was killed left %s.partial", path)
		}
		return nil, path, &fileError{path, errors.New("there is no such file" + hint)}
	}
	if err != nil {
		return nil, path, err
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		file.Close()
		return nil, path, &fileError{path, errors.New("is a directory; a file is needed")}
	}
	return file, path, nil
}

// traceFile is an open trace.
type traceFile struct {
	*trace.Reader
	io.Closer
}

func (a *app) openTrace(path string) (*traceFile, error) {
	f, name, err := a.openFile(path)
	if err != nil {
		return nil, err
	}
	r, err := trace.NewReader(f)
	if err != nil {
		f.Close()
		return nil, about(name, err)
	}
	return &traceFile{r, f}, nil
}

func (a *app) traceWarnings(path string, r *trace.Reader) {
	if a.quiet {
		return
	}
	for _, w := range r.Warnings() {
		fmt.Fprintf(a.err, "%s:%d: warning: %s\n", path, w.Line, w.Text)
	}
}
