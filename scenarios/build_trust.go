package scenarios

import (
	"slices"
	"time"

	"meshsim/mesh"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
)

// readFacts makes what all nodes of the run can know.
func (b *builder) readFacts() {
	known := &b.scenario.Knowledge
	b.facts = &mesh.Facts{}
	for _, f := range known.sorted() {
		b.facts.All = append(b.facts.All, mesh.Fact{ID: f.ID, Domain: f.Domain, Known: b.beliefs(&f)})
	}
	for _, source := range known.sortedSources() {
		b.facts.Sources = append(b.facts.Sources, mesh.Source{
			URI: source.URI, Tier: tiers[source.Tier], Key: mesh.NewSourceKey(b.scenario.Seed, mesh.Algorithm(b.scenario.Wire.Signatures), source.URI),
			Says: known.places(func(f *Fact) bool { return slices.Contains(source.Says, f.ID) }),
		})
	}
}

// tiers are the words for how far a source is trusted.
var tiers = map[string]mesh.Tier{
	"unknown": mesh.TierUnknown, "low": mesh.TierLow, "medium": mesh.TierMedium, "high": mesh.TierHigh, "blocked": mesh.TierBlocked,
}

// beliefs are what each node knows of a fact. Who is mistaken is so whether or not it
// would know better.
func (b *builder) beliefs(f *Fact) []mesh.Belief {
	beliefs := make([]mesh.Belief, len(b.mesh.Nodes))
	for _, id := range b.list(f.KnownBy, "knowledge/"+f.ID+"/known_by") {
		beliefs[id] = mesh.Right
	}
	for _, id := range b.list(f.WrongAt, "knowledge/"+f.ID+"/wrong_at") {
		beliefs[id] = mesh.Mistaken
	}
	for id, n := range b.mesh.Nodes { // behind all ids of an adversary is one mind
		if host, ok := b.mesh.Lookup(n.Host); ok {
			beliefs[id] = beliefs[host]
		}
	}
	return beliefs
}

// list resolves a list of nodes, ascending. A random one is drawn as by nodes.
func (b *builder) list(list NodeList, path string) []sim.NodeID {
	if n, ok := drawn(list); ok {
		return b.nodes(NodeSet{Random: n}, path)
	}
	nodes, _ := b.mesh.ResolveNodes(list) // validated
	return nodes
}

// claims reports whether any node may ever make a claim.
func (s *Scenario) claims() bool {
	return hasTraffic[Claims](s) || slices.ContainsFunc(s.Actions, func(a Action) bool { _, is := a.Kind.(Claim); return is })
}

// claims are the claims of the node in this seat, which judges its peers by these
// handshakes.
func (b *builder) claims(seat world.Seat, h *mesh.Handshakes) *mesh.Claims {
	t, c := &b.scenario.Trust, &b.scenario.Handshake
	return mesh.NewClaims(mesh.ClaimsConfig{
		Identity: seat.Identity, Codec: b.wire, Facts: b.facts, Trusts: h.Trusts(), Quorum: int(t.Quorum),
		Max: int(t.ClaimsMax), Overflow: mesh.ClaimOverflow(t.ClaimsOverflow), VerifyTimeout: time.Duration(t.VerifyTimeout),
		Retry: time.Duration(c.Retry), Tries: int(c.Tries), Backoff: time.Duration(c.Backoff), Rounds: int(c.Rounds), Chance: seat.Claims,
	})
}

// humans reports whether anything is ever said to humans, or of them.
func (s *Scenario) humans() bool {
	return slices.ContainsFunc(s.Actions, func(a Action) bool {
		submit, _ := a.Kind.(Submit)
		_, sets := a.Kind.(SetHuman)
		return sets || mesh.IsHuman(submit.Type)
	}) || slices.ContainsFunc(s.Traffic, func(t Traffic) bool {
		messages, _ := t.Kind.(Messages)
		return mesh.IsHuman(messages.Type)
	})
}

// judgement is what the node in this seat judges its peers by.
func (b *builder) judgement(seat world.Seat) mesh.JudgementConfig {
	t := &b.scenario.Trust
	return mesh.JudgementConfig{
		Facts: b.facts, Local: t.Verify != "quorum", Quorum: t.Verify != "local", K: int(t.Quorum),
		VerifyTimeout: time.Duration(t.VerifyTimeout), Anchors: b.anchors(seat.Self),
		Warnings: mesh.Warnings(t.Warnings), Warners: int(t.Warners),
		Introductions: mesh.Introductions(t.Introductions), Hops: int(t.IntroductionHops), Expire: time.Duration(t.IntroductionExpire),
		Decay: time.Duration(t.Decay),
	}
}

// anchors are whom a node trusts from the start: those of everyone and its own, but
// never itself.
func (b *builder) anchors(node sim.NodeID) []sim.NodeID {
	all := b.lookup(slices.Concat(b.scenario.Trust.Anchors, b.mesh.Nodes[node].Anchors))
	return slices.DeleteFunc(slices.Compact(all), func(id sim.NodeID) bool { return id == node })
}

// Anchors are whom the nodes of its mesh trust from the start.
func (s *Scenario) Anchors(m *Mesh) trace.Anchors {
	return (&builder{scenario: s, mesh: m}).allAnchors()
}

// allAnchors are the anchors of each node; nil: nobody has any.
func (b *builder) allAnchors() [][]sim.NodeID {
	if !b.anchored() {
		return nil
	}
	all := make([][]sim.NodeID, len(b.mesh.Nodes))
	for id := range all {
		all[id] = b.anchors(sim.NodeID(id))
	}
	return all
}

// anchored reports whether any node trusts anyone from the start.
func (b *builder) anchored() bool {
	return len(b.scenario.Trust.Anchors) > 0 || slices.ContainsFunc(b.mesh.Nodes, func(n MeshNode) bool { return len(n.Anchors) > 0 })
}

// judges reports whether anything may ever move trust, but for handshakes.
func (b *builder) judges() bool {
	s := b.scenario
	sybils := slices.ContainsFunc(s.Adversaries, func(a Adversary) bool { _, is := a.Behaviour.(SybilAttack); return is })
	return sybils || hasTraffic[Facts](s) || hasTraffic[Claims](s) || b.anchored() || slices.ContainsFunc(s.Actions, func(a Action) bool {
		switch a.Kind.(type) {
		case Override, Introduce, Warn, Claim:
			return true
		}
		return false
	})
}

// shakes reports whether any node shakes hands of its own wish.
func (s *Scenario) shakes() bool { return s.Handshake.Auto != "none" || hasTraffic[Handshakes](s) }

// lintTrust warns of facts and claims of which nothing can come, and of what is known
// for nothing.
func (b *builder) lintTrust(r *report) {
	s := b.scenario
	b.lintKnowledge(r)
	for i := range s.Traffic {
		path, metric := elementPath("traffic", i), "claims.pending"
		switch s.Traffic[i].Kind.(type) {
		case Facts:
			metric = "trust.levels"
		case Claims:
		default:
			continue
		}
		if !s.shakes() && !b.anchored() && !s.meant(metric) {
			r.warn(path, nil, "convinces nobody: no node ever shakes hands, and none is an anchor %s", meantBy(metric))
		}
	}
	if !b.lintQuorum(r) && (s.shakes() || b.anchored()) {
		b.lintNever(r)
	}
}

// lintKnowledge warns of facts that nobody knows, and of knowledge without use.
func (b *builder) lintKnowledge(r *report) {
	s := b.scenario
	k := &s.Knowledge
	for i := range k.Facts {
		if f := &k.Facts[i]; len(f.KnownBy) == 0 && len(f.WrongAt) == 0 {
			r.warn(elementPath("knowledge.facts", i), nil, "is known to nobody; a fact may have known_by and wrong_at")
		}
	}
	claims := slices.ContainsFunc(s.Actions, func(a Action) bool { _, is := a.Kind.(Claim); return is })
	used := hasTraffic[Facts](s) || hasTraffic[Claims](s) || claims || len(s.Adversaries) > 0
	if len(k.Facts)+len(k.Sources) > 0 && !used {
		r.warn("knowledge", nil, "is of no use: no traffic of kind facts or claims, no action claim and no adversary")
	}
}

// lintQuorum warns when facts are to be confirmed by more nodes than agree on any of
// them, besides the one that proposes it, and reports whether it does.
func (b *builder) lintQuorum(r *report) bool {
	s := b.scenario
	if s.Trust.Verify != "quorum" || !hasTraffic[Facts](s) || s.meant("trust.levels") {
		return false
	}
	most := 0
	for i := range s.Knowledge.Facts {
		var agree [mesh.Mistaken + 1]int
		for _, belief := range b.beliefs(&s.Knowledge.Facts[i]) {
			agree[belief]++
		}
		most = max(most, agree[mesh.Right]-1, agree[mesh.Mistaken]-1)
	}
	if int64(most) >= s.Trust.Quorum {
		return false
	}
	r.warn("trust.quorum", s.Trust.Quorum, "is more than can confirm any fact: besides who proposes it, at most %d know it %s", most, meantBy("trust.levels"))
	return true
}

// pretrusted are all who are an anchor of any node, ascending.
func (b *builder) pretrusted() []sim.NodeID {
	all := slices.Concat(b.allAnchors()...)
	slices.Sort(all)
	return slices.Compact(all)
}
