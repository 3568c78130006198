package rtt

import (
	"time"

	"meshsim/clock"
)

// window is the congestion window of RFC 9002, section 7: NewReno, in bytes.
type window struct {
	size      int        // bytes that may be under way
	threshold int        // slow start below it
	flight    int        // bytes that are under way
	grown     int        // bytes acknowledged towards the next step of congestion avoidance
	recovery  clock.Time // start of the latest recovery: what was sent until then is of it; −1: none
	lostSince clock.Time // when the first of what was lost since the last acknowledgement was sent; Never: none was
	limited   bool       // the window, not what there was to send, ended the last sending
}

// RFC 9002, sections 7.2, 7.3.2 and 7.6.1.
const (
	initialSegments     = 10
	initialBytes        = 14720
	minSegments         = 2
	lossDivisor         = 2 // 1 / kLossReductionFactor
	persistentThreshold = 3 // kPersistentCongestionThreshold
)

// start opens a new window.
func (w *window) start(c *Config) {
	*w = window{
		size:      min(initialSegments*c.MaxSegment, max(minSegments*c.MaxSegment, initialBytes)),
		threshold: int(^uint(0) >> 1), recovery: -1, lostSince: clock.Never,
	}
}

// room reports whether so many bytes more may go. One segment always may.
func (w *window) room(c *Config, size int) bool {
	return !c.Congestion || w.flight == 0 || w.flight+size <= w.size
}

// acked takes what was sent at a time and has arrived (7.3.1, 7.3.3). A window that
// was not used up does not grow (7.8).
func (w *window) acked(c *Config, sent clock.Time, size int) {
	w.flight -= size
	w.lostSince = clock.Never
	switch {
	case !w.limited || sent <= w.recovery:
	case w.size < w.threshold:
		w.size += size
	default:
		if w.grown += size; w.grown >= w.size {
			w.grown -= w.size
			w.size += c.MaxSegment
		}
	}
}

// lost takes what was sent at a time and has not arrived (7.3.2). Losses over a
// span of so long, without an arrival between, are persistent congestion (7.6).
func (w *window) lost(c *Config, now, sent clock.Time, size int, span time.Duration) {
	w.flight -= size
	if sent > w.recovery {
		w.recovery = now
		w.size = max(w.size/lossDivisor, minSegments*c.MaxSegment)
		w.threshold, w.grown = w.size, 0
	}
	if w.lostSince = min(w.lostSince, sent); span > 0 && sent.Sub(w.lostSince) > span {
		w.size, w.recovery = minSegments*c.MaxSegment, -1
	}
}

// persistent is the span of losses that is persistent congestion, without the delay
// of acknowledgements, as there is none (7.6.1). Before a round trip was measured
// there is none (7.6.2): 0.
func (e *estimator) persistent(c *Config) time.Duration {
	if e.srtt == 0 {
		return 0
	}
	return persistentThreshold * (e.srtt + e.spread(c))
}
