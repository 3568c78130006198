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
	return fmt.Sprintf("was recorded by engine %d; this is engine %d, whose digests differ", e.Recorded, scenarios.Engine)
}

// errBlank is the error of a trace that says nothing about its run.
var errBlank = errors.New("holds no event")

// Trace runs the scenario of a recorded trace again and compares every event that
// the trace holds, and every digest.
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

// Compare runs a scenario and compares it with a trace. Where lines of the trace
// are damaged, or it was cut off, only what it holds counts.
func Compare(r *trace.Reader, s *scenarios.Scenario, o scenarios.Options) (*Replayed, error) {
	header, err := s.TraceHeader()
	if err != nil {
		return nil, err
	}
	header.Level = trace.LevelAll
	live := newPatient(r, header)
	o.Sinks = []trace.Sink{live}
	stop, stopped := o.Stop, false
	o.Stop = func() bool {
		if live.settled() {
			return true
		}
		stopped = stopped || stop != nil && stop()
		return stopped
	}
	result, err := s.Run(o)
	if err != nil {
		return nil, err
	}
	if stopped && !live.settled() {
		return nil, ErrInterrupted
	}
	diff, err := live.Done()
	if err != nil {
		return nil, err
	}
	if live.record.blank() {
		return nil, errBlank
	}
	early := live.record.cutOff()
	if diff != nil && diff.A == "" && early {
		diff = nil
	}
	return outcome(diff, discordOf(digestsOf(r), digestsOfRun(result)), early, live.record.last)
}

// Traces compares two recorded traces. What one of them lost does not count.
func Traces(a, b *trace.Reader) (*Replayed, error) {
	comparison := newPatient(a, b.Header())
	first, second := comparison.record, &lookahead{Reader: b}
	for !comparison.Differs() {
		e, err := second.Next()
		if err != nil { // io.EOF, a Reader's only error
			if second.gap && !second.cutOff() {
				first.drain()
			}
			break
		}
		if second.gap {
			first.skipTo(e.Seq)
		}
		comparison.Emit(e)
	}
	diff, err := comparison.Done()
	if err != nil {
		return nil, err
	}
	if first.blank() {
		return nil, fmt.Errorf("the first trace %w", errBlank)
	}
	if second.blank() {
		return nil, fmt.Errorf("the second trace %w", errBlank)
	}
	early := diff != nil && (diff.A == "" && first.cutOff() || diff.B == "" && second.cutOff())
	if early {
		diff = nil
	}
	last := min(first.last, second.last)
	if diff == nil { // what follows may still have digests to compare
		first.drain()
		second.drain()
	}
	return outcome(diff, discordOf(digestsOf(a), digestsOf(b)), early, last)
}

// outcome is what came of comparing events, and of comparing digests. Where both
// differ it is the event that is told. A record that ends early does so at last.
func outcome(diff *trace.Difference, d *discord, early bool, last uint64) (*Replayed, error) {
	switch {
	case diff != nil:
		out := &Replayed{FirstDifference: diff}
		if d != nil && d.unheld && d.until > 0 && d.until < diff.T {
			out.Note = "the runs differ before it already, " + d.between()
		}
		return out, nil
	case d != nil:
		return d.replayed()
	case early:
		return &Replayed{Same: true, Note: fmt.Sprintf("a record ends early; all is the same up to event #%d, its last", last)}, nil
	}
	return &Replayed{Same: true}, nil
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
