package scenarios

import (
	"cmp"
	"fmt"
	"math"
	"strconv"

	"meshsim/netmodel"
)

// Random reports whether the links are drawn from the seed.
func (t Topology) Random() bool {
	switch t.Kind.(type) {
	case Random, Geometric, SmallWorld, ScaleFree:
		return true
	}
	return false
}

// drawing is one random kind, ready to be drawn.
type drawing struct {
	nodes     int64
	key       string // that decides on whether the graph is connected
	value     any
	connected *bool
	steps     int64  // about how many one attempt takes
	hint      string // what else to set, if no attempt was connected
	draw      func(c netmodel.Chance, attempt uint64) ([]netmodel.Pair, error)
}

// random names the nodes, whose keys are in the draws, and draws their links: once,
// or until they are connected.
func (g *grapher) random(d drawing) {
	g.name(d.nodes)
	if g.unsureChance() {
		g.linksOpen = true
		return
	}
	chance := netmodel.Chance{Seed: g.s.Seed, Keys: g.keys()[:d.nodes]}
	draw := func(attempt uint64) ([]netmodel.Pair, error) { return d.draw(chance, attempt) }
	if d.connected != nil && !*d.connected {
		pairs, err := draw(0)
		g.drawn(d, pairs, err)
		return
	}
	attempts := netmodel.Attempts(d.steps)
	pairs, found, err := netmodel.Redraw(int(d.nodes), attempts, draw)
	if err == nil && !found {
		// A share of which so many draws find none but once in twenty times.
		share := 1 - math.Pow(0.05, 1/float64(attempts))
		err = fmt.Errorf("none of %d graphs drawn was connected, so most likely fewer than %s are; allowed: %s, or connected = false", attempts, percent(share), d.hint)
	}
	g.drawn(d, pairs, err)
}

// drawn takes the links over, or reports why there are none.
func (g *grapher) drawn(d drawing, pairs []netmodel.Pair, err error) {
	if err != nil {
		g.report.add("topology."+d.key, d.value, "%v", err)
		g.linksOpen = true
		return
	}
	g.join(pairs)
}

// refuse reports a key of the topology that leaves nodes without their links.
func (g *grapher) refuse(nodes int64, key string, value any, format string, args ...any) {
	g.name(nodes)
	g.report.add("topology."+key, value, format, args...)
	g.linksOpen = true
}

// unsureChance reports whether a problem leaves unsure what is drawn.
func (g *grapher) unsureChance() bool {
	if g.touches("seed") {
		return true
	}
	for i := range g.s.Nodes {
		if g.touches(elementPath("node", i) + ".key") {
			return true
		}
	}
	return false
}

// keys are those of the nodes by position.
func (g *grapher) keys() []string {
	keys := append([]string(nil), g.ids...)
	for _, n := range g.s.Nodes {
		keys[g.positions[n.ID]] = cmp.Or(n.Key, n.ID)
	}
	return keys
}

// percent shows a share in three digits.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'g', 3, 64) + "%" }

func (k Random) draw(g *grapher) {
	if k.P == 0 && k.Nodes > 1 && (k.Connected == nil || *k.Connected) {
		g.refuse(k.Nodes, "p", k.P, "links no nodes, so they can't be connected; allowed: above 0%%, or connected = false")
		return
	}
	// P(connected) is about exp(−e^−c) for p = (ln n + c)/n: 95 % for c = 3.
	enough := min(1, (math.Log(float64(k.Nodes))+3)/float64(k.Nodes))
	g.random(drawing{
		nodes: k.Nodes, key: "p", value: k.P, connected: k.Connected,
		steps: k.Nodes * (k.Nodes - 1) / 2,
		hint:  fmt.Sprintf("a larger p (with %s about 95%% of graphs are connected)", percent(enough)),
		draw: func(c netmodel.Chance, attempt uint64) ([]netmodel.Pair, error) {
			return c.Random(Ratio(k.P), attempt)
		},
	})
}

func (k Geometric) draw(g *grapher) {
	var places []netmodel.Place
	scanned := float64(k.Nodes) * float64(k.Nodes) * min(1, float64(k.Radius)/float64(Side)) / 8
	before := g.report.errors()
	g.random(drawing{
		nodes: k.Nodes, key: "radius", value: k.Radius, connected: k.Connected,
		steps: k.Nodes + int64(scanned),
		hint:  "a larger radius, more nodes",
		draw: func(c netmodel.Chance, attempt uint64) (pairs []netmodel.Pair, err error) {
			places, pairs, err = c.Geometric(int64(k.Radius), attempt)
			return pairs, err
		},
	})
	if g.report.errors() == before {
		for i, place := range places {
			g.places[i] = place
		}
	}
}

func (k SmallWorld) draw(g *grapher) {
	switch {
	case k.K%2 != 0:
		g.refuse(k.Nodes, "k", k.K, "is odd; allowed: an even number, half of them on each side")
		return
	case k.K >= k.Nodes:
		g.refuse(k.Nodes, "k", k.K, "is not below nodes (%d), and no node has as many others", k.Nodes)
		return
	}
	g.random(drawing{
		nodes: k.Nodes, key: "k", value: k.K, connected: k.Connected,
		steps: netmodel.SmallWorldSteps(int(k.Nodes), int(k.K), Ratio(k.Rewire)),
		hint:  "a larger k, a smaller rewire",
		draw: func(c netmodel.Chance, attempt uint64) ([]netmodel.Pair, error) {
			return c.SmallWorld(int(k.K), Ratio(k.Rewire), attempt)
		},
	})
}

func (k ScaleFree) draw(g *grapher) {
	if k.Attach >= k.Nodes {
		g.refuse(k.Nodes, "attach", k.Attach, "is not below nodes (%d), and no node has as many others", k.Nodes)
		return
	}
	g.random(drawing{
		nodes: k.Nodes, key: "attach", value: k.Attach, connected: k.Connected,
		steps: k.Nodes * k.Attach,
		draw: func(c netmodel.Chance, attempt uint64) ([]netmodel.Pair, error) {
			return c.ScaleFree(int(k.Attach), attempt)
		},
	})
}
