package world

import (
	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/sim"
	"meshsim/trace"
)

// Source is what acts on the world from outside its nodes: traffic, faults,
// operators. The loop knows none by name.
type Source interface {
	// Start schedules the source's first turns.
	Start(*Schedule)
	// Do takes the turn that was scheduled with this tag.
	Do(s *Schedule, tag uint64)
}

// Schedule is the world as a source sees it.
type Schedule struct {
	*World
	source int32
}

// At asks for a turn at time t. One after the end of the run never comes.
func (s *Schedule) At(t clock.Time, tag uint64) {
	s.engine.At(t, event{kind: act, source: s.source, tag: tag})
}

// Now is the current virtual time.
func (w *World) Now() clock.Time { return w.engine.Now() }

// Message is what an application hands to its node.
type Message struct {
	Origin      sim.NodeID
	Destination sim.NodeID // sim.Everyone: one broadcast
	Type        string
	Size        int64   // application bytes
	Key         sim.Key // by which chance knows it
	Flow        trace.Flow
	N           int64        // number within the flow and origin
	Turn        uint64       // number of the arrival that it belongs to
	Payload     mesh.Payload // nil: {}
	Content     Content      // makes the payload, and gives the size; nil: Payload
	Cause       uint64       // the event behind it; 0: none
}

// Content makes the payload of a message of a given size from the id of its envelope.
type Content func(id trace.EnvelopeID, origin sim.NodeID, size int64) mesh.SealedPayload
