package netmodel

import (
	"fmt"

	"meshsim/sim"
)

// Chance is what a random topology draws from: the streams topology/KEY/WHAT of a
// node and topology/KEYA-KEYB of a pair. They are named by keys, so what nodes are
// called changes no graph. Where an order of nodes matters it is that of positions.
type Chance struct {
	Seed sim.Seed
	Keys []string // of the node at each position; no two are the same
}

// MaxDrawn is the most links of a random topology and of a file. It is less than
// MaxPairs: a number that was meant otherwise, such as a radius, easily asks for all
// of them, and so does a file that is no network.
const MaxDrawn = 1 << 19

func tooManyLinks(kind string, n int) error {
	return fmt.Errorf("%s of %d nodes: it has more than %d links", kind, n, MaxDrawn)
}

// node is a stream of the node at a position.
func (c Chance) node(position int, what string) sim.Stream {
	return c.Seed.Stream("topology/" + c.Keys[position] + "/" + what)
}

// hashes are those of the keys, by position.
func (c Chance) hashes() []uint64 {
	hashes := make([]uint64, len(c.Keys))
	for i, key := range c.Keys {
		hashes[i] = sim.Hash(key)
	}
	return hashes
}

// Random links each pair of positions with probability p, independently: the graph
// G(n, p) of Gilbert (1959).
//
// The coin of a pair is the draw of topology/KEYA-KEYB, KEYA before KEYB in byte
// order, for the message (hash of KEYB, attempt): keys may contain hyphens, so the
// path alone could be that of two pairs. It depends on nothing else, so the links
// between some nodes stay when others come or go.
func (c Chance) Random(p sim.Ratio, attempt uint64) ([]Pair, error) {
	var pairs []Pair
	hashes := c.hashes()
	path := []byte("topology/")
	for a := range c.Keys {
		for b := a + 1; b < len(c.Keys); b++ {
			low, high := a, b
			if c.Keys[b] < c.Keys[a] {
				low, high = b, a
			}
			path = append(path[:len("topology/")], c.Keys[low]...)
			path = append(append(path, '-'), c.Keys[high]...)
			if p.Hit(c.Seed.Stream(string(path)).Draw(sim.Key{Source: hashes[high], N: attempt}, 0)) {
				pairs = append(pairs, Pair{a, b})
			}
		}
		if len(pairs) > MaxDrawn {
			return nil, tooManyLinks("random", len(c.Keys))
		}
	}
	return pairs, nil
}

// Attempts is how often a topology is drawn at most in search of a connected one:
// 1000 times, but fewer when one attempt takes so many steps that all of them
// would take more than 2²⁵, and at least four times.
func Attempts(steps int64) int {
	const most, least, budget = 1000, 4, 1 << 25
	return int(max(least, min(most, budget/max(1, steps))))
}

// Redraw calls draw for attempt 0, 1, … until it gives a graph that connects all n
// positions, and reports whether one of the attempts did. An attempt draws
// everything anew.
func Redraw(n, attempts int, draw func(attempt uint64) ([]Pair, error)) (pairs []Pair, found bool, err error) {
	for attempt := range uint64(attempts) {
		pairs, err = draw(attempt)
		if err != nil || Connected(n, pairs) {
			return pairs, err == nil, err
		}
	}
	return nil, false, nil
}

// Connected reports whether links connect all of n positions, by disjoint sets.
func Connected(n int, pairs []Pair) bool {
	above := make([]int, n)
	for i := range above {
		above[i] = i
	}
	root := func(i int) int {
		for above[i] != i {
			above[i] = above[above[i]]
			i = above[i]
		}
		return i
	}
	parts := n
	for _, p := range pairs {
		if a, b := root(p.A), root(p.B); a != b {
			above[max(a, b)] = min(a, b)
			parts--
		}
	}
	return parts <= 1
}
