package mesh

import (
	"encoding/binary"
	"math/bits"

	"meshsim/trace"
)

// MaxSeen is the largest limit of a SeenSet, in ids.
const MaxSeen = 1 << 24

// SeenSet is a bounded set of envelope ids: when it is full, each new id pushes
// out the one that came first. It grows to its limit only as ids come, and then
// takes at most 52 bytes an id and allocates no more.
//
// Ids lie in a ring in the order of their coming; a table with linear probing
// finds them. It keeps a hash of each, so that taking out an old id stays within
// the table, and a byte of that hash apart: a search for a new id, the common
// case, reads those bytes alone, of which the caches hold nine times as many.
type SeenSet struct {
	limit int
	ring  []trace.EnvelopeID
	first int     // the oldest, once the ring is full
	tags  []uint8 // by slot: 0 when it is free, else from its hash
	table []seenSlot
	mask  uint32 // len(table) − 1, a power of two less one
}

type seenSlot struct {
	hash uint32
	ref  uint32 // place in the ring
}

// tagOf is the byte of a hash that stands for it: of bits that do not choose its
// slot, and never 0.
func tagOf(hash uint32) uint8 { return uint8(hash>>25) | 0x80 }

// NewSeenSet returns an empty set for limit ids, 1 … MaxSeen.
func NewSeenSet(limit int) *SeenSet {
	if limit < 1 || limit > MaxSeen {
		panic("mesh: limit of a SeenSet out of range")
	}
	return &SeenSet{limit: limit}
}

// Len is the number of ids in the set.
func (s *SeenSet) Len() int { return len(s.ring) }

// Has reports whether the id is in the set.
func (s *SeenSet) Has(id trace.EnvelopeID) bool {
	if len(s.table) == 0 {
		return false
	}
	_, found := s.find(id, hashID(id))
	return found
}

// Add puts the id into the set, unless it is there, and reports whether it is
// new. An id that is there keeps its age.
func (s *SeenSet) Add(id trace.EnvelopeID) bool {
	if len(s.ring) < s.limit {
		s.makeRoom()
	}
	hash := hashID(id)
	free, found := s.find(id, hash)
	if found {
		return false
	}
	place := len(s.ring)
	if place < s.limit {
		s.ring = append(s.ring, id)
		s.fill(free, seenSlot{hash, uint32(place)})
		return true
	}
	place = s.first
	oldest := s.slotOf(place)
	s.ring[place] = id
	s.fill(free, seenSlot{hash, uint32(place)})
	s.vacate(oldest)
	if s.first++; s.first == s.limit {
		s.first = 0
	}
	return true
}

// find returns the slot of the id, or the free one where the search for it ends.
func (s *SeenSet) find(id trace.EnvelopeID, hash uint32) (slot uint32, found bool) {
	i, tag := hash&s.mask, tagOf(hash)
	for ; s.tags[i] != 0; i = (i + 1) & s.mask {
		if s.tags[i] == tag && s.table[i].hash == hash && s.ring[s.table[i].ref] == id {
			return i, true
		}
	}
	return i, false
}

func (s *SeenSet) fill(i uint32, slot seenSlot) {
	s.tags[i], s.table[i] = tagOf(slot.hash), slot
}

// slotOf returns the slot of the id at a place of the ring.
func (s *SeenSet) slotOf(place int) uint32 {
	i := hashID(s.ring[place]) & s.mask
	for s.tags[i] == 0 || s.table[i].ref != uint32(place) {
		i = (i + 1) & s.mask
	}
	return i
}

// vacate empties a slot and closes the gap: whoever stands behind it and not at
// home moves up (Knuth, TAOCP 3, section 6.4, algorithm R), so that no marks of
// dead slots slow the set down.
func (s *SeenSet) vacate(gap uint32) {
	for i := (gap + 1) & s.mask; s.tags[i] != 0; i = (i + 1) & s.mask {
		home := s.table[i].hash & s.mask
		if (i-home)&s.mask >= (i-gap)&s.mask {
			s.fill(gap, s.table[i])
			gap = i
		}
	}
	s.tags[gap] = 0
}

// makeRoom lets one more id in: the table is never filled beyond a half, but for
// the moment in which a full set holds the new id and the oldest.
func (s *SeenSet) makeRoom() {
	const least = 16
	if len(s.ring) == cap(s.ring) {
		ring := make([]trace.EnvelopeID, len(s.ring), min(s.limit, max(least, 2*len(s.ring))))
		copy(ring, s.ring)
		s.ring = ring
	}
	if 2*(len(s.ring)+1) <= len(s.table) {
		return
	}
	tags, table := s.tags, s.table
	size := max(least, 2*len(table))
	s.tags, s.table, s.mask = make([]uint8, size), make([]seenSlot, size), uint32(size-1)
	for k, slot := range table {
		if tags[k] == 0 {
			continue
		}
		i := slot.hash & s.mask
		for s.tags[i] != 0 {
			i = (i + 1) & s.mask
		}
		s.fill(i, slot)
	}
}

// hashID mixes all bits of an id by two folded multiplications, so that ids that
// somebody counts up, or that differ in a few bits only, spread as drawn ones do.
// Its constants are the golden ratio and the multipliers of Philox4x64.
func hashID(id trace.EnvelopeID) uint32 {
	const a, b, c = 0x9E3779B97F4A7C15, 0xD2E7470EE14C6C93, 0xCA5A826395121157
	hi, lo := bits.Mul64(binary.LittleEndian.Uint64(id[:8])^a, b)
	hi, lo = bits.Mul64(hi^lo^binary.LittleEndian.Uint64(id[8:]), c)
	return uint32((hi ^ lo) >> 32)
}
