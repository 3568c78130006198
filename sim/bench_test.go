package sim

import (
	"fmt"
	"math/bits"
	"testing"

	"meshsim/clock"
)

// event48 is as large as what a world queues: a pointer and five words.
type event48 struct {
	envelope *int64
	//lint:ignore U1000 it only makes the event as large
	rest [5]uint64
}

// handHeap is the yardstick of BenchmarkQueue: a 4-ary heap of the same keys,
// written out for one event type and without cancelling.
type handHeap struct {
	heap   []key
	arena  []event48
	free   []uint32
	pushes uint64
}

// less is 1 when k comes before l, else 0, without a branch.
func (k key) less(l key) uint64 {
	_, borrow := bits.Sub64(k.order, l.order, 0)
	_, borrow = bits.Sub64(k.time, l.time, borrow)
	return borrow
}

func (q *handHeap) push(t uint64, ev event48) {
	var s uint32
	if n := len(q.free); n > 0 {
		s, q.free = q.free[n-1], q.free[:n-1]
		q.arena[s] = ev
	} else {
		s = uint32(len(q.arena))
		q.arena = append(q.arena, ev)
	}
	k := key{t, q.pushes<<slotBits | uint64(s)}
	q.pushes++
	q.heap = append(q.heap, k)
	h, i := q.heap, len(q.heap)-1
	for i > 0 && k.less(h[(i-1)/4]) == 1 {
		h[i] = h[(i-1)/4]
		i = (i - 1) / 4
	}
	h[i] = k
}

func (q *handHeap) pop() (uint64, event48) {
	n := len(q.heap) - 1
	first, last := q.heap[0], q.heap[n]
	q.heap = q.heap[:n]
	if n > 0 {
		q.sift(last)
	}
	s := uint32(first.order & (maxSlots - 1))
	ev := q.arena[s]
	q.arena[s].envelope = nil
	q.free = append(q.free, s)
	return first.time, ev
}

func (q *handHeap) sift(k key) {
	h, i := q.heap, 0
	for c := 1; c < len(h); c = 4*i + 1 {
		least := uint64(c)
		if c+4 <= len(h) {
			a := least + h[c+1].less(h[c])
			b := least + 2 + h[c+3].less(h[c+2])
			least = a + (b-a)*h[b].less(h[a])
		} else {
			for j := c + 1; j < len(h); j++ {
				if h[j].less(h[least]) == 1 {
					least = uint64(j)
				}
			}
		}
		if h[least].less(k) == 0 {
			break
		}
		h[i] = h[least]
		i = int(least)
	}
	h[i] = k
}

// gaps are delays between an event and the one it schedules, drawn beforehand.
func gaps() []uint64 {
	s, all := Seed(1).Stream("bench/gap"), make([]uint64, 1<<12)
	for i := range all {
		all[i] = Exponential(s.Draw(Key{N: uint64(i)}, 0), 10_000_000, 1)
	}
	return all
}

// BenchmarkQueue measures one pop and one push with a steady number of events
// pending: queue is the engine's, hand the yardstick, engine the whole loop.
func BenchmarkQueue(b *testing.B) {
	gap := gaps()
	for _, pending := range []int{64, 1000, 65536} {
		b.Run(fmt.Sprintf("hand/%d", pending), func(b *testing.B) {
			var q handHeap
			for i := range pending {
				q.push(gap[i%len(gap)], event48{})
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				t, ev := q.pop()
				q.push(t+gap[i&(len(gap)-1)], ev)
				i++
			}
		})
		b.Run(fmt.Sprintf("queue/%d", pending), func(b *testing.B) {
			var q queue[event48]
			var ev event48
			for i := range pending {
				q.push(clock.Time(gap[i%len(gap)]), &ev)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				q.fill()
				t := q.first()
				q.pop(&ev)
				q.push(t+clock.Time(gap[i&(len(gap)-1)]), &ev)
				i++
			}
		})
		b.Run(fmt.Sprintf("engine/%d", pending), func(b *testing.B) {
			var e Engine[event48]
			for i := range pending {
				e.At(clock.Time(gap[i%len(gap)]), event48{})
			}
			i := 0
			again := func(ev *event48) {
				e.At(e.Now()+clock.Time(gap[i&(len(gap)-1)]), *ev)
				i++
			}
			b.ReportAllocs()
			for b.Loop() {
				e.Run(Limit{Until: clock.Never, Steps: 1}, again)
			}
		})
	}
}

func BenchmarkDraw(b *testing.B) {
	s := Seed(1).Stream("bench/draw")
	var sum uint64
	k := Key{Source: Hash("message/n0/t1")}
	b.ReportAllocs()
	for b.Loop() {
		sum += s.Draw(k, 0)
		k.N++
	}
	_ = sum
}

func BenchmarkExponential(b *testing.B) {
	s := Seed(1).Stream("bench/exponential")
	draws := make([]uint64, 1<<10)
	for i := range draws {
		draws[i] = s.Draw(Key{N: uint64(i)}, 0)
	}
	var sum uint64
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		sum += Exponential(draws[i&(len(draws)-1)], 10_000_000, 1)
		i++
	}
	_ = sum
}
