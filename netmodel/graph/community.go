package graph

import (
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/community"
	"gonum.org/v1/gonum/mat"
)

// Communities are groups of nodes that are linked among themselves more than
// chance would have it, the largest first, and their modularity, −½ to 1 (Louvain
// method: V. Blondel et al., "Fast unfolding of communities in large networks",
// 2008). The method visits nodes in a random order, here always the same one: the
// groups are good ones, not the only ones.
func (g *Graph) Communities() (groups [][]int, modularity float64) {
	if len(g.edges) == 0 {
		for i := range g.names {
			groups = append(groups, []int{i})
		}
		return groups, 0
	}
	v := g.view()
	found := community.Modularize(v, 1, rand.NewPCG(1, 1)).Communities()
	groups = g.groups(found)
	for i, group := range groups { // in our order: the last digits depend on it
		found[i] = found[i][:0:0]
		for _, node := range group {
			found[i] = append(found[i], v.nodes[node])
		}
	}
	return groups, community.Q(v, found, 1)
}

// groups turns gonum's groups of nodes into ours.
func (g *Graph) groups(found [][]graph.Node) [][]int {
	groups := make([][]int, len(found))
	for i, nodes := range found {
		for _, n := range nodes {
			groups[i] = append(groups[i], int(n.ID()))
		}
		slices.Sort(groups[i])
	}
	largestFirst(groups)
	return groups
}

// AlgebraicConnectivity is the second smallest eigenvalue of the Laplacian: 0 for a
// graph in several parts, n for a complete one, and small where few links hold two
// halves together (M. Fiedler, "Algebraic connectivity of graphs", 1973). It is 0
// for fewer than two nodes. Its last digits differ between architectures: round it
// before it is compared.
func (g *Graph) AlgebraicConnectivity() float64 {
	n := len(g.names)
	if n < 2 || len(g.Components()) > 1 {
		return 0
	}
	laplacian := mat.NewSymDense(n, nil)
	for i, beside := range g.beside {
		laplacian.SetSym(i, i, float64(len(beside)))
	}
	for _, e := range g.edges {
		laplacian.SetSym(e[0], e[1], -1)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(laplacian, false) {
		panic("graph: the eigenvalues of a Laplacian did not converge")
	}
	return max(0, eigen.Values(nil)[1])
}
