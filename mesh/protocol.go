package mesh

import (
	"time"

	"meshsim/clock"
	"meshsim/rtt"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// Protocol is one thing that a node speaks besides forwarding: a state machine that
// is told the time and what happens, and acts through its Context.
type Protocol interface {
	// Types are the message types that it takes; no two protocols of a node share one.
	Types() []string
	// Take handles an envelope of one of these types that came to this node, or
	// refuses it with a reason. A broadcast of the node's own application it takes
	// too, from NoNode. The envelope is valid during the call only.
	Take(c *Context, e *Envelope, from sim.NodeID) trace.Reason
	// Tell handles a Start, a Timer that the protocol itself asked for, and news of
	// links to neighbours.
	Tell(c *Context, in *Input)
}

// Context is the node as one of its protocols acts through it during one step.
type Context struct {
	Now      clock.Time // by the node's own clock
	router   *Router
	out      *Outbox
	protocol uint64 // place among the node's protocols
}

// tagBits are the bits of a timer's tag that are the protocol's own. Those above
// say which protocol asked for it.
const tagBits = 56

// Wake asks for a Timer input with this tag, below 2⁵⁶, after a span of the node's
// own clock.
func (c *Context) Wake(after time.Duration, tag uint64) {
	c.out.Wake(after, c.protocol<<tagBits|tag)
}

// key is the key of a node, by which chance knows it.
func (c *Context) key(id sim.NodeID) string { return c.router.author.keys[id] }

// jittered is a span ± 10 %, by a draw, so that nodes don't act in step.
func jittered(span time.Duration, draw uint64) time.Duration {
	spread := span / 5
	return span - spread/2 + time.Duration(draw%uint64(spread+1))
}

// Blocked reports whether the node's trust blocks a peer.
func (c *Context) Blocked(id sim.NodeID) bool { return c.router.Blocked(id) }

// SendControl sends a control message: one envelope for everyone who gets a copy,
// which are the given neighbours and, as it goes no further, nobody else.
func (c *Context) SendControl(typ string, p SealedPayload, to []sim.NodeID) {
	if len(to) == 0 {
		return
	}
	e := c.out.blank()
	*e = Envelope{Type: typ, Destination: sim.Everyone, Payload: p, Size: p.Size(), Control: true, Hops: e.Hops[:0]}
	c.router.author.issue(e, c.Now)
	c.router.seen.add(e)
	c.out.Send(e, to)
}

// Send sends a message of the node's own to a peer, or to everyone, over any number
// of hops.
//
// Where the node has sessions, facts, claims and what humans say go through that with
// the peer.
func (c *Context) Send(typ string, p SealedPayload, to sim.NodeID) {
	e := c.out.blank()
	*e = Envelope{Type: typ, Destination: to, Payload: p, Size: p.Size(), Hops: e.Hops[:0]}
	if ch, carried := channelOf(typ); carried && c.router.sessions != nil {
		e.Key = c.router.author.next(typ, to)
		c.offer(ch, e)
		return
	}
	c.router.author.issue(e, c.Now)
	c.submit(e)
}

// offer hands a message of the node's own, which has its key, to the session with its
// destination. It needs no signature: the segments that bring it have theirs.
func (c *Context) offer(ch rtt.Channel, e *Envelope) {
	at := c.protocol
	c.router.author.name(e, c.Now)
	c.protocol = c.router.sessionsAt
	c.router.sessions.offer(c, ch, e)
	c.protocol = at
}

// submit sends an envelope that is complete.
func (c *Context) submit(e *Envelope) {
	c.router.seen.add(e)
	if reason := c.router.forward(e, sim.NoNode, c.out); reason != trace.NoReason {
		c.out.Drop(e, reason)
	}
}

// Tell adds a fact about this node to the record, and because of what.
func (c *Context) Tell(fact trace.Event, because ...*trust.Mark) { c.out.Tell(fact, because...) }

// Note returns a mark of what the node was told in this step.
func (c *Context) Note() *trust.Mark {
	m := new(trust.Mark)
	c.out.Note(m)
	return m
}

// RouteChanged tells the record of a node's new route to a destination, or with
// NoNode as next that it has none any more.
func (c *Context) RouteChanged(destination, next sim.NodeID, metric time.Duration, seqno uint64) {
	c.out.Tell(trace.Event{Kind: trace.RouteChanged, Peer: sim.NoNode, Payload: trace.Payload{
		Destination: destination, Next: next, Metric: int64(metric), Seqno: int64(seqno),
	}})
}
