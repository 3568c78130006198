package mesh

import (
	"meshsim/sim"
	"meshsim/trust"
)

// Meeting is how far a node is with a peer, for those who look at it from outside.
type Meeting struct {
	Peer          sim.NodeID
	State         string // idle hello_sent ack_sent established backoff failed
	Session       uint64 // that both have while they are established; else 0
	Incarnation   uint64 // the newest known of the peer; 0: none
	Level         trust.Level
	Authenticated bool // the peer answered a challenge of this node
}

// handshakeStateNames are the states as protocol.md calls them.
var handshakeStateNames = [hsStates]string{"idle", "hello_sent", "ack_sent", "established", "backoff", "failed"}

// Meetings lists how far the node is with those whom it has heard of, in order.
func (h *Handshakes) Meetings() []Meeting {
	var all []Meeting
	for _, p := range h.peers {
		if p == nil {
			continue
		}
		m := Meeting{
			Peer: p.peer, State: handshakeStateNames[p.state], Incarnation: p.incarnation,
			Level: h.Trust.Level(p.peer), Authenticated: h.Trust.Authenticated(p.peer),
		}
		if p.state == hsEstablished {
			m.Session = h.session(p)
		}
		all = append(all, m)
	}
	return all
}

// handshakes is the protocol of a node that shakes hands; else nil.
func (r *Router) handshakes() *Handshakes {
	for _, p := range r.protocols.all {
		if h, ok := p.(*Handshakes); ok {
			return h
		}
	}
	return nil
}

// Meetings lists how far the node is with its peers; none if it never shakes hands.
func (r *Router) Meetings() []Meeting {
	if h := r.handshakes(); h != nil {
		return h.Meetings()
	}
	return nil
}

// Peers is the number of peers that the node knows.
func (r *Router) Peers() int { return len(r.registry.List()) }
