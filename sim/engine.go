package sim

import (
	"fmt"
	"math"

	"meshsim/clock"
)

// Engine is the virtual clock and the queue of what will happen. Order is total
// and documented: by time, and at equal times by the order of scheduling. The
// zero Engine is ready at time 0.
//
// An Engine is not safe for concurrent use; a run is one goroutine.
type Engine[E any] struct {
	// OnAdvance, if set, is called before the clock moves on: every event at Now is
	// done. It may Halt, and schedule nothing.
	OnAdvance func()

	now     clock.Time
	steps   uint64
	since   uint64 // steps when the clock came to now
	halted  bool
	queue   queue[E]
	current E // the event being dispatched
}

// Ref names one scheduled event, for Cancel. The zero Ref names none.
type Ref struct {
	slot uint32
	seq  uint64 // push number + 1
}

// Limit bounds one call of Run. Zero fields take the defaults named there.
type Limit struct {
	Until   clock.Time // last instant to process, inclusive
	Steps   uint64     // dispatches in this call; default unlimited
	Instant uint64     // dispatches at one instant; default MaxInstant
}

// MaxInstant is how many events may happen at one instant before a run is taken
// to be stuck in a cycle of zero delay.
const MaxInstant = 1_000_000

// Stop says why Run returned.
type Stop uint8

const (
	StopUntil  Stop = iota // nothing left at or before Limit.Until
	StopSteps              // Limit.Steps dispatched
	StopStuck              // Limit.Instant events at one instant, and more to come
	StopHalted             // Halt was called
)

// Now is the time of the event being dispatched, or the time up to which Run
// has processed everything.
func (e *Engine[E]) Now() clock.Time { return e.now }

// Steps is the number of events dispatched so far.
func (e *Engine[E]) Steps() uint64 { return e.steps }

// Len is the number of events waiting.
func (e *Engine[E]) Len() int { return e.queue.len() }

// At schedules ev for time t. It panics when t lies in the past: that would
// break causality, and only a bug of the caller can ask for it.
func (e *Engine[E]) At(t clock.Time, ev E) Ref {
	if t < e.now {
		e.past(t)
	}
	return e.queue.push(t, &ev)
}

func (e *Engine[E]) past(t clock.Time) {
	panic(fmt.Sprintf("sim: event scheduled for %v at %v, in the past", t, e.now))
}

// Cancel removes a scheduled event and reports whether it was still waiting.
func (e *Engine[E]) Cancel(r Ref) bool { return e.queue.cancel(r) }

// Halt makes the Run at hand return: after the event that is being dispatched, or
// before the clock moves on.
func (e *Engine[E]) Halt() { e.halted = true }

// Run dispatches events in order until the limit is reached. Splitting a run
// into several calls changes nothing: what lies past a limit is never popped. The
// event is valid, and its own, until do returns.
func (e *Engine[E]) Run(limit Limit, do func(*E)) Stop {
	if limit.Steps == 0 {
		limit.Steps = math.MaxUint64
	}
	if limit.Instant == 0 {
		limit.Instant = MaxInstant
	}
	e.halted = false
	for end := e.steps + min(limit.Steps, math.MaxUint64-e.steps); e.steps < end; {
		e.queue.fill()
		t := e.queue.first()
		if t < 0 || t > limit.Until {
			return e.idle(limit.Until)
		}
		if t != e.now {
			e.advance(t)
		}
		if e.halted {
			return StopHalted
		}
		if e.steps-e.since >= limit.Instant {
			return StopStuck
		}
		e.steps++
		e.queue.pop(&e.current)
		do(&e.current)
	}
	return StopSteps
}

// idle ends a Run that has nothing left at or before its limit.
func (e *Engine[E]) idle(until clock.Time) Stop {
	if until != clock.Never && until > e.now {
		e.advance(until)
	}
	if e.halted {
		return StopHalted
	}
	return StopUntil
}

// advance moves the clock, unless somebody halts at the last moment.
func (e *Engine[E]) advance(t clock.Time) {
	if e.OnAdvance != nil {
		if e.OnAdvance(); e.halted {
			return
		}
	}
	e.now, e.since = t, e.steps
}

// Each calls f for every waiting event, in no particular order: for audits that
// add up what is under way.
func (e *Engine[E]) Each(f func(clock.Time, *E)) { e.queue.each(f) }
