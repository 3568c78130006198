package mesh

import (
	"meshsim/rtt"
	"meshsim/sim"
)

// SessionLook is how a node's session with a peer is, for those who look at it from
// outside.
type SessionLook struct {
	Peer     sim.NodeID
	State    string // idle opening open suspended
	Number   uint64 // that both have while it is open, or had last; 0: it never was
	UnderWay int    // messages that were sent and are not acknowledged
	rtt.Stats
}

// Looks lists how the sessions of the node are, by peer.
func (s *Sessions) Looks() []SessionLook {
	var all []SessionLook
	for _, p := range s.peers {
		if p.session != nil {
			all = append(all, SessionLook{p.id, p.session.State(), p.number, p.session.UnderWay(), p.session.Stats()})
		}
	}
	return all
}

// Sessions lists how the sessions of the node are; none if it has no such.
func (r *Router) Sessions() []SessionLook {
	if r.sessions == nil {
		return nil
	}
	return r.sessions.Looks()
}
