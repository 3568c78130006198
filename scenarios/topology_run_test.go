package scenarios_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
)

// On a line of 50 the ordered pairs within H hops of each other are
// Σ 2(50−d) over d ≤ H, of 2450; exactly those can talk under that hop limit.
func TestLineOf50UnderHopLimits(t *testing.T) {
	for limit, share := range map[int64]float64{3: 0.1176, 16: 0.5420, 32: 0.8751} {
		s := &scenarios.Scenario{
			Duration: time.Second,
			Topology: scenarios.Topology{Kind: scenarios.Line{Nodes: 50}},
			Routing:  scenarios.Routing{MaxHops: limit},
			Traffic: []scenarios.Traffic{{
				Kind: scenarios.Messages{}, To: scenarios.Target{How: scenarios.ToEach}, Arrivals: "periodic", Interval: time.Second, Count: 1,
			}},
		}
		var pairs int64
		for d := int64(1); d <= limit; d++ {
			pairs += 2 * (50 - d)
		}
		traffic := run(t, s, scenarios.Options{}).Metrics.Traffic
		assert.EqualValues(t, 2450, traffic.Expected)
		assert.EqualValues(t, pairs, traffic.Delivered, "limit %d", limit)
		assert.InDelta(t, share, float64(traffic.Delivered)/2450, 0.00005)
		assert.EqualValues(t, limit, traffic.Hops.Max)
	}
}

// What nodes are called changes no place, no link and no fate in a random mesh: with
// their old ids as keys, other ids of the same length give the same run.
func TestRenamingARandomMeshChangesNamesOnly(t *testing.T) {
	s := load(t, "geometric")
	s.Expects = nil // they name nodes
	plain := run(t, s, scenarios.Options{})
	to := *s
	nodes := int(s.Topology.Kind.(scenarios.Geometric).Nodes)
	for i := range nodes {
		to.Nodes = append(to.Nodes, scenarios.Node{ID: "m" + gen.ID(i)[1:], Key: gen.ID(i), Kind: "agent"})
	}
	renamed := run(t, &to, scenarios.Options{})
	assert.NotEqual(t, plain.Digest, renamed.Digest)
	assert.Equal(t, plain.Events, renamed.Events)
	assert.Equal(t, plain.Metrics.Traffic, renamed.Metrics.Traffic)
	for i := range to.Nodes {
		to.Nodes[i].Key = ""
	}
	other := run(t, &to, scenarios.Options{})
	assert.NotEqual(t, plain.Metrics.Traffic, other.Metrics.Traffic)
}
