package mesh

import (
	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// Tamperer is a node that alters a share of what it passes on. It changes the date,
// which the signature covers and which takes the same room in any message: id, type
// and size stay as they are. So the next node refuses the copy as bad_signature; and as
// it must not remember an id by a copy that fails, it still takes a true one that comes
// another way.
//
// No evidence exposes it: a bad signature names neither who altered the copy nor, for
// certain, who sent it.
type Tamperer struct {
	adversary
	share  sim.Ratio
	chance sim.Stream
}

// NewTamperer makes a node alter messages. Which ones is drawn for each from chance, a
// stream of the node's own.
func NewTamperer(r *Router, when Span, share sim.Ratio, chance sim.Stream) *Tamperer {
	return &Tamperer{newAdversary(r, when), share, chance}
}

// Step implements Node. It writes to the copy that came, which is the node's alone; what
// the node itself took of it, it took before.
func (a *Tamperer) Step(now clock.Time, in *Input, out *Outbox) {
	onward := a.passOn(now, in, out)
	if onward != noAct && a.share.Hit(a.chance.Draw(in.Envelope.Key, 0)) {
		in.Envelope.Created++
		out.Acts[onward].Misdeed = trace.Altered
	}
}
