package main

import (
	"errors"

	"github.com/spf13/cobra"

	"meshsim/scenarios/rerun"
)

func (a *app) diffCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "diff TRACE TRACE",
		Short: "Find the first event in which two traces differ, and its causes",
		Long: `Find the first event in which two traces differ, the chain of causes that led to
it, and the state of the nodes concerned just before it. The state comes from
running the scenarios in the traces again.

Where they hold too few events to differ, their checkpoints and end lines tell
between which the difference lies.

Exit status: 0 same, 1 different, 2 nothing but a header. A trace that was cut off
counts as far as it goes, with a warning.`,
		Example: "  meshsim run detour --trace a.jsonl\n  meshsim run detour --seed 8 --trace b.jsonl\n  meshsim diff a.jsonl b.jsonl",
		Args:    takes(2, 2),
		RunE:    func(_ *cobra.Command, args []string) error { return a.diff(args[0], args[1]) },
	}
}

func (a *app) diff(pathA, pathB string) error {
	if err := a.untouched("diff"); err != nil {
		return err
	}
	if pathA == "-" && pathB == "-" {
		return errors.New("diff - -: stdin holds one trace only")
	}
	traceA, err := a.openTrace(pathA)
	if err != nil {
		return err
	}
	defer traceA.Close()
	traceB, err := a.openTrace(pathB)
	if err != nil {
		return err
	}
	defer traceB.Close()
	out, err := rerun.Traces(traceA.Reader, traceB.Reader)
	a.traceWarnings(pathA, traceA.Reader)
	a.traceWarnings(pathB, traceB.Reader)
	if err != nil {
		return err
	}
	if err := a.comparison(out, exitFailed); err != nil || out.Same || a.json || a.quiet {
		return err
	}
	p := a.printer()
	d := out.FirstDifference
	before, err := rerun.StateBefore(traceA.Header(), d.A)
	p.before("a", before, err)
	before, err = rerun.StateBefore(traceB.Header(), d.B)
	p.before("b", before, err)
	return p.err
}
