package graph

import (
	"math"
	"math/bits"
	"strconv"
)

// sum adds numbers of 0 or more without an overflow: latencies of all pairs of a
// large and slow mesh are beyond 64 bits.
type sum struct{ high, low, count uint64 }

func (s *sum) add(n int64) {
	var carry uint64
	s.low, carry = bits.Add64(s.low, uint64(n), 0)
	s.high += carry
	s.count++
}

// floor is the mean, rounded down; 0 of nothing.
func (s *sum) floor() int64 {
	if s.count == 0 {
		return 0
	}
	mean, _ := bits.Div64(s.high, s.low, s.count)
	return int64(mean)
}

// mean is that of small numbers, such as hops; 0 of nothing.
func (s *sum) mean() float64 { return ratio(int64(s.low), int64(s.count)) }

// rounded has six significant digits: what is computed in floats differs between
// architectures beyond them.
func rounded(x float64) float64 {
	if math.Abs(x) < 1e-12 {
		return 0 // what is left of a sum that is nothing
	}
	r, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	return r
}
