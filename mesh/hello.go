package mesh

import (
	"slices"
	"strconv"
	"time"

	"meshsim/sim"
	"meshsim/trace"
)

// RoutingConfig is what a routing protocol is made of. All fields are required.
type RoutingConfig struct {
	Self       sim.NodeID
	Names      []string        // node ids by number; kept and not written to
	Neighbours []sim.NodeID    // in ascending order; kept and not written to
	Costs      []time.Duration // of the links to them: mean latency; copied
	Hello      time.Duration   // between two hellos, above 0
	Advertise  time.Duration   // between two advertisements of all that a node says; Hello or more
	Chance     sim.Stream      // of the node's own, for jitter
}

const (
	// deadAfter hello intervals without a hello a neighbour is given up. OSPF too
	// waits for four (RFC 2328, appendix C.3).
	deadAfter = 4
	// lifetime is how many advertisements may be lost before what they say is
	// forgotten.
	lifetime = 4
	// settleDelay is how long a node gathers changes before it tells others of them
	// and computes routes, so that changes that come together cost one message.
	settleDelay = 20 * time.Millisecond
)

// Types of control messages.
const (
	typeHello          = "ROUTE_HELLO"
	typeLinkState      = "LINK_STATE"
	typeDistanceVector = "DISTANCE_VECTOR"
	typeSeqnoRequest   = "SEQNO_REQUEST"
)

// Tags of the timers of a routing protocol.
const (
	tagTick   = iota // a hello is due
	tagSettle        // changes were gathered long enough
)

// hellos finds out with which neighbours a node can talk both ways: those whose
// hellos it hears, and who say in them that they hear its own. A neighbour that
// falls silent is given up after deadAfter ticks. Time is counted in ticks, one per
// hello, as a clock may be set back.
type hellos struct {
	RoutingConfig
	links    []helloLink // as Neighbours
	ticks    uint64
	seqno    uint64
	settling bool         // a timer for it is set
	heard    []sim.NodeID // as the latest hello said; payloads share it
	payloads slab[helloPayload]

	listening []sim.NodeID // scratch: neighbours that are heard
	to        []sim.NodeID // scratch: who gets a message
	buf       []byte       // scratch: its JSON
}

// helloLink is what a node knows of one neighbour and the link to it.
type helloLink struct {
	to       sim.NodeID
	cost     time.Duration
	down     bool   // the link is down, as the node was told
	hears    bool   // it has heard a hello lately
	listed   bool   // the latest of which lists this node
	seqno    uint64 // of that hello
	silence  uint64 // ticks since
	adjacent bool   // as of the latest look: both hear each other and neither blocks
}

func newHellos(c RoutingConfig) hellos {
	if c.Hello <= 0 || c.Advertise < c.Hello {
		panic("mesh: intervals of a routing protocol out of range")
	}
	h := hellos{RoutingConfig: c, links: make([]helloLink, len(c.Neighbours))}
	for i, n := range c.Neighbours {
		h.links[i] = helloLink{to: n, cost: c.Costs[i]}
	}
	return h
}

// refresh is the number of ticks between two full advertisements.
func (h *hellos) refresh() uint64 { return uint64((h.Advertise + h.Hello - 1) / h.Hello) }

// place is the place of a neighbour in links, or −1.
func (h *hellos) place(id sim.NodeID) int {
	i, ok := slices.BinarySearch(h.Neighbours, id)
	if !ok {
		return -1
	}
	return i
}

// start forgets all that was heard: whoever comes back must be heard anew. The
// sequence number goes on, since an incarnation, kept as if on disk, is its high half.
func (h *hellos) start(c *Context, incarnation uint64) {
	for i := range h.links {
		h.links[i] = helloLink{to: h.links[i].to, cost: h.links[i].cost}
	}
	h.seqno = max(h.seqno, incarnation<<32)
	h.settling = false
	h.greet(c, h.links...)
	h.wakeToTick(c)
}

// tick is due once per hello: silent neighbours are given up, and the hello goes out.
func (h *hellos) tick(c *Context) {
	h.ticks++
	for i := range h.links {
		l := &h.links[i]
		if l.silence++; l.silence >= deadAfter {
			l.hears, l.listed = false, false
		}
	}
	h.greet(c, h.links...)
	h.wakeToTick(c)
}

// wakeToTick asks for the next tick, a hello interval ± 10 % from now, so that
// neighbours don't speak in step (RFC 5148, section 5.1).
func (h *hellos) wakeToTick(c *Context) {
	c.Wake(jittered(h.Hello, h.Chance.Draw(sim.Key{N: h.seqno}, 0)), tagTick)
}

// settle asks for a timer with tagSettle, unless one is set.
func (h *hellos) settle(c *Context) {
	if !h.settling {
		h.settling = true
		c.Wake(settleDelay, tagSettle)
	}
}

// greet sends a hello to these neighbours, but over links that are down and to
// blocked ones.
func (h *hellos) greet(c *Context, links ...helloLink) {
	h.to = h.to[:0]
	for i := range links {
		if l := &links[i]; !l.down && !c.Blocked(l.to) {
			h.to = append(h.to, l.to)
		}
	}
	h.listening = h.listening[:0]
	for i := range h.links {
		if h.links[i].hears {
			h.listening = append(h.listening, h.links[i].to)
		}
	}
	if !slices.Equal(h.listening, h.heard) {
		h.heard = slices.Clone(h.listening)
	}
	h.seqno++
	p := h.payloads.take()
	*p = helloPayload{names: h.Names, seqno: h.seqno, heard: h.heard}
	h.buf = p.set(p, h.buf)
	c.SendControl(typeHello, p, h.to)
}

// take handles a hello. Whoever is heard for the first time gets one at once, so
// that both need not wait for the next tick.
func (h *hellos) take(c *Context, p *helloPayload, from sim.NodeID) {
	i := h.place(from)
	if i < 0 {
		return // it can't be answered: the link leads one way
	}
	l := &h.links[i]
	if l.hears && p.seqno <= l.seqno {
		return // overtaken by a later one
	}
	isNew := !l.hears
	l.hears, l.silence, l.seqno = true, 0, p.seqno
	l.listed = slices.Contains(p.heard, h.Self)
	if isNew {
		h.greet(c, *l)
	}
}

// link handles news of the link to a neighbour.
func (h *hellos) link(c *Context, in *Input) {
	i := h.place(in.From)
	if i < 0 {
		return
	}
	l := &h.links[i]
	switch in.Kind {
	case NeighbourDown:
		l.down, l.hears, l.listed = true, false, false
	case NeighbourUp:
		l.down = false
		h.greet(c, *l)
	case LinkCost:
		l.cost = in.Cost
	}
}

// look brings adjacency up to date and calls turned for each neighbour for which it
// changed. A node doesn't use, nor advertise, the link to one that it blocks.
func (h *hellos) look(c *Context, turned func(place int)) {
	for i := range h.links {
		l := &h.links[i]
		if now := !l.down && l.hears && l.listed && !c.Blocked(l.to); now != l.adjacent {
			l.adjacent = now
			turned(i)
		}
	}
}

// adjacentBut lists the adjacent neighbours but one, or all of them but NoNode. The
// slice is used again by the next call.
func (h *hellos) adjacentBut(but sim.NodeID) []sim.NodeID {
	h.to = h.to[:0]
	for i := range h.links {
		if l := &h.links[i]; l.adjacent && l.to != but {
			h.to = append(h.to, l.to)
		}
	}
	return h.to
}

// helloPayload is a hello: {"heard":["n2"],"seqno":7}.
type helloPayload struct {
	seal
	names []string
	heard []sim.NodeID // neighbours whose hellos its sender hears
	seqno uint64
}

// AppendJSON implements Payload.
func (p *helloPayload) AppendJSON(b []byte) []byte {
	b = append(b, `{"heard":[`...)
	for i, id := range p.heard {
		if i > 0 {
			b = append(b, ',')
		}
		b = trace.AppendJSONString(b, p.names[id])
	}
	b = append(b, `],"seqno":`...)
	b = strconv.AppendUint(b, p.seqno, 10)
	return append(b, '}')
}
