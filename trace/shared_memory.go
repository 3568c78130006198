package trace

import (
	"meshsim/clock"
	"meshsim/sim"
)

// MemorySummary says how far the nodes share one memory.
type MemorySummary struct {
	Records       int64          `json:"records"`         // that applications made
	Completeness  float64        `json:"completeness"`    // mean share of them that a node holds, over nodes that run; 0 without records
	Behind        int64          `json:"behind"`          // nodes that run and have not caught up since they started
	SyncLatencyNS LatencySummary `json:"sync_latency_ns"` // from a node's start without all records made before it until it has them
}

// SharedMemory is the sink that follows who holds which records.
type SharedMemory struct {
	limit   int64            // records that a node keeps
	numbers map[string]int64 // of records, in order of making
	nodes   []memoryNode
	held    int64 // records held by nodes that run
	up      int64
	behind  int64
	latency Histogram
}

// memoryNode is what one node has of the memory.
type memoryNode struct {
	up     bool
	had    int64      // records that came, since it lost its state last
	since  clock.Time // its latest start
	target int64      // records made before that
	early  int64      // of them, those that it has had
}

// NewSharedMemory returns the counter of a mesh of so many nodes, each of which keeps
// so many records.
func NewSharedMemory(nodes int, limit int64) *SharedMemory {
	return &SharedMemory{limit: limit, numbers: map[string]int64{}, nodes: make([]memoryNode, nodes)}
}

// Reads implements Selective.
func (s *SharedMemory) Reads(k Kind) bool { return k == NodeUp || k == NodeDown || k == MemoryUpdated }

// Emit counts the event.
func (s *SharedMemory) Emit(e *Event) {
	switch n := &s.nodes[e.Node]; e.Kind {
	case NodeUp:
		if e.Lose >= LoseState {
			*n = memoryNode{}
		}
		n.up, n.since, n.target, n.early = true, e.T, int64(len(s.numbers)), n.had
		s.up++
		s.held += s.holds(n)
		s.behind += n.isBehind()
	case NodeDown:
		s.up--
		s.held -= s.holds(n)
		s.behind -= n.isBehind()
		n.up = false
	case MemoryUpdated:
		s.came(n, e)
	}
}

func (s *SharedMemory) came(n *memoryNode, e *Event) {
	if e.Peer == sim.NoNode {
		s.numbers[e.Record] = int64(len(s.numbers))
	}
	s.held -= s.holds(n)
	n.had++
	s.held += s.holds(n)
	if number, made := s.numbers[e.Record]; !made || number >= n.target || n.isBehind() == 0 {
		return
	}
	if n.early++; n.isBehind() == 0 {
		s.behind--
		s.latency.Add(int64(e.T.Sub(n.since)))
	}
}

func (s *SharedMemory) holds(n *memoryNode) int64 { return min(n.had, s.limit) }

func (n *memoryNode) isBehind() int64 {
	if n.early < n.target {
		return 1
	}
	return 0
}

// counts brings all of a summary but the latency up to date.
func (s *SharedMemory) counts(m MemorySummary) MemorySummary {
	made := int64(len(s.numbers))
	m.Records, m.Completeness, m.Behind = made, ratio(s.held, made*s.up), s.behind
	return m
}
