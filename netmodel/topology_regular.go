package netmodel

import "fmt"

// Star links position 0, the hub, with each of the others.
func Star(n int) ([]Pair, error) {
	if err := checkSize("star", n, int64(n)-1); err != nil {
		return nil, err
	}
	pairs := make([]Pair, 0, n-1)
	for i := 1; i < n; i++ {
		pairs = append(pairs, Pair{0, i})
	}
	return pairs, nil
}

// Grid links each position of rows × columns with those beside, above and below
// it. Position row·columns + column stands in that row and column, both from 0.
func Grid(rows, columns int) ([]Pair, error) {
	n, err := checkTable("grid", rows, columns, 1)
	if err != nil {
		return nil, err
	}
	pairs := make([]Pair, 0, 2*n)
	for i := range n {
		if i%columns < columns-1 {
			pairs = append(pairs, Pair{i, i + 1})
		}
		if i < n-columns {
			pairs = append(pairs, Pair{i, i + columns})
		}
	}
	return pairs, nil
}

// Torus is Grid with the ends of every row and of every column linked too: each
// position has four neighbours. It needs three rows and three columns, since two
// would be linked twice.
func Torus(rows, columns int) ([]Pair, error) {
	n, err := checkTable("torus", rows, columns, 3)
	if err != nil {
		return nil, err
	}
	pairs := make([]Pair, 0, 2*n)
	link := func(a, b int) { pairs = append(pairs, Pair{min(a, b), max(a, b)}) }
	for i := range n {
		row, column := i/columns, i%columns
		link(i, row*columns+(column+1)%columns)
		link(i, (row+1)%rows*columns+column)
	}
	return pairs, nil
}

// Tree is the complete tree in which every position has branching children, filled
// level by level: the parent of i is (i − 1)/branching, and 0 is the root.
func Tree(n, branching int) ([]Pair, error) {
	if err := checkSize("tree", n, int64(n)-1); err != nil {
		return nil, err
	}
	if branching < 1 {
		return nil, fmt.Errorf("tree of %d children each: at least 1 is needed", branching)
	}
	pairs := make([]Pair, 0, n-1)
	for i := 1; i < n; i++ {
		pairs = append(pairs, Pair{(i - 1) / branching, i})
	}
	return pairs, nil
}

// checkTable judges the sides before their product, which may wrap.
func checkTable(kind string, rows, columns, least int) (n int, err error) {
	if rows < least || columns < least {
		return 0, fmt.Errorf("%s of %d rows and %d columns: at least %d of each are needed", kind, rows, columns, least)
	}
	if links := 2 * int64(min(rows, MaxPairs)) * int64(min(columns, MaxPairs)); links > MaxPairs {
		return 0, fmt.Errorf("%s of %d rows and %d columns: it would have more than %d links", kind, rows, columns, MaxPairs)
	}
	return rows * columns, nil
}
