package scenarios

import (
	"fmt"
	"slices"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
)

// How adversaries behave, and what applications answer.

// readAdversaries resolves who misbehaves, and how.
func (b *builder) readAdversaries() {
	b.conduct = make([]*Adversary, len(b.mesh.Nodes))
	for i := range b.scenario.Adversaries {
		for _, id := range b.adversaries(i) {
			b.conduct[id] = &b.scenario.Adversaries[i]
		}
	}
}

// dishonest lists who misbehaves, in order. Names that are wrong are left out.
func (s *Scenario) dishonest(m *Mesh) (all []sim.NodeID) {
	b := &builder{scenario: s, mesh: m}
	for i := range s.Adversaries {
		if s.Adversaries[i].Nodes.Random <= int64(len(m.Nodes)) {
			all = append(all, b.adversaries(i)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// adversaries are the nodes of an entry [[adversary]], the further ids of sybils
// included.
func (b *builder) adversaries(i int) []sim.NodeID {
	nodes := b.nodes(b.scenario.Adversaries[i].Nodes, fmt.Sprintf("adversary/%d/nodes", i))
	for id, n := range b.mesh.Nodes {
		if host, _ := b.mesh.Lookup(n.Host); n.Host != "" && slices.Contains(nodes, host) {
			nodes = append(nodes, sim.NodeID(id))
		}
	}
	slices.Sort(nodes)
	return nodes
}

// liars are the dishonest, in order, and whether those that met them can find them out.
func (b *builder) liars() (all []trace.Liar) {
	for id, a := range b.conduct {
		if a != nil {
			all = append(all, trace.Liar{Node: sim.NodeID(id), Start: clock.Time(a.Start), Exposable: a.Behaviour.exposedBy() != ""})
		}
	}
	return all
}

// corrupted is the node that sits where the honest one would.
func (b *builder) corrupted(r *mesh.Router, seat world.Seat) mesh.Node {
	a := b.conduct[seat.Self]
	if a == nil {
		return r
	}
	return a.Behaviour.corrupt(b, seat, r, a.when())
}

// when is the time in which it misbehaves.
func (a *Adversary) when() mesh.Span {
	when := mesh.Span{From: clock.Time(a.Start), To: clock.Never}
	if a.Stop != 0 {
		when.To = clock.Time(a.Stop)
	}
	return when
}

// Misconduct is what the nodes of an entry [[adversary]] do, and when by their own
// clocks: from From to before To, which may be Never.
type Misconduct struct {
	Behaviour string
	Nodes     []sim.NodeID // ascending, the further ids of sybils included
	From, To  clock.Time
}

// Misconducts are those of all adversaries, in the order of the scenario.
func (s *Scenario) Misconducts(m *Mesh) []Misconduct {
	b := &builder{scenario: s, mesh: m}
	all := make([]Misconduct, len(s.Adversaries))
	for i := range s.Adversaries {
		a := &s.Adversaries[i]
		when := a.when()
		all[i] = Misconduct{KindName(a.Behaviour), b.adversaries(i), when.From, when.To}
	}
	return all
}

func (Blackhole) corrupt(_ *builder, seat world.Seat, r *mesh.Router, when mesh.Span) mesh.Node {
	return mesh.NewBlackhole(r, when, sim.One, seat.Adversary)
}

func (k Grayhole) corrupt(_ *builder, seat world.Seat, r *mesh.Router, when mesh.Span) mesh.Node {
	return mesh.NewBlackhole(r, when, k.Share, seat.Adversary)
}

func (k Tamper) corrupt(_ *builder, seat world.Seat, r *mesh.Router, when mesh.Span) mesh.Node {
	return mesh.NewTamperer(r, when, k.Share, seat.Adversary)
}

func (k Delay) corrupt(_ *builder, _ world.Seat, r *mesh.Router, when mesh.Span) mesh.Node {
	return mesh.NewDelayer(r, when, k.By)
}

func (k Flood) corrupt(_ *builder, _ world.Seat, r *mesh.Router, when mesh.Span) mesh.Node {
	return mesh.NewFlooder(r, when, uint64(k.Rate))
}

func (Replay) corrupt(_ *builder, _ world.Seat, r *mesh.Router, when mesh.Span) mesh.Node {
	return mesh.NewReplayer(r, when)
}

func (k Lie) corrupt(b *builder, _ world.Seat, r *mesh.Router, when mesh.Span) mesh.Node {
	return mesh.NewLiar(r, when, b.marked(b.scenario.Knowledge.about(k.Domain)))
}

func (Equivocate) corrupt(_ *builder, seat world.Seat, r *mesh.Router, when mesh.Span) mesh.Node {
	return mesh.NewEquivocator(r, when, seat.Adversary)
}

func (k Slander) corrupt(b *builder, seat world.Seat, r *mesh.Router, when mesh.Span) mesh.Node {
	targets := b.list(k.Targets, "adversary/"+b.mesh.Nodes[seat.Self].Key+"/targets")
	return mesh.NewRumourer(r, when, mesh.Warn, targets)
}

func (IntroduceLiars) corrupt(b *builder, _ world.Seat, r *mesh.Router, when mesh.Span) mesh.Node {
	return mesh.NewRumourer(r, when, mesh.Introduce, b.scenario.dishonest(b.mesh))
}

func (SybilAttack) corrupt(b *builder, seat world.Seat, r *mesh.Router, when mesh.Span) mesh.Node {
	return mesh.NewSybil(r, when, b.marked(b.unchecked()), b.scenario.Knowledge.about(""))
}

// marked marks facts in a list of all.
func (b *builder) marked(facts []int) []bool {
	marks := make([]bool, len(b.facts.All))
	for _, f := range facts {
		marks[f] = true
	}
	return marks
}

// unchecked are the facts that no honest node knows.
func (b *builder) unchecked() (facts []int) {
	for i := range b.facts.All {
		checked := false
		for id, belief := range b.facts.All[i].Known {
			checked = checked || belief != mesh.Ignorant && b.conduct[id] == nil
		}
		if !checked {
			facts = append(facts, i)
		}
	}
	return facts
}

// forwardsBadly reports whether the behaviour is about what a node passes on, and nothing else.
func forwardsBadly(k AdversaryKind) bool {
	switch k.(type) {
	case Blackhole, Grayhole, Tamper, Delay:
		return true
	}
	return false
}

// Nothing that these do is evidence against them; mesh says why at each.
func (Blackhole) exposedBy() string { return "" }
func (Grayhole) exposedBy() string  { return "" }
func (Tamper) exposedBy() string    { return "" }
func (Delay) exposedBy() string     { return "" }
func (Flood) exposedBy() string     { return "" }
func (Replay) exposedBy() string    { return "" }

// These are exposed by what is told at their place in mesh.
func (Lie) exposedBy() string            { return "conflict" }
func (Equivocate) exposedBy() string     { return "malicious" }
func (Slander) exposedBy() string        { return "" }
func (IntroduceLiars) exposedBy() string { return "" }
func (SybilAttack) exposedBy() string    { return "" }

// harms is the sink that adds up what adversaries do, if there are any.
func (b *builder) harms() *trace.Harms {
	entries := make([]trace.HarmConfig, len(b.scenario.Adversaries))
	for i := range entries {
		entries[i].Nodes = b.adversaries(i)
		if _, floods := b.scenario.Adversaries[i].Behaviour.(Flood); floods {
			entries[i].Junk = mesh.TypeFlood
		}
	}
	return trace.NewHarms(entries)
}

// replySuffix makes the type of an answer of that of its request.
const replySuffix = "_REPLY"

// readRequests makes the application that answers requests, if the scenario has any.
func (b *builder) readRequests() {
	type request struct {
		typ  string
		flow trace.Flow
	}
	answers := map[request]mesh.Answer{}
	for i, t := range b.scenario.Traffic {
		kind, ok := t.Kind.(Requests)
		if !ok {
			continue
		}
		answer := mesh.Answer{Type: kind.Type + replySuffix, Size: kind.ReplySize}
		for _, flow := range b.flowsOf(i) {
			answers[request{kind.Type, flow}] = answer
		}
		b.requests = append(b.requests, kind.Type)
	}
	slices.Sort(b.requests)
	b.requests = slices.Compact(b.requests)
	b.agent = func(m *mesh.Envelope) (mesh.Answer, bool) {
		answer, ok := answers[request{m.Type, m.Flow}]
		return answer, ok
	}
}

// flowsOf are the flows of an entry [[traffic]]: one, or those of its file's rows.
func (b *builder) flowsOf(i int) []trace.Flow {
	t := &b.scenario.Traffic[i]
	if t.File == "" {
		return []trace.Flow{{Name: t.Name}}
	}
	rows, _ := b.scenario.Flows(b.mesh, i) // validated
	flows := make([]trace.Flow, len(rows))
	for row := range rows {
		flows[row] = trace.RowFlow(row)
	}
	return flows
}
