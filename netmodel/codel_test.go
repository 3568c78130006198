package netmodel

import (
	"math"
	"math/big"
	"testing"
	"time"

	"meshsim/clock"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// codelTwin is the pseudocode of RFC 8289, section 5, as it stands there: with a
// list for a queue, and a square root of real numbers.
type codelTwin struct {
	offers     []offer
	queue      []int
	rate       int64 // ns per byte
	limit      int
	maxpacket  int64
	firstAbove clock.Time
	dropNext   clock.Time
	count      uint32
	lastCount  uint32
	dropping   bool
	free       clock.Time
	out        []outcome
	again      int // times that the count was taken up again
}

const twinTarget, twinInterval = 5_000_000, 100_000_000

func (c *codelTwin) controlLaw(t clock.Time, count uint32) clock.Time {
	root := new(big.Float).SetPrec(200).Sqrt(new(big.Float).SetPrec(200).SetInt64(int64(count)))
	step, _ := new(big.Float).SetPrec(200).Quo(new(big.Float).SetInt64(twinInterval), root).Int64()
	return t + clock.Time(step)
}

func (c *codelTwin) dodequeue(now clock.Time) (p int, okToDrop bool) {
	if len(c.queue) == 0 {
		c.firstAbove = 0
		return -1, false
	}
	p, c.queue = c.queue[0], c.queue[1:]
	bytes := int64(0)
	for _, k := range c.queue {
		bytes += c.offers[k].size
	}
	if now-c.offers[p].at < twinTarget || bytes <= c.maxpacket {
		c.firstAbove = 0
	} else if c.firstAbove == 0 {
		c.firstAbove = now + twinInterval
	} else if now >= c.firstAbove {
		okToDrop = true
	}
	return p, okToDrop
}

func (c *codelTwin) drop(now clock.Time, p int) {
	c.out[p] = outcome{fate: QueueFull, at: now, evicted: true}
}

func (c *codelTwin) dequeue(now clock.Time) int {
	p, ok := c.dodequeue(now)
	if c.dropping {
		if !ok {
			c.dropping = false
		}
		for now >= c.dropNext && c.dropping {
			c.drop(now, p)
			c.count++
			p, ok = c.dodequeue(now)
			if !ok {
				c.dropping = false
			} else {
				c.dropNext = c.controlLaw(c.dropNext, c.count)
			}
		}
	} else if ok {
		c.drop(now, p)
		p, _ = c.dodequeue(now)
		c.dropping = true
		delta := c.count - c.lastCount
		c.count = 1
		if delta > 1 && now-c.dropNext < 16*twinInterval {
			c.count = delta
			c.again++
		}
		c.dropNext = c.controlLaw(now, c.count)
		c.lastCount = c.count
	}
	return p
}

// serve dequeues whenever the line is free, an empty queue included.
func (c *codelTwin) serve(now clock.Time) {
	for c.free <= now {
		at := c.free
		p := c.dequeue(at)
		if p < 0 {
			return
		}
		c.free = at + clock.Time(c.offers[p].size*c.rate)
		c.out[p] = outcome{at: at, start: at, arrive: c.free}
	}
}

func (c *codelTwin) run() []outcome {
	c.out = make([]outcome, len(c.offers))
	for k, o := range c.offers {
		c.serve(o.at)
		c.maxpacket = max(c.maxpacket, o.size)
		if c.free > o.at && len(c.queue) == c.limit {
			c.out[k] = outcome{fate: QueueFull, at: o.at}
			continue
		}
		c.queue = append(c.queue, k)
		c.free = max(c.free, o.at)
		c.serve(o.at)
	}
	c.serve(clock.Never - 1_000_000_000)
	return c.out
}

func TestCoDelAgainstThePseudocode(t *testing.T) {
	dropped, reentered := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var all []offer
		var now clock.Time
		for range rapid.IntRange(2, 8).Draw(t, "phases") {
			gap := rapid.SampledFrom([]int64{900, 0, 300, 1000, 1300}).Draw(t, "gap") // µs; a kilobyte takes 1000
			size := rapid.SampledFrom([]int64{1000, 1000, 2900, 300, 1}).Draw(t, "size")
			for range rapid.SampledFrom([]int{400, 200, 30, 1}).Draw(t, "copies") {
				now += clock.Time(gap * 1000)
				all = append(all, offer{now, size})
			}
			now += clock.Time(rapid.SampledFrom([]int64{0, 150, 20, 700}).Draw(t, "pause")) * ms
		}
		limit := rapid.SampledFrom([]int{1000, 50, 5}).Draw(t, "limit")
		twin := codelTwin{offers: all, rate: 1000, limit: limit}
		want := twin.run()
		n := single(t, LinkSpec{Bandwidth: 8_000_000, Queue: Packets(int64(limit)), Policy: CoDel})
		require.Equal(t, want, drive(t, n, all, rapid.Bool().Draw(t, "late")))
		for _, o := range want {
			if o.evicted {
				dropped++
			}
		}
		reentered += twin.again
	})
	t.Logf("%d copies dropped, %d times the count was taken up again", dropped, reentered)
	assert.Greater(t, dropped, 100)
	assert.Positive(t, reentered)
}

// steady offers copies of 1000 bytes: burst at once, then one every gap.
func steady(burst, n int, gap time.Duration) []offer {
	var all []offer
	for i := range burst + n {
		at := clock.Time(0)
		if i >= burst {
			at = clock.Time(i-burst+1) * clock.Time(gap)
		}
		all = append(all, offer{at, 1000})
	}
	return all
}

func evictions(out []outcome) (at []clock.Time) {
	for _, o := range out {
		if o.evicted {
			at = append(at, o.at)
		}
	}
	return at
}

// A burst leaves a standing queue of 200 ms, to which copies come as fast as they
// go. The first is dropped an interval after the delay passed the target, each
// later one interval/√n after its predecessor, at the next end of a transmission;
// in the end nobody waits as long as the target.
func TestCoDelDrainsAStandingQueue(t *testing.T) {
	const service = time.Millisecond // 1000 bytes at 8 Mbit/s
	n := single(t, LinkSpec{Bandwidth: 8_000_000, Policy: CoDel})
	all := steady(201, 10_000, service)
	out := drive(t, n, all, true)
	at := evictions(out)
	require.Greater(t, len(at), 150)
	assert.Equal(t, 105*ms, at[0], "the delay reached 5 ms at 5 ms")
	law := at[0]
	for k, drop := range at[1:] {
		law += clock.Time(math.Floor(float64(100*ms) / math.Sqrt(float64(k+1))))
		assert.GreaterOrEqual(t, drop, law)
		assert.Less(t, drop, law+clock.Time(service), "drop %d", k+2)
	}
	last := at[len(at)-1]
	assert.Less(t, last, 4000*ms, "it took some seconds")
	for k, o := range out {
		if o.fate == Arrives && o.start > last {
			require.Less(t, o.start-all[k].at, clock.Time(codelTarget)+clock.Time(service))
		}
	}
	plain := single(t, LinkSpec{Bandwidth: 8_000_000})
	worst := clock.Time(0)
	for k, o := range all {
		worst = carry(plain, o.at, o.size, uint64(k)).Start - o.at
	}
	assert.Equal(t, 200*ms, worst, "drop-tail keeps it")
}

// A queue that drains within an interval loses nothing, however long it was.
func TestCoDelSparesABurst(t *testing.T) {
	drops := func(burst int) int {
		n := single(t, LinkSpec{Bandwidth: 8_000_000, Policy: CoDel})
		return len(evictions(drive(t, n, steady(burst, 2000, 2*time.Millisecond), false)))
	}
	assert.Zero(t, drops(50), "back below 5 ms after some 90 ms")
	assert.Positive(t, drops(100))
}

// Dropping goes on at the rate that worked if it had been left not long ago, and
// begins anew after sixteen intervals.
func TestCoDelCountStartsAnew(t *testing.T) {
	for pause, anew := range map[time.Duration]bool{500 * time.Millisecond: false, 3 * time.Second: true} {
		all := steady(300, 0, 0)
		for range 300 {
			all = append(all, offer{clock.Time(300*time.Millisecond + pause), 1000})
		}
		at := evictions(drive(t, single(t, LinkSpec{Bandwidth: 8_000_000, Policy: CoDel}), all, false))
		var second []clock.Time
		for _, drop := range at {
			if drop > clock.Time(300*time.Millisecond+pause) {
				second = append(second, drop)
			}
		}
		require.Greater(t, len(second), 1)
		assert.Equal(t, anew, second[1]-second[0] == 100*ms, "after %v: %v", pause, second)
	}
}

func TestControlLaw(t *testing.T) {
	twin := codelTwin{}
	for _, count := range []uint32{1, 2, 3, 4, 7, 100, 9999, 1 << 20, math.MaxUint32} {
		assert.Equal(t, twin.controlLaw(7, count), controlLaw(7, count), "count %d", count)
	}
	assert.Equal(t, 50*ms, controlLaw(0, 4))
	for _, n := range []uint64{0, 1, 2, 3, 1e16, 1e16 - 1, 94906265 * 94906265, 94906265*94906265 - 1} {
		r := rootFloor(n)
		assert.True(t, r*r <= n && (r+1)*(r+1) > n, "√%d is not %d", n, r)
	}
}
