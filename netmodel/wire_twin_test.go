package netmodel

import (
	"fmt"
	"testing"
	"time"

	"meshsim/clock"
	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// twinLine is a transmitter that remembers every copy and adds up anew.
type twinLine struct {
	spec LineSpec
	took []twinSent
}

type twinSent struct{ start, end, wire int64 }

func (l *twinLine) take(now, wire int64) (start, end int64, ok bool) {
	if l.spec.Bandwidth == 0 {
		return now, now, true
	}
	start = now
	var copies, bytes int64
	for _, s := range l.took {
		start = max(start, s.end)
		if s.start > now {
			copies, bytes = copies+1, bytes+s.wire
		}
	}
	q := l.spec.Queue
	if start > now && (q.unit == packets && copies+1 > q.limit || q.unit == wireBytes && bytes+wire > q.limit) {
		return 0, 0, false
	}
	end = start + (wire*8_000_000_000+l.spec.Bandwidth-1)/l.spec.Bandwidth
	l.took = append(l.took, twinSent{start, end, wire})
	return start, end, true
}

// twinWire judges a copy by its seed, its key and all that the link ever took: a
// wire written down as the contract words it.
type twinWire struct {
	spec     LinkSpec
	path     string
	uplink   *twinLine
	own      twinLine
	taken    int
	arrivals []int64 // of copies that arrive
	drops    int64
}

func (w *twinWire) draw(what string, k sim.Key, copy uint32) uint64 {
	return sim.Seed(42).Stream(w.path+"/"+what).Draw(k, copy)
}

// bursts reports whether the nth copy taken is lost in a burst: from the first on.
func (w *twinWire) bursts(n int) (lost bool) {
	g, bad := w.spec.BurstLoss, false
	for i := range n + 1 {
		words := sim.Seed(42).Stream(w.path+"/burst_loss").Block(sim.Key{N: uint64(i)}, 0, 0)
		if bad {
			bad = !g.R.Hit(words[0])
		} else {
			bad = g.P.Hit(words[0])
		}
		lost = bad && g.Bad.Hit(words[1]) || !bad && g.Good.Hit(words[1])
	}
	return lost
}

func (w *twinWire) carry(now, size int64, k sim.Key) Verdict {
	v := Verdict{Fault: NoFault}
	if w.spec.MTU > 0 && size > w.spec.MTU {
		v.Fate = TooLarge
		w.drops++
		return v
	}
	wire := size + w.spec.Header
	start, end, ok := w.uplink.take(now, wire)
	if ok {
		var first int64
		if first, end, ok = w.own.take(end, wire); w.uplink.spec.Bandwidth == 0 {
			start = first
		}
	}
	if !ok {
		v.Fate = QueueFull
		w.drops++
		return v
	}
	burst := w.bursts(w.taken)
	w.taken++
	v.Start, v.Header = clock.Time(start), w.spec.Header
	v.Fate, v.Arrive = w.propagate(end, k, 0, burst)
	if w.spec.Duplicate.Hit(w.draw("duplicate", k, 0)) {
		v.Duplicated = true
		v.DuplicateFate, v.DuplicateArrive = w.propagate(end, k, 1, false)
	}
	return v
}

func (w *twinWire) propagate(end int64, k sim.Key, copy uint32, burst bool) (fate Fate, arrive clock.Time) {
	latency := int64(w.spec.Latency.Sample(w.draw("latency", k, copy)))
	if w.spec.Reorder.Hit(w.draw("reorder", k, copy)) {
		latency = 0
	}
	at := end + latency
	if w.spec.FIFO {
		for _, before := range w.arrivals {
			at = max(at, before)
		}
	}
	switch {
	case w.spec.Loss.Hit(w.draw("loss", k, copy)):
		fate = Lost
	case burst:
		fate = BurstLost
	case w.spec.Corrupt.Hit(w.draw("corrupt", k, copy)):
		fate = Corrupted
	}
	if fate == Lost || fate == BurstLost {
		w.drops++
	} else {
		w.arrivals = append(w.arrivals, at)
	}
	return fate, clock.Time(at)
}

// shares draws a probability that is often 0 or 1.
var shares = rapid.OneOf(rapid.SampledFrom([]sim.Ratio{0, 0, sim.One, sim.One / 2}), rapid.Map(rapid.Uint32Range(0, uint32(sim.One)), func(r uint32) sim.Ratio { return sim.Ratio(r) }))

var queues = rapid.Custom(func(t *rapid.T) Queue {
	limit := rapid.Int64Range(0, 4).Draw(t, "limit")
	return rapid.SampledFrom([]Queue{{}, Packets(limit), Bytes(limit * 8)}).Draw(t, "queue")
})

// lineSpecs draws transmitters that take 1 or 2 ns a byte.
var lineSpecs = rapid.Custom(func(t *rapid.T) LineSpec {
	rate := rapid.SampledFrom([]int64{0, 8_000_000_000, 4_000_000_000}).Draw(t, "bandwidth")
	return LineSpec{rate, queues.Draw(t, "queue")}
})

func drawLink(t *rapid.T, to sim.NodeID) LinkSpec {
	low := rapid.Int64Range(0, 30).Draw(t, "latency")
	latency, err := Uniform(time.Duration(low), time.Duration(low+rapid.Int64Range(0, 40).Draw(t, "spread")))
	require.NoError(t, err)
	line := lineSpecs.Draw(t, "line")
	return LinkSpec{
		From: 0, To: to, Latency: latency, Loss: shares.Draw(t, "loss"), Corrupt: shares.Draw(t, "corrupt"),
		BurstLoss: GilbertElliott{shares.Draw(t, "p"), shares.Draw(t, "r"), shares.Draw(t, "good"), shares.Draw(t, "bad")},
		Duplicate: shares.Draw(t, "duplicate"), Reorder: shares.Draw(t, "reorder"), FIFO: rapid.Bool().Draw(t, "fifo"),
		Bandwidth: line.Bandwidth, Queue: line.Queue,
		MTU: rapid.SampledFrom([]int64{0, 8}).Draw(t, "mtu"), Header: rapid.Int64Range(0, 3).Draw(t, "header"),
	}
}

// A node with several links and an uplink, whatever they are, against the twin.
func TestWiresAgainstNaiveTwin(t *testing.T) {
	fates := map[Fate]int{}
	rapid.Check(t, func(t *rapid.T) {
		links := rapid.IntRange(1, 3).Draw(t, "links")
		uplink := &twinLine{spec: lineSpecs.Draw(t, "uplink")}
		var specs []LinkSpec
		var twins []*twinWire
		for i := range links {
			s := drawLink(t, sim.NodeID(i+1))
			specs = append(specs, s)
			twins = append(twins, &twinWire{
				spec: s, path: fmt.Sprintf("link/n00000->n%05d", i+1), uplink: uplink, own: twinLine{spec: LineSpec{s.Bandwidth, s.Queue}},
			})
		}
		n := network(t, links+1, specs...)
		require.NoError(t, n.Share(0, uplink.spec, LineSpec{}))
		now := int64(0)
		for i := range rapid.IntRange(1, 40).Draw(t, "copies") {
			now += rapid.Int64Range(0, 8).Draw(t, "gap")
			size := rapid.Int64Range(0, 9).Draw(t, "size")
			k := rapid.IntRange(0, links-1).Draw(t, "link")
			key := sim.Key{Source: 3, N: uint64(i)}
			var v Verdict
			n.Carry(clock.Time(now), 0, sim.NodeID(k+1), size, key, &v)
			require.Equal(t, twins[k].carry(now, size, key), v, "copy %d", i)
			fates[v.Fate]++
		}
		for i, w := range twins {
			s := n.Stats(0, sim.NodeID(i+1))
			require.EqualValues(t, []int64{int64(w.taken), w.drops}, []int64{s.Transmissions, s.Drops})
		}
	})
	for _, f := range []Fate{Arrives, Lost, BurstLost, Corrupted, TooLarge, QueueFull} {
		assert.Positive(t, fates[f], "no copy %v, so that was not tried", f)
	}
}

// Senders 1 … have links to node 0, whose downlink they share.
func TestDownlinkAgainstNaiveTwin(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		senders := rapid.IntRange(1, 3).Draw(t, "senders")
		var specs []LinkSpec
		for i := range senders {
			specs = append(specs, LinkSpec{From: sim.NodeID(i + 1), To: 0, Header: int64(i)})
		}
		n := network(t, senders+1, specs...)
		spec := LineSpec{8_000_000_000, queues.Draw(t, "queue")}
		twin := &twinLine{spec: spec}
		require.NoError(t, n.Share(0, LineSpec{}, spec))
		require.True(t, n.HasDownlink(0))
		require.False(t, n.HasDownlink(1))
		now, drops, busy := int64(0), make([]int64, senders), int64(0)
		for range rapid.IntRange(1, 40).Draw(t, "copies") {
			now += rapid.Int64Range(0, 8).Draw(t, "gap")
			size, from := rapid.Int64Range(0, 9).Draw(t, "size"), rapid.IntRange(0, senders-1).Draw(t, "from")
			fate, end := n.Receive(clock.Time(now), sim.NodeID(from+1), 0, size)
			_, want, ok := twin.take(now, size+int64(from))
			if !ok {
				require.Equal(t, QueueFull, fate)
				drops[from]++
				refused++
				continue
			}
			busy += size + int64(from)
			require.Equal(t, []any{Arrives, clock.Time(want)}, []any{fate, end})
		}
		for i := range senders {
			require.Equal(t, drops[i], n.Stats(sim.NodeID(i+1), 0).Drops)
		}
		_, down := n.AccessStats(0)
		require.Equal(t, busy, down.BusyNS)
	})
	assert.Positive(t, refused)
}
