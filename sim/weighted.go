package sim

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// Weighted is a choice among n things by weight. It is read-only and may be shared.
type Weighted struct {
	n     uint64
	total uint64
	upTo  []uint64 // sums of the weights up to and including each; nil: all are 1
}

// Evenly is the choice among n ≥ 1 things of equal weight.
func Evenly(n int) Weighted { return Weighted{n: uint64(n), total: uint64(n)} }

// NewWeighted is the choice by the given weights, of which at least one must be
// above 0. It fails when their sum is 0 or beyond 2⁶⁴−1.
func NewWeighted(weights []uint64) (Weighted, error) {
	w := Weighted{n: uint64(len(weights)), upTo: make([]uint64, len(weights))}
	for i, weight := range weights {
		sum, carry := bits.Add64(w.total, weight, 0)
		if carry != 0 {
			return Weighted{}, fmt.Errorf("the sum of the weights is too large at entry %d", i)
		}
		w.total, w.upTo[i] = sum, sum
	}
	if w.total == 0 {
		return Weighted{}, errors.New("the weights are all 0")
	}
	return w, nil
}

// Pick is the index, 0 … n−1, that a uniform draw stands for: ascending with it,
// with a bias below total/2⁶⁴.
func (w *Weighted) Pick(draw uint64) int {
	at := Below(draw, w.total)
	if w.upTo == nil {
		return int(at)
	}
	i, _ := slices.BinarySearch(w.upTo, at+1) // the first sum above at
	return i
}

// Mean is the weighted mean of one value ≥ 0 for each thing, rounded half up.
func (w *Weighted) Mean(value func(i int) uint64) uint64 {
	var high, low, before uint64
	for i := range w.n {
		weight := uint64(1)
		if w.upTo != nil {
			weight = w.upTo[i] - before
			before = w.upTo[i]
		}
		h, l := bits.Mul64(weight, value(int(i)))
		var carry uint64
		low, carry = bits.Add64(low, l, 0)
		high += h + carry // a mean of 64-bit values: the sum is below total·2⁶⁴
	}
	q, rest := bits.Div64(high, low, w.total)
	if rest >= w.total-rest {
		q++
	}
	return q
}
