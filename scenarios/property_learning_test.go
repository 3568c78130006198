package scenarios_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
)

// gate blocks those it lists.
type gate []sim.NodeID

func (gate) Hear(sim.NodeID, clock.Time) {}

func (g gate) Blocked(id sim.NodeID) bool { return slices.Contains(g, id) }

// gates draw, from the scenario's seed, whom each node blocks: in half of all scenarios
// nobody, else three nodes each, neighbours or not.
func gates(s *scenarios.Scenario, nodes int) []gate {
	all := make([]gate, nodes)
	if s.Seed%2 == 0 {
		return all
	}
	for i := range all {
		for k := range uint32(3) {
			draw := s.Seed.Stream("test/gate").Draw(sim.Key{N: uint64(i)}, k)
			if id := sim.NodeID(sim.Below(draw, uint64(nodes))); int(id) != i {
				all[i] = append(all[i], id)
			}
		}
	}
	return all
}

// gated makes built-in nodes that block whom the gates say. Where nobody blocks
// anyone, the scenario makes them itself.
func gated(s *scenarios.Scenario, all []gate) func(world.Seat) (mesh.Node, error) {
	if !slices.ContainsFunc(all, func(g gate) bool { return len(g) > 0 }) {
		return nil
	}
	r := s.Routing
	return func(seat world.Seat) (mesh.Node, error) {
		peers := make([]mesh.Peer, len(seat.Names))
		for i, name := range seat.Names {
			peers[i] = mesh.Peer{ID: sim.NodeID(i), Name: name}
		}
		registry, err := mesh.NewPeerRegistry(seat.Self, peers, mesh.RegistryAll, seat.Neighbours)
		if err != nil {
			return nil, err
		}
		c := mesh.Config{
			Self: seat.Self, Neighbours: seat.Neighbours, Registry: registry, Gate: all[seat.Self], Author: seat.Author,
			MaxHops: int(r.MaxHops), SeenMax: 1 << 16, Memory: seat.Memory, Identity: seat.Identity, Keyring: seat.Keyring,
		}
		rc := mesh.RoutingConfig{
			Self: seat.Self, Names: seat.Names, Neighbours: seat.Neighbours, Costs: seat.Costs, Chance: seat.Hello,
			Hello: r.Hello, Advertise: r.Advertise,
		}
		switch r.Strategy {
		case "gossip":
			c.Policy = mesh.Flood{Fanout: 3, Chance: seat.Gossip}
		case "link_state":
			p := mesh.NewLinkState(rc)
			c.Policy, c.Protocols = p.Policy(), []mesh.Protocol{p}
		case "distance_vector":
			p := mesh.NewDistanceVector(rc, seat.Stable)
			c.Policy, c.Protocols = p.Policy(), []mesh.Protocol{p}
		}
		return mesh.NewRouter(c)
	}
}

// links are which links and nodes are up, as the events tell it.
type links struct {
	exists, down map[[2]sim.NodeID]bool
	up, stranger []bool // by node; a stranger lost its key, so that others refuse what it signs
}

func newLinks(m *scenarios.Mesh) *links {
	l := &links{map[[2]sim.NodeID]bool{}, map[[2]sim.NodeID]bool{}, make([]bool, len(m.Nodes)), make([]bool, len(m.Nodes))}
	for _, link := range m.Links {
		l.exists[[2]sim.NodeID{link.From, link.To}] = true
	}
	return l
}

func (l *links) Emit(e *trace.Event) {
	switch e.Kind {
	case trace.LinkUp, trace.LinkDown:
		l.down[[2]sim.NodeID{e.Node, e.Peer}] = e.Kind == trace.LinkDown
	case trace.NodeUp, trace.NodeDown:
		l.up[e.Node] = e.Kind == trace.NodeUp
		l.stranger[e.Node] = l.stranger[e.Node] || e.Lose == trace.LoseIdentity
	}
}

// carries reports whether copies can go over the link now.
func (l *links) carries(from, to sim.NodeID) bool {
	ends := [2]sim.NodeID{from, to}
	return l.exists[ends] && !l.down[ends]
}

// witness checks what must hold of every copy.
type witness struct {
	*links
	t         require.TestingT
	scenario  *scenarios.Scenario
	gates     []gate
	travelled map[string]bool // id and path of all that was on a link
	processed map[string]bool // id and node; forgotten when the node forgets
	delivered int
	refused   int // because of a gate
}

func (w *witness) Emit(e *trace.Event) {
	w.links.Emit(e)
	switch e.Kind {
	case trace.NodeUp:
		if e.Lose >= trace.LoseState {
			for key := range w.processed {
				if sim.NodeID(key[16]) == e.Node {
					delete(w.processed, key)
				}
			}
		}
	case trace.EnvelopeTransmitted:
		require.True(w.t, w.carries(e.Node, e.Peer) && w.up[e.Node])
		require.Equal(w.t, []sim.NodeID{e.Node, e.Peer}, e.Path[len(e.Path)-2:])
		require.False(w.t, w.gates[e.Node].Blocked(e.Peer), "sent to a blocked neighbour")
		require.False(w.t, w.gates[e.Node].Blocked(e.Destination))
		w.travelled[pathKey(e)] = true
	case trace.EnvelopeDelivered, trace.EnvelopeForwarded:
		w.processes(e)
	case trace.EnvelopeDropped:
		if e.Reason == trace.Blocked {
			w.refused++
		}
	}
}

func (w *witness) processes(e *trace.Event) {
	own := w.gates[e.Node]
	require.Equal(w.t, e.Node, e.Path[len(e.Path)-1])
	require.False(w.t, own.Blocked(e.Origin), "from a blocked origin")
	if len(e.Path) > 1 {
		require.True(w.t, w.travelled[pathKey(e)])
		require.False(w.t, own.Blocked(e.Path[len(e.Path)-2]), "from a blocked neighbour")
	}
	if e.Kind == trace.EnvelopeDelivered {
		require.True(w.t, e.Destination == e.Node || e.Destination == sim.Everyone && e.Origin != e.Node)
		require.LessOrEqual(w.t, len(e.Path)-1, int(w.scenario.Routing.MaxHops))
		require.True(w.t, !e.Control || len(e.Path) == 2) // nothing else is control here
		key := string(append(e.ID[:], byte(e.Node)))
		require.False(w.t, w.processed[key], "delivered twice")
		w.processed[key] = true
		if !e.Control {
			w.delivered++
		}
	}
}

func pathKey(e *trace.Event) string {
	key := slices.Clone(e.ID[:])
	for _, node := range e.Path {
		key = append(key, byte(node))
	}
	return string(key)
}

// Whatever goes wrong, messages of nodes that learn their routes, or gossip, are
// delivered only to whom they are for, once, within the hop limit, over links that
// were up, and never by, through or from one whom a node on the way blocks. The
// invariants of every run hold, and with them that no loop of next hops ever forms
// under distance_vector.
func TestLearnersInTrouble(t *testing.T) {
	var drawn sizes
	delivered, refused, loopChecks := 0, 0, int64(0)
	gen.Check(t, func(t *rapid.T) *scenarios.Scenario {
		return gen.Learning(t, "distance_vector", "link_state", "distance_vector", "gossip")
	}, func(t *rapid.T, s *scenarios.Scenario) {
		m, err := s.Mesh()
		require.NoError(t, err)
		drawn.add(len(m.Nodes))
		w := &witness{
			links: newLinks(m), t: t, scenario: s, gates: gates(s, len(m.Nodes)),
			travelled: map[string]bool{}, processed: map[string]bool{},
		}
		result := run(t, s, scenarios.Options{Sinks: []trace.Sink{w}, NewNode: gated(s, w.gates)})
		delivered, refused = delivered+w.delivered, refused+w.refused
		for _, i := range result.Invariants {
			if i.Name == "loop_free" {
				loopChecks += i.Evaluations
			}
		}
	})
	t.Logf("%d deliveries, %d refused as blocked, %d changes of routes free of loops", delivered, refused, loopChecks)
	assert.Greater(t, delivered, 1000)
	assert.Greater(t, refused, 100)
	assert.Greater(t, loopChecks, int64(10_000))
	drawn.check(t)
}
