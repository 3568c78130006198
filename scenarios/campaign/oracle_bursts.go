package campaign

import (
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// bursts moves a Gilbert–Elliott chain of its own along the copies that each link takes,
// on links of which no fault changes the loss.
func bursts(c *Case) string {
	told := map[uint64]trace.Reason{} // of what the wire loses, by the transmission's seq
	for i := range c.Events {
		if e := &c.Events[i]; e.Kind == trace.EnvelopeDropped && (e.Reason == trace.Loss || e.Reason == trace.BurstLoss) {
			told[e.Cause] = e.Reason
		}
	}
	type chain struct {
		scenarios.BurstLoss
		draws  sim.Stream
		copies uint64
		bad    bool
	}
	chains, changed := map[scenarios.Ends]*chain{}, c.changedLinks()
	for i := range c.Mesh.Links {
		l := &c.Mesh.Links[i]
		if link := (scenarios.Ends{From: l.From, To: l.To}); l.BurstLoss != (scenarios.BurstLoss{}) && !changed[link] {
			path := "link/" + c.Mesh.Nodes[l.From].Key + "->" + c.Mesh.Nodes[l.To].Key + "/burst_loss"
			chains[link] = &chain{BurstLoss: l.BurstLoss, draws: c.Scenario.Seed.Stream(path)}
		}
	}
	for i := range c.Events {
		e := &c.Events[i]
		g := chains[scenarios.Ends{From: e.Node, To: e.Peer}]
		if g == nil || e.Kind != trace.EnvelopeTransmitted || e.Copy != 0 {
			continue
		}
		draw := g.draws.Block(sim.Key{N: g.copies}, 0, 0)
		g.copies++
		leave, share := g.P, g.Good
		if g.bad {
			leave = g.R
		}
		if leave.Hit(draw[0]) {
			g.bad = !g.bad
		}
		if g.bad {
			share = g.Bad
		}
		if lost := share.Hit(draw[1]); lost != (told[e.Seq] == trace.BurstLoss) && (!lost || told[e.Seq] != trace.Loss) {
			return "a burst takes a copy that the link's chain spares, or spares what it takes: " + c.tell(e)
		}
	}
	return ""
}
