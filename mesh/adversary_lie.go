package mesh

import (
	"meshsim/clock"
	"meshsim/sim"
)

// liar says the opposite of what it knows of some facts, to whoever asks and whoever does
// not. When it begins to lie and when it stops it has changed its mind, so that nobody
// catches it at two words.
//
// What exposes it is knowledge: who knows such a fact at first hand hears a conflict.
type liar struct {
	Span
	truth Tongue
	lies  []bool // by fact
}

// Says implements Tongue.
func (l *liar) Says(c *Context, to sim.NodeID, fact int) (holds bool, version uint64, knows bool) {
	holds, version, knows = l.truth.Says(c, to, fact)
	if !l.lies[fact] {
		return holds, version, knows
	}
	if l.From > 0 && c.Now >= l.From {
		version++
	}
	if c.Now >= l.To {
		version++
	}
	return holds != l.acts(c.Now), version, knows
}

// Vouches implements Tongue: for what it lies about, its source is as good as any.
func (l *liar) Vouches(c *Context, fact int, tier Tier) Tier {
	if l.lies[fact] && l.acts(c.Now) {
		return TierHigh
	}
	return l.truth.Vouches(c, fact, tier)
}

// equivocator says one thing to some peers and the opposite to others, in one breath.
//
// What exposes it is that peers compare: two messages that it signed make malice.
type equivocator struct {
	Span
	truth  Tongue
	chance sim.Stream
}

// Says implements Tongue. Who hears what is drawn for each peer and fact.
func (q *equivocator) Says(c *Context, to sim.NodeID, fact int) (holds bool, version uint64, knows bool) {
	holds, version, knows = q.truth.Says(c, to, fact)
	flips := q.acts(c.Now) && q.chance.Draw(sim.Key{Source: sim.Hash(c.key(to)), N: uint64(fact)}, 0)&1 == 1
	return holds != flips, version, knows
}

// Vouches implements Tongue.
func (q *equivocator) Vouches(c *Context, fact int, tier Tier) Tier {
	return q.truth.Vouches(c, fact, tier)
}

// NewLiar makes a node that judges its peers lie of the facts that are marked.
func NewLiar(r *Router, when Span, lies []bool) *Router {
	return r.speak(func(truth Tongue) Tongue { return &liar{when, truth, lies} })
}

// NewEquivocator makes a node that judges its peers say this to one and that to another.
func NewEquivocator(r *Router, when Span, chance sim.Stream) *Router {
	return r.speak(func(truth Tongue) Tongue { return &equivocator{when, truth, chance} })
}

// speak gives a node another tongue.
func (r *Router) speak(tongue func(Tongue) Tongue) *Router {
	if h := r.handshakes(); h != nil {
		h.judgement.Tongue = tongue(h.judgement.Tongue)
	}
	return r
}

// Rumourer is a node that tells each peer that it has met of others: introduces them, or
// warns of them without evidence.
//
// No evidence exposes it: an introduction costs nothing, and no rule says that a warning
// was wrong.
type Rumourer struct {
	adversary
	kind     CommandKind // Introduce or Warn
	subjects []sim.NodeID
	told     map[[2]sim.NodeID]struct{} // peer and subject
}

// rumourEvery is how often a Rumourer looks for somebody new to tell.
const rumourEvery = clock.Second

// NewRumourer makes a node introduce the subjects to its peers, or warn of them.
func NewRumourer(r *Router, when Span, kind CommandKind, subjects []sim.NodeID) *Rumourer {
	return &Rumourer{newAdversary(r, when), kind, subjects, make(map[[2]sim.NodeID]struct{})}
}

// Step implements Node.
func (a *Rumourer) Step(now clock.Time, in *Input, out *Outbox) {
	if in.Kind != Timer || in.Tag != adversaryTag {
		a.Router.Step(now, in, out)
		if in.Kind == Start && now < a.To {
			out.Wake(max(a.From.Sub(now), 0), adversaryTag)
		}
		return
	}
	if a.acts(now) {
		a.spread(now, out)
	}
	if now < a.To {
		out.Wake(rumourEvery, adversaryTag)
	}
}

func (a *Rumourer) spread(now clock.Time, out *Outbox) {
	for _, m := range a.Meetings() {
		for _, subject := range a.subjects {
			about := [2]sim.NodeID{m.Peer, subject}
			if _, told := a.told[about]; told || !m.Authenticated || subject == m.Peer || subject == a.self {
				continue
			}
			a.told[about] = struct{}{}
			a.Router.Step(now, &Input{Kind: Do, From: sim.NoNode, Command: &Command{Kind: a.kind, Peer: m.Peer, Subject: subject}}, out)
		}
	}
}

// Sybil is one of several identities behind which one and the same adversary hides. Each
// wins trust as an honest node would: it meets everyone and tells what it knows. When
// its time comes all of them say the same untruth of what no honest node knows.
//
// No evidence exposes it: nobody who is honest knows better.
type Sybil struct {
	adversary
	facts []int                   // that it knows
	met   map[sim.NodeID]struct{} // whom it has told them
}

// NewSybil makes a node one of the identities of an adversary.
func NewSybil(r *Router, when Span, lies []bool, facts []int) *Sybil {
	return &Sybil{newAdversary(NewLiar(r, when, lies), when), facts, make(map[sim.NodeID]struct{})}
}

// Step implements Node.
func (a *Sybil) Step(now clock.Time, in *Input, out *Outbox) {
	if in.Kind == Timer && in.Tag == adversaryTag {
		a.ingratiate(now, out)
		out.Wake(rumourEvery, adversaryTag)
		return
	}
	a.Router.Step(now, in, out)
	if in.Kind == Start {
		for _, p := range a.registry.List() {
			a.command(now, &Command{Kind: WantHandshake, Peer: p.ID}, out)
		}
		out.Wake(rumourEvery, adversaryTag)
	}
}

// ingratiate tells what it knows to those whom it has met since.
func (a *Sybil) ingratiate(now clock.Time, out *Outbox) {
	for _, m := range a.Meetings() {
		if _, told := a.met[m.Peer]; told || !m.Authenticated {
			continue
		}
		a.met[m.Peer] = struct{}{}
		for i := range a.facts {
			a.command(now, &Command{Kind: Propose, Peer: m.Peer, Facts: a.facts, N: uint64(i)}, out)
		}
	}
}

func (a *Sybil) command(now clock.Time, c *Command, out *Outbox) {
	a.Router.Step(now, &Input{Kind: Do, From: sim.NoNode, Command: c}, out)
}
