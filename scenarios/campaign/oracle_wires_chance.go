package campaign

import (
	"fmt"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// ending is what the record tells of a copy after its transmission.
type ending struct {
	lost    trace.Reason // loss or burst loss; NoReason: neither
	damaged bool         // the receiver threw it away as corrupt
	handled bool         // the receiver took it for whole
}

// endings lists them by the number of the transmission, which is the cause of what
// follows.
func (c *Case) endings() map[uint64]ending {
	of := map[uint64]ending{}
	for i := range c.Events {
		e := &c.Events[i]
		if e.Kind == trace.EnvelopeTransmitted {
			of[e.Seq] = ending{}
			continue
		}
		end, known := of[e.Cause]
		if !known {
			continue
		}
		switch {
		case e.Kind == trace.EnvelopeDelivered, e.Kind == trace.EnvelopeForwarded,
			e.Kind == trace.EnvelopeDropped && e.Layer == trace.Node && e.Reason != trace.NodeIsDown:
			end.handled = true
		case e.Kind != trace.EnvelopeDropped:
		case e.Reason == trace.Loss, e.Reason == trace.BurstLoss:
			end.lost = e.Reason
		case e.Reason == trace.Corrupt:
			end.damaged = true
		}
		of[e.Cause] = end
	}
	return of
}

// bursts moves the chain by the copy that the link takes and reports whether a burst
// would lose it: a chain starts good and goes by the order of copies, not by their keys.
func (l *naiveLink) bursts(seed sim.Seed) bool {
	words := seed.Stream(l.path+"burst_loss").Block(sim.Key{N: l.copies}, 0, 0)
	l.copies++
	leave, lose := l.BurstLoss.P, l.BurstLoss.Good
	if l.bad {
		leave = l.BurstLoss.R
	}
	if leave.Hit(words[0]) {
		l.bad = !l.bad
	}
	if l.bad {
		lose = l.BurstLoss.Bad
	}
	return lose.Hit(words[1])
}

// propagates judges what a wire did with a copy, or with a duplicate that it made.
func (w *naiveWires) propagates(l *naiveLink, e *trace.Event, end clock.Time, burst bool) string {
	key, plain := w.key(e)
	draw := func(what string) uint64 { return w.Scenario.Seed.Stream(l.path+what).Draw(key, uint32(e.Copy)) }
	seen := w.ends[e.Seq]
	handed := e.T
	want, sure := seen.lost, plain && !(l.served && l.recorded())
	switch {
	case sure && l.lossAt(handed).Hit(draw("loss")):
		want = trace.Loss
	case burst && (sure || seen.lost != trace.Loss):
		want = trace.BurstLoss
	case sure || seen.lost != trace.Loss:
		want = trace.NoReason
	}
	switch damaged := plain && l.Corrupt.Hit(draw("corrupt")); {
	case want != seen.lost:
		return fmt.Sprintf("copy %d ends by %q, expected: %q", e.Copy, seen.lost, want)
	case !plain || want != trace.NoReason:
	case damaged && seen.handled, !damaged && seen.damaged:
		return fmt.Sprintf("copy %d is corrupt: %v, expected: %v", e.Copy, !damaged, damaged)
	}
	return w.arrives(l, e, end, draw, plain)
}

// arrives judges when a copy arrives that the link was done with at a time, and
// remembers that for links that keep order.
func (w *naiveWires) arrives(l *naiveLink, e *trace.Event, end clock.Time, draw func(string) uint64, plain bool) string {
	latest := l.latest
	if w.ends[e.Seq].lost == trace.NoReason {
		l.latest = max(l.latest, e.Arrive)
	}
	if l.recorded() && l.served {
		return "" // the row of its hand-over counts, of which the record does not tell
	}
	lowest, highest := end, clock.Never
	if latency, slack, known := l.latency(e.T, draw, plain); known && (plain || l.Reorder == 0) {
		if l.Reorder > 0 && l.Reorder.Hit(draw("reorder")) {
			latency, slack = 0, 0
		}
		lowest, highest = max(end, end.Add(latency-slack)), end.Add(latency+slack)
	}
	if l.FIFO {
		lowest, highest = max(lowest, latest), max(highest, latest)
	}
	switch {
	case lowest <= e.Arrive && e.Arrive <= highest:
		return ""
	case lowest == highest:
		return fmt.Sprintf("a copy arrives at %v, expected: %v", e.Arrive, lowest)
	}
	return fmt.Sprintf("a copy arrives at %v, expected: %v … %v", e.Arrive, lowest, highest)
}

// duplicates judges whether a wire made a second copy, which the record tells of right
// after the first and what became of it.
func (w *naiveWires) duplicates(l *naiveLink, e *trace.Event, after []trace.Event) string {
	key, plain := w.key(e)
	if !plain {
		return ""
	}
	if len(after) > 0 && after[0].Kind == trace.EnvelopeDropped && after[0].Cause == e.Seq {
		after = after[1:]
	}
	made := len(after) > 0 && after[0].Kind == trace.EnvelopeTransmitted && after[0].Copy == 1 &&
		after[0].ID == e.ID && after[0].Node == e.Node && after[0].Peer == e.Peer && after[0].T == e.T
	if want := l.Duplicate.Hit(w.Scenario.Seed.Stream(l.path+"duplicate").Draw(key, 0)); made != want {
		return fmt.Sprintf("a wire makes a duplicate: %v, expected: %v", made, want)
	}
	return ""
}

// key is the message's key in draws, if it is plain: of a message about routing, or of an
// entry that alone can have made it: not of one whose messages to several nodes share
// a number.
func (w *naiveWires) key(e *trace.Event) (key sim.Key, plain bool) {
	if key, known := w.control[e.ID]; known || e.Control {
		return key, known
	}
	path, found := "", 0
	for i := range w.Scenario.Traffic {
		t := &w.Scenario.Traffic[i]
		if kind, ok := t.Kind.(scenarios.Requests); ok && kind.Type != e.Type {
			continue // of its answers, whose keys are not plain
		}
		if kind, ok := t.Kind.(scenarios.Messages); ok && kind.Type != e.Type {
			continue
		}
		switch {
		case e.Flow.IsRow && t.File != "":
			path = "message/" + w.Mesh.Nodes[e.Origin].Key + "/traffic/" + t.Name + "/row/" + e.Flow.Name
			found++
		case !e.Flow.IsRow && t.File == "" && t.Name == e.Flow.Name && t.To.How != scenarios.ToEach:
			path = "message/" + w.Mesh.Nodes[e.Origin].Key + "/traffic/" + t.Name
			found++
		}
	}
	return sim.Key{Source: sim.Hash(path), N: uint64(e.N)}, found == 1
}
