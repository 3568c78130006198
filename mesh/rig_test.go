package mesh

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// rig is node 1 of 10 with one protocol, its neighbours 2, 3 and 5, and a test that
// plays all of these. The links to them cost 20, 30 and 50 ms.
type rig struct {
	t      *testing.T
	router *Router
	gate   blocked
	at     clock.Time
	sent   uint64   // envelopes that others sent
	said   []string // since it was forgotten, what was sent, as "n002 n003 TYPE JSON"
	routes []string // likewise what was told of routes, as "n007 over n002 40ms #1"
	wakes  []Act    // likewise
}

const (
	rigHello   = 100 * time.Millisecond
	rigRefresh = 5 // ticks between two full advertisements
)

func rigConfig() RoutingConfig {
	return RoutingConfig{
		Self: 1, Names: keysOf(10), Neighbours: []sim.NodeID{2, 3, 5},
		Costs: []time.Duration{20 * time.Millisecond, 30 * time.Millisecond, 50 * time.Millisecond},
		Hello: rigHello, Advertise: rigRefresh * rigHello, Chance: sim.Seed(1).Stream("node/n001/hello"),
	}
}

// newRig returns the node just before its first start.
func newRig(t *testing.T, p Protocol) *rig {
	g := &rig{t: t}
	cfg := config(t, 1, 10, 2, 3, 5)
	cfg.Protocols, cfg.Gate = []Protocol{p}, &g.gate
	cfg.Author = NewAuthor(cfg.Identity, sim.Seed(1).Stream("envelope/id"), keysOf(10))
	g.router = newRouter(t, cfg)
	return g
}

func (g *rig) tell(in Input) {
	var out Outbox
	g.router.Step(g.at, &in, &out)
	for _, a := range out.Acts {
		switch a.Kind {
		case ActSend:
			e := a.Envelope
			require.True(g.t, e.Control && e.Broadcast() && g.router.keyring.Verify(e))
			require.Equal(g.t, int64(len(e.Payload.AppendJSON(nil))), e.Size)
			names := make([]string, len(a.To))
			for i, to := range a.To {
				names[i] = keysOf(10)[to]
			}
			g.said = append(g.said, fmt.Sprintf("%s %s %s", strings.Join(names, " "), e.Type, e.Payload.AppendJSON(nil)))
		case ActTell:
			g.routes = append(g.routes, routeInWords(&out.Facts[a.Tag]))
		case ActWake:
			g.wakes = append(g.wakes, a)
		}
	}
}

func routeInWords(e *trace.Event) string {
	if e.Next == sim.NoNode {
		return keysOf(10)[e.Destination] + " lost"
	}
	return fmt.Sprintf("%s over %s %v #%d", keysOf(10)[e.Destination], keysOf(10)[e.Next], time.Duration(e.Metric), e.Seqno)
}

func (g *rig) start(incarnation uint64) {
	g.tell(Input{Kind: Start, From: sim.NoNode, Tag: incarnation})
}
func (g *rig) settle() { g.tell(Input{Kind: Timer, Tag: tagSettle}) }

func (g *rig) ticks(n int) {
	for range n {
		g.tell(Input{Kind: Timer, Tag: tagTick})
	}
}

func (g *rig) link(kind InputKind, to sim.NodeID) { g.tell(Input{Kind: kind, From: to}) }

// hear has a message come from a node, and says what became of it.
func (g *rig) hear(from sim.NodeID, typ string, p SealedPayload) {
	g.sent++
	e := &Envelope{
		ID: idOf(g.sent), Type: typ, Origin: from, Destination: sim.Everyone, Hops: []sim.NodeID{1},
		Payload: p, Size: p.Size(), Control: true,
	}
	identity(10, from).Sign(e)
	g.tell(Input{Kind: Arrive, Envelope: e, From: from})
}

// hello has a neighbour say that it hears the given nodes.
func (g *rig) hello(from sim.NodeID, seqno uint64, heard ...sim.NodeID) {
	p := &helloPayload{names: keysOf(10), seqno: seqno, heard: heard}
	p.set(p, nil)
	g.hear(from, typeHello, p)
}

// meet makes neighbours adjacent, and forgets what was done for that.
func (g *rig) meet(neighbours ...sim.NodeID) {
	for _, n := range neighbours {
		g.hello(n, 1, 1)
	}
	g.settle()
	g.forget()
}

// keep has neighbours stay adjacent while time goes by.
func (g *rig) keep(ticks int, neighbours ...sim.NodeID) {
	for range ticks {
		for _, n := range neighbours {
			g.sent++
			g.hello(n, 1<<20+g.sent, 1)
		}
		g.ticks(1)
	}
}

func (g *rig) forget() { g.said, g.routes, g.wakes = nil, nil, nil }

// saidOf are the messages of a type that were sent, without the type.
func (g *rig) saidOf(typ string) []string {
	var of []string
	for _, s := range g.said {
		if to, json, ok := strings.Cut(s, " "+typ+" "); ok {
			of = append(of, to+" "+json)
		}
	}
	return of
}
