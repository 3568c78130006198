package sim

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Each thing is picked by as many of total draws, evenly spaced, as it weighs, and
// in its order.
func TestWeightedPicksByWeight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Uint64Range(0, 5), 1, 20).Draw(t, "weights")
		w, err := NewWeighted(weights)
		var naive []int
		for i, n := range weights {
			for range n {
				naive = append(naive, i)
			}
		}
		if len(naive) == 0 {
			require.ErrorContains(t, err, "all 0")
			return
		}
		require.NoError(t, err)
		n := uint64(len(naive))
		var sum uint64
		for at, want := range naive {
			draw := uint64(at)*(math.MaxUint64/n) + math.MaxUint64/(2*n)
			require.Equal(t, want, w.Pick(draw))
			sum += uint64(want)
		}
		require.Equal(t, (2*sum+n)/(2*n), w.Mean(func(i int) uint64 { return uint64(i) }))
	})
}

func TestWeightedAtItsLimits(t *testing.T) {
	_, err := NewWeighted([]uint64{math.MaxUint64, 1})
	assert.ErrorContains(t, err, "too large at entry 1")
	w, err := NewWeighted([]uint64{0, math.MaxUint64 - 1, 0, 1, 0})
	require.NoError(t, err)
	assert.Equal(t, 1, w.Pick(0))
	assert.Equal(t, 3, w.Pick(math.MaxUint64))
	assert.Equal(t, uint64(math.MaxUint64), w.Mean(func(int) uint64 { return math.MaxUint64 }))
	even := Evenly(3)
	assert.Equal(t, []int{0, 1, 2}, []int{even.Pick(0), even.Pick(1 << 63), even.Pick(math.MaxUint64)})
	assert.EqualValues(t, 2, even.Mean(func(i int) uint64 { return []uint64{1, 2, 2}[i] }), "5/3")
	two := Evenly(2)
	assert.EqualValues(t, 2, two.Mean(func(i int) uint64 { return uint64(i) + 1 }), "3/2")
	assert.Equal(t, uint64(1<<63), even.Mean(func(i int) uint64 { return []uint64{0, 1 << 63, math.MaxUint64}[i] }), "128-bit sum")
}

func TestWeightedMeanRoundsHalfUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Uint64Range(0, 1<<40), 1, 10).Draw(t, "weights")
		values := rapid.SliceOfN(rapid.Uint64(), len(weights), len(weights)).Draw(t, "values")
		w, err := NewWeighted(weights)
		if err != nil {
			return
		}
		sum, total := new(big.Int), new(big.Int)
		for i := range weights {
			sum.Add(sum, new(big.Int).Mul(bigOf(weights[i]), bigOf(values[i])))
			total.Add(total, bigOf(weights[i]))
		}
		want := sum.Lsh(sum, 1).Add(sum, total).Div(sum, total.Lsh(total, 1))
		require.Equal(t, want.Uint64(), w.Mean(func(i int) uint64 { return values[i] }))
	})
}
