package mesh

import (
	"fmt"
	"slices"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// ProtocolRouter is the one table from message type to the protocol of a node that
// handles it. The application registers there like any other. A type that nobody has
// registered is refused as unknown_type if it belongs to the protocols; all others
// are the application's, which takes them and says nothing.
type ProtocolRouter struct {
	all   []Protocol
	table map[string]int // place in all, by type; nil: none speaks
	asked string         // the type that was looked up last
	owner int            // and whose it is
	ctx   Context        // of the step at hand
	own   Input          // the timer at hand, with the tag that its protocol knows
}

// Whose a type is that no protocol of the node takes.
const (
	ofApplication = -1 - iota
	notSpoken     // that of a protocol which the node does not speak
)

// NewProtocolRouter returns the table of these protocols, which are told of everything
// in this order. It fails if two of them register one type.
func NewProtocolRouter(all ...Protocol) (*ProtocolRouter, error) {
	p := &ProtocolRouter{all: all}
	if len(all) > 0 {
		p.table = make(map[string]int)
	}
	for i, protocol := range all {
		for _, typ := range protocol.Types() {
			if other, taken := p.table[typ]; taken {
				return nil, fmt.Errorf("mesh: message type %q is registered twice, by %T and %T", typ, all[other], protocol)
			}
			p.table[typ] = i
		}
	}
	p.owner = p.lookUp(p.asked)
	return p, nil
}

// ownerOf is the place of the protocol that a type belongs to, or whose it is else. One
// type comes many times in a row.
func (p *ProtocolRouter) ownerOf(typ string) int {
	if typ != p.asked {
		p.asked, p.owner = typ, p.lookUp(typ)
	}
	return p.owner
}

func (p *ProtocolRouter) lookUp(typ string) int {
	if i, registered := p.table[typ]; registered {
		return i
	}
	if IsProtocolType(typ) {
		return notSpoken
	}
	return ofApplication
}

// in is the context of a protocol for a step.
func (p *ProtocolRouter) in(i int, now clock.Time, out *Outbox) *Context {
	p.ctx.Now, p.ctx.out, p.ctx.protocol = now, out, uint64(i)
	return &p.ctx
}

// tell hands a timer to the protocol that asked for it, and all else to each.
func (p *ProtocolRouter) tell(now clock.Time, in *Input, out *Outbox) {
	if len(p.all) == 0 {
		return
	}
	if in.Kind == Timer {
		i := int(in.Tag >> tagBits)
		p.own = *in
		p.own.Tag &= 1<<tagBits - 1
		p.all[i].Tell(p.in(i, now, out), &p.own)
		return
	}
	for i, protocol := range p.all {
		protocol.Tell(p.in(i, now, out), in)
	}
}

// TrustListener is a protocol that is told when the node's trust in a peer has changed.
type TrustListener interface {
	TrustChanged(c *Context, peer sim.NodeID)
}

// trustChanged tells all who want to know, in the middle of whatever step of another
// protocol it came from.
func (p *ProtocolRouter) trustChanged(c *Context, peer sim.NodeID) {
	for _, protocol := range p.all {
		if l, ok := protocol.(TrustListener); ok {
			p.as(c, protocol, func() { l.TrustChanged(c, peer) })
		}
	}
}

// as does something as one of the protocols, in the middle of a step of another: timers
// that it asks for are that one's.
func (p *ProtocolRouter) as(c *Context, who Protocol, do func()) {
	at := c.protocol
	c.protocol = uint64(slices.Index(p.all, who))
	do()
	c.protocol = at
}

// RebirthListener is a protocol that is told which incarnation of a peer a session has
// met.
type RebirthListener interface {
	Reborn(c *Context, peer sim.NodeID, incarnation uint64)
}

// reborn tells all who want to know.
func (p *ProtocolRouter) reborn(c *Context, peer sim.NodeID, incarnation uint64) {
	for _, protocol := range p.all {
		if l, ok := protocol.(RebirthListener); ok {
			p.as(c, protocol, func() { l.Reborn(c, peer, incarnation) })
		}
	}
}

// deliver takes an envelope for this node, unless the protocol that its type belongs
// to refuses it, or is not spoken here. What that protocol does comes after the
// delivery.
func (p *ProtocolRouter) deliver(now clock.Time, e *Envelope, from sim.NodeID, out *Outbox) {
	at := len(out.Acts)
	out.Deliver(e)
	if reason := p.hand(p.in(0, now, out), e, from); reason != trace.NoReason {
		out.Acts[at] = Act{Kind: ActDrop, Envelope: e, Reason: reason}
	}
}

// hand gives a message to the protocol that its type belongs to, in whatever it came, and
// returns why that refused it, if it did.
func (p *ProtocolRouter) hand(c *Context, m *Envelope, from sim.NodeID) (reason trace.Reason) {
	switch i := p.ownerOf(m.Type); i {
	case ofApplication:
		return trace.NoReason
	case notSpoken:
		return trace.UnknownType
	default:
		at := c.protocol
		c.protocol = uint64(i)
		reason = p.all[i].Take(c, m, from)
		c.protocol = at
		return reason
	}
}

// overhear shows a broadcast of the node's own to the protocol that its type belongs
// to: what all are told it knows too.
func (p *ProtocolRouter) overhear(now clock.Time, e *Envelope, out *Outbox) {
	if i := p.ownerOf(e.Type); i >= 0 {
		p.all[i].Take(p.in(i, now, out), e, sim.NoNode)
	}
}
