package graph

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph"
	"pgregory.net/rapid"
)

// Published: diameter 5, mean path 2.42 hops; so 110 ordered pairs have 266 hops and
// 156 relays.
func TestAbilene(t *testing.T) {
	g := abilene(t)
	h := g.Hops()
	assert.Equal(t, []int64{5, 266, 110}, []int64{int64(h.Diameter), h.Sum, h.Pairs})
	assert.InDelta(t, 2.42, h.Mean(), 0.005)
	relays := 0.0
	for _, b := range g.Betweenness() {
		relays += b
	}
	assert.InDelta(t, 156, relays, 1e-9)
	nodes, bridges := g.CutPoints()
	assert.Empty(t, nodes)
	assert.Empty(t, bridges)
}

// PageRank, betweenness and closeness as published for the karate club; those of
// members 1 and 34 in betweenness are also in M. Girvan, M. Newman, PNAS 99(12), 2002.
func TestKarate(t *testing.T) {
	g := karate(t)
	rank := g.PageRank(Damping)
	total := 0.0
	for _, r := range rank {
		total += r
	}
	assert.InDelta(t, 1, total, 1e-9)
	for member, want := range map[int]float64{34: 0.10092, 1: 0.09700, 33: 0.07169, 3: 0.05708, 2: 0.05288} {
		assert.InDelta(t, want, rank[member-1], 5e-6, member)
	}
	others := 33.0 * 32
	for member, want := range map[int]float64{1: 0.437635, 34: 0.304075, 33: 0.145247} {
		assert.InDelta(t, want*others, g.Betweenness()[member-1], 1e-3, member)
	}
	closeness := g.Hops().Closeness
	for member, want := range map[int]float64{1: 33.0 / 58, 34: 33.0 / 60, 3: 33.0 / 59} {
		assert.InDelta(t, want, closeness[member-1], 1e-9, member)
	}
	assert.InDelta(t, 0.46853, g.AlgebraicConnectivity(), 5e-6)

	groups, modularity := g.Communities()
	assert.GreaterOrEqual(t, modularity, 0.41, "the best there is has 0.4198")
	assert.LessOrEqual(t, modularity, 0.4198)
	assert.InDelta(t, naiveModularity(g, groups), modularity, 1e-9)
	member := 0
	for _, group := range groups {
		member += len(group)
		assert.False(t, slices.Contains(group, 0) && slices.Contains(group, 33), "the instructor and the president split")
	}
	assert.Equal(t, 34, member)
}

// naiveModularity sums over all pairs of nodes.
func naiveModularity(g *Graph, groups [][]int) float64 {
	group := make([]int, g.Nodes())
	for i, members := range groups {
		for _, m := range members {
			group[m] = i
		}
	}
	q, twice := 0.0, 2*float64(len(g.Edges()))
	for a := range g.Nodes() {
		for b := range g.Nodes() {
			if group[a] == group[b] {
				if slices.Contains(g.Neighbours(a), b) {
					q++
				}
				q -= float64(len(g.Neighbours(a))*len(g.Neighbours(b))) / twice
			}
		}
	}
	return q / twice
}

func TestAlgebraicConnectivity(t *testing.T) {
	for _, n := range []int{2, 3, 7, 50} {
		assert.InDelta(t, 2*(1-math.Cos(math.Pi/float64(n))), both(t, n, line(n)...).AlgebraicConnectivity(), 1e-9, "line of %d", n)
		assert.InDelta(t, n, both(t, n, full(n)...).AlgebraicConnectivity(), 1e-9, "full of %d", n)
	}
	for _, n := range []int{3, 7, 50} {
		assert.InDelta(t, 2*(1-math.Cos(2*math.Pi/float64(n))), both(t, n, ring(n)...).AlgebraicConnectivity(), 1e-9, "ring of %d", n)
		assert.InDelta(t, 1, both(t, n, star(n)...).AlgebraicConnectivity(), 1e-9, "star of %d", n)
	}
	assert.Zero(t, both(t, 4, line(3)...).AlgebraicConnectivity(), "in two parts")
	assert.Zero(t, both(t, 1).AlgebraicConnectivity())
}

func TestHopsAgainstFloydWarshall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, 30, 1)
		d, h := g.steps(), g.Hops()
		want := Hops{Closeness: make([]float64, g.Nodes())}
		for a := range d {
			var reached, sum int64
			for b := range d {
				if a != b && d[a][b] < far {
					reached, sum = reached+1, sum+d[a][b]
					want.Diameter = max(want.Diameter, int(d[a][b]))
				}
			}
			want.Pairs, want.Sum = want.Pairs+reached, want.Sum+sum
			if reached > 0 {
				want.Closeness[a] = float64(reached*reached) / float64(sum*int64(g.Nodes()-1))
			}
		}
		require.Equal(t, []int64{int64(want.Diameter), want.Pairs, want.Sum}, []int64{int64(h.Diameter), h.Pairs, h.Sum})
		require.InDeltaSlice(t, want.Closeness, h.Closeness, 1e-12)
	})
}

// Betweenness against the definition: a node relays for a pair the share of its
// shortest paths that go through it.
func TestBetweennessAgainstItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, 12, 1)
		d, n := g.steps(), g.Nodes()
		var paths func(a, b int) float64
		paths = func(a, b int) float64 {
			if a == b {
				return 1
			}
			count := 0.0
			for _, next := range g.Neighbours(a) {
				if d[next][b] == d[a][b]-1 {
					count += paths(next, b)
				}
			}
			return count
		}
		want := make([]float64, n)
		for v := range n {
			for a := range n {
				for b := range n {
					if a != b && a != v && b != v && d[a][b] < far && d[a][v]+d[v][b] == d[a][b] {
						want[v] += paths(a, v) * paths(v, b) / paths(a, b)
					}
				}
			}
		}
		require.InDeltaSlice(t, want, g.Betweenness(), 1e-9)
	})
}

// PageRank is the fixed point of its definition, here solved over all nodes by
// plain matrix steps.
func TestPageRankIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, 20, 1)
		n, rank := float64(g.Nodes()), g.PageRank(Damping)
		for to := range g.Nodes() {
			want := (1 - Damping) / n
			for from, r := range rank {
				out := g.out(from)
				switch {
				case len(out) == 0:
					want += Damping * r / n
				case slices.ContainsFunc(out, func(l Link) bool { return l.To == to }):
					want += Damping * r / float64(len(out))
				}
			}
			require.InDelta(t, want, rank[to], 1e-10)
		}
	})
}

func TestCutPointsAgainstRemoval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, 25, 1)
		before := g.parts(-1, [2]int{})
		require.Len(t, g.Components(), before)
		var nodes []int
		var bridges [][2]int
		for v := range g.Nodes() {
			if g.parts(v, [2]int{}) > before {
				nodes = append(nodes, v)
			}
		}
		for _, e := range g.Edges() {
			if g.parts(-1, e) > before {
				bridges = append(bridges, e)
			}
		}
		gotNodes, gotBridges := g.CutPoints()
		require.Equal(t, nodes, gotNodes)
		require.Equal(t, bridges, gotBridges)
	})
}

func TestComponentsAndDegree(t *testing.T) {
	g := both(t, 6, [2]int{1, 3}, [2]int{3, 5}, [2]int{0, 4})
	assert.Equal(t, [][]int{{1, 3, 5}, {0, 4}, {2}}, g.Components())
	assert.Equal(t, Degree{0, 1, 2, []DegreeCount{{0, 1}, {1, 4}, {2, 1}}}, g.Degree())
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, 25, 1)
		d, seen := g.steps(), map[int]bool{}
		for _, c := range g.Components() {
			for _, a := range c {
				require.False(t, seen[a])
				seen[a] = true
				for b := range d {
					require.Equal(t, d[a][b] < far, slices.Contains(c, b))
				}
			}
		}
		require.Len(t, seen, g.Nodes())
	})
}

// Every measure is the same on each call, and does not depend on the order in which
// the links are given.
func TestSameEveryTime(t *testing.T) {
	tied := both(t, 36, grid(6)...) // all latencies and many paths alike
	for name, g := range map[string]*Graph{"karate": karate(t), "grid": tied} {
		links := slices.Clone(g.Links())
		var first []byte
		for k := range 50 {
			slices.Reverse(links[k%7:])
			again, err := New(g.names, links)
			require.NoError(t, err)
			text, err := json.Marshal([]any{
				again.Summarize(Want{Routes: true}), again.Lose([]int{0}, [][2]int{{1, 2}}), again.Between(0, 33, 5, false),
				again.PageRank(Damping), again.Betweenness(), again.AlgebraicConnectivity(),
			})
			require.NoError(t, err)
			if first == nil {
				first = text
			}
			require.Equal(t, string(first), string(text), "%s, call %d", name, k)
		}
	}
}

// Who takes a list of nodes from the view may do with it what he likes.
func TestViewIsNotDisturbed(t *testing.T) {
	v := abilene(t).view()
	for range 2 {
		all := graph.NodesOf(v.Nodes())
		require.Equal(t, int64(0), all[0].ID())
		slices.Reverse(all)
		beside := graph.NodesOf(v.From(0))
		require.Equal(t, int64(3), beside[0].ID())
		slices.Reverse(beside)
	}
	require.Nil(t, v.Node(11))
	require.Nil(t, v.Edge(0, 1))
	require.Equal(t, int64(3), v.EdgeBetween(0, 3).To().ID())
}

func grid(side int) (pairs [][2]int) {
	for i := range side * side {
		if i%side > 0 {
			pairs = append(pairs, [2]int{i - 1, i})
		}
		if i >= side {
			pairs = append(pairs, [2]int{i - side, i})
		}
	}
	return pairs
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		names []string
		links []Link
		want  string
	}{
		{nil, []Link{{0, 1, 1, 0}}, "1 links and no node"},
		{names(2), []Link{{0, 2, 1, 0}}, "no node 2"},
		{names(2), []Link{{-1, 1, 1, 0}}, "no node -1"},
		{names(2), []Link{{1, 1, 1, 0}}, "linked to itself"},
		{names(2), []Link{{0, 1, 1, 0}, {0, 1, 2, 0}}, "given twice"},
		{names(2), []Link{{0, 1, -1, 0}}, "negative"},
		{names(2), []Link{{0, 1, math.MaxInt64, 0}}, "too long"},
		{names(2), []Link{{0, 1, 1, -1}}, "negative"},
	} {
		_, err := New(c.names, c.links)
		assert.ErrorContains(t, err, c.want)
	}
	if wide := math.MaxInt >> 32 << 32; wide != 0 { // 0 as a NodeID, where an int is wider
		_, err := New(names(2), []Link{{wide, 1, 1, 0}})
		assert.ErrorContains(t, err, "no node 9223372032559808512")
	}
	given := []Link{{1, 0, 1, 0}, {0, 1, 1, 0}}
	made(t, 2, given)
	assert.Equal(t, Link{1, 0, time.Duration(1), 0}, given[0], "the caller's slice stays as it is")
}
