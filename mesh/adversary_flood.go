package mesh

import (
	"meshsim/clock"
	"meshsim/sim"
)

// Flooder is a node that sends junk to everyone: messages of its own, validly signed,
// of a type that is the application's, which honest nodes take and pass on like any
// other. It sends the first when it begins to misbehave, and then at a steady rate by
// its own clock. Those that were due while it was down it does not send.
//
// No evidence exposes it: no rule says how much a node may send.
type Flooder struct {
	adversary
	rate   uint64 // messages per 10⁹ s
	number uint64 // of the next message, from 0
}

const (
	TypeFlood = "FLOOD" // of the messages of a Flooder
	junkSize  = 200     // bytes of payload, as application messages have by default
)

// rateUnit divides a rate: gaps are 10¹⁸ ns over messages per 10⁹ s.
const rateUnit = 1e18

// NewFlooder makes a node send so many messages per 10⁹ s, 1 … 10¹⁸.
func NewFlooder(r *Router, when Span, rate uint64) *Flooder {
	return &Flooder{adversary: newAdversary(r, when), rate: rate}
}

// Step implements Node.
func (a *Flooder) Step(now clock.Time, in *Input, out *Outbox) {
	if in.Kind == Timer && in.Tag == adversaryTag {
		next := now
		if a.due(a.number) <= now { // else its clock was set back meanwhile
			a.junk(now, out)
			next++
		}
		a.await(now, next, out)
		return
	}
	a.Router.Step(now, in, out)
	if in.Kind == Start {
		a.await(now, now, out)
	}
}

// due is when a message is due. Rounding never adds up.
func (a *Flooder) due(number uint64) clock.Time {
	return a.From + clock.Time(sim.ScaleHalfUp(number, rateUnit, a.rate))
}

// await wakes for the first message that is due at a time or later.
func (a *Flooder) await(now, from clock.Time, out *Outbox) {
	a.number = 0
	if from > a.From { // begin a little before it: division and due round by themselves
		a.number = max(1, sim.ScaleHalfUp(uint64(from-a.From), a.rate, rateUnit)) - 1
	}
	for a.due(a.number) < from {
		a.number++
	}
	if due := a.due(a.number); a.acts(due) {
		out.Wake(due.Sub(now), adversaryTag)
	}
}

func (a *Flooder) junk(now clock.Time, out *Outbox) {
	c, e := a.speak(now, out), out.blank()
	*e = Envelope{Type: TypeFlood, Destination: sim.Everyone, Size: junkSize, Hops: e.Hops[:0]}
	c.router.author.issue(e, now)
	c.submit(e)
}
