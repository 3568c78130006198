package mesh

import (
	"meshsim/sim"
	"meshsim/sim/planted"
)

// Flood hands every envelope to all neighbours but the one it came from and
// blocked ones. It does not look at hops: the check for duplicates ends a flood.
type Flood struct{}

// Next implements ForwardingPolicy.
func (Flood) Next(v View, _ *Envelope, from sim.NodeID, buf []sim.NodeID) []sim.NodeID {
	neighbours := v.Neighbours()
	if planted.Bug == planted.MapRange {
		neighbours = planted.MapOrder(neighbours)
	}
	if planted.Bug == planted.FloodBack {
		from = sim.NoNode
	}
	for _, n := range neighbours {
		if n != from && !v.Blocked(n) {
			buf = append(buf, n)
		}
	}
	return buf
}
