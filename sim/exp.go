package sim

import "math/bits"

// expBits is the number of fractional bits of Exponential's result.
const expBits = 58

// Exponential turns a uniform draw into one of the exponential distribution
// times the mean num/den, rounded half up. It is −ln((draw+1)/2⁶⁴), found in
// integers so that every architecture gets the same nanosecond. The work is the
// same for every draw, and the largest result is 44.4 means. num/den must be
// below 2⁵⁷ (4.5 virtual years as nanoseconds).
func Exponential(draw uint64, num, den uint64) uint64 {
	hi, lo := bits.Mul64(negLog(draw), num)
	// Divide by den·2⁵⁸: first by den, keeping the fraction, then by the power.
	q1, r := bits.Div64(0, hi, den)
	q0, _ := bits.Div64(r, lo, den)
	lo, carry := bits.Add64(q0, 1<<(expBits-1), 0)
	return (q1+carry)<<(64-expBits) | lo>>expBits
}

// negLog returns −ln((draw+1)/2⁶⁴) with expBits fractional bits, less than 32
// units off, by Feynman's shift-and-add algorithm (D. Hillis, "Richard Feynman
// and the Connection Machine", 1989; Knuth, TAOCP 1, 1.2.2, exercise 25): the
// mantissa is built up as a product of factors 1 + 2⁻ᵏ, whose logarithms are
// added up. What remains after the last factor is so small that ln(1+r) is r.
func negLog(draw uint64) uint64 {
	if draw == 1<<64-1 {
		return 0 // the argument is 1
	}
	u := draw + 1
	zeros := uint64(bits.LeadingZeros64(u))
	m := u << zeros >> 1 // the argument is m/2⁶² · 2^−(zeros+1) with 1 ≤ m/2⁶² < 2
	x, ln := uint64(1)<<62, uint64(0)
	for k := 1; k < len(lnOnePlus); k++ {
		step := x >> k
		_, over := bits.Sub64(m, x+step, 0)
		take := over - 1 // all ones when x + step ≤ m: a branch here would miss half the time
		x += step & take
		ln += lnOnePlus[k] & take
	}
	rest, _ := bits.Div64((m-x)>>(64-expBits), (m-x)<<expBits, x)
	return (zeros+1)*lnOnePlus[0] - ln - rest
}

// lnOnePlus[k] is ln(1 + 2⁻ᵏ) with expBits fractional bits, rounded to nearest.
// It ends where the square of the remainder, 2⁻⁶², no longer shows.
var lnOnePlus = [32]uint64{
	0x2c5c85fdf473de7, 0x19f323ecbf984bf, 0xe47fbe3cd4d10d, 0x789c1db8abcb98,
	0x3e14618022c54d, 0x1f829b0e783300, 0xfe054587e01f2, 0x7f80a9ac419e2,
	0x3fe0154562178, 0x1ff802a9ab10e, 0xffe005545588, 0x7ff800aa9aac,
	0x3ffe00155455, 0x1fff8002aa9b, 0xfffe0005554, 0x7fff8000aab,
	0x3fffe000155, 0x1ffff80002b, 0xffffe00005, 0x7ffff80001,
	0x3ffffe0000, 0x1fffff8000, 0xfffffe000, 0x7fffff800,
	0x3fffffe00, 0x1ffffff80, 0xffffffe0, 0x7ffffff8,
	0x3ffffffe, 0x20000000, 0x10000000, 0x8000000,
}
