package mesh

import (
	"slices"

	"meshsim/sim"
)

// SinglePath makes a forwarding policy of a rule that names the one next hop of a
// unicast envelope, or none. What it names is taken only if it is usable;
// broadcasts are flooded.
type SinglePath func(v View, e *Envelope) (sim.NodeID, bool)

// Next implements ForwardingPolicy.
func (rule SinglePath) Next(v View, e *Envelope, from sim.NodeID, buf []sim.NodeID) []sim.NodeID {
	if e.Broadcast() {
		return Flood{}.Next(v, e, from, buf)
	}
	if next, ok := rule(v, e); ok && usable(v, e, next) {
		return append(buf, next)
	}
	return buf
}

// usable reports whether a single path may go on to next: a neighbour that is not
// blocked and that the envelope has not been to.
func usable(v View, e *Envelope, next sim.NodeID) bool {
	return slices.Contains(v.Neighbours(), next) && !v.Blocked(next) && next != e.Origin && !slices.Contains(e.Hops, next)
}
