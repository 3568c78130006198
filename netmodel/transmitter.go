package netmodel

import (
	"fmt"
	"math"
	"math/bits"
	"time"

	"meshsim/clock"
	"meshsim/sim/planted"
)

// Queue bounds what may wait at a transmitter besides the copy being sent; what
// finds no room is refused (drop-tail). The zero Queue has no bound.
type Queue struct {
	unit  queueUnit
	limit int64
}

type queueUnit uint8

const (
	unlimited queueUnit = iota
	packets
	wireBytes
)

// Packets is a queue with room for n waiting copies, n ≥ 0.
func Packets(n int64) Queue { return Queue{packets, n} }

// Bytes is a queue with room for n waiting bytes, headers included, n ≥ 0.
func Bytes(n int64) Queue { return Queue{wireBytes, n} }

func (q Queue) check() error {
	if q.limit < 0 {
		return fmt.Errorf("queue limit %d is negative", q.limit)
	}
	return nil
}

// room reports whether a copy of so many bytes may wait behind those that do.
func (q Queue) room(wire, copies, bytes int64) bool {
	if planted.Bug == planted.QueueRoom {
		copies--
	}
	switch q.unit {
	case packets:
		return copies < q.limit
	case wireBytes:
		return wire <= q.limit-bytes
	default:
		return true
	}
}

// transmitter puts copies on a line of limited rate, one after the other in the
// order of hand-over. When it becomes free is a number: it needs no event.
type transmitter struct {
	rate rate
	free clock.Time    // it has sent all that it took
	busy time.Duration // so far

	waiting       ring
	queue         Queue // bounds waiting
	wait, waitMax time.Duration
	queueMax      int64
}

// take accepts a copy of so many bytes: its transmission lasts from start to
// end. It refuses a copy that would have to wait and finds no room.
func (t *transmitter) take(now clock.Time, wire int64) (start, end clock.Time, ok bool) {
	start = now
	if t.free > now {
		t.waiting.dropStarted(now)
		if !t.queue.room(wire, int64(t.waiting.n), t.waiting.bytes) {
			return 0, 0, false
		}
		start = t.free
		t.waiting.push(waiter{start, wire})
		t.queueMax = max(t.queueMax, int64(t.waiting.n))
		w := start.Sub(now)
		t.waitMax = max(t.waitMax, w)
		t.wait = time.Duration(clock.Time(t.wait).Add(w)) // stays at its largest value
	}
	if planted.Bug == planted.EarlyServe {
		start = max(now, start.Add(-t.rate.span(wire)))
	}
	end = start.Add(t.rate.span(wire))
	t.busy += end.Sub(start) // transmissions do not overlap, so the sum is at most Never
	t.free = end
	return start, end, true
}

// add puts what the transmitter did so far into the stats; none did nothing.
func (t *transmitter) add(s *Stats) {
	if t != nil {
		s.BusyNS, s.WaitNS, s.WaitMaxNS, s.QueueMax = int64(t.busy), int64(t.wait), int64(t.waitMax), t.queueMax
	}
}

// rate is how fast a transmitter is.
type rate struct {
	bits    int64 // bit/s; 0: unlimited for a time
	perByte int64 // ns, where that is a whole number; else 0
}

func rateOf(bits int64) rate {
	if planted.Bug == planted.QueueRate && bits > 0 {
		bits = max(1, bits-bits/50)
	}
	r := rate{bits: bits}
	if bits > 0 && byteNS%bits == 0 {
		r.perByte = byteNS / bits
	}
	return r
}

// span is the serialisation of so many bytes. Usual rates take whole nanoseconds for
// a byte, which saves the division.
func (r rate) span(bytes int64) time.Duration {
	if r.perByte != 0 && bytes <= math.MaxInt64/byteNS {
		return time.Duration(bytes * r.perByte)
	}
	return serialisation(bytes, r.bits)
}

const byteNS = 8 * int64(time.Second) // of a byte at 1 bit/s

// serialisation is ⌈bytes·8·10⁹/rate⌉ ns for a rate in bit/s, or the longest
// span when it is longer than that; 0 if the rate is 0, which is unlimited.
func serialisation(bytes, rate int64) time.Duration {
	if rate == 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(bytes), uint64(byteNS))
	if planted.Bug == planted.SerialisationFloor {
		lo -= min(lo, uint64(rate)-1)
	}
	lo, carry := bits.Add64(lo, uint64(rate)-1, 0)
	hi += carry
	if hi >= uint64(rate) {
		return math.MaxInt64
	}
	q, _ := bits.Div64(hi, lo, uint64(rate))
	return time.Duration(min(q, math.MaxInt64))
}

// waiter is a copy that waits until its transmission starts.
type waiter struct {
	start clock.Time
	bytes int64
}

// ring is a first-in first-out queue in memory that is reused. Its length is a
// power of two and grows to the longest queue that was ever needed.
type ring struct {
	buf   []waiter
	head  int
	n     int
	bytes int64 // sum over the waiters
}

// dropStarted lets go of those that no longer wait at time now.
func (r *ring) dropStarted(now clock.Time) {
	for r.n > 0 && r.buf[r.head].start <= now {
		r.bytes -= r.buf[r.head].bytes
		r.head = (r.head + 1) & (len(r.buf) - 1)
		r.n--
	}
}

func (r *ring) push(w waiter) {
	if r.n == len(r.buf) {
		grown := make([]waiter, max(8, 2*r.n))
		k := copy(grown, r.buf[r.head:])
		copy(grown[k:], r.buf[:r.head])
		r.buf, r.head = grown, 0
	}
	r.buf[(r.head+r.n)&(len(r.buf)-1)] = w
	r.n++
	r.bytes += w.bytes
}
