package netmodel

import (
	"time"

	"meshsim/sim"
)

type weibull struct {
	scale, shape float64
	bounds       Bounds
}

// Weibull is a latency with P(X > x) = e^−(x/scale)^shape, clamped: scale 1 ns …
// MaxLatency, shape MinShape … MaxShape.
func Weibull(scale time.Duration, shape sim.Number, b Bounds) (Latency, error) {
	if err := first(b.check(), span("scale", scale, 1), checkShape(shape)); err != nil {
		return Latency{}, kindError("weibull", err)
	}
	w := weibull{float64(scale), shape.Float(), b}
	return Latency{mean: w.mean(), shape: w}, nil
}

// at is the value at which (x/scale)^shape is e^y.
func (w weibull) at(y float64) float64 { return float64(w.scale * sim.Exp(y/w.shape)) }

// mean is min + ∫ P(X > x) dx from min to max, with x = at(y). Below y = −40 the
// probability is 1, and above 4 it is nothing.
func (w weibull) mean() time.Duration {
	const nearlyAll, nearlyNone = -40, 4
	level := func(d time.Duration) float64 { return float64(w.shape * (logOf(d) - sim.Log(uint64(w.scale)))) }
	low, high := level(w.bounds.Min), level(w.bounds.Max)
	sum := float64(w.bounds.Min)
	if low < nearlyAll {
		sum, low = min(w.at(nearlyAll), float64(w.bounds.Max)), nearlyAll
	}
	sum += integrate(func(y float64) float64 {
		return float64(w.at(y) / w.shape * sim.Exp(-sim.Exp(y)))
	}, low, min(high, nearlyNone), panelWidth)
	return w.bounds.round(sum)
}

func (w weibull) sample(draw uint64) time.Duration {
	return w.bounds.round(w.at(-sim.Gumbel(draw)))
}
