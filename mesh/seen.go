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
	ring   []uint32 // rows of the memory, in the order of the ids' coming
	first  int      // the oldest, once the ring is full
}

// Seen returns the node's set for limit ids, 1 … MaxSeen. A node has one set.
func (m *Memory) Seen(node sim.NodeID, limit int) *SeenSet {
	if limit < 1 || limit > MaxSeen {
		panic("mesh: limit of a SeenSet out of range")
	}
	if node < 0 || int(node) >= m.nodes {
		panic("mesh: a Memory has no room for this node")
	}
	return &SeenSet{memory: m, node: node, limit: limit}
}

// Len is the number of ids in the set.
func (s *SeenSet) Len() int { return len(s.ring) }

// Has reports whether the id is in the set.
func (s *SeenSet) Has(id trace.EnvelopeID) bool {
	_, has := s.look(&id)
	return has
}

// Add puts the id into the set, unless it is there, and reports whether it is
// new. An id that is there keeps its age.
func (s *SeenSet) Add(id trace.EnvelopeID) bool {
	row, has := s.look(&id)
	if !has {
		s.note(row, &id)
	}
	return !has
}

// noRow stands for an id that the memory has no row for.
const noRow = ^uint32(0)

// look returns the memory's row of the id, or noRow, and whether the id is in the
// set.
func (s *SeenSet) look(id *trace.EnvelopeID) (row uint32, has bool) {
	row, ok := s.memory.find(id)
	if !ok {
		return noRow, false
	}
	return row, s.memory.knows(s.node, row)
}

// note puts in an id that look has just not found.
func (s *SeenSet) note(row uint32, id *trace.EnvelopeID) {
	if row == noRow {
		row = s.memory.fresh(id)
	}
	s.memory.remember(s.node, row)
	if len(s.ring) < s.limit {
		s.ring = append(s.ring, row)
		return
	}
	s.memory.forget(s.node, s.ring[s.first])
	s.ring[s.first] = row
	if s.first++; s.first == s.limit {
		s.first = 0
	}
}
