package mesh

import (
	"cmp"
	"slices"
	"time"

	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// JudgementConfig is what a node judges its peers by. The zero one judges nobody: it
// knows no facts, and nobody is introduced.
type JudgementConfig struct {
	Facts         *Facts        // nil: there are none
	Local, Quorum bool          // a peer's fact is verified by what the node knows at first hand; by what trusted peers say
	K             int           // of them, distinct ones, 1 or more
	VerifyTimeout time.Duration // after which the next of them are asked
	Anchors       []sim.NodeID  // that it trusts from its start; their keys are known to it

	Warnings Warnings
	Warners  int // distinct trusted ones make a conflict, 1 or more

	Introductions Introductions
	Hops          int           // that its introductions go, 1 or more
	Expire        time.Duration // after which they mean nothing

	Decay time.Duration // who is trusted and was not heard of for so long is not trusted any more; 0: never

	Tongue Tongue // what the node says; nil: what it knows
}

// Warnings says of whom a node warns.
type Warnings string

// Whom a node may warn of: those that it caught itself; those that it was warned of
// too; nobody.
const (
	WarnFirstHand Warnings = "first_hand"
	WarnRelay     Warnings = "relay"
	WarnNone      Warnings = "none"
)

// Introductions says whom a node introduces.
type Introductions string

// What a node may do for its peers: nothing; tell those whom it trusts of each other; and
// shake hands with whom it is told of.
const (
	IntroduceNone Introductions = "none"
	IntroduceTell Introductions = "tell"
	IntroduceMeet Introductions = "meet"
)

// Tongue is how a node answers for a fact: what it says of it to a peer, in which version,
// and whether it says anything. A change of mind raises the version.
type Tongue interface {
	Says(c *Context, to sim.NodeID, fact int) (holds bool, version uint64, knows bool)
	// Vouches is the tier that it gives a source that it cites for a fact, as its table
	// has it.
	Vouches(c *Context, fact int, tier Tier) Tier
}

// What evidence is, where the event of trust alone does not say.
const (
	byLocal         = "local"         // a fact agrees with what the node knows
	byQuorum        = "quorum"        // trusted peers confirm a fact
	byContradiction = "contradiction" // a fact contradicts what the node knows
	byChallenges    = "challenges"    // trusted peers challenge a fact
	byWarnings      = "warnings"      // trusted peers warn
	byEquivocation  = "equivocation"  // the peer said one thing and the other
	byReplay        = "replay"        // a message in the name of the peer came again
)

// firstHand reports whether the node holds such evidence itself, and so may warn.
func firstHand(e trust.Event, by string) bool {
	return e == trust.Malicious || by == byContradiction || by == ByCitation
}

// Judgement is what a node makes of what its peers say: of their facts, of those whom
// they introduce and of those whom they warn of (protocol.md, 5). It is the part of a
// node's CIP that comes after the handshake, whose messages it has the handshake sign,
// and which has refused what is not attributable before anything comes here.
//
// Without liars, mistaken nodes and decay, levels end at the closure of the rules
// (trust.Closure), whatever the order of messages. Once nothing is lost any more, all
// is proposed and all wishes for handshakes and introductions are said, that takes at most
//
//	budget + 4 × d + (chain + 1) × ((⌈(n − 1) / 2K⌉ + 1) × VerifyTimeout + (Hops + 7) × d)
//
// for n nodes, d = diameter × largest one-way delay, the retry budget of Handshakes, and
// the longest chain of proofs, trust.Proof.Round: what was lost before comes again and
// its handshakes complete within the first part; then each round of the closure takes
// the way of an introduction, a handshake, an answered proposal, and all trusted peers
// being asked, 2K at a time. Of messages that wait for answers, none may have used up its
// tries before.
type Judgement struct {
	JudgementConfig
	h     *Handshakes
	files []*file // by peer; nil: nothing is known of it

	polls   []*poll // facts that wait for judgement, oldest first
	passing []*introduction
	serial  uint64 // of timers and asks

	changes  []turn // of levels, of which the consequences are still to come
	settling bool
}

// file is what a node keeps on a peer.
type file struct {
	assertions []assertion             // by fact: the newest that the peer made
	proofs     []uint64                // by fact: the version that proved the peer, 0 for none
	judged     memories                // proposals that were found false
	warnings   trust.Tally[*PublicKey] // who warned of the peer
	words      []*introduction         // that the peer made before it was trusted
	asks       []*ask                  // what it was asked and has not answered
	told       map[news]int            // what it was told in this life, and how many hops that goes
	life       uint64                  // its incarnation that was told
	given      memories                // nonces of its introductions
	caught     bool                    // the node holds evidence against it itself
	accused    bool                    // it was warned of, and the node passes that on
	released   *PublicKey              // what it was pinned to before an override
}

// news is what a node tells a peer once: of whom, and which.
type news struct {
	subject sim.NodeID
	warning bool
}

// turn is a level that changed.
type turn struct {
	peer sim.NodeID
	to   trust.Level
}

// assertion is what a peer said of a fact.
type assertion struct {
	incarnation, version uint64
	holds                bool
	mark                 *trust.Mark // nil: it said nothing
}

const (
	mostPolls = 4096 // facts that wait; the oldest is forgotten
	mostWords = 64   // introductions by one peer that wait, or that are passed on; the oldest is forgotten
)

func newJudgement(c JudgementConfig, h *Handshakes, nodes int) *Judgement {
	c.K, c.Warners = max(c.K, 1), max(c.Warners, 1)
	j := &Judgement{JudgementConfig: c, h: h, files: make([]*file, nodes)}
	if j.Facts == nil {
		j.Facts = new(Facts)
	}
	if j.Tongue == nil {
		j.Tongue = honest{j}
	}
	for _, id := range c.Anchors {
		h.Trust.Anchor(id)
		h.with(id).key = h.Identity.ring.keys[id].public
	}
	return j
}

// honest says what the node knows at first hand, and never changes its mind.
type honest struct{ *Judgement }

func (j honest) Says(_ *Context, _ sim.NodeID, fact int) (holds bool, version uint64, knows bool) {
	holds, knows = j.knows(fact)
	return holds, 1, knows
}

func (honest) Vouches(_ *Context, _ int, tier Tier) Tier { return tier }

// knows is what the node knows of a fact at first hand.
func (j *Judgement) knows(fact int) (holds, knows bool) {
	return j.Facts.All[fact].Known[j.h.Identity.ID].holds()
}

func (j *Judgement) file(peer sim.NodeID) *file {
	if j.files[peer] == nil {
		j.files[peer] = &file{told: map[news]int{}}
	}
	return j.files[peer]
}

// restart takes up again what a crash left: timers and what was under way are gone.
func (j *Judgement) restart(c *Context) {
	for id, f := range j.files {
		if f != nil {
			f.asks = nil
			clear(f.told)
			if j.trusts(sim.NodeID(id)) {
				j.changes = append(j.changes, turn{sim.NodeID(id), trust.Trusted})
			}
		}
	}
	for _, p := range j.polls {
		p.asked, p.timer = nil, 0
	}
	for _, id := range j.Anchors {
		if j.trusts(id) && j.files[id] == nil {
			j.changes = append(j.changes, turn{id, trust.Trusted})
		}
	}
	if j.Decay > 0 {
		for id := range sim.NodeID(len(j.files)) {
			j.h.Trust.Hear(id, c.Now)
		}
		c.Wake(j.Decay, tagDecay)
	}
	j.settle(c)
}

func (j *Judgement) trusts(peer sim.NodeID) bool { return j.h.Trust.Level(peer) == trust.Trusted }

// attributable reports whether what this key signed is the peer's own word: it has
// proved to hold the key, or the key was known from the start.
func (j *Judgement) attributable(p *handshake, key *PublicKey) bool {
	return p.key == key && (j.h.Trust.Authenticated(p.peer) || slices.Contains(j.Anchors, p.peer))
}

// move applies evidence about a peer, and tells it: what it was, whose voices were
// counted, and what else had to come before.
func (j *Judgement) move(c *Context, peer sim.NodeID, e trust.Event, by string, voices []sim.NodeID, because ...*trust.Mark) {
	from, to := j.h.Trust.Apply(peer, e)
	if from == to {
		return
	}
	c.Tell(trace.Event{Kind: trace.TrustUpdated, Peer: peer, Payload: trace.Payload{
		From: trace.Trust(from), To: trace.Trust(to), Evidence: trace.Evidence(e), By: by, Voices: voices,
	}}, because...)
	if to == trust.Blocked && firstHand(e, by) {
		j.file(peer).caught = true
	}
	j.changes = append(j.changes, turn{peer, to})
	j.settle(c)
}

// Level implements Trusts.
func (j *Judgement) Level(peer sim.NodeID) trust.Level { return j.h.Trust.Level(peer) }

// Authenticated implements Trusts.
func (j *Judgement) Authenticated(peer sim.NodeID) bool {
	key := j.Key(peer)
	return key != nil && j.attributable(j.h.peers[peer], key)
}

// Key implements Trusts.
func (j *Judgement) Key(peer sim.NodeID) *PublicKey {
	if p := j.h.peers[peer]; p != nil {
		return p.key
	}
	return nil
}

// Says implements Trusts.
func (j *Judgement) Says(c *Context, to sim.NodeID, fact int) (holds, knows bool) {
	holds, _, knows = j.Tongue.Says(c, to, fact)
	return holds, knows
}

// Vouches implements Trusts.
func (j *Judgement) Vouches(c *Context, fact int, tier Tier) Tier {
	return j.Tongue.Vouches(c, fact, tier)
}

// Accuse implements Trusts.
func (j *Judgement) Accuse(c *Context, peer sim.NodeID, e trust.Event, by string, because ...*trust.Mark) {
	c.router.protocols.as(c, j.h, func() { j.move(c, peer, e, by, nil, because...) })
}

// settle draws the consequences of changed levels, one after the other: each may change
// further ones.
func (j *Judgement) settle(c *Context) {
	if j.settling {
		return
	}
	j.settling = true
	for len(j.changes) > 0 {
		ch := j.changes[0]
		j.changes = j.changes[1:]
		switch ch.to {
		case trust.Trusted:
			j.admit(c, ch.peer)
		case trust.Blocked:
			j.expel(c, ch.peer)
		}
		c.router.protocols.trustChanged(c, ch.peer)
	}
	j.changes, j.settling = nil, false
}

// admit is what comes of trust in a peer: what it said before counts from now on, and
// it is asked and told what others who are trusted are.
func (j *Judgement) admit(c *Context, peer sim.NodeID) {
	j.recall(c, peer)
	j.weighWarnings(c)
	for _, p := range slices.Clone(j.polls) {
		j.review(c, p)
	}
	j.inform(c, peer)
	j.spread(c, peer)
}

// expel is what comes of a peer that is blocked: its facts are judged no more, and who
// caught it warns the others.
func (j *Judgement) expel(c *Context, peer sim.NodeID) {
	j.dropAll(peer)
	j.file(peer).asks = nil
	j.spread(c, peer)
}

// override forgives a peer: all that was held against it is forgotten, and so is its
// key. It has to prove anew who it is.
func (j *Judgement) override(c *Context, peer sim.NodeID) {
	p, f := j.h.with(peer), j.file(peer)
	if p.key != nil {
		f.released = p.key
	}
	*f = file{words: f.words, asks: f.asks, told: f.told, released: f.released}
	j.dropAll(peer)
	for _, other := range j.files {
		if other != nil {
			delete(other.told, news{peer, true})
		}
	}
	p.key, p.voices = nil, nil
	j.h.leave(p, hsIdle)
	j.h.Trust.Release(peer)
	j.move(c, peer, trust.Override, "", nil)
	j.h.want(c, peer)
}

// pinned notes the key that a peer has proved to hold: from now on its envelopes are
// signed by it. After an override it may be another one: then the peer is another one too.
func (j *Judgement) pinned(c *Context, p *handshake) {
	if c.router.pinned(p.peer) != p.key {
		c.router.pin(p.peer, p.key)
	}
	f := j.files[p.peer]
	if f == nil || f.released == nil {
		return
	}
	if f.released != p.key {
		j.h.Trust.Forget(p.peer)
	}
	f.released = nil
}

// decay lets trust go in those who were silent for long.
func (j *Judgement) decay(c *Context) {
	next := j.Decay
	for id := range sim.NodeID(len(j.files)) {
		if !j.trusts(id) {
			continue
		}
		left := j.Decay - c.Now.Sub(j.h.Trust.Heard(id))
		if left > 0 {
			next = min(next, left)
			continue
		}
		if f := j.files[id]; f != nil {
			f.proofs = nil
		}
		j.move(c, id, trust.Decay, "", nil)
	}
	c.Wake(next, tagDecay)
}

// assert notes what a peer said of a fact, and reports whether it has said the opposite
// in the same breath: with the same version, in the same life.
func (j *Judgement) assert(c *Context, p *handshake, m *cipMessage) (caught bool) {
	if !j.attributable(p, m.key) {
		return false
	}
	f := j.file(p.peer)
	if f.assertions == nil {
		f.assertions = make([]assertion, len(j.Facts.All))
	}
	last := &f.assertions[m.fact.fact]
	newer := cmp.Or(cmp.Compare(m.incarnation, last.incarnation), cmp.Compare(m.fact.version, last.version))
	switch {
	case last.mark == nil || newer > 0:
		*last = assertion{m.incarnation, m.fact.version, m.fact.holds, c.Note()}
		return false
	case newer < 0 || last.holds == m.fact.holds:
		return false
	}
	j.move(c, p.peer, trust.Malicious, byEquivocation, nil, last.mark)
	return true
}
