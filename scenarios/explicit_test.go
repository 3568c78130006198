package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
)

// A mesh written out runs as the one that was made by its kind: every built-in.
func TestExplicitRunsTheSame(t *testing.T) {
	for _, entry := range scenarios.Library() {
		if entry.Name == "workload" {
			continue // long
		}
		t.Run(entry.Name, func(t *testing.T) {
			s, err := scenarios.Load(nil, entry.Name)
			require.NoError(t, err)
			x, err := s.Explicit()
			if _, planned := s.Topology.Kind.(scenarios.ContactPlan); planned {
				require.ErrorIs(t, err, scenarios.ErrChanging)
				return
			}
			require.NoError(t, err)
			require.IsType(t, scenarios.OwnLinks{}, x.Topology.Kind)
			again, err := scenarios.LoadBytes(x.TOML(), "explicit.toml", scenarios.WithFiles(packed(t, s)))
			require.NoError(t, err)
			require.Equal(t, run(t, s, scenarios.Options{}).Digest, run(t, again, scenarios.Options{}).Digest)
		})
	}
}

func packed(t *testing.T, s *scenarios.Scenario) map[string]string {
	whole, err := s.SelfContained()
	require.NoError(t, err)
	return whole.Files
}

// What is done to a clone is not done to the original.
func TestCloneSharesNothing(t *testing.T) {
	s, err := scenarios.Load(nil, "abilene-partition")
	require.NoError(t, err)
	before := string(s.TOML())
	c := s.Clone()
	require.Equal(t, before, string(c.TOML()))
	c.Faults[0].Kind.(scenarios.Partition).Groups[0][0] = "changed"
	c.Traffic[0].Name = "changed"
	c.Expects[0].Always = "true"
	c.Comment[0] = "changed"
	require.Equal(t, before, string(s.TOML()))
}
