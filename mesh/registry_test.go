package mesh

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
)

func TestRegistryStart(t *testing.T) {
	neighbours := []sim.NodeID{0, 3}
	for _, c := range []struct {
		start RegistryStart
		want  []sim.NodeID
	}{
		{RegistryAll, []sim.NodeID{0, 2, 3, 4}},
		{RegistryNeighbours, []sim.NodeID{0, 3}},
		{RegistryNone, nil},
	} {
		r, err := NewPeerRegistry(1, peersOf(5), c.start, neighbours)
		require.NoError(t, err)
		var listed []sim.NodeID
		for _, p := range r.List() {
			listed = append(listed, p.ID)
			assert.Equal(t, peersOf(5)[p.ID], p)
		}
		assert.Equal(t, c.want, listed, c.start)
		for id := sim.Everyone; id < 7; id++ {
			assert.Equal(t, slices.Contains(c.want, id), r.Has(id), "%s, node %d", c.start, id)
		}
	}
	_, err := NewPeerRegistry(1, nil, "some", nil)
	assert.ErrorContains(t, err, `"some" is not known; allowed: "all", "neighbours", "none"`)
}

func TestRegistryIsTheNaiveOne(t *testing.T) {
	const n, self = 9, 4
	rapid.Check(t, func(t *rapid.T) {
		base := peersOf(n)
		start := rapid.SampledFrom([]RegistryStart{RegistryAll, RegistryNeighbours, RegistryNone}).Draw(t, "start")
		r, err := NewPeerRegistry(self, base, start, []sim.NodeID{3, 5})
		require.NoError(t, err)
		other, err := NewPeerRegistry(3, base, RegistryAll, nil)
		require.NoError(t, err)

		twin := map[sim.NodeID]Peer{}
		for id := range sim.NodeID(n) {
			if id != self && (start == RegistryAll || start == RegistryNeighbours && (id == 3 || id == 5)) {
				twin[id] = base[id]
			}
		}
		id := rapid.Custom(func(t *rapid.T) sim.NodeID { return sim.NodeID(rapid.IntRange(0, n-1).Draw(t, "id")) })
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				p := Peer{ID: id.Draw(t, "peer"), Address: rapid.StringN(0, 2, -1).Draw(t, "address")}
				_, known := twin[p.ID]
				require.Equal(t, !known && p.ID != self, r.Add(p))
				if p.ID != self {
					twin[p.ID] = p
				}
			},
			"remove": func(t *rapid.T) {
				p := id.Draw(t, "peer")
				_, known := twin[p]
				require.Equal(t, known, r.Remove(p))
				delete(twin, p)
			},
			"": func(t *rapid.T) {
				var want []Peer
				for id := range sim.NodeID(n) {
					p, known := twin[id]
					require.Equal(t, known, r.Has(id))
					got, ok := r.Get(id)
					require.Equal(t, known, ok)
					require.Equal(t, p, got)
					if known {
						want = append(want, p)
					}
				}
				require.Equal(t, want, r.List())
			},
		})
		require.Equal(t, peersOf(n), base, "the shared base was written to")
		require.Len(t, other.List(), n-1, "another node's registry changed")
	})
}

func TestRegistryRefusesNodesThatDoNotExist(t *testing.T) {
	r, err := NewPeerRegistry(0, peersOf(2), RegistryAll, nil)
	require.NoError(t, err)
	assert.PanicsWithValue(t, "mesh: no node has number 2", func() { r.Add(Peer{ID: 2}) })
	assert.Panics(t, func() { r.Add(Peer{ID: sim.NoNode}) })
	assert.False(t, r.Remove(2))
}
