package trust

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
)

type nodes = []sim.NodeID

// all are the nodes below n, without those named.
func all(n int, but ...sim.NodeID) nodes {
	var all nodes
next:
	for i := range sim.NodeID(n) {
		for _, b := range but {
			if i == b {
				continue next
			}
		}
		all = append(all, i)
	}
	return all
}

// everybodyMeets is that every node shakes hands with every other.
func everybodyMeets(n int) (m [][2]sim.NodeID) {
	for a := range sim.NodeID(n) {
		for b := range a {
			m = append(m, [2]sim.NodeID{a, b})
		}
	}
	return m
}

// says is that a node proposes facts to others.
func says(from sim.NodeID, to nodes, facts ...int) (p []Proposal) {
	for _, t := range to {
		p = append(p, Proposal{From: from, To: t, Facts: facts})
	}
	return p
}

// matrix draws the levels: a row for each node, with a letter for each peer.
func matrix(c *Closure) string {
	var b strings.Builder
	for i := range sim.NodeID(c.nodes) {
		for j := range sim.NodeID(c.nodes) {
			letter := c.Level(i, j).String()[:1]
			if i == j {
				letter = "."
			}
			b.WriteString(letter)
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

// TestClosure is the rules one by one, worked out by hand.
func TestClosure(t *testing.T) {
	meet := func(pairs ...[2]sim.NodeID) [][2]sim.NodeID { return pairs }
	// Node 0 trusts 1 and 2, who know the fact of 3 that 0 can't judge itself.
	polled := func(edit func(*Premises)) Premises {
		p := Premises{
			Nodes: 4, Rules: Rules{Local: true, Quorum: 2}, Meetings: meet([2]sim.NodeID{0, 3}),
			Anchors: []nodes{{1, 2}, nil, nil, nil}, Facts: []Fact{{Right: nodes{1, 2, 3}}}, Proposals: says(3, nodes{0}, 0),
		}
		edit(&p)
		return p
	}
	// Node 1 trusts 0 and 2; whom they trust is for the row to say.
	introduced := func(mode Introducing, edit func(*Premises)) Premises {
		p := Premises{Nodes: 3, Rules: Rules{Local: true, Mode: mode}, Anchors: []nodes{{1}, {0, 2}, nil}}
		edit(&p)
		return p
	}
	// A chain of mutual trust, 0–1–2–3–4, of which 0 also trusts 5.
	chain := func(hops int) Premises {
		return Premises{
			Nodes: 6, Rules: Rules{Hops: hops}, Anchors: []nodes{{1}, {0, 2}, {1, 3}, {2, 4}, {3}, nil},
			Introductions: []IntroductionOf{{By: 0, To: 1, Subject: 5}},
		}
	}
	same := func(*Premises) {}
	for name, row := range map[string]struct {
		p    Premises
		want string
	}{
		"nobody":                        {Premises{Nodes: 2, Rules: Rules{Local: true, Quorum: 2}}, ".u u."},
		"who meets is probed":           {Premises{Nodes: 2, Meetings: meet([2]sim.NodeID{1, 0})}, ".p p."},
		"an anchor is trusted unseen":   {Premises{Nodes: 2, Anchors: []nodes{{1}, nil}}, ".t u."},
		"local, one way":                {Premises{Nodes: 2, Rules: Rules{Local: true}, Meetings: meet([2]sim.NodeID{0, 1}), Facts: []Fact{{Right: nodes{0, 1}}}, Proposals: says(1, nodes{0}, 0)}, ".t p."},
		"local, but they never met":     {Premises{Nodes: 2, Rules: Rules{Local: true}, Facts: []Fact{{Right: nodes{0, 1}}}, Proposals: says(1, nodes{0}, 0)}, ".u u."},
		"local knowledge is not asked":  {Premises{Nodes: 2, Rules: Rules{Quorum: 1}, Meetings: meet([2]sim.NodeID{0, 1}), Facts: []Fact{{Right: nodes{0, 1}}}, Proposals: says(1, nodes{0}, 0)}, ".p p."},
		"the proposer does not know":    {Premises{Nodes: 2, Rules: Rules{Local: true}, Meetings: meet([2]sim.NodeID{0, 1}), Facts: []Fact{{Right: nodes{0}}}, Proposals: says(1, nodes{0}, 0)}, ".p p."},
		"neither knows":                 {Premises{Nodes: 2, Rules: Rules{Local: true}, Meetings: meet([2]sim.NodeID{0, 1}), Facts: []Fact{{}}, Proposals: says(1, nodes{0}, 0)}, ".p p."},
		"one is mistaken":               {Premises{Nodes: 2, Rules: Rules{Local: true}, Meetings: meet([2]sim.NodeID{0, 1}), Facts: []Fact{{Right: nodes{0, 1}, Wrong: nodes{1}}}, Proposals: says(1, nodes{0}, 0)}, ".p p."},
		"both make the same mistake":    {Premises{Nodes: 2, Rules: Rules{Local: true}, Meetings: meet([2]sim.NodeID{0, 1}), Facts: []Fact{{Wrong: nodes{0, 1}}}, Proposals: says(1, nodes{0}, 0)}, ".t p."},
		"quorum":                        {polled(same), ".ttt u.uu uu.u puu."},
		"quorum is not asked":           {polled(func(p *Premises) { p.Rules.Quorum = 0 }), ".ttp u.uu uu.u puu."},
		"one voice is too few":          {polled(func(p *Premises) { p.Facts[0].Right = nodes{1, 3} }), ".ttp u.uu uu.u puu."},
		"a mistaken voice is none":      {polled(func(p *Premises) { p.Facts[0].Wrong = nodes{2} }), ".ttp u.uu uu.u puu."},
		"two voices with one key":       {polled(func(p *Premises) { p.Keys = []int{0, 1, 1, 3} }), ".ttp u.uu uu.u puu."},
		"a voice with the author's key": {polled(func(p *Premises) { p.Keys = []int{0, 1, 3, 3} }), ".ttp u.uu uu.u puu."},
		"a voice with one's own key":    {polled(func(p *Premises) { p.Keys = []int{0, 1, 0, 3} }), ".ttp u.uu uu.u puu."},
		"voices on different facts": {polled(func(p *Premises) {
			p.Facts = []Fact{{Right: nodes{1, 3}}, {Right: nodes{2, 3}}}
			p.Proposals[0].Facts = []int{0, 1}
		}), ".ttp u.uu uu.u puu."},
		"a quorum of strangers": {polled(func(p *Premises) { p.Anchors = nil }), ".uup u.uu uu.u puu."},

		"an operator introduces":             {introduced(IntroduceNone, func(p *Premises) { p.Introductions = []IntroductionOf{{By: 1, To: 0, Subject: 2}} }), ".tp t.t uu."},
		"an operator to who does not listen": {introduced(IntroduceNone, func(p *Premises) { p.Introductions = []IntroductionOf{{By: 1, To: 2, Subject: 0}} }), ".tu t.t uu."},
		"of itself":                          {introduced(IntroduceNone, func(p *Premises) { p.Introductions = []IntroductionOf{{By: 1, To: 0, Subject: 0}} }), ".tu t.t uu."},
		"an operator in mode meet":           {Premises{Nodes: 3, Rules: Rules{Mode: IntroduceMeet}, Anchors: []nodes{{1}, nil, nil}, Introductions: []IntroductionOf{{By: 1, To: 0, Subject: 2}}}, ".tp u.u pu."},
		"none":                               {introduced(IntroduceNone, same), ".tu t.t uu."},
		"tell":                               {introduced(IntroduceTell, same), ".tp t.t uu."},
		"meet":                               {introduced(IntroduceMeet, same), ".tp t.t pu."},
		"told, but not met":                  {introduced(IntroduceTell, func(p *Premises) { p.Facts = []Fact{{Right: nodes{0, 2}}}; p.Proposals = says(2, nodes{0}, 0) }), ".tp t.t uu."},
		// 0 now trusts 2, and so introduces it to 1, which meets it.
		"told, met, verified":              {introduced(IntroduceMeet, func(p *Premises) { p.Facts = []Fact{{Right: nodes{0, 2}}}; p.Proposals = says(2, nodes{0}, 0) }), ".tt t.t pp."},
		"met by the other's introduction":  {introduced(IntroduceMeet, func(p *Premises) { p.Facts = []Fact{{Right: nodes{0, 2}}}; p.Proposals = says(0, nodes{2}, 0) }), ".tp t.t tu."},
		"only the one who listens is told": {introduced(IntroduceTell, func(p *Premises) { p.Anchors = []nodes{nil, {0, 2}, nil} }), ".uu t.t uu."},

		"one hop":                 {chain(1), ".tuuuu t.tuup ut.tuu uut.tu uuut.u uuuuu."},
		"three hops":              {chain(3), ".tuuup t.tuup ut.tup uut.tp uuut.u uuuuu."},
		"255 hops":                {chain(255), ".tuuup t.tuup ut.tup uut.tp uuut.p uuuuu."},
		"nobody passes on itself": {func(p Premises) Premises { p.Introductions[0].Subject = 1; return p }(chain(255)), ".tuuuu t.tuuu ut.tuu uut.tu uuut.u uuuuu."},
		// 1 hears of 3 before 2 and it trust each other.
		"what was heard is passed on later": {Premises{Nodes: 4, Rules: Rules{Local: true, Hops: 2}, Anchors: []nodes{nil, {0}, nil, nil},
			Introductions: []IntroductionOf{{By: 0, To: 1, Subject: 3}}, Meetings: meet([2]sim.NodeID{1, 2}),
			Facts: []Fact{{Right: nodes{1, 2}}}, Proposals: append(says(1, nodes{2}, 0), says(2, nodes{1}, 0)...)}, ".uuu t.tp ut.p uuu."},
		"no hop further on one-way trust": {Premises{Nodes: 4, Rules: Rules{Hops: 3}, Anchors: []nodes{nil, {0, 2}, nil, nil},
			Introductions: []IntroductionOf{{By: 0, To: 1, Subject: 3}}}, ".uuu t.tp uu.u uuu."},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, row.want, matrix(Close(&row.p))) })
	}
}

// TestProofs: 0 knows the fact of 1, and 1 and 2 confirm what it does not know of 3,
// who with 2 confirms 4.
func TestProofs(t *testing.T) {
	p := Premises{
		Nodes: 5, Rules: Rules{Local: true, Quorum: 2}, Meetings: everybodyMeets(5), Anchors: []nodes{{2}, nil, nil, nil, nil},
		Facts:     []Fact{{Right: nodes{0, 1}}, {Right: nodes{1, 2, 3}}, {Right: nodes{2, 3, 4}}},
		Proposals: append(append(says(1, nodes{0}, 1, 0), says(3, nodes{0}, 1)...), says(4, nodes{0}, 2)...),
	}
	c := Close(&p)
	assert.Equal(t, Proof{}, c.Proof(0, 0))
	assert.Equal(t, Proof{Ground: ByLocal, Round: 1, Fact: 0}, c.Proof(0, 1))
	assert.Equal(t, Proof{Ground: ByAnchor}, c.Proof(0, 2))
	assert.Equal(t, Proof{Ground: ByQuorum, Round: 2, Fact: 1, Voices: nodes{2, 1}}, c.Proof(0, 3))
	assert.Equal(t, Proof{Ground: ByQuorum, Round: 3, Fact: 2, Voices: nodes{2, 3}}, c.Proof(0, 4))
	assert.Equal(t, Proof{}, c.Proof(1, 0))
	assert.Equal(t, []string{"", "anchor", "local", "quorum"}, groundNames[:])
}

// everyPair are all ordered pairs of different nodes.
func everyPair(n int) (pairs [][2]sim.NodeID) {
	for i := range sim.NodeID(n) {
		for _, j := range all(n, i) {
			pairs = append(pairs, [2]sim.NodeID{i, j})
		}
	}
	return pairs
}

func TestNever(t *testing.T) {
	never := func(p *Premises) Hopeless { return Never(Close(p), everyPair(p.Nodes)) }
	p := Premises{Nodes: 3, Rules: Rules{Local: true}, Facts: []Fact{{Right: nodes{0, 1, 2}}}}
	assert.Equal(t, Hopeless{Pairs: 6, Strangers: 6, Node: 0, Peer: 1}, never(&p), "nobody meets")

	p.Meetings, p.Proposals = [][2]sim.NodeID{{0, 1}, {1, 2}}, says(0, nodes{1}, 0)
	assert.Equal(t, Hopeless{Pairs: 6, Strangers: 2, Unproven: 3, Node: 0, Peer: 1}, never(&p))

	p.Proposals = append(p.Proposals, says(1, nodes{0}, 0)...)
	assert.Equal(t, Hopeless{Pairs: 6, Strangers: 2, Unproven: 2, Node: 1, Peer: 2}, never(&p), "0 and 2 are strangers, but 1 and 2 say more")

	p.Meetings, p.Proposals = everybodyMeets(3), nil
	for i := range sim.NodeID(3) {
		p.Proposals = append(p.Proposals, says(i, all(3, i), 0)...)
	}
	assert.Equal(t, Hopeless{Pairs: 6, Node: sim.NoNode, Peer: sim.NoNode}, never(&p), "all do")
	assert.Equal(t, Hopeless{Node: sim.NoNode, Peer: sim.NoNode}, never(&Premises{}), "no nodes")
}

// BenchmarkClose is 50 nodes that all meet and propose all of 50 facts to each other,
// each known by every other node, with introductions of three hops, from two anchors.
func BenchmarkClose(b *testing.B) {
	const n = 50
	p := Premises{Nodes: n, Rules: Rules{Quorum: 2, Mode: IntroduceMeet, Hops: 3}, Meetings: everybodyMeets(n), Facts: make([]Fact, n)}
	places := make([]int, n)
	for f := range p.Facts {
		places[f] = f
		for i := f % 2; i < n; i += 2 {
			p.Facts[f].Right = append(p.Facts[f].Right, sim.NodeID(i))
		}
	}
	for i := range sim.NodeID(n) {
		p.Proposals = append(p.Proposals, says(i, all(n, i), places...)...)
		p.Anchors = append(p.Anchors, nodes{(i + 1) % n, (i + 2) % n, (i + 3) % n, (i + 4) % n})
	}
	require.Zero(b, Never(Close(&p), everyPair(n)).Unproven)
	for b.Loop() {
		Close(&p)
	}
}
