package sim

import "math"

// What follows computes in float64 and yet gives the same bits on every
// architecture: sums, products, quotients and roots are rounded by IEEE 754, and
// each product is rounded before it is added to anything, so that none can be
// fused with a sum.

// ln 2 in two parts; the first has so few bits that its product with the exponent
// of a float64 is exact.
const (
	ln2High = 6.93147180369123816490e-01
	ln2Low  = 1.90821492927058770002e-10
)

// expTerms are 1/n! for n = 13 … 0. The first term left out, x¹⁴/14!, is below
// 2⁻⁵⁷ where |x| ≤ ½ ln 2.
var expTerms = [...]float64{
	1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
	1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1, 1,
}

// expLargest bounds the argument of Exp on both sides.
const expLargest = 700

// Exp is eˣ with a relative error below 2⁻⁵¹. What is beyond ±700 is taken for
// ±700; x must not be NaN. The argument is reduced by a multiple of ln 2 to at most
// ½ ln 2, where the power series is short.
func Exp(x float64) float64 {
	x = max(-expLargest, min(x, expLargest))
	k := math.Floor(float64(x*(1/math.Ln2)) + 0.5)
	x = x - float64(k*ln2High) - float64(k*ln2Low)
	sum := expTerms[0]
	for _, term := range expTerms[1:] {
		sum = float64(sum*x) + term
	}
	return scale(sum, int(k))
}

// scale is x·2ᵏ, exact unless it leaves the range of a float64.
func scale(x float64, k int) float64 {
	const step = 62
	for ; k > step; k -= step {
		x = float64(x * (1 << step))
	}
	for ; k < -step; k += step {
		x /= 1 << step
	}
	if k < 0 {
		return x / float64(int64(1)<<-k)
	}
	return float64(x * float64(int64(1)<<k))
}

// Log is the natural logarithm of n ≥ 1, at most 2⁻⁴⁷ off.
func Log(n uint64) float64 {
	const one = 64 // 2⁶⁴ is the unit of negLog's argument
	return fraction(one*lnOnePlus[0] - negLog(n-1))
}

// fraction is a number with expBits fractional bits, rounded to nearest.
func fraction(v uint64) float64 { return float64(v) / (1 << expBits) }

// StandardExponential turns a uniform draw into one of the exponential
// distribution of mean 1: −ln((draw+1)/2⁶⁴), from 0 to 44.4, at most 2⁻⁴⁷ off.
// Exponential is the same draw in integers.
func StandardExponential(draw uint64) float64 { return fraction(negLog(draw)) }

// Gumbel turns a uniform draw into one of the standard Gumbel distribution,
// −ln(−ln((draw+1)/2⁶⁴)), from −3.79 to 40.2: the power e^(−Gumbel/k) has the Weibull
// distribution of shape k. The inner logarithm E is at most 2⁻⁵³ off, so that the
// result is at most 2⁻⁵³/E + 2⁻⁴⁸ off; an E below 2⁻⁵⁸ is taken for that.
func Gumbel(draw uint64) float64 {
	// E is e/2⁵⁸, and ln(e/2⁶⁴) is what negLog knows.
	const shift = 64 - expBits
	e := max(negLog(draw), 1)
	if ln, whole := negLog(e-1), shift*lnOnePlus[0]; ln < whole {
		return -fraction(whole - ln)
	} else {
		return fraction(ln - whole)
	}
}
