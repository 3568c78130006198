package trace

import "meshsim/sim"

// SessionSummary counts what transport sessions did, each end apart.
type SessionSummary struct {
	Opened      int64 `json:"opened"`      // times that a session opened, again ones included
	Closed      int64 `json:"closed"`      // times that one closed; one that ends with its node has none
	Reconnects  int64 `json:"reconnects"`  // of opened, those after the first of a session
	Retransmits int64 `json:"retransmits"` // segments that were sent again
	Overflow    int64 `json:"overflow"`    // messages that found the queue full
	Lost        int64 `json:"lost"`        // messages that a session held when it ended for good, or when its node went down

	Fairness float64 `json:"fairness"` // Jain's index of the bytes delivered for pairs that sent messages; 0: nothing was
}

// LostInSession is why a session drops what it still holds when it ends for good.
const LostInSession = "lost"

// Sessions is the sink that follows transport sessions, and the messages in them.
//
// A message is in a session from its offer until it is delivered or dropped, or until
// its origin goes down. One that its receiver has acknowledged, and not read when it
// goes down, of which no event tells, is in the session for good.
type Sessions struct {
	sum    SessionSummary
	open   []map[sim.NodeID]bool // by node: the peers with which its session is open
	places map[EnvelopeID]int32  // of messages, in held
	held   []heldMessage
	free   []int32 // places in held to use again
	fair   fairness
}

// heldMessage is a message in a session.
type heldMessage struct {
	id       EnvelopeID
	origin   sim.NodeID
	here     bool // it is still held
	measured bool
	class    int32
}

// NewSessions returns the counter of a mesh of so many nodes.
func NewSessions(nodes int) *Sessions {
	return &Sessions{open: make([]map[sim.NodeID]bool, nodes), places: make(map[EnvelopeID]int32), fair: fairness{got: make(map[dialogue]float64)}}
}

// Reads implements Selective.
func (s *Sessions) Reads(k Kind) bool { return k >= SessionOpen && k <= SessionDrop || k == NodeDown }

// Emit counts the event.
func (s *Sessions) Emit(e *Event) {
	switch e.Kind {
	case SessionOpen:
		s.sum.Opened++
		if e.Reconnects > 0 {
			s.sum.Reconnects++
		}
		if s.open[e.Node] == nil {
			s.open[e.Node] = make(map[sim.NodeID]bool)
		}
		s.open[e.Node][e.Peer] = true
	case SessionClose:
		s.sum.Closed++
		delete(s.open[e.Node], e.Peer)
	case SessionRetransmit:
		s.sum.Retransmits++
	case SessionOverflow:
		s.sum.Overflow++
	case SessionDrop:
		if e.Why == LostInSession {
			s.sum.Lost++
		}
	case NodeDown:
		clear(s.open[e.Node])
	}
}

// hold notes that a session has a message.
func (s *Sessions) hold(m heldMessage) {
	m.here = true
	if n := len(s.free); n > 0 {
		at := s.free[n-1]
		s.free, s.held[at], s.places[m.id] = s.free[:n-1], m, at
		return
	}
	s.places[m.id] = int32(len(s.held))
	s.held = append(s.held, m)
}

// let ends a message's place, and returns what was there; nothing if it has ended.
func (s *Sessions) let(id EnvelopeID) heldMessage {
	at, ok := s.places[id]
	if !ok {
		return heldMessage{}
	}
	m := s.held[at]
	delete(s.places, id)
	s.held[at].here = false
	s.free = append(s.free, at)
	return m
}

// Up reports whether the session of a node with a peer is open, as the node sees it.
func (s *Sessions) Up(node, peer sim.NodeID) bool { return s.open[node][peer] }

// Summary is the count so far.
func (s *Sessions) Summary() SessionSummary {
	sum := s.sum
	sum.Fairness = s.fair.index()
	return sum
}

// Segment reports whether an event is of an envelope that carries a message of a session.
func (e *Event) Segment() bool { return e.Kind.OfEnvelope() && e.Type == "RTT_DATA" }

// session counts an event of a session, and messages of the application's in it.
func (m *Metrics) session(e *Event) {
	s := m.sessions
	s.Emit(e)
	switch e.Kind {
	case SessionOffer:
		held := heldMessage{id: e.ID, origin: e.Node, measured: application(e) && m.within(e.T), class: m.classOf[e.Flow]}
		s.hold(held)
		if held.measured {
			s.fair.offered(dialogue{e.Node, e.Peer})
			m.each(held.class, func(t *tally) {
				t.sent++
				t.expected++
				t.inFlight++
			})
		}
	case SessionDeliver:
		m.release(s.let(e.ID))
		if application(e) && m.within(e.T.Add(-e.Latency)) {
			s.fair.delivered(dialogue{e.Peer, e.Node}, e.Size)
			m.each(m.classOf[e.Flow], func(t *tally) { t.add(e, e.SegmentHops) })
		}
	case SessionDrop:
		m.release(s.let(e.ID))
	case NodeDown:
		for i := range s.held {
			if h := &s.held[i]; h.here && h.origin == e.Node {
				m.release(s.let(h.id))
				s.sum.Lost++
			}
		}
	}
}

// release takes a message that left its session out of those in flight.
func (m *Metrics) release(h heldMessage) {
	if h.measured {
		m.each(h.class, func(t *tally) { t.inFlight-- })
	}
}

// Sessions is what transport sessions did, and which are open now.
func (m *Metrics) Sessions() *Sessions { return m.sessions }
