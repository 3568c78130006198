package world

import (
	"fmt"
	"strings"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/sim"
	"meshsim/sim/planted"
	"meshsim/trace"
)

// Stop says why Run returned.
type Stop uint8

const (
	Reached     Stop = iota // everything up to the given time is processed
	Interrupted             // Config.Stop or Halt said so
	Stuck                   // a cycle of zero delay; see Cycle
)

const (
	slice      = 1 << 12 // dispatches between two polls of Config.Stop
	auditEvery = 1 << 16 // events between two audits, besides those at each second
)

// Run processes every event up to and including until. Splitting a run into
// several calls changes nothing.
func (w *World) Run(until clock.Time) Stop {
	for {
		boundary := min(w.nextSecond, until)
		switch w.engine.Run(sim.Limit{Until: boundary, Steps: slice}, w.do) {
		case sim.StopStuck:
			return Stuck
		case sim.StopHalted:
			return Interrupted
		case sim.StopSteps:
			if w.config.Stop != nil && w.config.Stop() {
				return Interrupted
			}
		case sim.StopUntil:
			if boundary == w.nextSecond {
				w.hub.Second(boundary)
				w.audit()
				w.nextSecond = boundary.Add(clock.Second)
			}
			if boundary == until {
				return Reached
			}
		}
	}
}

// Halt makes Run return Interrupted: after the event at hand, or, when it is called
// at the end of an instant, then.
func (w *World) Halt() { w.engine.Halt() }

// do is the whole of what can happen, and what is due between events.
func (w *World) do(e *event) {
	w.touched = true
	switch e.kind {
	case arrival:
		w.arrive(e)
	case through:
		w.enter(e)
	case wake:
		if e.source == w.nodes[e.node].incarnation || planted.Bug == planted.StaleTimer {
			w.tell(e.node, mesh.Input{Kind: mesh.Timer, From: sim.NoNode, Tag: e.tag}, e.cause)
		}
	case act:
		w.config.Sources[e.source].Do(&w.turns[e.source], e.tag)
	case begin:
		w.begin(w.starts[e.source])
	case serve:
		w.serve(e.from, e.node)
	}
	if w.hub.Events() >= w.nextAudit {
		w.audit()
		w.nextAudit = w.hub.Events()/auditEvery*auditEvery + auditEvery
	}
}

// endInstant tells that all events of the current instant are done.
func (w *World) endInstant() {
	if w.touched && w.config.OnInstant != nil {
		w.config.OnInstant(w.engine.Now())
	}
	w.touched = false
}

// audit compares the ledger, which follows copies by events, with what event queue,
// links and nodes really hold.
func (w *World) audit() {
	var count int64
	var fingerprint uint64
	add := func(e *mesh.Envelope, copy int32) {
		count++
		fingerprint += trace.CopyHash(e.ID, w.pathOf(e), copy)
	}
	w.engine.Each(func(_ clock.Time, e *event) {
		if e.envelope != nil {
			add(e.envelope, e.envelope.Copy)
		}
	})
	for i := range w.nodes {
		for _, e := range w.nodes[i].kept {
			add(e, e.Copy)
		}
		w.nodes[i].eachWaiting(func(d *deferred) {
			if d.in.Kind == mesh.Arrive {
				add(d.in.Envelope, d.in.Envelope.Copy)
			}
		})
	}
	for i := range w.waiting {
		if e := w.waiting[i].envelope; e != nil {
			add(e, trace.HandOver)
		}
	}
	w.conserve.Audit(w.engine.Now(), count, fingerprint)
}

// Finish closes the books at the time reached: the last instant is told, and the
// open copies are audited once more.
func (w *World) Finish() {
	w.endInstant()
	w.audit()
	w.metrics.Peers().End(w.engine.Now())
}

// Cycle describes, after Stuck, what happens over and over at this instant: it
// watches a few more events and names the shortest repetition.
func (w *World) Cycle() string {
	const watch = 64
	var seen []string
	w.engine.Run(sim.Limit{Until: w.engine.Now(), Steps: watch, Instant: 2 * sim.MaxInstant}, func(e *event) {
		seen = append(seen, w.describe(e))
		w.do(e)
	})
	period := 1
	for period < len(seen)/2 && !repeats(seen, period) {
		period++
	}
	return fmt.Sprintf("more than %d events at %v; over and over: %s", sim.MaxInstant, w.engine.Now(), strings.Join(seen[:min(period, 8, len(seen))], ", "))
}

func repeats(seen []string, period int) bool {
	for i := period; i < len(seen); i++ {
		if seen[i] != seen[i-period] {
			return false
		}
	}
	return true
}

func (w *World) describe(e *event) string {
	switch e.kind {
	case arrival:
		return fmt.Sprintf("%s %s→%s", e.envelope.Type, w.names[e.from], w.names[e.node])
	case through:
		return fmt.Sprintf("%s through the downlink of %s", e.envelope.Type, w.names[e.node])
	case wake:
		return fmt.Sprintf("timer %d of %s", e.tag, w.names[e.node])
	case act:
		return fmt.Sprintf("source %d", e.source)
	case serve:
		return fmt.Sprintf("link %s→%s", w.names[e.from], w.names[e.node])
	}
	return "start of " + w.names[e.node]
}
