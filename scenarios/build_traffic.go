package scenarios

import (
	"cmp"
	"slices"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
)

// traffic is the source of an entry [[traffic]].
func (b *builder) traffic(i int) (world.Source, error) {
	t := &b.scenario.Traffic[i]
	keys, known := b.keys(), &b.scenario.Knowledge
	typ, hand, content := "", world.Hand(nil), world.Content(nil)
	switch kind := t.Kind.(type) {
	case Messages:
		typ = kind.Type
	case Requests:
		typ = kind.Type
	case Handshakes:
		hand = world.Ask(mesh.Command{Kind: mesh.WantHandshake})
	case Facts:
		hand = world.Ask(mesh.Command{Kind: mesh.Propose, Facts: known.about(kind.Domain)})
	case Claims:
		hand = world.Ask(mesh.Command{Kind: mesh.Claim, Facts: known.about(kind.Domain), Source: known.source(kind.Source)})
	case Reflections:
		typ, content = mesh.TypePushReflection, b.wire.NewRecord
	}
	if t.File != "" {
		rows, err := b.scenario.Flows(b.mesh, i)
		return &world.Flows{Name: t.Name, Type: typ, Hand: hand, Rows: rows, Keys: keys, Omit: b.omitRow}, err
	}
	stop := clock.Never
	if t.Stop != 0 {
		stop = clock.Time(t.Stop)
	}
	r := &report{src: &b.scenario.source}
	size := t.Size.Kind.model(&sampleReader{report: r, s: b.scenario, key: elementPath("traffic", i) + ".size"})
	if _, err := r.result(); err != nil {
		return nil, err
	}
	return &world.Messages{
		Name: t.Name, Type: typ, Hand: hand, Content: content, From: b.nodes(t.From, "traffic/"+t.Name+"/from"), To: b.destinations(t.target()),
		Gap: t.gap(), Poisson: t.Arrivals == "poisson", Size: size,
		StartAt: clock.Time(t.Start), StopAt: stop, Count: uint64(t.Count),
		Seed: b.scenario.Seed, Keys: keys, Omit: b.omitMessage(t.Name),
	}, nil
}

// gap is the (mean) time between two messages: the interval, or 1/rate, which is
// 10⁹ ns over so many 10⁻⁹ per second.
func (t *Traffic) gap() world.Gap {
	if t.Interval != 0 {
		return world.Gap{Num: uint64(t.Interval), Den: 1}
	}
	return world.Gap{Num: 1e18, Den: uint64(t.Rate)}
}

func (b *builder) omitMessage(entry string) func(sim.NodeID, uint64) bool {
	if b.options.Omit == nil {
		return nil
	}
	return func(origin sim.NodeID, n uint64) bool {
		return b.options.Omit(Message{Flow: entry, Origin: b.mesh.Nodes[origin].ID, N: n})
	}
}

func (b *builder) omitRow(origin sim.NodeID, row int, n uint64) bool {
	return b.options.Omit != nil && b.options.Omit(Message{Flow: trace.RowFlow(row).Name, Origin: b.mesh.Nodes[origin].ID, N: n})
}

func (b *builder) destinations(t Target) world.Destinations {
	switch t.How {
	case ToAll:
		return world.Destinations{Mode: world.ToBroadcast}
	case ToEach:
		return world.Destinations{Mode: world.ToEach, Nodes: b.all()}
	case ToNodes:
		return world.Destinations{Mode: world.ToOne, Nodes: b.lookup(t.IDs)}
	}
	return world.Destinations{Mode: world.ToOne, Nodes: b.all()}
}

// nodes resolves a node set, ascending. A random one is drawn by the nodes' keys:
// those with the lowest draws, so that a node more or less changes at most one.
func (b *builder) nodes(set NodeSet, path string) []sim.NodeID {
	if set.Random == 0 {
		if set.All() {
			return b.all()
		}
		return b.lookup(set.IDs)
	}
	draws := b.scenario.Seed.Stream(path)
	keys := b.keys()
	chosen := b.all()
	draw := func(n sim.NodeID) uint64 { return draws.Draw(sim.Key{Source: sim.Hash(keys[n])}, 0) }
	slices.SortFunc(chosen, func(x, y sim.NodeID) int { return cmp.Or(cmp.Compare(draw(x), draw(y)), cmp.Compare(x, y)) })
	chosen = chosen[:set.Random]
	slices.Sort(chosen)
	return chosen
}

// all are the nodes but for the further ids of adversaries.
func (b *builder) all() []sim.NodeID {
	all := make([]sim.NodeID, 0, len(b.mesh.Nodes))
	for i, n := range b.mesh.Nodes {
		if n.Host == "" {
			all = append(all, sim.NodeID(i))
		}
	}
	return all
}

func (b *builder) lookup(ids []string) []sim.NodeID {
	var nodes []sim.NodeID
	for _, id := range ids {
		n, _ := b.mesh.Lookup(id) // validated
		nodes = append(nodes, n)
	}
	slices.Sort(nodes)
	return nodes
}

func (b *builder) keys() []string {
	keys := make([]string, len(b.mesh.Nodes))
	for i, n := range b.mesh.Nodes {
		keys[i] = n.Key
	}
	return keys
}

// classes says which flows are counted per class.
func (b *builder) classes() []trace.FlowClass {
	var classes []trace.FlowClass
	for i, t := range b.scenario.Traffic {
		if t.Class == "" {
			continue
		}
		for _, flow := range b.flowsOf(i) {
			classes = append(classes, trace.FlowClass{Flow: flow, Class: t.Class})
		}
	}
	return classes
}
