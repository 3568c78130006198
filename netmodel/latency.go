package netmodel

import (
	"fmt"
	"math"
	"time"

	"meshsim/sim"
)

// Latency is the distribution of a link's propagation delay: whole nanoseconds,
// 0 or more. It is a value; the zero Latency is a constant 0.
type Latency struct {
	mean    time.Duration
	shape   shape    // nil: constant
	profile *profile // nil: the same at all times
}

// shape is one kind of random latency, one file each.
type shape interface {
	// sample turns 64 uniform bits into a latency in bounded work, with no
	// arithmetic but what gives every architecture the same nanosecond: integers,
	// or float64 with every product rounded.
	sample(draw uint64) time.Duration
}

// Constant is the same latency for every copy, d ≥ 0; New refuses another.
func Constant(d time.Duration) Latency { return Latency{mean: d} }

// Mean is the mean latency, rounded half up: the cost of a link in routing.
func (l Latency) Mean() time.Duration { return l.mean }

// Sample is the latency that 64 uniform bits stand for. Of a profile, which has no
// randomness, it is the mean.
func (l Latency) Sample(draw uint64) time.Duration {
	if l.shape == nil {
		return l.mean
	}
	return l.shape.sample(draw)
}

// random reports whether samples depend on the draw.
func (l Latency) random() bool { return l.shape != nil }

// MaxLatency bounds the samples of all kinds but constant and uniform, whose
// bounds are their caller's.
const MaxLatency = 24 * time.Hour

// Bounds are what samples are clamped to: what is below Min becomes Min, what is
// above Max becomes Max. Nothing is drawn again, so there is mass at both.
// 0 ≤ Min ≤ Max ≤ MaxLatency.
type Bounds struct{ Min, Max time.Duration }

func (b Bounds) check() error {
	if b.Min < 0 || b.Max < b.Min || b.Max > MaxLatency {
		return fmt.Errorf("bounds %v … %v; allowed: 0s ≤ min ≤ max ≤ %v", b.Min, b.Max, MaxLatency)
	}
	return nil
}

// round is x nanoseconds, clamped, rounded half up.
func (b Bounds) round(x float64) time.Duration {
	switch {
	case x >= float64(b.Max):
		return b.Max
	case x <= float64(b.Min):
		return b.Min
	}
	return time.Duration(math.Floor(x + 0.5))
}

// The ranges of shape parameters: wide enough for any network that was measured,
// narrow enough for the accuracy that Mean promises.
const (
	MaxSigma sim.Number = 10_000_000_000  // lognormal: 10
	MinShape sim.Number = 100_000_000     // pareto, weibull: 0.1
	MaxShape sim.Number = 100_000_000_000 // 100
)

// span refuses a parameter of a distribution that is no latency.
func span(name string, d, least time.Duration) error {
	if d < least || d > MaxLatency {
		return fmt.Errorf("%s is %v; allowed: %v … %v", name, d, least, MaxLatency)
	}
	return nil
}

func checkShape(n sim.Number) error {
	if n < MinShape || n > MaxShape {
		return fmt.Errorf("shape is %v; allowed: %v … %v", n.Float(), MinShape.Float(), MaxShape.Float())
	}
	return nil
}

// first is the first error that there is.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func kindError(kind string, err error) error { return fmt.Errorf("%s latency: %w", kind, err) }
