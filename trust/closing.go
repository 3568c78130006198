package trust

import (
	"slices"

	"meshsim/sim"
)

// closing is a closure on the way. Its matrices have a row for every node, with a
// place for every peer.
type closing struct {
	*Premises
	holds   [][]belief     // by fact, then node
	offers  [][]int        // what the peer proposes to the node: facts, ascending
	met     []bool         // the node has authenticated the peer, and the peer it
	left    []int          // hops left of the introductions of the peer to the node; 0: none
	proofs  []Proof        // why the node trusts the peer
	trusts  [][]sim.NodeID // by node: whom it trusts, first come first
	stirred []bool         // by node: something may have changed for it since it judged last
	voices  [][][2]int     // by fact, then node: how many that it trusts hold it true, false
	told    []pair         // introductions to be passed on
}

// pair is a node and another that it may trust.
type pair struct{ node, peer sim.NodeID }

// verdict is that a pair came to trust.
type verdict struct {
	pair
	proof Proof
}

// belief is what a node holds of a fact at first hand: nothing, true or false.
type belief uint8

const (
	ignorant belief = iota
	right
	mistaken
)

func newClosing(p *Premises) *closing {
	n := p.Nodes
	c := &closing{
		Premises: p, holds: make([][]belief, len(p.Facts)), offers: make([][]int, n*n),
		met: make([]bool, n*n), left: make([]int, n*n), proofs: make([]Proof, n*n),
		trusts: make([][]sim.NodeID, n), stirred: make([]bool, n), voices: make([][][2]int, len(p.Facts)),
	}
	for f, fact := range p.Facts {
		c.holds[f], c.voices[f] = make([]belief, n), make([][2]int, n)
		for _, node := range fact.Right {
			c.holds[f][node] = right
		}
		for _, node := range fact.Wrong {
			c.holds[f][node] = mistaken
		}
	}
	for _, x := range p.Proposals {
		c.offer(x)
	}
	for _, facts := range c.offers {
		slices.Sort(facts)
	}
	for _, m := range p.Meetings {
		c.meet(m[0], m[1])
	}
	for node, anchors := range p.Anchors {
		for _, anchor := range slices.Sorted(slices.Values(anchors)) {
			c.trust(sim.NodeID(node), anchor, Proof{Ground: ByAnchor})
		}
	}
	for node := range c.stirred {
		c.stirred[node] = true
	}
	return c
}

// at is the place of a pair in the matrices.
func (c *closing) at(node, peer sim.NodeID) int { return int(node)*c.Nodes + int(peer) }

func (c *closing) trusted(node, peer sim.NodeID) bool {
	return c.proofs[c.at(node, peer)].Ground != NoGround
}

// mutual reports whether two nodes trust each other: what the one tells, the other takes.
func (c *closing) mutual(a, b sim.NodeID) bool { return c.trusted(a, b) && c.trusted(b, a) }

// key is the key of a node, as a number.
func (c *closing) key(node sim.NodeID) int {
	if c.Keys == nil {
		return int(node)
	}
	return c.Keys[node]
}

// offer notes a proposal.
func (c *closing) offer(x Proposal) {
	at := c.at(x.To, x.From)
	for _, f := range x.Facts {
		if c.holds[f][x.From] != ignorant {
			c.offers[at] = append(c.offers[at], f)
		}
	}
}

// meet has two nodes authenticate each other.
func (c *closing) meet(a, b sim.NodeID) {
	if c.met[c.at(a, b)] {
		return
	}
	c.met[c.at(a, b)], c.met[c.at(b, a)] = true, true
	c.stirred[a], c.stirred[b] = true, true
}

// trust has a node trust a peer, whose voice counts there from now on.
func (c *closing) trust(node, peer sim.NodeID, why Proof) {
	c.proofs[c.at(node, peer)] = why
	c.trusts[node] = append(c.trusts[node], peer)
	c.stirred[node] = true
	for f := range c.Facts {
		if b := c.holds[f][peer]; b != ignorant {
			c.voices[f][node][b-right]++
		}
	}
}

// introduce spreads what nodes and operators tell of others, under the trust so far.
// It begins anew each time, with those that have all their hops before them, so that
// the first that a node hears of a subject has the most hops left.
func (c *closing) introduce() {
	clear(c.left)
	c.told = c.told[:0]
	hops := max(c.Rules.Hops, 1)
	for _, x := range c.Introductions {
		if c.trusted(x.To, x.By) {
			c.hear(x.To, x.Subject, hops)
		}
	}
	if c.Rules.Mode != IntroduceNone {
		for by, peers := range c.trusts {
			for _, to := range peers {
				c.tellAll(sim.NodeID(by), to, hops)
			}
		}
	}
	for i := 0; i < len(c.told); i++ {
		node, subject := c.told[i].node, c.told[i].peer
		left := c.left[c.at(node, subject)] - 1
		if left == 0 {
			return // and so it is with all that came later
		}
		for _, next := range c.trusts[node] {
			if c.trusted(next, node) {
				c.hear(next, subject, left)
			}
		}
	}
}

// tellAll has a node introduce all others that it trusts to one of them.
func (c *closing) tellAll(by, to sim.NodeID, hops int) {
	if !c.mutual(by, to) {
		return
	}
	for _, subject := range c.trusts[by] {
		c.hear(to, subject, hops)
	}
}

// hear is what a node does when a peer that it trusts introduces a subject to it.
func (c *closing) hear(node, subject sim.NodeID, left int) {
	at := c.at(node, subject)
	if node == subject || c.left[at] > 0 {
		return
	}
	c.left[at] = left
	c.told = append(c.told, pair{node, subject})
	if c.Rules.Mode == IntroduceMeet {
		c.meet(node, subject)
	}
}

// judge finds the pairs that begin to trust in a round.
func (c *closing) judge(round int) []verdict {
	var fresh []verdict
	for i := range c.stirred {
		if !c.stirred[i] {
			continue
		}
		c.stirred[i] = false
		for j := range c.stirred {
			p := pair{sim.NodeID(i), sim.NodeID(j)}
			if at := c.at(p.node, p.peer); i == j || !c.met[at] || c.proofs[at].Ground != NoGround {
				continue
			}
			if proof := c.verify(p); proof.Ground != NoGround {
				proof.Round = round
				fresh = append(fresh, verdict{p, proof})
			}
		}
	}
	return fresh
}

// verify finds what verifies an authenticated peer at a node.
func (c *closing) verify(p pair) Proof {
	offers := c.offers[c.at(p.node, p.peer)]
	if c.Rules.Local {
		for _, f := range offers {
			if c.holds[f][p.node] == c.holds[f][p.peer] {
				return Proof{Ground: ByLocal, Fact: f}
			}
		}
	}
	if c.Rules.Quorum > 0 {
		for _, f := range offers {
			if voices := c.confirm(p, f); voices != nil {
				return Proof{Ground: ByQuorum, Fact: f, Voices: voices}
			}
		}
	}
	return Proof{}
}

// confirm finds a quorum for what a peer says of a fact, nil if there is none. Neither
// the keys of the two count, nor any key twice.
func (c *closing) confirm(p pair, fact int) []sim.NodeID {
	said := c.holds[fact][p.peer]
	if c.voices[fact][p.node][said-right] < c.Rules.Quorum {
		return nil
	}
	voices := make([]sim.NodeID, 0, c.Rules.Quorum)
	for _, voice := range c.trusts[p.node] {
		key := c.key(voice)
		same := func(other sim.NodeID) bool { return c.key(other) == key }
		if c.holds[fact][voice] != said || same(p.node) || same(p.peer) || slices.ContainsFunc(voices, same) {
			continue
		}
		if voices = append(voices, voice); len(voices) == c.Rules.Quorum {
			return voices
		}
	}
	return nil
}

// result is the closure when no round gives more.
func (c *closing) result() *Closure {
	levels := make([]Level, len(c.proofs))
	for at := range levels {
		switch {
		case at/c.Nodes == at%c.Nodes:
		case c.proofs[at].Ground != NoGround:
			levels[at] = Trusted
		case c.met[at] || c.left[at] > 0:
			levels[at] = Probing
		}
	}
	return &Closure{nodes: c.Nodes, levels: levels, proofs: c.proofs}
}
