package mesh

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshsim/sim"
	"meshsim/trace"
)

// An envelope that became another one keeps the room that its longest way took, and
// nothing on the way makes more.
func TestEnvelopeMakesRoomOnce(t *testing.T) {
	for _, hops := range []int{1, usualHops - 1, usualHops, usualHops + 1, 40, MaxHopLimit} {
		e, buf, first := NewEnvelope(), make([]sim.NodeID, MaxHopLimit+2), &Envelope{Origin: 7}
		travel := func() {
			e.Become(first)
			for hop := range sim.NodeID(hops) {
				onwards := append(e.Path(buf[:0]), hop)
				e.Hops = append(e.Hops, hop)
				if !slices.Equal(onwards, e.Path(buf[:0])) || onwards[0] != 7 {
					panic("another path")
				}
			}
		}
		travel()
		travel()
		require.Zero(t, testing.AllocsPerRun(10, travel), "%d hops", hops)
	}
}

// A copy that shares hops with another envelope, or has some of its own, has its own
// origin in its path.
func TestPathOfACopy(t *testing.T) {
	e := NewEnvelope()
	e.Become(&Envelope{Origin: 1, Hops: []sim.NodeID{2, 3}})
	same, other := *e, *e
	same.Origin, other.Origin = 4, 5
	other.Hops = []sim.NodeID{6}
	require.Equal(t, []sim.NodeID{1, 2, 3}, e.Path(nil))
	require.Equal(t, []sim.NodeID{4, 2, 3}, same.Path(nil))
	require.Equal(t, []sim.NodeID{5, 6}, other.Path(nil))
	require.Equal(t, []sim.NodeID{1, 2, 3}, e.Path(nil))
}

// What was verified before has no say: a keyring keeps hashes of types by their length.
func TestTypesOfAnyLengthAreVerified(t *testing.T) {
	ids, ring := NewIdentities(1, []string{"a", "b"}, nil)
	text := func(n int) string { return string(slices.Repeat([]byte{'T'}, n)) }
	signed := make([]Envelope, 2*len(ring.types)+1)
	for n := range signed {
		signed[n] = Envelope{ID: trace.EnvelopeID{1}, Destination: 1, Type: text(n)}
		ids[0].Sign(&signed[n])
	}
	for n := range signed {
		require.True(t, ring.Verify(&signed[n]), "%d", n)
	}
	altered := signed[len(ring.types)]
	altered.Type = ""
	require.False(t, ring.Verify(&altered))
}
