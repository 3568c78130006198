package mesh

import "meshsim/sim"

// nodeSet answers at once whether a node is one of a few that never change: a hash
// table by the lowest bits of the number, with linear probing, at most half full.
type nodeSet []sim.NodeID // NoNode is a free place

func newNodeSet(nodes []sim.NodeID) nodeSet {
	size := 1
	for size <= 2*len(nodes) {
		size *= 2
	}
	s := make(nodeSet, size)
	for i := range s {
		s[i] = sim.NoNode
	}
	for _, n := range nodes {
		i := int(n) & (len(s) - 1)
		for s[i] != sim.NoNode {
			i = (i + 1) & (len(s) - 1)
		}
		s[i] = n
	}
	return s
}

func (s nodeSet) has(node sim.NodeID) bool {
	for i := int(node); ; i++ {
		switch s[i&(len(s)-1)] {
		case node:
			return node != sim.NoNode
		case sim.NoNode:
			return false
		}
	}
}
