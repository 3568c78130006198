package draw

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"meshsim/netmodel"
)

// Long lines are folded, and rings drawn closer, so that a page holds them: links of
// a line are an edge long, no node on another.
func TestLongLinesAndRingsFitAPage(t *testing.T) {
	for _, n := range []int{16, 50, 99, 200} {
		pairs, _ := netmodel.Line(n)
		p := picture(n, pairs...)
		s := sheet{picture: p, edges: p.edges(), at: layout(p, p.edges())}
		for _, e := range s.edges {
			assert.InDelta(t, 1, s.at[e.a].sub(s.at[e.b]).length(), 1e-9)
		}
		s.fit()
		assert.LessOrEqual(t, s.width, largest, "line of %d", n)
		assert.LessOrEqual(t, s.height, largest, "line of %d", n)
		for i, a := range s.at {
			for _, b := range s.at[:i] {
				assert.Greater(t, a.sub(b).length(), 2*radius)
			}
		}
	}
	pairs, _ := netmodel.Ring(50)
	p := picture(50, pairs...)
	s := sheet{picture: p, edges: p.edges(), at: layout(p, p.edges())}
	s.fit()
	assert.LessOrEqual(t, s.width, largest)
	pairs, _ = netmodel.Line(15)
	p = picture(15, pairs...)
	low, high := bounds(layout(p, p.edges()))
	assert.Greater(t, high.x-low.x, 13.9, "not folded")
}

// Nodes around a circle stand in the order in which people count.
func TestCirclesAreInNaturalOrder(t *testing.T) {
	p := picture(12)
	slices.SortFunc(p.Nodes, func(a, b Node) int { return cmpText(a.ID, b.ID) })
	for a := range 12 {
		for b := a + 1; b < 12; b++ {
			p.Links = append(p.Links, Link{From: a, To: b}, Link{From: b, To: a})
		}
	}
	at := layout(p, p.edges())
	place := map[string]point{}
	for i, n := range p.Nodes {
		place[n.ID] = at[i]
	}
	for i := range 12 {
		gap := place[fmt.Sprintf("n%d", i)].sub(place[fmt.Sprintf("n%d", (i+1)%12)])
		assert.InDelta(t, 1, gap.length(), 1e-9, "n%d is beside the next", i)
	}
}

func cmpText(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

func TestNaturalOrder(t *testing.T) {
	want := []string{"", "7", "10", "a", "a1b2", "a1b10", "a01c", "n", "n02", "n2", "n10", "n10a", "n99999999999999999999", "n100000000000000000000", "nn"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Natural)
	assert.Equal(t, want, got)
	rapid.Check(t, func(t *rapid.T) { // an order: equal only to itself, transitive
		name := rapid.StringMatching(`[a0-2]{0,5}`)
		a, b, c := name.Draw(t, "a"), name.Draw(t, "b"), name.Draw(t, "c")
		assert.Equal(t, Natural(a, b), -Natural(b, a))
		assert.Equal(t, a == b, Natural(a, b) == 0)
		if Natural(a, b) <= 0 && Natural(b, c) <= 0 {
			assert.LessOrEqual(t, Natural(a, c), 0)
		}
	})
}
