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

// What operators do, how adversaries behave, and what applications answer.

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

// adversaries are the nodes of an entry [[adversary]].
func (b *builder) adversaries(i int) []sim.NodeID {
	return b.nodes(b.scenario.Adversaries[i].Nodes, fmt.Sprintf("adversary/%d/nodes", i))
}

// liars are the dishonest, in order. No behaviour leaves evidence with those that met it.
func (b *builder) liars() (all []trace.Liar) {
	for id, a := range b.conduct {
		if a != nil {
			all = append(all, trace.Liar{Node: sim.NodeID(id), Start: clock.Time(a.Start)})
		}
	}
	return all
}

// corrupted is the node that sits where the honest one would.
func (b *builder) corrupted(r *mesh.Router, id sim.NodeID) mesh.Node {
	a := b.conduct[id]
	if a == nil {
		return r
	}
	to := clock.Never
	if a.Stop != 0 {
		to = clock.Time(a.Stop)
	}
	return a.Behaviour.corrupt(r, clock.Time(a.Start), to)
}

func (Replay) corrupt(r *mesh.Router, from, to clock.Time) mesh.Node {
	return mesh.NewReplayer(r, from, to)
}

// actions is the source of what operators do.
func (b *builder) actions() world.Actions {
	var actions world.Actions
	for _, a := range b.scenario.Actions {
		node, _ := b.mesh.Lookup(a.Node) // validated
		actions = append(actions, world.Action{
			At: clock.Time(a.At), Node: node, Kind: KindName(a.Kind), Detail: a.Kind.words(), Command: a.Kind.command(),
		})
	}
	return actions
}

func (k SetPresence) command() mesh.Command {
	return mesh.Command{Kind: mesh.SetPresence, State: mesh.AgentState{Presence: mesh.Presence(k.Presence), LRI: k.LRI}}
}

func (k SetPresence) words() string { return fmt.Sprintf("%s, lri %d", k.Presence, k.LRI) }

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
