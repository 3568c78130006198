package trace

import (
	"fmt"

	"meshsim/sim"
)

// LoopFree checks that the next hops towards each destination form no loop at any
// instant, as distance_vector promises. A node that goes down has no routes, nor has
// one that comes up.
type LoopFree struct {
	finding
	next [][]sim.NodeID // by node and destination
	path []sim.NodeID   // scratch: the one that is followed
}

// NewLoopFree returns the checker of "loop_free". It takes memory by the square of
// the number of nodes.
func NewLoopFree(names []string) *LoopFree {
	c := &LoopFree{finding: newFinding("loop_free", names), next: make([][]sim.NodeID, len(names))}
	for i := range c.next {
		c.next[i] = make([]sim.NodeID, len(names))
		c.forget(sim.NodeID(i))
	}
	return c
}

// Reads implements Selective.
func (c *LoopFree) Reads(k Kind) bool { return k == RouteChanged || k == NodeUp || k == NodeDown }

// Emit checks a change of a route.
func (c *LoopFree) Emit(e *Event) {
	if !c.Reads(e.Kind) {
		return
	}
	if e.Kind != RouteChanged {
		c.forget(e.Node)
		return
	}
	c.Evaluations++
	c.next[e.Node][e.Destination] = e.Next
	c.path = append(c.path[:0], e.Node)
	for at := e.Next; at != sim.NoNode && at != e.Destination; at = c.next[at][e.Destination] {
		c.path = append(c.path, at)
		if at == e.Node {
			c.violated(e.T, e.Seq, func() string {
				return fmt.Sprintf("the next hops to %s go round: %s", c.names[e.Destination], c.route(c.path))
			})
			return
		}
		if len(c.path) > len(c.names) {
			return // into a loop that another node closed, which was told then
		}
	}
}

// forget takes away a node's routes.
func (c *LoopFree) forget(node sim.NodeID) {
	for i := range c.next[node] {
		c.next[node][i] = sim.NoNode
	}
}
