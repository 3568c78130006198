package mesh

import (
	"time"

	"meshsim/clock"
)

// Replayer is a node that says once more what others said: it puts each CIP message
// that it gets to see, whose own signature is valid, into an envelope of its own,
// and sends it again to the one it was for. Elsewhere it is honest.
//
// It can't say what was said to itself again, and says everything once: two of them
// would go on for ever otherwise.
type Replayer struct {
	*Router
	from, to clock.Time // of its own clock, to excluded; before and after it is honest
	known    memories   // ids of the messages that it has seen
	caught   []*cipMessage
	ctx      Context
}

const (
	replayAfter = time.Second // from seeing a message to saying it again; well within any usual window
	mostCaught  = 1024        // messages that wait for that; further ones are let go
	replayTag   = ^uint64(0)  // of its timer; no protocol has so high a place
)

// NewReplayer makes a node misbehave from a time of its own clock until another.
func NewReplayer(r *Router, from, to clock.Time) *Replayer {
	return &Replayer{Router: r, from: from, to: to, ctx: Context{router: r}}
}

// Step implements Node.
func (a *Replayer) Step(now clock.Time, in *Input, out *Outbox) {
	switch {
	case in.Kind == Timer && in.Tag == replayTag:
		a.replay(now, out)
		return
	case in.Kind == Start:
		a.caught = a.caught[:0] // the timers are gone
	case in.Kind == Arrive:
		a.capture(now, in.Envelope, out)
	}
	a.Router.Step(now, in, out)
}

func (a *Replayer) acts(now clock.Time) bool { return a.from <= now && now < a.to }

func (a *Replayer) capture(now clock.Time, e *Envelope, out *Outbox) {
	m, ok := e.Payload.(*cipMessage)
	if !ok || !a.acts(now) || m.receiver == a.self || m.sender == a.self || len(a.caught) == mostCaught || a.known.has(m.id) {
		return
	}
	a.known.add(m.id)
	a.caught = append(a.caught, m)
	out.Wake(replayAfter, replayTag)
}

// replay sends the message that was caught first: each has a timer.
func (a *Replayer) replay(now clock.Time, out *Outbox) {
	m := a.caught[0]
	a.caught = a.caught[:copy(a.caught, a.caught[1:])]
	if a.acts(now) {
		a.ctx.Now, a.ctx.out = now, out
		a.ctx.Send(m.typ, m, m.receiver)
	}
}
