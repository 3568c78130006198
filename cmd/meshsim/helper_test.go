package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// program is the real meshsim, for what only a process of its own shows.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "meshsim-test-")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "meshsim")
	build := exec.Command("go", "build", "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s%v\n", out, err)
		os.Exit(1)
	}
	for _, e := range os.Environ() { // a developer's own settings
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, variable("")) {
			os.Unsetenv(name)
		}
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// outcome is what a command line came to.
type outcome struct {
	status         int
	stdout, stderr string
}

// meshsim runs a command line in this process.
func meshsim(args ...string) outcome { return meshsimReading("", args...) }

func meshsimReading(stdin string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	status := execute(args, strings.NewReader(stdin), &stdout, &stderr)
	return outcome{status, stdout.String(), stderr.String()}
}

// process runs a command line in a process of its own.
func process(t *testing.T, stdin io.Reader, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
	return outcome{exitStatus(t, cmd.Run()), stdout.String(), stderr.String()}
}

func exitStatus(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	require.NoError(t, err)
	return 0
}

// document is the one JSON document that a text must be.
func document(t *testing.T, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	var v map[string]any
	require.NoError(t, d.Decode(&v), text)
	_, err := d.Token()
	require.Equal(t, io.EOF, err, "one document and nothing else: %s", text)
	return v
}

// scenario makes a folder with a scenario in it the current one.
func scenario(t *testing.T, name, text string) {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, name, text)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
}

const failing = `version = 1
name = "sad"
seed = 3
duration = "2s"
[topology]
kind = "ring"
nodes = 5
[link]
loss = "10%"
[[traffic]]
kind = "messages"
rate = "20/s"
[[fault]]
name = "cut"
kind = "link_down"
at = "500ms"
until = "1s"
links = ["n0-n1"]
[[expect]]
name = "nothing is lost"
at_end = "traffic.delivery_ratio == 1.0"
`

const quiet = `version = 1
duration = "1s"
routing = { strategy = "flood" }
[topology]
kind = "line"
nodes = 2
[[fault]]
kind = "link_down"
at = "200ms"
until = "500ms"
links = ["n0-n1"]
`

const vacuous = quiet + "[[expect]]\nname = \"nobody said anything\"\nalways = \"envelope.hops < 3\"\n"

// endless runs for longer than any test.
const endless = `version = 1
name = "endless"
duration = "8000h"
[topology]
kind = "ring"
nodes = 5
[[traffic]]
kind = "messages"
rate = "200/s"
[[expect]]
name = "more than there will ever be"
at_end = "traffic.sent > 100000000000"
`
