package scenarios

import (
	"reflect"
	"slices"
	"strings"
)

// RemoveNode takes a node out of a scenario whose links are all its own, or those of a
// contact plan: its entry, its links and contacts, and its name wherever faults,
// adversaries, actions, traffic, and routes or flows in files inside the scenario give
// it. Those that named nobody else go with it, and so do nodes that were nodes only by
// a link to it.
func (s *Scenario) RemoveNode(id string) {
	if _, planned := s.Topology.Kind.(ContactPlan); planned {
		s.SetPlan(withoutNode(s.Planned(), id))
	}
	s.Nodes = slices.DeleteFunc(s.Nodes, func(n Node) bool { return n.ID == id })
	var others []string
	s.Links = slices.DeleteFunc(s.Links, func(l Links) bool {
		ends := append([]string{l.From, l.To}, l.Between...)
		if !slices.Contains(ends, id) {
			return false
		}
		others = append(others, ends...)
		return true
	})
	s.Faults = without(s.Faults, id)
	s.Adversaries = without(s.Adversaries, id)
	s.Actions = slices.DeleteFunc(s.Actions, func(a Action) bool { return a.names(id) })
	s.forgetTrust(id)
	s.Traffic = slices.DeleteFunc(without(s.Traffic, id), func(t Traffic) bool { return s.forgetRows(t.File, id) == 0 })
	s.forgetRows(s.Routing.File, id)
	for _, other := range others {
		if other != "" && other != id && !s.hasNode(other) {
			s.RemoveNode(other)
		}
	}
}

// forgetTrust takes a name out of anchors, and out of who knows what.
func (s *Scenario) forgetTrust(id string) {
	forget(reflect.ValueOf(&s.Trust.Anchors).Elem(), id)
	forget(reflect.ValueOf(&s.NodeDefaults.Anchors).Elem(), id)
	for i := range s.Nodes {
		forget(reflect.ValueOf(&s.Nodes[i].Anchors).Elem(), id)
	}
	for i := range s.Knowledge.Facts {
		forget(reflect.ValueOf(&s.Knowledge.Facts[i]).Elem(), id)
	}
}

// hasNode reports whether an entry or a link of the scenario's own makes a node.
func (s *Scenario) hasNode(id string) bool {
	return slices.ContainsFunc(s.Nodes, func(n Node) bool { return n.ID == id }) ||
		slices.ContainsFunc(s.Links, func(l Links) bool { return l.From == id || l.To == id || slices.Contains(l.Between, id) })
}

// forgetRows takes the rows that name a node out of a CSV file inside the scenario, and
// returns how many are left; −1 if there is no such file.
func (s *Scenario) forgetRows(file, id string) int {
	packed, ok := s.Files[file]
	text, err := unpack(packed)
	if !ok || err != nil {
		return -1
	}
	rows := strings.Split(strings.TrimSpace(string(text)), "\n")
	rows = slices.DeleteFunc(rows, func(row string) bool { return slices.Contains(strings.Split(strings.TrimSpace(row), ","), id) })
	s.Embed(file, []byte(strings.Join(rows, "\n")+"\n"))
	return len(rows) - 1 // but for the header
}

// without takes a name out of entries, and those that named nobody else out of the
// list.
func without[T any](entries []T, id string) []T {
	var kept []T
	for _, e := range entries {
		if !forget(reflect.ValueOf(&e).Elem(), id) {
			kept = append(kept, e)
		}
	}
	return kept
}

// forget takes a name out of every list of names in a table, and reports whether
// one of them has nobody left.
func forget(v reflect.Value, id string) (emptied bool) {
	is := func(name string) bool { return name == id }
	switch names := v.Addr().Interface().(type) {
	case *NodeSet:
		before := len(names.IDs)
		names.IDs = slices.DeleteFunc(slices.Clone(names.IDs), is)
		return before > 0 && len(names.IDs) == 0
	case *Target:
		before := len(names.IDs)
		names.IDs = slices.DeleteFunc(slices.Clone(names.IDs), is)
		return before > 0 && len(names.IDs) == 0
	case *NodeList:
		*names = slices.DeleteFunc(slices.Clone(*names), is)
		return len(*names) == 0
	case *[]NodeOutage:
		*names = slices.DeleteFunc(slices.Clone(*names), func(o NodeOutage) bool { return o.Node == id })
	case *[]LinkOutage:
		*names = slices.DeleteFunc(slices.Clone(*names), func(o LinkOutage) bool { return endsAt(o.Link, id) })
	case *LinkSet:
		*names = slices.DeleteFunc(slices.Clone(*names), func(link string) bool { return endsAt(link, id) })
		return len(*names) == 0
	case *[]string:
		before := len(*names)
		*names = slices.DeleteFunc(slices.Clone(*names), is)
		return before > 0 && len(*names) == 0
	case *[][]string:
		for i := range *names {
			emptied = forget(reflect.ValueOf(names).Elem().Index(i), id) || emptied
		}
		return emptied
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				emptied = forget(v.Field(i), id) || emptied
			}
		}
	case reflect.Interface:
		if !v.IsNil() {
			own := reflect.New(v.Elem().Type()).Elem()
			own.Set(v.Elem())
			emptied = forget(own, id)
			v.Set(own)
		}
	}
	return emptied
}

// endsAt reports whether a link set's entry names a link of the node.
func endsAt(link, id string) bool {
	for _, mark := range []string{"<->", "->", "--", "-"} {
		if a, b, ok := strings.Cut(link, mark); ok && (strings.TrimSpace(a) == id || strings.TrimSpace(b) == id) {
			return true
		}
	}
	return false
}
