package scenarios

import (
	"slices"

	"meshsim/sim"
	"meshsim/trust"
)

// closureWork bounds for which meshes it is found out who can come to trust whom, in
// steps of a round: some tenths of a second.
const closureWork = 1 << 22

// Closure is who comes to trust whom in a run without faults that is long enough, and in
// any run at most, as long as nobody deceives: adversaries count as honest. Of a pair
// that an operator has one node forgive it is taken that they meet.
func (s *Scenario) Closure() (*trust.Closure, error) {
	m, err := s.Mesh()
	if err != nil {
		return nil, err
	}
	b := &builder{scenario: s.withDefaults(), mesh: m}
	return trust.Close(b.premises()), nil
}

// premises are what decides who can come to trust whom, at best: as if the run were long
// enough and without faults, and every message found its way.
func (b *builder) premises() *trust.Premises {
	s, n := b.scenario, len(b.mesh.Nodes)
	p := &trust.Premises{
		Nodes: n,
		Rules: trust.Rules{Local: s.Trust.Verify != "quorum", Mode: introducing[s.Trust.Introductions], Hops: int(s.Trust.IntroductionHops)},
	}
	if s.Trust.Verify != "local" {
		p.Rules.Quorum = int(s.Trust.Quorum)
	}
	for _, f := range s.Knowledge.sorted() {
		p.Facts = append(p.Facts, trust.Fact{
			Right: b.list(f.KnownBy, "knowledge/"+f.ID+"/known_by"), Wrong: b.list(f.WrongAt, "knowledge/"+f.ID+"/wrong_at"),
		})
	}
	for node := range sim.NodeID(n) {
		p.Anchors = append(p.Anchors, b.anchors(node))
		if s.Handshake.Auto == "all" {
			for peer := range node {
				p.Meetings = append(p.Meetings, [2]sim.NodeID{node, peer})
			}
		}
	}
	if s.Handshake.Auto == "neighbours" {
		for _, l := range b.mesh.Links {
			p.Meetings = append(p.Meetings, [2]sim.NodeID{l.From, l.To})
		}
	}
	for i := range s.Traffic {
		if _, is := s.Traffic[i].Kind.(Handshakes); is {
			for _, x := range b.proposals(i, nil) {
				p.Meetings = append(p.Meetings, [2]sim.NodeID{x.From, x.To})
			}
		} else if facts, is := s.Traffic[i].Kind.(Facts); is {
			p.Proposals = append(p.Proposals, b.proposals(i, s.Knowledge.about(facts.Domain))...)
		}
	}
	for _, a := range s.Actions {
		switch k := a.Kind.(type) {
		case Introduce:
			p.Introductions = append(p.Introductions, trust.IntroductionOf{By: b.id(a.Node), To: b.id(k.Peer), Subject: b.id(k.Subject)})
		case Override: // who forgives wants to know whom
			p.Meetings = append(p.Meetings, [2]sim.NodeID{b.id(a.Node), b.id(k.Peer)})
		}
	}
	return p
}

// introducing are the words for what nodes do about introductions.
var introducing = map[string]trust.Introducing{"none": trust.IntroduceNone, "tell": trust.IntroduceTell, "meet": trust.IntroduceMeet}

// proposals are that all sources of an entry of the traffic tell all its destinations.
func (b *builder) proposals(i int, facts []int) (all []trust.Proposal) {
	d := b.demand(i)
	for _, from := range d.from {
		for _, to := range d.to {
			if from != to {
				all = append(all, trust.Proposal{From: from, To: to, Facts: facts})
			}
		}
	}
	return all
}

// lintNever warns of facts that are proposed to nodes that can never trust who proposes
// them. Adversaries may convince whom no honest node could: with them it says nothing.
func (b *builder) lintNever(r *report) {
	s, n := b.scenario, len(b.mesh.Nodes)
	work := len(s.Knowledge.Facts)
	if s.Trust.Introductions != "none" {
		work += n
	}
	if !hasTraffic[Facts](s) || len(s.Adversaries) > 0 || s.meant("trust.levels") || n*n*work > closureWork {
		return
	}
	p := b.premises()
	closure := trust.Close(p)
	for i := range s.Traffic {
		if facts, is := s.Traffic[i].Kind.(Facts); is {
			b.tellNever(r, i, p, closure, s.Knowledge.about(facts.Domain))
		}
	}
}

// tellNever warns of the pairs of one entry, but for sources that know nothing to propose.
func (b *builder) tellNever(r *report, i int, p *trust.Premises, closure *trust.Closure, facts []int) {
	var pairs [][2]sim.NodeID
	for _, x := range b.proposals(i, facts) {
		knows := func(f int) bool {
			return slices.Contains(p.Facts[f].Right, x.From) || slices.Contains(p.Facts[f].Wrong, x.From)
		}
		if slices.ContainsFunc(facts, knows) {
			pairs = append(pairs, [2]sim.NodeID{x.To, x.From})
		}
	}
	h := trust.Never(closure, pairs)
	if h.Node == sim.NoNode {
		return
	}
	why := "which never meet"
	if h.Unproven > 0 {
		why = "where nothing of it can be verified"
	}
	never := h.Unproven + h.Strangers
	r.warn(elementPath("traffic", i), nil, "can never convince the destination for %d of the %d ordered pairs (%.3g %%) whose source knows a fact, such as %s → %s, %s %s",
		never, h.Pairs, 100*float64(never)/float64(h.Pairs), b.mesh.Nodes[h.Peer].ID, b.mesh.Nodes[h.Node].ID, why, meantBy("trust.levels"))
}
