package scenarios

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
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
// dropped and assumed. fsys nil means Disk. The error is Errors.
func Import(fsys fs.FS, name string) (*Scenario, error) {
	if fsys == nil {
		fsys = Disk
	}
	data, err := readFile(fsys, name, maxTableBytes)
	if err != nil {
		return nil, Errors{{File: name, Message: err.Error()}}
	}
	format := strings.TrimPrefix(strings.ToLower(path.Ext(filepath.ToSlash(name))), ".")
	if !slices.Contains(ImportFormats, format) {
		return nil, Errors{{File: name, Message: "has no extension that tells its format; allowed: " + networkExtensions}}
	}
	return importNetwork(data, name, format)
}

// ImportReader is Import on a stream of the given format, one of ImportFormats.
// name is for messages.
func ImportReader(r io.Reader, name, format string) (*Scenario, error) {
	if !slices.Contains(ImportFormats, format) {
		message := fmt.Sprintf("%q is no format; allowed: %s%s", shorten(format), strings.Join(ImportFormats, " "), suggest(format, ImportFormats))
		return nil, Errors{{File: name, Message: message}}
	}
	data, err := readAll(r, maxTableBytes)
	if err != nil {
		return nil, Errors{{File: name, Message: err.Error()}}
	}
	return importNetwork(data, name, format)
}

// importNetwork makes the scenario of a network file.
func importNetwork(data []byte, name, format string) (*Scenario, error) {
	file := "network." + format
	network := (&Scenario{Duration: time.Second, Topology: Topology{Kind: LinkFile{Path: file}}, Files: map[string]string{file: pack(data)}}).withDefaults()
	r := &report{src: &network.source}
	g := newGrapher(r, network)
	network.Topology.Kind.draw(g)
	if len(g.ids) == 0 && r.errors() == 0 {
		r.put(Problem{File: file, Line: 1, Message: "has no nodes; allowed: at least one"})
	}
	warnings, err := r.result()
	var problems Errors
	if errors.As(err, &problems) {
		return nil, Errors(renamed(problems, file, name))
	}
	i := &importer{grapher: g, assumed: map[string]int{}}
	s := i.scenario(name, renamed(warnings, file, name))
	text := s.TOML()
	if len(text) > maxScenarioBytes {
		return nil, Errors{{File: name, Message: fmt.Sprintf("is too large for one scenario; allowed: %d MiB of TOML (a topology of kind \"file\" takes more)", maxScenarioBytes>>20)}}
	}
	return LoadBytes(text, name)
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
	pairs   int            // of nodes with a link between them, whichever way
	assumed map[string]int // directions by where their latency is from
}

// scenario is the graph as [[node]] and [[links]], with something to do.
func (i *importer) scenario(name string, warnings []Problem) *Scenario {
	base := path.Base(filepath.ToSlash(name))
	s := &Scenario{Version: 1, Name: importName(base), Seed: 1, Topology: Topology{Kind: OwnLinks{}}}
	for n, id := range i.ids {
		s.Nodes = append(s.Nodes, Node{ID: id, Label: i.labels[n]})
	}
	for k := range i.links {
		i.locate(&i.links[k])
	}
	for k, d := range i.links {
		s.Links = append(s.Links, i.entries(k, d)...)
	}
	i.plan(s)
	s.Comment = i.comment(base, warnings)
	return s
}

// importName is a name for the scenario of a file.
func importName(base string) string {
	name := strings.TrimSuffix(base, path.Ext(base))
	if checkName(name) != "" || name == "-" || name == "<stdin>" {
		return "imported"
	}
	return name
}

// locate gives a link without a latency that of light in fibre between the places
// of its ends, if they have some.
func (i *importer) locate(d *draft) {
	if d.place == "" {
		i.assumed["file"]++
		return
	}
	a, z := i.places[d.ends[0]], i.places[d.ends[1]]
	if a.Kind != netmodel.OnEarth || z.Kind != netmodel.OnEarth {
		i.assumed["default"]++
		return
	}
	i.assumed["places"]++
	d.spec.Latency, d.place = Constant(fibre(a, z)), ""
}

// fibre is the time of light along the great circle between two places: haversine
// with R = 6371 km, 5 µs/km, rounded to 1 µs, at least 50 µs.
func fibre(a, z netmodel.Place) Duration {
	const radius, perKm, least = 6371, 5 * time.Microsecond, 50 * time.Microsecond
	radians := func(v int64) float64 { return float64(v) * 1e-7 * math.Pi / 180 }
	sinLat, sinLon := math.Sin(radians(z.Y-a.Y)/2), math.Sin(radians(z.X-a.X)/2)
	h := float64(sinLat*sinLat) + float64(math.Cos(radians(a.Y))*math.Cos(radians(z.Y))*sinLon*sinLon)
	km := 2 * radius * math.Asin(math.Sqrt(min(h, 1)))
	return max(Duration(km*float64(perKm)).Round(time.Microsecond), least)
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
	if spec.Latency != usual.Latency || d.place == "" {
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
	if n := i.assumed["places"]; n > 0 {
		lines = append(lines, "Assumed: latencies from coordinates, great circle (R = 6371 km) × 5 µs/km, at least 50 µs.")
	}
	if n := i.assumed["default"]; n > 0 {
		lines = append(lines, fmt.Sprintf("Assumed: the default latency of %s, for %s without one.", formatDuration(i.s.Link.Latency.Min), count(n, "direction")))
	}
	for k, w := range warnings {
		if k == most {
			lines = append(lines, fmt.Sprintf("… and %d further changes.", len(warnings)-most))
			break
		}
		w.File, w.Warning = "", false
		text := w.String()
		if w.Line > 0 {
			text = fmt.Sprintf("line %d: %s", w.Line, text)
		}
		lines = append(lines, "Changed: "+text)
	}
	return lines
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
