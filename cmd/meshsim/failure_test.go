package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/trace"
)

// withFiles is failing on a CSV file of links.
var withFiles = strings.Replace(failing, "kind = \"ring\"\nnodes = 5\n", "kind = \"file\"\npath = \"data/links.csv\"\n", 1)

const linksCSV = "source,target,latency\nn0,n1,5ms\nn1,n2,5ms\nn2,n0,9ms\n"

// Each failing run leaves a file that replays as same, and runs to the same
// digest, in an empty folder; and its command to reproduce it does.
func TestFailingRunIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		args  []string
		stdin string
		left  string
	}{
		"a file":                {args: []string{"sad.toml"}, left: "sad-3.fail.toml"},
		"with a seed":           {args: []string{"sad.toml", "--seed", "0x63"}, left: "sad-99.fail.toml"},
		"with overrides":        {args: []string{"sad.toml", "--set", "fault[0].at=\"0.4s\"", "--set", "link.loss=20%", "--set", "name=it's bad"}, left: "it_s_bad-3.fail.toml"},
		"with files":            {args: []string{"sub/files.toml", "--seed", "4"}, left: "sad-4.fail.toml"},
		"a built-in":            {args: []string{"abilene-partition", "--set", "link.loss=40%"}, left: "abilene-partition-42.fail.toml"},
		"stdin":                 {args: []string{"-", "--set", "link.loss=30%"}, stdin: failing, left: "sad-3.fail.toml"},
		"at its first failure":  {args: []string{"sad.toml", "--fail-fast", "--set", `expect[0]={always="envelope.hops < 2"}`}, left: "sad-3.fail.toml"},
		"a .fail.toml, in turn": {args: []string{"kept.fail.toml"}, left: "sad-3.fail.toml"},
	} {
		t.Run(name, func(t *testing.T) {
			scenario(t, "sad.toml", failing)
			require.NoError(t, os.MkdirAll("sub/data", 0o777))
			write(t, "sub/files.toml", withFiles)
			write(t, "sub/data/links.csv", linksCSV)
			write(t, "kept.fail.toml", failing+"[record]\nengine = 2\ndigest = \"x\"\n")
			got := meshsimReading(c.stdin, append([]string{"run", "--json"}, c.args...)...)
			require.Equal(t, 1, got.status, got.stderr)
			result := document(t, got.stdout)
			reproduced := sh(t, result["reproduce"].(string)+" --json")
			assert.Equal(t, result["digest"], document(t, reproduced)["digest"], result["reproduce"])

			text := read(t, c.left)
			t.Chdir(t.TempDir())
			write(t, c.left, text)
			replayed := meshsim("replay", c.left)
			assert.Equal(t, outcome{0, "same\n", ""}, replayed)
			if name != "at its first failure" {
				again := meshsim("run", c.left, "--json")
				assert.Equal(t, 1, again.status)
				assert.Equal(t, result["digest"], document(t, again.stdout)["digest"])
			}
			assert.Equal(t, 3, meshsimReading(strings.Replace(text, `digest = "`, `digest = "0`, 1), "replay", "-").status)
		})
	}
}

// sh runs a line in a shell that finds meshsim.
func sh(t *testing.T, line string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.Output()
	exitStatus(t, err)
	return string(out)
}

func TestReproduceOfAPassingRun(t *testing.T) {
	scenario(t, "my scenario.toml", failing)
	reproduce := func(args ...string) string {
		return document(t, meshsimReading(failing, append([]string{"run", "--json", "--set", "link.loss=0%", "--seed", "0x9"}, args...)...).stdout)["reproduce"].(string)
	}
	assert.Equal(t, "meshsim run 'my scenario.toml' --set link.loss=0% --seed 9", reproduce("my scenario.toml"))
	assert.Equal(t, "meshsim run - --set link.loss=0% --seed 9", reproduce("-"))
}

func TestFailingRunTellsWhatHappened(t *testing.T) {
	scenario(t, "sad.toml", failing)
	got := meshsim("run", "sad.toml", "--out", "some where")
	require.Equal(t, 1, got.status)
	_, told, found := strings.Cut(got.stdout, "\nfailed: nothing is lost\n  at 2s: traffic.delivery_ratio = 0.")
	require.True(t, found, got.stdout)
	lines := strings.Split(told, "\n")
	assert.Equal(t, "  the last events that are drops, faults or routes, whoever was concerned:", lines[1])
	for _, l := range lines[2:12] {
		assert.Regexp(t, `^    +[0-9.]+m?s  #[0-9]+ `, l)
	}
	assert.Equal(t, []string{
		"  without its faults: failed as well",
		"",
		"This run is kept in some where/sad-3.fail.toml, which needs nothing else. To copy:",
		"  meshsim replay 'some where/sad-3.fail.toml'",
		"  meshsim explain 'some where/sad-3.fail.toml'",
		"  meshsim shrink 'some where/sad-3.fail.toml'",
		"",
	}, lines[12:])
	for _, command := range lines[15:18] {
		assert.Regexp(t, "sad|same|nothing is lost", sh(t, command), command)
	}
	assert.FileExists(t, "sad-1.min.fail.toml")
}

func TestTraceHoldsTheOverrides(t *testing.T) {
	scenario(t, "sad.toml", failing)
	require.Equal(t, 1, meshsim("run", "sad.toml", "-q", "--seed", "77", "--set", "link.loss=25%", "--trace", "t.jsonl.zst").status)
	f, err := os.Open("t.jsonl.zst")
	require.NoError(t, err)
	defer f.Close()
	r, err := trace.NewReader(f)
	require.NoError(t, err)
	assert.EqualValues(t, 77, r.Header().Seed)
	assert.Contains(t, r.Header().ScenarioTOML, `loss = "25%"`)

	text := read(t, "t.jsonl.zst")
	t.Chdir(t.TempDir())
	assert.Equal(t, outcome{0, "same\n", ""}, meshsimReading(text, "replay", "-"))
}

func TestTraceOnStdout(t *testing.T) {
	t.Chdir(t.TempDir())
	got := process(t, nil, "run", "detour", "--trace", "-")
	require.Equal(t, 0, got.status)
	assert.Contains(t, got.stderr, "detour: passed")
	assert.NotContains(t, got.stdout, "detour: passed")
	assert.Equal(t, outcome{0, "same\n", ""}, meshsimReading(got.stdout, "replay", "-"))
}

func TestReplayNamesWhatDiffers(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Equal(t, 0, meshsim("run", "detour", "-q", "--trace", "t.jsonl").status)
	lines := strings.SplitAfter(read(t, "t.jsonl"), "\n")
	lines[500] = strings.Replace(lines[500], `"size":`, `"size":1`, 1)
	write(t, "t.jsonl", strings.Join(lines, ""))
	got := meshsim("replay", "t.jsonl", "--no-color")
	assert.Equal(t, 3, got.status)
	assert.Contains(t, got.stdout, "different\n  first different event: #")
	assert.Contains(t, got.stdout, "  caused by:\n    seq ")

	lines[0] = strings.Replace(lines[0], `"engine":2`, `"engine":1`, 1)
	write(t, "t.jsonl", strings.Join(lines, ""))
	got = meshsim("replay", "t.jsonl")
	assert.Equal(t, outcome{2, "", "t.jsonl: was recorded by engine 1; this is engine 2, whose digests differ\n"}, got)
}

func TestDiffShowsTheStateBefore(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Equal(t, 0, meshsim("run", "detour", "-q", "--trace", "a.jsonl").status)
	require.Equal(t, 0, meshsim("run", "detour", "-q", "--set", "fault[0].at=3s", "--trace", "b.jsonl").status)
	got := meshsim("diff", "a.jsonl", "b.jsonl")
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stdout, "first different event: #")
	assert.Regexp(t, `state in a before it \(the run up to #\d+, again\):\n    n\d: up, `, got.stdout)
	assert.Regexp(t, `      to n\d: arrives, \d+ taken, \d+ dropped`, got.stdout)
	write(t, "c.jsonl", read(t, "a.jsonl")[:200000])
	got = meshsim("diff", "a.jsonl", "c.jsonl")
	assert.Equal(t, 0, got.status)
	assert.Contains(t, got.stderr, "c.jsonl:")
	assert.Contains(t, got.stderr, "warning: the end line is missing")
}

func TestVerdictsOutrankEachOther(t *testing.T) {
	order := []int{exitPassed, exitVacuous, exitFailed, exitBadInput, exitNotDeterministic, exitInternal, exitInterrupted}
	for i, weaker := range order {
		for _, graver := range order[i:] {
			for _, pair := range [][2]int{{weaker, graver}, {graver, weaker}} {
				a := &app{}
				a.settle(pair[0])
				a.settle(pair[1])
				assert.Equal(t, graver, a.status, pair)
			}
		}
	}
	r := &scenarios.Result{Verdict: scenarios.Failed, Interrupted: true, Faults: []scenarios.FaultResult{{Vacuous: true}}}
	a := &app{}
	a.settleResult(r, true)
	assert.Equal(t, exitInterrupted, a.status)
}
