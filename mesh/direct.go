package mesh

import "meshsim/sim"

// Direct hands an envelope to a neighbour that is its destination, and to nobody
// else.
func Direct() *SinglePath {
	return &SinglePath{Rule: func(_ View, e *Envelope) (sim.NodeID, bool) { return e.Destination, true }}
}
