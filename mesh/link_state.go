package mesh

import (
	"slices"
	"strconv"
	"time"

	"meshsim/sim"
	"meshsim/sim/planted"
	"meshsim/trace"
)

// LinkState is the strategy link_state, and the protocol behind it: every node
// advertises its adjacencies, all nodes pass on what is new to them, and each
// computes shortest paths over what it has learnt, after OSPF (RFC 2328). A link is
// used only if both its ends advertise it.
//
// Whether an advert is new its sequence number says, so that a flood ends. To a
// neighbour that has just become adjacent a node sends all that it knows. Adverts
// are sent again every Advertise and forgotten at lifetime times that age, which they
// carry along. What was learnt does not survive a crash.
//
// From when nothing changes any more, no wire loses anything and all that was under
// way has arrived, all routes are right within
//
//	(5 + r) · 1.1 · Hello + 2 · settleDelay + (n + 1) · l
//
// where n is the number of nodes, l the latency of the slowest link, well below Hello,
// and r = Advertise / Hello, rounded up: the silent are given up after 4 ticks and
// their neighbours told so at a fifth; every node advertises within r; then each link
// adds its latency.
type LinkState struct {
	hellos
	base    []advertEntry // by origin
	seqno   uint64        // of this node's latest advert
	spoken  uint64        // tick of it
	mine    bool          // this node's adjacencies are not as in it
	changed bool          // what is known of links changed since routes were computed
	paths   pathFinder
	adverts slab[advertPayload]
	own     slab[advert]
	now     []adjacency // scratch: this node's adjacencies
}

// advertEntry is the newest advert of an origin. Born is the tick at which it would
// have been made by this node's count.
type advertEntry struct {
	advert *advert
	born   int64
}

// NewLinkState returns the protocol of one node.
func NewLinkState(c RoutingConfig) *LinkState {
	return &LinkState{hellos: newHellos(c), base: make([]advertEntry, len(c.Names)), paths: newPathFinder(len(c.Names))}
}

// Policy is the forwarding by the routes that the protocol found.
func (l *LinkState) Policy() *SinglePath {
	return &SinglePath{Rule: func(_ View, e *Envelope) (sim.NodeID, bool) { return l.paths.next(e.Destination) }}
}

// Types implements Protocol.
func (l *LinkState) Types() []string { return []string{typeHello, typeLinkState} }

// Take implements Protocol.
func (l *LinkState) Take(c *Context, e *Envelope, from sim.NodeID) trace.Reason {
	switch p := e.Payload.(type) {
	case *helloPayload:
		l.take(c, p, from)
		l.review(c)
	case *advertPayload:
		l.learn(c, p, from)
	default:
		return trace.UnknownType // an application that uses the name of a control message
	}
	return trace.NoReason
}

// Tell implements Protocol.
func (l *LinkState) Tell(c *Context, in *Input) {
	switch {
	case in.Kind == Start:
		clear(l.base)
		l.paths.reset()
		l.seqno = max(l.seqno, in.Tag<<32)
		l.mine, l.changed = true, false
		l.start(c, in.Tag)
		l.settle(c)
	case in.Kind == Timer && in.Tag == tagTick:
		l.tick(c)
		l.forgetOld(c)
		l.review(c)
		if l.ticks-l.spoken >= l.refresh() {
			l.advertise(c)
		}
	case in.Kind == Timer:
		l.settling = false
		if l.mine {
			l.advertise(c)
		}
		if l.changed {
			l.compute(c)
		}
	default:
		l.link(c, in)
		l.review(c)
		if in.Kind == LinkCost {
			l.mine = true
			l.settle(c)
		}
	}
}

// review acts on adjacencies that came or went: a new one gets all that is known.
func (l *LinkState) review(c *Context) {
	l.look(c, func(i int) {
		l.mine = true
		l.settle(c)
		if link := &l.links[i]; link.adjacent {
			for origin := range l.base {
				if entry := &l.base[origin]; entry.advert != nil {
					l.to = append(l.to[:0], link.to)
					l.pass(c, entry, l.to)
				}
			}
		}
	})
}

// advertise makes a new advert of this node's adjacencies and sends it to all of them.
func (l *LinkState) advertise(c *Context) {
	if planted.Bug != planted.AdvertSeqno || l.spoken == 0 {
		l.seqno++
	}
	a := l.own.take()
	*a = advert{names: l.Names, origin: l.Self, seqno: l.seqno, links: l.adjacencies()}
	l.mine, l.spoken = false, l.ticks
	l.enter(c, a, int64(l.ticks))
	l.pass(c, &l.base[l.Self], l.adjacentBut(sim.NoNode))
}

// adjacencies are those to advertise now: the same slice as before if they are the
// same, since adverts share it.
func (l *LinkState) adjacencies() []adjacency {
	l.now = l.now[:0]
	for i := range l.links {
		if link := &l.links[i]; link.adjacent {
			l.now = append(l.now, adjacency{link.to, link.cost})
		}
	}
	if before := l.base[l.Self].advert; before != nil && slices.Equal(before.links, l.now) {
		return before.links
	}
	return slices.Clone(l.now)
}

// learn takes an advert that is newer than what is known of its origin, and passes
// it on: the same message, since it grows no older in no time.
func (l *LinkState) learn(c *Context, p *advertPayload, from sim.NodeID) {
	a, age := p.advert, int64((p.age+l.Hello-1)/l.Hello)
	known := l.base[a.origin].advert
	if a.origin == l.Self || known != nil && a.seqno <= known.seqno || age >= l.oldest() {
		return
	}
	l.enter(c, a, int64(l.ticks)-age)
	c.SendControl(typeLinkState, p, l.adjacentBut(from))
}

// enter makes an advert the newest of its origin.
func (l *LinkState) enter(c *Context, a *advert, born int64) {
	entry := &l.base[a.origin]
	if entry.advert == nil || !slices.Equal(entry.advert.links, a.links) {
		l.changed = true
		l.settle(c)
	}
	*entry = advertEntry{a, born}
}

// pass sends an advert with its present age.
func (l *LinkState) pass(c *Context, entry *advertEntry, to []sim.NodeID) {
	p := l.adverts.take()
	*p = advertPayload{advert: entry.advert, age: time.Duration(int64(l.ticks)-entry.born) * l.Hello}
	l.buf = p.set(p, l.buf)
	c.SendControl(typeLinkState, p, to)
}

// oldest is the age in ticks at which an advert is forgotten.
func (l *LinkState) oldest() int64 { return int64(lifetime * l.refresh()) }

func (l *LinkState) forgetOld(c *Context) {
	if planted.Bug == planted.AgeingOff {
		return
	}
	for i := range l.base {
		entry := &l.base[i]
		if entry.advert != nil && sim.NodeID(i) != l.Self && int64(l.ticks)-entry.born >= l.oldest() {
			*entry = advertEntry{}
			l.changed = true
			l.settle(c)
		}
	}
}

// compute finds the routes anew and tells which changed.
func (l *LinkState) compute(c *Context) {
	l.changed = false
	l.paths.find(l.base, l.Self)
	for d := range l.paths.routes {
		if was, now := l.paths.before[d], l.paths.routes[d]; was.next != now.next || was.cost != now.cost {
			c.RouteChanged(sim.NodeID(d), now.next, now.cost, 0)
		}
	}
}

// advert is what one node says of its adjacencies. It never changes.
type advert struct {
	names  []string
	origin sim.NodeID
	seqno  uint64
	links  []adjacency // in ascending order of to
}

// adjacency is a link that both its ends can use, as the one end sees it.
type adjacency struct {
	to   sim.NodeID
	cost time.Duration
}

// leadsTo reports whether the advert has a link to the node.
func (a *advert) leadsTo(id sim.NodeID) bool {
	return slices.ContainsFunc(a.links, func(l adjacency) bool { return l.to == id })
}

// advertPayload is an advert on its way:
// {"age_ns":0,"links":[{"cost_ns":20000000,"to":"n2"}],"origin":"n1","seqno":7}.
type advertPayload struct {
	seal
	advert *advert
	age    time.Duration // in whole hello intervals
}

// AppendJSON implements Payload.
func (p *advertPayload) AppendJSON(b []byte) []byte {
	a := p.advert
	b = append(b, `{"age_ns":`...)
	b = strconv.AppendInt(b, int64(p.age), 10)
	b = append(b, `,"links":[`...)
	for i, l := range a.links {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"cost_ns":`...)
		b = strconv.AppendInt(b, int64(l.cost), 10)
		b = append(b, `,"to":`...)
		b = trace.AppendJSONString(b, a.names[l.to])
		b = append(b, '}')
	}
	b = append(b, `],"origin":`...)
	b = trace.AppendJSONString(b, a.names[a.origin])
	b = append(b, `,"seqno":`...)
	b = strconv.AppendUint(b, a.seqno, 10)
	return append(b, '}')
}

// LargestAdvert is the size in bytes of the first advert of a node in which all its
// neighbours are adjacent.
func LargestAdvert(c RoutingConfig) int64 {
	a := &advert{names: c.Names, origin: c.Self, seqno: 1 << 32}
	for i, to := range c.Neighbours {
		a.links = append(a.links, adjacency{to, c.Costs[i]})
	}
	return int64(len((&advertPayload{advert: a}).AppendJSON(nil)))
}
