package scenarios_test

import (
	"fmt"
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/scenarios"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
)

// gossip is a node of one's own: who hears a rumour for the first time tells all
// neighbours but the one who told it. It knows nothing of routers, registries or
// policies; the world calls Step and does what it finds in the outbox.
type gossip struct {
	seat  world.Seat
	heard bool
	at    clock.Time
}

func (g *gossip) Step(now clock.Time, in *mesh.Input, out *mesh.Outbox) {
	switch {
	case in.Kind == mesh.Start && g.seat.Names[g.seat.Self] == "n0":
		out.Wake(100*time.Millisecond, 0)
	case in.Kind == mesh.Timer: // n0 makes one up; * is its destination
		g.heard, g.at = true, now
		out.Send(g.seat.Author.Compose(now, "RUMOUR", sim.Everyone, 200), g.seat.Neighbours)
	case in.Kind == mesh.Arrive && g.heard:
		out.Drop(in.Envelope, trace.Duplicate)
	case in.Kind == mesh.Arrive:
		g.heard, g.at = true, now
		out.Deliver(in.Envelope)
		out.Send(in.Envelope, slices.DeleteFunc(slices.Clone(g.seat.Neighbours), func(n sim.NodeID) bool { return n == in.From }))
	}
}

// A node of one's own runs on the wires and the clock of a scenario, under the
// same invariants, expectations, traces and digests as the built-in ones.
func Example() {
	s := scenarios.Scenario{
		Name:     "rumour",
		Duration: time.Second,
		Topology: scenarios.Topology{Kind: scenarios.Ring{Nodes: 6}},
		Link:     scenarios.Link{Latency: scenarios.Constant(10 * time.Millisecond), Bandwidth: scenarios.MbitPerSecond},
		Expects:  []scenarios.Expect{{Name: "all hear it", AtEnd: "copies.delivered == 5"}},
	}
	nodes := make([]*gossip, 6)
	result, err := s.Run(scenarios.Options{NewNode: func(seat world.Seat) (mesh.Node, error) {
		nodes[seat.Self] = &gossip{seat: seat}
		return nodes[seat.Self], nil
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, n := range nodes {
		fmt.Printf("n%d heard it at %v\n", i, time.Duration(n.at))
	}
	fmt.Println(result.Metrics.Links.Transmissions, "copies,", result.Metrics.Drops["duplicate"], "too many:", result.Verdict)
	// Output:
	// n0 heard it at 100ms
	// n1 heard it at 111.6ms
	// n2 heard it at 123.2ms
	// n3 heard it at 134.8ms
	// n4 heard it at 123.2ms
	// n5 heard it at 111.6ms
	// 7 copies, 2 too many: passed
}
