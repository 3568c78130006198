package netmodel

import (
	"fmt"
	"time"

	"meshsim/sim"
	"meshsim/sim/planted"
)

type uniform struct{ min, max time.Duration }

// Uniform is a latency uniform over the whole nanoseconds from min to max, both
// ends included: 0 ≤ min ≤ max.
func Uniform(min, max time.Duration) (Latency, error) {
	if min < 0 {
		return Latency{}, fmt.Errorf("uniform latency: min %v is negative", min)
	}
	if max < min {
		return Latency{}, fmt.Errorf("uniform latency: max %v is below min %v", max, min)
	}
	gap := max - min
	return Latency{mean: min + gap/2 + gap%2, shape: uniform{min, max}}, nil
}

func (u uniform) sample(draw uint64) time.Duration {
	if planted.Bug == planted.UniformMax {
		u.max = max(u.min, u.max-1)
	}
	if planted.Bug == planted.SamplerCounter {
		draw = planted.Counted(draw)
	}
	return u.min + time.Duration(sim.Below(draw, uint64(u.max-u.min)+1))
}
