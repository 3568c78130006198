package scenarios

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/scenarios/world"
)

// bulk is a line of six nodes, whose ends are five hops apart and have a session, in
// which a message is offered each 2 ms; after two seconds.
func bulk(tb testing.TB) *world.World {
	s := &Scenario{
		Name: "bulk", Duration: time.Hour, Topology: Topology{Kind: Line{Nodes: 6}},
		Link: Link{Latency: Constant(2 * time.Millisecond), Bandwidth: 100 * MbitPerSecond},
		Traffic: []Traffic{{
			Name: "bulk", Kind: Messages{}, From: NodeSet{IDs: []string{"n0"}}, To: Target{How: ToNodes, IDs: []string{"n5"}},
			Arrivals: "periodic", Interval: 2 * time.Millisecond, Size: Bytes(1000), Count: 1 << 20,
		}},
	}
	s, err := s.With(WithSet("session.enabled=true"))
	require.NoError(tb, err)
	r, err := s.prepare(Options{})
	require.NoError(tb, err)
	require.Equal(tb, world.Reached, r.world.Run(clock.Time(2*time.Second)))
	return r.world
}

// got is how many messages have come through.
func got(w *world.World) int64 { return w.Metrics().Summary().Traffic.Delivered }

// Once a session has found its window, a message costs no allocation on its way over five
// links and back: what is left are chunks for 64 messages or segments, and tables that grow.
func TestBulkDoesNotAllocate(t *testing.T) {
	w := bulk(t)
	first := got(w)
	allocs := testing.AllocsPerRun(1, func() {
		first = got(w)
		w.Run(w.Now().Add(20 * time.Second))
	})
	messages := got(w) - first
	require.Greater(t, messages, int64(9_900))
	t.Logf("%v allocations for %d messages: %.4f each", allocs, messages, allocs/float64(messages))
	assert.Less(t, allocs/float64(messages), 0.1)
}

// BenchmarkBulk is ten virtual seconds of that line: messages per second, with digest,
// metrics and invariants on.
func BenchmarkBulk(b *testing.B) {
	w := bulk(b)
	var before, after runtime.MemStats
	first, began := got(w), w.Events()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		w.Run(w.Now().Add(10 * time.Second))
	}
	runtime.ReadMemStats(&after)
	messages := float64(got(w) - first)
	b.ReportMetric(messages/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(w.Events()-began)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/messages, "allocs/message")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFullStack is the built-in of that name: fifty nodes with routing, handshakes,
// trust, claims, memories and sessions, for a minute.
func BenchmarkFullStack(b *testing.B) {
	s, err := Load(nil, "full-stack")
	require.NoError(b, err)
	var events uint64
	for b.Loop() {
		result, err := s.Run(Options{})
		require.NoError(b, err)
		events += result.Events
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/time.Duration(s.Duration).Seconds(), "s/virtual-s")
	b.ReportMetric(0, "ns/op")
}
