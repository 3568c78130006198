package scenarios

// What facts, claims, warnings and human states are missed for.

// town is four nodes that all meet; they trust each other by f0, and n1 claims to n0
// what it alone knows, citing a source that says so.
const town = `duration = "30s"
[topology]
kind = "full"
nodes = 4
[link]
latency = "10ms"
[handshake]
auto = "all"
jitter = "0%"
[knowledge]
facts = [
  { id = "f0", domain = "town", known_by = "*" },
  { id = "f1", domain = "well", known_by = ["n1"] },
]
sources = [
  { uri = "s", tier = "medium", says = ["f1"] },
  { uri = "t", tier = "low", says = ["f1"] },
]
[[traffic]]
kind = "facts"
domain = "town"
to = "each"
arrivals = "periodic"
interval = "1s"
start = "1s"
count = 1
[[traffic]]
kind = "claims"
domain = "well"
source = "s"
from = "n1"
to = "n0"
arrivals = "periodic"
interval = "1s"
start = "5s"
count = 1
`

// door is a human who says at 1 s how things are, and is visited at 2 s.
const door = `duration = "10s"
[topology]
kind = "full"
nodes = 2
[[action]]
at = "1s"
node = "n1"
kind = "set_human"
[[action]]
at = "2s"
node = "n0"
kind = "submit"
peer = "n1"
type = "HCP_HELLO"
`

// street makes town a line in which only neighbours meet.
func street(nodes string, more ...string) []string {
	return append(sets(`topology={kind="line",nodes=`+nodes+`}`, `handshake.auto="neighbours"`, `knowledge.facts[1].known_by=["n1"]`), more...)
}

// vouched lets n0, who knows nothing of wells, have two anchors who know of them as n3 does.
func vouched(more ...string) []string {
	return append(sets(`trust.anchors=["n1","n2"]`, `traffic[0].domain="well"`, `knowledge.facts[1].known_by=["n1","n2","n3"]`), more...)
}

// uncited lets n1 claim what no source proves and others may confirm.
func uncited(knownBy string, more ...string) []string {
	return append(sets(`knowledge.facts[1].known_by=`+knownBy, `traffic[1].source="t"`), more...)
}

// crowded is three claims at one that has room for two, and cannot decide on any.
func crowded(more ...string) []string {
	return uncited(`["n1"]`, append(sets(`traffic[1].count=3`, `trust.claims_max=2`), more...)...)
}

// told has an operator at n1 do something at 5 s.
func told(action string, more ...string) []string {
	return append(sets(`action=[{at="5s",node="n1",`+action+`}]`), more...)
}

// attends has the human of door attend in one way, and in another after the visit.
func attends(first, then string) []string {
	set := func(at, presence string) string {
		return `{at="` + at + `",node="n1",kind="set_human",presence="` + presence + `"},`
	}
	return sets(`action=[` + set("1s", first) + set("3s", then) + `{at="2s",node="n0",kind="submit",peer="n1",type="HCP_HELLO"}]`)
}

var noAction = sets(`action=[]`)

// trustNoops is the part of the table about trust.
var trustNoops = []noop{
	{"traffic.facts", town, nil, "trust.levels.trusted == 12", sets(`traffic=[]`)},
	{"traffic.facts.domain", town, sets(`traffic[0].domain="town"`), "trust.levels.trusted == 12", sets(`traffic[0].domain="well"`)},
	{"traffic.claims", town, nil, "claims.accepted == 1", sets(`traffic[1]={kind="facts",from="n1",to="n0",interval="5s"}`)},
	{"traffic.claims.domain", town, sets(`traffic[1].domain="town"`, `traffic[1].source="t"`), "claims.accepted == 1", sets(`traffic[1].domain="well"`)},
	{"traffic.claims.source", town, nil, "claims.accepted == 1", sets(`traffic[1].source="t"`)},

	{"knowledge.facts.domain", town, sets(`traffic[0].domain="well"`, `knowledge.facts[0].domain="well"`, `traffic[0].from="n0"`), "trust.levels.trusted == 3", sets(`knowledge.facts[0].domain="town"`)},
	{"knowledge.facts.known_by", town, sets(`knowledge.facts[0].known_by="*"`), "trust.levels.trusted == 12", sets(`knowledge.facts[0].known_by=["n0"]`)},
	{"knowledge.facts.wrong_at", town, sets(`knowledge.facts[0].wrong_at=["n3"]`), "trust.levels.trusted == 6 && trust.levels.blocked == 6", sets(`knowledge.facts[0].wrong_at=[]`)},
	{"knowledge.sources.tier=unknown", town, sets(`knowledge.sources[0].tier="unknown"`), "claims.pending == 1", sets(`knowledge.sources[0].tier="medium"`)},
	{"knowledge.sources.tier=low", town, sets(`knowledge.sources[0].tier="low"`), "claims.pending == 1", sets(`knowledge.sources[0].tier="medium"`)},
	{"knowledge.sources.tier=medium", town, sets(`knowledge.sources[0].tier="medium"`), "claims.accepted == 1", sets(`knowledge.sources[0].tier="low"`)},
	{"knowledge.sources.tier=high", town, sets(`knowledge.sources[0].tier="high"`), "claims.accepted == 1", sets(`knowledge.sources[0].tier="low"`)},
	{"knowledge.sources.tier=blocked", town, sets(`knowledge.sources[0].tier="blocked"`), "claims.rejected == 1", sets(`knowledge.sources[0].tier="unknown"`)},
	{"knowledge.sources.says", town, sets(`knowledge.sources[0].says=["f1"]`), "claims.accepted == 1", sets(`knowledge.sources[0].says=[]`)},

	{"trust.verify=local", town, vouched(`trust.verify="local"`), "trust('n0', 'n3') == 'probing' && trust('n1', 'n3') == 'trusted'", sets(`trust.verify="local_or_quorum"`)},
	{"trust.verify=local_or_quorum", town, vouched(`trust.verify="local_or_quorum"`), "trust('n0', 'n3') == 'trusted' && trust('n1', 'n3') == 'trusted'", sets(`trust.verify="quorum"`)},
	{"trust.verify=quorum", town, vouched(`trust.verify="quorum"`), "trust('n0', 'n3') == 'trusted' && trust('n1', 'n3') == 'probing'", sets(`trust.verify="local_or_quorum"`)},
	{"trust.quorum", town, uncited(`["n1","n2"]`, `trust.quorum=1`), "claims.accepted == 1", sets(`trust.quorum=2`)},
	{"trust.verify_timeout", "claim-partition", nil, "it is accepted when n3 is asked again, at most one verify_timeout later", sets(`trust.verify_timeout="20s"`)},
	{"trust.anchors", "anchors", nil, "the newcomers trust all who knew the charter", sets(`trust.anchors=[]`)},
	{"node_defaults.anchors", diamond, sets(`node_defaults.anchors=["d"]`), "trust('a', 'd') == 'trusted'", sets(`node_defaults.anchors=[]`)},
	{"trust.decay", "decay", nil, "ten seconds after its last word n2 is trusted no more", sets(`trust.decay="15s"`)},
	{"trust.settle", town, sets(`trust.settle="29500ms"`), "!trust.converged", sets(`trust.settle="5s"`)},

	{"action.warn", town, told(`kind="warn",peer="n0",subject="n3"`, `trust.warners=1`), "trust('n0', 'n3') == 'probing'", noAction},
	{"trust.warners", town, told(`kind="warn",peer="n0",subject="n3"`, `trust.warners=1`), "trust('n0', 'n3') == 'probing'", sets(`trust.warners=2`)},
	{"trust.warnings=first_hand", "one-liar", sets(`trust.warnings="first_hand"`), "no liar is missed, which those who don't know the tides owe to warnings", sets(`trust.warnings="none"`)},
	{"trust.warnings=relay", "slander-relayed", nil, "within a second", sets(`trust.warnings="first_hand"`)},
	{"trust.warnings=none", "one-liar", sets(`trust.warnings="none"`, `trust.verify="local"`, `expect=[{name="unwarned",at_end="trust('n5', 'n9') == 'trusted'"}]`), "unwarned", sets(`trust.warnings="first_hand"`)},
	{"action.override", "override", nil, "forgiven, bob has to prove himself anew", noAction},

	{"action.introduce", town, street("3", told(`kind="introduce",peer="n0",subject="n2"`)...), "trust('n0', 'n2') == 'probing'", noAction},
	{"trust.introductions=none", town, street("3", `trust.introductions="none"`), "trust('n0', 'n2') == 'unknown'", sets(`trust.introductions="tell"`)},
	{"trust.introductions=tell", town, street("3", `trust.introductions="tell"`), "trust('n0', 'n2') == 'probing'", sets(`trust.introductions="none"`)},
	{"trust.introductions=meet", town, street("3", `trust.introductions="meet"`), "trust('n0', 'n2') == 'trusted'", sets(`trust.introductions="tell"`)},
	{"trust.introduction_hops", town, street("4", `trust.introductions="tell"`, `trust.introduction_hops=2`), "trust('n0', 'n3') == 'probing'", sets(`trust.introduction_hops=1`)},
	{"trust.introduction_expire", town, street("3", told(`kind="introduce",peer="n0",subject="n2"`, `traffic[0].start="10s"`, `trust.introduction_expire="4s"`)...), "trust('n0', 'n1') == 'trusted' && trust('n0', 'n2') == 'unknown'", sets(`trust.introduction_expire="60s"`)},

	{"adversary.lie", "one-liar", nil, "everyone blocks it within a second of its first lies, at 10 s", sets(`adversary=[]`)},
	{"adversary.lie.domain", "one-liar", nil, "everyone blocks it within a second of its first lies, at 10 s", sets(`adversary[0].domain="clock"`)},
	{"adversary.equivocate", "equivocation", nil, "everyone has caught it soon after it spoke, at 10 s", sets(`adversary[0].behaviour="lie"`)},
	{"adversary.slander", "slander-relayed", nil, "within a second", sets(`adversary=[]`)},
	{"adversary.introduce_liars", town, street("3", `adversary=[{nodes="n2",behaviour="lie",domain="well"},{nodes="n1",behaviour="introduce_liars"}]`), "trust('n0', 'n2') == 'probing'", sets(`adversary[1].behaviour="lie"`, `adversary[1].domain="well"`)},
	{"adversary.sybil", "sybils", sets(`expect=[{name="two are a quorum",at_end="claims.false_accepted == 1"}]`), "two are a quorum", sets(`adversary[0].count=1`)},

	{"action.claim", town, told(`kind="claim",peer="n0",fact="f1"`, `traffic[1].start="29s"`), "claims.received == 2", noAction},
	{"action.claim.source", town, told(`kind="claim",peer="n0",fact="f1",source="s"`, `traffic[1].source="t"`), "claims.accepted == 1", sets(`action[0].source="t"`)},
	{"trust.claims_max", town, crowded(), "claims.pending == 2 && claims.dropped == 1", sets(`trust.claims_max=3`)},
	{"trust.claims_overflow=drop_newest", town, crowded(`trust.claims_overflow="drop_newest"`), "claim('n1/n0/3', 'n0') == 'dropped' && control.envelopes == 91", sets(`trust.claims_overflow="drop_oldest"`)},
	{"trust.claims_overflow=drop_oldest", town, crowded(`trust.claims_overflow="drop_oldest"`), "claim('n1/n0/1', 'n0') == 'dropped'", sets(`trust.claims_overflow="drop_newest"`)},
	{"trust.claims_overflow=error", town, crowded(`trust.claims_overflow="error"`), "claims.dropped == 1 && control.envelopes == 88", sets(`trust.claims_overflow="drop_newest"`)}, // three repetitions less
	{"trust.claims_overflow=block", town, crowded(`trust.claims_overflow="block"`), "claims.received == 2 && claims.dropped == 0", sets(`trust.claims_overflow="drop_newest"`)},

	// A visit that is accepted is three messages: HELLO, its answer and what the human
	// is like. Of changes after that one tells.
	{"action.set_human", door, sets(`action[0].consent="revoked"`), "control.envelopes == 2", sets(`action[0]={at="1s",node="n1",kind="set_presence",presence="focused"}`)},
	{"action.set_human.consent=revoked", door, sets(`action[0].consent="revoked"`), "control.envelopes == 2", sets(`action[0].consent="granted"`)},
	{"action.set_human.consent=granted", door, sets(`action[0].consent="granted"`), "control.envelopes == 3", sets(`action[0].consent="revoked"`)},
	{"action.set_human.consent=limited", door, sets(`action[0].consent="limited"`), "control.envelopes == 3 && control.bytes == 456", sets(`action[0].consent="granted"`)},
	{"action.set_human.pressure", door, sets(`action[0].pressure=80`), "control.envelopes == 2", sets(`action[0].pressure=79`)},
	{"action.set_human.clarity", door, sets(`action[0].clarity=30`), "control.envelopes == 2", sets(`action[0].clarity=31`)},
	{"action.set_human.affect=anxious", door, sets(`action[0].affect="anxious"`), "control.envelopes == 5", sets(`action[0].affect="calm"`)},
	{"action.set_human.affect=tense", door, sets(`action[0].affect="tense"`), "control.envelopes == 5", sets(`action[0].affect="calm"`)},
	{"action.set_human.affect=calm", door, sets(`action[0].affect="calm"`), "control.envelopes == 3", sets(`action[0].affect="tense"`)},
	{"action.set_human.affect=energized", door, sets(`action[0].affect="energized"`), "control.envelopes == 3", sets(`action[0].affect="tense"`)},
	{"action.set_human.affect=neutral", door, sets(`action[0].affect="neutral"`), "control.envelopes == 3", sets(`action[0].affect="tense"`)},
	{"action.set_human.presence=focused", door, attends("diffuse", "focused"), "control.envelopes == 4", attends("diffuse", "diffuse")},
	{"action.set_human.presence=diffuse", door, attends("focused", "diffuse"), "control.envelopes == 4", attends("focused", "focused")},
	{"action.set_human.presence=engaged", door, attends("focused", "engaged"), "control.envelopes == 4", attends("focused", "focused")},
	{"action.set_human.presence=overloaded", door, attends("focused", "overloaded"), "control.envelopes == 4", attends("focused", "focused")},

	{"action.submit", door, nil, "control.envelopes == 3", sets(`action[1]={at="2s",node="n0",kind="set_presence",presence="focused"}`)},
	{"action.submit.type", door, sets(`action[1].type="HCP_HELLO"`), "control.envelopes == 3", sets(`action[1].type="HCP_INTENT"`)},
	{"action.submit.size", door, sets(`action[1].type="NOTE"`, `action[1].size=77`), "control.bytes == 77", sets(`action[1].size=200`)},
	{"action.submit.payload", door, sets(`action[1].type="NOTE"`, `action[1].payload='{"b": 1}'`), "control.bytes == 7", sets(`action[1].payload="{}"`)},
}
