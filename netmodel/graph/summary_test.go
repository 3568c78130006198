package graph

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSummaryOfSmallGraphs(t *testing.T) {
	for n := range 3 {
		s := both(t, n).Summarize(Want{All: true, Routes: true})
		text, err := json.Marshal(s)
		require.NoError(t, err)
		assert.Equal(t, []int{n, 0, n, 0}, []int{s.Nodes, s.Links, s.Components, *s.Diameter})
		assert.NotContains(t, string(text), "null,\"articulation", "lists are never null")
		assert.Contains(t, string(text), `"routes":[]`)
		assert.Empty(t, s.Skipped)
	}
	s := made(t, 3, []Link{{0, 1, 5, 0}, {1, 0, 6, 0}, {1, 2, 7, 0}}).Summarize(Want{Routes: true})
	assert.Equal(t, []int{2, 1, 1, 2}, []int{s.Links, s.OneWayLinks, s.Components, *s.Diameter})
	assert.Equal(t, []int64{2, (5 + 6 + 7 + 12) / 4}, []int64{*s.PairsWithoutRoute, *s.MeanLatencyNS})
	want := []NamedRoute{
		{"n00000", "n00001", 5, names(2)}, {"n00000", "n00002", 12, names(3)},
		{"n00001", "n00000", 6, []string{"n00001", "n00000"}}, {"n00001", "n00002", 7, names(3)[1:]},
	}
	assert.Equal(t, want, s.Routes)
	assert.Equal(t, &want[1], s.SlowestRoute)
	assert.Equal(t, []LinkLoad{{names(2), 3}, {names(3)[1:], 2}}, s.LinkLoads)
	s = both(t, 2, line(2)...).Summarize(Want{})
	assert.Nil(t, s.Routes, "nobody wanted them")
	assert.Equal(t, "n00000", s.SlowestRoute.Source, "the lesser of two that tie")
	s = karate(t).Summarize(Want{})
	assert.Equal(t, []Rank{{"n00033", 0.100919}, {"n00000", 0.0969973}, {"n00032", 0.0716932}}, s.PageRanks[:3])
	for _, r := range s.PageRanks {
		i, _ := strconv.Atoi(r.Node[1:])
		assert.Equal(t, r, Rank{s.Centrality[i].Node, s.Centrality[i].PageRank})
	}
}

// A large graph does not take minutes: what would is left out by name, and null.
func TestLargeGraphs(t *testing.T) {
	g := both(t, 50_000, line(50_000)...)
	s := g.Summarize(Want{Routes: true})
	assert.Equal(t, []int{50_000, 49_999, 1}, []int{s.Nodes, s.Links, s.Components})
	assert.Len(t, s.ArticulationPoints, 49_998)
	assert.Len(t, s.Bridges, 49_999)
	var left []string
	for _, x := range s.Skipped {
		left = append(left, x.Measure)
		assert.Regexp(t, `^\d+ steps of work, more than \d+$`, x.Why)
	}
	assert.Equal(t, []string{
		"diameter, mean_hops, closeness", "betweenness", "communities", "algebraic_connectivity",
		"mean_latency_ns, pairs_without_route, slowest_route, link_loads", "routes",
	}, left)
	assert.Nil(t, s.Diameter)
	assert.Nil(t, s.Routes)
	assert.Len(t, s.PageRanks, 50_000)
	assert.NotEmpty(t, g.AllPairsCost())
	assert.Empty(t, both(t, 1000, ring(1000)...).AllPairsCost())
	p := g.Between(0, 49_998, 3, false)
	assert.Len(t, p.Paths, 1)
	assert.Equal(t, "paths from number 2 on: each takes 7499600004 steps of work", p.LeftOut)
	assert.Empty(t, g.Between(0, 5, 3, false).LeftOut)
	c := g.MinCut(0, 49_999)
	assert.Equal(t, [][2]int{{0, 1}}, c.Links)
}

// lossTwin looks every pair up by name in both graphs.
func lossTwin(t require.TestingT, g, left *Graph, gone []int, links [][2]int, got *Loss) {
	d, e := g.latencies(), left.latencies()
	want := Loss{}
	var slower int64
	for a := range d {
		for b := range d {
			if a == b || d[a][b] >= far {
				continue
			}
			if slices.Contains(gone, a) || slices.Contains(gone, b) {
				want.PairsOfLost++
				continue
			}
			x, _ := left.Find(g.Name(a))
			y, _ := left.Find(g.Name(b))
			if e[x][y] >= far {
				want.PairsCut++
				continue
			}
			want.PairsKept++
			slower = max(slower, e[x][y]-d[a][b])
			r, _ := g.Route(a, b)
			now, _ := left.Route(x, y)
			if !slices.Equal(g.namesOf(r.Path), left.namesOf(now.Path)) {
				want.PairsRerouted++
			}
		}
	}
	require.Equal(t, []int{want.PairsOfLost, want.PairsCut, want.PairsKept, want.PairsRerouted}, []int{got.PairsOfLost, got.PairsCut, got.PairsKept, got.PairsRerouted})
	if slower == 0 {
		require.Nil(t, got.WorstDetour)
	} else {
		require.Equal(t, slower, got.WorstDetour.LatencyNS-got.WorstDetour.LatencyNSBefore)
	}
	before, after, loads := g.Loads(), left.Loads(), map[[2]string][2]int{}
	for i, e := range g.Edges() {
		for k, f := range left.Edges() {
			if g.Name(e[0]) == left.Name(f[0]) && g.Name(e[1]) == left.Name(f[1]) && after[k] > before[i] {
				loads[[2]string{g.Name(e[0]), g.Name(e[1])}] = [2]int{before[i], after[k]}
			}
		}
	}
	require.Len(t, got.Loads, len(loads))
	for i, l := range got.Loads {
		require.Equal(t, loads[[2]string(l.Link)], [2]int{l.Before, l.Routes})
		require.True(t, i == 0 || got.Loads[i-1].Routes-got.Loads[i-1].Before >= l.Routes-l.Before, "most first")
	}
	for _, l := range left.arcs() {
		a, _ := g.Find(left.Name(l[0]))
		b, _ := g.Find(left.Name(l[1]))
		require.False(t, slices.Contains(links, [2]int{a, b}))
	}
}

func TestLossAgainstTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, 20, 1)
		var nodes []int
		if rapid.Bool().Draw(t, "a node") {
			nodes = []int{rapid.IntRange(0, g.Nodes()-1).Draw(t, "node")}
		}
		var links [][2]int
		if arcs := g.arcs(); len(arcs) > 0 {
			links = rapid.SliceOfNDistinct(rapid.SampledFrom(arcs), 0, 3, func(a [2]int) [2]int { return a }).Draw(t, "links")
		}
		left, _ := g.Without(nodes, links)
		got := g.Lose(nodes, links)
		lossTwin(t, g, left, nodes, links, got)
		require.Equal(t, left.parts(-1, [2]int{}), got.Components)
		require.Equal(t, g.parts(-1, [2]int{}), got.ComponentsBefore)
	})
}

// A ring of four without one link: all goes the other way round.
func TestLossOnARing(t *testing.T) {
	g := both(t, 4, ring(4)...)
	loss := g.Lose(nil, [][2]int{{0, 1}, {1, 0}})
	n := names(4)
	assert.Equal(t, &Loss{
		LostNodes: []string{}, LostLinks: [][]string{{n[0], n[1]}, {n[1], n[0]}},
		ComponentsBefore: 1, Components: 1, Parts: [][]string{n},
		PairsRerouted: 6, PairsKept: 12, // 0↔1; and 0↔2 and 1↔3, whose lesser way it was
		MeanHopsBefore: 1.33333, MeanHops: 1.66667, MeanLatencyNSBefore: 1_333_333, MeanLatencyNS: 1_666_666,
		WorstDetour: &Detour{n[0], n[1], 1e6, 3e6, []string{n[0], n[3], n[2], n[1]}},
		Loads:       []Load{{[]string{n[2], n[3]}, 2, 8}, {[]string{n[0], n[3]}, 4, 6}, {[]string{n[1], n[2]}, 4, 6}},
	}, loss)
	loss = both(t, 3, line(3)...).Lose([]int{1}, nil)
	assert.Equal(t, []int{2, 2, 4, 0}, []int{loss.Components, loss.PairsCut, loss.PairsOfLost, loss.PairsKept})
	assert.Equal(t, [][]string{{n[0]}, {n[2]}}, loss.Parts)
	loss = both(t, 1).Lose([]int{0}, nil)
	assert.Zero(t, loss.Components)
}

func TestSumsDoNotOverflow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s sum
		exact := new(big.Int)
		all := rapid.SliceOfN(rapid.Int64Range(math.MaxInt64-9, math.MaxInt64), 1, 50).Draw(t, "numbers")
		for _, n := range all {
			s.add(n)
			exact.Add(exact, big.NewInt(n))
		}
		require.Equal(t, exact.Div(exact, big.NewInt(int64(len(all)))).Int64(), s.floor())
	})
	assert.Zero(t, (&sum{}).floor())
}

func TestBetween(t *testing.T) {
	g := made(t, 3, []Link{{0, 1, time.Second, 5}, {1, 2, time.Second, 0}, {0, 2, 3 * time.Second, 7}})
	n := names(3)
	twelve := int64(12)
	assert.Equal(t, &Pair{
		Source: n[0], Destination: n[2], Paths: []NamedRoute{{n[0], n[2], 2e9, n}, {n[0], n[2], 3e9, []string{n[0], n[2]}}},
		Disjoint: 2, MinCut: [][]string{{n[0], n[1]}, {n[0], n[2]}}, Bandwidth: &twelve, Bottleneck: [][]string{{n[0], n[1]}, {n[0], n[2]}},
	}, g.Between(0, 2, 9, false))
	none := int64(0)
	assert.Equal(t, &Pair{n[2], n[0], []NamedRoute{}, 0, [][]string{}, &none, [][]string{}, ""}, g.Between(2, 0, 9, true))
}
