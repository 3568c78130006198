package rerun_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/mesh"
	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/trace"
)

// learning is a ring in which n0 loses the short way to n1, of which it is told, and
// then the long one, of which it is not.
const learning = `version = 1
name = "learning"
duration = "20s"
[topology]
kind = "ring"
nodes = 4
[[fault]]
name = "cut"
kind = "link_down"
links = ["n0-n1"]
at = "10s"
until = "15s"
[[fault]]
name = "silent"
kind = "crash"
nodes = ["n3"]
at = "11s"
[[traffic]]
name = "t"
from = ["n0"]
to = ["n1"]
arrivals = "periodic"
interval = "1s"
start = "1s"
[routing]
strategy = `

// A route that a node learns is explained by the message that changed it, what that
// goes back to, and by whom it does not hear.
func TestExplainLearntRoutes(t *testing.T) {
	const cut = `link_down "cut" begin at 10s (#`
	for strategy, message := range map[string]string{"link_state": "n0 → n1: link down at 10s (#", "distance_vector": "DISTANCE_VECTOR from n3, taken by n0 at 10.084s (#"} {
		p := past(t, load(t, learning+`"`+strategy+`"`))
		x, err := rerun.ExplainRoute(p, "n0", "n1", 16*time.Second)
		require.NoError(t, err)
		var detour, none, back *rerun.Step
		for i := range x.Accounts[0].Steps {
			switch s := &x.Accounts[0].Steps[i]; {
			case s.Text == "n0: route to n1 now by n3, metric 3000000":
				detour = s
			case s.Text == "n0: no route to n1 any more":
				none = s
			case detour != nil && s.Text == "n0: route to n1 now by n1, metric 1000000":
				back = s
			}
		}
		require.NotNil(t, detour, strategy)
		require.NotNil(t, none, strategy)
		require.NotNil(t, back, strategy)
		require.Len(t, detour.Because, 2, strategy)
		assert.Contains(t, detour.Because[0], message)
		assert.Contains(t, detour.Because[1], cut)
		require.Len(t, none.Because, 1, strategy)
		assert.Regexp(t, `^a timer of n0 at 13\.8\d+s \(#\d+\); it heard nothing of n3 since 10\.24\d+s$`, none.Because[0])
		assert.Contains(t, back.Because[len(back.Because)-1], cut, "which began the fault whose end it is")
	}
}

// A message without a route is explained by how the node lost it.
func TestExplainNoRouteThatWasLearnt(t *testing.T) {
	s := load(t, learning+`"link_state"`)
	lost := uint64(0)
	_, err := s.Run(scenarios.Options{Sinks: []trace.Sink{sinkOf(func(e *trace.Event) {
		if e.Kind == trace.EnvelopeDropped && e.Reason == trace.NoRoute && lost == 0 {
			lost = e.Seq
		}
	})}})
	require.NoError(t, err)
	x, err := rerun.ExplainDrop(past(t, s), lost)
	require.NoError(t, err)
	text := told(x)
	assert.Contains(t, text, "what changed for the way from n0 to n1 before")
	assert.Contains(t, text, "it heard nothing of n3 since 10.24")
}

type sinkOf func(*trace.Event)

func (f sinkOf) Emit(e *trace.Event) { f(e) }

// A node says what it has learnt; one that is down, or learns nothing, does not.
func TestInspectWhatNodesKnow(t *testing.T) {
	knows := func(strategy, node string, at time.Duration) *mesh.Knowledge {
		m, err := rerun.Inspect(past(t, load(t, learning+`"`+strategy+`"`)), at, []string{node})
		require.NoError(t, err)
		return m.Nodes[0].Knows
	}
	ms := func(n int64) int64 { return n * int64(time.Millisecond) }
	assert.Nil(t, knows("shortest_path", "n0", 12*time.Second))
	assert.Nil(t, knows("link_state", "n3", 12*time.Second), "it is down")
	neighbours := []mesh.Adjacency{{Neighbour: "n1", CostNS: ms(1)}, {Neighbour: "n3", CostNS: ms(1), Heard: true, Adjacent: true}}

	k := knows("link_state", "n0", 12*time.Second)
	assert.Equal(t, neighbours, k.Adjacencies)
	require.Len(t, k.Adverts, 4)
	assert.Equal(t, mesh.KnownAdvert{Origin: "n0", Seqno: k.Seqno, AgeNS: int64(2 * time.Second), Links: []mesh.Cost{{To: "n3", CostNS: ms(1)}}}, k.Adverts[0])
	assert.Equal(t, []mesh.Cost{{To: "n1", CostNS: ms(1)}, {To: "n3", CostNS: ms(1)}}, k.Adverts[2].Links)

	k = knows("distance_vector", "n0", 12*time.Second)
	assert.Equal(t, neighbours, k.Adjacencies)
	assert.Equal(t, []mesh.KnownRoute{
		{Destination: "n1", Next: "n3", MetricNS: ms(3), Seqno: 2, Feasible: mesh.Feasible{MetricNS: ms(3), Seqno: 2}},
		{Destination: "n2", Next: "n3", MetricNS: ms(2), Seqno: 1, Feasible: mesh.Feasible{MetricNS: ms(2), Seqno: 1}},
		{Destination: "n3", Next: "n3", MetricNS: ms(1), Seqno: 1, Feasible: mesh.Feasible{MetricNS: ms(1), Seqno: 1}},
	}, k.Routes)
	k = knows("distance_vector", "n0", 14500*time.Millisecond)
	assert.Equal(t, mesh.KnownRoute{Destination: "n1", Feasible: mesh.Feasible{MetricNS: ms(3), Seqno: 2}}, k.Routes[0], "it has no route any more")
}
