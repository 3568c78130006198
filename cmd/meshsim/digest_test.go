package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestThinTracesOfDifferentRunsDiffer(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, seed := range []string{"7", "8"} {
		require.Equal(t, 0, meshsim("run", "detour", "-q", "--seed", seed, "--trace", seed, "--trace-level", "summary").status)
	}
	const found = "different\n  first different digest: after #0 at 0s\n  a {\"checkpoint\":{"
	got := meshsim("diff", "7", "8")
	assert.Equal(t, 1, got.status)
	assert.True(t, strings.HasPrefix(got.stdout, found), got.stdout)
	assert.NotContains(t, got.stdout, "state in a")

	write(t, "forged", strings.Replace(read(t, "7"), `"seed":7,"epoch"`, `"seed":8,"epoch"`, 1))
	got = meshsim("replay", "forged")
	assert.Equal(t, 3, got.status)
	assert.True(t, strings.HasPrefix(got.stdout, found), got.stdout)
	d := document(t, meshsim("replay", "forged", "--json").stdout)["first_difference"].(map[string]any)
	assert.Equal(t, []any{1.0, 0.0, []any{}}, []any{d["seq"], d["t"], d["causes"]})

	header, _, _ := strings.Cut(read(t, "7"), "\n")
	write(t, "header", header)
	got = meshsim("replay", "header")
	assert.Equal(t, 2, got.status)
	assert.Contains(t, got.stderr, "header: holds no event\n")
	assert.Equal(t, 2, meshsim("diff", "7", "header").status)
}
