package rerun_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios/rerun"
	"meshsim/sim"
	"meshsim/trace"
)

// market is where n1 claims this and that; n2 takes the sky for something else.
const market = `version = 1
name = "market"
duration = "10s"
topology = { kind = "full", nodes = 6 }
link = { latency = "5ms" }
handshake = { auto = "all" }
trust = { anchors = ["n1", "n2", "n3"] }
[knowledge]
facts = [
  { id = "sea", known_by = ["n1", "n2", "n4"] },
  { id = "sky", known_by = ["n1", "n4"], wrong_at = ["n2"] },
]
sources = [{ uri = "https://x", tier = "medium", says = ["sea"] }]
`

// Claims are told by the rules that decided them or keep them waiting.
func TestExplainClaim(t *testing.T) {
	claim := func(at, node, peer, text string) string {
		return order(at, node, "kind = \"claim\"\npeer = \""+peer+"\"\nfact = "+text)
	}
	s := load(t, market+claim("2s", "n1", "n0", "\"sea\"\nsource = \"https://x\"")+claim("3s", "n1", "n5", `"sea"`)+claim("4s", "n4", "n0", `"sea"`)+
		claim("5s", "n1", "n3", `"sky"`)+claim("6s", "n1", "n0", "\"sky\"\nsource = \"https://x\"")+"[[fault]]\nkind = \"crash\"\nat = \"1s\"\nnodes = [\"n3\"]\nuntil = \"4.5s\"\n")
	for id, want := range map[string]string{
		"n1/n0/1": `n0 accepted it at 2.005s, by rule 5: its source says so, and is of tier medium or high
at n0
  n0 receives it from n1: "sea", citing https://x, which is of tier medium here
    n1 claims "sea", citing https://x (LIP_EVIDENCE over n1 → n0, 5ms after it was submitted)
  n0 accepted it at 2.005s, by rule 5: its source says so, and is of tier medium or high
    n1 claims "sea", citing https://x (LIP_EVIDENCE over n1 → n0, 5ms after it was submitted)
`,
		"n1/n5": `n5 received it at 3.005s, and has not decided it
  of 2 voices needed 1 say so too (n2); 0 contradict
at n5
  n5 receives it from n1: "sea", citing nothing
    n1 claims "sea" (LIP_EVIDENCE over n1 → n5, 5ms after it was submitted)
`,
		"n4/": `n0 received it at 4.005s, and has not decided it
  it waits by rule 4: its sender is not trusted
  of 2 voices needed 1 say so too (n2); 0 contradict
at n0
  n0 receives it from n4: "sea", citing nothing
    n4 claims "sea" (LIP_EVIDENCE over n4 → n0, 5ms after it was submitted)
    n0: n4 goes from unknown to probing by handshake: n4 answered a challenge of n0
      n4 sends (HELLO_ACK over n4 → n0, 5ms after it was submitted)
`,
		"n1/n3": `n3 holds it disputed since 5.015s, by rule 3: somebody who is trusted contradicts it: n2
  of 2 voices needed 0 say so too; 1 contradict (n2)
at n3
  n3 receives it from n1: "sky", citing nothing
    n1 claims "sky" (LIP_EVIDENCE over n1 → n3, 5ms after it was submitted)
  n3 holds it disputed since 5.015s, by rule 3: somebody who is trusted contradicts it: n2
    n1 claims "sky" (LIP_EVIDENCE over n1 → n3, 5ms after it was submitted)
    n2 holds "not sky" (LIP_CONFLICT over n2 → n3, 5ms after it was submitted)
      n3: n2 is trusted from the start: an anchor
`,
	} {
		x, err := rerun.ExplainClaim(past(t, s), id)
		require.NoError(t, err)
		assert.Equal(t, want, tree(x))
	}
	x, err := rerun.ExplainTrust(past(t, s), "n0", "n1", rerun.AtTheEnd)
	require.NoError(t, err)
	assert.Contains(t, tree(x), `  n0: n1 goes from trusted to probing by conflict: n1 cites a source that does not say so
    n1 claims "sky", citing https://x (LIP_EVIDENCE over n1 → n0, 5ms after it was submitted)
`)
}

// Who was asked and is silent is named.
func TestExplainClaimThatNobodyAnswers(t *testing.T) {
	s := load(t, market+order("2s", "n4", "kind = \"claim\"\npeer = \"n0\"\nfact = \"sea\"")+"[[fault]]\nkind = \"crash\"\nat = \"1s\"\nnodes = [\"n2\", \"n3\"]\n")
	x, err := rerun.ExplainClaim(past(t, s), "n4/n0/1")
	require.NoError(t, err)
	assert.Equal(t, "  asked, and did not answer yet: n2, n3", x.Answer[3])
}

// A trace of another engine tells a claim too, at each node that received it. It is made
// by hand.
func TestExplainClaimOfAForeignTrace(t *testing.T) {
	var out bytes.Buffer
	names := []string{"n0", "n1", "n2", "n3"}
	w, err := trace.NewWriter(&out, names, trace.Header{Engine: 99, Epoch: time.Unix(0, 0)}, everything)
	require.NoError(t, err)
	seq := uint64(0)
	emit := func(e trace.Event) {
		seq++
		e.T, e.Seq = 1000, seq
		w.Emit(&e)
	}
	letter := func(typ string, from, to sim.NodeID) {
		emit(trace.Event{Kind: trace.EnvelopeDelivered, Node: to, Peer: from, Payload: trace.Payload{
			ID: trace.EnvelopeID{byte(seq + 1)}, Type: typ, Control: true, Origin: from, Destination: to, Path: []sim.NodeID{from, to}, Latency: time.Millisecond}})
	}
	trusts := func(node, peer sim.NodeID) {
		emit(trace.Event{Kind: trace.TrustUpdated, Node: node, Peer: peer, Payload: trace.Payload{From: 1, To: 2, Evidence: 2, By: "local"}})
	}
	claim := func(id string, kind trace.Kind, node sim.NodeID, p trace.Payload, because ...uint64) {
		p.Claim = id
		emit(trace.Event{Kind: kind, Node: node, Peer: 1, Payload: p, Cause: seq, Because: because})
	}
	received := trace.Payload{Statement: "sea", Holds: true, Source: "https://x", Tier: "low"}
	trusts(0, 2)                                                                                                    // 1
	trusts(0, 1)                                                                                                    // 2
	letter("LIP_EVIDENCE", 1, 0)                                                                                    // 3
	claim("7c01", trace.ClaimReceived, 0, received)                                                                 // 4
	letter("LIP_EVIDENCE", 2, 0)                                                                                    // 5
	letter("LIP_EVIDENCE", 3, 0)                                                                                    // 6
	claim("7c01", trace.ClaimResolved, 0, trace.Payload{State: "accepted", Rule: 6, Voices: []sim.NodeID{2, 3}}, 5) // 7
	letter("LIP_EVIDENCE", 1, 2)                                                                                    // 8
	claim("7c01", trace.ClaimReceived, 2, received)                                                                 // 9
	claim("7d02", trace.ClaimReceived, 3, received)                                                                 // 10
	claim("7d02", trace.ClaimResolved, 3, trace.Payload{State: "disputed", Rule: 3})
	claim("7d0", trace.ClaimReceived, 3, received)
	claim("7d03", trace.ClaimReceived, 3, received)
	claim("7d03", trace.ClaimResolved, 3, trace.Payload{State: "dropped"})
	require.NoError(t, w.End(seq, "", "passed", false))
	p := ofTrace(t, strings.SplitAfter(out.String(), "\n"))

	x, err := rerun.ExplainClaim(p, "7c")
	require.NoError(t, err)
	assert.Equal(t, "what became of claim 7c01", x.Question)
	assert.Equal(t, `n0 accepted it at 1µs, by rule 6: enough others who are trusted say so too: n2, n3
n2 received it at 1µs, and has not decided it
at n0
  n0 receives it from n1: "sea", citing https://x, which is of tier low here
    n1 sends (LIP_EVIDENCE over n1 → n0, 1ms after it was submitted)
    n0: n1 goes from probing to trusted by verified: what n1 says agrees with what n0 knows at first hand
  n0 accepted it at 1µs, by rule 6: enough others who are trusted say so too: n2, n3
    n2 sends (LIP_EVIDENCE over n2 → n0, 1ms after it was submitted)
      n0: n2 goes from probing to trusted by verified: what n2 says agrees with what n0 knows at first hand
    n3 sends (LIP_EVIDENCE over n3 → n0, 1ms after it was submitted)
      n0: n3 is trusted from the start: an anchor
at n2
  n2 receives it from n1: "sea", citing https://x, which is of tier low here
    n1 sends (LIP_EVIDENCE over n1 → n2, 1ms after it was submitted)
`, tree(x))
	for id, want := range map[string]string{
		"7d02": "n3 holds it disputed since 1µs, by rule 3: somebody who is trusted contradicts it",
		"7d0":  "n3 received it at 1µs, and has not decided it",
		"7d03": "n3 dropped it at 1µs: it had no room for it",
	} {
		x, err := rerun.ExplainClaim(p, id)
		require.NoError(t, err)
		assert.Equal(t, []string{want}, x.Answer)
	}
	_, err = rerun.ExplainClaim(p, "7d")
	assert.EqualError(t, err, `"7d" begins the ids of 3 claims, such as 7d02 and 7d0; give more of it`)
	_, err = rerun.ExplainClaim(p, "x")
	assert.EqualError(t, err, `there is no claim "x" in this run`)
}
