package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
)

// past is the run that an argument stands for: that of a scenario, of a
// .fail.toml, or of a trace.
func (a *app) past(name string, o scenarios.Options) (*rerun.Past, error) {
	f, shown, err := a.openFile(name)
	if err != nil {
		return a.pastOfScenario(name, o) // a built-in, or it says what is wrong
	}
	defer f.Close()
	in := bufio.NewReader(f)
	if looksLikeTOML(in) {
		a.in = in // if it was stdin, of which the beginning has been read
		return a.pastOfScenario(name, o)
	}
	if err := a.untouched("a trace"); err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return os.Open(name) }
	if name == "-" {
		text, err := io.ReadAll(in)
		if err != nil {
			return nil, about(shown, err)
		}
		open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	}
	p, err := rerun.OfTrace(open, o)
	if err != nil {
		return nil, about(shown, err)
	}
	return p, nil
}

func (a *app) pastOfScenario(name string, o scenarios.Options) (*rerun.Past, error) {
	s, err := a.load(name)
	if err != nil {
		return nil, err
	}
	return rerun.OfScenario(s, o)
}

// notes warns of what is to be known of the run that was looked at.
func (a *app) notes(notes []string) {
	for _, n := range notes {
		if !a.quiet {
			fmt.Fprintf(a.err, "warning: %s\n", n)
		}
	}
}
