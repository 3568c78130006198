package rerun

import (
	"encoding/json"

	"meshsim/scenarios"
	"meshsim/scenarios/world"
	"meshsim/trace"
)

// Before is what the nodes of an event looked like just before it.
type Before struct {
	Seq   uint64 // of the event
	Nodes []world.State
}

// StateBefore runs the scenario of a trace up to one of its events, given as in a
// Difference, and looks at the nodes concerned. It returns nil for no event, or
// one that concerns no node.
func StateBefore(h trace.Header, event string) (*Before, error) {
	var of struct {
		Seq        uint64
		Node, Peer string
	}
	if event == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(event), &of); err != nil || of.Node == "" {
		return nil, err
	}
	if h.Engine != scenarios.Engine {
		return nil, EngineError{h.Engine}
	}
	s, err := scenarios.FromTrace(h)
	if err != nil {
		return nil, err
	}
	states, err := s.StateBefore(of.Seq, []string{of.Node, of.Peer})
	if err != nil || len(states) == 0 {
		return nil, err
	}
	return &Before{of.Seq, states}, nil
}
