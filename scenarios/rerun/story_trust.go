package rerun

import (
	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// TrustTale is what becomes of trust in a phase, as honest nodes hold it.
type TrustTale struct {
	Gained      int64 // times that a node came to trust a peer
	First, Last Turn  // of these
	Faded       int64 // times that a level fell because nothing was heard

	AllHonest bool       // there are no adversaries in the scenario
	Pairs, Of int64      // ordered pairs at the end of the phase: in which the one trusts the other, of all
	Everyone  bool       // all do at the end of the phase
	Since     clock.Time // if so: without a break since then

	Suspects []Suspect // in the order of the first doubt or warning
}

// Turn is when one node changed its mind about another, and why in words.
type Turn struct {
	T          clock.Time
	Node, Peer string
	Why        string
}

// Suspect is a node that others stop trusting in a phase, or are warned of.
type Suspect struct {
	Name   string
	Honest bool

	Doubts       int64 // times that its level fell, but not to blocked
	FirstDoubt   Turn
	Blocks       int64 // times that a node blocked it
	First, Last  Turn  // of these
	By           []Count
	Warnings     int64    // that arrived
	FirstWarning Turn     // Peer: who warns
	Warners      []string // who warn of it, in order

	Blockers, Of int64 // honest others at the end of the phase: that block it, of all
}

// society follows who trusts whom.
type society struct {
	*speaker
	levels    *trace.Peers
	dishonest []bool
	honest    int64
	pairs     int64      // honest nodes, each with a peer that it trusts
	full      clock.Time // since when all of them trust everyone; Never: they don't
}

const (
	trusted = trace.Trust(trust.Trusted)
	blocked = trace.Trust(trust.Blocked)
)

func newSociety(s *speaker, anchors trace.Anchors, dishonest []sim.NodeID) society {
	y := society{
		speaker: s, levels: trace.NewPeers(trace.MetricsConfig{Nodes: len(s.names), Anchors: anchors, Dishonest: dishonest}),
		dishonest: make([]bool, len(s.names)), honest: int64(len(s.names) - len(dishonest)), full: clock.Never,
	}
	for _, liar := range dishonest {
		y.dishonest[liar] = true
	}
	for id := range s.names {
		y.pairs += y.trusts(sim.NodeID(id))
	}
	y.settle(0)
	return y
}

// trusts counts whom a node trusts; of a dishonest one nobody asks.
func (y *society) trusts(node sim.NodeID) (n int64) {
	for peer := range y.dishonest {
		if !y.dishonest[node] && y.levels.Level(node, sim.NodeID(peer)) == trusted {
			n++
		}
	}
	return n
}

// all is the number of ordered pairs of an honest node and another.
func (y *society) all() int64 { return y.honest * int64(len(y.names)-1) }

// settle notes since when everyone trusts everyone.
func (y *society) settle(t clock.Time) {
	if y.pairs < y.all() {
		y.full = clock.Never
	} else if y.full == clock.Never {
		y.full = t
	}
}

// hear follows an event, and tells the phase what it means.
func (y *society) hear(c *chapter, e *trace.Event) {
	if e.Kind == trace.Warned && !y.dishonest[e.Node] {
		y.warned(c.suspect(y, e.Subject), e)
	}
	if !y.levels.Reads(e.Kind) {
		return
	}
	switch e.Kind {
	case trace.NodeUp: // it may have forgotten everyone
		y.pairs -= y.trusts(e.Node)
		y.levels.Emit(e)
		y.pairs += y.trusts(e.Node)
	case trace.TrustUpdated:
		y.levels.Emit(e)
		if !y.dishonest[e.Node] {
			y.moved(c, e)
		}
	}
	y.settle(e.T)
}

// moved tells of an honest node that changed its mind.
func (y *society) moved(c *chapter, e *trace.Event) {
	t := &c.Trust
	if e.From == trusted {
		y.pairs--
	}
	if e.To == trusted {
		y.pairs++
	}
	switch {
	case e.From == e.To:
	case e.To == trusted:
		t.Last = y.turn(e)
		if t.Gained++; t.Gained == 1 {
			t.First = t.Last
		}
	case kindOf(e) == "decay":
		t.Faded++
	case e.To == blocked:
		s := c.suspect(y, e.Peer)
		s.Last = y.turn(e)
		if s.Blocks++; s.Blocks == 1 {
			s.First = s.Last
		}
		s.By = more(s.By, kindOf(e))
	case e.From == trusted:
		s := c.suspect(y, e.Peer)
		if s.Doubts++; s.Doubts == 1 {
			s.FirstDoubt = y.turn(e)
		}
	}
}

// warned tells of a warning that an honest node got.
func (y *society) warned(s *Suspect, e *trace.Event) {
	who := y.name(e.Peer)
	if s.Warnings++; s.Warnings == 1 {
		s.FirstWarning = Turn{T: e.T, Node: y.name(e.Node), Peer: who}
	}
	for _, known := range s.Warners {
		if known == who {
			return
		}
	}
	s.Warners = append(s.Warners, who)
}

func (y *society) turn(e *trace.Event) Turn {
	return Turn{e.T, y.name(e.Node), y.name(e.Peer), y.proof(e, "")}
}

// suspect is what the phase tells of a node that is suspected. It is good until the
// next call.
func (c *chapter) suspect(y *society, who sim.NodeID) *Suspect {
	i, known := c.suspects[who]
	if !known {
		i = len(c.Trust.Suspects)
		c.suspects[who] = i
		c.Trust.Suspects = append(c.Trust.Suspects, Suspect{Name: y.name(who), Honest: !y.dishonest[who]})
	}
	return &c.Trust.Suspects[i]
}

// close tells how things stand at the end of a phase.
func (y *society) close(c *chapter) {
	c.Trust.AllHonest = y.honest == int64(len(y.names))
	c.Trust.Pairs, c.Trust.Of = y.pairs, y.all()
	if c.Trust.Everyone = y.full != clock.Never; c.Trust.Everyone {
		c.Trust.Since = y.full
	}
	for who := range y.dishonest {
		i, known := c.suspects[sim.NodeID(who)]
		if !known {
			continue
		}
		s := &c.Trust.Suspects[i]
		for node := range y.dishonest {
			if y.dishonest[node] || node == who {
				continue
			}
			s.Of++
			if y.levels.Level(sim.NodeID(node), sim.NodeID(who)) == blocked {
				s.Blockers++
			}
		}
	}
}
