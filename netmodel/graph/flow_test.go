package graph

import (
	"math"
	"math/bits"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// leastCut tries every set of nodes that has a and not b.
func leastCut(g *Graph, a, b int, capacity func(Link) int64) int64 {
	least := int64(math.MaxInt64)
	for set := range 1 << g.Nodes() {
		if set>>a&1 == 0 || set>>b&1 == 1 {
			continue
		}
		var sum int64
		for _, l := range g.Links() {
			if set>>l.From&1 == 1 && set>>l.To&1 == 0 {
				sum += capacity(l)
			}
		}
		least = min(least, sum)
	}
	return least
}

// disjointPaths is the most paths that share no link, found by turning links
// around one path at a time.
func disjointPaths(g *Graph, a, b int) (count int64) {
	n := g.Nodes()
	free := make([][]int, n)
	for i := range free {
		free[i] = make([]int, n)
	}
	for _, l := range g.Links() {
		free[l.From][l.To]++
	}
	for {
		seen := make([]bool, n)
		var walk func(at int) bool
		walk = func(at int) bool {
			seen[at] = true
			if at == b {
				return true
			}
			for to := range n {
				if free[at][to] > 0 && !seen[to] && walk(to) {
					free[at][to]--
					free[to][at]++
					return true
				}
			}
			return false
		}
		if !walk(a) {
			return count
		}
		count++
	}
}

// separates reports whether the loss of the links leaves no way from a to b.
func separates(g *Graph, links [][2]int, a, b int) bool {
	arcs := slices.DeleteFunc(g.arcs(), func(l [2]int) bool { return slices.Contains(links, l) })
	return floydWarshall(g.Nodes(), arcs, func(int) int64 { return 1 })[a][b] >= far
}

// Menger: the least number of links that separate is the most paths that share
// none; and the cut that is named does separate.
func TestMinCutIsDisjointPaths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, 20, 1)
		a, b := 0, g.Nodes()-1
		c := g.MinCut(a, b)
		require.Equal(t, disjointPaths(g, a, b), c.Capacity)
		require.Len(t, c.Links, int(c.Capacity))
		require.True(t, separates(g, c.Links, a, b))
	})
}

// On small graphs every set of fewer links is tried.
func TestNoSmallerSetOfLinksSeparates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, 5, 1)
		arcs := g.arcs()
		if len(arcs) > 10 {
			t.Skip("too many sets")
		}
		a, b := 0, g.Nodes()-1
		c := g.MinCut(a, b)
		for set := range 1 << len(arcs) {
			if bits.OnesCount(uint(set)) >= int(c.Capacity) {
				continue
			}
			var links [][2]int
			for i := range arcs {
				if set>>i&1 == 1 {
					links = append(links, arcs[i])
				}
			}
			require.False(t, separates(g, links, a, b), "%v", links)
		}
	})
}

func TestCutsAgainstAllSetsOfNodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, 8, 1)
		a, b := 0, g.Nodes()-1
		require.Equal(t, leastCut(g, a, b, func(Link) int64 { return 1 }), g.MinCut(a, b).Capacity)
		want := leastCut(g, a, b, func(l Link) int64 {
			if l.Bandwidth == 0 {
				return 1 << 40
			}
			return l.Bandwidth
		})
		c := g.Bottleneck(a, b)
		require.Equal(t, want >= 1<<40, c.Unlimited)
		if c.Unlimited {
			require.Empty(t, c.Links)
			return
		}
		require.Equal(t, want, c.Capacity)
		var sum int64
		for _, ends := range c.Links {
			l, _ := g.link(ends[0], ends[1])
			sum += l.Bandwidth
		}
		require.Equal(t, want, sum)
		require.True(t, separates(g, c.Links, a, b))
	})
}

// Of several least cuts the one nearest to the source is named.
func TestCutNearestToTheSource(t *testing.T) {
	g := both(t, 4, line(4)...)
	assert.Equal(t, Cut{Links: [][2]int{{0, 1}}, Capacity: 1}, g.MinCut(0, 3))
	assert.Equal(t, Cut{Links: [][2]int{{3, 2}}, Capacity: 1}, g.MinCut(3, 0))
	assert.Equal(t, Cut{}, both(t, 3, line(2)...).MinCut(0, 2), "no way")
}

// The shortest path takes what both others need; they are found by giving it back.
func TestCutNeedsAPathGivenBack(t *testing.T) {
	const source, a, b, c, d, e, f, destination = 0, 1, 2, 3, 4, 5, 6, 7
	var links []Link
	for _, l := range [][2]int{{source, a}, {a, d}, {d, destination}, {source, b}, {b, c}, {c, d}, {a, e}, {e, f}, {f, destination}} {
		links = append(links, Link{l[0], l[1], 1, 1})
	}
	g := made(t, 8, links)
	assert.Equal(t, Cut{Links: [][2]int{{source, a}, {source, b}}, Capacity: 2}, g.MinCut(source, destination))
	assert.Equal(t, int64(2), g.Bottleneck(source, destination).Capacity)
}

// The largest bandwidths that there are do not overflow.
func TestBottleneckOfHugeBandwidths(t *testing.T) {
	const huge = 1_000_000_000_000_000 // 1000 Tbit/s
	var links []Link
	for i := 2; i < 1002; i++ {
		links = append(links, Link{0, i, 1, huge}, Link{i, 1, 1, 0})
	}
	assert.Equal(t, int64(1000*huge), made(t, 1002, links).Bottleneck(0, 1).Capacity)
	for i := range links {
		links[i].Bandwidth = math.MaxInt64
	}
	assert.Positive(t, made(t, 1002, links).Bottleneck(0, 1).Capacity)
	links[0].Bandwidth, links[1].Bandwidth = 0, 0
	assert.True(t, made(t, 1002, links).Bottleneck(0, 1).Unlimited)
}
