package netmodel

import (
	"maps"
	"slices"
	"testing"
	"time"

	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A link out of contact refuses copies and loses those that arrive, through no
// fault, and its routes go another way.
func TestOutOfContact(t *testing.T) {
	n := network(t, 3, full(3, LinkSpec{Latency: Constant(10 * time.Millisecond)})...)
	assert.Empty(t, n.SetContact([]Ends{{0, 1}}, true), "it is in contact from the start")
	assert.Equal(t, []Ends{{0, 1}, {2, 1}}, n.SetContact([]Ends{{2, 1}, {0, 1}, {0, 1}}, false))
	assert.Empty(t, n.SetContact([]Ends{{0, 1}}, false), "it was so already")

	assert.Equal(t, Verdict{Fate: LinkDown, Fault: NoFault}, carry(n, 0, 1, 1))
	fate, fault := n.CutAt(0, 1)
	assert.Equal(t, LinkDown, fate)
	assert.Equal(t, NoFault, fault)
	assert.Equal(t, int64(2), n.Stats(0, 1).Drops)
	_, ok := n.NextHop(0, 1)
	assert.False(t, ok)
	next, _ := n.NextHop(1, 0)
	assert.Equal(t, sim.NodeID(0), next, "the other direction is as it was")

	assert.Equal(t, []Ends{{2, 1}}, n.SetContact([]Ends{{2, 1}}, true))
	next, _ = n.NextHop(0, 1)
	assert.Equal(t, sim.NodeID(2), next)
	assert.Equal(t, []Ends{{0, 1}}, n.SetContact([]Ends{{0, 1}}, true))
	assert.Equal(t, Arrives, carry(n, 0, 1, 2).Fate)
	assert.Zero(t, n.away, "arrivals need not ask")
	assert.Panics(t, func() { n.SetContact([]Ends{{0, 9}}, true) })
}

// Contacts, faults and nodes come and go as they like. The twin keeps a set of each and
// asks both: a link is up when neither holds it, and what is returned is what
// turned, as are the routes.
func TestContactsAndFaultsAgainstNaiveTwin(t *testing.T) {
	const nodes = 4
	links := full(nodes, LinkSpec{Latency: Constant(time.Millisecond)})
	rapid.Check(t, func(t *rapid.T) {
		n := network(t, nodes, links...)
		away := map[Ends]bool{}
		faults := map[FaultID][]Ends{}
		up := func() map[Ends]bool {
			all := map[Ends]bool{}
			for _, s := range links {
				all[s.ends()] = !away[s.ends()]
				for _, held := range faults {
					all[s.ends()] = all[s.ends()] && !slices.Contains(held, s.ends())
				}
			}
			return all
		}
		turned := func(before map[Ends]bool) (ends []Ends) {
			after := up()
			for e := range before {
				if before[e] != after[e] {
					ends = append(ends, e)
				}
			}
			slices.SortFunc(ends, compareEnds)
			return ends
		}
		some := func(t *rapid.T) (ends []Ends) {
			for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(links)-1), 0, 6).Draw(t, "links") {
				ends = append(ends, links[i].ends())
			}
			return ends
		}
		next := FaultID(0)
		off := map[sim.NodeID]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"node": func(t *rapid.T) {
				id := sim.NodeID(rapid.IntRange(0, nodes-1).Draw(t, "node"))
				off[id] = !off[id]
				n.SetOff([]sim.NodeID{id}, off[id])
			},
			"contact": func(t *rapid.T) {
				ends, in, before := some(t), rapid.Bool().Draw(t, "in"), up()
				for _, e := range ends {
					away[e] = !in
				}
				got := n.SetContact(ends, in)
				require.ElementsMatch(t, turned(before), got)
				require.True(t, slices.IsSortedFunc(got, compareEnds))
			},
			"begin": func(t *rapid.T) {
				ends, before := some(t), up()
				faults[next] = ends
				require.ElementsMatch(t, turned(before), n.Begin(next, LinkDownFault{Links: ends}))
				next++
			},
			"end": func(t *rapid.T) {
				if len(faults) == 0 {
					t.Skip("no fault is active")
				}
				id, before := rapid.SampledFrom(slices.Sorted(maps.Keys(faults))).Draw(t, "fault"), up()
				delete(faults, id)
				require.ElementsMatch(t, turned(before), n.End(id))
			},
			"": func(t *rapid.T) {
				for e, isUp := range up() {
					require.Equal(t, isUp, n.Held(e.From, e.To) == Arrives, "%v", e)
					_, fault := n.CutAt(e.From, e.To)
					require.Equal(t, isUp || away[e], fault == NoFault, "%v: want of contact is no fault's work", e)
					i := n.find(e.From, e.To)
					require.Equal(t, isUp && !off[e.From] && !off[e.To], n.routes.up[i], "%v: routes", e)
				}
			},
		})
	})
}
