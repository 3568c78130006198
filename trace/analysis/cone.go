package analysis

import (
	"cmp"
	"slices"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// Change is what sets a run apart from its twin: from time At on it acts on the
// nodes that it names. nil Nodes are all of them.
type Change struct {
	At    clock.Time
	Nodes []sim.NodeID
}

// Cone is the light cone of a change: by node, the first moment at which the
// change could have reached it. clock.Never: it could not.
type Cone []clock.Time

// LightCone follows the changes along the transmissions of either run: a node
// that was reached reaches those it sends to, when the copy arrives there.
func LightCone(nodes int, changes []Change, a, b []trace.Event) Cone {
	cone := Cone(slices.Repeat([]clock.Time{clock.Never}, nodes))
	for _, c := range changes {
		reached := c.Nodes
		if reached == nil {
			for id := range sim.NodeID(nodes) {
				reached = append(reached, id)
			}
		}
		for _, id := range reached {
			cone[id] = min(cone[id], c.At)
		}
	}
	sent := transmissions(a, b)
	for spreads := true; spreads; { // once more where a link of latency 0 passed it on within an instant
		spreads = false
		for _, s := range sent {
			if s.at >= cone[s.from] && s.arrive < cone[s.to] {
				cone[s.to], spreads = s.arrive, true
			}
		}
	}
	return cone
}

// transmission is one copy on a link.
type transmission struct {
	at, arrive clock.Time
	from, to   sim.NodeID
}

// transmissions lists those of both runs by time.
func transmissions(runs ...[]trace.Event) []transmission {
	var all []transmission
	for _, events := range runs {
		for i := range events {
			if e := &events[i]; e.Kind == trace.EnvelopeTransmitted {
				all = append(all, transmission{e.T, e.Arrive, e.Node, e.Peer})
			}
		}
	}
	slices.SortFunc(all, func(a, b transmission) int { return cmp.Compare(a.at, b.at) })
	return all
}

// Leak is a difference outside the light cone: events of one node, before the
// change could have reached it. One of the two may be nil, when the other run has
// no such event.
type Leak struct {
	Node    sim.NodeID
	Reached clock.Time // when the change could first have been felt there
	A, B    *trace.Event
}

// Outside returns the earliest difference outside the cone, or nil when there is
// none. Events of the mesh as a whole are nobody's, and not compared.
func (c Cone) Outside(a, b []trace.Event) *Leak {
	before, after := c.shadow(a), c.shadow(b)
	var first *Leak
	for id := range c {
		leak := c.compare(sim.NodeID(id), before[id], after[id])
		if leak != nil && (first == nil || leak.when() < first.when()) {
			first = leak
		}
	}
	return first
}

// shadow sorts the events that the change could not have reached by node.
func (c Cone) shadow(events []trace.Event) [][]*trace.Event {
	by := make([][]*trace.Event, len(c))
	for i := range events {
		if e := &events[i]; e.Node != sim.NoNode && e.T < c[e.Node] {
			by[e.Node] = append(by[e.Node], e)
		}
	}
	return by
}

func (c Cone) compare(id sim.NodeID, a, b []*trace.Event) *Leak {
	leak := &Leak{Node: id, Reached: c[id]}
	for i := range max(len(a), len(b)) {
		if i < len(a) && i < len(b) && Same(a[i], b[i]) {
			continue
		}
		if i < len(a) {
			leak.A = a[i]
		}
		if i < len(b) {
			leak.B = b[i]
		}
		return leak
	}
	return nil
}

func (l *Leak) when() clock.Time {
	switch {
	case l.A == nil:
		return l.B.T
	case l.B == nil:
		return l.A.T
	}
	return min(l.A.T, l.B.T)
}
