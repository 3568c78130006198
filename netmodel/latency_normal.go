package netmodel

import (
	"time"

	"meshsim/sim"
)

type normal struct {
	mean, stddev float64
	bounds       Bounds
}

// Normal is a normal latency, clamped. mean and stddev, of the distribution before
// it is clamped, are 0 … MaxLatency.
func Normal(mean, stddev time.Duration, b Bounds) (Latency, error) {
	if err := first(b.check(), span("mean", mean, 0), span("stddev", stddev, 0)); err != nil {
		return Latency{}, kindError("normal", err)
	}
	n := normal{float64(mean), float64(stddev), b}
	if stddev == 0 {
		return Constant(b.round(n.mean)), nil
	}
	low, high := (float64(b.Min)-n.mean)/n.stddev, (float64(b.Max)-n.mean)/n.stddev
	return Latency{mean: normalMean(n.at, low, high, b), shape: n}, nil
}

func (n normal) at(z float64) float64 { return n.mean + float64(n.stddev*z) }

func (n normal) sample(draw uint64) time.Duration { return n.bounds.round(n.at(sim.Normal(draw))) }
