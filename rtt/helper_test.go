package rtt

import (
	"container/heap"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
)

const ms = time.Millisecond

func at(d time.Duration) clock.Time { return clock.Time(d) }

// segment and session are those of the tests: fingerprints are letters, messages numbers.
type (
	testSegment = Segment[string, int]
	testSession = Session[string, int]
)

// tb is what testing.TB and rapid.T have in common, as far as it is used.
type tb interface {
	require.TestingT
	Helper()
}

// side is one of the two peers.
type side struct {
	session     *testSession
	out         Outbox[string, int]
	incarnation uint64
	log         []string // of events
	read        []int    // messages in the order of delivery, over all incarnations
	gone        map[int]Why
	sent        [kindCount]int
}

// pair is two peers and the wire between them.
type pair struct {
	t     tb
	cfg   Config
	now   clock.Time
	sides [2]*side
	// carry says when what a side sends arrives: not at all, or several times.
	carry   func(from int, g *testSegment) []clock.Time
	flights arrivals
	pushed  int
}

// arrival is a segment on its way.
type arrival struct {
	at    clock.Time
	order int
	to    int
	g     testSegment
}

type arrivals []arrival

func (a arrivals) Len() int { return len(a) }
func (a arrivals) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].order < a[j].order
}
func (a arrivals) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *arrivals) Push(v any)   { *a = append(*a, v.(arrival)) }
func (a *arrivals) Pop() any {
	v := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return v
}

// newPair has a wire without loss that takes so long one way.
func newPair(t tb, cfg Config, delay time.Duration) *pair {
	p := &pair{t: t, cfg: cfg}
	p.carry = func(int, *testSegment) []clock.Time { return []clock.Time{p.now.Add(delay)} }
	for i := range p.sides {
		p.sides[i] = &side{gone: map[int]Why{}}
		p.start(i)
	}
	return p
}

// start starts the next incarnation of a side.
func (p *pair) start(i int) {
	x := p.sides[i]
	x.incarnation++
	name := Name[string]{From: string(rune('A' + i)), To: string(rune('B' - i)), FromIncarnation: x.incarnation}
	x.session = New(p.cfg, name, Chance{sim.Seed(1).Stream("node/" + name.From), sim.Hash(name.To)}, &x.out)
}

// do calls a session, and takes what it leaves to be done.
func (p *pair) do(i int, call func(*testSession)) {
	x := p.sides[i]
	call(x.session)
	p.take(i)
}

func (p *pair) take(i int) {
	x := p.sides[i]
	for _, g := range x.out.Gone {
		require.NotContains(p.t, x.gone, g.Message)
		x.gone[g.Message] = g.Why
	}
	for _, e := range x.out.Events {
		x.log = append(x.log, tell(p.now, e))
	}
	for _, d := range x.out.Delivered {
		x.read = append(x.read, d.Message)
	}
	for k := range x.out.Segments {
		g := &x.out.Segments[k]
		x.sent[g.Kind]++
		for _, t := range p.carry(i, g) {
			p.pushed++
			heap.Push(&p.flights, arrival{t, p.pushed, 1 - i, *g})
		}
	}
	x.out.Reset()
	checkSession(p.t, x.session)
}

func tell(now clock.Time, e Event) string {
	s := fmt.Sprint(now, " ", e.Kind)
	switch e.Kind {
	case Closed:
		s += " " + string(e.Reason)
	case Opened, Reborn:
		s += fmt.Sprint(" ", e.Count)
	case Retransmitted:
		s += fmt.Sprint(" ", e.Seq, " ", e.Count)
	case Replayed:
		s += fmt.Sprint(" ", e.Seq)
	}
	return s
}

// checkSession is what holds after every call.
func checkSession(t tb, s *testSession) {
	n := s.Stats()
	require.Equal(t, n.Attempted, n.Enqueued+n.DroppedNewest+n.Errors+uint64(n.Waiting), "%+v", n)
	require.Equal(t, n.Enqueued, n.Sent+uint64(n.Queued)+n.DroppedOldest+n.Lost, "%+v", n)
	require.LessOrEqual(t, s.queue.len, s.cfg.MaxQueue)
	require.LessOrEqual(t, n.MaxQueueLen, s.cfg.MaxQueue)
	require.LessOrEqual(t, s.send.flight.len(), s.cfg.Window)
	require.LessOrEqual(t, s.receive.slots.len(), s.cfg.Window)
	require.LessOrEqual(t, n.Waiting, maxWaiting)
	require.True(t, n.Waiting == 0 || s.queue.len == s.cfg.MaxQueue, "somebody waits for room that is there")
	lost, flight := 0, 0
	for seq := s.send.flight.base; seq < s.send.flight.end; seq++ {
		switch f := s.send.flight.at(seq); f.state {
		case missing:
			lost++
		case underWay:
			flight += f.size
		}
	}
	require.Equal(t, lost, s.send.lost)
	require.Equal(t, flight, s.window.flight)
	require.Equal(t, flight > 0, s.send.timeout != clock.Never)
}

// offer offers a message at a side.
func (p *pair) offer(i int, ch Channel, size, m int) (o Outcome) {
	p.do(i, func(s *testSession) { o = s.Offer(p.now, ch, size, m) })
	return o
}

// run lets time pass: everything up to a time happens, arrivals before deadlines.
func (p *pair) run(until clock.Time) {
	for p.step(until) {
	}
	p.now = until
}

func (p *pair) step(until clock.Time) bool {
	next := clock.Never
	if len(p.flights) > 0 {
		next = p.flights[0].at
	}
	who := -1
	for i, x := range p.sides {
		if d := x.session.Deadline(); d < next {
			next, who = d, i
		}
	}
	if next > until {
		return false
	}
	require.GreaterOrEqual(p.t, next, p.now, "a deadline that has passed")
	p.now = next
	if who < 0 {
		a := heap.Pop(&p.flights).(arrival)
		p.do(a.to, func(s *testSession) { s.Take(p.now, &a.g) })
		return true
	}
	p.do(who, func(s *testSession) { s.OnDeadline(p.now) })
	require.Greater(p.t, p.sides[who].session.Deadline(), p.now, "a deadline that was missed")
	return true
}

// plain is a configuration without chance.
func plain() Config {
	c := Default()
	c.Jitter = 0
	return c
}

// opened is a pair with an open session.
func openedPair(t *testing.T, cfg Config, delay time.Duration) *pair {
	p := newPair(t, cfg, delay)
	p.do(0, func(s *testSession) { s.Connect(p.now) })
	p.run(at(2 * delay))
	require.True(t, p.sides[0].session.IsOpen())
	require.True(t, p.sides[1].session.IsOpen())
	return p
}
