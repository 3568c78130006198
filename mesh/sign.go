package mesh

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/zeebo/xxh3"

	"meshsim/sim"
)

// Signature is what its origin adds to an envelope. Unless they are Ed25519 proper,
// signatures are modelled: the token is a keyed 64-bit code of the content, which costs
// nanoseconds where Ed25519 costs tens of microseconds, and decides alike: an untouched
// copy passes; one that was altered, or made without the origin's secret, fails but
// for a chance of 2⁻⁶⁴. It protects nobody outside a simulation.
type Signature struct {
	Token   uint64
	Ed25519 *[ed25519.SignatureSize]byte // nil: modelled
}

// Identity is the private side of a node's key: whoever holds it can sign in that
// node's name.
type Identity struct {
	ID     sim.NodeID
	secret uint64 // for tokens
	public *PublicKey
	ring   *Keyring
}

// Public is the public side of the identity.
func (id Identity) Public() *PublicKey { return id.public }

// Keyring is the public side of all identities of a run: it verifies, and can't
// be asked to sign. It keeps scratch buffers, so one run is one goroutine.
type Keyring struct {
	keys    []envelopeKey // by NodeID
	codec   *Codec        // of what Ed25519 signs; nil: signatures are modelled
	types   [16]typeCode  // met last, by length
	scratch []byte
}

// typeCode is a message type and its hash.
type typeCode struct {
	text string
	code uint64
}

// envelopeKey is what verifying takes. That it holds the secret is what makes a
// token a model.
type envelopeKey struct {
	secret uint64
	name   uint64 // hash of the node's key, since numbers of nodes are never hashed
	public *PublicKey
}

var (
	everyoneName  = sim.Hash(everyone)     // stands for the destination of a broadcast
	noPayloadCode = sim.Hash(emptyPayload) // no payload is {}
)

// NewIdentities makes the identities of a run and their keyring. Keys are the
// node keys by NodeID. A codec makes signatures Ed25519 proper over what it writes;
// without one they are modelled.
func NewIdentities(seed sim.Seed, keys []string, codec *Codec) ([]Identity, *Keyring) {
	ring := &Keyring{keys: make([]envelopeKey, len(keys)), codec: codec}
	ring.types[0].code = sim.Hash("") // of the text that it has
	ids := make([]Identity, len(keys))
	for i, key := range keys {
		id := Identity{ID: sim.NodeID(i), ring: ring}.keyed(keyStream(seed, key).Block(sim.Key{}, 0, 0))
		ring.keys[i] = envelopeKey{secret: id.secret, name: sim.Hash(key), public: id.public}
		ids[i] = id
	}
	return ids, ring
}

// keyed is the identity whose secret is the given chance.
func (id Identity) keyed(secret [4]uint64) Identity {
	algorithm := Modelled
	if id.ring.codec != nil {
		algorithm = Ed25519
	}
	id.secret, id.public = secret[0], newPublicKey(algorithm, secret)
	return id
}

// Renewed is the identity of a node, by its key, that lost its own for the nth
// time (from 1) and made a new one: the same id, and as secret draw n of its stream.
// The keyring is not told. It stands for what all others have pinned, so they refuse
// what the new identity signs, until an override releases the pin. Only in a CIP
// message, which carries its key, they see who signed it: another identity.
func (id Identity) Renewed(seed sim.Seed, key string, n uint64) Identity {
	return id.keyed(keyStream(seed, key).Block(sim.Key{N: n}, 0, 0))
}

// Sign sets the envelope's signature to one by this identity. Nothing but a
// signature by the identity of e.Origin will verify.
func (id Identity) Sign(e *Envelope) {
	if id.ring.codec == nil {
		to, _ := id.ring.nameOf(e.Destination)
		key := envelopeKey{secret: id.secret, name: id.ring.keys[e.Origin].name}
		e.Sign = Signature{Token: id.ring.token(&key, to, e)}
		return
	}
	e.Sign = Signature{Ed25519: (*[ed25519.SignatureSize]byte)(id.public.sign(id.ring.text(e)))}
}

// Verify reports whether e is, but for its hops, what its origin signed. An
// origin or destination that is no node of the run fails.
func (k *Keyring) Verify(e *Envelope) bool {
	return k.verifyBy(k.of(e.Origin), e)
}

// of is the key of a node; nil: there is no such node.
func (k *Keyring) of(id sim.NodeID) *envelopeKey {
	if i := uint(id); i < uint(len(k.keys)) {
		return &k.keys[i]
	}
	return nil
}

// verifyBy is Verify if this is the key of the origin; nil: it does not exist. A CIP
// message of the origin's own brings its key along: whether that is the one which the id
// is pinned to is for the receiver's handshake to judge.
func (k *Keyring) verifyBy(key *envelopeKey, e *Envelope) bool {
	to, exists := k.nameOf(e.Destination)
	if key == nil || !exists {
		return false
	}
	if m, ok := e.Payload.(*cipMessage); ok && m.sender == e.Origin {
		key = &envelopeKey{secret: m.key.secret(), name: key.name, public: m.key}
	}
	if k.codec == nil {
		return k.token(key, to, e) == e.Sign.Token
	}
	return e.Sign.Ed25519 != nil && key.public.verify(k.text(e), e.Sign.Ed25519[:])
}

// text is what Ed25519 signs: the canonical JSON; and, of an envelope that only the
// simulation can make, the size that stands for its payload and that it is control.
func (k *Keyring) text(e *Envelope) []byte {
	var size int64
	if e.Payload != nil {
		k.scratch = e.Payload.AppendJSON(k.scratch[:0])
		size = int64(len(k.scratch))
	}
	k.scratch = k.codec.AppendCanonical(k.scratch[:0], e)
	if e.Control || e.Size != size {
		k.scratch = fmt.Appendf(k.scratch, "size %d, control %t", e.Size, e.Control)
	}
	return k.scratch
}

// nameOf is what stands for a destination in a token, if it exists.
func (k *Keyring) nameOf(to sim.NodeID) (name uint64, exists bool) {
	if to == sim.Everyone {
		return everyoneName, true
	}
	if key := k.of(to); key != nil {
		return key.name, true
	}
	return 0, false
}

// token is the code of all that a signature covers: every field but Hops and Sign,
// and the size that stands for the payload. The origin has this key; the destination goes by its name.
func (k *Keyring) token(key *envelopeKey, to uint64, e *Envelope) uint64 {
	typ := &k.types[len(e.Type)%len(k.types)]
	if typ.text != e.Type { // those of a run are few
		*typ = typeCode{e.Type, sim.Hash(e.Type)}
	}
	payload := noPayloadCode
	if e.Payload != nil {
		payload = k.payloadCode(e.Payload)
	}
	var control uint64
	if e.Control {
		control = 1
	}
	secret, le := key.secret, binary.LittleEndian
	a := mum(le.Uint64(e.ID[:8])^secret, le.Uint64(e.ID[8:])^salts[0])
	b := mum(key.name^secret, to^salts[1])
	c := mum(uint64(e.Created)^secret, uint64(e.Size)^salts[2])
	d := mum(typ.code^secret, payload^salts[3])
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

// payloadCode is the hash of the payload's canonical JSON.
func (k *Keyring) payloadCode(p Payload) uint64 {
	if sealed, ok := p.(SealedPayload); ok {
		return sealed.Code()
	}
	k.scratch = p.AppendJSON(k.scratch[:0])
	return xxh3.Hash(k.scratch)
}
