package trust

import "meshsim/sim"

// Premises are what decides who comes to trust whom: who knows what, who tells it to
// whom, who meets whom, and the rules. They say nothing of time: all that is proposed
// is taken to arrive, and every trusted peer to answer.
type Premises struct {
	Nodes         int
	Rules         Rules
	Facts         []Fact
	Proposals     []Proposal
	Meetings      [][2]sim.NodeID  // pairs that shake hands: each authenticates the other
	Anchors       [][]sim.NodeID   // by node: whom it trusts from the start, never itself; nil: nobody anyone
	Introductions []IntroductionOf // by operators; those that Rules ask for come by themselves
	Keys          []int            // by node: nodes with equal numbers have one key; nil: each its own
}

// Rules are the settings of section 5 of the protocol.
type Rules struct {
	Local  bool // what a node knows at first hand verifies
	Quorum int  // so many confirmations by trusted peers verify; 0: none do
	Mode   Introducing
	Hops   int // how far an introduction goes, from 1; 0 is 1
}

// Introducing is what nodes do about introductions unasked.
type Introducing uint8

// The modes of introductions. Whatever the mode, what an operator introduces is told.
const (
	IntroduceNone Introducing = iota // nothing
	IntroduceTell                    // a node tells any two peers that it trusts of each other
	IntroduceMeet                    // and who is told of a peer shakes hands with it
)

// Fact is who knows something at first hand. Who is in both lists has it wrong.
type Fact struct{ Right, Wrong []sim.NodeID }

// Proposal is that a node proposes facts to another, as it knows them; those that it
// does not know it can't propose.
type Proposal struct {
	From, To sim.NodeID
	Facts    []int // places in Premises.Facts
}

// IntroductionOf is that a node introduces a subject to another node.
type IntroductionOf struct{ By, To, Subject sim.NodeID }

// Ground is why a node trusts a peer.
type Ground uint8

// The grounds.
const (
	NoGround Ground = iota // it does not
	ByAnchor               // it was told to, before the start
	ByLocal                // they know the same at first hand
	ByQuorum               // peers that it trusts confirm what the peer says
	groundCount
)

var groundNames = [groundCount]string{"", "anchor", "local", "quorum"}

func (g Ground) String() string { return groundNames[g] }

// Proof is why a node can trust a peer, as early as can be: the ground of its first
// round, local knowledge before a quorum and then the first fact.
type Proof struct {
	Ground Ground
	Round  int          // 0 for anchors; else one more than its latest premise of trust
	Fact   int          // ByLocal, ByQuorum: its place
	Voices []sim.NodeID // ByQuorum: who confirms it, those first that were trusted first
}

// Closure is who can come to trust whom: the least levels at which no rule gives more.
//
// It is the end of every run without liars, mistaken nodes, decay and operators who
// forgive, in whatever order the messages come, because its rules only ever add. What
// takes trust away is left out, so that with mistaken nodes, who may agree with each
// other, it bounds from above what a run can reach.
type Closure struct {
	nodes  int
	levels []Level
	proofs []Proof
}

// Close finds the closure by rounds: in each, all that the trust of the rounds before
// gives, so that there are at most n² of them for n nodes, and seldom more than n. A
// round with introductions costs O(n³). Facts cost O(n³f) in all rounds together, as
// no node judges anew more than 2n times; n times that where nodes share keys.
func Close(p *Premises) *Closure {
	c := newClosing(p)
	for round := 1; ; round++ {
		c.introduce()
		fresh := c.judge(round)
		if len(fresh) == 0 {
			return c.result()
		}
		for _, f := range fresh {
			c.trust(f.node, f.peer, f.proof)
		}
	}
}

// Level is what a node comes to hold of a peer. Of itself it holds nothing: Unknown.
func (c *Closure) Level(node, peer sim.NodeID) Level { return c.levels[int(node)*c.nodes+int(peer)] }

// Proof is why a node comes to trust a peer; its ground is NoGround if it never does.
func (c *Closure) Proof(node, peer sim.NodeID) Proof { return c.proofs[int(node)*c.nodes+int(peer)] }

// Hopeless says of how many ordered pairs of nodes the first can never trust the second.
type Hopeless struct {
	Pairs      int        // that were asked for
	Strangers  int        // these never meet, and nobody trusted introduces them
	Unproven   int        // these do, but nothing that the peer says can be verified
	Node, Peer sim.NodeID // one of them: the first unproven, else the first strangers; NoNode: none
}

// Never counts which of these pairs, of a node and a peer of it, can never trust.
func Never(c *Closure, pairs [][2]sim.NodeID) Hopeless {
	h := Hopeless{Pairs: len(pairs), Node: sim.NoNode, Peer: sim.NoNode}
	for _, p := range pairs {
		level := c.Level(p[0], p[1])
		switch level {
		case Trusted:
			continue
		case Probing:
			h.Unproven++
		default:
			h.Strangers++
		}
		if h.Unproven+h.Strangers == 1 || level == Probing && h.Unproven == 1 {
			h.Node, h.Peer = p[0], p[1]
		}
	}
	return h
}
