package mesh

import "meshsim/sim"

// Static goes by one node's table of next hops, by number of the destination;
// NoNode, or an end of the table before it, is no route. The table is kept.
func Static(next []sim.NodeID) *SinglePath {
	return &SinglePath{Rule: func(_ View, e *Envelope) (sim.NodeID, bool) {
		if uint(e.Destination) >= uint(len(next)) {
			return sim.NoNode, false
		}
		n := next[e.Destination]
		return n, n != sim.NoNode
	}}
}
