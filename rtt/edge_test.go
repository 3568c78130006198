package rtt

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
)

// A restart of the peer loses what waited too, and whatever came before the restart
// counts no more: what is offered next arrives within two round trips.
func TestRestartAfterReconnects(t *testing.T) {
	cfg := plain()
	cfg.Window = 1
	p := openedPair(t, cfg, 10*ms)
	for range 3 {
		p.do(1, func(s *testSession) { s.Disconnect(p.now) })
		p.do(1, func(s *testSession) { s.Connect(p.now) })
		p.run(p.now.Add(time.Second))
	}
	p.start(1)
	for m := range 3 {
		p.offer(0, State, 100, m)
	}
	p.run(p.now.Add(30 * ms))
	require.Equal(t, map[int]Why{0: Lost, 1: Lost, 2: Lost}, p.sides[0].gone)
	p.offer(0, State, 100, 3)
	p.run(p.now.Add(40 * ms))
	assert.Equal(t, []int{3}, p.sides[1].read)
}

// A side that closed unheard opens a session under way with a peer that restarted: the
// peer's first data wait for credit for one round trip only.
func TestRestartedPeerGetsCredit(t *testing.T) {
	p := openedPair(t, plain(), 10*ms)
	whole := p.carry
	p.carry = lossy
	p.run(p.now.Add(1050 * ms)) // the first Open is to come
	require.False(t, p.sides[0].session.IsOpen())
	p.start(1)
	p.carry = whole
	for !p.sides[1].session.IsOpen() {
		require.True(t, p.step(p.now.Add(time.Second)))
	}
	p.offer(1, State, 100, 1)
	p.run(p.now.Add(30 * ms))
	assert.Equal(t, []int{1}, p.sides[0].read)
}

// One side closes unheard, and opens again: the other one sends at once what got lost.
func TestPeerOpensAgain(t *testing.T) {
	p := openedPair(t, plain(), 10*ms)
	p.carry = lossy
	p.do(1, func(s *testSession) { s.Disconnect(p.now) })
	p.offer(0, State, 100, 1)
	p.carry = func(int, *testSegment) []clock.Time { return []clock.Time{p.now.Add(10 * ms)} }
	p.do(1, func(s *testSession) { s.Connect(p.now) })
	p.run(p.now.Add(30 * ms))
	assert.Equal(t, []int{1}, p.sides[1].read)
	assert.Len(t, p.sides[0].log, 2, "it was open all the time")
}

// What was acknowledged is read, also when a new session has begun.
func TestAcknowledgedIsRead(t *testing.T) {
	cfg := plain()
	cfg.Clear, cfg.ReadInterval = true, time.Second
	p := openedPair(t, cfg, 10*ms)
	for m := range 3 {
		p.offer(0, Channel(m), 100, m)
	}
	p.run(p.now.Add(50 * ms))
	require.Equal(t, uint64(3), p.sides[0].session.Stats().Sent)
	p.do(0, func(s *testSession) { s.Disconnect(p.now) })
	p.do(0, func(s *testSession) { s.Connect(p.now) })
	p.run(p.now.Add(50 * ms))
	assert.Equal(t, []int{0, 1, 2}, p.sides[1].read)
	assert.Equal(t, uint64(2), p.sides[1].session.Name().Number)
}

// A Close that is lost is said again to whoever goes on.
func TestLostClose(t *testing.T) {
	for _, final := range []bool{false, true} {
		p := openedPair(t, plain(), 10*ms)
		whole := p.carry
		p.carry = lossy
		p.do(0, func(s *testSession) {
			if s.Disconnect(p.now); final {
				s.Close(p.now, ReasonBlocked)
			}
		})
		p.carry = whole
		p.offer(1, State, 100, 1)
		p.run(p.now.Add(20 * ms))
		require.Equal(t, "40ms session_close peer", p.sides[1].log[1])
		assert.Equal(t, !final, len(p.sides[1].gone) == 0)
	}
}

// A peer that wants a session of a number that has ended gets the next one.
func TestOpenOfOldNumber(t *testing.T) {
	p := newPair(t, plain(), 10*ms)
	p.carry = lossy
	p.do(0, func(s *testSession) { s.Connect(p.now) })
	p.do(0, func(s *testSession) { s.Close(p.now, ReasonBlocked) })
	p.carry = func(int, *testSegment) []clock.Time { return []clock.Time{p.now.Add(10 * ms)} }
	p.offer(1, State, 100, 1)
	p.run(p.now.Add(40 * ms))
	assert.Equal(t, []int{1}, p.sides[0].read)
	assert.Equal(t, uint64(2), p.sides[1].session.Name().Number)
}

// An answer to an earlier attempt does not open.
func TestOldAnswer(t *testing.T) {
	p := openedPair(t, plain(), 10*ms)
	answer := testSegment{Kind: Ack, Name: p.sides[1].session.Name(), Attempt: 1, Echo: 1}
	p.do(0, func(s *testSession) { s.Disconnect(p.now) })
	p.do(0, func(s *testSession) { s.Connect(p.now) })
	p.do(0, func(s *testSession) { require.Equal(t, Stale, s.Take(p.now, &answer)) })
	require.False(t, p.sides[0].session.IsOpen())
	answer.Echo = 2
	p.do(0, func(s *testSession) { require.Equal(t, Accepted, s.Take(p.now, &answer)) })
	require.True(t, p.sides[0].session.IsOpen())
}

// A peer that grants without end, or acknowledges what was never sent, does no harm.
func TestAbsurdPeer(t *testing.T) {
	cfg := plain()
	cfg.Congestion, cfg.Window, cfg.MaxQueue = false, 4, 20
	p := openedPair(t, cfg, 10*ms)
	absurd := testSegment{Kind: Ack, Name: p.sides[1].session.Name(), Attempt: 1, Echo: 1, Credit: math.MaxUint64}
	p.do(0, func(s *testSession) { s.Take(p.now, &absurd) })
	for m := range 20 {
		p.offer(0, State, 100, m)
	}
	require.Equal(t, 16, p.sides[0].session.queue.len)
	for _, change := range []func(*testSegment){
		func(g *testSegment) { g.Ack = 5 },
		func(g *testSegment) { g.Sack[0] = Range{2, math.MaxUint64}; g.Sack[1] = Range{9, 3} },
		func(g *testSegment) { g.Kind, g.Seq, g.Channel = Data, 0, channelCount },
	} {
		g := absurd
		change(&g)
		p.do(0, func(s *testSession) { s.Take(p.now, &g) })
	}
	require.Zero(t, p.sides[0].session.Stats().Sent)
	require.Empty(t, p.sides[0].read)
}

// Before a session was ever open there is nothing to clear.
func TestNothingToClear(t *testing.T) {
	cfg := plain()
	cfg.Clear = true
	p := newPair(t, cfg, 10*ms)
	p.offer(0, State, 100, 1)
	p.do(0, func(s *testSession) { s.Disconnect(p.now) })
	p.do(0, func(s *testSession) { s.Connect(p.now) })
	p.run(p.now.Add(time.Second))
	assert.Equal(t, []int{1}, p.sides[1].read)
}

// A wire that is slow all of a sudden: what counts as lost, and is still to be sent
// again when the window allows it, arrives after all.
func TestLateIsNotLost(t *testing.T) {
	cfg := plain()
	cfg.MaxSegment, cfg.HeartbeatTimeout = 100, time.Hour
	p := openedPair(t, cfg, 10*ms)
	p.carry = func(from int, g *testSegment) []clock.Time {
		if from == 1 && g.Ack < 4 {
			return nil // one acknowledgement is for all
		}
		return []clock.Time{p.now.Add(550 * ms)}
	}
	for m := range 4 {
		p.offer(0, State, 250, m)
	}
	p.run(p.now.Add(1050 * ms))
	require.Equal(t, uint64(2), p.sides[0].session.Stats().Retransmits, "half a window")
	require.Equal(t, 2, p.sides[0].session.send.lost)
	p.run(p.now.Add(100 * ms))
	require.Equal(t, uint64(4), p.sides[0].session.Stats().Sent)
	assert.Equal(t, uint64(2), p.sides[0].session.Stats().Retransmits)
}
