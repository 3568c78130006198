package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/netmodel/graph"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// levelsOf reads a table of levels by their first letters, a row for each node.
func levelsOf(rows ...string) func(node, peer sim.NodeID) trace.Trust {
	return func(node, peer sim.NodeID) trace.Trust {
		for l := trust.Unknown; l <= trust.Blocked; l++ {
			if l.String()[0] == rows[node][peer] {
				return trace.Trust(l)
			}
		}
		panic("no level begins with " + rows[node][peer:])
	}
}

// a and b trust each other, c trusts both and is blocked by both, d knows a. Nobody
// trusts c and d: they have what a walker's jumps give.
func TestRankTrust(t *testing.T) {
	level := levelsOf(
		"-tbu",
		"t-bu",
		"tt-u",
		"puu-")
	ids := []string{"a", "b", "c", "d"}
	r := rankTrust(ids, level, nil)
	assert.Equal(t, trace.TrustLevels{Unknown: 5, Probing: 1, Trusted: 4, Blocked: 2}, r.Levels)
	// With all alike d jumps always, the others by 0.15: c = d = j, where
	// j = (0.15 + 0.85·d)/4, so 0.15/3.15; a and b share the rest.
	jump := 0.15 / 3.15
	want := []graph.Rank{{Node: "a", Value: 0.5 - jump}, {Node: "b", Value: 0.5 - jump}, {Node: "c", Value: jump}, {Node: "d", Value: jump}}
	equalRanks(t, want, r.EigenTrust)
	equalRanks(t, want, r.PageRank)
	equalRanks(t, []graph.Rank{{Node: "a", Value: 0.75}, {Node: "b", Value: 0.75}, {Node: "d", Value: 0.5}, {Node: "c", Value: 0.25}}, r.Reputation)

	// With b as the anchor all jumps end there: a = 0.85·b, b = 1 − a.
	r = rankTrust(ids, level, []sim.NodeID{1})
	equalRanks(t, []graph.Rank{{Node: "b", Value: 1 / 1.85}, {Node: "a", Value: 0.85 / 1.85}, {Node: "c"}, {Node: "d"}}, r.EigenTrust)
	equalRanks(t, want, r.PageRank)
}

func equalRanks(t *testing.T, want, got []graph.Rank) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, w := range want {
		assert.Equal(t, w.Node, got[i].Node)
		assert.InDelta(t, w.Value, got[i].Value, 1e-6)
	}
}

// The levels that are ranked are those that the nodes themselves hold.
func TestRanksAreOfTheLevelsThatNodesHold(t *testing.T) {
	s, err := Load(nil, "replay-framing")
	require.NoError(t, err)
	m, err := s.Inspect(3*time.Second, nil, Options{})
	require.NoError(t, err)
	n := int64(len(m.Nodes))
	want := trace.TrustLevels{Unknown: n * (n - 1)}
	for i := range m.Nodes {
		for _, meeting := range m.Nodes[i].Meetings {
			if meeting.Trust != "unknown" {
				want.Unknown--
			}
			switch meeting.Trust {
			case "probing":
				want.Probing++
			case "trusted":
				want.Trusted++
			case "blocked":
				want.Blocked++
			}
		}
	}
	assert.Equal(t, want, m.Trust.Levels)
	assert.EqualValues(t, 2, want.Blocked)
	equalRanks(t, []graph.Rank{{Node: "m", Value: 0.5}, {Node: "a", Value: 1.0 / 3}, {Node: "b", Value: 1.0 / 3}}, m.Trust.Reputation)
}
