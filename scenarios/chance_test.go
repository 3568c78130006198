package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
)

// struck is the first fault, without chance, of a ring with these lines under [[fault]].
func struck(t *testing.T, nodes int, seed uint64, duration string, lines ...string) FaultKind {
	text := fmt.Sprintf("version = 1\nseed = %d\nduration = %q\n[topology]\nkind = \"ring\"\nnodes = %d\n[[fault]]\n%s\n", seed, duration, nodes, strings.Join(lines, "\n"))
	s, err := LoadBytes([]byte(text), "x.toml")
	require.NoError(t, err)
	whole, err := s.SelfContained()
	require.NoError(t, err)
	return whole.Faults[0].Kind
}

// lowest is the naive way to the n names with the lowest draws.
func lowest(seed uint64, path string, keys []string, n int) []string {
	draw := func(key string) uint64 { return sim.Seed(seed).Stream(path).Draw(sim.Key{Source: sim.Hash(key)}, 0) }
	var chosen []string
	for range n {
		best := ""
		for _, k := range keys {
			if !slices.Contains(chosen, k) && (best == "" || draw(k) < draw(best)) {
				best = k
			}
		}
		chosen = append(chosen, best)
	}
	return chosen
}

func ringKeys(n int) (nodes, pairs []string) {
	for i := range n {
		nodes = append(nodes, fmt.Sprintf("n%d", i))
		a, b := fmt.Sprintf("n%d", i), fmt.Sprintf("n%d", (i+1)%n)
		pairs = append(pairs, min(a, b)+"-"+max(a, b))
	}
	return nodes, pairs
}

// Who is struck follows from the seed, the fault's name and the keys alone, and a
// node more changes at most one of them.
func TestWhoIsDrawn(t *testing.T) {
	different := map[string]bool{}
	for seed := range uint64(20) {
		var before []string
		for n := 6; n < 14; n++ {
			keys, pairs := ringKeys(n)
			nodes := struck(t, n, seed, "9s", `kind = "crash"`, `name = "f"`, `at = "1s"`, `nodes = { random = 4 }`).(NodeCrash).Nodes
			require.ElementsMatch(t, lowest(seed, "fault/f/nodes", keys, 4), []string(nodes))
			gone := 0
			for _, id := range before {
				if !slices.Contains(nodes, id) {
					gone++
				}
			}
			require.LessOrEqual(t, gone, 1)
			before = nodes
			different[strings.Join(nodes, " ")] = true

			var links []string
			for _, l := range struck(t, n, seed, "9s", `kind = "link_down"`, `name = "f"`, `at = "1s"`, `links = { random = 3 }`).(LinkDown).Links {
				links = append(links, strings.Replace(l, "<->", "-", 1))
			}
			require.ElementsMatch(t, lowest(seed, "fault/f/links", pairs, 3), links)
		}
	}
	require.Greater(t, len(different), 30, "another seed draws others")
	one := struck(t, 12, 1, "9s", `kind = "pause"`, `name = "f"`, `at = "1s"`, `nodes = { random = 4 }`)
	other := struck(t, 12, 1, "9s", `kind = "pause"`, `name = "g"`, `at = "1s"`, `nodes = { random = 4 }`)
	assert.NotEqual(t, one, other, "another fault draws others")
}

// Groups are of equal size or one more, hold every node once, in the order of draws;
// another node moves at most one from each group to the next.
func TestDrawnGroups(t *testing.T) {
	for seed := range uint64(10) {
		for k := 2; k <= 5; k++ {
			was := map[string]int{}
			for n := 6; n < 14; n++ {
				keys, _ := ringKeys(n)
				groups := struck(t, n, seed, "9s", `kind = "partition"`, `name = "f"`, `at = "1s"`, fmt.Sprintf("groups = { random = %d }", k)).(Partition).Groups
				require.Len(t, groups, k)
				var all []string
				moved, in := 0, map[string]int{}
				for g, ids := range groups {
					require.Contains(t, []int{n / k, (n + k - 1) / k}, len(ids))
					require.ElementsMatch(t, lowest(seed, "fault/f/groups", keys, len(all)+len(ids))[len(all):], ids)
					all = append(all, ids...)
					for _, id := range ids {
						in[id] = g
						if old, known := was[id]; known && old != g {
							require.Equal(t, 1, max(g-old, old-g))
							moved++
						}
					}
				}
				require.ElementsMatch(t, keys, all)
				require.LessOrEqual(t, moved, k-1)
				was = in
			}
		}
	}
}

func TestModesOfPartitions(t *testing.T) {
	const n, seeds = 5, 800
	left, alone, sizes := 0, map[string]int{}, map[int]int{}
	keys, _ := ringKeys(n)
	for seed := range uint64(seeds) {
		mode := func(mode string) [][]string {
			k := struck(t, n, seed, "9s", `kind = "partition"`, `name = "f"`, `at = "1s"`, "mode = "+quote(mode)).(Partition)
			require.Empty(t, k.Mode)
			return k.Groups
		}
		uniform := mode("uniform")
		require.ElementsMatch(t, keys, slices.Concat(uniform...))
		require.NotEmpty(t, uniform[0])
		require.NotEmpty(t, uniform[1])
		left += len(uniform[0])
		sizes[len(uniform[0])]++
		isolate := mode("isolate")
		require.Equal(t, [][]string{lowest(seed, "fault/f/groups", keys, 1), {"*"}}, isolate)
		alone[isolate[0][0]]++
		halves := mode("halves")
		require.ElementsMatch(t, keys, slices.Concat(halves...))
		require.Len(t, halves[0], n/2)
	}
	assert.InDelta(t, n*seeds/2, left, 4*math.Sqrt(n*seeds)/2, "each node is on either side alike")
	for size, share := range map[int]float64{1: 6. / 32, 2: 10. / 32, 3: 10. / 32, 4: 6. / 32} { // binomial, and 0 and 5 made 1 and 4
		assert.InDelta(t, share*seeds, sizes[size], 4*math.Sqrt(seeds*share*(1-share)), "size %d", size)
	}
	for _, id := range keys {
		assert.InDelta(t, seeds/n, alone[id], 4*math.Sqrt(seeds*(1./n)*(1-1./n)), id)
	}
}

// The spans of what comes and goes are those of a naive reading of the rule, until the
// fault or the run ends.
func TestSpansAgainstTwin(t *testing.T) {
	twin := func(seed uint64, key string, from, end, limit, up, down, minUp, minDown Duration) (spans [][2]Duration) {
		draws := sim.Seed(seed).Stream("fault/f/spans")
		at := from
		for n := uint64(0); ; n++ {
			mean, least := up, minUp
			if n%2 == 1 {
				mean, least = down, minDown
			}
			next := at + least + Duration(sim.Exponential(draws.Draw(sim.Key{Source: sim.Hash(key), N: n}, 0), uint64(mean-least), 1))
			if n%2 == 1 && at < limit {
				until := next
				if end != 0 && next >= end {
					until = 0
				}
				spans = append(spans, [2]Duration{at, until})
			}
			if at = next; at >= limit {
				return spans
			}
		}
	}
	for seed := range uint64(10) {
		for _, c := range []struct {
			until      string
			end, limit Duration
		}{{"", 0, 60*time.Second + 1}, {`until = "50s"`, 50 * time.Second, 50 * time.Second}, {`until = "70s"`, 70 * time.Second, 60*time.Second + 1}} {
			churn := struck(t, 4, seed, "60s", `kind = "churn"`, `name = "f"`, `at = "3s"`, c.until, `nodes = ["n1", "n3"]`, `mean_up = "4s"`, `mean_down = "2s"`).(Churn)
			got := map[string][][2]Duration{}
			for _, o := range churn.Outages {
				got[o.Node] = append(got[o.Node], [2]Duration{o.At, o.Until})
			}
			for _, id := range []string{"n1", "n3"} {
				require.Equal(t, twin(seed, id, 3*time.Second, c.end, c.limit, 4*time.Second, 2*time.Second, 0, 0), got[id])
				delete(got, id)
			}
			require.Empty(t, got)
			require.True(t, slices.IsSortedFunc(churn.Outages, func(a, b NodeOutage) int { return int(a.At - b.At) }))

			flap := struck(t, 4, seed, "60s", `kind = "flap"`, `name = "f"`, `at = "3s"`, c.until, `links = ["n1-n2", "n3->n0", "n3->n2"]`,
				`mean_up = "4s"`, `mean_down = "2s"`, `min_up = "1s"`, `min_down = "2s"`).(Flap)
			for _, o := range flap.Outages {
				got[o.Link] = append(got[o.Link], [2]Duration{o.At, o.Until})
			}
			for name, key := range map[string]string{"n1<->n2": "n1-n2", "n3->n0": "n0-n3", "n3->n2": "n2-n3"} {
				require.Equal(t, twin(seed, key, 3*time.Second, c.end, c.limit, 4*time.Second, 2*time.Second, time.Second, 2*time.Second), got[name], name)
				delete(got, name)
			}
			require.Empty(t, got)
		}
	}
	two := struck(t, 4, 1, "60s", `kind = "flap"`, `at = "0s"`, `links = ["n1->n2", "n2->n1"]`, `mean_up = "4s"`, `mean_down = "2s"`).(Flap)
	assert.Equal(t, "n1<->n2", two.Outages[0].Link, "both directions that are named flap together")
}

// Spans have the means that are asked for and are never shorter than the minimum, and
// what is up on average U of U + D is up that share of the time.
func TestDistributionOfSpans(t *testing.T) {
	const duration, up, down, minUp, minDown = 20_000., 3., 1., 0.5, 0.25
	flap := struck(t, 20, 7, "20000s", `kind = "flap"`, `at = "0s"`, `links = { random = 12 }`, `mean_up = "3s"`, `mean_down = "1s"`, `min_up = "500ms"`, `min_down = "250ms"`).(Flap)
	last := map[string]Duration{}
	var ups, downs []float64
	busy := make([]float64, 40) // seconds down in batches of time, of all links
	for _, o := range flap.Outages {
		ups = append(ups, (o.At - last[o.Link]).Seconds())
		last[o.Link] = o.Until
		downs = append(downs, (o.Until - o.At).Seconds())
		for b := range busy {
			from, to := duration/40*float64(b), duration/40*float64(b+1)
			busy[b] += max(0, min(to, o.Until.Seconds())-max(from, o.At.Seconds()))
		}
	}
	require.Len(t, last, 12)
	for _, c := range []struct {
		got         []float64
		mean, least float64
	}{{ups, up, minUp}, {downs, down, minDown}} {
		require.Greater(t, len(c.got), 50_000)
		require.GreaterOrEqual(t, slices.Min(c.got), c.least-1e-9)
		assert.Less(t, slices.Min(c.got), c.least+0.001)
		sum := 0.
		for _, v := range c.got {
			sum += v
		}
		n := float64(len(c.got))
		assert.InDelta(t, c.mean, sum/n, 4*(c.mean-c.least)/math.Sqrt(n)) // an exponential's deviation is its mean
		slices.Sort(c.got)
		distance := 0.
		for i, v := range c.got {
			f := 1 - math.Exp(-(v-c.least)/(c.mean-c.least))
			distance = max(distance, math.Abs(f-float64(i)/n), math.Abs(f-float64(i+1)/n))
		}
		assert.LessOrEqual(t, distance, 1.95/math.Sqrt(n), "Kolmogorov–Smirnov")
	}
	for b := range busy {
		busy[b] /= 12 * duration / 40
	}
	near(t, down/(up+down), busy, "share of the time that a link is down")
}

// near checks the mean of batch means against a theory, within 4 standard errors.
func near(t *testing.T, want float64, batches []float64, what string) {
	t.Helper()
	mean, n := 0., float64(len(batches))
	for _, b := range batches {
		mean += b / n
	}
	variance := 0.
	for _, b := range batches {
		variance += (b - mean) * (b - mean) / (n - 1)
	}
	se := math.Sqrt(variance / n)
	t.Logf("%s: %.5f, theory %.5f, standard error %.5f", what, mean, want, se)
	assert.LessOrEqual(t, math.Abs(mean-want), 4*se, what)
	assert.Less(t, se, 0.02)
}

// A swizzle takes every link of half of its nodes down once, in the first half of its
// span, and up in the second, by its end, in another order.
func TestSwizzle(t *testing.T) {
	const n = 9
	_, pairs := ringKeys(n)
	at, until := 10*time.Second, 20*time.Second
	var downs, ups []float64
	orders := 0
	for seed := range uint64(60) {
		k := struck(t, n, seed, "60s", `kind = "swizzle"`, `name = "f"`, `at = "10s"`, `until = "20s"`, `nodes = ["n1", "n2", "n4", "n6", "n8"]`).(Swizzle)
		half := lowest(seed, "fault/f/half", []string{"n1", "n2", "n4", "n6", "n8"}, 3)
		var want, got []string
		for _, p := range pairs {
			a, b, _ := strings.Cut(p, "-")
			if slices.Contains(half, a) || slices.Contains(half, b) {
				want = append(want, a+"<->"+b)
			}
		}
		for _, o := range k.Outages {
			got = append(got, o.Link)
			require.True(t, o.At >= at && o.At < 15*time.Second && o.Until > 15*time.Second && o.Until < until)
			downs, ups = append(downs, (o.At-at).Seconds()/5), append(ups, (o.Until-15*time.Second).Seconds()/5)
		}
		require.ElementsMatch(t, want, got)
		if !slices.IsSortedFunc(k.Outages, func(a, b LinkOutage) int { return int(a.Until - b.Until) }) {
			orders++
		}
	}
	assert.Greater(t, orders, 50, "they come back in another order")
	for _, times := range [][]float64{downs, ups} {
		sum := 0.
		for _, v := range times {
			sum += v
		}
		assert.InDelta(t, 0.5, sum/float64(len(times)), 4*math.Sqrt(1./12/float64(len(times))))
	}
	short := struck(t, 4, 1, "60s", `kind = "swizzle"`, `at = "1ns"`, `until = "2ns"`, `nodes = "*"`).(Swizzle)
	assert.Equal(t, LinkOutage{"n0<->n1", 1, 0}, short.Outages[0], "however short it is")
}
