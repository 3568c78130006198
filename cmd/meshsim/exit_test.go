package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
)

// finished is what the end of a command with this error comes to.
func finished(a *app, err error) outcome {
	var stdout, stderr bytes.Buffer
	a.out, a.err = &stdout, &stderr
	status := a.finish(err)
	return outcome{status, stdout.String(), stderr.String()}
}

func TestErrorsAreToldOnePerLine(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "x.partial", Err: syscall.ENOSPC}
	for _, c := range []struct {
		err    error
		status int
		stderr string
	}{
		{nil, 0, ""},
		{errors.New("no"), 2, "meshsim: no\n"},
		{full, 2, "x: can't write: no space left on device\n"},
		{errors.Join(full, full), 2, "x: can't write: no space left on device\n"},
		{about("y", errors.New("bad")), 2, "y: bad\n"},
		{about("y", full), 2, "x: can't write: no space left on device\n"},
		{errors.Join(errors.New("one"), scenarios.Errors{{File: "f", Line: 3, Key: "k", Message: "two"}}), 2, "meshsim: one\nf:3: k: two\n"},
		{fmt.Errorf("stdout: %w", syscall.EPIPE), 0, ""},
		{errors.Join(syscall.EPIPE, errors.New("more")), 2, "meshsim: more\n"},
		{rerun.ErrInterrupted, 130, "meshsim: interrupted\n"},
	} {
		assert.Equal(t, outcome{c.status, "", c.stderr}, finished(&app{}, c.err))
	}
	assert.Equal(t, 130, finished(&app{status: exitInterrupted}, full).status, "an interrupted run that can't be written")
	assert.Equal(t, 2, finished(&app{status: exitFailed}, full).status, "a failed one")
}

func TestCrashesAreReported(t *testing.T) {
	err := guarded(func() error {
		var nothing []int
		_ = nothing[len(nothing)]
		return nil
	})
	got := finished(&app{}, err)
	assert.Equal(t, exitInternal, got.status)
	assert.Contains(t, got.stderr, "meshsim: internal error: runtime error: index out of range")
	assert.Contains(t, got.stderr, "with -v")
	assert.NotContains(t, got.stderr, "exit_test.go")

	got = finished(&app{verbose: true}, err)
	assert.Contains(t, got.stderr, "exit_test.go", "the stack")

	run := &scenarios.Crash{Scenario: "s", Seed: 7, At: clock.Time(1500 * 1e6), Event: 42, Cause: "oh", Stack: []byte("goroutine 1")}
	got = finished(&app{json: true, status: exitFailed}, run)
	assert.Equal(t, exitInternal, got.status)
	assert.Contains(t, got.stderr, `oh (scenario "s", seed 7, at 1.5s, after event #42)`)
	v := document(t, got.stdout)
	assert.Equal(t, false, v["ok"])
	assert.NotContains(t, got.stdout+got.stderr, "goroutine")
}

func TestStdoutThatStopsListening(t *testing.T) {
	l := &listener{w: closedPipe{}}
	for range 2 {
		n, err := l.Write([]byte("abc"))
		assert.Equal(t, 3, n)
		assert.NoError(t, err)
	}
	l = &listener{w: fullDisk{}}
	_, err := l.Write([]byte("abc"))
	assert.Equal(t, syscall.ENOSPC, err)
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Err: syscall.EPIPE}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestColourChangesNothingElse(t *testing.T) {
	r := &scenarios.Result{Scenario: "s", Verdict: scenarios.Failed, Interrupted: true}
	var plain, coloured strings.Builder
	(&printer{w: &plain}).result(r, false, true)
	(&printer{w: &coloured, colour: true}).result(r, false, true)
	assert.NotContains(t, plain.String(), "\x1b")
	assert.Contains(t, coloured.String(), "\x1b[31mfailed\x1b[0m")
	stripped := strings.NewReplacer("\x1b[31m", "", "\x1b[33m", "", "\x1b[32m", "", "\x1b[0m", "").Replace(coloured.String())
	assert.Equal(t, plain.String(), stripped)
}

func TestColourIsRefused(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	assert.True(t, (&app{colour: true}).printer().colour)
	assert.False(t, (&app{}).printer().colour, "no terminal")
	assert.False(t, (&app{colour: true, noColor: true}).printer().colour)
	t.Setenv("TERM", "dumb")
	assert.False(t, (&app{colour: true}).printer().colour)
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	assert.False(t, (&app{colour: true}).printer().colour)
}

func TestWordsAndNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1: "-1", -999: "-999", -1000: "-1,000"} {
		assert.Equal(t, want, count(n))
	}
	for ns, want := range map[int64]string{0: "0s", 123: "123ns", 12345: "12.35µs", 16427093: "16.43ms", 1e9: "1s", 999_999_999_999: "16m40s"} {
		assert.Equal(t, want, short(ns).String())
	}
	for word, want := range map[string]string{"a-b_c.d/e": "a-b_c.d/e", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "fault[0].at=3s": "'fault[0].at=3s'", "$x": "'$x'", "ü": "'ü'"} {
		assert.Equal(t, want, quoted(word))
	}
	assert.Equal(t, "1 node", plural(1, "node"))
	assert.Equal(t, "1,000 nodes", plural(1000, "node"))
	assert.Empty(t, percent(0, 0))
	assert.Equal(t, []string{"a", " b"}, dedented([]string{"  a", "   b"}))
}
