package netmodel

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
)

// chance is that of n nodes n0, n1, … under a seed.
func chance(seed sim.Seed, n int) Chance {
	c := Chance{Seed: seed}
	for i := range n {
		c.Keys = append(c.Keys, fmt.Sprintf("n%d", i))
	}
	return c
}

// sample is the mean of many observations and its standard error.
type sample struct{ n, sum, squares float64 }

func (s *sample) add(x float64)     { s.n, s.sum, s.squares = s.n+1, s.sum+x, s.squares+x*x }
func (s *sample) mean() float64     { return s.sum / s.n }
func (s *sample) variance() float64 { return s.squares/s.n - s.mean()*s.mean() }
func (s *sample) agrees(t *testing.T, want float64, what string) {
	t.Helper()
	se := math.Sqrt(s.variance() / s.n)
	t.Logf("%s: %.5f, expected %.5f, standard error %.5f", what, s.mean(), want, se)
	assert.InDelta(t, want, s.mean(), 4*se, what)
}

// G(n, p) is connected with the probability that the recursion over the component
// of the first node gives (Gilbert 1959).
func TestRandomIsConnectedAsOftenAsGilbertSays(t *testing.T) {
	const n, graphs = 50, 10_000
	p := sim.Ratio(math.Round((math.Log(n) + 1) / n * float64(sim.One)))
	q := 1 - float64(p)/float64(sim.One)
	exact := make([]float64, n+1)
	for m := 1; m <= n; m++ {
		exact[m] = 1
		choose := 1.0 // of m − 1 others, k − 1
		for k := 1; k < m; k++ {
			exact[m] -= choose * exact[k] * math.Pow(q, float64(k*(m-k)))
			choose = choose * float64(m-k) / float64(k)
		}
	}
	assert.InDelta(t, 0.72856, exact[n], 0.00001)
	connected, links := sample{}, sample{}
	for g := range graphs { // redrawing is as good as another seed
		pairs, err := chance(sim.Seed(g/2), n).Random(p, uint64(g%2))
		require.NoError(t, err)
		links.add(float64(len(pairs)))
		connected.add(map[bool]float64{true: 1}[Connected(n, pairs)])
	}
	assert.InDelta(t, exact[n], connected.mean(), 0.018)
	links.agrees(t, n*(n-1)/2*(1-q), "links")
	// Of independent coins, the number of heads has this variance; its own standard
	// error is √(2/N) of it, near enough to a normal.
	variance := n * (n - 1) / 2 * q * (1 - q)
	assert.InDelta(t, variance, links.variance(), 4*variance*math.Sqrt(2/float64(graphs)))
}

// The expected number of links in the unit square is n(n−1)/2 (πr² − 8r³/3 + r⁴/2).
func TestGeometricHasAsManyLinksAsItsFormulaSays(t *testing.T) {
	const n, r, graphs = 50, 0.2, 4000
	want := n * (n - 1) / 2 * (math.Pi*r*r - 8*r*r*r/3 + r*r*r*r/2)
	assert.InDelta(t, 128.785, want, 0.001)
	links, xs := sample{}, []float64{}
	for seed := range sim.Seed(graphs) {
		places, pairs, err := chance(seed, n).Geometric(200_000_000, 0)
		require.NoError(t, err)
		links.add(float64(len(pairs)))
		for _, place := range places {
			assert.Equal(t, InSquare, place.Kind)
			xs = append(xs, float64(place.X)/(1<<32), float64(place.Y)/(1<<32))
		}
	}
	links.agrees(t, want, "links")
	slices.Sort(xs)
	for i, x := range xs {
		if gap := math.Abs(x - float64(i)/float64(len(xs))); gap > 1.95/math.Sqrt(float64(len(xs))) {
			t.Fatalf("coordinates are not even: %g of them are below %g", float64(i)/float64(len(xs)), x)
		}
	}
}

// Published shares of the pairs that can talk, over one hop or more, in a unit
// square of 20 nodes. How many graphs were drawn for them is not known; one graph's
// share has a standard deviation of about 0.2, so what a hundred would show is allowed.
func TestGeometricLetsAsManyPairsTalkAsPublished(t *testing.T) {
	const n, graphs, published = 20, 5000, 100
	for radius, want := range map[int64]float64{240_000_000: 0.4238, 320_000_000: 0.8789} {
		talk := sample{}
		for seed := range sim.Seed(graphs) {
			_, pairs, err := chance(seed, n).Geometric(radius, 0)
			require.NoError(t, err)
			talk.add(pairsThatTalk(n, pairs))
		}
		t.Logf("radius %g: %.4f, published %.4f, standard deviation of one graph %.3f", float64(radius)/1e9, talk.mean(), want, math.Sqrt(talk.variance()))
		assert.InDelta(t, want, talk.mean(), 4*math.Sqrt(talk.variance()/published))
	}
}

func TestConnectedAgainstSearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		position := rapid.IntRange(0, n-1)
		var pairs []Pair
		for range rapid.IntRange(0, 2*n).Draw(t, "links") {
			if a, b := position.Draw(t, "a"), position.Draw(t, "b"); a != b {
				pairs = append(pairs, Pair{min(a, b), max(a, b)})
			}
		}
		want := n == 1 || pairsThatTalk(n, pairs) == 1
		require.Equal(t, want, Connected(n, pairs), "%v", pairs)
	})
}

// The first connected attempt is taken, and none after the last is made.
func TestRedraw(t *testing.T) {
	broken, whole := []Pair{{0, 1}}, []Pair{{0, 1}, {1, 2}}
	var tried []uint64
	draw := func(attempt uint64) ([]Pair, error) {
		if tried = append(tried, attempt); attempt == 3 {
			return whole, nil
		}
		return broken, nil
	}
	pairs, found, err := Redraw(3, 4, draw)
	assert.True(t, found && err == nil)
	assert.Equal(t, whole, pairs)
	assert.Equal(t, []uint64{0, 1, 2, 3}, tried)
	tried = nil
	_, found, err = Redraw(3, 3, draw)
	assert.False(t, found)
	assert.NoError(t, err)
	assert.Equal(t, []uint64{0, 1, 2}, tried)
	_, found, err = Redraw(3, 3, func(uint64) ([]Pair, error) { return whole, errors.New("too many") })
	assert.False(t, found)
	assert.Error(t, err)
	for steps, want := range map[int64]int{0: 1000, 1225: 1000, 1 << 20: 32, 1 << 40: 4} {
		assert.Equal(t, want, Attempts(steps), "%d steps", steps)
	}
}

// What would fill the memory is refused while it is drawn.
func TestRandomTopologiesRefuse(t *testing.T) {
	_, err := chance(1, 1100).Random(sim.One, 0)
	assert.EqualError(t, err, "random of 1100 nodes: it has more than 524288 links")
	_, _, err = chance(1, 1100).Geometric(MaxRadius, 0)
	assert.EqualError(t, err, "geometric of 1100 nodes: it has more than 524288 links")
	_, err = chance(1, 1100).SmallWorld(1000, 0, 0)
	assert.EqualError(t, err, "small_world of 1100 nodes: it has more than 524288 links")
	_, err = chance(1, 9000).SmallWorld(4, sim.One, 0)
	assert.EqualError(t, err, "small_world of 9000 nodes: rewiring would look at more than 67108864 candidates")
	_, err = chance(1, 2000).ScaleFree(600, 0)
	assert.EqualError(t, err, "scale_free of 2000 nodes: it has more than 524288 links")
	for _, k := range []int{-2, 0, 1, 3, 10, 12} {
		_, err = chance(1, 10).SmallWorld(k, 0, 0)
		assert.Error(t, err, "k = %d", k)
	}
	for _, m := range []int{-1, 0, 10, 11} {
		_, err = chance(1, 10).ScaleFree(m, 0)
		assert.Error(t, err, "m = %d", m)
	}
}

// pairsThatTalk is the share of ordered pairs with a path, by depth-first search.
func pairsThatTalk(n int, pairs []Pair) float64 {
	next := make([][]int, n)
	for _, p := range pairs {
		next[p.A], next[p.B] = append(next[p.A], p.B), append(next[p.B], p.A)
	}
	reached := 0
	for from := range n {
		seen := make([]bool, n)
		var visit func(int)
		visit = func(i int) {
			seen[i] = true
			for _, j := range next[i] {
				if !seen[j] {
					reached++
					visit(j)
				}
			}
		}
		visit(from)
	}
	return float64(reached) / float64(n*(n-1))
}
