package mesh

import (
	"time"

	"meshsim/clock"
)

// Replayer is a node that says once more what others said: it puts each CIP message
// that it gets to see, whose own signature is valid, into an envelope of its own,
// and sends it again to the one it was for. Elsewhere it is honest.
//
// No evidence exposes it: what it says is refused as a replay of who said it first.
//
// It can't say what was said to itself again, and says everything once: two of them
// would go on for ever otherwise.
type Replayer struct {
	adversary
	known  memories // ids of the messages that it has seen
	caught []*cipMessage
}

const (
	replayAfter = time.Second // from seeing a message to saying it again; well within any usual window
	mostCaught  = 1024        // messages that wait for that; further ones are let go
)

// NewReplayer makes a node say again what others said.
func NewReplayer(r *Router, when Span) *Replayer {
	return &Replayer{adversary: newAdversary(r, when)}
}

// Step implements Node.
func (a *Replayer) Step(now clock.Time, in *Input, out *Outbox) {
	switch {
	case in.Kind == Timer && in.Tag == adversaryTag:
		a.replay(now, out)
		return
	case in.Kind == Start:
		a.caught = a.caught[:0] // the timers are gone
	case in.Kind == Arrive:
		a.capture(now, in.Envelope, out)
	}
	a.Router.Step(now, in, out)
}

func (a *Replayer) capture(now clock.Time, e *Envelope, out *Outbox) {
	m, ok := e.Payload.(*cipMessage)
	if !ok || !a.acts(now) || m.receiver == a.self || m.sender == a.self || len(a.caught) == mostCaught || a.known.has(m.id) {
		return
	}
	a.known.add(m.id)
	a.caught = append(a.caught, m)
	out.Wake(replayAfter, adversaryTag)
}

// replay sends the message that was caught first: each has a timer.
func (a *Replayer) replay(now clock.Time, out *Outbox) {
	m := a.caught[0]
	a.caught = a.caught[:copy(a.caught, a.caught[1:])]
	if a.acts(now) {
		a.speak(now, out).Send(m.typ, m, m.receiver)
	}
}
