package mesh

import (
	"slices"

	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// claimState is what became of a claim so far.
type claimState uint8

const (
	claimPending claimState = iota
	claimDisputed
	claimAccepted
	claimRejected
	claimDropped
	claimStates
	claimStays = claimStates // of a rule: the claim is left in the state that it is in
)

var claimStateNames = [claimStates]string{"pending", "disputed", "accepted", "rejected", "dropped"}

// final reports whether nothing moves a claim any more.
func (s claimState) final() bool { return s >= claimAccepted && s < claimStates }

// claimRule is one rule for claims that wait.
type claimRule struct {
	number int64 // in protocol.md, section 6; 7: that of a dispute; 0: none
	when   func(*Claims, *claim) bool
	to     claimState
	counts stance // those who decided
}

// claimRules are the rules of protocol.md, section 6; the first one that matches wins.
// What a dispute comes to is asked before rule 3, which keeps it open. One whose
// contradictors are not trusted any more is judged as any other claim.
var claimRules = [...]claimRule{
	{1, (*Claims).tierOrSenderBlocked, claimRejected, silent},
	{2, (*Claims).overloaded, claimStays, silent},
	{7, (*Claims).disputeWon, claimAccepted, agrees},
	{7, (*Claims).disputeLost, claimRejected, contradicts},
	{3, (*Claims).contradicted, claimDisputed, contradicts},
	{4, (*Claims).senderNotTrusted, claimStays, silent},
	{5, (*Claims).sourceSaysSo, claimAccepted, silent},
	{6, (*Claims).corroborated, claimAccepted, agrees},
	{0, func(*Claims, *claim) bool { return true }, claimStays, silent},
}

func (l *Claims) tierOrSenderBlocked(cl *claim) bool {
	return cl.cited.tier == TierBlocked || l.Trusts.Level(cl.sender) == trust.Blocked
}

func (l *Claims) overloaded(*claim) bool { return l.state.Presence == Overloaded }

// disputeWon and disputeLost: a dispute goes to the side that first has a quorum of
// voices; as long as both have one it stays open.
func (l *Claims) disputeWon(cl *claim) bool {
	return cl.state == claimDisputed && l.quorate(cl, agrees) && !l.quorate(cl, contradicts)
}

func (l *Claims) disputeLost(cl *claim) bool {
	return cl.state == claimDisputed && l.quorate(cl, contradicts) && !l.quorate(cl, agrees)
}

func (l *Claims) contradicted(cl *claim) bool { return len(l.count(cl, contradicts)) > 0 }

func (l *Claims) senderNotTrusted(cl *claim) bool {
	return l.Trusts.Level(cl.sender) != trust.Trusted
}

func (l *Claims) sourceSaysSo(cl *claim) bool { return cl.cited.tier.vouches() && cl.proven }

func (l *Claims) corroborated(cl *claim) bool { return l.quorate(cl, agrees) }

// ruleOf is the rule that a claim is under now.
func (l *Claims) ruleOf(cl *claim) *claimRule {
	i := slices.IndexFunc(claimRules[:], func(r claimRule) bool { return r.when(l, cl) })
	return &claimRules[i]
}

// judge applies the rules to a claim until they leave it as it is.
func (l *Claims) judge(c *Context, cl *claim) {
	for !cl.state.final() {
		r := l.ruleOf(cl)
		if r.to == claimStays || r.to == cl.state {
			return
		}
		l.move(c, cl, r)
		switch r.to {
		case claimAccepted:
			l.learn(cl)
			l.tellSender(c, cl, claimAgreed, "")
		case claimRejected:
			l.tellSender(c, cl, claimRefused, reasonRejected)
		}
	}
}

// move brings a claim into another state, and tells who decided that. A final one is
// not kept.
func (l *Claims) move(c *Context, cl *claim, r *claimRule) {
	cl.state = r.to
	marks := []*trust.Mark{cl.mark}
	var voices []sim.NodeID
	if r.counts != silent {
		for _, v := range l.count(cl, r.counts) {
			voices, marks = append(voices, v.peer), append(marks, v.mark)
		}
	}
	c.Tell(trace.Event{Kind: trace.ClaimResolved, Peer: cl.sender, Payload: trace.Payload{
		Claim: cl.id, State: claimStateNames[cl.state], Rule: r.number, Voices: voices,
	}}, l.others(marks...)...)
	if cl.state.final() {
		l.finished[cl.state].add(cl.name)
		i := slices.Index(l.waiting, cl)
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
}

// learn takes an accepted claim into the node's memory. Accepted is for good: of two
// that contradict each other the node goes on to say the first.
func (l *Claims) learn(cl *claim) {
	if known := &l.lessons[cl.fact]; known.belief == Ignorant {
		*known = lesson{beliefOf(cl.holds), cl.cited}
	}
}

func beliefOf(holds bool) Belief {
	if holds {
		return Right
	}
	return Mistaken
}

// knows is what the node holds of a fact when a peer asks: what it says that it knows at
// first hand, else what it accepted.
func (l *Claims) knows(c *Context, to sim.NodeID, fact int) lesson {
	if holds, knows := l.Trusts.Says(c, to, fact); knows {
		return lesson{belief: beliefOf(holds)}
	}
	return l.lessons[fact]
}
