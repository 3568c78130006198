package mesh

import (
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// Why a proposal is challenged or not judged.
const (
	reasonConflict     = "conflict"
	reasonInsufficient = "insufficient_evidence" // the node knows other facts of the domain
	reasonCannot       = "cannot_verify"         // it knows none
	reasonBlocked      = "blocked"
	reasonForged       = "bad_signature"
)

// factPayload is what messages about facts say.
type factPayload struct {
	fact     int // place among the facts of the run
	about    *Fact
	holds    bool        // what the sender says of it
	version  uint64      // of its opinion
	proposal token       // the same in all repetitions of one proposal
	relay    *cipMessage // FACT_PROPOSE: another node's proposal, which is passed on to be judged; or nil
	reason   string      // FACT_CHALLENGE, FACT_REJECT
}

// propose proposes a fact that the node knows to a peer, of a list in their turn.
func (j *Judgement) propose(c *Context, command *Command) {
	var known []int
	for _, fact := range command.Facts {
		if _, _, knows := j.Tongue.Says(c, command.Peer, fact); knows {
			known = append(known, fact)
		}
	}
	if len(known) == 0 || j.h.Trust.Blocked(command.Peer) {
		return
	}
	s := j.statement(c, command.Peer, known[command.N%uint64(len(known))])
	s.proposal = j.h.draw(c, j.h.with(command.Peer))
	j.ask(c, &ask{peer: command.Peer, typ: typeFactPropose, payload: cipPayload{incarnation: j.h.incarnation, fact: s}})
}

// statement is what the node says of a fact to a peer.
func (j *Judgement) statement(c *Context, to sim.NodeID, fact int) *factPayload {
	holds, version, _ := j.Tongue.Says(c, to, fact)
	return &factPayload{fact: fact, about: &j.Facts.All[fact], holds: holds, version: version}
}

// proposed handles a FACT_PROPOSE: the sender's own fact is evidence about the sender;
// one that is passed on is answered, and can only speak against its author. Who
// confirmed it would otherwise depend on who was asked before it was enough.
func (j *Judgement) proposed(c *Context, p *handshake, m *cipMessage) {
	original, author := m, p
	if m.fact.relay != nil {
		original = m.fact.relay
		author = j.h.with(original.sender)
		if why := j.refuseRelayed(original); why != "" {
			j.answer(c, p, m, typeFactReject, why)
			return
		}
	}
	if j.assert(c, author, original) {
		if author != p { // else the sender is blocked now
			j.answer(c, p, m, typeFactReject, reasonBlocked)
		}
		return
	}
	typ, why := j.opinion(c, p.peer, original.fact)
	j.answer(c, p, m, typ, why)
	if author == p {
		j.keepFact(c, p, m)
	} else if j.contradicts(original.fact) && j.attributable(author, original.key) {
		j.refute(c, author, original)
	}
}

// refuseRelayed is why a proposal that was passed on is not judged.
func (j *Judgement) refuseRelayed(m *cipMessage) string {
	j.h.buf = m.appendText(j.h.buf[:0])
	switch {
	case j.h.Trust.Blocked(m.sender):
		return reasonBlocked
	case m.typ != typeFactPropose || m.fact.relay != nil || !m.key.verify(j.h.buf, m.signature):
		return reasonForged
	}
	return ""
}

// opinion is what the node answers to a statement.
func (j *Judgement) opinion(c *Context, to sim.NodeID, s *factPayload) (typ, why string) {
	holds, _, knows := j.Tongue.Says(c, to, s.fact)
	switch {
	case knows && holds == s.holds:
		return typeFactConfirm, ""
	case knows:
		return typeFactChallenge, reasonConflict
	}
	for other := range j.Facts.All {
		if j.Facts.All[other].Domain != j.Facts.All[s.fact].Domain {
			continue
		}
		if _, knows := j.knows(other); knows {
			return typeFactChallenge, reasonInsufficient
		}
	}
	return typeFactChallenge, reasonCannot
}

// answer answers a proposal. A challenge with a conflict says what the node says itself.
func (j *Judgement) answer(c *Context, p *handshake, m *cipMessage, typ, why string) {
	s := j.statement(c, p.peer, m.fact.fact)
	s.reason = why
	j.h.send(c, p, typ, cipPayload{inReplyTo: m.id, incarnation: j.h.incarnation, fact: s})
}

// contradicts reports whether a statement contradicts what the node knows at first hand.
func (j *Judgement) contradicts(s *factPayload) bool {
	holds, knows := j.knows(s.fact)
	return knows && holds != s.holds
}

// refute holds a false statement against its author, once for each proposal.
func (j *Judgement) refute(c *Context, author *handshake, m *cipMessage, because ...*trust.Mark) {
	f := j.file(author.peer)
	if f.judged.has(m.fact.proposal) {
		return
	}
	f.judged.add(m.fact.proposal)
	j.move(c, author.peer, trust.Conflict, byContradiction, nil, because...)
}

// proven reports whether a fact has proved its author before: it is no news then.
func (f *file) proven(s *factPayload) bool { return f.proofs != nil && f.proofs[s.fact] >= s.version }

// verify holds a true statement in favour of its author.
func (j *Judgement) verify(c *Context, author sim.NodeID, s *factPayload, by string, voices []sim.NodeID, because ...*trust.Mark) {
	f := j.file(author)
	if f.proofs == nil {
		f.proofs = make([]uint64, len(j.Facts.All))
	}
	f.proofs[s.fact] = s.version
	j.move(c, author, trust.Verified, by, voices, because...)
}

// answered handles the answer to a proposal: it ends the repetitions, counts if the
// proposal was passed on to be judged, and is a statement of its own. Who rejects it has
// answered too, and is not asked again.
func (j *Judgement) answered(c *Context, p *handshake, m *cipMessage) {
	a := j.end(p.peer, m)
	if m.asserts() && j.assert(c, p, m) {
		return
	}
	if a != nil && a.poll != nil && a.poll.live {
		j.vote(c, a.poll, p, m)
	}
}

// takeFact handles a message about a fact.
func (j *Judgement) takeFact(c *Context, p *handshake, m *cipMessage) trace.Reason {
	if m.fact == nil || m.fact.fact >= len(j.Facts.All) {
		return trace.UnknownType
	}
	if m.typ == typeFactPropose {
		j.proposed(c, p, m)
	} else {
		j.answered(c, p, m)
	}
	return trace.NoReason
}

// asserts reports whether a message says of a fact that it holds or that it does not.
func (m *cipMessage) asserts() bool {
	return m.typ == typeFactPropose || m.typ == typeFactConfirm || m.typ == typeFactChallenge && m.fact.reason == reasonConflict
}
