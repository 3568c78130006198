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

// Strategies whose nodes do most: they copy everything to many, or have a protocol.
var busyStrategies = []string{"flood", "gossip", "link_state", "distance_vector"}

// steady is the mesh of routing-geometric, of 50 nodes, without faults after 30
// seconds: routes are learnt, and tables have their size.
func steady(tb testing.TB, strategy string) *world.World {
	s, err := Load(nil, "routing-geometric", WithSet("routing.strategy="+strategy))
	require.NoError(tb, err)
	s.Expects = nil
	r, err := s.prepare(Options{WithoutFaults: true})
	require.NoError(tb, err)
	require.Equal(tb, world.Reached, r.world.Run(clock.Time(30*time.Second)))
	return r.world
}

// In steady state no event allocates, those of protocols included. What is left are
// tables that grow with what has to be remembered, and payloads, of which one of their
// chunks serves 64 messages or more.
func TestStrategiesDoNotAllocate(t *testing.T) {
	for _, strategy := range busyStrategies {
		w := steady(t, strategy)
		before := w.Events()
		allocs := testing.AllocsPerRun(1, func() {
			before = w.Events()
			w.Run(w.Now().Add(10 * time.Second))
		})
		events := w.Events() - before
		require.Greater(t, events, uint64(10_000))
		assert.Less(t, allocs/float64(events), 0.01, "%s: %v allocations in %d events", strategy, allocs, events)
		t.Logf("%s: %v allocations in %d events: %.5f each", strategy, allocs, events, allocs/float64(events))
	}
}

// BenchmarkStrategies is 20 virtual seconds of that mesh, with digest, metrics and
// invariants on.
func BenchmarkStrategies(b *testing.B) {
	for _, strategy := range busyStrategies {
		b.Run(strategy, func(b *testing.B) {
			var events, allocs uint64
			for b.Loop() {
				b.StopTimer()
				w := steady(b, strategy)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				first := w.Events()
				b.StartTimer()
				w.Run(w.Now().Add(20 * time.Second))
				b.StopTimer()
				runtime.ReadMemStats(&after)
				events += w.Events() - first
				allocs += after.Mallocs - before.Mallocs
				b.StartTimer()
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(allocs)/float64(events), "allocs/event")
			b.ReportMetric(0, "ns/op")
		})
	}
}
