package netmodel

import (
	"time"

	"meshsim/sim"
)

type exponential struct {
	mean   uint64
	bounds Bounds
}

// Exponential is an exponential latency, clamped. mean, of the distribution before
// it is clamped, is 1 ns … MaxLatency.
func Exponential(mean time.Duration, b Bounds) (Latency, error) {
	if err := first(b.check(), span("mean", mean, 1)); err != nil {
		return Latency{}, kindError("exponential", err)
	}
	// min + ∫ P(X > x) dx from min to max
	beyond := func(d time.Duration) float64 { return sim.Exp(-float64(d) / float64(mean)) }
	clamped := float64(b.Min) + float64(float64(mean)*(beyond(b.Min)-beyond(b.Max)))
	return Latency{mean: b.round(clamped), shape: exponential{uint64(mean), b}}, nil
}

func (e exponential) sample(draw uint64) time.Duration {
	d := time.Duration(sim.Exponential(draw, e.mean, 1))
	return max(e.bounds.Min, min(d, e.bounds.Max))
}
