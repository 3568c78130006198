package netmodel

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGenerators(t *testing.T) {
	for _, c := range []struct {
		name     string
		generate func(int) ([]Pair, error)
		n        int
		want     []Pair
	}{
		{"line", Line, 1, []Pair{}},
		{"line", Line, 2, []Pair{{0, 1}}},
		{"line", Line, 4, []Pair{{0, 1}, {1, 2}, {2, 3}}},
		{"ring", Ring, 1, []Pair{}},
		{"ring", Ring, 2, []Pair{{0, 1}}},
		{"ring", Ring, 3, []Pair{{0, 1}, {1, 2}, {0, 2}}},
		{"ring", Ring, 4, []Pair{{0, 1}, {1, 2}, {2, 3}, {0, 3}}},
		{"full", Full, 1, []Pair{}},
		{"full", Full, 2, []Pair{{0, 1}}},
		{"full", Full, 4, []Pair{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}},
	} {
		got, err := c.generate(c.n)
		require.NoError(t, err)
		assert.Equal(t, c.want, got, "%s of %d", c.name, c.n)
	}
	for name, generate := range map[string]func(int) ([]Pair, error){"line": Line, "ring": Ring, "full": Full} {
		for _, n := range []int{math.MinInt, -1, 0} {
			_, err := generate(n)
			assert.ErrorContains(t, err, "at least 1 is needed", "%s of %d", name, n)
		}
		for _, n := range []int{MaxPairs + 2, math.MaxInt} {
			_, err := generate(n)
			assert.ErrorContains(t, err, "more than 4194304 links", "%s of %d", name, n)
		}
	}
	_, err := Full(2897) // 4 194 856 links
	assert.Error(t, err)
}
