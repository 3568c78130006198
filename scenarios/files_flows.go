package scenarios

import (
	"cmp"
	"slices"

	"meshsim/clock"
	"meshsim/scenarios/world"
	"meshsim/sim"
)

var flowColumns = []column{
	{"source", true}, {"destination", true}, {"start", false}, {"interval", false}, {"size", false}, {"count", false},
}

// Flows reads the flow file of traffic entry i: one flow a row. It returns nil
// for an entry without a file.
func (s *Scenario) Flows(m *Mesh, i int) ([]world.Flow, error) {
	r := &report{src: &s.source}
	flows := s.withDefaults().flows(r, m, i)
	_, err := r.result()
	return flows, err
}

func (s *Scenario) flows(r *report, m *Mesh, i int) (flows []world.Flow) {
	file := s.Traffic[i].File
	if file == "" {
		return nil
	}
	key := elementPath("traffic", i) + ".file"
	size := usualSize()
	late := 0
	s.eachRow(r, key, file, flowColumns, func(row *csvRow) {
		flow := world.Flow{Source: row.node("source", m), Size: size}
		if row.text("destination") == everyone {
			flow.Destination = sim.Everyone
		} else {
			flow.Destination = row.node("destination", m)
		}
		var start, interval Duration
		count := int64(1)
		row.duration("start", &start)
		row.duration("interval", &interval)
		row.integer("size", &flow.Size, 0, maxSize)
		row.integer("count", &count, 1, 1<<53)
		switch {
		case row.bad:
			return
		case flow.Source == flow.Destination:
			row.problem("destination", "is the source")
		case count > 1 && interval == 0:
			row.problem("interval", "is missing; needed for a count above 1")
		}
		flow.Start, flow.Interval, flow.Count = clock.Time(start), interval, uint64(count)
		if start > s.Duration {
			late++
		}
		flows = append(flows, flow)
	})
	if late > 0 && !r.touches("duration") {
		r.warn(key, file, "%d of %d flows start after the end of the run (%s)", late, len(flows), formatDuration(s.Duration))
	}
	return flows
}

// node reads the id of a node of the mesh.
func (row *csvRow) node(column string, m *Mesh) sim.NodeID {
	id := row.id(column)
	n, ok := m.Lookup(id)
	switch {
	case ok || checkID(id) != "":
	case m.nodesOpen:
		row.bad = true // it can't be told
	default:
		row.problem(column, "is not a node%s", m.suggest(id))
	}
	return n
}

// Route is one row of a routes file: what is for Destination goes to Next.
type Route struct{ Node, Destination, Next sim.NodeID }

var routeColumns = []column{{"node", true}, {"destination", true}, {"next", true}}

// Routes reads the routes file of the static strategy, sorted by node and
// destination, each pair once. It returns nil when the scenario names none.
func (s *Scenario) Routes(m *Mesh) ([]Route, error) {
	r := &report{src: &s.source}
	routes := s.routes(r, m)
	_, err := r.result()
	return routes, err
}

func (s *Scenario) routes(r *report, m *Mesh) (routes []Route) {
	if s.Routing.File == "" {
		return nil
	}
	seen := map[[2]sim.NodeID]int{}
	s.eachRow(r, "routing.file", s.Routing.File, routeColumns, func(row *csvRow) {
		route := Route{row.node("node", m), row.node("destination", m), row.node("next", m)}
		if row.bad {
			return
		}
		ends := [2]sim.NodeID{route.Node, route.Destination}
		switch first, twice := seen[ends]; {
		case twice:
			row.problem("destination", "has a route in line %d already", first)
		case route.Node == route.Destination:
			row.problem("destination", "is the node itself")
		case m.link(route.Node, route.Next) == nil && !m.linksOpen:
			row.problem("next", "is not linked to %s", m.Nodes[route.Node].ID)
		}
		seen[ends] = row.line
		routes = append(routes, route)
	})
	slices.SortFunc(routes, func(a, b Route) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Destination, b.Destination))
	})
	return routes
}
