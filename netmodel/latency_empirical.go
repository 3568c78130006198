package netmodel

import (
	"errors"
	"fmt"
	"time"

	"meshsim/sim"
)

type empirical struct {
	values []time.Duration
	choice sim.Weighted
}

// Empirical is a latency that is one of the given values, 0 … MaxLatency each,
// drawn by their weights; nil weights are all equal. The slice of values is kept.
func Empirical(values []time.Duration, weights []uint64) (Latency, error) {
	e := empirical{values: values, choice: sim.Evenly(len(values))}
	err := errors.New("there is no value")
	if len(values) > 0 {
		err = nil
	}
	if weights != nil && err == nil {
		if len(weights) != len(values) {
			err = fmt.Errorf("%d weights for %d values", len(weights), len(values))
		} else {
			e.choice, err = sim.NewWeighted(weights)
		}
	}
	for i, v := range values {
		err = first(err, span(fmt.Sprintf("value %d", i), v, 0))
	}
	if err != nil {
		return Latency{}, kindError("empirical", err)
	}
	mean := e.choice.Mean(func(i int) uint64 { return uint64(values[i]) })
	return Latency{mean: time.Duration(mean), shape: &e}, nil
}

func (e *empirical) sample(draw uint64) time.Duration { return e.values[e.choice.Pick(draw)] }
