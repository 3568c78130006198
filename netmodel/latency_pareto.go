package netmodel

import (
	"time"

	"meshsim/sim"
)

type pareto struct {
	scale, shape float64
	bounds       Bounds
}

// Pareto is a latency of at least scale with P(X > x) = (scale/x)^shape, clamped to
// most: scale 1 ns … most ≤ MaxLatency, shape MinShape … MaxShape. A shape of 1 or
// less has a mean only because it is clamped.
func Pareto(scale time.Duration, shape sim.Number, most time.Duration) (Latency, error) {
	b := Bounds{scale, most}
	if err := first(span("scale", scale, 1), b.check(), checkShape(shape)); err != nil {
		return Latency{}, kindError("pareto", err)
	}
	p := pareto{float64(scale), shape.Float(), b}
	// scale + ∫ P(X > x) dx from scale to max, with length = ln(max/scale)
	length, beyond := logOf(most)-logOf(scale), 0.0
	if one := 1 - p.shape; one == 0 {
		beyond = length
	} else {
		beyond = (sim.Exp(float64(one*length)) - 1) / one
	}
	return Latency{mean: b.round(p.scale + float64(p.scale*beyond)), shape: p}, nil
}

func (p pareto) sample(draw uint64) time.Duration {
	return p.bounds.round(float64(p.scale * sim.Exp(sim.StandardExponential(draw)/p.shape)))
}
