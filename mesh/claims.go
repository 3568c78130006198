package mesh

import (
	"slices"
	"time"

	"github.com/zeebo/xxh3"

	"meshsim/sim"
	"meshsim/sim/planted"
	"meshsim/trace"
	"meshsim/trust"
)

// ClaimsConfig is what the claims of a node are made of. All fields are required.
type ClaimsConfig struct {
	Identity      Identity
	Codec         *Codec
	Facts         *Facts // what the node knows at first hand, and its table of sources
	Trusts        Trusts
	Quorum        int           // voices that decide, 1 or more; twice as many are asked at a time
	Max           int           // claims that wait, 1 or more
	Overflow      ClaimOverflow // what happens when there are more
	VerifyTimeout time.Duration // until the next trusted peers are asked
	Retry         time.Duration // until a claim without an answer is repeated; doubled by each
	Tries         int           // of a claim, the first one included
	Backoff       time.Duration // after that; doubled by each round
	Rounds        int           // of tries, the first one included
	Chance        sim.Stream    // of the node's own, for jitter
}

// Trusts is a node's trust as its claims see it.
type Trusts interface {
	Level(sim.NodeID) trust.Level
	// Authenticated reports whether a peer holds the key that is pinned for it.
	Authenticated(sim.NodeID) bool
	// Key is the one that is pinned for a peer; nil: none.
	Key(sim.NodeID) *PublicKey
	// Says is what the node says of a fact to a peer, and whether it says that it knows.
	Says(c *Context, to sim.NodeID, fact int) (holds, knows bool)
	// Vouches is the tier that the node gives a source that it cites for a fact.
	Vouches(c *Context, fact int, tier Tier) Tier
	// Accuse applies evidence against a peer: what it was, and the deliveries besides
	// the event at hand that show it. It may call Claims.TrustChanged.
	Accuse(c *Context, peer sim.NodeID, e trust.Event, by string, because ...*trust.Mark)
}

// ByCitation is what evidence by a false citation is called.
const ByCitation = "citation"

// ClaimOverflow is what a node does with one claim too many (protocol.md, 7, for the
// queue of claims).
type ClaimOverflow string

// The policies.
const (
	ClaimDropOldest ClaimOverflow = "drop_oldest" // the one that waits longest is dropped, quietly
	ClaimDropNewest ClaimOverflow = "drop_newest" // the new one is dropped, quietly
	ClaimError      ClaimOverflow = "error"       // the new one is dropped, and its sender is told so
	// The new one is not taken, nor counted as received: it waits at its sender, who
	// hears nothing and repeats it until there is room, or its tries are used up.
	ClaimBlock ClaimOverflow = "block"
)

// Claims is LIP, by which a node learns from outside sources (protocol.md, 6). A claim
// that comes is accepted or rejected as soon as the rules say so, and waits until then:
// each change that concerns it has them applied anew. What was accepted is the node's
// memory.
type Claims struct {
	ClaimsConfig
	key      *PublicKey
	state    AgentState
	waiting  []*claim              // in the order of their coming; at most Max
	finished [claimStates]memories // the newest 4096 claims that ended so; older ones that come again are new
	lessons  []lesson              // by fact: what was accepted of it first
	own      []*ownClaim           // claims of this node without an answer
	serials  uint64                // given to claims so far
	mark     *trust.Mark           // of the delivery at hand; nil: none was needed

	counted []*vote      // scratch of count
	keys    []*PublicKey // likewise
	buf     []byte
}

// claim is one that came and waits.
type claim struct {
	serial uint64 // at this node, in the order of their coming
	sender sim.NodeID
	key    *PublicKey // that signed it
	id     string     // given by the sender
	name   token      // of sender and id
	statement
	cited   citation // with the tier that the source has in this node's own table
	proven  bool     // the source says so
	state   claimState
	charged bool   // its false citation was told
	votes   []vote // of those who were asked, in key order
	armed   bool   // a timer is set for the next ones
	resting bool   // and that is to ask all again who knew nothing
	rests   int    // so far
	mark    *trust.Mark
}

// lesson is what a node accepted of a fact.
type lesson struct {
	belief Belief
	cited  citation
}

// Kinds of timers.
const (
	timerVotes = iota // for the answers of those who were asked
	timerOwn          // for the answer to a claim of the node's own
)

// claimTag is the tag of a timer of a claim, by its serial.
func claimTag(serial, kind uint64) uint64 { return serial<<1 | kind }

// NewClaims returns the protocol of one node.
func NewClaims(c ClaimsConfig) *Claims {
	if c.Quorum < 1 || c.Max < 1 || c.VerifyTimeout <= 0 || c.Retry <= 0 || c.Tries < 1 || c.Backoff <= 0 || c.Rounds < 1 {
		panic("mesh: claims out of range")
	}
	return &Claims{ClaimsConfig: c, key: c.Identity.Public(), lessons: make([]lesson, len(c.Facts.All))}
}

// Types implements Protocol.
func (l *Claims) Types() []string {
	return []string{typeLIPFetch, typeLIPEvidence, typeLIPConflict, typeLIPAccept, typeLIPReject}
}

// Tell implements Protocol.
func (l *Claims) Tell(c *Context, in *Input) {
	switch in.Kind {
	case Start:
		l.restart(c)
	case Timer:
		l.ring(c, in.Tag)
	case Do:
		switch in.Command.Kind {
		case Claim:
			l.submit(c, in.Command)
		case SetPresence:
			l.state = in.Command.State
			l.review(c)
		}
	}
}

// restart takes up what waits: timers of the incarnation before will not come.
func (l *Claims) restart(c *Context) {
	for _, cl := range l.waiting {
		cl.armed, cl.resting = false, false
		l.ask(c, cl)
	}
	for _, o := range l.own {
		o.tries, o.rounds = 0, 0
		l.say(c, o)
	}
}

func (l *Claims) ring(c *Context, tag uint64) {
	serial := tag >> 1
	if tag&1 == timerOwn {
		l.sayAgain(c, serial)
		return
	}
	i := slices.IndexFunc(l.waiting, func(cl *claim) bool { return cl.serial == serial })
	if i >= 0 {
		cl := l.waiting[i]
		if cl.resting {
			cl.forgetIgnorance()
		}
		cl.armed, cl.resting = false, false
		l.ask(c, cl)
	}
}

// Take implements Protocol.
func (l *Claims) Take(c *Context, e *Envelope, _ sim.NodeID) trace.Reason {
	m, ok := e.Payload.(*lipMessage)
	if !ok || m.typ != e.Type || e.Destination != l.Identity.ID {
		return trace.UnknownType
	}
	l.mark = nil
	defer func() { l.mark = nil }()
	switch (lipExchange{m.typ, m.inReplyTo}) {
	case aClaim:
		l.receive(c, e.Origin, m)
	case aQuestion:
		l.answer(c, e.Origin, m)
	case claimTaken, claimAgreed, claimRefused:
		l.settle(e.Origin, m.claim)
	case holdsToo, holdsNot, knowsNothing:
		l.hear(c, e.Origin, m)
	default:
		return trace.UnknownType
	}
	return trace.NoReason
}

// note is a mark of the delivery at hand.
func (l *Claims) note(c *Context) *trust.Mark {
	if l.mark == nil {
		l.mark = c.Note()
	}
	return l.mark
}

// receive takes a claim. One that was taken before is not judged again: its sender,
// who repeats it as no answer came, gets the answer again.
func (l *Claims) receive(c *Context, sender sim.NodeID, m *lipMessage) {
	name := token(xxh3.HashString128(l.Codec.names[sender] + "|" + m.claim).Bytes())
	if l.repeated(c, sender, m, name) {
		return
	}
	cl := &claim{serial: l.serials, sender: sender, key: c.router.pinned(sender), id: m.claim, name: name, statement: m.statement, cited: m.cited}
	if planted.Bug != planted.TierFromWire {
		cl.cited.tier = l.Facts.tier(cl.cited.uri)
	}
	cl.proven = l.Facts.proves(&cl.cited, cl.statement)
	full := len(l.waiting) == l.Max
	if full && l.Overflow == ClaimBlock && !l.ruleOf(cl).to.final() {
		return
	}
	l.serials++
	cl.mark = l.note(c)
	c.Tell(trace.Event{Kind: trace.ClaimReceived, Peer: sender, Payload: trace.Payload{
		Claim: cl.id, Statement: l.Facts.All[cl.fact].ID, Holds: cl.holds, Source: cl.cited.uri, Tier: cl.cited.tier.String(),
	}})
	l.waiting = append(l.waiting, cl)
	l.charge(c)
	l.judge(c, cl)
	if len(l.waiting) > l.Max {
		l.overflow(c, cl)
	}
	if !cl.state.final() {
		l.tellSender(c, cl, claimTaken, "")
		l.ask(c, cl)
	}
}

// repeated reports whether a claim was taken before, and answers it again if so. A
// claim that was dropped without a word stays without one.
func (l *Claims) repeated(c *Context, sender sim.NodeID, m *lipMessage, name token) bool {
	again := &claim{sender: sender, id: m.claim, statement: m.statement}
	switch {
	case slices.ContainsFunc(l.waiting, func(cl *claim) bool { return cl.name == name }):
		l.tellSender(c, again, claimTaken, "")
	case l.finished[claimAccepted].has(name):
		if planted.Bug == planted.ClaimReopened {
			return false
		}
		l.tellSender(c, again, claimAgreed, "")
	case l.finished[claimRejected].has(name):
		l.tellSender(c, again, claimRefused, reasonRejected)
	case l.finished[claimDropped].has(name):
		l.tellDropped(c, again)
	default:
		return false
	}
	return true
}

// overflow drops one claim, as there is one too many.
func (l *Claims) overflow(c *Context, newest *claim) {
	victim := newest
	if l.Overflow == ClaimDropOldest {
		victim = l.waiting[0]
	}
	l.move(c, victim, &claimRule{to: claimDropped})
	l.tellDropped(c, victim)
}

// tellDropped tells the sender of a claim that was dropped, if it is to know.
func (l *Claims) tellDropped(c *Context, cl *claim) {
	if l.Overflow == ClaimError {
		l.tellSender(c, cl, claimRefused, reasonDropped)
	}
}

// tellSender answers a claim. Who is blocked gets no answer.
func (l *Claims) tellSender(c *Context, cl *claim, what lipExchange, reason string) {
	if l.Trusts.Level(cl.sender) != trust.Blocked {
		l.send(c, cl.sender, lipMessage{lipExchange: what, reason: reason, claim: cl.id, statement: cl.statement})
	}
}

// TrustChanged is to be called when the level of a peer has changed here, or the peer
// was authenticated.
func (l *Claims) TrustChanged(c *Context, peer sim.NodeID) {
	if l.Trusts.Level(peer) == trust.Trusted {
		for _, cl := range l.waiting {
			cl.forgetIgnorance()
		}
	}
	l.charge(c)
	l.review(c)
}

// review applies the rules to all claims that wait.
func (l *Claims) review(c *Context) {
	for i := 0; i < len(l.waiting); {
		cl := l.waiting[i]
		l.judge(c, cl)
		if !cl.state.final() { // else the next one has its place
			l.ask(c, cl)
			i++
		}
	}
}

// charge accuses those who cited a source that is believed for what it does not say. It
// waits until they are authenticated, by the key that signed: only then it is sure whose
// words these are. An accusation may end in TrustChanged, so that each time the search
// starts anew.
func (l *Claims) charge(c *Context) {
	for {
		i := slices.IndexFunc(l.waiting, func(cl *claim) bool {
			return !cl.charged && l.Trusts.Authenticated(cl.sender) && l.Trusts.Key(cl.sender) == cl.key && cl.cited.tier.vouches() && !cl.proven
		})
		if i < 0 {
			return
		}
		cl := l.waiting[i]
		cl.charged = true
		l.Trusts.Accuse(c, cl.sender, trust.Conflict, ByCitation, l.others(cl.mark)...)
	}
}

// others are the marks but that of the delivery at hand, which is the cause already.
func (l *Claims) others(marks ...*trust.Mark) []*trust.Mark {
	return slices.DeleteFunc(marks, func(m *trust.Mark) bool { return m == l.mark })
}
