package main

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
)

func TestDocuments(t *testing.T) {
	scenario(t, "sad.toml", failing)
	require.Equal(t, 0, meshsim("run", "detour", "-q", "--trace", "a.jsonl").status)
	require.Equal(t, 0, meshsim("run", "detour", "-q", "--seed", "8", "--trace", "b.jsonl").status)
	for _, c := range []struct {
		line   string
		status int
		keys   string
	}{
		{"run sad.toml", 1, "adversaries checkpoints digest events expectations faults interrupted invariants meshsim metrics ok reproduce scenario scenario_sha256 seed sim_ns steps verdict wall_ns warnings"},
		{"demo detour", 0, "adversaries checkpoints digest events expectations faults interrupted invariants meshsim metrics ok reproduce scenario scenario_sha256 seed sim_ns steps verdict wall_ns warnings"},
		{"demo", 0, "stories"},
		{"replay a.jsonl", 0, "first_difference same"},
		{"replay sad-3.fail.toml", 0, "first_difference same"},
		{"diff a.jsonl a.jsonl", 0, "first_difference same"},
		{"diff a.jsonl b.jsonl", 1, "first_difference same"},
		{"scenario list", 0, "scenarios"},
		{"scenario validate sad.toml", 0, "errors ok warnings"},
		{"scenario validate sad.toml --set duration=1", 2, "errors ok warnings"},
		{"scenario show detour", 0, "toml"},
		{"scenario resolve detour", 0, "toml"},
		{"scenario new", 0, "toml"},
		{"scenario new x.toml", 0, "file"},
		{"version", 0, "engine go meshsim platform record trace"},
		{"run missing", 2, "errors ok"},
		{"run sad.toml --bogus", 2, "errors ok"},
		{"run sad.toml --trace -", 2, "errors ok"},
		{"run sad.toml --out sad.toml/x", 2, "errors ok"},
		{"bogus", 2, "errors ok"},
		{"run", 2, "errors ok"},
		{"", 2, "errors ok"},
		{"scenario", 2, "errors ok"},
	} {
		t.Run(c.line, func(t *testing.T) {
			got := meshsim(append(strings.Fields(c.line), "--json")...)
			assert.Equal(t, c.status, got.status, got.stderr)
			v := document(t, got.stdout)
			assert.Equal(t, c.keys, strings.Join(slices.Sorted(maps.Keys(v)), " "))
			if ok, has := v["ok"]; has {
				assert.Equal(t, c.status == 0, ok)
			}
		})
	}
}

func TestDocumentOfADifference(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Equal(t, 0, meshsim("run", "detour", "-q", "--trace", "a.jsonl").status)
	require.Equal(t, 0, meshsim("run", "detour", "-q", "--seed", "8", "--trace", "b.jsonl").status)
	v := document(t, meshsim("diff", "a.jsonl", "b.jsonl", "--json").stdout)
	assert.Equal(t, false, v["same"])
	d := v["first_difference"].(map[string]any)
	assert.Subset(t, slices.Collect(maps.Keys(d)), []string{"seq", "t", "a", "b", "causes"})
	assert.IsType(t, []any{}, d["causes"])
	assert.Positive(t, d["seq"])
	v = document(t, meshsim("diff", "a.jsonl", "a.jsonl", "--json").stdout)
	assert.Equal(t, map[string]any{"same": true, "first_difference": nil}, v)
}

func TestDocumentOfErrors(t *testing.T) {
	scenario(t, "bad.toml", strings.Replace(failing, `"2s"`, `"2"`, 1))
	v := document(t, meshsim("run", "bad.toml", "--json").stdout)
	require.Len(t, v["errors"], 1)
	e := v["errors"].([]any)[0].(map[string]any)
	assert.Equal(t, "file key line message value", strings.Join(slices.Sorted(maps.Keys(e)), " "))
	assert.Equal(t, []any{"bad.toml", "duration", 4.0, `"2"`}, []any{e["file"], e["key"], e["line"], e["value"]})

	v = document(t, meshsim("run", "detour", "--json", "--trace", "nowhere/x").stdout)
	assert.Equal(t, "nowhere/x", v["errors"].([]any)[0].(map[string]any)["file"])
}

func TestLinksByNameOnRequestOnly(t *testing.T) {
	t.Chdir(t.TempDir())
	links := func(args ...string) map[string]any {
		v := document(t, meshsim(append([]string{"run", "detour", "--json"}, args...)...).stdout)
		return v["metrics"].(map[string]any)["links"].(map[string]any)
	}
	assert.NotContains(t, links(), "by")
	assert.Len(t, links("-v")["by"], 16)
}

func TestBuiltinsAreListed(t *testing.T) {
	v := document(t, meshsim("scenario", "list", "--json").stdout)
	list := v["scenarios"].([]any)
	require.Len(t, list, len(scenarios.Library()))
	for _, e := range list {
		assert.NotEmpty(t, e.(map[string]any)["name"])
		assert.NotEmpty(t, e.(map[string]any)["description"])
	}
}

func TestNoFileAppearsUnasked(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, line := range []string{"run detour", "demo detour", "scenario resolve detour", "run missing"} {
		meshsim(strings.Fields(line)...)
	}
	left, err := os.ReadDir(".")
	require.NoError(t, err)
	assert.Empty(t, left)
}
