// Package draw turns a graph into pictures and into files of graph tools: SVG,
// DOT and GraphML. Equal pictures give equal bytes on one machine.
package draw

import (
	"slices"
	"strconv"
	"time"

	"meshsim/netmodel"
)

// Picture is a graph with what is worth seeing of it.
type Picture struct {
	Title   string
	Caption string // one line below the title
	Nodes   []Node
	Links   []Link // each direction by itself, sorted by From, then To
}

// Node is one node.
type Node struct {
	ID    string
	Label string // shown instead of the id; "" for none
	Kind  string
	Place netmodel.Place
	Group int  // nodes of one group have one colour
	Cut   bool // without it the graph falls apart
}

// Link is one direction of a link.
type Link struct {
	From, To  int // places in Nodes
	Latency   time.Duration
	Bandwidth int64  // bit/s; 0: unlimited
	Loss      string // as in a scenario; "" for none
	Bridge    bool   // without it the graph falls apart
}

// edge is what lies between two nodes: a link one way, or both.
type edge struct {
	a, b     int // a < b
	there    *Link
	back     *Link
	straight bool // both ways, and alike
}

// edges pairs up the directions, sorted by both ends.
func (p *Picture) edges() []edge {
	places := map[[2]int]int{}
	var all []edge
	for i := range p.Links {
		l := &p.Links[i]
		ends := [2]int{min(l.From, l.To), max(l.From, l.To)}
		at, known := places[ends]
		if !known {
			at = len(all)
			places[ends] = at
			all = append(all, edge{a: ends[0], b: ends[1]})
		}
		if l.From < l.To {
			all[at].there = l
		} else {
			all[at].back = l
		}
	}
	for i := range all {
		e := &all[i]
		if e.there != nil && e.back != nil {
			e.straight = e.there.Latency == e.back.Latency && e.there.Bandwidth == e.back.Bandwidth && e.there.Loss == e.back.Loss
		}
	}
	slices.SortFunc(all, func(x, y edge) int { return slices.Compare([]int{x.a, x.b}, []int{y.a, y.b}) })
	return all
}

// undirected reports whether every link goes both ways alike: such a graph needs
// no arrows.
func undirected(edges []edge) bool {
	return !slices.ContainsFunc(edges, func(e edge) bool { return !e.straight })
}

// either is a direction of the edge that exists.
func (e *edge) either() *Link {
	if e.there != nil {
		return e.there
	}
	return e.back
}

// property is something that a file says of a node or a link.
type property struct{ name, kind, value string } // kind as in GraphML: string long double

func (n *Node) properties() []property {
	var all []property
	if n.Label != "" {
		all = append(all, property{"label", "string", n.Label})
	}
	if n.Kind != "" {
		all = append(all, property{"kind", "string", n.Kind})
	}
	switch x, y := n.Place.X, n.Place.Y; n.Place.Kind {
	case netmodel.OnEarth:
		all = append(all, property{"lat", "double", decimal(y, 1e7)}, property{"lon", "double", decimal(x, 1e7)})
	case netmodel.InSquare:
		all = append(all, property{"x", "double", decimal(x, 1<<32)}, property{"y", "double", decimal(y, 1<<32)})
	}
	return all
}

func (l *Link) properties() []property {
	all := []property{{"latency_ns", "long", strconv.FormatInt(int64(l.Latency), 10)}}
	if l.Bandwidth > 0 {
		all = append(all, property{"bandwidth", "long", strconv.FormatInt(l.Bandwidth, 10)})
	}
	if l.Loss != "" {
		all = append(all, property{"loss", "string", l.Loss})
	}
	return all
}

func decimal(n int64, unit float64) string {
	return strconv.FormatFloat(float64(n)/unit, 'g', -1, 64)
}
