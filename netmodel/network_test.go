package netmodel

import (
	"math"
	"testing"
	"time"

	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		link LinkSpec
		want string
	}{
		"unknown end":        {LinkSpec{From: 0, To: 3}, "link 1: no node 3; nodes are 0 to 2"},
		"negative end":       {LinkSpec{From: sim.NoNode, To: 1}, "link 1: no node -1"},
		"self loop":          {LinkSpec{From: 1, To: 1}, "link 1: node 1 is linked to itself"},
		"parallel":           {LinkSpec{From: 0, To: 1}, "link n00000->n00001: given twice"},
		"negative latency":   {LinkSpec{From: 1, To: 0, Latency: Constant(-1)}, "link n00001->n00000: latency -1ns is negative"},
		"endless latency":    {LinkSpec{From: 1, To: 0, Latency: Constant(math.MaxInt64)}, "is too long; at most"},
		"loss":               {LinkSpec{From: 1, To: 0, Loss: sim.One + 1}, "loss 1000000001 is above 1000000000 billionths"},
		"duplicate":          {LinkSpec{From: 1, To: 0, Duplicate: sim.One + 1}, "duplicate 1000000001 is above"},
		"corrupt":            {LinkSpec{From: 1, To: 0, Corrupt: sim.One + 1}, "corrupt 1000000001 is above"},
		"reorder":            {LinkSpec{From: 1, To: 0, Reorder: sim.One + 1}, "reorder 1000000001 is above"},
		"burst loss":         {LinkSpec{From: 1, To: 0, BurstLoss: GilbertElliott{Bad: sim.One + 1}}, "burst loss: bad 1000000001 is above"},
		"negative MTU":       {LinkSpec{From: 1, To: 0, MTU: -1}, "MTU of -1 bytes is negative"},
		"negative bandwidth": {LinkSpec{From: 1, To: 0, Bandwidth: -1}, "bandwidth -1 bit/s is negative"},
		"negative header":    {LinkSpec{From: 1, To: 0, Header: -1}, "header of -1 bytes is negative"},
		"negative queue":     {LinkSpec{From: 1, To: 0, Queue: Packets(-1)}, "queue limit -1 is negative"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(1, keys(3), []LinkSpec{{From: 0, To: 1}, c.link})
			assert.ErrorContains(t, err, c.want)
		})
	}
	_, err := New(1, nil, nil)
	assert.ErrorContains(t, err, "at least one node")
	_, err = New(1, keys(2), []LinkSpec{{From: 0, To: 1, Header: -1}, {From: 1, To: 0, Bandwidth: -1}})
	assert.ErrorContains(t, err, "header")
	assert.ErrorContains(t, err, "bandwidth", "all problems at once")
}

func TestNeighboursAndLinks(t *testing.T) {
	specs := []LinkSpec{{From: 2, To: 3, Header: 7}, {From: 2, To: 0}, {From: 0, To: 2}, {From: 3, To: 1}}
	n := network(t, 5, specs...)
	for id, want := range [][]sim.NodeID{{2}, {}, {0, 3}, {1}, {}} {
		assert.Equal(t, want, n.Neighbours(sim.NodeID(id)), "node %d", id)
	}
	assert.Equal(t, sim.NodeID(2), specs[0].From, "the caller's list is left alone")

	_ = append(n.Neighbours(0), 4)
	assert.Equal(t, []sim.NodeID{0, 3}, n.Neighbours(2), "an appending caller harms no other node")

	n.Begin(0, LinkDownFault{Links: []Ends{{2, 0}}})
	assert.Equal(t, []sim.NodeID{0, 3}, n.Neighbours(2), "a link that is down still counts")
}

// Copies find their own link whatever the order in which links were given.
func TestCarryFindsItsLink(t *testing.T) {
	var specs []LinkSpec
	for i, s := range full(20, LinkSpec{}) {
		s.Latency = Constant(time.Duration(s.From)*100 + time.Duration(s.To))
		specs = append(specs[:i/2:i/2], append([]LinkSpec{s}, specs[i/2:]...)...)
	}
	n := network(t, 20, specs...)
	for _, s := range specs {
		var v Verdict
		n.Carry(0, s.From, s.To, 1, sim.Key{}, &v)
		require.Equal(t, s.Latency.Mean(), v.Arrive.Sub(0))
	}
}
