package scenarios_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/netmodel/graph"
	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/sim"
	"meshsim/trace"
)

func graphOf(t require.TestingT, s *scenarios.Scenario) (*scenarios.Mesh, *graph.Graph) {
	m, err := s.Mesh()
	require.NoError(t, err)
	g, err := m.Graph()
	require.NoError(t, err)
	return m, g
}

// The routes of the graph are those that envelopes take in a run, and their latency
// is the time that the run measures, to the nanosecond; also where links differ by
// direction.
func TestGraphRoutesAreThoseOfARun(t *testing.T) {
	gen.Check(t, func(t *rapid.T) *scenarios.Scenario {
		s := everyPair(t)
		s.Routing.MaxHops = 255
		for i := range s.Links {
			own := time.Duration(rapid.Int64Range(1, 3).Draw(t, "latency")) * time.Millisecond
			latency := scenarios.Constant(own)
			s.Links[i].Latency = &latency
		}
		return s
	}, func(t *rapid.T, s *scenarios.Scenario) {
		_, g := graphOf(t, s)
		s.Expects = []scenarios.Expect{{AtEnd: "copies.dropped == 0 && copies.in_flight == 0"}}
		events, result := record(t, s, trace.EnvelopeDelivered)
		require.Equal(t, scenarios.Passed, result.Verdict)
		require.NotEmpty(t, events)
		for _, e := range events {
			r, ok := g.Route(int(e.Origin), int(e.Destination))
			require.True(t, ok)
			require.Equal(t, time.Duration(e.Latency), r.Latency)
			require.True(t, slices.EqualFunc(r.Path, e.Path, func(a int, b sim.NodeID) bool { return a == int(b) }), "%v, %v", r.Path, e.Path)
		}
	})
}

// The graph has a link's mean latency, its bandwidth, and nodes by key.
func TestMeshGraph(t *testing.T) {
	s := &scenarios.Scenario{
		Duration: time.Second, Topology: scenarios.Topology{Kind: scenarios.OwnLinks{}},
		Nodes: []scenarios.Node{{ID: "a", Key: "z"}, {ID: "b", Key: "y"}, {ID: "c-d"}},
		Links: []scenarios.Links{
			{From: "a", To: "b", Latency: ptr(scenarios.Uniform(time.Millisecond, 2*time.Millisecond))},
			{Between: []string{"b", "c-d"}, Bandwidth: ptr(5 * scenarios.MbitPerSecond)},
		},
	}
	m, g := graphOf(t, s)
	require.Equal(t, []string{"c-d", "b", "a"}, m.IDs())
	assert.Equal(t, []graph.Link{
		{From: 0, To: 1, Latency: time.Millisecond, Bandwidth: 5e6}, {From: 1, To: 0, Latency: time.Millisecond, Bandwidth: 5e6},
		{From: 2, To: 1, Latency: 1500 * time.Microsecond},
	}, g.Links())

	nodes, links, err := m.ResolveParts([]string{"a", "b-c-d", "c-d", "a", "b->c-d"})
	require.NoError(t, err)
	assert.Equal(t, []int{0, 2}, nodes)
	assert.Equal(t, [][2]int{{0, 1}, {1, 0}}, links)
	_, _, err = m.ResolveParts([]string{"c_d", "a-c-d", "x-b"})
	assert.EqualError(t, err, `"c_d" is neither a node nor a link of this mesh (did you mean "c-d"?)
"a-c-d" is not a link of this mesh
"x-b" names the unknown node "x"`)
	_, err = m.ResolveNode("c-e")
	assert.EqualError(t, err, `"c-e" is not a node of this mesh (did you mean "c-d"?)`)
}

func ptr[T any](v T) *T { return &v }
