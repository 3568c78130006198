package scenarios_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/trace"
)

// Agreement of sessions with theory, from the scenario to its result. What package rtt
// shows of a session by itself, and the built-ins of theirs, is not repeated.

// talking is a pair of nodes of which a has n messages of a size for b at the start, all
// of them in the queue of a session that nothing jitters.
func talking(t *testing.T, n, size int64, settings ...string) *scenarios.Scenario {
	s := pair(n)
	s.Duration = time.Hour
	s.Traffic[0] = messages("t1", []string{"a"}, []string{"b"}, 0, 1, size, n)
	s, err := s.With(scenarios.WithSet(append([]string{
		"session.enabled=true", "session.max_queue=1048576", "session.jitter=0%",
	}, settings...)...))
	require.NoError(t, err)
	return s
}

// With time-outs alone, one message at a time and answers that always come, a message
// takes 1/(1−p) tries on average, of which the variance is p/(1−p)². A time-out that is
// shorter than the round trip takes more, as it sends again what has arrived.
func TestMeanTriesOfASession(t *testing.T) {
	const n = 20_000
	for _, p := range []float64{0.1, 0.3} {
		tries := func(rto string) float64 {
			s := talking(t, n, 100, "session.window=1", "session.fast_retransmit=false", "session.heartbeat_timeout=1h",
				"session.rto_min="+rto, "session.rto_max="+rto)
			s.Links = []scenarios.Links{{From: "a", To: "b", Loss: new(scenarios.Ratio(p * 1e9))}, {From: "b", To: "a"}}
			m := run(t, s, scenarios.Options{}).Metrics
			require.EqualValues(t, n, m.Traffic.Delivered)
			return 1 + float64(m.Sessions.Retransmits)/n
		}
		want, bound := 1/(1-p), 4*math.Sqrt(p)/(1-p)/math.Sqrt(n)
		mean := tries("25ms")
		t.Logf("p = %g: %.4f tries, by theory %.4f ± %.4f", p, mean, want, bound)
		assert.InDelta(t, want, mean, bound)
		assert.Greater(t, tries("15ms"), want+bound, "the round trip is 20 ms")
	}
}

// A window of one packet of 1000 bytes at 1 Mbit/s and a round trip of 100 ms, with
// answers that cost nothing: one in 108 ms, to the nanosecond, and 74 074 bit/s. Segments
// are 1000 bytes but for the digits of their numbers.
func TestWindowOfOneMessage(t *testing.T) {
	const n = 500
	s := talking(t, n, 591, "session.window=1")
	s.Link.Latency = scenarios.Constant(ms(50))
	s.Links = []scenarios.Links{{From: "a", To: "b", Bandwidth: new(scenarios.MbitPerSecond)}, {From: "b", To: "a"}}
	events, _ := record(t, s, trace.SessionDeliver, trace.EnvelopeDelivered)
	var first, at clock.Time
	var wire, count int64
	for i, e := range events {
		if e.Kind == trace.EnvelopeDelivered && e.Type == "RTT_DATA" {
			next := events[i+1]
			require.Equal(t, trace.SessionDeliver, next.Kind)
			require.Equal(t, e.T, next.T)
			if count == 0 {
				first = e.T
			} else {
				require.Equal(t, 100*time.Millisecond+time.Duration(e.Size)*8*time.Microsecond, e.T.Sub(at))
				wire += e.Size
			}
			at, count = e.T, count+1
		}
	}
	require.EqualValues(t, n, count)
	rate := float64(wire*8) / at.Sub(first).Seconds()
	t.Logf("%.0f bit/s, %.2f bytes a segment", rate, float64(wire)/(n-1))
	assert.InDelta(t, 74_074, rate, 74)
}

// What a session gets through a clean link, once it has found out what that carries, is
// the link's bandwidth times the share of messages in segments, to 2 %.
func TestThroughputOfASession(t *testing.T) {
	const n, warm, size = 6000, 1000, 1000
	for _, congestion := range []string{"newreno", "none"} {
		s := talking(t, n, size, "session.congestion="+congestion)
		s.Duration = time.Minute
		s.Link.Latency, s.Link.Bandwidth = scenarios.Constant(ms(20)), 10*scenarios.MbitPerSecond
		events, result := record(t, s, trace.SessionDeliver)
		require.Len(t, events, n)
		require.Zero(t, result.Metrics.Sessions.Retransmits)
		segment := float64(result.Metrics.Links.Bytes-result.Metrics.Control.Bytes) / n
		rate := float64((n-1-warm)*size*8) / events[n-1].T.Sub(events[warm].T).Seconds()
		t.Logf("%s: %.0f of %.0f bit/s, %.1f bytes a segment", congestion, rate, 1e7*size/segment, segment)
		assert.InEpsilon(t, 1e7*size/segment, rate, 0.02)
	}
}

// A peer that speaks every T and crashes is noticed between L + τ − T and L + τ later, L
// away: the whole of that span is met, and nothing outside of it.
func TestHeartbeatBoundsOfACrash(t *testing.T) {
	const latency, silence, beat = 40 * time.Millisecond, time.Second, 250 * time.Millisecond
	least, most := time.Hour, time.Duration(0)
	for i := range int64(60) {
		s := talking(t, 1, 100)
		s.Duration = 10 * time.Second
		s.Link.Latency = scenarios.Constant(latency)
		s.Faults = []scenarios.Fault{{Name: "gone", Kind: scenarios.NodeCrash{Nodes: scenarios.NodeList{"b"}, Lose: "nothing"}, At: ms(4000 + 17*i)}}
		events, _ := record(t, s, trace.NodeDown, trace.HeartbeatTimeout, trace.SessionClose)
		require.Len(t, events, 3)
		for k, kind := range []trace.Kind{trace.NodeDown, trace.HeartbeatTimeout, trace.SessionClose} {
			require.Equal(t, kind, events[k].Kind)
		}
		noticed := events[1].T.Sub(events[0].T)
		require.GreaterOrEqual(t, noticed, latency+silence-beat)
		require.LessOrEqual(t, noticed, latency+silence)
		least, most = min(least, noticed), max(most, noticed)
	}
	t.Logf("noticed after %v … %v, bounds %v … %v", least, most, latency+silence-beat, latency+silence)
	assert.Less(t, least, latency+silence-beat+ms(17))
	assert.Greater(t, most, latency+silence-ms(17))
}

// Without jitter a session is tried again after base·2^(k−1), capped, exactly.
func TestReconnectTimes(t *testing.T) {
	s := talking(t, 1, 100, "session.reconnect_min=70ms", "session.reconnect_max=1s")
	s.Duration = 10 * time.Second
	s.Faults = []scenarios.Fault{{Name: "gone", Kind: scenarios.NodeCrash{Nodes: scenarios.NodeList{"b"}, Lose: "nothing"}, At: ms(2000)}}
	events, _ := record(t, s, trace.SessionClose, trace.EnvelopeSent)
	var at clock.Time
	var gaps []time.Duration
	for _, e := range events {
		switch {
		case e.Kind == trace.SessionClose:
			at = e.T
		case at > 0 && e.Type == "RTT_OPEN":
			gaps = append(gaps, e.T.Sub(at))
			at = e.T
		}
	}
	require.Greater(t, len(gaps), 8)
	for k, gap := range gaps {
		require.Equal(t, min(ms(70)<<k, time.Second), gap, "try %d", k+1)
	}
}
