package netmodel

import (
	"math"
	"time"

	"meshsim/sim"
)

// label is a node's best known distance to the destination: the least cost and,
// among paths of that cost, the fewest hops. Every link adds to it, a link of
// latency 0 too, so that labels strictly fall along a path.
type label struct {
	cost time.Duration
	hops int32
}

func (l label) less(m label) bool {
	return l.cost < m.cost || l.cost == m.cost && l.hops < m.hops
}

// build computes the shortest paths to a destination over the links that are up
// (Dijkstra, "A note on two problems in connexion with graphs", 1959).
func (r *routes) build(t *tree, destination sim.NodeID) {
	t.destination = destination
	if t.entries == nil {
		t.entries = make([]entry, len(r.labels))
	}
	for i := range t.entries {
		t.entries[i] = entry{hops: -1, next: sim.NoNode}
		r.labels[i] = label{cost: math.MaxInt64}
	}
	r.labels[destination] = label{}
	r.heap.push(labelled{label{}, destination})
	for len(r.heap) > 0 {
		v := r.heap.pop().node
		if t.entries[v].hops >= 0 {
			continue // settled; this was a label that a better one replaced
		}
		e := entry{cost: r.labels[v].cost, next: sim.NoNode}
		if v != destination {
			e.next = r.choose(t, v)
			e.hops = t.entries[e.next].hops + 1
		}
		t.entries[v] = e
		r.relax(t, v)
	}
}

// relax offers the paths through v to the nodes that have a link to it.
func (r *routes) relax(t *tree, v sim.NodeID) {
	for _, i := range r.in[r.firstIn[v]:r.firstIn[v+1]] {
		u := r.from[i]
		if !r.up[i] || t.entries[u].hops >= 0 {
			continue
		}
		l := label{r.labels[v].cost + r.mean[i], r.labels[v].hops + 1}
		if l.less(r.labels[u]) {
			r.labels[u] = l
			r.heap.push(labelled{l, u})
		}
	}
}

// choose picks the smallest next hop of v, whose label is final. All nodes that
// can be one are settled: their labels are less than v's.
func (r *routes) choose(t *tree, v sim.NodeID) sim.NodeID {
	for i := r.first[v]; i < r.first[v+1]; i++ {
		u := r.to[i]
		if !r.up[i] || t.entries[u].hops < 0 || t.entries[u].cost+r.mean[i] != r.labels[v].cost {
			continue
		}
		if r.mean[i] > 0 || r.labels[u].hops < r.labels[v].hops {
			return u
		}
	}
	panic("netmodel: a node was reached over no link")
}

// labelHeap is a binary heap of labelled nodes, least label first. It keeps its
// memory from one tree to the next.
type labelHeap []labelled

type labelled struct {
	label
	node sim.NodeID
}

func (h *labelHeap) push(x labelled) {
	*h = append(*h, x)
	s := *h
	i := len(s) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !x.less(s[parent].label) {
			break
		}
		s[i] = s[parent]
		i = parent
	}
	s[i] = x
}

func (h *labelHeap) pop() labelled {
	s := *h
	top, x := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	i := 0
	for {
		child := 2*i + 1
		if child >= len(s) {
			break
		}
		if child+1 < len(s) && s[child+1].less(s[child].label) {
			child++
		}
		if !s[child].less(x.label) {
			break
		}
		s[i] = s[child]
		i = child
	}
	if len(s) > 0 {
		s[i] = x
	}
	return top
}
