package mesh

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
)

// chain is a line of nodes A, B, C, … that speak distance_vector over wires of 1 ms
// which lose nothing, each link at a cost of 1 s.
type chain struct {
	engine  sim.Engine[chainEvent]
	routers []*Router
	routes  []string // to A, as they were told: "B 1"
}

type chainEvent struct {
	to sim.NodeID
	in Input
}

func newChain(t *testing.T, n int, careless bool) *chain {
	c := &chain{}
	for i := range sim.NodeID(n) {
		var neighbours []sim.NodeID
		for _, other := range []sim.NodeID{i - 1, i + 1} {
			if other >= 0 && other < sim.NodeID(n) {
				neighbours = append(neighbours, other)
			}
		}
		d := NewDistanceVector(RoutingConfig{
			Self: i, Names: keysOf(n), Neighbours: neighbours, Costs: []time.Duration{time.Second, time.Second}[:len(neighbours)],
			Hello: time.Second, Advertise: 5 * time.Second, Chance: sim.Seed(1).Stream("node/" + keysOf(n)[i] + "/hello"),
		}, &Stable{})
		d.careless = careless
		cfg := config(t, i, n, neighbours...)
		cfg.Protocols, cfg.Policy = []Protocol{d}, d.Policy()
		cfg.Author = NewAuthor(cfg.Identity, sim.Seed(1).Stream("envelope/id"), keysOf(n))
		c.routers = append(c.routers, newRouter(t, cfg))
		c.engine.At(0, chainEvent{i, Input{Kind: Start, Tag: 1}})
	}
	return c
}

// run goes on for a time, and returns what was told of routes to A since the last time.
func (c *chain) run(span time.Duration) string {
	defer func() { c.routes = nil }()
	c.engine.Run(sim.Limit{Until: c.engine.Now().Add(span)}, c.step)
	return strings.Join(c.routes, ", ")
}

func (c *chain) step(e *chainEvent) {
	var out Outbox
	now := c.engine.Now()
	c.routers[e.to].Step(now, &e.in, &out)
	for _, a := range out.Acts {
		switch a.Kind {
		case ActWake:
			c.engine.At(now.Add(a.After), chainEvent{e.to, Input{Kind: Timer, Tag: a.Tag}})
		case ActTell:
			c.note(e.to, &out, a.Tag)
		case ActSend:
			for _, to := range a.To {
				copied := *a.Envelope
				copied.Hops = []sim.NodeID{to}
				c.engine.At(now.Add(time.Millisecond), chainEvent{to, Input{Kind: Arrive, Envelope: &copied, From: e.to}})
			}
		}
	}
}

func (c *chain) note(node sim.NodeID, out *Outbox, fact uint64) {
	route := out.Facts[fact].Payload
	if route.Destination != 0 {
		return
	}
	metric := "lost"
	if route.Next != sim.NoNode {
		metric = fmt.Sprint(route.Metric / int64(time.Second))
	}
	c.routes = append(c.routes, string(rune('A'+node))+" "+metric)
}

// cut takes down the link A–B.
func (c *chain) cut() {
	for _, end := range []sim.NodeID{0, 1} {
		c.step(&chainEvent{end, Input{Kind: NeighbourDown, From: 1 - end}})
	}
}

// hasRoute reports whether a node would send on what is for A.
func (c *chain) hasRoute(node int) bool {
	e := &Envelope{Origin: sim.NodeID(node), Destination: 0}
	return len(c.routers[node].Route(e, sim.NoNode, nil)) > 0
}

// Where A–B–C is cut between A and B, neighbours that take any route count to
// infinity: B believes that C still has one, which is its own of before. With the
// feasibility condition nobody does.
func TestCountToInfinity(t *testing.T) {
	const settled = 4 * time.Second
	c := newChain(t, 3, true)
	require.Equal(t, "B 1, C 2", c.run(settled))
	c.cut()
	counted := c.run(time.Second)
	assert.True(t, strings.HasPrefix(counted, "B 3, C 4, B 5, C 6, B 7, C 8, B 9"), counted)
	require.True(t, c.hasRoute(1), "and so on")

	c = newChain(t, 3, false)
	require.Equal(t, "B 1, C 2", c.run(settled))
	c.cut()
	assert.Equal(t, "B lost, C lost", c.run(time.Minute), "nor ever again")
}

// The longer the chain the longer it takes until the last node knows, one settling
// and one wire for each link, and no longer.
func TestRetractionTakesOneRoundPerLink(t *testing.T) {
	for n := 3; n < 20; n++ {
		c := newChain(t, n, false)
		c.run(8 * time.Second)
		c.cut()
		c.run(time.Duration(n-2)*(settleDelay+time.Millisecond) - 1)
		require.True(t, c.hasRoute(n-1))
		c.run(1)
		require.False(t, c.hasRoute(n-1))
	}
}
