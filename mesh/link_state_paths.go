package mesh

import (
	"time"

	"meshsim/sim"
	"meshsim/sim/planted"
)

// pathFinder computes a node's shortest paths over adverts.
type pathFinder struct {
	routes []path // by destination
	before []path // those before the latest find
	done   []bool
}

// path is the best path known to a node: the least cost and, among paths of that
// cost, the fewest hops; of those the one with the smallest next hop. Labels strictly
// grow along a path, so that nodes which know the same links make no loop.
type path struct {
	cost time.Duration
	hops int32
	next sim.NodeID // NoNode: there is none
}

func (p path) less(q path) bool {
	if p.cost != q.cost {
		return p.cost < q.cost
	}
	if p.hops != q.hops {
		return p.hops < q.hops
	}
	return p.next < q.next
}

func newPathFinder(nodes int) pathFinder {
	f := pathFinder{routes: make([]path, nodes), before: make([]path, nodes), done: make([]bool, nodes)}
	f.reset()
	return f
}

// reset forgets all routes.
func (f *pathFinder) reset() {
	for i := range f.routes {
		f.routes[i] = path{next: sim.NoNode}
	}
}

// next is the next hop to a destination.
func (f *pathFinder) next(d sim.NodeID) (sim.NodeID, bool) {
	if uint(d) >= uint(len(f.routes)) {
		return sim.NoNode, false
	}
	next := f.routes[d].next
	return next, next != sim.NoNode
}

// find computes the paths from a node over the links that both ends advertise, in
// the plain form of Dijkstra ("A note on two problems in connexion with graphs",
// 1959), whose time grows with the square of the number of nodes.
func (f *pathFinder) find(base []advertEntry, self sim.NodeID) {
	f.routes, f.before = f.before, f.routes
	f.reset()
	clear(f.done)
	for at := self; at != sim.NoNode; at = f.nearest() {
		f.done[at] = true
		a := base[at].advert
		if a == nil {
			continue
		}
		for _, l := range a.links {
			if f.done[l.to] || !bothAdvertise(base, a, l.to) {
				continue
			}
			p := path{f.routes[at].cost + l.cost, f.routes[at].hops + 1, f.routes[at].next}
			if at == self {
				p.next = l.to
			}
			if known := f.routes[l.to]; known.next == sim.NoNode || p.less(known) {
				f.routes[l.to] = p
			}
		}
	}
}

// nearest is the node with the least path of those not yet done, or NoNode.
func (f *pathFinder) nearest() sim.NodeID {
	best := sim.NoNode
	for i, p := range f.routes {
		if !f.done[i] && p.next != sim.NoNode && (best == sim.NoNode || p.less(f.routes[best])) {
			best = sim.NodeID(i)
		}
	}
	return best
}

// bothAdvertise reports whether the other end of a link that is advertised
// advertises it too.
func bothAdvertise(base []advertEntry, a *advert, to sim.NodeID) bool {
	if planted.Bug == planted.OneSided {
		return true
	}
	back := base[to].advert
	return back != nil && back.leadsTo(a.origin)
}
