package netmodel

import (
	"math"
	"testing"

	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// losses hands n copies to a link that loses in bursts and tells which it lost.
func losses(t *testing.T, seed sim.Seed, g GilbertElliott, n int) []bool {
	net, err := New(seed, keys(2), []LinkSpec{{From: 0, To: 1, Latency: Constant(1), BurstLoss: g}})
	require.NoError(t, err)
	lost := make([]bool, n)
	for i := range lost {
		v := carry(net, 0, 1, uint64(i))
		lost[i] = v.Fate == BurstLost
	}
	return lost
}

// runs are the lengths of the runs of losses, but for one at the end.
func runs(lost []bool) []int {
	var all []int
	length := 0
	for _, l := range lost {
		if l {
			length++
		} else if length > 0 {
			all, length = append(all, length), 0
		}
	}
	return all
}

func count(hits []bool) int {
	n := 0
	for _, hit := range hits {
		if hit {
			n++
		}
	}
	return n
}

// ratio is a share as billionths.
func ratio(share float64) sim.Ratio { return sim.Ratio(math.Round(share * float64(sim.One))) }

// longRun is the share of copies that a chain loses, and by what its correlation
// raises the variance of that share over independent losses.
func longRun(p, r, good, bad float64) (share, inflation float64) {
	pi := p / (p + r)
	share = (1-pi)*good + pi*bad
	correlated := pi * (1 - pi) * (bad - good) * (bad - good) / (share * (1 - share))
	memory := 1 - p - r
	return share, 1 + 2*correlated*memory/(1-memory)
}

// Published: with p = 1 % and r = 25 %, a loss of 3.846 %, in runs of four, and a
// variance 6.69 times that of independent losses.
func TestBurstLossInTheLongRun(t *testing.T) {
	const n = 100_000
	share, inflation := longRun(0.01, 0.25, 0, 1)
	require.InDelta(t, 0.03846, share, 1e-5)
	require.InDelta(t, 6.69, inflation, 0.005)
	for _, c := range []struct{ p, r, good, bad float64 }{
		{0.01, 0.25, 0, 1}, {0.1, 0.3, 0, 1}, {0.05, 0.2, 0.01, 0.5}, {0.3, 0.1, 0.02, 0.9}, {0.5, 0.5, 0.1, 0.7}, {0.9, 0.8, 0, 1}, {0, 1, 0.2, 1},
	} {
		share, inflation := longRun(c.p, c.r, c.good, c.bad)
		g := GilbertElliott{ratio(c.p), ratio(c.r), ratio(c.good), ratio(c.bad)}
		for seed := range sim.Seed(10) {
			lost := count(losses(t, seed, g, n))
			assert.True(t, shareAgrees(lost, n, share, math.Sqrt(inflation)), "%v, seed %d: %d lost, %.0f expected", c, seed, lost, share*n)
		}
	}
}

// Runs of losses are stays in the bad state: geometric with mean 1/r, by which
// they differ from independent losses of the same rate.
func TestLengthOfLossRuns(t *testing.T) {
	const n, r = 400_000, 0.25
	lengths := runs(losses(t, 1, GilbertElliott{P: ratio(0.01), R: ratio(r), Bad: sim.One}, n))
	sum := 0
	for _, length := range lengths {
		sum += length
	}
	runsOf := len(lengths)
	require.Greater(t, runsOf, 3000)
	mean, se := float64(sum)/float64(runsOf), math.Sqrt(1-r)/r/math.Sqrt(float64(runsOf))
	assert.InDelta(t, 4, mean, 4*se)
	for k := 1; k <= 12; k++ {
		longer := 0
		for _, length := range lengths {
			if length > k {
				longer++
			}
		}
		assert.True(t, shareAgrees(longer, runsOf, math.Pow(1-r, float64(k)), 1), "%d of %d runs are longer than %d", longer, runsOf, k)
	}

	independent := runs(losses(t, 1, GilbertElliott{R: sim.One, Good: ratio(0.03846)}, n))
	sum = 0
	for _, length := range independent {
		sum += length
	}
	assert.InDelta(t, 1/(1-0.03846), float64(sum)/float64(len(independent)), 0.02, "the control has no runs")
}

// A chain starts good, moves, then draws: at certain moves every outcome is known.
func TestBurstLossMovesThenDraws(t *testing.T) {
	const all = sim.One
	for _, c := range []struct {
		chain GilbertElliott
		want  []bool
	}{
		{GilbertElliott{P: all, R: all, Bad: all}, []bool{true, false, true, false}},
		{GilbertElliott{P: all, R: all, Good: all}, []bool{false, true, false, true}},
		{GilbertElliott{P: all, R: 0, Bad: all}, []bool{true, true, true, true}},
		{GilbertElliott{P: 0, R: all, Bad: all}, []bool{false, false, false, false}},
		{GilbertElliott{P: 0, R: all, Good: all}, []bool{true, true, true, true}},
	} {
		assert.Equal(t, c.want, losses(t, 1, c.chain, 4), "%v", c.chain)
	}
}

// What the chain decides is a matter of how many copies the link took before, and
// of nothing else: not of their keys, not of their fates, not of duplicates.
func TestBurstLossCountsCopiesTaken(t *testing.T) {
	chain := GilbertElliott{P: ratio(0.2), R: ratio(0.3), Good: ratio(0.1), Bad: ratio(0.9)}
	plain := single(t, LinkSpec{BurstLoss: chain})
	busy := single(t, LinkSpec{BurstLoss: chain, Loss: sim.One / 4, Duplicate: sim.One / 2, Corrupt: sim.One / 3, MTU: 100, Bandwidth: 8_000_000_000, Queue: Packets(0)})
	now, taken := ms, 0
	for k := range uint64(2000) {
		now += 200
		require.Equal(t, TooLarge, carry(busy, now, 101, k).Fate)
		v := carry(busy, now, 100, k+7)
		require.Equal(t, QueueFull, carry(busy, now+50, 100, k).Fate)
		want := carry(plain, 0, 100, k).Fate
		if v.Fate == Lost { // which comes first
			continue
		}
		taken++
		require.Equal(t, want == BurstLost, v.Fate == BurstLost, "copy %d", k)
		require.NotEqual(t, BurstLost, v.DuplicateFate)
	}
	require.Greater(t, taken, 1000)
}

// The draws are those documented: of the block {0, n}, word 0 moves, word 1 loses.
func TestBurstLossStream(t *testing.T) {
	chain := GilbertElliott{P: ratio(0.2), R: ratio(0.3), Good: ratio(0.1), Bad: ratio(0.9)}
	stream, bad := sim.Seed(5).Stream("link/n00000->n00001/burst_loss"), false
	for n, lost := range losses(t, 5, chain, 1000) {
		words := stream.Block(sim.Key{N: uint64(n)}, 0, 0)
		switch {
		case !bad && chain.P.Hit(words[0]):
			bad = true
		case bad && chain.R.Hit(words[0]):
			bad = false
		}
		want := chain.Good
		if bad {
			want = chain.Bad
		}
		require.Equal(t, want.Hit(words[1]), lost, "copy %d", n)
	}
}
