package trace

import "meshsim/sim"

// mark is something to remember of an envelope at a node.
type mark int32

func processedAt(node sim.NodeID) mark { return mark(2 * node) }
func deliveredAt(node sim.NodeID) mark { return mark(2*node + 1) }

// noMark stands in a list for one that was taken out.
const noMark mark = -1

// markSet is a set of marks: a short list, and a bit for each mark that found no room
// in it.
type markSet struct {
	seen uint32 // a bit for each mark that was in the list; one whose bit is missing is not
	few  [8]mark
	bits int32 // number of the bit set in the pool, + 1; 0 while there is room
	n    uint8
}

// takes puts a mark in if that needs no search: it is new, and the list has room.
func (s *markSet) takes(m mark) bool {
	bit := uint32(1) << (uint32(m) * 0x9e3779b1 >> 27)
	if s.seen&bit != 0 || int(s.n) == len(s.few) {
		return false
	}
	s.seen |= bit
	s.few[s.n] = m
	s.n++
	return true
}

// add puts a mark in and reports whether it was new.
func (s *markSet) add(m mark, pool *bitPool) bool {
	if s.takes(m) {
		return true
	}
	if s.lists(m) {
		return false
	}
	if int(s.n) < len(s.few) {
		s.few[s.n] = m
		s.n++
		return true
	}
	if s.bits == 0 {
		s.bits = pool.lend() + 1
	}
	return pool.put(s.bits-1, m)
}

// remove takes a mark out, if it is in.
func (s *markSet) remove(m mark, pool *bitPool) {
	if s.bits != 0 {
		pool.sets[s.bits-1][m/64] &^= 1 << (m % 64)
	}
	for i, has := range s.few[:s.n] {
		if has == m {
			s.few[i] = noMark
		}
	}
}

func (s *markSet) lists(m mark) bool {
	for _, has := range s.few[:s.n] {
		if has == m {
			return true
		}
	}
	return false
}

// clear empties the set and gives its bits back.
func (s *markSet) clear(pool *bitPool) {
	if s.bits != 0 {
		pool.free = append(pool.free, s.bits-1)
	}
	*s = markSet{}
}

// bitPool lends bit sets of one size, by their number. It makes many at a time.
type bitPool struct {
	words int // of a set
	sets  [][]uint64
	free  []int32
	room  []uint64 // of sets to come
}

const setsPerChunk = 64

// newBitPool returns a pool of sets of all marks of a run of n nodes.
func newBitPool(n int) bitPool { return bitPool{words: (2*n + 63) / 64} }

// lend returns an empty set.
func (p *bitPool) lend() int32 {
	last := len(p.free) - 1
	if last < 0 {
		if len(p.room) == 0 {
			p.room = make([]uint64, setsPerChunk*p.words)
		}
		p.sets = append(p.sets, p.room[:p.words:p.words])
		p.room = p.room[p.words:]
		return int32(len(p.sets) - 1)
	}
	i := p.free[last]
	p.free = p.free[:last]
	clear(p.sets[i])
	return i
}

// put puts a mark into a set and reports whether it was new.
func (p *bitPool) put(i int32, m mark) bool {
	word, bit := &p.sets[i][uint32(m)/64], uint64(1)<<(uint32(m)%64)
	isNew := *word&bit == 0
	*word |= bit
	return isNew
}
