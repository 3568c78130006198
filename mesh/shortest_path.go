package mesh

import "meshsim/sim"

// ShortestPath asks one who knows all links, at every hop anew: what the other
// strategies are measured against.
func ShortestPath(o Oracle) *SinglePath {
	return &SinglePath{Rule: func(v View, e *Envelope) (sim.NodeID, bool) { return o.NextHop(v.Self(), e.Destination) }}
}
