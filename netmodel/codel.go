package netmodel

import (
	"math"
	"time"

	"meshsim/clock"
)

// The parameters of CoDel, as RFC 8289 recommends them for the Internet.
const (
	codelTarget   = 5 * time.Millisecond   // standing delay that is acceptable
	codelInterval = 100 * time.Millisecond // in which a delay has to fall below the target once
)

// codel is the state of the pseudocode in RFC 8289, section 5, under its names.
type codel struct {
	firstAbove clock.Time // from then on, if the delay stays above target, drops may begin; 0: it is below
	dropNext   clock.Time
	count      uint32 // drops since dropping began
	lastCount  uint32 // count when it began
	dropping   bool
	largest    int64 // bytes of the largest copy handed over so far: the RFC's maxpacket
}

// codelNext takes out the next copy to be sent, and drops those before it that
// the control law says (dequeue in RFC 8289). It never drops the last. That no one
// asks while the queue is empty makes no difference: who left last saw the delay
// below target, so the next one can't be dropped.
func (q *servedQueue) codelNext(now clock.Time) queuedCopy {
	c := &q.codel
	e, mayDrop := q.codelHead(now)
	if !c.dropping {
		if mayDrop {
			q.drop(e)
			e, _ = q.codelHead(now)
			c.begin(now)
		}
		return e
	}
	c.dropping = mayDrop
	for c.dropping && now >= c.dropNext {
		q.drop(e)
		c.count++
		e, mayDrop = q.codelHead(now)
		if c.dropping = mayDrop; c.dropping {
			c.dropNext = controlLaw(c.dropNext, c.count)
		}
	}
	return e
}

// begin enters the dropping state. If it was left not long ago, the rate of drops
// that worked then is where it goes on.
func (c *codel) begin(now clock.Time) {
	delta := c.count - c.lastCount
	c.dropping, c.count = true, 1
	if delta > 1 && now.Sub(c.dropNext) < 16*codelInterval {
		c.count = delta
	}
	c.dropNext = controlLaw(now, c.count)
	c.lastCount = c.count
}

// codelHead takes out the head of the queue and says whether it may be dropped:
// the delay has been above target for an interval, and more than one copy of the
// largest size is left behind it (dodequeue in RFC 8289).
func (q *servedQueue) codelHead(now clock.Time) (e queuedCopy, mayDrop bool) {
	e = q.waiting.remove(0)
	c := &q.codel
	switch {
	case now.Sub(e.since) < codelTarget || q.waiting.bytes <= c.largest:
		c.firstAbove = 0
	case c.firstAbove == 0:
		c.firstAbove = now.Add(codelInterval)
	default:
		mayDrop = now >= c.firstAbove
	}
	return e, mayDrop
}

// controlLaw is t + interval/√count, rounded down to the nanosecond.
func controlLaw(t clock.Time, count uint32) clock.Time {
	const square = uint64(codelInterval) * uint64(codelInterval)
	return t.Add(time.Duration(rootFloor(square / uint64(count))))
}

// rootFloor is ⌊√n⌋ for n below 2⁵⁴. The rounded root of such a number is off by
// less than one, if at all.
func rootFloor(n uint64) uint64 {
	r := uint64(math.Sqrt(float64(n)))
	for r*r > n {
		r--
	}
	for (r+1)*(r+1) <= n {
		r++
	}
	return r
}
