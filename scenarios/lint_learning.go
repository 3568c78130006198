package scenarios

import (
	"math"

	"meshsim/mesh"
	"meshsim/sim"
)

// Learns reports whether nodes learn their routes from each other.
func (r *Routing) Learns() bool {
	return r.Strategy == "link_state" || r.Strategy == "distance_vector"
}

// lintLearning warns of links that nodes which learn their routes can't use: those
// that lead one way, and those that do not take every control message.
func (b *builder) lintLearning(r *report) {
	if !b.scenario.Routing.Learns() {
		return
	}
	b.lintOneWay(r)
	if !b.scenario.meant("drops.mtu") {
		b.lintControlMTU(r)
	}
}

func (b *builder) lintOneWay(r *report) {
	var first *MeshLink
	n := 0
	for i := range b.mesh.Links {
		if l := &b.mesh.Links[i]; !b.mesh.twoWay(l) {
			if n++; first == nil {
				first = l
			}
		}
	}
	if n > 0 && !b.scenario.meant("drops.no_route") {
		r.warn("routing.strategy", b.scenario.Routing.Strategy, "uses a link only if it leads both ways, and %d of the %d links do not, such as %s %s",
			n, len(b.mesh.Links), b.mesh.linkName(first), meantBy("drops.no_route"))
	}
}

// lintControlMTU warns of links that are too narrow for messages of the routing
// protocol which are sure to come: then their ends do not learn all that they should.
func (b *builder) lintControlMTU(r *report) {
	var narrow []*MeshLink
	most, size := int64(0), int64(0)
	for i := range b.mesh.Links {
		l := &b.mesh.Links[i]
		if l.MTU == 0 || !b.mesh.twoWay(l) {
			continue
		}
		if size == 0 {
			size = b.largestControl(l.From)
		}
		if l.MTU < size {
			narrow, most = append(narrow, l), max(most, l.MTU)
		}
	}
	if len(narrow) > 0 {
		r.warn("routing.strategy", b.scenario.Routing.Strategy, "sends control messages of %d bytes and more, and %d of the %d links do not take them, such as %s: mtu %d at most %s",
			size, len(narrow), len(b.mesh.Links), b.mesh.linkName(narrow[0]), most, meantBy("drops.mtu"))
	}
}

// largestControl is the least that the largest control message can have, in bytes,
// which come to a node once all know all links that lead both ways: that of the
// adverts of those whom it reaches, or of the distances to them.
func (b *builder) largestControl(at sim.NodeID) (size int64) {
	reached, into := b.component(at)
	if b.scenario.Routing.Strategy == "distance_vector" {
		var names []string
		nearest := Duration(math.MaxInt64)
		for _, node := range reached {
			names = append(names, b.mesh.Nodes[node].ID)
			for _, l := range into[node] {
				nearest = min(nearest, b.meanLatency(l))
			}
		}
		return mesh.LargestVectors(names, nearest)
	}
	c := mesh.RoutingConfig{Names: b.mesh.IDs()}
	for _, node := range reached {
		c.Self, c.Neighbours, c.Costs = node, c.Neighbours[:0], c.Costs[:0]
		for _, l := range into[node] {
			c.Neighbours, c.Costs = append(c.Neighbours, l.From), append(c.Costs, b.meanLatency(l))
		}
		size = max(size, mesh.LargestAdvert(c))
	}
	return size
}

func (b *builder) meanLatency(l *MeshLink) Duration {
	latency, err := b.mesh.latency(l)
	if err != nil {
		return 0 // it was read before
	}
	return latency.Mean()
}

// component lists the nodes that a node reaches over links that lead both ways, and
// by node those that lead to it.
func (b *builder) component(at sim.NodeID) (reached []sim.NodeID, into [][]*MeshLink) {
	into = make([][]*MeshLink, len(b.mesh.Nodes))
	for i := range b.mesh.Links {
		if l := &b.mesh.Links[i]; b.mesh.twoWay(l) {
			into[l.To] = append(into[l.To], l)
		}
	}
	seen := make([]bool, len(into))
	seen[at] = true
	reached = []sim.NodeID{at}
	for i := 0; i < len(reached); i++ {
		for _, l := range into[reached[i]] {
			if !seen[l.From] {
				seen[l.From] = true
				reached = append(reached, l.From)
			}
		}
	}
	return reached, into
}
