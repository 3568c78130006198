// Package mesh is what one node of the Web4 mesh says and does, as a pure state
// machine: told the time and an input, it fills an outbox. It sees its
// neighbours, never the network.
package mesh

import (
	"slices"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// Version is the wire version of an envelope, its field "mesh".
const Version = "1.0"

// Envelope is one mesh message (mesh/1.0). It is immutable once sent; whoever
// forwards it makes the next one, with one more hop.
type Envelope struct {
	ID          trace.EnvelopeID
	Type        string
	Origin      sim.NodeID
	Destination sim.NodeID // sim.Everyone for a broadcast
	Payload     Payload    // nil: {}
	Hops        []sim.NodeID
	Created     clock.Time // by the origin's own clock
	Sign        Signature

	// What the simulation knows of the message beyond its fields on the wire.
	Size    int64   // payload bytes on the wire
	Key     sim.Key // by which chance knows it
	Flow    trace.Flow
	N       int64
	Control bool       // of a routing protocol: it goes from one neighbour to the next and no further
	Sent    clock.Time // true time of submission
	Copy    int32      // 1: the duplicate that the last wire made

	Hint int32  // as in trace.Event
	row  uint32 // where a Memory found its id last; only a hint

	way []sim.NodeID // room for the origin and, behind it, Hops; a plain copy shares it, and must not become another
}

// usualHops is how many hops an envelope has room for at first.
const usualHops = 15

// NewEnvelope returns an envelope with room, which is nothing before it becomes
// something.
func NewEnvelope() *Envelope { return &Envelope{way: make([]sim.NodeID, 0, 1+usualHops)} }

// Become makes e another envelope, with hops of its own. What room its hops had is kept.
func (e *Envelope) Become(other *Envelope) {
	room := e.way[:0]
	if cap(e.Hops) > cap(room) { // they grew out of it
		room = e.Hops[:0]
	}
	way := append(append(room, other.Origin), other.Hops...)
	*e = *other
	e.way, e.Hops = way, way[1:]
}

// Path returns the origin and the hops: in place, with room for another hop, if they lie
// together, as they do in what Become made; else in buf. It is valid until the envelope
// changes or buf is used again.
func (e *Envelope) Path(buf []sim.NodeID) []sim.NodeID {
	if n := len(e.Hops); n > 0 && n+1 < cap(e.way) && &e.way[:2][1] == &e.Hops[0] {
		path := e.way[:n+1]
		path[0] = e.Origin
		return path
	}
	return append(append(buf[:0], e.Origin), e.Hops...)
}

// Broadcast reports whether the envelope is for everyone.
func (e *Envelope) Broadcast() bool { return e.Destination == sim.Everyone }

// trail tells fast of most nodes that an envelope has not been to them: it has a bit for
// each hop, by the lowest bits of its number.
type trail uint64

func trailOf(hops []sim.NodeID) trail {
	var bits uint64
	for _, n := range hops {
		bits |= bit(n)
	}
	return trail(bits)
}

// has reports whether a node is one of the hops that the trail is of.
func (t trail) has(hops []sim.NodeID, node sim.NodeID) bool {
	return uint64(t)&bit(node) != 0 && slices.Contains(hops, node)
}
