package rtt

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// deaf is a pair whose peer hears nothing yet, so that all that is offered stays queued.
func deaf(t *testing.T, o Overflow, room int) *pair {
	cfg := plain()
	cfg.Overflow, cfg.MaxQueue = o, room
	p := newPair(t, cfg, 10*ms)
	p.do(1, func(s *testSession) { s.Disconnect(p.now) })
	return p
}

func (p *pair) hear() {
	p.do(1, func(s *testSession) { s.Connect(p.now) })
	p.run(p.now.Add(time.Second))
}

// Six offers to a queue for three: who gets in, what is told, and what is counted.
func TestOverflowPolicies(t *testing.T) {
	tests := []struct {
		policy   Overflow
		outcomes []Outcome
		read     []int
		gone     map[int]Why
		stats    Stats
	}{
		{FailFast, []Outcome{0, 0, 0, Full, Full, Full}, []int{0, 1, 2}, map[int]Why{}, Stats{Enqueued: 3, Errors: 3}},
		{DropNewest, []Outcome{0, 0, 0, Refused, Refused, Refused}, []int{0, 1, 2}, map[int]Why{}, Stats{Enqueued: 3, DroppedNewest: 3}},
		{DropOldest, []Outcome{0, 0, 0, 0, 0, 0}, []int{3, 4, 5}, map[int]Why{0: Dropped, 1: Dropped, 2: Dropped}, Stats{Enqueued: 6, DroppedOldest: 3}},
		{Block, []Outcome{0, 0, 0, Waiting, Waiting, Waiting}, []int{0, 1, 2}, map[int]Why{3: TimedOut, 4: TimedOut, 5: TimedOut}, Stats{Enqueued: 3, Blocked: 3, Errors: 3}},
	}
	for _, tt := range tests {
		t.Run(tt.policy.String(), func(t *testing.T) {
			p := deaf(t, tt.policy, 3)
			var outcomes []Outcome
			for m := range 6 {
				outcomes = append(outcomes, p.offer(0, State, 100, m))
			}
			assert.Equal(t, tt.outcomes, outcomes)
			p.run(at(200 * ms))
			p.hear()
			assert.Equal(t, tt.read, p.sides[1].read)
			assert.Equal(t, tt.gone, p.sides[0].gone)
			n := p.sides[0].session.Stats()
			want := tt.stats
			want.Attempted, want.OverflowEvents, want.MaxQueueLen, want.Sent = 6, 3, 3, 3
			want.SRTT, want.RTTVAR, want.RTO = n.SRTT, n.RTTVAR, n.RTO
			assert.Equal(t, want, n)
			assert.Contains(t, p.sides[0].log, "0s session_overflow")
		})
	}
}

// Those who wait are let in first come, first served, as far as there is room in time.
func TestBlockedOffersAreLetIn(t *testing.T) {
	p := deaf(t, Block, 2)
	p.cfg.BlockTimeout = 100 * ms
	for m := range 5 {
		p.run(at(time.Duration(m) * 20 * ms))
		want := Enqueued
		if m >= 2 {
			want = Waiting
		}
		require.Equal(t, want, p.offer(0, Channel(m%3), 100, m))
	}
	require.Equal(t, 3, p.sides[0].session.Stats().Waiting)
	p.run(at(140*ms) - 1)
	require.Empty(t, p.sides[0].gone)
	p.run(at(140 * ms))
	require.Equal(t, map[int]Why{2: TimedOut}, p.sides[0].gone, "100 ms after 40 ms")
	p.hear()
	assert.ElementsMatch(t, []int{0, 1, 3, 4}, p.sides[1].read[:4])
	assert.Equal(t, map[int]Why{2: TimedOut}, p.sides[0].gone)
	assert.Equal(t, uint64(3), p.sides[0].session.Stats().Blocked)
}

// A disconnect fails who waits; while the session is closed nobody begins to.
func TestBlockedOfferIsDisconnected(t *testing.T) {
	cfg := plain()
	cfg.Overflow, cfg.MaxQueue, cfg.Window = Block, 1, 1
	cfg.BlockTimeout = time.Minute
	for _, operator := range []bool{false, true} {
		p := openedPair(t, cfg, 10*ms)
		p.carry = lossy
		for m, want := range []Outcome{Enqueued, Enqueued, Waiting, Waiting} {
			require.Equal(t, want, p.offer(0, Control, 100, m))
		}
		if operator {
			p.do(0, func(s *testSession) { s.Disconnect(p.now) })
		} else {
			p.run(p.now.Add(time.Second))
		}
		require.Equal(t, map[int]Why{2: Disconnected, 3: Disconnected}, p.sides[0].gone)
		require.Equal(t, NotConnected, p.offer(0, Control, 100, 4))
		assert.Equal(t, uint64(3), p.sides[0].session.Stats().Errors)
	}
}

func TestTooManyWait(t *testing.T) {
	p := deaf(t, Block, 1)
	for m := range 1 + maxWaiting {
		require.NotEqual(t, Full, p.offer(0, State, 1, m))
	}
	require.Equal(t, Full, p.offer(0, State, 1, -1))
}

// With all channels full, control goes first and most, and each round has all of them.
func TestChannelsTakeTurns(t *testing.T) {
	var q queue[string]
	for _, ch := range []Channel{Knowledge, State, Control} {
		for i := range 6 {
			q.push(ch, 1, fmt.Sprint(ch.String()[:1], i))
		}
	}
	var order []string
	for q.len > 0 {
		order = append(order, q.take(q.next()).message)
	}
	assert.Equal(t, []string{
		"c0", "c1", "c2", "c3", "s0", "s1", "k0",
		"c4", "c5", "s2", "s3", "k1",
		"s4", "s5", "k2", "k3", "k4", "k5",
	}, order)
}
