package scenarios

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"meshsim/netmodel"
)

// ImportFormats are the formats that ImportReader takes, by the extensions of
// their files.
var ImportFormats = []string{"gml", "graphml", "dot", "gv", "csv", "json"}

// Import reads a network file, its format told by its extension, and makes a
// scenario of it that runs alone: nodes and links inside, a little traffic that
// can arrive, and an expectation that holds. Its comment says what was imported,
// dropped and assumed. fsys nil means Disk. Options are applied to the scenario;
// whether links may have a latency of 0 holds for the file too. The error is Errors.
func Import(fsys fs.FS, name string, options ...Option) (*Scenario, error) {
	if fsys == nil {
		fsys = Disk
	}
	data, err := readFile(fsys, name, maxTableBytes)
	if err != nil {
		return nil, Errors{{File: name, Message: err.Error()}}
	}
	format := strings.TrimPrefix(strings.ToLower(path.Ext(filepath.ToSlash(name))), ".")
	if !slices.Contains(ImportFormats, format) {
		message := "has no extension that tells its format; allowed: " + networkExtensions
		if notText(data) == "" && isContactPlan(string(data)) {
			message += "; it " + contactPlanHint
		}
		return nil, Errors{{File: name, Message: message}}
	}
	return importNetwork(data, name, format, options)
}

// ImportReader is Import on a stream of the given format, one of ImportFormats.
// name is for messages.
func ImportReader(r io.Reader, name, format string, options ...Option) (*Scenario, error) {
	if !slices.Contains(ImportFormats, format) {
		message := fmt.Sprintf("%q is no format; allowed: %s%s", shorten(format), strings.Join(ImportFormats, " "), suggest(format, ImportFormats))
		return nil, Errors{{File: name, Message: message}}
	}
	data, err := readAll(r, maxTableBytes)
	if err != nil {
		return nil, Errors{{File: name, Message: err.Error()}}
	}
	return importNetwork(data, name, format, options)
}

// importNetwork makes the scenario of a network file.
func importNetwork(data []byte, name, format string, options []Option) (*Scenario, error) {
	file := "network." + format
	network := (&Scenario{Duration: time.Second, Topology: Topology{Kind: LinkFile{Path: file}}, Files: map[string]string{file: pack(data)}}).withDefaults()
	network.Link.ZeroLatency = zeroLatency(options)
	r := &report{src: &network.source}
	g := newGrapher(r, network)
	network.Topology.Kind.draw(g)
	warnings, err := r.result()
	var problems Errors
	if errors.As(err, &problems) {
		return nil, Errors(renamed(problems, file, name))
	}
	const node, link = len("\n[[node]]\nid = \"x\"\n"), len("\n[[links]]\nbetween = [\"x\", \"y\"]\n")
	if least := len(g.ids)*node + len(g.links)/2*link; least <= maxScenarioBytes {
		text := (&importer{grapher: g}).scenario(name, renamed(warnings, file, name)).TOML()
		if len(text) <= maxScenarioBytes {
			s, err := LoadBytes(text, name)
			if err != nil || len(options) == 0 {
				return s, err
			}
			return s.With(options...)
		}
	}
	return nil, Errors{{File: name, Message: fmt.Sprintf("is too large for one scenario; allowed: %d MiB of TOML (a topology of kind \"file\" takes more)", maxScenarioBytes>>20)}}
}

// zeroLatency is what options say of link.zero_latency. What is wrong with them is
// found when they are applied to the scenario.
func zeroLatency(options []Option) bool {
	table := map[string]any{}
	newOverrides(options).apply(&report{src: &source{set: map[string]override{}}}, table)
	link, _ := table["link"].(map[string]any)
	zero, _ := link["zero_latency"].(bool)
	return zero
}

// renamed gives the problems of the file their name as the user knows it; what is
// wrong with the file as a whole loses the key that named it.
func renamed(problems []Problem, file, name string) []Problem {
	for i := range problems {
		p := &problems[i]
		if p.File == file || p.File == "" {
			p.File = name
		}
		if p.Key == "topology.path" {
			p.Key, p.Value = "", ""
		}
	}
	return problems
}

// importer turns a drawn graph into a scenario's entries.
type importer struct {
	*grapher
	pairs            int // of nodes with a link between them, whichever way
	located, untimed int // directions without a latency: with coordinates at both ends, and without
	inSquare         int // nodes with a place in a plane
}

// scenario is the graph as [[node]] and [[links]], with something to do.
func (i *importer) scenario(name string, warnings []Problem) *Scenario {
	base := path.Base(filepath.ToSlash(name))
	s := &Scenario{Version: 1, Name: importName(base), Seed: 1, Topology: Topology{Kind: OwnLinks{}}}
	for n, id := range i.ids {
		s.Nodes = append(s.Nodes, i.node(n, id))
	}
	for _, d := range i.links {
		switch {
		case d.timed:
		case i.onEarthBoth(d):
			i.located++
		default:
			i.untimed++
		}
	}
	s.Link.ZeroLatency = i.s.Link.ZeroLatency
	s.Link.Geo = i.located > 0 && i.untimed == 0
	for k := range i.links {
		if d := &i.links[k]; !d.timed && i.onEarthBoth(*d) {
			d.spec.Latency = Constant(netmodel.GeoLatency(i.places[d.ends[0]], i.places[d.ends[1]]))
			d.timed = !s.Link.Geo // else geo gives it
		}
	}
	for k, d := range i.links {
		s.Links = append(s.Links, i.entries(k, d)...)
	}
	i.plan(s)
	s.Comment = i.comment(base, warnings)
	return s
}

// node is the entry [[node]] of a node: all that the file says of it.
func (i *importer) node(n int, id string) Node {
	node := Node{ID: id, Label: i.labels[n]}
	switch place := i.places[n]; place.Kind {
	case netmodel.OnEarth:
		lat, lon := Degrees(place.Y), Degrees(place.X)
		node.Lat, node.Lon = &lat, &lon
	case netmodel.InSquare:
		i.inSquare++
	}
	return node
}

func (i *importer) onEarthBoth(d draft) bool {
	return i.places[d.ends[0]].Kind == netmodel.OnEarth && i.places[d.ends[1]].Kind == netmodel.OnEarth
}

// importName is a name for the scenario of a file.
func importName(base string) string {
	name := strings.TrimSuffix(base, path.Ext(base))
	if checkName(name) != "" || name == "-" || name == "<stdin>" {
		return "imported"
	}
	return name
}

// entries are the [[links]] of a direction: none when an earlier one had both.
func (i *importer) entries(k int, d draft) []Links {
	back, both := i.byEnds[[2]int{d.ends[1], d.ends[0]}]
	if !both || back > k {
		i.pairs++
	}
	both = both && i.links[back].spec == d.spec
	if both && back < k {
		return nil
	}
	own := Links{}
	if both {
		own.Between = []string{i.ids[d.ends[0]], i.ids[d.ends[1]]}
	} else {
		own.From, own.To = i.ids[d.ends[0]], i.ids[d.ends[1]]
	}
	spec, usual := d.spec, i.s.Link
	if d.timed {
		own.Latency = &spec.Latency
	}
	if spec.Loss != usual.Loss {
		own.Loss = &spec.Loss
	}
	if spec.Bandwidth != usual.Bandwidth {
		own.Bandwidth = &spec.Bandwidth
	}
	if spec.Queue != usual.Queue {
		own.Queue = &spec.Queue
	}
	return []Links{own}
}

// comment says what was imported, dropped and assumed.
func (i *importer) comment(base string, warnings []Problem) []string {
	const most = 20
	size := fmt.Sprintf("%s, %s", count(len(i.ids), "node"), count(i.pairs, "link"))
	lines := []string{
		fmt.Sprintf("Imported from %s: %s.", oneLine(shorten(base)), size),
		"What is sent within the part that hangs together must arrive, but for what the links lose.",
		"Written as a start: traffic, faults and expectations are yours to change.",
	}
	if i.located > 0 {
		lines = append(lines, fmt.Sprintf("Assumed: for %s latencies from coordinates, as [link] geo has them.", count(i.located, "direction")))
	}
	if i.untimed > 0 {
		lines = append(lines, fmt.Sprintf("Assumed: for %s the default latency of %s.", count(i.untimed, "direction"), formatDuration(i.s.Link.Latency.Least())))
	}
	if i.inSquare > 0 {
		lines = append(lines, fmt.Sprintf("Left out: %s in a plane, since a [[node]] has a latitude and a longitude.", count(i.inSquare, "place")))
	}
	for k, w := range warnings {
		if k == most {
			lines = append(lines, fmt.Sprintf("… and %d further notes.", len(warnings)-most))
			break
		}
		w.File, w.Warning = "", false
		text := w.String()
		if w.Line > 0 {
			text = fmt.Sprintf("line %d: %s", w.Line, text)
		}
		lines = append(lines, "Note: "+text)
	}
	return lines
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
