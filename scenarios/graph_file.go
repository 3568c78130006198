package scenarios

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"meshsim/netmodel"
	"meshsim/scenarios/netfile"
)

var linkColumns = []column{
	{"source", true}, {"target", true}, {"latency", false}, {"loss", false}, {"bandwidth", false}, {"queue", false}, {"direction", false},
}

func (k LinkFile) file() string { return k.Path }

// draw reads the network of a file, whose extension tells its format. Nodes are
// numbered as they are met; those that only [[node]] has come last, without links.
func (k LinkFile) draw(g *grapher) {
	before := g.report.errors()
	extension := strings.ToLower(path.Ext(filepath.ToSlash(k.Path)))
	if format, ok := netfile.FormatOf(extension); ok {
		g.networkFile(k.Path, format)
	} else if extension == ".csv" {
		g.csvFile(k.Path)
	} else {
		g.report.add("topology.path", k.Path, "has no extension that tells its format; allowed: %s", networkExtensions)
	}
	for _, node := range g.s.Nodes {
		g.addNode(node.ID)
	}
	g.boundFile(k.Path, before)
}

const networkExtensions = ".gml .graphml .dot .gv .csv .json"

// csvFile adds the network of a CSV file.
func (g *grapher) csvFile(name string) {
	text, file, ok := g.s.tableText(g.report, "topology.path", name)
	if !ok {
		return
	}
	if isContactPlan(text) {
		g.report.put(Problem{File: file, Line: 1, Key: "topology.path", Value: renderValue(name), Message: contactPlanHint})
		return
	}
	if line, what := beyond(csvLines(text), func([]string) (int, int) { return -1, -1 }, netmodel.MaxDrawn, "links"); line > 0 {
		g.report.put(Problem{File: file, Line: line, Message: what})
		return
	}
	lines := map[[2]int]int{} // where a direction was given first
	eachRowOf(g.report, text, file, linkColumns, func(row *csvRow) bool {
		g.fileRow(row, lines)
		return len(g.ids) <= maxNodes
	})
}

// networkFile adds the network of a file that is no CSV.
func (g *grapher) networkFile(name string, format netfile.Format) {
	if g.touches("files") {
		return // which hold it, or should
	}
	data, file, err := g.s.readTable(name)
	if err != nil {
		g.report.add("topology.path", name, "%v", err)
		return
	}
	network := netfile.Parse(format, data, netfile.Rules{
		CheckID: checkID, Suggest: suggest, MaxNodes: maxNodes, MaxLinks: netmodel.MaxDrawn,
		Latency: int64(g.mean(g.s.Link)), MaxLatency: int64(maxLatency), MaxBandwidth: int64(maxBitRate),
		Report: func(p netfile.Problem) bool {
			if p.Message == netfile.NoNodes {
				g.report.put(g.emptyFile(name, file))
			} else {
				g.report.putForeign(Problem{File: file, Line: p.Line, Key: p.Key, Value: renderWord(p.Value), Message: p.Message, Warning: p.Warning})
			}
			return g.report.skipped == 0
		},
		Label: labelOf,
	})
	positions := make([]int, len(network.Nodes))
	for i, node := range network.Nodes {
		positions[i] = g.addNode(node.ID)
		if node.Label != "" {
			g.labels[positions[i]] = node.Label
		}
		if node.Place.Kind != netmodel.Nowhere {
			g.places[positions[i]] = node.Place
		}
	}
	zero := netfile.Link{} // the last with a latency of 0: both directions have it
	for _, l := range network.Links {
		d := g.fileLink(l, positions)
		if d.place == "" && l.Latency == 0 && !d.spec.ZeroLatency && (l.Line != zero.Line || l.Entry != zero.Entry) {
			zero = l
			g.report.putForeign(Problem{File: file, Line: l.Line, Key: network.Key(&l, "latency"), Value: "0", Message: "must be above 0; allowed: at least 1ns, or zero_latency = true in [link]"})
		}
		g.put(d)
	}
}

// fileLink is a link of a file: its own values over those of [link].
func (g *grapher) fileLink(l netfile.Link, positions []int) draft {
	d := draft{ends: [2]int{positions[l.From], positions[l.To]}, spec: g.s.Link, entry: -1, place: "link"}
	if l.Known&netfile.HasLatency != 0 {
		d.spec.Latency, d.place, d.timed = Constant(Duration(l.Latency)), "", true
	}
	if l.Known&netfile.HasLoss != 0 {
		d.spec.Loss = l.Loss
	}
	if l.Known&netfile.HasBandwidth != 0 {
		d.spec.Bandwidth = BitRate(l.Bandwidth)
	}
	return d
}

// labelOf is a label as drawings take it: one line of printable characters, cut
// where it is longer than a name may be, which is told.
func labelOf(text string) (label, problem string) {
	const longest = 100
	r := []rune(oneLine(text))
	if len(r) <= longest {
		return string(r), ""
	}
	return string(r[:longest]), fmt.Sprintf("has %d characters; it is cut after %d", len(r), longest)
}

// renderWord shows a value of a network file.
func renderWord(v any) string {
	if word, ok := v.(netfile.Bare); ok {
		return shorten(string(word))
	}
	return renderValue(v)
}

// fileRow reads one link. A self-loop is dropped, and of parallel links the one
// with the least latency stays.
func (g *grapher) fileRow(row *csvRow, lines map[[2]int]int) {
	d := draft{spec: g.s.Link, entry: -1, place: "link"}
	source, target := g.nodeID(row, "source"), g.nodeID(row, "target")
	if cell(row, "latency", &d.spec.Latency) {
		d.place, d.timed = "", true
		row.checkLatency(&d.spec)
	}
	cell(row, "loss", &d.spec.Loss)
	cell(row, "bandwidth", &d.spec.Bandwidth)
	cell(row, "queue", &d.spec.Queue)
	both := row.both()
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

// both reads whether a link is of both directions.
func (row *csvRow) both() bool {
	words := []string{"both", "forward"}
	switch direction := row.text("direction"); direction {
	case "", words[0]:
	case words[1]:
		return false
	default:
		row.problem("direction", "is not known; allowed: both forward%s", suggest(direction, words))
	}
	return true
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
	quicker := g.mean(d.spec) < g.mean(g.links[at].spec)
	if g.s.Link.Geo && d.timed != g.links[at].timed {
		quicker = d.timed // the other's latency is not known yet
	}
	if quicker {
		g.put(d)
	}
	return lines[d.ends]
}

// checkLatency refuses what the cell of a file can't give a link: a file of its own,
// which would not be found to be embedded, and 0 unless it is asked for.
func (row *csvRow) checkLatency(l *Link) {
	if _, isFile := l.Latency.Kind.(fromFile); isFile {
		row.problem("latency", "names a file; allowed in [link] and [[links]] only")
	} else if l.Latency.Least() == 0 && !l.ZeroLatency {
		row.problem("latency", "must be above 0; allowed: at least 1ns, or zero_latency = true in [link]")
	}
}

// mean is the mean latency of a link, rounded half up, as routing has it. Problems
// of its file are reported where the file is named.
func (g *grapher) mean(l Link) Duration {
	key := latencyKey{l.Latency, l.ZeroLatency}
	mean, known := g.means[key]
	if !known {
		reader := sampleReader{report: &report{src: g.src}, s: g.s, key: "link.latency", zero: l.ZeroLatency}
		if model, err := reader.latency(l.Latency); err == nil {
			mean = model.Mean()
		}
		if g.means == nil {
			g.means = map[latencyKey]Duration{}
		}
		g.means[key] = mean
	}
	return mean
}
