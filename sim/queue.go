package sim

import (
	"fmt"
	"math/bits"

	"meshsim/clock"
)

// queue is a 4-ary heap of 16-byte keys over an arena of event values: what the
// heap moves is small, and what is large does not move. No push or pop allocates
// once arena and heap have grown to the run's need.
type queue[E any] struct {
	heap   []key
	arena  []slot[E]
	free   []uint32
	pushes uint64 // push number of the next event
	dead   int    // cancelled events whose keys are still in the heap
	hole   bool   // the first key is that of the event popped last: see pop
}

// key orders events by time, then by push number; the slot rides in the low bits.
type key struct {
	time  uint64
	order uint64 // push number << slotBits | slot
}

const (
	slotBits  = 24
	maxSlots  = 1 << slotBits        // events waiting at once
	maxPushes = 1 << (64 - slotBits) // events of one run, 1.1·10¹²
)

type slot[E any] struct {
	seq uint64 // push number + 1 of the event that waits here, 0 when none does
	ev  E
}

// less is 1 when k comes before l, else 0, without a branch.
func (k key) less(l key) uint64 {
	_, borrow := bits.Sub64(k.order, l.order, 0)
	_, borrow = bits.Sub64(k.time, l.time, borrow)
	return borrow
}

func (q *queue[E]) len() int {
	n := len(q.heap) - q.dead
	if q.hole {
		n--
	}
	return n
}

func (q *queue[E]) push(t clock.Time, ev E) Ref {
	if len(q.free) == 0 {
		q.grow()
	}
	if q.pushes == maxPushes {
		panic(fmt.Sprintf("sim: a run is limited to %d events", uint64(maxPushes)))
	}
	s := q.free[len(q.free)-1]
	q.free = q.free[:len(q.free)-1]
	order := q.pushes<<slotBits | uint64(s)
	q.pushes++
	at := &q.arena[s]
	at.seq, at.ev = q.pushes, ev
	if k := (key{uint64(t), order}); q.hole {
		q.hole = false
		q.down(0, k)
	} else {
		q.heap = append(q.heap, k)
		q.up(len(q.heap) - 1)
	}
	return Ref{slot: s, seq: q.pushes}
}

// grow adds a free slot.
func (q *queue[E]) grow() {
	if len(q.arena) == maxSlots {
		panic(fmt.Sprintf("sim: queue is full: %d events wait", maxSlots))
	}
	q.free = append(q.free, uint32(len(q.arena)))
	q.arena = append(q.arena, slot[E]{})
}

// peek returns the time of the first event; cancelled ones before it are dropped.
func (q *queue[E]) peek() (clock.Time, bool) {
	q.fillHole()
	for len(q.heap) > 0 {
		k := q.heap[0]
		if q.dead == 0 || q.live(k) {
			return clock.Time(k.time), true
		}
		q.dead--
		q.removeFirst()
	}
	return 0, false
}

// pop moves the event that peek found to ev. Its key stays as a hole at
// the top, because most events schedule another one: that one's key then takes the
// place, and sifts down once, where removing and adding would sift twice.
func (q *queue[E]) pop(ev *E) {
	s := uint32(q.heap[0].order & (maxSlots - 1))
	q.hole = true
	*ev = q.arena[s].ev
	q.release(s)
}

// fillHole removes the key that pop left.
func (q *queue[E]) fillHole() {
	if q.hole {
		q.hole = false
		q.removeFirst()
	}
}

func (q *queue[E]) cancel(r Ref) bool {
	if r.seq == 0 || int(r.slot) >= len(q.arena) || q.arena[r.slot].seq != r.seq {
		return false
	}
	q.release(r.slot)
	q.dead++
	if q.dead > len(q.heap)/2 {
		q.sweep()
	}
	return true
}

// live reports whether the key's event still waits in its slot.
func (q *queue[E]) live(k key) bool {
	return q.arena[k.order&(maxSlots-1)].seq == k.order>>slotBits+1
}

func (q *queue[E]) release(s uint32) {
	q.arena[s] = slot[E]{} // let go of what the event points to
	q.free = append(q.free, s)
}

// sweep drops the keys of cancelled events, so that a timer that is set and
// cancelled over and over cannot grow the heap. Keys are totally ordered, so the
// order of events does not depend on when this happens.
func (q *queue[E]) sweep() {
	kept := q.heap[:0]
	for _, k := range q.heap {
		if q.live(k) {
			kept = append(kept, k)
		}
	}
	q.heap, q.dead, q.hole = kept, 0, false // a hole's event is not live either
	for i := (len(q.heap) - 2) / 4; i >= 0 && len(q.heap) > 1; i-- {
		q.down(i, q.heap[i])
	}
}

func (q *queue[E]) each(f func(clock.Time, *E)) {
	for _, k := range q.heap {
		if q.live(k) {
			f(clock.Time(k.time), &q.arena[k.order&(maxSlots-1)].ev)
		}
	}
}

func (q *queue[E]) up(i int) {
	h, k := q.heap, q.heap[i]
	for i > 0 {
		parent := (i - 1) / 4
		if k.less(h[parent]) == 0 {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = k
}

func (q *queue[E]) removeFirst() {
	n := len(q.heap) - 1
	last := q.heap[n]
	q.heap = q.heap[:n]
	if n > 0 {
		q.down(0, last)
	}
}

// down sifts k from the hole at i towards the leaves.
func (q *queue[E]) down(i int, k key) {
	h := q.heap
	n := len(h)
	for {
		child := 4*i + 1
		if child >= n {
			break
		}
		least := child
		if child+4 <= n {
			four := h[child : child+4 : child+4]
			a := four[1].less(four[0])
			b := 2 + four[3].less(four[2])
			least = child + int(a+(b-a)*four[b&3].less(four[a&3]))
		} else {
			for c := child + 1; c < n; c++ {
				if h[c].less(h[least]) == 1 {
					least = c
				}
			}
		}
		if h[least].less(k) == 0 {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = k
}
