package world

import (
	"cmp"
	"slices"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// Fault is one thing that goes wrong for a time.
type Fault struct {
	Name   string
	Kind   string
	At     clock.Time
	Until  clock.Time // clock.Never: to the end
	Effect netmodel.Fault
}

// Faults is the source that begins and ends faults. At equal times ends come
// before beginnings, and both in the order of the list.
type Faults []Fault

// faultState is what the world knows of a fault while it runs.
type faultState struct {
	begun  uint64 // seq of its fault_begin
	active bool
}

// A turn's tag is twice the fault's index, plus one for its beginning.

// Start implements Source.
func (f Faults) Start(s *Schedule) {
	s.faults = make([]faultState, len(f))
	type turn struct {
		at  clock.Time
		tag uint64
	}
	var turns []turn
	for i := range f {
		turns = append(turns, turn{f[i].At, uint64(i)<<1 | 1})
		if f[i].Until != clock.Never {
			turns = append(turns, turn{f[i].Until, uint64(i) << 1})
		}
	}
	slices.SortFunc(turns, func(a, b turn) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.tag&1, b.tag&1), cmp.Compare(a.tag, b.tag))
	})
	for _, t := range turns {
		s.At(t.at, t.tag)
	}
}

// Do implements Source.
func (f Faults) Do(s *Schedule, tag uint64) {
	i := tag >> 1
	fault, state, id := &f[i], &s.faults[i], netmodel.FaultID(i)
	if state.active = tag&1 == 1; state.active {
		state.begun = s.tellFault(trace.FaultBegin, fault, 0)
		s.tellLinks(s.net.Begin(id, fault.Effect), trace.LinkDown, mesh.NeighbourDown, state.begun)
		return
	}
	ended := s.tellFault(trace.FaultEnd, fault, state.begun)
	s.tellLinks(s.net.End(id), trace.LinkUp, mesh.NeighbourUp, ended)
}

// FaultActive reports whether the fault with this index has begun and not ended.
func (w *World) FaultActive(i int) bool { return w.faults[i].active }

func (w *World) tellFault(k trace.Kind, f *Fault, cause uint64) uint64 {
	w.event = trace.Event{Kind: k, Node: sim.NoNode, Peer: sim.NoNode, Payload: trace.Payload{Name: f.Name, What: f.Kind}}
	return w.emit(cause)
}

// tellLinks records links that went up or down, and the routes that changed with
// them, and tells the links' sending ends.
func (w *World) tellLinks(links []netmodel.Ends, k trace.Kind, told mesh.InputKind, cause uint64) {
	for _, l := range links {
		w.event = trace.Event{Kind: k, Node: l.From, Peer: l.To}
		seq := w.emit(cause)
		if w.nodes[l.From].up {
			w.step(l.From, mesh.Input{Kind: told, From: l.To}, seq)
		}
	}
	w.tellRoutes(links, cause)
}

// tellRoutes records how the routes of the all-knowing oracle changed with links
// that went up or down.
func (w *World) tellRoutes(changed []netmodel.Ends, cause uint64) {
	if !w.config.RouteEvents || len(changed) == 0 {
		return
	}
	w.net.RouteChanges(changed, func(r netmodel.Route) {
		w.event = trace.Event{Kind: trace.RouteChanged, Node: r.Node, Peer: sim.NoNode, Payload: trace.Payload{
			Destination: r.Destination, Next: r.Next, Metric: int64(r.Metric),
		}}
		w.emit(cause)
	})
}
