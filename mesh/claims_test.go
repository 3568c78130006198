package mesh

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// fits compares a payload with the schema of its protocol.
func fits(t *testing.T, schema string, p SealedPayload) {
	t.Helper()
	checkSealed(t, p)
	compiled, err := jsonschema.NewCompiler().Compile("schema/" + schema + ".schema.json")
	require.NoError(t, err)
	var doc any
	text := p.AppendJSON(nil)
	require.NoError(t, json.Unmarshal(text, &doc))
	require.NoError(t, compiled.Validate(doc), "%s", text)
}

// Each message in full, as its schema says; what is not among those that are said is
// refused.
func TestLIPMessages(t *testing.T) {
	d := newDoubter(t)
	f0 := statement{0, true}
	cited := cites(TierMedium, f0, "good")
	said := map[lipExchange]string{
		aClaim: `{"claim":{"evidence":{"signature":"` + hexOf(cited.evidence) + `"},"holds":true,"id":"c","source":{"retrieved_at":"2025-01-01T00:00:00.000000000Z",` +
			`"trust_tier":"high","uri":"https://medium"},"statement":"f0"},"lip":"1.0","type":"LIP_EVIDENCE"}`,
		holdsToo: `{"claim":{"evidence":{"signature":"` + hexOf(cited.evidence) + `"},"holds":true,"id":"c","source":{"retrieved_at":"2025-01-01T00:00:00.000000000Z",` +
			`"trust_tier":"high","uri":"https://medium"},"statement":"f0"},"in_reply_to":"LIP_FETCH","lip":"1.0","type":"LIP_EVIDENCE"}`,
		aQuestion:    `{"claim":{"holds":true,"id":"c","statement":"f0"},"lip":"1.0","type":"LIP_FETCH"}`,
		claimTaken:   `{"claim":{"holds":true,"id":"c","statement":"f0"},"in_reply_to":"LIP_EVIDENCE","lip":"1.0","type":"LIP_FETCH"}`,
		claimAgreed:  `{"claim":{"holds":true,"id":"c","statement":"f0"},"in_reply_to":"LIP_EVIDENCE","lip":"1.0","type":"LIP_ACCEPT"}`,
		claimRefused: `{"claim":{"holds":true,"id":"c","statement":"f0"},"in_reply_to":"LIP_EVIDENCE","lip":"1.0","reason":"dropped","type":"LIP_REJECT"}`,
		holdsNot:     `{"claim":{"holds":true,"id":"c","statement":"f0"},"in_reply_to":"LIP_FETCH","lip":"1.0","type":"LIP_CONFLICT"}`,
		knowsNothing: `{"claim":{"holds":true,"id":"c","statement":"f0"},"in_reply_to":"LIP_FETCH","lip":"1.0","reason":"dropped","type":"LIP_REJECT"}`,
	}
	for _, typ := range d.Types() {
		for _, inReplyTo := range []string{"", typeLIPEvidence, typeLIPFetch, typeLIPAccept} {
			what := lipExchange{typ, inReplyTo}
			m := lipMessage{lipExchange: what, reason: reasonDropped, claim: "c", statement: f0, cited: cited}
			d.from(1, m)
			if text, ok := said[what]; ok {
				assert.Empty(t, d.drops, what)
				p := d.newLIP(m)
				assert.Equal(t, text, string(p.AppendJSON(nil)))
				fits(t, "lip", p)
			} else {
				assert.Equal(t, []trace.Reason{trace.UnknownType}, d.drops, what)
			}
			d.look()
		}
	}
	fits(t, "lip", d.newLIP(lipMessage{lipExchange: aClaim, claim: "c", statement: f0}))

	for name, p := range map[string]Payload{"no LIP": RawPayload(`{}`), "another type": d.newLIP(lipMessage{lipExchange: aQuestion})} {
		d.made++
		e := &Envelope{ID: idOf(d.made), Type: typeLIPAccept, Origin: 1, Destination: 0, Hops: []sim.NodeID{0}, Payload: p}
		identity(doubters, 1).Sign(e)
		d.does(Input{Kind: Arrive, Envelope: e, From: 1})
		assert.Equal(t, []trace.Reason{trace.UnknownType}, d.drops, name)
		d.look()
	}
}

func hexOf(b []byte) string { return strings.Trim(string(appendHexString(nil, b)), `"`) }

// Up to two quorums of trusted peers are asked at a time, in key order; then the next
// ones; and those again that said nothing.
func TestWhomTheNodeAsks(t *testing.T) {
	ask := func(peers ...string) string { return "LIP_FETCH to " + strings.Join(peers, ", LIP_FETCH to ") }
	d := newDoubter(t)
	d.plays("3 trusted; 4 trusted; 5 trusted; 6 trusted; 7 trusted; 8 trusted; 1 probing; claim 3")
	require.Equal(t, ask("3", "4", "5", "6", "7"), d.heard(), "the sender is told that its claim came")
	d.plays("none 4; none 6")
	require.Empty(t, d.heard(), "the others still have time")
	require.Equal(t, verifyTime, d.ring())
	require.Equal(t, ask("8", "5", "7"), d.heard(), "the next one, and those again that did not answer")
	d.plays("none 5; yes 8; wait")
	require.Equal(t, ask("7"), d.heard())
	d.plays("none 7; wait")
	require.Empty(t, d.heard(), "all have answered")
	require.Equal(t, verifyTime, d.ring())
	require.Equal(t, ask("4", "5", "6", "7"), d.heard(), "who knew nothing may have accepted it since")
	d.plays("none 4; none 5; none 6; none 7; wait")
	require.Empty(t, d.heard())
	require.Equal(t, 2*verifyTime, d.ring(), "twice as long each time")
	d.plays("none 4; none 5; none 6; none 7; wait")
	d.look()
	d.plays("7 probing; 4 probing")
	require.Empty(t, d.heard())
	d.plays("1 trusted")
	require.Equal(t, ask("1", "5", "6"), d.heard(), "but who told already")
	d.plays("overloaded; wait")
	require.Empty(t, d.heard(), "an overloaded node asks nobody")
	d.plays("focused")
	require.Equal(t, ask("1", "5", "6"), d.heard())
	d.plays("claim 9 blocked good")
	require.Equal(t, "LIP_REJECT to 9", d.heard(), "what is decided is asked nobody about")
}

// After a crash that lost nothing the node goes on with what waits.
func TestClaimsSurviveACrash(t *testing.T) {
	d := newDoubter(t)
	d.plays("1 trusted; 2 trusted; 3 trusted; claim 1; yes 2")
	d.submits(5, 0, NoSource, []int{0}) // it knows nothing
	require.Empty(t, d.own)
	d.lessons[0] = lesson{belief: Right}
	d.submits(5, 0, NoSource, []int{0})
	require.Len(t, d.own, 1)
	d.heard()
	d.wakes = nil
	d.does(Input{Kind: Start, Tag: 2})
	require.Equal(t, "LIP_FETCH to 3, LIP_EVIDENCE to 5", d.heard())
	require.Len(t, d.wakes, 2)
	d.plays("yes 3")
	require.Equal(t, "accepted/6[2 3] because 5 because 6", d.look())
}

func TestClaimsOverflow(t *testing.T) {
	for _, c := range []struct {
		policy                ClaimOverflow
		told, heard, repeated string
		oldest, newest        string
	}{
		{ClaimDropOldest, "received/unknown, dropped/0 because 3", "LIP_FETCH to 2", "LIP_FETCH to 2", "c1", "c2"},
		{ClaimDropNewest, "received/unknown, dropped/0", "", "", "c0", "c1"},
		{ClaimError, "received/unknown, dropped/0", "LIP_REJECT to 2", "LIP_REJECT to 2", "c0", "c1"},
		{ClaimBlock, "", "", "", "c0", "c1"},
	} {
		d := newDoubter(t, func(config *ClaimsConfig) { config.Max, config.Overflow = 2, c.policy })
		d.plays("1 probing; claim 1; claim 1")
		d.look()
		d.plays("claim 2")
		assert.Equal(t, c.told, strings.Join(d.facts, ", "), c.policy)
		assert.Equal(t, c.heard, d.heard(), c.policy)
		d.claims(2, "c2", statement{0, true}, citation{})
		assert.Empty(t, d.facts, "%s: it comes again", c.policy)
		assert.Equal(t, c.repeated, d.heard(), c.policy)
		require.Len(t, d.waiting, 2, c.policy)
		assert.Equal(t, []string{c.oldest, c.newest}, []string{d.waiting[0].id, d.waiting[1].id}, c.policy)
		d.plays("claim 3 blocked good; 2 trusted; claim 2 high good")
		assert.Equal(t, "received/blocked, rejected/1, received/high, accepted/5", d.look(), "%s: what need not wait needs no room", c.policy)
		d.plays("1 blocked")
		d.claims(2, "c2", statement{0, true}, citation{})
		if c.policy == ClaimBlock {
			assert.Equal(t, "rejected/1 because 3, rejected/1 because 4, received/unknown", d.look(), "now there is room")
		} else {
			assert.NotContains(t, d.look(), "received", c.policy)
		}
	}
}

// A claim that comes again is answered anew, and judged no more.
func TestClaimsAreFinal(t *testing.T) {
	for _, c := range []struct{ script, answer string }{
		{"1 trusted; claim 1 high good", "LIP_ACCEPT to 1"},
		{"claim 1 blocked good", "LIP_REJECT to 1"},
		{"claim 1", "LIP_FETCH to 1"},
		{"1 trusted; 2 trusted; claim 1 medium good; no 2; 2 blocked", "LIP_ACCEPT to 1"},
		{"2 trusted; claim 1 medium good; no 2", "LIP_FETCH to 1"},
	} {
		d := newDoubter(t)
		d.plays(c.script)
		d.look()
		d.claims(1, d.latest.id, statement{0, false}, citation{})
		assert.Empty(t, d.facts, c.script)
		assert.Equal(t, c.answer, d.heard(), c.script)
		d.plays("2 trusted; 3 trusted; no 2; no 3; 1 probing")
		if strings.HasPrefix(c.answer, "LIP_ACCEPT") {
			assert.Empty(t, d.look(), c.script)
			assert.Equal(t, Right, d.knows(nil, 0, 0).belief)
		}
	}
	d := newDoubter(t)
	d.plays("1 trusted; claim 1 high good")
	id := d.latest.id
	d.look()
	d.claims(2, id, statement{0, true}, citation{})
	assert.Equal(t, "received/unknown", d.look(), "the same id, of another sender")
	d.plays("1 blocked; claim 2 blocked good")
	d.claims(1, "x", statement{0, true}, citation{})
	assert.Equal(t, []trace.Reason{trace.Blocked}, d.drops)
}

// Of two accepted claims that contradict each other the first one is what the node says.
func TestTheFirstLessonStays(t *testing.T) {
	d := newDoubter(t)
	d.plays("1 trusted; 2 trusted; 3 trusted; denial 1; yes 2; yes 3")
	require.Equal(t, Mistaken, d.knows(nil, 0, 0).belief)
	d.plays("claim 1 high good")
	require.Contains(t, d.look(), "accepted/5")
	require.Equal(t, Mistaken, d.knows(nil, 0, 0).belief)
}

// What a node is asked it answers by what it knows at first hand, else by what it
// accepted, for which it shows the evidence.
func TestWhatTheNodeAnswers(t *testing.T) {
	facts := *doubtable
	facts.All = nil
	for _, f := range doubtable.All {
		facts.All = append(facts.All, Fact{ID: f.ID, Domain: f.Domain, Known: make([]Belief, doubters)})
	}
	facts.All[1].Known[0], facts.All[2].Known[0] = Mistaken, Right
	d := newDoubter(t, func(c *ClaimsConfig) { c.Facts = &facts })
	asks := func(of statement) *lipMessage {
		d.look()
		d.from(5, lipMessage{lipExchange: aQuestion, claim: "q", statement: of})
		require.Len(t, d.sent, 1)
		require.EqualValues(t, 5, d.sent[0].Destination)
		m := d.sent[0].Payload.(*lipMessage)
		require.Equal(t, "q", m.claim)
		fits(t, "lip", m)
		return m
	}
	require.Equal(t, knowsNothing, asks(statement{0, true}).lipExchange)
	require.Equal(t, reasonUnknown, asks(statement{0, true}).reason)
	require.Equal(t, holdsNot, asks(statement{1, true}).lipExchange)
	require.Equal(t, statement{1, false}, asks(statement{1, true}).statement)
	require.Equal(t, holdsToo, asks(statement{1, false}).lipExchange)
	require.Equal(t, holdsToo, asks(statement{2, true}).lipExchange)
	require.Equal(t, holdsNot, asks(statement{2, false}).lipExchange)

	d.plays("1 trusted; claim 1 medium good; denial 1")
	require.Equal(t, holdsNot, asks(statement{0, false}).lipExchange, "it has accepted the opposite")
	m := asks(statement{0, true})
	require.Equal(t, holdsToo, m.lipExchange)
	require.True(t, facts.proves(&m.cited, m.statement))
	require.Equal(t, TierMedium, m.cited.tier, "as this node has it, whatever it was told")
}

// A node claims what it knows, round and round, and has evidence for what the source says.
func TestOwnClaims(t *testing.T) {
	facts := *doubtable
	facts.All = []Fact{
		{ID: "f0", Known: []Belief{Ignorant}}, {ID: "f1", Known: []Belief{Right}}, {ID: "f2", Known: []Belief{Right}}, {ID: "f3", Known: []Belief{Mistaken}},
	}
	facts.Sources = []Source{{URI: "https://s", Tier: TierLow, Says: []int{2, 3}, Key: NewSourceKey(1, Ed25519, "https://s")}}
	d := newDoubter(t, func(c *ClaimsConfig) { c.Facts = &facts })
	for n, want := range []struct {
		of    statement
		cites bool
	}{{statement{1, true}, false}, {statement{2, true}, true}, {statement{3, false}, false}, {statement{1, true}, false}} {
		d.submits(5, uint64(n), 0, []int{0, 1, 2, 3})
		require.Len(t, d.sent, 1)
		require.EqualValues(t, 5, d.sent[0].Destination)
		m := d.sent[0].Payload.(*lipMessage)
		require.Equal(t, aClaim, m.lipExchange)
		require.Equal(t, "n000/n005/"+string(rune('1'+n)), m.claim)
		require.Equal(t, want.of, m.statement)
		require.Equal(t, want.cites, facts.proves(&m.cited, m.statement))
		require.Equal(t, "https://s", m.cited.uri, "as it was told to, whether that says so or not")
		require.Equal(t, d.now, m.cited.retrieved)
		fits(t, "lip", m)
		d.look()
	}
	d.submits(6, 7, NoSource, []int{2})
	m := d.sent[0].Payload.(*lipMessage)
	require.Equal(t, "n000/n006/1", m.claim)
	require.Empty(t, m.cited.uri)
	d.look()
	d.submits(6, 7, 0, []int{0})
	require.Empty(t, d.sent, "it does not know that")
	for range mostOwnClaims {
		d.submits(6, 0, 0, []int{1})
	}
	require.Len(t, d.own, mostOwnClaims)
}

// A claim without any answer is repeated on the timers of the handshake.
func TestClaimsAreRepeated(t *testing.T) {
	start := func() *doubter {
		d := newDoubter(t)
		d.lessons[0] = lesson{belief: Right}
		d.submits(5, 0, NoSource, []int{0})
		require.Equal(t, "LIP_EVIDENCE to 5", d.heard())
		return d
	}
	d := start()
	var sent []time.Duration
	for at := time.Duration(0); len(d.wakes) > 0; {
		at += d.ring()
		if d.heard() != "" {
			sent = append(sent, at.Round(time.Second/2))
		}
	}
	for i, want := range []float64{1, 3, 17, 18, 20} { // seconds; rest from 7 to 17, and from 24 on no more
		assert.InDelta(t, want, sent[i].Seconds(), 0.1*want+0.5)
	}
	assert.Len(t, sent, tries*rounds-1)
	assert.Empty(t, d.own)

	for _, what := range []lipExchange{claimTaken, claimAgreed, claimRefused} {
		d = start()
		d.from(4, lipMessage{lipExchange: what, reason: reasonRejected, claim: "n000/n005/1"})
		require.Len(t, d.own, 1, "that was another one")
		d.from(5, lipMessage{lipExchange: what, reason: reasonRejected, claim: "n000/n005/2"})
		require.Len(t, d.own, 1, "that was about another one")
		d.from(5, lipMessage{lipExchange: what, reason: reasonRejected, claim: "n000/n005/1"})
		require.Empty(t, d.own)
		d.ring()
		require.Empty(t, d.wakes)
		require.Empty(t, d.heard())
	}
	d = start()
	d.moves(5, trust.Blocked)
	d.ring()
	assert.Empty(t, d.own)
	assert.Empty(t, d.drops)
}

func TestPanicsOnBadClaims(t *testing.T) {
	good := newDoubter(t).ClaimsConfig
	for _, spoil := range []func(*ClaimsConfig){
		func(c *ClaimsConfig) { c.Quorum = 0 }, func(c *ClaimsConfig) { c.Max = 0 }, func(c *ClaimsConfig) { c.VerifyTimeout = 0 },
		func(c *ClaimsConfig) { c.Retry = 0 }, func(c *ClaimsConfig) { c.Tries = 0 }, func(c *ClaimsConfig) { c.Backoff = 0 }, func(c *ClaimsConfig) { c.Rounds = 0 },
	} {
		c := good
		spoil(&c)
		assert.Panics(t, func() { NewClaims(c) })
	}
}

// Nodes that take claims from each other understand each other: two who know a fact at
// first hand have a third one accept it, who then has a fourth one accept it.
func TestClaimsGoAround(t *testing.T) {
	facts := *doubtable
	facts.All = []Fact{{ID: "f0", Known: []Belief{Right, Right, Ignorant, Ignorant, Right}}}
	var nodes []*doubter
	for id := range sim.NodeID(5) {
		d := newDoubter(t, func(c *ClaimsConfig) { c.Facts, c.Identity = &facts, identity(doubters, id) })
		for other := range sim.NodeID(5) {
			d.trusts.set(other, trust.Trusted)
		}
		nodes = append(nodes, d)
	}
	talk := func() {
		for quiet := false; !quiet; {
			quiet = true
			for _, d := range nodes {
				sent := d.sent
				d.sent = nil
				for _, e := range sent {
					quiet = false
					e.Hops = []sim.NodeID{e.Destination}
					nodes[e.Destination].does(Input{Kind: Arrive, Envelope: e, From: e.Origin})
				}
			}
		}
	}
	nodes[0].submits(2, 0, NoSource, []int{0})
	talk()
	require.Equal(t, "received/unknown", strings.Join(nodes[2].facts[:1], ""))
	require.Equal(t, "accepted/6[1 4] because 2 because 4", nodes[2].facts[1], "the claim, and what node 4 said; what node 1 said completed it")
	nodes[2].submits(3, 0, NoSource, []int{0})
	talk()
	require.Equal(t, Right, nodes[3].knows(nil, 0, 0).belief)
	for id, d := range nodes {
		require.Empty(t, d.own, id)
		require.Empty(t, d.waiting, id)
		require.Empty(t, d.drops, id)
	}
}
