package sim

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const samples = 100_000

// exponentials are samples of mean 1 s with their draws.
func exponentials() (draws, values []uint64) {
	s := Seed(20).Stream("test/exponential")
	for i := range uint64(samples) {
		d := s.Draw(Key{N: i}, 0)
		draws, values = append(draws, d), append(values, Exponential(d, 1e9, 1))
	}
	return draws, values
}

func TestExponentialIsTheLogarithm(t *testing.T) {
	draws, values := exponentials()
	for i, d := range draws {
		want := -1e9 * math.Log((float64(d)+1)/(1<<64))
		require.InDelta(t, want, float64(values[i]), 1, "draw %#x", d)
	}
}

// The tails are where a fixed-point logarithm could go below zero or overflow.
func TestExponentialOfTheExtremeDraws(t *testing.T) {
	require.Zero(t, Exponential(math.MaxUint64, 1<<57-1, 1))
	require.Equal(t, uint64(44_361_419_556), Exponential(0, 1e9, 1), "64·ln 2 s")
	require.EqualValues(t, 693_147_181, Exponential(1<<63-1, 1e9, 1), "ln 2 s")
	for i := range uint64(100_000) {
		require.LessOrEqual(t, negLog(math.MaxUint64-i), i/64+3, "%d below the largest draw", i)
	}
	largest := Exponential(0, 1<<57-1, 1)
	require.InEpsilon(t, 64*math.Ln2*(1<<57), float64(largest), 1e-12)
	require.LessOrEqual(t, largest, uint64(math.MaxInt64), "it must fit a time")
}

// math/big has no logarithm to compare with, but the exponential is a short series.
func TestNegLogInverts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Uint64().Draw(t, "draw")
		// e^−y·2⁶⁴, with y off by at most 32 of its units, is draw + 1.
		y := new(big.Float).SetPrec(200).SetUint64(negLog(draw))
		y.SetMantExp(y, -expBits)
		want := new(big.Float).SetPrec(200).SetUint64(draw)
		want.Add(want, big.NewFloat(1))
		got := new(big.Float).SetPrec(200).Quo(new(big.Float).SetMantExp(big.NewFloat(1), 64), bigExp(y))
		off := new(big.Float).Quo(got.Sub(got, want), want)
		relative, _ := off.Abs(off).Float64()
		require.LessOrEqual(t, relative, 32.0/(1<<expBits))
	})
}

// bigExp is eˣ for 0 ≤ x < 45 by its series, which converges to 200 bits.
func bigExp(x *big.Float) *big.Float {
	sum, term := new(big.Float).SetPrec(200).SetInt64(1), new(big.Float).SetPrec(200).SetInt64(1)
	for n := range int64(250) {
		term.Mul(term, x)
		term.Quo(term, new(big.Float).SetPrec(200).SetInt64(n+1))
		sum.Add(sum, term)
	}
	return sum
}

func TestExponentialRoundsHalfUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Uint64().Draw(t, "draw")
		den := rapid.Uint64Range(1, 1<<40).Draw(t, "den")
		most := uint64(math.MaxUint64)
		if den < 1<<7 {
			most = den<<57 - 1
		}
		num := rapid.Uint64Range(0, most).Draw(t, "num")
		// ⌊(2·ln·num + den·2⁵⁸) / (den·2⁵⁹)⌋
		want := new(big.Int).Mul(bigOf(negLog(draw)), bigOf(num))
		unit := new(big.Int).Lsh(bigOf(den), expBits)
		want.Lsh(want, 1).Add(want, unit).Div(want, unit.Lsh(unit, 1))
		require.Equal(t, want.Uint64(), Exponential(draw, num, den))
	})
}

func TestExponentialHasItsMoments(t *testing.T) {
	_, values := exponentials()
	var sum, squares float64
	for _, v := range values {
		x := float64(v) / 1e9
		sum += x
		squares += (x - 1) * (x - 1)
	}
	// Of the exponential distribution with mean 1 the variance is 1 and the fourth
	// central moment 9, so the variance's standard error is √(8/N).
	require.InDelta(t, 1, sum/samples, 4/math.Sqrt(samples))
	require.InDelta(t, 1, squares/samples, 4*math.Sqrt(8.0/samples))
}

func TestExponentialHasItsShape(t *testing.T) {
	_, values := exponentials()
	slices.Sort(values)
	var distance float64
	for i, v := range values {
		p := -math.Expm1(-float64(v) / 1e9)
		distance = max(distance, p-float64(i)/samples, float64(i+1)/samples-p)
	}
	require.LessOrEqual(t, distance, 1.95/math.Sqrt(samples), "Kolmogorov–Smirnov")
}

// Recorded runs replay only as long as these samples stay the same. The large
// mean shows every bit of the logarithm.
func TestExponentialGolden(t *testing.T) {
	tests := []struct{ n, num, den, want uint64 }{
		{1_000_000, 1_000_000_000_000, 7, 0x4d656bfb17481abc},
		{100_000, 1<<57 - 1, 1, 0xfba7a1fe0b52aabe},
	}
	s := Seed(42).Stream("golden/exponential")
	for _, tt := range tests {
		h := fnv.New64a()
		var b [8]byte
		for i := range tt.n {
			binary.LittleEndian.PutUint64(b[:], Exponential(s.Draw(Key{N: i}, 0), tt.num, tt.den))
			h.Write(b[:])
		}
		require.Equal(t, fmt.Sprintf("%#x", tt.want), fmt.Sprintf("%#x", h.Sum64()), "mean %d/%d", tt.num, tt.den)
	}
}
