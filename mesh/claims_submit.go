package mesh

import (
	"slices"
	"strconv"
	"time"

	"meshsim/sim"
	"meshsim/trust"
)

// ownClaim is a claim that this node made and that has no answer yet.
type ownClaim struct {
	serial  uint64
	key     sim.Key // by which chance knows it
	to      sim.NodeID
	message *lipMessage
	tries   int // in this round
	rounds  int // of tries that are over
}

// mostOwnClaims bounds the claims that wait for an answer; of more the oldest is not
// repeated any longer.
const mostOwnClaims = 1024

// submit makes a claim of the fact whose turn it is, of those that the node knows. It
// cites the source that it is told to, with evidence only if that says so.
func (l *Claims) submit(c *Context, command *Command) {
	var known []int
	for _, fact := range command.Facts {
		if l.knows(c, command.Peer, fact).belief != Ignorant {
			known = append(known, fact)
		}
	}
	if len(known) == 0 {
		return
	}
	fact := known[command.N%uint64(len(known))]
	holds, _ := l.knows(c, command.Peer, fact).belief.holds()
	of := statement{fact, holds}
	cited := citation{retrieved: c.Now}
	if command.Source != NoSource {
		s := &l.Facts.Sources[command.Source]
		cited = citation{s.URI, l.Trusts.Vouches(c, fact, s.Tier), c.Now, l.Facts.evidence(s, of)}
	}
	l.claim(c, command.Peer, of, cited)
}

// claim sends a claim. Its id is sender/receiver/number, counted from 1 and never
// again given: the author, who counts, outlives a crash.
func (l *Claims) claim(c *Context, to sim.NodeID, of statement, cited citation) {
	key := c.router.author.next("LIP", to)
	id := l.Codec.names[l.Identity.ID] + "/" + l.Codec.names[to] + "/" + strconv.FormatUint(key.N+1, 10)
	m := l.newLIP(lipMessage{lipExchange: aClaim, claim: id, statement: of, cited: cited})
	o := &ownClaim{serial: l.serials, key: key, to: to, message: m}
	l.serials++
	l.own = keep(l.own, o, mostOwnClaims)
	l.say(c, o)
}

// say sends a claim, and sets the timer after which it is repeated, twice as long each
// time.
func (l *Claims) say(c *Context, o *ownClaim) {
	c.Send(typeLIPEvidence, o.message, o.to)
	l.wait(c, o, l.Retry<<o.tries)
	o.tries++
}

func (l *Claims) wait(c *Context, o *ownClaim, span time.Duration) {
	draw := l.Chance.Draw(o.key, uint32(o.rounds*(l.Tries+1)+o.tries))
	c.Wake(jittered(span, draw), claimTag(o.serial, timerOwn))
}

// sayAgain repeats a claim without an answer. After its tries it rests, twice as long
// each round, and in the end it is given up; so it is if its receiver is blocked.
func (l *Claims) sayAgain(c *Context, serial uint64) {
	i := slices.IndexFunc(l.own, func(o *ownClaim) bool { return o.serial == serial })
	if i < 0 {
		return
	}
	switch o := l.own[i]; {
	case l.Trusts.Level(o.to) == trust.Blocked, o.tries == l.Tries && o.rounds+1 == l.Rounds:
		l.own = slices.Delete(l.own, i, i+1)
	case o.tries == l.Tries:
		l.wait(c, o, l.Backoff<<o.rounds)
		o.tries, o.rounds = 0, o.rounds+1
	default:
		l.say(c, o)
	}
}

// settle ends the wait for the answer to a claim.
func (l *Claims) settle(from sim.NodeID, id string) {
	l.own = slices.DeleteFunc(l.own, func(o *ownClaim) bool { return o.to == from && o.message.claim == id })
}
