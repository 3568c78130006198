package netmodel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
)

// generator draws one graph of a kind whose parameters are set.
type generator func(c Chance, attempt uint64) ([]Pair, error)

// drawnKinds are the random kinds with drawn parameters that n nodes allow.
func drawnKinds(t *rapid.T, n int) map[string]generator {
	p := sim.Ratio(rapid.Uint32Range(0, uint32(sim.One)).Draw(t, "p"))
	radius := rapid.Int64Range(0, Billionths*3/2).Draw(t, "radius")
	m := rapid.IntRange(1, n-1).Draw(t, "attach")
	k := 2 * rapid.IntRange(1, (n-1)/2).Draw(t, "k/2")
	return map[string]generator{
		"random": func(c Chance, attempt uint64) ([]Pair, error) { return c.Random(p, attempt) },
		"geometric": func(c Chance, attempt uint64) ([]Pair, error) {
			_, pairs, err := c.Geometric(radius, attempt)
			return pairs, err
		},
		"scale_free":  func(c Chance, attempt uint64) ([]Pair, error) { return c.ScaleFree(m, attempt) },
		"small_world": func(c Chance, attempt uint64) ([]Pair, error) { return c.SmallWorld(k, p, attempt) },
	}
}

// byKey writes links by the keys of their ends.
func byKey(c Chance, pairs []Pair) []string {
	var links []string
	for _, p := range pairs {
		links = append(links, min(c.Keys[p.A], c.Keys[p.B])+"|"+max(c.Keys[p.A], c.Keys[p.B]))
	}
	slices.Sort(links)
	return links
}

// without takes out the links of a node.
func without(c Chance, pairs []Pair, key string) []Pair {
	return slices.DeleteFunc(slices.Clone(pairs), func(p Pair) bool { return c.Keys[p.A] == key || c.Keys[p.B] == key })
}

func drawKeys(t *rapid.T) []string {
	return rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c-]{1,4}`), 3, 50, rapid.ID[string]).Draw(t, "keys")
}

// Whatever is drawn is a simple graph, the same again when asked again, and another
// under another seed or in another attempt unless nothing is left to chance.
func TestRandomTopologiesAreSimpleGraphs(t *testing.T) {
	differ := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		c := Chance{Seed: sim.Seed(rapid.Uint64Range(0, 1000).Draw(t, "seed")), Keys: drawKeys(t)}
		for name, draw := range drawnKinds(t, len(c.Keys)) {
			pairs, err := draw(c, 0)
			require.NoError(t, err, name)
			seen := map[Pair]bool{}
			for _, p := range pairs {
				require.True(t, 0 <= p.A && p.A < p.B && p.B < len(c.Keys), "%s: %v", name, p)
				require.False(t, seen[p], "%s: %v twice", name, p)
				seen[p] = true
			}
			again, err := draw(c, 0)
			require.NoError(t, err)
			require.Equal(t, pairs, again)
			retry, err := draw(c, 1)
			require.NoError(t, err)
			reseeded, err := draw(Chance{c.Seed + 1, c.Keys}, 0)
			require.NoError(t, err)
			if !slices.Equal(pairs, retry) && !slices.Equal(pairs, reseeded) {
				differ[name]++
			}
		}
	})
	for _, name := range []string{"random", "geometric", "scale_free", "small_world"} {
		assert.Positive(t, differ[name], "%s never differs", name)
	}
}

// A coin belongs to a pair and a place to a node, in whatever order they stand:
// taking any node out leaves the links between the others.
func TestRandomAndGeometricKeepWhatIsBetweenOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Chance{Seed: 7, Keys: drawKeys(t)}
		gone := rapid.SampledFrom(c.Keys).Draw(t, "gone")
		others := rapid.Permutation(slices.DeleteFunc(slices.Clone(c.Keys), func(key string) bool { return key == gone })).Draw(t, "order")
		fewer := Chance{Seed: 7, Keys: others}
		for name, draw := range drawnKinds(t, len(c.Keys)) {
			if name == "random" || name == "geometric" {
				all, err := draw(c, 3)
				require.NoError(t, err)
				some, err := draw(fewer, 3)
				require.NoError(t, err)
				require.Equal(t, byKey(c, without(c, all, gone)), byKey(fewer, some), name)
			}
		}
	})
}

// Pairs whose paths are spelt alike have coins of their own.
func TestHyphensInKeysShareNoCoin(t *testing.T) {
	c, same := Chance{Keys: []string{"a-b", "c", "a", "b-c"}}, 0
	for seed := range sim.Seed(1000) {
		c.Seed = seed
		pairs, err := c.Random(sim.One/2, 0)
		require.NoError(t, err)
		if slices.Contains(pairs, Pair{0, 1}) == slices.Contains(pairs, Pair{2, 3}) {
			same++
		}
	}
	assert.InDelta(t, 500, same, 4*15.9)
}

// The links of a scale-free graph are those of the graph that it grew from.
func TestScaleFreeGrowsInPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 50).Draw(t, "n")
		m := rapid.IntRange(1, n-1).Draw(t, "attach")
		small, err := chance(3, n).ScaleFree(m, 0)
		require.NoError(t, err)
		large, err := chance(3, n+1).ScaleFree(m, 0)
		require.NoError(t, err)
		require.Len(t, small, m*(n-m))
		require.Equal(t, small, large[:len(small)])
		require.True(t, Connected(n, small))
	})
}

// A further node at the end of a small world moves the links that close the ring and
// few of the rewired ones. Were targets drawn by position, all would move.
func TestSmallWorldMovesFewLinks(t *testing.T) {
	const n, k, graphs = 50, 6, 200
	kept := sample{}
	for seed := range sim.Seed(graphs) {
		small, err := chance(seed, n).SmallWorld(k, sim.One, 0) // every link rewired
		require.NoError(t, err)
		large, err := chance(seed, n+1).SmallWorld(k, sim.One, 0)
		require.NoError(t, err)
		count := 0
		for _, p := range small {
			if slices.Contains(large, p) {
				count++
			}
		}
		kept.add(float64(count) / float64(len(small)))
	}
	t.Logf("kept %.3f", kept.mean())
	assert.Greater(t, kept.mean(), 0.95)
}

// Without rewiring the clustering coefficient is 3(k−2)/4(k−1), and the mean path
// of 50 nodes with 6 neighbours each is 4.5918 (Watts, Strogatz 1998).
func TestSmallWorldWithoutRewiringIsTheLattice(t *testing.T) {
	pairs, err := chance(1, 50).SmallWorld(6, 0, 0)
	require.NoError(t, err)
	assert.Len(t, pairs, 150)
	for _, degree := range degreesOf(50, pairs) {
		assert.Equal(t, 6, degree)
	}
	assert.InDelta(t, 0.6, clustering(50, pairs), 1e-12)
	assert.InDelta(t, 4.5918, meanHops(50, pairs), 0.00005)
}

// Rewired graphs agree with the paper's procedure written down naively.
func TestSmallWorldAgainstTwin(t *testing.T) {
	const n, graphs = 30, 1500
	for _, c := range []struct {
		k      int
		rewire float64
	}{{4, 0.1}, {6, 0.5}, {6, 1}} {
		rng := rand.New(rand.NewPCG(1, 2))
		var own, twin [4]sample
		for seed := range sim.Seed(graphs) {
			pairs, err := chance(seed, n).SmallWorld(c.k, sim.Ratio(c.rewire*1e9), 0)
			require.NoError(t, err)
			require.Len(t, pairs, n*c.k/2)
			measure(&own, n, pairs)
			measure(&twin, n, naiveSmallWorld(rng, n, c.k, c.rewire))
		}
		compare(t, own, twin)
	}
}

func TestScaleFreeAgainstTwin(t *testing.T) {
	const n, m, graphs = 40, 3, 1500
	rng := rand.New(rand.NewPCG(3, 4))
	var own, twin, even [4]sample
	for seed := range sim.Seed(graphs) {
		pairs, err := chance(seed, n).ScaleFree(m, 0)
		require.NoError(t, err)
		measure(&own, n, pairs)
		measure(&twin, n, naiveScaleFree(rng, n, m))
		flat, err := chance(seed, n).Random(sim.Ratio(float64(len(pairs))/(n*(n-1)/2)*1e9), 0)
		require.NoError(t, err)
		measure(&even, n, flat)
	}
	compare(t, own, twin)
	// The tail is heavier than that of G(n, p) with as many links.
	assert.Greater(t, own[0].mean(), even[0].mean()+4)
}

// measure notes the greatest degree, the mean square of degrees, the clustering
// coefficient, and the share of links between nodes next to each other on the ring.
func measure(s *[4]sample, n int, pairs []Pair) {
	degrees, squares, beside := degreesOf(n, pairs), 0, 0
	for _, d := range degrees {
		squares += d * d
	}
	for _, p := range pairs {
		if p.B-p.A == 1 || p.B-p.A == n-1 {
			beside++
		}
	}
	for i, x := range []float64{float64(slices.Max(degrees)), float64(squares) / float64(n), clustering(n, pairs), float64(beside) / float64(len(pairs))} {
		s[i].add(x)
	}
}

// compare asks that two samples have the same mean.
func compare(t *testing.T, own, twin [4]sample) {
	t.Helper()
	for i, what := range []string{"greatest degree", "square of degrees", "clustering", "links on the ring"} {
		se := math.Sqrt(own[i].variance()/own[i].n + twin[i].variance()/twin[i].n)
		t.Logf("%s: %.5f, twin %.5f, standard error of the difference %.5f", what, own[i].mean(), twin[i].mean(), se)
		assert.InDelta(t, twin[i].mean(), own[i].mean(), 4*se, what)
	}
}

func naiveSmallWorld(rng *rand.Rand, n, k int, rewire float64) []Pair {
	linked := map[Pair]bool{}
	pair := func(a, b int) Pair { return Pair{min(a, b), max(a, b)} }
	for i := range n {
		for j := 1; j <= k/2; j++ {
			linked[pair(i, (i+j)%n)] = true
		}
	}
	for j := 1; j <= k/2; j++ {
		for i := range n {
			if rng.Float64() >= rewire {
				continue
			}
			for range 10_000 { // a free target is found long before
				if to := rng.IntN(n); to != i && !linked[pair(i, to)] {
					delete(linked, pair(i, (i+j)%n))
					linked[pair(i, to)] = true
					break
				}
			}
		}
	}
	var pairs []Pair
	for p := range linked {
		pairs = append(pairs, p)
	}
	return pairs
}

// naiveScaleFree draws from a list in which each node stands as often as it has
// links, again if a node comes twice.
func naiveScaleFree(rng *rand.Rand, n, m int) []Pair {
	var pairs []Pair
	var ends []int
	for i := m; i < n; i++ {
		var targets []int
		for len(targets) < m {
			to := len(targets)
			if i > m {
				to = ends[rng.IntN(len(ends))]
			}
			if !slices.Contains(targets, to) {
				targets = append(targets, to)
			}
		}
		for _, to := range targets {
			pairs = append(pairs, Pair{to, i})
			ends = append(ends, to, i)
		}
	}
	return pairs
}

// clustering is the mean over nodes of the share of their pairs of neighbours that
// are linked.
func clustering(n int, pairs []Pair) float64 {
	linked := map[Pair]bool{}
	next := make([][]int, n)
	for _, p := range pairs {
		linked[p] = true
		next[p.A], next[p.B] = append(next[p.A], p.B), append(next[p.B], p.A)
	}
	sum := 0.0
	for _, around := range next {
		closed := 0
		for i, a := range around {
			for _, b := range around[:i] {
				if linked[Pair{min(a, b), max(a, b)}] {
					closed++
				}
			}
		}
		if d := len(around); d > 1 {
			sum += float64(closed) / float64(d*(d-1)/2)
		}
	}
	return sum / float64(n)
}

// meanHops is the mean distance of all pairs, by Floyd and Warshall.
func meanHops(n int, pairs []Pair) float64 {
	hops := make([][]int, n)
	for i := range hops {
		hops[i] = slices.Repeat([]int{n}, n)
		hops[i][i] = 0
	}
	for _, p := range pairs {
		hops[p.A][p.B], hops[p.B][p.A] = 1, 1
	}
	sum := 0
	for k := range n {
		for i := range n {
			for j := range n {
				hops[i][j] = min(hops[i][j], hops[i][k]+hops[k][j])
			}
		}
	}
	for i := range n {
		for j := range n {
			sum += hops[i][j]
		}
	}
	return float64(sum) / float64(n*(n-1))
}
