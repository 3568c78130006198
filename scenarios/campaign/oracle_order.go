package campaign

import (
	"meshsim/scenarios"
	"meshsim/trace"
)

// order follows copies over each link: they leave it in the order in which they were
// handed to it, whatever its queue policy.
func order(c *Case) string {
	table := c.outageTable()
	handed := map[scenarios.Ends]uint64{} // seq of the hand-over of the last copy
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
	}
	return ""
}
