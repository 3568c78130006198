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

func TestSerialisation(t *testing.T) {
	for _, c := range []struct {
		bytes, rate int64
		want        time.Duration
	}{
		{1000, 1_000_000, 8 * time.Millisecond},
		{230, 10_000_000, 184 * time.Microsecond},
		{0, 1, 0},
		{1, 8_000_000_000, 1},
		{1, 8_000_000_001, 1}, // rounded up
		{1, 7_999_999_999, 2},
		{1, math.MaxInt64, 1},
		{1_000_000_000, 1, 8_000_000_000_000_000_000},
		{2_000_000_000, 1, math.MaxInt64}, // 507 years, cut
		{math.MaxInt64, 1, math.MaxInt64},
		{math.MaxInt64, math.MaxInt64, 8_000_000_000},
	} {
		assert.Equal(t, c.want, rateOf(c.rate).span(c.bytes), "%d B at %d bit/s", c.bytes, c.rate)
	}
}

func TestSerialisationAgainstBigIntegers(t *testing.T) {
	whole := rapid.Map(rapid.IntRange(0, 12), func(n int) int64 { return byteNS >> n }) // a byte takes 2ⁿ ns
	rapid.Check(t, func(t *rapid.T) {
		bytes := rapid.OneOf(rapid.Int64Range(0, math.MaxInt64), rapid.Int64Range(0, 4*(math.MaxInt64/byteNS))).Draw(t, "bytes")
		rate := rapid.OneOf(rapid.Int64Range(1, math.MaxInt64), whole).Draw(t, "rate")
		bits := new(big.Int).Mul(big.NewInt(bytes), big.NewInt(8_000_000_000))
		bits.Add(bits, big.NewInt(rate-1)).Div(bits, big.NewInt(rate))
		want := time.Duration(math.MaxInt64)
		if bits.IsInt64() {
			want = time.Duration(bits.Int64())
		}
		require.Equal(t, want, serialisation(bytes, rate))
		require.Equal(t, want, rateOf(rate).span(bytes))
	})
}

// At 8 Mbit/s a byte takes a microsecond.
func TestQueueBounds(t *testing.T) {
	const us = clock.Time(time.Microsecond)
	type copy struct {
		at, size int64 // µs, bytes
		start    int64 // µs; −1: refused
	}
	for name, c := range map[string]struct {
		queue  Queue
		header int64
		copies []copy
	}{
		"unlimited is first in, first out": {Queue{}, 0, []copy{{0, 100, 0}, {0, 1, 100}, {50, 10, 101}, {200, 10, 200}}},
		"header counts":                    {Queue{}, 30, []copy{{0, 100, 0}, {0, 1, 130}, {0, 1, 161}}},
		"none may wait":                    {Packets(0), 0, []copy{{0, 100, 0}, {99, 1, -1}, {100, 1, 100}}},
		"one may wait":                     {Packets(1), 0, []copy{{0, 100, 0}, {0, 50, 100}, {0, 1, -1}, {99, 1, -1}, {100, 1, 150}, {100, 1, -1}}},
		"zero bytes may wait":              {Bytes(0), 0, []copy{{0, 100, 0}, {1, 1, -1}, {1, 0, 100}}},
		"bytes to the limit":               {Bytes(60), 0, []copy{{0, 100, 0}, {0, 50, 100}, {0, 11, -1}, {0, 10, 150}, {0, 1, -1}, {100, 51, -1}, {100, 50, 160}}},
		"bytes with header":                {Bytes(60), 30, []copy{{0, 100, 0}, {0, 31, -1}, {0, 30, 130}}},
		"what need not wait has no limit":  {Bytes(10), 0, []copy{{0, 1000, 0}, {1000, 1000, 1000}}},
	} {
		t.Run(name, func(t *testing.T) {
			n := single(t, LinkSpec{Bandwidth: 8_000_000, Queue: c.queue, Header: c.header, Latency: Constant(time.Second)})
			for i, k := range c.copies {
				v := carry(n, clock.Time(k.at)*us, k.size, uint64(i))
				want := Verdict{Fate: QueueFull, Fault: NoFault}
				if k.start >= 0 {
					start := clock.Time(k.start) * us
					want = Verdict{Fault: NoFault, Header: c.header, Start: start, Arrive: start + clock.Time(k.size+c.header)*us + 1000*ms}
				}
				require.Equal(t, want, v, "copy %d", i)
			}
		})
	}
}

// The transmitter against a twin that remembers every copy and adds up anew.
func TestTransmitterAgainstNaiveTwin(t *testing.T) {
	type sent struct {
		start, end clock.Time
		wire       int64
	}
	queues := rapid.Custom(func(t *rapid.T) Queue {
		limit := rapid.Int64Range(0, 8).Draw(t, "limit")
		return rapid.SampledFrom([]Queue{{}, Packets(limit), Bytes(limit * 3)}).Draw(t, "queue")
	})
	rapid.Check(t, func(t *rapid.T) {
		queue := queues.Draw(t, "queue")
		header := rapid.Int64Range(0, 2).Draw(t, "header")
		n := single(t, LinkSpec{Bandwidth: 8_000_000_000, Queue: queue, Header: header}) // a byte is a nanosecond
		var took []sent
		var now clock.Time
		var want Stats
		for i := range rapid.IntRange(1, 60).Draw(t, "copies") {
			now += clock.Time(rapid.Int64Range(0, 6).Draw(t, "gap"))
			wire := rapid.Int64Range(0, 9).Draw(t, "size") + header
			start, waiting, bytes := now, int64(0), int64(0)
			for _, s := range took {
				start = max(start, s.end)
				if s.start > now {
					waiting, bytes = waiting+1, bytes+s.wire
				}
			}
			room := queue.unit == unlimited || queue.unit == packets && waiting+1 <= queue.limit ||
				queue.unit == wireBytes && bytes+wire <= queue.limit
			v := carry(n, now, wire-header, uint64(i))
			if start > now && !room {
				want.Drops++
				require.Equal(t, Verdict{Fate: QueueFull, Fault: NoFault}, v)
				continue
			}
			end := start + clock.Time(wire)
			took = append(took, sent{start, end, wire})
			require.Equal(t, Verdict{Fault: NoFault, Header: header, Start: start, Arrive: end}, v)
			want.Transmissions++
			want.Bytes += wire
			want.BusyNS += wire
			want.WaitNS += int64(start - now)
			want.WaitMaxNS = max(want.WaitMaxNS, int64(start-now))
			if start > now {
				want.QueueMax = max(want.QueueMax, waiting+1)
			}
		}
		require.Equal(t, want, n.Stats(0, 1))
	})
}

// Copies too many and too long for the clock end at its end, not before 0.
func TestTransmitterSaturates(t *testing.T) {
	n := single(t, LinkSpec{Bandwidth: 1, Latency: Constant(time.Hour)})
	carry(n, 0, 1_000_000_000, 0)
	for i := range uint64(3) {
		v := carry(n, 0, 1_000_000_000, i+1)
		assert.Equal(t, clock.Never, v.Arrive)
		assert.GreaterOrEqual(t, v.Start, clock.Time(8_000_000_000_000_000_000))
	}
	s := n.Stats(0, 1)
	assert.Equal(t, int64(math.MaxInt64), s.BusyNS)
	assert.Equal(t, int64(math.MaxInt64), s.WaitNS)
}
