package mesh

import (
	"time"

	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
	"meshsim/trace"
)

func signedEnvelope() *Envelope {
	return &Envelope{
		ID: idOf(1), Type: "MESH_HELLO", Origin: 1, Destination: 2, Payload: RawPayload(`{"a":1}`), Hops: []sim.NodeID{3},
		Created: 5, Size: 7, Flow: trace.Flow{Name: "t1"}, N: 4, Sent: 6, Key: sim.Key{Source: 8, N: 4},
	}
}

// TestVerify has one table for both algorithms, since their verdicts are the same.
func TestVerify(t *testing.T) {
	t.Run("modelled", func(t *testing.T) { testVerify(t, nil) })
	t.Run("ed25519", func(t *testing.T) { testVerify(t, NewCodec(keysOf(4), time.Unix(0, 0).UTC())) })
}

func testVerify(t *testing.T, codec *Codec) {
	ids, ring := NewIdentities(1, keysOf(4), codec)
	other, _ := NewIdentities(2, keysOf(4), codec)
	for _, c := range []struct {
		name  string
		alter func(*Envelope)
		ok    bool
	}{
		{"untouched", func(*Envelope) {}, true},
		{"another hop", func(e *Envelope) { e.Hops = append(e.Hops, 0) }, true},
		{"no hops", func(e *Envelope) { e.Hops = nil }, true},
		{"a wire's duplicate", func(e *Envelope) { e.Copy = 1 }, true},
		{"payload as another type of equal JSON", func(e *Envelope) { e.Payload = typedPayload{} }, true},

		{"id", func(e *Envelope) { e.ID[15] ^= 1 }, false},
		{"type", func(e *Envelope) { e.Type = "MESH_HELLP" }, false},
		{"origin", func(e *Envelope) { e.Origin = 3 }, false},
		{"origin no node", func(e *Envelope) { e.Origin = 4 }, false},
		{"origin NoNode", func(e *Envelope) { e.Origin = sim.NoNode }, false},
		{"destination", func(e *Envelope) { e.Destination = 3 }, false},
		{"destination everyone", func(e *Envelope) { e.Destination = sim.Everyone }, false},
		{"destination no node", func(e *Envelope) { e.Destination = 4 }, false},
		{"payload", func(e *Envelope) { e.Payload = RawPayload(`{"a":2}`) }, false},
		{"payload gone", func(e *Envelope) { e.Payload = nil }, false},
		{"created", func(e *Envelope) { e.Created++ }, false},
		{"size", func(e *Envelope) { e.Size++ }, false},
		{"flow, which is not on the wire", func(e *Envelope) { e.Flow, e.N = trace.RowFlow(2), 9 }, true},
		{"control", func(e *Envelope) { e.Control = true }, false},
		{"signature", func(e *Envelope) {
			if e.Sign.Token ^= 1; e.Sign.Ed25519 != nil {
				e.Sign.Ed25519[9] ^= 1
			}
		}, false},
		{"no signature", func(e *Envelope) { e.Sign = Signature{} }, false},
		{"signed by another node", func(e *Envelope) { ids[3].Sign(e) }, false},
		{"signed under another seed", func(e *Envelope) { other[1].Sign(e) }, false},
		{"altered and signed anew by its origin", func(e *Envelope) { e.Size++; ids[1].Sign(e) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := signedEnvelope()
			ids[1].Sign(e)
			c.alter(e)
			assert.Equal(t, c.ok, ring.Verify(e))
		})
	}
}

type typedPayload struct{}

func (typedPayload) AppendJSON(b []byte) []byte { return append(b, `{"a":1}`...) }

func TestNoPayloadIsSignedAsAnEmptyOne(t *testing.T) {
	ids, ring := NewIdentities(1, keysOf(4), nil)
	e := signedEnvelope()
	e.Payload = nil
	ids[1].Sign(e)
	e.Payload = RawPayload(`{}`)
	assert.True(t, ring.Verify(e))
}

func TestBroadcastIsVerified(t *testing.T) {
	ids, ring := NewIdentities(1, keysOf(4), nil)
	e := signedEnvelope()
	e.Destination = sim.Everyone
	ids[1].Sign(e)
	require.True(t, ring.Verify(e))
	e.Destination = 2
	assert.False(t, ring.Verify(e))
}

// Numbers of nodes shift when a node is added; what a node signs must not.
func TestTokenIsKnownByKeysNotNumbers(t *testing.T) {
	few, _ := NewIdentities(1, []string{"b", "c"}, nil)
	more, _ := NewIdentities(1, []string{"a", "b", "c"}, nil)
	e, f := signedEnvelope(), signedEnvelope()
	e.Origin, e.Destination = 0, 1
	f.Origin, f.Destination = 1, 2
	few[0].Sign(e)
	more[1].Sign(f)
	assert.Equal(t, e.Sign, f.Sign)
}

// The same token on every architecture and in every version: programs get to see it.
func TestTokenGolden(t *testing.T) {
	ids, _ := NewIdentities(1, keysOf(4), nil)
	e := signedEnvelope()
	ids[1].Sign(e)
	assert.Equal(t, "9668c746878c639b", string(e.Sign.appendHex(nil)))
}

func TestVerifyDoesNotAllocate(t *testing.T) {
	ids, ring := NewIdentities(1, keysOf(4), nil)
	for _, payload := range []Payload{nil, RawPayload(`{"a":1}`)} {
		e := signedEnvelope()
		e.Payload = payload
		ids[1].Sign(e)
		assert.Zero(t, testing.AllocsPerRun(100, func() { ring.Verify(e) }))
	}
}

func BenchmarkVerify(b *testing.B) {
	ids, ring := NewIdentities(1, keysOf(4), nil)
	e := signedEnvelope()
	e.Payload = nil
	ids[1].Sign(e)
	b.ReportAllocs()
	for b.Loop() {
		ring.Verify(e)
	}
}

// What a node signs with a new key nobody takes, and what it signed before stays good.
func TestRenewedIdentityIsRefused(t *testing.T) {
	ids, ring := NewIdentities(1, keysOf(4), nil)
	before, after, again := signedEnvelope(), signedEnvelope(), signedEnvelope()
	ids[1].Sign(before)
	once := ids[1].Renewed(1, keysOf(4)[1], 1)
	once.Sign(after)
	twice := once.Renewed(1, keysOf(4)[1], 2)
	twice.Sign(again)
	assert.True(t, ring.Verify(before))
	assert.False(t, ring.Verify(after))
	assert.False(t, ring.Verify(again))
	assert.NotEqual(t, after.Sign, again.Sign)
	assert.Equal(t, once, twice.Renewed(1, keysOf(4)[1], 1), "a secret is a draw, not a state")
}

func TestAuthorGoesOnCountingWithANewIdentity(t *testing.T) {
	ids, ring := NewIdentities(1, keysOf(4), nil)
	a := NewAuthor(ids[1], sim.Seed(1).Stream("envelope/id"), keysOf(4))
	first := a.Compose(5, "HELLO", 2, 10)
	a.Renew(ids[1].Renewed(1, keysOf(4)[1], 1))
	second := a.Compose(6, "HELLO", 2, 10)
	assert.True(t, ring.Verify(first))
	assert.False(t, ring.Verify(second))
	assert.NotEqual(t, first.ID, second.ID)
	assert.EqualValues(t, 1, second.Key.N)
}
