package mesh

import (
	"time"

	"meshsim/clock"
	"meshsim/sim"
)

// Replayer is a node that says once more what others said: it puts each CIP message
// that it gets to see, whose own signature is valid, and each segment of a session into
// an envelope of its own, and sends it again to the one it was for. Elsewhere it is honest.
//
// No evidence exposes it: such a message is refused as a replay of who said it first, and
// such a segment as one of no session with the replayer.
//
// It can't say what was said to itself again, and says everything once: two of them
// would go on for ever otherwise.
type Replayer struct {
	adversary
	known  memories // ids of what it has seen
	caught []caught
}

// caught is what is to be said again.
type caught struct {
	typ     string
	payload SealedPayload
	to      sim.NodeID
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
	var again caught
	var from sim.NodeID
	var id token
	switch m := e.Payload.(type) {
	case *cipMessage:
		again, from, id = caught{m.typ, m, m.receiver}, m.sender, m.id
	case *rttSegment:
		again, from, id = caught{e.Type, m, e.Destination}, e.Origin, token(e.ID)
	default:
		return
	}
	if !a.acts(now) || again.to == a.self || from == a.self || len(a.caught) == mostCaught || a.known.has(id) {
		return
	}
	a.known.add(id)
	a.caught = append(a.caught, again)
	out.Wake(replayAfter, adversaryTag)
}

// replay sends what was caught first: each has a timer.
func (a *Replayer) replay(now clock.Time, out *Outbox) {
	again := a.caught[0]
	a.caught = a.caught[:copy(a.caught, a.caught[1:])]
	if a.acts(now) {
		a.speak(now, out).Send(again.typ, again.payload, again.to)
	}
}
