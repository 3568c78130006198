package campaign

import (
	"math/bits"
	"time"

	"meshsim/scenarios"
	"meshsim/sim"
)

// chooser draws whole scenarios. Each feature draws from a stream of its own,
// swarm/FEATURE, so that a further feature, or more draws of one, leave what all
// others drew.
type chooser struct{ seed sim.Seed }

func (c chooser) of(feature string) *draws {
	return &draws{stream: c.seed.Stream("swarm/" + feature)}
}

// on decides whether a scenario has the feature at all, in so many of 100 cases.
// Some features off entirely find what all features on would hide (Groce, Zhang,
// Eide, Chen, Regehr: "Swarm testing", ISSTA 2012).
func (c chooser) on(feature string, percent int) bool {
	return c.of("on/" + feature).hit(percent)
}

// draws are those of one feature, one after the other.
type draws struct {
	stream sim.Stream
	n      uint64
}

func (d *draws) next() uint64 {
	d.n++
	return d.stream.Draw(sim.Key{N: d.n}, 0)
}

// below draws from 0 … n−1; n is at least 1.
func (d *draws) below(n int) int {
	high, _ := bits.Mul64(d.next(), uint64(n))
	return int(high)
}

// between draws from low … high, both included.
func (d *draws) between(low, high int) int { return low + d.below(high-low+1) }

func (d *draws) hit(percent int) bool { return d.below(100) < percent }

// span draws from low … high in steps of a hundredth of the range, and a few odd
// nanoseconds in one of four cases: round times meet, odd ones do not.
func (d *draws) span(low, high time.Duration) time.Duration {
	t := low + (high-low)/100*time.Duration(d.below(101))
	if odd := d.below(4_000_000); odd < 1_000_000 && t+time.Duration(odd) <= high {
		t += time.Duration(odd)
	}
	return t
}

func (d *draws) share(low, high int) scenarios.Ratio {
	return scenarios.Ratio(d.between(low, high) * 1_000_000)
}

// pick draws one of the values.
func pick[T any](d *draws, from ...T) T { return from[d.below(len(from))] }

// word draws one of the words that a key allows. Each word has a draw of its own
// and the largest wins, so that a further word changes only what it wins (rendezvous
// hashing).
func (d *draws) word(words []string) string {
	d.n++
	best, most := "", uint64(0)
	for _, w := range words {
		if draw := d.stream.Draw(sim.Key{Source: sim.Hash(w), N: d.n}, 0); best == "" || draw > most {
			best, most = w, draw
		}
	}
	return best
}

// some draws from 1 … most of n things, by number, each once and in ascending order.
func (d *draws) some(n, most int) []int { return d.exactly(n, d.between(1, min(n, most))) }

// exactly draws so many of n things, by number, each once and in ascending order.
func (d *draws) exactly(n, wanted int) []int {
	var chosen []int
	for i := range n {
		if d.below(n-i) < wanted-len(chosen) {
			chosen = append(chosen, i)
		}
	}
	return chosen
}
