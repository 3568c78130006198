package netmodel

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every pair that the definition links, and no other: the twin asks of all pairs
// whether they are neighbours.
func TestRegularTopologiesAgainstTwins(t *testing.T) {
	type twin func(a, b int) bool
	check := func(name string, n int, pairs []Pair, err error, linked twin) {
		t.Helper()
		require.NoError(t, err, name)
		got := map[Pair]int{}
		for _, p := range pairs {
			require.Less(t, p.A, p.B, name)
			got[p]++
		}
		for a := range n {
			for b := a + 1; b < n; b++ {
				want := 0
				if linked(a, b) {
					want = 1
				}
				require.Equal(t, want, got[Pair{a, b}], "%s of %d: %d-%d", name, n, a, b)
			}
		}
	}
	for n := 1; n <= 30; n++ {
		pairs, err := Star(n)
		check("star", n, pairs, err, func(a, _ int) bool { return a == 0 })
		for branching := 1; branching <= 5; branching++ {
			pairs, err := Tree(n, branching)
			// Level order: node a's children are those after all children of earlier nodes.
			check("tree", n, pairs, err, func(a, b int) bool { return b > a*branching && b <= (a+1)*branching })
		}
	}
	for rows := 1; rows <= 6; rows++ {
		for columns := 1; columns <= 6; columns++ {
			apart := func(a, b, wrap int) int { // steps along a row or column
				d := max(a-b, b-a)
				return min(d, max(wrap-d, d*(1-min(wrap, 1))))
			}
			steps := func(a, b, rows, columns, wrapRows, wrapColumns int) int {
				return apart(a/columns, b/columns, wrapRows) + apart(a%columns, b%columns, wrapColumns)
			}
			pairs, err := Grid(rows, columns)
			check("grid", rows*columns, pairs, err, func(a, b int) bool { return steps(a, b, rows, columns, 0, 0) == 1 })
			require.Len(t, pairs, rows*(columns-1)+columns*(rows-1))
			pairs, err = Torus(rows, columns)
			if rows < 3 || columns < 3 {
				require.ErrorContains(t, err, "at least 3 of each are needed")
				continue
			}
			check("torus", rows*columns, pairs, err, func(a, b int) bool { return steps(a, b, rows, columns, rows, columns) == 1 })
			require.Len(t, pairs, 2*rows*columns)
			for i, degree := range degreesOf(rows*columns, pairs) {
				require.Equal(t, 4, degree, "node %d of a torus of %d × %d", i, rows, columns)
			}
		}
	}
}

func degreesOf(n int, pairs []Pair) []int {
	degrees := make([]int, n)
	for _, p := range pairs {
		degrees[p.A]++
		degrees[p.B]++
	}
	return degrees
}

func TestRegularTopologiesRefuse(t *testing.T) {
	for _, n := range []int{math.MinInt, -1, 0, MaxPairs + 2, math.MaxInt} {
		_, err := Star(n)
		assert.Error(t, err)
		_, err = Tree(n, 2)
		assert.Error(t, err)
		_, err = Grid(n, 3)
		assert.Error(t, err)
		_, err = Grid(3, n)
		assert.Error(t, err)
		_, err = Torus(n, n)
		assert.Error(t, err)
	}
	_, err := Tree(5, 0)
	assert.ErrorContains(t, err, "at least 1 is needed")
	_, err = Grid(1<<12, 1<<12)
	assert.ErrorContains(t, err, "more than 4194304 links")
}
