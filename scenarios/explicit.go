package scenarios

import (
	"errors"
	"reflect"
	"slices"
)

// ErrChanging says that a mesh can't be written down as a list of links, because
// it changes with time.
var ErrChanging = errors.New("the mesh changes with time")

// Explicit is the scenario with every node and link written out in [[node]] and
// [[links]], whatever its topology is made by. It runs the same.
func (s *Scenario) Explicit() (*Scenario, error) {
	m, err := s.Mesh()
	if err != nil {
		return nil, err
	}
	if len(m.Contacts) > 0 {
		return nil, ErrChanging
	}
	x := s.withDefaults().Clone()
	linked := make([]bool, len(m.Nodes))
	for i := range m.Nodes {
		linked[i] = m.Nodes[i].Host != "" // its adversary makes it, and its link
	}
	for i := range m.Links {
		if l := &m.Links[i]; !m.sybil(l) {
			linked[l.From], linked[l.To] = true, true
		}
	}
	x.Links = m.entries(&x.Link, func(*MeshLink) bool { return true })
	x.Nodes = nil
	if len(s.Nodes) > 0 || slices.Contains(linked, false) {
		for _, n := range m.Nodes { // if one has an entry, all must: no others are nodes then
			if n.Host != "" {
				continue
			}
			entry := Node{ID: n.ID, Kind: n.Kind}
			if i := slices.IndexFunc(s.Nodes, func(own Node) bool { return own.ID == n.ID }); i >= 0 {
				entry = s.Nodes[i]
			}
			x.Nodes = append(x.Nodes, entry)
		}
	}
	x.Topology.Kind = OwnLinks{}
	return x, nil
}

// sybil reports whether a link is that of an adversary's further id.
func (m *Mesh) sybil(l *MeshLink) bool { return m.Nodes[l.From].Host != "" || m.Nodes[l.To].Host != "" }

// entries are links as [[links]] says them, those of both directions that are alike
// once. Of links like the standard one only those are said that bare asks for.
func (m *Mesh) entries(standard *Link, bare func(*MeshLink) bool) []Links {
	var entries []Links
	for i := range m.Links {
		l := &m.Links[i]
		if m.sybil(l) {
			continue
		}
		entry := Links{From: m.Nodes[l.From].ID, To: m.Nodes[l.To].ID}
		if back := m.link(l.To, l.From); back != nil && reflect.DeepEqual(back.Link, l.Link) {
			if l.From > l.To {
				continue // said with the other direction
			}
			entry = Links{Between: []string{entry.From, entry.To}}
		}
		if !entry.differ(&l.Link, standard) && !bare(l) {
			continue
		}
		entries = append(entries, entry)
	}
	return entries
}

// differ gives the entry the keys in which a link is not the default one, and reports
// whether there are any. Where distance makes latencies, each is one of its own.
func (l *Links) differ(link, standard *Link) (any bool) {
	entry, own, usual := reflect.ValueOf(l).Elem(), reflect.ValueOf(link).Elem(), reflect.ValueOf(standard).Elem()
	keys := schemas[entry.Type()].byKey
	for _, f := range schemas[own.Type()].fields {
		k := keys[f.key]
		distant := standard.Geo && f.key == "latency"
		if k == nil || !distant && reflect.DeepEqual(own.Field(f.index).Interface(), usual.Field(f.index).Interface()) {
			continue
		}
		value := reflect.New(f.typ)
		value.Elem().Set(own.Field(f.index))
		entry.Field(k.index).Set(value)
		any = true
	}
	return any
}
