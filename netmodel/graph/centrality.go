package graph

import (
	"math"

	"gonum.org/v1/gonum/graph/network"
)

// Betweenness is for each node the number of ordered pairs of others whose shortest
// path in hops it relays; of pairs with several such paths it counts the share that
// it is on (U. Brandes, "A faster algorithm for betweenness centrality", 2001).
func (g *Graph) Betweenness() []float64 {
	all := make([]float64, len(g.names))
	for id, b := range network.Betweenness(g.view()) { // each key once: the order is all the same
		all[id] = b
	}
	return all
}

// Damping is the usual share of steps of PageRank that follow a link.
const Damping = 0.85

// PageRank is the share of time that a walker spends at each node who follows a
// link in its direction, any with the same chance, with probability damping (0 to
// 1), and otherwise, or where no link leads on, jumps anywhere (S. Brin, L. Page,
// "The Anatomy of a Large-Scale Hypertextual Web Search Engine", 1998). It iterates
// until nothing moves by more than 10⁻¹² in sum.
//
// gonum's begins from random numbers that no caller can set, and so ends in other
// last digits each time; this one begins from equal shares.
func (g *Graph) PageRank(damping float64) []float64 {
	n := float64(len(g.names))
	rank, next := make([]float64, len(g.names)), make([]float64, len(g.names))
	for i := range rank {
		rank[i] = 1 / n
	}
	for range 1000 { // 0.85¹⁰⁰⁰ is no number any more
		lost := 0.0 // by nodes that no link leaves
		clear(next)
		for from, r := range rank {
			out := g.out(from)
			if len(out) == 0 {
				lost += r
			}
			for _, l := range out {
				next[l.To] += r / float64(len(out))
			}
		}
		moved := 0.0
		for i := range next {
			next[i] = (1-damping)/n + damping*(next[i]+lost/n)
			moved += math.Abs(next[i] - rank[i])
		}
		rank, next = next, rank
		if moved < 1e-12 {
			break
		}
	}
	return rank
}
