package scenarios

import (
	"reflect"
	"strings"
	"time"

	"meshsim/clock"
	"meshsim/netmodel"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
)

func (k Partition) check(r *report, path string, m *Mesh) {
	groups, mode := path+".groups", path+".mode"
	switch {
	case r.touches(groups, mode):
	case k.Mode != "" && len(k.Groups) > 0:
		r.add(mode, k.Mode, "can't stand beside groups; allowed: one of them")
	case k.Mode != "":
		if len(m.Nodes) < 2 && !m.nodesOpen {
			r.add(mode, k.Mode, "needs another node, and there is none")
		}
	case k.Groups == nil:
		r.add(groups, nil, "is missing; allowed: groups or mode")
	default:
		n, ok := drawnGroups(k.Groups)
		if !ok {
			n = int64(len(k.Groups))
		}
		if n < 2 {
			r.add(groups, k.Groups, "has %d groups; allowed: 2 or more (\"*\" is all the rest)", n)
		}
		m.resolveGroups(r, groups, k.Groups)
	}
}

func (k Partition) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	groups, err := m.ResolveGroups(k.Groups)
	return f.throughout(world.OnWires{Fault: netmodel.Partition{Groups: groups, OneWay: k.OneWay}}, err)
}

func (k Isolate) check(r *report, path string, m *Mesh) { m.resolveNodes(r, path+".nodes", k.Nodes) }

// outages makes each node a group of its own, and all others together another.
func (k Isolate) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	nodes, err := m.ResolveNodes(k.Nodes)
	var groups [][]sim.NodeID
	var rest []sim.NodeID
	alone := m.among(nodes)
	for i := range m.Nodes {
		if id := sim.NodeID(i); alone[id] {
			groups = append(groups, []sim.NodeID{id})
		} else {
			rest = append(rest, id)
		}
	}
	return f.throughout(world.OnWires{Fault: netmodel.Partition{Groups: append(groups, rest)}}, err)
}

func (k LinkDown) check(r *report, path string, m *Mesh) { m.resolveLinks(r, path+".links", k.Links) }

func (k LinkDown) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	links, err := m.wires(k.Links)
	return f.throughout(world.OnWires{Fault: netmodel.LinkDownFault{Links: links}}, err)
}

func (k Clog) check(r *report, path string, m *Mesh) { m.resolveLinks(r, path+".links", k.Links) }

func (k Clog) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	links, err := m.wires(k.Links)
	return f.throughout(world.OnWires{Fault: netmodel.ClogFault{Links: links, Delay: k.Delay}}, err)
}

func (k Hold) check(r *report, path string, m *Mesh) { m.resolveLinks(r, path+".links", k.Links) }

func (k Hold) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	links, err := m.wires(k.Links)
	return f.throughout(world.OnWires{Fault: netmodel.HoldFault{Links: links}}, err)
}

func (k LinkChange) check(r *report, path string, m *Mesh) {
	m.resolveLinks(r, path+".links", k.Links)
	set := path + ".set"
	if k.Set == (LinkValues{}) && !r.touches(set) {
		r.add(set, nil, "is empty; allowed: %s", strings.Join(schemas[reflect.TypeFor[LinkValues]()].keys(nil), " "))
	}
	still := k.Set.Latency != nil && k.Set.Latency.Least() == 0 && (k.Set.ZeroLatency == nil || !*k.Set.ZeroLatency)
	if still && !r.touches(set+".latency", set+".zero_latency") {
		r.add(set+".latency", *k.Set.Latency, "must be above 0; allowed: at least \"1ns\", or zero_latency = true")
	}
}

func (k LinkChange) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	links, err := m.wires(k.Links)
	if err != nil {
		return nil, err
	}
	set, err := k.Set.spec(m)
	return f.throughout(world.OnWires{Fault: netmodel.LinkSetFault{Links: links, Set: set}}, err)
}

// wires finds the links that a set names, as the network calls them.
func (m *Mesh) wires(set LinkSet) ([]netmodel.Ends, error) {
	found, err := m.Resolve(set)
	links := make([]netmodel.Ends, len(found))
	for i, e := range found {
		links[i] = netmodel.Ends(e)
	}
	return links, err
}

// spec is the values as the network knows them.
func (v *LinkValues) spec(m *Mesh) (netmodel.LinkValues, error) {
	var whole MeshLink
	var latency netmodel.Latency
	var err error
	applyValues(v, &whole.Link)
	if v.Latency != nil {
		latency, err = m.latency(&whole)
	}
	spec := whole.spec(latency)
	return netmodel.LinkValues{
		Latency:   ifGiven(v.Latency, &spec.Latency),
		Loss:      ifGiven(v.Loss, &spec.Loss),
		BurstLoss: ifGiven(v.BurstLoss, &spec.BurstLoss),
		Corrupt:   ifGiven(v.Corrupt, &spec.Corrupt),
		Duplicate: ifGiven(v.Duplicate, &spec.Duplicate),
		Reorder:   ifGiven(v.Reorder, &spec.Reorder),
		FIFO:      ifGiven(v.FIFO, &spec.FIFO),
		Bandwidth: ifGiven(v.Bandwidth, &spec.Bandwidth),
		Queue:     ifGiven(v.Queue, &spec.Queue),
		MTU:       ifGiven(v.MTU, &spec.MTU),
		Header:    ifGiven(v.Header, &spec.Header),
	}, err
}

// ifGiven is the value as the network has it, if the scenario gives it.
func ifGiven[S, N any](given *S, value *N) *N {
	if given == nil {
		return nil
	}
	return value
}

func (k NodeCrash) check(r *report, path string, m *Mesh) { m.resolveNodes(r, path+".nodes", k.Nodes) }

func (k NodeCrash) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	nodes, err := m.ResolveNodes(k.Nodes)
	return f.throughout(world.Crash{Nodes: nodes, Lose: losses[k.Lose]}, err)
}

// losses are the words for what a crash takes.
var losses = map[string]trace.Lose{"nothing": trace.LoseNothing, "state": trace.LoseState, "identity": trace.LoseIdentity}

func (k Pause) check(r *report, path string, m *Mesh) { m.resolveNodes(r, path+".nodes", k.Nodes) }

func (k Pause) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	nodes, err := m.ResolveNodes(k.Nodes)
	return f.throughout(world.Pause{Nodes: nodes}, err)
}

func (k ClockSkew) check(r *report, path string, m *Mesh) {
	m.resolveNodes(r, path+".nodes", k.Nodes)
	if k.Offset == 0 && k.Drift == 0 && !r.touches(path+".offset", path+".drift_ppm") {
		r.add(path+".offset", nil, "is missing; needed is an offset or drift_ppm that is not 0")
	}
}

func (k ClockSkew) outages(m *Mesh, f *Fault) ([]world.Outage, error) {
	nodes, err := m.ResolveNodes(k.Nodes)
	return f.throughout(world.Skew{Nodes: nodes, Offset: time.Duration(k.Offset), Drift: clock.Drift(k.Drift)}, err)
}
