package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
)

// What a scenario uses is among what there is, and is what its text says.
func TestFeatures(t *testing.T) {
	all := scenarios.Features()
	for _, f := range []string{"link.loss", "links.loss", "fault.kind=crash", "fault.crash.lose=state", "topology.random.connected",
		"traffic.to=each", "routing.strategy=static", "node_defaults.start=uniform", "measure.warmup", "latency=pareto", "latency.pareto.max", "links.latency"} {
		assert.Contains(t, all, f)
	}
	assert.NotContains(t, all, "record.digest")
	s, err := scenarios.LoadBytes([]byte(`version = 1
duration = "1s"
[topology]
kind = "random"
nodes = 5
p = 0.5
connected = false
[link]
loss = "1%"
[node_defaults]
start = { uniform = ["0s", "5ms"] }
[[traffic]]
rate = "3/s"
to = "each"
[[fault]]
kind = "crash"
nodes = ["n1"]
at = "500ms"
lose = "state"
`), "test.toml")
	require.NoError(t, err)
	used := s.Features()
	assert.Subset(t, all, used)
	for _, f := range []string{"link.loss", "fault.kind=crash", "fault.crash.lose=state", "topology.random.connected", "traffic.to=each",
		"routing.strategy=shortest_path", "node_defaults.start=uniform", "traffic.rate"} {
		assert.Contains(t, used, f)
	}
	for _, f := range []string{"link.duplicate", "links.loss", "fault.kind=pause", "traffic.to=random", "traffic.interval", "node_defaults.start=fixed"} {
		assert.NotContains(t, used, f)
	}
	for _, e := range scenarios.Library() {
		s, err := scenarios.Load(nil, e.Name)
		require.NoError(t, err)
		assert.Subset(t, all, s.Features(), e.Name)
	}
}
