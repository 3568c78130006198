package scenarios

import (
	"slices"

	"meshsim/mesh"
	"meshsim/sim"
)

// check refuses a type that is no application's, which would not be its to answer, and
// one that leaves no room for the type of the answer.
func (k Requests) check(r *report, path string) {
	key := path + ".type"
	checkType(r, key, k.Type, longestType-len(replySuffix))
	if mesh.IsProtocolType(k.Type) && !r.touches(key) {
		r.add(key, k.Type, "belongs to the protocols of the mesh; allowed: a type of the application's own")
	}
}

// check refuses a type that is none, and a payload that is no JSON object.
func (k Submit) check(r *report, path string) {
	checkType(r, path+".type", k.Type, longestType)
	if key := path + ".payload"; k.Payload != "" && !r.touches(key) {
		if _, err := mesh.ParsePayload([]byte(k.Payload)); err != nil {
			r.add(key, k.Payload, "is no payload: %s", codec{want: "a JSON object"}.explain(err))
		}
	}
}

// checkAnchors refuses anchors that are no nodes, and nodes that are their own.
func (s *Scenario) checkAnchors(r *report, m *Mesh) {
	check := func(path string, ids []string, self string) {
		if r.touches(path) {
			return
		}
		m.checkIDs(r, path, ids)
		if i := slices.Index(ids, self); i >= 0 {
			r.add(elementPath(path, i), self, "is the node itself; allowed: others")
		}
	}
	check("trust.anchors", s.Trust.Anchors, "")
	check("node_defaults.anchors", s.NodeDefaults.Anchors, "")
	for i := range s.Nodes {
		check(elementPath("node", i)+".anchors", s.Nodes[i].Anchors, s.Nodes[i].ID)
	}
}

// checkConduct checks actions and adversaries without regard to the mesh.
func (s *Scenario) checkConduct(r *report) {
	for i := range s.Actions {
		if key := elementPath("action", i) + ".at"; s.Actions[i].At > s.Duration && !r.touches(key, "duration") {
			r.warn(key, s.Actions[i].At, "is after the end of the run (%s)", formatDuration(s.Duration))
		}
		if submit, ok := s.Actions[i].Kind.(Submit); ok {
			submit.check(r, elementPath("action", i))
		}
	}
	for i := range s.Adversaries {
		a, path := &s.Adversaries[i], elementPath("adversary", i)
		if a.Stop != 0 && a.Start >= a.Stop && !r.touches(path+".start", path+".stop") {
			r.add(path+".stop", a.Stop, "is not after start (%s)", formatDuration(a.Start))
		}
		if a.Start > s.Duration && !r.touches(path+".start", "duration") {
			r.warn(path+".start", a.Start, "is after the end of the run (%s)", formatDuration(s.Duration))
		}
	}
}

// checkConductOn checks who acts and misbehaves.
func (s *Scenario) checkConductOn(r *report, m *Mesh) {
	for i := range s.Actions {
		s.Actions[i].checkOn(r, elementPath("action", i), m)
	}
	for i := range s.Adversaries {
		if key := elementPath("adversary", i) + ".nodes"; !r.touches(key) {
			m.checkSources(r, key, s.Adversaries[i].Nodes)
		}
		if k, ok := s.Adversaries[i].Behaviour.(Slander); ok {
			m.resolveNodes(r, elementPath("adversary", i)+".targets", k.Targets)
		}
	}
	if m.nodesOpen || r.touches("adversary") {
		return
	}
	b := &builder{scenario: s, mesh: m}
	entry := map[sim.NodeID]int{}
	for i := range s.Adversaries {
		key := elementPath("adversary", i) + ".nodes"
		for _, id := range b.adversaries(i) {
			if other, taken := entry[id]; taken {
				r.add(key, s.Adversaries[i].Nodes, "has %s, as %s has; allowed: each node in one entry", quote(m.Nodes[id].ID), elementPath("adversary", other))
				break
			}
			entry[id] = i
		}
	}
}

// lintConduct warns of what has no effect when nobody shakes hands, and of messages
// that their receivers refuse.
func (b *builder) lintConduct(r *report) {
	s := b.scenario
	if !b.meets() {
		for i := range s.Actions {
			if _, ok := s.Actions[i].Kind.(SetPresence); ok {
				r.warn(elementPath("action", i), nil, "changes nothing: no node ever shakes hands")
			}
		}
		for i := range s.Adversaries {
			switch s.Adversaries[i].Behaviour.(type) {
			case Replay:
				if s.Session.Enabled {
					continue
				}
				r.warn(elementPath("adversary", i), nil, "has nothing to replay: no node ever shakes hands, and there are no sessions")
			case Lie, Equivocate, Slander, IntroduceLiars:
				r.warn(elementPath("adversary", i), nil, "deceives nobody: no node ever shakes hands")
			}
		}
	}
	b.lintForwarders(r)
	for i := range s.Traffic {
		if kind, ok := s.Traffic[i].Kind.(Messages); ok {
			s.lintType(r, elementPath("traffic", i), kind.Type)
		}
	}
	for i := range s.Actions {
		if kind, ok := s.Actions[i].Kind.(Submit); ok {
			s.lintType(r, elementPath("action", i), kind.Type)
		}
	}
}

// lintType warns of messages that their receivers refuse.
func (s *Scenario) lintType(r *report, path, typ string) {
	if mesh.IsProtocolType(typ) && !mesh.IsHuman(typ) && !s.meant("drops.unknown_type") {
		r.warn(path+".type", typ, "belongs to the protocols of the mesh: its receivers refuse it %s", meantBy("drops.unknown_type"))
	}
}

// lintForwarders warns of adversaries who would harm what they pass on, and have nobody
// to pass it to: what came from their one neighbour they would not send back there.
func (b *builder) lintForwarders(r *report) {
	if !slices.ContainsFunc(b.scenario.Adversaries, func(a Adversary) bool { return forwardsBadly(a.Behaviour) }) {
		return
	}
	neighbours := make([]map[sim.NodeID]bool, len(b.mesh.Nodes))
	for i := range neighbours {
		neighbours[i] = map[sim.NodeID]bool{}
	}
	for _, l := range b.mesh.Links {
		neighbours[l.From][l.To], neighbours[l.To][l.From] = true, true
	}
	for i, a := range b.scenario.Adversaries {
		between := func(id sim.NodeID) bool { return len(neighbours[id]) > 1 }
		if forwardsBadly(a.Behaviour) && !slices.ContainsFunc(b.adversaries(i), between) {
			r.warn(elementPath("adversary", i)+".nodes", a.Nodes, "pass nothing on: none of them has two neighbours")
		}
	}
}
