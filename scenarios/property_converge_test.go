package scenarios_test

import (
	"math"
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

// convergence is the bound that mesh.LinkState and mesh.DistanceVector state for the
// time from when nothing changes any more until all routes are right.
func convergence(s *scenarios.Scenario) time.Duration {
	slowest := time.Duration(0)
	for _, l := range s.Links {
		slowest = max(slowest, l.Latency.Least())
	}
	nodes := time.Duration(s.Topology.Kind.(scenarios.OwnLinks).Nodes)
	tick, refresh := s.Routing.Hello*11/10, (s.Routing.Advertise+s.Routing.Hello-1)/s.Routing.Hello
	const settle = 20 * time.Millisecond
	if s.Routing.Strategy == "link_state" {
		return (5+refresh)*tick + 2*settle + (nodes+1)*slowest
	}
	return (7+4*refresh)*tick + 4*nodes*(settle+slowest)
}

// learnt are the routes that nodes have told of.
type learnt struct {
	*links
	routes [][]trace.Payload // by node and destination
}

func newLearnt(m *scenarios.Mesh) *learnt {
	l := &learnt{newLinks(m), make([][]trace.Payload, len(m.Nodes))}
	for i := range l.routes {
		l.forget(sim.NodeID(i))
	}
	return l
}

func (l *learnt) forget(node sim.NodeID) {
	l.routes[node] = make([]trace.Payload, len(l.routes))
	for d := range l.routes[node] {
		l.routes[node][d].Next = sim.NoNode
	}
}

func (l *learnt) Emit(e *trace.Event) {
	l.links.Emit(e)
	switch e.Kind {
	case trace.NodeUp, trace.NodeDown:
		l.forget(e.Node)
	case trace.RouteChanged:
		l.routes[e.Node][e.Destination] = e.Payload
	}
}

// usable reports whether nodes can talk to each other over a link, both ways, and
// neither blocks the other.
func (l *learnt) usable(a, b sim.NodeID, gates []gate) bool {
	for _, ends := range [][2]sim.NodeID{{a, b}, {b, a}} {
		if !l.carries(ends[0], ends[1]) || !l.up[ends[0]] || l.stranger[ends[0]] || gates[ends[0]].Blocked(ends[1]) {
			return false
		}
	}
	return true
}

// oracle is gonum's idea of the shortest paths over the links that are usable.
func (l *learnt) oracle(m *scenarios.Mesh, gates []gate) path.AllShortest {
	g := simple.NewWeightedDirectedGraph(0, math.Inf(1))
	for i := range m.Nodes {
		g.AddNode(simple.Node(i))
	}
	for _, link := range m.Links {
		if l.usable(link.From, link.To, gates) {
			g.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(link.From), T: simple.Node(link.To), W: float64(link.Latency.Least())})
		}
	}
	return path.DijkstraAllPaths(g)
}

// Once all trouble has ended and what was under way has arrived, every node's routes
// cost what the shortest paths cost over the links that are left, within the time that
// the protocol states; and from then on every message between nodes that are connected
// arrives, by such a path. All others are refused where they are written.
func converge(t *testing.T, strategy string) {
	var drawn sizes
	routes, lost, arrived := 0, 0, 0
	gen.Check(t, func(t *rapid.T) *scenarios.Scenario {
		s := gen.Healing(t, strategy)
		quiet := 2*gen.Healed + convergence(s)
		s.Traffic = []scenarios.Traffic{{
			Name: "late", Kind: scenarios.Messages{}, From: scenarios.NodeSet{Random: min(5, s.Topology.Kind.(scenarios.OwnLinks).Nodes)},
			To: scenarios.Target{How: scenarios.ToEach}, Arrivals: "periodic", Start: quiet, Interval: time.Second, Count: 1,
		}}
		s.Duration = quiet + 999*time.Millisecond
		return s
	}, func(t *rapid.T, s *scenarios.Scenario) {
		m, err := s.Mesh()
		require.NoError(t, err)
		drawn.add(len(m.Nodes))
		all, now := gates(s, len(m.Nodes)), newLearnt(m)
		quiet := s.Traffic[0].Start
		late := 0
		watch := sinkFunc(func(e *trace.Event) {
			if e.Kind == trace.RouteChanged && e.T.Sub(0) > quiet {
				late++
			}
		})
		mail := &recorder{kinds: []trace.Kind{trace.EnvelopeDelivered, trace.EnvelopeDropped}}
		run(t, s, scenarios.Options{Sinks: []trace.Sink{now, watch, mail}, NewNode: gated(s, all)})
		require.Zero(t, late, "routes change no more")
		oracle := now.oracle(m, all)
		for from := range m.Nodes {
			for to := range m.Nodes {
				route := now.routes[from][to]
				if want := oracle.Weight(int64(from), int64(to)); from == to || math.IsInf(want, 1) {
					require.Equal(t, sim.NoNode, route.Next, "%d to %d", from, to)
					lost++
				} else {
					require.NotEqual(t, sim.NoNode, route.Next, "%d to %d", from, to)
					require.Equal(t, want, float64(route.Metric), "%d to %d", from, to)
					routes++
				}
			}
		}
		for _, e := range mail.events {
			if e.Flow.Name != "late" || s.Seed%2 == 1 {
				continue // whoever blocks the origin refuses what is on a path that is right
			}
			want := oracle.Weight(int64(e.Origin), int64(e.Destination))
			if math.IsInf(want, 1) {
				require.Equal(t, trace.NoRoute, e.Reason)
				require.Equal(t, e.Origin, e.Node)
				continue
			}
			require.Equal(t, trace.EnvelopeDelivered, e.Kind)
			require.Equal(t, want, float64(e.Latency))
			arrived++
		}
	})
	t.Logf("%d routes, %d pairs without one, %d messages arrived", routes, lost, arrived)
	assert.Greater(t, routes, 10_000)
	assert.Greater(t, lost, 1000)
	assert.Greater(t, arrived, 1000)
	drawn.check(t)
}

// A node that comes up knows what its links cost now, whether it starts late or a
// crash left it its memory or not.
func TestCostsThatChangeWhileDown(t *testing.T) {
	crash := func(lose string) func(*scenarios.Scenario) {
		return func(s *scenarios.Scenario) {
			s.Faults = append(s.Faults, cut("crash", 400, 800, scenarios.NodeCrash{Nodes: scenarios.NodeList{"a"}, Lose: lose}))
		}
	}
	for name, absent := range map[string]func(*scenarios.Scenario){
		"nothing": crash("nothing"), "state": crash("state"),
		"late": func(s *scenarios.Scenario) {
			s.Nodes = []scenarios.Node{{ID: "a", Start: new(scenarios.StartAt(ms(800)))}, {ID: "b"}}
		},
	} {
		for _, strategy := range []string{"link_state", "distance_vector"} {
			s := pair(0)
			s.Routing = scenarios.Routing{Strategy: strategy, Hello: ms(50), Advertise: ms(50)}
			slow := scenarios.Constant(ms(30))
			s.Faults = []scenarios.Fault{cut("slow", 600, 0, scenarios.LinkChange{Links: scenarios.LinkSet{"a<->b"}, Set: scenarios.LinkValues{Latency: &slow}})}
			absent(s)
			m, err := s.Mesh()
			require.NoError(t, err)
			now := newLearnt(m)
			run(t, s, scenarios.Options{Sinks: []trace.Sink{now}})
			assert.Equal(t, ms(30), time.Duration(now.routes[0][1].Metric), "%s, %s", strategy, name)
			assert.Equal(t, ms(30), time.Duration(now.routes[1][0].Metric), "%s, %s", strategy, name)
		}
	}
}

type sinkFunc func(*trace.Event)

func (f sinkFunc) Emit(e *trace.Event) { f(e) }

func TestLinkStateConverges(t *testing.T)      { converge(t, "link_state") }
func TestDistanceVectorConverges(t *testing.T) { converge(t, "distance_vector") }
