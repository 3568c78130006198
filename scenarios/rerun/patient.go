package rerun

import "meshsim/trace"

// patient compares a run with a trace, and does not hold against the run what the
// trace lost: where lines of it were damaged, events of the run are passed over
// until both go on with the same number.
type patient struct {
	*trace.Comparison
	record  *lookahead
	reached trace.Checkpoint // the run's last
}

func newPatient(r *trace.Reader, live trace.Header) *patient {
	l := &lookahead{Reader: r}
	return &patient{Comparison: trace.NewComparison(l, live), record: l}
}

// Emit implements trace.Sink.
func (p *patient) Emit(e *trace.Event) {
	if e.Seq != 0 && !p.Differs() && p.record.lost(e.Seq) {
		return
	}
	p.Comparison.Emit(e)
}

// Checkpoint implements trace.CheckpointSink.
func (p *patient) Checkpoint(c trace.Checkpoint) { p.reached = c }

// settled reports whether the rest of the run can't tell anything new. A trace
// that was cut off may have held no event for a while before: then its last
// checkpoint is still to be compared.
func (p *patient) settled() bool {
	if !p.record.cutOff() {
		return p.Differs()
	}
	checkpoints := p.record.Checkpoints()
	if len(checkpoints) == 0 {
		return true
	}
	last := checkpoints[len(checkpoints)-1]
	return p.reached.T > last.T || p.reached.T == last.T && p.reached.Events >= last.Events
}

// lookahead is a trace of which one event is read ahead.
type lookahead struct {
	*trace.Reader
	ahead  bool
	event  *trace.Event
	err    error
	last   uint64 // number of the last event handed out
	passed int    // damaged lines up to the event before
	gap    bool   // damaged lines stand right before the event, or the end
}

// Next implements trace.Stream.
func (l *lookahead) Next() (*trace.Event, error) {
	l.peek()
	l.ahead = false
	if l.err == nil {
		l.last = l.event.Seq
	}
	return l.event, l.err
}

func (l *lookahead) peek() {
	if l.ahead || l.err != nil {
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
		l.last = l.event.Seq
		l.ahead = false
	}
}

// drain passes over all the rest.
func (l *lookahead) drain() {
	for l.err == nil {
		l.ahead = false
		l.peek()
	}
}

// lost reports whether the event of this number was on a damaged line.
func (l *lookahead) lost(seq uint64) bool {
	l.peek()
	if l.err != nil {
		return l.gap && !l.cutOff()
	}
	return l.gap && seq < l.event.Seq
}

// cutOff reports whether the trace was read to its end, and ends before its run
// was over.
func (l *lookahead) cutOff() bool {
	end, whole := l.End()
	return l.err != nil && (!whole || end.Interrupted)
}

// blank reports whether nothing of a run could be read behind the header.
func (l *lookahead) blank() bool {
	_, whole := l.End()
	return l.err != nil && l.last == 0 && len(l.Checkpoints()) == 0 && !whole
}
