package mesh

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"meshsim/sim"
)

// Algorithm is how signatures are made.
type Algorithm string

// The algorithms. Modelled signatures give the same verdicts as real ones at a
// thousandth of the cost.
const (
	Modelled Algorithm = "modelled"
	Ed25519  Algorithm = "ed25519"
)

// PublicKey is the public side of an identity, by which peers know it: what its holder
// signs of its own accord, apart from envelopes, is verified with it. The key itself is
// an Ed25519 key whatever the algorithm, made when it is first asked for.
//
// A modelled signature is the SHA-256 of the secret seed and the text, so that a
// program that is given its seed can make one. It takes the seed to verify, which is
// what makes it a model.
type PublicKey struct {
	algorithm   Algorithm
	seed        [ed25519.SeedSize]byte
	private     ed25519.PrivateKey // nil: not made yet
	fingerprint [sha256.Size]byte  // of the raw public key
}

// newPublicKey makes the key pair whose seed are 256 bits of chance.
func newPublicKey(a Algorithm, block [4]uint64) *PublicKey {
	k := &PublicKey{algorithm: a}
	for i, word := range block {
		binary.BigEndian.PutUint64(k.seed[8*i:], word)
	}
	return k
}

// secret is what tokens of modelled envelopes are made with.
func (k *PublicKey) secret() uint64 { return binary.BigEndian.Uint64(k.seed[:8]) }

// make makes the key pair, once.
func (k *PublicKey) make() {
	if k.private == nil {
		k.private = ed25519.NewKeyFromSeed(k.seed[:])
		k.fingerprint = sha256.Sum256(k.raw())
	}
}

// raw are the bytes of the public key.
func (k *PublicKey) raw() []byte {
	k.make()
	return k.private[ed25519.SeedSize:]
}

// print is the fingerprint: the SHA-256 of the raw public key.
func (k *PublicKey) print() []byte {
	k.make()
	return k.fingerprint[:]
}

// less orders keys by fingerprint.
func (k *PublicKey) less(other *PublicKey) bool { return bytes.Compare(k.print(), other.print()) < 0 }

// sign returns the signature of the key's holder over the text.
func (k *PublicKey) sign(text []byte) []byte {
	if k.algorithm == Ed25519 {
		k.make()
		return ed25519.Sign(k.private, text)
	}
	sum := sha256.Sum256(append(k.seed[:len(k.seed):len(k.seed)], text...))
	return sum[:]
}

// verify reports whether a signature is by the holder of the key over the text.
func (k *PublicKey) verify(text, signature []byte) bool {
	if k.algorithm == Ed25519 {
		return ed25519.Verify(k.raw(), text, signature)
	}
	return bytes.Equal(k.sign(text), signature)
}

// signText is the identity's signature over a text.
func (id Identity) signText(text []byte) []byte { return id.public.sign(text) }

// appendHexString appends bytes as a JSON string of lower-case hex.
func appendHexString(b, raw []byte) []byte {
	b = append(b, '"')
	b = hex.AppendEncode(b, raw)
	return append(b, '"')
}

// keyStream is where the secrets of a node come from; the nth one, from 0, is its draw n.
func keyStream(seed sim.Seed, key string) sim.Stream { return seed.Stream("node/" + key + "/secret") }
