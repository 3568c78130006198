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
		"nothing failed in this run":                 {"explain", "detour"},
		"go together":                                {"explain", "detour", "--route", "a", "b"},
		"two nodes are needed":                       {"explain", "detour", "--route", "a", "--at", "1s"},
		"there is no event #999999":                  {"explain", "detour", "--drop", "999999"},
		"there is no such file and no such built-in": {"explain", "nosuch"},
		"were all set":                               {"explain", "detour", "--drop", "1", "--envelope", "a"},
		"inspect: --at TIME is missing":              {"inspect", "detour"},
		"is not within the run":                      {"inspect", "detour", "--at", "1000h"},
		"--at soon: does not begin with a number":    {"inspect", "detour", "--at", "soon"},
		"--at 5: has no unit":                        {"explain", "detour", "--route", "n0", "n1", "--at", "5"},
		`there is no node "nobody"`:                  {"inspect", "detour", "--at", "1s", "--node", "nobody"},
		"--seed and --set have no place there":       {"explain", "sad.jsonl", "--seed", "4"},
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
	assert.Equal(t, []string{"--", "--route", "a", "b"}, paired([]string{"--", "--route", "a", "b"}))
}
