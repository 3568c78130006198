package trace

import (
	"encoding/binary"
	"math/bits"

	"meshsim/sim"
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

// record is what the ledger knows of one envelope. Records are pooled, and named
// by their index. What most events touch comes first, to share a cache line.
type record struct {
	id    EnvelopeID
	near  [2]copySlot // open copies; those that find no room are in the ledger's set
	open  int32       // copies open now, wherever they are kept
	taken uint64      // hash of the copy that was delivered last and has not gone on; 0 for none

	marks markSet // of processing and delivery

	// What the metrics note of the message.
	measured bool // within the window
	arrived  bool // a unicast reached its destination
	class    int32
	expected int32
	got      int32
	underWay int32 // its share of in_flight

	closed     bool // in the list of closed records
	prev, next int32
	closedAt   uint64 // births then
	older      uint64 // ids that no longer were under way when it appeared, itself included
}

// mark is something to remember of an envelope at a node.
type mark int32

func processedAt(node sim.NodeID) mark { return mark(2 * node) }
func deliveredAt(node sim.NodeID) mark { return mark(2*node + 1) }

// markSet is a set of marks: a short list, then a bit per mark.
type markSet struct {
	few  [8]mark
	n    uint8
	bits []uint64
}

// add puts a mark in and reports whether it was new.
func (s *markSet) add(m mark, pool *bitPool) bool {
	if s.bits == nil {
		for _, has := range s.few[:s.n] {
			if has == m {
				return false
			}
		}
		if int(s.n) < len(s.few) {
			s.few[s.n] = m
			s.n++
			return true
		}
		s.bits = pool.get()
		for _, has := range s.few {
			s.bits[has/64] |= 1 << (has % 64)
		}
	}
	word, bit := &s.bits[m/64], uint64(1)<<(m%64)
	isNew := *word&bit == 0
	*word |= bit
	return isNew
}

// clear empties the set and gives its bits back.
func (s *markSet) clear(pool *bitPool) {
	if s.bits != nil {
		pool.free = append(pool.free, s.bits)
	}
	s.n, s.bits = 0, nil
}

// bitPool lends bit sets of one size.
type bitPool struct {
	words int
	free  [][]uint64
}

func (p *bitPool) get() []uint64 {
	last := len(p.free) - 1
	if last < 0 {
		return make([]uint64, p.words)
	}
	b := p.free[last]
	p.free = p.free[:last]
	clear(b)
	return b
}

// recordTable finds records by envelope id. Records without an open copy stay in
// a list, oldest first, until there are more than keep (at least 1) of them. They
// have an index of their own: that of the open ones, which every event asks, is
// small and stays in the caches.
type recordTable struct {
	records []record
	unused  []int32 // records to use again
	last    int32   // record of the latest find, -1 for none: events of an envelope come in rows
	open    idIndex
	closed  idIndex
	keep    int

	oldest, newest int32  // ends of the list of closed records, -1 when it is empty
	births         uint64 // ids that appeared, or came back after newer ones had
	bits           bitPool
}

func newRecordTable(nodes, keep int) recordTable {
	return recordTable{
		last: -1, open: newIDIndex(), closed: newIDIndex(), keep: keep,
		oldest: -1, newest: -1, bits: bitPool{words: (2*nodes + 63) / 64},
	}
}

// idIndex is an open-addressing table from envelope ids to the numbers of their
// records, with linear probing.
type idIndex struct {
	slots []recordSlot
	used  int
}

// recordSlot is empty when ref is 0.
type recordSlot struct {
	tag uint32 // low bits of the id's hash, which give the slot's home
	ref uint32 // of the record, + 1
}

func newIDIndex() idIndex { return idIndex{slots: make([]recordSlot, leastSlots)} }

// find returns the number of the id's record, or -1.
func (x *idIndex) find(records []record, id *EnvelopeID, tag uint32) int32 {
	mask := uint32(len(x.slots) - 1)
	for i := tag & mask; x.slots[i].ref != 0; i = (i + 1) & mask {
		if s := x.slots[i]; s.tag == tag && records[s.ref-1].id == *id {
			return int32(s.ref - 1)
		}
	}
	return -1
}

// add puts in an id that is not there.
func (x *idIndex) add(tag uint32, record int32) {
	if x.used++; 2*x.used > len(x.slots) {
		old := x.slots
		x.slots = make([]recordSlot, 2*len(old))
		for _, s := range old {
			if s.ref != 0 {
				x.put(s)
			}
		}
	}
	x.put(recordSlot{tag, uint32(record) + 1})
}

func (x *idIndex) put(s recordSlot) {
	mask := uint32(len(x.slots) - 1)
	i := s.tag & mask
	for x.slots[i].ref != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = s
}

// remove takes out an id that is there, and closes the gap: whatever may not stand
// before its home moves up.
func (x *idIndex) remove(tag uint32, record int32) {
	mask := uint32(len(x.slots) - 1)
	i := tag & mask
	for x.slots[i].ref != uint32(record)+1 {
		i = (i + 1) & mask
	}
	for j := (i + 1) & mask; x.slots[j].ref != 0; j = (j + 1) & mask {
		if home := x.slots[j].tag & mask; (j-home)&mask >= (j-i)&mask {
			x.slots[i], i = x.slots[j], j
		}
	}
	x.slots[i] = recordSlot{}
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

// find returns the record of an id, a new one if there is none, and whether it
// was known.
func (t *recordTable) find(id *EnvelopeID) (index int32, known bool) {
	if t.last >= 0 && t.records[t.last].id == *id {
		return t.last, true
	}
	tag := uint32(hashID(id))
	if t.last = t.open.find(t.records, id, tag); t.last >= 0 {
		return t.last, true
	}
	if t.last = t.closed.find(t.records, id, tag); t.last >= 0 {
		return t.last, true
	}
	t.last = t.fresh(id)
	t.open.add(tag, t.last)
	return t.last, false
}

// newerThan is the most ids that a node can have got to know since it processed
// r: those that appeared later, and those that were under way when r appeared.
func (t *recordTable) newerThan(r *record) uint64 { return t.births - r.older }

func (t *recordTable) fresh(id *EnvelopeID) int32 {
	var i int32
	if n := len(t.unused); n > 0 {
		i, t.unused = t.unused[n-1], t.unused[:n-1]
	} else {
		i = int32(len(t.records))
		t.records = append(t.records, record{})
	}
	t.births++
	r := &t.records[i]
	*r = record{}
	r.id, r.older = *id, t.births-uint64(t.open.used)
	return i
}

// settle moves a record into or out of the list of closed ones after an event.
func (t *recordTable) settle(i int32) {
	r := &t.records[i]
	switch {
	case r.open == 0 && !r.closed:
		r.closed, r.closedAt, r.prev, r.next = true, t.births, t.newest, -1
		if t.newest >= 0 {
			t.records[t.newest].next = i
		} else {
			t.oldest = i
		}
		t.newest = i
		tag := uint32(hashID(&r.id))
		t.open.remove(tag, i)
		if t.closed.add(tag, i); t.closed.used > t.keep {
			t.forget(t.oldest)
		}
	case r.open > 0 && r.closed:
		t.unlink(i)
		t.open.add(uint32(hashID(&r.id)), i)
		if t.births > r.closedAt {
			t.births++
		}
	}
}

// unlink takes a closed record out of the list and the index of closed ones.
func (t *recordTable) unlink(i int32) {
	r := &t.records[i]
	if r.prev >= 0 {
		t.records[r.prev].next = r.next
	} else {
		t.oldest = r.next
	}
	if r.next >= 0 {
		t.records[r.next].prev = r.prev
	} else {
		t.newest = r.prev
	}
	r.closed = false
	t.closed.remove(uint32(hashID(&r.id)), i)
}

// forget gives up a closed record: the oldest, so never the one that was found
// last.
func (t *recordTable) forget(i int32) {
	t.unlink(i)
	t.records[i].marks.clear(&t.bits)
	t.unused = append(t.unused, i)
}
