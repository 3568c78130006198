package expect

import (
	"slices"

	"meshsim/clock"
	"meshsim/sim"
)

// expectation is one spec and how far its judgement has come. All forms are one
// machine: a window of instants, in which the condition must hold at every
// evaluation, or at some.
type expectation struct {
	Spec
	form          string
	some          bool // eventually, within; else every
	cond, guard   *condition
	perEvent      bool // reads envelope.*
	onlyDelivered bool // reads what delivered envelopes only have

	progress

	hypothesis bool         // it is judged by what may turn out wrong: nobody is told yet
	belief     *expectation // see hindsight.go; nil: it reads nothing of the kind
}

// progress is how far a judgement has come.
type progress struct {
	from, to clock.Time // window, both included; to may be Never
	before   outcome    // stays: of the state that still held when the window opened

	node, peer  sim.NodeID // of the event evaluated last
	evaluations int64
	verdict     string // "": undecided
	at          clock.Time
	value       string
	failure     *Failure // of a hypothesis, what is to be told if it was right
}

// newExpectation sets the window up; within's opens when its fault ends.
func newExpectation(spec Spec, cond, guard *condition) *expectation {
	x := &expectation{
		Spec: spec, form: spec.Form, cond: cond, guard: guard,
		some:     spec.Form == Eventually || spec.Form == Within,
		progress: progress{to: clock.Never, node: sim.NoNode, peer: sim.NoNode},
	}
	switch spec.Form {
	case Eventually:
		if spec.By > 0 {
			x.to = spec.By
		}
	case Stays:
		x.from = spec.From
	case Within:
		x.from = clock.Never
	}
	return x
}

// faultEnded opens the window of within at the fault's first end.
func (x *expectation) faultEnded(name string, t clock.Time) {
	if x.form == Within && x.After == name && x.from == clock.Never {
		x.from, x.to = t, t.Add(x.Limit)
	}
}

// step judges the state at t, after what no later state can change any more.
func (x *expectation) step(s *Set, t clock.Time) {
	x.expire(s, t)
	if x.verdict != "" {
		return
	}
	if t < x.from {
		if x.form == Stays && !x.perEvent {
			x.before = x.evaluate(s)
		}
		return
	}
	x.judge(s, t, x.evaluate(s))
}

// expire decides what the passing of time to t decides.
func (x *expectation) expire(s *Set, t clock.Time) {
	switch {
	case x.some && t > x.to:
		x.missed(s, x.to)
	case t >= x.from && x.before != skipped:
		before := x.before
		x.before = skipped
		if t > x.from {
			x.judge(s, x.from, before)
		}
	}
}

// evaluate evaluates the guard and the condition.
func (x *expectation) evaluate(s *Set) outcome {
	if x.guard != nil {
		switch o := x.guard.evaluate(s); o {
		case broken:
			return o
		case fails, skipped:
			return skipped
		}
	}
	return x.cond.evaluate(s)
}

// judge counts an evaluation at t and decides what it decides.
func (x *expectation) judge(s *Set, t clock.Time, o outcome) {
	if o == skipped {
		return
	}
	x.evaluations++
	switch {
	case o == broken:
		x.fail(s, t)
	case o == fails && !x.some:
		x.fail(s, t)
	case o == holds && x.some:
		x.decide(Passed, t)
	}
}

// missed ends a window in which the condition never held.
func (x *expectation) missed(s *Set, t clock.Time) {
	if x.evaluations == 0 {
		x.decide(Vacuous, t)
		return
	}
	x.fail(s, t)
}

// finish decides at the end of the run what is still open.
func (x *expectation) finish(s *Set, end clock.Time) {
	if x.form == AtEnd {
		x.judge(s, end, x.evaluate(s))
	}
	switch {
	case x.verdict != "":
	case x.some && x.to != clock.Never && x.to > end: // its window was cut off
		x.decide(Vacuous, end)
	case x.some:
		x.missed(s, end)
	case x.evaluations == 0:
		x.decide(Vacuous, end)
	default:
		x.decide(Passed, end)
	}
}

func (x *expectation) decide(verdict string, t clock.Time) {
	x.verdict, x.at, x.value = verdict, t, x.text()
}

func (x *expectation) fail(s *Set, t clock.Time) {
	x.decide(Failed, t)
	failure := Failure{Result: x.result(), At: t, Nodes: x.concerned(s)}
	if s.event != nil {
		failure.Seq = s.event.Seq
	}
	if x.hypothesis {
		x.failure = &failure
		return
	}
	s.report(failure)
}

// text says what the names had for values at the last evaluation.
func (x *expectation) text() string {
	switch {
	case x.evaluations == 0:
		return "never evaluated"
	case x.guard != nil && x.guard.err != "":
		return x.guard.err
	case x.cond.err != "":
		return x.cond.err
	}
	return x.cond.text()
}

// concerned lists the nodes of the last event and those that the condition asked
// about.
func (x *expectation) concerned(s *Set) []string {
	var nodes []string
	add := func(name string) {
		if name != "" && !slices.Contains(nodes, name) {
			nodes = append(nodes, name)
		}
	}
	if x.perEvent {
		for _, n := range []sim.NodeID{x.node, x.peer} {
			if n >= 0 {
				add(s.nodes[n].(string))
			}
		}
	}
	for _, n := range x.cond.names {
		if n.read && n.call != nil {
			for i, of := range n.call.of {
				if of == aNode {
					add(n.args[i])
				}
			}
		}
	}
	return nodes
}

func (x *expectation) result() Result {
	return Result{
		Name: x.Name, Form: x.form, Expr: x.Expr, Verdict: x.verdict,
		Evaluations: x.evaluations, Value: x.value, AtNS: int64(x.at),
	}
}
