package netmodel

import (
	"slices"
	"testing"
	"time"

	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPartitionCuts(t *testing.T) {
	groups := [][]sim.NodeID{{1, 0}, {2}, {3}}
	for name, c := range map[string]struct {
		fault Partition
		cut   []Ends
	}{
		"both ways": {Partition{Groups: groups}, []Ends{{0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 0}, {2, 1}, {2, 3}, {3, 0}, {3, 1}, {3, 2}}},
		"one way":   {Partition{Groups: groups, OneWay: true}, []Ends{{0, 2}, {0, 3}, {1, 2}, {1, 3}}},
		"one group": {Partition{Groups: groups[:1]}, nil},
		"none":      {Partition{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			n := network(t, 5, full(5, LinkSpec{})...)
			require.NoError(t, n.Check(c.fault))
			require.Empty(t, n.Begin(7, c.fault), "silent")
			assert.Equal(t, c.cut, heldLinks(n, Partitioned, 7))
			require.Empty(t, n.End(7))
			assert.Empty(t, heldLinks(n, Partitioned, 7))
		})
	}
}

// heldLinks are the links on which copies suffer a fate from a fault.
func heldLinks(n *Network, f Fate, id FaultID) []Ends {
	var held []Ends
	for i := range n.links {
		if fate, fault := n.CutAt(n.from[i], n.to[i]); fate == f && fault == id {
			held = append(held, Ends{n.from[i], n.to[i]})
		}
	}
	return held
}

func TestLinkDownReturnsWhatWentDownAndUp(t *testing.T) {
	n := network(t, 4, full(4, LinkSpec{})...)
	a := LinkDownFault{Links: []Ends{{3, 0}, {1, 2}, {3, 0}}}
	b := LinkDownFault{Links: []Ends{{2, 1}, {1, 2}}}
	assert.Equal(t, []Ends{{1, 2}, {3, 0}}, n.Begin(10, a))
	assert.Equal(t, []Ends{{2, 1}}, n.Begin(3, b), "1->2 was down already")
	assert.Equal(t, []Ends{{3, 0}}, n.End(10), "1->2 is still held")
	assert.Equal(t, []Ends{{1, 2}, {2, 1}}, heldLinks(n, LinkDown, 3), "by the one that is left")
	assert.Equal(t, []Ends{{1, 2}, {2, 1}}, n.End(3))
	assert.Empty(t, n.Begin(3, LinkDownFault{}), "an id may be used again, a fault may hold nothing")
}

// A copy is lost when its link is down at its arrival, and only then.
func TestCutInFlight(t *testing.T) {
	n := single(t, LinkSpec{Latency: Constant(10 * time.Millisecond)})
	down := LinkDownFault{Links: []Ends{{0, 1}}}
	require.Equal(t, 10*ms, carry(n, 0, 1, 1).Arrive)
	n.Begin(0, down)
	fate, fault := n.CutAt(0, 1)
	assert.Equal(t, LinkDown, fate)
	assert.Equal(t, FaultID(0), fault)
	assert.Equal(t, int64(1), n.Stats(0, 1).Drops)
	n.End(0)
	n.Begin(1, Partition{Groups: [][]sim.NodeID{{1}, {0}}, OneWay: true})
	fate, fault = n.CutAt(0, 1)
	assert.Equal(t, Arrives, fate, "the link was up again, and the partition is of the other way")
	assert.Equal(t, NoFault, fault)
	assert.Equal(t, int64(1), n.Stats(0, 1).Drops)
}

func TestFaultsThatNameWhatIsNot(t *testing.T) {
	n := network(t, 3, LinkSpec{From: 0, To: 1})
	for want, f := range map[string]Fault{
		"no link n00001->n00000":                     LinkDownFault{Links: []Ends{{1, 0}}},
		"no link n00000->node 9":                     LinkDownFault{Links: []Ends{{0, 9}}},
		"no link node -1->n00000":                    LinkDownFault{Links: []Ends{{sim.NoNode, 0}}},
		"group 1: no node 3":                         Partition{Groups: [][]sim.NodeID{{0}, {3}}},
		"group 1: node n00000 is in group 0 already": Partition{Groups: [][]sim.NodeID{{0}, {1, 0}}},
	} {
		assert.EqualError(t, n.Check(f), want)
		assert.Panics(t, func() { n.Begin(0, f) })
	}
	n.Begin(0, Partition{})
	assert.Panics(t, func() { n.Begin(0, Partition{}) }, "active already")
	assert.Panics(t, func() { n.Begin(NoFault, Partition{}) })
	assert.Panics(t, func() { n.End(1) }, "never began")
}

// twinFault is an active fault as the naive twin sees it: a question per link.
type twinFault struct {
	id    FaultID
	fate  Fate
	holds func(Ends) bool
}

// Any overlap of faults, against a twin that asks every active fault anew.
func TestFaultsAgainstNaiveTwin(t *testing.T) {
	const nodes = 5
	links := full(nodes, LinkSpec{})
	node := rapid.Custom(func(t *rapid.T) sim.NodeID { return sim.NodeID(rapid.IntRange(0, nodes-1).Draw(t, "node")) })
	rapid.Check(t, func(t *rapid.T) {
		n := network(t, nodes, links...)
		var active []twinFault
		state := func() map[Ends]FaultID {
			down := map[Ends]FaultID{}
			for i := len(active) - 1; i >= 0; i-- { // the first to begin has the last word
				for _, s := range links {
					if active[i].fate == LinkDown && active[i].holds(s.ends()) {
						down[s.ends()] = active[i].id
					}
				}
			}
			return down
		}
		flipped := func(before, after map[Ends]FaultID) []Ends {
			var ends []Ends
			for e := range before {
				if _, still := after[e]; !still {
					ends = append(ends, e)
				}
			}
			slices.SortFunc(ends, compareEnds)
			return ends
		}
		next := FaultID(0)
		t.Repeat(map[string]func(*rapid.T){
			"link_down": func(t *rapid.T) {
				picked := rapid.SliceOfN(rapid.IntRange(0, len(links)-1), 0, 6).Draw(t, "links")
				var ends []Ends
				for _, i := range picked {
					ends = append(ends, links[i].ends())
				}
				before := state()
				active = append(active, twinFault{next, LinkDown, func(e Ends) bool { return slices.Contains(ends, e) }})
				require.Equal(t, flipped(state(), before), n.Begin(next, LinkDownFault{Links: ends}))
				next++
			},
			"partition": func(t *rapid.T) {
				ids := rapid.SliceOfNDistinct(node, 0, nodes, rapid.ID[sim.NodeID]).Draw(t, "nodes")
				cut := rapid.IntRange(0, len(ids)).Draw(t, "cut")
				p := Partition{Groups: [][]sim.NodeID{ids[:cut], ids[cut:]}, OneWay: rapid.Bool().Draw(t, "oneway")}
				in := func(g int, id sim.NodeID) bool { return slices.Contains(p.Groups[g], id) }
				active = append(active, twinFault{next, Partitioned, func(e Ends) bool {
					return in(0, e.From) && in(1, e.To) || !p.OneWay && in(1, e.From) && in(0, e.To)
				}})
				require.Empty(t, n.Begin(next, p))
				next++
			},
			"end": func(t *rapid.T) {
				if len(active) == 0 {
					t.Skip("no fault is active")
				}
				k := rapid.IntRange(0, len(active)-1).Draw(t, "which")
				id, before := active[k].id, state()
				active = slices.Delete(active, k, k+1)
				require.Equal(t, flipped(before, state()), n.End(id))
			},
			"": func(t *rapid.T) {
				for _, s := range links {
					want := Verdict{Fault: NoFault}
					for _, f := range active {
						if !f.holds(s.ends()) || want.Fate == LinkDown || want.Fate == f.fate {
							continue
						}
						want = Verdict{Fate: f.fate, Fault: f.id}
					}
					var v Verdict
					n.Carry(0, s.From, s.To, 1, sim.Key{}, &v)
					require.Equal(t, want, v, "%v", s.ends())
					fate, fault := n.CutAt(s.From, s.To)
					require.Equal(t, want.Fate, fate)
					require.Equal(t, want.Fault, fault)
				}
			},
		})
	})
}
