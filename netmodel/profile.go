package netmodel

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/sim"
)

// Profile is what a link did over time, as it was recorded: from the time of a row
// on, what the row says holds for copies handed over, until the next row's time.
type Profile struct {
	Rows []ProfileRow // the first at 0, times ascending
	// Which of the link's own values the rows replace besides its latency.
	Loss, Bandwidth bool
	// At the end of the period begin again; else the last row stays in force. The
	// last row lasts as long as the one before it, or, being alone, forever: the
	// period is that of the last row's time plus the last spacing.
	Loop bool
}

// ProfileRow is one row of a profile.
type ProfileRow struct {
	At        time.Duration
	Latency   time.Duration // 0 … MaxLatency
	Loss      sim.Ratio
	Bandwidth int64 // bit/s, 1 or more
}

type profile struct {
	Profile
	period time.Duration
}

// Recorded is the latency of a link that behaves as recorded: what the row in
// force says, and its loss and bandwidth replace those of the link. Its mean is the
// time-weighted one over a period.
func Recorded(p Profile) (Latency, error) {
	if err := p.check(); err != nil {
		return Latency{}, kindError("profile", err)
	}
	own := &profile{Profile: p, period: 1}
	if n := len(p.Rows); n > 1 {
		own.period = 2*p.Rows[n-1].At - p.Rows[n-2].At
	}
	return Latency{mean: own.mean(), profile: own}, nil
}

func (p *Profile) check() error {
	const longest = 1 << 61 // times above it would overflow the period
	if len(p.Rows) == 0 {
		return errors.New("there is no row")
	}
	for i, row := range p.Rows {
		switch {
		case i == 0 && row.At != 0:
			return fmt.Errorf("the first row is at %v; allowed: 0s", row.At)
		case i > 0 && row.At <= p.Rows[i-1].At || row.At > longest:
			return fmt.Errorf("row %d is at %v, not after the row before it or too late", i, row.At)
		case row.Loss > sim.One:
			return fmt.Errorf("row %d: loss %d is above %d billionths", i, row.Loss, sim.One)
		case p.Bandwidth && row.Bandwidth < 1:
			return fmt.Errorf("row %d: bandwidth %d bit/s is below 1", i, row.Bandwidth)
		}
		if err := span(fmt.Sprintf("row %d: latency", i), row.Latency, 0); err != nil {
			return err
		}
	}
	return nil
}

// mean weighs each row's latency by how long it lasts, in 128 bits.
func (p *profile) mean() time.Duration {
	var high, low uint64
	for i, row := range p.Rows {
		end := p.period
		if i+1 < len(p.Rows) {
			end = p.Rows[i+1].At
		}
		h, l := bits.Mul64(uint64(end-row.At), uint64(row.Latency))
		var carry uint64
		low, carry = bits.Add64(low, l, 0)
		high += h + carry
	}
	low, carry := bits.Add64(low, uint64(p.period)/2, 0)
	q, _ := bits.Div64(high+carry, low, uint64(p.period))
	return time.Duration(q)
}

// at is the row in force at a time.
func (p *profile) at(now clock.Time) *ProfileRow {
	t := time.Duration(now)
	if p.Loop {
		t %= p.period
	}
	i, _ := slices.BinarySearchFunc(p.Rows, t, func(row ProfileRow, t time.Duration) int {
		if row.At <= t {
			return -1
		}
		return 1
	})
	return &p.Rows[i-1] // the first row is at 0
}

// apply gives a link what the row says that is in force when a copy is handed over.
func (p *profile) apply(s *LinkSpec, now clock.Time) {
	row := p.at(now)
	s.Latency = Constant(row.Latency)
	if p.Loss && !s.ownLoss {
		s.Loss = row.Loss
	}
	if p.Bandwidth && !s.ownRate {
		s.Bandwidth = row.Bandwidth
	}
}

// Records reports which of a link's own values a recorded latency replaces.
func (l Latency) Records() (loss, bandwidth bool) {
	if l.profile == nil {
		return false, false
	}
	return l.profile.Loss, l.profile.Bandwidth
}
