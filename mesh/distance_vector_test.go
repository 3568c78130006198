package mesh

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
)

const unreachable = -1 // metric, in ms

// far is how far a destination is, with the number that it gave, in ms.
func far(destination sim.NodeID, seqno uint64, metric int64) vectorEntry {
	if metric == unreachable {
		return vectorEntry{destination: destination}
	}
	return vectorEntry{destination, distance{seqno, time.Duration(metric) * time.Millisecond}, true}
}

func vectorOf(entries ...vectorEntry) *vectorPayload {
	p := &vectorPayload{names: keysOf(10), entries: entries}
	p.set(p, nil)
	return p
}

func requestOf(destination sim.NodeID, seqno uint64) *requestPayload {
	p := &requestPayload{names: keysOf(10), destination: destination, seqno: seqno}
	p.set(p, nil)
	return p
}

func (g *rig) vector(from sim.NodeID, entries ...vectorEntry) {
	g.hear(from, typeDistanceVector, vectorOf(entries...))
}

func (g *rig) request(from, destination sim.NodeID, seqno uint64) {
	g.hear(from, typeSeqnoRequest, requestOf(destination, seqno))
}

// newer first, then strictly nearer.
func TestFeasibility(t *testing.T) {
	at := func(seqno uint64, metric time.Duration) distance { return distance{seqno, metric} }
	for _, c := range []struct {
		said, least distance
		want        bool
	}{
		{at(1, 10), distance{}, true}, // nothing was ever advertised
		{distance{}, distance{}, false},
		{at(1, 9), at(1, 10), true},
		{at(1, 10), at(1, 10), false}, // as near may be the way back
		{at(1, 11), at(1, 10), false},
		{at(2, 1000), at(1, 10), true},
		{at(2, 10), at(1, 10), true},
		{at(1, 0), at(2, 10), false},
	} {
		assert.Equal(t, c.want, c.said.better(c.least), "%v against %v", c.said, c.least)
	}
}

// The route to node 7 when 2, 3 and 5 are adjacent: the links to them cost 20, 30 and
// 50 ms.
func TestDistanceVectorRoutes(t *testing.T) {
	for _, c := range []struct {
		name  string
		story func(*rig)
		want  []string // told
	}{
		{"the only one", func(g *rig) { g.vector(3, far(7, 1, 10)) }, []string{"n007 over n003 40ms #1"}},
		{"a shorter one", func(g *rig) { g.vector(3, far(7, 1, 10)); g.vector(2, far(7, 1, 10)) },
			[]string{"n007 over n003 40ms #1", "n007 over n002 30ms #1"}},
		{"a longer one", func(g *rig) { g.vector(3, far(7, 1, 10)); g.vector(5, far(7, 1, 0)) }, []string{"n007 over n003 40ms #1"}},
		{"as short: the one in use", func(g *rig) { g.vector(3, far(7, 1, 10)); g.vector(2, far(7, 1, 20)) }, []string{"n007 over n003 40ms #1"}},
		{"of two as short, the one in use retracted", func(g *rig) {
			g.vector(3, far(7, 1, 10))
			g.vector(2, far(7, 1, 20))
			g.vector(3, far(7, 0, unreachable))
		}, []string{"n007 over n003 40ms #1", "n007 over n002 40ms #1"}},
		{"its own way is not for sale", func(g *rig) { g.vector(3, far(1, 99, 10)) }, nil},
		{"from one that it can't talk to", func(g *rig) { g.hello(3, 2); g.vector(3, far(7, 1, 10)) }, nil},
		{"from one that it could not yet talk to", func(g *rig) { g.hello(3, 2); g.vector(3, far(7, 1, 10)); g.hello(3, 3, 1) },
			[]string{"n007 over n003 40ms #1"}},
		{"from a stranger", func(g *rig) { g.vector(4, far(7, 1, 10)) }, nil},
		{"retracted", func(g *rig) { g.vector(3, far(7, 1, 10)); g.vector(3, far(7, 0, unreachable)) },
			[]string{"n007 over n003 40ms #1", "n007 lost"}},
		{"of two, one retracted", func(g *rig) {
			g.vector(3, far(7, 1, 10))
			g.vector(5, far(7, 1, 30))
			g.vector(3, far(7, 0, unreachable))
		}, []string{"n007 over n003 40ms #1", "n007 over n005 80ms #1"}},
		{"of two, one retracted, the other as far as this node said it is", func(g *rig) {
			g.vector(3, far(7, 1, 10))
			g.vector(5, far(7, 1, 40))
			g.vector(3, far(7, 0, unreachable))
		}, []string{"n007 over n003 40ms #1", "n007 lost"}},
		{"as far, but newer", func(g *rig) {
			g.vector(3, far(7, 1, 10))
			g.vector(5, far(7, 2, 40))
			g.vector(3, far(7, 0, unreachable))
		}, []string{"n007 over n003 40ms #1", "n007 over n005 90ms #2"}},
		{"as near, but older", func(g *rig) {
			g.vector(3, far(7, 2, 10))
			g.vector(3, far(7, 0, unreachable))
			g.vector(2, far(7, 1, 0))
		},
			[]string{"n007 over n003 40ms #2", "n007 lost"}},
		{"farther than this node was once", func(g *rig) { g.vector(3, far(7, 1, 10)); g.vector(3, far(7, 1, 40)) },
			[]string{"n007 over n003 40ms #1", "n007 lost"}},
		{"farther, but nearer than that", func(g *rig) { g.vector(3, far(7, 1, 10)); g.vector(3, far(7, 1, 39)) },
			[]string{"n007 over n003 40ms #1", "n007 over n003 69ms #1"}},
		{"that is kept over a crash", func(g *rig) {
			g.vector(3, far(7, 1, 10))
			g.start(2)
			g.meet(2, 3, 5)
			g.vector(5, far(7, 1, 40))
			g.vector(2, far(7, 1, 39))
		}, []string{"n007 over n002 59ms #1"}},
		{"a newer number is no news of the route", func(g *rig) { g.vector(3, far(7, 1, 10)); g.vector(3, far(7, 2, 10)) },
			[]string{"n007 over n003 40ms #1"}},
		{"a link goes down", func(g *rig) { g.vector(3, far(7, 1, 10)); g.vector(5, far(7, 1, 10)); g.link(NeighbourDown, 3) },
			[]string{"n007 over n003 40ms #1", "n007 over n005 60ms #1"}},
		{"and what was said over it is forgotten", func(g *rig) {
			g.vector(3, far(7, 1, 10))
			g.link(NeighbourDown, 3)
			g.link(NeighbourUp, 3)
			g.hello(3, 2, 1)
		}, []string{"n007 over n003 40ms #1", "n007 lost"}},
		{"another cost", func(g *rig) {
			g.vector(3, far(7, 1, 10))
			g.vector(2, far(7, 1, 30))
			g.tell(Input{Kind: LinkCost, From: 3, Cost: 45 * time.Millisecond})
		}, []string{"n007 over n003 40ms #1", "n007 over n002 50ms #1"}},
		{"a link of no cost costs the least there is", func(g *rig) {
			g.tell(Input{Kind: LinkCost, From: 3})
			g.vector(3, far(7, 1, 10))
		}, []string{"n007 over n003 10.000001ms #1"}},
		{"not repeated, not yet old", func(g *rig) { g.vector(3, far(7, 1, 10)); g.keep(lifetime*rigRefresh-1, 2, 3, 5) },
			[]string{"n007 over n003 40ms #1"}},
		{"not repeated", func(g *rig) { g.vector(3, far(7, 1, 10)); g.keep(lifetime*rigRefresh, 2, 3, 5) },
			[]string{"n007 over n003 40ms #1", "n007 lost"}},
		{"repeated", func(g *rig) {
			g.vector(3, far(7, 1, 10))
			g.keep(lifetime*rigRefresh-1, 2, 3, 5)
			g.vector(3, far(7, 1, 10))
			g.keep(lifetime*rigRefresh-1, 2, 3, 5)
		}, []string{"n007 over n003 40ms #1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t, NewDistanceVector(rigConfig(), &Stable{}))
			g.start(1)
			g.meet(2, 3, 5)
			c.story(g)
			assert.Equal(t, c.want, g.routes)
		})
	}
}

// What node 1 tells of distances, and to whom.
func TestDistanceVectorMessages(t *testing.T) {
	const (
		own   = `{"destination":"n001","metric_ns":0,"seqno":1}`
		seven = `{"destination":"n007","metric_ns":40000000,"seqno":1}`
		lost  = `{"destination":"n007","seqno":0}`
	)
	say := func(to, entries string) string { return to + ` {"routes":[` + entries + `]}` }
	for _, c := range []struct {
		name  string
		story func(*rig)
		want  []string
	}{
		{"itself, to a new neighbour", func(g *rig) { g.hello(2, 1, 1) }, []string{say("n002", own)}},
		{"everything, to a new neighbour only", func(g *rig) { g.meet(3); g.vector(3, far(7, 1, 10), far(8, 1, 10)); g.forget(); g.hello(2, 1, 1) },
			[]string{say("n002", own+","+seven+`,{"destination":"n008","metric_ns":40000000,"seqno":1}`)}},
		{"a change, once things have settled, back to whom it came from too", func(g *rig) { g.meet(2, 3); g.vector(3, far(7, 1, 10)); g.settle() },
			[]string{say("n002 n003", seven)}},
		{"not before", func(g *rig) { g.meet(2, 3); g.vector(3, far(7, 1, 10)) }, nil},
		{"changes that come together cost one message, of how things are in the end", func(g *rig) {
			g.meet(2, 3)
			g.vector(3, far(7, 1, 1))
			g.vector(3, far(8, 1, 10))
			g.vector(3, far(8, 0, unreachable))
			g.vector(3, far(7, 1, 10))
			g.settle()
		}, []string{say("n002 n003", seven+`,{"destination":"n008","seqno":0}`)}},
		{"only once", func(g *rig) { g.meet(2, 3); g.vector(3, far(7, 1, 10)); g.settle(); g.forget(); g.settle() }, nil},
		{"a newer number", func(g *rig) {
			g.meet(2, 3)
			g.vector(3, far(7, 1, 10))
			g.settle()
			g.forget()
			g.vector(3, far(7, 2, 10))
			g.settle()
		},
			[]string{say("n002 n003", `{"destination":"n007","metric_ns":40000000,"seqno":2}`)}},
		{"a retraction", func(g *rig) {
			g.meet(2, 3)
			g.vector(3, far(7, 1, 10))
			g.settle()
			g.forget()
			g.vector(3, far(7, 0, unreachable))
			g.settle()
		}, []string{say("n002 n003", lost)}},
		{"that nothing is known of a destination is not told", func(g *rig) { g.meet(2); g.keep(rigRefresh, 2) }, []string{say("n002", own)}},
		{"everything from time to time", func(g *rig) {
			g.meet(2, 3)
			g.vector(3, far(7, 1, 10))
			g.settle()
			g.forget()
			g.keep(2*rigRefresh, 2, 3)
		},
			[]string{say("n002 n003", own+","+seven), say("n002 n003", own+","+seven)}},
		{"its number is kept over a crash, its routes are not", func(g *rig) {
			g.meet(2, 3)
			g.request(3, 1, 2)
			g.vector(3, far(7, 1, 10))
			g.settle()
			g.start(2)
			g.forget()
			g.hello(2, 9, 1)
		}, []string{say("n002", `{"destination":"n001","metric_ns":0,"seqno":2}`)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t, NewDistanceVector(rigConfig(), &Stable{}))
			g.start(1)
			c.story(g)
			assert.Equal(t, c.want, g.saidOf(typeDistanceVector))
		})
	}
}

// Long vectors come in several messages, which together tell of each destination once.
func TestVectorsAreSplit(t *testing.T) {
	for nodes := 2; nodes < 4*perMessage; nodes++ {
		c := RoutingConfig{
			Self: 1, Names: keysOf(nodes), Neighbours: []sim.NodeID{0}, Costs: []time.Duration{time.Millisecond},
			Hello: rigHello, Advertise: rigHello,
		}
		d := NewDistanceVector(c, &Stable{})
		for to := range d.routes {
			d.routes[to].place = 0
		}
		cfg := config(t, 1, nodes, 0)
		r := newRouter(t, cfg)
		r.author = NewAuthor(cfg.Identity, sim.Stream{}, keysOf(nodes))
		var out Outbox
		d.sayAll(&Context{router: r, out: &out}, []sim.NodeID{0})
		require.Len(t, out.Acts, (nodes+perMessage-1)/perMessage)
		told := 0
		for _, a := range out.Acts {
			for _, e := range a.Envelope.Payload.(*vectorPayload).entries {
				require.EqualValues(t, told, e.destination)
				told++
			}
		}
		require.Equal(t, nodes, told)
	}
}

// Requests: who asks, who answers, who passes them on.
func TestSeqnoRequests(t *testing.T) {
	const seven = `{"destination":"n007","seqno":2}`
	starved := func(g *rig) { // what is left is no nearer than this node was
		g.vector(3, far(7, 1, 10))
		g.vector(5, far(7, 1, 40))
		g.settle()
		g.vector(3, far(7, 0, unreachable))
	}
	for _, c := range []struct {
		name  string
		story func(*rig)
		want  []string
	}{
		{"only infeasible ones left", func(g *rig) { starved(g); g.settle() }, []string{"n002 n003 n005 " + seven}},
		{"again at every tick", func(g *rig) { starved(g); g.settle(); g.keep(2, 2, 3, 5) },
			[]string{"n002 n003 n005 " + seven, "n002 n003 n005 " + seven, "n002 n003 n005 " + seven}},
		{"not after it helped", func(g *rig) { starved(g); g.settle(); g.forget(); g.vector(5, far(7, 2, 40)); g.keep(2, 2, 3, 5) }, nil},
		{"not when none is left", func(g *rig) { g.vector(3, far(7, 1, 10)); g.vector(3, far(7, 0, unreachable)); g.settle(); g.ticks(1) }, nil},
		{"not when a feasible one is left", func(g *rig) {
			g.vector(5, far(7, 1, 39))
			starved(g)
			g.vector(5, far(7, 1, 39))
			g.settle()
			g.ticks(1)
		}, nil},
		{"only infeasible ones are shorter", func(g *rig) {
			starved(g)
			g.vector(2, far(7, 1, 40)) // 60 ms
			g.vector(5, far(7, 1, 39)) // 89 ms, in use
			g.settle()
		}, []string{"n002 n003 n005 " + seven}},
		{"an infeasible one is shorter, but older", func(g *rig) {
			starved(g)
			g.vector(2, far(7, 1, 40)) // 60 ms
			g.vector(5, far(7, 2, 39)) // 89 ms, in use
			g.settle()
			g.ticks(1)
		}, nil},
		{"an infeasible one is as long", func(g *rig) {
			starved(g)
			g.vector(2, far(7, 1, 69)) // 89 ms
			g.vector(5, far(7, 1, 39)) // 89 ms, in use
			g.settle()
			g.ticks(1)
		}, nil},
		{"passed on, but not back", func(g *rig) { g.request(3, 7, 2) }, []string{"n002 n005 " + seven}},
		{"passed on once", func(g *rig) { g.request(3, 7, 2); g.forget(); g.request(5, 7, 2) }, nil},
		{"passed on once, an older one not at all", func(g *rig) { g.request(3, 7, 2); g.forget(); g.request(5, 7, 1) }, nil},
		{"a newer one too", func(g *rig) { g.request(3, 7, 1); g.forget(); g.request(5, 7, 2) }, []string{"n002 n003 " + seven}},
		{"once in a tick", func(g *rig) { g.request(3, 7, 2); g.keep(1, 2, 3, 5); g.forget(); g.request(5, 7, 2) }, []string{"n002 n003 " + seven}},
		{"one that was passed on is not asked again", func(g *rig) { g.request(3, 7, 2); g.forget(); starved(g); g.settle() }, nil},
		{"passed on by one whose route is older", func(g *rig) { g.vector(5, far(7, 1, 40)); g.request(3, 7, 2) }, []string{"n002 n005 " + seven}},
		{"answered by one whose route is as new", func(g *rig) { g.vector(5, far(7, 2, 40)); g.request(3, 7, 2) }, nil},
		{"answered by the destination", func(g *rig) { g.request(3, 1, 2) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t, NewDistanceVector(rigConfig(), &Stable{}))
			g.start(1)
			g.meet(2, 3, 5)
			c.story(g)
			assert.Equal(t, c.want, g.saidOf(typeSeqnoRequest))
		})
	}
}

// What an answer to a request says, to all neighbours.
func TestAnswersToRequests(t *testing.T) {
	own := func(seqno string) []string {
		return []string{`n002 n003 n005 {"routes":[{"destination":"n001","metric_ns":0,"seqno":` + seqno + `}]}`}
	}
	for _, c := range []struct {
		name  string
		story func(*rig)
		want  []string
	}{
		{"the destination raises its number", func(g *rig) { g.request(3, 1, 2) }, own("2")},
		{"by one, whatever is asked for", func(g *rig) { g.request(3, 1, 9) }, own("2")},
		{"once for all who ask", func(g *rig) { g.request(3, 1, 2); g.request(5, 1, 2) }, own("2")},
		{"not when it is as high", func(g *rig) { g.request(3, 1, 1) }, own("1")},
		{"one whose route is as new tells it", func(g *rig) { g.vector(5, far(7, 2, 40)); g.settle(); g.forget(); g.request(3, 7, 2) },
			[]string{`n002 n003 n005 {"routes":[{"destination":"n007","metric_ns":90000000,"seqno":2}]}`}},
		{"one whose route is older does not", func(g *rig) { g.vector(5, far(7, 2, 40)); g.settle(); g.forget(); g.request(3, 7, 3) }, nil},
		{"nor one that has lost it", func(g *rig) {
			g.vector(5, far(7, 2, 40))
			g.vector(5, far(7, 0, unreachable))
			g.settle()
			g.forget()
			g.request(3, 7, 2)
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t, NewDistanceVector(rigConfig(), &Stable{}))
			g.start(1)
			g.meet(2, 3, 5)
			c.story(g)
			g.settle()
			assert.Equal(t, c.want, g.saidOf(typeDistanceVector))
		})
	}
}

// After a crash that lost the state, number and feasibility distances are still there.
func TestStableSurvives(t *testing.T) {
	var stable Stable
	g := newRig(t, NewDistanceVector(rigConfig(), &stable))
	g.start(1)
	g.meet(2, 3, 5)
	g.vector(3, far(7, 4, 10))
	g.request(2, 1, 2)

	g = newRig(t, NewDistanceVector(rigConfig(), &stable))
	g.start(2)
	g.meet(2, 3, 5)
	assert.EqualValues(t, 2, stable.seqno)
	g.vector(5, far(7, 4, 40))
	assert.Empty(t, g.routes, "as far as the route that others may still have from it")
	g.settle()
	assert.Equal(t, []string{`n002 n003 n005 {"destination":"n007","seqno":5}`}, g.saidOf(typeSeqnoRequest))
	g.vector(2, far(7, 4, 39))
	assert.Equal(t, []string{"n007 over n002 59ms #4"}, g.routes)
}
