package rerun

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/scenarios/expect"
	"meshsim/sim"
	"meshsim/trace"
)

// ErrNothingFailed says that there is no failure to explain.
var ErrNothingFailed = errors.New("nothing failed in this run: ask for an envelope, a drop or a route")

// ExplainFailure tells why the run failed: the first broken invariant, or else the
// expectation that failed first.
func ExplainFailure(p *Past) (*Explanation, error) {
	if p.Scenario == nil {
		return nil, errors.New("the trace alone does not tell what was expected: ask for an envelope or a drop")
	}
	f := newFates(p.Names)
	r, err := p.play(f)
	if err != nil {
		return nil, err
	}
	why := &inquest{past: p, fates: f, result: r, Explanation: Explanation{Accounts: []Account{}}}
	for _, i := range r.Invariants {
		if i.Verdict == scenarios.Failed {
			return why.invariant(i)
		}
	}
	switch {
	case len(r.Failures) > 0:
		return why.expectation(r.Failures[0])
	case r.Stuck != "":
		why.Question = "why the run got stuck"
		why.Answer = []string{r.Stuck}
		return why.done()
	}
	return nil, ErrNothingFailed
}

// inquest is an explanation under way.
type inquest struct {
	Explanation
	past   *Past
	fates  *fates
	result *scenarios.Result
}

func (q *inquest) done() (*Explanation, error) {
	q.Notes = q.past.Notes
	return &q.Explanation, nil
}

func (q *inquest) say(format string, args ...any) {
	q.Answer = append(q.Answer, fmt.Sprintf(format, args...))
}

// invariant follows the event that broke an invariant back to where it came from.
func (q *inquest) invariant(i trace.Invariant) (*Explanation, error) {
	q.Question = fmt.Sprintf("why the invariant %s was broken at %v, in event #%d", i.Name, clock.Time(i.AtNS), i.FirstSeq)
	q.say("%s", i.Detail)
	if i.Violations > 1 {
		q.say("it was broken %d times; this is the first", i.Violations)
	}
	if strings.Contains(i.Detail, "the events leave") { // an audit: of no event in particular
		return q.leftOpen(i.FirstSeq)
	}
	if err := q.event(i.FirstSeq); err != nil {
		return nil, err
	}
	return q.done()
}

// leftOpen follows the copy that is open longest after an event.
func (q *inquest) leftOpen(seq uint64) (*Explanation, error) {
	o := &OpenCopies{until: seq}
	if _, err := q.past.play(o); err != nil {
		return nil, err
	}
	if oldest, t := o.Oldest(); oldest != 0 {
		q.say("of the copies that the events leave open, one comes from event #%d, at %v, and none from an earlier one", oldest, t)
		seq = oldest
	}
	if err := q.event(seq); err != nil {
		return nil, err
	}
	return q.done()
}

// AccountsOf tell how the event with a number came about.
func AccountsOf(p *Past, seq uint64) ([]Account, error) {
	why := &inquest{past: p}
	err := why.event(seq)
	return why.Accounts, err
}

// event adds the account of one event, and of its envelope if it has one.
func (q *inquest) event(seq uint64) error {
	at, err := q.past.eventAt(seq)
	if err != nil || at == nil {
		return err
	}
	if !at.Kind.OfEnvelope() {
		s := newSpeaker(q.past.Names)
		q.Accounts = append(q.Accounts, Account{Title: "the event", Steps: []Step{s.step(at)}})
		return nil
	}
	w := &witness{speaker: newSpeaker(q.past.Names), of: func(e *trace.Event) bool { return e.Kind.OfEnvelope() && e.ID == at.ID && e.Seq <= seq }}
	if _, err := q.past.play(w); err != nil {
		return err
	}
	q.Accounts = append(q.Accounts, w.account("how "+w.message(at)+" came there", w.chain(seq)))
	return nil
}

// Names in expressions, as far as there is something to tell of them.
var (
	callInExpr  = regexp.MustCompile(`\b(route|node|fault)\(\s*['"]([^'"]*)['"]\s*(?:,\s*['"]([^'"]*)['"]\s*)?\)`)
	dropsInExpr = regexp.MustCompile(`\bdrops\.([a-z_]+)`)

	latencyInExpr  = regexp.MustCompile(`\btraffic\.(\w+\.)*(latency_ns|last_delivery_ns)`)
	deliveryInExpr = regexp.MustCompile(`\btraffic\.(\w+\.)*(deliver\w*|in_flight)`)
)

// expectation tells what stands behind each name that the failed one reads.
func (q *inquest) expectation(f expect.Failure) (*Explanation, error) {
	q.Question = fmt.Sprintf("why %q failed at %v", f.Name, f.At)
	q.say("expected (%s): %s", strings.ReplaceAll(f.Form, "_", " "), f.Expr)
	q.say("found: %s", f.Value)
	if f.Seq != 0 {
		if err := q.event(f.Seq); err != nil {
			return nil, err
		}
	}
	for _, call := range callInExpr.FindAllStringSubmatch(f.Expr, -1) {
		if err := q.call(call[1], call[2], call[3], f.At); err != nil {
			return nil, err
		}
	}
	for _, drop := range dropsInExpr.FindAllStringSubmatch(f.Expr, -1) {
		if err := q.drops(drop[1]); err != nil {
			return nil, err
		}
	}
	var err error
	switch {
	case latencyInExpr.MatchString(f.Expr):
		err = q.slowest()
	case deliveryInExpr.MatchString(f.Expr):
		err = q.undelivered()
	}
	if err != nil {
		return nil, err
	}
	if len(q.Accounts) == 0 {
		if err := q.lastEvents(f); err != nil {
			return nil, err
		}
	}
	return q.done()
}

// call tells of route('a','b').up and the like.
func (q *inquest) call(what, a, b string, at clock.Time) error {
	switch what {
	case "route":
		route, err := ExplainRoute(q.past, a, b, time.Duration(at))
		if err != nil {
			return err
		}
		q.Answer = append(q.Answer, route.Answer...)
		q.Accounts = append(q.Accounts, route.Accounts...)
	case "node":
		return q.history("what happened to "+a, func(e *trace.Event) bool {
			return e.Node != sim.NoNode && q.past.Names[e.Node] == a && !e.Kind.OfEnvelope() && e.Kind != trace.RouteChanged && e.T <= at
		})
	case "fault":
		return q.history("the fault "+a, func(e *trace.Event) bool {
			return (e.Kind == trace.FaultBegin || e.Kind == trace.FaultEnd) && e.Name == a && e.T <= at
		})
	}
	return nil
}

func (q *inquest) history(title string, of func(*trace.Event) bool) error {
	w := &witness{speaker: newSpeaker(q.past.Names), of: of}
	if _, err := q.past.play(w); err != nil {
		return err
	}
	q.Accounts = append(q.Accounts, w.account(title, w.events))
	return nil
}

// drops tells where copies ended for one reason, and of the first of them.
func (q *inquest) drops(reason string) error {
	first := uint64(0)
	groups := newGroups()
	w := newSpeaker(q.past.Names)
	look := eventSink(func(e *trace.Event) {
		w.hear(e)
		if e.Kind != trace.EnvelopeDropped || e.Reason.String() != reason {
			return
		}
		if first == 0 {
			first = e.Seq
		}
		groups.add(w, e)
	})
	if _, err := q.past.play(look); err != nil || first == 0 {
		return err
	}
	q.say("%s dropped as %s:", plural(groups.total, "copy was", "copies were"), reason)
	q.Answer = append(q.Answer, groups.lines("  ")...)
	return q.event(first)
}

// undelivered tells where the messages that never arrived ended, and the account
// of one of the commonest fate.
func (q *inquest) undelivered() error {
	lost := q.fates.undelivered()
	if len(lost) == 0 {
		q.say("every message that was sent arrived")
		return nil
	}
	groups := newGroups()
	for _, f := range lost {
		if f.last.Seq == 0 {
			groups.addOther("still under way at the end", f)
		} else {
			groups.addFate(q.fates.speaker, f)
		}
	}
	q.say("%s of %d that were due did not happen:", plural(groups.total, "delivery", "deliveries"), q.fates.expected)
	q.Answer = append(q.Answer, groups.lines("  ")...)
	return q.one(groups.largest().example, "one of them, ")
}

// slowest tells the account of the message that took longest.
func (q *inquest) slowest() error {
	f := q.fates.slowest()
	if f == nil {
		return q.undelivered()
	}
	q.say("the slowest took %v", f.latency)
	return q.one(f.first.ID, "the slowest, ")
}

func (q *inquest) one(id trace.EnvelopeID, title string) error {
	w := &witness{speaker: newSpeaker(q.past.Names), of: func(e *trace.Event) bool { return e.Kind.OfMessage() && e.ID == id }}
	if _, err := q.past.play(w); err != nil || len(w.events) == 0 {
		return err
	}
	q.Accounts = append(q.Accounts, w.account(title+w.message(&w.events[0]), w.events))
	if last := &w.events[len(w.events)-1]; last.Kind == trace.EnvelopeDropped && last.Reason == trace.NoRoute {
		return q.stranded(last)
	}
	return nil
}

// stranded tells why a node knew no way on.
func (q *inquest) stranded(e *trace.Event) error {
	node, destination := q.past.Names[e.Node], q.fates.name(e.Destination)
	before, err := q.past.routeAccount(fmt.Sprintf("what changed for the way from %s to %s before", node, destination), node, destination, e.T)
	if err == nil && len(before.Steps) > 0 {
		q.Accounts = append(q.Accounts, before)
	}
	return err
}

// lastEvents is what is told when nothing better is known.
func (q *inquest) lastEvents(f expect.Failure) error {
	t := &tail{names: q.past.Names, until: f.At}
	for _, id := range f.Nodes {
		for n, name := range q.past.Names {
			if name == id {
				t.nodes = append(t.nodes, sim.NodeID(n))
			}
		}
	}
	s := newSpeaker(q.past.Names)
	both := eventSink(func(e *trace.Event) { s.hear(e); t.Emit(e) })
	if _, err := q.past.play(both); err != nil {
		return err
	}
	a := Account{Title: "the last events before it", Steps: []Step{}}
	for i := range t.last {
		a.Steps = append(a.Steps, s.step(&t.last[i]))
	}
	q.Accounts = append(q.Accounts, a)
	return nil
}
