package graph

import (
	"slices"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
	"gonum.org/v1/gonum/graph/simple"
)

// view is the undirected graph as gonum wants it. gonum's own graphs iterate maps,
// on purpose in another order each time; this one always goes from the least node
// to the greatest, which makes what gonum computes from it repeatable.
type view struct {
	g      *Graph
	nodes  []graph.Node
	beside [][]graph.Node
}

var _ graph.Undirected = view{}

func (g *Graph) view() view {
	v := view{g: g, nodes: make([]graph.Node, len(g.names)), beside: make([][]graph.Node, len(g.names))}
	for i := range v.nodes {
		v.nodes[i] = simple.Node(i)
	}
	for i, all := range g.beside {
		for _, j := range all {
			v.beside[i] = append(v.beside[i], v.nodes[j])
		}
	}
	return v
}

func (v view) Node(id int64) graph.Node {
	if id < 0 || id >= int64(len(v.nodes)) {
		return nil
	}
	return v.nodes[id]
}

func (v view) Nodes() graph.Nodes { return ordered(v.nodes) }

func (v view) From(id int64) graph.Nodes { return ordered(v.beside[id]) }

func (v view) HasEdgeBetween(x, y int64) bool {
	_, ok := slices.BinarySearch(v.g.beside[x], int(y))
	return ok
}

func (v view) Edge(x, y int64) graph.Edge {
	if !v.HasEdgeBetween(x, y) {
		return nil
	}
	return simple.Edge{F: v.nodes[x], T: v.nodes[y]}
}

func (v view) EdgeBetween(x, y int64) graph.Edge { return v.Edge(x, y) }

// ordered iterates a copy: whoever takes the whole slice may sort or turn it.
func ordered(nodes []graph.Node) graph.Nodes {
	if len(nodes) == 0 {
		return graph.Empty
	}
	return iterator.NewOrderedNodes(slices.Clone(nodes))
}
