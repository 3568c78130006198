package scenarios_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/sim"
	"meshsim/trace"
)

// sizes counts how large the drawn meshes are, to prove that they are not all
// small.
type sizes struct {
	all, above20 int
	byTens       [6]int
}

func (c *sizes) add(nodes int) {
	c.all++
	c.byTens[nodes/10]++
	if nodes > 20 {
		c.above20++
	}
}

func (c *sizes) check(t *testing.T) {
	t.Logf("meshes of 2–9, 10–19, … 50 nodes: %v; %d of %d above 20", c.byTens, c.above20, c.all)
	assert.GreaterOrEqual(t, 3*c.above20, c.all, "a third is large")
	assert.Positive(t, c.byTens[0], "some are small")
	assert.Positive(t, c.byTens[4]+c.byTens[5], "some are as large as can be")
}

// A flood without loss sends 2E − n + 1 copies, of which 2E − 2n + 2 are
// duplicates: whatever the latencies, whoever starts it.
func TestFloodSendsExactlySoManyCopies(t *testing.T) {
	var drawn sizes
	gen.Check(t, func(t *rapid.T) *scenarios.Scenario {
		g := gen.Connected(50).Draw(t, "graph")
		s := g.Scenario(t)
		if rapid.Bool().Draw(t, "jitter") {
			for i := range s.Links {
				jitter := scenarios.Uniform(time.Microsecond, gen.Many.Draw(t, "most")+time.Microsecond)
				s.Links[i].Latency = &jitter
			}
		}
		s.Routing.Strategy = "flood"
		s.Traffic = []scenarios.Traffic{{
			Kind: scenarios.Messages{}, From: scenarios.NodeSet{Random: 1}, To: scenarios.Target{How: scenarios.ToAll},
			Arrivals: "periodic", Interval: time.Millisecond, Count: 3,
		}}
		n, e := g.Nodes, len(g.Pairs)
		s.Expects = []scenarios.Expect{
			{AtEnd: fmt.Sprintf("links.transmissions == %d * traffic.sent", 2*e-n+1)},
			{AtEnd: fmt.Sprintf("drops.duplicate == %d * traffic.sent", 2*e-2*n+2)},
			{AtEnd: fmt.Sprintf("traffic.delivered == %d * traffic.sent && traffic.sent == 3", n-1)},
		}
		return s
	}, func(t *rapid.T, s *scenarios.Scenario) {
		n := int(s.Topology.Kind.(scenarios.OwnLinks).Nodes)
		drawn.add(n)
		events, result := record(t, s, trace.EnvelopeTransmitted, trace.EnvelopeDropped)
		copies, duplicates := map[int64]int{}, map[int64]int{}
		for _, e := range events {
			if e.Kind == trace.EnvelopeTransmitted {
				copies[e.N]++
			} else {
				require.Equal(t, trace.Duplicate, e.Reason)
				duplicates[e.N]++
			}
		}
		links := len(s.Links) / 2
		for message := range int64(3) {
			require.Equal(t, 2*links-n+1, copies[message])
			require.Equal(t, 2*links-2*n+2, duplicates[message])
		}
		require.Equal(t, scenarios.Passed, result.Verdict)
	})
	drawn.check(t)
}

// roads are the shortest paths of a mesh, as gonum finds them.
type roads struct {
	mesh *scenarios.Mesh
	all  path.AllShortest
}

func newRoads(m *scenarios.Mesh) *roads {
	g := simple.NewWeightedDirectedGraph(0, 0)
	for i := range m.Nodes {
		g.AddNode(simple.Node(i))
	}
	for _, l := range m.Links {
		g.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(l.From), T: simple.Node(l.To), W: float64(l.Latency.Least())})
	}
	return &roads{m, path.DijkstraAllPaths(g)}
}

func (r *roads) distance(from, to sim.NodeID) float64 { return r.all.Weight(int64(from), int64(to)) }

// road is the least-latency path that takes the smallest next hop wherever there
// is a choice.
func (r *roads) road(from, to sim.NodeID) []sim.NodeID {
	way := []sim.NodeID{from}
	for at := from; at != to; {
		i := slices.IndexFunc(r.mesh.Links, func(l scenarios.MeshLink) bool {
			return l.From == at && float64(l.Latency.Least())+r.distance(l.To, to) == r.distance(at, to)
		})
		at = r.mesh.Links[i].To // links are ordered by both ends
		way = append(way, at)
	}
	return way
}

// everyPair draws a mesh on which some nodes write to every other.
func everyPair(t *rapid.T) *scenarios.Scenario {
	g := gen.Connected(50).Draw(t, "graph")
	s := g.Scenario(t)
	s.Routing = scenarios.Routing{Strategy: "shortest_path", MaxHops: rapid.Int64Range(1, 12).Draw(t, "max hops")}
	s.Traffic = []scenarios.Traffic{{
		Kind: scenarios.Messages{}, From: scenarios.NodeSet{Random: int64(min(g.Nodes, 8))},
		To: scenarios.Target{How: scenarios.ToEach}, Arrivals: "periodic", Interval: time.Second, Count: 1,
	}}
	return s
}

// Every unicast takes a least-latency path, the documented one where several tie,
// and arrives after exactly its latency; or, when that path is longer than
// max_hops, is dropped where the limit is reached.
func TestUnicastTakesALeastLatencyPath(t *testing.T) {
	var drawn sizes
	limited, arrived := 0, 0
	gen.Check(t, everyPair, func(t *rapid.T, s *scenarios.Scenario) {
		m, err := s.Mesh()
		require.NoError(t, err)
		drawn.add(len(m.Nodes))
		oracle := newRoads(m)
		count := len(m.Nodes) - 1
		s.Expects = []scenarios.Expect{{AtEnd: "copies.dropped == drops.hop_limit && copies.in_flight == 0"}}
		events, result := record(t, s, trace.EnvelopeDelivered, trace.EnvelopeDropped)
		require.Len(t, events, count*min(len(m.Nodes), 8))
		for _, e := range events {
			way := oracle.road(e.Origin, e.Destination)
			if len(way)-1 > int(s.Routing.MaxHops) {
				limited++
				require.Equal(t, trace.HopLimit, e.Reason)
				require.Equal(t, trace.Node, e.Layer)
				require.Equal(t, way[:s.Routing.MaxHops+1], e.Path)
				continue
			}
			arrived++
			require.Equal(t, trace.EnvelopeDelivered, e.Kind)
			require.Equal(t, way, e.Path)
			require.Equal(t, oracle.distance(e.Origin, e.Destination), float64(e.Latency))
		}
		require.Equal(t, scenarios.Passed, result.Verdict)
	})
	t.Logf("%d arrived, %d met the hop limit", arrived, limited)
	assert.Greater(t, arrived, 1000)
	assert.Greater(t, limited, 1000)
	drawn.check(t)
}
