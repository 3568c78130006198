package mesh

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"

	"meshsim/sim"
)

// PublicKey is the public side of an identity, by which peers know it: what its holder
// signs of its own accord, apart from envelopes, is verified with it.
//
// Such a signature is modelled as the SHA-256 of the secret and the text, so that a
// program that is given its secret can make one. It takes the secret to verify,
// which is what makes it a model.
type PublicKey struct {
	raw         [32]byte
	fingerprint [32]byte // SHA-256 of raw
	secret      uint64
}

// newPublicKey makes the key for a secret: 32 bytes that are a draw of their own.
func newPublicKey(stream sim.Stream, n, secret uint64) *PublicKey {
	k := &PublicKey{secret: secret}
	for i, word := range stream.Block(sim.Key{N: n}, 0, 0) {
		binary.BigEndian.PutUint64(k.raw[8*i:], word)
	}
	k.fingerprint = sha256.Sum256(k.raw[:])
	return k
}

// less orders keys by fingerprint.
func (k *PublicKey) less(other *PublicKey) bool {
	return string(k.fingerprint[:]) < string(other.fingerprint[:])
}

// verify reports whether a signature is by the holder of the key over the text.
func (k *PublicKey) verify(text, signature []byte) bool {
	want := modelledSignature(k.secret, text)
	return subtle.ConstantTimeCompare(want[:], signature) == 1
}

// signText is the identity's signature over a text.
func (id Identity) signText(text []byte) []byte {
	sum := modelledSignature(id.secret, text)
	return sum[:]
}

func modelledSignature(secret uint64, text []byte) [32]byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(text)), secret)
	return sha256.Sum256(append(b, text...))
}

// appendHexString appends bytes as a JSON string of lower-case hex.
func appendHexString(b, raw []byte) []byte {
	b = append(b, '"')
	b = hex.AppendEncode(b, raw)
	return append(b, '"')
}
