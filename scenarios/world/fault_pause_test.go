package world

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// What a paused node handles is what it would have handled, in the same order, at
// the end of the pause if it came within.
func TestPauseIsAShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var outages []Outage
		for range rapid.IntRange(1, 4).Draw(t, "pauses") {
			from := rapid.Int64Range(0, 60).Draw(t, "from")
			outages = append(outages, span(from, from+rapid.Int64Range(1, 30).Draw(t, "for"), Pause{[]sim.NodeID{1}}))
		}
		run := func(f Faults) ([]heard, trace.Summary) {
			var got []heard
			// Its timers are asked for at the start, since those asked for in a pause shift.
			c, _ := line(2, 500*time.Microsecond, map[int]func(Seat) stepper{1: func(Seat) stepper {
				return func(now clock.Time, in *mesh.Input, out *mesh.Outbox) {
					got = append(got, heard{now, in.Kind, in.From, in.Tag})
					switch in.Kind {
					case mesh.Start:
						for i := range time.Duration(20) {
							out.Wake(i*7*time.Millisecond, uint64(i))
						}
					case mesh.Arrive:
						out.Deliver(in.Envelope)
					}
				}
			}})
			c.Metrics.To = msec(150)
			blink := Outage{At: 33_300_000, Until: 34_600_000, Effect: OnWires{netmodel.LinkDownFault{Links: []netmodel.Ends{{From: 1, To: 0}}}}}
			c.Sources = []Source{append(faults(blink), f...), &beats{}}
			w, err := New(c)
			require.NoError(t, err)
			require.Equal(t, Reached, w.Run(c.Metrics.To))
			w.Finish()
			for _, i := range w.Invariants() {
				require.Equal(t, "passed", i.Verdict, i.Detail)
			}
			return got, w.Metrics().Summary()
		}
		want, plain := run(nil)
		until := func(at clock.Time) clock.Time { // the node goes on then, after what comes at this time
			for begun := at + 1; ; begun = at {
				i := slices.IndexFunc(outages, func(o Outage) bool { return o.At < begun && at < o.Until })
				if i < 0 {
					return at
				}
				at = outages[i].Until
			}
		}
		for i := range want {
			if want[i].kind != mesh.Start {
				want[i].at = until(want[i].at)
			}
		}
		named := faults(outages...)
		for i := range named {
			named[i].Name = "pause" + named[i].Name
		}
		got, paused := run(named)
		require.Equal(t, want, got)
		require.Equal(t, plain.Copies, paused.Copies)
	})
}

// A pause holds copies, which are in flight, and submissions, which are made when it
// ends; the pause is to blame for the delay, and nobody is told of it.
func TestPauseHoldsWhatComes(t *testing.T) {
	var got []heard
	c, seen := line(2, time.Millisecond, map[int]func(Seat) stepper{1: ear(&got)})
	c.Metrics.To = msec(100)
	told := &every{kinds: []trace.Kind{trace.NodeUp, trace.NodeDown, trace.RouteChanged, trace.LinkDown, trace.LinkUp, trace.FaultBegin}}
	c.Sinks = append(c.Sinks, told)
	c.RouteEvents = true
	c.Sources = []Source{faults(span(10, 40, Pause{[]sim.NodeID{1}}), span(60, 90, Pause{[]sim.NodeID{0}})), &beats{}}
	w := build(t, c)
	w.Run(msec(30))
	assert.True(t, w.NodeUp(1))
	assert.EqualValues(t, 2, w.Metrics().Summary().Copies.InFlight)
	assert.Equal(t, 3, w.State(1).Waiting, "two copies and its timer")
	w.audit()
	sum := sound(t, w)
	assert.Len(t, told.list, 4, "two nodes that start, two faults")
	assert.EqualValues(t, 10, sum.Traffic.Sent)
	assert.EqualValues(t, 10, sum.Traffic.Delivered)
	var latencies, dates []clock.Time
	for _, e := range *seen {
		switch e.Kind {
		case trace.EnvelopeDelivered:
			latencies = append(latencies, clock.Time(e.Latency))
			assert.Equal(t, e.N == 1 || e.N == 2 || e.N == 3, len(e.Because) == 1, "delivery %d", e.N)
		case trace.EnvelopeSent:
			dates = append(dates, e.T)
			assert.Equal(t, e.N >= 6 && e.N <= 8, len(e.Because) == 1, "submission %d", e.N)
		default:
			assert.Empty(t, e.Because)
		}
	}
	ms := msec(1)
	assert.Equal(t, []clock.Time{ms, 25 * ms, 15 * ms, 5 * ms, ms, ms, ms, ms, ms, ms}, latencies)
	assert.Equal(t, []clock.Time{5 * ms, 15 * ms, 25 * ms, 35 * ms, 45 * ms, 55 * ms, 90 * ms, 90 * ms, 90 * ms, 95 * ms}, dates)
	assert.EqualValues(t, 3, w.Effect("f0").Envelopes)
	assert.EqualValues(t, 3, w.Effect("f1").Envelopes)
}

// A crash empties the queue of a paused node, and who restarts in a pause gets its
// start at the end of it.
func TestCrashOfAPausedNode(t *testing.T) {
	var got []heard
	c, _ := line(2, time.Millisecond, map[int]func(Seat) stepper{1: ear(&got)})
	c.Metrics.To = msec(70)
	c.Sources = []Source{faults(span(10, 60, Pause{[]sim.NodeID{1}}), span(30, 40, Crash{[]sim.NodeID{1}, trace.LoseState}), span(20, 32, Pause{[]sim.NodeID{0, 1}})), &beats{}}
	w := build(t, c)
	w.Run(msec(35))
	assert.Equal(t, State{ID: "b", ClockNS: int64(msec(35)), Arriving: 1, Meetings: []Meeting{}, Sessions: []Session{}}, withoutLinks(w.State(1)))
	w.Run(msec(50))
	assert.True(t, w.State(1).Paused)
	sum := sound(t, w)
	assert.Equal(t, []heard{
		{0, mesh.Start, sim.NoNode, 1}, {msec(6), mesh.Arrive, 0, 0}, // and the timer of 10 ms is held
		{msec(60), mesh.Start, sim.NoNode, 2}, {msec(60), mesh.Arrive, 0, 0}, {msec(60), mesh.Arrive, 0, 0},
		{msec(66), mesh.Arrive, 0, 0}, {msec(70), mesh.Timer, sim.NoNode, 2},
	}, got)
	assert.EqualValues(t, 3, sum.Drops["node_down"], "of 15 ms in the queue, of 25 ms after the other's pause, of 35 ms")
	assert.EqualValues(t, 3, w.Effect("f1").Envelopes)
}

// A pause that ends while its node is down wakes nobody.
func TestPauseThatEndsInACrash(t *testing.T) {
	var got []heard
	c, _ := line(2, time.Millisecond, map[int]func(Seat) stepper{1: ear(&got)})
	c.Metrics.To = msec(50)
	c.Sources = []Source{faults(span(10, 35, Pause{[]sim.NodeID{1}}), span(30, 49, Crash{[]sim.NodeID{1}, trace.LoseNothing})), &beats{}}
	sum := sound(t, build(t, c))
	assert.Equal(t, []heard{{0, mesh.Start, sim.NoNode, 1}, {msec(6), mesh.Arrive, 0, 0}, {msec(49), mesh.Start, sim.NoNode, 2}}, got)
	assert.EqualValues(t, 4, sum.Drops["node_down"])
}

// A pause that held up a timer of which nothing came is to blame for nothing.
func TestPauseOfNoEffect(t *testing.T) {
	var got []heard
	c, seen := line(2, time.Millisecond, map[int]func(Seat) stepper{1: ear(&got)})
	c.Metrics.To = msec(50)
	c.Sources = []Source{faults(span(7, 12, Pause{[]sim.NodeID{1}})), &beats{}}
	w := build(t, c)
	sound(t, w)
	assert.Equal(t, heard{msec(12), mesh.Timer, sim.NoNode, 1}, got[2])
	assert.True(t, w.Effect("f0").Vacuous())
	for _, e := range *seen {
		assert.Empty(t, e.Because)
	}
}

func withoutLinks(s State) State {
	s.Links, s.Routes = nil, nil
	return s
}
