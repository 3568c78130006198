package rtt

import (
	"math"
	"math/bits"
	"time"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/sim/planted"
)

// state is where the connection of a session is.
type state uint8

const (
	idle      state = iota // nobody has asked for it
	opening                // Open is sent, again and again
	open                   // the peer has answered, or asked
	suspended              // an operator has disconnected it
)

var stateNames = [...]string{"idle", "opening", "open", "suspended"}

// connection is whether the peers hear each other.
type connection struct {
	state       state
	named       bool       // it was open under its name
	opens       uint64     // how often, under its name or one that was cleared
	attempt     uint64     // Attempt: grows whenever it closes
	peerAttempt uint64     // the newest Attempt of the peer
	failures    uint64     // Opens since it closed
	retry       clock.Time // when the next one is due
	heard       clock.Time // when the last valid segment arrived
	spoke       clock.Time // when the last segment was sent
	drawn       uint64     // draws so far
}

// IsOpen reports whether the session is open.
func (s *Session[K, M]) IsOpen() bool { return s.state == open }

// State is where the session is: idle, opening, open or suspended.
func (s *Session[K, M]) State() string { return stateNames[s.state] }

// UnderWay is how many messages were sent and are not acknowledged.
func (s *Session[K, M]) UnderWay() int { return s.send.flight.len() }

// Name is the name of the session, or of the next one.
func (s *Session[K, M]) Name() Name[K] { return s.name }

// Connect opens the session, if nobody has yet, or if an operator disconnected it.
func (s *Session[K, M]) Connect(now clock.Time) {
	if s.state == idle || s.state == suspended {
		s.connect(now)
	}
	s.settle(now)
}

// Disconnect closes the session, and keeps it closed until Connect. What is queued waits.
func (s *Session[K, M]) Disconnect(now clock.Time) {
	number, was := s.name.Number, s.state
	if s.drop(now, ReasonDisconnect); was == open {
		s.refuse(now, number, ReasonDisconnect, false)
	}
	s.state = suspended
	s.settle(now)
}

// Close ends the session for good: what is queued is lost. A later Offer, Connect or
// Open of the peer begins a new one.
func (s *Session[K, M]) Close(now clock.Time, why Reason) {
	if s.state != idle {
		number := s.name.Number
		s.end(why, true)
		s.refuse(now, number, why, true)
	}
	s.settle(now)
}

func (s *Session[K, M]) connect(now clock.Time) {
	s.state, s.failures = opening, 0
	s.sendOpen(now)
}

// sendOpen sends Open, and waits longer each time before the next one.
func (s *Session[K, M]) sendOpen(now clock.Time) {
	s.segment(now, Open)
	s.failures++
	s.retry = now.Add(s.delay(s.failures))
}

// refuse says that there is no session of a number, or none for now. Nothing repeats
// it: a peer that misses it is told again when it sends something. The attempt is the
// one that comes next, so that what was sent before is known to be old.
func (s *Session[K, M]) refuse(now clock.Time, number uint64, why Reason, final bool) {
	g := s.segment(now, Close)
	g.Name.Number, g.Reason, g.Final = number, why, final
}

// delay is how long to wait for the k-th time, from 1: ReconnectMin, doubled each time,
// at most ReconnectMax, give or take Jitter.
func (s *Session[K, M]) delay(k uint64) time.Duration {
	d := s.cfg.ReconnectMax
	if shift := k - 1; shift < uint64(bits.LeadingZeros64(uint64(s.cfg.ReconnectMin))) {
		if longer := s.cfg.ReconnectMin << shift; longer > 0 {
			d = min(d, longer)
		}
	}
	most := sim.ScaleHalfUp(uint64(d), uint64(s.cfg.Jitter), uint64(sim.One))
	s.drawn++
	draw := s.chance.Stream.Draw(sim.Key{Source: s.chance.Peer, N: s.drawn}, uint32(s.name.FromIncarnation&math.MaxUint32))
	return d - time.Duration(most) + time.Duration(sim.Below(draw, 2*most+1))
}

// opened begins a time of being open.
func (s *Session[K, M]) opened(now clock.Time) {
	if s.named {
		s.again(now)
	}
	if s.opens++; s.opens > 1 {
		s.stats.Reconnects++
	}
	s.state, s.named, s.failures, s.heard = open, true, 0, now
	s.tell(Event{Kind: Opened, Count: s.opens - 1})
}

// drop ends a time of being open; the session begins to open again.
func (s *Session[K, M]) drop(now clock.Time, why Reason) {
	s.leave(why)
	if opens := s.opens; s.cfg.Clear && s.named {
		s.abandon(true)
		s.name.Number++
		s.opens = opens
	}
	s.state, s.failures, s.retry = opening, 1, now.Add(s.delay(1))
}

// end ends the session for good.
func (s *Session[K, M]) end(why Reason, queue bool) {
	s.leave(why)
	s.abandon(queue)
	s.name.Number++
	s.state = idle
}

// leave tells of a session that is not open any more, and of the offers that waited.
func (s *Session[K, M]) leave(why Reason) {
	if s.state == open {
		s.tell(Event{Kind: Closed, Reason: why})
	}
	s.attempt++
	if planted.Bug != planted.BlockForgotten {
		s.turnAway(clock.Never, Disconnected)
	}
}
