package mesh

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

func seconds(n int64) clock.Time { return clock.Time(n * int64(time.Second)) }

func TestPeersExpire(t *testing.T) {
	const span = 10 * time.Second
	for _, c := range []struct {
		rule  string
		start RegistryStart
		do    func(*PeerRegistry)
		at    int64 // s
		known bool  // node 2
		next  time.Duration
	}{
		{"not yet", RegistryNone, func(r *PeerRegistry) { r.Hear(peersOf(4)[2], seconds(5)) }, 14, true, time.Second},
		{"just now", RegistryNone, func(r *PeerRegistry) { r.Hear(peersOf(4)[2], seconds(5)) }, 15, false, span},
		{"heard of again", RegistryNone, func(r *PeerRegistry) {
			r.Hear(peersOf(4)[2], seconds(5))
			r.Hear(peersOf(4)[2], seconds(8))
		}, 15, true, 3 * time.Second},
		{"it said HELLO again", RegistryNone, func(r *PeerRegistry) {
			r.Hear(peersOf(4)[2], seconds(5))
			r.Refresh(2, seconds(9))
		}, 15, true, 4 * time.Second},
		{"the clock was set back", RegistryNone, func(r *PeerRegistry) { r.Hear(peersOf(4)[2], seconds(500)) }, 15, true, span},
		{"known from the start", RegistryAll, func(r *PeerRegistry) { r.Hear(peersOf(4)[2], seconds(5)) }, 99, true, span},
		{"and moved since", RegistryAll, func(r *PeerRegistry) { r.Hear(Peer{ID: 2, Address: "new"}, seconds(5)) }, 99, true, span},
		{"removed, and heard of again", RegistryAll, func(r *PeerRegistry) {
			r.Remove(2)
			r.Hear(peersOf(4)[2], seconds(5))
		}, 99, true, span},
		{"added by an operator", RegistryNone, func(r *PeerRegistry) { r.Add(peersOf(4)[2]) }, 99, true, span},
		{"another one is younger", RegistryNone, func(r *PeerRegistry) {
			r.Hear(peersOf(4)[2], seconds(5))
			r.Hear(peersOf(4)[3], seconds(9))
		}, 15, false, 4 * time.Second},
	} {
		r, err := NewPeerRegistry(1, peersOf(4), c.start, nil)
		require.NoError(t, err)
		c.do(r)
		assert.Equal(t, c.next, r.Expire(seconds(c.at), span), c.rule)
		assert.Equal(t, c.known, r.Has(2), c.rule)
	}
}

func TestRefreshKnowsNobodyNew(t *testing.T) {
	r, err := NewPeerRegistry(1, peersOf(4), RegistryNone, nil)
	require.NoError(t, err)
	assert.False(t, r.Refresh(2, 0))
	r.Hear(Peer{ID: 1}, 0)
	assert.Empty(t, r.List(), "a node is no peer of its own")
}

// Who is announced is known, unless another one speaks for him.
func TestAnnouncements(t *testing.T) {
	c := config(t, 1, 4, 0, 2)
	var err error
	c.Registry, err = NewPeerRegistry(1, peersOf(4), RegistryNone, nil)
	require.NoError(t, err)
	c.Author = NewAuthor(c.Identity, sim.Seed(1).Stream("envelope/id"), keysOf(4))
	c.Protocols = []Protocol{NewAnnouncer(AnnounceConfig{Peer: peersOf(4)[1], Registry: c.Registry, Interval: time.Second, Expire: 5 * time.Second})}
	r := newRouter(t, c)

	var out Outbox
	r.Step(0, &Input{Kind: Start, From: sim.NoNode, Tag: 1}, &out)
	require.Len(t, out.Acts, 3)
	require.Equal(t, typeAnnounce, out.Acts[0].Envelope.Type)
	require.Equal(t, []sim.NodeID{0, 2}, out.Acts[0].To)
	require.InDelta(t, time.Second, out.Acts[1].After, float64(100*time.Millisecond))
	require.Equal(t, 5*time.Second, out.Acts[2].After)

	announced := func(by sim.NodeID, p Payload) trace.Reason {
		e := &Envelope{ID: idOf(uint64(by) + 10), Type: typeAnnounce, Origin: by, Destination: sim.Everyone, Payload: p, Hops: []sim.NodeID{1}}
		identity(4, by).Sign(e)
		out.Reset()
		r.Step(seconds(1), &Input{Kind: Arrive, Envelope: e, From: 0}, &out)
		return out.Acts[0].Reason
	}
	of3 := NewAnnouncer(AnnounceConfig{Peer: peersOf(4)[3]}).payload
	assert.Equal(t, trace.UnknownType, announced(2, of3))
	assert.Equal(t, trace.UnknownType, announced(0, nil))
	assert.Empty(t, c.Registry.List())
	assert.Equal(t, trace.NoReason, announced(3, of3))
	assert.Equal(t, []Peer{peersOf(4)[3]}, c.Registry.List())
	out.Reset()
	r.Step(seconds(6), &Input{Kind: Timer, Tag: tagExpire}, &out)
	assert.Empty(t, c.Registry.List())
}
