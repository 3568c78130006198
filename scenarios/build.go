package scenarios

import (
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
)

// builder turns a scenario into the Config of a world.
type builder struct {
	scenario *Scenario // with its defaults
	options  Options
	mesh     *Mesh
	faults   []world.Fault
	next     [][]sim.NodeID // static: by node and destination
	peers    []mesh.Peer    // the base that all registries share
	conduct  []*Adversary   // by node; nil: it is honest
	facts    *mesh.Facts    // what there is to know
	agent    mesh.AgentLoop // of every node
	requests []string       // types of the messages that it answers, in order
	sum      string         // SHA-256 of the scenario
	warnings []Problem
	wire     *mesh.Codec // how envelopes are written
}

func newBuilder(s *Scenario, o Options) (*builder, error) {
	warnings, err := s.Validate()
	if err != nil {
		return nil, err
	}
	full := s.withDefaults()
	m, err := full.Mesh()
	if err != nil {
		return nil, err
	}
	if full, err = full.concrete(m); err != nil {
		return nil, err
	}
	b := &builder{scenario: full, options: o, mesh: m, warnings: warnings}
	names := make([]string, len(m.Nodes))
	for i, n := range m.Nodes {
		names[i] = n.ID
		b.peers = append(b.peers, mesh.Peer{
			ID: sim.NodeID(i), Name: n.ID, Address: n.Address, Capabilities: n.Capabilities, Kind: mesh.PeerKind(n.Kind),
		})
	}
	b.readAdversaries()
	b.readRequests()
	b.readFacts()
	b.wire = mesh.NewCodec(names, full.Epoch)
	if b.sum, err = full.sha256(); err != nil {
		return nil, err
	}
	if err := b.readRoutes(); err != nil {
		return nil, err
	}
	return b, b.readFaults()
}

func (b *builder) readRoutes() error {
	routes, err := b.scenario.Routes(b.mesh)
	if err != nil {
		return err
	}
	n := len(b.mesh.Nodes)
	if b.scenario.Routing.File == "" {
		return nil
	}
	b.next = make([][]sim.NodeID, n)
	for i := range b.next {
		b.next[i] = slices.Repeat([]sim.NodeID{sim.NoNode}, n)
	}
	for _, r := range routes {
		b.next[r.Node][r.Destination] = r.Next
	}
	return nil
}

func (b *builder) readFaults() error {
	for _, f := range b.scenario.Faults {
		outages, err := f.Kind.outages(b.mesh, &f)
		if err != nil {
			return err
		}
		b.faults = append(b.faults, world.Fault{
			Name: f.Name, Kind: KindName(f.Kind), At: clock.Time(f.At), Until: f.end(), Outages: outages,
		})
	}
	return nil
}

// config is the world that the scenario describes.
func (b *builder) config() (world.Config, error) {
	s := b.scenario
	c := world.Config{
		Seed:        s.Seed,
		MaxHops:     int(s.Routing.MaxHops),
		SeenMax:     int(s.Routing.SeenMax),
		Dishonest:   s.dishonest(b.mesh),
		RouteEvents: s.Routing.Strategy == "shortest_path",
		Meets:       b.meets(),
		Anchors:     b.allAnchors(),
		Quorum:      int(s.Trust.Quorum),
		Claims:      s.claims(),
		Warners:     int(s.Trust.Warners),
		Sessions:    s.Session.Enabled,
		LoopFree:    s.Routing.Strategy == "distance_vector",
		Metrics: trace.MetricsConfig{
			Records: s.memory().Limit, Liars: b.liars(), Settle: time.Duration(s.Trust.Settle),
			From: clock.Time(s.Measure.Warmup), To: clock.Time(s.Duration - s.Measure.Drain), Classes: b.classes(),
		},
	}
	if s.Wire.Signatures == string(mesh.Ed25519) {
		c.Signatures = b.wire
	}
	var err error
	if c.Nodes, err = b.nodeSpecs(); err != nil {
		return c, err
	}
	for i := range b.mesh.Links {
		spec, err := b.link(&b.mesh.Links[i])
		if err != nil {
			return c, err
		}
		c.Links = append(c.Links, spec)
	}
	if len(b.mesh.Contacts) > 0 { // at equal times links are as planned before faults act
		c.Sources = append(c.Sources, &world.Contacts{Plan: b.mesh.Contacts})
	}
	if len(b.faults) > 0 && !b.options.WithoutFaults {
		c.Sources = append(c.Sources, world.Faults(b.faults))
	}
	if len(s.Actions) > 0 {
		c.Sources = append(c.Sources, b.actions())
	}
	for i := range s.Traffic {
		source, err := b.traffic(i)
		if err != nil {
			return c, err
		}
		c.Sources = append(c.Sources, source)
	}
	return c, nil
}

// link is a link as the network knows it.
func (b *builder) link(l *MeshLink) (netmodel.LinkSpec, error) {
	latency, err := b.mesh.latency(l)
	return l.spec(latency), err
}

// spec is the link with this latency.
func (l *MeshLink) spec(latency netmodel.Latency) netmodel.LinkSpec {
	return netmodel.LinkSpec{
		From: l.From, To: l.To, Latency: latency,
		Loss: l.Loss, BurstLoss: netmodel.GilbertElliott(l.BurstLoss), Corrupt: l.Corrupt, Duplicate: l.Duplicate, Reorder: l.Reorder,
		FIFO: l.FIFO, Bandwidth: int64(l.Bandwidth), Queue: l.Queue.spec(), MTU: l.MTU, Header: l.Header,
		Policy: policies[l.QueuePolicy],
	}
}

var policies = map[string]netmodel.QueuePolicy{
	"drop_tail": netmodel.DropTail, "drop_random": netmodel.DropRandom, "codel": netmodel.CoDel,
}

func (a Access) line() netmodel.LineSpec {
	return netmodel.LineSpec{Bandwidth: int64(a.Bandwidth), Queue: a.Queue.spec()}
}

func (q QueueSize) spec() netmodel.Queue {
	switch q.Unit {
	case QueueCopies:
		return netmodel.Packets(q.Max)
	case QueueBytes:
		return netmodel.Bytes(q.Max)
	}
	return netmodel.Queue{}
}

// node makes the node in a seat: the user's own, or a router.
func (b *builder) node(seat world.Seat) (mesh.Node, error) {
	seat.BuiltIn = func() (mesh.Node, error) { return b.router(seat) }
	if b.options.NewNode != nil {
		if node, err := b.options.NewNode(seat); node != nil || err != nil {
			return node, err
		}
	}
	return b.router(seat)
}
