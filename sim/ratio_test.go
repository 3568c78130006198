package sim

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func bigOf(x uint64) *big.Int { return new(big.Int).SetUint64(x) }

// hits is how many of the 2⁶⁴ draws hit: ⌈r·2⁶⁴/10⁹⌉.
func hits(r Ratio) *big.Int {
	n := new(big.Int).Lsh(bigOf(uint64(r)), 64)
	n.Add(n, bigOf(uint64(One)-1))
	return n.Div(n, bigOf(uint64(One)))
}

func TestRatioHitsExactly(t *testing.T) {
	require.False(t, Ratio(0).Hit(0))
	require.False(t, Ratio(0).Hit(math.MaxUint64))
	require.True(t, One.Hit(0))
	require.True(t, One.Hit(math.MaxUint64))
	rapid.Check(t, func(t *rapid.T) {
		r := Ratio(rapid.Uint32Range(1, uint32(One)-1).Draw(t, "ratio"))
		n := hits(r).Uint64()
		require.True(t, r.Hit(0))
		require.True(t, r.Hit(n-1), "the last of %d draws", n)
		require.False(t, r.Hit(n), "the first beyond %d draws", n)
		require.False(t, r.Hit(math.MaxUint64))
	})
}

func TestBelowIsTheMultipliedDraw(t *testing.T) {
	require.Zero(t, Below(math.MaxUint64, 1))
	require.EqualValues(t, 9, Below(math.MaxUint64, 10))
	require.EqualValues(t, uint64(math.MaxUint64-1), Below(math.MaxUint64, math.MaxUint64))
	rapid.Check(t, func(t *rapid.T) {
		draw, n := rapid.Uint64().Draw(t, "draw"), rapid.Uint64Min(1).Draw(t, "n")
		want := new(big.Int).Mul(bigOf(draw), bigOf(n))
		require.Equal(t, want.Rsh(want, 64).Uint64(), Below(draw, n))
	})
}

func TestScaleHalfUp(t *testing.T) {
	tests := []struct{ v, num, den, want uint64 }{
		{1, 1, 2, 1}, {1, 1, 3, 0}, {2, 1, 3, 1}, {3, 1, 2, 2}, {5, 1, 4, 1}, {6, 1, 4, 2}, {7, 3, 1, 21},
		{0, 5, 7, 0}, {math.MaxUint64, 1, 1, math.MaxUint64}, {math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, ScaleHalfUp(tt.v, tt.num, tt.den), "%d·%d/%d", tt.v, tt.num, tt.den)
	}
	rapid.Check(t, func(t *rapid.T) {
		v, num := rapid.Uint64().Draw(t, "v"), rapid.Uint64().Draw(t, "num")
		den := rapid.Uint64Min(1).Draw(t, "den")
		// ⌊(2·v·num + den) / (2·den)⌋
		want := new(big.Int).Mul(bigOf(v), bigOf(num))
		want.Lsh(want, 1).Add(want, bigOf(den)).Div(want, new(big.Int).Lsh(bigOf(den), 1))
		if !want.IsUint64() {
			require.Panics(t, func() { ScaleHalfUp(v, num, den) })
			return
		}
		require.Equal(t, want.Uint64(), ScaleHalfUp(v, num, den))
	})
}
