package scenarios

import (
	"time"

	"meshsim/mesh"
	"meshsim/scenarios/world"
	"meshsim/trust"
)

// gossipFanout is the fanout of the strategy gossip unless the scenario gives one.
const gossipFanout = 3

// router makes the built-in node, or an adversary that wraps it.
func (b *builder) router(seat world.Seat) (mesh.Node, error) {
	r := &b.scenario.Routing
	registry, err := mesh.NewPeerRegistry(seat.Self, b.peers, mesh.RegistryStart(b.scenario.Registry.Start), seat.Neighbours)
	if err != nil {
		return nil, err
	}
	policy, protocols := b.routing(seat)
	var gate mesh.Gate
	if b.meets() {
		table := trust.NewTable(len(b.mesh.Nodes))
		h := b.handshakes(seat, registry, table)
		gate, protocols = table, append(protocols, h)
		if b.scenario.claims() {
			protocols = append(protocols, b.claims(seat, h))
		}
	}
	if b.scenario.humans() {
		protocols = append(protocols, mesh.NewHCP(seat.Self))
	}
	protocols = append(protocols, b.sessions(seat, registry)...)
	protocols = append(protocols, b.sharing(seat, registry)...)
	if len(b.requests) > 0 {
		protocols = append(protocols, mesh.NewApplication(b.agent, b.requests...))
	}
	node, err := mesh.NewRouter(mesh.Config{
		Gate: gate,
		Self: seat.Self, Neighbours: seat.Neighbours, Registry: registry, Policy: policy, Protocols: protocols, Author: seat.Author,
		MaxHops: int(r.MaxHops), SeenMax: int(r.SeenMax), Memory: seat.Memory, Identity: seat.Identity, Keyring: seat.Keyring,
	})
	if err != nil {
		return nil, err
	}
	return b.corrupted(node, seat), nil
}

// routing is the forwarding policy of the node in this seat, and the protocol behind
// it, if there is one.
func (b *builder) routing(seat world.Seat) (mesh.ForwardingPolicy, []mesh.Protocol) {
	r := &b.scenario.Routing
	flood := mesh.Flood{Fanout: int(r.Fanout), Chance: seat.Gossip}
	single := func(p *mesh.SinglePath, protocols ...mesh.Protocol) (mesh.ForwardingPolicy, []mesh.Protocol) {
		p.Flood = flood
		return p, protocols
	}
	switch r.Strategy {
	case "direct":
		return single(mesh.Direct())
	case "flood":
		return flood, nil
	case "gossip":
		if flood.Fanout == 0 {
			flood.Fanout = gossipFanout
		}
		return flood, nil
	case "shortest_path":
		return single(mesh.ShortestPath(seat.Oracle))
	case "static":
		return single(mesh.Static(b.next[seat.Self]))
	case "link_state":
		protocol := mesh.NewLinkState(b.routingConfig(seat))
		return single(protocol.Policy(), protocol)
	case "distance_vector":
		protocol := mesh.NewDistanceVector(b.routingConfig(seat), seat.Stable)
		return single(protocol.Policy(), protocol)
	}
	panic("scenarios: strategy " + r.Strategy + " passed validation")
}

func (b *builder) routingConfig(seat world.Seat) mesh.RoutingConfig {
	r := &b.scenario.Routing
	return mesh.RoutingConfig{
		Self: seat.Self, Names: seat.Names, Neighbours: seat.Neighbours, Costs: seat.Costs, Chance: seat.Hello,
		Hello: time.Duration(r.Hello), Advertise: time.Duration(r.Advertise),
	}
}
