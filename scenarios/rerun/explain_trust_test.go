package rerun_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/trace"
)

// hearsay is a line in which n0 can judge n1 and n2 itself, and n3 and n4 by what those
// two say; n4 lies from 10 s on.
const hearsay = `version = 1
name = "hearsay"
seed = 3
duration = "30s"
topology = { kind = "line", nodes = 6 }
link = { latency = "5ms" }
handshake = { auto = "all" }
[knowledge]
facts = [
  { id = "air", domain = "air", known_by = ["n0", "n1", "n2"] },
  { id = "sea", domain = "sea", known_by = ["n1", "n2", "n3", "n4"] },
]
[[adversary]]
nodes = ["n4"]
behaviour = "lie"
start = "10s"
[[traffic]]
kind = "facts"
from = ["n1", "n2"]
to = ["n0"]
domain = "air"
rate = "1/s"
stop = "5s"
[[traffic]]
kind = "facts"
from = ["n3", "n4"]
to = ["n0"]
domain = "sea"
rate = "1/s"
start = "5s"
`

// tree is an explanation as text, what a step rests on below it and further in.
func tree(x *rerun.Explanation) string {
	var b strings.Builder
	for _, l := range x.Answer {
		fmt.Fprintln(&b, l)
	}
	var tell func(s *rerun.Step, indent string)
	tell = func(s *rerun.Step, indent string) {
		fmt.Fprintf(&b, "%s%s\n", indent, s.Text)
		for i := range s.Grounds {
			tell(&s.Grounds[i], indent+"  ")
		}
	}
	for _, a := range x.Accounts {
		fmt.Fprintln(&b, a.Title)
		for i := range a.Steps {
			tell(&a.Steps[i], "  ")
		}
	}
	return b.String()
}

const convinced = `what moved n0's trust in n4
  n0: n4 goes from unknown to probing by handshake: n4 answered a challenge of n0
    n4 sends (HELLO_ACK over n4 → n3 → n2 → n1 → n0, 20ms after it was submitted)
  n0: n4 goes from probing to trusted by verified: n1, n2, whom n0 trusts, confirm what n4 says
    n4 says "sea" (FACT_PROPOSE over n4 → n3 → n2 → n1 → n0, 20ms after it was submitted)
    n1 confirms "sea" (FACT_CONFIRM over n1 → n0, 5ms after it was submitted)
      n0: n1 goes from probing to trusted by verified: what n1 says agrees with what n0 knows at first hand
        n1 says "air" (FACT_PROPOSE over n1 → n0, 5ms after it was submitted)
    n2 confirms "sea" (FACT_CONFIRM over n2 → n1 → n0, 10ms after it was submitted)
      n0: n2 goes from probing to trusted by verified: what n2 says agrees with what n0 knows at first hand
        n2 says "air" (FACT_PROPOSE over n2 → n1 → n0, 10ms after it was submitted)
`

const refuted = `  n0: n4 goes from trusted to probing by conflict: n1, n2, whom n0 trusts, contradict what n4 says
    n4 says "not sea" (FACT_PROPOSE over n4 → n3 → n2 → n1 → n0, 20ms after it was submitted)
    n1 contradicts: it says "sea" (FACT_CHALLENGE over n1 → n0, 5ms after it was submitted)
      n0: n1 is trusted since then, as told above
    n2 contradicts: it says "sea" (FACT_CHALLENGE over n2 → n1 → n0, 10ms after it was submitted)
      n0: n2 is trusted since then, as told above
`

// Who convinced whom, and why those were believed, at a time and at the end; a thin
// trace answers as much as the scenario.
func TestExplainTrust(t *testing.T) {
	s := load(t, hearsay)
	then, err := rerun.ExplainTrust(past(t, s), "n0", "n4", 11*time.Second)
	require.NoError(t, err)
	assert.Equal(t, "how n0 came to hold n4 as it does at 11s", then.Question)
	assert.Equal(t, "n0 holds n4 at trusted since 5.821539777s: n1, n2, whom n0 trusts, confirm what n4 says\n"+convinced, tree(then))
	end, err := rerun.ExplainTrust(past(t, s), "n0", "n4", rerun.AtTheEnd)
	require.NoError(t, err)
	assert.Equal(t, `n0 holds n4 at probing since 12.682472358s: n1, n2, whom n0 trusts, contradict what n4 says
missing: "sea" (version 1) has proved it before, and does so once
missing: "not sea" (version 2) does not wait for judgement; n4 would have to say so again
112 messages from n4 to n0 did not come:
  112 blocked at n3
`+convinced+refuted, tree(end))
	assert.Equal(t, end.Accounts[0].Steps[2].T, end.Accounts[0].Steps[2].Grounds[2].T, "the last voice made it so")
	other, err := rerun.ExplainTrust(past(t, s), "n1", "n4", rerun.AtTheEnd)
	require.NoError(t, err)
	assert.Contains(t, tree(other), "contradicts what n1 knows at first hand\n    n0 shows that n4 says \"not sea\" (FACT_PROPOSE over n0 → n1, 5ms")
	thin, err := rerun.ExplainTrust(ofTrace(t, record(t, s, scenarios.Options{}, trace.Filter{Level: trace.LevelSummary})), "n0", "n4", rerun.AtTheEnd)
	require.NoError(t, err)
	assert.Equal(t, end, thin)
}

// A trace of another engine says as much as it holds: who, and perhaps when, not what.
func TestExplainTrustOfAForeignTrace(t *testing.T) {
	s := load(t, hearsay)
	foreign := func(level trace.Level) *rerun.Past {
		lines := record(t, s, scenarios.Options{}, trace.Filter{Level: level})
		lines[0] = strings.Replace(lines[0], `"engine":2`, `"engine":99`, 1)
		return ofTrace(t, lines)
	}
	whole, err := rerun.ExplainTrust(foreign(trace.LevelAll), "n0", "n4", rerun.AtTheEnd)
	require.NoError(t, err)
	require.Len(t, whole.Notes, 1)
	assert.Contains(t, tree(whole), "n1 sends (FACT_CONFIRM over n1 → n0, 5ms after it was submitted)\n      n0: n1 goes from probing to trusted")
	assert.NotContains(t, tree(whole), "missing")
	thin, err := rerun.ExplainTrust(foreign(trace.LevelSummary), "n0", "n4", rerun.AtTheEnd)
	require.NoError(t, err)
	assert.Contains(t, tree(thin), "confirm what n4 says\n    n1 was counted\n      n0: n1 goes from probing to trusted")
	nothing, err := rerun.ExplainTrust(foreign(trace.LevelSummary), "n0", "n4", 0)
	require.NoError(t, err)
	assert.Equal(t, []string{"the trace tells of no change: n0 does not know n4, or trusts it from the start"}, nothing.Answer)
	for want, pair := range map[string][2]string{`there is no node "n9"`: {"n0", "n9"}, "n1 holds no level of itself; allowed: two nodes": {"n1", "n1"}} {
		_, err = rerun.ExplainTrust(foreign(trace.LevelSummary), pair[0], pair[1], rerun.AtTheEnd)
		assert.EqualError(t, err, want)
	}
	_, err = rerun.ExplainTrust(past(t, s), "n9", "n0", rerun.AtTheEnd)
	assert.EqualError(t, err, `there is no node "n9" (did you mean "n0"?)`)
	_, err = rerun.ExplainTrust(past(t, s), "n1", "n0", time.Hour)
	assert.ErrorContains(t, err, "is not within the run")
}

// village is a line in which the nodes know what is said below.
const village = `version = 1
name = "village"
duration = "20s"
topology = { kind = "line", nodes = 5 }
link = { latency = "5ms" }
`

// tells has a node tell another one all it knows of a domain, once a second.
func tells(from, to, more string) string {
	return fmt.Sprintf("[[traffic]]\nkind = \"facts\"\narrivals = \"periodic\"\ninterval = \"1s\"\nfrom = [%q]\nto = [%q]\n%s\n", from, to, more)
}

func order(at, node, text string) string {
	return fmt.Sprintf("[[action]]\nat = %q\nnode = %q\n%s\n", at, node, text)
}

// Each kind of evidence, with what it rests on.
func TestExplainTrustByItsEvidence(t *testing.T) {
	const all, air = "handshake = { auto = \"all\" }\n", "[[knowledge.facts]]\nid = \"air\"\n"
	warnings := all + "trust = { anchors = [\"n1\"] }\n" + air + "known_by = [\"n0\", \"n2\"]\n" + tells("n2", "n0", "") +
		order("5s", "n1", "kind = \"warn\"\npeer = \"n0\"\nsubject = \"n3\"") + order("6s", "n2", "kind = \"warn\"\npeer = \"n0\"\nsubject = \"n3\"")
	introduction := "[handshake]\nauto = \"neighbours\"\n" + air + "known_by = [\"n0\", \"n1\"]\n" + order("2s", "n1", "kind = \"introduce\"\npeer = \"n0\"\nsubject = \"n3\"")
	for name, c := range map[string]struct {
		text string
		a, b string
		want []string
	}{
		"introduction": {introduction + tells("n1", "n0", "start = \"1s\""), "n0", "n3", []string{
			"n0 holds n3 at probing since 2.005s: somebody whom n0 trusts introduced n3",
			"missing: n3 has not answered a challenge of n0: no handshake was begun",
			"    n1 introduces n3 (INTENT over n1 → n0, 5ms after it was submitted)\n      n0: n1 goes from probing to trusted by verified",
		}},
		"introduction that counts later": {introduction + tells("n1", "n0", "start = \"5s\""), "n0", "n3", []string{
			"n0 holds n3 at probing since 5.005s: somebody whom n0 trusts introduced n3",
			"    n1 introduces n3 (INTENT over n1 → n0, 5ms after it was submitted)\n      n0: n1 goes from probing to trusted by verified",
			"    n1 says \"air\" (FACT_PROPOSE",
		}},
		"introduction of who is met": {strings.Replace(introduction, "neighbours", "all", 1), "n0", "n3", []string{"missing: n3 has told n0 no fact\nwhat moved"}},
		"introduction by who is not trusted": {introduction, "n0", "n3", []string{
			"n0 holds n3 at unknown\nmissing: n3 has not answered a challenge of n0: no handshake was begun\nn1 introduced it, whom n0 does not trust\n",
		}},
		"warnings": {warnings, "n0", "n3", []string{
			"n0 holds n3 at blocked since 6.01s: n1, n2, whom n0 trusts, warn of n3\nonly an operator who overrides that moves it from there\n",
			"    n1 warns of n3 (INTENT over n1 → n0, 5ms after it was submitted)\n      n0: n1 is trusted from the start: an anchor\n",
			"    n2 warns of n3 (INTENT over n2 → n1 → n0, 10ms after it was submitted)\n      n0: n2 goes from probing to trusted by verified",
		}},
		"one warning": {strings.ReplaceAll(warnings, "6s", "20s"), "n0", "n3", []string{"n3 has told n0 no fact\nn1 warns of it\n"}},
		"warnings that did their part": {strings.Replace(warnings, "\"n2\"]", "\"n2\", \"n3\"]", 1) + tells("n3", "n0", "count = 1"), "n0", "n3", []string{
			"missing: \"air\" (version 1) has proved it before, and does so once\nwhat moved n0's trust in n3\n", "n3 goes from trusted to probing by conflict: n1, n2, whom n0 trusts, warn of n3",
		}},
		"override": {warnings + order("8s", "n0", "kind = \"override\"\npeer = \"n3\""), "n0", "n3", []string{"an operator forgives n3\n    n0 → n3: operator: override"}},
		"anchor":   {warnings, "n0", "n1", []string{"n0 trusts n1 from the start: an anchor\n"}},
		"decay": {all + "trust = { decay = \"3s\" }\n" + air + "known_by = [\"n0\", \"n2\"]\n" + tells("n2", "n0", "count = 1\nstart = \"1s\""), "n0", "n2", []string{
			"n0: n2 goes from trusted to probing by decay: nothing was heard of n2 since 1.01s",
			"missing: \"air\" (version 1) does not wait for judgement; n2 would have to say so again\nwhat",
		}},
		"contradiction": {all + air + "known_by = [\"n0\"]\nwrong_at = [\"n2\"]\n" + tells("n2", "n0", ""), "n0", "n2", []string{
			"n2 goes from probing to blocked by conflict: what n2 says contradicts what n0 knows at first hand\n    n2 says \"not air\" (FACT_PROPOSE",
			"only an operator who overrides that moves it from there\nwhat moved n0's trust in n2\n", // no word of messages that are refused since
		}},
		"before it met": {air + "known_by = [\"n0\", \"n2\"]\n" + tells("n2", "n0", "") +
			"[[traffic]]\nkind = \"handshakes\"\narrivals = \"periodic\"\ninterval = \"1s\"\nstart = \"5s\"\ncount = 1\nfrom = [\"n0\"]\nto = [\"n2\"]\n", "n0", "n2", []string{
			"n2 goes from probing to trusted by verified: what n2 says agrees with what n0 knows at first hand\n    n2 says \"air\" (FACT_PROPOSE over n2 → n1 → n0, 10ms after it was submitted)\n    n2 sends (HELLO_ACK",
		}},
		"another life": {all + air + "known_by = [\"n0\", \"n2\"]\n" + tells("n2", "n0", "count = 1\nstart = \"1s\"") +
			"[[fault]]\nkind = \"crash\"\nnodes = [\"n0\"]\nat = \"5s\"\nuntil = \"6s\"\nlose = \"state\"\n", "n0", "n2", []string{
			"what moved n0's trust in n2\n  n0: node up again, incarnation 2, having lost its state\n  n0: n2 goes from unknown to probing by handshake",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			x, err := rerun.ExplainTrust(past(t, load(t, village+c.text)), c.a, c.b, rerun.AtTheEnd)
			require.NoError(t, err)
			for _, want := range c.want {
				assert.Contains(t, tree(x), want)
			}
		})
	}
}

// What a replay moved is told by the message that was refused.
func TestExplainTrustOfAReplay(t *testing.T) {
	framing, err := scenarios.Load(nil, "replay-framing")
	require.NoError(t, err)
	x, err := rerun.ExplainTrust(past(t, framing), "a", "b", rerun.AtTheEnd)
	require.NoError(t, err)
	assert.Contains(t, tree(x), "a: b goes from probing to blocked by malicious: a message in the name of b came again\n    a drops it: replay")
}

// What is missing for trust, as the node itself has it.
func TestExplainMissingTrust(t *testing.T) {
	const facts = "[[knowledge.facts]]\nid = \"sea\"\nknown_by = [\"n1\", \"n3\"]\nwrong_at = [\"n2\"]\n"
	const all = "handshake = { auto = \"all\" }\n"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"never met":        {facts + tells("n1", "n2", ""), []string{"n0 holds n3 at unknown", "missing: n3 has not answered a challenge of n0: no handshake was begun"}},
		"no fact":          {all + facts + tells("n1", "n2", ""), []string{"n0 holds n3 at probing since 10ms: n3 answered a challenge of n0", "missing: n3 has told n0 no fact"}},
		"a flood's copies": {"routing = { strategy = \"flood\" }\n" + all + strings.Replace(facts, "wrong_at", "# ", 1) + tells("n1", "n2", ""), []string{"missing: n3 has told n0 no fact"}},
		"nobody to ask":    {all + facts + tells("n3", "n0", ""), []string{`missing: "sea", which n3 says, has 0 of 2 confirmations`, "n0 trusts nobody whom it could ask"}},
		"nobody is asked":  {all + "trust = { verify = \"local\" }\n" + facts + tells("n3", "n0", ""), []string{`missing: "sea" (version 1) is nothing that n0 knows at first hand, and by verify = "local" it asks nobody`}},
		"not met yet": {facts + tells("n3", "n0", ""), []string{
			"missing: n3 has not answered a challenge of n0: their handshake is idle", `"sea", which it said, waits until it has`,
		}},
		"split": {all + "trust = { anchors = [\"n1\", \"n2\", \"n4\"] }\n" + facts + tells("n3", "n0", ""), []string{
			`missing: "sea", which n3 says, has 1 of 2 confirmations (n1)`, "it is contradicted by n2", "n4: answered, and is not counted",
		}},
		"silent": {all + "trust = { anchors = [\"n1\", \"n4\"], quorum = 2 }\n" + facts + tells("n3", "n0", "start = \"4s\"") +
			"[[fault]]\nkind = \"crash\"\nnodes = [\"n4\"]\nat = \"3s\"\n", []string{
			`missing: "sea", which n3 says, has 1 of 2 confirmations (n1)`, "n4: asked, and did not answer yet",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			x, err := rerun.ExplainTrust(past(t, load(t, strings.Replace(village, "line", "full", 1)+c.text)), "n0", "n3", rerun.AtTheEnd)
			require.NoError(t, err)
			assert.Equal(t, c.want, x.Answer[len(x.Answer)-len(c.want):])
		})
	}
}
