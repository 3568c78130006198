package mesh

import (
	"slices"

	"meshsim/sim"
)

// SinglePath is a forwarding policy with one next hop for a unicast envelope, or
// none. Broadcasts are flooded.
type SinglePath struct {
	// Rule names the next hop; what it names is taken only if it is usable.
	Rule  func(v View, e *Envelope) (sim.NodeID, bool)
	Flood Flood // of broadcasts
}

// Next implements ForwardingPolicy.
func (p SinglePath) Next(v View, e *Envelope, from sim.NodeID, buf []sim.NodeID) []sim.NodeID {
	if e.Broadcast() {
		return p.Flood.Next(v, e, from, buf)
	}
	if next, ok := p.Rule(v, e); ok && usable(v, e, next) {
		return append(buf, next)
	}
	return buf
}

// usable reports whether a single path may go on to next: a neighbour that is not
// blocked and that the envelope has not been to.
func usable(v View, e *Envelope, next sim.NodeID) bool {
	return slices.Contains(v.Neighbours(), next) && !v.Blocked(next) && next != e.Origin && !slices.Contains(e.Hops, next)
}
