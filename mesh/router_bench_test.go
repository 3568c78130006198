package mesh

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshsim/sim"
	"meshsim/trace"
)

// forwarding is a router in its steady state, and more envelopes to forward than
// it remembers.
func forwarding(tb testing.TB) (*Router, []Envelope) {
	const n = 1 << 12
	cfg := config(tb, 1, 10, 2, 3, 5)
	cfg.Policy, cfg.SeenMax = ShortestPath(oracleTo(5)), n/4
	envelopes := make([]Envelope, n)
	for i := range envelopes {
		envelopes[i] = Envelope{
			ID: idOf(uint64(i)), Type: "MESH_DATA", Origin: 9, Destination: 7, Hops: []sim.NodeID{4, 2, 1},
			Size: 200, Flow: trace.Flow{Name: "t1"}, N: int64(i),
		}
		identity(10, 9).Sign(&envelopes[i])
	}
	r := newRouter(tb, cfg)
	var out Outbox
	for i := range envelopes {
		r.Step(0, &Input{Kind: Arrive, Envelope: &envelopes[i], From: 2}, &out)
		require.Equal(tb, ActSend, out.Acts[0].Kind)
		out.Reset()
	}
	return r, envelopes
}

func TestForwardDoesNotAllocate(t *testing.T) {
	r, envelopes := forwarding(t)
	var out Outbox
	var in Input
	i := 0
	require.Zero(t, testing.AllocsPerRun(len(envelopes)-1, func() {
		out.Reset()
		in = Input{Kind: Arrive, Envelope: &envelopes[i], From: 2}
		r.Step(0, &in, &out)
		i++
	}))
	require.Equal(t, ActSend, out.Acts[0].Kind)
}

func BenchmarkRouterForward(b *testing.B) {
	r, envelopes := forwarding(b)
	var out Outbox
	in := Input{Kind: Arrive, From: 2}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		out.Reset()
		in.Envelope = &envelopes[i&(len(envelopes)-1)]
		r.Step(0, &in, &out)
		i++
	}
}
