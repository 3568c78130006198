package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"meshsim/sim"
)

// Drawn stands, alone, for n of all in a NodeList or a LinkSet, or for n groups of all
// nodes in those of a Partition: NodeList{Drawn(3)}, [][]string{{Drawn(2)}}. Who they
// are is drawn once for a run. In a scenario it is { random = 3 }.
func Drawn(n int64) string { return fmt.Sprintf("{ random = %d }", n) }

// drawn reports whether a list of names is Drawn, and of how many.
func drawn[L ~[]string](list L) (n int64, ok bool) {
	if len(list) != 1 {
		return 0, false
	}
	rest, ok := strings.CutPrefix(list[0], "{ random = ")
	digits, closed := strings.CutSuffix(rest, " }")
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, ok && closed && err == nil && n > 0
}

func drawnGroups(groups [][]string) (n int64, ok bool) {
	if len(groups) != 1 {
		return 0, false
	}
	return drawn(groups[0])
}

func isDrawn(names ...string) bool {
	_, ok := drawn(names)
	return ok
}

func parseGroups(raw any) ([][]string, error) {
	if table, ok := raw.(map[string]any); ok {
		n, err := parseDrawn(table)
		return [][]string{{Drawn(n)}}, err
	}
	list, ok := raw.([]any)
	if !ok {
		return nil, errors.New("is " + typeName(raw))
	}
	groups := make([][]string, len(list))
	for i, raw := range list {
		entries, ok := raw.([]any)
		if !ok {
			return nil, fmt.Errorf("entry %d is %s", i, typeName(raw))
		}
		if len(entries) == 0 {
			continue
		}
		ids, err := strs(entries)
		if err != nil {
			return nil, fmt.Errorf("group %d: %w", i, err)
		}
		groups[i] = ids
	}
	return groups, nil
}

func formatGroups(groups [][]string) string {
	if n, ok := drawnGroups(groups); ok {
		return Drawn(n)
	}
	lists := make([]string, len(groups))
	for i, ids := range groups {
		lists[i] = quoteList(ids)
	}
	return "[" + strings.Join(lists, ", ") + "]"
}

// recurring is a FaultKind of which chance decides more than whom it strikes.
type recurring interface {
	FaultKind
	// draw is the kind with nothing left to chance.
	draw(d *dice) FaultKind
}

// leavesToChance reports whether the fault has anything to draw.
func (f *Fault) leavesToChance() bool {
	switch k := f.Kind.(type) {
	case nil:
		return false
	case recurring:
		return true
	case Partition:
		if k.Mode != "" {
			return true
		}
	}
	v := reflect.ValueOf(f.Kind)
	for i := range v.NumField() {
		switch list := v.Field(i).Interface().(type) {
		case NodeList:
			if isDrawn(list...) {
				return true
			}
		case LinkSet:
			if isDrawn(list...) {
				return true
			}
		case [][]string:
			if _, ok := drawnGroups(list); ok {
				return true
			}
		}
	}
	return false
}

// concrete is the scenario, which has its defaults, with faults that say what chance
// made of them: a run knows no others, so that what they are written down as runs
// the same. m is its mesh, or nil.
func (s *Scenario) concrete(m *Mesh) (*Scenario, error) {
	if !slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.leavesToChance() }) {
		return s, nil
	}
	if m == nil {
		var err error
		if m, err = s.Mesh(); err != nil {
			return nil, err
		}
	}
	faults, crowded := s.drawFaults(m)
	if crowded >= 0 {
		return nil, Errors{{File: s.source.name, Key: elementPath("fault", crowded), Message: tooManyOutages}}
	}
	c := *s
	c.Faults = faults
	return &c, nil
}

var tooManyOutages = fmt.Sprintf("has, with the faults before it, more than %d outages; allowed: longer times, a shorter fault, or fewer nodes or links", maxOutages)

// drawFaults are the faults without chance, or the number of the one with which they
// have more than maxOutages; −1 is none.
func (s *Scenario) drawFaults(m *Mesh) (faults []Fault, crowded int) {
	left := maxOutages
	for i, f := range s.Faults {
		d := &dice{seed: s.Seed, path: "fault/" + f.Name + "/", mesh: m, from: f.At, end: f.Until, left: &left}
		if d.limit = f.Until; f.Until == 0 || f.Until > s.Duration {
			d.limit = s.Duration + 1
		}
		f.Kind = d.choose(f.Kind)
		if k, ok := f.Kind.(recurring); ok {
			f.Kind = k.draw(d)
		}
		if left < 0 {
			return nil, i
		}
		faults = append(faults, f)
	}
	return faults, -1
}

// checkChance refuses faults that make too many outages, once nothing else is wrong.
func (s *Scenario) checkChance(r *report, m *Mesh) {
	if m.nodesOpen || m.linksOpen || r.touches("fault", "duration", "seed") {
		return
	}
	if _, crowded := s.drawFaults(m); crowded >= 0 {
		r.add(elementPath("fault", crowded), nil, "%s", tooManyOutages)
	}
}

// dice draws what a fault leaves to chance. Its streams are those below the path
// fault/NAME; the counter of a draw is the hash of a node's key, or of the keys of a
// pair of nodes, and the number of a span. So a node or link more leaves what is
// drawn for the others in place.
type dice struct {
	seed  sim.Seed
	path  string
	mesh  *Mesh
	from  Duration // begin of the fault
	end   Duration // its end; 0: none
	limit Duration // its end, or that of the run: nothing begins then or later
	left  *int     // outages that are allowed still
}

func (d *dice) draw(stream, key string, n uint64) uint64 {
	return d.seed.Stream(d.path+stream).Draw(sim.Key{Source: sim.Hash(key), N: n}, 0)
}

// choose puts names in the place of Drawn.
func (d *dice) choose(kind FaultKind) FaultKind {
	v := reflect.New(reflect.TypeOf(kind)).Elem()
	v.Set(reflect.ValueOf(kind))
	for i := range v.NumField() {
		switch list := v.Field(i).Addr().Interface().(type) {
		case *NodeList:
			if n, ok := drawn(*list); ok {
				*list = d.ids(d.first("nodes", d.all(), int(n)))
			}
		case *LinkSet:
			if n, ok := drawn(*list); ok {
				*list = d.links(int(n))
			}
		case *[][]string:
			if n, ok := drawnGroups(*list); ok {
				*list = d.groups(int(n))
			}
		}
	}
	if p, ok := v.Interface().(Partition); ok && p.Mode != "" {
		p.Groups, p.Mode = d.sides(p.Mode), ""
		return p
	}
	return v.Interface().(FaultKind)
}

func (d *dice) all() []sim.NodeID {
	all := make([]sim.NodeID, len(d.mesh.Nodes))
	for i := range all {
		all[i] = sim.NodeID(i)
	}
	return all
}

// list are the nodes of a list without chance.
func (d *dice) list(list NodeList) []sim.NodeID {
	nodes, _ := d.mesh.ResolveNodes(list) // validated
	return nodes
}

func (d *dice) ids(nodes []sim.NodeID) []string {
	ids := make([]string, len(nodes))
	for i, n := range nodes {
		ids[i] = d.mesh.Nodes[n].ID
	}
	return ids
}

// ranked puts nodes in the order of their draws.
func (d *dice) ranked(stream string, nodes []sim.NodeID) []sim.NodeID {
	draws := make([]uint64, len(d.mesh.Nodes))
	for _, n := range nodes {
		draws[n] = d.draw(stream, d.mesh.Nodes[n].Key, 0)
	}
	ranked := slices.Clone(nodes)
	slices.SortFunc(ranked, func(a, b sim.NodeID) int { return cmp.Or(cmp.Compare(draws[a], draws[b]), cmp.Compare(a, b)) })
	return ranked
}

// first are the n nodes with the lowest draws, ascending: another node takes the
// place of at most one.
func (d *dice) first(stream string, nodes []sim.NodeID, n int) []sim.NodeID {
	chosen := d.ranked(stream, nodes)
	chosen = chosen[:min(n, len(chosen))]
	slices.Sort(chosen)
	return chosen
}

// links names the n pairs of linked nodes with the lowest draws.
func (d *dice) links(n int) LinkSet {
	pairs := d.mesh.pairs()
	draws := make(map[Ends]uint64, len(pairs))
	for _, p := range pairs {
		draws[p.Ends] = d.draw("links", d.mesh.pairKey(p.Ends), 0)
	}
	slices.SortFunc(pairs, func(a, b linkPair) int {
		return cmp.Or(cmp.Compare(draws[a.Ends], draws[b.Ends]), compareEnds(a.Ends, b.Ends))
	})
	pairs = pairs[:min(n, len(pairs))]
	slices.SortFunc(pairs, func(a, b linkPair) int { return compareEnds(a.Ends, b.Ends) })
	set := make(LinkSet, len(pairs))
	for i, p := range pairs {
		set[i] = d.mesh.pairName(p)
	}
	return set
}

// groups deals all nodes, in the order of their draws, into n groups of equal size or
// one more: the first so many, the next, and so on. Another node moves at most one
// from each group to its neighbour.
func (d *dice) groups(n int) [][]string {
	ranked := d.ranked("groups", d.all())
	groups := make([][]string, min(n, len(ranked)))
	for g := range groups {
		part := ranked[g*len(ranked)/len(groups) : (g+1)*len(ranked)/len(groups)]
		slices.Sort(part)
		groups[g] = d.ids(part)
	}
	return groups
}

// sides are the two groups of a partition's mode, as in the packet simulator of
// TigerBeetle.
func (d *dice) sides(mode string) [][]string {
	ranked := d.ranked("groups", d.all())
	switch mode {
	case "halves":
		return d.groups(2)
	case "isolate":
		return [][]string{d.ids(ranked[:min(1, len(ranked))]), {everyone}}
	}
	var sides [2][]sim.NodeID
	for _, n := range d.all() {
		side := d.draw("groups", d.mesh.Nodes[n].Key, 0) >> 63
		sides[side] = append(sides[side], n)
	}
	for i, nodes := range sides {
		if len(nodes) == 0 && len(ranked) > 1 { // a cut that cuts nothing is none
			sides[i] = ranked[:1]
			sides[1-i] = slices.DeleteFunc(sides[1-i], func(n sim.NodeID) bool { return n == ranked[0] })
		}
	}
	return [][]string{d.ids(sides[0]), d.ids(sides[1])}
}

// stay is how long something stays as it is: at least, and on average.
type stay struct{ mean, least Duration }

// sample is at least 1 ns, so that time goes on.
func (p stay) sample(draw uint64) Duration {
	return max(1, p.least+Duration(sim.Exponential(draw, uint64(p.mean-min(p.least, p.mean)), 1)))
}

// alternate draws when what has this key goes down and comes up, from up on: span
// number 0 is up, 1 down, and so on.
func (d *dice) alternate(key string, up, down stay, add func(at, until Duration)) {
	at := d.from
	for n := uint64(0); ; n += 2 {
		at += up.sample(d.draw("spans", key, n))
		if at >= d.limit {
			return
		}
		if *d.left--; *d.left < 0 {
			return
		}
		until := at + down.sample(d.draw("spans", key, n+1))
		add(at, d.before(until))
		if at = until; at >= d.limit {
			return
		}
	}
}

// before is the end of an outage, or 0 if it lasts as long as the fault.
func (d *dice) before(until Duration) Duration {
	if d.end != 0 && until >= d.end {
		return 0
	}
	return until
}
