package mesh

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/sim"
)

// oracleTo says the same next hop to every question.
type oracleTo sim.NodeID

func (o oracleTo) NextHop(_, _ sim.NodeID) (sim.NodeID, bool) {
	return sim.NodeID(o), sim.NodeID(o) != sim.NoNode
}

func TestPolicies(t *testing.T) {
	const none = sim.NoNode
	table := Static([]sim.NodeID{none, none, 2, 5, 3})
	for _, c := range []struct {
		name    string
		policy  ForwardingPolicy
		to      sim.NodeID
		from    sim.NodeID
		hops    []sim.NodeID
		blocked blocked
		want    []sim.NodeID
	}{
		// Node 1 of 10 has the neighbours 2, 3, 5; the origin is 9, or in some rows 3.
		{"direct: a neighbour", Direct(), 3, none, nil, nil, []sim.NodeID{3}},
		{"direct: no neighbour", Direct(), 4, none, nil, nil, nil},
		{"direct: blocked", Direct(), 3, none, nil, blocked{3}, nil},
		{"direct: broadcast floods", Direct(), sim.Everyone, 3, []sim.NodeID{2, 3, 1}, nil, []sim.NodeID{2, 5}},

		{"static: in the table", table, 4, none, nil, nil, []sim.NodeID{3}},
		{"static: no route", table, 0, none, nil, nil, nil},
		{"static: beyond the table", table, 5, none, nil, nil, nil},
		{"static: blocked hop", table, 4, none, nil, blocked{3}, nil},
		{"static: hop has had it", table, 4, 2, []sim.NodeID{3, 2, 1}, nil, nil},
		{"static: broadcast floods", table, sim.Everyone, 2, []sim.NodeID{2, 1}, blocked{5}, []sim.NodeID{3}},

		{"shortest_path: as the oracle says", ShortestPath(oracleTo(5)), 7, none, nil, nil, []sim.NodeID{5}},
		{"shortest_path: no path", ShortestPath(oracleTo(none)), 7, none, nil, nil, nil},
		{"shortest_path: no neighbour", ShortestPath(oracleTo(4)), 7, none, nil, nil, nil},
		{"shortest_path: blocked hop", ShortestPath(oracleTo(5)), 7, none, nil, blocked{5}, nil},
		{"shortest_path: hop has had it", ShortestPath(oracleTo(5)), 7, 2, []sim.NodeID{5, 2, 1}, nil, nil},
		{"shortest_path: broadcast floods", ShortestPath(oracleTo(5)), sim.Everyone, none, nil, nil, []sim.NodeID{2, 3, 5}},

		{"flood: from the origin", Flood{}, 7, none, nil, nil, []sim.NodeID{2, 3, 5}},
		{"flood: not back", Flood{}, 7, 3, []sim.NodeID{3, 1}, nil, []sim.NodeID{2, 5}},
		{"flood: hops do not matter", Flood{}, 7, 3, []sim.NodeID{2, 5, 3, 1}, nil, []sim.NodeID{2, 5}},
		{"flood: blocked left out", Flood{}, 7, 3, []sim.NodeID{3, 1}, blocked{2}, []sim.NodeID{5}},
		{"flood: nobody left", Flood{}, 7, 3, []sim.NodeID{3, 1}, blocked{2, 5}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(t, 1, 10, 2, 3, 5)
			cfg.Gate = c.blocked
			view := View{newRouter(t, cfg), trailOf(c.hops)}
			e := &Envelope{Origin: 9, Destination: c.to, Hops: c.hops}
			got := c.policy.Next(view, e, c.from, []sim.NodeID{8})
			assert.Equal(t, append([]sim.NodeID{8}, c.want...), got, "what was in the buffer stays")
		})
	}
}

func TestSinglePathNeverGoesBackToTheOrigin(t *testing.T) {
	view := View{newRouter(t, config(t, 1, 10, 2, 3, 5)), trailOf([]sim.NodeID{2, 1})}
	for _, origin := range []sim.NodeID{3, 9} {
		e := &Envelope{Origin: origin, Destination: 7, Hops: []sim.NodeID{2, 1}}
		got := ShortestPath(oracleTo(3)).Next(view, e, 2, nil)
		assert.Equal(t, origin == 9, len(got) == 1)
	}
}
