package rerun

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/sim"
	"meshsim/trace"
)

// The copy of which nothing is told any more is the one that is open longest.
func TestOpenCopies(t *testing.T) {
	path := func(nodes ...sim.NodeID) []sim.NodeID { return nodes }
	event := func(seq uint64, kind trace.Kind, p trace.Payload) *trace.Event {
		return &trace.Event{Kind: kind, Seq: seq, Payload: p}
	}
	events := []*trace.Event{
		event(1, trace.EnvelopeSent, trace.Payload{Path: path(0), Copies: 2}),
		event(2, trace.EnvelopeTransmitted, trace.Payload{Path: path(0, 1)}),
		event(3, trace.EnvelopeTransmitted, trace.Payload{Path: path(0, 1), Copy: 1}),
		event(4, trace.EnvelopeDropped, trace.Payload{Path: path(0), Reason: trace.QueueFull}),
		event(5, trace.EnvelopeForwarded, trace.Payload{Path: path(0, 1), Copies: 1}),
		event(6, trace.EnvelopeDropped, trace.Payload{Path: path(0, 1), Copy: 1, Reason: trace.Duplicate}),
		event(7, trace.EnvelopeTransmitted, trace.Payload{Path: path(0, 1, 2)}),
		event(8, trace.EnvelopeDelivered, trace.Payload{Path: path(0, 1, 2)}),
	}
	for without, want := range map[uint64]uint64{0: 0, 4: 1, 5: 2, 6: 3, 7: 5, 8: 7} {
		o := &OpenCopies{until: 8}
		for _, e := range events {
			if e.Seq != without {
				o.Emit(e)
			}
		}
		seq, _ := o.Oldest()
		assert.Equal(t, want, seq, "without event #%d", without)
	}
	o := &OpenCopies{until: 3}
	for _, e := range events {
		o.Emit(e)
	}
	seq, _ := o.Oldest()
	assert.Equal(t, uint64(1), seq, "after three events")
}
