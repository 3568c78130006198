package mesh

import (
	"meshsim/sim"
	"meshsim/sim/planted"
)

// Flood hands every envelope to all neighbours but the one it came from and
// blocked ones. It does not look at hops: the check for duplicates ends a flood.
type Flood struct {
	// Fanout, unless it is 0, is how many of these neighbours get it: gossip. Which
	// ones is drawn for each envelope.
	Fanout int
	Chance sim.Stream // of the node's own, for Fanout
}

// Next implements ForwardingPolicy.
func (f Flood) Next(v View, e *Envelope, from sim.NodeID, buf []sim.NodeID) []sim.NodeID {
	neighbours := v.Neighbours()
	if planted.Bug == planted.MapRange {
		neighbours = planted.MapOrder(neighbours)
	}
	if planted.Bug == planted.FloodBack {
		from = sim.NoNode
	}
	first := len(buf)
	for _, n := range neighbours {
		if n != from && !v.Blocked(n) {
			buf = append(buf, n)
		}
	}
	if f.Fanout > 0 && len(buf)-first > f.Fanout {
		buf = buf[:first+f.pick(e, buf[first:])]
	}
	return buf
}

// pick keeps Fanout of the candidates, in their order, and puts them first. Each set
// is as likely: of those left the next one stays with a chance of wanted in left
// (Knuth, TAOCP 2, algorithm 3.4.2 S).
func (f Flood) pick(e *Envelope, candidates []sim.NodeID) int {
	kept := 0
	for i, n := range candidates {
		wanted, left := uint64(f.Fanout-kept), uint64(len(candidates)-i)
		if sim.Below(f.Chance.Block(e.Key, 0, uint32(i))[0], left) < wanted {
			candidates[kept] = n
			kept++
		}
	}
	return kept
}
