// Package gen draws scenarios for property tests, and keeps those that a property
// fails on as files that `meshsim run` reproduces.
package gen

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"meshsim/scenarios"
)

// Graph is a connected graph over nodes n0 … n(Nodes−1).
type Graph struct {
	Nodes int
	Pairs [][2]int // each once, the smaller end first
}

// Connected draws connected graphs of 2 to most nodes (at least 2), half of them
// from the upper three fifths of that range: bugs of small graphs are simple, but
// many show in larger ones only. A random tree makes them connected, and further
// links make cycles.
func Connected(most int) *rapid.Generator[Graph] {
	return rapid.Custom(func(t *rapid.T) Graph {
		g := Graph{Nodes: size(t, most)}
		seen := map[[2]int]bool{}
		link := func(a, b int) {
			if pair := [2]int{min(a, b), max(a, b)}; a != b && !seen[pair] {
				seen[pair] = true
				g.Pairs = append(g.Pairs, pair)
			}
		}
		for i := 1; i < g.Nodes; i++ {
			link(i, even(t, i, "parent"))
		}
		for range rapid.IntRange(0, g.Nodes).Draw(t, "extra") {
			link(even(t, g.Nodes, "a"), even(t, g.Nodes, "b"))
		}
		return g
	})
}

func size(t *rapid.T, most int) int {
	large := max(2, most*2/5+1)
	if most > 3 && rapid.Bool().Draw(t, "large") {
		return large + even(t, most-large+1, "nodes")
	}
	return 2 + even(t, min(large, most-1), "nodes")
}

// even draws from 0 … n−1 evenly, where the generators of rapid prefer what is
// small and so would make every tree a star.
func even(t *rapid.T, n int, label string) int {
	value := 0
	for _, bit := range rapid.SliceOfN(rapid.Bool(), 10, 10).Draw(t, label) {
		value *= 2
		if bit {
			value++
		}
	}
	return value * n >> 10
}

// Some draws from least to most of the nodes, or all if there are fewer, each once.
func (g Graph) Some(t *rapid.T, least, most int, label string) (ids []string) {
	for range rapid.IntRange(min(least, g.Nodes), min(most, g.Nodes)).Draw(t, label) {
		i := even(t, g.Nodes, label)
		for slices.Contains(ids, ID(i)) {
			i = (i + 1) % g.Nodes
		}
		ids = append(ids, ID(i))
	}
	return ids
}

// ID is the id of node i.
func ID(i int) string { return fmt.Sprintf("n%d", i) }

// Scenario is the graph as a scenario with latencies of which each direction of
// each link has its own: drawn from few values, so that many paths tie, or from
// many, so that none do.
func (g Graph) Scenario(t *rapid.T) *scenarios.Scenario {
	s := &scenarios.Scenario{
		Name:     "drawn",
		Seed:     1,
		Duration: time.Minute,
		Topology: scenarios.Topology{Kind: scenarios.OwnLinks{Nodes: int64(g.Nodes)}},
		Routing:  scenarios.Routing{MaxHops: 255},
	}
	latency := Few
	if rapid.Bool().Draw(t, "many latencies") {
		latency = Many
	}
	for _, pair := range g.Pairs {
		for _, ends := range [][2]int{pair, {pair[1], pair[0]}} {
			l := scenarios.Constant(latency.Draw(t, "latency"))
			s.Links = append(s.Links, scenarios.Links{From: ID(ends[0]), To: ID(ends[1]), Latency: &l})
		}
	}
	return s
}

// Few draws one of four latencies, Many one of millions.
var (
	Few  = rapid.Map(rapid.Int64Range(1, 4), func(k int64) time.Duration { return time.Duration(k) * time.Millisecond })
	Many = rapid.Map(rapid.Int64Range(1, 20_000_000), func(ns int64) time.Duration { return time.Duration(ns) })
)
