package expect

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{Spec{Form: Always, Expr: "envelop.hops < 3"}, "always: column 1: unknown name envelop (did you mean envelope?)"},
		{Spec{Form: Always, Expr: "envelope.hop < 3"}, "always: column 10: unknown name envelope.hop (did you mean envelope.hops?)"},
		{Spec{Form: AtEnd, Expr: "traffic.delivery_ration > 0"}, "at_end: column 9: unknown name traffic.delivery_ration (did you mean traffic.delivery_ratio?)"},
		{Spec{Form: AtEnd, Expr: "traffic.classes.wob.sent > 0"}, "at_end: column 17: unknown name traffic.classes.wob (did you mean traffic.classes.web?)"},
		{Spec{Form: AtEnd, Expr: "routing.maxhops == 1"}, "at_end: column 9: unknown name routing.maxhops (did you mean routing.max_hops?)"},
		{Spec{Form: AtEnd, Expr: "traffic[1].size == 1"}, "at_end: column 8: unknown name traffic[1] (did you mean traffic[0]?)"},
		{Spec{Form: AtEnd, Expr: "traffic > 0"}, "at_end: column 1: traffic is a group: name a value in it (sent, expected, delivered, …)"},
		{Spec{Form: AtEnd, Expr: "links > 0"}, "at_end: column 1: links is a group: name a value in it (transmissions, bytes)"},
		{Spec{Form: AtEnd, Expr: "traffic.classes > 0"}, "at_end: column 9: traffic.classes is a group: name a value in it (web)"},
		{Spec{Form: AtEnd, Expr: "traffic.classes[seed] > 0"}, "at_end: column 9: traffic.classes is a group: name a value in it (web)"},
		{Spec{Form: AtEnd, Expr: "traffic > links"}, "at_end: column 1: traffic is a group: name a value in it (sent, expected, delivered, …)"},
		{Spec{Form: AtEnd, Expr: "idle.nodes > 0"}, "at_end: column 6: idle.nodes is a group without a value in it here"},
		{Spec{Form: AtEnd, Expr: "idle.nodes[0] == 'a'"}, "at_end: column 6: idle.nodes is a group without a value in it here"},
		{Spec{Form: AtEnd, Expr: "node > 0"}, "at_end: column 1: unknown name node: write node(…).up"},
		{Spec{Form: AtEnd, Expr: "now > 0"}, "at_end: column 1: unknown name now"},
		{Spec{Form: AtEnd, Expr: "all(nodes, node(n).up)"}, "at_end: column 17: unknown name n"},
		{Spec{Form: AtEnd, Expr: "any(nodes, route('a', envelop).up)"}, "at_end: column 23: unknown name envelop (did you mean envelope?)"},
		{Spec{Form: AtEnd, Expr: "node(n).up"}, "at_end: column 6: unknown name n"},
		{Spec{Form: AtEnd, Expr: "all(nodes, drops.loss / n > 1)"}, "at_end: column 25: unknown name n"},
		{Spec{Form: AtEnd, Expr: "all(nodes, drops.los > 1)"}, "at_end: column 18: unknown name drops.los (did you mean drops.loss?)"},
		{Spec{Form: AtEnd, Expr: "drops.loss / (node(n).up ? 1 : 2) > 1"}, "at_end: column 20: unknown name n"},
		{Spec{Form: AtEnd, Expr: "drops.loss / (1 == 1) > 1"}, "at_end: column 12: invalid operation: / (mismatched types float64 and bool)"},
		{Spec{Form: AtEnd, Expr: "drops.loss / 4"}, "at_end: expected bool, but got float64; an expectation is true or false"},
		{Spec{Form: AtEnd, Expr: "traffic.sent / 0 > 1"}, "at_end: column 14: division by zero"},
		{Spec{Form: AtEnd, Expr: "traffic.sent / -0.0 > 1"}, "at_end: column 14: division by zero"},
		{Spec{Form: AtEnd, Expr: "link.latency / '0s' > 1"}, "at_end: column 14: division by zero"},
		{Spec{Form: AtEnd, Expr: "5 % 0 == 1"}, "at_end: column 3: division by zero"},
		{Spec{Form: AtEnd, Expr: "drops.loss"}, "at_end: expected bool, but got float64; an expectation is true or false"},
		{Spec{Form: AtEnd, Expr: "first(nodes)"}, "at_end: expected bool, but got interface {}; an expectation is true or false"},
		{Spec{Form: AtEnd, Expr: "drops.loss <"}, "at_end: column 12: unexpected token EOF"},
		{Spec{Form: AtEnd, Expr: ""}, "at_end: column 1: unexpected token EOF"},
		{Spec{Form: AtEnd, Expr: "true and\n drops.los == 1"}, "at_end: line 2, column 8: unknown name drops.los (did you mean drops.loss?)"},
		{Spec{Form: AtEnd, Expr: "node('A').up"}, "at_end: column 6: no node 'A' (did you mean a?)"},
		{Spec{Form: AtEnd, Expr: "route('a').up"}, "at_end: column 1: route takes 2 names, not 1"},
		{Spec{Form: AtEnd, Expr: "route('a', 'b')"}, "at_end: column 1: route(…) alone is no value: write route(…).up"},
		{Spec{Form: AtEnd, Expr: "node('a').down"}, "at_end: column 11: node(…) has no such field, only up"},
		{Spec{Form: AtEnd, Expr: "fault('splat').active"}, "at_end: column 7: no fault 'splat' (did you mean split?)"},
		{Spec{Form: AtEnd, Expr: "traffic.latency_ns.max < '40 ms'"}, "at_end: column 26: '40 ms' is neither a duration such as '40ms' nor a percentage such as '1%'"},
		{Spec{Form: AtEnd, Expr: "traffic.latency_ns.max < '4%'"}, "at_end: column 26: '4%' is a ratio, what it meets is a duration"},
		{Spec{Form: AtEnd, Expr: "traffic.delivery_ratio > '95ms'"}, "at_end: column 26: '95ms' is a duration, what it meets is a ratio"},
		{Spec{Form: AtEnd, Expr: "envelope.hops < 3"}, "at_end: envelope.* is there at envelope events only, not at the end"},
		{Spec{Form: AtEnd, Expr: "let traffic = 1; traffic > 0"}, "at_end: column 5: let traffic: the name is taken"},
		{Spec{Form: AtEnd, Expr: "trust('a', 'b') == 'blokced'"}, "at_end: column 20: trust(…) is never 'blokced' (did you mean blocked?); allowed: 'unknown' 'probing' 'trusted' 'blocked'"},
		{Spec{Form: AtEnd, Expr: "all(nodes, 'good' != trust(#, 'b'))"}, "at_end: column 12: trust(…) is never 'good'; allowed: 'unknown' 'probing' 'trusted' 'blocked'"},
		{Spec{Form: AtEnd, Expr: "claim('c', 'a') in ['accepted', 'open']"}, "at_end: column 33: claim(…) is never 'open'; allowed: '' 'pending' 'accepted' 'rejected' 'disputed' 'dropped'"},
		{Spec{Form: AtEnd, Expr: "claim('', 'a') == ''"}, "at_end: column 7: no claim ''"},
		{Spec{Form: AtEnd, Expr: "claim('c', 'A') == ''"}, "at_end: column 12: no node 'A' (did you mean a?)"},
		{Spec{Form: Always, Expr: "trust.converged_at_ns < '20s'"}, "always: trust.converged_at_ns is known at the end only: use at_end"},
		{Spec{Form: AtEnd, Expr: "trust.converged == 1"}, "at_end: column 17: invalid operation: == (mismatched types bool and int)"},
		{Spec{Form: AtEnd, Expr: "now().Year() > 1"}, "at_end: column 1: unknown name now"},
		{Spec{Form: AtEnd, Expr: "true", By: s}, "by: goes with eventually, not with at_end"},
		{Spec{Form: Stays, Expr: "true", While: "true"}, "while: goes with always, not with stays"},
		{Spec{Form: Always, Expr: "true", While: "seed"}, "while: expected bool, but got float64; an expectation is true or false"},
		{Spec{Form: Within, Expr: "true"}, "after: is missing: the name of the fault whose end it is about"},
		{Spec{Form: Within, Expr: "true", After: "spilt"}, "after: no fault 'spilt' (did you mean split?)"},
		{Spec{Form: Eventually, Expr: "true", By: -s}, "eventually: its times must not be negative"},
	} {
		t.Run(c.want, func(t *testing.T) {
			set, problems := Compile([]Spec{{Form: AtEnd, Expr: "true"}, c.spec}, abc)
			assert.Nil(t, set)
			require.Len(t, problems, 1)
			assert.Equal(t, 1, problems[0].Spec)
			assert.Equal(t, c.want, problems[0].Key+": "+problems[0].Message)
		})
	}
}

// All problems come at once, and no expression escapes as a panic.
func TestAnyTextCompilesOrIsRefused(t *testing.T) {
	words := []string{"traffic", ".", "sent", "[", "]", "0", "'a'", "'40ms'", "'x%'", "(", ")", "node", "up", "nodes", "all", ",", "#",
		"==", "<", "and", "not", "let", "x", "=", ";", "envelope", "hops", "?.", "?", ":", "routing", "1", "-", "{", "}", "sum", "fault", "|", "..", "%", "/"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 12).Draw(t, "words"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
		set, problems := Compile([]Spec{{Form: Always, Expr: text}, {Form: AtEnd, Expr: "tru"}}, abc)
		require.Nil(t, set)
		require.Equal(t, "column 1: unknown name tru", problems[len(problems)-1].Message)
		for _, p := range problems {
			require.NotContains(t, p.Message, "\n")
			require.NotEmpty(t, p.Message)
		}
		if len(problems) == 1 {
			set, problems = Compile([]Spec{{Form: Always, Expr: text}}, abc)
			require.Empty(t, problems)
			play(t, set, newScripted(), "1s PING a>b hops 1 took 1ms\n2s over")
			require.NotEmpty(t, set.Results()[0].Verdict)
		}
	})
}

// A word that is refused is not the one that was meant, whatever Nearest says.
func TestNoHintIsTheWordItself(t *testing.T) {
	env := Env{Nearest: func(word string, _ []string) string { return word }}
	for text, want := range map[string]string{
		"traffic.classes == 0":         "column 9: traffic.classes is a group without a value in it here",
		"traffic.classes.web.sent > 0": "column 9: traffic.classes is a group without a value in it here",
		"links.by == 0":                "column 7: unknown name links.by",
		"drops.los == 1":               "column 7: unknown name drops.los",
		"drop == 1":                    "column 1: unknown name drop",
		"node('a').up":                 "column 6: no node 'a'",
	} {
		_, problems := Compile([]Spec{{Form: AtEnd, Expr: text}}, env)
		assert.Equal(t, []Problem{{0, AtEnd, want}}, problems)
	}
}

func TestNoHintsWithoutNearest(t *testing.T) {
	_, problems := Compile([]Spec{{Form: AtEnd, Expr: "drops.los == 1"}}, Env{})
	assert.Equal(t, []Problem{{0, AtEnd, "column 7: unknown name drops.los"}}, problems)
}
