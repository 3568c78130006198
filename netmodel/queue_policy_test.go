package netmodel

import (
	"slices"
	"testing"
	"time"

	"meshsim/clock"
	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// offer is a copy handed to the only link of a network.
type offer struct {
	at   clock.Time
	size int64
}

// outcome is what became of an offer. Start and Arrive are 0 when it was dropped,
// which happened at the given time.
type outcome struct {
	fate                Fate
	at, start, arrive   clock.Time
	duplicated, evicted bool
}

// driver asks a link for verdicts as the owner of the clock has to.
type driver struct {
	n       *Network
	v       Verdict
	out     []outcome
	waiting map[Ticket]int // index of the offer
	due     []clock.Time
	late    bool // at equal times offers come before transmissions
}

func (d *driver) serve(t require.TestingT, now clock.Time) {
	for d.n.Serve(now, 0, 1, &d.v) {
		d.evict(now)
		d.settle(now, d.waiting[d.v.Ticket])
		delete(d.waiting, d.v.Ticket)
	}
	d.ask(t, now)
}

func (d *driver) evict(now clock.Time) {
	for _, ticket := range d.v.Evicted {
		d.out[d.waiting[ticket]] = outcome{fate: QueueFull, at: now, evicted: true}
		delete(d.waiting, ticket)
	}
}

func (d *driver) settle(now clock.Time, k int) {
	d.out[k] = outcome{fate: d.v.Fate, at: now, start: d.v.Start, arrive: d.v.Arrive, duplicated: d.v.Duplicated}
}

func (d *driver) ask(t require.TestingT, now clock.Time) {
	if d.v.Serve != 0 {
		require.Greater(t, d.v.Serve, now)
		require.NotContains(t, d.due, d.v.Serve, "asked for once")
		d.due = append(d.due, d.v.Serve)
	}
}

// serveUntil does the transmissions that come before an offer at time now.
func (d *driver) serveUntil(t require.TestingT, now clock.Time) {
	for len(d.due) > 0 && (d.due[0] < now || d.due[0] == now && !d.late) {
		at := d.due[0]
		d.due = d.due[1:]
		d.serve(t, at)
	}
}

// drive hands all offers over, in their order, and waits until the link is idle.
func drive(t require.TestingT, n *Network, offers []offer, late bool) []outcome {
	d := &driver{n: n, out: make([]outcome, len(offers)), waiting: map[Ticket]int{}, late: late}
	for k, o := range offers {
		d.serveUntil(t, o.at)
		key := sim.Key{Source: sim.Hash("message/test"), N: uint64(k)}
		n.Carry(o.at, 0, 1, o.size, key, &d.v)
		if d.v.Fate == Due {
			d.serve(t, o.at)
			n.Carry(o.at, 0, 1, o.size, key, &d.v)
		}
		d.evict(o.at)
		switch d.v.Fate {
		case Queued:
			_, taken := d.waiting[d.v.Ticket]
			require.False(t, taken, "ticket %d", d.v.Ticket)
			d.waiting[d.v.Ticket] = k
			d.ask(t, o.at)
		case QueueFull:
			d.out[k] = outcome{fate: QueueFull, at: o.at}
		default:
			d.settle(o.at, k)
		}
	}
	d.serveUntil(t, clock.Never)
	require.Empty(t, d.waiting)
	return d.out
}

// offers draws any offers; ties with ends of transmissions are frequent, as a byte
// takes a nanosecond.
func offers(t *rapid.T, gap, size int64) []offer {
	var now clock.Time
	all := make([]offer, rapid.IntRange(1, 80).Draw(t, "copies"))
	for i := range all {
		now += clock.Time(rapid.Int64Range(0, gap).Draw(t, "gap"))
		all[i] = offer{now, rapid.Int64Range(0, size).Draw(t, "size")}
	}
	return all
}

func anyQueue(t *rapid.T) Queue {
	limit := rapid.Int64Range(0, 8).Draw(t, "limit")
	return rapid.SampledFrom([]Queue{{}, Packets(limit), Bytes(limit * 3)}).Draw(t, "queue")
}

const byteRate = 8_000_000_000 // a byte is a nanosecond

// Without a drop of its own a queue that is served by events is the transmitter
// that needs none: the same verdicts, times and accounts, whatever comes first at
// equal times. CoDel is one as long as nobody waits for its target.
func TestServedQueueIsTheTransmitter(t *testing.T) {
	jitter, err := Uniform(1, 50)
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		spec := LinkSpec{Bandwidth: byteRate, Queue: anyQueue(t), Header: rapid.Int64Range(0, 2).Draw(t, "header"), Loss: sim.One / 4, Duplicate: sim.One / 4, Latency: jitter}
		all := offers(t, 6, 9)
		plain := single(t, spec)
		want := make([]outcome, len(all))
		for k, o := range all {
			v := carry(plain, o.at, o.size, uint64(k))
			want[k] = outcome{fate: v.Fate, start: v.Start, arrive: v.Arrive, duplicated: v.Duplicated}
		}
		spec.Policy = CoDel
		if spec.Queue.unit == unlimited && rapid.Bool().Draw(t, "random") {
			spec.Policy = DropRandom
		}
		n := single(t, spec)
		got := drive(t, n, all, rapid.Bool().Draw(t, "late"))
		for k := range got {
			got[k].at = 0
		}
		require.Equal(t, want, got)
		require.Equal(t, plain.Stats(0, 1), n.Stats(0, 1))
	})
}

// What is evicted is one of those who wait or the newcomer, never more than is
// needed for room, by the stream that the documentation names.
func TestDropRandomAgainstNaiveTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		queue, all := anyQueue(t), offers(t, 4, 9)
		n := single(t, LinkSpec{Bandwidth: byteRate, Queue: queue, Policy: DropRandom})
		stream, evictions := sim.Seed(42).Stream("link/n00000->n00001/evict"), uint64(0)
		want := make([]outcome, len(all))
		var waiting []int
		free := clock.Time(0)
		serve := func(now clock.Time) {
			for len(waiting) > 0 && free <= now {
				k := waiting[0]
				waiting = waiting[1:]
				want[k] = outcome{at: free, start: free, arrive: free + clock.Time(all[k].size)}
				free += clock.Time(all[k].size)
			}
		}
		for k, o := range all {
			serve(o.at)
			if free <= o.at {
				want[k] = outcome{at: o.at, start: o.at, arrive: o.at + clock.Time(o.size)}
				free = o.at + clock.Time(o.size)
				continue
			}
			waiting = append(waiting, k)
			full := func() bool {
				bytes := int64(0)
				for _, w := range waiting {
					bytes += all[w].size
				}
				return queue.unit == packets && int64(len(waiting)) > queue.limit || queue.unit == wireBytes && bytes > queue.limit
			}
			hopeless := queue.unit == packets && queue.limit == 0 || queue.unit == wireBytes && o.size > queue.limit
			for full() {
				victim := len(waiting) - 1
				if !hopeless {
					victim = int(sim.Below(stream.Draw(sim.Key{N: evictions}, 0), uint64(len(waiting))))
					evictions++
				}
				gone := waiting[victim]
				waiting = slices.Delete(waiting, victim, victim+1)
				if want[gone] = (outcome{fate: QueueFull, at: o.at, evicted: gone != k}); gone == k {
					break
				}
			}
		}
		serve(clock.Never)
		require.Equal(t, want, drive(t, n, all, rapid.Bool().Draw(t, "late")))
	})
}

// For copies of one size it does not matter to the count which one is dropped:
// at every moment as many as with drop-tail. But others are, and each place in the
// queue, the newcomer's too, goes equally often.
func TestDropRandomIsFair(t *testing.T) {
	const room, copies = 4, 20_000
	var all []offer
	var now clock.Time
	gaps := sim.Seed(1).Stream("test/gap")
	for i := range uint64(copies) {
		now += clock.Time(sim.Exponential(gaps.Draw(sim.Key{N: i}, 0), 70, 1))
		all = append(all, offer{now, 100})
	}
	drops := func(policy QueuePolicy) (at []clock.Time, late int) {
		n := single(t, LinkSpec{Bandwidth: byteRate, Queue: Packets(room), Policy: policy})
		for _, o := range drive(t, n, all, false) {
			if o.fate == QueueFull {
				at = append(at, o.at)
				if o.evicted {
					late++
				}
			}
		}
		slices.Sort(at)
		return at, late
	}
	tail, none := drops(CoDel) // which never comes to drop here, and refuses as drop-tail does
	random, evicted := drops(DropRandom)
	require.Greater(t, len(random), copies/5)
	assert.Equal(t, tail, random)
	assert.Zero(t, none)
	assert.True(t, shareAgrees(evicted, len(random), room/(room+1.0), 1), "%d of %d", evicted, len(random))
	assert.False(t, shareAgrees(evicted*5/4, len(random), room/(room+1.0), 1), "if the newcomer were always spared")
}

// The place that is evicted is drawn uniformly.
func TestEvictedPlaceIsUniform(t *testing.T) {
	const room, trials = 4, 5000
	var places [room + 1]int
	n := single(t, LinkSpec{Bandwidth: 8, Queue: Packets(room), Policy: DropRandom}) // a byte is a second
	carry(n, 0, 1_000_000, 0)
	order := []Ticket{}
	for len(order) < room {
		order = append(order, carry(n, 0, 1, 1).Ticket)
	}
	for i := range uint64(trials) {
		v := carry(n, clock.Time(i), 1, i)
		if v.Fate == QueueFull {
			require.Empty(t, v.Evicted)
			places[room]++
			continue
		}
		require.Len(t, v.Evicted, 1)
		place := slices.Index(order, v.Evicted[0])
		places[place]++
		order = append(slices.Delete(order, place, place+1), v.Ticket)
	}
	for place, count := range places {
		assert.True(t, shareAgrees(count, trials, 1.0/(room+1), 1), "place %d: %d", place, count)
	}
}

// M/M/1/K loses the same share whichever copy is dropped: sizes of waiting copies
// are as random as the newcomer's.
func TestMM1KDropRandom(t *testing.T) {
	const n, k = 100_000, 5
	want := 0.08882
	for waiting, agrees := range map[int64]bool{k - 1: true, k: false, k - 2: false} {
		gaps, sizes := sim.Seed(1).Stream("test/gap"), sim.Seed(1).Stream("test/size")
		var all []offer
		var now clock.Time
		for i := range uint64(n) {
			key := sim.Key{N: i}
			now += clock.Time(sim.Exponential(gaps.Draw(key, 0), unit*5, 4))
			all = append(all, offer{now, int64(sim.Exponential(sizes.Draw(key, 0), unit, 1))})
		}
		refused := 0
		for _, o := range drive(t, single(t, LinkSpec{Bandwidth: unitRate, Queue: Packets(waiting), Policy: DropRandom}), all, false) {
			if o.fate == QueueFull {
				refused++
			}
		}
		assert.Equal(t, agrees, shareAgrees(refused, n, want, 2), "queue of %d: %d refused", waiting, refused)
	}
}

// Calls of Serve at times at which nothing is due change nothing.
func TestServeAtOtherTimes(t *testing.T) {
	n := single(t, LinkSpec{Bandwidth: byteRate, Policy: CoDel})
	var v Verdict
	require.False(t, n.Serve(0, 0, 1, &v))
	require.Zero(t, v.Serve, "nothing waits")
	require.Equal(t, Arrives, carry(n, 0, 10, 0).Fate)
	require.False(t, n.Serve(10, 0, 1, &v))
	require.Equal(t, Arrives, carry(n, 10, 10, 1).Fate)
	second := carry(n, 15, 10, 2)
	require.Equal(t, Verdict{Fate: Queued, Fault: NoFault, Serve: 20}, second)
	require.Zero(t, carry(n, 16, 10, 3).Serve, "it was said")
	for range 2 {
		require.False(t, n.Serve(19, 0, 1, &v))
		require.Zero(t, v.Serve)
	}
	require.Equal(t, Due, carry(n, 20, 10, 4).Fate)
	require.True(t, n.Serve(20, 0, 1, &v))
	require.Equal(t, []any{clock.Time(20), clock.Time(30), second.Ticket}, []any{v.Start, v.Arrive, v.Ticket})
	require.False(t, n.Serve(20, 0, 1, &v))
	require.Equal(t, clock.Time(30), v.Serve)
	s := n.Stats(0, 1)
	require.Equal(t, Stats{Transmissions: 3, Bytes: 30, BusyNS: 30, WaitNS: 5, WaitMaxNS: 5, QueueMax: 2}, s)
}

func TestServingDoesNotAllocate(t *testing.T) {
	for _, policy := range []QueuePolicy{DropRandom, CoDel} {
		n := single(t, LinkSpec{Latency: Constant(time.Millisecond), Loss: sim.One / 10, Bandwidth: 8_000_000, Queue: Packets(64), Policy: policy})
		var now clock.Time
		var key sim.Key
		var v Verdict
		step := func() { // 100 µs each, and 80 µs apart
			now, key.N = now+80_000, key.N+1
			for n.Carry(now, 0, 1, 100, key, &v); v.Fate == Due; n.Carry(now, 0, 1, 100, key, &v) {
				for n.Serve(now, 0, 1, &v) {
				}
			}
			for n.Serve(now, 0, 1, &v) {
			}
		}
		for range 10_000 {
			step() // grow the queue
		}
		assert.Zero(t, testing.AllocsPerRun(10_000, step))
		assert.Greater(t, n.Stats(0, 1).Drops, int64(1000))
	}
}
