package rtt

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
)

// drawConfig draws a configuration whose bounds are soon reached.
func drawConfig(t *rapid.T) Config {
	c := Default()
	c.MaxQueue = rapid.IntRange(1, 8).Draw(t, "max_queue")
	c.Overflow = Overflow(rapid.IntRange(0, int(overflowCount)-1).Draw(t, "overflow"))
	c.Window = rapid.SampledFrom([]int{1, 2, 3, 7, 64}).Draw(t, "window")
	c.Clear = rapid.IntRange(0, 3).Draw(t, "clear") == 0
	c.FastRetransmit = rapid.Bool().Draw(t, "fast")
	c.Congestion = rapid.Bool().Draw(t, "congestion")
	c.RTOMin = time.Duration(rapid.SampledFrom([]int{20, 1000}).Draw(t, "rto_min")) * ms
	c.RTOMax, c.ReconnectMax = 4*time.Second, 2*time.Second // so that they recover soon
	c.ReadInterval = rapid.SampledFrom([]time.Duration{0, 0, 3 * ms, 40 * ms, ReadOnDemand}).Draw(t, "reads")
	return c
}

// model is the plain lists that a pair of sessions is held against.
type model struct {
	*pair
	dice    *rand.Rand
	offered [2][]int // accepted by the side's session, or waiting there, in order
	channel map[int]Channel
	died    map[int]bool // with the session of a sender that crashed
	crashes int
	loss    int // in 100
	cut     [2]bool
	next    int
}

func (m *model) wire(from int, _ *testSegment) []clock.Time {
	var times []clock.Time
	for !m.cut[from] && m.dice.IntN(100) >= m.loss {
		times = append(times, m.now.Add(time.Duration(1+m.dice.IntN(60))*ms))
		if m.dice.IntN(10) > 0 {
			break
		}
	}
	return times
}

func (m *model) act(t *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(t, "side")
	x := m.sides[i]
	switch rapid.IntRange(0, 19).Draw(t, "act") {
	case 0:
		m.cut[i] = !m.cut[i]
	case 1:
		m.loss = rapid.SampledFrom([]int{0, 10, 40}).Draw(t, "loss")
	case 2:
		for id := range m.pending(i) {
			m.died[id] = true
		}
		m.crashes++
		m.start(i)
	case 3:
		m.do(i, func(s *testSession) { s.Disconnect(m.now) })
	case 4:
		m.do(i, func(s *testSession) { s.Connect(m.now) })
	case 5:
		if rapid.IntRange(0, 3).Draw(t, "really") == 0 {
			m.do(i, func(s *testSession) { s.Close(m.now, ReasonBlocked) })
		}
	case 6, 7, 8, 9, 10, 11:
		for range rapid.IntRange(1, 12).Draw(t, "messages") {
			m.next++
			ch := Channel(rapid.IntRange(0, 2).Draw(t, "channel"))
			m.channel[m.next] = ch
			if o := m.offer(i, ch, rapid.IntRange(1, 1500).Draw(t, "size"), m.next); o == Enqueued || o == Waiting {
				m.offered[i] = append(m.offered[i], m.next)
			}
		}
	default:
		m.run(m.now.Add(time.Duration(rapid.SampledFrom([]int{1, 20, 200, 1500, 5000}).Draw(t, "ms")) * ms))
	}
	for x.session.Read(m.now) && m.dice.IntN(2) > 0 {
		m.take(i)
	}
	m.take(i)
}

// pending is what a side's session still answers for.
func (m *model) pending(i int) map[int]bool {
	set := map[int]bool{}
	for _, id := range m.offered[i] {
		if _, gone := m.sides[i].gone[id]; !gone {
			set[id] = true
		}
	}
	for _, id := range m.sides[1-i].read {
		delete(set, id)
	}
	return set
}

// settle ends all faults, and gives the sessions the time to recover from them. They are
// asked to open twice: what was still on its way may end for good what opens at first.
func (m *model) settle() {
	m.loss, m.cut = 0, [2]bool{}
	for k := range 600 {
		for i, x := range m.sides {
			if k == 0 || k == 100 {
				x.session.Connect(m.now)
			}
			for m.cfg.ReadInterval == ReadOnDemand && x.session.Read(m.now) {
			}
			m.take(i)
		}
		m.run(m.now.Add(50 * ms))
	}
}

// Whatever happens to the wire and to the peers: no message comes twice, nor before an
// earlier one of its channel; and once the faults are over every message has come that
// its session did not give up.
func TestSessionsAgainstLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{
			pair: newPair(t, drawConfig(t), 0), dice: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "dice"), 0)),
			channel: map[int]Channel{}, died: map[int]bool{},
		}
		m.carry = m.wire
		for range rapid.IntRange(1, 60).Draw(t, "acts") {
			m.act(t)
		}
		m.settle()
		for i, x := range m.sides {
			n := x.session.Stats()
			require.Zero(t, n.Queued, "messages that never go")
			require.Zero(t, n.Waiting)
			require.True(t, x.session.IsOpen(), "%v", x.log)
			last := map[Channel]int{}
			for _, id := range m.sides[1-i].read {
				require.Greater(t, id, last[m.channel[id]], "twice, or out of order")
				last[m.channel[id]] = id
				require.Contains(t, m.offered[i], id)
				why, gone := x.gone[id]
				require.True(t, !gone || why == Lost, "delivered, though %v", why)
			}
			for id := range m.pending(i) {
				unread := m.cfg.ReadInterval != 0 && m.crashes > 0 // by one who then crashed
				require.True(t, m.died[id] || unread, "message %d of %d is gone without a word", id, i)
			}
		}
	})
}
