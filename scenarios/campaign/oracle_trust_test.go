package campaign

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/trace"
)

// friendly is a mesh in which three of four know a fact, and nobody is asked about it.
const friendly = `version = 1
duration = "2s"
[topology]
kind = "full"
nodes = 4
[handshake]
auto = "all"
[trust]
verify = "local"
[knowledge]
facts = [{ id = "f1", known_by = ["n0", "n1", "n2"] }]
sources = [{ uri = "https://x", tier = "low", says = ["f1"] }]
[[traffic]]
kind = "facts"
to = "each"
arrivals = "periodic"
interval = "500ms"
start = "500ms"
[[traffic]]
kind = "claims"
source = "https://x"
to = "each"
arrivals = "periodic"
interval = "500ms"
start = "600ms"
`

// Trust, warnings and tiers without ground are seen.
func TestJudgedSeesDoctoredEvents(t *testing.T) {
	first := func(c *Case, is func(*trace.Event) bool) *trace.Event {
		i := slices.IndexFunc(c.Events, func(e trace.Event) bool { return is(&e) })
		require.GreaterOrEqual(t, i, 0)
		return &c.Events[i]
	}
	for says, doctor := range map[string]func(c *Case){
		"n3 holds n0 at trusted, and could not come further than probing": func(c *Case) {
			first(c, func(e *trace.Event) bool { return e.Kind == trace.TrustUpdated && e.Node == 3 && e.Peer == 0 }).To++
		},
		"n1 warns of n2, which it caught at nothing": func(c *Case) {
			e := *first(c, func(e *trace.Event) bool { return e.Kind == trace.ClaimReceived && e.Node == 0 && e.Peer == 1 })
			e.Kind, e.Subject = trace.Warned, 2
			c.Events = append(c.Events, e)
		},
		`takes "https://x" for a source of tier high, and its table says low`: func(c *Case) {
			first(c, func(e *trace.Event) bool { return e.Kind == trace.ClaimReceived }).Tier = "high"
		},
	} {
		c := ranCase(t, friendly)
		require.Empty(t, judged(c))
		doctor(c)
		assert.Contains(t, judged(c), says)
		assert.Equal(t, c.Scenario, c.evidence.scenario)
	}
}

// A warning has a ground if who gives it caught the peer, or an operator asked for it;
// where nodes pass warnings on none needs one.
func TestJudgedKnowsTheGroundsOfWarnings(t *testing.T) {
	caught := strings.Replace(friendly, `"n2"] }]`, `"n2"], wrong_at = ["n2"] }]`, 1)
	c := ranCase(t, caught)
	require.Empty(t, judged(c))
	is := func(e trace.Event) bool {
		return e.Kind == trace.TrustUpdated && e.To.String() == "blocked" && e.Peer == 2
	}
	require.True(t, slices.ContainsFunc(c.Events, is), "n2 contradicts itself to nobody")
	warned := func(c *Case) bool {
		return slices.ContainsFunc(c.Events, func(e trace.Event) bool { return e.Kind == trace.Warned && e.Subject == 2 })
	}
	require.True(t, warned(c))
	c.Events = slices.DeleteFunc(c.Events, is)
	assert.Contains(t, judged(c), "warns of n2, which it caught at nothing")
	c.Scenario.Trust.Warnings = "relay"
	assert.Empty(t, judged(c))

	c = ranCase(t, friendly+"[[action]]\nkind = \"warn\"\nat = \"1s\"\nnode = \"n0\"\npeer = \"n1\"\nsubject = \"n2\"\n")
	require.True(t, warned(c))
	require.Empty(t, judged(c))
	c.Events = slices.DeleteFunc(c.Events, func(e trace.Event) bool { return e.Kind == trace.Action })
	assert.Contains(t, judged(c), "n0 warns of n2, which it caught at nothing")
}

// A run that ends otherwise than the closure of its knowledge is seen, whether nodes
// trust too little or too much.
func TestClosureSeesOtherLevels(t *testing.T) {
	c := ranCase(t, friendly)
	require.True(t, c.closes())
	knowing, end := c.closureTwin()
	require.Empty(t, c.comesTo(knowing, end))
	ignorant := knowing.Clone()
	ignorant.Knowledge.Facts[0].KnownBy = []string{"n0", "n1"}
	less := must(ignorant.Closure())
	assert.Contains(t, c.comesTo(ignorant, end), "n0 holds n2 at probing, expected: trusted, by local")
	assert.Contains(t, c.comesTo(knowing, less), "n0 holds n2 at trusted, expected: probing")
	assert.NotEqual(t, c.Scenario, c.evidence.scenario)
}
