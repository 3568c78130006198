package mesh

import (
	"meshsim/sim"
	"meshsim/trace"
)

// Route appends to buf where the node would send an envelope that came from the
// given neighbour, or from NoNode at its origin: for those who ask about routes.
// Nothing is sent and nothing remembered.
func (r *Router) Route(e *Envelope, from sim.NodeID, buf []sim.NodeID) []sim.NodeID {
	been := trailOf(e.Hops)
	if e.Destination == r.self || r.refuseForward(e, been) != trace.NoReason {
		return buf
	}
	return r.policy.Next(View{r, been}, e, from, buf)
}
