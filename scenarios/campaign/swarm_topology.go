package campaign

import (
	"fmt"
	"strings"
	"time"

	"meshsim/scenarios"
)

// topology draws the graph. Half of the scenarios have more than 20 nodes: bugs of
// small graphs are simple, but many show in larger ones only.
func (w *swarm) topology() {
	size := w.of("nodes")
	n := pick(size, size.between(2, 20), size.between(21, mostNodes))
	d := w.of("topology")
	kind := d.word(words("topology.kind"))
	w.graph = w.connected(n)
	if draw := topologies[kind]; draw != nil {
		w.s.Topology.Kind = draw(w, d, int64(n))
	} else { // one that the swarm does not know yet: coverage tells
		w.s.Topology.Kind = scenarios.Ring{Nodes: int64(max(n, 3))}
	}
}

// topologies draws kinds of topology by name.
var topologies = map[string]func(w *swarm, d *draws, n int64) scenarios.TopologyKind{
	"line": func(_ *swarm, _ *draws, n int64) scenarios.TopologyKind { return scenarios.Line{Nodes: n} },
	"ring": func(_ *swarm, _ *draws, n int64) scenarios.TopologyKind { return scenarios.Ring{Nodes: max(n, 3)} },
	"star": func(_ *swarm, _ *draws, n int64) scenarios.TopologyKind { return scenarios.Star{Nodes: n} },
	"full": func(_ *swarm, _ *draws, n int64) scenarios.TopologyKind { return scenarios.Full{Nodes: min(n, 24)} },
	"grid": func(_ *swarm, d *draws, n int64) scenarios.TopologyKind {
		rows := int64(d.between(1, 6))
		return scenarios.Grid{Rows: rows, Columns: max(2, n/rows)}
	},
	"torus": func(_ *swarm, d *draws, n int64) scenarios.TopologyKind {
		rows := int64(d.between(3, 6))
		return scenarios.Torus{Rows: rows, Columns: max(3, n/rows)}
	},
	"tree": func(_ *swarm, d *draws, n int64) scenarios.TopologyKind {
		return scenarios.Tree{Nodes: n, Branching: int64(d.between(1, 4))}
	},
	"random": func(_ *swarm, d *draws, n int64) scenarios.TopologyKind {
		// 6/n is above ln n/n up to 50 nodes, so that a few draws are connected.
		return scenarios.Random{Nodes: n, P: scenarios.Probability(min(1_000_000_000, 6_000_000_000/n)), Connected: maybeConnected(d)}
	},
	"geometric": func(_ *swarm, d *draws, n int64) scenarios.TopologyKind {
		radius := scenarios.Side * scenarios.Length(d.between(30, 50)) / 100
		if n <= 20 {
			radius = scenarios.Side * scenarios.Length(d.between(50, 80)) / 100
		}
		return scenarios.Geometric{Nodes: n, Radius: radius, Connected: maybeConnected(d)}
	},
	"small_world": func(_ *swarm, d *draws, n int64) scenarios.TopologyKind {
		return scenarios.SmallWorld{Nodes: max(n, 7), K: int64(pick(d, 2, 4, 6)), Rewire: scenarios.Probability(d.share(0, 300)), Connected: maybeConnected(d)}
	},
	"scale_free": func(_ *swarm, d *draws, n int64) scenarios.TopologyKind {
		return scenarios.ScaleFree{Nodes: n, Attach: int64(d.between(1, min(3, int(n)-1))), Connected: maybeConnected(d)}
	},
	"links": func(w *swarm, _ *draws, n int64) scenarios.TopologyKind {
		for _, p := range w.graph.pairs {
			w.s.Links = append(w.s.Links, scenarios.Links{Between: []string{id(p[0]), id(p[1])}})
		}
		return scenarios.OwnLinks{Nodes: n}
	},
	"file": func(w *swarm, d *draws, _ int64) scenarios.TopologyKind {
		name := "mesh." + pick(d, "csv", "dot", "gml", "json", "graphml")
		w.s.Embed(name, []byte(w.graph.file(name)))
		return scenarios.LinkFile{Path: name}
	},
	"contacts": func(w *swarm, d *draws, _ int64) scenarios.TopologyKind {
		w.s.Embed("plan.csv", []byte(w.graph.plan(d, w.s.Duration)))
		return scenarios.ContactPlan{Path: "plan.csv"}
	},
}

func maybeConnected(d *draws) *bool {
	return pick(d, nil, new(false), new(true))
}

// graph is a connected graph over nodes n0 … n(nodes−1).
type graph struct {
	nodes int
	pairs [][2]int // each once
}

// id is the id of node i.
func id(i int) string { return fmt.Sprintf("n%d", i) }

// connected draws a random tree and further links.
func (w *swarm) connected(n int) graph {
	d, g, seen := w.of("graph"), graph{nodes: n}, map[[2]int]bool{}
	link := func(a, b int) {
		if pair := [2]int{min(a, b), max(a, b)}; a != b && !seen[pair] {
			seen[pair] = true
			g.pairs = append(g.pairs, pair)
		}
	}
	for i := 1; i < n; i++ {
		link(i, d.below(i))
	}
	for range d.below(n + 1) {
		link(d.below(n), d.below(n))
	}
	return g
}

// file is the graph in the format that the name's extension says.
func (g graph) file(name string) string {
	var b strings.Builder
	_, format, _ := strings.Cut(name, ".")
	f := fileForms[format]
	b.WriteString(f.head)
	if f.node != "" {
		for i := range g.nodes {
			fmt.Fprintf(&b, f.node, i)
			if f.between != "" && i < g.nodes-1 {
				b.WriteString(f.between)
			}
		}
	}
	b.WriteString(f.middle)
	for i, p := range g.pairs {
		fmt.Fprintf(&b, f.edge, p[0], p[1])
		if f.between != "" && i < len(g.pairs)-1 {
			b.WriteString(f.between)
		}
	}
	return b.String() + f.foot
}

// fileForms are the least that each format needs.
var fileForms = map[string]struct{ head, node, middle, edge, between, foot string }{
	"csv":     {head: "source,target\n", edge: "n%d,n%d\n"},
	"dot":     {head: "graph {\n", node: "n%d;\n", edge: "n%d -- n%d;\n", foot: "}\n"},
	"gml":     {head: "graph [\n", node: "node [ id %d ]\n", edge: "edge [ source %d target %d ]\n", foot: "]\n"},
	"json":    {head: `{"nodes":[`, node: `{"id":"n%d"}`, middle: `],"links":[`, edge: `{"a":"n%d","b":"n%d","latency_us":1500}`, between: ",", foot: "]}\n"},
	"graphml": {head: `<graphml><graph edgedefault="undirected">`, node: `<node id="n%d"/>`, edge: `<edge source="n%d" target="n%d"/>`, foot: "</graph></graphml>\n"},
}

// plan is a contact plan in which every link has up to three contacts, the first
// ones from the start on in half of the cases.
func (g graph) plan(d *draws, end time.Duration) string {
	var b strings.Builder
	b.WriteString("source,target,start,end\n")
	for _, p := range g.pairs {
		t := d.span(0, end/4)
		if d.hit(50) {
			t = 0
		}
		for range d.between(1, 3) {
			until := t + d.span(end/10, end/2)
			fmt.Fprintf(&b, "n%d,n%d,%dns,%dns\n", p[0], p[1], t, until)
			t = until + d.span(end/50, end/4)
		}
	}
	return b.String()
}
