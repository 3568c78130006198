// Package clock says what time is in a simulation: integer nanoseconds of
// virtual time, counted from the scenario's epoch. Nothing here, or anywhere on
// the run path, reads a wall clock.
package clock

import (
	"math"
	"time"
)

// Time is an instant of true virtual time, in nanoseconds since the scenario's
// epoch. It is never negative, but for what a Clock shows that is behind. Spans are
// time.Duration.
type Time int64

// Never is later than every instant of a run.
const Never Time = math.MaxInt64

// Second is one virtual second, the distance of two checkpoints.
const Second = time.Second

// Add returns t + d, or Never when the sum leaves the range of Time.
func (t Time) Add(d time.Duration) Time {
	sum := t + Time(d)
	if d > 0 && sum < t {
		return Never
	}
	return sum
}

// Sub returns the span from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// String renders t as a span since the epoch, such as 1.5s.
func (t Time) String() string {
	if t == Never {
		return "never"
	}
	return time.Duration(t).String()
}

// AppendRFC3339 appends epoch + t in UTC with exactly nine fractional digits, so
// that the length of a rendered instant never depends on its value.
func (t Time) AppendRFC3339(b []byte, epoch time.Time) []byte {
	return epoch.Add(time.Duration(t)).UTC().AppendFormat(b, "2006-01-02T15:04:05.000000000Z")
}
