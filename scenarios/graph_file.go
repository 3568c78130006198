package scenarios

import "meshsim/netmodel"

var linkColumns = []column{
	{"source", true}, {"target", true}, {"latency", false}, {"loss", false}, {"bandwidth", false}, {"queue", false}, {"direction", false},
}

func (k LinkFile) file() string { return k.Path }

// draw reads the links of a CSV file. Nodes are numbered as they are met; those
// that only [[node]] has come last, without links.
func (k LinkFile) draw(g *grapher) {
	lines := map[[2]int]int{} // where a direction was given first
	g.s.eachRow(g.report, "topology.path", k.Path, linkColumns, func(row *csvRow) { g.fileRow(row, lines) })
	for _, node := range g.s.Nodes {
		g.addNode(node.ID)
	}
	if len(g.ids) > maxNodes {
		g.report.add("topology.path", k.Path, "has %d nodes; allowed: %d", len(g.ids), maxNodes)
	}
	if len(g.links) > 2*netmodel.MaxPairs {
		g.report.add("topology.path", k.Path, "has %d links; allowed: %d", len(g.links), 2*netmodel.MaxPairs)
	}
}

// fileRow reads one link. A self-loop is dropped, and of parallel links the one
// with the least latency stays.
func (g *grapher) fileRow(row *csvRow, lines map[[2]int]int) {
	d := draft{spec: g.s.Link, entry: -1, place: "link"}
	source, target := row.id("source"), row.id("target")
	if cell(row, "latency", &d.spec.Latency) {
		d.place, d.timed = "", true
		if d.spec.Latency.Min == 0 && !d.spec.ZeroLatency {
			row.problem("latency", "must be above 0; allowed: at least 1ns, or zero_latency = true in [link]")
		}
	}
	cell(row, "loss", &d.spec.Loss)
	cell(row, "bandwidth", &d.spec.Bandwidth)
	cell(row, "queue", &d.spec.Queue)
	both := true
	switch direction := row.text("direction"); direction {
	case "", "both":
	case "forward":
		both = false
	default:
		words := []string{"both", "forward"}
		row.problem("direction", "is not known; allowed: both forward%s", suggest(direction, words))
	}
	switch {
	case row.bad:
		return
	case source == target:
		row.warning("target", "is the source; the link is dropped")
		g.addNode(source)
		return
	}
	d.ends = [2]int{g.addNode(source), g.addNode(target)}
	first := g.merge(row, d, lines)
	if both {
		d.ends = [2]int{d.ends[1], d.ends[0]}
		first = max(first, g.merge(row, d, lines))
	}
	if first > 0 {
		row.warning("target", "%s and %s are also linked in line %d; the least latency stays", source, target, first)
	}
}

// merge adds a direction unless a quicker one is there. It returns the line that
// gave the direction first, or 0 when this one did.
func (g *grapher) merge(row *csvRow, d draft, lines map[[2]int]int) (first int) {
	at, known := g.byEnds[d.ends]
	if !known {
		lines[d.ends] = row.line
		g.put(d)
		return 0
	}
	quicker := d.spec.Latency.mean() < g.links[at].spec.Latency.mean()
	if g.s.Link.Geo && d.timed != g.links[at].timed {
		quicker = d.timed // the other's latency is not known yet
	}
	if quicker {
		g.put(d)
	}
	return lines[d.ends]
}

// mean is the mean latency, rounded half up, as routing has it.
func (l Latency) mean() Duration { return l.Min + (l.Max-l.Min+1)/2 }
