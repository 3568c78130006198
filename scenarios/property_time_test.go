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

// What happens at the very end still happens; what comes later is in flight.
func TestTheLastInstantCounts(t *testing.T) {
	s := pair(3) // sent at 0, 100 and 200 ms
	for _, c := range []struct {
		duration                  time.Duration
		sent, delivered, inFlight int64
	}{
		{ms(210), 3, 3, 0},
		{ms(210) - 1, 3, 2, 1},
		{ms(200), 3, 2, 1},
		{ms(200) - 1, 2, 2, 0},
		{1, 1, 0, 1},
	} {
		s.Duration = c.duration
		m := run(t, s, scenarios.Options{}).Metrics
		assert.Equal(t, c.sent, m.Traffic.Sent, c.duration)
		assert.Equal(t, c.delivered, m.Traffic.Delivered, c.duration)
		assert.Equal(t, c.inFlight, m.Traffic.InFlight, c.duration)
		assert.Equal(t, c.inFlight, m.Copies.InFlight, c.duration)
	}
}

// The window of measurement counts messages by when they are sent, its ends
// included, and touches nothing else.
func TestMeasureWindow(t *testing.T) {
	s := pair(10) // sent at 0, 100, … 900 ms
	s.Duration = ms(1000)
	all := run(t, s, scenarios.Options{})
	for _, c := range []struct {
		warmup, drain time.Duration
		sent          int64
	}{
		{0, 0, 10}, {1, 0, 9}, {ms(100), 0, 9}, {ms(100) + 1, 0, 8}, {0, ms(100), 10}, {0, ms(100) + 1, 9},
		{ms(500), ms(500), 1}, {ms(600), ms(500), 0},
	} {
		s.Measure = scenarios.Measure{Warmup: c.warmup, Drain: c.drain}
		result := run(t, s, scenarios.Options{})
		assert.Equal(t, c.sent, result.Metrics.Traffic.Sent, c)
		assert.Equal(t, c.sent, result.Metrics.Traffic.Delivered, c)
		assert.Equal(t, all.Metrics.Copies, result.Metrics.Copies)
		assert.Equal(t, all.Digest, result.Digest)
	}
}

// A longer run begins as the shorter one: its events and checkpoints go on from
// there.
func TestALongerRunBeginsAsTheShorter(t *testing.T) {
	gen.Check(t, gen.Troubled, func(t *rapid.T, s *scenarios.Scenario) {
		short, _ := record(t, s)
		longer := *s
		longer.Duration += time.Second
		long, result := record(t, &longer)
		require.GreaterOrEqual(t, len(long), len(short))
		require.Equal(t, short, long[:len(short)])
		for _, e := range long[len(short):] {
			require.Greater(t, int64(e.T), int64(s.Duration))
		}
		require.Len(t, result.Checkpoints, int(longer.Duration/time.Second))
	})
}

// Without chance in it, a mesh that is k times slower does the same k times later.
func TestScaledTime(t *testing.T) {
	gen.Check(t, func(t *rapid.T) *scenarios.Scenario {
		s := everyPair(t)
		s.Link.Bandwidth = 8 * scenarios.MbitPerSecond // a byte is a microsecond
		return s
	}, func(t *rapid.T, s *scenarios.Scenario) {
		const k = 5
		slow := *s
		slow.Duration *= k
		slow.Link.Bandwidth /= k
		slow.Links = nil
		for _, l := range s.Links {
			latency := scenarios.Constant(k * l.Latency.Least())
			slow.Links = append(slow.Links, scenarios.Links{From: l.From, To: l.To, Latency: &latency})
		}
		want, _ := record(t, s)
		got, _ := record(t, &slow)
		for i := range want {
			e := &want[i]
			e.T, e.Start, e.Arrive, e.Latency = k*e.T, k*e.Start, k*e.Arrive, k*e.Latency
		}
		require.Equal(t, want, got)
	})
}

// The result of a run says what its events say.
func TestResultAgreesWithTheEvents(t *testing.T) {
	gen.Check(t, gen.Troubled, func(t *rapid.T, s *scenarios.Scenario) {
		events, result := record(t, s)
		require.EqualValues(t, len(events), result.Events)
		var taken, bytes int64
		first := map[message]map[string]bool{}
		for _, e := range events {
			if e.Kind == trace.EnvelopeTransmitted && e.Copy == 0 {
				taken++
				bytes += e.Size + s.Link.Header
			}
			if e.Kind == trace.EnvelopeDelivered && !e.Control {
				m := message{e.Flow, e.Origin, e.N}
				if first[m] == nil {
					first[m] = map[string]bool{}
				}
				first[m][gen.ID(int(e.Node))] = true
			}
		}
		var delivered int64
		for _, at := range first {
			delivered += int64(len(at))
		}
		require.Equal(t, delivered, result.Metrics.Traffic.Delivered)
		require.Equal(t, taken, result.Metrics.Links.Transmissions)
		if !slices.ContainsFunc(s.Faults, setsHeader) { // of which events do not tell
			require.Equal(t, bytes, result.Metrics.Links.Bytes)
		}
	})
}

func setsHeader(f scenarios.Fault) bool {
	change, ok := f.Kind.(scenarios.LinkChange)
	return ok && change.Set.Header != nil
}
