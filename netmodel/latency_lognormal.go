package netmodel

import (
	"fmt"
	"time"

	"meshsim/sim"
)

type lognormal struct {
	median, sigma float64
	bounds        Bounds
}

// Lognormal is a latency whose logarithm is normal, clamped: median 1 ns …
// MaxLatency, and sigma, the standard deviation of the logarithm, 0 … MaxSigma.
func Lognormal(median time.Duration, sigma sim.Number, b Bounds) (Latency, error) {
	err := first(b.check(), span("median", median, 1))
	if err == nil && (sigma < 0 || sigma > MaxSigma) {
		err = fmt.Errorf("sigma is %v; allowed: 0 … %v", sigma.Float(), MaxSigma.Float())
	}
	if err != nil {
		return Latency{}, kindError("lognormal", err)
	}
	l := lognormal{float64(median), sigma.Float(), b}
	if sigma == 0 {
		return Constant(b.round(l.median)), nil
	}
	low, high := (logOf(b.Min)-logOf(median))/l.sigma, (logOf(b.Max)-logOf(median))/l.sigma
	return Latency{mean: normalMean(l.at, low, high, b), shape: l}, nil
}

func (l lognormal) at(z float64) float64 { return float64(l.median * sim.Exp(float64(l.sigma*z))) }

func (l lognormal) sample(draw uint64) time.Duration { return l.bounds.round(l.at(sim.Normal(draw))) }
