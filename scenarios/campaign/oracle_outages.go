package campaign

import (
	"fmt"
	"slices"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// span is a time of which the ends are not sure: what happens at the same instant
// may come before or after.
type span struct{ from, to clock.Time }

func (s span) holds(t clock.Time) bool { return s.from < t && t < s.to }

type spans []span

func (s spans) hold(t clock.Time) bool {
	return slices.ContainsFunc(s, func(one span) bool { return one.holds(t) })
}

// touch reports whether one of them holds a time, its ends included.
func (s spans) touch(t clock.Time) bool {
	return slices.ContainsFunc(s, func(one span) bool { return one.from <= t && t <= one.to })
}

// outageTable is what faults do according to the scenario: read from its groups,
// links and nodes and from when each fault began and ended, and, for faults that
// draw what they hit, from what the run tells of nodes and links.
type outageTable struct {
	links  map[scenarios.Ends]spans // nothing crosses
	nodes  map[sim.NodeID]spans     // down
	paused map[sim.NodeID]spans
	queues map[sim.NodeID]bool // what comes there waits for a downlink
	delays map[sim.NodeID]bool // it keeps what it should pass on

	// later are links that tell of a copy when it leaves their queue, and not when they
	// take it: they may be down by then.
	later map[scenarios.Ends]bool
	kept  map[scenarios.Ends]bool // a fault may keep copies and hand them over later
}

// outages compares what happened with a table of what was down.
func outages(c *Case) string {
	table := c.outageTable()
	arrivals := map[string]clock.Time{} // of copies on links
	for i := range c.Events {
		e := &c.Events[i]
		if what := table.nodeHandles(c, e); what != "" {
			return what
		}
		if !e.Kind.OfEnvelope() {
			continue
		}
		if e.Kind == trace.EnvelopeTransmitted {
			if link := (scenarios.Ends{From: e.Node, To: e.Peer}); table.links[link].hold(e.T) && !table.later[link] {
				return fmt.Sprintf("a link takes a copy while it is down or cut: %s", c.tell(e))
			}
			if what := table.detours(c, e); what != "" {
				return what
			}
			name := copyOf(e)
			if _, second := arrivals[name]; second {
				arrivals[name] = ambiguous
			} else {
				arrivals[name] = e.Arrive
			}
			continue
		}
		if what := table.arrives(c, e, arrivals); what != "" {
			return what
		}
	}
	return ""
}

// ambiguous is the arrival of copies that go by one name: a node that forgot an id
// may send the same copy twice.
const ambiguous clock.Time = -1

// copyOf names a copy on its way.
func copyOf(e *trace.Event) string { return fmt.Sprint(e.ID, e.Path, e.Copy) }

// detours checks that who is told of crashes sends nothing there.
func (o *outageTable) detours(c *Case, e *trace.Event) string {
	link := scenarios.Ends{From: e.Node, To: e.Peer}
	if c.Scenario.Routing.Strategy != "shortest_path" || e.Destination == sim.Everyone || o.later[link] || o.kept[link] || !o.nodes[e.Peer].hold(e.T) {
		return ""
	}
	return fmt.Sprintf("the least-latency path leads over %s, which is down: %s", c.name(e.Peer), c.tell(e))
}

// nodeHandles looks for acts of nodes that can't act.
func (o *outageTable) nodeHandles(c *Case, e *trace.Event) string {
	acts := e.Kind == trace.EnvelopeSent || e.Kind == trace.EnvelopeForwarded || e.Kind == trace.EnvelopeDelivered ||
		e.Kind == trace.EnvelopeDropped && e.Layer == trace.Node && e.Reason != trace.NodeIsDown
	switch {
	case !acts:
	case o.nodes[e.Node].hold(e.T):
		return fmt.Sprintf("%s is down, and yet: %s", c.name(e.Node), c.tell(e))
	case o.paused[e.Node].hold(e.T):
		return fmt.Sprintf("%s stands still, and yet: %s", c.name(e.Node), c.tell(e))
	}
	return ""
}

// arrives checks what becomes of a copy at the end of a link.
func (o *outageTable) arrives(c *Case, e *trace.Event, arrivals map[string]clock.Time) string {
	due, crossed := arrivals[copyOf(e)]
	last := len(e.Path) - 1
	if !crossed || due == ambiguous || last < 1 || e.Node != e.Path[last] || e.Kind == trace.EnvelopeDropped && e.Reason == trace.NodeIsDown {
		return ""
	}
	link := scenarios.Ends{From: e.Path[last-1], To: e.Node}
	switch {
	case e.Layer == trace.Wire && !e.ByReceiver(): // it goes on, or back, and the next link does not take it
		return ""
	case o.links[link].hold(due):
		return fmt.Sprintf("a link lets a copy arrive while it is down or cut, at %v: %s", due, c.tell(e))
	case e.T < due:
		return fmt.Sprintf("a copy that arrives at %v is handled before: %s", due, c.tell(e))
	case e.T > due && !o.queues[e.Node] && !o.paused[e.Node].touch(due) && (!o.delays[e.Node] || e.Kind == trace.EnvelopeDelivered): // else a pause, or the node, may have held it up
		return fmt.Sprintf("a copy that arrives at %v is handled later: %s", due, c.tell(e))
	}
	return ""
}

func (c *Case) outageTable() *outageTable {
	o := &outageTable{map[scenarios.Ends]spans{}, map[sim.NodeID]spans{}, map[sim.NodeID]spans{}, map[sim.NodeID]bool{}, c.nodesThat("delay"), map[scenarios.Ends]bool{}, map[scenarios.Ends]bool{}}
	when := map[string]spans{}
	down := map[sim.NodeID]clock.Time{}
	cut := map[scenarios.Ends]clock.Time{}
	for i := range c.Mesh.Nodes {
		down[sim.NodeID(i)] = -1
	}
	for i := range c.Events {
		e := &c.Events[i]
		link := scenarios.Ends{From: e.Node, To: e.Peer}
		switch e.Kind {
		case trace.FaultBegin:
			when[e.Name] = append(when[e.Name], span{e.T, clock.Never})
		case trace.FaultEnd:
			when[e.Name][len(when[e.Name])-1].to = e.T
		case trace.NodeDown:
			down[e.Node] = e.T
		case trace.NodeUp:
			o.nodes[e.Node] = append(o.nodes[e.Node], span{down[e.Node], e.T})
			delete(down, e.Node)
		case trace.LinkDown:
			cut[link] = e.T
		case trace.LinkUp:
			if at, known := cut[link]; known {
				o.links[link] = append(o.links[link], span{at, e.T})
				delete(cut, link)
			}
		}
	}
	for node, at := range down {
		o.nodes[node] = append(o.nodes[node], span{at, clock.Never})
	}
	for link, at := range cut {
		o.links[link] = append(o.links[link], span{at, clock.Never})
	}
	for i, n := range c.Mesh.Nodes {
		o.queues[sim.NodeID(i)] = n.Downlink.Bandwidth != 0
	}
	for _, l := range c.Mesh.Links {
		o.later[scenarios.Ends{From: l.From, To: l.To}] = l.QueuePolicy != "drop_tail"
	}
	resolved := c.resolved()
	for i := range resolved.Faults {
		f := &resolved.Faults[i]
		o.read(c.Mesh, f.Kind, when[f.Name])
	}
	return o
}

// read adds what the scenario says that a fault stops.
func (o *outageTable) read(m *scenarios.Mesh, kind scenarios.FaultKind, when spans) {
	stop := func(table map[sim.NodeID]spans, list scenarios.NodeList) {
		for _, node := range must(m.ResolveNodes(list)) {
			table[node] = append(table[node], when...)
		}
	}
	switch k := kind.(type) {
	case scenarios.NodeCrash:
		stop(o.nodes, k.Nodes)
	case scenarios.Pause:
		stop(o.paused, k.Nodes)
	case scenarios.LinkDown:
		for _, link := range must(m.Resolve(k.Links)) {
			o.links[link] = append(o.links[link], when...)
		}
	case scenarios.Isolate:
		for _, node := range must(m.ResolveNodes(k.Nodes)) {
			for _, l := range m.Links {
				if l.From == node || l.To == node {
					link := scenarios.Ends{From: l.From, To: l.To}
					o.links[link] = append(o.links[link], when...)
				}
			}
		}
	case scenarios.Hold:
		for _, link := range must(m.Resolve(k.Links)) {
			o.kept[link] = true
		}
	case scenarios.Partition:
		group := groupsOf(m, k.Groups)
		for _, l := range m.Links {
			a, b := group[l.From], group[l.To]
			if a >= 0 && b >= 0 && a != b && (!k.OneWay || a == 0) {
				link := scenarios.Ends{From: l.From, To: l.To}
				o.links[link] = append(o.links[link], when...)
			}
		}
	}
}

// groupsOf is the group of each node, −1 for none.
func groupsOf(m *scenarios.Mesh, groups [][]string) []int {
	of := slices.Repeat([]int{-1}, len(m.Nodes))
	rest := -1
	for i, names := range groups {
		for _, name := range names {
			if node, ok := m.Lookup(name); ok {
				of[node] = i
			} else if name == "*" {
				rest = i
			}
		}
	}
	for i := range of {
		if of[i] < 0 {
			of[i] = rest
		}
	}
	return of
}
