package mesh

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
)

// Numbers that are no node's, and many that share their lowest bits.
func drawNode(t *rapid.T, name string) sim.NodeID {
	return sim.NodeID(rapid.OneOf(rapid.Int32Range(-3, 70), rapid.Map(rapid.Int32Range(0, 9), func(i int32) int32 { return 64 * i })).Draw(t, name))
}

func drawNodes(t *rapid.T) []sim.NodeID {
	nodes := make([]sim.NodeID, rapid.IntRange(0, 20).Draw(t, "n"))
	for i := range nodes {
		nodes[i] = drawNode(t, "node")
	}
	return nodes
}

func TestNodeSetHoldsItsNodesAndNoOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := slices.DeleteFunc(drawNodes(t), func(n sim.NodeID) bool { return n < 0 })
		slices.Sort(nodes)
		nodes = slices.Compact(nodes)
		set := newNodeSet(nodes)
		for n := sim.NodeID(-3); n < 10*64; n++ {
			require.Equal(t, slices.Contains(nodes, n), set.has(n), "node %d", n)
		}
	})
}

func TestTrailHasItsHopsAndNoOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hops := drawNodes(t)
		been := trailOf(hops)
		for n := sim.NodeID(-3); n < 10*64; n++ {
			require.Equal(t, slices.Contains(hops, n), been.has(hops, n), "node %d", n)
		}
	})
}
