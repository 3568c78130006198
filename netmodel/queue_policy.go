package netmodel

import (
	"time"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/sim/planted"
)

// QueuePolicy says what a link of limited bandwidth does with what finds it busy.
type QueuePolicy uint8

const (
	// DropTail refuses what finds no room. All that becomes of a copy is known at
	// its hand-over, so such a link needs no events of its own.
	DropTail QueuePolicy = iota
	// DropRandom drops one that is drawn among those waiting and the newcomer when
	// there is no room, and so on until the newcomer has room or is drawn itself.
	DropRandom
	// CoDel drops at the head of the queue what has waited too long for too long
	// (RFC 8289), and refuses what finds no room.
	CoDel
	policyCount
)

// Ticket stands for a copy that a network keeps for its caller. It is free for
// another copy as soon as the network has named it in a verdict or released it.
type Ticket int32

// tickets hands out the lowest numbers that it can.
type tickets struct {
	next Ticket
	free []Ticket
}

func (t *tickets) take() Ticket {
	if last := len(t.free) - 1; last >= 0 {
		ticket := t.free[last]
		t.free = t.free[:last]
		return ticket
	}
	t.next++
	return t.next - 1
}

func (t *tickets) give(ticket Ticket) { t.free = append(t.free, ticket) }

// queuedCopy is a copy that waits in a servedQueue.
type queuedCopy struct {
	ticket Ticket
	since  clock.Time // of its hand-over
	wire   int64      // bytes, header included
	key    sim.Key
	change *change // of its link at its hand-over; nil: none
}

// servedQueue is a transmitter that decides at the start of a transmission what
// to send, so that whoever owns the clock has to ask it then.
type servedQueue struct {
	policy  QueuePolicy
	bound   Queue
	free    clock.Time // it has sent all that it took from the queue
	asked   clock.Time // for which a call of Serve was last asked
	waiting copyRing
	codel   codel
	tickets *tickets // of the network
	out     []Ticket // dropped in the call at hand

	// Which one is evicted is a chain by nature: who waits depends on all that came
	// before. So draw i of the stream is that of the link's eviction number i.
	evictions sim.Stream
	evicted   uint64

	busy, wait, waitMax time.Duration
	queueMax            int64
}

// offer judges a copy that is handed to a link with a servedQueue.
func (l *link) offer(now clock.Time, wire int64, key sim.Key, s *LinkSpec, v *Verdict) {
	q := l.queue
	q.codel.largest = max(q.codel.largest, wire)
	switch {
	case q.free > now:
		q.out = q.out[:0]
		taken := q.makeRoom(wire)
		l.drops += int64(len(q.out))
		v.Evicted = q.out
		if !taken {
			v.Fate = QueueFull
			l.drops++
			return
		}
		v.Fate, v.Ticket = Queued, q.tickets.take()
		q.waiting.push(queuedCopy{v.Ticket, now, wire, key, l.change})
		q.queueMax = max(q.queueMax, int64(q.waiting.n))
		v.Serve = q.ask()
	case q.waiting.n > 0:
		v.Fate = Due
	default:
		l.start(now, wire, key, s, v)
	}
}

// makeRoom drops until a copy of so many bytes may wait, and reports false if it
// is the one that has to go.
func (q *servedQueue) makeRoom(wire int64) bool {
	for !q.bound.room(wire, int64(q.waiting.n), q.waiting.bytes) {
		if q.policy != DropRandom || q.waiting.n == 0 || !q.bound.room(wire, 0, 0) {
			return false
		}
		draw := q.evictions.Draw(sim.Key{N: q.evicted}, 0)
		q.evicted++
		victim := int(sim.Below(draw, uint64(q.waiting.n)+1))
		if victim == q.waiting.n {
			return false
		}
		q.drop(q.waiting.remove(victim))
	}
	return true
}

func (q *servedQueue) drop(e queuedCopy) {
	q.out = append(q.out, e.ticket)
	q.tickets.give(e.ticket)
}

// ask says when Serve has to be called, or 0 if nothing waits or it was said
// before.
func (q *servedQueue) ask() clock.Time {
	if q.waiting.n == 0 || q.asked == q.free {
		return 0
	}
	q.asked = q.free
	return q.free
}

// serve starts the next transmission if one is due, and reports whether it was.
func (l *link) serve(now clock.Time, v *Verdict) bool {
	v.clear()
	q := l.queue
	if q.waiting.n == 0 || q.free > now {
		v.Serve = q.ask()
		return false
	}
	q.out = q.out[:0]
	e := q.next(now)
	l.drops += int64(len(q.out))
	v.Evicted, v.Ticket = q.out, e.ticket
	q.tickets.give(e.ticket)
	w := now.Sub(e.since)
	q.waitMax = max(q.waitMax, w)
	q.wait = time.Duration(clock.Time(q.wait).Add(w)) // stays at its largest value
	v.Blame = e.change.blamed()
	s := l.specOf(e.change)
	if s.Latency.profile != nil {
		s = l.asRecorded(s, e.since)
	}
	l.start(now, e.wire, e.key, s, v)
	return true
}

// next takes out of a queue with somebody in it what is to be sent.
func (q *servedQueue) next(now clock.Time) queuedCopy {
	if q.policy == CoDel {
		return q.codelNext(now)
	}
	if planted.Bug == planted.DequeueOrder {
		return q.waiting.remove(q.waiting.n - 1)
	}
	return q.waiting.remove(0)
}

// start transmits a copy from now on.
func (l *link) start(now clock.Time, wire int64, key sim.Key, s *LinkSpec, v *Verdict) {
	q := l.queue
	q.free = now.Add(rateOf(s.Bandwidth).span(wire))
	q.busy += q.free.Sub(now)
	l.send(now, q.free, wire, key, s, v)
}

// copyRing is a first-in first-out queue in memory that is reused, as ring is,
// out of which one may also leave from the middle.
type copyRing struct {
	buf   []queuedCopy
	head  int
	n     int
	bytes int64 // sum over the copies
}

func (r *copyRing) at(i int) *queuedCopy { return &r.buf[(r.head+i)&(len(r.buf)-1)] }

func (r *copyRing) push(e queuedCopy) {
	if r.n == len(r.buf) {
		grown := make([]queuedCopy, max(8, 2*r.n))
		k := copy(grown, r.buf[r.head:])
		copy(grown[k:], r.buf[:r.head])
		r.buf, r.head = grown, 0
	}
	r.n++
	*r.at(r.n - 1) = e
	r.bytes += e.wire
}

// remove takes out copy i, counted from the head, and closes the gap from the
// side that is nearer.
func (r *copyRing) remove(i int) queuedCopy {
	e := *r.at(i)
	if i < r.n/2 {
		for ; i > 0; i-- {
			*r.at(i) = *r.at(i - 1)
		}
		*r.at(0) = queuedCopy{}
		r.head = (r.head + 1) & (len(r.buf) - 1)
	} else {
		for ; i < r.n-1; i++ {
			*r.at(i) = *r.at(i + 1)
		}
		*r.at(r.n - 1) = queuedCopy{}
	}
	r.n--
	r.bytes -= e.wire
	return e
}
