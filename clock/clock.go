package clock

import (
	"fmt"
	"math"
	"math/bits"
	"time"
)

// Drift is how much faster than true time a clock runs, in parts per billion:
// 1000 is 1 ppm, and a negative one is slow.
type Drift int64

// MaxDrift bounds a Drift either way: 100 000 ppm, a tenth. Quartz is off by 10 to
// 100 ppm.
const MaxDrift Drift = 100_000_000

// MaxOffset bounds how far a clock is ahead or behind at the beginning: a year.
const MaxOffset = 8760 * time.Hour

const perOne = 1_000_000_000 // parts of a Drift

// Clock is a clock of a node's own: it is ahead of true time by an offset, behind
// if that is negative, and drifts. It shows whole nanoseconds and rounds down, so
// it never runs backwards; what it shows may be negative, unlike true time. The
// zero Clock shows true time.
type Clock struct {
	since Time // true time at which it showed shown
	shown Time
	drift Drift // at most 2·MaxDrift either way
}

// NewClock returns the clock that is ahead by an offset at time 0. It refuses an
// offset beyond MaxOffset and a drift beyond MaxDrift.
func NewClock(offset time.Duration, drift Drift) (Clock, error) {
	switch {
	case offset < -MaxOffset || offset > MaxOffset:
		return Clock{}, fmt.Errorf("clock offset %v is out of range; at most %v either way", offset, MaxOffset)
	case drift < -MaxDrift || drift > MaxDrift:
		return Clock{}, fmt.Errorf("clock drift of %d ppb is out of range; at most %d either way", drift, MaxDrift)
	}
	return Clock{shown: Time(offset), drift: drift}, nil
}

// Skewed is the clock after something set it forward by an offset at true time t,
// and made it drift more by so much. The bounds are those of NewClock; going beyond
// them is a bug of the caller. A skewed clock is not skewed again.
func (c Clock) Skewed(t Time, offset time.Duration, drift Drift) Clock {
	skew, err := NewClock(offset, drift)
	if err != nil {
		panic("clock: " + err.Error())
	}
	return Clock{since: t, shown: c.At(t) + skew.shown, drift: c.drift + skew.drift}
}

// At is what the clock shows at true time t, not before the Clock was made.
func (c Clock) At(t Time) Time {
	gone := t - c.since
	return c.shown + gone + Time(scale(int64(gone), int64(c.drift)))
}

// Until is the true time from t until the clock shows so much more than at t: the
// least span after which it does, so that what waits for it never comes early by
// this clock. It is the largest Duration when it is beyond that.
func (c Clock) Until(t Time, more time.Duration) time.Duration {
	if c.drift == 0 || more <= 0 {
		return max(more, 0)
	}
	gone := uint64(t - c.since)
	// The clock shows ⌊z·rate/perOne⌋ more than shown after z. The least z for which
	// that reaches a goal is ⌈goal·perOne/rate⌉.
	rate := uint64(perOne + c.drift)
	goal := gone + uint64(scale(int64(gone), int64(c.drift))) + uint64(more)
	hi, lo := bits.Mul64(goal, perOne)
	lo, carry := bits.Add64(lo, rate-1, 0)
	if hi += carry; hi >= rate {
		return math.MaxInt64
	}
	z, _ := bits.Div64(hi, lo, rate)
	if z -= gone; z > math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(z)
}

// scale is ⌊n·drift/perOne⌋ for n ≥ 0.
func scale(n, drift int64) int64 {
	size := uint64(drift)
	if drift < 0 {
		size = uint64(-drift)
	}
	hi, lo := bits.Mul64(uint64(n), size)
	quotient, rest := bits.Div64(hi, lo, perOne) // hi < perOne, as size is
	if drift >= 0 {
		return int64(quotient)
	}
	if rest > 0 {
		quotient++
	}
	return -int64(quotient)
}
