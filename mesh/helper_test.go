package mesh

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

var epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// idOf is the id of the n-th envelope of a test.
func idOf(n uint64) trace.EnvelopeID {
	return NewID(sim.Seed(1).Stream("test/id").Block(sim.Key{N: n}, 0, 0))
}

// keysOf are n node keys whose byte order is that of their numbers.
func keysOf(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("n%03d", i)
	}
	return keys
}

func peersOf(n int) []Peer {
	peers := make([]Peer, n)
	for i, key := range keysOf(n) {
		peers[i] = Peer{ID: sim.NodeID(i), Name: key, Kind: KindAgent}
	}
	return peers
}

// blocked is a gate that blocks those it lists.
type blocked []sim.NodeID

func (blocked) Hear(sim.NodeID, clock.Time) {}

func (b blocked) Blocked(id sim.NodeID) bool {
	for _, other := range b {
		if other == id {
			return true
		}
	}
	return false
}

// config is that of node self among n, with the given neighbours, that knows all
// and routes by static table to each node over the neighbour of that number.
func config(t testing.TB, self sim.NodeID, n int, neighbours ...sim.NodeID) Config {
	t.Helper()
	ids, ring := NewIdentities(1, keysOf(n), nil)
	registry, err := NewPeerRegistry(self, peersOf(n), RegistryAll, neighbours)
	require.NoError(t, err)
	return Config{
		Self: self, Neighbours: neighbours, Registry: registry, Policy: Direct(),
		MaxHops: 8, SeenMax: 1024, Identity: ids[self], Keyring: ring,
	}
}

func newRouter(t testing.TB, c Config) *Router {
	t.Helper()
	r, err := NewRouter(c)
	require.NoError(t, err)
	return r
}

// identity is that of one of n nodes, as config gives it.
func identity(n int, id sim.NodeID) Identity {
	ids, _ := NewIdentities(1, keysOf(n), nil)
	return ids[id]
}

// act is an Act in short, for tables.
type act struct {
	Kind   ActKind
	To     []sim.NodeID
	Reason trace.Reason
}

func sent(to ...sim.NodeID) act  { return act{Kind: ActSend, To: to} }
func delivered() act             { return act{Kind: ActDeliver} }
func dropped(r trace.Reason) act { return act{Kind: ActDrop, Reason: r} }

func step(r *Router, in Input) []act {
	var out Outbox
	r.Step(0, &in, &out)
	return out.short()
}

func (o *Outbox) short() []act {
	var acts []act
	for _, a := range o.Acts {
		acts = append(acts, act{a.Kind, a.To, a.Reason})
	}
	return acts
}
