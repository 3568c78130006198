package rtt

import (
	"meshsim/clock"
	"meshsim/sim"
	"meshsim/sim/planted"
)

// Session is one side of what two peers have together: at most one session at a time,
// and what is kept from one to the next.
//
// Its methods are told the time, which never runs backwards, and append to its Outbox.
// A hook may call any of them: what that causes is sent and told when the hook is done.
type Session[K comparable, M any] struct {
	cfg    Config
	out    *Outbox[K, M]
	chance Chance
	name   Name[K]
	stats  Stats

	connection
	rtt      estimator
	window   window
	queue    queue[M]
	waiters  ring[waiter[M]]
	send     sender[M]
	receive  receiver[M]
	hooks    hooks
	mustAck  bool // something arrived that is to be acknowledged
	settling bool
}

// Chance is where the jitter of a session comes from.
type Chance struct {
	Stream sim.Stream // of the node
	Peer   uint64     // sim.Hash of the peer's key, so that other sessions change nothing
}

// New returns a session that nobody has asked for yet. In its name are both
// fingerprints, the own incarnation (From…, from 1), and that of the peer if it is
// known, else 0; Number is 0. The session is to be kept until this side restarts: with
// it goes what keeps messages from coming twice. A Config that is not valid is a bug of
// the caller.
func New[K comparable, M any](cfg Config, name Name[K], chance Chance, out *Outbox[K, M]) *Session[K, M] {
	if err := cfg.Validate(); err != nil {
		panic("rtt: " + err.Error())
	}
	if name.FromIncarnation == 0 {
		panic("rtt: incarnations count from 1")
	}
	name.Number = 1
	s := &Session[K, M]{cfg: cfg, name: name, chance: chance, out: out, connection: connection{attempt: 1}}
	s.send.timeout = clock.Never
	s.begin()
	return s
}

// Offer hands over a message of a channel for the peer, whose Data will be so many
// bytes large, at least 1. It opens the session if need be, but not one that an operator
// disconnected. The Outcome says what became of it.
func (s *Session[K, M]) Offer(now clock.Time, ch Channel, size int, m M) Outcome {
	if s.state == idle {
		s.connect(now)
	}
	outcome := s.admit(now, ch, max(size, 1), m)
	s.settle(now)
	return outcome
}

// Verdict is what a session makes of a segment.
type Verdict uint8

// The verdicts: after those from Stale on, a segment has no further effect.
const (
	Accepted  Verdict = iota
	Repeated          // Data that had arrived: acknowledged again, and ignored
	Stale             // of an older incarnation, session or attempt
	Replay            // Data outside of the window of sequence numbers
	Stranger          // other fingerprints than those of the session
	NoSession         // an operator has disconnected it
)

// Take takes a segment that arrived.
func (s *Session[K, M]) Take(now clock.Time, g *Segment[K, M]) Verdict {
	v := s.judge(now, g)
	s.settle(now)
	return v
}

// Read hands the next message to the reader, of a session that reads on demand, and
// reports whether there was one.
func (s *Session[K, M]) Read(now clock.Time) bool {
	ok := s.receive.ready
	if ok {
		s.deliverOne()
	}
	s.settle(now)
	return ok
}

// Deadline is when OnDeadline is to be called: clock.Never if not before another call
// has been made. Being early does nothing.
func (s *Session[K, M]) Deadline() clock.Time {
	t := clock.Never
	switch s.state {
	case open:
		t = min(s.send.timeout, s.spoke.Add(s.cfg.Heartbeat), s.heard.Add(s.cfg.HeartbeatTimeout))
	case opening:
		t = s.retry
	}
	if s.waiters.len() > 0 {
		t = min(t, s.waiters.at(s.waiters.base).until)
	}
	if s.receive.ready && s.cfg.ReadInterval > 0 {
		t = min(t, s.receive.pace)
	}
	return t
}

// OnDeadline does what is due.
func (s *Session[K, M]) OnDeadline(now clock.Time) {
	s.turnAway(now, TimedOut)
	if s.state == open && now >= s.heard.Add(s.cfg.HeartbeatTimeout) {
		s.tell(Event{Kind: HeartbeatTimeout})
		s.drop(now, ReasonSilence)
	}
	if s.state == open && now >= s.send.timeout {
		s.timeOut(now)
	}
	if s.state == opening && now >= s.retry {
		s.sendOpen(now)
	}
	s.settle(now)
}

// settle ends every call: it reads, sends what can be sent, and calls hooks. What they
// do is settled here too, after they have returned.
func (s *Session[K, M]) settle(now clock.Time) {
	if s.settling {
		return
	}
	s.settling = true
	for {
		s.deliver(now)
		s.speak(now)
		if !s.hooks.fire(now) {
			break
		}
	}
	s.settling = false
}

// speak sends all that is to be said. Any segment acknowledges, grants credit and
// shows life; one that does only that is sent if there is no other.
func (s *Session[K, M]) speak(now clock.Time) {
	s.pump(now)
	if s.state != open {
		return
	}
	// Half of the window has to be granted yet, or all of it if it is a new one: a writer may
	// wait for it. Should this be lost, the next heartbeat says it again, so that nobody has
	// to probe as in RFC 9293, 3.8.6.1.
	if 2*(s.credit()-s.receive.granted) >= uint64(s.cfg.Window) {
		s.mustAck = true
	}
	switch {
	case s.mustAck:
		s.segment(now, Ack)
	case now >= s.spoke.Add(s.cfg.Heartbeat):
		s.segment(now, Heartbeat)
	}
}

// segment sends a segment with what stands in all of them, and returns it for the rest.
func (s *Session[K, M]) segment(now clock.Time, kind Kind) *Segment[K, M] {
	s.out.Segments = append(s.out.Segments, Segment[K, M]{
		Kind: kind, Name: s.name, Attempt: s.attempt, Echo: s.peerAttempt, Ack: s.receive.next, Credit: s.credit(),
	})
	g := &s.out.Segments[len(s.out.Segments)-1]
	s.receive.ranges(&g.Sack)
	s.receive.granted, s.spoke, s.mustAck = g.Credit, now, false
	return g
}

func (s *Session[K, M]) tell(e Event) {
	s.out.Events = append(s.out.Events, e)
	s.hooks.note(e)
}

func (s *Session[K, M]) gone(ch Channel, why Why, m M) {
	s.out.Gone = append(s.out.Gone, Gone[M]{ch, why, m})
}

// begin starts the sequence numbers of a new name. Nothing may be sent before the peer
// has granted credit for it.
func (s *Session[K, M]) begin() {
	d := &s.send
	*d = sender[M]{flight: ring[sent[M]]{slots: d.flight.slots}, timeout: clock.Never}
	s.window.start(&s.cfg)
	s.rtt.start(&s.cfg)
	s.named, s.opens = false, 0
}

// again goes on with the sequence numbers of a name that is open again: what was under
// way is sent once more, and as the path may be another one, nothing is known of it.
func (s *Session[K, M]) again(now clock.Time) {
	s.loseAll(now)
	if planted.Bug == planted.ResumeLoses && s.send.flight.len() > 0 {
		if f := s.send.flight.at(s.send.flight.end - 1); f.state == missing {
			f.state = arrived
			s.send.lost--
		}
	}
	s.window.start(&s.cfg)
	s.rtt.start(&s.cfg)
}

// abandon ends a name for good. What is not acknowledged is lost; what was never sent
// is so too, or waits for the next name.
func (s *Session[K, M]) abandon(queue bool) {
	for s.send.flight.len() > 0 {
		f := s.send.flight.pop()
		s.gone(f.channel, Lost, f.message)
		s.stats.Lost++
	}
	for queue && s.queue.len > 0 {
		ch, m := s.queue.oldest()
		s.gone(ch, Lost, m)
		s.stats.Lost++
	}
	s.forgetReceived()
	s.begin()
}
