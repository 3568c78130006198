package mesh

import (
	"meshsim/sim"
	"meshsim/trace"
)

// Memory is where the nodes of a run keep which envelopes they have seen. No node
// can ask what another one keeps: that it is one table for all, by envelope, is
// for the processor's caches alone. An envelope under way is asked for at one node
// after the other, so its row stays at hand, where a table for each node would be
// read at a random place once per visit.
//
// A row lives as long as any node remembers its id. It takes 64 bytes, and 10 to 40
// more in the index; rows with more than fewNodes nodes take a bit for every node.
type Memory struct {
	rows   seenRows
	made   uint32   // rows there are, used or not
	unused []uint32 // rows to use again
	index  trace.IDIndex

	sets   [][]uint64 // bits by node, of rows with many nodes
	idle   []int32    // sets to use again
	room   []uint64   // of sets to come, which are made many at a time
	owners []*SeenSet // by node
	stride int        // words of a set
}

const fewNodes = 10

// seenRow says which nodes remember an id.
type seenRow struct {
	id    trace.EnvelopeID
	count int32           // nodes that do
	set   int32           // place of their bits in sets, or −1: the nodes are in few
	few   [fewNodes]int32 // the first count of them
}

// seenRows keeps rows in chunks, which nothing has to copy when there are more.
type seenRows []*[seenChunk]seenRow

const seenChunk = 1 << 10

func (rows seenRows) at(i uint32) *seenRow { return &rows[i/seenChunk][i%seenChunk] }

// NewMemory returns the memory of the nodes with numbers below the given one.
func NewMemory(nodes int) *Memory {
	return &Memory{
		index: trace.NewIDIndex(), owners: make([]*SeenSet, nodes), stride: (nodes + 63) / 64,
	}
}

// noRow stands for an id that has no row.
const noRow = ^uint32(0)

// find returns the row of an id, or noRow. The row may be the hinted one: an
// envelope under way takes along where it was found last.
func (m *Memory) find(id *trace.EnvelopeID, hint uint32) uint32 {
	if hint < m.made && m.rows.at(hint).holds(id) {
		return hint
	}
	hash := uint32(id.Hash())
	for i, at, ok := m.index.Find(hash, hash); ok; i, at, ok = m.index.Find(hash, i+1) {
		if m.rows.at(at).holds(id) {
			return at
		}
	}
	return noRow
}

func (r *seenRow) holds(id *trace.EnvelopeID) bool { return r.count > 0 && r.id == *id }

// remember notes a node in a row that it is not in.
func (m *Memory) remember(node sim.NodeID, at uint32) {
	r := m.rows.at(at)
	if r.set < 0 && r.count == fewNodes {
		m.spread(r)
	}
	if r.set < 0 {
		r.few[r.count] = int32(node)
	} else {
		m.sets[r.set][node/64] |= 1 << (node % 64)
	}
	r.count++
}

// knows reports whether a node is in a row.
func (m *Memory) knows(node sim.NodeID, at uint32) bool {
	r := m.rows.at(at)
	if r.set >= 0 {
		return m.sets[r.set][node/64]&(1<<(node%64)) != 0
	}
	for _, n := range r.few[:r.count] {
		if n == int32(node) {
			return true
		}
	}
	return false
}

// forget takes a node out of a row that it is in.
func (m *Memory) forget(node sim.NodeID, at uint32) {
	r := m.rows.at(at)
	r.count--
	if r.set >= 0 {
		m.sets[r.set][node/64] &^= 1 << (node % 64)
	} else {
		for i := range r.few {
			if r.few[i] == int32(node) {
				r.few[i] = r.few[r.count]
				break
			}
		}
	}
	if r.count > 0 {
		return
	}
	if r.set >= 0 {
		m.idle = append(m.idle, r.set)
	}
	m.unused = append(m.unused, at)
}

// spread moves the nodes of a row into a set of bits.
func (m *Memory) spread(r *seenRow) {
	if n := len(m.idle); n > 0 {
		r.set, m.idle = m.idle[n-1], m.idle[:n-1] // its bits were taken out one by one
	} else {
		r.set = int32(len(m.sets))
		if len(m.room) == 0 {
			m.room = make([]uint64, slabSize*m.stride)
		}
		m.sets = append(m.sets, m.room[:m.stride:m.stride])
		m.room = m.room[m.stride:]
	}
	for _, node := range r.few {
		m.sets[r.set][node/64] |= 1 << (node % 64)
	}
}

// fresh makes an empty row for an id that has none.
func (m *Memory) fresh(id *trace.EnvelopeID) uint32 {
	var at uint32
	if n := len(m.unused); n > 0 {
		at, m.unused = m.unused[n-1], m.unused[:n-1]
	} else {
		if at = m.made; at%seenChunk == 0 {
			m.rows = append(m.rows, new([seenChunk]seenRow))
		}
		m.made++
	}
	r := m.rows.at(at)
	r.id, r.count, r.set = *id, 0, -1
	if m.index.Full() {
		m.reindex()
	}
	m.index.Add(uint32(id.Hash()), at)
	return at
}

// reindex builds the index anew. It goes by row, in the order of memory, since
// going by slot would wait for each row.
func (m *Memory) reindex() {
	m.index.Reset(int(m.made) - len(m.unused))
	for at := range m.made {
		if r := m.rows.at(at); r.count > 0 {
			m.index.Add(uint32(r.id.Hash()), at)
		}
	}
}
