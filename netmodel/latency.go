package netmodel

import "time"

// Latency is the distribution of a link's propagation delay: whole nanoseconds,
// 0 or more. It is a value; the zero Latency is a constant 0.
type Latency struct {
	mean  time.Duration
	shape shape // nil: constant
}

// shape is one kind of random latency, one file each.
type shape interface {
	// sample turns 64 uniform bits into a latency, in integers and bounded work,
	// so that every architecture gets the same nanosecond.
	sample(draw uint64) time.Duration
}

// Constant is the same latency for every copy, d ≥ 0; New refuses another.
func Constant(d time.Duration) Latency { return Latency{mean: d} }

// Mean is the mean latency, rounded half up: the cost of a link in routing.
func (l Latency) Mean() time.Duration { return l.mean }

// Sample is the latency that 64 uniform bits stand for.
func (l Latency) Sample(draw uint64) time.Duration {
	if l.shape == nil {
		return l.mean
	}
	return l.shape.sample(draw)
}

// random reports whether samples depend on the draw.
func (l Latency) random() bool { return l.shape != nil }
