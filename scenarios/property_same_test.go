package scenarios

import (
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/scenarios/world"
	"meshsim/trace"
)

// counter is a sink that only watches.
type counter struct{ events uint64 }

func (c *counter) Emit(*trace.Event) { c.events++ }

// observed is a short run with everything in it: several hops, jitter, loss, a
// queue, a partition.
func observed(t *testing.T) *Scenario {
	s, err := Load(nil, "abilene-partition", WithSet("duration=6s", "fault[0].at=2s", "fault[0].until=4s", "link.duplicate=1%"))
	require.NoError(t, err)
	return s
}

// Nothing that watches changes a run: not a trace, not a sink, not an expectation,
// not progress or the chance to stop.
func TestWatchingChangesNothing(t *testing.T) {
	s := observed(t)
	plain, err := s.Run(Options{})
	require.NoError(t, err)
	require.Positive(t, plain.Metrics.Drops["partition"])

	watcher := &counter{}
	watched := *s
	watched.Expects = append(watched.Expects[:len(watched.Expects):len(watched.Expects)],
		Expect{Always: "traffic.in_flight < 0"}, Expect{Stays: "route('Denver', 'Chicago').up"}, Expect{AtEnd: "traffic.latency_ns.p99 > '1ms'"})
	header, err := watched.TraceHeader()
	require.NoError(t, err)
	result, err := watched.Run(Options{
		Sinks: []trace.Sink{watcher, watcher},
		Trace: func(names []string) (*trace.Writer, error) {
			return trace.NewWriter(io.Discard, names, header, trace.Filter{})
		},
		Stop:     func() bool { return false },
		Progress: func(Duration) {},
	})
	require.NoError(t, err)
	assert.Equal(t, Failed, result.Verdict, "the expectations were looked at")
	assert.Equal(t, 2*plain.Events, watcher.events)
	assert.Equal(t, plain.Digest, result.Digest)
	assert.Equal(t, plain.Checkpoints, result.Checkpoints)
	assert.Equal(t, plain.Steps, result.Steps)

	none := *s
	none.Expects = nil
	result, err = none.Run(Options{})
	require.NoError(t, err)
	assert.Equal(t, plain.Digest, result.Digest)
}

// A run in pieces is the same run, wherever it is cut: checkpoints too.
func TestSplittingARunChangesNothing(t *testing.T) {
	s := observed(t)
	whole, err := s.Run(Options{})
	require.NoError(t, err)
	require.Len(t, whole.Checkpoints, 6)
	end := int64(s.Duration)
	for _, cuts := range [][]int64{
		{end}, {0, end}, {1, 1, end}, {1e9, 2e9, 3e9, 4e9, 5e9, end}, {1e9 - 1, 1e9 + 1, end}, {2e9, 2e9, end - 1, end},
		rapid.SliceOfNDistinct(rapid.Int64Range(0, end), 200, 200, rapid.ID).Example(1),
	} {
		r, err := s.prepare(Options{})
		require.NoError(t, err)
		for _, until := range append(slices.Sorted(slices.Values(cuts)), end) {
			require.Equal(t, world.Reached, r.world.Run(clock.Time(until)))
		}
		r.world.Finish()
		assert.Equal(t, whole.Digest, r.world.Digest(), cuts)
		assert.Equal(t, whole.Checkpoints, r.world.Checkpoints())
		assert.Equal(t, whole.Steps, r.world.Steps())
	}
}
