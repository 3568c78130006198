package mesh

import (
	"encoding/binary"
	"math/bits"

	"meshsim/trace"
)

// seenIndex finds rows by envelope id: a table with linear probing, never filled
// beyond a half. A byte of each id's hash lies apart from the row's number: the
// search for a new id, one per message, reads those bytes alone, which stay in a
// cache where the whole table would not.
type seenIndex struct {
	tags []uint8 // by slot: 0 when it is free
	rows []uint32
	mask uint32 // slots − 1, a power of two less one
	used int
}

const leastSeenSlots = 16

func newSeenIndex(slots int) seenIndex {
	return seenIndex{tags: make([]uint8, slots), rows: make([]uint32, slots), mask: uint32(slots - 1)}
}

// tagOf is the byte of a hash that stands for it: of bits that do not choose its
// slot in any table of a usual size, and never 0.
func tagOf(hash uint32) uint8 { return uint8(hash>>25) | 0x80 }

// noRow stands for an id that has no row.
const noRow = ^uint32(0)

// find returns the row of an id, or noRow.
func (x *seenIndex) find(rows seenRows, id *trace.EnvelopeID) uint32 {
	hash := hashID(id)
	tag := tagOf(hash)
	for i := hash & x.mask; x.tags[i] != 0; i = (i + 1) & x.mask {
		if x.tags[i] == tag && rows.at(x.rows[i]).id == *id {
			return x.rows[i]
		}
	}
	return noRow
}

// full reports whether one more row would fill the index beyond a half.
func (x *seenIndex) full() bool { return 2*(x.used+1) > len(x.tags) }

// add puts in a row whose id is not there. The index must not be full.
func (x *seenIndex) add(hash, at uint32) {
	i := hash & x.mask
	for x.tags[i] != 0 {
		i = (i + 1) & x.mask
	}
	x.tags[i], x.rows[i] = tagOf(hash), at
	x.used++
}

// remove takes out a row and closes the gap: whoever stands behind it and not at
// home moves up (Knuth, TAOCP 3, section 6.4, algorithm R), so that no marks of
// dead slots slow the search down.
func (x *seenIndex) remove(rows seenRows, hash, at uint32) {
	gap := hash & x.mask
	for x.tags[gap] == 0 || x.rows[gap] != at {
		gap = (gap + 1) & x.mask
	}
	for i := (gap + 1) & x.mask; x.tags[i] != 0; i = (i + 1) & x.mask {
		home := hashID(&rows.at(x.rows[i]).id) & x.mask
		if (i-home)&x.mask >= (i-gap)&x.mask {
			x.tags[gap], x.rows[gap] = x.tags[i], x.rows[i]
			gap = i
		}
	}
	x.tags[gap] = 0
	x.used--
}

// hashID mixes all bits of an id by two folded multiplications, so that ids that
// somebody counts up, or that differ in a few bits only, spread as drawn ones do.
// Its constants are the golden ratio and the multipliers of Philox4x64.
func hashID(id *trace.EnvelopeID) uint32 {
	const a, b, c = 0x9E3779B97F4A7C15, 0xD2E7470EE14C6C93, 0xCA5A826395121157
	hi, lo := bits.Mul64(binary.LittleEndian.Uint64(id[:8])^a, b)
	hi, lo = bits.Mul64(hi^lo^binary.LittleEndian.Uint64(id[8:]), c)
	return uint32((hi ^ lo) >> 32)
}
