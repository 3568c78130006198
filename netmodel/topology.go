package netmodel

import "fmt"

// Pair is a two-way link between two positions of a topology, A < B.
type Pair struct{ A, B int }

// MaxPairs is the most links that a generator makes: memory bounds a network.
const MaxPairs = 1 << 22

// Line links n positions in a row. It fails when n is below 1 or the links are
// more than MaxPairs, and so do the other generators.
func Line(n int) ([]Pair, error) {
	if err := checkSize("line", n, int64(n)-1); err != nil {
		return nil, err
	}
	pairs := make([]Pair, 0, n)
	for i := 1; i < n; i++ {
		pairs = append(pairs, Pair{i - 1, i})
	}
	return pairs, nil
}

// Ring links n positions in a circle. Two positions share one link, and a single
// one has none.
func Ring(n int) ([]Pair, error) {
	if err := checkSize("ring", n, int64(n)); err != nil {
		return nil, err
	}
	pairs, err := Line(n)
	if n > 2 {
		pairs = append(pairs, Pair{0, n - 1})
	}
	return pairs, err
}

// Full links each of n positions with every other.
func Full(n int) ([]Pair, error) {
	links := int64(n) * (int64(n) - 1) / 2
	if err := checkSize("full", n, links); err != nil {
		return nil, err
	}
	pairs := make([]Pair, 0, links)
	for a := range n {
		for b := a + 1; b < n; b++ {
			pairs = append(pairs, Pair{a, b})
		}
	}
	return pairs, nil
}

// checkSize judges n first: of a huge one the number of links may have wrapped.
func checkSize(kind string, n int, links int64) error {
	if n < 1 {
		return fmt.Errorf("%s of %d nodes: at least 1 is needed", kind, n)
	}
	if n > MaxPairs+1 || links > MaxPairs {
		return fmt.Errorf("%s of %d nodes: it would have more than %d links", kind, n, MaxPairs)
	}
	return nil
}
