package rerun

import "meshsim/trace"

// patient compares a run with a trace, and does not hold against the run what the
// trace lost: where lines of it were damaged, events of the run are passed over
// until both go on with the same number.
type patient struct {
	*trace.Comparison
	record *lookahead
}

func newPatient(r *trace.Reader, live trace.Header) *patient {
	l := &lookahead{Reader: r}
	return &patient{trace.NewComparison(l, live), l}
}

// Emit implements trace.Sink.
func (p *patient) Emit(e *trace.Event) {
	if e.Seq != 0 && !p.Differs() && p.record.lost(e.Seq) {
		return
	}
	p.Comparison.Emit(e)
}

// lookahead is a trace of which one event is read ahead.
type lookahead struct {
	*trace.Reader
	ahead  bool
	event  *trace.Event
	err    error
	passed int  // damaged lines up to the event before
	gap    bool // damaged lines stand right before the event
}

// Next implements trace.Stream.
func (l *lookahead) Next() (*trace.Event, error) {
	l.peek()
	l.ahead = false
	return l.event, l.err
}

func (l *lookahead) peek() {
	if l.ahead {
		return
	}
	l.ahead = true
	for l.event, l.err = l.Reader.Next(); l.err == nil && l.event.Seq == 0; {
		l.event, l.err = l.Reader.Next() // it is outside the record, and not compared
	}
	l.gap = l.Damaged() > l.passed
	l.passed = l.Damaged()
}

// skipTo passes over what comes before the event of this number.
func (l *lookahead) skipTo(seq uint64) {
	for l.peek(); l.err == nil && l.event.Seq < seq; l.peek() {
		l.ahead = false
	}
}

// lost reports whether the event of this number was on a damaged line.
func (l *lookahead) lost(seq uint64) bool {
	l.peek()
	return l.err == nil && l.gap && seq < l.event.Seq
}
