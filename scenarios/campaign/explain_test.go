package campaign

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
)

// An oracle is asked again about what its record says that it objected to.
func TestExplainOracleOfAPass(t *testing.T) {
	s, err := scenarios.LoadBytes([]byte(row), "row.toml")
	require.NoError(t, err)
	_, ok, err := ExplainOracle(s, scenarios.Options{})
	assert.False(t, ok, "it has no record")
	assert.NoError(t, err)
	s.Record = &scenarios.Record{Failure: "oracle wires"}
	_, ok, err = ExplainOracle(s, scenarios.Options{})
	assert.True(t, ok)
	assert.ErrorIs(t, err, rerun.ErrNothingFailed)
	_, ok, err = ExplainOracle(s, scenarios.Options{Stop: func() bool { return true }})
	assert.True(t, ok)
	assert.ErrorIs(t, err, rerun.ErrInterrupted)
}
