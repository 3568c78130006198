package clock

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const year = 8760 * time.Hour

// shows is what a clock shows, in rational numbers.
func shows(offset time.Duration, drift Drift, t Time) *big.Int {
	exact := new(big.Rat).Mul(big.NewRat(int64(t), 1), big.NewRat(perOne+int64(drift), perOne))
	floor := new(big.Int).Div(exact.Num(), exact.Denom()) // Euclidean, and the denominator is positive
	return floor.Add(floor, big.NewInt(int64(offset)))
}

var (
	anyTime   = rapid.Map(rapid.Int64Range(0, int64(year)), func(t int64) Time { return Time(t) })
	anyOffset = rapid.Map(rapid.Int64Range(-int64(MaxOffset), int64(MaxOffset)), func(d int64) time.Duration { return time.Duration(d) })
	anyDrift  = rapid.Map(rapid.Int64Range(-int64(MaxDrift), int64(MaxDrift)), func(d int64) Drift { return Drift(d) })
)

func drawClock(t *rapid.T) (Clock, time.Duration, Drift) {
	offset, drift := anyOffset.Draw(t, "offset"), anyDrift.Draw(t, "drift")
	c, err := NewClock(offset, drift)
	require.NoError(t, err)
	return c, offset, drift
}

func TestClockAgainstRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, offset, drift := drawClock(t)
		at := anyTime.Draw(t, "t")
		require.Equal(t, shows(offset, drift, at).Int64(), int64(c.At(at)))
	})
}

func TestSkewedClockAgainstRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, offset, drift := drawClock(t)
		since, more := anyTime.Draw(t, "since"), anyTime.Draw(t, "more")
		jump, faster := anyOffset.Draw(t, "jump"), anyDrift.Draw(t, "faster")
		want := shows(offset, drift, since)
		want.Add(want, shows(jump, drift+faster, more))
		require.Equal(t, want.Int64(), int64(c.Skewed(since, jump, faster).At(since+more)))
	})
}

func TestClockNeverRunsBackwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _, _ := drawClock(t)
		at := anyTime.Draw(t, "t")
		c = c.Skewed(at, anyOffset.Draw(t, "jump"), anyDrift.Draw(t, "faster"))
		for range 20 {
			step := c.At(at+1) - c.At(at)
			require.True(t, step >= 0 && step <= 2, "%d ns in one", step)
			at++
		}
	})
}

// A timer comes as soon as the clock shows that it is due, and no nanosecond
// earlier.
func TestUntilIsTheLeastSpan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _, _ := drawClock(t)
		at := anyTime.Draw(t, "t")
		if rapid.Bool().Draw(t, "skewed") {
			c = c.Skewed(at/2, anyOffset.Draw(t, "jump"), anyDrift.Draw(t, "faster"))
		}
		more := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "more"))
		span := c.Until(at, more)
		require.GreaterOrEqual(t, span, time.Duration(0))
		require.GreaterOrEqual(t, c.At(at.Add(span)), c.At(at).Add(more))
		if span > 0 {
			require.Less(t, c.At(at.Add(span-1)), c.At(at).Add(more))
		}
	})
}

func TestClockByHand(t *testing.T) {
	for _, tt := range []struct {
		offset time.Duration
		drift  Drift
		t      Time
		want   Time
	}{
		{0, 0, 5, 5},
		{time.Second, 0, 5, 1_000_000_005},
		{-time.Second, 0, 5, -999_999_995},
		{0, 1000, 1_000_000, 1_000_001},   // 1 ppm of 1 ms is 1 ns
		{0, 1000, 999_999, 999_999},       // and of less, nothing yet
		{0, -1000, 1_000_000, 999_999},    // slow clocks round down too
		{0, -1000, 1, 0},                  //
		{0, MaxDrift, Time(10), Time(11)}, //
		{0, -MaxDrift, Time(year), Time(year / 10 * 9)},
	} {
		c, err := NewClock(tt.offset, tt.drift)
		require.NoError(t, err)
		assert.Equal(t, tt.want, c.At(tt.t), "%+v", tt)
	}
	assert.Equal(t, Time(7), Clock{}.At(7))
	assert.Equal(t, 7*time.Second, Clock{}.Until(3, 7*time.Second))
}

func TestUntilAtTheEdges(t *testing.T) {
	slow, err := NewClock(0, -MaxDrift)
	require.NoError(t, err)
	fast, err := NewClock(0, MaxDrift)
	require.NoError(t, err)
	assert.Equal(t, time.Duration(math.MaxInt64), slow.Until(0, math.MaxInt64))
	assert.Equal(t, time.Duration(math.MaxInt64), slow.Until(Time(year), math.MaxInt64))
	assert.Equal(t, time.Duration(8384883669867978007), fast.Until(0, math.MaxInt64), "⌈(2⁶³−1)/1.1⌉")
	assert.Zero(t, fast.Until(5, 0))
	least, err := NewClock(0, -1)
	require.NoError(t, err)
	assert.Equal(t, time.Duration(2), least.Until(0, 1), "after 1 ns it shows 0")
}

func TestClocksOutOfRange(t *testing.T) {
	for _, tt := range []struct {
		offset time.Duration
		drift  Drift
		want   string
	}{
		{MaxOffset + 1, 0, "clock offset 8760h0m0.000000001s is out of range; at most 8760h0m0s either way"},
		{-MaxOffset - 1, 0, "clock offset -8760h0m0.000000001s is out of range; at most 8760h0m0s either way"},
		{0, MaxDrift + 1, "clock drift of 100000001 ppb is out of range; at most 100000000 either way"},
		{0, -MaxDrift - 1, "clock drift of -100000001 ppb is out of range; at most 100000000 either way"},
	} {
		_, err := NewClock(tt.offset, tt.drift)
		assert.EqualError(t, err, tt.want)
	}
	assert.Panics(t, func() { Clock{}.Skewed(0, 0, MaxDrift+1) })
}
