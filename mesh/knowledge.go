package mesh

import (
	"time"

	"meshsim/sim"
)

// Knowledge is what a node that learns its routes knows at one moment, for those who
// look at a run.
type Knowledge struct {
	Seqno       uint64        `json:"seqno"` // link_state: of its latest advert; distance_vector: as a destination
	Adjacencies []Adjacency   `json:"adjacencies"`
	Adverts     []KnownAdvert `json:"adverts,omitempty"` // link_state: the newest of each origin
	Routes      []KnownRoute  `json:"routes,omitempty"`  // distance_vector: of each destination that it ever had a route to
}

// Adjacency is what a node knows of a neighbour.
type Adjacency struct {
	Neighbour string `json:"neighbour"`
	CostNS    int64  `json:"cost_ns"`  // of the link to it
	Heard     bool   `json:"heard"`    // its hellos come
	Adjacent  bool   `json:"adjacent"` // both hear each other, and the link is used
}

// KnownAdvert is an advert as a node knows it.
type KnownAdvert struct {
	Origin string `json:"origin"`
	Seqno  uint64 `json:"seqno"`
	AgeNS  int64  `json:"age_ns"` // in whole hello intervals
	Links  []Cost `json:"links"`
}

// Cost is that of the link to a node.
type Cost struct {
	To     string `json:"to"`
	CostNS int64  `json:"cost_ns"`
}

// KnownRoute is a route as a node knows it.
type KnownRoute struct {
	Destination string   `json:"destination"`
	Next        string   `json:"next"` // "": there is none
	MetricNS    int64    `json:"metric_ns"`
	Seqno       uint64   `json:"seqno"`
	Feasible    Feasible `json:"feasible"`
}

// Feasible is the feasibility distance: only what is better may become the route.
type Feasible struct {
	MetricNS int64  `json:"metric_ns"`
	Seqno    uint64 `json:"seqno"`
}

// learner is a protocol that can say what it knows.
type learner interface{ knowledge() *Knowledge }

// Knowledge is what the node has learnt of routes; nil if it does not learn any.
func (r *Router) Knowledge() *Knowledge {
	for _, p := range r.protocols.all {
		if l, ok := p.(learner); ok {
			return l.knowledge()
		}
	}
	return nil
}

func (h *hellos) neighbourhood() []Adjacency {
	all := []Adjacency{}
	for i := range h.links {
		l := &h.links[i]
		all = append(all, Adjacency{h.Names[l.to], int64(l.cost), l.hears, l.adjacent})
	}
	return all
}

func (l *LinkState) knowledge() *Knowledge {
	k := &Knowledge{Seqno: l.seqno, Adjacencies: l.neighbourhood()}
	for origin := range l.base {
		a := l.base[origin].advert
		if a == nil {
			continue
		}
		age := time.Duration(int64(l.ticks)-l.base[origin].born) * l.Hello
		known := KnownAdvert{Origin: l.Names[origin], Seqno: a.seqno, AgeNS: int64(age), Links: []Cost{}}
		for _, to := range a.links {
			known.Links = append(known.Links, Cost{l.Names[to.to], int64(to.cost)})
		}
		k.Adverts = append(k.Adverts, known)
	}
	return k
}

func (d *DistanceVector) knowledge() *Knowledge {
	k := &Knowledge{Seqno: d.stable.seqno, Adjacencies: d.neighbourhood()}
	for to := range d.routes {
		feasible, route := d.stable.feasible[to], d.routes[to]
		if feasible == (distance{}) {
			continue
		}
		known := KnownRoute{Destination: d.Names[to], Feasible: Feasible{int64(feasible.metric), feasible.seqno}}
		if next := d.next(sim.NodeID(to)); next != sim.NoNode {
			known.Next, known.MetricNS, known.Seqno = d.Names[next], int64(route.metric), route.seqno
		}
		k.Routes = append(k.Routes, known)
	}
	return k
}
