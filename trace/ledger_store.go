package trace

import (
	"encoding/binary"
	"math/bits"
)

// copySet is a multiset of copies by their hash, in an open-addressing table with
// linear probing. It allocates only to grow.
type copySet struct {
	slots []copySlot
	used  int
}

// copySlot is empty when n is 0.
type copySlot struct {
	hash uint64
	n    int32
}

const leastSlots = 64 // of a new table; a power of two, as every size must be

func newCopySet() copySet { return copySet{slots: make([]copySlot, leastSlots)} }

func (s *copySet) add(hash uint64, n int32) {
	mask := uint64(len(s.slots) - 1)
	i := hash & mask
	for s.slots[i].n != 0 {
		if s.slots[i].hash == hash {
			s.slots[i].n += n
			return
		}
		i = (i + 1) & mask
	}
	s.slots[i] = copySlot{hash, n}
	s.used++
	if 2*s.used > len(s.slots) {
		s.grow()
	}
}

// remove takes one copy out and reports whether there was one.
func (s *copySet) remove(hash uint64) bool {
	mask := uint64(len(s.slots) - 1)
	i := hash & mask
	for s.slots[i].hash != hash || s.slots[i].n == 0 {
		if s.slots[i].n == 0 {
			return false
		}
		i = (i + 1) & mask
	}
	if s.slots[i].n--; s.slots[i].n > 0 {
		return true
	}
	s.used--
	// Close the gap: whatever may not stand before its home moves up.
	for j := (i + 1) & mask; s.slots[j].n != 0; j = (j + 1) & mask {
		if home := s.slots[j].hash & mask; (j-home)&mask >= (j-i)&mask {
			s.slots[i], i = s.slots[j], j
		}
	}
	s.slots[i].n = 0
	return true
}

func (s *copySet) grow() {
	old := s.slots
	s.slots, s.used = make([]copySlot, 2*len(old)), 0
	for _, c := range old {
		if c.n != 0 {
			s.add(c.hash, c.n)
		}
	}
}

// idIndex is an open-addressing table from envelope ids to the numbers of their
// records, with linear probing. The tags lie by themselves, so that a search which
// finds nothing, the usual one in a table too large for the caches, reads half of it.
type idIndex struct {
	tags []uint32 // 0 for none
	refs []int32
	used int
}

// idTag stands for an id in an index, and gives its home: the low bits of its hash.
func idTag(hash uint64) uint32 { return max(uint32(hash), 1) }

func newIDIndex() idIndex {
	return idIndex{tags: make([]uint32, leastSlots), refs: make([]int32, leastSlots)}
}

// home is where the search for a tag begins; next is where it goes on, until a slot
// is empty.
func (x *idIndex) home(tag uint32) uint32 { return tag & uint32(len(x.tags)-1) }
func (x *idIndex) next(i uint32) uint32   { return (i + 1) & uint32(len(x.tags)-1) }

// add puts in an id that is not there.
func (x *idIndex) add(tag uint32, ref int32) {
	if x.used++; 4*x.used > 3*len(x.tags) {
		old := *x
		x.tags, x.refs = make([]uint32, 2*len(old.tags)), make([]int32, 2*len(old.refs))
		for i, tag := range old.tags {
			if tag != 0 {
				x.put(tag, old.refs[i])
			}
		}
	}
	x.put(tag, ref)
}

func (x *idIndex) put(tag uint32, ref int32) {
	i := x.home(tag)
	for x.tags[i] != 0 {
		i = x.next(i)
	}
	x.tags[i], x.refs[i] = tag, ref
}

// remove takes out an id that is there, and closes the gap: whatever may not stand
// before its home moves up.
func (x *idIndex) remove(tag uint32, ref int32) {
	mask := uint32(len(x.tags) - 1)
	i := tag & mask
	for x.tags[i] != tag || x.refs[i] != ref {
		i = (i + 1) & mask
	}
	for j := (i + 1) & mask; x.tags[j] != 0; j = (j + 1) & mask {
		if home := x.tags[j] & mask; (j-home)&mask >= (j-i)&mask {
			x.tags[i], x.refs[i], i = x.tags[j], x.refs[j], j
		}
	}
	x.tags[i] = 0
	x.used--
}

// hashID mixes all of an id: usually ids are random, but a user's node may number
// its own.
func hashID(id *EnvelopeID) uint64 {
	return fold(binary.LittleEndian.Uint64(id[:8])^salt0, binary.LittleEndian.Uint64(id[8:])^salt1)
}

// fold multiplies two words and folds the product, the mixing step of wyhash.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}
