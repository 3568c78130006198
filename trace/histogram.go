package trace

import "math/bits"

// Histogram counts values of 0 … 2⁶³−1 in log-linear buckets, as HdrHistogram
// does: each power of two is split evenly into 1024, so that a percentile is at
// most 1/1024 too high. Count, sum, min and max are exact while the sum fits 63
// bits. The zero Histogram is empty and ready.
type Histogram struct {
	count, sum, min, max int64
	// octaves[0] holds 0 … 1023, octaves[k] the values of 10 + k bits.
	octaves [63 - octaveBits + 1]*octave
}

const octaveBits = 10

type octave struct {
	total   int64
	buckets [1 << octaveBits]int64
}

// Add counts one value. A negative one panics.
func (h *Histogram) Add(v int64) {
	k := max(bits.Len64(uint64(v)), octaveBits) - octaveBits
	o := h.octaves[k]
	if o == nil {
		o = new(octave)
		h.octaves[k] = o
	}
	o.total++
	o.buckets[v>>max(k-1, 0)&(1<<octaveBits-1)]++
	if h.count == 0 || v < h.min {
		h.min = v
	}
	h.max = max(h.max, v)
	h.count++
	h.sum += v
}

// Percentile is the nearest-rank percentile: the least value that is not below
// percent (1 … 100) of all, at most 1/1024 too high; 0 when there is none.
func (h *Histogram) Percentile(percent int64) int64 {
	whole, rest := h.count/100, h.count%100
	left := whole*percent + (rest*percent+99)/100 // rank, from 1
	for k, o := range h.octaves {
		if o == nil {
			continue
		}
		if left > o.total {
			left -= o.total
			continue
		}
		for i, n := range o.buckets {
			if left -= n; left <= 0 {
				return min(highest(k, int64(i)), h.max)
			}
		}
	}
	return h.max
}

// highest is the largest value of a bucket.
func highest(k int, i int64) int64 {
	if k == 0 {
		return i
	}
	first := (1<<octaveBits + i) << (k - 1)
	return first + 1<<(k-1) - 1
}

// Summary is what the result document says of the values.
func (h *Histogram) Summary() LatencySummary {
	if h.count == 0 {
		return LatencySummary{}
	}
	return LatencySummary{
		Count: h.count, Sum: h.sum, Min: h.min, Mean: h.sum / h.count,
		P50: h.Percentile(50), P95: h.Percentile(95), P99: h.Percentile(99), Max: h.max,
	}
}
