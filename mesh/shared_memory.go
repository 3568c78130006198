package mesh

import (
	"time"

	"meshsim/sim"
	"meshsim/sim/planted"
	"meshsim/trace"
)

// SharedMemoryConfig is what the shared memory of a node is made of. All fields are
// required.
type SharedMemoryConfig struct {
	Registry  *PeerRegistry // whom it may ask
	Sync      time.Duration // between two questions to peers
	ChunkSize int           // records in an answer at most, 1 or more
	Limit     int           // records kept, oldest out first, 1 or more
	Chance    sim.Stream    // of the node's own, for whom it asks and when
}

// SharedMemory is one node's part in the memory that all nodes share (protocol.md,
// 9). A new record is pushed to everyone once. What a node missed, as it was not there
// or a copy was lost, it catches up on: it asks one peer after the other for what
// came into that peer's log since it asked last.
type SharedMemory struct {
	SharedMemoryConfig
	name    uint64    // of its log: the incarnation in which it began
	records []*Record // the log, in the order of their coming; chunks share it
	gone    uint64    // records that were let go: the place of the first of records
	known   memories  // ids of records, kept or gone
	cursors map[sim.NodeID]cursor

	aware    bool       // it knows that there are records
	answered bool       // somebody told it all he had, since it last began to ask
	armed    bool       // a timer is set
	asked    sim.NodeID // who has not told all yet, or NoNode
	heard    bool       // but something, since the latest question
	turn     uint64     // place in the drawn order of who was asked last
	timers   uint64     // set so far

	sealer   sealer
	requests slab[syncRequest]
	chunks   slab[syncChunk]
}

// cursor is how far a node has read the log of a peer.
type cursor struct{ log, next uint64 }

// NewSharedMemory returns the protocol of one node.
func NewSharedMemory(c SharedMemoryConfig) *SharedMemory {
	if c.Sync <= 0 || c.ChunkSize < 1 || c.Limit < 1 {
		panic("mesh: shared memory out of range")
	}
	return &SharedMemory{
		SharedMemoryConfig: c, known: memories{most: 2 * c.Limit}, cursors: make(map[sim.NodeID]cursor), asked: sim.NoNode,
	}
}

// Types implements Protocol.
func (m *SharedMemory) Types() []string {
	return []string{TypePushReflection, typeSyncRequest, typeSyncChunk}
}

// Tell implements Protocol.
func (m *SharedMemory) Tell(c *Context, in *Input) {
	switch in.Kind {
	case Start:
		if m.name == 0 { // else it comes back with its log
			m.name = in.Tag
		}
		m.armed, m.asked, m.answered = false, sim.NoNode, false
		m.sync(c)
	case NeighbourUp:
		m.answered = false
		m.sync(c)
	case Timer:
		m.armed = false
		m.sync(c)
	}
}

// Take implements Protocol.
func (m *SharedMemory) Take(c *Context, e *Envelope, from sim.NodeID) trace.Reason {
	switch p := e.Payload.(type) {
	case *Record:
		teller := e.Origin
		if from == sim.NoNode {
			teller = sim.NoNode
		}
		m.add(c, p, teller)
	case *syncRequest:
		m.answer(c, e.Origin, p)
	case *syncChunk:
		m.learn(c, e.Origin, p)
	default:
		return trace.UnknownType
	}
	return trace.NoReason
}

// end is the place after the last record of the log.
func (m *SharedMemory) end() uint64 { return m.gone + uint64(len(m.records)) }

// add takes a record into the log, unless it was there before.
func (m *SharedMemory) add(c *Context, r *Record, teller sim.NodeID) {
	if m.known.has(token(r.id)) {
		return
	}
	m.known.add(token(r.id))
	if len(m.records) == m.Limit {
		m.records = m.records[1:]
		m.gone++
	}
	m.records = append(m.records, r)
	c.Tell(trace.Event{Kind: trace.MemoryUpdated, Peer: teller, Payload: trace.Payload{Record: r.name}})
	m.becomeAware(c)
}

// becomeAware notes that there are records, so that the node asks for them for good.
func (m *SharedMemory) becomeAware(c *Context) {
	m.aware = true
	m.arm(c)
}

// sync asks for news: who has begun to answer goes on, else it is the next one's turn.
func (m *SharedMemory) sync(c *Context) {
	if m.asked == sim.NoNode || !m.heard {
		m.asked = m.next(c)
	}
	m.heard = false
	if m.asked != sim.NoNode {
		m.ask(c, m.asked)
	}
	m.arm(c)
}

// arm sets the timer of the next question, as long as the node knows of records or
// nobody has answered yet.
func (m *SharedMemory) arm(c *Context) {
	if m.armed || m.answered && !m.aware {
		return
	}
	m.armed = true
	m.timers++
	c.Wake(jittered(m.Sync, m.Chance.Draw(sim.Key{N: m.timers}, 1)), 0)
}

// next is the peer whose turn it is, or NoNode. Peers are asked in a drawn order, one
// after the other and then from the first again, so that nobody is left out for long.
func (m *SharedMemory) next(c *Context) sim.NodeID {
	first, later := sim.NoNode, sim.NoNode
	var least, after uint64
	for id := range sim.NodeID(m.Registry.Nodes()) {
		if !m.Registry.Has(id) || c.Blocked(id) {
			continue
		}
		place := m.Chance.Draw(sim.Key{Source: sim.Hash(c.key(id)), N: m.name}, 0)
		if first == sim.NoNode || place < least {
			first, least = id, place
		}
		if place > m.turn && (later == sim.NoNode || place < after) {
			later, after = id, place
		}
	}
	if later == sim.NoNode {
		later, after = first, least
	}
	m.turn = after
	return later
}

// ask asks a peer for what came into its log since.
func (m *SharedMemory) ask(c *Context, peer sim.NodeID) {
	at := m.cursors[peer]
	q := m.requests.take()
	*q = syncRequest{log: at.log, since: at.next, limit: uint64(m.ChunkSize), end: m.end()}
	q.pour(&m.sealer)
	q.seal = m.sealer.seal()
	c.Send(typeSyncRequest, q, peer)
}

// answer sends one chunk. A place in a log that is lost means nothing in this one.
func (m *SharedMemory) answer(c *Context, peer sim.NodeID, q *syncRequest) {
	since := q.since
	if q.log != m.name {
		since = 0
	}
	first := min(max(since, m.gone), m.end())
	n := min(max(q.limit, 1), uint64(m.ChunkSize), m.end()-first)
	p := m.chunks.take()
	*p = syncChunk{log: m.name, since: since, chunk: first, end: m.end(), records: m.records[first-m.gone:][:n:n]}
	p.pour(&m.sealer)
	p.seal = m.sealer.seal()
	c.Send(typeSyncChunk, p, peer)
	if q.end > 0 {
		m.becomeAware(c)
	}
}

// learn takes a chunk in, and asks for the next one until the log ends.
func (m *SharedMemory) learn(c *Context, peer sim.NodeID, p *syncChunk) {
	for i, r := range p.records {
		if planted.Bug == planted.ChunkBoundary && i == 0 && p.chunk > 0 {
			continue
		}
		m.add(c, r, peer)
	}
	at := m.cursors[peer]
	if p.log > at.log {
		at = cursor{log: p.log} // the earlier one is lost
	}
	if p.log != at.log || p.since != at.next {
		return // an answer to an earlier question
	}
	at.next = p.chunk + uint64(len(p.records))
	m.cursors[peer] = at
	if peer == m.asked {
		m.heard = true
	}
	if at.next < p.end {
		m.ask(c, peer)
		return
	}
	m.answered = true
	if peer == m.asked {
		m.asked = sim.NoNode
	}
}
