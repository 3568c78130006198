package analysis

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

func transmitted(t, arrive clock.Time, from, to sim.NodeID) trace.Event {
	return trace.Event{Kind: trace.EnvelopeTransmitted, T: t, Node: from, Peer: to, Payload: trace.Payload{Arrive: arrive}}
}

func at(t clock.Time, node sim.NodeID, n int64) trace.Event {
	return trace.Event{Kind: trace.EnvelopeDelivered, T: t, Node: node, Payload: trace.Payload{N: n}}
}

// The cone follows copies of either run, and only those sent after it arrived.
func TestLightCone(t *testing.T) {
	a := []trace.Event{transmitted(5, 15, 0, 1), transmitted(12, 18, 1, 2), transmitted(15, 25, 1, 2)}
	b := []trace.Event{transmitted(26, 30, 2, 3), transmitted(27, 27, 4, 5), transmitted(27, 27, 2, 4)}
	cone := LightCone(7, []Change{{At: 4, Nodes: []sim.NodeID{0}}}, a, b)
	assert.Equal(t, Cone{4, 15, 25, 30, 27, 27, clock.Never}, cone)
	assert.Equal(t, Cone{9, 9}, LightCone(2, []Change{{At: 9}}, nil, nil), "a change that all nodes feel")
	assert.Equal(t, Cone{3, 9}, LightCone(2, []Change{{At: 9}, {At: 3, Nodes: []sim.NodeID{0}}}, nil, nil))
}

func TestOutside(t *testing.T) {
	cone := Cone{10, 20}
	a := []trace.Event{at(5, 0, 1), at(12, 0, 2), at(19, 1, 3)}
	for name, c := range map[string]struct {
		b    []trace.Event
		leak bool
	}{
		"the same":                {a, false},
		"another inside":          {[]trace.Event{a[0], at(12, 0, 9), a[2]}, false},
		"one less inside":         {[]trace.Event{a[0], a[2]}, false},
		"one more at the edge":    {[]trace.Event{a[0], at(10, 0, 9), a[2]}, false},
		"another outside":         {[]trace.Event{a[0], a[1], at(19, 1, 9)}, true},
		"one less outside":        {a[:2], true},
		"one more outside":        {[]trace.Event{a[0], at(6, 0, 9), a[1], a[2]}, true},
		"another path":            {[]trace.Event{a[0], a[1], {Kind: trace.EnvelopeDelivered, T: 19, Node: 1, Payload: trace.Payload{N: 3, Path: []sim.NodeID{1}}}}, true},
		"another order of others": {[]trace.Event{a[2], a[0], a[1]}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if leak := cone.Outside(a, c.b); c.leak {
				require.NotNil(t, leak)
				assert.Less(t, leak.when(), cone[leak.Node])
			} else {
				assert.Nil(t, leak)
			}
		})
	}
}

// What numbers an event may differ, all else counts.
func TestSame(t *testing.T) {
	a := trace.Event{Kind: trace.EnvelopeDropped, T: 7, Seq: 3, Cause: 2, Because: []uint64{1}, Payload: trace.Payload{Reason: trace.Loss}}
	b := a
	b.Seq, b.Cause, b.Because = 9, 8, nil
	assert.True(t, Same(&a, &b))
	b.Reason = trace.HopLimit
	assert.False(t, Same(&a, &b))
}

// Against a twin that asks, for every chain of copies, whether it carries the
// change.
func TestLightConeAgainstNaiveTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const nodes = 5
		node := rapid.Map(rapid.IntRange(0, nodes-1), func(i int) sim.NodeID { return sim.NodeID(i) })
		events := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) trace.Event {
			sent := clock.Time(rapid.IntRange(0, 30).Draw(t, "sent"))
			return transmitted(sent, sent+clock.Time(rapid.IntRange(0, 5).Draw(t, "latency")), node.Draw(t, "from"), node.Draw(t, "to"))
		}), 0, 12).Draw(t, "events")
		slices.SortStableFunc(events, func(a, b trace.Event) int { return int(a.T - b.T) })
		start, when := node.Draw(t, "start"), clock.Time(rapid.IntRange(0, 30).Draw(t, "at"))
		cut := rapid.IntRange(0, len(events)).Draw(t, "cut")
		got := LightCone(nodes, []Change{{when, []sim.NodeID{start}}}, events[:cut], events[cut:])
		want := slices.Repeat(Cone{clock.Never}, nodes)
		var visit func(at sim.NodeID, since clock.Time, used int)
		visit = func(at sim.NodeID, since clock.Time, used int) {
			want[at] = min(want[at], since)
			for i, e := range events {
				if used&(1<<i) == 0 && e.Node == at && e.T >= since {
					visit(e.Peer, e.Arrive, used|1<<i)
				}
			}
		}
		visit(start, when, 0)
		require.Equal(t, want, got)
	})
}

func TestRecordingKeepsItsOwn(t *testing.T) {
	var r Recording
	e := trace.Event{Seq: 1, Because: []uint64{5}, Payload: trace.Payload{Path: []sim.NodeID{1, 2}}}
	r.Emit(&e)
	e.Path[0], e.Because[0] = 9, 9
	r.Emit(&trace.Event{Kind: trace.ExpectationFailed})
	require.Len(t, r.Events, 1, "what is outside the record is left out")
	assert.Equal(t, []sim.NodeID{1, 2}, r.Events[0].Path)
	assert.Equal(t, []uint64{5}, r.Events[0].Because)
}
