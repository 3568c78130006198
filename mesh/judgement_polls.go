package mesh

import (
	"slices"

	"meshsim/sim"
	"meshsim/trust"
)

// poll is a fact of a peer that the node has not verified yet, and what those said of
// it to whom it was passed on. It is kept until it is judged, tried again whenever a
// peer becomes trusted, or until the oldest of many is forgotten.
type poll struct {
	author   sim.NodeID
	original *cipMessage
	mark     *trust.Mark
	live     bool // it is still kept
	timer    uint64

	asked    []sim.NodeID // in this round, and have not answered
	last     sim.NodeID   // of those who were asked
	answered []sim.NodeID
	confirm  trust.Tally[*PublicKey]
	conflict trust.Tally[*PublicKey]
}

// keepFact takes in a peer's own fact, and judges it if that can be done. A repetition of
// a proposal that was found false says nothing new.
func (j *Judgement) keepFact(c *Context, p *handshake, m *cipMessage) {
	f := j.file(p.peer)
	if f.judged.has(m.fact.proposal) || j.attributable(p, m.key) && f.proven(m.fact) && !j.contradicts(m.fact) {
		return
	}
	i := slices.IndexFunc(j.polls, func(q *poll) bool {
		s := q.original.fact
		return q.author == p.peer && s.fact == m.fact.fact && s.holds == m.fact.holds && s.version == m.fact.version && q.original.key == m.key
	})
	if i >= 0 {
		j.polls[i].original = m // the newest is the one that nobody refuses as stale
		j.review(c, j.polls[i])
		return
	}
	if len(j.polls) == mostPolls {
		j.polls[0].live = false
		j.polls = slices.Delete(j.polls, 0, 1)
	}
	q := &poll{author: p.peer, original: m, mark: c.Note(), live: true, last: sim.NoNode}
	j.polls = append(j.polls, q)
	j.review(c, q)
}

// authenticated judges what a peer said before it had proved who it is. Its level need
// not have changed by that, so that the other protocols are told apart. One that has
// started again may have forgotten all that it was told, and is told it anew.
func (j *Judgement) authenticated(c *Context, peer sim.NodeID) {
	f, life := j.file(peer), j.h.peers[peer].incarnation
	if f.life != 0 && f.life < life {
		clear(f.told)
		if j.trusts(peer) {
			j.inform(c, peer)
		}
	}
	f.life = life
	for _, p := range slices.Clone(j.polls) {
		if p.author == peer {
			j.review(c, p)
		}
	}
	c.router.protocols.trustChanged(c, peer)
}

// drop forgets a poll.
func (j *Judgement) drop(p *poll) {
	p.live = false
	j.polls = slices.DeleteFunc(j.polls, func(q *poll) bool { return q == p })
}

// dropAll forgets the polls of a peer's facts. An answer that comes all the same counts
// for nothing.
func (j *Judgement) dropAll(author sim.NodeID) {
	j.polls = slices.DeleteFunc(j.polls, func(p *poll) bool {
		p.live = p.live && p.author != author
		return !p.live
	})
}

// review judges a fact, or asks further peers for their judgement. Only what is
// attributable is judged.
func (j *Judgement) review(c *Context, p *poll) {
	s, author := p.original.fact, j.h.with(p.author)
	if !p.live || !j.attributable(author, p.original.key) {
		return
	}
	_, knows := j.knows(s.fact)
	confirmed, confirmations := p.confirm.Trusted(j.h.Trust)
	challenged, challenges := p.conflict.Trusted(j.h.Trust)
	switch {
	case j.contradicts(s):
		j.drop(p)
		j.refute(c, author, p.original, p.mark)
	case knows && j.Local:
		j.drop(p)
		j.verify(c, p.author, s, byLocal, nil, p.mark)
	case !j.Quorum:
		j.drop(p)
	case len(confirmed) >= j.K:
		j.drop(p)
		j.verify(c, p.author, s, byQuorum, confirmed, append(confirmations, p.mark)...)
	case len(challenged) >= j.K:
		j.drop(p)
		j.file(p.author).judged.add(s.proposal)
		j.move(c, p.author, trust.Conflict, byChallenges, challenged, append(challenges, p.mark)...)
	default:
		j.passOn(c, p)
	}
}

// passOn asks trusted peers, up to 2 K of them at a time, what they know of a fact: those
// after the last one, in the order of their keys, and then from the first again, but for
// those who have answered.
func (j *Judgement) passOn(c *Context, p *poll) {
	n := sim.NodeID(len(j.files))
	start := p.last
	for step := sim.NodeID(1); step <= n && len(p.asked) < 2*j.K; step++ {
		id := (start + step + n) % n
		if !j.trusts(id) || id == p.author || id == j.h.Identity.ID || slices.Contains(p.asked, id) || slices.Contains(p.answered, id) {
			continue
		}
		p.asked, p.last = append(p.asked, id), id
		s := *p.original.fact
		s.relay = p.original
		j.ask(c, &ask{peer: id, typ: typeFactPropose, payload: cipPayload{incarnation: j.h.incarnation, fact: &s}, poll: p})
	}
	if len(p.asked) > 0 && p.timer == 0 {
		j.serial++
		p.timer = j.serial
		c.Wake(j.VerifyTimeout, tagPoll|p.timer)
	}
}

// vote counts an answer.
func (j *Judgement) vote(c *Context, p *poll, from *handshake, m *cipMessage) {
	p.asked = slices.DeleteFunc(p.asked, func(id sim.NodeID) bool { return id == from.peer })
	if slices.Contains(p.answered, from.peer) || from.key != m.key || m.key == p.original.key {
		return
	}
	p.answered = append(p.answered, from.peer)
	switch {
	case m.fact.fact != p.original.fact.fact:
		return
	case m.typ == typeFactConfirm && m.fact.holds == p.original.fact.holds:
		p.confirm.Add(from.peer, m.key, c.Note())
	case m.fact.reason == reasonConflict && m.fact.holds != p.original.fact.holds:
		p.conflict.Add(from.peer, m.key, c.Note())
	}
	j.judge(c, p)
}

// judge looks whether an answer was the one that was missing. The next peers are asked
// when the time of these is over, not before.
func (j *Judgement) judge(c *Context, p *poll) {
	yes, _ := p.confirm.Trusted(j.h.Trust)
	no, _ := p.conflict.Trusted(j.h.Trust)
	if len(yes) >= j.K || len(no) >= j.K {
		j.review(c, p)
	}
}

// timeout asks the next peers. Answers of the earlier ones still count if they come.
func (j *Judgement) timeout(c *Context, timer uint64) {
	for _, p := range j.polls {
		if p.timer == timer {
			for _, id := range p.asked {
				j.stop(id, p)
			}
			p.timer, p.asked = 0, nil
			j.review(c, p)
			return
		}
	}
}
