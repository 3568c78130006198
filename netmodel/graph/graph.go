// Package graph measures the graph of a mesh: how large and how connected it is,
// what it hangs on, who is central, which ways there are. It looks at a graph that
// stands still and takes no part in a run.
//
// Two views of it matter. Routes, k shortest paths, minimum cuts and PageRank follow
// links in their direction; everything else takes two nodes as linked when a link
// leads either way. Nodes are numbers in the order in which New got their names, and
// every answer is in that order, so that it is the same on every call and in every
// process. EigenTrust and BetaReputation look at what nodes hold of each other
// instead.
package graph

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"meshsim/netmodel"
	"meshsim/sim"
)

// Link is one direction of a link.
type Link struct {
	From, To  int
	Latency   time.Duration // mean propagation, 0 or more: what routes keep small
	Bandwidth int64         // bit/s; 0: unlimited
}

// Graph is a graph that does not change. It remembers routes, so it is not safe for
// concurrent use.
type Graph struct {
	names  []string
	links  []Link   // by From, then To
	first  []int    // links out of node i are links[first[i]:first[i+1]]
	beside [][]int  // neighbours in either direction, ascending
	edges  [][2]int // pairs that are linked in either direction, A < B, ascending

	// The simulator's own routing, so that routes are those of a run. Nil when
	// there are no nodes.
	net *netmodel.Network
}

// New returns the graph of so many named nodes. Names should be in the order of the
// nodes' keys, which is how ties are decided in a run. It refuses what a network
// refuses: unknown ends, a node linked to itself, two links with the same ends,
// and values out of range.
func New(names []string, links []Link) (*Graph, error) {
	g := &Graph{
		names: slices.Clone(names), links: slices.Clone(links),
		first: make([]int, len(names)+1), beside: make([][]int, len(names)),
	}
	if len(names) == 0 && len(links) > 0 {
		return nil, fmt.Errorf("%d links and no node", len(links))
	}
	if len(names) > 0 {
		specs := make([]netmodel.LinkSpec, len(links))
		for i, l := range links {
			specs[i] = netmodel.LinkSpec{
				From: sim.NodeID(l.From), To: sim.NodeID(l.To),
				Latency: netmodel.Constant(l.Latency), Bandwidth: l.Bandwidth,
			}
			if l.From != int(specs[i].From) || l.To != int(specs[i].To) {
				return nil, fmt.Errorf("link %d: no node %d or %d", i, l.From, l.To)
			}
		}
		var err error
		if g.net, err = netmodel.New(0, g.names, specs); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(g.links, func(a, b Link) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	for _, l := range g.links {
		g.first[l.From+1]++
		g.edges = append(g.edges, [2]int{min(l.From, l.To), max(l.From, l.To)})
	}
	for i := range names {
		g.first[i+1] += g.first[i]
	}
	slices.SortFunc(g.edges, comparePairs)
	g.edges = slices.Compact(g.edges)
	for _, e := range g.edges { // ascending at both ends: a's lesser neighbours come first
		g.beside[e[0]] = append(g.beside[e[0]], e[1])
		g.beside[e[1]] = append(g.beside[e[1]], e[0])
	}
	return g, nil
}

func comparePairs(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }

// Nodes is the number of nodes.
func (g *Graph) Nodes() int { return len(g.names) }

// Name is the name of a node.
func (g *Graph) Name(node int) string { return g.names[node] }

// Find is the number of a node by name.
func (g *Graph) Find(name string) (int, bool) {
	i := slices.Index(g.names, name)
	return i, i >= 0
}

// Links lists the directed links by From, then To. The slice is the graph's own: do
// not change it.
func (g *Graph) Links() []Link { return g.links }

// Edges lists the pairs of nodes that are linked in either direction, the lesser
// first, ascending. The slice is the graph's own: do not change it.
func (g *Graph) Edges() [][2]int { return g.edges }

// Neighbours lists the nodes that are linked with a node in either direction,
// ascending. The slice is the graph's own: do not change it.
func (g *Graph) Neighbours(node int) []int { return g.beside[node] }

// out are the links that lead away from a node.
func (g *Graph) out(node int) []Link { return g.links[g.first[node]:g.first[node+1]] }

// link finds a directed link.
func (g *Graph) link(from, to int) (Link, bool) {
	out := g.out(from)
	i, ok := slices.BinarySearchFunc(out, to, func(l Link, to int) int { return cmp.Compare(l.To, to) })
	if !ok {
		return Link{}, false
	}
	return out[i], true
}

// edge is the place of a pair in Edges.
func (g *Graph) edge(a, b int) int {
	i, _ := slices.BinarySearchFunc(g.edges, [2]int{min(a, b), max(a, b)}, comparePairs)
	return i
}

// Without is the graph that is left when nodes, with their links, and directed
// links are taken out. now tells the new number of each node, or −1.
func (g *Graph) Without(nodes []int, links [][2]int) (left *Graph, now []int) {
	now = make([]int, len(g.names))
	for _, n := range nodes {
		now[n] = -1
	}
	var names []string
	for i := range now {
		if now[i] == 0 {
			now[i] = len(names)
			names = append(names, g.names[i])
		}
	}
	gone := map[[2]int]bool{}
	for _, l := range links {
		gone[l] = true
	}
	var rest []Link
	for _, l := range g.links {
		if now[l.From] >= 0 && now[l.To] >= 0 && !gone[[2]int{l.From, l.To}] {
			l.From, l.To = now[l.From], now[l.To]
			rest = append(rest, l)
		}
	}
	left, err := New(names, rest)
	if err != nil {
		panic(fmt.Sprintf("graph: a part of a graph is none: %v", err)) // its bounds grow with fewer nodes
	}
	return left, now
}

// namesOf puts names to nodes; never nil, so that JSON has a list.
func (g *Graph) namesOf(nodes []int) []string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = g.names[n]
	}
	return names
}

func (g *Graph) namesOfPairs(pairs [][2]int) [][]string {
	names := make([][]string, len(pairs))
	for i, p := range pairs {
		names[i] = g.namesOf(p[:])
	}
	return names
}
