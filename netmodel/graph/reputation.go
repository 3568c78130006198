package graph

import (
	"cmp"
	"math"
	"slices"
)

// Opinion is what a node holds of another: s_ij of the literature, where the list
// of opinions that it is in is that of node i.
type Opinion struct {
	Of    int
	Value float64 // finite; 0 or less counts as no trust
}

// EigenTrust is how much all nodes together trust each, 0 to 1 and 1 in sum
// (S. Kamvar, M. Schlosser, H. Garcia-Molina, "The EigenTrust Algorithm for
// Reputation Management in P2P Networks", 2003): the fixed point of
//
//	t = (1−a)·Cᵀ·t + a·p,  c_ij = max(s_ij, 0) / Σ_k max(s_ik, 0)
//
// local has the opinions of each node, none of itself and one at most of each
// other; a node that trusts nobody trusts as p does. p has the pre-trusted: weights
// by node, 0 or more; nil, or nothing but 0: all alike. a is how much p counts, 0 to
// 1; above 0 there is one fixed point and no other.
//
// It begins from equal shares and ends when a step moves less than 10⁻¹² in sum.
// With all alike in p it is the PageRank of the trust, damped by 1−a.
func EigenTrust(local [][]Opinion, p []float64, a float64) []float64 {
	w := newWalk(local, p, a)
	at, next := alike(len(local)), make([]float64, len(local))
	for range mostSteps {
		w.step(next, at)
		moved := 0.0
		for i := range next {
			moved += math.Abs(next[i] - at[i])
		}
		at, next = next, at
		if moved < leastMove {
			break
		}
	}
	return at
}

// A step moves at most 1−a of what the one before it moved: for an a of 0.03 the
// least move is reached in 1000 steps, for 0.15 in 180.
const (
	mostSteps = 1000
	leastMove = 1e-12
)

// walk is a walker over a graph of opinions: it goes on to a node with the share
// that the one it is at gives it, or jumps.
type walk struct {
	shares  [][]Opinion // in sum 1 for each node, or none
	jump    []float64   // chances of each node, 1 in sum: after a restart, and from a node without shares
	restart float64     // chance to jump from a node with shares
}

func newWalk(local [][]Opinion, p []float64, a float64) *walk {
	w := &walk{shares: make([][]Opinion, len(local)), jump: alike(len(local)), restart: a}
	for i, opinions := range local {
		sum := 0.0
		for _, o := range opinions {
			sum += max(o.Value, 0)
		}
		for _, o := range opinions {
			if o.Value > 0 {
				w.shares[i] = append(w.shares[i], Opinion{o.Of, o.Value / sum})
			}
		}
	}
	sum := 0.0
	for _, weight := range p {
		sum += weight
	}
	if sum > 0 {
		for i, weight := range p {
			w.jump[i] = weight / sum
		}
	}
	return w
}

// alike is the same share for each of n.
func alike(n int) []float64 { return slices.Repeat([]float64{1 / float64(n)}, n) }

// step is where the walker is, by chances, one step after at. Products are rounded
// before they are summed: no architecture may fuse them.
func (w *walk) step(next, at []float64) {
	clear(next)
	lost := 0.0
	for from, chance := range at {
		if len(w.shares[from]) == 0 {
			lost += chance
		}
		for _, s := range w.shares[from] {
			next[s.Of] += float64(chance * s.Value)
		}
	}
	for i, jump := range w.jump {
		led := next[i] + float64(lost*jump)
		next[i] = float64((1-w.restart)*led) + float64(w.restart*jump)
	}
}

// BetaReputation is the share of good to expect next after so many good and bad
// experiences: the mean of a beta distribution that begins as the uniform one
// (A. Jøsang, R. Ismail, "The Beta Reputation System", 2002).
func BetaReputation(good, bad int) float64 { return ratio(int64(good)+1, int64(good)+int64(bad)+2) }

// Rank is how a node stands in a measure.
type Rank struct {
	Node  string  `json:"node"`
	Value float64 `json:"value"` // six significant digits
}

// Ranked puts names to the values of nodes, the highest first, then in the order of
// the nodes.
func Ranked(names []string, values []float64) []Rank {
	all := make([]Rank, len(names))
	for i, v := range values {
		all[i] = Rank{names[i], rounded(v)}
	}
	slices.SortStableFunc(all, func(a, b Rank) int { return cmp.Compare(b.Value, a.Value) })
	return all
}
