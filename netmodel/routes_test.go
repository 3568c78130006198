package netmodel

import (
	"math"
	"slices"
	"testing"
	"time"

	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"
	"pgregory.net/rapid"
)

// randomNetwork has 2 to 50 nodes and directed links; short latencies make ties.
func randomNetwork(t *rapid.T, least int64) *Network {
	nodes := rapid.IntRange(2, 50).Draw(t, "nodes")
	node := rapid.IntRange(0, nodes-1)
	latency := rapid.Int64Range(least, 4)
	seen := map[Ends]bool{}
	var links []LinkSpec
	for range rapid.IntRange(0, 4*nodes).Draw(t, "links") {
		e := Ends{sim.NodeID(node.Draw(t, "from")), sim.NodeID(node.Draw(t, "to"))}
		if e.From == e.To || seen[e] {
			continue
		}
		seen[e] = true
		links = append(links, LinkSpec{From: e.From, To: e.To, Latency: Constant(time.Duration(latency.Draw(t, "latency")))})
	}
	return network(t, nodes, links...)
}

// takeSomeDown begins a fault on some links, so that routes must avoid them.
func takeSomeDown(t *rapid.T, n *Network) []Ends {
	if len(n.links) == 0 {
		return nil
	}
	var f LinkDownFault
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(n.links)-1), 0, 8).Draw(t, "down") {
		f.Links = append(f.Links, Ends{n.from[i], n.to[i]})
	}
	return n.Begin(0, f)
}

// Distances are those that gonum finds, and the next hop is the smallest of all
// that begin a least-cost path by gonum's distances.
func TestRoutesAgainstGonum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := randomNetwork(t, 1)
		n.NextHop(0, 1) // a tree from before the fault must not be used after it
		takeSomeDown(t, n)
		g := simple.NewWeightedDirectedGraph(0, math.Inf(1))
		for id := range n.keys {
			g.AddNode(simple.Node(id))
		}
		for i := range n.links {
			if n.links[i].down == NoFault {
				g.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(n.from[i]), T: simple.Node(n.to[i]), W: float64(n.links[i].spec.Latency.Mean())})
			}
		}
		all := path.DijkstraAllPaths(g)
		for from := range sim.NodeID(len(n.keys)) {
			for to := range sim.NodeID(len(n.keys)) {
				want := all.Weight(int64(from), int64(to))
				got, hops, ok := n.Distance(from, to)
				require.Equal(t, !math.IsInf(want, 1), ok)
				if ok {
					require.Equal(t, want, float64(got))
				}
				next := sim.NoNode
				if ok && from != to {
					for _, u := range n.Neighbours(from) {
						if g.HasEdgeFromTo(int64(from), int64(u)) && g.WeightedEdge(int64(from), int64(u)).Weight()+all.Weight(int64(u), int64(to)) == want {
							next = u
							break
						}
					}
					require.Equal(t, hops, walk(t, n, from, to))
				}
				u, found := n.NextHop(from, to)
				require.Equal(t, next, u)
				require.Equal(t, next != sim.NoNode, found)
			}
		}
	})
}

// walk follows next hops and returns their number; the latencies must add up.
func walk(t require.TestingT, n *Network, from, to sim.NodeID) int {
	want, _, _ := n.Distance(from, to)
	hops, sum := 0, time.Duration(0)
	for at := from; at != to; hops++ {
		require.Less(t, hops, len(n.keys), "a loop on the way from %d to %d", from, to)
		next, ok := n.NextHop(at, to)
		require.True(t, ok)
		i := n.number(at, next)
		require.True(t, n.routes.up[i])
		sum += n.links[i].spec.Latency.Mean()
		at = next
	}
	require.Equal(t, want, sum)
	return hops
}

// Latencies of 0 make no loop, and the rule for them is the one documented:
// against distances that count a hop as a thousandth of the least latency.
func TestRoutesOverZeroLatency(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := randomNetwork(t, 0)
		takeSomeDown(t, n)
		least := floydWarshall(n)
		for from := range sim.NodeID(len(n.keys)) {
			for to := range sim.NodeID(len(n.keys)) {
				latency, hops, ok := n.Distance(from, to)
				require.Equal(t, least[from][to] < unreached, ok)
				next := sim.NoNode
				if ok && from != to {
					require.Equal(t, least[from][to]/1000, latency)
					require.Equal(t, hops, walk(t, n, from, to))
					next = smallestNext(n, least, from, to)
				}
				u, _ := n.NextHop(from, to)
				require.Equal(t, next, u)
			}
		}
	})
}

const unreached = time.Duration(math.MaxInt64 / 4)

// floydWarshall returns 1000·latency + hops of all pairs, least first by latency.
func floydWarshall(n *Network) [][]time.Duration {
	d := make([][]time.Duration, len(n.keys))
	for i := range d {
		d[i] = make([]time.Duration, len(n.keys))
		for j := range d[i] {
			if i != j {
				d[i][j] = unreached
			}
		}
	}
	for i := range n.links {
		if n.links[i].down == NoFault {
			d[n.from[i]][n.to[i]] = 1000*n.links[i].spec.Latency.Mean() + 1
		}
	}
	for k := range d {
		for i := range d {
			for j := range d {
				d[i][j] = min(d[i][j], d[i][k]+d[k][j])
			}
		}
	}
	return d
}

// smallestNext tries every neighbour in turn.
func smallestNext(n *Network, least [][]time.Duration, from, to sim.NodeID) sim.NodeID {
	for _, u := range n.Neighbours(from) {
		i := n.find(from, u)
		w, onward, all := n.links[i].spec.Latency.Mean(), least[u][to], least[from][to]
		if n.links[i].down != NoFault || onward >= unreached || w+onward/1000 != all/1000 {
			continue
		}
		if w > 0 || onward%1000 < all%1000 {
			return u
		}
	}
	return sim.NoNode
}

// Ties go to the smaller next hop even when its path has more hops.
func TestTieRule(t *testing.T) {
	link := func(from, to sim.NodeID, latency time.Duration) LinkSpec {
		return LinkSpec{From: from, To: to, Latency: Constant(latency)}
	}
	n := network(t, 5, link(0, 1, 1), link(1, 2, 1), link(2, 4, 1), link(0, 3, 1), link(3, 4, 2), link(0, 4, 3))
	next, ok := n.NextHop(0, 4)
	assert.True(t, ok)
	assert.Equal(t, sim.NodeID(1), next)
	latency, hops, ok := n.Distance(0, 4)
	assert.True(t, ok)
	assert.Equal(t, time.Duration(3), latency)
	assert.Equal(t, 3, hops)

	latency, hops, ok = n.Distance(2, 2)
	assert.Equal(t, []any{time.Duration(0), 0, true}, []any{latency, hops, ok})
	_, ok = n.NextHop(2, 2)
	assert.False(t, ok)
	_, ok = n.NextHop(4, 0)
	assert.False(t, ok, "links lead one way")

	n = network(t, 3, link(0, 1, 0), link(1, 0, 0), link(0, 2, 5), link(1, 2, 5))
	for _, from := range []sim.NodeID{0, 1} {
		next, _ = n.NextHop(from, 2)
		assert.Equal(t, sim.NodeID(2), next, "not to each other")
	}
}

// Routing sees link_down at once and a partition never.
func TestRoutesSeeLinkDownOnly(t *testing.T) {
	n := network(t, 3, full(3, LinkSpec{Latency: Constant(1)})...)
	hop := func() sim.NodeID { next, _ := n.NextHop(0, 2); return next }
	require.Equal(t, sim.NodeID(2), hop())
	n.Begin(0, Partition{Groups: [][]sim.NodeID{{0}, {2}}})
	assert.Equal(t, sim.NodeID(2), hop())
	n.Begin(1, LinkDownFault{Links: []Ends{{0, 2}}})
	assert.Equal(t, sim.NodeID(1), hop())
	n.End(0)
	assert.Equal(t, sim.NodeID(1), hop())
	n.End(1)
	assert.Equal(t, sim.NodeID(2), hop())
}

// Changes are exactly the differences of the whole tables before and after.
func TestRouteChanges(t *testing.T) {
	table := func(n *Network) map[[2]sim.NodeID]Route {
		all := map[[2]sim.NodeID]Route{}
		for d := range sim.NodeID(len(n.keys)) {
			for v := range sim.NodeID(len(n.keys)) {
				next, _ := n.NextHop(v, d)
				metric, _, _ := n.Distance(v, d)
				all[[2]sim.NodeID{d, v}] = Route{v, d, next, metric}
			}
		}
		return all
	}
	rapid.Check(t, func(t *rapid.T) {
		n := randomNetwork(t, 0)
		before := table(n)
		check := func() {
			after := table(n)
			last := [2]sim.NodeID{-1, -1}
			n.RouteChanges(func(r Route) {
				at := [2]sim.NodeID{r.Destination, r.Node}
				require.True(t, at[0] > last[0] || at[0] == last[0] && at[1] > last[1], "%v after %v", at, last)
				require.NotEqual(t, before[at], r)
				require.Equal(t, after[at], r)
				before[at], last = r, at
			})
			require.Equal(t, after, before, "nothing is left out")
			require.Equal(t, after, table(n), "to list changes changes nothing")
		}
		if takeSomeDown(t, n); len(n.links) > 0 {
			check()
			for _, off := range []bool{true, false} {
				n.SetOff(someNodes(t, n), off)
				check()
			}
			n.Begin(1, Partition{Groups: [][]sim.NodeID{{0}, {1}}}) // nothing that routing sees
			check()
			n.End(0)
			check()
			for _, off := range []bool{true, false} {
				n.SetOff(someNodes(t, n), off)
				check()
			}
		}
	})
}

func someNodes(t *rapid.T, n *Network) []sim.NodeID {
	node := rapid.Map(rapid.IntRange(0, len(n.keys)-1), func(i int) sim.NodeID { return sim.NodeID(i) })
	return rapid.SliceOfNDistinct(node, 0, min(8, len(n.keys)), rapid.ID[sim.NodeID]).Draw(t, "nodes")
}

// A link counts for routing while no fault holds it down and both its ends are up,
// whatever the order in which that came about. A change names each link once.
func TestNodesThatAreOff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := randomNetwork(t, 0)
		off := make([]bool, len(n.keys))
		for id := range FaultID(rapid.IntRange(1, 12).Draw(t, "steps")) {
			before := slices.Clone(n.routes.up)
			if k := rapid.IntRange(0, 2).Draw(t, "what"); k == 0 || len(n.links) == 0 {
				nodes, down := someNodes(t, n), rapid.Bool().Draw(t, "off")
				for _, id := range nodes {
					off[id] = down
				}
				n.SetOff(nodes, down)
			} else if len(n.active) > 0 && k == 1 {
				n.End(n.active[0].id)
			} else {
				i := rapid.IntRange(0, len(n.links)-1).Draw(t, "link")
				n.Begin(id, LinkDownFault{Links: []Ends{{n.from[i], n.to[i]}}})
			}
			var turned []int32
			for i, up := range n.routes.up {
				require.Equal(t, n.Held(n.from[i], n.to[i]) == Arrives && !off[n.from[i]] && !off[n.to[i]], up)
				if up != before[i] {
					turned = append(turned, int32(i))
				}
			}
			slices.Sort(n.routes.changed)
			require.Equal(t, len(turned), len(n.routes.changed))
			require.Subset(t, n.routes.changed, turned)
		}
	})
}

// With room for few trees, answers are the same and memory is bounded.
func TestTreesAreBounded(t *testing.T) {
	n := network(t, 20, line(20, LinkSpec{Latency: Constant(3)})...)
	n.routes.most = 3
	for range 2 {
		for to := range sim.NodeID(20) {
			for from := range sim.NodeID(20) {
				latency, hops, ok := n.Distance(from, to)
				apart := max(from-to, to-from)
				require.Equal(t, []any{3 * time.Duration(apart), int(apart), true}, []any{latency, hops, ok})
			}
			require.LessOrEqual(t, len(n.routes.trees), 3)
		}
	}
}
