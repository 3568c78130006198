package netmodel

import (
	"fmt"
	"slices"

	"meshsim/sim"
)

// maxRewireSteps bounds the work of rewiring: each rewired link looks at all nodes.
const maxRewireSteps = 1 << 26

// SmallWorld is the graph of Watts and Strogatz (Nature 393, 1998): a ring in which
// each of n positions is linked to its k nearest, k even and below n, and the far
// end of each link then goes elsewhere with probability rewire, lap by lap, but
// never to the node itself or to a neighbour that it has.
//
// Whether the link from a node to the j-th after it is rewired is the draw of
// topology/KEY/rewire for the message (j, attempt). Where it goes is drawn by
// rendezvous hashing: each candidate's score is the draw of topology/KEY/target for
// the message (hash of the candidate's key, attempt) and copy number j, and the
// highest wins. A further node at the end moves the links that close the ring,
// k(k + 2)/8 of them, and of the rewired ones those that it wins, one in n, and those
// for which either of these changed who was a neighbour already.
func (c Chance) SmallWorld(k int, rewire sim.Ratio, attempt uint64) ([]Pair, error) {
	n := len(c.Keys)
	if k < 2 || k%2 != 0 || k >= n {
		return nil, fmt.Errorf("small_world of %d nodes with %d neighbours each: an even number of at least 2 and below the number of nodes is needed", n, k)
	}
	if int64(n)*int64(k)/2 > MaxDrawn {
		return nil, tooManyLinks("small_world", n)
	}
	if SmallWorldSteps(n, k, rewire) > maxRewireSteps {
		return nil, fmt.Errorf("small_world of %d nodes: rewiring would look at more than %d candidates", n, maxRewireSteps)
	}
	w := rewiring{Chance: c, attempt: attempt, hashes: c.hashes(), next: make([][]int, n), seen: make([]int, n)}
	for i := range n {
		for j := 1; j <= k/2; j++ {
			w.link(i, (i+j)%n)
		}
	}
	for j := 1; j <= k/2; j++ {
		for i := range n {
			if rewire.Hit(c.node(i, "rewire").Draw(sim.Key{Source: uint64(j), N: attempt}, 0)) {
				w.move(i, j)
			}
		}
	}
	return w.pairs(), nil
}

// SmallWorldSteps is about how many steps SmallWorld takes.
func SmallWorldSteps(n, k int, rewire sim.Ratio) int64 {
	links := int64(n) * int64(k) / 2
	rewired := int64(sim.ScaleHalfUp(uint64(links), uint64(rewire), uint64(sim.One)))
	return links + rewired*int64(n)
}

// rewiring is a small world in the making.
type rewiring struct {
	Chance
	attempt uint64
	hashes  []uint64
	next    [][]int // neighbours of each position
	seen    []int   // the last mark that a position got
	mark    int
}

func (w *rewiring) link(a, b int) {
	w.next[a], w.next[b] = append(w.next[a], b), append(w.next[b], a)
}

func (w *rewiring) cut(a, b int) {
	for _, ends := range [2][2]int{{a, b}, {b, a}} {
		at := slices.Index(w.next[ends[0]], ends[1])
		w.next[ends[0]] = slices.Delete(w.next[ends[0]], at, at+1)
	}
}

// move gives the link from i to the j-th after it another far end, if there is one
// that i is not linked to.
func (w *rewiring) move(i, j int) {
	w.mark++
	w.seen[i] = w.mark
	for _, neighbour := range w.next[i] {
		w.seen[neighbour] = w.mark
	}
	stream, best, high := w.node(i, "target"), -1, uint64(0)
	for candidate, mark := range w.seen {
		if mark == w.mark {
			continue
		}
		score := stream.Draw(sim.Key{Source: w.hashes[candidate], N: w.attempt}, uint32(j))
		if best < 0 || score > high {
			best, high = candidate, score
		}
	}
	if best >= 0 {
		w.cut(i, (i+j)%len(w.next))
		w.link(i, best)
	}
}

func (w *rewiring) pairs() []Pair {
	var pairs []Pair
	for a, next := range w.next {
		slices.Sort(next)
		for _, b := range next {
			if a < b {
				pairs = append(pairs, Pair{a, b})
			}
		}
	}
	return pairs
}
