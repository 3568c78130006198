package graph

import (
	"cmp"
	"slices"
	"time"

	"meshsim/netmodel"
	"meshsim/sim"
)

// Route is a way from one node to another.
type Route struct {
	Latency time.Duration // sum of the links' means
	Path    []int         // both ends included
}

// Hops is the number of links of the route.
func (r *Route) Hops() int { return len(r.Path) - 1 }

// Route is the way that shortest_path takes in a run, when everything is up: the
// least sum of mean latencies and, hop by hop, of all next nodes on such ways the
// one with the least key. Of a node to itself it is the node. It reports false when
// no way leads there.
func (g *Graph) Route(source, destination int) (Route, bool) {
	latency, hops, ok := g.net.Distance(sim.NodeID(source), sim.NodeID(destination))
	if !ok {
		return Route{}, false
	}
	path := make([]int, 1, hops+1)
	path[0] = source
	for at := source; at != destination; path = append(path, at) {
		next, _ := g.net.NextHop(sim.NodeID(at), sim.NodeID(destination))
		at = int(next)
	}
	return Route{latency, path}, true
}

// Distance is the latency of a route and its number of links, without the path.
func (g *Graph) Distance(source, destination int) (latency time.Duration, hops int, ok bool) {
	return g.net.Distance(sim.NodeID(source), sim.NodeID(destination))
}

// eachPair calls f for all ordered pairs of different nodes, by destination: a tree
// of shortest paths serves one destination.
func (g *Graph) eachPair(f func(source, destination int)) {
	for to := range g.names {
		for from := range g.names {
			if from != to {
				f(from, to)
			}
		}
	}
}

// Loads counts for each of Edges the routes of ordered pairs that cross it.
func (g *Graph) Loads() []int {
	loads := make([]int, len(g.edges))
	byHops := make([]int, len(g.names))
	through := make([]int, len(g.names)) // routes that leave or cross a node
	hops := make([]int, len(g.names))
	for to := range g.names {
		byHops = byHops[:0]
		for from := range g.names {
			_, h, ok := g.Distance(from, to)
			if hops[from], through[from] = h, 1; ok && from != to {
				byHops = append(byHops, from)
			}
		}
		slices.SortFunc(byHops, func(a, b int) int { return cmp.Compare(hops[b], hops[a]) })
		for _, from := range byHops { // farthest first: all that come through it are counted
			next, _ := g.net.NextHop(sim.NodeID(from), sim.NodeID(to))
			loads[g.edge(from, int(next))] += through[from]
			through[next] += through[from]
		}
	}
	return loads
}

// Paths are the k shortest ways without a node twice, fewer when there are fewer,
// by latency, then by the order of their nodes; the first is the Route. The method
// is J. Y. Yen, "Finding the K Shortest Loopless Paths in a Network", Management
// Science 17(11), 1971. gonum's own adds latencies as floats, which stop being
// exact at 104 days, and leaves the order of equals open.
//
// Among links of latency 0 equals may come in another order.
func (g *Graph) Paths(source, destination, k int) []Route {
	best, ok := g.Route(source, destination)
	if !ok || k < 1 {
		return nil
	}
	found := []Route{best}
	var candidates []Route
	for len(found) < k {
		last := found[len(found)-1]
		for spur := range last.Path[:last.Hops()] {
			if r, ok := g.deviate(found, last.Path[:spur+1], destination); ok {
				candidates = append(candidates, r)
			}
		}
		if len(candidates) == 0 {
			break
		}
		next := slices.MinFunc(candidates, compareRoutes)
		candidates = slices.DeleteFunc(candidates, next.is) // which may have been found more than once
		found = append(found, next)
	}
	return found
}

// deviate is the best way that begins with root, passes no node of it again, and
// leaves it otherwise than the ways found do. The rest of it is routed around
// links that are held down.
func (g *Graph) deviate(found []Route, root []int, destination int) (Route, bool) {
	spur := root[len(root)-1]
	var down netmodel.LinkDownFault
	hold := func(from, to int) {
		down.Links = append(down.Links, netmodel.Ends{From: sim.NodeID(from), To: sim.NodeID(to)})
	}
	for _, r := range found {
		if len(r.Path) > len(root) && slices.Equal(r.Path[:len(root)], root) {
			hold(spur, r.Path[len(root)])
		}
	}
	var latency time.Duration
	for i, node := range root[:len(root)-1] {
		l, _ := g.link(node, root[i+1])
		latency += l.Latency
		for _, out := range g.out(node) { // a node that can't be left is no relay
			hold(node, out.To)
		}
	}
	g.net.Begin(0, down)
	defer g.net.End(0)
	rest, ok := g.Route(spur, destination)
	if !ok {
		return Route{}, false
	}
	return Route{latency + rest.Latency, slices.Concat(root, rest.Path[1:])}, true
}

func (r Route) is(other Route) bool { return slices.Equal(r.Path, other.Path) }

func compareRoutes(a, b Route) int {
	return cmp.Or(cmp.Compare(a.Latency, b.Latency), slices.Compare(a.Path, b.Path))
}
