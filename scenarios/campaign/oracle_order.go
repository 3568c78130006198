package campaign

import (
	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/trace"
)

// order follows copies over each link: they leave it in the order in which they were
// handed to it, whatever its queue policy, and on a fifo link they also arrive so.
func order(c *Case) string {
	table, changed := c.outageTable(), c.changedLinks()
	fifo := map[scenarios.Ends]bool{}
	for _, l := range c.Mesh.Links {
		link := scenarios.Ends{From: l.From, To: l.To}
		fifo[link] = l.FIFO && !changed[link]
	}
	lost := map[string]bool{} // copies by the wire, before they arrive
	for i := range c.Events {
		if e := &c.Events[i]; e.Kind == trace.EnvelopeDropped && (e.Reason == trace.Loss || e.Reason == trace.BurstLoss) {
			lost[copyOf(e)] = true
		}
	}
	handed := map[scenarios.Ends]uint64{}     // seq of the hand-over of the last copy
	latest := map[scenarios.Ends]clock.Time{} // arrival so far
	for i := range c.Events {
		e := &c.Events[i]
		if e.Kind != trace.EnvelopeTransmitted {
			continue
		}
		link := scenarios.Ends{From: e.Node, To: e.Peer}
		if e.Cause < handed[link] && !table.kept[link] {
			return "a link sends a copy after one that was handed over later: " + c.tell(e)
		}
		handed[link] = e.Cause
		if !fifo[link] {
			continue
		}
		if e.Arrive < latest[link] {
			return "a copy overtakes another on a fifo link: " + c.tell(e)
		}
		if !lost[copyOf(e)] {
			latest[link] = e.Arrive
		}
	}
	return ""
}
