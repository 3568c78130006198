package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"meshsim/scenarios/rerun"
	"meshsim/trace"
)

func (a *app) replayCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "replay FILE",
		Short: "Run again what a trace or a .fail.toml records, and compare",
		Long: `Run again what a trace or a .fail.toml records, and say "same", or name the first
different event. FILE alone is enough: scenario and data files are inside.
Exit status: 0 same, 3 different, 2 recorded by another engine.`,
		Example: "  meshsim replay run.jsonl.zst\n  meshsim replay starter-1.fail.toml --json",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.replay(args[0]) },
	}
}

func (a *app) replay(path string) (err error) {
	defer guard(&err)
	var out *rerun.Replayed
	if strings.HasSuffix(path, ".toml") {
		s, err := a.load(path)
		if err != nil {
			return err
		}
		if out, _, err = rerun.Record(s); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	} else {
		r, closer, err := a.openTrace(path)
		if err != nil {
			return err
		}
		defer closer.Close()
		out, err = rerun.Trace(r)
		a.traceWarnings(path, r)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return a.comparison(out, exitNotDeterministic)
}

// comparison prints what a comparison found; a difference has the given status.
func (a *app) comparison(out *rerun.Replayed, different int) error {
	if a.json {
		if err := a.printJSON(out); err != nil {
			return err
		}
	} else {
		p := &printer{w: a.out, colour: a.colour(a.out)}
		p.comparison(out)
		if p.err != nil {
			return p.err
		}
	}
	if !out.Same {
		return status(different)
	}
	return nil
}

func (p *printer) comparison(out *rerun.Replayed) {
	if out.Same {
		p.line("%s", p.paint("same"))
	} else {
		p.line("%s", p.paint("different"))
		p.difference(out.FirstDifference)
	}
	if out.Note != "" {
		p.line("  %s", out.Note)
	}
}

func (p *printer) difference(d *trace.Difference) {
	if d.Seq == 0 {
		p.line("  a %s\n  b %s", d.A, d.B)
		return
	}
	p.line("  first different event: #%d at %v", d.Seq, d.T)
	for _, side := range []struct{ name, event string }{{"a", d.A}, {"b", d.B}} {
		if side.event == "" {
			side.event = "(no further event)"
		}
		p.line("  %s %s", side.name, side.event)
	}
	p.causes("caused by", d.Causes)
	p.causes("in b caused by", d.CausesB)
}

func (p *printer) causes(title string, causes []string) {
	if len(causes) == 0 {
		return
	}
	p.line("  %s", title)
	for _, c := range causes {
		p.line("    %s", c)
	}
}

// openTrace opens a trace file, - for stdin. A name that a killed run left with
// .partial is as good.
func (a *app) openTrace(path string) (*trace.Reader, io.Closer, error) {
	if path == "-" {
		r, err := trace.NewReader(a.in)
		return r, io.NopCloser(nil), named("<stdin>", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, nil, fmt.Errorf("%s: is a directory", path)
	}
	r, err := trace.NewReader(f)
	if err != nil {
		f.Close()
	}
	return r, f, named(path, err)
}

func named(path string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (a *app) traceWarnings(path string, r *trace.Reader) {
	if a.quiet {
		return
	}
	for _, w := range r.Warnings() {
		fmt.Fprintf(a.err, "%s:%d: warning: %s\n", path, w.Line, w.Text)
	}
}
