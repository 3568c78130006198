package mesh

import (
	"meshsim/clock"
	"meshsim/sim"
	"meshsim/sim/planted"
	"meshsim/trace"
	"meshsim/trust"
)

// Goals of an INTENT: what a node wants of its peer.
const (
	goalMeet      = "meet"
	goalIntroduce = "introduce" // the peer should know somebody
	goalWarn      = "warn"      // the peer should beware of somebody
)

// wordPayload is what an INTENT says of a third node.
type wordPayload struct {
	subject sim.NodeID
	key     *PublicKey // of the subject, as the sender knows it; nil: it does not
	hops    int        // that an introduction goes, this one included
	expires clock.Time // of an introduction
	nonce   token      // the same wherever an introduction is passed on
}

// introduction is one that the node was given.
type introduction struct {
	wordPayload
	from sim.NodeID
	key  *PublicKey // of who gave it
	mark *trust.Mark
}

// inform tells a peer whom the node trusts of all the others.
func (j *Judgement) inform(c *Context, to sim.NodeID) {
	for subject := range sim.NodeID(len(j.files)) {
		j.tell(c, to, subject)
	}
	for _, i := range j.passing {
		j.passIntroduction(c, i, to)
	}
}

// spread tells all whom the node trusts of a peer.
func (j *Judgement) spread(c *Context, subject sim.NodeID) {
	for to := range sim.NodeID(len(j.files)) {
		if j.trusts(to) {
			j.tell(c, to, subject)
		}
	}
}

// tell tells a peer what there is to tell of another one, once: that the node caught it,
// or was warned of it and passes that on; or, if it introduces, that it trusts it.
func (j *Judgement) tell(c *Context, to, subject sim.NodeID) {
	f := j.files[subject]
	warns := f != nil && (f.caught && (j.Warnings == WarnFirstHand || j.Warnings == WarnRelay) || f.accused)
	introduces := j.trusts(subject) && (j.Introductions == IntroduceTell || j.Introductions == IntroduceMeet)
	switch {
	case subject == to:
	case warns && j.unheard(to, news{subject, true}, 1):
		j.warn(c, to, subject)
	case !warns && introduces && j.unheard(to, news{subject, false}, j.Hops):
		j.introduce(c, to, subject)
	}
}

// unheard reports whether something is news to a peer, from now on no more. An
// introduction that goes further than an earlier one is.
func (j *Judgement) unheard(to sim.NodeID, about news, hops int) bool {
	told := j.file(to).told
	if told[about] >= hops {
		return false
	}
	told[about] = hops
	return true
}

// warn warns a peer of another one.
func (j *Judgement) warn(c *Context, to, subject sim.NodeID) {
	j.say(c, to, goalWarn, &wordPayload{subject: subject, nonce: j.h.draw(c, j.h.with(to))})
}

// introduce introduces a node to a peer.
func (j *Judgement) introduce(c *Context, to, subject sim.NodeID) {
	j.say(c, to, goalIntroduce, &wordPayload{
		subject: subject, hops: j.Hops, expires: c.Now.Add(j.Expire), nonce: j.h.draw(c, j.h.with(to)),
	})
}

func (j *Judgement) say(c *Context, to sim.NodeID, goal string, w *wordPayload) {
	w.key = j.h.with(w.subject).key
	j.ask(c, &ask{peer: to, typ: typeIntent, payload: cipPayload{goal: goal, word: w}})
}

// takeWord handles an introduction or a warning. Only one by a trusted peer counts;
// another one waits until its giver is trusted.
func (j *Judgement) takeWord(c *Context, p *handshake, m *cipMessage) {
	if m.goal == goalWarn && !j.attributable(p, m.key) {
		return // it comes again, when its giver may have proved who it is
	}
	j.h.send(c, p, typeDecisionShare, cipPayload{inReplyTo: m.id, decision: "accepted"})
	switch w := m.word; {
	case w.subject == j.h.Identity.ID || w.subject == p.peer:
	case m.goal == goalWarn:
		j.warned(c, p, m)
	case m.goal == goalIntroduce:
		f := j.file(p.peer)
		if f.given.has(w.nonce) {
			return // it is a repetition
		}
		f.given.add(w.nonce)
		i := &introduction{*w, p.peer, m.key, c.Note()}
		c.Tell(trace.Event{Kind: trace.Introduced, Peer: p.peer, Payload: trace.Payload{Subject: w.subject, HopsLeft: int64(w.hops)}})
		f.words = keep(f.words, i, mostWords)
		j.recall(c, p.peer)
	}
}

// recall makes the introductions of a peer work, if it is trusted.
func (j *Judgement) recall(c *Context, peer sim.NodeID) {
	if f := j.files[peer]; f != nil && j.trusts(peer) {
		words := f.words
		f.words = nil
		for _, i := range words {
			j.introduced(c, i)
		}
	}
}

// introduced makes an introduction by a trusted peer work: the subject is known from
// now on, and may be worth a look. It is passed on as far as it goes.
func (j *Judgement) introduced(c *Context, i *introduction) {
	if c.Now > i.expires || j.h.with(i.from).key != i.key {
		return
	}
	j.h.Registry.Meet(j.h.Registry.base[i.subject], c.Now)
	if planted.Bug == planted.IntroductionAuthenticates {
		j.h.Trust.Authenticate(i.subject)
		j.h.with(i.subject).key = i.wordPayload.key
	}
	j.move(c, i.subject, trust.Introduction, "", nil, i.mark)
	if j.Introductions == IntroduceMeet && !j.h.Trust.Blocked(i.subject) {
		j.h.want(c, i.subject)
	}
	if i.hops > 1 {
		j.passing = keep(j.passing, i, mostWords)
		for to := range sim.NodeID(len(j.files)) {
			if j.trusts(to) {
				j.passIntroduction(c, i, to)
			}
		}
	}
}

// passIntroduction gives an introduction to one more peer.
func (j *Judgement) passIntroduction(c *Context, i *introduction, to sim.NodeID) {
	if to == i.subject || c.Now > i.expires || !j.unheard(to, news{i.subject, false}, i.hops-1) {
		return
	}
	j.say(c, to, goalIntroduce, &wordPayload{subject: i.subject, hops: i.hops - 1, expires: i.expires, nonce: i.nonce})
}

// warned notes who warned of whom. It is known whose words these are.
func (j *Judgement) warned(c *Context, p *handshake, m *cipMessage) {
	if j.file(m.word.subject).warnings.Add(p.peer, m.key, c.Note()) {
		c.Tell(trace.Event{Kind: trace.Warned, Peer: p.peer, Payload: trace.Payload{Subject: m.word.subject}})
		j.weighWarnings(c)
	}
}

// weighWarnings counts the warnings of each peer by those who are trusted now. Enough of
// them make one conflict, and are used up then.
func (j *Judgement) weighWarnings(c *Context) {
	for id, f := range j.files {
		if f == nil {
			continue
		}
		voices, marks := f.warnings.Trusted(j.h.Trust)
		if len(voices) > 0 && !f.accused && (j.Warnings == WarnRelay || planted.Bug == planted.WarningRelayed) {
			f.accused = true
			j.spread(c, sim.NodeID(id))
		}
		if len(voices) >= j.Warners {
			voices, marks = voices[:j.Warners], marks[:j.Warners]
			f.warnings.Use(voices)
			j.move(c, sim.NodeID(id), trust.Conflict, byWarnings, voices, marks...)
		}
	}
}
