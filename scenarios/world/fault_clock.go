package world

import (
	"time"

	"meshsim/clock"
	"meshsim/netmodel"
	"meshsim/sim"
)

// Skew sets the own clocks of nodes forward by an offset, or back, and makes them
// drift by so much more, until it ends: then they are as if it had not been. What a
// node submits is dated by its clock, which names the skew, and it asks for timers by
// it; timers that wait when a skew begins or ends stay where they are. Of skews that
// overlap the one that began last holds.
type Skew struct {
	Nodes  []sim.NodeID // each once
	Offset time.Duration
	Drift  clock.Drift
}

// skew is one that has begun, with the clock that it makes.
type skew struct {
	fault netmodel.FaultID
	clock *clock.Clock
}

// skewed is the skew that the node's clock is under, if any.
func (p *place) skewed() netmodel.FaultID {
	if t := p.trouble; t != nil && len(t.skews) > 0 {
		return t.skews[len(t.skews)-1].fault
	}
	return netmodel.NoFault
}

func (f Skew) begin(w *World, id netmodel.FaultID, _ uint64) {
	for _, node := range f.Nodes {
		p := &w.nodes[node]
		t := p.troubled()
		if len(t.skews) == 0 {
			t.right = p.clock
		}
		var own clock.Clock
		if t.right != nil {
			own = *t.right
		}
		own = own.Skewed(w.engine.Now(), f.Offset, f.Drift)
		t.skews = append(t.skews, skew{id, &own})
		p.clock = &own
	}
}

func (f Skew) end(w *World, id netmodel.FaultID, _ uint64) {
	for _, node := range f.Nodes {
		p := &w.nodes[node]
		t := p.trouble
		for i := range t.skews {
			if t.skews[i].fault == id {
				t.skews = append(t.skews[:i], t.skews[i+1:]...)
				break
			}
		}
		if p.clock = t.right; len(t.skews) > 0 {
			p.clock = t.skews[len(t.skews)-1].clock
		}
	}
}
