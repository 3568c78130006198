package netmodel

import (
	"fmt"

	"meshsim/sim"
	"meshsim/sim/planted"
)

// Partition silently cuts every link whose ends lie in different groups. A node
// in no group is not affected.
type Partition struct {
	Groups [][]sim.NodeID
	OneWay bool // only links from the first group to the others
}

func (Partition) fate() Fate { return Partitioned }

func (p Partition) holds(n *Network) ([]int32, error) {
	group := make([]int, len(n.keys)) // number + 1; 0: none
	for g, nodes := range p.Groups {
		for _, id := range nodes {
			if !n.has(id) {
				return nil, fmt.Errorf("group %d: no node %d", g, id)
			}
			if group[id] != 0 {
				return nil, fmt.Errorf("group %d: node %s is in group %d already", g, n.key(id), group[id]-1)
			}
			group[id] = g + 1
		}
	}
	if planted.Bug == planted.OneWay {
		p.OneWay = false
	}
	var held []int32
	for i := range n.links {
		from, to := group[n.from[i]], group[n.to[i]]
		if from != 0 && to != 0 && from != to && (!p.OneWay || from == 1) {
			held = append(held, int32(i))
		}
	}
	return held, nil
}
