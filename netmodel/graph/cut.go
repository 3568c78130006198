package graph

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/graph/topo"
)

// Components are the sets of nodes that are linked with each other, the largest
// first, then the one with the least node.
func (g *Graph) Components() [][]int { return g.groups(topo.ConnectedComponents(g.view())) }

// largestFirst orders groups of nodes, each ascending.
func largestFirst(groups [][]int) {
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0])) })
}

// CutPoints are the nodes (articulation points), ascending, and the pairs of Edges
// (bridges) without which the graph has more components: by low points (R. Tarjan,
// "Depth-First Search and Linear Graph Algorithms", SIAM J. Comput. 1(2), 1972).
func (g *Graph) CutPoints() (articulation []int, bridges [][2]int) {
	s := search{g: g, order: make([]int, len(g.names)), low: make([]int, len(g.names)), cut: make([]bool, len(g.names))}
	for root := range g.names {
		if s.order[root] == 0 {
			s.from(root)
		}
	}
	for node, cut := range s.cut {
		if cut {
			articulation = append(articulation, node)
		}
	}
	slices.SortFunc(s.bridges, comparePairs)
	return articulation, s.bridges
}

// search is a depth-first search. It keeps its own stack: a line of 100 000 nodes
// is as deep.
type search struct {
	g       *Graph
	clock   int
	order   []int // when a node was found, from 1; 0: not yet
	low     []int // least order that its subtree reaches by one edge not of the tree
	cut     []bool
	bridges [][2]int
	stack   []visit
}

// visit is a node on the way from the root, and the next of its neighbours to see.
type visit struct{ node, parent, next int }

func (s *search) enter(node, parent int) {
	s.clock++
	s.order[node], s.low[node] = s.clock, s.clock
	s.stack = append(s.stack, visit{node, parent, 0})
}

func (s *search) from(root int) {
	s.enter(root, -1)
	children := 0 // of the root
	for len(s.stack) > 0 {
		v := &s.stack[len(s.stack)-1]
		if v.next < len(s.g.beside[v.node]) {
			to := s.g.beside[v.node][v.next]
			v.next++
			switch {
			case to == v.parent:
			case s.order[to] == 0:
				s.enter(to, v.node)
			default:
				s.low[v.node] = min(s.low[v.node], s.order[to])
			}
			continue
		}
		node, parent := v.node, v.parent
		s.stack = s.stack[:len(s.stack)-1]
		switch {
		case parent < 0:
			continue
		case parent == root:
			children++
		case s.low[node] >= s.order[parent]:
			s.cut[parent] = true
		}
		s.low[parent] = min(s.low[parent], s.low[node])
		if s.low[node] > s.order[parent] {
			s.bridges = append(s.bridges, [2]int{min(node, parent), max(node, parent)})
		}
	}
	s.cut[root] = children > 1
}
