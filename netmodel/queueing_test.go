package netmodel

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"meshsim/clock"
	"meshsim/sim"

	"github.com/stretchr/testify/assert"
)

// unit is the mean service time: a million bytes at a nanosecond each.
const unit = 1_000_000

// queueRun offers n copies with exponential gaps of mean unit/ρ to a link.
// Service takes unit on the mean, exponential or constant.
type queueRun struct {
	n, warm     int
	num, den    uint64 // ρ
	exponential bool
	queue       Queue
	rate        int64 // bit/s
}

const unitRate = 8_000_000_000

// waits returns the waits of the copies taken after the warm-up, in units of
// service time, and the number of copies refused.
func (q queueRun) waits(t *testing.T, seed sim.Seed) (waits []float64, refused int) {
	n := single(t, LinkSpec{Bandwidth: q.rate, Queue: q.queue})
	gaps, sizes := seed.Stream("test/gap"), seed.Stream("test/size")
	var now clock.Time
	for i := range uint64(q.n) {
		k := sim.Key{N: i}
		now += clock.Time(sim.Exponential(gaps.Draw(k, 0), unit*q.den, q.num))
		size := int64(unit)
		if q.exponential {
			size = int64(sim.Exponential(sizes.Draw(k, 0), unit, 1))
		}
		v := carry(n, now, size, i)
		switch {
		case v.Fate == QueueFull:
			refused++
		case i >= uint64(q.warm):
			waits = append(waits, float64(v.Start-now)/unit)
		}
	}
	return waits, refused
}

// mean returns the mean and its standard error by 20 batch means.
func mean(x []float64) (m, se float64) {
	const batches = 20
	var means [batches]float64
	size := len(x) / batches
	for b := range means {
		for _, v := range x[b*size : (b+1)*size] {
			means[b] += v / float64(size)
		}
		m += means[b] / batches
	}
	for _, v := range means {
		se += (v - m) * (v - m)
	}
	return m, math.Sqrt(se / (batches - 1) / batches)
}

// md1Agrees is the check of M/D/1: mean wait ρ/(2(1−ρ)), 2 at ρ = 0.8.
func md1Agrees(t *testing.T, rate int64) bool {
	q := queueRun{n: 1_000_000, warm: 10_000, num: 4, den: 5, rate: rate}
	waits, _ := q.waits(t, 1)
	m, se := mean(waits)
	t.Logf("M/D/1 at %d bit/s: mean wait %.4f ± %.4f", rate, m, se)
	return math.Abs(m-2) <= 4*se && 4*se < 0.2
}

func TestMD1(t *testing.T) {
	assert.True(t, md1Agrees(t, unitRate))
}

// A line that serves at 0.98 of its rate is found out.
func TestMD1CheckRejectsSlowService(t *testing.T) {
	assert.False(t, md1Agrees(t, unitRate/100*98))
}

// Mean wait ρ/(1−ρ), with the asymptotic variance of that estimate, and
// P(wait > t) = ρ e^(−(1−ρ)t).
func TestMM1(t *testing.T) {
	const rho, v = 0.5, 29
	q := queueRun{n: 1_000_000, warm: 10_000, num: 1, den: 2, exponential: true, rate: unitRate}
	waits, _ := q.waits(t, 1)
	sum, waited, long := 0.0, 0, 0
	for _, w := range waits {
		sum += w
		if w > 0 {
			waited++
		}
		if w > 2 {
			long++
		}
	}
	n := float64(len(waits))
	assert.InDelta(t, rho/(1-rho), sum/n, 4*math.Sqrt(v/n))
	// Neighbouring waits are correlated: a variance 8 times the binomial's.
	assert.True(t, shareAgrees(waited, len(waits), rho, math.Sqrt(8)), "%d waited", waited)
	assert.True(t, shareAgrees(long, len(waits), rho*math.Exp(-1), math.Sqrt(8)), "%d waited long", long)
}

// Share refused (1−ρ)ρᴷ/(1−ρᴷ⁺¹), K counting the copy in service.
func TestMM1K(t *testing.T) {
	const n, rho, k = 100_000, 0.8, 5
	want := (1 - rho) * math.Pow(rho, k) / (1 - math.Pow(rho, k+1))
	for waiting, agrees := range map[int64]bool{k - 1: true, k: false, k - 2: false} {
		q := queueRun{n: n, num: 4, den: 5, exponential: true, queue: Packets(waiting), rate: unitRate}
		_, refused := q.waits(t, 1)
		assert.Equal(t, agrees, shareAgrees(refused, n, want, 2), "queue of %d: %d refused", waiting, refused)
	}
}

// Little's law is an identity in a run that starts and ends empty: the sum of
// sojourn times is the integral of the number present, to the nanosecond.
func TestLittle(t *testing.T) {
	n := single(t, LinkSpec{Bandwidth: unitRate, Queue: Packets(6)})
	gaps, sizes := sim.Seed(3).Stream("test/gap"), sim.Seed(3).Stream("test/size")
	type step struct {
		at     clock.Time
		change int64
	}
	var steps []step
	var now clock.Time
	sojourn := int64(0)
	for i := range uint64(10_000) {
		k := sim.Key{N: i}
		now += clock.Time(sim.Exponential(gaps.Draw(k, 0), unit, 1))
		v := carry(n, now, int64(sim.Exponential(sizes.Draw(k, 0), unit, 1)), i)
		if v.Fate.Taken() {
			steps = append(steps, step{now, 1}, step{v.Arrive, -1})
			sojourn += int64(v.Arrive - now)
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	integral, present := int64(0), int64(0)
	for i, s := range steps[:len(steps)-1] {
		present += s.change
		integral += present * int64(steps[i+1].at-s.at)
	}
	assert.Equal(t, int64(1), present, "the last one is left")
	assert.Equal(t, sojourn, integral)
	s := n.Stats(0, 1)
	assert.Equal(t, sojourn, s.WaitNS+s.BusyNS)
	assert.Equal(t, int64(6), s.QueueMax)
}
