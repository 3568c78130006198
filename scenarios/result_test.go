package scenarios_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
)

// pings is a line of two, one message every 10 ms for ten seconds.
func pings() *scenarios.Scenario {
	return &scenarios.Scenario{
		Name: "pings", Duration: 10 * time.Second,
		Topology: scenarios.Topology{Kind: scenarios.Line{Nodes: 2}},
		Traffic: []scenarios.Traffic{{
			From: scenarios.NodeSet{IDs: []string{"n0"}}, Arrivals: "periodic", Interval: 10 * time.Millisecond,
		}},
	}
}

func TestInterruptedRunIsNoPass(t *testing.T) {
	s := pings()
	s.Expects = []scenarios.Expect{{Always: "envelope.hops <= 1"}}
	r, err := s.Run(scenarios.Options{Stop: func() bool { return true }})
	require.NoError(t, err)
	assert.True(t, r.Interrupted)
	assert.Equal(t, scenarios.Vacuous, r.Verdict)
	assert.False(t, r.OK)
	assert.Less(t, r.SimNS, int64(10*time.Second))
}

// The run ends with the instant of the failure, and a record of it ends there too.
func TestFailFastEndsWithTheInstant(t *testing.T) {
	s := pings()
	s.Expects = []scenarios.Expect{{Always: "traffic.sent <= 150"}}
	r, err := s.Run(scenarios.Options{FailFast: true})
	require.NoError(t, err)
	assert.Equal(t, scenarios.Failed, r.Verdict)
	assert.False(t, r.Interrupted)
	assert.Equal(t, int64(1500*time.Millisecond), r.SimNS, "message 150, counted from 0, is one too many")
	for _, i := range r.Invariants {
		assert.Equal(t, scenarios.Passed, i.Verdict, i.Detail)
	}

	s.Record = &scenarios.Record{FailFast: true}
	again, err := s.Run(scenarios.Options{})
	require.NoError(t, err)
	assert.Equal(t, r.Digest, again.Digest)
	s.Record = nil
	whole, err := s.Run(scenarios.Options{})
	require.NoError(t, err)
	assert.NotEqual(t, r.Digest, whole.Digest)
}

func TestFaultTimesAreThoseOfTheScenario(t *testing.T) {
	s := pings()
	down := scenarios.LinkDown{Links: scenarios.LinkSet{"n0-n1"}}
	s.Faults = []scenarios.Fault{
		{Name: "inside", Kind: down, At: time.Second, Until: 2 * time.Second},
		{Name: "late", Kind: down, At: 15 * time.Second, Until: 17 * time.Second},
		{Name: "endless", Kind: down, At: 9 * time.Second},
	}
	r, err := s.Run(scenarios.Options{})
	require.NoError(t, err)
	for i, want := range []struct {
		until   time.Duration
		vacuous bool
	}{{2 * time.Second, false}, {17 * time.Second, true}, {10 * time.Second, false}} {
		assert.Equal(t, int64(want.until), r.Faults[i].UntilNS, r.Faults[i].Name)
		assert.Equal(t, want.vacuous, r.Faults[i].Vacuous, r.Faults[i].Name)
	}
}

func TestStaticRoutesWithoutARow(t *testing.T) {
	const text = `version = 1
duration = "1s"
[topology]
kind = "line"
nodes = 2
[routing]
strategy = "static"
file = "routes.csv"
[[traffic]]
from = "n0"
to = "n1"
arrivals = "periodic"
rate = "10/s"
`
	s, err := scenarios.Load(fstest.MapFS{
		"s.toml":     {Data: []byte(text)},
		"routes.csv": {Data: []byte("node,destination,next\n")},
	}, "s.toml")
	require.NoError(t, err)
	r, err := s.Run(scenarios.Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 11, r.Metrics.Drops["no_route"])
	assert.EqualValues(t, 11, r.Metrics.Traffic.Sent)
}
