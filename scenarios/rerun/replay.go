package rerun

import (
	"fmt"
	"io"

	"meshsim/scenarios"
	"meshsim/trace"
)

// Replayed is what came of running again what a file records.
type Replayed struct {
	Same            bool              `json:"same"`
	FirstDifference *trace.Difference `json:"first_difference"`
	Note            string            `json:"note,omitempty"` // what else is to be known, such as a record that ends early
}

// EngineError says that a record was made by another engine: nothing can be said
// about it.
type EngineError struct{ Recorded int64 }

func (e EngineError) Error() string {
	return fmt.Sprintf("was recorded by engine %d; this is engine %d, whose runs differ", e.Recorded, scenarios.Engine)
}

// Trace runs the scenario of a recorded trace again and compares every event that
// the trace holds. Warnings are those of its reader.
func Trace(r *trace.Reader) (*Replayed, error) {
	header := r.Header()
	if header.Engine != scenarios.Engine {
		return nil, EngineError{header.Engine}
	}
	s, err := scenarios.FromTrace(header)
	if err != nil {
		return nil, err
	}
	again, err := s.TraceHeader()
	if err != nil {
		return nil, err
	}
	again.Level = trace.LevelAll
	comparison := trace.NewComparison(r, again)
	if _, err := s.Run(scenarios.Options{Sinks: []trace.Sink{comparison}, Stop: comparison.Differs}); err != nil {
		return nil, err
	}
	diff, err := comparison.Done()
	if err != nil {
		return nil, err
	}
	out := &Replayed{Same: diff == nil, FirstDifference: diff}
	if end, whole := r.End(); diff != nil && diff.A == "" && (!whole || end.Interrupted) {
		*out = Replayed{Same: true, Note: fmt.Sprintf("the record ends early; the runs are the same up to event %d, where it ends", diff.Seq-1)}
	}
	return out, nil
}

// Record runs a .fail.toml again and compares the digest. It keeps no events, so
// a difference names none.
func Record(s *scenarios.Scenario) (*Replayed, *scenarios.Result, error) {
	if s.Record == nil {
		return nil, nil, fmt.Errorf("has no [record]: there is nothing to compare a run with")
	}
	if s.Record.Engine != scenarios.Engine {
		return nil, nil, EngineError{s.Record.Engine}
	}
	r, err := s.Run(scenarios.Options{})
	if err != nil {
		return nil, nil, err
	}
	out := &Replayed{Same: r.Digest == s.Record.Digest}
	if !out.Same {
		out.FirstDifference = &trace.Difference{A: s.Record.Digest, B: r.Digest, Causes: []string{}}
		out.Note = "the record holds the digest only, which differs"
	}
	return out, r, nil
}

// Events writes a trace of the scenario's run to w.
func Events(s *scenarios.Scenario, w io.Writer) (*scenarios.Result, error) {
	header, err := s.TraceHeader()
	if err != nil {
		return nil, err
	}
	return s.Run(scenarios.Options{Trace: func(names []string) (*trace.Writer, error) {
		return trace.NewWriter(w, names, header, trace.Filter{Level: trace.LevelAll})
	}})
}
