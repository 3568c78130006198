package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestShrinkCommand(t *testing.T) {
	scenario(t, "sad.toml", failing)
	got := meshsim("shrink", "sad.toml", "--out", "small")
	assert.Equal(t, 0, got.status, got.stderr)
	assert.Contains(t, got.stdout, "failed: expectation nothing is lost: loss")
	assert.Contains(t, got.stdout, "left small/sad-1.min.fail.toml")
	files, err := os.ReadDir("small")
	require.NoError(t, err)
	assert.Len(t, files, 1, "what was smallest on the way is gone, also under another seed")
	assert.Equal(t, 1, meshsim("run", "small/sad-1.min.fail.toml", "-q").status, "it fails")
	assert.Equal(t, 0, meshsim("replay", "small/sad-1.min.fail.toml").status, "as its record says")
	v := document(t, meshsim("shrink", "sad.toml", "--attempts", "5", "--json").stdout)
	assert.Equal(t, false, v["done"])
	assert.EqualValues(t, 5, v["attempts"])

	for want, line := range map[string][]string{
		"there is nothing to shrink": {"shrink", "detour"},
		"must be at least 1":         {"shrink", "sad.toml", "--attempts", "0"},
	} {
		got := meshsim(line...)
		assert.Equal(t, 2, got.status, line)
		assert.Contains(t, got.stderr, want)
	}
}
