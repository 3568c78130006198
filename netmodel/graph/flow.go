package graph

import (
	"cmp"
	"slices"
)

// Cut is a least set of links, in their direction, whose loss leaves no way from a
// source to a destination. Of several it is the one nearest to the source.
type Cut struct {
	Links     [][2]int // from, to; ascending
	Capacity  int64    // of MinCut their number, of Bottleneck their bandwidth in bit/s
	Unlimited bool     // of Bottleneck: there is a way over links of unlimited bandwidth; no links then
}

// unbounded is more than any flow that has an end, and small enough to be added to.
const unbounded = 1 << 61

// MinCut is the least number of links whose loss leaves no way. By Menger's theorem
// there are as many ways that share no link.
func (g *Graph) MinCut(source, destination int) Cut {
	return g.cut(source, destination, func(Link) int64 { return 1 })
}

// Bottleneck is the least bandwidth whose loss leaves no way: what all ways together
// can carry (L. R. Ford, D. R. Fulkerson, "Maximal Flow through a Network", 1956).
func (g *Graph) Bottleneck(source, destination int) Cut {
	most := unbounded / int64(len(g.out(source))+1) // keeps the sum at the source below unbounded
	c := g.cut(source, destination, func(l Link) int64 {
		if l.Bandwidth == 0 {
			return unbounded
		}
		return min(l.Bandwidth, most)
	})
	if c.Capacity >= unbounded {
		return Cut{Unlimited: true}
	}
	return c
}

func (g *Graph) cut(source, destination int, capacity func(Link) int64) Cut {
	f := flow{first: make([][]int32, len(g.names)), level: make([]int32, len(g.names)), next: make([]int, len(g.names))}
	for _, l := range g.links {
		f.arc(l.From, l.To, capacity(l))
	}
	c := Cut{Capacity: f.run(source, destination)}
	if c.Capacity >= unbounded {
		return c
	}
	for _, l := range g.links { // the last search reached one side of the cut
		if f.level[l.From] >= 0 && f.level[l.To] < 0 {
			c.Links = append(c.Links, [2]int{l.From, l.To})
		}
	}
	return c
}

// flow is a maximum flow by E. A. Dinic, "Algorithm for solution of a problem of
// maximum flow in networks with power estimation", 1970. gonum's gives the value
// in floats, and no cut.
type flow struct {
	first [][]int32 // arcs out of a node; arc i^1 is the reverse of arc i
	to    []int32
	left  []int64 // capacity that is left
	level []int32 // distance from the source over what is left, or −1
	next  []int   // by node: the first arc that may still lead on
}

func (f *flow) arc(from, to int, capacity int64) {
	f.first[from] = append(f.first[from], int32(len(f.to)))
	f.first[to] = append(f.first[to], int32(len(f.to)+1))
	f.to = append(f.to, int32(to), int32(from))
	f.left = append(f.left, capacity, 0)
}

// run is the value of the maximum flow, at most unbounded.
func (f *flow) run(source, destination int) (value int64) {
	for f.search(source); f.level[destination] >= 0 && value < unbounded; f.search(source) {
		clear(f.next)
		for value < unbounded {
			pushed := f.augment(source, destination)
			if pushed == 0 {
				break
			}
			value += pushed
		}
	}
	return value
}

// search finds the levels, breadth first.
func (f *flow) search(source int) {
	for i := range f.level {
		f.level[i] = -1
	}
	f.level[source] = 0
	queue := []int32{int32(source)}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, a := range f.first[at] {
			if to := f.to[a]; f.left[a] > 0 && f.level[to] < 0 {
				f.level[to] = f.level[at] + 1
				queue = append(queue, to)
			}
		}
	}
}

// augment pushes flow along one way that rises a level with each arc, and returns
// how much, 0 when there is none. Arcs that lead nowhere are not looked at again.
func (f *flow) augment(source, destination int) int64 {
	var way []int32
	at := source
	for at != destination {
		k := f.next[at]
		if k == len(f.first[at]) {
			if len(way) == 0 {
				return 0
			}
			at = int(f.to[way[len(way)-1]^1])
			way = way[:len(way)-1]
			f.next[at]++
			continue
		}
		a := f.first[at][k]
		if to := f.to[a]; f.left[a] > 0 && f.level[to] == f.level[at]+1 {
			way = append(way, a)
			at = int(to)
		} else {
			f.next[at]++
		}
	}
	least := f.left[slices.MinFunc(way, func(a, b int32) int { return cmp.Compare(f.left[a], f.left[b]) })]
	for _, a := range way {
		f.left[a] -= least
		f.left[a^1] += least
	}
	return least
}
