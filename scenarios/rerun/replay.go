package rerun

import (
	"errors"
	"fmt"

	"meshsim/scenarios"
	"meshsim/trace"
)

// Replayed is what came of comparing a record with a run, or with another record.
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
// the trace holds.
func Trace(r *trace.Reader, o scenarios.Options) (*Replayed, error) {
	header := r.Header()
	if header.Engine != scenarios.Engine {
		return nil, EngineError{header.Engine}
	}
	s, err := scenarios.FromTrace(header)
	if err != nil {
		return nil, err
	}
	return Compare(r, s, o)
}

// Compare runs a scenario and compares its events with those of a trace. Where
// lines of the trace are damaged, or it was cut off, only what it holds counts.
func Compare(r *trace.Reader, s *scenarios.Scenario, o scenarios.Options) (*Replayed, error) {
	header, err := s.TraceHeader()
	if err != nil {
		return nil, err
	}
	header.Level = trace.LevelAll
	live := newPatient(r, header)
	o.Sinks = []trace.Sink{live}
	stop := o.Stop
	o.Stop = func() bool { return live.Differs() || stop != nil && stop() }
	result, err := s.Run(o)
	if err != nil {
		return nil, err
	}
	if result.Interrupted && !live.Differs() {
		return nil, ErrInterrupted
	}
	diff, err := live.Done()
	if err != nil {
		return nil, err
	}
	if diff != nil && diff.A == "" && cutOff(r) {
		return endsEarly(diff), nil
	}
	return &Replayed{Same: diff == nil, FirstDifference: diff}, nil
}

// Traces compares two recorded traces. What one of them lost does not count.
func Traces(a, b *trace.Reader) (*Replayed, error) {
	comparison := newPatient(a, b.Header())
	second := &lookahead{Reader: b}
	for !comparison.Differs() {
		e, err := second.Next()
		if err != nil {
			break // io.EOF, a Reader's only error
		}
		if second.gap {
			comparison.record.skipTo(e.Seq)
		}
		comparison.Emit(e)
	}
	diff, err := comparison.Done()
	if err != nil {
		return nil, err
	}
	if diff != nil && (diff.A == "" && cutOff(a) || diff.B == "" && cutOff(b)) {
		return endsEarly(diff), nil
	}
	return &Replayed{Same: diff == nil, FirstDifference: diff}, nil
}

// cutOff reports whether a trace that was read to its end ends before its run was
// over.
func cutOff(r *trace.Reader) bool {
	end, whole := r.End()
	return !whole || end.Interrupted
}

func endsEarly(d *trace.Difference) *Replayed {
	return &Replayed{Same: true, Note: fmt.Sprintf("a record ends early; all is the same up to event #%d, its last", d.Seq-1)}
}

// Record runs a .fail.toml again and compares the digest. It keeps no events, so
// a difference names none.
func Record(s *scenarios.Scenario, o scenarios.Options) (*Replayed, error) {
	if s.Record == nil {
		return nil, errors.New("has no [record]: there is nothing to compare a run with")
	}
	if s.Record.Engine != scenarios.Engine {
		return nil, EngineError{s.Record.Engine}
	}
	o.FailFast = s.Record.FailFast
	r, err := whole(s, o)
	if err != nil {
		return nil, err
	}
	if r.Digest == s.Record.Digest {
		return &Replayed{Same: true}, nil
	}
	return &Replayed{
		FirstDifference: &trace.Difference{A: s.Record.Digest, B: r.Digest, Causes: []string{}},
		Note:            "the record holds the digest only, which differs",
	}, nil
}
