package scenarios_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/trace"
)

func at(n int64) clock.Time { return clock.Time(ms(n)) }

var aToB = scenarios.LinkSet{"a->b"}

// transmissions are the copies that links took, by message number, with the names
// of the faults that each names.
func transmissions(t *testing.T, s *scenarios.Scenario) (sent []trace.Event, names [][]string, result *scenarios.Result) {
	events, result := record(t, s, trace.EnvelopeTransmitted, trace.FaultBegin)
	begun := map[uint64]string{}
	for _, e := range events {
		if e.Kind == trace.FaultBegin {
			begun[e.Seq] = e.Name
			continue
		}
		var by []string
		for _, seq := range e.Because {
			require.Contains(t, begun, seq)
			by = append(by, begun[seq])
		}
		sent, names = append(sent, e), append(names, by)
	}
	return sent, names, result
}

// A held link takes nothing, and at release everything at once and in order; the
// second of two holds keeps what the first one gives back. Nobody is told.
func TestHoldStory(t *testing.T) {
	s := pair(10) // a writes to b at 0, 100, … 900 ms
	s.Expects = []scenarios.Expect{{Always: "route('a','b').up == !(fault('first').active || fault('second').active)"}}
	s.Faults = []scenarios.Fault{cut("first", 150, 450, scenarios.Hold{Links: aToB}), cut("second", 350, 550, scenarios.Hold{Links: aToB})}
	sent, names, result := transmissions(t, s)
	require.Len(t, sent, 10)
	for i, e := range sent {
		want, by := at(int64(i)*100), []string(nil)
		switch i {
		case 2, 3:
			want, by = at(550), []string{"first", "second"}
		case 4:
			want, by = at(550), []string{"first", "second"}
		case 5:
			want, by = at(550), []string{"second"}
		}
		assert.EqualValues(t, i, e.N)
		assert.Equal(t, want, e.T, "message %d", i)
		assert.Equal(t, want.Add(ms(10)), e.Arrive)
		assert.Equal(t, by, names[i], "message %d", i)
	}
	assert.EqualValues(t, 10, result.Metrics.Traffic.Delivered)
	assert.EqualValues(t, ms(360), result.Metrics.Traffic.LatencyNS.Max)
	assert.EqualValues(t, 3, result.Faults[0].Effect.Envelopes)
	assert.EqualValues(t, 4, result.Faults[1].Effect.Envelopes)
	assert.Zero(t, result.Faults[0].Effect.Routes)
}

// What is held at the end is in flight, and counted as held.
func TestHeldToTheEnd(t *testing.T) {
	s := pair(10)
	s.Faults = []scenarios.Fault{cut("still", 150, 0, scenarios.Hold{Links: aToB})}
	result := run(t, s, scenarios.Options{})
	assert.EqualValues(t, 2, result.Metrics.Traffic.Delivered)
	assert.EqualValues(t, 8, result.Metrics.Traffic.InFlight)
	assert.EqualValues(t, 8, result.Metrics.Copies.InFlight)
	assert.Zero(t, result.Metrics.Copies.Dropped)
	assert.EqualValues(t, 8, result.Faults[0].Effect.Envelopes)
	assert.EqualValues(t, 2, result.Metrics.Links.Transmissions)

	s.Faults = append(s.Faults, cut("down", 850, 950, scenarios.LinkDown{Links: aToB}))
	s.Routing.Strategy = "direct" // it does not know
	result = run(t, s, scenarios.Options{})
	assert.EqualValues(t, 1, result.Metrics.Drops["link_down"], "what is handed to a link that is down is not kept")
	assert.EqualValues(t, 7, result.Metrics.Copies.InFlight)
	s.Faults[0].Until = ms(900)
	result = run(t, s, scenarios.Options{})
	assert.EqualValues(t, 8, result.Metrics.Drops["link_down"], "at its release it is judged again")
	assert.EqualValues(t, 7, result.Faults[0].Effect.Envelopes, "all but the last, which came when it was over")
}

// Delays of clogs add up, for what is handed over meanwhile and nothing else.
func TestClogsAddUp(t *testing.T) {
	s := pair(8)
	s.Faults = []scenarios.Fault{
		cut("mud", 150, 450, scenarios.Clog{Links: aToB, Delay: ms(30)}),
		cut("sand", 250, 650, scenarios.Clog{Links: aToB, Delay: ms(7)}),
		cut("late", 1500, 1600, scenarios.Clog{Links: aToB, Delay: ms(7)}),
	}
	sent, names, result := transmissions(t, s)
	require.Len(t, sent, 8)
	for i, delay := range []int64{0, 0, 30, 37, 37, 7, 7, 0} {
		assert.Equal(t, at(int64(i)*100+10+delay), sent[i].Arrive)
	}
	assert.Equal(t, [][]string{nil, nil, {"mud"}, {"mud", "sand"}, {"mud", "sand"}, {"sand"}, {"sand"}, nil}, names)
	assert.EqualValues(t, 3, result.Faults[0].Effect.Envelopes)
	assert.EqualValues(t, 4, result.Faults[1].Effect.Envelopes)
	assert.True(t, result.Faults[2].Vacuous, "no copy was touched")
}

// Of two changes the later decides, key by key, and what remains when one ends is
// the other. Routing sees the latency and takes the way round.
func TestLinkSetStory(t *testing.T) {
	s := pair(8)
	slow, lossy := scenarios.Constant(ms(70)), scenarios.Constant(ms(40))
	s.Faults = []scenarios.Fault{
		cut("slow", 150, 450, scenarios.LinkChange{Links: aToB, Set: scenarios.LinkValues{Latency: &slow}}),
		cut("lossy", 250, 650, scenarios.LinkChange{Links: aToB, Set: scenarios.LinkValues{Latency: &lossy, Loss: new(scenarios.Ratio(1_000_000_000))}}),
	}
	sent, _, result := transmissions(t, s)
	require.Len(t, sent, 8)
	for i, latency := range []int64{10, 10, 70, 40, 40, 40, 40, 10} {
		assert.Equal(t, at(int64(i)*100+latency), sent[i].Arrive)
	}
	assert.EqualValues(t, 4, result.Metrics.Traffic.Delivered)
	assert.EqualValues(t, 4, result.Metrics.Drops["loss"])
	assert.EqualValues(t, 3, result.Faults[0].Effect.Envelopes)
	assert.EqualValues(t, 4, result.Faults[1].Effect.Envelopes, "each copy once, though it was both delayed and lost")
	assert.Positive(t, result.Faults[0].Effect.Routes)

	s = load(t, "detour", scenarios.WithSet("fault[0].kind=link_set", `fault[0].set={latency="50ms"}`, "expect=[]"))
	result = run(t, s, scenarios.Options{})
	assert.EqualValues(t, 7, result.Metrics.Traffic.Hops.Max, "35 ms beat 50 ms")
	assert.LessOrEqual(t, result.Metrics.Copies.Dropped, int64(2), "at each change one may be sent back to where it came from")
	assert.Positive(t, result.Faults[0].Effect.Routes)
}

// A change is blamed for what it changed, not for all that happens meanwhile.
func TestLinkSetIsBlamedForWhatItChanged(t *testing.T) {
	all := scenarios.Ratio(1_000_000_000)
	for name, c := range map[string]struct {
		set    scenarios.LinkValues
		reason string
		effect int64
	}{
		"loss":      {scenarios.LinkValues{Loss: &all}, "loss", 3},
		"none":      {scenarios.LinkValues{Loss: new(scenarios.Ratio(0))}, "", 0},
		"corrupt":   {scenarios.LinkValues{Corrupt: &all}, "corrupt", 3},
		"mtu":       {scenarios.LinkValues{MTU: new(int64(99))}, "mtu", 3},
		"wide mtu":  {scenarios.LinkValues{MTU: new(int64(100))}, "", 0},
		"duplicate": {scenarios.LinkValues{Duplicate: &all}, "duplicate", 3},
		"queue":     {scenarios.LinkValues{Queue: &scenarios.QueueSize{Unit: scenarios.QueueCopies}}, "queue_full", 3},
	} {
		s := pair(8)
		s.Link.Bandwidth = 100 * scenarios.KbitPerSecond // 8 ms each
		s.Faults = []scenarios.Fault{cut("change", 150, 450, scenarios.LinkChange{Links: aToB, Set: c.set})}
		if name == "queue" {
			twice := s.Traffic[0]
			twice.Name = "t2"
			s.Traffic = append(s.Traffic, twice)
		}
		result := run(t, s, scenarios.Options{})
		assert.Equal(t, c.effect, result.Faults[0].Effect.Envelopes, name)
		assert.Equal(t, c.effect == 0, result.Faults[0].Vacuous, name)
		if c.reason != "" {
			assert.EqualValues(t, 3, result.Metrics.Drops[c.reason], name)
		}
	}
}

// queueOf is a link a–b at which copies wait: size bytes take 8 ms each per 1000.
func queueOf(policy string, count int64, interval time.Duration) *scenarios.Scenario {
	s := pair(count)
	s.Duration = 100 * time.Second
	s.Link.Bandwidth, s.Link.QueuePolicy = scenarios.MbitPerSecond, policy
	s.Traffic[0].Size, s.Traffic[0].Interval = scenarios.Bytes(1000), interval
	return s
}

// With events or without, the same copies at the same times; what differs is when
// they are told, which for a queue that is served by events is when they start.
func TestServedQueueInARun(t *testing.T) {
	arrivals := func(policy string) (arrive []clock.Time, waited time.Duration) {
		s := queueOf(policy, 100, ms(5))
		sent, result := record(t, s, trace.EnvelopeTransmitted)
		for i, e := range sent {
			told := at(5 * int64(i))
			if policy != "drop_tail" {
				told = e.Start
			}
			require.EqualValues(t, i, e.N)
			require.Equal(t, told, e.T)
			require.Equal(t, at(8*int64(i)), e.Start)
			arrive = append(arrive, e.Arrive)
		}
		require.EqualValues(t, 100, result.Metrics.Traffic.Delivered)
		return arrive, time.Duration(result.Metrics.Links.By["a->b"].WaitNS)
	}
	want, wantWait := arrivals("drop_tail")
	got, gotWait := arrivals("drop_random")
	assert.Len(t, got, 100)
	assert.Equal(t, want, got)
	assert.Equal(t, wantWait, gotWait)
	assert.Equal(t, ms(3*99*100/2), wantWait)
}

// A link that goes down keeps sending what waits, and loses what arrives meanwhile.
func TestServedQueueOfALinkThatGoesDown(t *testing.T) {
	for _, policy := range []string{"drop_tail", "drop_random"} {
		s := queueOf(policy, 10, 1)
		s.Faults = []scenarios.Fault{cut("cut", 20, 60, scenarios.LinkDown{Links: aToB})} // arrivals at 18, 26, … 90 ms
		delivered, result := record(t, s, trace.EnvelopeDelivered)
		var numbers []int64
		for _, e := range delivered {
			numbers = append(numbers, e.N)
		}
		assert.Equal(t, []int64{0, 6, 7, 8, 9}, numbers, policy)
		assert.EqualValues(t, 5, result.Metrics.Drops["link_down"])
		assert.EqualValues(t, 5, result.Faults[0].Effect.Envelopes)
	}
}

// CoDel's drops are the first in the queue, at the moment of their dequeue; what is
// dropped was never transmitted.
func TestCoDelInARun(t *testing.T) {
	s := queueOf("codel", 1000, ms(5))
	s.Duration = 20 * time.Second
	events, result := record(t, s, trace.EnvelopeTransmitted, trace.EnvelopeDropped)
	var gone []int64
	last := int64(-1)
	for _, e := range events {
		if e.Kind == trace.EnvelopeTransmitted {
			assert.Greater(t, e.N, last, "the order is kept")
			last = e.N
			continue
		}
		gone = append(gone, e.N)
		assert.Equal(t, trace.QueueFull, e.Reason)
		assert.Equal(t, trace.Wire, e.Layer)
		assert.Len(t, e.Path, 1)
		assert.Greater(t, e.T, at(5*e.N))
	}
	assert.True(t, slices.IsSorted(gone))
	assert.Greater(t, len(gone), 100)
	assert.EqualValues(t, len(gone), result.Metrics.Drops["queue_full"])
	assert.EqualValues(t, 1000-len(gone), result.Metrics.Links.Transmissions)
	assert.EqualValues(t, 1000-len(gone), result.Metrics.Traffic.Delivered)
}

// What waits when the run ends is in flight.
func TestWaitingAtTheEnd(t *testing.T) {
	s := queueOf("codel", 50, 1)
	s.Duration = ms(80)
	result := run(t, s, scenarios.Options{})
	assert.EqualValues(t, 11, result.Metrics.Links.Transmissions)
	assert.EqualValues(t, 50-result.Metrics.Traffic.Delivered, result.Metrics.Traffic.InFlight)
	assert.Zero(t, result.Metrics.Copies.Dropped)
}

// A release at the very moment at which a transmission is due: that one begins
// first, and is no doing of the hold.
func TestReleaseWhenATransmissionIsDue(t *testing.T) {
	s := queueOf("codel", 3, ms(3)) // 8 ms each
	s.Faults = []scenarios.Fault{cut("still", 5, 8, scenarios.Hold{Links: aToB})}
	sent, names, result := transmissions(t, s)
	require.Len(t, sent, 3)
	for i, e := range sent {
		assert.EqualValues(t, i, e.N)
		assert.Equal(t, at(8*int64(i)), e.T)
	}
	assert.Equal(t, [][]string{nil, nil, {"still"}}, names)
	assert.EqualValues(t, 1, result.Faults[0].Effect.Envelopes)
}

// The totals of all links are the sums over the links, headers included, whatever
// a header was when a copy was handed over.
func TestTotalsAreSumsOverLinks(t *testing.T) {
	gen.Check(t, gen.Troubled, func(t *rapid.T, s *scenarios.Scenario) {
		result := run(t, s, scenarios.Options{})
		var transmissions, bytes int64
		for _, l := range result.Metrics.Links.By {
			transmissions, bytes = transmissions+l.Transmissions, bytes+l.Bytes
		}
		require.Equal(t, transmissions, result.Metrics.Links.Transmissions)
		require.Equal(t, bytes, result.Metrics.Links.Bytes)
	})
}

// waits is a sink that keeps how long copies waited, in units of service.
type waits struct {
	all           []float64
	fixed, served time.Duration
}

func (w *waits) Emit(e *trace.Event) {
	if e.Kind == trace.EnvelopeDelivered {
		w.all = append(w.all, float64(e.Latency-w.fixed)/float64(w.served))
	}
}

// mean is the mean and its standard error by 20 batch means.
func (w *waits) mean() (mean, se float64) {
	const batches = 20
	var means [batches]float64
	size := len(w.all) / batches
	for b := range means {
		for _, wait := range w.all[b*size : (b+1)*size] {
			means[b] += wait / float64(size)
		}
		mean += means[b] / batches
	}
	for _, m := range means {
		se += (m - mean) * (m - mean)
	}
	return mean, math.Sqrt(se / (batches - 1) / batches)
}

// M/D/1 in a run: the mean wait is ρ/(2(1−ρ)), 2 at ρ = 0.8, in units of service;
// and a line at 0.98 of its rate is found out.
func TestMD1InARun(t *testing.T) {
	const n, unit = 150_000, 800 * time.Microsecond // 100 bytes at 1 Mbit/s
	wait := func(policy string, rate scenarios.BitRate) (mean, se float64) {
		s := queueOf(policy, n, time.Millisecond)
		s.Duration = 1000 * time.Second
		s.Traffic[0].Arrivals, s.Traffic[0].Size = "poisson", scenarios.Bytes(100)
		s.Link.Bandwidth = rate
		sink := &waits{fixed: ms(10) + unit, served: unit}
		result := run(t, s, scenarios.Options{Sinks: []trace.Sink{sink}})
		require.EqualValues(t, n, result.Metrics.Traffic.Delivered)
		return sink.mean()
	}
	m, se := wait("drop_random", scenarios.MbitPerSecond)
	t.Logf("mean wait %.4f ± %.4f", m, se)
	assert.InDelta(t, 2, m, 4*se)
	assert.Less(t, 4*se, 0.2)
	m, se = wait("drop_tail", scenarios.MbitPerSecond/100*98)
	assert.Greater(t, math.Abs(m-2), 4*se)
}
