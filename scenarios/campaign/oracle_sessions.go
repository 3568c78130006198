package campaign

import (
	"fmt"
	"slices"
	"time"

	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// sessions asks of every run that no message waits for room longer than its session is
// open. Then it runs the scenario's messages once more, through its sessions: until its end
// over its wires and with its faults, then over clean ones, for long enough. Between nodes
// that never went down each message is read exactly once, unless its session had no room
// for it, or forgets when it opens again; and none is forgotten without a word.
func sessions(c *Case) string {
	own := newLedger()
	for i := range c.Events {
		own.Emit(&c.Events[i])
	}
	if m := own.waited; m != nil {
		return "a message that waited for room when its session closed waits on: " + c.tell(&m.offer)
	}
	links, both := c.neighbours()
	if !c.Scenario.Session.Enabled || len(c.Mesh.Contacts) > 0 || c.sybils() || !both || slices.Contains(distances(links, 0), -1) {
		return ""
	}
	s := c.sessionTwin()
	l := newLedger()
	c.run(s, scenarios.Options{Sinks: []trace.Sink{l}})
	for _, id := range l.order {
		m := l.of[id]
		if l.fallen[m.offer.Node] || l.fallen[m.offer.Peer] {
			continue
		}
		what := m.wrong(s.Session.OnReconnect == "resume")
		if what == "" {
			continue
		}
		c.shows(s, &m.offer)
		return fmt.Sprintf("at the end of %v over wires that are clean again, %s what %s offered its session with %s at %v, a %s of channel %s",
			s.Duration, what, c.name(m.offer.Node), c.name(m.offer.Peer), m.offer.T, m.offer.Type, m.offer.Channel)
	}
	return ""
}

// ledger is what became of each message that was offered to a session.
type ledger struct {
	of     map[trace.EnvelopeID]*entry
	order  []trace.EnvelopeID
	fallen map[sim.NodeID]bool      // went down
	closed map[[2]sim.NodeID]uint64 // number of the event, by node and peer
	waited *entry                   // the first that timed out after its session had closed
}

func newLedger() *ledger {
	return &ledger{of: map[trace.EnvelopeID]*entry{}, fallen: map[sim.NodeID]bool{}, closed: map[[2]sim.NodeID]uint64{}}
}

type entry struct {
	offer trace.Event
	read  int
	gone  []string // why it was dropped
}

// Emit implements trace.Sink.
func (l *ledger) Emit(e *trace.Event) {
	switch e.Kind {
	case trace.NodeDown:
		l.fallen[e.Node] = true
	case trace.SessionOffer:
		l.of[e.ID] = &entry{offer: e.Clone()}
		l.order = append(l.order, e.ID)
	case trace.SessionDeliver:
		l.of[e.ID].read++
	case trace.SessionClose:
		l.closed[[2]sim.NodeID{e.Node, e.Peer}] = e.Seq
	case trace.SessionDrop:
		m := l.of[e.ID]
		m.gone = append(m.gone, e.Why)
		if e.Why == "timeout" && l.waited == nil && m.offer.Seq < l.closed[[2]sim.NodeID{e.Node, e.Peer}] {
			l.waited = m
		}
	}
}

// noRoom are the words for a message that its session had no room for.
var noRoom = []string{"error", "drop_oldest", "drop_newest", "timeout", "disconnected"}

// wrong says what a session that resumes, or one that does not, may not do with a message.
func (m *entry) wrong(resumes bool) string {
	switch {
	case m.read > 1:
		return fmt.Sprintf("the peer has read %d times", m.read)
	case m.read == 0 && len(m.gone) == 0:
		return "the peer has not read, and no session dropped,"
	case resumes && slices.ContainsFunc(m.gone, func(why string) bool { return !slices.Contains(noRoom, why) }):
		return fmt.Sprintf("a session dropped by %q", m.gone)
	}
	return ""
}

// sessionTwin is the scenario of both phases. In the first all links are as [link] says,
// so far as they still let something through; in the second latencies are even. Nobody
// judges anybody, and what operators disconnected they connect when it begins.
func (c *Case) sessionTwin() *scenarios.Scenario {
	s, over := c.Scenario.Clone(), c.Scenario.Duration
	bad := badWires(&s.Link)
	clean(s)
	forwardOnly(s)
	evenLatencies(s)
	s.Link.Duplicate = 0
	for i := range s.Links {
		s.Links[i].Duplicate = nil
	}
	t := &s.Session // whose times are bounded, and silence is longer than there and back
	t.Enabled, t.RTOMax, t.ReconnectMax = true, max(t.RTOMin, min(t.RTOMax, 5*time.Second)), max(t.ReconnectMin, min(t.ReconnectMax, 2*time.Second))
	t.HeartbeatTimeout = max(t.HeartbeatTimeout, 2*t.Heartbeat+400*time.Millisecond)
	s.Expects, s.Registry, s.Measure, s.Memory, s.Knowledge = nil, everyone, scenarios.Measure{}, nil, scenarios.Knowledge{}
	s.Routing.Strategy, s.Routing.File, s.Routing.MaxHops, s.Routing.Fanout, s.Routing.SeenMax = "shortest_path", "", 255, 0, 65536
	s.Faults = slices.DeleteFunc(s.Faults, func(f scenarios.Fault) bool { return f.At >= over })
	for i := range s.Faults {
		s.Faults[i] = endedBy(over, s.Faults[i])
	}
	if all := int64(len((&swarm{s: s, mesh: c.Mesh}).pairs())); all > 0 && bad != (scenarios.LinkValues{}) {
		s.Faults = append(s.Faults, scenarios.Fault{Name: "bad wires", Until: over, Kind: scenarios.LinkChange{Links: scenarios.LinkSet{scenarios.Drawn(all)}, Set: bad}})
	}
	for _, a := range c.Scenario.Actions {
		switch k := a.Kind.(type) {
		case scenarios.Disconnect:
			s.Actions = append(s.Actions, a, scenarios.Action{At: over, Node: a.Node, Kind: scenarios.Reconnect{Peer: k.Peer}})
		case scenarios.Reconnect:
			s.Actions = append(s.Actions, a)
		}
	}
	s.Actions = slices.DeleteFunc(s.Actions, func(a scenarios.Action) bool { return a.At > over })
	s.Traffic = slices.DeleteFunc(s.Traffic, func(e scenarios.Traffic) bool { return !forwards(e.Kind) || e.Start >= over })
	for i := range s.Traffic {
		if e := &s.Traffic[i]; e.File == "" && (e.Stop == 0 || e.Stop > over) {
			e.Stop = over
		}
	}
	s.Duration = over + c.resumes(t)
	return s
}

// badWires are the values of a link that lose, double, reorder or delay copies.
func badWires(l *scenarios.Link) (v scenarios.LinkValues) {
	for _, of := range []struct {
		value scenarios.Ratio
		to    **scenarios.Ratio
	}{{l.Loss, &v.Loss}, {l.Duplicate, &v.Duplicate}, {l.Reorder, &v.Reorder}, {l.Corrupt, &v.Corrupt}} {
		if of.value > 0 {
			*of.to = new(of.value)
		}
	}
	if l.BurstLoss != (scenarios.BurstLoss{}) {
		v.BurstLoss = new(l.BurstLoss)
	}
	if _, recorded := l.Latency.Kind.(scenarios.ProfileLatency); !recorded && !l.Geo && !l.ZeroLatency && l.Latency.Kind != nil {
		v.Latency = new(l.Latency)
	}
	return v
}

// resumes is how long after the last fault sessions have delivered what they hold: they
// notice silence, open again, and find out what was lost, each of which may be in vain
// once, as the last copies from before are still on their way; and then all that one holds
// goes through message by message. Clocks may be a tenth too slow.
func (c *Case) resumes(s *scenarios.Session) time.Duration {
	trip := time.Duration(2*len(c.Mesh.Nodes)) * evenLatency
	return c.Scenario.Duration/2 + 2*(s.HeartbeatTimeout+s.RTOMax+2*s.ReconnectMax) + time.Duration(min(s.MaxQueue+s.Window, mostHeld))*(s.ReadInterval+trip)
}

// mostHeld bounds the messages that a session of a drawn scenario holds.
const mostHeld = 200
