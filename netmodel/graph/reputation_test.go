package graph

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// threePeers is the example of three peers whose first step from equal shares is
// published, with an opinion below 0 that does not count: the first trusts the
// second alone, which trusts the first twice as much as the third, which trusts the
// second seven times as much as the first. The columns of C sum to 19/24, 45/24 and
// 8/24, and so the step is (19, 45, 8)/72.
var threePeers = [][]Opinion{{{1, 10}, {2, -4}}, {{0, 2}, {2, 1}}, {{0, 1}, {1, 7}}}

func TestEigenTrustOfThreePeers(t *testing.T) {
	next := make([]float64, 3)
	newWalk(threePeers, nil, 0).step(next, alike(3))
	assert.InDeltaSlice(t, []float64{0.26389, 0.625, 0.1111}, next, 5e-5)
	// Without restarts t₁ = ⅔t₂ + ⅛t₃ and t₃ = ⅓t₂: t is (17, 24, 8)/49. It turns
	// back and forth for long, but ends there.
	assert.InDeltaSlice(t, []float64{17.0 / 49, 24.0 / 49, 8.0 / 49}, EigenTrust(threePeers, nil, 0), 1e-9)
}

// Who trusts nobody trusts as the pre-trusted weights do, whatever a is.
func TestEigenTrustOfWhoTrustsNobody(t *testing.T) {
	nobody := [][]Opinion{{}, {{0, -1}, {2, 0}}, nil}
	p := []float64{3, 0, 1}
	for _, a := range []float64{0, 0.15, 1} {
		assert.InDeltaSlice(t, []float64{0.75, 0, 0.25}, EigenTrust(nobody, p, a), 1e-12)
		assert.InDeltaSlice(t, alike(3), EigenTrust(nobody, nil, a), 1e-12)
		assert.InDeltaSlice(t, alike(3), EigenTrust(nobody, make([]float64, 3), a), 1e-12)
	}
	assert.Empty(t, EigenTrust(nil, nil, 0.15))
}

// opinions are drawn for a mesh of a few, with some who trust nobody.
func opinions(t *rapid.T) (local [][]Opinion, p []float64, a float64) {
	n := rapid.IntRange(1, 12).Draw(t, "nodes")
	value, weight := rapid.Float64Range(-1, 3), rapid.SampledFrom([]float64{0, 0, 1, 2.5})
	local, p = make([][]Opinion, n), make([]float64, n)
	for i := range local {
		p[i] = weight.Draw(t, "weight")
		for j := range local {
			if i != j && rapid.Bool().Draw(t, "knows") {
				local[i] = append(local[i], Opinion{j, value.Draw(t, "value")})
			}
		}
	}
	return local, p, rapid.Float64Range(0.03, 1).Draw(t, "a")
}

// plainStep is a step as the definition has it, with the matrix C written out.
func plainStep(local [][]Opinion, p []float64, a float64, t []float64) []float64 {
	shares := func(values []float64) []float64 {
		sum, all := 0.0, make([]float64, len(values))
		for _, v := range values {
			sum += max(v, 0)
		}
		for i, v := range values {
			if all[i] = max(v, 0) / sum; sum == 0 {
				all[i] = 1 / float64(len(values))
			}
		}
		return all
	}
	p = shares(p)
	next := make([]float64, len(p))
	for i, said := range local {
		row, trusts := make([]float64, len(p)), false
		for _, o := range said {
			row[o.Of], trusts = o.Value, trusts || o.Value > 0
		}
		if row = shares(row); !trusts {
			row = p
		}
		for j, c := range row {
			next[j] += (1 - a) * c * t[i]
		}
	}
	for j := range next {
		next[j] += a * p[j]
	}
	return next
}

func TestEigenTrustIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		local, p, a := opinions(t)
		trust := EigenTrust(local, p, a)
		sum := 0.0
		for _, x := range trust {
			require.GreaterOrEqual(t, x, 0.0)
			sum += x
		}
		require.InDelta(t, 1, sum, 1e-11)
		require.InDeltaSlice(t, plainStep(local, p, a, trust), trust, 1e-11)
	})
}

// The one fixed point: any other beginning leads there.
func TestEigenTrustDoesNotDependOnItsBeginning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		local, p, a := opinions(t)
		at := make([]float64, len(p))
		at[rapid.IntRange(0, len(p)-1).Draw(t, "first")] = 1
		for range mostSteps {
			at = plainStep(local, p, a, at)
		}
		require.InDeltaSlice(t, at, EigenTrust(local, p, a), 1e-10, "the last move, times (1−a)/a")
	})
}

func TestEigenTrustWithoutOpinionsThatCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		local, p, _ := opinions(t)
		require.InDeltaSlice(t, newWalk(local, p, 1).jump, EigenTrust(local, p, 1), 1e-12, "a = 1 is p")
	})
}

// Other numbers for the same nodes are other places for the same values.
func TestEigenTrustOfRenumberedNodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		local, p, a := opinions(t)
		numbers := make([]int, len(p))
		for i := range numbers {
			numbers[i] = i
		}
		numbers = rapid.Permutation(numbers).Draw(t, "numbers")
		other, weights, want := make([][]Opinion, len(p)), make([]float64, len(p)), make([]float64, len(p))
		trust := EigenTrust(local, p, a)
		for i, now := range numbers {
			weights[now], want[now] = p[i], trust[i]
			for _, o := range local[i] {
				other[now] = append(other[now], Opinion{numbers[o.Of], o.Value})
			}
		}
		require.InDeltaSlice(t, want, EigenTrust(other, weights, a), 1e-10)
	})
}

func TestBetaReputation(t *testing.T) {
	for _, c := range []struct {
		good, bad int
		want      float64
	}{{0, 0, 0.5}, {7, 1, 0.8}, {1, 7, 0.2}, {1, 0, 2.0 / 3}, {0, 1, 1.0 / 3}, {98, 0, 0.99}} {
		assert.InDelta(t, c.want, BetaReputation(c.good, c.bad), 1e-15, "%d good, %d bad", c.good, c.bad)
	}
}

// What is equal to six digits keeps the order of the nodes: further digits differ
// between architectures.
func TestRanked(t *testing.T) {
	assert.Equal(t, []Rank{{"c", 0.5}, {"a", 0.25}, {"b", 0.25}}, Ranked([]string{"a", "b", "c"}, []float64{0.25, 0.25000001, 0.5}))
	assert.NotNil(t, Ranked(nil, nil), "a list in JSON")
}
