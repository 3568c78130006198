package main

import (
	"strings"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/trace"
)

// autopsy tells how the run failed.
func (p *printer) autopsy(a *rerun.Autopsy) {
	p.line("")
	p.line("%s: %s", p.paint(scenarios.Failed), a.What)
	p.line("  at %v: %s", a.At, a.Value)
	where := "that are drops, faults or routes, whoever was concerned"
	if len(a.Nodes) > 0 {
		where = "at " + strings.Join(a.Nodes, ", ")
	}
	p.line("  the last events %s:", where)
	for _, e := range dedented(a.Events) {
		p.line("    %s", e)
	}
	switch a.WithoutFaults {
	case "":
		p.line("  the scenario has no faults")
	case scenarios.Failed:
		p.line("  without its faults: %s as well", p.paint(a.WithoutFaults))
	default:
		p.line("  without its faults: %s", p.paint(a.WithoutFaults))
	}
}

// dedented takes away the blanks that all lines begin with.
func dedented(lines []string) []string {
	indent := -1
	for _, l := range lines {
		if n := len(l) - len(strings.TrimLeft(l, " ")); indent < 0 || n < indent {
			indent = n
		}
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l[indent:]
	}
	return out
}

// whatNext says what can be done with the file that a failed run left.
func (p *printer) whatNext(left string, quiet bool) {
	if quiet {
		p.line("  left        %s", left)
		return
	}
	file := quoted(left)
	p.line("")
	p.line("This run is kept in %s, which needs nothing else. To copy:", left)
	p.line("  meshsim replay %s", file)
	p.line("  meshsim explain %s", file)
	p.line("  meshsim shrink %s", file)
}

func (p *printer) comparison(out *rerun.Replayed) {
	switch {
	case out.Same:
		p.line("%s", p.paint("same"))
	default:
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
	if d.Unseen {
		p.line("  first different digest: after #%d at %v", d.Seq-1, d.T)
	} else {
		p.line("  first different event: #%d at %v", d.Seq, d.T)
	}
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
	p.line("  %s:", title)
	for _, c := range causes {
		p.line("    %s", c)
	}
}

// before prints what the nodes of an event looked like just before it.
func (p *printer) before(side string, b *rerun.Before, err error) {
	switch {
	case err != nil:
		p.line("  state in %s before it: not known: %v", side, err)
		return
	case b == nil:
		return
	}
	p.line("  state in %s before it (the run up to #%d, again):", side, b.Seq)
	for _, n := range b.Nodes {
		p.line("    %s: %s, %d copies arriving, %d kept, %d timers", n.ID, upOrDown(&n), n.Arriving, n.Kept, n.Timers)
		for _, l := range n.Links {
			p.line("      to %s: %s, %s taken, %s dropped, busy %v", l.To, l.Now, count(l.Transmissions), count(l.Drops), short(l.BusyNS))
		}
	}
}
