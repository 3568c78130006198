package world

import "meshsim/sim"

// Size is the distribution of the application bytes of messages.
type Size interface {
	// Draw turns 64 uniform bits into a size, in integers: the same on every
	// architecture.
	Draw(draw uint64) int64
}

// FixedSize is the same for every message.
type FixedSize int64

// Draw implements Size.
func (s FixedSize) Draw(uint64) int64 { return int64(s) }

// UniformSize is uniform over Min … Max, both included, 0 ≤ Min ≤ Max.
type UniformSize struct{ Min, Max int64 }

// Draw implements Size.
func (s UniformSize) Draw(draw uint64) int64 {
	return s.Min + int64(sim.Below(draw, uint64(s.Max-s.Min)+1))
}

// ExponentialSize is exponential with this mean, 1 … 2⁵⁶, rounded half up; what is
// above Max becomes Max.
type ExponentialSize struct{ Mean, Max int64 }

// Draw implements Size.
func (s ExponentialSize) Draw(draw uint64) int64 {
	return min(int64(sim.Exponential(draw, uint64(s.Mean), 1)), s.Max)
}

// EmpiricalSize is one of the values, drawn by its weight.
type EmpiricalSize struct {
	Values  []int64
	Weights sim.Weighted // of as many
}

// Draw implements Size.
func (s *EmpiricalSize) Draw(draw uint64) int64 { return s.Values[s.Weights.Pick(draw)] }
