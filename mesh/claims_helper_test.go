package mesh

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// fakeTrusts is a trust that does what a test says.
type fakeTrusts struct {
	levels        []trust.Level
	authenticated []bool
	keys          []*PublicKey
	accused       []string
	moves         *Claims // whom it tells what an accusation comes to; nil: it comes to nothing
	facts         *Facts
	self          sim.NodeID
}

func (f *fakeTrusts) Says(_ *Context, _ sim.NodeID, fact int) (holds, knows bool) {
	return f.facts.All[fact].Known[f.self].holds()
}

func (f *fakeTrusts) Vouches(_ *Context, _ int, tier Tier) Tier { return tier }

func (f *fakeTrusts) Hear(sim.NodeID, clock.Time)          {}
func (f *fakeTrusts) Level(id sim.NodeID) trust.Level      { return f.levels[id] }
func (f *fakeTrusts) Blocked(id sim.NodeID) bool           { return f.levels[id] == trust.Blocked }
func (f *fakeTrusts) Authenticated(id sim.NodeID) bool     { return f.authenticated[id] }
func (f *fakeTrusts) Key(id sim.NodeID) *PublicKey         { return f.keys[id] }
func (f *fakeTrusts) set(id sim.NodeID, level trust.Level) { f.levels[id] = level }

func (f *fakeTrusts) Accuse(c *Context, peer sim.NodeID, e trust.Event, by string, because ...*trust.Mark) {
	words := fmt.Sprint(peer, " ", e, " by ", by)
	for _, m := range because {
		words += " because " + strconv.FormatUint(m.Seq(), 10)
	}
	f.accused = append(f.accused, words)
	if f.moves != nil {
		f.levels[peer] = trust.Next(f.levels[peer], e)
		f.moves.TrustChanged(c, peer)
	}
}

// What there is to know for a doubter: three facts, and a source of each tier that says
// the first and the last of them.
var doubtable = func() *Facts {
	f := &Facts{}
	for _, id := range []string{"f0", "f1", "f2"} {
		f.All = append(f.All, Fact{ID: id, Domain: "d", Known: make([]Belief, doubters)})
	}
	for tier := TierUnknown; tier <= TierBlocked; tier++ {
		uri := "https://" + tier.String()
		f.Sources = append(f.Sources, Source{URI: uri, Tier: tier, Says: []int{0, 2}, Key: NewSourceKey(1, Modelled, uri)})
	}
	return f
}()

const (
	doubters   = 10 // nodes on the stage of a doubter, which is node 0
	verifyTime = 3 * time.Second
)

// doubter is a node that takes claims, alone on a stage: the test plays its peers, its
// trust, and the time.
type doubter struct {
	require.TestingT
	*Claims
	trusts *fakeTrusts
	router *Router
	now    clock.Time
	out    Outbox
	steps  uint64         // that it did; stands for the number of the event at hand
	facts  []string       // since the last look, what it told
	told   []trace.Event  // likewise, as it told it
	said   []string       // likewise, what it sent, as "LIP_ACCEPT to 1"
	sent   []*Envelope    // likewise
	drops  []trace.Reason // likewise
	wakes  []Act          // all timers that did not go off
	made   uint64         // envelopes of its peers
	latest claim          // that came
}

// newDoubter returns a node that knows nothing and trusts nobody, with a quorum of 2 and
// room for 4 claims, as altered.
func newDoubter(t require.TestingT, with ...func(*ClaimsConfig)) *doubter {
	d := &doubter{TestingT: t, trusts: &fakeTrusts{
		levels: make([]trust.Level, doubters), authenticated: make([]bool, doubters), keys: make([]*PublicKey, doubters),
	}, now: clock.Time(time.Hour)}
	ids, ring := NewIdentities(1, keysOf(doubters), nil)
	c := ClaimsConfig{
		Identity: ids[0], Codec: NewCodec(keysOf(doubters), epoch), Facts: doubtable, Trusts: d.trusts,
		Quorum: 2, Max: 4, Overflow: ClaimDropNewest, VerifyTimeout: verifyTime,
		Retry: retryTime, Tries: tries, Backoff: backoffTime, Rounds: rounds, Chance: sim.Seed(1).Stream("node/n000/claims"),
	}
	for _, w := range with {
		w(&c)
	}
	d.Claims, d.trusts.facts, d.trusts.self = NewClaims(c), c.Facts, c.Identity.ID
	self := c.Identity.ID
	var others []sim.NodeID
	for _, id := range ids {
		d.trusts.keys[id.ID], d.trusts.authenticated[id.ID] = id.public, true
		if id.ID != self {
			others = append(others, id.ID)
		}
	}
	registry, err := NewPeerRegistry(self, peersOf(doubters), RegistryAll, others)
	require.NoError(t, err)
	d.router, err = NewRouter(Config{
		Self: self, Neighbours: others, Registry: registry, Policy: Direct(), MaxHops: 8, SeenMax: 1024, Identity: c.Identity, Keyring: ring,
		Gate: d.trusts, Protocols: []Protocol{d.Claims}, Author: NewAuthor(c.Identity, sim.Seed(1).Stream("ids"), keysOf(doubters)),
	})
	require.NoError(t, err)
	d.does(Input{Kind: Start, Tag: 1})
	return d
}

// does one step, and keeps what it comes to.
func (d *doubter) does(in Input) {
	d.steps++
	d.out.Reset()
	d.router.Step(d.now, &in, &d.out)
	d.collect()
}

// hears of trust that changed.
func (d *doubter) trustChanged(peer sim.NodeID) {
	d.steps++
	d.out.Reset()
	d.Claims.TrustChanged(d.router.protocols.in(0, d.now, &d.out), peer)
	d.collect()
}

func (d *doubter) collect() {
	for _, a := range d.out.Acts {
		switch a.Kind {
		case ActNote:
			a.Mark.Set(d.steps)
		case ActWake:
			a.Tag &= 1<<tagBits - 1
			d.wakes = append(d.wakes, a)
		case ActDrop:
			d.drops = append(d.drops, a.Reason)
		case ActSend:
			e := *a.Envelope
			d.sent = append(d.sent, &e)
			d.said = append(d.said, fmt.Sprint(e.Type, " to ", e.Destination))
		case ActTell:
			fact := d.out.Facts[a.Tag]
			words := fact.State + "/" + strconv.FormatInt(fact.Rule, 10)
			if fact.Kind == trace.ClaimReceived {
				words = "received/" + fact.Tier
			}
			if len(fact.Voices) > 0 {
				words += fmt.Sprint(fact.Voices)
			}
			for _, m := range a.Because {
				fact.Because = append(fact.Because, m.Seq())
				words += " because " + strconv.FormatUint(m.Seq(), 10)
			}
			d.facts = append(d.facts, words)
			d.told = append(d.told, fact)
		}
	}
}

// look says what it told since the last look, heard what it sent.
func (d *doubter) look() string  { return d.forget(strings.Join(d.facts, ", ")) }
func (d *doubter) heard() string { return d.forget(strings.Join(d.said, ", ")) }

func (d *doubter) forget(s string) string {
	d.facts, d.told, d.said, d.sent, d.drops = nil, nil, nil, nil, nil
	return s
}

// from has a message of a peer's arrive.
func (d *doubter) from(peer sim.NodeID, m lipMessage) {
	d.made++
	p := d.Claims.newLIP(m)
	e := &Envelope{ID: idOf(d.made), Type: m.typ, Origin: peer, Destination: 0, Hops: []sim.NodeID{0}, Payload: p, Size: p.Size()}
	identity(doubters, peer).Sign(e)
	d.does(Input{Kind: Arrive, Envelope: e, From: peer})
}

// claims has a claim of a peer's arrive, under an id.
func (d *doubter) claims(peer sim.NodeID, id string, of statement, cited citation) {
	d.latest = claim{sender: peer, id: id, statement: of}
	d.from(peer, lipMessage{lipExchange: aClaim, claim: id, statement: of, cited: cited})
}

// answers has a peer answer what was asked about the latest claim.
func (d *doubter) answers(peer sim.NodeID, says stance) {
	m := lipMessage{lipExchange: holdsToo, claim: d.latest.id, statement: d.latest.statement}
	switch says {
	case silent:
		m.lipExchange, m.reason = knowsNothing, reasonUnknown
	case contradicts:
		m.lipExchange, m.holds = holdsNot, !m.holds
	}
	d.from(peer, m)
}

// submits has the node's own application make a claim.
func (d *doubter) submits(peer sim.NodeID, n uint64, source int, facts []int) {
	d.does(Input{Kind: Do, From: sim.NoNode, Command: &Command{Kind: Claim, Peer: peer, Facts: facts, N: n, Source: source}})
}

// moves sets the level of a peer, and says so.
func (d *doubter) moves(peer sim.NodeID, level trust.Level) {
	d.trusts.set(peer, level)
	d.trustChanged(peer)
}

func (d *doubter) presence(p Presence) {
	d.does(Input{Kind: Do, From: sim.NoNode, Command: &Command{Kind: SetPresence, State: AgentState{Presence: p}}})
}

// ring lets the timer go off that is due first, and says after how long.
func (d *doubter) ring() time.Duration {
	i := 0
	for j := range d.wakes {
		if d.wakes[j].After < d.wakes[i].After {
			i = j
		}
	}
	require.NotEmpty(d, d.wakes, "no timer")
	a := d.wakes[i]
	d.wakes = slices.Delete(d.wakes, i, i+1)
	d.now = d.now.Add(a.After)
	for j := range d.wakes {
		d.wakes[j].After -= a.After
	}
	d.does(Input{Kind: Timer, Tag: a.Tag})
	return a.After
}

// cites is a citation of the source of a tier. What it shows for it is "good", "forged",
// "other" (evidence for another fact) or nothing.
func cites(tier Tier, of statement, evidence string) citation {
	s := &doubtable.Sources[tier]
	c := citation{uri: s.URI, tier: TierHigh}
	switch evidence {
	case "good":
		c.evidence = doubtable.evidence(s, of)
	case "forged":
		c.evidence = identity(doubters, 9).signText(doubtable.evidenceText(s, of))
	case "other":
		c.evidence = doubtable.evidence(s, statement{2 - of.fact, true})
	}
	return c
}

// plays a script of steps, apart by semicolons:
//
//	claim 1 [low good]    node 1 claims f0, and cites a source
//	denial 1 [low good]   that f0 does not hold
//	1 trusted             node 1 has that level from now on
//	yes 1, no 1, none 1   node 1 agrees, contradicts, knows nothing
//	overloaded, focused   the node's own presence
//	wait                  the next timer goes off
func (d *doubter) plays(script string) {
	for _, step := range strings.Split(script, ";") {
		words := strings.Fields(step)
		node := func(i int) sim.NodeID {
			n, err := strconv.Atoi(words[i])
			require.NoError(d, err, step)
			return sim.NodeID(n)
		}
		switch words[0] {
		case "claim", "denial":
			of, cited := statement{0, words[0] == "claim"}, citation{}
			if len(words) > 2 {
				cited = cites(Tier(slices.Index(tierNames[:], words[2])), of, words[3])
			}
			d.claims(node(1), fmt.Sprint("c", d.made), of, cited)
		case "yes":
			d.answers(node(1), agrees)
		case "no":
			d.answers(node(1), contradicts)
		case "none":
			d.answers(node(1), silent)
		case "overloaded", "focused":
			d.presence(Presence(words[0]))
		case "wait":
			d.ring()
		default:
			for level := trust.Unknown; level <= trust.Blocked; level++ {
				if level.String() == words[1] {
					d.moves(node(0), level)
				}
			}
		}
	}
}
