package rtt

import "meshsim/clock"

// judge takes a segment: first by its name, then by what it wants.
func (s *Session[K, M]) judge(now clock.Time, g *Segment[K, M]) Verdict {
	n := &g.Name
	switch {
	case n.From != s.name.To || n.To != s.name.From:
		return Stranger
	case n.FromIncarnation < max(1, s.name.ToIncarnation) || n.ToIncarnation > s.name.FromIncarnation:
		return Stale
	}
	if n.FromIncarnation > s.name.ToIncarnation {
		s.meet(n.FromIncarnation)
	}
	// What it says of this side counts if it was said to this incarnation, or to none.
	known := n.ToIncarnation == 0 || n.ToIncarnation == s.name.FromIncarnation
	switch {
	case !known && g.Kind != Open:
		if g.Kind != Close {
			s.refuse(now, 0, ReasonReborn, true)
		}
		return Stale
	case g.Attempt < s.peerAttempt:
		return Stale
	case n.Number < s.name.Number:
		s.answerOld(now, g)
		return Stale
	case n.Number > s.name.Number && g.Kind != Open:
		return Stale
	case n.Number > s.name.Number:
		s.renumber(n.Number)
	}
	return s.takeCurrent(now, g, known)
}

// takeCurrent takes a segment of the session that is there.
func (s *Session[K, M]) takeCurrent(now clock.Time, g *Segment[K, M], known bool) Verdict {
	switch {
	case g.Kind == Close:
		return s.takeClose(now, g)
	case s.state == suspended:
		s.refuse(now, g.Name.Number, ReasonDisconnect, false)
		return NoSession
	case g.Kind == Open:
		if s.state == open && g.Attempt > s.peerAttempt {
			s.again(now) // the peer has closed meanwhile
		}
	case s.state == idle || s.state == opening && g.Echo != s.attempt:
		return Stale // no answer to the Open that is under way
	}
	if s.state != open {
		s.opened(now)
	}
	s.heard, s.peerAttempt = now, g.Attempt
	if known {
		s.heardOf(now, g)
	}
	switch g.Kind {
	case Open:
		s.segment(now, Ack)
	case Data:
		return s.takeData(g)
	}
	return Accepted
}

// meet notes a newer incarnation of the peer. It ends for good what there was with an
// older one: nobody knows what that had read.
func (s *Session[K, M]) meet(incarnation uint64) {
	known := s.name.ToIncarnation != 0
	s.name.ToIncarnation = incarnation
	if !known {
		return
	}
	s.tell(Event{Kind: Reborn, Count: incarnation})
	s.startOver(ReasonReborn)
	s.peerAttempt = 0
}

// renumber takes over the number of a session that the peer begins.
func (s *Session[K, M]) renumber(number uint64) {
	s.startOver(ReasonRenumbered)
	s.name.Number = number
}

// startOver ends what was, but goes on with what is wanted: opening, or not opening.
func (s *Session[K, M]) startOver(why Reason) {
	if s.state == open {
		s.leave(why)
		s.state = idle
	}
	s.abandon(s.named)
}

// answerOld tells a peer of a session that has ended for good. If it wants one, the
// next is opened.
func (s *Session[K, M]) answerOld(now clock.Time, g *Segment[K, M]) {
	switch {
	case g.Kind == Close:
	case s.state == idle && g.Kind == Open:
		s.connect(now)
	case s.state == idle || s.state == suspended:
		s.refuse(now, g.Name.Number, ReasonDisconnect, s.state == idle)
	}
}

// takeClose closes what the peer closes. One who has since opened again had sent it
// before.
func (s *Session[K, M]) takeClose(now clock.Time, g *Segment[K, M]) Verdict {
	if s.state == open && g.Attempt == s.peerAttempt {
		return Stale
	}
	s.peerAttempt = g.Attempt
	switch again := s.state == opening && !s.named; {
	case g.Final && s.state == suspended:
		s.startOver(ReasonPeer)
		s.name.Number++
	case g.Final:
		if s.end(ReasonPeer, s.named); again {
			s.connect(now) // what was offered was not for the session that has ended
		}
	case s.state == open:
		s.drop(now, ReasonPeer)
	}
	return Accepted
}
