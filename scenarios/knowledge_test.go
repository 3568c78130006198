package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trace/analysis"
)

// wise is knowledge to build on; its first line is number 6 of sound+wise.
const wise = `[knowledge]
facts = [
  { id = "f2", domain = "sea", known_by = ["n1", "n2"] },
  { id = "f1", known_by = "*", wrong_at = ["n4"] },
]
sources = [{ uri = "https://x", tier = "medium", says = ["f1"] }]
`

const (
	tells  = "[[traffic]]\nrate = \"1/s\"\nkind = \"facts\"\n"
	claims = "[[traffic]]\nrate = \"1/s\"\nkind = \"claims\"\n"
	order  = "[[action]]\nat = \"1s\"\nnode = \"n0\"\n"
)

// What is wrong with knowledge, and with what names it.
func TestBadKnowledge(t *testing.T) {
	const facts, sources = "[[knowledge.facts]]\n", "[[knowledge.sources]]\n"
	for _, c := range []struct{ name, text, want string }{
		{"no id", facts, `x.toml:6: knowledge.facts[0].id: is missing; allowed: a string`},
		{"empty id", facts + "id = \"\"\n", `x.toml:7: knowledge.facts[0].id = "": is no name; allowed: 1 … 100 printable characters`},
		{"id that negates another", facts + "id = \"not f1\"\n", `x.toml:7: knowledge.facts[0].id = "not f1": has blanks or |; allowed: other characters`},
		{"uri that parts a statement", sources + "uri = \"a|f1\"\n", `x.toml:7: knowledge.sources[0].uri = "a|f1": has blanks or |; allowed: other characters`},
		{"id twice", wise + facts + "id = \"f1\"\nknown_by = \"n1\"\n", `x.toml:12: syntax: Key 'knowledge.facts' was already created and cannot be used as an array.`},
		{"id and uri twice", facts + "id = \"a\"\n" + facts + "id = \"a\"\n" + sources + "uri = \"u\"\n" + sources + "uri = \"u\"\n",
			`x.toml:9: knowledge.facts[1].id = "a": is the name of knowledge.facts[0] too; allowed: one entry for each name
x.toml:13: knowledge.sources[1].uri = "u": is the name of knowledge.sources[0] too; allowed: one entry for each name`},
		{"unknown nodes", "[knowledge]\nfacts = [\n{ id = \"a\", known_by = [\"n0\", \"m1\"],\n  wrong_at = [\"n1\",\n\"n1\"] }]\n",
			`x.toml:8: knowledge.facts[0].known_by[1] = "m1": is not a node (did you mean "n1"?)
x.toml:10: knowledge.facts[0].wrong_at[1] = "n1": is named twice`},
		{"all and one more", facts + "id = \"a\"\nknown_by = [\"*\", \"n1\"]\n", `x.toml:8: knowledge.facts[0].known_by = ["*", "n1"]: has "*", which is all nodes, beside others; allowed: an id, a list of ids, "*" or { random = N }`},
		{"too many", facts + "id = \"a\"\nknown_by = { random = 6 }\n", `x.toml:8: knowledge.facts[0].known_by = { random = 6 }: is more than the mesh has; allowed: 1 … 5`},
		{"tier", sources + "uri = \"u\"\ntier = \"mediun\"\n", `x.toml:8: knowledge.sources[0].tier = "mediun": is not known; allowed: unknown low medium high blocked (did you mean "medium"?)`},
		{"says what is no fact", facts + "id = \"fact1\"\n" + sources + "uri = \"u\"\nsays = [\"fact2\",\n\"fact1\",\n\"fact1\"]\n",
			`x.toml:10: knowledge.sources[0].says[0] = "fact2": is not the id of a fact (did you mean "fact1"?)
x.toml:12: knowledge.sources[0].says[2] = "fact1": is named twice`},
		{"a fact with a problem is one all the same", facts + "id = 3\n" + sources + "uri = \"u\"\nsays = [\"f1\"]\n" + tells + "domain = \"d\"\n", `x.toml:7: knowledge.facts[0].id = 3: is an integer; allowed: a string`},
		{"misspelt knowledge", "[knowlege]\n" + tells + "domain = \"d\"\n", `x.toml:6: knowlege = {…}: is not a key; allowed: version name seed duration epoch measure topology link links node node_defaults registry routing mesh handshake trust session memory knowledge traffic fault adversary action expect record files (did you mean "knowledge"?)`},
		{"domain", wise + tells + "domain = \"see\"\n", `x.toml:15: traffic[0].domain = "see": is not the domain of a fact (did you mean "sea"?)`},
		{"source", wise + claims + "source = \"https://y\"\n", `x.toml:15: traffic[0].source = "https://y": is not the uri of a source (did you mean "https://x"?)`},
		{"no facts", tells, `x.toml:6: traffic[0]: has nothing to tell; needed are facts in [knowledge]`},
		{"to everyone at once", wise + claims + "to = \"*\"\n", `x.toml:15: traffic[0].to = "*": is everyone at once; allowed with claims: ids, "random", "each"`},
		{"from a file", wise + "[[traffic]]\nkind = \"facts\"\nfile = \"f.csv\"\n", `x.toml:14: traffic[0].file = "f.csv": is for messages; allowed with facts: from, to and arrivals`},
		{"source of facts", wise + tells + "source = \"https://x\"\n", `x.toml:15: traffic[0].source = "https://x": is a key of kind claims only; allowed: name kind domain from to arrivals rate interval size start stop count class file`},
		{"claim", wise + order + "kind = \"claim\"\npeer = \"n1\"\nfact = \"f3\"\nsource = \"x\"\n",
			`x.toml:17: action[0].fact = "f3": is not the id of a fact (did you mean "f2"?)
x.toml:18: action[0].source = "x": is not the uri of a source`},
	} {
		t.Run(c.name, func(t *testing.T) { assertRefused(t, sound+c.text, c.want) })
	}
}

// What is wrong with the rules of trust, and with what operators do about it.
func TestBadTrust(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"words", "[trust]\nverify = \"quorun\"\nwarnings = \"first\"\nintroductions = \"all\"\nclaims_overflow = \"drop\"\n",
			`x.toml:7: trust.verify = "quorun": is not known; allowed: local_or_quorum local quorum (did you mean "quorum"?)
x.toml:8: trust.warnings = "first": is not known; allowed: first_hand relay none
x.toml:9: trust.introductions = "all": is not known; allowed: none tell meet
x.toml:10: trust.claims_overflow = "drop": is not known; allowed: drop_oldest drop_newest error block`},
		{"bounds", "[trust]\nquorum = 0\nwarners = 0\nintroduction_hops = 256\nverify_timeout = \"0s\"\ndecay = \"0s\"\nintroduction_expire = \"0s\"\nsettle = \"0s\"\nclaims_max = 0\n",
			`x.toml:7: trust.quorum = 0: is out of range; allowed: 1 … 100000
x.toml:8: trust.warners = 0: is out of range; allowed: 1 … 100000
x.toml:9: trust.introduction_hops = 256: is out of range; allowed: 1 … 255
x.toml:10: trust.verify_timeout = "0s": is out of range; allowed: 1ms … 1h
x.toml:11: trust.decay = "0s": is out of range; allowed: 1ms … 8760h
x.toml:12: trust.introduction_expire = "0s": is out of range; allowed: 1ms … 8760h
x.toml:13: trust.settle = "0s": is out of range; allowed: 1ms … 8760h
x.toml:14: trust.claims_max = 0: is out of range; allowed: 1 … 16777216`},
		{"anchors", "[trust]\nanchors = [\"n0\", \"m1\"]\n[node_defaults]\nanchors = [\"n1\", \"n1\"]\n[[node]]\nid = \"n1\"\nanchors = [\"n2\",\n\"n1\"]\n",
			`x.toml:7: trust.anchors[1] = "m1": is not a node (did you mean "n1"?)
x.toml:9: node_defaults.anchors[1] = "n1": is named twice
x.toml:13: node[0].anchors[1] = "n1": is the node itself; allowed: others`},
		{"nobody", order + "kind = \"override\"\n", `x.toml:6: action[0].peer: is missing; allowed: a string`},
		{"a stranger", order + "kind = \"override\"\npeer = \"m1\"\n", `x.toml:10: action[0].peer = "m1": is not a node (did you mean "n1"?)`},
		{"oneself", order + "kind = \"warn\"\npeer = \"n0\"\nsubject = \"n0\"\n",
			`x.toml:10: action[0].peer = "n0": is node too; allowed: another node
x.toml:11: action[0].subject = "n0": is peer too; allowed: another node`},
		{"to itself", order + "kind = \"introduce\"\npeer = \"n1\"\nsubject = \"n1\"\n", `x.toml:11: action[0].subject = "n1": is peer too; allowed: another node`},
		{"human", order + "kind = \"set_human\"\naffect = \"sad\"\nclarity = 101\npressure = -1\nconsent = \"given\"\n",
			`x.toml:10: action[0].affect = "sad": is not known; allowed: calm tense anxious energized neutral
x.toml:11: action[0].clarity = 101: is out of range; allowed: 0 … 100
x.toml:12: action[0].pressure = -1: is out of range; allowed: 0 … 100
x.toml:13: action[0].consent = "given": is not known; allowed: granted limited revoked`},
		{"submit", order + "kind = \"submit\"\npeer = \"n1\"\ntype = \"A B\"\nsize = -1\npayload = \"[1]\"\n",
			`x.toml:11: action[0].type = "A B": is no message type; allowed: 1 … 64 printable ASCII characters without blanks
x.toml:12: action[0].size = -1: is out of range; allowed: 0 … 1073741824
x.toml:13: action[0].payload = "[1]": is no payload: not an object; allowed: {…}`},
	} {
		t.Run(c.name, func(t *testing.T) { assertRefused(t, sound+c.text, c.want) })
	}
}

// assertRefused checks that a text is refused in these words; suggestions that they do
// not mention are not looked at.
func assertRefused(t *testing.T, text, want string) {
	t.Helper()
	_, err := LoadBytes([]byte(text), "x.toml")
	require.Error(t, err)
	got := strings.Split(err.Error(), "\n")
	for i, line := range strings.Split(want, "\n") {
		if i < len(got) && !strings.Contains(line, "did you mean") {
			got[i], _, _ = strings.Cut(got[i], " (did you mean")
		}
	}
	assert.Equal(t, want, strings.Join(got, "\n"))
}

// Entries and inline tables are the same knowledge, and it is written as entries.
func TestKnowledgeIsWritten(t *testing.T) {
	inline, err := LoadBytes([]byte(sound+wise+tells), "x.toml")
	require.NoError(t, err)
	const entries = `
[[knowledge.facts]]
id = "f2"
domain = "sea"
known_by = ["n1", "n2"]

[[knowledge.facts]]
id = "f1"
known_by = "*"
wrong_at = "n4"

[[knowledge.sources]]
uri = "https://x"
tier = "medium"
says = ["f1"]
`
	assert.Contains(t, string(inline.TOML()), "[knowledge]\n"+entries)
	apart, err := LoadBytes([]byte(sound+entries+tells), "x.toml")
	require.NoError(t, err)
	assert.Equal(t, inline.Knowledge, apart.Knowledge)
	nobody, err := LoadBytes([]byte(sound+"[knowledge]\nfacts = [{ id = \"f1\", known_by = [], wrong_at = [] }]\n"), "x.toml")
	require.NoError(t, err)
	assert.Equal(t, []Fact{{ID: "f1", Domain: "general"}}, nobody.Knowledge.Facts)
	assert.NotContains(t, strings.Join(nobody.Features(), " "), "knowledge.facts.known_by")
}

// factsOf are those of a run of the text.
func factsOf(t *testing.T, text string, set ...string) *builder {
	t.Helper()
	s, err := LoadBytes([]byte(text), "x.toml", WithSet(set...))
	require.NoError(t, err)
	b, err := newBuilder(s, Options{})
	require.NoError(t, err)
	return b
}

// All facts and sources are numbered by their names, whoever is mistaken is so whatever
// else is said of it, and a source says what it says.
func TestFactsOfARun(t *testing.T) {
	b := factsOf(t, sound+wise+tells, `knowledge.sources=[{uri="z",says=["f2","f1"],tier="blocked"},{uri="a"}]`)
	const right, wrong = mesh.Right, mesh.Mistaken
	assert.Equal(t, []mesh.Fact{
		{ID: "f1", Domain: "general", Known: []mesh.Belief{right, right, right, right, wrong}},
		{ID: "f2", Domain: "sea", Known: []mesh.Belief{0, right, right, 0, 0}},
	}, b.facts.All)
	require.Len(t, b.facts.Sources, 2)
	a, z := b.facts.Sources[0], b.facts.Sources[1]
	assert.Equal(t, []any{"a", mesh.TierUnknown, []int(nil)}, []any{a.URI, a.Tier, a.Says})
	assert.Equal(t, []any{"z", mesh.TierBlocked, []int{0, 1}}, []any{z.URI, z.Tier, z.Says})
	assert.NotEqual(t, a.Key, z.Key)
	for word, tier := range tiers {
		assert.Equal(t, word, tier.String())
	}
}

// Who knows is drawn for each fact apart, and another fact changes nothing.
func TestRandomKnowers(t *testing.T) {
	knowers := func(seed sim.Seed, facts string) (all [][]mesh.Belief) {
		b := factsOf(t, "version = 1\nduration = \"1s\"\n[topology]\nkind = \"ring\"\nnodes = 40\n"+tells, fmt.Sprintf("seed=%d", seed), "knowledge.facts="+facts)
		for _, f := range b.facts.All {
			n := 0
			for _, belief := range f.Known {
				if belief != mesh.Ignorant {
					n++
				}
			}
			assert.Equal(t, 10, n)
			all = append(all, f.Known)
		}
		return all
	}
	two := knowers(1, `[{id="a",known_by={random=10}},{id="b",known_by={random=10}}]`)
	assert.NotEqual(t, two[0], two[1])
	assert.Equal(t, two[1:], knowers(1, `[{id="b",known_by={random=10}}]`))
	assert.NotEqual(t, two[1:], knowers(2, `[{id="b",known_by={random=10}}]`))
	wrong := knowers(1, `[{id="b",wrong_at={random=10}}]`)
	assert.Contains(t, wrong[0], mesh.Mistaken)
	assert.NotContains(t, wrong[0], mesh.Right)
}

// asked is a node that notes what it is asked, and does nothing.
type asked struct {
	self sim.NodeID
	all  *[]request
}

type request struct {
	t    string
	node sim.NodeID
	mesh.Command
}

func (a asked) Step(now clock.Time, in *mesh.Input, out *mesh.Outbox) {
	switch in.Kind {
	case mesh.Do:
		*a.all = append(*a.all, request{now.String(), a.self, *in.Command})
	case mesh.Submit, mesh.Arrive:
		out.Drop(in.Envelope, trace.NoRoute)
	}
}

// requests runs a text with nodes that note what they are asked.
func requests(t *testing.T, o Options, text string, set ...string) ([]request, []trace.Event) {
	t.Helper()
	s, err := LoadBytes([]byte(text), "x.toml", WithSet(set...))
	require.NoError(t, err)
	var all []request
	record := &analysis.Recording{}
	o.NewNode = func(seat world.Seat) (mesh.Node, error) { return asked{seat.Self, &all}, nil }
	o.Sinks = []trace.Sink{record}
	_, err = s.Run(o)
	require.NoError(t, err)
	return all, record.Events
}

// Each arrival of facts asks for the next one of the domain, of all peers the same, and
// one that is taken out leaves the others their turns.
func TestTrafficAsksForFacts(t *testing.T) {
	const arrivals = "from = \"n1\"\nto = \"each\"\narrivals = \"periodic\"\ninterval = \"1s\"\ncount = 2\n"
	text := sound + wise + "[[traffic]]\nkind = \"facts\"\n" + arrivals
	got, _ := requests(t, Options{}, text)
	var want []request
	for turn, at := range []string{"0s", "1s"} {
		for _, peer := range []sim.NodeID{0, 2, 3, 4} {
			want = append(want, request{at, 1, mesh.Command{Kind: mesh.Propose, Peer: peer, Facts: []int{0, 1}, N: uint64(turn)}})
		}
	}
	assert.Equal(t, want, got)

	less, _ := requests(t, Options{Omit: func(m Message) bool { return m.N == 2 || m.N == 4 }}, text)
	assert.Equal(t, slices.Delete(slices.Delete(want, 4, 5), 2, 3), less)

	got, _ = requests(t, Options{}, text, `traffic[0].domain=sea`, `traffic[0].to="n0"`, "traffic[0].count=1")
	assert.Equal(t, []request{{"0s", 1, mesh.Command{Kind: mesh.Propose, Facts: []int{1}}}}, got)

	got, _ = requests(t, Options{}, text, `traffic[0].kind=claims`, `traffic[0].to="n2"`, "traffic[0].count=1")
	assert.Equal(t, []request{{"0s", 1, mesh.Command{Kind: mesh.Claim, Peer: 2, Facts: []int{0, 1}, Source: mesh.NoSource}}}, got)

	got, _ = requests(t, Options{}, text, `traffic[0].kind=claims`, `traffic[0].to="n2"`, "traffic[0].count=1", `traffic[0].source="https://x"`, `knowledge.sources=[{uri="https://x"},{uri="a"}]`)
	assert.Equal(t, []request{{"0s", 1, mesh.Command{Kind: mesh.Claim, Peer: 2, Facts: []int{0, 1}, Source: 1}}}, got)
}

// Operators ask what they are said to, and the event names the peer.
func TestActionsAsk(t *testing.T) {
	got, events := requests(t, Options{}, sound+wise, `action=[`+
		`{at="1s",node="n1",kind="override",peer="n2"},`+
		`{at="2s",node="n1",kind="introduce",peer="n2",subject="n3"},`+
		`{at="3s",node="n1",kind="warn",peer="n3",subject="n2"},`+
		`{at="4s",node="n1",kind="set_human",affect="tense",pressure=80},`+
		`{at="5s",node="n1",kind="claim",peer="n2",fact="f2",source="https://x"},`+
		`{at="6s",node="n1",kind="claim",peer="n2",fact="f1"}]`)
	assert.Equal(t, []request{
		{"1s", 1, mesh.Command{Kind: mesh.Override, Peer: 2}},
		{"2s", 1, mesh.Command{Kind: mesh.Introduce, Peer: 2, Subject: 3}},
		{"3s", 1, mesh.Command{Kind: mesh.Warn, Peer: 3, Subject: 2}},
		{"4s", 1, mesh.Command{Kind: mesh.SetHuman, Human: mesh.HumanState{Presence: mesh.Focused, Affect: "tense", Clarity: 100, Pressure: 80, Consent: "granted"}}},
		{"5s", 1, mesh.Command{Kind: mesh.Claim, Peer: 2, Facts: []int{1}}},
		{"6s", 1, mesh.Command{Kind: mesh.Claim, Peer: 2, Facts: []int{0}, Source: mesh.NoSource}},
	}, got)
	var told []string
	for i := range events {
		if e := &events[i]; e.Kind == trace.Action {
			peer := "nobody"
			if e.Peer != sim.NoNode {
				peer = "n" + string(rune('0'+e.Peer))
			}
			told = append(told, e.What+" "+peer+": "+e.Detail)
		}
	}
	assert.Equal(t, []string{
		"override n2: ", "introduce n2: subject n3", "warn n3: subject n2", "set_human nobody: focused, tense, clarity 100, pressure 80, consent granted",
		"claim n2: fact f2, source https://x", "claim n2: fact f1",
	}, told)
}

// What is submitted leaves because of the action, is as large as its payload unless a
// size is given, and counts as control; another action changes nothing of it.
func TestSubmit(t *testing.T) {
	run := func(actions string) (sent []trace.Event, byID map[uint64]trace.Kind) {
		r, events := runEvents(t, sound, "action=["+actions+"]")
		byID = map[uint64]trace.Kind{}
		for i := range events {
			byID[events[i].Seq] = events[i].Kind
			if events[i].Kind == trace.EnvelopeSent {
				sent = append(sent, events[i])
			}
		}
		assert.Zero(t, r.Metrics.Traffic.Sent)
		assert.EqualValues(t, len(sent), r.Metrics.Control.Envelopes)
		assert.EqualValues(t, len(sent), r.Metrics.Copies.Delivered)
		return sent, byID
	}
	const plain, rich = `{at="1s",node="n1",kind="submit",peer="n3",type="T"}`, `{at="1s",node="n1",kind="submit",peer="n3",type="T",payload='{ "b": 1, "a": "ü" }'}`
	sent, kinds := run(plain + "," + rich + "," + `{at="2s",node="n1",kind="submit",peer="n3",payload="{}",size=7}`)
	require.Len(t, sent, 3)
	var sizes []int64
	for i := range sent {
		sizes = append(sizes, sent[i].Size)
		assert.Equal(t, trace.Action, kinds[sent[i].Cause])
		assert.True(t, sent[i].Control)
		assert.Equal(t, []sim.NodeID{1, 3}, []sim.NodeID{sent[i].Origin, sent[i].Destination})
	}
	assert.Equal(t, []int64{200, int64(len(`{"a":"ü","b":1}`)), 7}, sizes)
	assert.NotEqual(t, sent[0].ID, sent[1].ID)
	alone, _ := run(`{at="2s",node="n1",kind="submit",peer="n3",payload="{}",size=7}`)
	assert.Equal(t, sent[2].ID, alone[0].ID)

	_, events := requests(t, Options{}, sound, "action=["+plain+"]", `fault=[{kind="crash",nodes="n1",at="500ms"}]`)
	assert.Equal(t, "T, 200 bytes, but the node is down", events[len(events)-1].Detail)
	_, events = requests(t, Options{}, sound, `action=[{at="1s",node="n1",kind="override",peer="n3"}]`, `fault=[{kind="crash",nodes="n1",at="500ms"}]`)
	assert.Equal(t, "the node is down", events[len(events)-1].Detail)
}

// A node trusts from its start the anchors of all and its own, of which it may have
// none, but never itself; the other rules are as they are written.
func TestJudgementOfASeat(t *testing.T) {
	b := factsOf(t, sound, `trust.anchors=["n3","n0"]`, `node_defaults.anchors=["n1","n3"]`, `node=[{id="n0",anchors=[]},{id="n2",anchors=["n4"]},{id="n1"},{id="n3"},{id="n4"}]`)
	for node, want := range [][]sim.NodeID{{3}, {0, 3}, {0, 3, 4}, {0, 1}, {0, 1, 3}} {
		assert.Equal(t, want, b.judgement(world.Seat{Self: sim.NodeID(node)}).Anchors, node)
	}
	again, err := LoadBytes(b.scenario.TOML(), "x.toml")
	require.NoError(t, err)
	assert.Equal(t, b.scenario.Nodes, again.Nodes)
	assert.True(t, b.meets())

	standard := factsOf(t, sound)
	assert.False(t, standard.meets())
	assert.Equal(t, mesh.JudgementConfig{
		Facts: standard.facts, Local: true, Quorum: true, K: 2, VerifyTimeout: 5 * clock.Second,
		Warnings: mesh.WarnFirstHand, Warners: 2, Introductions: mesh.IntroduceNone, Hops: 1, Expire: 60 * clock.Second,
	}, standard.judgement(world.Seat{}))
	other := factsOf(t, sound, "trust.verify=local", "trust.quorum=3", "trust.verify_timeout=2s", "trust.warnings=relay", "trust.warners=4",
		"trust.introductions=meet", "trust.introduction_hops=5", "trust.introduction_expire=7s", "trust.decay=9s")
	assert.Equal(t, mesh.JudgementConfig{
		Facts: other.facts, Local: true, K: 3, VerifyTimeout: 2 * clock.Second,
		Warnings: mesh.WarnRelay, Warners: 4, Introductions: mesh.IntroduceMeet, Hops: 5, Expire: 7 * clock.Second, Decay: 9 * clock.Second,
	}, other.judgement(world.Seat{}))
	quorum := factsOf(t, sound, "trust.verify=quorum").judgement(world.Seat{})
	assert.Equal(t, []bool{false, true}, []bool{quorum.Local, quorum.Quorum})
}

// Of what nothing can come is worth a warning, and none where something may.
func TestTrustWithoutEffect(t *testing.T) {
	const (
		meet   = "[handshake]\nauto = \"all\"\n"
		strict = "[trust]\nverify = \"quorum\"\nquorum = 4\n"
		useful = "[[knowledge.facts]]\nid = \"f1\"\nknown_by = \"*\"\nwrong_at = [\"n3\", \"n4\"]\n" + tells
		made   = "[[action]]\nat = \"1s\"\nnode = \"n0\"\nkind = \"claim\"\npeer = \"n1\"\nfact = \"f1\"\n"
	)
	for text, want := range map[string]string{
		wise:                 `x.toml:6: warning: knowledge: is of no use: no traffic of kind facts or claims, no action claim and no adversary`,
		wise + made:          "",
		meet + wise + tells:  `x.toml:14: warning: traffic[0]: can never convince the destination for 8 of the 20 ordered pairs (40 %) whose source knows a fact, such as n0 → n4, where nothing of it can be verified (an expectation that names trust.levels says that this is meant)`,
		meet + wise + claims: "",
		wise + tells:         `x.toml:12: warning: traffic[0]: convinces nobody: no node ever shakes hands, and none is an anchor (an expectation that names trust.levels says that this is meant)`,
		wise + claims:        `x.toml:12: warning: traffic[0]: convinces nobody: no node ever shakes hands, and none is an anchor (an expectation that names claims.pending says that this is meant)`,
		wise + tells + "[[expect]]\nat_end = \"trust.levels.trusted < 1\"\n": "",
		"[node_defaults]\nanchors = [\"n1\"]\n" + wise + tells:               `x.toml:14: warning: traffic[0]: can never convince the destination for 16 of the 20 ordered pairs (80 %) whose source knows a fact, such as n0 → n1, which never meet (an expectation that names trust.levels says that this is meant)`,
		"[[knowledge.facts]]\nid = \"a\"\n" + meet + tells:                   `x.toml:6: warning: knowledge.facts[0]: is known to nobody; a fact may have known_by and wrong_at`,
		meet + useful + strict:                                                   `x.toml:17: warning: trust.quorum = 4: is more than can confirm any fact: besides who proposes it, at most 2 know it (an expectation that names trust.levels says that this is meant)`,
		meet + useful + strings.Replace(strict, "4", "2", 1):                     `x.toml:12: warning: traffic[0]: can never convince the destination for 20 of the 20 ordered pairs (100 %) whose source knows a fact, such as n0 → n1, where nothing of it can be verified (an expectation that names trust.levels says that this is meant)`,
		order + "kind = \"submit\"\npeer = \"n1\"\ntype = \"LIP_FETCH\"\n":       `x.toml:11: warning: action[0].type = "LIP_FETCH": belongs to the protocols of the mesh: its receivers refuse it (an expectation that names drops.unknown_type says that this is meant)`,
		order + "kind = \"submit\"\npeer = \"n1\"\npayload = '{\"a\":[true]}'\n": "",
	} {
		s, err := LoadBytes([]byte(sound+text), "x.toml")
		require.NoError(t, err, text)
		var got []string
		for _, w := range s.Warnings() {
			got = append(got, w.String())
		}
		assert.Equal(t, want, strings.Join(got, "\n"), text)
	}
}

// A node that goes is named nowhere any more.
func TestRemoveNodeThatIsKnown(t *testing.T) {
	s, err := LoadBytes([]byte("version = 1\nduration = \"1s\"\n[topology]\nkind = \"links\"\n[[links]]\nbetween = [\"a\", \"b\"]\n[[links]]\nbetween = [\"b\", \"c\"]\n"+
		"[[node]]\nid = \"a\"\nanchors = [\"b\", \"c\"]\n[[node]]\nid = \"b\"\n[[node]]\nid = \"c\"\ncapabilities = [\"c\"]\n[node_defaults]\ncapabilities = [\"c\"]\nanchors = [\"c\"]\n[trust]\nanchors = [\"c\"]\n"+
		"[[knowledge.facts]]\nid = \"c\"\nknown_by = [\"b\", \"c\"]\nwrong_at = [\"c\"]\n"), "x.toml",
		WithSet(`action=[{at="1s",node="a",kind="override",peer="b"},{at="1s",node="a",kind="warn",peer="b",subject="c"},{at="1s",node="a",kind="submit",peer="c"}]`))
	require.NoError(t, err)
	less := s.Clone()
	less.RemoveNode("c")
	_, err = less.Validate()
	require.NoError(t, err)
	text := string(less.TOML())
	assert.Contains(t, text, "[[action]]\nat = \"1s\"\nnode = \"a\"\nkind = \"override\"\npeer = \"b\"\n")
	assert.Contains(t, text, "id = \"c\"\nknown_by = \"b\"\n")
	assert.Contains(t, text, "[node_defaults]\ncapabilities = [\"c\"]\n", "a capability is no node")
	assert.Len(t, less.Actions, 1)
	assert.Equal(t, 2, strings.Count(text, `"c"`), text)
	assert.Len(t, s.Actions, 3, "the clone is its own")
	assert.Equal(t, NodeList{"b", "c"}, s.Knowledge.Facts[0].KnownBy)
}
