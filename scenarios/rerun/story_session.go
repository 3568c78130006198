package rerun

import (
	"strings"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// SessionsTale is what transport sessions do in a phase, each end apart. Messages are
// those of applications.
type SessionsTale struct {
	Opened   int64 // times that a session opened, again ones included
	Reopened int64
	Closed   []Count // by why
	Silent   int64   // times that nothing was heard of a peer for too long

	Offered          int64 // messages
	Full             int64 // times that a queue had no room
	FullFrom, FullTo clock.Time
	Policy           string // what a full queue does

	Most   int64      // messages in sessions at once: offered, and neither read nor dropped
	MostAt clock.Time // when there first were so many

	Read             int64 // messages that receivers took
	Bytes            int64 // theirs
	ReadFrom, ReadTo clock.Time
	Dropped          []Count // messages offered in the phase, by why

	Segments    []Count // lost on the way, by reason
	Refused     []Count // segments that arrived, by why they were not taken: replayed ones, or of a session that is over
	Retransmits int64
}

// Goodput is what receivers took between the first and the last, in bit/s; 0 of fewer
// than two.
func (t *SessionsTale) Goodput() int64 {
	if span := t.ReadTo.Sub(t.ReadFrom); span > 0 {
		return int64(float64(8*t.Bytes) / span.Seconds())
	}
	return 0
}

// ofSession reports whether an envelope belongs to a session itself.
func ofSession(e *trace.Event) bool { return e.Kind.OfEnvelope() && strings.HasPrefix(e.Type, "RTT_") }

// backlog counts the messages in sessions. One that a receiver has acknowledged, and
// not read when it goes down, is there for good: no event tells of it.
type backlog struct {
	now   int64
	of    []int64 // by origin
	lives []int64 // by node: how often it went down, with what its sessions held
}

// stay is of a message in a session of its origin.
type stay struct {
	origin sim.NodeID
	life   int64
	lasts  bool
}

func newBacklog(nodes int) backlog {
	return backlog{of: make([]int64, nodes), lives: make([]int64, nodes)}
}

func (b *backlog) enter(origin sim.NodeID) stay {
	b.now++
	b.of[origin]++
	return stay{origin, b.lives[origin], true}
}

func (b *backlog) leave(s stay) {
	if s.lasts && s.life == b.lives[s.origin] {
		b.now--
		b.of[s.origin]--
	}
}

func (b *backlog) down(node sim.NodeID) {
	b.now -= b.of[node]
	b.of[node] = 0
	b.lives[node]++
}

// session tells the phase of sessions and of messages in them.
func (n *narrator) session(c *chapter, e *trace.Event) {
	t := &c.Sessions
	switch e.Kind {
	case trace.SessionOpen:
		t.Opened++
		if e.Reconnects > 0 {
			t.Reopened++
		}
	case trace.SessionClose:
		t.Closed = more(t.Closed, e.Why)
	case trace.HeartbeatTimeout:
		t.Silent++
	case trace.SessionRetransmit:
		t.Retransmits++
	case trace.SessionOverflow:
		if t.Full++; t.Full == 1 {
			t.FullFrom = e.T
		}
		t.FullTo, t.Policy = e.T, e.Policy
	case trace.EnvelopeDropped:
		switch {
		case !ofSession(e) || e.Reason == trace.Duplicate:
		case e.Reason.ByHandler():
			c.refused[e.Reason]++
		default:
			c.segments[e.Reason]++
		}
	case trace.NodeDown:
		n.sessions.down(e.Node)
	case trace.SessionOffer, trace.SessionDeliver, trace.SessionDrop:
		if e.Flow.Name != "" {
			n.inSession(c, e)
		}
	}
}

// inSession tells of an application's message in a session.
func (n *narrator) inSession(c *chapter, e *trace.Event) {
	t := &c.Sessions
	if e.Kind == trace.SessionOffer {
		c.Sent++
		c.Expected++
		t.Offered++
		n.messages[e.ID] = message{len(n.phases) - 1, n.sessions.enter(e.Node)}
		if n.sessions.now > t.Most {
			t.Most, t.MostAt = n.sessions.now, e.T
		}
		return
	}
	m, known := n.messages[e.ID]
	if !known {
		return
	}
	n.sessions.leave(m.stay)
	m.stay.lasts = false
	n.messages[e.ID] = m
	sent := n.phases[m.phase]
	if e.Kind == trace.SessionDrop {
		sent.Sessions.Dropped = more(sent.Sessions.Dropped, e.Why)
		return
	}
	sent.delivered(e, e.SegmentHops)
	if t.Read++; t.Read == 1 {
		t.ReadFrom = e.T
	}
	t.ReadTo = e.T
	t.Bytes += e.Size
}
