//go:build planted

package campaign

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/sim/planted"
)

// Some bugs that one of the first drawn scenarios shows are found, made small and
// explained. All others take the command in ./plants.
func TestPlantedBugsAreFound(t *testing.T) {
	defer func() { planted.Bug = planted.None }()
	for bug, want := range map[planted.Kind]struct {
		by   Signature
		says string
	}{
		planted.FloodBack:        {"oracle clean_flood", "it sends back: envelope_transmitted"},
		planted.LinkDownDelivers: {"oracle outages", "lets a copy arrive while it is down"},
		planted.DuplicateDraw:    {"oracle wires", "copy"}, // lost, late or corrupt as its original
		planted.MapRange:         {"oracle same_seed", "digest "},
	} {
		planted.Bug = bug
		r, err := (&Campaign{Seed: 1, Runs: 40, FailFast: true}).Run()
		require.NoError(t, err)
		require.NotEmpty(t, r.Signatures, want.by)
		first := r.Signatures[0]
		require.Equal(t, want.by, first.Signature, first.Detail)
		small, err := Shrinker{Attempts: 300, Failing: Failing(first.Signature, nil)}.Shrink(first.first)
		require.NoError(t, err)
		mesh, err := small.Scenario.Mesh()
		require.NoError(t, err)
		assert.LessOrEqual(t, len(mesh.Nodes), 6, want.by)
		assert.LessOrEqual(t, len(small.Scenario.Faults), 3, want.by)
		small.Scenario.Record = &scenarios.Record{Failure: string(first.Signature)}
		why, ok, err := ExplainOracle(small.Scenario, scenarios.Options{})
		require.NoError(t, err)
		require.True(t, ok)
		assert.Contains(t, why.Answer[0], want.says)
		if bug != planted.MapRange { // of which two runs more may happen to have the same events
			assert.NotEmpty(t, why.Accounts, want.by)
		}
	}
}
