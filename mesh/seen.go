package mesh

import (
	"meshsim/sim"
	"meshsim/trace"
)

// MaxSeen is the largest limit of a SeenSet, in ids.
const MaxSeen = 1 << 24

// SeenSet is one node's bounded set of envelope ids: when it is full, each new id
// pushes out the one that came first. It grows to its limit only as ids come, and
// allocates no more when it is full.
type SeenSet struct {
	memory *Memory
	node   sim.NodeID
	limit  int
	count  int
	next   int                  // place in the ring of the next id: the oldest one's, once the ring is full
	ring   []*[ringChunk]uint32 // rows of the memory, in the order of the ids' coming
}

// ringChunk is how many ids the ring grows by, at 4 bytes each: nothing has to be copied
// when there are more, and a node takes at least 4 KB.
const ringChunk = 1 << 10

// Seen returns the node's set for limit ids, 1 … MaxSeen. A node has one set: to
// ask again is to forget all that is in the earlier one, which is of no use then.
func (m *Memory) Seen(node sim.NodeID, limit int) *SeenSet {
	if limit < 1 || limit > MaxSeen {
		panic("mesh: limit of a SeenSet out of range")
	}
	if node < 0 || int(node) >= len(m.owners) {
		panic("mesh: a Memory has no room for this node")
	}
	if before := m.owners[node]; before != nil {
		for i := range before.count {
			m.forget(node, *before.at(i))
		}
	}
	m.owners[node] = &SeenSet{memory: m, node: node, limit: limit}
	return m.owners[node]
}

// Len is the number of ids in the set.
func (s *SeenSet) Len() int { return s.count }

func (s *SeenSet) at(i int) *uint32 { return &s.ring[uint(i)/ringChunk][uint(i)%ringChunk] }

// Has reports whether the id is in the set.
func (s *SeenSet) Has(id trace.EnvelopeID) bool {
	return s.look(&Envelope{ID: id, row: noRow})
}

// Add puts the id into the set, unless it is there, and reports whether it is
// new. An id that is there keeps its age.
func (s *SeenSet) Add(id trace.EnvelopeID) bool {
	return s.add(&Envelope{ID: id, row: noRow})
}

func (s *SeenSet) add(e *Envelope) bool {
	if s.look(e) {
		return false
	}
	s.note(e)
	return true
}

// look reports whether the envelope's id is in the set, and leaves a hint in it.
func (s *SeenSet) look(e *Envelope) bool {
	row := s.memory.hinted(e)
	if row == nil {
		row = s.memory.search(e)
	}
	return row != nil && row.maybe&bit(s.node) != 0 && s.memory.knows(s.node, e.row)
}

// note puts in the id of an envelope at which look has just not found it.
func (s *SeenSet) note(e *Envelope) {
	if e.row == noRow {
		s.memory.fresh(e)
	}
	s.memory.remember(s.node, e.row)
	if s.next == len(s.ring)*ringChunk {
		s.ring = append(s.ring, new([ringChunk]uint32))
	}
	row := s.at(s.next)
	if s.count == s.limit {
		s.memory.forget(s.node, *row)
	} else {
		s.count++
	}
	*row = e.row
	if s.next++; s.next == s.limit {
		s.next = 0
	}
}
