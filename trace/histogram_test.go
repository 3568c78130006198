package trace

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestHistogramAgainstSortedList(t *testing.T) {
	value := rapid.Custom(func(t *rapid.T) int64 { // of all magnitudes alike
		return rapid.Int64Range(0, 1<<rapid.IntRange(0, 50).Draw(t, "bits")).Draw(t, "value")
	})
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(value, 1, 300).Draw(t, "values")
		var h Histogram
		var sum int64
		for _, v := range values {
			h.Add(v)
			sum += v
		}
		slices.Sort(values)
		n := len(values)
		s := h.Summary()
		assert.Equal(t, []int64{int64(n), sum, values[0], values[n-1], sum / int64(n)}, []int64{s.Count, s.Sum, s.Min, s.Max, s.Mean})
		assert.Equal(t, s.Max, h.Percentile(100))
		for percent := 1; percent <= 100; percent++ {
			exact := values[(n*percent+99)/100-1]
			got := h.Percentile(int64(percent))
			assert.GreaterOrEqual(t, got, exact, "p%d", percent)
			assert.LessOrEqual(t, got-exact, exact/1024, "p%d of %d values is %d", percent, n, exact)
		}
	})
}

func TestHistogramEnds(t *testing.T) {
	var h Histogram
	assert.Equal(t, LatencySummary{}, h.Summary())
	assert.Zero(t, h.Percentile(50))
	h.Add(math.MaxInt64)
	h.Add(0)
	assert.Equal(t, int64(0), h.Percentile(50))
	assert.Equal(t, int64(math.MaxInt64), h.Percentile(51))
	assert.Panics(t, func() { h.Add(-1) })
}

func TestHistogramIsExactBelow2048(t *testing.T) {
	for v := range int64(2048) {
		var h Histogram
		h.Add(v)
		h.Add(math.MaxInt64 >> 1)
		assert.Equal(t, v, h.Percentile(50))
	}
}
