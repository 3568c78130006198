package graph

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Distances are those of Floyd and Warshall, routes add up to them, and of all next
// hops on least ways a route takes the least.
func TestRoutesAgainstFloydWarshall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, 50, 1)
		d := g.latencies()
		for a := range d {
			for b := range d {
				r, ok := g.Route(a, b)
				latency, hops, found := g.Distance(a, b)
				require.Equal(t, d[a][b] < far, ok)
				require.Equal(t, ok, found)
				if !ok {
					continue
				}
				require.Equal(t, d[a][b], int64(r.Latency))
				require.Equal(t, []any{r.Latency, r.Hops()}, []any{latency, hops})
				want := []int{a}
				for at := a; at != b; {
					next := slices.IndexFunc(g.links, func(l Link) bool { return l.From == at && int64(l.Latency)+d[l.To][b] == d[at][b] })
					at = g.links[next].To // links are ordered by both ends
					want = append(want, at)
				}
				require.Equal(t, want, r.Path)
			}
		}
	})
}

// simple lists all ways without a node twice.
func (g *Graph) simple(path []int, to int, latency time.Duration) (all []Route) {
	at := path[len(path)-1]
	if at == to {
		return []Route{{latency, slices.Clone(path)}}
	}
	for _, l := range g.out(at) {
		if !slices.Contains(path, l.To) {
			all = append(all, g.simple(append(slices.Clone(path), l.To), to, latency+l.Latency)...)
		}
	}
	return all
}

// dense is a graph of 4 to 6 nodes with most links that there can be, so that it has
// many paths, and many alike.
func dense(t *rapid.T, least int64) *Graph {
	n := rapid.IntRange(4, 6).Draw(t, "nodes")
	latencies := rapid.SliceOfN(rapid.Int64Range(-1, 3), n*n, n*n).Draw(t, "latencies")
	var links []Link
	for i, l := range latencies {
		if a, b := i/n, i%n; a != b && l >= 0 {
			links = append(links, Link{From: a, To: b, Latency: time.Duration(l + least)})
		}
	}
	return made(t, n, links)
}

// The k shortest paths against all paths in order; with latencies of 0, where equals
// may come otherwise, the latencies only.
func TestPathsAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		least := rapid.Int64Range(0, 1).Draw(t, "least latency")
		g := dense(t, least)
		a, b, k := 0, g.Nodes()-1, rapid.IntRange(1, 40).Draw(t, "k")
		all := g.simple([]int{a}, b, 0)
		inOrder(all)
		all = all[:min(k, len(all))]
		got := g.Paths(a, b, k)
		require.Len(t, got, len(all))
		for i := range got {
			require.Equal(t, all[i].Latency, got[i].Latency)
			if least > 0 {
				require.Equal(t, all[i].Path, got[i].Path)
			}
			require.False(t, slices.ContainsFunc(got[:i], got[i].is), "twice")
		}
		if r, ok := g.Route(a, b); ok {
			require.Equal(t, r, got[0], "the first is the route, and searching has not changed it")
		}
	})
}

// Where all links are alike, paths come by hops, then by their nodes.
func TestPathsOfOneLatency(t *testing.T) {
	g := both(t, 6, full(6)...)
	all := g.simple([]int{0}, 5, 0)
	inOrder(all)
	require.Equal(t, all, g.Paths(0, 5, 100))
	require.Len(t, all, 65)
	require.Empty(t, g.Paths(0, 5, 0))
}

func inOrder(all []Route) {
	slices.SortFunc(all, func(a, b Route) int {
		return slices.Compare(append([]int{int(a.Latency)}, a.Path...), append([]int{int(b.Latency)}, b.Path...))
	})
}

// Loads against walking all routes.
func TestLoadsAgainstWalking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, 25, rapid.Int64Range(0, 1).Draw(t, "least latency"))
		want := make([]int, len(g.Edges()))
		g.eachPair(func(a, b int) {
			r, _ := g.Route(a, b)
			for i := 1; i < len(r.Path); i++ {
				want[slices.Index(g.Edges(), [2]int{min(r.Path[i-1], r.Path[i]), max(r.Path[i-1], r.Path[i])})]++
			}
		})
		require.Equal(t, want, g.Loads())
	})
}
