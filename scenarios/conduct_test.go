package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/trace"
	"meshsim/trace/analysis"
)

// What is wrong with actions, adversaries and requests.
func TestBadConduct(t *testing.T) {
	const (
		action    = "[[action]]\nat = \"1s\"\nnode = \"n0\"\n"
		adversary = "[[adversary]]\nbehaviour = \"replay\"\n"
		traffic   = "[[traffic]]\nrate = \"1/s\"\n"
	)
	for _, c := range []struct{ name, text, want string }{
		{"no kind", action, `x.toml:6: action[0].kind: is missing; allowed: set_presence override introduce warn set_human claim submit disconnect reconnect`},
		{"kind", action + "kind = \"forgive\"\n", `x.toml:9: action[0].kind = "forgive": is not known; allowed: set_presence override introduce warn set_human claim submit disconnect reconnect`},
		{"no presence", action + "kind = \"set_presence\"\n", `x.toml:6: action[0].presence: is missing; allowed: focused diffuse overloaded engaged`},
		{"presence", action + "kind = \"set_presence\"\npresence = \"overload\"\n", `x.toml:10: action[0].presence = "overload": is not known; allowed: focused diffuse overloaded engaged (did you mean "overloaded"?)`},
		{"lri", action + "kind = \"set_presence\"\npresence = \"focused\"\nlri = 101\n", `x.toml:11: action[0].lri = 101: is out of range; allowed: 0 … 100`},
		{"node", "[[action]]\nat = \"1s\"\nnode = \"n77\"\nkind = \"set_presence\"\npresence = \"focused\"\n", `x.toml:8: action[0].node = "n77": is not a node`},
		{"stray key", action + "kind = \"set_presence\"\npresence = \"focused\"\npeer = \"n1\"\n", `x.toml:11: action[0].peer = "n1": is a key of kind override, introduce, warn, claim, submit, disconnect, reconnect only; allowed: at node kind presence lri`},
		{"no nodes", adversary, `x.toml:6: adversary[0].nodes: is missing; allowed: an id, a list of ids, "*" or { random = N }`},
		{"behaviour", "[[adversary]]\nnodes = \"n1\"\nbehaviour = \"cheat\"\n", `x.toml:8: adversary[0].behaviour = "cheat": is not known; allowed: blackhole grayhole tamper delay flood replay lie equivocate slander introduce_liars sybil`},
		{"no share", "[[adversary]]\nnodes = \"n1\"\nbehaviour = \"grayhole\"\n", `x.toml:6: adversary[0].share: is missing; allowed: a percentage such as "1.5%"`},
		{"share", "[[adversary]]\nnodes = \"n1\"\nbehaviour = \"tamper\"\nshare = 0.5\n", `x.toml:9: adversary[0].share = 0.5: has no unit; allowed: a percentage such as "1.5%"`},
		{"share above all", "[[adversary]]\nnodes = \"n1\"\nbehaviour = \"grayhole\"\nshare = \"101%\"\n", `x.toml:9: adversary[0].share = "101%": is above 100%; allowed: a percentage such as "1.5%"`},
		{"share of a blackhole", "[[adversary]]\nnodes = \"n1\"\nbehaviour = \"blackhole\"\nshare = \"50%\"\n", `x.toml:9: adversary[0].share = "50%": is a key of behaviour grayhole, tamper only; allowed: nodes behaviour start stop`},
		{"no delay", "[[adversary]]\nnodes = \"n1\"\nbehaviour = \"delay\"\nby = \"0s\"\n", `x.toml:9: adversary[0].by = "0s": is out of range; allowed: 1ns … 24h`},
		{"rate", "[[adversary]]\nnodes = \"n1\"\nbehaviour = \"flood\"\nrate = \"0/s\"\n", `x.toml:9: adversary[0].rate = "0/s": must be at least 0.0000001/s; allowed: a frequency such as "10/s"`},
		{"unknown adversary", adversary + "nodes = [\"n1\", \"n77\"]\n", `x.toml:8: adversary[0].nodes[1] = "n77": is not a node`},
		{"stop", adversary + "nodes = \"n1\"\nstart = \"2s\"\nstop = \"2s\"\n", `x.toml:10: adversary[0].stop = "2s": is not after start (2s)`},
		{"two behaviours", adversary + "nodes = \"n1\"\n" + adversary + "nodes = \"*\"\n", `x.toml:11: adversary[1].nodes = "*": has "n1", as adversary[0] has; allowed: each node in one entry`},
		{"too many", adversary + "nodes = { random = 100 }\n", `x.toml:8: adversary[0].nodes = { random = 100 }: is more than the mesh has; allowed: 1 … 5`},
		{"request of a protocol", traffic + "kind = \"requests\"\ntype = \"HELLO\"\n", `x.toml:9: traffic[0].type = "HELLO": belongs to the protocols of the mesh; allowed: a type of the application's own`},
		{"no room for _REPLY", traffic + "kind = \"requests\"\ntype = \"" + strings.Repeat("Q", 59) + "\"\n", `x.toml:9: traffic[0].type = "` + strings.Repeat("Q", 59) + `": is no message type; allowed: 1 … 58 printable ASCII characters without blanks`},
		{"reply size", traffic + "reply_size = 3\n", `x.toml:8: traffic[0].reply_size = 3: is a key of kind requests only; allowed: name kind type from to arrivals rate interval size start stop count class file`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadBytes([]byte(sound+c.text), "x.toml")
			require.Error(t, err)
			got := err.Error()
			if !strings.Contains(c.want, "did you mean") {
				got, _, _ = strings.Cut(got, " (did you mean")
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// What has no effect is worth a warning, and none where it has one.
func TestConductWithoutEffect(t *testing.T) {
	const (
		meet      = "[handshake]\nauto = \"neighbours\"\n"
		presence  = "[[action]]\nat = \"1s\"\nnode = \"n0\"\nkind = \"set_presence\"\npresence = \"focused\"\n"
		adversary = "[[adversary]]\nbehaviour = \"replay\"\nnodes = \"n1\"\n"
		strange   = "[[traffic]]\nrate = \"1/s\"\ntype = \"HCP_CONTEXT\"\n"
	)
	for text, want := range map[string]string{
		presence:         `x.toml:6: warning: action[0]: changes nothing: no node ever shakes hands`,
		meet + presence:  "",
		adversary:        `x.toml:6: warning: adversary[0]: has nothing to replay: no node ever shakes hands, and there are no sessions`,
		meet + adversary: "",
		"[session]\nenabled = true\n[[traffic]]\nrate = \"1/s\"\n" + adversary: "",
		strange: `x.toml:8: warning: traffic[0].type = "HCP_CONTEXT": belongs to the protocols of the mesh: its receivers refuse it (an expectation that names drops.unknown_type says that this is meant)`,
		strange + "[[expect]]\nat_end = \"drops.unknown_type > 0\"\n": "",
	} {
		s, err := LoadBytes([]byte(sound+text), "x.toml")
		require.NoError(t, err)
		var got []string
		for _, w := range s.Warnings() {
			got = append(got, w.String())
		}
		assert.Equal(t, want, strings.Join(got, "\n"))
	}
}

// Who has one neighbour passes nothing on, which is all that some adversaries harm.
func TestAdversariesAtTheEdge(t *testing.T) {
	const line = "version = 1\nduration = \"10s\"\n[topology]\nkind = \"line\"\nnodes = 3\n[[adversary]]\nnodes = "
	const nothing = `x.toml:7: warning: adversary[0].nodes = ["n0", "n2"]: pass nothing on: none of them has two neighbours`
	for text, want := range map[string]string{
		"[\"n0\", \"n2\"]\nbehaviour = \"blackhole\"\n":                nothing,
		"[\"n0\", \"n2\"]\nbehaviour = \"grayhole\"\nshare = \"1%\"\n": nothing,
		"[\"n0\", \"n2\"]\nbehaviour = \"tamper\"\nshare = \"1%\"\n":   nothing,
		"[\"n0\", \"n2\"]\nbehaviour = \"delay\"\nby = \"1s\"\n":       nothing,
		"[\"n0\", \"n2\"]\nbehaviour = \"flood\"\nrate = \"1/s\"\n":    "",
		"[\"n0\", \"n1\"]\nbehaviour = \"blackhole\"\n":                "",
	} {
		s, err := LoadBytes([]byte(line+text), "x.toml")
		require.NoError(t, err)
		var got []string
		for _, w := range s.Warnings() {
			got = append(got, w.String())
		}
		assert.Equal(t, want, strings.Join(got, "\n"), text)
	}
}

// runEvents runs a text and returns its result and the events of the record.
func runEvents(t *testing.T, text string, set ...string) (*Result, []trace.Event) {
	s, err := LoadReader(nil, strings.NewReader(text), "x.toml", WithSet(set...))
	require.NoError(t, err)
	record := &analysis.Recording{}
	r, err := s.Run(Options{Sinks: []trace.Sink{record}})
	require.NoError(t, err)
	for _, i := range r.Invariants {
		require.Equal(t, Passed, i.Verdict, i.Detail)
	}
	return r, record.Events
}

// An operator's word reaches a node that is up, and the event says if it does not.
func TestActionsAreTold(t *testing.T) {
	const text = "version = 1\nduration = \"10s\"\n[topology]\nkind = \"line\"\nnodes = 2\n[handshake]\nauto = \"neighbours\"\n" +
		"[[fault]]\nkind = \"crash\"\nnodes = \"n1\"\nat = \"2s\"\nuntil = \"4s\"\n"
	_, events := runEvents(t, text, `action=[{at="3s",node="n1",kind="set_presence",presence="overloaded"},{at="1s",node="n1",kind="set_presence",presence="engaged",lri=9}]`)
	var told []string
	for i := range events {
		if e := &events[i]; e.Kind == trace.Action {
			told = append(told, e.T.String()+" "+e.What+" "+e.Detail)
		}
	}
	assert.Equal(t, []string{"1s set_presence engaged, lri 9", "3s set_presence overloaded, lri 50, but the node is down"}, told)
}

// A type that no node speaks is refused by each, also when it goes to everyone, and
// goes on from there.
func TestUnknownTypesInARun(t *testing.T) {
	const text = "version = 1\nduration = \"10s\"\n[topology]\nkind = \"line\"\nnodes = 5\n" +
		"[[traffic]]\nfrom = \"n0\"\ntype = \"LIP_FETCH\"\narrivals = \"periodic\"\ninterval = \"1s\"\ncount = 3\n"
	for to, drops := range map[string]int64{`"*"`: 12, `"n3"`: 3} {
		r, events := runEvents(t, text, "traffic[0].to="+to)
		assert.Equal(t, drops, r.Metrics.Drops["unknown_type"], to)
		assert.Zero(t, r.Metrics.Copies.Delivered+r.Metrics.Copies.InFlight)
		for i := range events {
			assert.False(t, events[i].Injected, "what a node refuses it held")
		}
	}
}

// Levels of dishonest nodes, and at which others hold them, are not counted.
func TestLevelsOfTheHonest(t *testing.T) {
	const text = "version = 1\nduration = \"10s\"\n[topology]\nkind = \"full\"\nnodes = 4\n[handshake]\nauto = \"all\"\n"
	honest, _ := runEvents(t, text)
	assert.Equal(t, trace.TrustLevels{Probing: 12}, honest.Metrics.Trust.Levels)
	one, _ := runEvents(t, text, `adversary=[{nodes="n2",behaviour="replay"}]`, `expect=[{at_end="all(honest, # != 'n2')"}]`)
	assert.Equal(t, trace.TrustLevels{Probing: 6}, one.Metrics.Trust.Levels)
	assert.Equal(t, Passed, one.Verdict)
	none, _ := runEvents(t, text, `adversary=[{nodes="*",behaviour="replay"}]`)
	assert.Equal(t, trace.TrustLevels{}, none.Metrics.Trust.Levels)
}

// Every request that arrives has one answer, of its flow and number, from its receiver;
// one that is lost has none.
func TestRequestsAreAnswered(t *testing.T) {
	const text = "version = 1\nduration = \"20s\"\n[topology]\nkind = \"ring\"\nnodes = 5\n[link]\nloss = \"10%\"\nduplicate = \"20%\"\n" +
		"[[traffic]]\nkind = \"requests\"\nclass = \"c\"\nrate = \"5/s\"\nstop = \"15s\"\nreply_size = 70\n"
	r, events := runEvents(t, text)
	type request struct {
		origin, receiver, n int64
	}
	arrived, answered := map[request]int{}, map[request]int{}
	for i := range events {
		switch e := &events[i]; {
		case e.Kind == trace.EnvelopeDelivered && e.Type == "REQUEST":
			arrived[request{int64(e.Origin), int64(e.Node), e.N}]++
		case e.Kind == trace.EnvelopeSent && e.Type == "REQUEST_REPLY":
			assert.Equal(t, int64(70), e.Size)
			assert.Equal(t, "t1", e.Flow.Name)
			answered[request{int64(e.Destination), int64(e.Origin), e.N}]++
		}
	}
	assert.Greater(t, len(arrived), 200)
	assert.Equal(t, arrived, answered)
	assert.Equal(t, r.Metrics.Traffic.Sent, r.Metrics.Traffic.Classes["c"].Sent)
}

// The keys of the shared memory can be named in expressions, next to its metrics, also
// where traffic alone brings it about.
func TestExpressionsNameTheMemory(t *testing.T) {
	const reflections = "[[traffic]]\nkind = \"reflections\"\nrate = \"9/s\"\n[[expect]]\nat_end = \"memory.records > 0 && memory.sync_interval == '10s' && memory.chunk_size == "
	for _, text := range []string{reflections + "32\"\n", "[memory]\nchunk_size = 5\n" + reflections + "5\"\n"} {
		s, err := LoadBytes([]byte(sound+text), "x.toml")
		require.NoError(t, err)
		r, err := s.Run(Options{})
		require.NoError(t, err)
		assert.Equal(t, Passed, r.Verdict, r.Expectations)
	}
}
