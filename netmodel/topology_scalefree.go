package netmodel

import (
	"fmt"

	"meshsim/sim"
)

// ScaleFree is the graph of Barabási and Albert (Science 286, 1999): the first m
// positions begin without links, position m is linked to all of them, and each
// later one to m different earlier ones, a node of twice the degree being twice as
// likely. It has m(n − m) links and is connected.
//
// The l-th choice of a node, from 0, is the draw of topology/KEY/attach for the
// message (l, attempt). It depends on earlier positions only, so the graph stays as
// it is when a further node comes.
func (c Chance) ScaleFree(m int, attempt uint64) ([]Pair, error) {
	n := len(c.Keys)
	if m < 1 || m >= n {
		return nil, fmt.Errorf("scale_free of %d nodes with %d links for each that joins: at least 1 and fewer than the nodes are needed", n, m)
	}
	if int64(m)*int64(n-m) > MaxDrawn {
		return nil, tooManyLinks("scale_free", n)
	}
	pairs := make([]Pair, 0, m*(n-m))
	degrees, chances, total := make([]int, n), make(weights, n+1), 0
	for i := m; i < n; i++ {
		stream, left := c.node(i, "attach"), total
		for l := range m {
			target := l
			if i > m {
				target = chances.find(int(sim.Below(stream.Draw(sim.Key{Source: uint64(l), N: attempt}, 0), uint64(left))))
			}
			pairs = append(pairs, Pair{target, i})
			chances.add(target, -degrees[target]) // no second link to it
			left -= degrees[target]
		}
		for _, p := range pairs[len(pairs)-m:] {
			degrees[p.A]++
			chances.add(p.A, degrees[p.A])
		}
		degrees[i] = m
		chances.add(i, m)
		total += 2 * m
	}
	return pairs, nil
}

// weights are numbers by position as a binary indexed tree (Fenwick 1994): entry i,
// from 1, holds the sum of as many positions below i as its lowest bit says.
type weights []int

func (w weights) add(position, weight int) {
	for i := position + 1; i < len(w); i += i & -i {
		w[i] += weight
	}
}

// find returns the first position up to which the weights sum to more than sum,
// which must be less than all of them.
func (w weights) find(sum int) int {
	step := 1
	for step < len(w) {
		step *= 2
	}
	position := 0
	for ; step > 0; step /= 2 {
		if next := position + step; next < len(w) && w[next] <= sum {
			position, sum = next, sum-w[next]
		}
	}
	return position
}
