package campaign

import (
	"fmt"
	"testing"
	"time"

	"meshsim/sim"
)

// seedsOf are so many seeds of drawn scenarios with about n nodes.
func seedsOf(n, many int) (seeds []sim.Seed) {
	for seed := sim.Seed(1); len(seeds) < many; seed++ {
		if m := must(Draw(seed).Mesh()); len(m.Nodes)*10 >= n*9 && len(m.Nodes)*10 <= n*11 {
			seeds = append(seeds, seed)
		}
	}
	return seeds
}

// How many drawn scenarios one core draws, runs and asks all oracles about. A run is
// that of one seed, with all the runs that its oracles make of it.
func BenchmarkSwarm(b *testing.B) {
	for _, nodes := range []int{10, 50} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			c, seeds, i := &Campaign{}, seedsOf(nodes, 40), 0
			for b.Loop() {
				if _, finished, err := c.one(seeds[i%len(seeds)]); err != nil || !finished {
					b.Fatal(finished, err)
				}
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
		})
	}
}

// Two workers against one, the same seeds in turn. Ideal are 2, on two cores that
// nobody else uses.
func BenchmarkWorkers(b *testing.B) {
	var took [3]time.Duration // by number of workers
	for b.Loop() {
		for workers := 1; workers <= 2; workers++ {
			started := time.Now()
			if _, err := (&Campaign{Seed: 1, Runs: 60, Workers: workers}).Run(); err != nil {
				b.Fatal(err)
			}
			took[workers] += time.Since(started)
		}
	}
	b.ReportMetric(took[1].Seconds()/took[2].Seconds(), "times-as-fast")
}
