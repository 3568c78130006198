package expect

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/trace"
)

const s = clock.Time(clock.Second)

func TestForms(t *testing.T) {
	for _, c := range []struct {
		name   string
		spec   Spec
		script string
		want   Result // Verdict, Evaluations, Value, AtNS
		nodes  []string
	}{
		{"always holds", Spec{Form: Always, Expr: "drops.loss < 3"},
			"1s loss 1\n 2s loss 2\n 3s over",
			Result{Verdict: Passed, Evaluations: 3, Value: "drops.loss = 2", AtNS: 3e9}, nil},
		{"always fails once, at its first failure", Spec{Form: Always, Expr: "drops.loss < 2"},
			"1s loss 1\n 2s loss 2\n 3s loss 3\n 4s over",
			Result{Verdict: Failed, Evaluations: 2, Value: "drops.loss = 2", AtNS: 2e9}, nil},
		{"always at envelope events", Spec{Form: Always, Expr: "envelope.hops <= routing.max_hops"},
			"1s PING a>b hops 8\n 2s PING c>b hops 9\n 3s over",
			Result{Verdict: Failed, Evaluations: 2, Value: "envelope.hops = 9, routing.max_hops = 8", AtNS: 2e9}, []string{"c", "b"}},
		{"several envelope events at one instant", Spec{Form: Always, Expr: "envelope.hops < 9"},
			"1s PING a>b hops 8, PING a>b hops 9, PING a>b hops 1\n 3s over",
			Result{Verdict: Failed, Evaluations: 2, Value: "envelope.hops = 9", AtNS: 1e9}, []string{"a", "b"}},
		{"always without an envelope", Spec{Form: Always, Expr: "envelope.hops <= 8"},
			"1s loss 1\n 3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"a sent envelope has no latency", Spec{Form: Always, Expr: "envelope.latency < '30ms'"},
			"1s PING a>b hops 1\n 3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"a delivered one has", Spec{Form: Always, Expr: "envelope.latency < '30ms'"},
			"1s PING a>b hops 1, PING a>b hops 1 took 20ms\n 2s PING a>b hops 2 took 30ms\n 3s over",
			Result{Verdict: Failed, Evaluations: 2, Value: "envelope.latency = 30ms", AtNS: 2e9}, []string{"b", "a"}},
		{"while off", Spec{Form: Always, While: "fault('split').active", Expr: "drops.loss == 0"},
			"1s loss 1\n 3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"while on", Spec{Form: Always, While: "fault('split').active", Expr: "drops.loss == 0"},
			"1s begin split\n 2s end split\n 3s loss 1\n 4s over",
			Result{Verdict: Passed, Evaluations: 1, Value: "drops.loss = 0", AtNS: 4e9}, nil},
		{"while narrows envelopes", Spec{Form: Always, While: "envelope.type == 'PING'", Expr: "envelope.hops < 2"},
			"1s DATA a>b hops 5\n 2s PING a>b hops 1\n 4s over",
			Result{Verdict: Passed, Evaluations: 1, Value: "envelope.hops = 1", AtNS: 4e9}, nil},
		{"always over zero waits", Spec{Form: Always, Expr: "traffic.delivery_ratio >= 0.5"},
			"1s nothing\n 2s delivered 1, expected 1\n 3s over",
			Result{Verdict: Passed, Evaluations: 2, Value: "traffic.delivery_ratio = 1", AtNS: 3e9}, nil},

		{"always, the end is one of its instants", Spec{Form: Always, Expr: "drops.loss < 3"},
			"1s loss 1\n 3s loss 2\n 3s over",
			Result{Verdict: Passed, Evaluations: 2, Value: "drops.loss = 2", AtNS: 3e9}, nil},
		{"metrics as of the event", Spec{Form: Always, Expr: "envelope.hops == traffic.expected"},
			"1s expected 1, PING a>b hops 1, expected 2, PING a>b hops 2, expected 3, PING a>b hops 4\n 3s over",
			Result{Verdict: Failed, Evaluations: 3, Value: "envelope.hops = 4, traffic.expected = 3", AtNS: 1e9}, []string{"a", "b"}},
		{"while reads a latency", Spec{Form: Always, While: "envelope.latency >= '0s'", Expr: "envelope.hops < 9"},
			"1s PING a>b hops 10\n 2s PING a>b hops 1 took 11ms\n 3s over",
			Result{Verdict: Passed, Evaluations: 1, Value: "envelope.hops = 1", AtNS: 3e9}, nil},

		{"eventually", Spec{Form: Eventually, Expr: "drops.loss >= 2"},
			"1s loss 1\n 2s loss 2\n 3s loss 0\n 4s over",
			Result{Verdict: Passed, Evaluations: 2, Value: "drops.loss = 2", AtNS: 2e9}, nil},
		{"eventually at its last instant", Spec{Form: Eventually, Expr: "drops.loss >= 2", By: 2 * s},
			"1s loss 1\n 2s loss 2\n 4s over",
			Result{Verdict: Passed, Evaluations: 2, Value: "drops.loss = 2", AtNS: 2e9}, nil},
		{"eventually too late", Spec{Form: Eventually, Expr: "drops.loss >= 2", By: 2*s - 1},
			"1s loss 1\n 2s loss 2\n 4s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "drops.loss = 1", AtNS: 2e9 - 1}, nil},
		{"eventually, never", Spec{Form: Eventually, Expr: "drops.loss >= 2"},
			"1s loss 1\n 4s over",
			Result{Verdict: Failed, Evaluations: 2, Value: "drops.loss = 1", AtNS: 4e9}, nil},
		{"eventually, run over before by", Spec{Form: Eventually, Expr: "drops.loss >= 2", By: 9 * s},
			"1s loss 1\n 4s over",
			Result{Verdict: Vacuous, Evaluations: 2, Value: "drops.loss = 1", AtNS: 4e9}, nil},
		{"eventually over zero", Spec{Form: Eventually, Expr: "traffic.latency_ns.max >= 0"},
			"1s loss 1\n 4s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 4e9}, nil},
		{"eventually an envelope", Spec{Form: Eventually, Expr: "envelope.destination == '*' && envelope.origin == 'c'"},
			"1s PING a>* hops 0\n 2s PING c>* hops 0\n 4s over",
			Result{Verdict: Passed, Evaluations: 2, Value: "envelope.destination = '*', envelope.origin = 'c'", AtNS: 2e9}, nil},
		{"eventually an envelope, late", Spec{Form: Eventually, Expr: "envelope.origin == 'c'", By: s},
			"1s PING a>* hops 0\n 2s PING c>* hops 0\n 4s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "envelope.origin = 'a'", AtNS: 1e9}, []string{"a"}},

		{"stays", Spec{Form: Stays, Expr: "drops.loss == 2", From: 2 * s},
			"1s loss 1\n 2s loss 2\n 3s over",
			Result{Verdict: Passed, Evaluations: 2, Value: "drops.loss = 2", AtNS: 3e9}, nil},
		{"stays: the state before counts at from", Spec{Form: Stays, Expr: "drops.loss == 2", From: 2*s - 1},
			"1s loss 1\n 2s loss 2\n 3s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "drops.loss = 1", AtNS: 2e9 - 1}, nil},
		{"stays: and counts as good", Spec{Form: Stays, Expr: "drops.loss == 1", From: 2*s - 1},
			"1s loss 1\n 2s nothing\n 3s over",
			Result{Verdict: Passed, Evaluations: 3, Value: "drops.loss = 1", AtNS: 3e9}, nil},
		{"stays: broken later", Spec{Form: Stays, Expr: "node('b').up && node('c').up", From: 2 * s},
			"2s nothing\n 3s down b\n 4s up b\n 5s over",
			Result{Verdict: Failed, Evaluations: 2, Value: "node('b').up = false", AtNS: 3e9}, []string{"b"}},
		{"stays: at the end, without any instant", Spec{Form: Stays, Expr: "node('b').up", From: 2 * s},
			"1s down b\n 5s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "node('b').up = false", AtNS: 2e9}, []string{"b"}},
		{"stays: from after the end", Spec{Form: Stays, Expr: "node('b').up", From: 9 * s},
			"1s nothing\n 5s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 5e9}, nil},
		{"stays: an error before from is past", Spec{Form: Stays, Expr: "node(nodes[int(drops.loss)]).up", From: 2 * s},
			"1s loss 7\n 2s loss 2\n 3s over",
			Result{Verdict: Passed, Evaluations: 2, Value: "drops.loss = 2, node('c').up = true", AtNS: 3e9}, nil},
		{"stays: an error that still holds at from", Spec{Form: Stays, Expr: "node(nodes[int(drops.loss)]).up", From: 2*s - 1},
			"1s loss 7\n 2s loss 2\n 3s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "column 11: index out of range: 7 (array length is 3)", AtNS: 2e9 - 1}, nil},
		{"stays: over zero", Spec{Form: Stays, Expr: "traffic.classes.web.delivery_ratio > 0.5"},
			"1s delivered 1, expected 1\n 5s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 5e9}, nil},

		{"within", Spec{Form: Within, Expr: "route('a', 'b').up", After: "split", Limit: time.Second},
			"1s begin split, down a>b\n 2s end split\n 3s up a>b\n 9s over",
			Result{Verdict: Passed, Evaluations: 2, Value: "route('a', 'b').up = true", AtNS: 3e9}, nil},
		{"within: too late", Spec{Form: Within, Expr: "route('a', 'b').up", After: "split", Limit: time.Second - 1},
			"1s begin split, down a>b\n 2s end split\n 3s up a>b\n 9s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "route('a', 'b').up = false", AtNS: 3e9 - 1}, []string{"a", "b"}},
		{"within: before the end does not count", Spec{Form: Within, Expr: "route('a', 'b').up", After: "split", Limit: time.Second},
			"1s begin split\n 2s end split, down a>b\n 9s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "route('a', 'b').up = false", AtNS: 3e9}, []string{"a", "b"}},
		{"within: the fault never ended", Spec{Form: Within, Expr: "route('a', 'b').up", After: "split", Limit: time.Second},
			"1s begin split\n 9s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 9e9}, nil},
		{"within: the run ended first", Spec{Form: Within, Expr: "route('a', 'b').up", After: "split", Limit: time.Second + 1},
			"1s begin split, down a>b\n 2s end split\n 3s over",
			Result{Verdict: Vacuous, Evaluations: 2, Value: "route('a', 'b').up = false", AtNS: 3e9}, nil},
		{"within: the run ended with it", Spec{Form: Within, Expr: "route('a', 'b').up", After: "split", Limit: time.Second},
			"1s begin split, down a>b\n 2s end split\n 3s over",
			Result{Verdict: Failed, Evaluations: 2, Value: "route('a', 'b').up = false", AtNS: 3e9}, []string{"a", "b"}},

		{"within: another fault's end", Spec{Form: Within, Expr: "true", After: "split", Limit: time.Second},
			"1s begin split, begin other\n 2s end other\n 9s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 9e9}, nil},
		{"within: the first end counts", Spec{Form: Within, Expr: "route('a', 'b').up", After: "split", Limit: 2 * time.Second},
			"1s down a>b\n 2s end split\n 3s end split\n 5s up a>b\n 9s over",
			Result{Verdict: Failed, Evaluations: 2, Value: "route('a', 'b').up = false", AtNS: 4e9}, []string{"a", "b"}},

		{"at_end", Spec{Form: AtEnd, Expr: "traffic.delivery_ratio >= '50%'"},
			"1s expected 2, delivered 1\n 3s over",
			Result{Verdict: Passed, Evaluations: 1, Value: "traffic.delivery_ratio = 0.5", AtNS: 3e9}, nil},
		{"at_end fails", Spec{Form: AtEnd, Expr: "traffic.latency_ns.max < '40ms'"},
			"1s expected 2, delivered 1, max 40ms\n 3s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "traffic.latency_ns.max = 40ms", AtNS: 3e9}, nil},
		{"at_end over zero", Spec{Form: AtEnd, Expr: "drops.loss == 0 && traffic.delivery_ratio == 0"},
			"1s loss 0\n 3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"a quotient over zero, denied", Spec{Form: AtEnd, Expr: "!(drops.loss / traffic.expected > 0.1)"},
			"3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"a quotient over zero that is no number", Spec{Form: AtEnd, Expr: "copies.delivered / copies.created != 1"},
			"3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"a quotient over zero that would fail", Spec{Form: AtEnd, Expr: "drops.loss / traffic.expected < 0.5"},
			"1s loss 1\n 3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"over a difference that is zero", Spec{Form: AtEnd, Expr: "drops.loss / (traffic.expected - 4) > 1"},
			"1s loss 1, expected 4\n 3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"over a key that is zero", Spec{Form: AtEnd, Expr: "1 / idle.share > 1"},
			"3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"a remainder over zero", Spec{Form: AtEnd, Expr: "7 % int(traffic.expected) == 0"},
			"3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"an error that a quotient over zero leads to", Spec{Form: AtEnd, Expr: "node(nodes[9 + int(1 / traffic.expected)]).up"},
			"3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"over zero for one node", Spec{Form: AtEnd, Expr: "all(nodes, 1 / indexOf('abc', #) < 2)"},
			"3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"over zero in while", Spec{Form: Always, While: "!(drops.loss / traffic.expected > 0.1)", Expr: "true"},
			"1s nothing\n 3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"a branch not taken divides by nothing", Spec{Form: AtEnd, Expr: "traffic.expected == 0 or drops.loss / traffic.expected < 0.5"},
			"3s over",
			Result{Verdict: Passed, Evaluations: 1, Value: "traffic.expected = 0", AtNS: 3e9}, nil},
		{"one that is taken does", Spec{Form: AtEnd, Expr: "drops.loss / traffic.expected < 0.5 or traffic.expected == 0"},
			"3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"a quotient over zero waits, and leaves the value judged", Spec{Form: Always, Expr: "drops.loss / traffic.expected < 0.5"},
			"1s loss 1\n 2s expected 4\n 3s loss 7, expected 0\n 4s over",
			Result{Verdict: Passed, Evaluations: 1, Value: "drops.loss = 1, traffic.expected = 4", AtNS: 4e9}, nil},
		{"hops over zero", Spec{Form: AtEnd, Expr: "traffic.hops.mean < 3"},
			"1s expected 4\n 3s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 3e9}, nil},
		{"a class", Spec{Form: AtEnd, Expr: "traffic.classes['web'].delivery_ratio == 0.25"},
			"1s web 4 1\n 3s over",
			Result{Verdict: Passed, Evaluations: 1, Value: "traffic.classes.web.delivery_ratio = 0.25", AtNS: 3e9}, nil},
		{"an error fails", Spec{Form: AtEnd, Expr: "node(nodes[7]).up"},
			"3s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "column 11: index out of range: 7 (array length is 3)", AtNS: 3e9}, nil},
		{"an error fails eventually too", Spec{Form: Eventually, Expr: "node(nodes[0] + 'x').up"},
			"1s nothing\n 3s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "column 22: no node 'ax'", AtNS: 1e9}, nil},
		{"an error in while", Spec{Form: Always, While: "node(nodes[7]).up", Expr: "true"},
			"3s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "column 11: index out of range: 7 (array length is 3)", AtNS: 3e9}, nil},
		{"all", Spec{Form: Always, Expr: "all(nodes, node(#).up)"},
			"1s nothing\n 2s down b\n 3s over",
			Result{Verdict: Failed, Evaluations: 2, Value: "node('b').up = false", AtNS: 2e9}, []string{"b"}},
		{"all honest", Spec{Form: AtEnd, Expr: "all(honest, # == 'a' or route('a', #).up)"},
			"1s down a>c\n 3s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "route('a', 'c').up = false", AtNS: 3e9}, []string{"a", "c"}},
		{"session", Spec{Form: Always, Expr: "session('a', 'b').up or not session('b', 'a').up"},
			"1s nothing\n 2s down a~b\n 3s over",
			Result{Verdict: Failed, Evaluations: 2, Value: "session('a', 'b').up = false, session('b', 'a').up = true", AtNS: 2e9}, []string{"a", "b"}},
		{"trust", Spec{Form: AtEnd, Expr: "trust('a', 'b') == 'probing' and trust.levels.probing == 0 and all(nodes, # == 'b' or trust(#, 'b') == 'probing')"},
			"1s probing a>b\n 3s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "trust('a', 'b') = 'probing', trust.levels.probing = 0, trust('c', 'b') = 'unknown'", AtNS: 3e9}, []string{"a", "b", "c"}},
		{"claim", Spec{Form: AtEnd, Expr: "claim('c1', 'a') == 'accepted' and claim('c2', 'a') == '' and all(nodes, claim('c1', #) in ['accepted', 'dropped'])"},
			"1s accepted c1 a\n 3s over",
			Result{Verdict: Failed, Evaluations: 1, Value: "claim('c1', 'a') = 'accepted', claim('c2', 'a') = '', claim('c1', 'b') = ''", AtNS: 3e9}, []string{"a", "b"}},
		{"any", Spec{Form: AtEnd, Expr: "any(nodes, not node(#).up)"},
			"1s down c\n 3s over",
			Result{Verdict: Passed, Evaluations: 1, Value: "node('c').up = false", AtNS: 3e9}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			set, problems := Compile([]Spec{c.spec}, abc)
			require.Empty(t, problems)
			var failures []Failure
			set.OnFailure = func(f Failure) { failures = append(failures, f) }
			play(t, set, newScripted(), c.script)

			c.want.Name, c.want.Form, c.want.Expr = c.spec.Expr, c.spec.Form, c.spec.Expr
			assert.Equal(t, []Result{c.want}, set.Results())
			assert.Equal(t, c.want.Verdict == Failed, set.Failed())
			if c.want.Verdict == Failed {
				assert.Equal(t, []Failure{{Result: c.want, At: clock.Time(c.want.AtNS), Nodes: c.nodes}}, failures)
			} else {
				assert.Empty(t, failures)
			}
		})
	}
}

// One expression each, true at the end of a run with this state.
func TestExpressions(t *testing.T) {
	for _, text := range []string{
		"drops.loss == 3 && drops.mtu == 0",
		"drops.loss / traffic.expected == 0.75",
		"drops.loss / traffic.expected >= '75%' and 7 / 2 == 3.5",
		"6 / (drops.loss / traffic.expected) == 8 and -(6 / drops.loss) + 2 == 0 and nodes[int(drops.loss) % 3] == 'a'",
		"int(drops.loss) % 2 == 1 and 7 % topology.nodes == 1",
		"all(nodes, let n = #; n == 'b' or node(n).up)",
		"traffic.latency_ns.max == '40ms' && '40ms' == traffic.latency_ns.max",
		"traffic.latency_ns.max == 40000000",
		"traffic.latency_ns.max - link.latency <= '20ms'",
		"traffic.latency_ns.max == '20ms' * 2",
		"traffic.latency_ns.max != '39.999999ms'",
		"max(traffic.latency_ns.max, 3) <= '41ms'",
		"traffic.delivery_ratio == '50%'",
		"link.loss == '1%' and link.loss == 0.01",
		"link.latency == '20ms'",
		"duration == '1m' and duration > traffic.latency_ns.max",
		"seed == 9007199254740991.0",
		"routing.strategy == 'flood' && routing['max_hops'] == 8",
		"routing.strategy != '40ms'",
		"topology.nodes == len(nodes) and topology.nodes < 4",
		"traffic[0].size == 200 && traffic[0].name == 't1' && traffic.expected == 4",
		"let share = drops.loss / 4; share > '70%'",
		"traffic.expected in [4, 5]",
		"count(nodes, node(#).up) == 2 and not node('b').up",
		"none(nodes, # == 'd')",
		"traffic?.expected == 4",
		"fault('split').active ? true : false",
		"nodes[0] == 'a' && node(nodes[2]).up",
	} {
		t.Run(text, func(t *testing.T) {
			set, problems := Compile([]Spec{{Form: AtEnd, Expr: text}}, abc)
			require.Empty(t, problems)
			play(t, set, newScripted(), "1s expected 4, delivered 2, max 40ms, loss 3, down b, begin split\n2s over")
			assert.Equal(t, Passed, set.Results()[0].Verdict, set.Results()[0].Value)
		})
	}
}

// The metrics are asked for only when they are read, latencies likewise, and
// once for all expectations of an instant.
func TestAsksOnlyWhatItNeeds(t *testing.T) {
	for _, c := range []struct {
		exprs   []string
		fills   int
		latency int // of fills, those with latencies
		atEnd   string
	}{
		{[]string{"node('a').up", "routing.max_hops == 8", "envelope.hops < 9"}, 0, 0, ""},
		{[]string{"fault('split').active or node('a').up or drops.loss < 9"}, 0, 0, ""},
		{[]string{"drops.loss < 9", "copies.created == 0"}, 2, 0, ""},
		{[]string{"drops.loss < 9", "traffic.latency_ns.p95 < '1s'"}, 2, 2, ""},
		{[]string{"traffic.latency_ns.count == 0"}, 2, 2, ""},
		{[]string{"drops.loss < 9"}, 3, 1, "traffic.latency_ns.count == 0"},
	} {
		var specs []Spec
		for _, e := range c.exprs {
			specs = append(specs, Spec{Form: Always, Expr: e})
		}
		if c.atEnd != "" {
			specs = append(specs, Spec{Form: AtEnd, Expr: c.atEnd})
		}
		set, problems := Compile(specs, abc)
		require.Empty(t, problems)
		w := newScripted()
		play(t, set, w, "1s PING a>b hops 1\n 2s nothing")
		set.End(2 * s)
		assert.Equal(t, c.fills, w.fills, c.exprs)
		assert.Equal(t, c.latency, w.latencies, c.exprs)
	}
}

// Expectations only read: events and the world are the same after them as before.
func TestExpectationsChangeNothing(t *testing.T) {
	exprs := []string{"envelope.hops < 3 and drops.loss < 2", "traffic.delivery_ratio > 0.5", "all(nodes, node(#).up)", "traffic.classes.web.sent == 0"}
	forms := []string{Always, Eventually, Stays, Within}
	rapid.Check(t, func(t *rapid.T) {
		var specs []Spec
		for _, e := range exprs {
			spec := Spec{Form: rapid.SampledFrom(forms).Draw(t, "form"), Expr: e}
			if spec.Form == Within {
				spec.After = "split"
			}
			specs = append(specs, spec)
		}
		set, problems := Compile(specs, abc)
		require.Empty(t, problems)
		words := []string{"down a", "up a", "begin split", "end split", "expected 4", "delivered 3", "loss 2", "PING a>b hops 2", "PING b>c hops 4 took 3ms"}
		watched, alone := newScripted(), newScripted()
		set.Watch(watched)
		var free Set
		for i, line := range rapid.SliceOfN(rapid.SampledFrom(words), 1, 30).Draw(t, "script") {
			now := clock.Time(i) * s
			watched.apply(t, set, now, strings.Fields(line))
			alone.apply(t, &free, now, strings.Fields(line))
			if strings.Contains(line, "hops") {
				e := envelopeEvent(t, now, strings.Fields(line))
				before := fmt.Sprintf("%+v", e)
				set.Emit(e)
				require.Equal(t, before, fmt.Sprintf("%+v", e))
			}
			set.Instant(now)
		}
		set.End(40 * s)
		watched.fills, watched.latencies = 0, 0
		require.Equal(t, alone, watched)
	})
}

// One verdict is that of the naive reading: all, or any, of the instants in the
// window, with the state of each instant holding until the next.
func TestVerdictsAgainstNaiveReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.IntRange(1, 20).Draw(t, "length")
		up := make([]bool, length) // at each second, true or not
		happens := make([]bool, length)
		for i := range up {
			happens[i] = i == 0 || rapid.Bool().Draw(t, "happens")
			up[i] = happens[i] && rapid.Bool().Draw(t, "up") || !happens[i] && up[i-1]
		}
		at := rapid.IntRange(0, length-1).Draw(t, "at")
		specs := []Spec{
			{Form: Always, Expr: "node('a').up"},
			{Form: Eventually, Expr: "node('a').up", By: clock.Time(max(at, 1)) * s},
			{Form: Stays, Expr: "node('a').up", From: clock.Time(at) * s},
			{Form: AtEnd, Expr: "node('a').up"},
		}
		set, problems := Compile(specs, abc)
		require.Empty(t, problems)
		w := newScripted()
		set.Watch(w)
		every, some, stays := true, false, true
		for i, now := range up {
			w.down["a"] = !now
			if happens[i] {
				set.Instant(clock.Time(i) * s)
			}
			every = every && now
			some = some || now && i <= max(at, 1)
			stays = stays && (now || i < at)
		}
		set.End(clock.Time(length-1) * s)
		for i, want := range []bool{every, some, stays, up[length-1]} {
			verdict := Failed
			if want {
				verdict = Passed
			} else if i == 1 && specs[1].By > clock.Time(length-1)*s {
				verdict = Vacuous
			}
			require.Equal(t, verdict, set.Results()[i].Verdict, specs[i].Form)
		}
	})
}

func BenchmarkAlways(b *testing.B) {
	set, problems := Compile([]Spec{{Form: Always, Expr: "envelope.hops <= routing.max_hops"}}, abc)
	require.Empty(b, problems)
	set.Watch(newScripted())
	e := &trace.Event{Kind: trace.EnvelopeForwarded}
	e.Path = append(e.Path, 0, 1, 2)
	b.ReportAllocs()
	for b.Loop() {
		set.Emit(e)
	}
}
