package mesh

import "meshsim/sim"

// Flood hands every envelope to all neighbours but the one it came from and
// blocked ones. It does not look at hops: the check for duplicates ends a flood.
type Flood struct{}

// Next implements ForwardingPolicy.
func (Flood) Next(v View, _ *Envelope, from sim.NodeID, buf []sim.NodeID) []sim.NodeID {
	for _, n := range v.Neighbours() {
		if n != from && !v.Blocked(n) {
			buf = append(buf, n)
		}
	}
	return buf
}
