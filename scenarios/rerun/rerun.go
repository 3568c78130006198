// Package rerun runs a scenario again to learn more about a run that was: what
// came before a failure, whether a record is true, what a node looked like. A run
// being a function of its scenario, nothing has to be kept for it.
//
// Of the Options that its functions take, Stop and Progress are for the caller to
// set: who watches a run.
package rerun

import "meshsim/scenarios"

// ErrInterrupted says that Options.Stop ended a run before it told anything.
var ErrInterrupted = scenarios.ErrInterrupted

// whole runs the scenario to its end.
func whole(s *scenarios.Scenario, o scenarios.Options) (*scenarios.Result, error) {
	r, err := s.Run(o)
	if err == nil && r.Interrupted {
		return nil, ErrInterrupted
	}
	return r, err
}
