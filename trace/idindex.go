package trace

import (
	"encoding/binary"
	"math/bits"
)

// IDIndex finds what a table knows of an envelope: it maps hashes of ids to places
// in the table, by open addressing with linear probing. The table itself says
// whether the place found is the right one.
//
// Ids are random, so each one means memory that no cache holds. Nearly all searches
// are for ids that are new, one per message: these ask a filter (Bloom 1970) that is
// small enough for a cache. What is put in waits until there is more of it, for the
// processor waits for many places at once as long as for one.
//
// Nothing is ever taken out: a place whose id was forgotten or replaced is passed over,
// until the index is full and its owner builds it anew from what the table then holds.
// That is cheaper than closing the gaps, which would touch three places of memory for
// every id that is forgotten.
type IDIndex struct {
	slots   []idSlot // a power of two
	filter  []uint64 // a word for every slotsPerWord slots; all bits of a hash are in one word
	pending []idSlot // not in slots yet
	used    int      // pending ones included
}

// idSlot is a hash in the high half and a place + 1 in the low one; 0 when it is free.
type idSlot uint64

func (s idSlot) hash() uint32  { return uint32(s >> 32) }
func (s idSlot) place() uint32 { return uint32(s) - 1 }

const (
	leastSlots   = 64
	slotsPerWord = 16 // at three quarters of the slots five bits an id: of new ones a tenth passes
	mostPending  = 64
)

// NewIDIndex returns an empty index.
func NewIDIndex() IDIndex {
	x := IDIndex{pending: make([]idSlot, 0, mostPending)}
	x.make(leastSlots)
	return x
}

func (x *IDIndex) make(slots int) {
	x.slots, x.filter = make([]idSlot, slots), make([]uint64, slots/slotsPerWord)
}

// Reset empties the index and makes room for n ids, and for as many more before it
// is full again. It allocates only to grow.
func (x *IDIndex) Reset(n int) {
	x.used, x.pending = 0, x.pending[:0]
	if 8*n > 3*len(x.slots) {
		x.make(1 << bits.Len(uint(8*n/3)))
		return
	}
	clear(x.slots)
	clear(x.filter)
}

// Full reports whether one more id would fill the index beyond three quarters.
func (x *IDIndex) Full() bool { return 4*(x.used+1) > 3*len(x.slots) }

// Add puts in the place of an id. The index must not be full.
func (x *IDIndex) Add(hash, place uint32) {
	word, bits := x.filtered(hash)
	*word |= bits
	x.used++
	x.pending = append(x.pending, idSlot(hash)<<32|(idSlot(place)+1))
	if len(x.pending) == mostPending {
		x.putIn()
	}
}

// putIn puts in what waits.
func (x *IDIndex) putIn() {
	mask := uint32(len(x.slots) - 1)
	for _, s := range x.pending {
		i := s.hash() & mask
		for x.slots[i] != 0 {
			i = (i + 1) & mask
		}
		x.slots[i] = s
	}
	x.pending = x.pending[:0]
}

// Find returns the place with this hash that is the right one, if there is one.
func (x *IDIndex) Find(hash uint32, right func(place uint32) bool) (place uint32, found bool) {
	if word, bits := x.filtered(hash); *word&bits != bits {
		return 0, false
	}
	for _, s := range x.pending {
		if s.hash() == hash && right(s.place()) {
			return s.place(), true
		}
	}
	mask := uint32(len(x.slots) - 1)
	for i := hash & mask; x.slots[i] != 0; i = (i + 1) & mask {
		if s := x.slots[i]; s.hash() == hash && right(s.place()) {
			return s.place(), true
		}
	}
	return 0, false
}

// filtered is the word of the filter for a hash, and its two bits there.
func (x *IDIndex) filtered(hash uint32) (word *uint64, bits uint64) {
	return &x.filter[hash&uint32(len(x.filter)-1)], 1<<(hash>>26) | 1<<(hash>>20&63)
}

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
