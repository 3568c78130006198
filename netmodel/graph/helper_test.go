package graph

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("n%05d", i)
	}
	return all
}

func made(t require.TestingT, n int, links []Link) *Graph {
	g, err := New(names(n), links)
	require.NoError(t, err)
	return g
}

// both links pairs in both directions, at 1 ms.
func both(t require.TestingT, n int, pairs ...[2]int) *Graph {
	var links []Link
	for _, p := range pairs {
		links = append(links, Link{From: p[0], To: p[1], Latency: time.Millisecond}, Link{From: p[1], To: p[0], Latency: time.Millisecond})
	}
	return made(t, n, links)
}

func line(n int) (pairs [][2]int) {
	for i := 1; i < n; i++ {
		pairs = append(pairs, [2]int{i - 1, i})
	}
	return pairs
}

func ring(n int) [][2]int { return append(line(n), [2]int{0, n - 1}) }

func full(n int) (pairs [][2]int) {
	for a := range n {
		for b := range a {
			pairs = append(pairs, [2]int{b, a})
		}
	}
	return pairs
}

func star(n int) (pairs [][2]int) {
	for i := 1; i < n; i++ {
		pairs = append(pairs, [2]int{0, i})
	}
	return pairs
}

// drawn is a graph of 2 to most nodes, often in several parts, with links one way
// and both; few different latencies from least on make ties.
func drawn(t *rapid.T, most int, least int64) *Graph {
	n := rapid.IntRange(2, most).Draw(t, "nodes")
	node, latency := rapid.IntRange(0, n-1), rapid.Int64Range(least, 4)
	bandwidth := rapid.SampledFrom([]int64{0, 1, 2, 3, 10})
	seen := map[[2]int]bool{}
	var links []Link
	put := func(a, b int) {
		if a != b && !seen[[2]int{a, b}] {
			seen[[2]int{a, b}] = true
			links = append(links, Link{a, b, time.Duration(latency.Draw(t, "latency")), bandwidth.Draw(t, "bandwidth")})
		}
	}
	for range rapid.IntRange(0, 2*n).Draw(t, "links") {
		a, b := node.Draw(t, "a"), node.Draw(t, "b")
		put(a, b)
		if rapid.Bool().Draw(t, "both ways") {
			put(b, a)
		}
	}
	return made(t, n, links)
}

const far = math.MaxInt64 / 4

// floydWarshall is the least sum of weights of all ordered pairs, far where there
// is no path.
func floydWarshall(n int, arcs [][2]int, weight func(i int) int64) [][]int64 {
	d := make([][]int64, n)
	for i := range d {
		d[i] = slices.Repeat([]int64{far}, n)
		d[i][i] = 0
	}
	for i, a := range arcs {
		d[a[0]][a[1]] = min(d[a[0]][a[1]], weight(i))
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

func (g *Graph) arcs() (arcs [][2]int) {
	for _, l := range g.links {
		arcs = append(arcs, [2]int{l.From, l.To})
	}
	return arcs
}

// latencies are the distances of all ordered pairs along the links' direction.
func (g *Graph) latencies() [][]int64 {
	return floydWarshall(g.Nodes(), g.arcs(), func(i int) int64 { return int64(g.links[i].Latency) })
}

// steps are the distances of all ordered pairs in hops, whatever the direction.
func (g *Graph) steps() [][]int64 {
	arcs := g.arcs()
	for _, a := range g.arcs() {
		arcs = append(arcs, [2]int{a[1], a[0]})
	}
	return floydWarshall(g.Nodes(), arcs, func(int) int64 { return 1 })
}

// parts counts the components of a graph without one node (or −1) and one pair, by
// painting.
func (g *Graph) parts(node int, pair [2]int) int {
	colour := make([]int, g.Nodes())
	for i := range colour {
		colour[i] = i
	}
	for range colour {
		for _, l := range g.links {
			if l.From != node && l.To != node && [2]int{min(l.From, l.To), max(l.From, l.To)} != pair {
				least := min(colour[l.From], colour[l.To])
				colour[l.From], colour[l.To] = least, least
			}
		}
	}
	count := 0
	for i, c := range colour {
		if c == i && i != node {
			count++
		}
	}
	return count
}

// karate is Zachary's karate club: W. W. Zachary, "An Information Flow Model for
// Conflict and Fission in Small Groups", Journal of Anthropological Research 33,
// 1977. Members are numbered from 1 there, from 0 here.
func karate(t testing.TB) *Graph {
	friends := [][]int{
		1: {2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 18, 20, 22, 32}, 2: {3, 4, 8, 14, 18, 20, 22, 31},
		3: {4, 8, 9, 10, 14, 28, 29, 33}, 4: {8, 13, 14}, 5: {7, 11}, 6: {7, 11, 17}, 7: {17}, 9: {31, 33, 34},
		10: {34}, 14: {34}, 15: {33, 34}, 16: {33, 34}, 19: {33, 34}, 20: {34}, 21: {33, 34}, 23: {33, 34},
		24: {26, 28, 30, 33, 34}, 25: {26, 28, 32}, 26: {32}, 27: {30, 34}, 28: {34}, 29: {32, 34}, 30: {33, 34},
		31: {33, 34}, 32: {33, 34}, 33: {34},
	}
	var pairs [][2]int
	for a, all := range friends {
		for _, b := range all {
			pairs = append(pairs, [2]int{a - 1, b - 1})
		}
	}
	require.Len(t, pairs, 78)
	return both(t, 34, pairs...)
}

// abilene is the Abilene backbone as scenarios/library/abilene.csv has it.
func abilene(t testing.TB) *Graph {
	const (
		atlanta = iota
		chicago
		denver
		houston
		indianapolis
		kansasCity
		losAngeles
		newYork
		seattle
		sunnyvale
		washington
	)
	return both(t, 11, [][2]int{
		{atlanta, houston}, {atlanta, indianapolis}, {atlanta, washington}, {chicago, indianapolis}, {chicago, newYork},
		{denver, kansasCity}, {denver, seattle}, {denver, sunnyvale}, {houston, kansasCity}, {houston, losAngeles},
		{indianapolis, kansasCity}, {losAngeles, sunnyvale}, {newYork, washington}, {seattle, sunnyvale},
	}...)
}
