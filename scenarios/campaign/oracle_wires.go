package campaign

import (
	"slices"

	"fmt"
	"math"
	"math/bits"
	"time"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// wires recomputes what becomes of each copy that a link is handed: whether there is
// room for it at the uplink and at the link, when it begins to be sent, whether loss, a
// burst or corruption ends it, whether there is a duplicate, and when each arrives. It
// does so from seed, keys and what the link took before, for links that no fault
// changes, and, as for chance, for messages whose key is plain. Of netmodel it uses
// nothing, of sim the draws and what a ratio hits.
func wires(c *Case) string {
	w := c.naiveWires()
	for i := range c.Events {
		e := &c.Events[i]
		if e.Kind == trace.EnvelopeSent && e.Control && slices.Contains(routing, e.Type) {
			w.issued(e)
		}
		l := w.links[scenarios.Ends{From: e.Node, To: e.Peer}]
		what := ""
		switch {
		case l == nil:
		case e.Kind == trace.EnvelopeTransmitted && e.Copy == 0:
			what = w.takes(l, e, c.Events[i+1:])
		case e.Kind == trace.EnvelopeTransmitted:
			what = w.propagates(l, e, w.sent[l].end, false)
		case e.Kind == trace.EnvelopeDropped && e.Layer == trace.Wire:
			what = w.refuses(l, e)
		}
		if what != "" {
			return fmt.Sprintf("%s: %s", what, c.tell(e))
		}
	}
	return ""
}

// naiveWires is what is known of the links so far.
type naiveWires struct {
	*Case
	links map[scenarios.Ends]*naiveLink
	sent  map[*naiveLink]transmission // the last copy of each link
	ends  map[uint64]ending           // by the transmission that began it

	control map[trace.EnvelopeID]sim.Key // keys of messages about routing
	series  map[sim.Key]uint64           // how many there were of a node and a type
}

// routing are the types of messages that learn routes, which go to neighbours at once.
var routing = []string{"ROUTE_HELLO", "LINK_STATE", "DISTANCE_VECTOR", "SEQNO_REQUEST"}

// issued numbers a message about routing: those of one node and type count from 0 on, also
// through crashes.
func (w *naiveWires) issued(e *trace.Event) {
	key := sim.Key{Source: sim.Hash("message/" + w.Mesh.Nodes[e.Origin].Key + "/type/" + e.Type + "/*")}
	n := w.series[key]
	w.series[key]++
	key.N = n
	w.control[e.ID] = key
}

// naiveLink is one that is followed.
type naiveLink struct {
	scenarios.MeshLink
	path    string
	uplink  *naiveLine // nil: none
	line    naiveLine
	served  bool // it decides at the start of a transmission what to send
	bad     bool // state of its chain of bursts
	copies  uint64
	latest  clock.Time // arrival, of those so far
	samples []sample   // of a latency that is read from a file
}

// naiveLine is a transmitter that keeps all that it ever took.
type naiveLine struct {
	queue scenarios.QueueSize
	took  []transmission
}

type transmission struct {
	start, end clock.Time
	wire       int64 // bytes, header included
}

// free is when all that it took is sent.
func (l *naiveLine) free() clock.Time {
	if len(l.took) == 0 {
		return 0
	}
	return l.took[len(l.took)-1].end
}

// room reports whether a copy of so many bytes is sent at once, or may wait.
func (l *naiveLine) room(t clock.Time, wire int64) bool {
	if l.free() <= t {
		return true
	}
	var copies, bytes int64
	for i := len(l.took) - 1; i >= 0 && l.took[i].start > t; i-- {
		copies, bytes = copies+1, bytes+l.took[i].wire
	}
	switch l.queue.Unit {
	case scenarios.QueueCopies:
		return copies+1 <= l.queue.Max
	case scenarios.QueueBytes:
		return bytes+wire <= l.queue.Max
	}
	return true
}

// take sends a copy as soon as it can.
func (l *naiveLine) take(t clock.Time, wire int64, rate scenarios.BitRate) transmission {
	sent := transmission{max(t, l.free()), 0, wire}
	sent.end = sent.start.Add(serialisation(wire, rate))
	l.took = append(l.took, sent)
	return sent
}

// serialisation is how long so many bytes take, rounded up to nanoseconds.
func serialisation(bytes int64, rate scenarios.BitRate) time.Duration {
	if rate == 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(bytes)*8, uint64(time.Second))
	if high >= uint64(rate) {
		return math.MaxInt64 // longer than time can say
	}
	whole, rest := bits.Div64(high, low, uint64(rate))
	if rest > 0 {
		whole++
	}
	return time.Duration(min(whole, math.MaxInt64))
}

// refuses judges that a link did not take a copy.
func (w *naiveWires) refuses(l *naiveLink, e *trace.Event) string {
	wire := e.Size + l.Header
	switch {
	case e.Reason == trace.MTU && (l.MTU == 0 || e.Size <= l.MTU):
		return fmt.Sprintf("a link with an MTU of %d refuses %d bytes", l.MTU, e.Size)
	case e.Reason != trace.QueueFull || l.served || w.arrived(e):
	case l.uplink != nil && !l.uplink.room(e.T, wire):
	default:
		at := e.T
		if l.uplink != nil { // which it used for nothing
			at = l.uplink.take(e.T, wire, w.Mesh.Nodes[l.From].Uplink.Bandwidth).end
		}
		if l.line.room(at, wire) {
			return "a link has no room for a copy, though it has"
		}
	}
	return ""
}

// arrived reports whether a drop is at the downlink of a node to which the copy came,
// and not at a link that was to take it back.
func (w *naiveWires) arrived(e *trace.Event) bool {
	_, crossed := w.ends[e.Cause]
	return crossed && e.ByReceiver()
}

// takes judges that a link took a copy, and what it did with it. What comes after is
// in the events that follow.
func (w *naiveWires) takes(l *naiveLink, e *trace.Event, after []trace.Event) string {
	if l.MTU > 0 && e.Size > l.MTU {
		return fmt.Sprintf("a link with an MTU of %d takes %d bytes", l.MTU, e.Size)
	}
	wire, rate := e.Size+l.Header, l.rateAt(e.T)
	now := transmission{e.Start, e.Start.Add(serialisation(wire, rate)), wire}
	if !l.served {
		at, start := e.T, clock.Time(-1)
		if l.uplink != nil {
			if !l.uplink.room(at, wire) {
				return "an uplink lets a copy wait for which its queue has no room"
			}
			up := l.uplink.take(at, wire, w.Mesh.Nodes[l.From].Uplink.Bandwidth)
			at, start = up.end, up.start
		}
		if !l.line.room(at, wire) {
			return "a link lets a copy wait for which its queue has no room"
		}
		now = l.line.take(at, wire, rate)
		if start < 0 {
			start = now.start
		}
		if e.Start != start {
			return fmt.Sprintf("a link of %d bit/s begins to send at %v, expected: %v", rate, e.Start, start)
		}
	}
	w.sent[l] = now
	burst := l.bursts(w.Scenario.Seed)
	if what := w.propagates(l, e, now.end, burst); what != "" {
		return what
	}
	return w.duplicates(l, e, after)
}

// naiveWires are those of the case before anything happened.
func (c *Case) naiveWires() *naiveWires {
	w := &naiveWires{Case: c, links: map[scenarios.Ends]*naiveLink{}, sent: map[*naiveLink]transmission{}, ends: c.endings(), control: map[trace.EnvelopeID]sim.Key{}, series: map[sim.Key]uint64{}}
	uplinks := map[sim.NodeID]*naiveLine{}
	for i := range c.Mesh.Nodes {
		if up := c.Mesh.Nodes[i].Uplink; up.Bandwidth > 0 {
			uplinks[sim.NodeID(i)] = &naiveLine{queue: up.Queue}
		}
	}
	changed := c.changedLinks()
	lost := map[sim.NodeID]bool{} // whose uplink sends what is not followed
	for _, spec := range c.Mesh.Links {
		l := &naiveLink{MeshLink: spec, uplink: uplinks[spec.From], line: naiveLine{queue: spec.Queue}, served: spec.QueuePolicy != "drop_tail"}
		l.path = "link/" + c.Mesh.Nodes[l.From].Key + "->" + c.Mesh.Nodes[l.To].Key + "/"
		ends := scenarios.Ends{From: l.From, To: l.To}
		if changed[ends] || !l.read(c.Scenario) {
			lost[l.From] = l.uplink != nil
			continue
		}
		w.links[ends] = l
	}
	for ends := range w.links {
		if lost[ends.From] {
			delete(w.links, ends)
		}
	}
	return w
}

// changedLinks are those that a fault may change.
func (c *Case) changedLinks() map[scenarios.Ends]bool {
	changed := map[scenarios.Ends]bool{}
	resolved := c.resolved()
	for i := range resolved.Faults {
		var set scenarios.LinkSet
		switch k := resolved.Faults[i].Kind.(type) {
		case scenarios.LinkChange:
			set = k.Links
		case scenarios.Clog:
			set = k.Links
		}
		for _, ends := range must(c.Mesh.Resolve(set)) {
			changed[ends] = true
		}
	}
	return changed
}
