package world

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
)

// ringConfig is a ring of n routers na, nb, … with the given policy.
func ringConfig(n int, policy mesh.ForwardingPolicy, sources ...Source) Config {
	keys := make([]string, n)
	base := make([]mesh.Peer, n)
	for i := range keys {
		keys[i] = "n" + string(rune('a'+i))
		base[i] = mesh.Peer{ID: sim.NodeID(i), Name: keys[i]}
	}
	latency := netmodel.Constant(10 * time.Millisecond)
	c := Config{Seed: 1, Sources: sources, MaxHops: 8, SeenMax: 1 << 16}
	for i, key := range keys {
		c.Nodes = append(c.Nodes, NodeSpec{ID: key, Key: key, New: func(s Seat) (mesh.Node, error) {
			registry, err := mesh.NewPeerRegistry(s.Self, base, mesh.RegistryAll, s.Neighbours)
			if err != nil {
				return nil, err
			}
			return mesh.NewRouter(mesh.Config{
				Self: s.Self, Neighbours: s.Neighbours, Registry: registry, Policy: policy,
				MaxHops: 8, SeenMax: 1 << 16, Identity: s.Identity, Keyring: s.Keyring,
			})
		}})
		next := sim.NodeID((i + 1) % n)
		c.Links = append(c.Links,
			netmodel.LinkSpec{From: sim.NodeID(i), To: next, Latency: latency},
			netmodel.LinkSpec{From: next, To: sim.NodeID(i), Latency: latency})
	}
	c.Metrics.To = clock.Time(10 * time.Second)
	return c
}

func TestFloodOnARing(t *testing.T) {
	keys := []string{"na", "nb", "nc", "nd", "ne"}
	all := []sim.NodeID{0, 1, 2, 3, 4}
	news := &Messages{
		Name: "news", Type: "NEWS", From: all, To: Destinations{Mode: ToBroadcast}, Gap: Gap{1e9, 1}, Size: FixedSize(100),
		StopAt: clock.Never, Count: 3, Seed: 1, Keys: keys,
	}
	w, err := New(ringConfig(5, mesh.Flood{}, news))
	require.NoError(t, err)
	require.Equal(t, Reached, w.Run(w.config.Metrics.To))
	w.Finish()
	s := w.Metrics().Summary()
	require.EqualValues(t, 15, s.Traffic.Sent)
	require.EqualValues(t, 60, s.Traffic.Delivered)
	require.EqualValues(t, 15*(2*5-5+1), s.Links.Transmissions)
	for _, i := range w.Invariants() {
		require.Equal(t, "passed", i.Verdict, i.Detail)
		require.Positive(t, i.Evaluations, i.Name)
	}
}
