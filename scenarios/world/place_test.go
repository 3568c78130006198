package world

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

func msec(n int64) clock.Time { return clock.Time(n * int64(time.Millisecond)) }

// span is an outage from … until ms; until 0 is to the end.
func span(from, until int64, e Effect) Outage {
	o := Outage{At: msec(from), Until: msec(until), Effect: e}
	if until == 0 {
		o.Until = clock.Never
	}
	return o
}

// faults has every outage as a fault of its own: f0, f1, ….
func faults(outages ...Outage) Faults {
	var f Faults
	for i, o := range outages {
		f = append(f, Fault{Name: fmt.Sprintf("f%d", i), Kind: "trouble", At: o.At, Until: o.Until, Outages: []Outage{o}})
	}
	return f
}

// every is a sink that keeps events of some kinds.
type every struct {
	kinds []trace.Kind
	list  []trace.Event
}

func (s *every) Emit(e *trace.Event) {
	if slices.Contains(s.kinds, e.Kind) {
		s.list = append(s.list, e.Clone())
	}
}

// heard is an input as a node got it.
type heard struct {
	at   clock.Time // by its own clock
	kind mesh.InputKind
	from sim.NodeID
	tag  uint64
}

// ear notes what it hears, ticks every 10 ms and delivers what comes.
func ear(into *[]heard) func(Seat) stepper {
	return func(Seat) stepper {
		return func(now clock.Time, in *mesh.Input, out *mesh.Outbox) {
			*into = append(*into, heard{now, in.Kind, in.From, in.Tag})
			switch in.Kind {
			case mesh.Start, mesh.Timer:
				out.Wake(10*time.Millisecond, in.Tag)
			case mesh.Arrive:
				out.Deliver(in.Envelope)
			}
		}
	}
}

// beats is a source that has node 0 write to node 1 every 10 ms, from 5 ms on.
type beats struct{ n int64 }

func (*beats) Start(s *Schedule) { s.At(msec(5), 0) }
func (b *beats) Do(s *Schedule, _ uint64) {
	s.Submit(Message{Origin: 0, Destination: 1, Type: "BEAT", Size: 1, Key: sim.Key{Source: 7, N: uint64(b.n)}, Flow: trace.Flow{Name: "beat"}, N: b.n})
	b.n++
	s.At(s.Now().Add(10*time.Millisecond), 0)
}

// A node that starts takes its links to be up, and is told of those that are not.
func TestStartTellsOfLinksThatAreDown(t *testing.T) {
	var got []heard
	c, _ := line(3, time.Millisecond, map[int]func(Seat) stepper{1: ear(&got)})
	c.Sources = []Source{faults(
		span(2, 9, OnWires{netmodel.LinkDownFault{Links: []netmodel.Ends{{From: 1, To: 0}}}}),
		span(4, 0, OnWires{netmodel.LinkDownFault{Links: []netmodel.Ends{{From: 1, To: 2}}}}),
		span(3, 6, Crash{[]sim.NodeID{1}, trace.LoseNothing}),
	)}
	build(t, c).Run(msec(9))
	assert.Equal(t, []heard{
		{0, mesh.Start, sim.NoNode, 1}, {msec(2), mesh.NeighbourDown, 0, 0},
		{msec(6), mesh.Start, sim.NoNode, 2}, {msec(6), mesh.NeighbourDown, 0, 0}, {msec(6), mesh.NeighbourDown, 2, 0},
		{msec(9), mesh.NeighbourUp, 0, 0},
	}, got)
}

// A node that comes up is told what its links cost now, if that changed while it was
// down.
func TestStartTellsOfCostsThatChanged(t *testing.T) {
	slower := netmodel.Constant(5 * time.Millisecond)
	for name, of := range map[string]struct {
		fault Outage
		told  []clock.Time
	}{
		"while it is down":          {span(4, 0, OnWires{netmodel.LinkSetFault{Links: []netmodel.Ends{{From: 1, To: 2}}, Set: netmodel.LinkValues{Latency: &slower}}}), []clock.Time{msec(6), msec(6)}},
		"and changed back":          {span(4, 5, OnWires{netmodel.LinkSetFault{Links: []netmodel.Ends{{From: 1, To: 2}}, Set: netmodel.LinkValues{Latency: &slower}}}), []clock.Time{msec(6), msec(6)}},
		"before":                    {span(2, 0, OnWires{netmodel.LinkSetFault{Links: []netmodel.Ends{{From: 1, To: 2}}, Set: netmodel.LinkValues{Latency: &slower}}}), []clock.Time{msec(2)}},
		"of a link that is not its": {span(4, 0, OnWires{netmodel.LinkSetFault{Links: []netmodel.Ends{{From: 2, To: 1}}, Set: netmodel.LinkValues{Latency: &slower}}}), nil},
	} {
		var at []clock.Time
		last := map[sim.NodeID]time.Duration{}
		c, _ := line(3, time.Millisecond, map[int]func(Seat) stepper{1: func(Seat) stepper {
			return func(now clock.Time, in *mesh.Input, _ *mesh.Outbox) {
				if in.Kind == mesh.LinkCost {
					at, last[in.From] = append(at, now), in.Cost
				}
			}
		}})
		c.Sources = []Source{faults(of.fault, span(3, 6, Crash{[]sim.NodeID{1}, trace.LoseNothing}))}
		w := build(t, c)
		w.Run(msec(9))
		assert.Equal(t, of.told, at, name)
		for to, cost := range last {
			i := slices.Index(w.net.Neighbours(1), to)
			assert.Equal(t, w.net.Costs(1)[i], cost, name)
		}
	}
}

// Nothing of an event that is about no envelope stays in later ones.
func TestFactsLeaveNothing(t *testing.T) {
	c, seen := line(2, time.Millisecond, map[int]func(Seat) stepper{0: func(Seat) stepper {
		return func(_ clock.Time, in *mesh.Input, out *mesh.Outbox) {
			out.Tell(trace.Event{Kind: trace.RouteChanged, Peer: sim.NoNode, Payload: trace.Payload{Destination: 1, Next: 1, Metric: 7, Seqno: 8}})
			if in.Envelope != nil {
				out.Send(in.Envelope, []sim.NodeID{1})
			}
		}
	}})
	sound(t, build(t, c))
	require.Len(t, *seen, 3)
	for _, e := range *seen {
		assert.Equal(t, []int64{0, 0, 0}, []int64{int64(e.Next), e.Metric, e.Seqno}, e.Kind)
	}
}

// Nodes that start later are down until then: to messages, to routes, to traffic.
func TestLateStart(t *testing.T) {
	var got []heard
	c, seen := line(3, time.Millisecond, map[int]func(Seat) stepper{1: ear(&got)})
	c.RouteEvents = true
	c.Metrics.To = msec(60)
	told := &every{kinds: []trace.Kind{trace.NodeUp, trace.RouteChanged}}
	c.Sinks = append(c.Sinks, told)
	c.Nodes[1].Start, c.Nodes[2].Start = msec(22), msec(22)
	c.Sources = []Source{faults(span(20, 30, Crash{[]sim.NodeID{2}, trace.LoseState}), span(10, 18, Crash{[]sim.NodeID{1}, trace.LoseState})), &beats{}}
	w := build(t, c)
	_, ok := w.net.NextHop(0, 1)
	assert.False(t, ok)
	sum := sound(t, w)
	assert.Equal(t, heard{msec(22), mesh.Start, sim.NoNode, 1}, got[0])
	assert.EqualValues(t, 2, sum.Drops["node_down"])
	assert.EqualValues(t, 6, sum.Traffic.Sent)
	for _, e := range *seen {
		if e.Kind == trace.EnvelopeDropped {
			assert.Empty(t, e.Because, "nothing is wrong")
		}
	}
	var ups []string
	routes := map[clock.Time]int{}
	for _, e := range told.list {
		if e.Kind == trace.NodeUp {
			ups = append(ups, fmt.Sprint(e.T, " ", e.Node, " ", e.Incarnation, " ", e.Lose, " ", e.Cause > 0))
		} else {
			routes[e.T]++
		}
	}
	assert.Equal(t, []string{"0s 0 1  false", "22ms 1 1  false", "30ms 2 1  true"}, ups)
	assert.Equal(t, map[clock.Time]int{msec(22): 2, msec(30): 4}, routes)
}

// Everyone at once costs one look at the routes.
func TestNodesThatStartTogether(t *testing.T) {
	c, _ := line(4, time.Millisecond, nil)
	c.Sources = nil
	for i := range c.Nodes {
		c.Nodes[i].Start = msec(5)
	}
	c.RouteEvents = true
	told := &every{kinds: []trace.Kind{trace.NodeUp, trace.RouteChanged}}
	c.Sinks = []trace.Sink{told}
	w := build(t, c)
	w.Run(msec(10))
	assert.EqualValues(t, 1, w.Steps())
	require.Len(t, told.list, 4+12)
	for _, e := range told.list[4:] {
		assert.Equal(t, []any{trace.RouteChanged, told.list[3].Seq}, []any{e.Kind, e.Cause})
	}
}

// A node made anew knows nothing, but chance and ids go on: its author counts on.
func TestMadeAnew(t *testing.T) {
	var composed []mesh.Envelope
	var identities []mesh.Identity
	c, _ := line(2, time.Millisecond, map[int]func(Seat) stepper{1: func(s Seat) stepper {
		identities = append(identities, s.Identity)
		return func(now clock.Time, in *mesh.Input, _ *mesh.Outbox) {
			if in.Kind == mesh.Start {
				e := s.Author.Compose(now, "HELLO", 0, 1)
				e.Copy = int32(len(composed))
				composed = append(composed, *e)
				if s.Keyring.Verify(e) {
					composed[len(composed)-1].Control = true
				}
			}
		}
	}})
	c.Sources = []Source{faults(
		span(10, 20, Crash{[]sim.NodeID{1}, trace.LoseNothing}), span(30, 40, Crash{[]sim.NodeID{1}, trace.LoseState}),
		span(50, 60, Crash{[]sim.NodeID{1}, trace.LoseIdentity}), span(70, 80, Crash{[]sim.NodeID{1}, trace.LoseState}),
		span(90, 95, Crash{[]sim.NodeID{1}, trace.LoseIdentity}),
	)}
	build(t, c).Run(msec(100))
	var valid []bool
	ids := map[trace.EnvelopeID]bool{}
	for i, e := range composed {
		valid = append(valid, e.Control)
		ids[e.ID] = true
		assert.EqualValues(t, i, e.Key.N)
	}
	assert.Equal(t, []bool{true, true, true, false, false, false}, valid)
	assert.Len(t, ids, 6)
	require.Len(t, identities, 5)
	assert.Equal(t, identities[0], identities[1])
	assert.NotEqual(t, identities[1], identities[2])
	assert.Equal(t, identities[2], identities[3])
	assert.NotEqual(t, identities[3], identities[4])
}
