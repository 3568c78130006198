package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCommandLines(t *testing.T) {
	scenario(t, "sad.toml", failing)
	write(t, "quiet.toml", quiet)
	write(t, "vacuous.toml", vacuous)
	write(t, "empty.toml", "")
	write(t, "binary.toml", "version\x00\x01")
	write(t, "wrong.toml", strings.Replace(failing, `"10%"`, `"ten"`, 1)+"colour = 3\n")
	require.NoError(t, os.Mkdir("folder", 0o777))
	huge, err := os.Create("huge.toml")
	require.NoError(t, err)
	require.NoError(t, huge.Truncate(100<<20))
	require.NoError(t, huge.Close())

	for _, c := range []struct {
		line   string
		status int
		stdout string // part of it; "" if it must be empty
		stderr string
	}{
		{"run abilene-partition", 0, "abilene-partition: passed  (seed 42", ""},
		{"run detour -q", 0, "detour: passed  (seed 7, digest ", ""},
		{"run detour -v", 0, "n0->n1", ""},
		{"run detour --seed 0x10 -q", 0, "(seed 16,", ""},
		{"run sad.toml", 1, "sad: failed  (seed 3", ""},
		{"run sad.toml -q", 1, "nothing is lost", ""},
		{"run sad.toml --set link.loss=0% -q", 0, "passed", ""},
		{"run vacuous.toml", 4, "vacuous     nobody said anything", ""},
		{"run quiet.toml -q", 0, "passed", ""},
		{"run quiet.toml", 0, "vacuous, it changed nothing", ""},
		{"run quiet.toml --strict -q", 4, "passed", ""},
		{`run quiet.toml --strict -q --set fault[0]={kind="churn",nodes="n0",mean_up="8000h",mean_down="1s",at="0s"}`, 4, "passed", ""},
		{`run quiet.toml --strict -q --set fault[0]={kind="churn",nodes="n0",mean_up="9ms",mean_down="1ms",at="0s",lose="state"} --set routing.strategy="shortest_path"`, 0, "passed", ""},
		{"run sad.toml --strict -q --out out", 1, "sad-3.fail.toml", ""},
		{"demo", 0, `partition "west-cut-off"`, ""},
		{"demo detour", 0, "link down n0→n1", ""},
		{"demo overloaded-peer", 0, "Among peers: 2 × handshake_started, 2 × handshake_completed", ""},
		{"scenario list", 0, "The Abilene backbone loses its west", ""},
		{"scenario list -q", 0, "\nbottleneck\n", ""},
		{"scenario show detour", 0, "[topology]", ""},
		{"scenario new", 0, `name = "starter"`, ""},
		{"scenario new fresh.toml", 0, "meshsim run fresh.toml", ""},
		{"scenario new fresh.toml", 2, "", "fresh.toml exists already"},
		{"scenario validate sad.toml", 0, "sad.toml: ok", ""},
		{"scenario resolve abilene-partition --seed 9", 0, "seed = 9", ""},
		{"scenario resolve mesh-churn", 0, "outages = [\n  { node = \"n", ""},
		{"version", 0, "meshsim ", ""},
		{"fuzz --runs 3 --seed 7 -q", 0, "fuzz: passed  (3 runs from seed 7 on, 0 failed", ""},
		{"fuzz quiet.toml --runs 3", 0, "fuzz: passed  (3 runs from seed 1 on", ""},
		{"fuzz sad.toml --runs 3 --attempts 5 --out found", 1, "left found/sad-3.fail.toml", ""},
		{"help run", 0, "--trace-level", ""},
		{"run --help", 0, "Examples:", ""},
		{"completion bash", 0, "__start_meshsim", ""},
		{"__complete run det", 0, "detour\tA ring", "ShellCompDirectiveDefault"},
		{"", 0, "Available Commands:", ""},

		{"rnu", 2, "", `no verb "rnu"; allowed: check completion demo diff explain fuzz inspect replay run scenario shrink topology version (did you mean "run"?)`},
		{"scenario lst", 2, "", `(did you mean "list"?)`},
		{"help rnu", 2, "", `(did you mean "run"?)`},
		{"blame x", 2, "", `no verb "blame"`},
		{"fuzz --runs 0", 2, "", "--runs 0: must be at least 1"},
		{"fuzz --workers -1 --attempts 0", 2, "", "--attempts 0: must be at least 1"},
		{"fuzz --set link.loss=1%", 2, "", "name a SCENARIO"},
		{"fuzz --seed x", 2, "", "--seed: seed = x: is not a seed"},
		{"fuzz --out sad.toml", 2, "", "is not a folder"},
		{"fuzz detor", 2, "", `(did you mean "detour"?)`},
		{"run", 2, "", "no argument given; usage: meshsim run SCENARIO"},
		{"run a b", 2, "", "2 arguments (a b) given; usage: meshsim run SCENARIO"},
		{"diff a", 2, "", "usage: meshsim diff TRACE TRACE"},
		{"version 1", 2, "", "usage: meshsim version"},
		{"run --sed 3 detour", 2, "", "unknown flag: --sed; allowed: --fail-fast "},
		{"run detour --trace-from 5", 2, "", "--trace-from"},
		{"run detour --trace-from 5s", 2, "", "need --trace FILE"},
		{"run detour --trace x --trace-from 5s --trace-to 4s", 2, "", "no stretch of time"},
		{"run detour --trace x --trace-level most", 2, "", `"most"; allowed: summary protocol all`},
		{"run detour --trace x --trace-nodes n0,nx", 2, "", `no node "nx"`},
		{"run detour --seed -1", 2, "", "--seed: seed = -1: is not a seed; allowed: 0 … 9007199254740991"},
		{"run detour --set link.loss=x", 2, "", `--set: link.loss = "x"`},
		{"run detor", 2, "", `(did you mean "detour"?)`},
		{"scenario show detor", 2, "", `(did you mean "detour"?)`},
		{"run wrong.toml", 2, "", "wrong.toml:9: link.loss = \"ten\": "},
		{"run wrong.toml", 2, "", "wrong.toml:22: expect[0].colour"},
		{"run empty.toml", 2, "", "empty.toml:1: duration: is missing"},
		{"run binary.toml", 2, "", "binary.toml: is a binary file"},
		{"run huge.toml", 2, "", "huge.toml: is too large"},
		{"run detour --seed=", 2, "", "--seed: is empty"},
		{"run detour --trace=", 2, "", "--trace: is empty"},
		{"run folder", 2, "", "folder: is a directory"},
		{"run missing.toml", 2, "", "missing.toml: there is no such file"},
		{"replay folder", 2, "", "folder: is a directory"},
		{"replay missing.jsonl", 2, "", "missing.jsonl: there is no such file"},
		{"replay huge.toml", 2, "", "huge.toml: not a trace"},
		{"replay binary.toml", 2, "", "binary.toml: is a binary file"},
		{"replay empty.toml", 2, "", "empty.toml: not a trace: it is empty"},
		{"replay sad.toml", 2, "", "sad.toml: has no [record]"},
		{"replay sad.toml --seed 4", 2, "", "--seed and --set have no place there"},
		{"diff sad.toml sad.toml", 2, "", "sad.toml: not a trace"},
		{"diff - -", 2, "", "stdin holds one trace only"},
		{"run sad.toml --trace sad.toml", 2, "", "would overwrite the scenario"},
		{"run detour --trace folder", 2, "", "folder: can't create: is a directory"},
		{"run detour --trace nowhere/x", 2, "", "nowhere/x: can't open: no such file"},
		{"run sad.toml --out sad.toml", 2, "", "--out sad.toml: is not a folder"},
		{"run sad.toml -q --out sad.toml/x", 2, "sad: failed", "sad.toml/x: can't be made a folder: not a directory"},
	} {
		t.Run(c.line, func(t *testing.T) {
			got := meshsim(strings.Fields(c.line)...)
			assert.Equal(t, c.status, got.status, got.stderr)
			for _, stream := range []struct{ want, got string }{{c.stdout, got.stdout}, {c.stderr, got.stderr}} {
				if stream.want == "" {
					assert.Empty(t, stream.got)
				}
				assert.Contains(t, stream.got, stream.want)
			}
			assert.NotContains(t, got.stdout+got.stderr, "goroutine")
		})
	}
	assert.Equal(t, failing, read(t, "sad.toml"), "no command line touched the scenario")
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

func TestFilesThatMayNotBeRead(t *testing.T) {
	scenario(t, "secret.toml", failing)
	require.NoError(t, os.Chmod("secret.toml", 0))
	if f, err := os.Open("secret.toml"); err == nil {
		f.Close()
		t.Skip("whoever runs this may read everything")
	}
	for _, verb := range []string{"run", "replay", "check"} {
		got := meshsim(verb, "secret.toml")
		assert.Equal(t, 2, got.status)
		assert.Contains(t, got.stderr, "permission denied")
	}
}

func TestEveryVerbExplainsItself(t *testing.T) {
	root := (&app{}).root()
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		assert.NotEmpty(t, c.Short, c.CommandPath())
		assert.Contains(t, c.Example, "meshsim", c.CommandPath())
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(root)
}

func TestEnvironmentStandsForFlags(t *testing.T) {
	scenario(t, "sad.toml", failing)
	t.Setenv("MESHSIM_SEED", "11")
	t.Setenv("MESHSIM_QUIET", "true")
	assert.Contains(t, meshsim("run", "sad.toml").stdout, "(seed 11,")
	assert.Contains(t, meshsim("run", "sad.toml", "--seed", "12").stdout, "(seed 12,", "a flag wins")
	assert.Contains(t, meshsim("run", "sad.toml", "--set", "seed=13").stdout, "(seed 13,", "--set is a flag")
	assert.NotContains(t, meshsim("run", "sad.toml").stdout, "traffic")
	assert.Contains(t, meshsim("run", "sad.toml", "--quiet=false").stdout, "traffic")

	t.Setenv("MESHSIM_TRACE", "env.jsonl")
	t.Setenv("MESHSIM_OUT", "env")
	require.Equal(t, 1, meshsim("run", "sad.toml").status)
	assert.FileExists(t, "env.jsonl")
	assert.FileExists(t, "env/sad-11.fail.toml")
	assert.Equal(t, 0, meshsim("replay", "env/sad-11.fail.toml").status, "what a file records is not overridden")

	t.Setenv("MESHSIM_SEED", "eleven")
	assert.Equal(t, outcome{2, "", "MESHSIM_SEED: seed = \"eleven\": is not a seed; allowed: 0 … 9007199254740991, or 0x and hex digits\n"}, meshsim("run", "sad.toml"))
	t.Setenv("MESHSIM_STRICT", "perhaps")
	t.Setenv("MESHSIM_JSON", "1")
	got := meshsim("run", "sad.toml")
	assert.Equal(t, 2, got.status)
	assert.Contains(t, got.stderr, `MESHSIM_STRICT: "perhaps" is not a bool`)
	assert.Equal(t, false, document(t, got.stdout)["ok"])
}
