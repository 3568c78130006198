package scenarios_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/scenarios"
	"meshsim/scenarios/world"
	"meshsim/trace"
)

// fragile breaks when something reaches it.
type fragile struct{}

func (fragile) Step(_ clock.Time, in *mesh.Input, _ *mesh.Outbox) {
	if in.Kind == mesh.Arrive {
		panic("it broke")
	}
}

func TestPanicInARunIsReported(t *testing.T) {
	s, err := scenarios.LoadBytes([]byte(`version = 1
name = "breaks"
seed = 9
duration = "2s"
[topology]
kind = "line"
nodes = 2
[link]
latency = "300ms"
[[traffic]]
kind = "messages"
from = "n0"
to = "n1"
interval = "1s"
arrivals = "periodic"
start = "1s"`), "test.toml")
	require.NoError(t, err)
	header, err := s.TraceHeader()
	require.NoError(t, err)
	var out bytes.Buffer
	r, err := s.Run(scenarios.Options{
		NewNode: func(seat world.Seat) (mesh.Node, error) {
			if seat.Names[seat.Self] == "n1" {
				return fragile{}, nil
			}
			return nil, nil
		},
		Trace: func(names []string) (*trace.Writer, error) {
			return trace.NewWriter(&out, names, header, trace.Filter{Level: trace.LevelAll})
		},
	})
	assert.Nil(t, r)
	var crash *scenarios.Crash
	require.ErrorAs(t, err, &crash)
	assert.EqualError(t, err, `it broke (scenario "breaks", seed 9, at 1.3s, after event #4)`)
	assert.Contains(t, string(crash.Stack), "crash_test.go")
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	assert.Contains(t, string(lines[len(lines)-1]), `{"end":true,"events":4,`, "the trace has its end")
	assert.Contains(t, string(lines[len(lines)-1]), `"interrupted":true`)
}
