package rerun_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/trace"
)

// cut is a line that is cut in its middle for a while, under traffic both ways.
const cut = `# Three in a line; the far link fails.
version = 1
name = "cut"
seed = 5
duration = "4s"
[topology]
kind = "line"
nodes = 4
[link]
latency = { uniform = { min = "4ms", max = "6ms" } }
loss = "2%"
[[traffic]]
name = "t"
kind = "messages"
rate = "20/s"
[[fault]]
name = "far"
kind = "link_down"
at = "1s"
until = "2s"
links = ["n2-n3"]
`

func load(t *testing.T, parts ...string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.LoadBytes([]byte(strings.Join(parts, "\n")), "test.toml")
	require.NoError(t, err)
	return s
}

func run(t *testing.T, s *scenarios.Scenario, o scenarios.Options) *scenarios.Result {
	t.Helper()
	r, err := s.Run(o)
	require.NoError(t, err)
	return r
}

// record runs the scenario and returns its trace, line by line.
func record(t *testing.T, s *scenarios.Scenario, o scenarios.Options, filter trace.Filter) []string {
	t.Helper()
	var out bytes.Buffer
	header, err := s.TraceHeader()
	require.NoError(t, err)
	o.Trace = func(names []string) (*trace.Writer, error) { return trace.NewWriter(&out, names, header, filter) }
	run(t, s, o)
	return strings.SplitAfter(out.String(), "\n")
}

var everything = trace.Filter{Level: trace.LevelAll}

func reader(t *testing.T, lines []string) *trace.Reader {
	t.Helper()
	r, err := trace.NewReader(strings.NewReader(strings.Join(lines, "")))
	require.NoError(t, err)
	return r
}

// lineOf is the index of the event line with a number.
func lineOf(t *testing.T, lines []string, seq string) int {
	t.Helper()
	for i, l := range lines {
		if strings.Contains(l, `"seq":`+seq+`,`) {
			return i
		}
	}
	require.Fail(t, "no event "+seq)
	return -1
}

// stopAfter interrupts at the n-th question.
func stopAfter(n int) func() bool {
	return func() bool { n--; return n < 0 }
}
