package world

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

func TestTimersOfTheDeadNeverFire(t *testing.T) {
	for _, lose := range []trace.Lose{trace.LoseNothing, trace.LoseState, trace.LoseIdentity} {
		var got []heard
		made := 0
		c, _ := line(2, time.Millisecond, map[int]func(Seat) stepper{1: func(s Seat) stepper { made++; return ear(&got)(s) }})
		c.Metrics.To = msec(80)
		c.Sources = []Source{faults(span(25, 52, Crash{[]sim.NodeID{1}, lose}))}
		seen := &every{kinds: []trace.Kind{trace.NodeUp, trace.NodeDown, trace.FaultBegin, trace.FaultEnd}}
		c.Sinks = []trace.Sink{seen}
		w := build(t, c)
		w.Run(msec(40))
		assert.False(t, w.NodeUp(1))
		assert.Zero(t, w.State(1).Timers)
		sound(t, w)
		timer := func(at int64, tag uint64) heard { return heard{msec(at), mesh.Timer, sim.NoNode, tag} }
		assert.Equal(t, []heard{
			{0, mesh.Start, sim.NoNode, 1}, timer(10, 1), timer(20, 1), {msec(52), mesh.Start, sim.NoNode, 2}, timer(62, 2), timer(72, 2),
		}, got, lose)
		assert.Equal(t, map[bool]int{true: 1, false: 2}[lose == trace.LoseNothing], made, lose)
		require.Len(t, seen.list, 6)
		down, up := seen.list[3], seen.list[5]
		assert.Equal(t, []any{trace.NodeDown, msec(25), int64(1), seen.list[2].Seq}, []any{down.Kind, down.T, down.Incarnation, down.Cause})
		assert.Equal(t, []any{trace.NodeUp, msec(52), int64(2), lose, seen.list[4].Seq}, []any{up.Kind, up.T, up.Incarnation, up.Lose, up.Cause})
		assert.Equal(t, trace.NoLose, seen.list[0].Lose)
	}
}

// Copies that come to a crashed node are dropped there, with the crash that began
// first to blame; its applications submit nothing.
func TestArrivalsAtACrashedNode(t *testing.T) {
	var got []heard
	c, seen := line(2, time.Millisecond, map[int]func(Seat) stepper{1: ear(&got)})
	c.Metrics.To = msec(100)
	begins := &every{kinds: []trace.Kind{trace.FaultBegin}}
	c.Sinks = append(c.Sinks, begins)
	both := []sim.NodeID{1}
	c.Sources = []Source{
		faults(span(10, 40, Crash{both, trace.LoseNothing}), span(30, 60, Crash{both, trace.LoseNothing}), span(70, 90, Crash{[]sim.NodeID{0}, trace.LoseNothing})),
		&beats{},
	}
	w := build(t, c)
	sum := sound(t, w)
	var reasons []string
	for _, e := range *seen {
		if e.Kind == trace.EnvelopeDropped {
			assert.Equal(t, []any{trace.NodeIsDown, trace.Node, sim.NodeID(1), sim.NodeID(0), []sim.NodeID{0, 1}}, []any{e.Reason, e.Layer, e.Node, e.Peer, e.Path})
			fault := slices.IndexFunc(begins.list, func(b trace.Event) bool { return b.Seq == e.Because[0] })
			reasons = append(reasons, fmt.Sprint(e.T, " ", begins.list[fault].Name))
		}
	}
	assert.Equal(t, []string{"16ms f0", "26ms f0", "36ms f0", "46ms f1", "56ms f1"}, reasons)
	assert.EqualValues(t, 8, sum.Traffic.Sent, "two of ten while its source is down")
	assert.EqualValues(t, 3, sum.Traffic.Delivered)
	assert.EqualValues(t, 5, sum.Drops["node_down"])
	assert.EqualValues(t, 3, w.Effect("f0").Envelopes)
	assert.EqualValues(t, 2, w.Effect("f1").Envelopes)
	assert.True(t, w.Effect("f2").Vacuous())
}

func TestCrashEndsWhatTheNodeKeeps(t *testing.T) {
	c, seen := line(3, 10*time.Millisecond, map[int]func(Seat) stepper{1: keeper(1)})
	c.Sources = append(c.Sources, faults(span(500, 700, Crash{[]sim.NodeID{1}, trace.LoseNothing})))
	w := build(t, c)
	sum := sound(t, w)
	last := (*seen)[len(*seen)-1]
	assert.Equal(t, []any{trace.EnvelopeDropped, msec(500), trace.NodeIsDown, sim.NodeID(1), sim.NodeID(0)}, []any{last.Kind, last.T, last.Reason, last.Node, last.Peer})
	assert.Zero(t, w.State(1).Kept)
	assert.Zero(t, sum.Copies.InFlight)
	assert.EqualValues(t, 1, w.Effect("f0").Envelopes)
}

// A link is cut before its end is down: the wire has the first word.
func TestCutBeforeDown(t *testing.T) {
	c, _ := line(2, 10*time.Millisecond, nil)
	c.Sources = append(c.Sources, faults(
		span(5, 0, Crash{[]sim.NodeID{1}, trace.LoseNothing}), span(5, 0, OnWires{netmodel.LinkDownFault{Links: []netmodel.Ends{{From: 0, To: 1}}}})))
	assert.EqualValues(t, 1, sound(t, build(t, c)).Drops["link_down"])
}

// Any overlap of crashes and a late start, against a twin that looks at all of
// them at every millisecond.
func TestOverlappingCrashesAgainstTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.SampledFrom([]int64{0, 0, 7, 20}).Draw(t, "start")
		var outages []Outage
		for range rapid.IntRange(0, 6).Draw(t, "crashes") {
			from := rapid.Int64Range(1, 40).Draw(t, "from")
			until := from + rapid.Int64Range(1, 20).Draw(t, "for")
			lose := rapid.SampledFrom([]trace.Lose{trace.LoseNothing, trace.LoseState, trace.LoseIdentity}).Draw(t, "lose")
			outages = append(outages, span(from, until, Crash{[]sim.NodeID{1}, lose}))
		}
		slices.SortStableFunc(outages, func(a, b Outage) int { return cmp.Compare(a.At, b.At) })
		var want []string
		up, incarnation, lose := false, 0, trace.NoLose
		for ms := range int64(70) {
			for _, phase := range []string{"ends", "begin"} { // the order of what happens at one instant
				held := ms < start
				for _, o := range outages {
					begun, ended := o.At <= msec(ms), o.Until <= msec(ms)
					if phase == "ends" {
						begun = o.At < msec(ms)
					}
					if begun && !ended {
						held = true
						lose = max(lose, o.Effect.(Crash).Lose)
					}
				}
				switch {
				case up && held:
					want = append(want, fmt.Sprint(ms, " node_down ", incarnation, " "))
					up = false
				case !up && !held && (phase == "ends" || ms == 0 || ms == start):
					if incarnation++; incarnation == 1 {
						lose = trace.NoLose
					}
					want = append(want, fmt.Sprint(ms, " node_up ", incarnation, " ", lose))
					up = true
				}
				if up {
					lose = trace.NoLose
				}
			}
		}
		c, _ := line(2, time.Millisecond, nil)
		c.Nodes[1].Start = msec(start)
		c.Metrics.To = msec(69)
		seen := &every{kinds: []trace.Kind{trace.NodeUp, trace.NodeDown}}
		c.Sinks, c.Sources = []trace.Sink{seen}, []Source{faults(outages...)}
		w, err := New(c)
		require.NoError(t, err)
		require.Equal(t, Reached, w.Run(c.Metrics.To))
		var got []string
		for _, e := range seen.list {
			if e.Node == 1 {
				got = append(got, fmt.Sprint(int64(e.T)/1e6, " ", e.Kind, " ", e.Incarnation, " ", e.Lose))
			}
		}
		require.Equal(t, want, got)
		require.Equal(t, up, w.NodeUp(1))
	})
}

// Neighbours hear nothing of a crash; the oracle does, and the routes around it are
// told with it behind them.
func TestWhoIsToldOfACrash(t *testing.T) {
	var got []heard
	c, _ := line(3, time.Millisecond, map[int]func(Seat) stepper{0: ear(&got)})
	c.RouteEvents = true
	told := &every{kinds: []trace.Kind{trace.FaultBegin, trace.FaultEnd, trace.NodeUp, trace.NodeDown, trace.LinkUp, trace.LinkDown, trace.RouteChanged}}
	c.Sinks, c.Sources = []trace.Sink{told}, []Source{faults(span(5, 15, Crash{[]sim.NodeID{1}, trace.LoseNothing}))}
	w := build(t, c)
	w.Run(msec(10))
	_, ok := w.net.NextHop(0, 2)
	assert.False(t, ok)
	assert.False(t, w.Route(0, 2).Up)
	w.Run(msec(30))
	_, ok = w.net.NextHop(0, 2)
	assert.True(t, ok)
	for _, h := range got {
		assert.Contains(t, []mesh.InputKind{mesh.Start, mesh.Timer}, h.kind)
	}
	count := map[string]int{}
	for _, e := range told.list {
		count[fmt.Sprint(e.Kind, " by ", e.Cause)]++
	}
	begin, end := told.list[3].Seq, told.list[len(told.list)-8].Seq
	assert.Equal(t, map[string]int{
		"node_up by 0": 3, "fault_begin by 0": 1, fmt.Sprint("node_down by ", begin): 1, fmt.Sprint("route_changed by ", begin): 6,
		fmt.Sprint("fault_end by ", begin): 1, fmt.Sprint("node_up by ", end): 1, fmt.Sprint("route_changed by ", end): 6,
	}, count)
	assert.EqualValues(t, 12, w.Effect("f0").Routes)
}
