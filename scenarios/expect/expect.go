// Package expect judges what a scenario says must hold: expressions over the
// state of a run, each in one of five forms. It reads the event stream and asks
// the world; it can't change either.
//
// Names in expressions: every metric by its path in the result document,
// envelope.* at envelope events, the scenario's own keys, and
// route('a','b').up, node('a').up, session('a','b').up, fault('f').active, trust('a','b'), claim('c','a'),
// all(nodes, node(#).up).
// Numbers are IEEE doubles, exact up to 2⁵³, so that an expression means the
// same on every architecture; times are in ns and compare with strings such as
// '40ms', ratios with strings such as '1%'.
// An evaluation that divides by zero, or reads a metric that does, is not judged.
//
// trust.converged is true from the last change of trust on, if nothing changed for
// [trust] settle before the end. An expectation that reads it gets its verdict at the
// end of the run, and is vacuous in a run without any transition.
package expect

import (
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// The forms.
const (
	Always     = "always"     // at every evaluation
	Eventually = "eventually" // at some instant not later than By
	Stays      = "stays"      // at every instant from From to the end
	Within     = "within"     // at some instant at most Limit after the end of fault After
	AtEnd      = "at_end"     // once the run is over
)

// The verdicts.
const (
	Passed  = "passed"
	Failed  = "failed"
	Vacuous = "vacuous" // never judged: it does not pass
)

// Spec is one expectation.
type Spec struct {
	Name string // default: the expression
	Form string
	Expr string

	While string        // Always: not evaluated unless this holds; optional
	By    clock.Time    // Eventually: latest instant; 0: the end of the run
	From  clock.Time    // Stays: first instant
	After string        // Within: name of a fault
	Limit time.Duration // Within: at least 0
}

// World is the run as expectations see it. Its methods are called with names that
// Env lists, and must not change anything.
type World interface {
	// RouteUp reports whether an envelope sent now from a could reach b.
	RouteUp(a, b string) bool
	NodeUp(a string) bool
	FaultActive(name string) bool
	// SessionUp reports whether the session of a with b is open, as a sees it.
	SessionUp(a, b string) bool
	// Trust is the level at which a holds b.
	Trust(a, b string) trace.Trust
	// TrustChanged is when what honest nodes hold of others changed last; 0: never.
	TrustChanged() clock.Time
	// Claim is what a makes of claim c.
	Claim(c, a string) trace.ClaimState
	// FillSummary brings s up to date with the metrics so far, latencies only if asked.
	// The same s comes back each time, so that its maps can be kept.
	FillSummary(s *trace.Summary, latency bool)
}

// Failure is told once for each expectation that fails, when that is known.
type Failure struct {
	Result
	At    clock.Time
	Nodes []string // those concerned, in the order met
	Seq   uint64   // the envelope event at which it showed; 0: it showed at an instant
}

// Result is what became of one expectation.
type Result struct {
	Name        string `json:"name"`
	Form        string `json:"form"`
	Expr        string `json:"expr"`
	Verdict     string `json:"verdict"`
	Evaluations int64  `json:"evaluations"` // those that were judged
	Value       string `json:"value"`       // of the names in it at the last evaluation, or the error
	AtNS        int64  `json:"at_ns"`       // when the verdict was certain, in ns of virtual time
}

// Set is the expectations of one run. It is a sink; events must reach the
// metrics that World reads before they reach it.
type Set struct {
	OnFailure func(Failure) // called at once when an expectation fails; may be nil

	world   World
	machine machine
	metrics metrics
	nodes   []any // names by NodeID, boxed once
	event   *trace.Event

	all       []*expectation
	perEvent  []*expectation // undecided, and reading envelope.*
	undecided []*expectation
	hindsight []*expectation // those that read trust.converged
	changed   clock.Time     // of trust, the last change that they know of
	last      clock.Time     // the last instant; −1: none yet
	failed    bool
}

// Watch attaches the set to its run, before the first event.
func (s *Set) Watch(w World) { s.world = w }

// Reads implements trace.Selective: envelopes only if an expectation reads them.
func (s *Set) Reads(k trace.Kind) bool {
	return k == trace.FaultEnd || k.OfEnvelope() && len(s.perEvent) > 0
}

// Emit evaluates what reads the envelope of the event, and notes the ends of faults.
func (s *Set) Emit(e *trace.Event) {
	if e.Kind == trace.FaultEnd {
		for _, x := range s.undecided {
			x.faultEnded(e.Name, e.T)
		}
		return
	}
	if len(s.perEvent) == 0 || !e.Kind.OfEnvelope() {
		return
	}
	s.revise()
	s.event = e
	s.metrics.fresh = false
	decided := false
	for _, x := range s.perEvent {
		if x.onlyDelivered && e.Kind != trace.EnvelopeDelivered {
			continue
		}
		if x.expire(s, e.T); x.verdict == "" {
			x.node, x.peer = e.Node, e.Peer
			x.step(s, e.T)
		}
		decided = decided || x.verdict != ""
	}
	s.event = nil
	if decided {
		s.forget()
	}
}

// ReadsInstants reports whether Instant has anything to do: not when everything is
// judged at the end.
func (s *Set) ReadsInstants() bool {
	return slices.ContainsFunc(s.all, func(x *expectation) bool { return x.form != AtEnd })
}

// Instant evaluates the other expectations after all events of instant t. It need
// not be called for instants at which nothing happened. Instants ascend.
func (s *Set) Instant(t clock.Time) {
	s.last = t
	s.revise()
	s.metrics.fresh = false
	decided := false
	for _, x := range s.undecided {
		if x.perEvent {
			x.expire(s, t)
		} else if x.form != AtEnd {
			x.step(s, t)
		}
		decided = decided || x.verdict != ""
	}
	if decided {
		s.forget()
	}
}

// End settles every verdict at the end of the run. It is called once, last.
func (s *Set) End(t clock.Time) {
	if s.last < t {
		s.Instant(t)
	}
	s.metrics.fresh, s.metrics.ended = false, true
	for i, x := range s.all {
		if x.belief != nil {
			x = s.conclude(x, t)
			s.all[i] = x
		}
		if x.verdict == "" {
			x.finish(s, t)
		}
	}
	s.undecided, s.perEvent = nil, nil
}

// watch has an expectation judged until it is decided.
func (s *Set) watch(x *expectation) {
	s.undecided = append(s.undecided, x)
	if x.perEvent {
		s.perEvent = append(s.perEvent, x)
	}
}

// forget takes the decided out of the lists of those to evaluate.
func (s *Set) forget() {
	s.undecided = keepUndecided(s.undecided)
	s.perEvent = keepUndecided(s.perEvent)
}

func keepUndecided(list []*expectation) []*expectation {
	kept := list[:0]
	for _, x := range list {
		if x.verdict == "" {
			kept = append(kept, x)
		}
	}
	return kept
}

// report tells of an expectation that failed.
func (s *Set) report(f Failure) {
	s.failed = true
	if s.OnFailure != nil {
		s.OnFailure(f)
	}
}

// Failed reports whether any expectation has failed so far.
func (s *Set) Failed() bool { return s.failed }

// Results lists all expectations in the order of their specs, after End.
func (s *Set) Results() []Result {
	all := make([]Result, len(s.all))
	for i, x := range s.all {
		all[i] = x.result()
	}
	return all
}

// summary is the metrics of the current instant or event, read from the world at
// most once for it.
func (s *Set) summary() {
	if !s.metrics.fresh {
		s.world.FillSummary(&s.metrics.sum, s.metrics.latency || s.metrics.ended)
		s.metrics.refresh()
	}
}

// nodeName is the id of a node, "*" for everyone, "" for none, ready to be read
// by an expression without an allocation.
func (s *Set) nodeName(n sim.NodeID) any {
	switch n {
	case sim.Everyone:
		return "*"
	case sim.NoNode:
		return ""
	}
	return s.nodes[n]
}
