package rerun

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// Phase is a stretch of a run between two changes from outside: a fault begins or ends,
// an adversary begins or stops, an operator acts. Messages count in the phase in which
// they were sent, all else in that in which it happens.
type Phase struct {
	From, To  clock.Time
	Faults    []string // those active, such as: partition "split"
	Misdeeds  []string // adversaries that misbehave, such as: adversary n9 (lie)
	Events    []string // what else happened, in words
	Sent      int64    // messages
	Expected  int64    // deliveries: one per message, or per other node for a broadcast
	Delivered int64
	Latency   time.Duration // mean of those delivered
	Slowest   time.Duration // longest latency of those delivered
	Hops      float64       // mean of those delivered
	Drops     []Count       // by reason, those that occurred; of sessions those of messages, not of segments
	Peers     []Count       // what peers did with each other unasked, by event type, those that occurred
	Trust     TrustTale
	Claims    ClaimsTale
	Sessions  SessionsTale
}

// amongPeers are the event types of Phase.Peers, in the order in which they are told.
var amongPeers = []trace.Kind{
	trace.HandshakeStarted, trace.HandshakeCompleted, trace.HandshakeFailed, trace.HandshakeDeferred, trace.Introduced, trace.TrustUpdated, trace.MemoryUpdated,
}

// Count is how often something occurred.
type Count struct {
	What string
	N    int64
}

// Story is a run in phases.
type Story struct {
	About  []string // what happens, what must hold, why it was written
	Nodes  []string
	Phases []Phase
	Result *scenarios.Result
}

// Tell runs the scenario and tells it in phases.
func Tell(s *scenarios.Scenario, o scenarios.Options) (*Story, error) {
	m, err := s.Mesh()
	if err != nil {
		return nil, err
	}
	n := newNarrator(m.IDs(), s.Anchors(m), s.Misconducts(m))
	o.Sinks = []trace.Sink{n}
	r, err := s.Run(o)
	if err != nil {
		return nil, err
	}
	return &Story{About: s.Comment, Nodes: n.names, Phases: n.finish(clock.Time(r.SimNS)), Result: r}, nil
}

// narrator is a sink that sorts what happens into phases.
type narrator struct {
	*speaker
	up       int64 // nodes now
	phases   []*chapter
	turns    []turn // of adversaries, that are still to come
	messages map[trace.EnvelopeID]message
	reached  map[delivery]bool // by messages outside of sessions

	trust    society
	claims   *trace.Claims
	sessions backlog
}

// message is one of an application's.
type message struct {
	phase int // in which it was sent
	stay  stay
}

// delivery is that of one message at one node. It counts once, and not where the message
// is from: who lost its state may take a message again, or its own.
type delivery struct {
	id   trace.EnvelopeID
	node sim.NodeID
}

// turn is when adversaries begin or stop to misbehave.
type turn struct {
	t    clock.Time
	ends bool
	who  string
}

func newNarrator(names []string, anchors trace.Anchors, misconducts []scenarios.Misconduct) *narrator {
	n := &narrator{
		speaker: newSpeaker(names), messages: make(map[trace.EnvelopeID]message), reached: make(map[delivery]bool), sessions: newBacklog(len(names)),
	}
	var dishonest []sim.NodeID
	for _, m := range misconducts {
		dishonest = append(dishonest, m.Nodes...)
		who := fmt.Sprintf("%s %s (%s)", adversaries(len(m.Nodes)), n.list(m.Nodes, ", "), m.Behaviour)
		n.turns = append(n.turns, turn{m.From, false, who})
		if m.To != clock.Never {
			n.turns = append(n.turns, turn{m.To, true, who})
		}
	}
	slices.SortStableFunc(n.turns, func(a, b turn) int { return cmp.Compare(a.t, b.t) })
	n.trust = newSociety(n.speaker, anchors, dishonest)
	n.claims = trace.NewClaims(len(names), dishonest...)
	n.open(0)
	return n
}

func adversaries(n int) string {
	if n == 1 {
		return "adversary"
	}
	return "adversaries"
}

// chapter is a phase while it is being told.
type chapter struct {
	Phase
	latency time.Duration
	hops    int64
	drops   map[trace.Reason]int64
	kinds   map[trace.Kind]int64

	suspects map[sim.NodeID]int     // places in Trust.Suspects
	segments map[trace.Reason]int64 // of sessions, that were lost
	refused  map[trace.Reason]int64 // that arrived
}

func (n *narrator) now() *chapter { return n.phases[len(n.phases)-1] }

// open begins a phase at t, unless one has just begun.
func (n *narrator) open(t clock.Time) *chapter {
	next := &chapter{
		Phase: Phase{From: t}, drops: make(map[trace.Reason]int64), kinds: make(map[trace.Kind]int64),
		suspects: make(map[sim.NodeID]int), segments: make(map[trace.Reason]int64), refused: make(map[trace.Reason]int64),
	}
	if len(n.phases) > 0 {
		last := n.now()
		if last.From == t {
			return last
		}
		n.close(t)
		next.Faults, next.Misdeeds = slices.Clone(last.Faults), slices.Clone(last.Misdeeds)
	}
	n.phases = append(n.phases, next)
	return next
}

// close ends the phase at t, with how things stand.
func (n *narrator) close(t clock.Time) {
	c := n.now()
	c.To = t
	n.trust.close(c)
	c.Claims.Waiting = waiting(n.claims)
}

// turnUntil begins a phase at each turn of an adversary until t.
func (n *narrator) turnUntil(t clock.Time) {
	for len(n.turns) > 0 && n.turns[0].t <= t {
		c, now := n.open(n.turns[0].t), n.turns[0]
		if n.turns = n.turns[1:]; now.ends {
			c.Misdeeds = without(c.Misdeeds, now.who)
		} else {
			c.Misdeeds = append(c.Misdeeds, now.who)
		}
	}
}

// finish ends the run at t. What would begin at that instant begins no more.
func (n *narrator) finish(t clock.Time) []Phase {
	n.turnUntil(t - 1)
	n.close(t)
	phases := make([]Phase, len(n.phases))
	for i, c := range n.phases {
		phases[i] = c.finished()
	}
	return phases
}

// Emit implements trace.Sink.
func (n *narrator) Emit(e *trace.Event) {
	n.turnUntil(e.T)
	if e.Kind == trace.Action {
		n.open(e.T)
	}
	c := n.now()
	c.kinds[e.Kind]++
	n.trust.hear(c, e)
	if n.claims.Reads(e.Kind) && !n.trust.dishonest[e.Node] {
		was := waiting(n.claims)
		n.claims.Emit(e)
		c.Claims.hear(n.speaker, e, was-waiting(n.claims))
	}
	n.session(c, e)
	switch e.Kind {
	case trace.FaultBegin:
		c := n.open(e.T)
		c.Faults = append(c.Faults, faultName(e))
	case trace.FaultEnd:
		c := n.open(e.T)
		c.Faults = without(c.Faults, faultName(e))
	case trace.NodeUp:
		if n.up++; e.T > 0 {
			n.tell(n.names[e.Node] + ": " + trace.Words(n.names, e))
		}
	case trace.NodeDown:
		n.up--
		n.tell(n.names[e.Node] + ": " + trace.Words(n.names, e))
	case trace.LinkUp, trace.LinkDown:
		n.tell(fmt.Sprintf("%s %s→%s", strings.ReplaceAll(e.Kind.String(), "_", " "), n.names[e.Node], n.names[e.Peer]))
	case trace.Action:
		n.tell(n.sentence(e))
	default:
		n.envelope(e)
	}
}

func (n *narrator) tell(words string) {
	c := n.now()
	c.Events = append(c.Events, words)
}

func (n *narrator) envelope(e *trace.Event) {
	if ofSession(e) { // what it carries is told of by its session
		return
	}
	if e.Kind == trace.EnvelopeSent && e.Flow.Name != "" {
		c := n.now()
		c.Sent++
		c.Expected++
		if e.Destination == sim.Everyone {
			c.Expected += n.up - 2
		}
		n.messages[e.ID] = message{phase: len(n.phases) - 1}
		return
	}
	m, known := n.messages[e.ID]
	if !known {
		return
	}
	c := n.phases[m.phase]
	switch e.Kind {
	case trace.EnvelopeDelivered:
		if d := (delivery{e.ID, e.Node}); e.Node != e.Origin && !n.reached[d] {
			n.reached[d] = true
			c.delivered(e, int64(len(e.Path))-1)
		}
	case trace.EnvelopeDropped:
		if e.Reason != trace.Duplicate {
			c.drops[e.Reason]++
		}
	}
}

// delivered counts a message of the phase that arrived, over so many links.
func (c *chapter) delivered(e *trace.Event, hops int64) {
	c.Delivered++
	c.latency += e.Latency
	c.Slowest = max(c.Slowest, e.Latency)
	c.hops += hops
}

// finished is the phase with its means.
func (c *chapter) finished() Phase {
	if c.Delivered > 0 {
		c.Latency = c.latency / time.Duration(c.Delivered)
		c.Hops = float64(c.hops) / float64(c.Delivered)
	}
	c.Drops = append(c.Drops, byReason(c.drops)...)
	c.Sessions.Segments, c.Sessions.Refused = byReason(c.segments), byReason(c.refused)
	for _, kind := range amongPeers {
		if k := c.kinds[kind]; k > 0 {
			c.Peers = append(c.Peers, Count{kind.String(), k})
		}
	}
	return c.Phase
}

// byReason lists how often reasons occurred, in the order of the result document.
func byReason(counted map[trace.Reason]int64) (all []Count) {
	for _, reason := range trace.Reasons() {
		if k := counted[reason]; k > 0 {
			all = append(all, Count{reason.String(), k})
		}
	}
	return all
}

// more counts one more of what.
func more(all []Count, what string) []Count {
	for i := range all {
		if all[i].What == what {
			all[i].N++
			return all
		}
	}
	return append(all, Count{what, 1})
}

func faultName(e *trace.Event) string { return fmt.Sprintf("%s %q", e.What, e.Name) }

func without(names []string, name string) []string {
	var kept []string
	for _, n := range names {
		if n != name {
			kept = append(kept, n)
		}
	}
	return kept
}
