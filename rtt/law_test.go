package rtt

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
)

// transmitter is a wire that sends Data at a rate, one after the other; all else is free.
func (p *pair) transmitter(bitsPerSecond int, delay time.Duration, header int) {
	free := clock.Time(0)
	p.carry = func(_ int, g *testSegment) []clock.Time {
		if g.Kind != Data {
			return []clock.Time{p.now.Add(delay)}
		}
		free = max(free, p.now).Add(time.Duration((g.Size + header) * 8 * int(time.Second) / bitsPerSecond))
		return []clock.Time{free.Add(delay)}
	}
}

// fill keeps a side's queue full until a time.
func (p *pair) fill(size int, until clock.Time) {
	for m := 0; p.now < until; {
		for p.sides[0].session.queue.len < p.cfg.MaxQueue {
			p.offer(0, Knowledge, size, m)
			m++
		}
		if !p.step(until) {
			p.now = until
		}
	}
}

// A window of one packet of 1000 bytes over 1 Mbit/s with a round trip of 100 ms:
// 8000 bits in each 108 ms, 74 074 bit/s.
func TestStopAndWait(t *testing.T) {
	cfg := plain()
	cfg.Window = 1
	p := openedPair(t, cfg, 50*ms)
	p.transmitter(1_000_000, 50*ms, 0)
	start := p.now
	p.fill(1000, start.Add(1000*108*ms))
	require.Len(t, p.sides[1].read, 1000)
	assert.Equal(t, 74_074, 1000*8000*int(time.Second)/int(p.now.Sub(start)))
}

// A clean link is full: within 2 % of its bandwidth times the share of the payload.
func TestThroughput(t *testing.T) {
	for _, congestion := range []bool{false, true} {
		cfg := plain()
		cfg.Congestion = congestion
		p := openedPair(t, cfg, 20*ms)
		p.transmitter(10_000_000, 20*ms, 60)
		start := p.now
		p.fill(940, start.Add(4*time.Second))
		got := float64(len(p.sides[1].read)*940*8) / 4
		assert.InEpsilon(t, 10_000_000*940./1000, got, 0.02)
		assert.Zero(t, p.sides[0].session.Stats().Retransmits)
	}
}

// A reader of 20 messages a second slows the writer, and nothing is lost or sent twice.
func TestSlowReader(t *testing.T) {
	cfg := plain()
	cfg.Window, cfg.ReadInterval, cfg.Overflow = 8, 50*ms, FailFast
	p := openedPair(t, cfg, 20*ms)
	p.fill(100, at(10*time.Second))
	n := p.sides[0].session.Stats()
	assert.InDelta(t, 200, len(p.sides[1].read), 4)
	assert.Zero(t, n.Retransmits)
	assert.Zero(t, n.OverflowEvents)
	for i, m := range p.sides[1].read {
		require.Equal(t, i, m)
	}
}

// The update that grants credit is lost: a heartbeat says it again.
func TestLostCredit(t *testing.T) {
	cfg := plain()
	cfg.Window, cfg.ReadInterval = 2, ReadOnDemand
	p := openedPair(t, cfg, 10*ms)
	for m := range 4 {
		p.offer(0, State, 100, m)
	}
	p.run(p.now.Add(50 * ms))
	p.do(1, func(s *testSession) { require.True(t, s.Read(p.now)) })
	p.run(p.now.Add(30 * ms))
	require.Equal(t, 1, p.sides[0].session.Stats().Queued, "half of the window is granted at once")
	whole := p.carry
	p.carry = lossy
	p.do(1, func(s *testSession) { require.True(t, s.Read(p.now)) })
	p.carry = whole
	p.run(p.now.Add(30 * ms))
	require.Equal(t, 1, p.sides[0].session.Stats().Queued)
	p.carry = whole
	p.run(p.now.Add(cfg.Heartbeat + 30*ms))
	require.Zero(t, p.sides[0].session.Stats().Queued)
}

// With time-outs alone and a share p of Data lost, a message takes 1/(1−p) tries.
func TestMeanTries(t *testing.T) {
	const share, messages = 0.2, 4000
	cfg := plain()
	cfg.FastRetransmit, cfg.Window, cfg.RTOMax = false, 1, time.Second
	cfg.HeartbeatTimeout = time.Hour
	p := openedPair(t, cfg, ms)
	dice := rand.New(rand.NewPCG(1, 2))
	p.carry = func(_ int, g *testSegment) []clock.Time {
		if g.Kind == Data && dice.Float64() < share {
			return nil
		}
		return []clock.Time{p.now.Add(ms)}
	}
	for m := range messages {
		p.offer(0, State, 100, m)
		for p.sides[0].session.Stats().Queued > 0 {
			require.True(t, p.step(clock.Never-1))
		}
	}
	tries := float64(p.sides[0].sent[Data]) / messages
	se := math.Sqrt(share) / (1 - share) / math.Sqrt(messages)
	assert.InDelta(t, 1/(1-share), tries, 4*se)
}

// One loss among many is found by what overtakes it, well before the time-out; without
// fast retransmit by the time-out.
func TestFastRetransmit(t *testing.T) {
	for _, fast := range []bool{false, true} {
		cfg := plain()
		cfg.FastRetransmit = fast
		p := openedPair(t, cfg, 10*ms)
		whole := p.carry
		p.carry = func(from int, g *testSegment) []clock.Time {
			if g.Kind == Data && g.Seq == 1 && p.sides[0].session.Stats().Retransmits == 0 {
				return nil
			}
			return whole(from, g)
		}
		start := p.now
		for m := range 6 {
			p.offer(0, State, 100, m)
			p.run(p.now.Add(ms))
		}
		p.run(start.Add(5 * time.Second))
		assert.Equal(t, []int{0, 1, 2, 3, 4, 5}, p.sides[1].read)
		// Seq 4 leaves 4 ms after the first: three that were sent later are then known to
		// have come 20 ms later. The time-out counts from the last news, that of seq 5.
		want := "44ms session_retransmit 1 2"
		if !fast {
			want = "1.045s session_retransmit 1 2"
		}
		assert.Equal(t, []string{want}, p.sides[0].log[1:])
	}
}

// No channel waits for what another one lost.
func TestChannelsDoNotWaitForEachOther(t *testing.T) {
	p := openedPair(t, plain(), 10*ms)
	whole := p.carry
	p.carry = lossy
	p.offer(0, Knowledge, 100, 1)
	p.carry = whole
	p.offer(0, Control, 100, 2)
	p.offer(0, Knowledge, 100, 3)
	p.run(p.now.Add(20 * ms))
	assert.Equal(t, []int{2}, p.sides[1].read)
	p.run(p.now.Add(2 * time.Second))
	assert.Equal(t, []int{2, 1, 3}, p.sides[1].read)
}

// A crash is noticed between L + τ − T and L + τ after it, whenever it happens.
func TestHeartbeatDetection(t *testing.T) {
	const wire = 30 * ms
	cfg := plain()
	least, most := time.Hour, time.Duration(0)
	for k := range 100 {
		p := openedPair(t, cfg, wire)
		crash := at(2*time.Second + time.Duration(k)*cfg.Heartbeat/100)
		p.run(crash)
		whole := p.carry
		p.carry = func(from int, g *testSegment) []clock.Time {
			if from == 1 {
				return nil
			}
			return whole(from, g)
		}
		for p.sides[0].session.IsOpen() {
			require.True(t, p.step(crash.Add(time.Minute)))
		}
		took := p.now.Sub(crash)
		least, most = min(least, took), max(most, took)
	}
	bound := wire + cfg.HeartbeatTimeout
	assert.GreaterOrEqual(t, least, bound-cfg.Heartbeat)
	assert.LessOrEqual(t, most, bound)
	assert.Less(t, least, bound-cfg.Heartbeat*9/10)
	assert.Greater(t, most, bound-cfg.Heartbeat/10)
}

// Mean heartbeats until k in a row are lost: (1−p^k)/(p^k(1−p)), as long as what is
// lost ends the session.
func TestHeartbeatsUntilSilence(t *testing.T) {
	const share, runs = 0.1, 400
	cfg := plain()
	cfg.HeartbeatTimeout = 2*cfg.Heartbeat + cfg.Heartbeat/2 // two in a row
	dice := rand.New(rand.NewPCG(3, 4))
	var sum, squares float64
	for range runs {
		p := openedPair(t, cfg, ms)
		beats := 0
		p.carry = func(from int, g *testSegment) []clock.Time {
			if from == 0 && g.Kind == Heartbeat {
				if beats++; dice.Float64() < share {
					return nil
				}
			}
			return []clock.Time{p.now.Add(ms)}
		}
		for p.sides[1].session.IsOpen() {
			require.True(t, p.step(clock.Never-1))
		}
		sum += float64(beats)
		squares += float64(beats) * float64(beats)
	}
	mean := sum / runs
	se := math.Sqrt((squares/runs - mean*mean) / runs)
	assert.InDelta(t, 110, mean, 4*se)
}
