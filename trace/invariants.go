package trace

import (
	"fmt"
	"strings"

	"meshsim/clock"
	"meshsim/sim"
)

// Checker watches one invariant: as one of the Observers, or as a sink of its own.
type Checker interface {
	Result() Invariant
}

// CheckingSink is a checker that reads events by itself.
type CheckingSink interface {
	Checker
	Sink
}

// finding is the account that every checker keeps. It puts the first violation
// into words and counts the others.
type finding struct {
	Invariant
	names []string // of the nodes
}

func newFinding(name string, names []string) finding {
	return finding{Invariant{Name: name, Verdict: "passed"}, names}
}

// Result is the account so far.
func (f *finding) Result() Invariant { return f.Invariant }

// violated counts a violation; the words are asked for when it is the first.
func (f *finding) violated(t clock.Time, seq uint64, words func() string) {
	f.Violations++
	if f.Violations > 1 {
		return
	}
	f.FirstSeq, f.AtNS, f.Verdict, f.Detail = seq, int64(t), "failed", words()
}

// route puts a path into words.
func (f *finding) route(path []sim.NodeID) string {
	words := make([]string, len(path))
	for i, node := range path {
		words[i] = f.names[node]
	}
	return strings.Join(words, " → ")
}

// Conservation checks that copies neither appear nor vanish: that every event
// fits those before it, that created = delivered + dropped + open after each, and,
// at audits, that the open copies are the ones which really are under way.
type Conservation struct {
	finding
	ledger  *Ledger
	missing int64 // what is missing, known already
	seq     uint64
}

// NewConservation returns the checker of "conservation"; names are the node ids
// by number.
func NewConservation(l *Ledger, names []string) *Conservation {
	return &Conservation{finding: newFinding("conservation", names), ledger: l}
}

// holds checks the accounts after an event of an envelope.
func (c *Conservation) holds() bool {
	c.Evaluations++
	return c.ledger.current.flaw == noFlaw && c.ledger.missing() == c.missing
}

// broken says why the accounts did not hold after an event.
func (c *Conservation) broken(e *Event) {
	l := c.ledger
	c.missing = l.missing()
	if flaw := l.current.flaw; flaw != noFlaw {
		c.violated(e.T, e.Seq, func() string { return c.describe(e, flaw) })
	} else {
		c.violated(e.T, e.Seq, func() string {
			return fmt.Sprintf("%d copies created, but %d delivered + %d dropped + %d open", l.created, l.delivered, l.dropped, l.open)
		})
	}
}

// Audit compares the open copies with those that event queue, links and nodes
// hold at time t, between two events: their number, and the sum of their CopyHash.
func (c *Conservation) Audit(t clock.Time, held int64, fingerprint uint64) {
	c.Evaluations++
	open, sum := c.ledger.Open(), c.ledger.Fingerprint()
	if held == open && fingerprint == sum {
		return
	}
	c.violated(t, c.seq, func() string {
		if held != open {
			return fmt.Sprintf("%d copies are under way, but the events leave %d open", held, open)
		}
		return fmt.Sprintf("%d copies are under way, as many as the events leave open, but not the same ones", held)
	})
}

func (c *Conservation) describe(e *Event, f flaw) string {
	switch f {
	case sentTwice:
		return fmt.Sprintf("%s submits envelope %s, whose id was submitted before", c.names[e.Node], e.ID)
	case unknownID:
		return fmt.Sprintf("%s at %s of envelope %s, of which nothing is under way", e.Kind, c.names[e.Node], e.ID)
	case notHandedOver:
		return fmt.Sprintf("a link takes a copy of envelope %s over %s, which %s has not handed over", e.ID, c.route(e.Path), c.names[e.Node])
	case notHeldForward:
		return fmt.Sprintf("%s forwards a copy of envelope %s over %s, which it does not hold", c.names[e.Node], e.ID, c.route(e.Path))
	}
	return fmt.Sprintf("%s at %s of a copy of envelope %s over %s, which is not open", e.Kind, c.names[e.Node], e.ID, c.route(e.Path))
}

// HopLimitCheck checks that no envelope is delivered past the hop limit.
type HopLimitCheck struct {
	finding
	maxHops int
}

// NewHopLimitCheck returns the checker of "hop_limit" for a limit of 1 … 255.
func NewHopLimitCheck(maxHops int, names []string) *HopLimitCheck {
	return &HopLimitCheck{finding: newFinding("hop_limit", names), maxHops: maxHops}
}

// check checks a delivery.
func (c *HopLimitCheck) check(e *Event) {
	c.Evaluations++
	if hops := len(e.Path) - 1; hops > c.maxHops {
		c.violated(e.T, e.Seq, func() string {
			return fmt.Sprintf("%s takes envelope %s after %d hops, %s; the limit is %d", c.names[e.Node], e.ID, hops, c.route(e.Path), c.maxHops)
		})
	}
}

// NoRevisit checks that no honest node processes an envelope twice. A node
// processes an envelope when it forwards or delivers a copy of it, or the handler of
// its type refuses it, all at once counting once; the origin does when it submits it. Its own sends of what it
// does not hold are no visits, and a node may forget an id for newer ones.
type NoRevisit struct {
	finding
	ledger    *Ledger
	dishonest []bool
}

// NewNoRevisit returns the checker of "no_revisit", which does not look at
// dishonest nodes.
func NewNoRevisit(l *Ledger, names []string, dishonest ...sim.NodeID) *NoRevisit {
	c := &NoRevisit{finding: newFinding("no_revisit", names), ledger: l, dishonest: make([]bool, len(names))}
	for _, node := range dishonest {
		c.dishonest[node] = true
	}
	return c
}

// holds checks a visit: that the ledger knows of none before.
func (c *NoRevisit) holds(e *Event) bool {
	if c.dishonest[e.Node] {
		return true
	}
	c.Evaluations++
	return !c.ledger.current.again
}

// broken says which visit was one too many. Its words stay out of the way that every
// event goes.
//
//go:noinline
func (c *NoRevisit) broken(e *Event) {
	c.violated(e.T, e.Seq, func() string {
		return fmt.Sprintf("%s processes envelope %s again, over %s", c.names[e.Node], e.ID, c.route(e.Path))
	})
}
