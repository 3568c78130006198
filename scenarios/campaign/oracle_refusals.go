package campaign

import (
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// refusals looks for a reason behind what links and nodes refuse: a link is down or
// cut, a node took in a copy of the same id before.
func refusals(c *Case) string {
	table := c.outageTable()
	taken := map[sim.NodeID]map[trace.EnvelopeID]bool{} // in by each node since it last lost its state
	delays := c.nodesThat("delay")                      // what these keep they took in, which no event tells before they send it
	for i := range c.Events {
		e := &c.Events[i]
		link := scenarios.Ends{From: e.Node, To: e.Peer}
		if e.ByReceiver() {
			link = scenarios.Ends{From: e.Peer, To: e.Node}
		}
		switch {
		case e.Kind == trace.NodeUp && e.Lose >= trace.LoseState:
			delete(taken, e.Node)
		case accepts(e):
			if taken[e.Node] == nil {
				taken[e.Node] = map[trace.EnvelopeID]bool{}
			}
			taken[e.Node][e.ID] = true
		case e.Kind != trace.EnvelopeDropped:
		case e.Reason == trace.Duplicate && !taken[e.Node][e.ID] && !delays[e.Node]:
			return "a node refuses as a duplicate what it never took in, or should have forgotten: " + c.tell(e)
		case (e.Reason == trace.Partition || e.Reason == trace.LinkIsDown) && len(c.Mesh.Contacts) == 0 && !table.links[link].touch(e.T):
			return "a link that is neither down nor cut drops a copy as if it were: " + c.tell(e)
		}
	}
	return ""
}

// nodesThat are the adversaries of a behaviour.
func (c *Case) nodesThat(misbehave string) map[sim.NodeID]bool {
	of := map[sim.NodeID]bool{}
	for _, a := range c.Result.Adversaries {
		for _, id := range a.Nodes {
			if node, ok := c.Mesh.Lookup(id); ok && a.Behaviour == misbehave {
				of[node] = true
			}
		}
	}
	return of
}

// accepts reports whether a node, as an event shows, took a copy in: it sends or
// delivers it, or drops it for a reason that comes after the check for duplicates.
func accepts(e *trace.Event) bool {
	switch e.Kind {
	case trace.EnvelopeSent, trace.EnvelopeForwarded, trace.EnvelopeDelivered:
		return true
	case trace.EnvelopeDropped:
		return e.Layer == trace.Node && e.Reason != trace.Duplicate && e.Reason != trace.BadSignature && e.Reason != trace.NodeIsDown
	}
	return false
}
