package trace

import (
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/sim"
)

// HandshakeSummary counts handshakes, at each of their two ends.
type HandshakeSummary struct {
	Started   int64 `json:"started"`
	Completed int64 `json:"completed"`
	Failed    int64 `json:"failed"`
	Deferred  int64 `json:"deferred"` // answers that asked to wait
}

// TrustLevels counts ordered pairs of nodes by the level at which the one holds the
// other.
type TrustLevels struct {
	Unknown int64 `json:"unknown"`
	Probing int64 `json:"probing"`
	Trusted int64 `json:"trusted"`
	Blocked int64 `json:"blocked"`
}

// Anchors are, by node, the peers that it trusts from the start; nil: nobody any.
type Anchors [][]sim.NodeID

// Has reports whether a node trusts a peer from the start.
func (a Anchors) Has(node, peer sim.NodeID) bool {
	return int(node) < len(a) && slices.Contains(a[node], peer)
}

// Liar is a dishonest node.
type Liar struct {
	Node      sim.NodeID
	Start     clock.Time // from then on it misbehaves
	Exposable bool       // by evidence, which what it does leaves with those that met it
}

// Peers is the sink that counts handshakes and follows levels of trust. Of dishonest
// nodes it says at which level they hold others, and counts no more of that.
type Peers struct {
	handshakes HandshakeSummary
	trust      TrustSummary // but for what counts works out
	levels     [trustCount]int64
	held       [][]opinion // by node, by peer; nil: of nobody anything
	dishonest  []bool
	liars      map[sim.NodeID]Liar
	anchors    Anchors
	settle     time.Duration
	distrust   Histogram  // ns from a liar's start until a node that met it blocked it
	changed    clock.Time // when what honest nodes hold of others changed last
	end        clock.Time // of the run; Never while it goes on
}

// opinion is what a node holds of a peer.
type opinion struct {
	level  Trust
	met    bool // the peer answered a challenge of the node, or is its anchor
	fell   bool // the level fell, and has not risen since
	caught bool // a liar's: the time until it was blocked is counted
}

// NewPeers returns the counters of a run; of its metrics it reads what is about nodes
// and trust.
func NewPeers(cfg MetricsConfig) *Peers {
	p := &Peers{
		held: make([][]opinion, cfg.Nodes), dishonest: make([]bool, cfg.Nodes), liars: make(map[sim.NodeID]Liar),
		anchors: cfg.Anchors, settle: cfg.Settle, end: clock.Never,
	}
	for _, node := range cfg.Dishonest {
		p.dishonest[node] = true
	}
	for _, l := range cfg.Liars {
		p.liars[l.Node] = l
	}
	honest := int64(cfg.Nodes - len(cfg.Dishonest))
	p.levels[unknown] = honest * (honest - 1)
	for i, anchors := range cfg.Anchors {
		for _, peer := range anchors {
			p.set(sim.NodeID(i), peer, opinion{level: trusted, met: true})
		}
	}
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
		o := p.opinion(e.Node, e.Peer)
		o.met = true
		p.set(e.Node, e.Peer, o)
	case HandshakeFailed:
		p.handshakes.Failed++
	case HandshakeDeferred:
		p.handshakes.Deferred++
	case TrustUpdated:
		p.updated(e)
	case NodeUp:
		if e.Lose >= LoseState {
			p.forget(e.Node, e.T)
		}
	}
}

// updated follows a transition. A peer at unknown has answered nothing: if it did, that
// was another key, which the node let go.
func (p *Peers) updated(e *Event) {
	p.trust.Transitions++
	o := p.opinion(e.Node, e.Peer)
	was := o.level
	o.level = e.To
	o.met = e.Evidence == byHandshake || o.met && e.From != unknown
	if !p.dishonest[e.Node] {
		p.measure(e, &o, was)
	}
	p.set(e.Node, e.Peer, o)
}

// rank orders the levels by how good they are.
var rank = [trustCount]int8{blocked: 0, unknown: 1, probing: 2, trusted: 3}

// measure counts what a transition at an honest node means over time.
func (p *Peers) measure(e *Event, o *opinion, was Trust) {
	p.trust.Convinced += int64(len(e.Voices))
	if !p.dishonest[e.Peer] && (e.Evidence == byConflict || e.Evidence == byMalicious) {
		p.trust.FalseAccusations++
	}
	switch {
	case rank[o.level] < rank[was]:
		o.fell = true
	case rank[o.level] > rank[was] && o.fell:
		o.fell = false
		p.trust.Oscillations++
	}
	if o.level != was {
		p.changed = e.T
	}
	if l, lies := p.liars[e.Peer]; lies && o.level == blocked && o.met && !o.caught && e.T >= l.Start {
		o.caught = true
		p.distrust.Add(int64(e.T.Sub(l.Start)))
	}
}

// forget takes a node back to where it started.
func (p *Peers) forget(node sim.NodeID, t clock.Time) {
	for i, was := range p.held[node] {
		peer, now := sim.NodeID(i), opinion{caught: was.caught}
		if p.anchors.Has(node, peer) {
			now.level, now.met = trusted, true
		}
		if now.level != was.level && !p.dishonest[node] {
			p.changed = t
		}
		p.set(node, peer, now)
	}
}

func (p *Peers) opinion(node, peer sim.NodeID) opinion {
	if p.held[node] == nil || peer < 0 {
		return opinion{}
	}
	return p.held[node][peer]
}

func (p *Peers) set(node, peer sim.NodeID, o opinion) {
	p.count(node, peer, -1)
	if p.held[node] == nil {
		p.held[node] = make([]opinion, len(p.held))
	}
	p.held[node][peer] = o
	p.count(node, peer, +1)
}

// count adds or takes away what an honest node's opinion counts: of an honest peer, or
// of a liar that it met and should have blocked.
func (p *Peers) count(node, peer sim.NodeID, times int64) {
	o := p.opinion(node, peer)
	switch {
	case p.dishonest[node]:
	case !p.dishonest[peer]:
		p.levels[o.level] += times
	case o.met && o.level != blocked && p.liars[peer].Exposable:
		p.trust.MissedLiars += times
	}
}

// Level is the level at which a node holds a peer now.
func (p *Peers) Level(node, peer sim.NodeID) Trust { return p.opinion(node, peer).level }

// Changed is when what honest nodes hold of others changed last; 0 if it never did.
func (p *Peers) Changed() clock.Time { return p.changed }

// End says that the run is over, at t: only now it is known whether trust converged.
func (p *Peers) End(t clock.Time) { p.end = t }

// Handshakes is the count so far.
func (p *Peers) Handshakes() HandshakeSummary { return p.handshakes }

// counts brings all of a summary but the times of distrust up to date.
func (p *Peers) counts(s TrustSummary) TrustSummary {
	times := s.DistrustNS
	s = p.trust
	s.DistrustNS = times
	s.Levels = TrustLevels{p.levels[unknown], p.levels[probing], p.levels[trusted], p.levels[blocked]}
	s.FalseBlocked = s.Levels.Blocked
	if p.end != clock.Never && p.end.Sub(p.changed) >= p.settle {
		s.Converged, s.ConvergedAtNS = true, int64(p.changed)
	}
	return s
}
