package netmodel

import (
	"math"
	"testing"
	"time"

	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLatencyMeanAndEnds(t *testing.T) {
	for _, c := range []struct{ min, max, mean time.Duration }{
		{0, 0, 0},
		{0, 1, 1}, // half up
		{0, 2, 1},
		{3, 6, 5},
		{9_500_000, 10_500_000, 10_000_000},
		{math.MaxInt64 - 1, math.MaxInt64, math.MaxInt64},
		{0, math.MaxInt64, 1 << 62},
	} {
		l, err := Uniform(c.min, c.max)
		require.NoError(t, err)
		assert.Equal(t, c.mean, l.Mean(), "%v", c)
		assert.Equal(t, c.min, l.Sample(0), "%v", c)
		assert.Equal(t, c.max, l.Sample(math.MaxUint64), "%v", c)
	}
	assert.Equal(t, 7*time.Millisecond, Constant(7*time.Millisecond).Sample(math.MaxUint64))
	assert.Equal(t, 7*time.Millisecond, Constant(7*time.Millisecond).Mean())
	assert.Equal(t, time.Duration(0), Latency{}.Sample(1))
}

func TestUniformRefusesBadBounds(t *testing.T) {
	_, err := Uniform(-1, 5)
	assert.ErrorContains(t, err, "min -1ns is negative")
	_, err = Uniform(6, 5)
	assert.ErrorContains(t, err, "max 5ns is below min 6ns")
}

// Each of the six values comes up about equally often.
func TestUniformIsUniform(t *testing.T) {
	const n = 100_000
	l, err := Uniform(10, 15)
	require.NoError(t, err)
	stream := sim.Seed(7).Stream("test/uniform")
	var seen [16]int
	for i := range uint64(n) {
		seen[l.Sample(stream.Draw(sim.Key{N: i}, 0))]++
	}
	for v := 10; v <= 15; v++ {
		assert.True(t, shareAgrees(seen[v], n, 1.0/6, 1), "%d came %d times", v, seen[v])
	}
}

// shareAgrees accepts a share of n draws within 4·inflation standard errors of p.
func shareAgrees(hits, n int, p, inflation float64) bool {
	se := math.Sqrt(p * (1 - p) / float64(n))
	return math.Abs(float64(hits)/float64(n)-p) <= 4*inflation*se
}
