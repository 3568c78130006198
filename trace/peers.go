package trace

import "meshsim/sim"

// HandshakeSummary counts handshakes, at each of their two ends.
type HandshakeSummary struct {
	Started   int64 `json:"started"`
	Completed int64 `json:"completed"`
	Failed    int64 `json:"failed"`
	Deferred  int64 `json:"deferred"` // answers that asked to wait
}

// TrustSummary says what nodes hold of each other.
type TrustSummary struct {
	Transitions int64       `json:"transitions"`
	Levels      TrustLevels `json:"levels"` // ordered pairs of honest nodes, now
}

// TrustLevels counts ordered pairs of nodes by the level at which the one holds the
// other.
type TrustLevels struct {
	Unknown int64 `json:"unknown"`
	Probing int64 `json:"probing"`
	Trusted int64 `json:"trusted"`
	Blocked int64 `json:"blocked"`
}

// Peers is the sink that counts handshakes and follows levels of trust.
type Peers struct {
	handshakes  HandshakeSummary
	transitions int64
	levels      [trustCount]int64
	held        [][]Trust // by node, by peer; nil: all unknown
	dishonest   []bool    // whose levels, and at which others hold them, do not count
}

// NewPeers returns the counters of a mesh of so many nodes, some of them dishonest.
func NewPeers(nodes int, dishonest ...sim.NodeID) *Peers {
	p := &Peers{held: make([][]Trust, nodes), dishonest: make([]bool, nodes)}
	for _, node := range dishonest {
		p.dishonest[node] = true
	}
	honest := int64(nodes - len(dishonest))
	p.levels[0] = honest * (honest - 1)
	return p
}

// Reads implements Selective.
func (p *Peers) Reads(k Kind) bool { return k >= HandshakeStarted && k <= TrustUpdated || k == NodeUp }

// Emit counts the event.
func (p *Peers) Emit(e *Event) {
	switch e.Kind {
	case HandshakeStarted:
		p.handshakes.Started++
	case HandshakeCompleted:
		p.handshakes.Completed++
	case HandshakeFailed:
		p.handshakes.Failed++
	case HandshakeDeferred:
		p.handshakes.Deferred++
	case TrustUpdated:
		p.transitions++
		p.set(e.Node, e.Peer, e.To)
	case NodeUp:
		if e.Lose >= LoseState {
			for peer, level := range p.held[e.Node] {
				p.count(e.Node, sim.NodeID(peer), level, 0)
			}
			p.held[e.Node] = nil
		}
	}
}

func (p *Peers) set(node, peer sim.NodeID, to Trust) {
	if p.held[node] == nil {
		p.held[node] = make([]Trust, len(p.held))
	}
	p.count(node, peer, p.held[node][peer], to)
	p.held[node][peer] = to
}

// count moves a pair of honest nodes from a level to another.
func (p *Peers) count(node, peer sim.NodeID, from, to Trust) {
	if !p.dishonest[node] && !p.dishonest[peer] {
		p.levels[from]--
		p.levels[to]++
	}
}

// Level is the level at which a node holds a peer now.
func (p *Peers) Level(node, peer sim.NodeID) Trust {
	if p.held[node] == nil {
		return 0
	}
	return p.held[node][peer]
}

// Handshakes is the count so far.
func (p *Peers) Handshakes() HandshakeSummary { return p.handshakes }

// Trust is the state so far.
func (p *Peers) Trust() TrustSummary {
	return TrustSummary{p.transitions, TrustLevels{p.levels[0], p.levels[1], p.levels[2], p.levels[3]}}
}
