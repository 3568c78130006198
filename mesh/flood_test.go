package mesh

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
	"meshsim/trace"
)

// toy is a mesh of routers in which every link takes one round.
type toy struct {
	routers   []*Router
	copies    int
	delivered []int // by node
	drops     map[trace.Reason]int
}

type copyOnWire struct {
	e        *Envelope
	from, to sim.NodeID
}

func newToy(t require.TestingT, n int, edges [][2]int, policy ForwardingPolicy, maxHops int) *toy {
	adjacent := make([][]sim.NodeID, n)
	for i := range n { // in ascending order
		for j := range n {
			for _, e := range edges {
				if e == [2]int{i, j} || e == [2]int{j, i} {
					adjacent[i] = append(adjacent[i], sim.NodeID(j))
				}
			}
		}
	}
	ids, ring := NewIdentities(1, keysOf(n), nil)
	m := &toy{delivered: make([]int, n), drops: map[trace.Reason]int{}}
	for i := range sim.NodeID(n) {
		registry, err := NewPeerRegistry(i, peersOf(n), RegistryAll, nil)
		require.NoError(t, err)
		r, err := NewRouter(Config{
			Self: i, Neighbours: adjacent[i], Registry: registry, Policy: policy,
			MaxHops: maxHops, SeenMax: 16, Identity: ids[i], Keyring: ring,
		})
		require.NoError(t, err)
		m.routers = append(m.routers, r)
	}
	return m
}

// send runs one envelope to its end.
func (m *toy) send(from, to sim.NodeID) {
	e := &Envelope{ID: idOf(uint64(from)), Origin: from, Destination: to}
	wire := m.step(from, Input{Kind: Submit, Envelope: e}, nil)
	for len(wire) > 0 {
		c := wire[0]
		wire = m.step(c.to, Input{Kind: Arrive, Envelope: c.e, From: c.from}, wire[1:])
	}
}

func (m *toy) step(at sim.NodeID, in Input, wire []copyOnWire) []copyOnWire {
	var out Outbox
	m.routers[at].Step(0, &in, &out)
	for _, a := range out.Acts {
		switch a.Kind {
		case ActDeliver:
			m.delivered[at]++
		case ActDrop:
			m.drops[a.Reason]++
		case ActSend:
			for _, to := range a.To {
				next := *a.Envelope
				next.Hops = append(append([]sim.NodeID{}, a.Envelope.Hops...), to)
				wire = append(wire, copyOnWire{&next, at, to})
				m.copies++
			}
		}
	}
	return wire
}

func TestFloodOfABroadcast(t *testing.T) {
	square := [][2]int{{0, 1}, {1, 2}, {2, 3}, {0, 3}}
	for _, c := range []struct {
		name  string
		n     int
		edges [][2]int
	}{
		{"pair", 2, [][2]int{{0, 1}}},
		{"line", 4, [][2]int{{0, 1}, {1, 2}, {2, 3}}},
		{"triangle", 3, [][2]int{{0, 1}, {1, 2}, {0, 2}}},
		{"square", 4, square},
		{"square with its diagonals", 4, append([][2]int{{0, 2}, {1, 3}}, square...)},
		{"star", 5, [][2]int{{0, 1}, {0, 2}, {0, 3}, {0, 4}}},
	} {
		for from := range sim.NodeID(c.n) {
			floodOnce(t, c.n, c.edges, from)
		}
	}
}

// floodOnce checks the law: 2E − n + 1 copies, 2E − 2n + 2 of them duplicates.
func floodOnce(t require.TestingT, n int, edges [][2]int, from sim.NodeID) {
	m := newToy(t, n, edges, Flood{}, MaxHopLimit)
	m.send(from, sim.Everyone)
	require.Equal(t, 2*len(edges)-n+1, m.copies)
	require.Equal(t, 2*len(edges)-2*n+2, m.drops[trace.Duplicate])
	want := make([]int, n)
	for i := range want {
		want[i] = 1
	}
	want[from] = 0
	require.Equal(t, want, m.delivered)
}

func TestFloodOnRandomGraphs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 8).Draw(t, "nodes")
		var edges [][2]int
		for j := 1; j < n; j++ {
			tree := rapid.IntRange(0, j-1).Draw(t, "parent") // keeps it connected
			for i := range j {
				if i == tree || rapid.Bool().Draw(t, "edge") {
					edges = append(edges, [2]int{i, j})
				}
			}
		}
		floodOnce(t, n, edges, sim.NodeID(rapid.IntRange(0, n-1).Draw(t, "from")))
	})
}

func TestFloodOfAUnicastEndsAtItsDestination(t *testing.T) {
	m := newToy(t, 4, [][2]int{{0, 1}, {1, 2}, {2, 3}}, Flood{}, MaxHopLimit)
	m.send(0, 2)
	assert.Equal(t, []int{0, 0, 1, 0}, m.delivered)
	assert.Equal(t, 2, m.copies, "the destination does not send it on")
	assert.Empty(t, m.drops)
}

func TestFloodWithHopLimitReachesTheBall(t *testing.T) {
	for limit := 1; limit <= 4; limit++ {
		m := newToy(t, 6, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}, Flood{}, limit)
		m.send(0, sim.Everyone)
		for i, got := range m.delivered {
			want := 0
			if i > 0 && i <= limit {
				want = 1
			}
			assert.Equal(t, want, got, "limit %d, node %d", limit, i)
		}
		assert.Equal(t, limit, m.copies)
		assert.Empty(t, m.drops, "a broadcast at the limit was delivered, not lost")
	}
}
