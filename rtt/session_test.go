package rtt

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
)

// lossy is a wire that is cut.
func lossy(int, *testSegment) []clock.Time { return nil }

// What is sent when: the first offer opens, the answer opens the other side, data are
// acknowledged one by one, and silence is filled with heartbeats.
func TestFirstOfferOpens(t *testing.T) {
	p := newPair(t, plain(), 10*ms)
	require.Equal(t, clock.Never, p.sides[0].session.Deadline(), "nothing talks unasked")
	require.Equal(t, Enqueued, p.offer(0, State, 100, 7))
	p.run(at(40 * ms))
	assert.Equal(t, []string{"20ms session_open 0"}, p.sides[0].log)
	assert.Equal(t, []string{"10ms session_open 0"}, p.sides[1].log)
	assert.Equal(t, []int{7}, p.sides[1].read)
	assert.Equal(t, [kindCount]int{Open: 1, Data: 1}, p.sides[0].sent)
	assert.Equal(t, [kindCount]int{Ack: 2}, p.sides[1].sent)
	p.run(at(10 * time.Second))
	assert.Equal(t, 39, p.sides[0].sent[Heartbeat], "from 20 ms every 250 ms")
	assert.Equal(t, 20*ms, p.sides[0].session.Stats().SRTT)
	assert.Equal(t, "RTT_HEARTBEAT", Heartbeat.String())
}

// Both open at once: one session, of one number.
func TestSimultaneousOpen(t *testing.T) {
	p := newPair(t, plain(), 10*ms)
	p.offer(0, State, 100, 1)
	p.offer(1, State, 100, 2)
	p.run(at(time.Second))
	for i, x := range p.sides {
		assert.Equal(t, []string{"10ms session_open 0"}, x.log)
		assert.Equal(t, []int{2 - i}, x.read)
		assert.Equal(t, uint64(1), x.session.Name().Number)
		assert.Equal(t, 1, x.sent[Open])
	}
}

// Open is sent again until it is answered: at once, and then after 100 ms, doubled each
// time, at most 1 s.
func TestReconnectDelays(t *testing.T) {
	cfg := plain()
	cfg.ReconnectMax = time.Second
	p := openedPair(t, cfg, 10*ms)
	var opens []time.Duration
	p.carry = func(from int, g *testSegment) []clock.Time {
		if from == 0 && g.Kind == Open {
			opens = append(opens, time.Duration(p.now)/ms)
		}
		return nil
	}
	p.run(at(6 * time.Second))
	// The last that was heard is the answer at 20 ms.
	assert.Equal(t, []string{"20ms session_open 0", "1.02s heartbeat_timeout", "1.02s session_close heartbeat_timeout"}, p.sides[0].log)
	assert.Equal(t, []time.Duration{1120, 1320, 1720, 2520, 3520, 4520, 5520}, opens)
	p.carry = func(int, *testSegment) []clock.Time { return []clock.Time{p.now.Add(10 * ms)} }
	p.run(at(7 * time.Second))
	assert.Equal(t, "session_open 1", p.sides[0].log[3][len(p.sides[0].log[3])-14:])
	assert.Equal(t, uint64(1), p.sides[0].session.Stats().Reconnects)
}

// Jitter moves each delay by up to its share, either way.
func TestReconnectJitter(t *testing.T) {
	cfg := Default()
	p := newPair(t, cfg, 0)
	s := p.sides[0].session
	least, most := cfg.ReconnectMax, time.Duration(0)
	for range 2000 {
		d := s.delay(1)
		least, most = min(least, d), max(most, d)
	}
	assert.InDelta(t, float64(90*ms), float64(least), float64(ms)/4)
	assert.InDelta(t, float64(110*ms), float64(most), float64(ms)/4)
	assert.GreaterOrEqual(t, least, 90*ms)
	assert.LessOrEqual(t, most, 110*ms)
	cfg.Jitter = 0
	s = newPair(t, cfg, 0).sides[0].session
	for k, want := range map[uint64]time.Duration{1: 100 * ms, 7: 6400 * ms, 8: 10 * time.Second, 40: 10 * time.Second, 64: 10 * time.Second, 1 << 40: 10 * time.Second} {
		assert.Equal(t, want, s.delay(k), k)
	}
}

// What was not acknowledged when the wire was cut comes after the reconnect, once; or
// is lost, if a reconnect clears.
func TestReconnect(t *testing.T) {
	for _, clears := range []bool{false, true} {
		cfg := plain()
		cfg.Clear = clears
		p := openedPair(t, cfg, 10*ms)
		whole := p.carry
		p.carry = func(from int, g *testSegment) []clock.Time {
			if from == 1 || g.Seq == 1 {
				return nil // no acknowledgement comes back
			}
			return whole(from, g)
		}
		for m := range 3 {
			p.offer(0, State, 100, m)
		}
		p.run(p.now.Add(1100 * ms)) // one side notices, the other one hears it
		require.False(t, p.sides[0].session.IsOpen())
		p.carry = whole
		p.run(p.now.Add(2 * time.Second))
		p.offer(0, State, 100, 3)
		p.run(p.now.Add(2 * time.Second))
		n := p.sides[0].session.Stats()
		assert.Equal(t, uint64(1), n.Reconnects)
		if clears {
			assert.Equal(t, []int{0, 3}, p.sides[1].read)
			assert.Equal(t, map[int]Why{0: Lost, 1: Lost, 2: Lost}, p.sides[0].gone)
			assert.Equal(t, map[int]Why{2: Unread}, p.sides[1].gone)
			assert.Equal(t, uint64(2), p.sides[1].session.Name().Number)
			continue
		}
		assert.Equal(t, []int{0, 1, 2, 3}, p.sides[1].read)
		assert.Empty(t, p.sides[0].gone)
		assert.Equal(t, uint64(1), p.sides[1].session.Name().Number)
	}
}

// A peer that restarted is known by what it answers: the old session ends for good.
func TestRestart(t *testing.T) {
	p := openedPair(t, plain(), 10*ms)
	p.start(1)
	p.offer(0, State, 100, 1) // for the one who is gone
	p.run(p.now.Add(20 * ms))
	assert.Equal(t, []string{"20ms session_open 0", "40ms reborn 2", "40ms session_close reborn"}, p.sides[0].log)
	assert.Equal(t, map[int]Why{1: Lost}, p.sides[0].gone)
	p.offer(0, State, 100, 2)
	p.run(p.now.Add(50 * ms))
	assert.Equal(t, []int{2}, p.sides[1].read)

	p.start(0)
	p.start(1)
	p.offer(1, State, 100, 3)
	p.offer(0, State, 100, 4)
	p.run(p.now.Add(time.Second))
	assert.Equal(t, []int{3}, p.sides[0].read)
	assert.Equal(t, []int{2, 4}, p.sides[1].read)

	p.start(1) // while the other side has nothing to say: its heartbeat is answered
	p.run(p.now.Add(time.Second))
	assert.Equal(t, "session_close reborn", p.sides[0].log[len(p.sides[0].log)-1][len("1.09s "):])
	assert.False(t, p.sides[0].session.IsOpen())
}

// What an older incarnation, session or attempt sent has no effect.
func TestStale(t *testing.T) {
	p := openedPair(t, plain(), 10*ms)
	p.do(0, func(s *testSession) { s.Disconnect(p.now) })
	p.do(0, func(s *testSession) { s.Connect(p.now) })
	p.run(p.now.Add(time.Second))
	x := p.sides[1].session
	name := p.sides[0].session.Name()
	fresh := testSegment{Kind: Data, Name: name, Attempt: 2, Echo: x.attempt, Channel: State, Size: 1}
	for why, change := range map[string]func(*testSegment){
		"attempt":         func(g *testSegment) { g.Attempt = 1 },
		"number":          func(g *testSegment) { g.Name.Number = 0 },
		"later number":    func(g *testSegment) { g.Name.Number = 2 },
		"incarnation":     func(g *testSegment) { g.Name.FromIncarnation = 0 },
		"not yet":         func(g *testSegment) { g.Name.ToIncarnation = 2 },
		"close":           func(g *testSegment) { g.Kind = Close },
		"old open":        func(g *testSegment) { g.Kind, g.Attempt = Open, 1 },
		"close of no one": func(g *testSegment) { g.Kind, g.Name.Number = Close, 0 },
	} {
		g := fresh
		change(&g)
		p.do(1, func(s *testSession) { require.Equal(t, Stale, s.Take(p.now, &g), why) })
		require.True(t, x.IsOpen())
	}
	for _, change := range []func(*Name[string]){func(n *Name[string]) { n.From = "C" }, func(n *Name[string]) { n.To = "C" }} {
		g := fresh
		change(&g.Name)
		p.do(1, func(s *testSession) { require.Equal(t, Stranger, s.Take(p.now, &g)) })
	}
	p.do(1, func(s *testSession) { require.Equal(t, Accepted, s.Take(p.now, &fresh)) })
	p.do(1, func(s *testSession) { require.Equal(t, Repeated, s.Take(p.now, &fresh)) })
	assert.Equal(t, []int{0}, p.sides[1].read)
}

// The window of sequence numbers is Window either way from the first that is unread.
func TestReplayWindow(t *testing.T) {
	cfg := plain()
	cfg.Window, cfg.ReadInterval = 4, ReadOnDemand
	p := openedPair(t, cfg, 0)
	x := p.sides[1].session
	take := func(seq int) (v Verdict) {
		g := testSegment{Kind: Data, Name: p.sides[0].session.Name(), Attempt: 1, Echo: 1, Seq: uint64(seq), Index: uint64(seq), Message: seq, Size: 1}
		p.do(1, func(s *testSession) { v = s.Take(p.now, &g) })
		return v
	}
	acks := p.sides[1].sent[Ack]
	assert.Equal(t, Accepted, take(3), "the last that was granted")
	assert.Equal(t, Repeated, take(3))
	assert.Equal(t, acks+2, p.sides[1].sent[Ack], "acknowledged again")
	assert.Equal(t, Replay, take(4))
	assert.Equal(t, acks+2, p.sides[1].sent[Ack])
	for seq := range 3 {
		assert.Equal(t, Accepted, take(seq))
	}
	for range 4 {
		p.do(1, func(s *testSession) { require.True(t, s.Read(p.now)) })
	}
	p.do(1, func(s *testSession) { require.False(t, s.Read(p.now)) })
	assert.Equal(t, Accepted, take(7))
	assert.Equal(t, Replay, take(8))
	assert.Equal(t, Repeated, take(0))
	assert.Equal(t, Accepted, take(4))
	p.do(1, func(s *testSession) { s.Read(p.now) })
	assert.Equal(t, Repeated, take(1))
	assert.Equal(t, Replay, take(0), "4 before the first that is unread, and one")
	assert.Equal(t, []int{0, 1, 2, 3, 4}, p.sides[1].read)
	assert.Equal(t, []string{"0s replay 4", "0s replay 8", "0s replay 0"}, p.sides[1].log[1:])
	assert.True(t, x.IsOpen())
}

// An operator closes, and opens again; for good, if a peer is blocked.
func TestOperators(t *testing.T) {
	p := openedPair(t, plain(), 10*ms)
	p.do(0, func(s *testSession) { s.Disconnect(p.now) })
	p.offer(0, State, 100, 1)
	p.offer(1, State, 100, 2)
	p.run(p.now.Add(20 * time.Second))
	assert.Equal(t, []string{"20ms session_open 0", "20ms session_close disconnect"}, p.sides[0].log)
	assert.Equal(t, []string{"10ms session_open 0", "30ms session_close peer"}, p.sides[1].log)
	assert.Greater(t, p.sides[1].sent[Open], 5, "it tries again")
	p.do(0, func(s *testSession) { s.Connect(p.now) })
	p.run(p.now.Add(50 * ms))
	assert.Equal(t, []int{1}, p.sides[1].read)
	assert.Equal(t, []int{2}, p.sides[0].read)

	p.offer(0, State, 100, 3)
	p.offer(1, State, 100, 4)
	p.do(0, func(s *testSession) { s.Close(p.now, ReasonBlocked) })
	p.run(p.now.Add(20 * time.Second))
	assert.Equal(t, map[int]Why{3: Lost}, p.sides[0].gone)
	assert.Equal(t, map[int]Why{4: Lost}, p.sides[1].gone)
	assert.Equal(t, "20.07s session_close blocked", p.sides[0].log[len(p.sides[0].log)-1])
	assert.Equal(t, "20.08s session_close peer", p.sides[1].log[len(p.sides[1].log)-1])
	assert.Equal(t, clock.Never, p.sides[0].session.Deadline())
	assert.Equal(t, clock.Never, p.sides[1].session.Deadline())
	p.offer(0, State, 100, 5)
	p.run(p.now.Add(50 * ms))
	assert.Equal(t, uint64(2), p.sides[1].session.Name().Number)
	assert.Equal(t, 5, p.sides[1].read[len(p.sides[1].read)-1])
}

// Hooks are called in order, at the end of a call; what they cause comes after them.
func TestHooks(t *testing.T) {
	p := openedPair(t, plain(), 10*ms)
	s := p.sides[0].session
	var calls []string
	depth := 0
	within := func(name string) func() {
		require.Zero(t, depth, "a hook within a hook")
		depth++
		calls = append(calls, name)
		return func() { depth-- }
	}
	p.do(0, func(s *testSession) {
		s.OnOpen(p.now, func(now clock.Time, n uint64) {
			defer within("open")()
			assert.Equal(t, Enqueued, s.Offer(now, State, 100, int(n)))
			for _, g := range p.sides[0].out.Segments {
				assert.NotEqual(t, Data, g.Kind, "sent when the hook is done")
			}
		})
	})
	assert.Equal(t, []string{"open"}, calls, "it is open already")
	s.OnHeartbeatTimeout(func(clock.Time) { defer within("silence")() })
	s.OnClose(func(now clock.Time, why Reason) {
		defer within("close " + string(why))()
		if why == ReasonDisconnect {
			s.Connect(now)
			s.OnOpen(now, func(clock.Time, uint64) { defer within("late")() })
		}
	})
	whole := p.carry
	p.run(p.now.Add(50 * ms))
	p.carry = lossy
	p.run(p.now.Add(1100 * ms))
	p.carry = whole
	p.run(p.now.Add(2 * time.Second))
	assert.Equal(t, []string{"open", "silence", "close heartbeat_timeout", "open"}, calls)
	assert.Equal(t, []int{0, 1}, p.sides[1].read)
	p.do(0, func(s *testSession) { s.Disconnect(p.now) })
	p.run(p.now.Add(2 * time.Second))
	assert.Equal(t, []string{"close disconnect", "open", "late"}, calls[4:])
	assert.Equal(t, []int{0, 1, 2}, p.sides[1].read)
}

func TestValidate(t *testing.T) {
	good := Default()
	require.NoError(t, good.Validate())
	for want, change := range map[string]func(*Config){
		"max_queue = 0: out of range; 1 to 1048576":                          func(c *Config) { c.MaxQueue = 0 },
		"window = 65537: out of range; 1 to 65536":                           func(c *Config) { c.Window = MaxWindow + 1 },
		"max_segment = -1: out of range; 1 to 1048576":                       func(c *Config) { c.MaxSegment = -1 },
		"block_timeout = 0s: out of range; 1ns to 8760h0m0s":                 func(c *Config) { c.BlockTimeout = 0 },
		"heartbeat_timeout = 250ms: out of range; 250.000001ms to 8760h0m0s": func(c *Config) { c.HeartbeatTimeout = c.Heartbeat },
		"reconnect_max = 1ms: out of range; 100ms to 8760h0m0s":              func(c *Config) { c.ReconnectMax = ms },
		"rto_max = 8760h0m0.000000001s: out of range; 1s to 8760h0m0s":       func(c *Config) { c.RTOMax = longest + 1 },
		"read_interval = -2ns: out of range; -1ns to 8760h0m0s":              func(c *Config) { c.ReadInterval = -2 },
		"overflow = 4: allowed: error, drop_oldest, drop_newest, block":      func(c *Config) { c.Overflow = overflowCount },
		"jitter = 1000000001: out of range; 0 to 100%":                       func(c *Config) { c.Jitter = 1_000_000_001 },
	} {
		c := Default()
		change(&c)
		assert.EqualError(t, c.Validate(), want)
	}
	assert.Panics(t, func() { New(Config{}, Name[int]{FromIncarnation: 1}, Chance{}, new(Outbox[int, int])) })
	assert.Panics(t, func() { New(Default(), Name[int]{}, Chance{}, new(Outbox[int, int])) })
}
