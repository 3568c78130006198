package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/netmodel/graph"
	"meshsim/scenarios"
	"meshsim/trace"
)

func TestWhatIsTroubledIsShown(t *testing.T) {
	assert.Regexp(t, `n1 +paused +\d+ +0 +31 `, meshsim("inspect", "pause-backlog", "--at", "4s").stdout)
	assert.Regexp(t, `n1: paused, \d+ copies arriving, 0 kept, 31 waiting, 0 at links, 0 timers`, meshsim("inspect", "pause-backlog", "--at", "4s", "--node", "n1").stdout)
	assert.Contains(t, meshsim("inspect", "clock-ahead", "--at", "10s", "--node", "n1", "--json").stdout, `"clock_ns":12001000000`)
	assert.Contains(t, meshsim("explain", "crash-restart", "--route", "a", "b", "--at", "6s").stdout, "b is down")
	told := meshsim("demo", "crash-restart").stdout
	assert.Contains(t, told, "b: node down\n")
	assert.Contains(t, told, "b: node up again, incarnation 5, having lost its identity\n")
}

// Where nodes meet, the whole mesh has ranks; a node alone, or a mesh where nobody
// meets, has none.
func TestInspectRanksByTrust(t *testing.T) {
	assert.Contains(t, meshsim("inspect", "replay-framing", "--at", "3s").stdout, `
  levels      4 unknown, 0 probing, 0 trusted, 2 blocked, of all 6 ordered pairs
  EigenTrust  all alike
  PageRank    as EigenTrust
  reputation  m 0.5000, a 0.3333, b 0.3333

`)
	v := document(t, meshsim("inspect", "replay-framing", "--at", "3s", "--json").stdout)
	third := func(node string) any { return map[string]any{"node": node, "value": 0.333333} }
	assert.Equal(t, map[string]any{
		"levels":     map[string]any{"unknown": 4.0, "probing": 0.0, "trusted": 0.0, "blocked": 2.0},
		"eigentrust": []any{third("a"), third("b"), third("m")},
		"pagerank":   []any{third("a"), third("b"), third("m")},
		"reputation": []any{map[string]any{"node": "m", "value": 0.5}, third("a"), third("b")},
	}, v["trust"])
	for _, line := range []string{"inspect replay-framing --at 3s --node a", "inspect detour --at 1s"} {
		assert.NotContains(t, meshsim(strings.Fields(line)...).stdout, "EigenTrust", line)
		assert.NotContains(t, document(t, meshsim(append(strings.Fields(line), "--json")...).stdout), "trust", line)
	}
}

// Of many nodes those at both ends are shown.
func TestRanksInWords(t *testing.T) {
	var ranks []graph.Rank
	for i := range 11 {
		ranks = append(ranks, graph.Rank{Node: fmt.Sprint("n", i), Value: float64(20-i) / 100})
	}
	var text strings.Builder
	p := &printer{w: &text}
	p.trust(&scenarios.TrustRanks{Levels: trace.TrustLevels{Unknown: 1000, Probing: 2, Trusted: 3, Blocked: 4}, EigenTrust: ranks, PageRank: ranks[:10], Reputation: ranks[:1]})
	assert.NoError(t, p.err)
	assert.Equal(t, `  levels      1,000 unknown, 2 probing, 3 trusted, 4 blocked, of all 1,009 ordered pairs
  EigenTrust  n0 0.2000, n1 0.1900, n2 0.1800, n3 0.1700, n4 0.1600 … n6 0.1400, n7 0.1300, n8 0.1200, n9 0.1100, n10 0.1000
  PageRank    n0 0.2000, n1 0.1900, n2 0.1800, n3 0.1700, n4 0.1600, n5 0.1500, n6 0.1400, n7 0.1300, n8 0.1200, n9 0.1100
  reputation  all alike
`, text.String())
	assert.Equal(t, "all alike", ranksText(nil, 5, 5))
}
