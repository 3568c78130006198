package mesh

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
)

var gossipChance = sim.Seed(1).Stream("node/n000/gossip")

// wide is the view of node 0, which has so many neighbours: 1, 2, 3, …
func wide(t require.TestingT, neighbours int, gate Gate) View {
	n := neighbours + 1
	ids, ring := NewIdentities(1, keysOf(n), nil)
	registry, err := NewPeerRegistry(0, peersOf(n), RegistryAll, nil)
	require.NoError(t, err)
	var all []sim.NodeID
	for i := range sim.NodeID(neighbours) {
		all = append(all, i+1)
	}
	r, err := NewRouter(Config{
		Self: 0, Neighbours: all, Registry: registry, Policy: Flood{}, MaxHops: 8, SeenMax: 8, Gate: gate, Identity: ids[0], Keyring: ring,
	})
	require.NoError(t, err)
	return View{router: r}
}

func numbered(n uint64) *Envelope {
	return &Envelope{Origin: 99, Destination: sim.Everyone, Key: sim.Key{Source: 7, N: n}}
}

// Gossip goes to fanout of those that a flood goes to, or to all when there are no
// more, in their order; to the same ones whenever it is asked of one message.
func TestGossipPicksOfTheFlood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		neighbours := rapid.IntRange(0, 12).Draw(t, "neighbours")
		gate := blocked(rapid.SliceOfN(rapid.Map(rapid.Int32Range(1, 12), func(i int32) sim.NodeID { return sim.NodeID(i) }), 0, 3).Draw(t, "blocked"))
		from := sim.NodeID(rapid.Int32Range(-1, int32(neighbours)).Draw(t, "from"))
		fanout := rapid.IntRange(1, 14).Draw(t, "fanout")
		e := numbered(rapid.Uint64().Draw(t, "n"))
		view := wide(t, neighbours, gate)

		flood := Flood{}.Next(view, e, from, nil)
		got := Flood{Fanout: fanout, Chance: gossipChance}.Next(view, e, from, []sim.NodeID{8})
		require.EqualValues(t, 8, got[0], "what was in the buffer stays")
		got = got[1:]
		require.Len(t, got, min(fanout, len(flood)))
		require.True(t, slices.IsSorted(got))
		for _, n := range got {
			require.Contains(t, flood, n)
		}
		require.Equal(t, got, Flood{Fanout: fanout, Chance: gossipChance}.Next(view, e, from, []sim.NodeID{}))
	})
}

// Each set of so many neighbours is as likely as any other: chi-square within 4
// standard deviations of its mean.
func TestGossipSetsAreEquallyLikely(t *testing.T) {
	const draws = 20_000
	for _, c := range []struct{ neighbours, fanout, sets int }{{5, 2, 10}, {6, 3, 20}, {4, 1, 4}, {5, 4, 5}} {
		view, count := wide(t, c.neighbours, nil), map[[6]sim.NodeID]int{}
		for n := range uint64(draws) {
			var set [6]sim.NodeID
			copy(set[:], Flood{Fanout: c.fanout, Chance: gossipChance}.Next(view, numbered(n), sim.NoNode, nil))
			count[set]++
		}
		require.Len(t, count, c.sets)
		expected, chi := draws/float64(c.sets), 0.0
		for _, n := range count {
			chi += (float64(n) - expected) * (float64(n) - expected) / expected
		}
		freedom := float64(c.sets - 1)
		assert.InDelta(t, freedom, chi, 4*math.Sqrt(2*freedom), "%d of %d", c.fanout, c.neighbours)
	}
}

// Whom a message goes to says nothing of whom the next one goes to, nor of whom it
// goes to at another node: they agree as often as sets drawn apart do.
func TestGossipDrawsEachEnvelopeAndNodeApart(t *testing.T) {
	const draws, sets = 20_000, 10
	view := wide(t, 5, nil)
	at := func(chance sim.Stream, n uint64) []sim.NodeID {
		return Flood{Fanout: 2, Chance: chance}.Next(view, numbered(n), sim.NoNode, nil)
	}
	other, nextAgrees, otherAgrees := sim.Seed(1).Stream("node/n001/gossip"), 0, 0
	for n := range uint64(draws) {
		if slices.Equal(at(gossipChance, n), at(gossipChance, n+1)) {
			nextAgrees++
		}
		if slices.Equal(at(gossipChance, n), at(other, n)) {
			otherAgrees++
		}
	}
	const mean = draws / float64(sets)
	deviation := math.Sqrt(mean * (1 - 1.0/sets))
	assert.InDelta(t, mean, nextAgrees, 4*deviation)
	assert.InDelta(t, mean, otherAgrees, 4*deviation)
}
