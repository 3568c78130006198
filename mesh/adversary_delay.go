package mesh

import (
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// Delayer is a node that keeps what it should pass on for a time, and passes it on then,
// by the routes of that moment. What is for it, broadcasts too, it takes without delay. A
// crash ends what it keeps.
//
// No evidence exposes it: a link may be as slow.
type Delayer struct {
	adversary
	by   time.Duration
	kept []keptCopy // by place, which is in the tag of its timer
	free []int      // places
}

// keptCopy is a copy that waits at a Delayer.
type keptCopy struct {
	envelope Envelope   // with hops of its own
	from     sim.NodeID // the previous hop
	since    clock.Time // by the node's own clock
}

// mostKept bounds the copies that wait; further ones go on at once.
const mostKept = 1 << 16

// NewDelayer makes a node keep messages for a time, by its own clock.
func NewDelayer(r *Router, when Span, by time.Duration) *Delayer {
	return &Delayer{adversary: newAdversary(r, when), by: by}
}

// Step implements Node.
func (a *Delayer) Step(now clock.Time, in *Input, out *Outbox) {
	switch {
	case in.Kind == Timer && in.Tag >= adversaryTag:
		a.letGo(now, int(in.Tag&^adversaryTag), out)
		return
	case in.Kind == Start: // the timers are gone, and the copies with them
		a.free = a.free[:0]
		for place := range a.kept {
			a.free = append(a.free, place)
		}
	}
	if onward := a.passOn(now, in, out); onward != noAct && (len(a.free) > 0 || len(a.kept) < mostKept) {
		out.Acts = slices.Delete(out.Acts, onward, onward+1)
		a.keep(now, in, out)
	}
}

// keep puts a copy that came aside, and wakes for it later.
func (a *Delayer) keep(now clock.Time, in *Input, out *Outbox) {
	if len(a.free) == 0 {
		a.free = append(a.free, len(a.kept))
		a.kept = append(a.kept, keptCopy{})
	}
	last := len(a.free) - 1
	place := a.free[last]
	a.free = a.free[:last]
	k := &a.kept[place]
	hops := append(k.envelope.Hops[:0], in.Envelope.Hops...)
	k.envelope, k.from, k.since = *in.Envelope, in.From, now
	k.envelope.Hops = hops
	out.Wake(a.by, adversaryTag|uint64(place))
}

func (a *Delayer) letGo(now clock.Time, place int, out *Outbox) {
	k := &a.kept[place]
	a.free = append(a.free, place)
	if reason := a.forward(&k.envelope, k.from, out); reason == trace.NoReason {
		act := &out.Acts[len(out.Acts)-1]
		act.Misdeed, act.Kept = trace.Delayed, max(0, now.Sub(k.since)) // its clock may have been set back
	} else if !k.envelope.Broadcast() {
		out.Drop(&k.envelope, reason)
	}
}
