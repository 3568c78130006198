package trace

import (
	"encoding/binary"
	"math/bits"
)

// IDIndex finds what a table knows of an envelope: it maps hashes of ids to places
// in the table, by open addressing with linear probing. The table itself says
// whether the place found is the right one.
//
// A byte of each hash lies apart from the places: the search for a new id, one per
// message, reads those bytes alone, of which a cache holds many. Nothing is ever
// taken out: a place whose id was forgotten or replaced is passed over, until the
// index is full and its owner builds it anew from what the table then holds. That
// is cheaper than closing the gaps, which would touch three places of memory for
// every id that is forgotten.
type IDIndex struct {
	tags   []uint8 // by slot: 0 when it is free
	places []uint32
	used   int
}

const leastSlots = 64 // of a table; a power of two, as every size must be

// NewIDIndex returns an empty index.
func NewIDIndex() IDIndex {
	return IDIndex{tags: make([]uint8, leastSlots), places: make([]uint32, leastSlots)}
}

// Reset empties the index and makes room for n ids, and for as many more before it
// is full again. It allocates only to grow.
func (x *IDIndex) Reset(n int) {
	x.used = 0
	if 4*n <= len(x.tags) {
		clear(x.tags)
		return
	}
	slots := 1 << bits.Len(uint(4*n-1))
	x.tags, x.places = make([]uint8, slots), make([]uint32, slots)
}

// Full reports whether one more id would fill the index beyond a half.
func (x *IDIndex) Full() bool { return 2*(x.used+1) > len(x.tags) }

// Add puts in the place of an id. The index must not be full.
func (x *IDIndex) Add(hash, place uint32) {
	mask := uint32(len(x.tags) - 1)
	i := hash & mask
	for x.tags[i] != 0 {
		i = (i + 1) & mask
	}
	x.tags[i], x.places[i] = idTag(hash), place
	x.used++
}

// Find returns a slot that may hold the place of an id, from slot i on, and that
// place; false when there is none any more. The search begins at slot hash, and
// goes on behind the slot found.
func (x *IDIndex) Find(hash, i uint32) (slot, place uint32, found bool) {
	mask, tag := uint32(len(x.tags)-1), idTag(hash)
	for i &= mask; x.tags[i] != 0; i = (i + 1) & mask {
		if x.tags[i] == tag {
			return i, x.places[i], true
		}
	}
	return 0, 0, false
}

// idTag is the byte of a hash that stands for it: of bits that do not choose its
// slot in any table of a usual size, and never 0.
func idTag(hash uint32) uint8 { return uint8(hash>>25) | 0x80 }

// Hash mixes all bits of an id, so that ids that somebody counts up, or that differ
// in a few bits only, spread as drawn ones do.
func (id *EnvelopeID) Hash() uint64 {
	return fold(binary.LittleEndian.Uint64(id[:8])^salt0, binary.LittleEndian.Uint64(id[8:])^salt1)
}

// fold multiplies two words and folds the product, the mixing step of wyhash.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}
