package world

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/sim"
	"meshsim/trace"
)

// A node's clock dates what it sends and times its timers; all else is true time.
func TestClocksOfTheirOwn(t *testing.T) {
	var got []heard
	c, seen := line(2, time.Millisecond, map[int]func(Seat) stepper{1: ear(&got)})
	c.Metrics.To = msec(60)
	var err error
	c.Nodes[0].Clock, err = clock.NewClock(-time.Second, 0)
	require.NoError(t, err)
	c.Nodes[1].Clock, err = clock.NewClock(time.Second, clock.MaxDrift)
	require.NoError(t, err)
	c.Sources = []Source{faults(
		span(12, 50, Skew{[]sim.NodeID{0}, 3 * time.Second, 0}),
		span(32, 42, Skew{[]sim.NodeID{0, 1}, 2 * time.Second, -clock.MaxDrift}),
	), &beats{}}
	w := build(t, c)
	sum := sound(t, w)
	assert.EqualValues(t, 3, w.Effect("f0").Envelopes)
	assert.EqualValues(t, 1, w.Effect("f1").Envelopes)
	var skews []time.Duration
	for _, e := range *seen {
		if e.Kind == trace.EnvelopeSent {
			skews = append(skews, e.Skew)
		} else {
			assert.Zero(t, e.Skew)
		}
	}
	slow := time.Second - 300*time.Microsecond // after 3 ms a tenth too slow
	assert.Equal(t, []time.Duration{-time.Second, 2 * time.Second, 2 * time.Second, slow, 2 * time.Second, -time.Second}, skews)
	assert.Equal(t, time.Millisecond, time.Duration(sum.Traffic.LatencyNS.Max))

	// Its own 10 ms are 9 090 909.09 ns of true time, rounded up so that none is
	// early, and 10 ms while it is slowed.
	var ticks []clock.Time
	for _, h := range got {
		if h.kind == mesh.Timer {
			ticks = append(ticks, h.at)
		}
	}
	assert.Equal(t, []clock.Time{
		1_010_000_001, 1_020_000_002, 1_030_000_003,
		3_035_200_000 + 36_363_640 - 32_000_000, // asked for before the skew, at its true time
		1_000_000_000 + 46_363_640*11/10,        // asked for in it, at its true time
		1_000_000_000 + 55_454_550*11/10,
	}, ticks)
}

// Nobody draws, sends or ends anything otherwise because a clock is wrong.
func TestWrongClocksChangeOnlyDates(t *testing.T) {
	run := func(change func(*Config)) []trace.Event {
		c, seen := line(4, time.Millisecond, nil)
		c.Sources = []Source{&beats{}}
		c.Metrics.To = msec(100)
		change(&c)
		sound(t, build(t, c))
		return *seen
	}
	want := run(func(*Config) {})
	got := run(func(c *Config) {
		c.Nodes[0].Clock, _ = clock.NewClock(5*time.Second, -99)
	})
	for i := range got {
		assert.Equal(t, got[i].Kind == trace.EnvelopeSent, got[i].Skew != 0)
		got[i].Skew = 0
	}
	assert.Equal(t, want, got)
}
