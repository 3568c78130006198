package sim

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// exactExp is eˣ to 200 bits.
func exactExp(x float64) *big.Float {
	k := math.Floor(math.Abs(x) / 32)
	rest := bigExp(new(big.Float).SetPrec(200).SetFloat64(math.Abs(x) - 32*k)) // exact: both are below 2¹⁰
	power := bigExp(new(big.Float).SetPrec(200).SetFloat64(32))
	for range int(k) {
		rest.Mul(rest, power)
	}
	if x < 0 {
		rest.Quo(new(big.Float).SetPrec(200).SetInt64(1), rest)
	}
	return rest
}

// relative is the relative error of got.
func relative(got float64, want *big.Float) float64 {
	off := new(big.Float).SetPrec(200).SetFloat64(got)
	off.Sub(off, want).Quo(off, want)
	v, _ := off.Float64()
	return math.Abs(v)
}

func TestExpIsWithinItsBound(t *testing.T) {
	const bound = 1.0 / (1 << 51)
	for _, x := range []float64{0, 1, -1, 0.5 * math.Ln2, -0.5 * math.Ln2, 32, -32, 699.9, -699.9, 1e-300, 5e-324} {
		require.LessOrEqual(t, relative(Exp(x), exactExp(x)), bound, "%v", x)
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-expLargest, expLargest).Draw(t, "x")
		require.LessOrEqual(t, relative(Exp(x), exactExp(x)), bound)
		small := math.Mod(x, 1)
		require.LessOrEqual(t, relative(Exp(small), exactExp(small)), bound)
	})
	assert.Equal(t, 1.0, Exp(0))
	assert.Equal(t, Exp(expLargest), Exp(math.Inf(1)))
	assert.Equal(t, Exp(-expLargest), Exp(math.Inf(-1)))
}

func TestLogIsWithinItsBound(t *testing.T) {
	check := func(t require.TestingT, n uint64) {
		require.InDelta(t, math.Log(float64(n)), Log(n), 1.0/(1<<46), "%d", n) // math.Log is half of it off
	}
	for _, n := range []uint64{2, 3, 10, 1e9, 1 << 47, 1<<63 - 1, 1 << 63, math.MaxUint64} {
		check(t, n)
	}
	assert.Zero(t, Log(1))
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.Uint64Min(1).Draw(t, "n")) })
}

func TestGumbelIsTheLogarithmOfTheExponential(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Uint64().Draw(t, "draw")
		e := StandardExponential(draw)
		if e < 1e-9 {
			return // E itself has few digits there
		}
		require.InDelta(t, -math.Log(e), Gumbel(draw), 1.0/(1<<53)/e+1.0/(1<<46))
	})
	assert.InDelta(t, -math.Log(64*math.Ln2), Gumbel(0), 1e-14)
	assert.InDelta(t, 58*math.Ln2, Gumbel(math.MaxUint64), 1e-13)
}

// bigNormal is the distribution function of the standard normal distribution at
// z ≤ 0 and its density, to 100 bits or more: Φ(z) = ½ − φ(z)·(|z| + |z|³/3 + |z|⁵/15 + …)
// (G. Marsaglia, "Evaluating the normal distribution", JSS 11(4), 2004).
func bigNormal(z float64) (below, density *big.Float) {
	const digits = 300
	x := new(big.Float).SetPrec(digits).SetFloat64(-z)
	square := new(big.Float).Mul(x, x)
	sum, term := new(big.Float).SetPrec(digits), new(big.Float).Set(x)
	for n := int64(3); n < 1500; n += 2 {
		sum.Add(sum, term)
		term.Mul(term, square)
		term.Quo(term, new(big.Float).SetPrec(digits).SetInt64(n))
	}
	root, _ := new(big.Float).SetPrec(digits).SetString("2.50662827463100050241576528481104525300698674060993831662992357634229365460784197494659583837805726611600997267")
	density = new(big.Float).SetPrec(digits).SetInt64(1)
	exponent := new(big.Float).Quo(square, new(big.Float).SetPrec(digits).SetInt64(2))
	density.Quo(density, root).Quo(density, longExp(exponent))
	below = new(big.Float).SetPrec(digits).SetFloat64(0.5)
	return below.Sub(below, new(big.Float).Mul(sum, density)), density
}

// longExp is eˣ for 0 ≤ x < 45 by its series to 300 bits.
func longExp(x *big.Float) *big.Float {
	sum, term := new(big.Float).SetPrec(300).SetInt64(1), new(big.Float).SetPrec(300).SetInt64(1)
	for n := range int64(350) {
		term.Mul(term, x)
		term.Quo(term, new(big.Float).SetPrec(300).SetInt64(n+1))
		sum.Add(sum, term)
	}
	return sum
}

// The error of a quantile is the error of its probability over the density.
func TestNormalIsWithinItsBound(t *testing.T) {
	check := func(t require.TestingT, draw uint64) {
		z := Normal(draw)
		require.Equal(t, -z, Normal(^draw), "odd about the middle")
		if z > 0 {
			draw, z = ^draw, -z
		}
		want := new(big.Float).SetPrec(300).SetInt(bigOf(draw))
		want.Add(want, big.NewFloat(0.5)).SetMantExp(want, -64)
		below, density := bigNormal(z)
		off := below.Sub(below, want)
		off.Quo(off, density)
		v, _ := off.Float64()
		require.LessOrEqual(t, math.Abs(v), math.Abs(z)*1e-15, "draw %#x: %v", draw, z)
	}
	for k := range uint64(64) { // every order of magnitude, and all three regions
		for _, m := range []uint64{16, 19, 21, 25, 29} {
			check(t, m<<k>>4)
		}
	}
	for k := range uint64(40) {
		check(t, k*(math.MaxUint64/80))
		check(t, 1<<63-1-1<<k)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.Uint64().Draw(t, "draw")) })
}

// Percentage points as tables print them (NIST/SEMATECH e-Handbook 1.3.6.7.1 and
// Wichura's own checks: 0.25, 0.001 and 10⁻²⁰).
func TestNormalHasThePublishedPoints(t *testing.T) {
	at := func(p float64) float64 { return Normal(uint64(p * (1 << 64))) }
	for p, z := range map[float64]float64{
		0.25: -0.6744897501960817, 0.001: -3.090232306167814, 0.975: 1.959963984540054,
		0.995: 2.575829303548901, 0.9: 1.2815515655446004,
	} {
		assert.InDelta(t, z, at(p), 4e-15, "%v", p)
	}
	assert.InDelta(t, -9.262340089798408, at(1e-20), 0.18, "the last draw, 2⁻⁶⁵, stands for all that is rarer")
	assert.InDelta(t, 0, Normal(1<<63), 1e-18)
}

func TestNormalAscendsWithTheDraw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		if a > b {
			a, b = b, a
		}
		if b-a > 1<<20 {
			require.LessOrEqual(t, Normal(a), Normal(b))
		}
	})
}

// Recorded runs replay only as long as these stay the same, on every architecture.
func TestFloatGolden(t *testing.T) {
	const n = 1_000_000
	s := Seed(42).Stream("golden/float")
	sums := map[string]string{}
	for name, f := range map[string]func(uint64) float64{
		"normal":      Normal,
		"gumbel":      Gumbel,
		"exponential": StandardExponential,
		"log":         func(d uint64) float64 { return Log(d | 1) },
		"exp":         func(d uint64) float64 { return Exp(float64(int64(d)) / (1 << 54)) }, // ±512
	} {
		h := fnv.New64a()
		var b [8]byte
		for i := range uint64(n) {
			binary.LittleEndian.PutUint64(b[:], math.Float64bits(f(s.Draw(Key{N: i}, 0))))
			h.Write(b[:])
		}
		sums[name] = fmt.Sprintf("%#x", h.Sum64())
	}
	assert.Equal(t, map[string]string{
		"exp": "0x1e292ee64e91535e", "exponential": "0xfe469a04791f3324", "gumbel": "0x7af4f4ccaa8489f5",
		"log": "0xe0119d7e27d2cb11", "normal": "0x8052905ade91fa4e",
	}, sums)
}

func BenchmarkSamplers(b *testing.B) {
	s := Seed(1).Stream("bench/samplers")
	draws := make([]uint64, 1<<10)
	for i := range draws {
		draws[i] = s.Draw(Key{N: uint64(i)}, 0)
	}
	for name, f := range map[string]func(uint64) float64{
		"normal": Normal, "gumbel": Gumbel, "exponential": StandardExponential,
		"exp": func(d uint64) float64 { return Exp(float64(int64(d)) / (1 << 58)) },
	} {
		b.Run(name, func(b *testing.B) {
			var sum float64
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				sum += f(draws[i&(len(draws)-1)])
				i++
			}
			_ = sum
		})
	}
}
