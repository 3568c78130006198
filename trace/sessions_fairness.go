package trace

import "meshsim/sim"

// fairness is how evenly the pairs of nodes that talk through sessions share what gets
// through: Jain's index (Σx)²/(n·Σx²) of the bytes x that were delivered for each of n
// ordered pairs (R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness and
// Discrimination for Resource Allocation in Shared Computer Systems", DEC-TR-301, 1984).
// It is 1 if all get the same, k/n if k of them do and the others nothing. Above 2⁵³ the
// sums are rounded.
type fairness struct {
	got          map[dialogue]float64 // by who offered something
	sum, squares float64
}

// dialogue is one who says something, and to whom.
type dialogue struct{ from, to sim.NodeID }

// offered notes that a pair wants something delivered.
func (f *fairness) offered(t dialogue) { f.got[t] += 0 }

// delivered notes bytes that a pair got through.
func (f *fairness) delivered(t dialogue, bytes int64) {
	had, more := f.got[t], float64(bytes)
	f.got[t] = had + more
	f.sum += more
	f.squares += float64((float64(2*had) + more) * more)
}

// index is Jain's index so far; 0 if nothing was delivered.
func (f *fairness) index() float64 {
	if f.squares == 0 {
		return 0
	}
	return float64(f.sum*f.sum) / float64(float64(len(f.got))*f.squares)
}
