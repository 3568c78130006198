package campaign

import (
	"fmt"
	"math/bits"
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// wires recomputes when each copy began to be sent, whether chance lost it, and when
// it arrived, from seed, keys and what the link sent before: for links of which the
// scenario alone says that, and, as for chance, for messages whose key is plain.
func wires(c *Case) string {
	w := &naiveWires{Case: c, links: c.plainLinks(), free: map[scenarios.Ends]clock.Time{}, starts: map[scenarios.Ends][]clock.Time{}, lost: map[string]bool{}}
	for i := range c.Events {
		if e := &c.Events[i]; e.Kind == trace.EnvelopeDropped && e.Reason == trace.Loss {
			w.lost[copyOf(e)] = true
		}
	}
	for i := range c.Events {
		e := &c.Events[i]
		link := scenarios.Ends{From: e.Node, To: e.Peer}
		l := w.links[link]
		if l == nil {
			continue
		}
		if e.Kind == trace.EnvelopeDropped && e.Reason == trace.QueueFull && e.Layer == trace.Wire && !e.ByReceiver() &&
			l.Queue.Unit == scenarios.QueueCopies && (w.free[link] <= e.T || w.room(link, l, e.T)) {
			return "a link has no room for a copy, though it has: " + c.tell(e)
		}
		if e.Kind == trace.EnvelopeTransmitted {
			if what := w.carries(link, l, e); what != "" {
				return fmt.Sprintf("%s: %s", what, c.tell(e))
			}
		}
	}
	return ""
}

// naiveWires is what is known of the links so far.
type naiveWires struct {
	*Case
	links map[scenarios.Ends]*scenarios.MeshLink
	free  map[scenarios.Ends]clock.Time // when the last copy was sent
	// when the copies that the link took began to be sent
	starts map[scenarios.Ends][]clock.Time
	lost   map[string]bool
}

// plainLinks are those that no fault changes, and of which a transmission can be
// told from what was handed over alone.
func (c *Case) plainLinks() map[scenarios.Ends]*scenarios.MeshLink {
	plain := map[scenarios.Ends]*scenarios.MeshLink{}
	for i := range c.Mesh.Links {
		l := &c.Mesh.Links[i]
		_, profile := l.Latency.Kind.(scenarios.ProfileLatency)
		if !profile && l.QueuePolicy == "drop_tail" && c.Mesh.Nodes[l.From].Uplink.Bandwidth == 0 {
			plain[scenarios.Ends{From: l.From, To: l.To}] = l
		}
	}
	resolved := must(c.Scenario.SelfContained())
	for i := range resolved.Faults {
		var set scenarios.LinkSet
		switch k := resolved.Faults[i].Kind.(type) {
		case scenarios.LinkChange:
			set = k.Links
		case scenarios.Clog:
			set = k.Links
		}
		for _, ends := range must(c.Mesh.Resolve(set)) {
			delete(plain, ends)
		}
	}
	return plain
}

// room reports whether one more copy may wait at time t, as far as a number of copies
// says.
func (w *naiveWires) room(link scenarios.Ends, l *scenarios.MeshLink, t clock.Time) bool {
	waiting := int64(0)
	for _, start := range slices.Backward(w.starts[link]) {
		if start <= t {
			break
		}
		waiting++
	}
	return l.Queue.Unit != scenarios.QueueCopies || waiting < l.Queue.Max
}

func (w *naiveWires) carries(link scenarios.Ends, l *scenarios.MeshLink, e *trace.Event) string {
	var takes time.Duration
	if l.Bandwidth > 0 {
		bit := uint64(e.Size+l.Header) * 8
		high, low := bits.Mul64(bit, uint64(time.Second))
		if high >= uint64(l.Bandwidth) {
			return "" // longer than time can say
		}
		whole, rest := bits.Div64(high, low, uint64(l.Bandwidth))
		if takes = time.Duration(whole); rest > 0 {
			takes++
		}
	}
	if e.Copy == 0 {
		if start := max(e.T, w.free[link]); e.Start != start {
			return fmt.Sprintf("a link of %d bit/s begins to send at %v, expected: %v", l.Bandwidth, e.Start, start)
		}
		if e.Start > e.T && !w.room(link, l, e.T) {
			return "a link lets a copy wait for which its queue has no room"
		}
		w.starts[link] = append(w.starts[link], e.Start)
		w.free[link] = e.Start.Add(takes)
	}
	key, plain := w.key(e)
	draw := func(what string) uint64 {
		path := "link/" + w.Mesh.Nodes[l.From].Key + "->" + w.Mesh.Nodes[l.To].Key + "/" + what
		return w.Scenario.Seed.Stream(path).Draw(key, uint32(e.Copy))
	}
	if plain {
		if lost := l.Loss.Hit(draw("loss")); lost != w.lost[copyOf(e)] {
			return fmt.Sprintf("copy %d is lost: %v, expected: %v", e.Copy, !lost, lost)
		}
	}
	if l.Reorder > 0 || l.FIFO {
		return ""
	}
	arrive := e.Start.Add(takes)
	switch k := l.Latency.Kind.(type) {
	case scenarios.ConstantLatency:
		arrive = arrive.Add(k.Value)
	case scenarios.UniformLatency:
		if !plain {
			return ""
		}
		arrive = arrive.Add(k.Min + time.Duration(sim.Below(draw("latency"), uint64(k.Max-k.Min)+1)))
	default:
		return ""
	}
	if l.Geo || e.Arrive == arrive {
		return ""
	}
	return fmt.Sprintf("a copy arrives at %v, expected: %v", e.Arrive, arrive)
}

// key is the message's key in draws, if it is plain: of an entry that is no file and
// whose messages to several nodes do not share a number.
func (w *naiveWires) key(e *trace.Event) (key sim.Key, plain bool) {
	for i := range w.Scenario.Traffic {
		t := &w.Scenario.Traffic[i]
		if kind, ok := t.Kind.(scenarios.Requests); ok && kind.Type != e.Type {
			continue // an answer
		}
		if t.Name == e.Flow.Name && !e.Flow.IsRow && t.To.How != scenarios.ToEach {
			return sim.Key{Source: sim.Hash("message/" + w.Mesh.Nodes[e.Origin].Key + "/traffic/" + t.Name), N: uint64(e.N)}, true
		}
	}
	return key, false
}
