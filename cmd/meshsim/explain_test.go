package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExplainCommand(t *testing.T) {
	scenario(t, "sad.toml", failing)
	require.Equal(t, 1, meshsim("run", "sad.toml", "--trace", "sad.jsonl").status)
	for _, file := range []string{"sad.toml", "sad-3.fail.toml", "sad.jsonl"} {
		got := meshsim("explain", file)
		assert.Equal(t, 0, got.status, got.stderr)
		assert.Contains(t, got.stdout, "expected (")
		assert.Contains(t, got.stdout, "#", "events")
		assert.Empty(t, got.stderr)
	}
	whole, short := meshsim("explain", "sad.toml").stdout, meshsim("explain", "-q", "sad.toml").stdout
	assert.Less(t, len(short), len(whole))
	for _, line := range [][]string{
		{"explain", "abilene-partition", "--route", "Seattle", "NewYork", "--at", "12s"},
		{"explain", "--route", "Seattle", "NewYork", "--at", "12s", "abilene-partition"},
		{"explain", "abilene-partition", "--route=Seattle,NewYork", "--at", "12s"},
		{"explain", "abilene-partition", "--at", "12s", "--route", "Seattle->NewYork"},
	} {
		got := meshsim(line...)
		assert.Equal(t, 0, got.status, got.stderr)
		assert.Contains(t, got.stdout, "a partition cuts Denver → KansasCity")
	}
	for want, line := range map[string][]string{
		"nothing failed in this run":                           {"explain", "detour"},
		"go together":                                          {"explain", "detour", "--route", "a", "b"},
		"two nodes are needed":                                 {"explain", "detour", "--route", "a", "--at", "1s"},
		"there is no event #999999":                            {"explain", "detour", "--drop", "999999"},
		"there is no such file and no such built-in":           {"explain", "nosuch"},
		"were all set":                                         {"explain", "detour", "--drop", "1", "--envelope", "a"},
		"--at TIME is for --route A B or --trust A B":          {"explain", "detour", "--at", "1s"},
		"--trust a: two nodes are needed, as in --trust n0 n5": {"explain", "detour", "--trust", "a"},
		"holds no level of itself":                             {"explain", "first-contact", "--trust", "a", "a"},
		"there is no claim \"7c\" in this run":                 {"explain", "first-contact", "--claim", "7c"},
		"[claim trust] were all set":                           {"explain", "first-contact", "--claim", "7c", "--trust", "a", "b"},
		"inspect: --at TIME is missing":                        {"inspect", "detour"},
		"is not within the run":                                {"inspect", "detour", "--at", "1000h"},
		"--at soon: does not begin with a number":              {"inspect", "detour", "--at", "soon"},
		"--at 5: has no unit":                                  {"explain", "detour", "--route", "n0", "n1", "--at", "5"},
		`there is no node "nobody"`:                            {"inspect", "detour", "--at", "1s", "--node", "nobody"},
		"--seed and --set have no place there":                 {"explain", "sad.jsonl", "--seed", "4"},
	} {
		got := meshsim(line...)
		assert.Equal(t, 2, got.status, line)
		assert.Contains(t, got.stderr, want)
		assert.Empty(t, got.stdout)
	}
}

func TestInspectCommand(t *testing.T) {
	scenario(t, "sad.toml", failing)
	require.Equal(t, 1, meshsim("run", "sad.toml", "--trace", "thin.jsonl", "--trace-level", "summary").status)
	for _, file := range []string{"sad.toml", "thin.jsonl"} {
		got := meshsim("inspect", file, "--at", "1s")
		assert.Equal(t, 0, got.status, got.stderr)
		assert.Contains(t, got.stdout, "at 1s, after")
	}
	held := meshsim("inspect", "stalled-link", "--at", "3s").stdout
	assert.Regexp(t, `n1 +up +1 +0 +0 +50 +0  n2 \(kept\)`, held, "copies that a fault holds")
	links := document(t, meshsim("inspect", "stalled-link", "--at", "3s", "--node", "n1", "--json").stdout)["nodes"].([]any)[0].(map[string]any)["links"]
	assert.Contains(t, links.([]any)[0], "busy_ns", "named as in links.by")
	full := meshsim("inspect", "abilene-partition", "--at", "12s", "--node", "Denver")
	assert.Contains(t, full.stdout, "sends by KansasCity: ")
	v := document(t, meshsim("inspect", "abilene-partition", "--at", "12s", "--json").stdout)
	assert.Len(t, v["nodes"], 11)
	assert.Equal(t, []any{"west-cut-off"}, v["faults"])
}

func TestPairs(t *testing.T) {
	assert.Equal(t, []string{"explain", "f", "--route=a,b", "--at", "1s"}, paired([]string{"explain", "f", "--route", "a", "b", "--at", "1s"}))
	assert.Equal(t, []string{"--route", "a,b", "f"}, paired([]string{"--route", "a,b", "f"}))
	assert.Equal(t, []string{"--route", "a"}, paired([]string{"--route", "a"}))
	assert.Equal(t, []string{"--route", "a", "--at"}, paired([]string{"--route", "a", "--at"}))
	assert.Equal(t, []string{"explain", "f", "--trust=a,b", "--at", "1s"}, paired([]string{"explain", "f", "--trust", "a", "b", "--at", "1s"}))
	assert.Equal(t, []string{"--", "--route", "a", "b"}, paired([]string{"--", "--route", "a", "b"}))
}

// gossip has n0 judge n1 itself, and hear of n2 by n1; n1 claims something, too.
const gossip = `version = 1
duration = "9s"
topology = { kind = "full", nodes = 4 }
link = { latency = "5ms" }
handshake = { auto = "all" }
trust = { quorum = 2, anchors = ["n3"] }
[knowledge]
facts = [
  { id = "air", domain = "air", known_by = ["n0", "n1"] },
  { id = "sea", domain = "sea", known_by = ["n1", "n2"] },
]
[[traffic]]
kind = "facts"
arrivals = "periodic"
interval = "1s"
from = ["n1", "n2"]
to = ["n0"]
[[action]]
at = "3s"
node = "n3"
kind = "warn"
peer = "n0"
subject = "n2"
[[action]]
at = "4s"
node = "n2"
kind = "introduce"
peer = "n0"
subject = "n1"
[[action]]
at = "5s"
node = "n2"
kind = "claim"
peer = "n0"
fact = "sea"
`

func TestExplainTrustCommand(t *testing.T) {
	scenario(t, "gossip.toml", gossip)
	require.Equal(t, 0, meshsim("run", "gossip.toml", "--trace", "thin.jsonl", "--trace-level", "summary").status)
	for _, line := range [][]string{
		{"explain", "gossip.toml", "--trust", "n0", "n1"},
		{"explain", "thin.jsonl", "--trust", "n0,n1"},
		{"explain", "--trust", "n0", "n1", "thin.jsonl", "--at", "2s"},
	} {
		got := meshsim(line...)
		assert.Equal(t, 0, got.status, got.stderr)
		assert.Contains(t, got.stdout, "\n  n0 holds n1 at trusted since ")
		assert.Regexp(t, `\n +\d\S+  #\d+ +n0: n1 goes from probing to trusted by verified: .*\n +\d\S+  #\d+ {9,}n1 says "air" \(FACT_PROPOSE over n1 → n0, 5ms`, got.stdout)
	}
	lacks := meshsim("explain", "-q", "gossip.toml", "--trust", "n0", "n2").stdout
	assert.Contains(t, lacks, `  missing: "sea", which n2 says, has 1 of 2 confirmations (n1)`)
	assert.NotContains(t, lacks, "what moved")
	v := document(t, meshsim("explain", "gossip.toml", "--trust", "n0", "n1", "--json").stdout)
	steps := v["accounts"].([]any)[0].(map[string]any)["steps"].([]any)
	assert.Contains(t, steps[1].(map[string]any)["grounds"].([]any)[0].(map[string]any)["text"], "n1 says")
	claim := meshsim("explain", "gossip.toml", "--claim", "n2/")
	assert.Equal(t, 0, claim.status, claim.stderr)
	assert.Contains(t, claim.stdout, "what became of claim n2/n0/1\n  n0 received it at 5.005s, and has not decided it\n    it waits by rule 4: its sender is not trusted\n")
	assert.Contains(t, claim.stdout, "at n0:\n")
	for _, option := range []string{"--trust A B", "--claim ID", "meshsim explain run.jsonl.zst --trust Alice Bob --at 12s"} {
		assert.Contains(t, meshsim("explain", "--help").stdout, option)
	}
}

func TestInspectTrustCommand(t *testing.T) {
	scenario(t, "gossip.toml", gossip)
	got := meshsim("inspect", "gossip.toml", "--at", "8s", "--node", "n0")
	assert.Equal(t, 0, got.status, got.stderr)
	for _, want := range []string{
		"    knows at first hand: air\n",
		"      it said air (version 1)\n", "      proved by air (version 1)\n",
		"      sea (version 1) waits: 1 of 2 confirmed it (n1), 0 contradicted it (nobody), asked: nobody\n",
		"      n3 warned of it (counts)\n",
		"      introduces n1, which waits until n2 is trusted, or until ",
		"    claim n2/n0/1 of n2: sea, source none (unknown): pending; needs 2, say so: n1, contradict: nobody, not answered: nobody\n",
	} {
		assert.Contains(t, got.stdout, want)
	}
	assert.Regexp(t, `keeps on n3 +trusted, an anchor, key [0-9a-f]{16}\n`, got.stdout)
	n0 := document(t, meshsim("inspect", "gossip.toml", "--at", "8s", "--node", "n0", "--json").stdout)["nodes"].([]any)[0].(map[string]any)
	assert.Equal(t, []any{"air"}, n0["first_hand"])
	assert.Equal(t, "n2", n0["claims"].([]any)[0].(map[string]any)["from"])
	two := n0["dossiers"].([]any)[1].(map[string]any)
	assert.Equal(t, "n2", two["peer"])
	assert.Equal(t, []any{"n1"}, two["kept"].([]any)[0].(map[string]any)["confirmed"])
	plain := document(t, meshsim("inspect", "detour", "--at", "1s", "--json").stdout)["nodes"].([]any)[0]
	assert.NotContains(t, plain, "dossiers", "of nodes that never shake hands")
}
