package rerun

import (
	"fmt"
	"strings"
	"time"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// Phase is a stretch of a run between two changes of its faults, told by what was
// sent in it.
type Phase struct {
	From, To  clock.Time
	Faults    []string // those active, such as: partition "split"
	Events    []string // what else happened, in words
	Sent      int64    // messages
	Expected  int64    // deliveries: one per message, or per other node for a broadcast
	Delivered int64
	Latency   time.Duration // mean of those delivered
	Hops      float64       // mean of those delivered
	Drops     []Count       // by reason, those that occurred
	Peers     []Count       // what peers did with each other unasked, by event type, those that occurred
}

// amongPeers are the event types of Phase.Peers, in the order in which they are told.
var amongPeers = []trace.Kind{
	trace.HandshakeStarted, trace.HandshakeCompleted, trace.HandshakeFailed, trace.HandshakeDeferred, trace.TrustUpdated, trace.MemoryUpdated,
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
	n := &narrator{names: m.IDs(), messages: make(map[trace.EnvelopeID]int)}
	n.open(0)
	o.Sinks = []trace.Sink{n}
	r, err := s.Run(o)
	if err != nil {
		return nil, err
	}
	n.now().To = clock.Time(r.SimNS)
	story := &Story{About: s.Comment, Nodes: n.names, Result: r}
	for _, p := range n.phases {
		story.Phases = append(story.Phases, p.finished())
	}
	return story, nil
}

// narrator is a sink that sorts what happens into phases.
type narrator struct {
	names    []string
	up       int64 // nodes now
	phases   []*chapter
	messages map[trace.EnvelopeID]int // application messages, by the phase in which they were sent
}

// chapter is a phase while it is being told.
type chapter struct {
	Phase
	latency time.Duration
	hops    int64
	drops   map[trace.Reason]int64
	kinds   map[trace.Kind]int64
}

func (n *narrator) now() *chapter { return n.phases[len(n.phases)-1] }

// open begins a phase at t, unless one has just begun.
func (n *narrator) open(t clock.Time) *chapter {
	next := &chapter{Phase: Phase{From: t}, drops: make(map[trace.Reason]int64), kinds: make(map[trace.Kind]int64)}
	if len(n.phases) > 0 {
		last := n.now()
		if last.From == t {
			return last
		}
		last.To = t
		next.Faults = append(next.Faults, last.Faults...)
	}
	n.phases = append(n.phases, next)
	return next
}

// Emit implements trace.Sink.
func (n *narrator) Emit(e *trace.Event) {
	n.now().kinds[e.Kind]++
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
		n.tell(n.names[e.Node] + ": " + trace.Words(n.names, e))
	default:
		n.envelope(e)
	}
}

func (n *narrator) tell(words string) {
	c := n.now()
	c.Events = append(c.Events, words)
}

func (n *narrator) envelope(e *trace.Event) {
	if e.Segment() && e.Kind == trace.EnvelopeSent {
		n.messages[e.ID] = len(n.phases) - 1 // what becomes of it counts, and what it carries apart
		return
	}
	if (e.Kind == trace.EnvelopeSent || e.Kind == trace.SessionOffer) && e.Flow.Name != "" {
		c := n.now()
		c.Sent++
		c.Expected++
		if e.Kind == trace.EnvelopeSent && e.Destination == sim.Everyone {
			c.Expected += n.up - 2
		}
		n.messages[e.ID] = len(n.phases) - 1
		return
	}
	phase, known := n.messages[e.ID]
	if !known {
		return
	}
	c := n.phases[phase]
	switch e.Kind {
	case trace.SessionDeliver:
		c.delivered(e, e.SegmentHops)
	case trace.EnvelopeDelivered:
		if !e.Segment() {
			c.delivered(e, int64(len(e.Path))-1)
		}
	case trace.EnvelopeDropped:
		if e.Reason != trace.Duplicate {
			c.drops[e.Reason]++
		}
	}
}

// delivered counts a delivery.
func (c *chapter) delivered(e *trace.Event, hops int64) {
	c.Delivered++
	c.latency += e.Latency
	c.hops += hops
}

// finished is the phase with its means.
func (c *chapter) finished() Phase {
	if c.Delivered > 0 {
		c.Latency = c.latency / time.Duration(c.Delivered)
		c.Hops = float64(c.hops) / float64(c.Delivered)
	}
	for _, reason := range trace.Reasons() {
		if k := c.drops[reason]; k > 0 {
			c.Drops = append(c.Drops, Count{reason.String(), k})
		}
	}
	for _, kind := range amongPeers {
		if k := c.kinds[kind]; k > 0 {
			c.Peers = append(c.Peers, Count{kind.String(), k})
		}
	}
	return c.Phase
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
