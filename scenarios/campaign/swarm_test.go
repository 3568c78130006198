package campaign

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/sim"
)

// A drawn scenario is the same each time, and what its text says.
func TestDraw(t *testing.T) {
	large, used := 0, map[string]int{}
	const seeds = 300
	for seed := range sim.Seed(seeds) {
		s := Draw(seed)
		text := s.TOML()
		if seed%10 == 0 {
			require.Equal(t, string(text), string(Draw(seed).TOML()))
		}
		again, err := scenarios.LoadBytes(text, "again.toml")
		require.NoError(t, err, "%s", text)
		require.Equal(t, string(text), string(again.TOML()))
		m, err := s.Mesh()
		require.NoError(t, err)
		require.LessOrEqual(t, len(m.Nodes), mostNodes+4)
		if len(m.Nodes) > 20 {
			large++
		}
		for _, f := range s.Features() {
			used[f]++
		}
	}
	assert.GreaterOrEqual(t, large, seeds/3, "scenarios of more than 20 nodes")
	for _, f := range slices.Sorted(maps.Keys(used)) {
		t.Logf("%3d%% %s", 100*used[f]/seeds, f)
	}
	for _, c := range claimed() { // a key or kind that is new has to be drawn: see CONTRIBUTING.md
		if f, ok := strings.CutPrefix(c, "scenario/"); ok {
			assert.GreaterOrEqual(t, used[f], seeds/33, "%s is drawn too rarely", f)
		}
	}
}
