package scenarios

import (
	"meshsim/clock"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
)

// observer is a running world as expectations see it.
type observer struct {
	world *world.World
	mesh  *Mesh
	fault map[string]int // index of the fault of a name
}

func newObserver(w *world.World, m *Mesh, faults []world.Fault) *observer {
	o := &observer{world: w, mesh: m, fault: make(map[string]int)}
	for i, f := range faults {
		o.fault[f.Name] = i
	}
	return o
}

func (o *observer) node(id string) sim.NodeID {
	n, ok := o.mesh.Lookup(id)
	if !ok {
		return sim.NoNode
	}
	return n
}

// RouteUp implements expect.World.
func (o *observer) RouteUp(a, b string) bool {
	from, to := o.node(a), o.node(b)
	return from != sim.NoNode && to != sim.NoNode && o.world.RouteUp(from, to)
}

// NodeUp implements expect.World.
func (o *observer) NodeUp(id string) bool {
	n := o.node(id)
	return n != sim.NoNode && o.world.NodeUp(n)
}

// FaultActive implements expect.World.
func (o *observer) FaultActive(name string) bool {
	i, ok := o.fault[name]
	return ok && o.world.FaultActive(i)
}

// SessionUp implements expect.World.
func (o *observer) SessionUp(a, b string) bool {
	node, peer := o.node(a), o.node(b)
	return node != sim.NoNode && peer != sim.NoNode && o.world.Metrics().Sessions().Up(node, peer)
}

// Trust implements expect.World.
func (o *observer) Trust(a, b string) trace.Trust {
	node, peer := o.node(a), o.node(b)
	if node == sim.NoNode || peer == sim.NoNode {
		return 0
	}
	return o.world.Metrics().Peers().Level(node, peer)
}

// TrustChanged implements expect.World.
func (o *observer) TrustChanged() clock.Time { return o.world.Metrics().Peers().Changed() }

// Claim implements expect.World.
func (o *observer) Claim(c, a string) trace.ClaimState {
	node := o.node(a)
	if node == sim.NoNode {
		return trace.NoClaim
	}
	return o.world.Metrics().Claims().State(node, c)
}

// FillSummary implements expect.World.
func (o *observer) FillSummary(s *trace.Summary, latency bool) {
	m := o.world.Metrics()
	m.FillCounts(s)
	m.FillDrops(s)
	if latency {
		m.FillLatency(s)
	}
}
