package sim

import (
	"fmt"
	"math"

	"meshsim/clock"
)

// tournament orders keys. Each slot has a leaf in a binary tree, each node above
// holds the earlier key of its two children, and so the root holds the first of all.
// To replace a key means one match a level, whose rivals are known beforehand.
// Nothing allocates once the tree has grown to the run's need.
type tournament struct {
	tree   []key // root at 1, children of i at 2i and 2i+1, leaf of slot s at len/2+s; a power of two of them
	free   []uint32
	used   uint32 // slots ever taken
	pushes uint64 // push number of the next key
	hole   uint32 // slot + 1 of the key popped last, which is at the root still; 0: none
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

// smallest is the length of the smallest tree, of two slots: every leaf has a rival.
const smallest = 4

// none is the key of a slot where nothing waits: later than all.
var none = key{math.MaxUint64, math.MaxUint64}

func (k key) slot() uint32 { return uint32(k.order & (maxSlots - 1)) }

// seq is the push number + 1.
func (k key) seq() uint64 { return k.order>>slotBits + 1 }

func (t *tournament) len() int { return int(t.used) - len(t.free) - int(min(t.hole, 1)) }

// push enters a key for this time. If there is a hole it takes slot and place of
// the popped one, with one way up the tree where two would be needed.
func (t *tournament) push(at clock.Time) Ref {
	if t.pushes == maxPushes {
		panic(fmt.Sprintf("sim: a run is limited to %d events", uint64(maxPushes)))
	}
	k := key{uint64(at), t.pushes << slotBits}
	t.pushes++
	s := t.hole - 1
	if t.hole != 0 {
		t.hole = 0
		k.order |= uint64(s)
		t.replace(s, k)
	} else {
		s = t.take()
		k.order |= uint64(s)
		t.enter(s, k)
	}
	return Ref{slot: s, seq: t.pushes}
}

// take takes an empty slot.
func (t *tournament) take() uint32 {
	if last := len(t.free) - 1; last >= 0 {
		s := t.free[last]
		t.free = t.free[:last]
		return s
	}
	if int(t.used) == len(t.tree)/2 {
		t.grow()
	}
	t.used++
	return t.used - 1
}

// grow doubles the slots and plays all matches.
func (t *tournament) grow() {
	n := len(t.tree) / 2
	if n == maxSlots {
		panic(fmt.Sprintf("sim: queue is full: %d events wait", maxSlots))
	}
	tree := make([]key, max(smallest, 2*len(t.tree)))
	leaves := tree[len(tree)/2:]
	for s := copy(leaves, t.tree[n:]); s < len(leaves); s++ {
		leaves[s] = none
	}
	for i := len(tree)/2 - 1; i > 0; i-- {
		tree[i] = earlier(tree[2*i], tree[2*i+1])
	}
	t.tree = tree
}

// first is the time of the first key, if there is no hole. It is negative when
// nothing waits.
func (t *tournament) first() clock.Time {
	if len(t.tree) < smallest {
		return -1
	}
	return clock.Time(t.tree[1].time) // that of none is −1
}

// pop takes the first key out and returns its slot: it leaves a hole, because most
// events schedule another one.
func (t *tournament) pop() uint32 {
	s := t.tree[1].slot()
	t.hole = s + 1
	return s
}

// holds reports whether this very key waits in its slot still.
func (t *tournament) holds(r Ref) bool {
	if r.slot >= t.used || r.slot+1 == t.hole {
		return false
	}
	k := t.tree[len(t.tree)/2+int(r.slot)]
	return k != none && k.seq() == r.seq
}

// empty empties a slot.
func (t *tournament) empty(s uint32) {
	t.free = append(t.free, s)
	t.replace(s, none)
}

func (t *tournament) each(f func(at clock.Time, slot uint32)) {
	for s, k := range t.tree[len(t.tree)/2:] {
		if k != none && uint32(s)+1 != t.hole {
			f(clock.Time(k.time), uint32(s))
		}
	}
}

// enter puts a key into an empty slot: up to where another one wins.
func (t *tournament) enter(s uint32, k key) {
	for i := len(t.tree)/2 + int(s); i > 0 && earlier(k, t.tree[i]) == k; i /= 2 {
		t.tree[i] = k
	}
}

// replace puts a key into the place of another, and plays the matches from there to
// the root.
func (t *tournament) replace(s uint32, k key) {
	tree := t.tree
	if len(tree) < smallest {
		return // there is no slot
	}
	mask := uint(len(tree) - 1) // changes no index: it shows that none is out of range
	for i := uint(len(tree)/2) + uint(s); ; {
		i &= mask
		tree[i] = k
		k = earlier(k, tree[(i^1)&mask])
		if i /= 2; i == 1 {
			break
		}
	}
	tree[1] = k
}

// earlier is the winner of a match.
func earlier(k, rival key) key {
	if rival.time == k.time {
		k.order = min(k.order, rival.order)
	} else if rival.time < k.time {
		k = rival
	}
	return k
}
