package rerun

import (
	"errors"
	"time"

	"meshsim/scenarios"
	"meshsim/trace"
)

// Inspect describes the mesh as it was at a time, with the nodes of the given ids;
// none: all. That it is the recorded run is proved by a whole one first.
func Inspect(p *Past, at time.Duration, ids []string) (*scenarios.Moment, error) {
	if p.Scenario == nil {
		return nil, errors.New("the trace alone does not hold the state of nodes")
	}
	if p.recorded != nil || p.Scenario.Record != nil {
		if _, err := p.play(eventSink(func(*trace.Event) {})); err != nil {
			return nil, err
		}
	}
	return p.Scenario.Inspect(at, ids, p.options)
}
