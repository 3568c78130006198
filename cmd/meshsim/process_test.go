package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
)

// start begins a command line and waits until the file has some content. The
// returned function ends it by a signal and waits for it.
func start(t *testing.T, file string, args ...string) (end func(os.Signal) outcome) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	require.Eventually(t, func() bool {
		info, err := os.Stat(file)
		return err == nil && info.Size() > 1<<18
	}, 20*time.Second, 5*time.Millisecond)
	return func(s os.Signal) outcome {
		require.NoError(t, cmd.Process.Signal(s))
		err := cmd.Wait()
		return outcome{exitStatus(t, err), stdout.String(), stderr.String()}
	}
}

func TestCtrlC(t *testing.T) {
	scenario(t, "endless.toml", endless)
	got := start(t, "t.jsonl.partial", "run", "endless.toml", "--json", "--trace", "t.jsonl")(os.Interrupt)
	assert.Equal(t, 130, got.status, "also though its expectation failed")
	assert.Empty(t, got.stderr)
	v := document(t, got.stdout)
	assert.Equal(t, true, v["interrupted"])
	assert.Equal(t, "failed", v["verdict"])
	assert.NoFileExists(t, "t.jsonl.partial")
	assert.NoFileExists(t, "endless-1.fail.toml", "that the time was too short is no failure to keep")

	text := read(t, "t.jsonl")
	last := text[strings.LastIndexByte(strings.TrimSpace(text), '\n')+1:]
	end := document(t, last)
	assert.Equal(t, true, end["end"])
	assert.Equal(t, true, end["interrupted"])
	assert.Equal(t, v["digest"], end["digest"])
	replayed := meshsim("replay", "t.jsonl")
	assert.Equal(t, 0, replayed.status)
	assert.Contains(t, replayed.stdout, "a record ends early")
	assert.Empty(t, replayed.stderr)
}

func TestCtrlCInOtherVerbs(t *testing.T) {
	scenario(t, "endless.toml", endless)
	start(t, "t.jsonl.partial", "run", "endless.toml", "--trace", "t.jsonl")(os.Interrupt)
	write(t, "endless.fail.toml", endless+"[record]\nengine = 2\n")
	for _, args := range [][]string{{"check", "endless.toml"}, {"replay", "endless.fail.toml"}, {"demo", "endless.toml"}, {"run", "endless.toml"},
		{"explain", "endless.toml"}, {"inspect", "endless.toml", "--at", "8000h"}, {"shrink", "endless.toml"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			status := -1 // a signal ended it: on a busy machine it had not begun to listen
			for wait := 300 * time.Millisecond; status < 0 && wait < 10*time.Second; wait *= 2 {
				var stderr bytes.Buffer
				cmd := exec.Command(program, args...)
				cmd.Stderr = &stderr
				require.NoError(t, cmd.Start())
				time.Sleep(wait)
				require.NoError(t, cmd.Process.Signal(os.Interrupt))
				status = exitStatus(t, cmd.Wait())
				assert.NotContains(t, stderr.String(), "different")
			}
			assert.Equal(t, 130, status)
		})
	}
}

// minimal lists what shrink left in the folder.
func minimal(t *testing.T) []string {
	files, err := filepath.Glob("*.min.fail.toml")
	require.NoError(t, err)
	return files
}

// Whatever ends a shrink, the smallest so far is there, fails, and can be shrunk on.
func TestShrinkLeavesTheSmallestSoFar(t *testing.T) {
	many := strings.Repeat("[[fault]]\nkind = \"link_down\"\nlinks = [\"n3-n4\"]\nat = \"1ms\"\nuntil = \"2ms\"\n", 150)
	for name, end := range map[string]os.Signal{"interrupted": os.Interrupt, "killed": os.Kill} {
		t.Run(name, func(t *testing.T) {
			scenario(t, "sad.toml", failing+many)
			cmd := exec.Command(program, "shrink", "sad.toml")
			require.NoError(t, cmd.Start())
			t.Cleanup(func() { _ = cmd.Process.Kill() })
			require.Eventually(t, func() bool { return len(minimal(t)) > 0 }, 20*time.Second, time.Millisecond)
			require.NoError(t, cmd.Process.Signal(end))
			require.Error(t, cmd.Wait(), "it was not done")
			require.NotEmpty(t, minimal(t))
			assert.Equal(t, 1, meshsim("run", minimal(t)[0], "-q").status)
			v := document(t, meshsim("shrink", minimal(t)[0], "--json").stdout)
			assert.Equal(t, true, v["done"])
		})
	}
}

func TestKilledRunLeavesItsPartialTrace(t *testing.T) {
	scenario(t, "endless.toml", endless)
	start(t, "t.jsonl.partial", "run", "endless.toml", "--trace", "t.jsonl")(os.Kill)
	assert.NoFileExists(t, "t.jsonl")
	got := meshsim("replay", "t.jsonl")
	assert.Equal(t, 2, got.status)
	assert.Contains(t, got.stderr, "a run that was killed left t.jsonl.partial")
	for _, args := range [][]string{{"replay", "t.jsonl.partial"}, {"diff", "t.jsonl.partial", "t.jsonl.partial"}} {
		got := meshsim(args...)
		assert.Equal(t, 0, got.status, args)
		assert.Contains(t, got.stdout, "same\n")
		assert.Contains(t, got.stderr, "warning: the end line is missing")
	}
}

func TestClosedStdoutEndsQuietly(t *testing.T) {
	scenario(t, "sad.toml", failing)
	for line, status := range map[string]int{
		"run detour": 0, "run detour -v": 0, "run sad.toml": 1, "run detour --json": 0, "scenario list": 0, "demo": 0,
		"scenario resolve workload": 0, "run detour --trace -": 0, "--help": 0,
	} {
		t.Run(line, func(t *testing.T) {
			r, w, err := os.Pipe()
			require.NoError(t, err)
			r.Close()
			var stderr bytes.Buffer
			cmd := exec.Command(program, strings.Fields(line)...)
			cmd.Stdout, cmd.Stderr = w, &stderr
			err = cmd.Run()
			w.Close()
			assert.Equal(t, status, exitStatus(t, err), "the status of the run")
			assert.Empty(t, stderr.String())
		})
	}
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full here")
	}
	defer full.Close()
	scenario(t, "sad.toml", failing)
	for _, line := range []string{"run detour", "run detour --json", "run sad.toml", "scenario list", "scenario show detour", "version", "demo", "check detour", "run detour --trace -"} {
		var stderr bytes.Buffer
		cmd := exec.Command(program, strings.Fields(line)...)
		cmd.Stdout, cmd.Stderr = full, &stderr
		assert.Equal(t, 2, exitStatus(t, cmd.Run()), line)
		assert.Contains(t, stderr.String(), "no space left on device", line)
	}
	got := process(t, nil, "run", "sad.toml", "-q", "--trace", "/dev/full")
	assert.Equal(t, 2, got.status)
	assert.Contains(t, got.stdout, "sad: failed", "what is known is told")
	assert.Equal(t, "/dev/full: can't write: no space left on device\n", got.stderr)
}

func TestCheck(t *testing.T) {
	scenario(t, "sad.toml", failing)
	t.Setenv("MESHSIM_TRACE", "unasked.jsonl") // is for run, and not for what check starts
	t.Setenv("MESHSIM_SEED", "5")
	got := process(t, nil, "check", "sad.toml", "--json", "--set", "link.loss=20%")
	assert.Equal(t, 0, got.status, got.stderr)
	v := document(t, got.stdout)
	assert.Equal(t, true, v["ok"])
	assert.Nil(t, v["first_difference"])
	assert.Len(t, v["runs"], 5)
	for _, r := range v["runs"].([]any) {
		assert.Equal(t, v["digest"], r.(map[string]any)["digest"])
		assert.NotEmpty(t, r.(map[string]any)["how"])
	}
	got = process(t, strings.NewReader(failing), "check", "-")
	assert.Equal(t, 0, got.status, "whatever the expectations say")
	assert.Contains(t, got.stdout, "sad: same  (digest ")
	left, err := os.ReadDir(".")
	require.NoError(t, err)
	assert.Len(t, left, 1, "check leaves no files")
}

// checking is a checker whose new processes are of another program.
func checking(t *testing.T, script string) *checker {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "program")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o777))
	s, err := scenarios.LoadBytes([]byte(failing), "sad.toml")
	require.NoError(t, err)
	return &checker{ctx: context.Background(), program: path, text: []byte(failing), dir: dir, scenario: s}
}

func TestCheckFindsWhatIsNotDeterministic(t *testing.T) {
	out, err := checking(t, `exec '`+program+`' "$@" --set fault[0].at=600ms`).check()
	require.NoError(t, err)
	assert.False(t, out.OK)
	assert.Len(t, out.Runs, 5)
	assert.NotEqual(t, out.Digest, out.Runs[1].Digest)
	require.NotNil(t, out.FirstDifference)
	assert.EqualValues(t, 5e8, out.FirstDifference.T)
	assert.Contains(t, out.FirstDifference.B, "fault_begin")

	var stdout bytes.Buffer
	a := &app{out: &stdout}
	require.NoError(t, a.reportCheck("sad", out))
	assert.Equal(t, exitNotDeterministic, a.status)
	assert.Contains(t, stdout.String(), "sad: different")
	assert.Contains(t, stdout.String(), "first different event: #")

	// One that differs only when it is not traced.
	out, err = checking(t, `case "$*" in *trace*) exec '`+program+`' "$@";; *) exec '`+program+`' "$@" --seed 9;; esac`).check()
	require.NoError(t, err)
	assert.False(t, out.OK)
	assert.Nil(t, out.FirstDifference)
}

func TestCheckOfAProcessThatDies(t *testing.T) {
	_, err := checking(t, `echo it broke >&2; exit 7`).check()
	assert.ErrorContains(t, err, "new process, GOMAXPROCS=1: gave no result: exit status 7: it broke")
}

func TestSignalsEndAProcessOnce(t *testing.T) {
	scenario(t, "endless.toml", endless)
	got := start(t, "t.jsonl.partial", "run", "endless.toml", "--trace", "t.jsonl", "-q")(syscall.SIGTERM)
	assert.Equal(t, 130, got.status)
	assert.Contains(t, got.stdout, "endless: interrupted, failed so far")
	assert.FileExists(t, "t.jsonl")
}

func TestNothingButTheResultOffATerminal(t *testing.T) {
	got := process(t, nil, "run", "detour")
	assert.Empty(t, got.stderr, "no progress")
	assert.NotContains(t, got.stdout, "\x1b")
}

// Ctrl-C on a terminal reaches the new processes too.
func TestCheckOfAProcessThatIsInterrupted(t *testing.T) {
	_, err := checking(t, `echo '{"digest":"of what it did so far","interrupted":true}'; exit 130`).check()
	assert.Equal(t, rerun.ErrInterrupted, err)

	c := checking(t, `trap 'exit 130' INT; while :; do sleep 0.05; done`)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	c.ctx = ctx
	_, err = c.check()
	assert.Equal(t, rerun.ErrInterrupted, err)
}
