package mesh

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
)

// A neighbour is adjacent while both hear each other.
func TestAdjacency(t *testing.T) {
	both := []sim.NodeID{2}
	for _, c := range []struct {
		name  string
		story func(*rig)
		want  []sim.NodeID
	}{
		{"nobody heard", func(*rig) {}, nil},
		{"heard, but it does not hear us", func(g *rig) { g.hello(2, 1) }, nil},
		{"heard, and it hears another", func(g *rig) { g.hello(2, 1, 3, 5) }, nil},
		{"both hear each other", func(g *rig) { g.hello(2, 1, 1) }, both},
		{"two of them", func(g *rig) { g.hello(5, 1, 1); g.hello(2, 1, 1, 3) }, []sim.NodeID{2, 5}},
		{"it hears us later", func(g *rig) { g.hello(2, 1); g.hello(2, 2, 1) }, both},
		{"it hears us no more", func(g *rig) { g.hello(2, 1, 1); g.hello(2, 2) }, nil},
		{"an overtaken hello takes nothing away", func(g *rig) { g.hello(2, 2, 1); g.hello(2, 1) }, both},
		{"an overtaken hello adds nothing", func(g *rig) { g.hello(2, 2); g.hello(2, 1, 1) }, nil},
		{"a number of before does not count twice", func(g *rig) { g.hello(2, 1, 1); g.hello(2, 1) }, both},
		{"silent for three ticks", func(g *rig) { g.hello(2, 1, 1); g.ticks(3) }, both},
		{"silent for four", func(g *rig) { g.hello(2, 1, 1); g.ticks(4) }, nil},
		{"a hello in between", func(g *rig) { g.hello(2, 1, 1); g.ticks(3); g.hello(2, 2, 1); g.ticks(3) }, both},
		{"an overtaken one is no sign of life", func(g *rig) { g.hello(2, 2, 1); g.ticks(3); g.hello(2, 1, 1); g.ticks(1) }, nil},
		{"given up, any number is new", func(g *rig) { g.hello(2, 9, 1); g.ticks(4); g.hello(2, 1, 1) }, both},
		{"link down", func(g *rig) { g.hello(2, 1, 1); g.link(NeighbourDown, 2) }, nil},
		{"another link down", func(g *rig) { g.hello(2, 1, 1); g.link(NeighbourDown, 3) }, both},
		{"heard over a link that is down the other way", func(g *rig) { g.link(NeighbourDown, 2); g.hello(2, 1, 1) }, nil},
		{"link up again, not heard yet", func(g *rig) { g.hello(2, 1, 1); g.link(NeighbourDown, 2); g.link(NeighbourUp, 2) }, nil},
		{"link up again and heard", func(g *rig) { g.hello(2, 1, 1); g.link(NeighbourDown, 2); g.link(NeighbourUp, 2); g.hello(2, 2, 1) }, both},
		{"news of a link that is no neighbour's", func(g *rig) { g.hello(2, 1, 1); g.link(NeighbourDown, 4); g.link(NeighbourUp, 4) }, both},
		{"a link that leads one way", func(g *rig) { g.hello(4, 1, 1) }, nil},
		{"blocked before", func(g *rig) { g.gate = blocked{2}; g.hello(2, 1, 1) }, nil},
		{"blocked after", func(g *rig) { g.hello(2, 1, 1); g.gate = blocked{2}; g.ticks(1) }, nil},
		{"blocked, and no more", func(g *rig) { g.hello(2, 1, 1); g.gate = blocked{2}; g.ticks(1); g.gate = nil; g.ticks(1) }, both},
		{"another blocked", func(g *rig) { g.hello(2, 1, 1); g.gate = blocked{3, 4}; g.ticks(1) }, both},
		{"back from a crash", func(g *rig) { g.hello(2, 1, 1); g.start(2) }, nil},
		{"back from a crash and heard again", func(g *rig) { g.hello(2, 1, 1); g.start(2); g.hello(2, 2, 1) }, both},
		{"back from a crash, that link down", func(g *rig) { g.start(2); g.link(NeighbourDown, 2); g.hello(2, 2, 1) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewLinkState(rigConfig())
			g := newRig(t, l)
			g.start(1)
			c.story(g)
			var got []sim.NodeID
			for _, link := range l.links {
				if link.adjacent {
					got = append(got, link.to)
				}
			}
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.want, append([]sim.NodeID(nil), l.adjacentBut(3)...), "those to whom is sent")
		})
	}
}

// Who is greeted, when, and how.
func TestGreetings(t *testing.T) {
	for _, c := range []struct {
		name  string
		story func(*rig)
		want  []string
	}{
		{"at its start", func(g *rig) { g.start(1) }, []string{`n002 n003 n005 {"heard":[],"seqno":4294967297}`}},
		{"at each tick", func(g *rig) { g.ticks(2) }, []string{`n002 n003 n005 {"heard":[],"seqno":1}`, `n002 n003 n005 {"heard":[],"seqno":2}`}},
		{"at once whoever is new, and heard ones are named", func(g *rig) { g.hello(3, 1); g.hello(2, 1, 1) },
			[]string{`n003 {"heard":["n003"],"seqno":1}`, `n002 {"heard":["n002","n003"],"seqno":2}`}},
		{"only once", func(g *rig) { g.hello(3, 1); g.forget(); g.hello(3, 2, 1) }, nil},
		{"again after it was given up", func(g *rig) { g.hello(3, 1); g.ticks(4); g.forget(); g.hello(3, 2) }, []string{`n003 {"heard":["n003"],"seqno":6}`}},
		{"not over a link that is down", func(g *rig) { g.link(NeighbourDown, 3); g.hello(3, 1); g.ticks(1) }, []string{`n002 n005 {"heard":["n003"],"seqno":2}`}},
		{"at once when a link comes up", func(g *rig) { g.link(NeighbourDown, 3); g.link(NeighbourUp, 3) }, []string{`n003 {"heard":[],"seqno":1}`}},
		{"nobody at news of a link to a stranger", func(g *rig) { g.link(NeighbourUp, 4); g.hello(4, 1) }, nil},
		{"nobody whom it blocks", func(g *rig) { g.gate = blocked{3}; g.hello(3, 1); g.ticks(1) }, []string{`n002 n005 {"heard":[],"seqno":1}`}},
		{"nobody whom it blocks, when a link comes up", func(g *rig) { g.gate = blocked{3}; g.link(NeighbourUp, 3) }, nil},
		{"nobody at all", func(g *rig) { g.gate = blocked{2, 3, 5}; g.ticks(1) }, nil},
		{"a number above all of before a crash", func(g *rig) { g.start(1); g.forget(); g.start(2) }, []string{`n002 n003 n005 {"heard":[],"seqno":8589934593}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t, NewLinkState(rigConfig()))
			c.story(g)
			assert.Equal(t, c.want, g.saidOf(typeHello))
		})
	}
}

// The next tick comes a hello interval later, give or take a tenth, evenly.
func TestTicksAreJittered(t *testing.T) {
	g := newRig(t, NewDistanceVector(rigConfig(), &Stable{}))
	g.ticks(1000)
	require.Len(t, g.wakes, 1000)
	least, most, sum := time.Hour, time.Duration(0), time.Duration(0)
	for _, w := range g.wakes {
		require.EqualValues(t, tagTick, w.Tag)
		least, most, sum = min(least, w.After), max(most, w.After), sum+w.After
	}
	assert.InDelta(t, 90*time.Millisecond, least, 2e5)
	assert.InDelta(t, 110*time.Millisecond, most, 2e5)
	assert.GreaterOrEqual(t, least, 90*time.Millisecond)
	assert.LessOrEqual(t, most, 110*time.Millisecond)
	const deviation = 20e6 / 3.46 / 31.6 // of the mean of 1000 even draws from 20 ms
	assert.InDelta(t, 100*time.Millisecond, sum/1000, 4*deviation)
}

func TestRoutingConfigIsChecked(t *testing.T) {
	for _, spoil := range []func(*RoutingConfig){
		func(c *RoutingConfig) { c.Hello = 0 },
		func(c *RoutingConfig) { c.Advertise = c.Hello - 1 },
	} {
		c := rigConfig()
		spoil(&c)
		assert.Panics(t, func() { NewLinkState(c) })
		assert.Panics(t, func() { NewDistanceVector(c, &Stable{}) })
	}
}
