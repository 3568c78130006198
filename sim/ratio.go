package sim

import "math/bits"

// Ratio is a probability or share as an integer number of billionths, from 0 to
// One. Integers make "1%" the same coin on every architecture.
type Ratio uint32

// One is certainty.
const One Ratio = 1_000_000_000

// Hit reports whether a uniform 64-bit draw falls within the ratio: it does for
// exactly ⌈r·2⁶⁴/10⁹⌉ of the 2⁶⁴ draws, so 0 never hits and One always does.
func (r Ratio) Hit(draw uint64) bool {
	hi, _ := bits.Mul64(draw, uint64(One))
	return hi < uint64(r)
}

// Below maps a uniform 64-bit draw to 0 … n−1 (n ≥ 1) by multiplication. The
// bias is below n/2⁶⁴ and the work is bounded: one multiplication, no retry.
func Below(draw, n uint64) uint64 {
	hi, _ := bits.Mul64(draw, n)
	return hi
}

// ScaleHalfUp returns v·num/den rounded half up. It panics when the result does
// not fit 64 bits, which callers exclude by the bounds of their inputs.
func ScaleHalfUp(v, num, den uint64) uint64 {
	hi, lo := bits.Mul64(v, num)
	lo, carry := bits.Add64(lo, den/2, 0)
	q, _ := bits.Div64(hi+carry, lo, den) // an odd den has no exact halves, so den/2 serves it too
	return q
}

// Number is a plain number without a unit, such as the shape of a distribution, as
// an integer number of billionths: exactly the decimal that was written.
type Number int64

// Float is the number, rounded once.
func (n Number) Float() float64 { return float64(n) / 1e9 }
