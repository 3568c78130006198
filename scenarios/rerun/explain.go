package rerun

import (
	"fmt"
	"slices"
	"strings"

	"meshsim/sim"
	"meshsim/trace"
)

// Explanation says why something happened.
type Explanation struct {
	Question string    `json:"question"`
	Answer   []string  `json:"answer"` // the short of it
	Accounts []Account `json:"accounts"`
	Notes    []string  `json:"notes"` // what is to be known of the run that was looked at
}

// Account is what led to something, event by event.
type Account struct {
	Title string `json:"title"`
	Steps []Step `json:"steps"`
	Left  int    `json:"left_out"` // steps that there were besides
}

// mostSteps bounds an account: nobody reads more, and a flood has hundreds.
const mostSteps = 40

// ExplainEnvelope tells what became of an envelope: of its id, or enough of the
// id's beginning to name one.
func ExplainEnvelope(p *Past, id string) (*Explanation, error) {
	w := &witness{speaker: newSpeaker(p.Names), of: func(e *trace.Event) bool {
		return e.Kind.OfMessage() && strings.HasPrefix(e.ID.String(), strings.ToLower(id))
	}}
	if _, err := p.play(w); err != nil {
		return nil, err
	}
	switch ids := w.ids(); {
	case len(ids) == 0:
		return nil, fmt.Errorf("there is no envelope %q in this run", id)
	case len(ids) > 1:
		return nil, fmt.Errorf("%q begins the ids of %d envelopes, such as %s and %s; give more of it", id, len(ids), ids[0], ids[1])
	}
	first := &w.events[0]
	return &Explanation{
		Question: "what became of " + w.message(first),
		Answer:   w.outcome(),
		Accounts: []Account{w.account("from event to event", w.events)},
		Notes:    p.Notes,
	}, nil
}

// ExplainDrop tells what led to the drop that is event seq.
func ExplainDrop(p *Past, seq uint64) (*Explanation, error) {
	drop, err := p.eventAt(seq)
	if err != nil {
		return nil, err
	}
	switch {
	case drop == nil:
		return nil, fmt.Errorf("there is no event #%d in this run", seq)
	case drop.Kind != trace.EnvelopeDropped:
		return nil, fmt.Errorf("event #%d is no drop: it is %s", seq, drop.Kind)
	}
	w := &witness{speaker: newSpeaker(p.Names), of: func(e *trace.Event) bool { return e.Kind.OfEnvelope() && e.ID == drop.ID }}
	if _, err := p.play(w); err != nil {
		return nil, err
	}
	last := w.step(drop)
	answer := []string{last.Text}
	for _, b := range last.Because {
		answer = append(answer, "because of "+b)
	}
	x := &Explanation{
		Question: fmt.Sprintf("why %s was dropped in event #%d, at %v", w.message(drop), seq, drop.T),
		Answer:   answer,
		Accounts: []Account{w.account("how this copy came there", w.chain(seq))},
	}
	if drop.Reason == trace.NoRoute && drop.Destination != sim.Everyone && p.Scenario != nil {
		node, destination := w.name(drop.Node), w.name(drop.Destination)
		before, err := p.routeAccount(fmt.Sprintf("what changed for the way from %s to %s before", node, destination), node, destination, drop.T)
		if err != nil {
			return nil, err
		}
		x.Accounts = append(x.Accounts, before)
	}
	x.Notes = p.Notes
	return x, nil
}

// eventAt is the event with a number, nil when there is none.
func (p *Past) eventAt(seq uint64) (at *trace.Event, err error) {
	_, err = p.play(eventSink(func(e *trace.Event) {
		if e.Seq == seq {
			kept := e.Clone()
			at = &kept
		}
	}))
	return at, err
}

// eventSink is a function as a sink.
type eventSink func(*trace.Event)

// Emit implements trace.Sink.
func (f eventSink) Emit(e *trace.Event) { f(e) }

// witness is a sink that keeps the events that it is asked to watch.
type witness struct {
	*speaker
	of     func(*trace.Event) bool
	events []trace.Event
}

// mostWitnessed bounds the events kept of what is one envelope or a few nodes.
const mostWitnessed = 100_000

// Emit implements trace.Sink.
func (w *witness) Emit(e *trace.Event) {
	w.hear(e)
	if e.Seq != 0 && len(w.events) < mostWitnessed && w.of(e) {
		w.events = append(w.events, e.Clone())
	}
}

// ids lists the envelopes that the events are about.
func (w *witness) ids() []string {
	var ids []string
	for i := range w.events {
		if id := w.events[i].ID.String(); !slices.Contains(ids, id) {
			if ids = append(ids, id); len(ids) == 10 {
				break
			}
		}
	}
	return ids
}

// message names the message of an event, so that it can be asked for.
func (w *witness) message(e *trace.Event) string {
	name := e.Type
	if e.Flow.Name != "" {
		name = fmt.Sprintf("%s %s/%d", e.Type, e.Flow.Name, e.N)
	}
	return fmt.Sprintf("%s from %s to %s (%s)", name, w.name(e.Origin), w.name(e.Destination), e.ID)
}

// chain is the events that led to one, its trigger's trigger first.
func (w *witness) chain(seq uint64) []trace.Event {
	var chain []trace.Event
	for seq != 0 {
		i, ok := slices.BinarySearchFunc(w.events, seq, func(e trace.Event, seq uint64) int { return int(int64(e.Seq) - int64(seq)) })
		if !ok {
			break
		}
		chain = append(chain, w.events[i])
		seq = w.events[i].Cause
	}
	slices.Reverse(chain)
	return chain
}

// account puts events into words, of many the first and the last.
func (w *witness) account(title string, events []trace.Event) Account {
	a := Account{Title: title, Steps: []Step{}, Left: max(0, len(events)-mostSteps)}
	for i := range events {
		if a.Left == 0 || i < mostSteps/2 || i >= len(events)-mostSteps/2 {
			a.Steps = append(a.Steps, w.step(&events[i]))
		}
	}
	return a
}

// outcome sums up what became of the copies of one envelope.
func (w *witness) outcome() []string {
	var answer []string
	var drops [256]int
	delivered := 0
	for i := range w.events {
		switch e := &w.events[i]; e.Kind {
		case trace.EnvelopeDelivered:
			if delivered++; delivered <= 3 {
				answer = append(answer, fmt.Sprintf("%s took it at %v, after %v over %s", w.name(e.Node), e.T, e.Latency, links(len(e.Path)-1)))
			}
		case trace.SessionDeliver:
			delivered++
			answer = append(answer, fmt.Sprintf("%s took it from its session with %s at %v, after %v over %s", w.name(e.Node), w.name(e.Peer), e.T, e.Latency, links(int(e.SegmentHops))))
		case trace.SessionDrop:
			answer = append(answer, fmt.Sprintf("the session of %s with %s dropped it at %v: %s", w.name(e.Node), w.name(e.Peer), e.T, e.Why))
		case trace.EnvelopeDropped:
			drops[e.Reason]++
		}
	}
	if delivered > 3 {
		answer = append(answer, fmt.Sprintf("%d nodes or copies more took it", delivered-3))
	}
	if delivered == 0 {
		answer = append(answer, "nobody took it")
	}
	for _, r := range trace.Reasons() {
		if n := drops[r]; n > 0 {
			answer = append(answer, fmt.Sprintf("%s dropped as %s", plural(n, "copy", "copies"), r))
		}
	}
	return answer
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// place names a link or a node where something happened.
func (s *speaker) place(e *trace.Event) string {
	switch {
	case e.ByReceiver():
		return s.name(e.Peer) + " → " + s.name(e.Node)
	case e.Layer == trace.Wire && e.Peer != sim.NoNode:
		return s.name(e.Node) + " → " + s.name(e.Peer)
	}
	return s.name(e.Node)
}
