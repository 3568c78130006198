package sim

import (
	"fmt"
	"math"
	"math/bits"

	"meshsim/clock"
)

// queue is a tournament of 16-byte keys over an arena of events. Each slot of the
// arena has a leaf in the tree, each node above holds the earlier key of its two
// children, and so the root holds the first of all. To replace a key means one match
// a level, whose opponents are known beforehand. No push or pop allocates once arena
// and tree have grown to the run's need.
type queue[E any] struct {
	tree   []key // root at 1, children of i at 2i and 2i+1, leaf of slot s at len(arena)+s
	arena  []E
	free   []uint32
	pushes uint64 // push number of the next event
	hole   uint32 // slot + 1 of the event popped last, whose key is in the tree still: see pop
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

// none is the key of a slot where nothing waits: it loses each match.
var none = key{math.MaxUint64, math.MaxUint64}

// less is 1 when k comes before l, else 0, without a branch.
func (k key) less(l key) uint64 {
	_, borrow := bits.Sub64(k.order, l.order, 0)
	_, borrow = bits.Sub64(k.time, l.time, borrow)
	return borrow
}

func (k key) slot() uint32 { return uint32(k.order & (maxSlots - 1)) }

// seq is the push number + 1.
func (k key) seq() uint64 { return k.order>>slotBits + 1 }

func (q *queue[E]) len() int {
	n := len(q.arena) - len(q.free)
	if q.hole != 0 {
		n--
	}
	return n
}

func (q *queue[E]) push(t clock.Time, ev E) Ref {
	if q.pushes == maxPushes {
		panic(fmt.Sprintf("sim: a run is limited to %d events", uint64(maxPushes)))
	}
	s := q.hole - 1
	if q.hole == 0 {
		s = q.take()
	}
	k := key{uint64(t), q.pushes<<slotBits | uint64(s)}
	q.pushes++
	q.arena[s] = ev
	if q.hole != 0 {
		q.hole = 0
		q.replace(s, k)
	} else {
		q.enter(s, k)
	}
	return Ref{slot: s, seq: q.pushes}
}

// take takes a free slot.
func (q *queue[E]) take() uint32 {
	if len(q.free) == 0 {
		q.grow()
	}
	s := q.free[len(q.free)-1]
	q.free = q.free[:len(q.free)-1]
	return s
}

// grow doubles the slots and plays the tournament anew.
func (q *queue[E]) grow() {
	n := len(q.arena)
	if n == maxSlots {
		panic(fmt.Sprintf("sim: queue is full: %d events wait", maxSlots))
	}
	arena, tree := make([]E, max(1, 2*n)), make([]key, max(2, 4*n))
	copy(arena, q.arena)
	for s := range arena {
		tree[len(arena)+s] = none
	}
	copy(tree[len(arena):], q.tree[n:])
	for i := len(arena) - 1; i > 0; i-- {
		tree[i] = tree[2*i]
		if tree[2*i+1].less(tree[i]) == 1 {
			tree[i] = tree[2*i+1]
		}
	}
	for s := len(arena) - 1; s >= n; s-- {
		q.free = append(q.free, uint32(s))
	}
	q.arena, q.tree = arena, tree
}

// peek returns the time of the first event.
func (q *queue[E]) peek() (clock.Time, bool) {
	if q.hole != 0 {
		q.fillHole()
	}
	if len(q.tree) < 2 {
		return 0, false
	}
	t := q.tree[1].time
	return clock.Time(t), t != none.time
}

// pop moves the event that peek found to ev. Its key stays in the tree as a hole,
// because most events schedule another one: that one then takes slot and place, with
// one way up the tree, where removing and adding would be two.
func (q *queue[E]) pop(ev *E) {
	s := q.tree[1].slot()
	q.hole = s + 1
	*ev = q.arena[s]
}

// fillHole removes the key that pop left.
func (q *queue[E]) fillHole() {
	q.remove(q.hole - 1)
	q.hole = 0
}

func (q *queue[E]) cancel(r Ref) bool {
	if int(r.slot) >= len(q.arena) || r.slot == q.hole-1 {
		return false
	}
	if k := q.tree[len(q.arena)+int(r.slot)]; k == none || k.seq() != r.seq {
		return false
	}
	q.remove(r.slot)
	return true
}

// remove empties a slot, and lets go of what its event points to.
func (q *queue[E]) remove(s uint32) {
	q.arena[s] = *new(E)
	q.free = append(q.free, s)
	q.replace(s, none)
}

func (q *queue[E]) each(f func(clock.Time, *E)) {
	for s, k := range q.tree[len(q.arena):] {
		if k != none && uint32(s) != q.hole-1 {
			f(clock.Time(k.time), &q.arena[s])
		}
	}
}

// enter puts a key into an empty slot: up to where another one wins.
func (q *queue[E]) enter(s uint32, k key) {
	for i := len(q.arena) + int(s); i > 0 && k.less(q.tree[i]) == 1; i /= 2 {
		q.tree[i] = k
	}
}

// replace puts a key into the place of another.
func (q *queue[E]) replace(s uint32, k key) {
	i := uint(len(q.arena)) + uint(s)
	tree := q.tree
	for ; i > 1; i /= 2 {
		tree[i] = k
		rival := tree[i^1]
		if rival.time == k.time {
			k.order = min(k.order, rival.order)
		} else if rival.time < k.time {
			k = rival
		}
	}
	tree[1] = k
}
