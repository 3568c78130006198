package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/trace"
)

func (a *app) diffCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "diff TRACE TRACE",
		Short: "Find the first event in which two traces differ, and its causes",
		Long: `Find the first event in which two traces differ, the chain of causes that led to
it, and the state of the nodes concerned just before it. The state comes from
running the scenarios in the traces again.
Exit status: 0 same, 1 different.`,
		Example: "  meshsim run detour --trace a.jsonl\n  meshsim run detour --seed 8 --trace b.jsonl\n  meshsim diff a.jsonl b.jsonl",
		Args:    cobra.ExactArgs(2),
		RunE:    func(_ *cobra.Command, args []string) error { return a.diff(args[0], args[1]) },
	}
}

func (a *app) diff(pathA, pathB string) (err error) {
	defer guard(&err)
	ra, ca, err := a.openTrace(pathA)
	if err != nil {
		return err
	}
	defer ca.Close()
	rb, cb, err := a.openTrace(pathB)
	if err != nil {
		return err
	}
	defer cb.Close()
	d, err := trace.Diff(ra, rb)
	a.traceWarnings(pathA, ra)
	a.traceWarnings(pathB, rb)
	if err != nil {
		return err
	}
	if err := a.comparison(&rerun.Replayed{Same: d == nil, FirstDifference: d}, exitFailed); d == nil || a.json || a.quiet {
		return err
	}
	p := &printer{w: a.out}
	p.before("a", ra.Header(), d, d.A)
	p.before("b", rb.Header(), d, d.B)
	if p.err != nil {
		return p.err
	}
	return status(exitFailed)
}

// before prints what the nodes of an event looked like just before it.
func (p *printer) before(side string, h trace.Header, d *trace.Difference, event string) {
	var ends struct{ Node, Peer string }
	if json.Unmarshal([]byte(event), &ends) != nil || ends.Node == "" {
		return
	}
	if h.Engine != scenarios.Engine {
		p.line("  state in %s before it: not known, the trace is of engine %d and this is engine %d", side, h.Engine, scenarios.Engine)
		return
	}
	s, err := scenarios.FromTrace(h)
	if err != nil {
		p.line("  state in %s before it: not known: %v", side, err)
		return
	}
	states, err := s.StateBefore(d.Seq, []string{ends.Node, ends.Peer})
	if err != nil {
		p.line("  state in %s before it: not known: %v", side, err)
		return
	}
	p.line("  state in %s before it:", side)
	for _, n := range states {
		p.line("    %s: up %v, %d copies arriving, %d kept, %d timers", n.ID, n.Up, n.Arriving, n.Kept, n.Timers)
		for _, l := range n.Links {
			p.line("      to %s: %s, %d taken, %d dropped, busy %v", l.To, l.Now, l.Transmissions, l.Drops, short(l.BusyNS))
		}
	}
}
