package mesh

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"meshsim/sim"
	"meshsim/trace"
)

// advertOf is an advert of links that cost 10 ms each, as old as so many hellos.
func advertOf(origin sim.NodeID, seqno uint64, age int, links ...sim.NodeID) *advertPayload {
	a := &advert{names: keysOf(10), origin: origin, seqno: seqno}
	for _, to := range links {
		a.links = append(a.links, adjacency{to, 10 * time.Millisecond})
	}
	p := &advertPayload{advert: a, age: time.Duration(age) * rigHello}
	p.set(p, nil)
	return p
}

func (g *rig) advert(from, origin sim.NodeID, seqno uint64, age int, links ...sim.NodeID) {
	g.hear(from, typeLinkState, advertOf(origin, seqno, age, links...))
}

// What node 1 sends as link state, and to whom, when 2, 3 and 5 are adjacent and all
// that was said before is forgotten.
func TestLinkStateFlooding(t *testing.T) {
	const seven = `{"age_ns":0,"links":[{"cost_ns":10000000,"to":"n008"}],"origin":"n007","seqno":4}`
	for _, c := range []struct {
		name  string
		story func(*rig)
		want  []string
	}{
		{"what is new goes on, but not back", func(g *rig) { g.advert(3, 7, 4, 0, 8) }, []string{"n002 n005 " + seven}},
		{"as new: not again", func(g *rig) { g.advert(3, 7, 4, 0, 8); g.forget(); g.advert(2, 7, 4, 0, 8) }, nil},
		{"older: not at all", func(g *rig) { g.advert(3, 7, 5, 0, 8); g.forget(); g.advert(2, 7, 4, 0, 8) }, nil},
		{"newer", func(g *rig) { g.advert(3, 7, 3, 0, 8); g.forget(); g.advert(2, 7, 4, 0, 8) }, []string{"n003 n005 " + seven}},
		{"newer, though all else is the same", func(g *rig) { g.advert(3, 7, 3, 0, 8); g.settle(); g.forget(); g.advert(2, 7, 4, 0, 8) }, []string{"n003 n005 " + seven}},
		{"of another origin", func(g *rig) { g.advert(3, 8, 9, 0, 7); g.forget(); g.advert(3, 7, 4, 0, 8) }, []string{"n002 n005 " + seven}},
		{"not to whom it can't talk", func(g *rig) { g.hello(5, 2); g.forget(); g.advert(3, 7, 4, 0, 8) }, []string{"n002 " + seven}},
		{"its own comes back", func(g *rig) { g.advert(3, 1, 1<<60, 0, 8) }, nil},
		{"as old as is forgotten", func(g *rig) { g.advert(3, 7, 4, lifetime*rigRefresh, 8) }, nil},
		{"a tick younger, with its age", func(g *rig) { g.advert(3, 7, 4, lifetime*rigRefresh-1, 8) },
			[]string{`n002 n005 {"age_ns":1900000000,"links":[{"cost_ns":10000000,"to":"n008"}],"origin":"n007","seqno":4}`}},
		{"forgotten, an older one is new again", func(g *rig) { g.advert(3, 7, 5, 18, 8); g.keep(2, 2, 3, 5); g.forget(); g.advert(3, 7, 4, 0, 8) },
			[]string{"n002 n005 " + seven}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t, NewLinkState(rigConfig()))
			g.meet(2, 3, 5)
			c.story(g)
			assert.Equal(t, c.want, g.saidOf(typeLinkState))
		})
	}
}

// When a node speaks of itself, and of others to a new neighbour.
func TestLinkStateAdverts(t *testing.T) {
	const (
		two   = `{"cost_ns":20000000,"to":"n002"}`
		three = `{"cost_ns":30000000,"to":"n003"}`
	)
	own := func(links, seqno string) string {
		return `{"age_ns":0,"links":[` + links + `],"origin":"n001","seqno":` + seqno + `}`
	}
	for _, c := range []struct {
		name  string
		story func(*rig)
		want  []string
	}{
		{"a new neighbour, once things have settled", func(g *rig) { g.hello(2, 1, 1); g.settle() }, []string{"n002 " + own(two, "1")}},
		{"not before", func(g *rig) { g.hello(2, 1, 1) }, nil},
		{"two at once are one advert, and the later one is told what was known", func(g *rig) { g.hello(2, 1, 1); g.hello(3, 1, 1); g.settle() },
			[]string{"n002 n003 " + own(two+","+three, "1")}},
		{"a neighbour gone", func(g *rig) { g.meet(2, 3); g.hello(3, 2); g.settle() }, []string{"n002 " + own(two, "2")}},
		{"the last one gone", func(g *rig) { g.meet(2); g.hello(2, 2); g.settle() }, nil},
		{"another cost of a link", func(g *rig) {
			g.meet(2, 3)
			g.tell(Input{Kind: LinkCost, From: 3, Cost: 7})
			g.settle()
		}, []string{"n002 n003 " + own(two+`,{"cost_ns":7,"to":"n003"}`, "2")}},
		{"nothing changed, not yet time", func(g *rig) { g.meet(2); g.keep(rigRefresh-1, 2) }, nil},
		{"nothing changed, but time", func(g *rig) { g.meet(2); g.keep(rigRefresh, 2) }, []string{"n002 " + own(two, "2")}},
		{"time and time again", func(g *rig) { g.meet(2); g.keep(2*rigRefresh, 2) }, []string{"n002 " + own(two, "2"), "n002 " + own(two, "3")}},
		{"all that is known to a new neighbour, by origin and with its age", func(g *rig) {
			g.meet(2)
			g.advert(2, 9, 1, 3)
			g.advert(2, 0, 5, 0)
			g.keep(2, 2)
			g.forget()
			g.hello(3, 1, 1)
		}, []string{
			`n003 {"age_ns":200000000,"links":[],"origin":"n000","seqno":5}`,
			`n003 {"age_ns":200000000,"links":[` + two + `],"origin":"n001","seqno":1}`,
			`n003 {"age_ns":500000000,"links":[],"origin":"n009","seqno":1}`,
		}},
		{"nothing to an old one", func(g *rig) { g.meet(2); g.advert(2, 9, 1, 3); g.hello(2, 2, 1) }, nil},
		{"a number above all of before a crash, and nothing of what was learnt", func(g *rig) {
			g.start(1)
			g.meet(2)
			g.advert(2, 9, 1, 3)
			g.start(2)
			g.settle()
			g.meet()
			g.hello(2, 2, 1)
			g.settle()
		}, []string{`n002 ` + own("", "8589934593"), `n002 ` + own(two, "8589934594")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t, NewLinkState(rigConfig()))
			c.story(g)
			assert.Equal(t, c.want, g.saidOf(typeLinkState))
		})
	}
}

// The routes that follow from adverts, once things have settled.
func TestLinkStateRoutes(t *testing.T) {
	for _, c := range []struct {
		name  string
		story func(*rig)
		want  []string
	}{
		{"a neighbour that has not said so itself", func(*rig) {}, nil},
		{"a neighbour that says so too", func(g *rig) { g.advert(2, 2, 1, 0, 1) }, []string{"n002 over n002 20ms #0"}},
		{"a link that only the near end advertises", func(g *rig) { g.advert(2, 2, 1, 0, 1, 7); g.advert(2, 7, 1, 0) }, []string{"n002 over n002 20ms #0"}},
		{"a link that only the far end advertises", func(g *rig) { g.advert(2, 2, 1, 0, 1); g.advert(2, 7, 1, 0, 2) }, []string{"n002 over n002 20ms #0"}},
		{"a link that both advertise", func(g *rig) { g.advert(2, 2, 1, 0, 1, 7); g.advert(2, 7, 1, 0, 2) },
			[]string{"n002 over n002 20ms #0", "n007 over n002 30ms #0"}},
		{"the cheaper way, which is not the direct one", func(g *rig) { g.advert(2, 2, 1, 0, 1, 5); g.advert(5, 5, 1, 0, 1, 2) },
			[]string{"n002 over n002 20ms #0", "n005 over n002 30ms #0"}},
		{"of ways that cost the same, that of fewer hops", func(g *rig) { g.advert(2, 2, 1, 0, 1, 3); g.advert(3, 3, 1, 0, 1, 2) },
			[]string{"n002 over n002 20ms #0", "n003 over n003 30ms #0"}},
		{"of ways that cost the same and have as many hops, that over the smaller", func(g *rig) {
			g.tell(Input{Kind: LinkCost, From: 3, Cost: 20 * time.Millisecond})
			g.settle()
			g.advert(3, 3, 1, 0, 1, 7)
			g.advert(2, 2, 1, 0, 1, 7)
			g.advert(3, 7, 1, 0, 2, 3)
		}, []string{"n002 over n002 20ms #0", "n003 over n003 20ms #0", "n007 over n002 30ms #0"}},
		{"a link is gone when one end says so", func(g *rig) {
			g.advert(2, 2, 1, 0, 1, 7)
			g.advert(2, 7, 1, 0, 2)
			g.settle()
			g.forget()
			g.advert(2, 7, 2, 0)
		}, []string{"n007 lost"}},
		{"what is not repeated ages", func(g *rig) {
			g.advert(2, 2, 1, 0, 1)
			g.advert(2, 7, 1, 0, 2)
			g.settle()
			g.forget()
			g.keep(lifetime*rigRefresh-1, 2, 3, 5)
			g.settle()
			assert.Empty(g.t, g.routes)
			g.keep(1, 2, 3, 5)
		}, []string{"n002 lost"}},
		{"what is repeated does not age, though it changed nothing", func(g *rig) {
			g.advert(2, 2, 1, 0, 1)
			g.settle()
			g.forget()
			g.keep(lifetime*rigRefresh-1, 2, 3, 5)
			g.advert(2, 2, 2, 0, 1)
			g.keep(lifetime*rigRefresh-1, 2, 3, 5)
		}, nil},
		{"another cost", func(g *rig) {
			g.advert(2, 2, 1, 0, 1)
			g.settle()
			g.forget()
			g.tell(Input{Kind: LinkCost, From: 2, Cost: time.Millisecond})
			g.settle()
		}, []string{"n002 over n002 1ms #0"}},
		{"nothing is told twice", func(g *rig) { g.advert(2, 2, 1, 0, 1); g.settle(); g.forget(); g.advert(2, 2, 2, 0, 1, 8) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newRig(t, NewLinkState(rigConfig()))
			g.meet(2, 3, 5)
			c.story(g)
			g.settle()
			assert.Equal(t, c.want, g.routes)
		})
	}
}

// An advert lives for four advertisements, all holders taken together: each counts on
// from the age that it was told.
func TestAgeIsCarriedAlong(t *testing.T) {
	for age := range lifetime*rigRefresh + 2 {
		l := NewLinkState(rigConfig())
		g := newRig(t, l)
		g.meet(2, 3, 5)
		g.advert(2, 2, 1, 0, 1, 7)
		g.advert(2, 7, 1, age, 2)
		g.settle()
		ticks := 0
		for routed := true; routed && ticks < 100; ticks++ {
			g.keep(1, 2, 3, 5)
			g.advert(2, 2, uint64(2+ticks), 0, 1, 7)
			g.settle()
			_, routed = l.paths.next(7)
		}
		assert.Equal(t, max(1, lifetime*rigRefresh-age), ticks)
	}
}

// Whoever names an application message as if it were the protocol's has it refused,
// and the protocol does not look at it.
func TestControlTypesBelongToTheirProtocol(t *testing.T) {
	for _, p := range []Protocol{NewLinkState(rigConfig()), NewDistanceVector(rigConfig(), &Stable{})} {
		for _, typ := range p.Types() {
			for _, to := range []sim.NodeID{1, sim.Everyone} {
				for _, payload := range []Payload{nil, RawPayload(`{"seqno":1}`)} {
					g := newRig(t, p)
					e := &Envelope{ID: idOf(1), Type: typ, Origin: 9, Destination: to, Hops: []sim.NodeID{2, 1}, Payload: payload}
					identity(10, 9).Sign(e)
					acts := step(g.router, Input{Kind: Arrive, Envelope: e, From: 2})
					want := []act{dropped(trace.UnknownType)}
					if to == sim.Everyone {
						want = append(want, sent(3, 5)) // for others to judge
					}
					assert.Equal(t, want, acts, "%s to %d", typ, to)
				}
			}
		}
		g := newRig(t, p)
		acts := step(g.router, Input{Kind: Submit, Envelope: &Envelope{ID: idOf(1), Type: typeHello, Origin: 1, Destination: 1}})
		assert.Equal(t, []act{dropped(trace.UnknownType)}, acts)
	}
}
