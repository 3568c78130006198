package mesh

import (
	"time"

	"meshsim/sim"
	"meshsim/trace"
)

// typeAnnounce is the type of announcements.
const typeAnnounce = "ANNOUNCE"

// AnnounceConfig is what an Announcer is made of. Peer, Registry and Chance are
// required.
type AnnounceConfig struct {
	Peer     Peer          // the node itself, as others are to know it
	Registry *PeerRegistry // written to
	Interval time.Duration // between two announcements; 0: it makes none
	Expire   time.Duration // what was learnt and not heard of for so long is forgotten; 0: nothing is
	Chance   sim.Stream    // of the node's own, for jitter
}

// Announcer makes a node known to everyone, and those known to it who announce
// themselves (protocol.md, 2 and 9).
type Announcer struct {
	AnnounceConfig
	payload *announcement // the same each time
	made    uint64        // announcements
}

// Tags of the timers of an Announcer.
const (
	tagAnnounce = iota
	tagExpire
)

// NewAnnouncer returns the protocol of one node.
func NewAnnouncer(c AnnounceConfig) *Announcer {
	a := &Announcer{AnnounceConfig: c, payload: &announcement{peer: c.Peer}}
	a.payload.set(a.payload, nil)
	return a
}

// Types implements Protocol.
func (a *Announcer) Types() []string { return []string{typeAnnounce} }

// Tell implements Protocol.
func (a *Announcer) Tell(c *Context, in *Input) {
	switch {
	case in.Kind == Start:
		a.announce(c)
		a.expire(c)
	case in.Kind == Timer && in.Tag == tagAnnounce:
		a.announce(c)
	case in.Kind == Timer && in.Tag == tagExpire:
		a.expire(c)
	}
}

// announce tells everyone of the node, and asks for the next time, ± 10 %.
func (a *Announcer) announce(c *Context) {
	if a.Interval == 0 {
		return
	}
	a.made++
	c.Send(typeAnnounce, a.payload, sim.Everyone)
	c.Wake(jittered(a.Interval, a.Chance.Draw(sim.Key{N: a.made}, 0)), tagAnnounce)
}

// expire forgets who is due, and asks for the time of the next one.
func (a *Announcer) expire(c *Context) {
	if a.Expire > 0 {
		c.Wake(a.Registry.Expire(c.Now, a.Expire), tagExpire)
	}
}

// Take implements Protocol. A node speaks for itself only.
func (a *Announcer) Take(c *Context, e *Envelope, _ sim.NodeID) trace.Reason {
	p, ok := e.Payload.(*announcement)
	if !ok || p.peer.ID != e.Origin {
		return trace.UnknownType
	}
	a.Registry.Hear(p.peer, c.Now)
	return trace.NoReason
}

// announcement is what a node says of itself:
// {"address":"10.0.0.3","capabilities":["relay"],"id":"n3","kind":"agent"}.
type announcement struct {
	seal
	peer Peer
}

// AppendJSON implements Payload.
func (p *announcement) AppendJSON(b []byte) []byte {
	b = append(b, `{"address":`...)
	b = trace.AppendJSONString(b, p.peer.Address)
	b = append(b, `,"capabilities":`...)
	b = appendStrings(b, p.peer.Capabilities)
	b = append(b, `,"id":`...)
	b = trace.AppendJSONString(b, p.peer.Name)
	b = append(b, `,"kind":`...)
	b = trace.AppendJSONString(b, string(p.peer.Kind))
	return append(b, '}')
}
