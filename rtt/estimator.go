package rtt

import (
	"time"

	"meshsim/sim/planted"
)

// estimator is the retransmission timer of RFC 6298, in whole nanoseconds.
type estimator struct {
	srtt, rttvar time.Duration // 0 before the first sample
	rto          time.Duration
}

// RFC 6298, section 2.
const (
	initialRTO  = time.Second // (2.1)
	weightSRTT  = 8           // 1/α of (2.3)
	weightVar   = 4           // 1/β of (2.3)
	deviations  = 4           // K of (2.2)
	backoffStep = 2           // (5.5)
)

// start forgets all samples.
func (e *estimator) start(c *Config) {
	*e = estimator{rto: min(max(initialRTO, c.RTOMin), c.RTOMax)}
}

// sample takes a round trip of a segment that was sent once (Karn). It ends back-off.
func (e *estimator) sample(c *Config, r time.Duration) {
	if e.srtt == 0 { // (2.2)
		e.srtt, e.rttvar = r, r/2
	} else { // (2.3): RTTVAR is of the old SRTT
		old := e.srtt
		e.srtt += (r - e.srtt) / weightSRTT
		if planted.Bug == planted.RttvarOrder {
			old = e.srtt
		}
		e.rttvar += (max(r-old, old-r) - e.rttvar) / weightVar
	}
	e.rto = min(max(e.srtt+e.spread(c), c.RTOMin), c.RTOMax)
}

// spread is how much above SRTT a round trip may well be.
func (e *estimator) spread(c *Config) time.Duration { return max(c.Granularity, deviations*e.rttvar) }

// timeout doubles the time-out, until the next sample.
func (e *estimator) timeout(c *Config) { e.rto = min(e.rto*backoffStep, c.RTOMax) }
