package mesh

import (
	"encoding/binary"
	"math/bits"

	"github.com/zeebo/xxh3"

	"meshsim/sim"
)

// Signature is what its origin adds to an envelope. Signatures are modelled: the
// token is a keyed 64-bit code of the content, which costs nanoseconds
// where Ed25519 costs tens of microseconds, and decides alike: an untouched copy
// passes; one that was altered, or made without the origin's secret, fails but
// for a chance of 2⁻⁶⁴. It protects nobody outside a simulation.
type Signature struct {
	Token uint64
}

// Identity is the private side of a node's key: whoever holds it can sign in that
// node's name.
type Identity struct {
	ID     sim.NodeID
	secret uint64
	public *PublicKey
	ring   *Keyring
}

// Public is the public side of the identity.
func (id Identity) Public() *PublicKey { return id.public }

// Keyring is the public side of all identities of a run: it verifies, and can't
// be asked to sign. It keeps a scratch buffer, so one run is one goroutine.
type Keyring struct {
	keys    []publicKey // by NodeID
	scratch []byte
}

// publicKey is what verifying takes. That it holds the secret is what makes the
// signature modelled.
type publicKey struct {
	secret uint64
	name   uint64 // hash of the node's key, since numbers of nodes are never hashed
}

var (
	everyoneName  = sim.Hash(everyone) // stands for the destination of a broadcast
	noPayloadCode = sim.Hash(emptyPayload)
)

// NewIdentities makes the identities of a run and their keyring. Keys are the
// node keys by NodeID; a secret is draw 0 of the stream node/<key>/secret.
func NewIdentities(seed sim.Seed, keys []string) ([]Identity, *Keyring) {
	ring := &Keyring{keys: make([]publicKey, len(keys))}
	ids := make([]Identity, len(keys))
	for i, key := range keys {
		secret := seed.Stream("node/"+key+"/secret").Draw(sim.Key{}, 0)
		ring.keys[i] = publicKey{secret: secret, name: sim.Hash(key)}
		ids[i] = Identity{ID: sim.NodeID(i), secret: secret, public: newPublicKey(seed.Stream("node/"+key+"/public"), 0, secret), ring: ring}
	}
	return ids, ring
}

// Renewed is the identity of a node, by its key, that lost its own for the nth
// time (from 1) and made a new one: the same id, and as secret draw n of its stream.
// The keyring is not told. It stands for what all others have pinned, so they refuse
// what the new identity signs, until an override releases the pin. Only in a CIP
// message, which carries its key, they see who signed it: another identity.
func (id Identity) Renewed(seed sim.Seed, key string, n uint64) Identity {
	id.secret = seed.Stream("node/"+key+"/secret").Draw(sim.Key{N: n}, 0)
	id.public = newPublicKey(seed.Stream("node/"+key+"/public"), n, id.secret)
	return id
}

// Sign sets the envelope's signature to one by this identity. Nothing but a
// signature by the identity of e.Origin will verify.
func (id Identity) Sign(e *Envelope) {
	e.Sign.Token = id.ring.token(id.secret, e)
}

// Verify reports whether e is, but for its hops, what its origin signed. An
// origin or destination that is no node of the run fails.
func (k *Keyring) Verify(e *Envelope) bool {
	if !k.knows(e.Origin) || !e.Broadcast() && !k.knows(e.Destination) {
		return false
	}
	return k.token(k.secretOf(e), e) == e.Sign.Token
}

// secretOf is what the origin of e signs with. A CIP message of the origin's own
// brings its key along: whether that is the one which the id is pinned to is for the
// receiver's handshake to judge.
func (k *Keyring) secretOf(e *Envelope) uint64 {
	if m, ok := e.Payload.(*cipMessage); ok && m.sender == e.Origin {
		return m.key.secret
	}
	return k.keys[e.Origin].secret
}

func (k *Keyring) knows(id sim.NodeID) bool { return uint(id) < uint(len(k.keys)) }

// token is the code of all that a signature covers: every field but Hops and Sign,
// and the size that stands for the payload.
func (k *Keyring) token(secret uint64, e *Envelope) uint64 {
	to := everyoneName
	if !e.Broadcast() {
		to = k.keys[e.Destination].name
	}
	var control uint64
	if e.Control {
		control = 1
	}
	le := binary.LittleEndian
	a := mum(le.Uint64(e.ID[:8])^secret, le.Uint64(e.ID[8:])^salts[0])
	b := mum(k.keys[e.Origin].name^secret, to^salts[1])
	c := mum(uint64(e.Created)^secret, uint64(e.Size)^salts[2])
	d := mum(sim.Hash(e.Type)^secret, k.payloadCode(e.Payload)^salts[3])
	// Each product goes on into the next, so that two of them can't change places.
	return mum(mum(a^salts[0], b^salts[1])^c, d^control^salts[2])
}

// salts are the first words of the fraction of π.
var salts = [...]uint64{
	0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89,
}

// mum multiplies two words and folds the product: the mixing step of wyhash (Wang
// Yi, 2019).
func mum(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// payloadCode is the hash of the payload's canonical JSON. No payload is {}.
func (k *Keyring) payloadCode(p Payload) uint64 {
	if p == nil {
		return noPayloadCode
	}
	if sealed, ok := p.(SealedPayload); ok {
		return sealed.Code()
	}
	k.scratch = p.AppendJSON(k.scratch[:0])
	return xxh3.Hash(k.scratch)
}
