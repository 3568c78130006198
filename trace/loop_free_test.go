package trace

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/clock"
	"meshsim/sim"
)

// over is a node's new route to delta.
func over(node, next sim.NodeID) Event { return routeTo(delta, node, next) }

func routeTo(destination, node, next sim.NodeID) Event {
	return Event{Kind: RouteChanged, Node: node, Peer: sim.NoNode, Payload: Payload{Destination: destination, Next: next}}
}

func TestLoopFree(t *testing.T) {
	down := func(node sim.NodeID) Event { return Event{Kind: NodeDown, Node: node} }
	for _, c := range []struct {
		name  string
		story []Event
		want  string // of the last event; nothing else is wrong
	}{
		{"a path", []Event{over(charlie, delta), over(bravo, charlie), over(alfa, bravo)}, ""},
		{"a tree", []Event{over(bravo, charlie), over(alfa, charlie), over(charlie, delta)}, ""},
		{"a path that ends nowhere", []Event{over(alfa, bravo), over(bravo, charlie)}, ""},
		{"two that send to each other", []Event{over(alfa, bravo), over(bravo, alfa)}, "the next hops to delta go round: bravo → alfa → bravo"},
		{"three in a ring", []Event{over(alfa, bravo), over(bravo, charlie), over(charlie, alfa)},
			"the next hops to delta go round: charlie → alfa → bravo → charlie"},
		{"there and back, for two destinations", []Event{over(alfa, bravo), routeTo(charlie, bravo, alfa)}, ""},
		{"a path ends at the destination, whatever that says", []Event{over(delta, alfa), over(alfa, delta)}, ""},
		{"a route that was replaced", []Event{over(alfa, bravo), over(alfa, delta), over(bravo, alfa)}, ""},
		{"a route that was retracted", []Event{over(alfa, bravo), over(alfa, sim.NoNode), over(bravo, alfa)}, ""},
		{"a route that went down with its node", []Event{over(alfa, bravo), down(alfa), over(bravo, alfa)}, ""},
		{"a route that a restarted node does not have", []Event{over(alfa, bravo), restart(alfa, LoseNothing), over(bravo, alfa)}, ""},
		{"another node's crash", []Event{over(alfa, bravo), down(charlie), restart(charlie, LoseState), over(bravo, alfa)},
			"the next hops to delta go round: bravo → alfa → bravo"},
		{"closed behind the node that came back", []Event{over(bravo, alfa), over(alfa, charlie), down(alfa), restart(alfa, LoseNothing), over(alfa, bravo)},
			"the next hops to delta go round: alfa → bravo → alfa"},
		{"what is no route", []Event{over(alfa, bravo), letter{1, bravo, alfa, "t1"}.sent(1)}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := NewLoopFree(fourNames)
			want := Invariant{Name: "loop_free", Verdict: "passed"}
			for i, e := range c.story {
				e.Seq, e.T = uint64(i+1), clock.Time(10*i)
				assert.Equal(t, want, check.Result(), "before event %d", i)
				check.Emit(&e)
				if e.Kind == RouteChanged {
					want.Evaluations++
				}
			}
			if c.want != "" {
				want.Violations, want.Verdict, want.Detail = 1, "failed", c.want
				want.FirstSeq, want.AtNS = uint64(len(c.story)), int64(10*(len(c.story)-1))
			}
			assert.Equal(t, want, check.Result())
		})
	}
}

// A loop that stands while others join it is theirs no more than once: who leads into
// it is not in it.
func TestLoopFreeBlamesWhoClosesTheLoop(t *testing.T) {
	check := NewLoopFree(fourNames)
	for _, e := range []Event{over(alfa, bravo), over(bravo, alfa), over(charlie, alfa)} {
		check.Emit(&e)
	}
	assert.EqualValues(t, 1, check.Result().Violations)
}

func TestLoopFreeReads(t *testing.T) {
	for _, k := range Kinds() {
		assert.Equal(t, k == RouteChanged || k == NodeUp || k == NodeDown, NewLoopFree(fourNames).Reads(k), k.String())
	}
}
