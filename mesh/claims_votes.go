package mesh

import (
	"cmp"
	"slices"

	"meshsim/sim"
	"meshsim/trust"
)

// stance is what a peer says of a claim.
type stance uint8

const (
	silent stance = iota // nothing
	agrees
	contradicts
)

// vote is what is known of a peer that was asked about a claim.
type vote struct {
	peer     sim.NodeID
	says     stance
	answered bool   // since a peer became trusted last
	asked    uint64 // times, since then
	mark     *trust.Mark
}

// vote is that of a peer, from now on at least.
func (cl *claim) vote(peer sim.NodeID) *vote {
	i, found := cl.place(peer)
	if !found {
		cl.votes = slices.Insert(cl.votes, i, vote{peer: peer})
	}
	return &cl.votes[i]
}

func (cl *claim) place(peer sim.NodeID) (int, bool) {
	return slices.BinarySearchFunc(cl.votes, peer, func(v vote, id sim.NodeID) int { return cmp.Compare(v.peer, id) })
}

// forgetIgnorance makes all be asked again who knew nothing: they may by now.
func (cl *claim) forgetIgnorance() {
	for i := range cl.votes {
		if v := &cl.votes[i]; v.says == silent {
			v.answered, v.asked = false, 0
		}
	}
}

// count lists the votes for one side that count now: of peers that are trusted at this
// moment, each key once, and neither the sender's nor the node's own.
func (l *Claims) count(cl *claim, says stance) []*vote {
	l.counted, l.keys = l.counted[:0], append(l.keys[:0], l.key, l.Trusts.Key(cl.sender))
	for i := range cl.votes {
		v := &cl.votes[i]
		key := l.Trusts.Key(v.peer)
		if v.says != says || l.Trusts.Level(v.peer) != trust.Trusted || key == nil || slices.Contains(l.keys, key) {
			continue
		}
		l.counted, l.keys = append(l.counted, v), append(l.keys, key)
	}
	return l.counted
}

// quorate reports whether one side has a quorum.
func (l *Claims) quorate(cl *claim, says stance) bool { return len(l.count(cl, says)) >= l.Quorum }

// ask asks the next trusted peers about a claim, unless the latest ones still have time
// to answer: up to two quorums of them, those who were asked least first, in key order.
// When all have answered, those who knew nothing are asked again after a while, twice as
// long each time up to a bound: they may have accepted it since. An overloaded node asks
// nobody.
func (l *Claims) ask(c *Context, cl *claim) {
	if cl.armed && !cl.resting || l.overloaded(cl) {
		return
	}
	next := l.unheard(cl)
	if len(next) == 0 {
		if !cl.resting && slices.ContainsFunc(cl.votes, func(v vote) bool { return v.says == silent }) {
			cl.armed, cl.resting = true, true
			c.Wake(l.VerifyTimeout<<min(cl.rests, mostRests), claimTag(cl.serial, timerVotes))
			cl.rests++
		}
		return
	}
	m := l.newLIP(lipMessage{lipExchange: aQuestion, claim: cl.id, statement: cl.statement})
	for _, peer := range next[:min(len(next), 2*l.Quorum)] {
		cl.vote(peer).asked++
		c.Send(m.typ, m, peer)
	}
	cl.armed, cl.resting = true, false
	c.Wake(l.VerifyTimeout, claimTag(cl.serial, timerVotes))
}

// mostRests bounds how often the rest before all are asked again is doubled.
const mostRests = 4

// unheard are the trusted peers that have not answered yet, in the order in which they
// are to be asked.
func (l *Claims) unheard(cl *claim) []sim.NodeID {
	var all []sim.NodeID
	for peer := range sim.NodeID(len(l.Codec.names)) {
		if peer == cl.sender || peer == l.Identity.ID || l.Trusts.Level(peer) != trust.Trusted {
			continue
		}
		if i, found := cl.place(peer); !found || !cl.votes[i].answered {
			all = append(all, peer)
		}
	}
	asked := func(peer sim.NodeID) uint64 {
		if i, found := cl.place(peer); found {
			return cl.votes[i].asked
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b sim.NodeID) int { return cmp.Compare(asked(a), asked(b)) })
	return all
}

// hear takes what a peer says of a claim, if it was asked. Its latest word counts.
func (l *Claims) hear(c *Context, peer sim.NodeID, m *lipMessage) {
	for _, cl := range slices.Clone(l.waiting) { // other senders may have given the same id
		if i, asked := cl.place(peer); asked && cl.id == m.claim && cl.fact == m.fact {
			v := &cl.votes[i]
			v.answered, v.says, v.mark = true, stanceOf(m, cl.holds), l.note(c)
			l.judge(c, cl)
		}
	}
}

// stanceOf is what an answer says of a claim.
func stanceOf(m *lipMessage, holds bool) stance {
	switch {
	case m.lipExchange == knowsNothing:
		return silent
	case m.holds == holds: // whatever it calls that
		return agrees
	default:
		return contradicts
	}
}

// answer tells a peer what the node holds of a statement.
func (l *Claims) answer(c *Context, peer sim.NodeID, q *lipMessage) {
	known := l.knows(c, peer, q.fact)
	m := lipMessage{claim: q.claim, statement: q.statement}
	switch holds, knows := known.belief.holds(); {
	case !knows:
		m.lipExchange, m.reason = knowsNothing, reasonUnknown
	case holds == q.holds:
		m.lipExchange, m.cited = holdsToo, known.cited
	default:
		m.lipExchange, m.holds = holdsNot, holds
	}
	l.send(c, peer, m)
}
