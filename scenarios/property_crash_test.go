package scenarios_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/trace"
)

// straddled has b crash while the second copy of a broadcast is under way to it: the
// first came at 10 ms, the second comes at 310 ms, by c.
func straddled(lose string) *scenarios.Scenario {
	slow := scenarios.Constant(ms(300))
	return &scenarios.Scenario{
		Name: "straddled", Duration: 2 * time.Second,
		Topology: scenarios.Topology{Kind: scenarios.OwnLinks{}},
		Link:     scenarios.Link{Latency: scenarios.Constant(ms(10))},
		Links: []scenarios.Links{
			{Between: []string{"a", "b"}}, {Between: []string{"a", "c"}}, {Between: []string{"b", "c"}, Latency: &slow},
		},
		Routing: scenarios.Routing{Strategy: "flood"},
		Traffic: []scenarios.Traffic{
			{Name: "news", Kind: scenarios.Messages{}, From: scenarios.NodeSet{IDs: []string{"a"}}, To: scenarios.Target{How: scenarios.ToAll}, Arrivals: "periodic", Interval: ms(100), Count: 1},
			messages("from b", []string{"b"}, []string{"a"}, ms(500), ms(100), 100, 4),
			messages("to b", []string{"a"}, []string{"b"}, ms(500), ms(100), 100, 4),
		},
		Faults: []scenarios.Fault{cut("crash", 100, 200, scenarios.NodeCrash{Nodes: scenarios.NodeList{"b"}, Lose: lose})},
	}
}

func TestWhatACrashLoses(t *testing.T) {
	for _, c := range []struct {
		lose           string
		again, refused int64
		fromB          int64 // of 4
	}{
		{"nothing", 0, 0, 4},
		{"state", 1, 0, 4},
		{"identity", 1, 8, 0},
	} {
		delivered, result := record(t, straddled(c.lose), trace.EnvelopeDelivered)
		traffic, copies := result.Metrics.Traffic, result.Metrics.Copies
		assert.Equal(t, c.again, copies.Delivered-traffic.Delivered, c.lose)
		assert.EqualValues(t, c.refused, result.Metrics.Drops["bad_signature"], c.lose)
		assert.Equal(t, c.refused, result.Faults[0].Effect.Envelopes, c.lose)
		assert.Equal(t, 2+c.fromB+4, traffic.Delivered, c.lose)
		news := slices.DeleteFunc(delivered, func(e trace.Event) bool { return e.Flow.Name != "news" || e.T != 310_000_000 })
		assert.Len(t, news, int(c.again), c.lose)
	}
}

// A message that the node itself wrote before it forgot is forwarded like any other
// when it comes back to it, and that is no fault of the run.
func TestCrashedOriginMeetsItsOwn(t *testing.T) {
	s := straddled("state")
	s.Traffic[0].From.IDs = []string{"b"}
	s.Faults[0].At, s.Faults[0].Until = ms(5), ms(6)
	forwarded, _ := record(t, s, trace.EnvelopeForwarded)
	assert.True(t, slices.ContainsFunc(forwarded, func(e trace.Event) bool { return e.Origin == e.Node }))
	count := newRecount()
	copies := run(t, s, scenarios.Options{Sinks: []trace.Sink{count}}).Metrics.Copies
	assert.EqualValues(t, count.created, copies.Created, "it was not delivered, so it goes on")
	assert.Empty(t, count.wrong)
}

// Whatever faults there are, what is up and what is not follows from them alone, and
// nothing happens at a node that is down but the loss of what comes there. Its links
// send what they were handed before.
func TestTheDeadDoNothing(t *testing.T) {
	lost := 0
	gen.Check(t, gen.Troubled, func(t *rapid.T, s *scenarios.Scenario) {
		events, _ := record(t, s)
		m, err := s.Mesh()
		require.NoError(t, err)
		up, incarnation := make([]bool, len(m.Nodes)), make([]int64, len(m.Nodes))
		for _, e := range events {
			switch {
			case e.Kind == trace.NodeUp:
				incarnation[e.Node]++
				require.False(t, up[e.Node])
				require.Equal(t, incarnation[e.Node], e.Incarnation)
				require.Equal(t, e.Incarnation == 1, e.Lose == trace.NoLose)
				up[e.Node] = true
			case e.Kind == trace.NodeDown:
				require.True(t, up[e.Node])
				require.Equal(t, incarnation[e.Node], e.Incarnation)
				up[e.Node] = false
			case e.Kind == trace.EnvelopeDropped && e.Reason == trace.NodeIsDown:
				require.False(t, up[e.Node])
				lost++
			case e.Kind.OfEnvelope() && e.Layer != trace.Wire && e.Kind != trace.EnvelopeTransmitted:
				require.True(t, up[e.Node], "%v at %s", e.Kind, m.Nodes[e.Node].ID)
			}
		}
	})
	require.Positive(t, lost)
}

// A paused node does nothing, though its links do, and whoever it is, everything that was under way to
// it at the end of its pauses is handled.
func TestThePausedDoNothing(t *testing.T) {
	gen.Check(t, func(t *rapid.T) *scenarios.Scenario {
		s := gen.Troubled(t)
		s.Faults = append(s.Faults, scenarios.Fault{
			Name: "all", At: ms(50), Until: s.Duration + ms(51), Kind: scenarios.Pause{Nodes: scenarios.NodeList{"*"}},
		})
		return s
	}, func(t *rapid.T, s *scenarios.Scenario) {
		events, result := record(t, s)
		for _, e := range events {
			if e.Kind.OfEnvelope() && e.Layer != trace.Wire && e.Kind != trace.EnvelopeTransmitted && e.T >= 50_000_000 {
				require.Equal(t, trace.NodeIsDown, e.Reason, "only what crashes ends is told")
			}
		}
		require.Equal(t, result.Metrics.Copies.Created, result.Metrics.Copies.Delivered+result.Metrics.Copies.Dropped+result.Metrics.Copies.InFlight)
	})
}

// Clocks that are wrong change nothing but dates, skew and what tells of the faults.
func TestSkewsChangeOnlyDates(t *testing.T) {
	gen.Check(t, gen.Troubled, func(t *rapid.T, s *scenarios.Scenario) {
		if s.Routing.Learns() { // a hello comes when the node's clock says so
			s.Routing.Strategy = "shortest_path"
		}
		skewed := *s
		offset, drift := scenarios.Offset(-5*time.Second), scenarios.PPM(-12_345)
		skewed.NodeDefaults.ClockOffset, skewed.NodeDefaults.ClockDrift = offset, drift
		want, _ := record(t, s)
		got, _ := record(t, &skewed)
		for i := range got {
			got[i].Skew = 0
		}
		for i := range want {
			want[i].Skew = 0
		}
		require.Equal(t, want, got)
	})
}

// [node_defaults] hold for all, but for what an entry gives.
func TestNodeDefaultsAndEntries(t *testing.T) {
	s := pair(1)
	at, off, fast := scenarios.StartAt(ms(30)), scenarios.Offset(0), scenarios.PPM(1_000_000)
	s.Traffic[0].Start = ms(1000)
	s.NodeDefaults = scenarios.NodeDefaults{Start: scenarios.StartAt(ms(20)), ClockOffset: scenarios.Offset(ms(-3)), ClockDrift: 500}
	s.Nodes = []scenarios.Node{{ID: "b", Start: &at}, {ID: "a", ClockOffset: &off, ClockDrift: &fast}}
	events, _ := record(t, s, trace.NodeUp, trace.EnvelopeSent)
	require.Len(t, events, 3)
	assert.Equal(t, []any{"0", "20ms", "30ms", ms(1)}, []any{"0", events[0].T.String(), events[1].T.String(), events[2].Skew}, "1000 ppm of 1 s")
	s.Nodes = nil
	events, _ = record(t, s, trace.EnvelopeSent)
	assert.Equal(t, ms(-3)+500*time.Nanosecond, events[0].Skew, "half a ppm")
}

// A drawn start is the node's own: it does not depend on who else there is.
func TestDrawnStartsBelongToTheNode(t *testing.T) {
	starts := func(n int64) map[string]string {
		s := &scenarios.Scenario{
			Name: "ring", Seed: 3, Duration: time.Second, Topology: scenarios.Topology{Kind: scenarios.Ring{Nodes: n}},
			NodeDefaults: scenarios.NodeDefaults{Start: scenarios.StartTime{Min: ms(100), Max: ms(900), Uniform: true}},
		}
		m, err := s.Mesh()
		require.NoError(t, err)
		r := &recorder{kinds: []trace.Kind{trace.NodeUp}}
		_, err = s.Run(scenarios.Options{Sinks: []trace.Sink{r}})
		require.NoError(t, err)
		at := map[string]string{}
		for _, e := range r.events {
			at[m.Nodes[e.Node].ID] = e.T.String()
			assert.True(t, e.T >= 100_000_000 && e.T <= 900_000_000)
		}
		return at
	}
	few, many := starts(5), starts(12)
	assert.Len(t, many, 12)
	for id, at := range few {
		assert.Equal(t, at, many[id])
	}
	assert.NotEqual(t, few["n0"], few["n1"])
}
