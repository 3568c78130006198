package rerun

import (
	"fmt"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// OpenCopies is a sink that follows copies, as the invariant conservation does: what is
// left of them should be on its way.
type OpenCopies struct {
	until uint64 // seq of the last event that counts; 0: all
	open  map[string][]opened
}

// opened is the event that a copy comes from.
type opened struct {
	seq uint64
	t   clock.Time
}

// Emit implements trace.Sink.
func (o *OpenCopies) Emit(e *trace.Event) {
	if e.Seq == 0 || o.until > 0 && e.Seq > o.until || !e.Kind.OfEnvelope() {
		return
	}
	last := len(e.Path) - 1
	arrived, handed := o.name(e, e.Path, e.Copy), o.name(e, e.Path, trace.HandOver)
	switch e.Kind {
	case trace.EnvelopeSent:
		if e.Copies == 0 {
			o.begin(arrived, e, 1)
		}
		o.begin(handed, e, int(e.Copies))
	case trace.EnvelopeForwarded:
		o.end(arrived)
		o.begin(handed, e, int(e.Copies))
	case trace.EnvelopeTransmitted:
		if e.Copy == 0 {
			o.end(o.name(e, e.Path[:last], trace.HandOver))
		}
		o.begin(arrived, e, 1)
	case trace.EnvelopeDelivered:
		o.end(arrived)
	case trace.EnvelopeDropped:
		if len(o.open[arrived]) > 0 {
			o.end(arrived)
		} else {
			o.end(handed) // the link did not take it
		}
	}
}

func (o *OpenCopies) name(e *trace.Event, path []sim.NodeID, copy int32) string {
	return fmt.Sprint(e.ID, path, copy)
}

func (o *OpenCopies) begin(name string, e *trace.Event, n int) {
	if o.open == nil {
		o.open = map[string][]opened{}
	}
	for range n {
		o.open[name] = append(o.open[name], opened{e.Seq, e.T})
	}
}

func (o *OpenCopies) end(name string) {
	if rest := o.open[name]; len(rest) > 0 {
		o.open[name] = rest[1:]
	}
}

// Oldest is the event that the copy comes from which is open longest; seq is 0 if there
// is none.
func (o *OpenCopies) Oldest() (seq uint64, t clock.Time) {
	for _, copies := range o.open {
		for _, c := range copies {
			if seq == 0 || c.seq < seq {
				seq, t = c.seq, c.t
			}
		}
	}
	return seq, t
}
