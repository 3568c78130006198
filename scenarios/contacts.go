package scenarios

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"meshsim/clock"
	"meshsim/scenarios/netfile"
	"meshsim/scenarios/world"
)

// maxContacts bounds a contact plan, counted before contacts merge.
const maxContacts = 1 << 21

func (k ContactPlan) file() string { return k.Path }

// draw reads a contact plan. The graph is all links that have a contact at some
// time; nodes that only [[node]] has come last, without links.
func (k ContactPlan) draw(g *grapher) {
	p := &planner{grapher: g, name: k.Path, spans: map[[2]int][]span{}, given: map[givenCell]int{}}
	before := g.report.errors()
	if p.read(); p.full {
		g.report.add("topology.path", k.Path, "has more than %d contacts", maxContacts)
	}
	p.merge()
	p.late()
	for _, node := range g.s.Nodes {
		g.addNode(node.ID)
	}
	g.boundFile(k.Path, before)
}

// planner reads a contact plan into a graph.
type planner struct {
	*grapher
	name string // of the file, as in the scenario
	file string // of the file, as in messages

	count int               // of contacts read
	full  bool              // there are more than are read
	order [][2]int          // directions of links, as they were met
	spans map[[2]int][]span // by direction
	given map[givenCell]int // lines
}

// givenCell is a value of a link that the plan gives.
type givenCell struct {
	ends   [2]int
	column string
}

// span is one contact, as a line gives it.
type span struct {
	start, end Duration // end forever: to the end of the run
	line       int
}

const forever = Duration(clock.Never)

// contact notes that two nodes are in contact: in both directions, or from the
// first to the second. The row may give values of the link.
func (p *planner) contact(row *csvRow, ids [2]string, both bool, at span) {
	switch {
	case row.bad:
		return
	case ids[0] == ids[1]:
		row.warning("target", "is the source; the contact is dropped")
		p.addNode(ids[0])
		return
	}
	if p.full = p.full || p.count == maxContacts; p.full {
		return
	}
	at.line = row.line
	ends := [2]int{p.addNode(ids[0]), p.addNode(ids[1])}
	p.count++
	p.direction(row, ends, at)
	if both && !row.bad {
		p.direction(row, [2]int{ends[1], ends[0]}, at)
	}
}

func (p *planner) direction(row *csvRow, ends [2]int, at span) {
	if _, known := p.byEnds[ends]; !known {
		p.put(draft{ends: ends, spec: p.s.Link, entry: -1, place: "link"})
		p.order = append(p.order, ends)
	}
	for _, column := range contactValues {
		p.value(row, ends, column)
	}
	p.spans[ends] = append(p.spans[ends], at)
}

// contactValues are the columns that are keys of [link].
var contactValues = []string{"latency", "loss", "bandwidth", "queue"}

// value takes what a row says of a link. A link has one value of each kind: what
// changes from contact to contact is refused.
func (p *planner) value(row *csvRow, ends [2]int, column string) {
	f := schemas[reflect.TypeFor[Link]()].byKey[column]
	value, ok := row.parse(column, f.typ)
	if !ok {
		return
	}
	d := &p.links[p.byEnds[ends]]
	now := reflect.ValueOf(&d.spec).Elem().Field(f.index)
	cell := givenCell{ends, column}
	if line := p.given[cell]; line > 0 {
		if !reflect.DeepEqual(now.Interface(), value) {
			row.problem(column, "is %s in line %d; allowed: one value for each link", renderValue(now.Interface()), line)
		}
		return
	}
	p.given[cell] = row.line
	now.Set(reflect.ValueOf(value))
	if column == "latency" {
		d.place, d.timed = "", true
		row.checkLatency(&d.spec)
	}
}

// merge makes one contact of those of a link that overlap, with a warning, or
// touch, without one, and leaves the plan with the graph.
func (p *planner) merge() {
	const shown = 10 // warnings, both directions of a line being one
	told := map[[2]int]bool{}
	for _, ends := range p.order {
		spans := p.spans[ends]
		slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
		merged := spans[:1]
		for _, next := range spans[1:] {
			last := &merged[len(merged)-1]
			if next.start > last.end {
				merged = append(merged, next)
				continue
			}
			if lines := [2]int{min(last.line, next.line), max(last.line, next.line)}; next.start < last.end && !told[lines] {
				if told[lines] = true; len(told) <= shown {
					p.overlap(ends, lines)
				}
			}
			last.end = max(last.end, next.end)
		}
		for _, m := range merged {
			p.contacts = append(p.contacts, contactDraft{ends, m.start, m.end})
		}
	}
	if more := len(told) - shown; more > 0 {
		p.report.put(Problem{File: p.file, Message: fmt.Sprintf("%d further overlapping contacts are merged", more), Warning: true})
	}
}

func (p *planner) overlap(ends [2]int, lines [2]int) {
	p.report.put(Problem{
		File: p.file, Line: lines[1], Warning: true,
		Message: fmt.Sprintf("the contact of %s and %s overlaps that of line %d; they are merged", p.ids[ends[0]], p.ids[ends[1]], lines[0]),
	})
}

// contactDraft is a contact between positions.
type contactDraft struct {
	ends       [2]int
	start, end Duration
}

// late warns of contacts that no run of the scenario comes to.
func (p *planner) late() {
	late := 0
	for _, c := range p.contacts {
		if c.start > p.s.Duration {
			late++
		}
	}
	if late > 0 && !p.touches("duration") {
		p.warn("topology.path", p.name, "%d of %d contacts, counted in each direction, begin after the end of the run (%s)", late, len(p.contacts), formatDuration(p.s.Duration))
	}
}

// boundFile refuses a graph that is too large to be a mesh, and one of no nodes
// unless errors, of which there were so many before, say why.
func (g *grapher) boundFile(name string, before int) {
	if len(g.ids) > maxNodes {
		g.report.add("topology.path", name, "has more than %d nodes; allowed: at most %d", maxNodes, maxNodes)
	}
	if len(g.ids) == 0 && g.report.errors() == before && !g.touches("files") {
		g.report.put(g.emptyFile(name, g.s.tableName(name)))
	}
}

// emptyFile is the problem of a file without nodes: it stands in the file, and the
// scenario has the key.
func (g *grapher) emptyFile(name, file string) Problem {
	return Problem{File: file, Line: 1, Key: "topology.path", Value: renderValue(name), Message: netfile.NoNodes}
}

// plan is the contacts of the mesh, by link, then time.
func (g *grapher) plan(m *Mesh) []world.Contact {
	var plan []world.Contact
	for _, c := range g.contacts {
		plan = append(plan, world.Contact{
			From: m.byID[g.ids[c.ends[0]]], To: m.byID[g.ids[c.ends[1]]], Start: clock.Time(c.start), End: clock.Time(c.end),
		})
	}
	slices.SortFunc(plan, func(a, b world.Contact) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Start, b.Start))
	})
	return plan
}

// MeshAt is the graph as it is at time t of the run, 0 … Duration, before any
// fault: Mesh without the links of a contact plan that are out of contact then.
func (s *Scenario) MeshAt(t Duration) (*Mesh, error) {
	m, err := s.Mesh()
	if err != nil {
		return nil, err
	}
	if t < 0 || t > s.Duration {
		return nil, fmt.Errorf("%s is no time of the run; allowed: 0s … %s", formatDuration(t), formatDuration(s.Duration))
	}
	in := make(map[Ends]bool) // by link of the plan: whether a contact covers t
	for _, c := range m.Contacts {
		in[Ends{c.From, c.To}] = in[Ends{c.From, c.To}] || c.Start <= clock.Time(t) && clock.Time(t) < c.End
	}
	m.Links = slices.DeleteFunc(m.Links, func(l MeshLink) bool {
		covered, planned := in[Ends{l.From, l.To}]
		return planned && !covered
	})
	return m, nil
}
