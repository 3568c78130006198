package scenarios

import (
	"cmp"
	"slices"

	"meshsim/netmodel"
	"meshsim/scenarios/world"
	"meshsim/sim"
)

func (k Churn) check(r *report, path string, m *Mesh) {
	nodes := m.resolveNodes(r, path+".nodes", k.Nodes)
	if k.Outages == nil {
		checkMean(r, path, "up", k.MeanUp, 0)
		checkMean(r, path, "down", k.MeanDown, 0)
	}
	among := m.among(nodes)
	for i, o := range k.Outages {
		if r.skipped > 0 {
			return
		}
		place := elementPath(path+".outages", i)
		n, known := m.Lookup(o.Node)
		switch {
		case r.touches(place) || !known && m.nodesOpen:
		case !known:
			r.add(place, o, "is of no node%s", m.suggest(o.Node))
		case !among[n] && !r.touches(path+".nodes") && !isDrawn(k.Nodes...):
			r.add(place, o, "is of none of nodes")
		}
	}
}

// checkMean checks mean_WAY and min_WAY.
func checkMean(r *report, path, way string, mean, least Duration) {
	switch {
	case r.touches(path+".mean_"+way, path+".min_"+way, path+".outages"):
	case mean == 0:
		r.add(path+".mean_"+way, nil, "is missing; needed without outages")
	case least > mean:
		r.add(path+".min_"+way, least, "is above mean_%s; allowed: at most %s", way, formatDuration(mean))
	}
}

func (k Churn) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	list := make([]world.Outage, len(k.Outages))
	for i, o := range k.Outages {
		nodes, err := m.ResolveNodes(NodeList{o.Node})
		if err != nil {
			return nil, err
		}
		list[i] = f.within(o.At, o.Until, world.Crash{Nodes: nodes, Lose: losses[k.Lose]})
	}
	return list, nil
}

func (k Flap) check(r *report, path string, m *Mesh) {
	named := m.resolveLinks(r, path+".links", k.Links)
	if k.Outages == nil {
		checkMean(r, path, "up", k.MeanUp, k.MinUp)
		checkMean(r, path, "down", k.MeanDown, k.MinDown)
	}
	open := m.linksOpen || r.touches(path+".links") || isDrawn(k.Links...)
	among := make(map[Ends]bool, len(named))
	for _, e := range named {
		among[e] = true
	}
	m.checkLinkOutages(r, path, k.Outages, func(e Ends) bool { return open || among[e] })
}

// checkLinkOutages refuses outages of what is no link, or none of the fault's.
func (m *Mesh) checkLinkOutages(r *report, path string, outages []LinkOutage, among func(Ends) bool) {
	for i, o := range outages {
		if r.skipped > 0 {
			return
		}
		place := elementPath(path+".outages", i)
		ends, problem := m.resolveLink(o.Link)
		switch {
		case r.touches(place):
		case problem != "":
			r.add(place, o, "%s", problem)
		case slices.ContainsFunc(ends, func(e Ends) bool { return !among(e) }):
			r.add(place, o, "is of none of links")
		}
	}
}

func (k Flap) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	return m.outagesOfLinks(f, k.Outages)
}

func (m *Mesh) outagesOfLinks(f *Fault, outages []LinkOutage) ([]world.Outage, error) {
	list := make([]world.Outage, len(outages))
	for i, o := range outages {
		links, err := m.wires(LinkSet{o.Link})
		if err != nil {
			return nil, err
		}
		list[i] = f.within(o.At, o.Until, world.OnWires{Fault: netmodel.LinkDownFault{Links: links}})
	}
	return list, nil
}

func (k Swizzle) check(r *report, path string, m *Mesh) {
	m.resolveNodes(r, path+".nodes", k.Nodes)
	m.checkLinkOutages(r, path, k.Outages, func(Ends) bool { return true })
}

func (k Swizzle) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	return m.outagesOfLinks(f, k.Outages)
}

// draw makes the outages of each node: a span up, a span down, and so on, each from
// the draw of its number. Another node, or another end, changes none of them.
func (k Churn) draw(d *dice) FaultKind {
	if k.Outages != nil {
		*d.left -= len(k.Outages)
		return k
	}
	k.Outages = []NodeOutage{}
	for _, n := range d.list(k.Nodes) {
		node := &d.mesh.Nodes[n]
		d.alternate(node.Key, stay{mean: k.MeanUp}, stay{mean: k.MeanDown}, func(at, until Duration) {
			k.Outages = append(k.Outages, NodeOutage{node.ID, at, until})
		})
	}
	slices.SortStableFunc(k.Outages, func(a, b NodeOutage) int { return cmp.Compare(a.At, b.At) })
	return k
}

// draw makes the outages of each pair of nodes, as for nodes that churn.
func (k Flap) draw(d *dice) FaultKind {
	if k.Outages != nil {
		*d.left -= len(k.Outages)
		return k
	}
	k.Outages = []LinkOutage{}
	ends, _ := d.mesh.Resolve(k.Links) // validated
	for _, p := range pairsOf(ends) {
		name := d.mesh.pairName(p)
		d.alternate(d.mesh.pairKey(p.Ends), stay{k.MeanUp, k.MinUp}, stay{k.MeanDown, k.MinDown}, func(at, until Duration) {
			k.Outages = append(k.Outages, LinkOutage{name, at, until})
		})
	}
	slices.SortStableFunc(k.Outages, byBegin)
	return k
}

func byBegin(a, b LinkOutage) int { return cmp.Compare(a.At, b.At) }

// draw takes every link of the drawn half of the nodes down at a time of its own in
// the first half of the fault, and up at one in the second: the swizzling of
// FoundationDB's simulation (W. Wilson, "Testing Distributed Systems w/ Deterministic
// Simulation", Strange Loop 2014), which clogs connections where this takes links down.
func (k Swizzle) draw(d *dice) FaultKind {
	if k.Outages != nil {
		*d.left -= len(k.Outages)
		return k
	}
	k.Outages = []LinkOutage{}
	nodes := d.list(k.Nodes)
	half := d.mesh.among(d.first("half", nodes, (len(nodes)+1)/2))
	middle := d.from + (d.end-d.from)/2
	for _, p := range d.mesh.pairs() {
		if !half[p.From] && !half[p.To] {
			continue
		}
		if *d.left--; *d.left < 0 {
			break
		}
		key := d.mesh.pairKey(p.Ends)
		down := d.from + Duration(sim.Below(d.draw("down", key, 0), uint64(middle-d.from)))
		up := middle + 1 + Duration(sim.Below(d.draw("up", key, 0), uint64(d.end-middle)))
		k.Outages = append(k.Outages, LinkOutage{d.mesh.pairName(p), down, d.before(up)})
	}
	slices.SortStableFunc(k.Outages, byBegin)
	return k
}

// among says of each node whether it is in the list.
func (m *Mesh) among(nodes []sim.NodeID) []bool {
	in := make([]bool, len(m.Nodes))
	for _, n := range nodes {
		in[n] = true
	}
	return in
}
