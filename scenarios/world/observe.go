package world

import (
	"slices"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// NodeUp reports whether the node runs.
func (w *World) NodeUp(id sim.NodeID) bool { return w.nodes[id].up }

// Digest is the digest of the run so far.
func (w *World) Digest() string { return w.hub.Digest() }

// Events is the number of the last event.
func (w *World) Events() uint64 { return w.hub.Events() }

// Steps is the number of dispatches of the engine.
func (w *World) Steps() uint64 { return w.engine.Steps() }

// Checkpoints are those kept so far.
func (w *World) Checkpoints() []trace.Checkpoint { return w.hub.Checkpoints() }

// Metrics is what counts the run.
func (w *World) Metrics() *trace.Metrics { return w.metrics }

// Effect is what the fault of this name has done so far.
func (w *World) Effect(fault string) trace.FaultEffect { return w.effects.Of(fault) }

// LinkStats is what the link has done so far.
func (w *World) LinkStats(from, to sim.NodeID) netmodel.Stats { return w.net.Stats(from, to) }

// Invariants are the accounts of the built-in checkers.
func (w *World) Invariants() []trace.Invariant {
	all := make([]trace.Invariant, len(w.checkers))
	for i, c := range w.checkers {
		all[i] = c.Result()
	}
	return all
}

// Router is a node that can say, without doing it, where it would send an envelope.
type Router interface {
	Route(e *mesh.Envelope, from sim.NodeID, buf []sim.NodeID) []sim.NodeID
}

// RouteUp reports whether an envelope that a hands in now would reach b, if no
// chance, no queue and no later change stopped it: it follows what the nodes
// would do over links that are neither down nor cut.
func (w *World) RouteUp(a, b sim.NodeID) bool {
	if !w.nodes[a].up || !w.nodes[b].up {
		return false
	}
	type visit struct{ node, before int32 }
	probe := mesh.Envelope{Origin: a, Destination: b}
	seen := make([]bool, len(w.nodes))
	seen[a] = true
	visits := []visit{{int32(a), -1}}
	for i := 0; i < len(visits); i++ {
		at := sim.NodeID(visits[i].node)
		if at == b {
			return true
		}
		router, ok := w.nodes[at].node.(Router)
		if !ok {
			continue
		}
		probe.Hops = probe.Hops[:0]
		for k := int32(i); visits[k].before >= 0; k = visits[k].before {
			probe.Hops = append(probe.Hops, sim.NodeID(visits[k].node))
		}
		slices.Reverse(probe.Hops)
		from := sim.NoNode
		if visits[i].before >= 0 {
			from = sim.NodeID(visits[visits[i].before].node)
		}
		for _, next := range router.Route(&probe, from, nil) {
			if w.net.Held(at, next) == netmodel.Arrives && !seen[next] && w.nodes[next].up {
				seen[next] = true
				visits = append(visits, visit{int32(next), int32(i)})
			}
		}
	}
	return false
}

// State is what a node looks like from outside at one moment.
type State struct {
	ID       string      `json:"id"`
	Up       bool        `json:"up"`
	Arriving int         `json:"arriving"` // copies on their way to it
	Kept     int         `json:"kept"`     // copies that it took in and has not ended
	Timers   int         `json:"timers"`
	Links    []LinkState `json:"links"`
}

// LinkState is a link out of a node.
type LinkState struct {
	To  string `json:"to"`
	Now string `json:"now"` // what a copy that arrives there now suffers
	netmodel.Stats
}

// State describes a node as it is now.
func (w *World) State(id sim.NodeID) State {
	s := State{ID: w.names[id], Up: w.nodes[id].up, Kept: len(w.nodes[id].kept)}
	w.engine.Each(func(_ clock.Time, e *event) {
		switch {
		case e.node != id:
		case e.kind == arrival:
			s.Arriving++
		case e.kind == wake:
			s.Timers++
		}
	})
	for _, to := range w.net.Neighbours(id) {
		s.Links = append(s.Links, LinkState{To: w.names[to], Now: w.net.Held(id, to).String(), Stats: w.net.Stats(id, to)})
	}
	return s
}
