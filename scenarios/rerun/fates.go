package rerun

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"meshsim/sim"
	"meshsim/trace"
)

// fates is a sink that follows every application message to its end.
type fates struct {
	*speaker
	of       map[trace.EnvelopeID]*fate
	order    []*fate
	expected int
}

// fate is what became of one message.
type fate struct {
	first     trace.Event // its envelope_sent
	due       int         // deliveries
	delivered int
	latency   time.Duration // of the slowest of its deliveries
	last      trace.Event   // its last drop, but for duplicates, and dead ends of a flood; of Seq 0: there is none
}

func newFates(names []string) *fates {
	return &fates{speaker: newSpeaker(names), of: map[trace.EnvelopeID]*fate{}}
}

// Emit implements trace.Sink.
func (f *fates) Emit(e *trace.Event) {
	f.hear(e)
	if e.Flow.Name == "" || e.Segment() { // what a segment carries, its session tells
		return
	}
	m := f.of[e.ID]
	switch {
	case (e.Kind == trace.EnvelopeSent || e.Kind == trace.SessionOffer) && m == nil:
		m = &fate{first: e.Clone(), due: 1}
		if e.Kind == trace.EnvelopeSent && e.Destination == sim.Everyone {
			m.due = len(f.names) - 1
		}
		f.of[e.ID] = m
		f.order = append(f.order, m)
		f.expected += m.due
	case m == nil:
	case e.Kind == trace.SessionDrop:
		m.last = e.Clone()
	case e.Kind == trace.EnvelopeDelivered, e.Kind == trace.SessionDeliver:
		m.delivered++
		m.latency = max(m.latency, e.Latency)
	case e.Kind == trace.EnvelopeDropped && e.Reason != trace.Duplicate && (e.Reason != trace.NoRoute || m.last.Seq == 0):
		m.last = e.Clone()
	}
}

func (f *fates) undelivered() []*fate {
	var lost []*fate
	for _, m := range f.order {
		if m.delivered < m.due {
			lost = append(lost, m)
		}
	}
	return lost
}

// slowest is the message with the longest latency, or nil when none arrived.
func (f *fates) slowest() *fate {
	var slowest *fate
	for _, m := range f.order {
		if m.delivered > 0 && (slowest == nil || m.latency > slowest.latency) {
			slowest = m
		}
	}
	return slowest
}

// groups counts ends by reason, place and fault.
type groups struct {
	total int
	all   []*group
	by    map[string]*group
}

type group struct {
	what    string
	n       int
	example trace.EnvelopeID
}

func newGroups() *groups { return &groups{by: map[string]*group{}} }

// add counts a drop.
func (g *groups) add(s *speaker, e *trace.Event) { g.count(s.end(e), 1, e.ID) }

// addFate counts a message by its last drop.
func (g *groups) addFate(s *speaker, f *fate) { g.count(s.end(&f.last), f.due-f.delivered, f.last.ID) }

func (g *groups) addOther(what string, f *fate) { g.count(what, f.due-f.delivered, f.first.ID) }

func (g *groups) count(what string, n int, id trace.EnvelopeID) {
	at := g.by[what]
	if at == nil {
		at = &group{what: what, example: id}
		g.by[what] = at
		g.all = append(g.all, at)
	}
	at.n += n
	g.total += n
}

// end says where and why a copy ended, the same for all that end alike.
func (s *speaker) end(e *trace.Event) string {
	why := e.Reason.String()
	if e.Kind == trace.SessionDrop {
		why = e.Why + ", by the session"
	}
	what := fmt.Sprintf("%s at %s", why, s.place(e))
	var faults []string
	for _, seq := range e.Because {
		if fault, known := s.faults[seq]; known {
			faults = append(faults, fault)
		}
	}
	if len(faults) > 0 {
		what += ", because of " + strings.Join(faults, " and ")
	}
	return what
}

func (g *groups) largest() *group {
	return slices.MaxFunc(g.all, func(a, b *group) int { return cmp.Compare(a.n, b.n) })
}

// lines lists the groups, large ones first, of many the first few.
func (g *groups) lines(indent string) []string {
	const most = 6
	sorted := slices.Clone(g.all)
	slices.SortStableFunc(sorted, func(a, b *group) int { return cmp.Compare(b.n, a.n) })
	var lines []string
	rest := 0
	for i, at := range sorted {
		if i < most {
			lines = append(lines, fmt.Sprintf("%s%d %s", indent, at.n, at.what))
		} else {
			rest += at.n
		}
	}
	if rest > 0 {
		lines = append(lines, fmt.Sprintf("%s%d in %s elsewhere", indent, rest, plural(len(sorted)-most, "place", "places")))
	}
	return lines
}
