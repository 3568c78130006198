package mesh

import (
	"meshsim/clock"
	"meshsim/sim"
)

// Blackhole is a node that lets a share of what it should pass on end, and tells
// nobody. It takes part in routing and handshakes, takes what is for it, broadcasts
// too, and sends what is its own. A share of one is a blackhole proper; of less, a
// grayhole.
//
// No evidence exposes it: what does not come may have been lost on any link.
type Blackhole struct {
	adversary
	share  sim.Ratio
	chance sim.Stream
}

// NewBlackhole makes a node let messages end. Which ones is drawn for each from
// chance, a stream of the node's own.
func NewBlackhole(r *Router, when Span, share sim.Ratio, chance sim.Stream) *Blackhole {
	return &Blackhole{newAdversary(r, when), share, chance}
}

// Step implements Node.
func (a *Blackhole) Step(now clock.Time, in *Input, out *Outbox) {
	onward := a.passOn(now, in, out)
	if onward != noAct && a.share.Hit(a.chance.Draw(in.Envelope.Key, 0)) {
		out.letEnd(onward)
	}
}
