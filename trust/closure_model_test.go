package trust

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
)

// naive is the twin: the rules as a logician writes them, over sets of what holds.
type naive struct {
	*Premises
	trust map[pair]bool
	told  map[heard]bool
}

// heard is that a node was told of a subject, with so many hops left.
type heard struct {
	node, subject sim.NodeID
	left          int
}

func newNaive(p *Premises) *naive {
	m := &naive{p, map[pair]bool{}, map[heard]bool{}}
	for node, anchors := range p.Anchors {
		for _, a := range anchors {
			m.trust[pair{sim.NodeID(node), a}] = true
		}
	}
	return m
}

// knows is what a node says of a fact, if anything.
func (m *naive) knows(node sim.NodeID, fact int) (holds, knows bool) {
	f := m.Facts[fact]
	wrong := slices.Contains(f.Wrong, node)
	return !wrong, wrong || slices.Contains(f.Right, node)
}

func (m *naive) agree(a, b sim.NodeID, fact int) bool {
	x, knowsA := m.knows(a, fact)
	y, knowsB := m.knows(b, fact)
	return knowsA && knowsB && x == y
}

// isTold is the rule of introductions.
func (m *naive) isTold(h heard) bool {
	if h.node == h.subject {
		return false
	}
	for c := range sim.NodeID(m.Nodes) {
		listens := m.trust[pair{h.node, c}]
		passesOn := m.trust[pair{c, h.node}] && m.told[heard{c, h.subject, h.left + 1}]
		introduces := m.Rules.Mode != IntroduceNone && m.trust[pair{c, h.node}] && m.trust[pair{c, h.subject}] ||
			slices.Contains(m.Introductions, IntroductionOf{c, h.node, h.subject})
		if listens && (passesOn || introduces && h.left == m.Rules.Hops) {
			return true
		}
	}
	return false
}

func (m *naive) isIntroduced(node, subject sim.NodeID) bool {
	for left := range m.Rules.Hops {
		if m.told[heard{node, subject, left + 1}] {
			return true
		}
	}
	return false
}

func (m *naive) isAuthenticated(a, b sim.NodeID) bool {
	return slices.Contains(m.Meetings, [2]sim.NodeID{a, b}) || slices.Contains(m.Meetings, [2]sim.NodeID{b, a}) ||
		m.Rules.Mode == IntroduceMeet && (m.isIntroduced(a, b) || m.isIntroduced(b, a))
}

// isVoice reports whether a peer of a node confirms a fact of another.
func (m *naive) isVoice(c sim.NodeID, p pair, fact int) bool {
	return m.trust[pair{p.node, c}] && m.agree(c, p.peer, fact) && m.Keys[c] != m.Keys[p.node] && m.Keys[c] != m.Keys[p.peer]
}

// isVerified is the rule of trust.
func (m *naive) isVerified(p pair) bool {
	if p.node == p.peer || !m.isAuthenticated(p.node, p.peer) {
		return false
	}
	for _, x := range m.Proposals {
		if x.From != p.peer || x.To != p.node {
			continue
		}
		for _, f := range x.Facts {
			voices := map[int]bool{}
			for c := range sim.NodeID(m.Nodes) {
				if m.isVoice(c, p, f) {
					voices[m.Keys[c]] = true
				}
			}
			if m.Rules.Local && m.agree(p.node, p.peer, f) || m.Rules.Quorum > 0 && len(voices) >= m.Rules.Quorum {
				return true
			}
		}
	}
	return false
}

func (m *naive) level(p pair) Level {
	switch {
	case m.trust[p]:
		return Trusted
	case m.isAuthenticated(p.node, p.peer) || m.isIntroduced(p.node, p.peer):
		return Probing
	}
	return Unknown
}

func (m *naive) pairs() (all []pair) {
	for _, p := range everyPair(m.Nodes) {
		all = append(all, pair{p[0], p[1]})
	}
	return all
}

// tellAll takes introductions, in any order, until no rule gives more.
func (m *naive) tellAll() {
	for changed := true; changed; {
		changed = false
		for _, p := range m.pairs() {
			for left := range m.Rules.Hops {
				if h := (heard{p.node, p.peer, left + 1}); !m.told[h] && m.isTold(h) {
					m.told[h], changed = true, true
				}
			}
		}
	}
}

// chaos applies rules at random, each at once, until none gives more.
func (m *naive) chaos(order *rand.Rand) {
	var apply []func() bool
	for _, p := range m.pairs() {
		apply = append(apply, func() bool {
			if m.trust[p] || !m.isVerified(p) {
				return false
			}
			m.trust[p] = true
			return true
		})
		for left := range m.Rules.Hops {
			h := heard{p.node, p.peer, left + 1}
			apply = append(apply, func() bool {
				if m.told[h] || !m.isTold(h) {
					return false
				}
				m.told[h] = true
				return true
			})
		}
	}
	for changed := true; changed; {
		changed = false
		for _, i := range order.Perm(len(apply)) {
			changed = apply[i]() || changed
		}
	}
}

// drawPremises draws a small world, in which nobody is mistaken unless asked for. Its
// lists come from a seed: rapid prefers small numbers, with which hardly anyone meets.
func drawPremises(t *rapid.T, mistakes bool) *Premises {
	n := rapid.IntRange(2, 7).Draw(t, "nodes")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	node := func() sim.NodeID { return sim.NodeID(r.IntN(n)) }
	some := func(most int) (some nodes) {
		for range r.IntN(most + 1) {
			some = append(some, node())
		}
		return some
	}
	p := &Premises{
		Nodes: n,
		Rules: Rules{Local: r.IntN(4) == 0, Quorum: r.IntN(4), Mode: Introducing(r.IntN(3)), Hops: 1 + r.IntN(3)},
		Facts: make([]Fact, 1+r.IntN(4)),
		Keys:  make([]int, n),
	}
	for f := range p.Facts {
		if p.Facts[f].Right = some(n); mistakes {
			p.Facts[f].Wrong = some(2)
		}
	}
	for i := range sim.NodeID(n) {
		p.Keys[i] = r.IntN(4 * n)
		p.Anchors = append(p.Anchors, slices.DeleteFunc(some(n), func(a sim.NodeID) bool { return a == i }))
	}
	for range r.IntN(n * n) {
		p.Meetings = append(p.Meetings, [2]sim.NodeID{node(), node()})
	}
	for range r.IntN(3 * n * n) {
		p.Proposals = append(p.Proposals, Proposal{node(), node(), []int{r.IntN(len(p.Facts)), r.IntN(len(p.Facts))}})
	}
	for range r.IntN(3) {
		p.Introductions = append(p.Introductions, IntroductionOf{node(), node(), node()})
	}
	return p
}

// TestClosureIsTheEndOfChaos: in whatever order the rules are applied, the levels are
// those of the closure.
func TestClosureIsTheEndOfChaos(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPremises(t, true)
		c := Close(p)
		for seed := range uint64(3) {
			m := newNaive(p)
			m.chaos(rand.New(rand.NewPCG(seed, rapid.Uint64().Draw(t, "order"))))
			for _, at := range m.pairs() {
				require.Equal(t, m.level(at), c.Level(at.node, at.peer), "%d of %d", at.node, at.peer)
				require.Equal(t, Unknown, c.Level(at.node, at.node), "of itself")
			}
		}
	})
}

// TestProofsHoldAndAreTheEarliest compares the rounds with those of the naive twin, and
// has each proof stand on what was there before it.
func TestProofsHoldAndAreTheEarliest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPremises(t, true)
		c, m := Close(p), newNaive(p)
		for at := range m.trust {
			require.Equal(t, Proof{Ground: ByAnchor}, c.Proof(at.node, at.peer))
		}
		for round := 1; ; round++ {
			m.tellAll()
			fresh := slices.DeleteFunc(m.pairs(), func(at pair) bool { return m.trust[at] || !m.isVerified(at) })
			for _, at := range fresh {
				proof := c.Proof(at.node, at.peer)
				require.Equal(t, round, proof.Round)
				m.requireHolds(t, at, proof)
			}
			for _, at := range fresh {
				m.trust[at] = true
			}
			if len(fresh) == 0 {
				break
			}
		}
		for _, at := range m.pairs() {
			require.Equal(t, m.trust[at], c.Proof(at.node, at.peer).Ground != NoGround)
		}
	})
}

// requireHolds checks a proof against what the twin trusts so far.
func (m *naive) requireHolds(t *rapid.T, at pair, proof Proof) {
	require.True(t, slices.ContainsFunc(m.Proposals, func(x Proposal) bool {
		return x.From == at.peer && x.To == at.node && slices.Contains(x.Facts, proof.Fact)
	}), "it was proposed")
	if proof.Ground == ByLocal {
		require.True(t, m.Rules.Local && m.agree(at.node, at.peer, proof.Fact))
		require.Empty(t, proof.Voices)
		return
	}
	require.Equal(t, ByQuorum, proof.Ground)
	require.Len(t, proof.Voices, m.Rules.Quorum)
	keys := map[int]bool{}
	for _, voice := range proof.Voices {
		require.True(t, m.isVoice(voice, at, proof.Fact))
		keys[m.Keys[voice]] = true
	}
	require.Len(t, keys, m.Rules.Quorum, "each key counts once")
}

// TestMoreIsNeverLess: who knows more, meets more, hears more or asks for less never
// ends up with less trust.
func TestMoreIsNeverLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPremises(t, false)
		before := Close(p)
		node := func() sim.NodeID { return sim.NodeID(rapid.IntRange(0, p.Nodes-1).Draw(t, "node")) }
		fact := func() int { return rapid.IntRange(0, len(p.Facts)-1).Draw(t, "fact") }
		switch what := rapid.IntRange(0, 9).Draw(t, "what"); what {
		case 0:
			f := fact()
			p.Facts[f].Right = append(p.Facts[f].Right, node())
		case 1:
			p.Meetings = append(p.Meetings, [2]sim.NodeID{node(), node()})
		case 2:
			p.Proposals = append(p.Proposals, Proposal{node(), node(), []int{fact()}})
		case 3:
			if i, anchor := node(), node(); i != anchor {
				p.Anchors[i] = append(p.Anchors[i], anchor)
			}
		case 4:
			p.Introductions = append(p.Introductions, IntroductionOf{node(), node(), node()})
		case 5:
			p.Keys = nil
		case 6:
			p.Rules.Mode = min(p.Rules.Mode+1, IntroduceMeet)
		case 7:
			p.Rules.Hops++
		case 8:
			p.Rules.Quorum = max(p.Rules.Quorum-1, min(p.Rules.Quorum, 1))
		case 9:
			p.Rules.Local = true
		}
		after := Close(p)
		for at := range before.levels {
			require.GreaterOrEqual(t, after.levels[at], before.levels[at], "%d of %d", at/p.Nodes, at%p.Nodes)
		}
	})
}

// TestClosureIgnoresTheOrderOfItsPremises: not even the proofs depend on it.
func TestClosureIgnoresTheOrderOfItsPremises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPremises(t, true)
		before := Close(p)
		p.Meetings = rapid.Permutation(p.Meetings).Draw(t, "meetings")
		p.Proposals = rapid.Permutation(p.Proposals).Draw(t, "proposals")
		p.Introductions = rapid.Permutation(p.Introductions).Draw(t, "introductions")
		for i := range p.Anchors {
			p.Anchors[i] = rapid.Permutation(p.Anchors[i]).Draw(t, "anchors")
		}
		assert.Equal(t, before, Close(p))
	})
}

// percolation is bootstrap percolation on a graph, written as premises: node n looks on,
// knows nothing and trusts the seeds; each node proposes to it a fact that only the node
// and its neighbours know.
func percolation(links [][]bool, seeds nodes, k int) *Premises {
	n := len(links)
	observer := sim.NodeID(n)
	p := &Premises{Nodes: n + 1, Rules: Rules{Local: true, Quorum: k}, Facts: make([]Fact, n), Anchors: make([]nodes, n+1)}
	p.Anchors[n] = seeds
	for a := range n {
		p.Meetings = append(p.Meetings, [2]sim.NodeID{observer, sim.NodeID(a)})
		p.Proposals = append(p.Proposals, says(sim.NodeID(a), nodes{observer}, a)...)
		for b := range n {
			if a == b || links[a][b] {
				p.Facts[a].Right = append(p.Facts[a].Right, sim.NodeID(b))
			}
		}
	}
	return p
}

// graphOf is the links between n nodes that a rule names, asked once for each a < b.
func graphOf(n int, linked func(a, b int) bool) [][]bool {
	links := make([][]bool, n)
	for a := range links {
		links[a] = make([]bool, n)
		for b := range a {
			links[a][b] = linked(b, a)
			links[b][a] = links[a][b]
		}
	}
	return links
}

// percolate is the direct simulation: by node, the round in which it joins; -1: never.
func percolate(links [][]bool, seeds nodes, k int) []int {
	joined := make([]int, len(links))
	for i := range joined {
		if joined[i] = -1; slices.Contains(seeds, sim.NodeID(i)) {
			joined[i] = 0
		}
	}
	for round := 1; round <= len(links); round++ {
		for a := range links {
			active := 0
			for b, linked := range links[a] {
				if linked && joined[b] >= 0 && joined[b] < round {
					active++
				}
			}
			if joined[a] < 0 && active >= k {
				joined[a] = round
			}
		}
	}
	return joined
}

// joins are the rounds in which the observer of a percolation trusts; -1: never.
func joins(p *Premises) []int {
	c, observer := Close(p), sim.NodeID(p.Nodes-1)
	rounds := make([]int, observer)
	for i := range rounds {
		proof := c.Proof(observer, sim.NodeID(i))
		if rounds[i] = proof.Round; proof.Ground == NoGround {
			rounds[i] = -1
		}
	}
	return rounds
}

// TestPercolation has the known cases of two confirmations.
func TestPercolation(t *testing.T) {
	line := graphOf(7, func(a, b int) bool { return b == a+1 })
	assert.Equal(t, []int{0, 0, 0, 1, 0, 0, 0}, joins(percolation(line, all(7, 3), 2)), "a gap of one closes")
	assert.Equal(t, []int{0, 0, 0, -1, -1, 0, 0}, joins(percolation(line, all(7, 3, 4), 2)), "one of two never does")
	assert.Equal(t, []int{0, 0, 0, 0, 0, 0, -1}, joins(percolation(line, all(7, 6), 2)), "nor the end, with one neighbour")
	for n := 2; n <= 12; n++ {
		complete := graphOf(n, func(int, int) bool { return true })
		for i, round := range joins(percolation(complete, nodes{0, 1}, 2)) {
			assert.Equal(t, min(1, i/2), round, "two seeds take all %d at once", n)
		}
		if n > 2 {
			assert.Equal(t, -1, joins(percolation(complete, nodes{0}, 2))[n-1], "one seed takes none")
		}
	}
}

// TestPercolationOnRandomGraphs: the trust that grows by quorum is bootstrap percolation,
// round for round.
func TestPercolationOnRandomGraphs(t *testing.T) {
	wholes, parts := 0, 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 8))
		n, k := 5+r.IntN(30), 1+r.IntN(3)
		links := graphOf(n, func(int, int) bool { return r.IntN(n) < k+2 })
		seeds := nodes{}
		for i := range sim.NodeID(n) {
			if r.IntN(5) == 0 {
				seeds = append(seeds, i)
			}
		}
		want := percolate(links, seeds, k)
		require.Equal(t, want, joins(percolation(links, seeds, k)), fmt.Sprintf("seed %d", seed))
		switch {
		case !slices.Contains(want, -1):
			wholes++
		case slices.Max(want) > 1:
			parts++
		}
	}
	assert.Greater(t, wholes, 20, "some graphs are taken whole")
	assert.Greater(t, parts, 20, "others in part, in more than one round")
}
