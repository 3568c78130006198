package mesh

import (
	"slices"

	"meshsim/sim"
	"meshsim/trace"
)

// Memory is where the nodes of a run keep which envelopes they have seen. No node
// can ask what another one keeps: that it is one table for all, by envelope, is
// for the processor's caches alone. An envelope under way is asked for at one node
// after the other, so its row stays at hand, where a table for each node would be
// read at a random place once per visit.
//
// A row lives as long as any node remembers its id. It takes 24 bytes, and 11 to 22
// more in the index; in a run of more than 64 nodes 40 more, and, with more than fewNodes
// of them in it, a bit for every node.
type Memory struct {
	rows   []*[seenChunk]seenRow // in chunks, which nothing has to copy when there are more
	made   uint32                // rows there are, used or not
	unused []uint32              // rows to use again
	index  trace.IDIndex

	// With more nodes than bits in a row, which ones are in it:
	lists  []*[seenChunk]nodeList // by row
	sets   [][]uint64             // bits by node, of rows with many nodes
	idle   []int32                // sets to use again
	room   []uint64               // of sets to come, which are made many at a time
	owners []*SeenSet             // by node
	stride int                    // words of a set
}

// seenRow says which nodes remember an id.
type seenRow struct {
	id    trace.EnvelopeID
	maybe uint64 // a bit for each of them, by the lowest bits of its number; 0: the row is unused
}

// bit is that of a node in maybe.
func bit(node sim.NodeID) uint64 { return 1 << (uint(node) % 64) }

// nodeList says which nodes are in a row.
type nodeList struct {
	count uint32               // how many
	set   int32                // place of their bits in sets, or −1: they are in few
	few   [fewNodes]sim.NodeID // the first count of them
}

const (
	seenChunk = 1 << 10
	fewNodes  = 8
)

func (m *Memory) row(at uint32) *seenRow { return &m.rows[at/seenChunk][at%seenChunk] }

func (m *Memory) nodes(at uint32) *nodeList { return &m.lists[at/seenChunk][at%seenChunk] }

// NewMemory returns the memory of the nodes with numbers below the given one.
func NewMemory(nodes int) *Memory {
	return &Memory{
		index: trace.NewIDIndex(), owners: make([]*SeenSet, nodes), stride: (nodes + 63) / 64,
	}
}

// noRow stands for an id that has no row.
const noRow = ^uint32(0)

// hinted returns the row where an envelope's id was found last, if it is still there, or
// nil: an envelope under way is asked for again and again.
func (m *Memory) hinted(e *Envelope) *seenRow {
	if int(e.row/seenChunk) < len(m.rows) {
		if r := m.row(e.row); r.holds(&e.ID) {
			return r
		}
	}
	return nil
}

// search returns the row of an envelope's id, or nil, and leaves a hint in the envelope.
func (m *Memory) search(e *Envelope) *seenRow {
	hash := uint32(e.ID.Hash())
	at, found := m.index.Find(hash, func(at uint32) bool { return m.row(at).holds(&e.ID) })
	if !found {
		e.row = noRow
		return nil
	}
	e.row = at
	return m.row(at)
}

func (r *seenRow) holds(id *trace.EnvelopeID) bool { return r.id == *id && r.maybe != 0 }

// remember notes a node in a row that it is not in.
func (m *Memory) remember(node sim.NodeID, at uint32) {
	if m.stride > 1 {
		m.list(node, m.nodes(at))
	}
	m.row(at).maybe |= bit(node)
}

// forget takes a node out of a row that it is in. Where nodes share bits, these stay
// until the row is empty.
func (m *Memory) forget(node sim.NodeID, at uint32) {
	r := m.row(at)
	if m.stride == 1 {
		r.maybe &^= bit(node)
	} else if m.unlist(node, m.nodes(at)) {
		r.maybe = 0
	}
	if r.maybe == 0 {
		m.unused = append(m.unused, at)
	}
}

// knows reports whether a node is in a row that has its bit: without others that share
// it that is all.
func (m *Memory) knows(node sim.NodeID, at uint32) bool {
	if m.stride == 1 {
		return true
	}
	l := m.nodes(at)
	if l.set >= 0 {
		return m.sets[l.set][node/64]&bit(node) != 0
	}
	return slices.Contains(l.few[:l.count], node)
}

// list puts in a node that is not in the list.
func (m *Memory) list(node sim.NodeID, l *nodeList) {
	if l.set < 0 && l.count == fewNodes {
		m.spread(l)
	}
	if l.set < 0 {
		l.few[l.count] = node
	} else {
		m.sets[l.set][node/64] |= bit(node)
	}
	l.count++
}

// unlist takes out a node that is in the list, and reports whether it was the last.
func (m *Memory) unlist(node sim.NodeID, l *nodeList) bool {
	l.count--
	if l.set >= 0 {
		m.sets[l.set][node/64] &^= bit(node)
	} else {
		l.few[slices.Index(l.few[:], node)] = l.few[l.count]
	}
	if l.count == 0 && l.set >= 0 {
		m.idle = append(m.idle, l.set)
	}
	return l.count == 0
}

// spread moves the nodes of a list into a set of bits.
func (m *Memory) spread(l *nodeList) {
	if n := len(m.idle); n > 0 {
		l.set, m.idle = m.idle[n-1], m.idle[:n-1] // its bits were taken out one by one
	} else {
		l.set = int32(len(m.sets))
		if len(m.room) == 0 {
			m.room = make([]uint64, slabSize*m.stride)
		}
		m.sets = append(m.sets, m.room[:m.stride:m.stride])
		m.room = m.room[m.stride:]
	}
	for _, node := range l.few {
		m.sets[l.set][node/64] |= bit(node)
	}
}

// fresh makes an empty row for the id of an envelope, which has none.
func (m *Memory) fresh(e *Envelope) {
	var at uint32
	if n := len(m.unused); n > 0 {
		at, m.unused = m.unused[n-1], m.unused[:n-1]
	} else {
		if at = m.made; at%seenChunk == 0 {
			m.rows = append(m.rows, new([seenChunk]seenRow))
			if m.stride > 1 {
				m.lists = append(m.lists, new([seenChunk]nodeList))
			}
		}
		m.made++
	}
	*m.row(at) = seenRow{id: e.ID}
	if m.stride > 1 {
		*m.nodes(at) = nodeList{set: -1}
	}
	if m.index.Full() {
		m.reindex()
	}
	m.index.Add(uint32(e.ID.Hash()), at)
	e.row = at
}

// reindex builds the index anew. It goes by row, in the order of memory, since
// going by slot would wait for each row.
func (m *Memory) reindex() {
	m.index.Reset(int(m.made) - len(m.unused))
	for at := range m.made {
		if r := m.row(at); r.maybe != 0 {
			m.index.Add(uint32(r.id.Hash()), at)
		}
	}
}
