package mesh

import (
	"cmp"
	"slices"

	"meshsim/clock"
	"meshsim/rtt"
	"meshsim/sim"
	"meshsim/trace"
)

// SessionConfig is what the transport sessions of a node are made of. All fields are
// required.
type SessionConfig struct {
	Session  rtt.Config
	Identity Identity
	Names    []string      // node ids by number
	Registry *PeerRegistry // peers that open a session become known
	Chance   sim.Stream    // of the node's own, for jitter
}

// Sessions is the transport sessions of one node, one with each peer (protocol.md, 7).
// Each begins with the first message for the peer, or when the peer opens it. What goes
// through one is no envelope: the segments are, which go like any other, and whatever is
// sent again is a new one.
type Sessions struct {
	SessionConfig
	incarnation uint64
	now         clock.Time     // the node's clock, but that it never runs backwards
	shown       clock.Time     // what the clock showed last
	peers       []*sessionPeer // by number

	sealer   sealer
	segments slab[rttSegment]
	messages slab[Envelope]
}

// The parts of package rtt, as they are here: fingerprints stand for keys, and a
// message is an envelope that goes no way.
type (
	session = rtt.Session[*PublicKey, *Envelope]
	segment = rtt.Segment[*PublicKey, *Envelope]
	postbox = rtt.Outbox[*PublicKey, *Envelope]
)

// sessionPeer is the session with one peer.
type sessionPeer struct {
	id      sim.NodeID
	key     *PublicKey // of the peer
	session *session   // nil: none since the node started
	met     uint64     // the newest known incarnation of the peer; 0: none
	out     postbox    // what is not handed over yet stays in it

	number  uint64     // of the session that is open, or was last
	hops    int        // links that the newest data crossed
	due     clock.Time // of the timer that is set; Never: none
	timer   uint64     // number of that timer; earlier ones are stale
	handing bool       // its messages are being handed over
}

// reasonOverride is why a session closes whose peer has another key after an override.
const reasonOverride rtt.Reason = "override"

// Why a message is dropped, besides the reasons of package rtt.
const (
	whyFull         = "error"
	whyBlocked      = "blocked"
	whyDisconnected = "disconnected"
)

// NewSessions returns the protocol of one node.
func NewSessions(c SessionConfig) *Sessions { return &Sessions{SessionConfig: c} }

// channelOf is the channel by which messages of a type of the protocols go, if they go
// through sessions.
func channelOf(typ string) (ch rtt.Channel, carried bool) {
	switch {
	case len(typ) < 5:
	case typ[:5] == "FACT_", typ[:4] == "LIP_":
		return rtt.Knowledge, true
	case typ[:4] == "HCP_":
		return rtt.Control, true
	}
	return 0, false
}

// Types implements Protocol.
func (s *Sessions) Types() []string {
	return []string{rtt.Open.String(), rtt.Data.String(), rtt.Ack.String(), rtt.Heartbeat.String(), rtt.Close.String()}
}

// Tell implements Protocol.
func (s *Sessions) Tell(c *Context, in *Input) {
	switch in.Kind {
	case Start:
		s.restart(c, in.Tag)
	case Timer:
		if p := s.find(sim.NodeID(in.Tag >> 32)); p != nil && in.Tag&(1<<32-1) == p.timer&(1<<32-1) {
			p.due = clock.Never
			p.session.OnDeadline(s.clock(c))
			s.settle(c, p)
			s.hand(c, p, p.number)
		}
	case Do:
		switch in.Command.Kind {
		case Disconnect:
			p := s.with(c, in.Command.Peer)
			p.session.Disconnect(s.clock(c))
			s.settle(c, p)
		case Reconnect:
			p := s.with(c, in.Command.Peer)
			p.session.Connect(s.clock(c))
			s.settle(c, p)
		}
	}
}

// restart forgets the sessions: their names hold the incarnation. What is known of the
// peers' own incarnations stays.
func (s *Sessions) restart(c *Context, incarnation uint64) {
	s.incarnation, s.shown = incarnation, c.Now
	for i, p := range s.peers {
		s.peers[i] = &sessionPeer{id: p.id, key: p.key, met: p.met, timer: p.timer}
	}
}

// clock is the time by which sessions go. A clock that is set back stands still for them.
func (s *Sessions) clock(c *Context) clock.Time {
	if c.Now > s.shown {
		s.now = s.now.Add(c.Now.Sub(s.shown))
	}
	s.shown = c.Now
	return s.now
}

// find returns the peer that the node has a session with, or nil.
func (s *Sessions) find(id sim.NodeID) *sessionPeer {
	if i, ok := s.search(id); ok && s.peers[i].session != nil {
		return s.peers[i]
	}
	return nil
}

func (s *Sessions) search(id sim.NodeID) (int, bool) {
	return slices.BinarySearchFunc(s.peers, id, func(p *sessionPeer, id sim.NodeID) int { return cmp.Compare(p.id, id) })
}

// with returns the session with a peer, which there is from now on. After an override the
// peer may have another key: then it is another one, and what the old one had is lost.
func (s *Sessions) with(c *Context, id sim.NodeID) *sessionPeer {
	i, ok := s.search(id)
	key := c.router.pinned(id)
	if !ok {
		s.peers = slices.Insert(s.peers, i, &sessionPeer{id: id, key: key})
	}
	p := s.peers[i]
	if p.key != key {
		if p.session != nil {
			p.session.Close(s.clock(c), reasonOverride)
			s.settle(c, p)
		}
		p = &sessionPeer{id: id, key: key, timer: p.timer}
		s.peers[i] = p
	}
	if p.session == nil {
		name := rtt.Name[*PublicKey]{From: s.Identity.public, To: key, FromIncarnation: s.incarnation, ToIncarnation: p.met}
		p.session = rtt.New(s.Session, name, rtt.Chance{Stream: s.Chance, Peer: sim.Hash(c.key(id))}, &p.out)
		p.due = clock.Never
	}
	return p
}

// offer hands a message to the session with its destination. One for a peer that is
// blocked goes nowhere.
func (s *Sessions) offer(c *Context, ch rtt.Channel, e *Envelope) {
	m := s.messages.take()
	*m = *e
	m.Hops = nil
	c.out.Offer(m, trace.Event{Kind: trace.SessionOffer, Peer: m.Destination, Payload: trace.Payload{
		ID: m.ID, Type: m.Type, Size: m.Size, Channel: ch.String(), Flow: m.Flow, N: m.N,
	}})
	if c.Blocked(m.Destination) {
		s.drop(c, m.Destination, ch, whyBlocked, m)
		return
	}
	p := s.with(c, m.Destination)
	outcome := p.session.Offer(s.clock(c), ch, int(m.Size), m)
	s.settle(c, p)
	switch outcome {
	case rtt.Refused:
		s.drop(c, p.id, ch, s.Session.Overflow.String(), m)
	case rtt.Full:
		s.drop(c, p.id, ch, whyFull, m)
	case rtt.NotConnected:
		s.drop(c, p.id, ch, whyDisconnected, m)
	}
}

// drop tells of a message that goes no further.
func (s *Sessions) drop(c *Context, peer sim.NodeID, ch rtt.Channel, why string, m *Envelope) {
	c.Tell(trace.Event{Kind: trace.SessionDrop, Peer: peer, Payload: trace.Payload{
		ID: m.ID, Type: m.Type, Channel: ch.String(), Flow: m.Flow, N: m.N, Why: why,
	}})
}

// refusals are how the record words what a session makes of a segment.
var refusals = [...]trace.Reason{
	rtt.Accepted: trace.NoReason, rtt.Repeated: trace.NoReason, rtt.Stale: trace.Stale,
	rtt.Replay: trace.Replay, rtt.Stranger: trace.IdentityConflict, rtt.NoSession: trace.Session,
}

// Take implements Protocol.
func (s *Sessions) Take(c *Context, e *Envelope, _ sim.NodeID) trace.Reason {
	q, ok := e.Payload.(*rttSegment)
	if !ok || e.Broadcast() || e.Origin == s.Identity.ID {
		return trace.UnknownType
	}
	p, g := s.with(c, e.Origin), &q.g
	number := p.number
	verdict := p.session.Take(s.clock(c), g)
	if verdict == rtt.Accepted && g.Kind == rtt.Open {
		s.Registry.Meet(Peer{ID: e.Origin, Name: s.Names[e.Origin], Kind: KindAgent}, c.Now)
	}
	if verdict == rtt.Accepted && g.Kind == rtt.Data {
		p.hops = len(e.Hops)
	}
	s.settle(c, p)
	if g.Kind == rtt.Data {
		number = p.number // other segments bring no message: what waited was of the session before
	}
	s.hand(c, p, number)
	return refusals[verdict]
}

// TrustChanged implements TrustListener: a peer that is blocked has no session.
func (s *Sessions) TrustChanged(c *Context, id sim.NodeID) {
	if p := s.find(id); p != nil && c.Blocked(id) {
		p.session.Close(s.clock(c), rtt.ReasonBlocked)
		s.settle(c, p)
	}
}
