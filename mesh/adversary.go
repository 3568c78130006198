package mesh

import (
	"slices"

	"meshsim/clock"
	"meshsim/trace"
)

// Span is when an adversary misbehaves, by its own clock: at From and later, but no
// more at To. Before and after it is honest.
type Span struct{ From, To clock.Time }

func (s Span) acts(now clock.Time) bool { return s.From <= now && now < s.To }

// adversary is what all nodes that misbehave have in common: the honest node that
// each wraps, and when it does otherwise.
type adversary struct {
	*Router
	Span
	ctx Context // of what it says in its own name
}

// adversaryTag is on the timers of adversaries, with the lower bits for their own use:
// no protocol has so high a place.
const adversaryTag = uint64(0xFF) << tagBits

// noAct is the place of an act that there is none of.
const noAct = -1

func newAdversary(r *Router, when Span) adversary {
	return adversary{Router: r, Span: when, ctx: Context{router: r}}
}

// speak is the context in which it says something in its own name.
func (a *adversary) speak(now clock.Time, out *Outbox) *Context {
	a.ctx.Now, a.ctx.out = now, out
	return &a.ctx
}

// passOn has the honest node handle an input. Of a message of another that came and
// goes on while the adversary misbehaves it returns the place of that act.
func (a *adversary) passOn(now clock.Time, in *Input, out *Outbox) int {
	first := len(out.Acts)
	a.Router.Step(now, in, out)
	if in.Kind != Arrive || in.Envelope.Origin == a.self || !a.acts(now) {
		return noAct
	}
	for i := first; i < len(out.Acts); i++ {
		if act := &out.Acts[i]; act.Kind == ActSend && act.Envelope == in.Envelope {
			return i
		}
	}
	return noAct
}

// letEnd takes back the act by which a message goes on. That is a drop of a message to
// one peer; a broadcast was delivered here, which says of it that this is all.
func (o *Outbox) letEnd(onward int) {
	e := o.Acts[onward].Envelope
	if !e.Broadcast() {
		o.Acts[onward] = Act{Kind: ActDrop, Envelope: e, Reason: trace.Adversary}
		return
	}
	taken := slices.IndexFunc(o.Acts, func(a Act) bool {
		return a.Envelope == e && (a.Kind == ActDeliver || a.Kind == ActDrop)
	})
	o.Acts[taken].Misdeed = trace.Withheld
	o.Acts = slices.Delete(o.Acts, onward, onward+1)
}
