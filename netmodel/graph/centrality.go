package graph

import "gonum.org/v1/gonum/graph/network"

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
// below 1), and otherwise, or where no link leads on, jumps anywhere (S. Brin,
// L. Page, "The Anatomy of a Large-Scale Hypertextual Web Search Engine", 1998).
//
// gonum's begins from random numbers that no caller can set, and so ends in other
// last digits each time; this one begins from equal shares.
func (g *Graph) PageRank(damping float64) []float64 {
	out := make([][]Opinion, len(g.names))
	for _, l := range g.links {
		out[l.From] = append(out[l.From], Opinion{l.To, 1})
	}
	return EigenTrust(out, nil, 1-damping)
}
