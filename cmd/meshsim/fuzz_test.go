package main

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every 50th seed also runs in a new process.
func TestFuzzInAProcess(t *testing.T) {
	t.Chdir(t.TempDir())
	got := process(t, nil, "fuzz", "--seed", "50", "--runs", "2", "--json")
	require.Equal(t, 0, got.status, got.stderr)
	assert.Empty(t, got.stderr, "no progress without a terminal")
	v := document(t, got.stdout)
	assert.EqualValues(t, 2, v["runs"])
	assert.EqualValues(t, 0, v["failed"])
	assert.EqualValues(t, 50, v["seed"])
	assert.Empty(t, v["signatures"])
	assert.Positive(t, v["runs_per_second"])
	coverage := v["coverage"].(map[string]any)
	assert.EqualValues(t, 2, coverage["seen"].(map[string]any)["event/envelope_sent"])
	assert.NotEmpty(t, coverage["never"])
}

// What failed is one entry and one file for each signature, which runs again as it
// says.
func TestFuzzOfAScenario(t *testing.T) {
	scenario(t, "sad.toml", failing)
	got := meshsim("fuzz", "sad.toml", "--runs", "4", "--attempts", "30", "--out", "found", "--json")
	assert.Equal(t, 1, got.status, got.stderr)
	v := document(t, got.stdout)
	first := v["signatures"].([]any)[0].(map[string]any)
	assert.Equal(t, "expectation nothing is lost: loss", first["signature"])
	assert.Equal(t, "found/sad-3.fail.toml", first["file"])
	assert.EqualValues(t, 3, first["seeds"].([]any)[0])
	assert.Equal(t, 1, meshsim("run", "found/sad-3.fail.toml", "-q", "--out", "again").status)
	assert.Equal(t, 0, meshsim("replay", "found/sad-3.fail.toml").status, "as its record says")
	assert.Equal(t, 1, meshsim("fuzz", "found/sad-3.fail.toml", "--runs", "1", "-q", "--attempts", "1").status)
}

// Ctrl-C ends a campaign with what is finished.
func TestFuzzInterrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	status := -1 // a signal ended it: on a busy machine it had not begun to listen
	for wait := 300 * time.Millisecond; status < 0 && wait < 10*time.Second; wait *= 2 {
		status = interrupted(t, wait, "fuzz", "--time", "1h", "--json")
	}
	assert.Equal(t, 130, status)
	v := document(t, read(t, "out.json"))
	assert.Equal(t, true, v["interrupted"])
	assert.EqualValues(t, 0, v["failed"])
}

// interrupted runs a command line for a time, its output in out.json.
func interrupted(t *testing.T, after time.Duration, args ...string) int {
	t.Helper()
	out, err := os.Create("out.json")
	require.NoError(t, err)
	defer out.Close()
	cmd := exec.Command(program, args...)
	cmd.Stdout = out
	require.NoError(t, cmd.Start())
	time.Sleep(after)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	return exitStatus(t, cmd.Wait())
}
