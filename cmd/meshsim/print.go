package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/trace"
)

// printer writes for people. It remembers the first error, so that callers check
// once.
type printer struct {
	w      io.Writer
	colour bool
	err    error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// paint colours a word by what it means.
func (p *printer) paint(word string) string {
	if !p.colour {
		return word
	}
	switch word {
	case scenarios.Passed, "same":
		return "\x1b[32m" + word + "\x1b[0m"
	case scenarios.Failed, "different":
		return "\x1b[31m" + word + "\x1b[0m"
	case scenarios.Vacuous, "interrupted":
		return "\x1b[33m" + word + "\x1b[0m"
	}
	return word
}

func (p *printer) verdict(r *scenarios.Result) {
	word := p.paint(r.Verdict)
	if r.Interrupted {
		word = p.paint("interrupted") + ", " + word + " so far"
	}
	p.line("%s: %s  (seed %d, digest %s)", r.Scenario, word, r.Seed, r.Digest)
}

// summary is what a run came to, at a glance.
func (p *printer) summary(r *scenarios.Result, verbose bool) {
	speed := float64(r.SimNS) / float64(max(r.WallNS, 1))
	p.line("  %v of virtual time in %v (×%.0f), %d events", time.Duration(r.SimNS), time.Duration(r.WallNS).Round(time.Millisecond), speed, r.Events)
	if r.Stuck != "" {
		p.line("  %s", r.Stuck)
	}
	p.traffic(&r.Metrics)
	p.drops(&r.Metrics)
	p.faults(r.Faults)
	p.expectations(r)
	if verbose {
		p.links(r.Metrics.Links.By)
		for _, c := range r.Checkpoints {
			p.line("  checkpoint %v  %d events  %s", c.T, c.Events, c.Digest)
		}
	}
}

func (p *printer) traffic(m *trace.Summary) {
	t := &m.Traffic
	p.line("  traffic     %d sent, %d of %d delivered (%.2f %%), %d duplicates, %d in flight", t.Sent, t.Delivered, t.Expected, 100*t.DeliveryRatio, t.Duplicates, t.InFlight)
	if l := &t.LatencyNS; l.Count > 0 {
		p.line("  latency     %v mean, %v median, %v p95, %v p99, %v max", short(l.Mean), short(l.P50), short(l.P95), short(l.P99), short(l.Max))
		p.line("  hops        %.2f mean, %d max", t.Hops.Mean, t.Hops.Max)
	}
	p.line("  links       %d transmissions, %d bytes", m.Links.Transmissions, m.Links.Bytes)
	p.line("  copies      %d = %d delivered + %d dropped + %d in flight", m.Copies.Created, m.Copies.Delivered, m.Copies.Dropped, m.Copies.InFlight)
}

func (p *printer) drops(m *trace.Summary) {
	var parts []string
	for _, reason := range trace.Reasons() {
		if n := m.Drops[reason.String()]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, reason))
		}
	}
	if len(parts) > 0 {
		p.line("  drops       %s", strings.Join(parts, ", "))
	}
}

func (p *printer) faults(faults []scenarios.FaultResult) {
	for _, f := range faults {
		effect := fmt.Sprintf("%d copies, %d routes", f.Effect.Envelopes, f.Effect.Routes)
		if f.Vacuous {
			effect = p.paint(scenarios.Vacuous) + ": it changed nothing"
		}
		p.line("  fault       %s %q from %v to %v: %s", f.Kind, f.Name, time.Duration(f.AtNS), time.Duration(f.UntilNS), effect)
	}
}

func (p *printer) expectations(r *scenarios.Result) {
	for _, e := range r.Expectations {
		p.line("  %-19s %s", p.paint(e.Verdict), e.Name)
		if e.Verdict != scenarios.Passed {
			p.line("              %s: %s  at %v, evaluated %d times: %s", e.Form, e.Expr, time.Duration(e.AtNS), e.Evaluations, e.Value)
		}
	}
	passed := 0
	for _, i := range r.Invariants {
		if i.Verdict == scenarios.Passed {
			passed++
			continue
		}
		p.line("  %-19s invariant %s: %s (at %v, event %d)", p.paint(i.Verdict), i.Name, i.Detail, time.Duration(i.AtNS), i.FirstSeq)
	}
	p.line("  invariants  %d of %d hold", passed, len(r.Invariants))
}

func (p *printer) links(by map[string]trace.LinkDetail) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"link", "transmissions", "bytes", "drops", "busy", "wait", "longest wait", "longest queue"})
	for _, name := range sortedKeys(by) {
		l := by[name]
		t.AppendRow(table.Row{name, l.Transmissions, l.Bytes, l.Drops, short(l.BusyNS), short(l.WaitNS), short(l.WaitMaxNS), l.QueueMax})
	}
	t.Style().Format.Header = text.FormatDefault
	p.line("%s", t.Render())
}

// autopsy tells how the run failed, and what to do next.
func (p *printer) autopsy(a *rerun.Autopsy, left string) {
	p.line("")
	p.line("%s: %s", p.paint(scenarios.Failed), a.What)
	p.line("  at %v: %s", a.At, a.Value)
	where := "drops and faults, whoever was concerned"
	if len(a.Nodes) > 0 {
		where = "at " + strings.Join(a.Nodes, ", ")
	}
	p.line("  last events before it (%s):", where)
	for _, e := range a.Events {
		p.line("    %s", e)
	}
	if a.WithoutFaults != "" {
		p.line("  without its faults: %s", p.paint(a.WithoutFaults))
	}
	p.line("  to look further:")
	p.line("    meshsim replay %s", left)
	p.line("    meshsim run %s --trace %s.jsonl", left, strings.TrimSuffix(left, ".fail.toml"))
	p.line("    meshsim check %s", left)
}

// short renders ns with four significant digits or so.
func short(ns int64) time.Duration {
	d := time.Duration(ns)
	for unit := time.Duration(1); unit <= time.Second; unit *= 10 {
		if d < 10000*unit {
			return d.Round(unit)
		}
	}
	return d.Round(time.Second)
}
