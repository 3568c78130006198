package mesh

import (
	"time"

	"meshsim/sim"
	"meshsim/sim/planted"
	"meshsim/trace"
)

// DistanceVector is the strategy distance_vector, and the protocol behind it:
// neighbours tell each other how far every destination is, as in Babel (RFC 8966).
// A route is taken only if it is feasible, so that the next hops towards a destination
// form no loop at any instant, whatever is lost, late or out of order. Where that
// leaves no route a request makes the destination raise its sequence number, which
// makes new routes feasible.
//
// Unlike in Babel every change of a route is told at once, one of the sequence number
// alone too, and requests go to all neighbours rather than along a route that may be
// stale: both bound the time to converge. What was learnt does not survive a crash;
// Stable does.
//
// From when nothing changes any more, no wire loses anything or lets copies overtake,
// and all that was under way has arrived, all routes are right within
//
//	(7 + 4r) · 1.1 · Hello + 4 · n · (settleDelay + l)
//
// with n, l and r as for LinkState: lost retractions come to light when what was said
// before is lifetime · r ticks old; in n rounds, one settling and one link each, routes
// that lead nowhere are gone; in n more each node has its shortest path or has asked
// for a number, which takes n more to get there and n to be back everywhere.
type DistanceVector struct {
	hellos
	stable  *Stable
	learnt  [][]vector // by place of the neighbour, by destination
	routes  []vectorRoute
	asked   []request // by destination
	news    []bool    // destinations of which neighbours are to be told
	hungry  []bool    // destinations to which all routes, or the shortest, are infeasible
	spoken  uint64    // tick of the latest full advertisement
	vectors slab[vectorPayload]
	wants   slab[requestPayload]
	entries []vectorEntry // room for those of payloads to come
	alone   []sim.NodeID  // scratch: one neighbour

	careless bool // the feasibility condition is off, for a test that counts to infinity
}

// Stable is what a node keeps through every crash, as if on disk: the proof that
// there is no loop needs it. The zero value is that of a node before its first start.
type Stable struct {
	seqno    uint64     // the node's own
	feasible []distance // by destination: the least that this node ever advertised
}

// distance is a pair that orders what is said of a destination: newer first, then
// nearer. The zero value is worse than all others.
type distance struct {
	seqno  uint64
	metric time.Duration
}

// better is the feasibility condition of RFC 8966, section 3.5.1: newer, or as new and
// strictly nearer.
func (d distance) better(than distance) bool {
	if planted.Bug == planted.FeasibleEqual && d == than {
		return true
	}
	return d.seqno > than.seqno || d.seqno == than.seqno && d.metric < than.metric
}

// vector is what a neighbour said last of a destination.
type vector struct {
	distance
	reachable bool
	heard     uint64 // tick
}

// vectorRoute is the route that a node uses.
type vectorRoute struct {
	distance       // of this node: the metric includes the link to the next hop
	place    int32 // of the next hop; −1: there is no route
}

var noRoute = vectorRoute{place: -1}

// shorter reports whether there is this route and the other is longer, or there is none.
func (r vectorRoute) shorter(than vectorRoute) bool {
	return r.place >= 0 && (than.place < 0 || r.metric < than.metric)
}

// request is the latest one for a destination that this node sent or passed on.
type request struct{ seqno, tick uint64 }

// NewDistanceVector returns the protocol of one node; stable is kept and written to.
func NewDistanceVector(c RoutingConfig, stable *Stable) *DistanceVector {
	nodes := len(c.Names)
	d := &DistanceVector{
		hellos: newHellos(c), stable: stable, learnt: make([][]vector, len(c.Neighbours)),
		routes: make([]vectorRoute, nodes), asked: make([]request, nodes), news: make([]bool, nodes), hungry: make([]bool, nodes),
	}
	for i := range d.learnt {
		d.learnt[i] = make([]vector, nodes)
	}
	if stable.feasible == nil {
		stable.feasible = make([]distance, nodes)
	}
	d.forgetRoutes()
	return d
}

// Policy is the forwarding by the routes that the protocol chose.
func (d *DistanceVector) Policy() *SinglePath {
	return &SinglePath{Rule: func(_ View, e *Envelope) (sim.NodeID, bool) {
		if uint(e.Destination) >= uint(len(d.routes)) {
			return sim.NoNode, false
		}
		next := d.next(e.Destination)
		return next, next != sim.NoNode
	}}
}

func (d *DistanceVector) next(to sim.NodeID) sim.NodeID {
	if place := d.routes[to].place; place >= 0 {
		return d.Neighbours[place]
	}
	return sim.NoNode
}

// Types implements Protocol.
func (d *DistanceVector) Types() []string {
	return []string{typeHello, typeDistanceVector, typeSeqnoRequest}
}

// Take implements Protocol.
func (d *DistanceVector) Take(c *Context, e *Envelope, from sim.NodeID) trace.Reason {
	switch p := e.Payload.(type) {
	case *helloPayload:
		d.take(c, p, from)
		d.review(c)
	case *vectorPayload:
		if place := d.place(from); place >= 0 {
			d.learn(c, p, place)
		}
	case *requestPayload:
		d.answer(c, p, from)
	default:
		return trace.UnknownType // an application that uses the name of a control message
	}
	return trace.NoReason
}

// Tell implements Protocol.
func (d *DistanceVector) Tell(c *Context, in *Input) {
	switch {
	case in.Kind == Start:
		d.forgetRoutes()
		d.stable.seqno = max(d.stable.seqno, 1)
		d.spoken = d.ticks
		d.start(c, in.Tag)
	case in.Kind == Timer && in.Tag == tagTick:
		d.tick(c)
		d.forgetOld(c)
		d.review(c)
		d.askAgain(c)
		if d.ticks-d.spoken >= d.refresh() {
			d.spoken = d.ticks
			d.sayAll(c, d.adjacentBut(sim.NoNode))
		}
	case in.Kind == Timer:
		d.settling = false
		d.sayNews(c)
	default:
		d.link(c, in)
		d.review(c)
		if in.Kind == LinkCost {
			d.chooseAll(c)
		}
	}
}

// forgetRoutes returns to what a node knows when it starts.
func (d *DistanceVector) forgetRoutes() {
	for i := range d.learnt {
		clear(d.learnt[i])
	}
	for i := range d.routes {
		d.routes[i] = noRoute
	}
	clear(d.asked)
	clear(d.news)
	clear(d.hungry)
}

// review acts on adjacencies that came or went: a new neighbour is told everything,
// and what a lost one said is forgotten.
func (d *DistanceVector) review(c *Context) {
	d.look(c, func(i int) {
		if link := &d.links[i]; link.adjacent {
			d.alone = append(d.alone[:0], link.to)
			d.sayAll(c, d.alone)
		} else {
			clear(d.learnt[i])
		}
		d.chooseAll(c)
	})
}

// learn takes what a neighbour says, whether it is feasible or not.
func (d *DistanceVector) learn(c *Context, p *vectorPayload, place int) {
	for _, e := range p.entries {
		if e.destination != d.Self {
			d.learnt[place][e.destination] = vector{e.distance, e.reachable, d.ticks}
			d.choose(c, e.destination)
		}
	}
}

// answer handles a request: the destination raises its sequence number by one, whoever
// has a route that is new enough tells it, and all others pass the request on, once.
func (d *DistanceVector) answer(c *Context, p *requestPayload, from sim.NodeID) {
	to := p.destination
	switch {
	case to == d.Self:
		if p.seqno > d.stable.seqno && planted.Bug != planted.SeqnoKept {
			d.stable.seqno++
		}
		d.tellOf(c, to)
	case d.routes[to].place >= 0 && d.routes[to].seqno >= p.seqno:
		d.tellOf(c, to)
	case d.isNewRequest(to, p.seqno):
		c.SendControl(typeSeqnoRequest, p, d.adjacentBut(from))
	}
}

// isNewRequest notes a request, unless one as new was sent since the last tick.
func (d *DistanceVector) isNewRequest(to sim.NodeID, seqno uint64) bool {
	if r := d.asked[to]; seqno <= r.seqno && d.ticks <= r.tick {
		return false
	}
	d.asked[to] = request{seqno, d.ticks}
	return true
}

// ask requests a new sequence number of a destination, unless it just did.
func (d *DistanceVector) ask(c *Context, to sim.NodeID) {
	seqno := d.stable.feasible[to].seqno + 1
	if !d.isNewRequest(to, seqno) {
		return
	}
	p := d.wants.take()
	*p = requestPayload{names: d.Names, destination: to, seqno: seqno}
	d.buf = p.set(p, d.buf)
	c.SendControl(typeSeqnoRequest, p, d.adjacentBut(sim.NoNode))
}

// askAgain repeats requests that have not helped.
func (d *DistanceVector) askAgain(c *Context) {
	for to, hungry := range d.hungry {
		if hungry {
			d.ask(c, sim.NodeID(to))
		}
	}
}

// forgetOld forgets what neighbours have not repeated for too long.
func (d *DistanceVector) forgetOld(c *Context) {
	for i := range d.learnt {
		for to := range d.learnt[i] {
			if v := &d.learnt[i][to]; v.reachable && d.ticks-v.heard >= lifetime*d.refresh() {
				v.reachable = false
				d.choose(c, sim.NodeID(to))
			}
		}
	}
}

func (d *DistanceVector) chooseAll(c *Context) {
	for to := range d.routes {
		if sim.NodeID(to) != d.Self {
			d.choose(c, sim.NodeID(to))
		}
	}
}

// choose selects the route to a destination anew: of the feasible ones the shortest;
// of those that are as short the one in use, else that over the smallest neighbour.
//
// If none is feasible, or a shorter one is not, that is worth a request (RFC 8966,
// section 3.8.2). But to one that is older than the node's own the latest number is
// still on its way: to ask for the next one then could go on forever.
func (d *DistanceVector) choose(c *Context, to sim.NodeID) {
	was, best, barred := d.routes[to], noRoute, noRoute
	for i := range d.learnt {
		v, link := &d.learnt[i][to], &d.links[i]
		if !v.reachable || !link.adjacent {
			continue
		}
		metric := v.metric + max(link.cost, 1) // a link of no cost would not lead nearer
		route := vectorRoute{distance{v.seqno, metric}, int32(i)}
		switch {
		case !d.careless && !v.better(d.stable.feasible[to]):
			if route.shorter(barred) {
				barred = route
			}
		case route.shorter(best), route.metric == best.metric && route.place == was.place:
			best = route
		}
	}
	if best.place >= 0 && best.better(d.stable.feasible[to]) {
		d.stable.feasible[to] = best.distance
	}
	wasHungry := d.hungry[to]
	d.hungry[to] = barred.shorter(best) && (best.place < 0 || barred.seqno == d.stable.feasible[to].seqno)
	if d.hungry[to] && !wasHungry {
		d.settle(c)
	}
	if best == was {
		return
	}
	d.routes[to] = best
	d.tellOf(c, to)
	if best.place != was.place || best.metric != was.metric {
		c.RouteChanged(to, d.next(to), best.metric, best.seqno)
	}
}

// tellOf has neighbours told of a destination soon.
func (d *DistanceVector) tellOf(c *Context, to sim.NodeID) {
	d.news[to] = true
	d.settle(c)
}
