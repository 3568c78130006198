package rtt

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// What RFC 9002, section 7, says of each step, with segments of 1000 bytes.
func TestCongestionWindow(t *testing.T) {
	cfg := plain()
	cfg.MaxSegment = 1000
	var w window
	w.start(&cfg)
	send := func(n int) { w.flight += n * 1000; w.limited = true }
	assert.Equal(t, 10_000, w.size, "7.2: ten segments")
	send(10)
	assert.False(t, w.room(&cfg, 1))
	w.acked(&cfg, at(1), 1000)
	assert.Equal(t, 11_000, w.size, "7.3.1: slow start grows by what arrived")
	assert.True(t, w.room(&cfg, 2000))
	assert.False(t, w.room(&cfg, 2001))

	w.lost(&cfg, at(100), at(2), 1000, 0)
	assert.Equal(t, 5500, w.size, "7.3.2: a loss halves it")
	w.lost(&cfg, at(101), at(100), 1000, 0)
	w.acked(&cfg, at(100), 1000)
	assert.Equal(t, 5500, w.size, "what was sent before recovery neither halves again nor grows")
	w.acked(&cfg, at(101), 3000)
	assert.Equal(t, 5500, w.size, "7.3.3: congestion avoidance")
	w.acked(&cfg, at(101), 2500)
	assert.Equal(t, 6500, w.size, "one segment more for each window that arrived")

	w.limited = false
	w.acked(&cfg, at(102), 500)
	w.flight = 0
	for range 20 {
		w.flight += 1000
		w.acked(&cfg, at(103), 1000)
	}
	assert.Equal(t, 6500, w.size, "7.8: a window that is not used up does not grow")

	w.start(&cfg)
	send(4)
	w.lost(&cfg, at(50), at(10), 1000, 30*time.Nanosecond)
	w.lost(&cfg, at(60), at(40), 1000, 30*time.Nanosecond)
	assert.Equal(t, 5000, w.size, "losses over 30 ns, not more")
	w.lost(&cfg, at(99), at(41), 1000, 30*time.Nanosecond)
	assert.Equal(t, 2000, w.size, "7.6: persistent congestion")
	w.start(&cfg)
	send(4)
	w.lost(&cfg, at(50), at(10), 1000, 30*time.Nanosecond)
	w.acked(&cfg, at(20), 1000)
	w.lost(&cfg, at(99), at(41), 1000, 30*time.Nanosecond)
	assert.Equal(t, 5000, w.size, "something arrived between them")
	for now := at(100); now < 120; now++ {
		w.lost(&cfg, now, now-1, 0, 0)
	}
	assert.Equal(t, 2000, w.size, "7.2: never below two segments")

	cfg.MaxSegment = 1500
	w.start(&cfg)
	assert.Equal(t, 14_720, w.size, "7.2: but 14 720 bytes")
	cfg.MaxSegment = 9000
	w.start(&cfg)
	assert.Equal(t, 18_000, w.size, "7.2: or two segments")
	w.flight = 1 << 30
	cfg.Congestion = false
	assert.True(t, w.room(&cfg, 1000))
}

func TestPersistentSpan(t *testing.T) {
	cfg := plain()
	e := newEstimator(&cfg)
	assert.Zero(t, e.persistent(&cfg), "no round trip is known")
	e.sample(&cfg, 100*ms)
	assert.Equal(t, 900*ms, e.persistent(&cfg))
}
