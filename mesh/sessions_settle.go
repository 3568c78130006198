package mesh

import (
	"meshsim/rtt"
	"meshsim/trace"
)

// settle does what a call of a session left to be done, but for the messages that it
// has for this node: who takes those may call again, so they wait for hand.
func (s *Sessions) settle(c *Context, p *sessionPeer) {
	o := &p.out
	for i := range o.Gone {
		g := &o.Gone[i]
		why := g.Why.String()
		if g.Why == rtt.Dropped {
			why = s.Session.Overflow.String()
		}
		s.drop(c, p.id, g.Channel, why, g.Message)
	}
	clear(o.Gone) // lets go of messages
	o.Gone = o.Gone[:0]
	for i := range o.Events {
		s.tell(c, p, &o.Events[i])
	}
	o.Events = o.Events[:0]
	for i := range o.Segments {
		s.send(c, p, &o.Segments[i])
	}
	clear(o.Segments)
	o.Segments = o.Segments[:0]
	s.arm(c, p)
}

// tell tells the record, or who else is concerned, what happened to a session.
func (s *Sessions) tell(c *Context, p *sessionPeer, e *rtt.Event) {
	fact := trace.Event{Peer: p.id}
	switch e.Kind {
	case rtt.Opened:
		n := p.session.Name()
		p.met, p.number = n.ToIncarnation, numberOf(n.From, n.To, n.FromIncarnation, n.ToIncarnation, n.Number)
		fact.Kind, fact.Reconnects = trace.SessionOpen, int64(e.Count)
	case rtt.Closed:
		fact.Kind, fact.Why = trace.SessionClose, string(e.Reason)
	case rtt.HeartbeatTimeout:
		fact.Kind = trace.HeartbeatTimeout
	case rtt.Retransmitted:
		fact.Kind, fact.Seqno, fact.Channel = trace.SessionRetransmit, int64(e.Seq), e.Channel.String()
	case rtt.Overflowed:
		fact.Kind, fact.Channel, fact.Policy = trace.SessionOverflow, e.Channel.String(), s.Session.Overflow.String()
	default: // that a segment is refused, its envelope tells; of a new incarnation its opening
		return
	}
	fact.Session = p.number
	c.Tell(fact)
	if e.Kind == rtt.Opened {
		c.router.protocols.reborn(c, p.id, p.met)
	}
}

// send sends a segment, in an envelope of its own. One that carries a message of the
// application's belongs to its traffic, and is as large as it.
func (s *Sessions) send(c *Context, p *sessionPeer, g *segment) {
	q := s.segments.take()
	q.g = *g
	unspelt := q.pour(&s.sealer)
	q.seal = s.sealer.seal()
	e := c.out.blank()
	*e = Envelope{Type: g.Kind.String(), Destination: p.id, Payload: q, Size: q.Size() + unspelt, Hops: e.Hops[:0]}
	if m := g.Message; m != nil {
		e.Flow, e.N = m.Flow, m.N
	}
	c.router.author.issue(e, c.Now)
	c.submit(e)
}

// arm sets the timer of a session, unless an earlier one is set: that asks again.
func (s *Sessions) arm(c *Context, p *sessionPeer) {
	due := p.session.Deadline()
	if len(p.out.Delivered) > 0 && !p.handing {
		due = s.now
	}
	if due >= p.due {
		return
	}
	p.due = due
	p.timer++
	c.Wake(max(0, due.Sub(s.now)), uint64(p.id)<<32|p.timer&(1<<32-1))
}

// hand hands over the messages that a session of this number has for the node, each to
// the protocol that its type belongs to. None is handed over while another one is being
// taken. Of a peer that is blocked meanwhile nothing is taken any more.
func (s *Sessions) hand(c *Context, p *sessionPeer, number uint64) {
	p.handing = true
	for i := 0; i < len(p.out.Delivered); i++ { // they may become more
		d := p.out.Delivered[i]
		m := d.Message
		if c.Blocked(p.id) {
			s.drop(c, p.id, d.Channel, whyBlocked, m)
			continue
		}
		at := c.out.Hand(m, trace.Event{Kind: trace.SessionDeliver, Peer: p.id, Payload: trace.Payload{
			ID: m.ID, Type: m.Type, Size: m.Size, Session: number, Channel: d.Channel.String(), Index: int64(d.Index),
			Flow: m.Flow, N: m.N, SegmentHops: int64(p.hops),
		}})
		if reason := c.router.protocols.hand(c, m, m.Origin); reason != trace.NoReason {
			fact := &c.out.Facts[c.out.Acts[at].Tag]
			fact.Kind, fact.Why = trace.SessionDrop, reason.String()
		}
	}
	clear(p.out.Delivered)
	p.out.Delivered = p.out.Delivered[:0]
	p.handing = false
}
