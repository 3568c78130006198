package world

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/sim"
)

func TestSizesReachTheirBounds(t *testing.T) {
	const last = math.MaxUint64
	ends := func(s Size) [2]int64 { return [2]int64{s.Draw(0), s.Draw(last)} }
	assert.Equal(t, [2]int64{200, 200}, ends(FixedSize(200)))
	assert.Equal(t, [2]int64{64, 1500}, ends(UniformSize{64, 1500}))
	assert.Equal(t, [2]int64{1000, 0}, ends(ExponentialSize{Mean: 500, Max: 1000}), "−ln of the draw, clamped")
	assert.EqualValues(t, 22181, ExponentialSize{Mean: 500, Max: 1 << 30}.Draw(0), "500·64·ln 2 = 22180.7")
	assert.Equal(t, [2]int64{7, 3}, ends(&EmpiricalSize{Values: []int64{7, 9, 3}, Weights: sim.Evenly(3)}))
}
