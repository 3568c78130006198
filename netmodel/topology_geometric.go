package netmodel

import (
	"cmp"
	"math/bits"
	"slices"

	"meshsim/sim"
)

// Billionths of the side of the unit square are the unit of a radius.
const Billionths = 1_000_000_000

// MaxRadius bounds the radius of Geometric; from √2 on everything is linked.
const MaxRadius = 2 * Billionths

// Geometric puts the nodes evenly into the unit square and links those that are at
// most radius apart, in billionths of its side, 0 … MaxRadius: the random geometric
// graph of Gilbert (1961).
//
// A place is the draw of topology/KEY/pos for the message (0, attempt): the upper
// halves of its first two words are x and y. It depends on the node alone, so the
// others and the links between them stay when a node comes or goes.
func (c Chance) Geometric(radius int64, attempt uint64) (places []Place, pairs []Pair, err error) {
	places = make([]Place, len(c.Keys))
	for i := range places {
		words := c.node(i, "pos").Block(sim.Key{N: attempt}, 0, 0)
		places[i] = Place{Kind: InSquare, X: int64(words[0] >> 32), Y: int64(words[1] >> 32)}
	}
	pairs, near := within(places, radius)
	if !near {
		return nil, nil, tooManyLinks("geometric", len(c.Keys))
	}
	return places, pairs, nil
}

// within finds the pairs of places that are at most radius apart, or reports that
// they are too many. It looks from each place to the right only as far as the
// radius goes.
func within(places []Place, radius int64) (pairs []Pair, few bool) {
	reach := radius << 32 / Billionths // in units of 2⁻³², rounded down
	fromLeft := make([]int, len(places))
	for i := range fromLeft {
		fromLeft[i] = i
	}
	slices.SortFunc(fromLeft, func(a, b int) int { return cmp.Or(cmp.Compare(places[a].X, places[b].X), cmp.Compare(a, b)) })
	for k, a := range fromLeft {
		for _, b := range fromLeft[k+1:] {
			dx, dy := places[b].X-places[a].X, places[b].Y-places[a].Y
			if dx > reach {
				break
			}
			if inReach(dx, dy, reach) {
				pairs = append(pairs, Pair{min(a, b), max(a, b)})
			}
		}
		if len(pairs) > MaxDrawn {
			return nil, false
		}
	}
	slices.SortFunc(pairs, func(p, q Pair) int { return cmp.Or(cmp.Compare(p.A, q.A), cmp.Compare(p.B, q.B)) })
	return pairs, true
}

// inReach reports dx² + dy² ≤ reach², in 128 bits.
func inReach(dx, dy, reach int64) bool {
	xx, yy := uint64(dx)*uint64(dx), uint64(dy)*uint64(dy) // of less than 2³² each, negative or not
	low, high := bits.Add64(xx, yy, 0)
	limitHigh, limitLow := bits.Mul64(uint64(reach), uint64(reach))
	return high < limitHigh || high == limitHigh && low <= limitLow
}
