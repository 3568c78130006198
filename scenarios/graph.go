package scenarios

import (
	"cmp"
	"slices"
	"strings"

	"meshsim/netmodel"
	"meshsim/scenarios/world"
	"meshsim/sim"
)

// Mesh is the graph of a scenario with every override applied: what a world is
// built of.
type Mesh struct {
	Nodes []MeshNode // by NodeID, so in the byte order of keys
	Links []MeshLink // by From, then To; of a contact plan all that are up at some time
	byID  map[string]sim.NodeID

	// Contacts are when the links of a contact plan are up, by link, then time. A
	// link that has none here is always up.
	Contacts []world.Contact

	scenario  *Scenario                       // whose files latencies are read from
	latencies map[latencyKey]netmodel.Latency // of links, as far as they were asked for

	// Of the mesh of a scenario with problems: there may be further nodes, or
	// links, so that a name or link that it lacks is no fault of who names it.
	nodesOpen, linksOpen bool
}

// MeshNode is one node.
type MeshNode struct {
	ID, Key, Kind, Address string
	Host                   string // of a sybil's further id: the node behind it; else ""
	Label                  string // for drawings; "" when it has none
	Capabilities, Anchors  []string
	Uplink, Downlink       Access
	Place                  netmodel.Place // for drawings, and for latencies from coordinates
}

// MeshLink is one direction of a link.
type MeshLink struct {
	From, To sim.NodeID
	Link
}

// Mesh resolves nodes and links: the topology, its file, [[node]], [link] and
// [[links]]. The error is Errors.
func (s *Scenario) Mesh() (*Mesh, error) {
	r := &report{src: &s.source}
	m := s.withDefaults().mesh(r)
	if _, err := r.result(); err != nil {
		return nil, err
	}
	return m, nil
}

// latency is the model of a link's latency, made once for all links that have it.
func (m *Mesh) latency(l *MeshLink) (netmodel.Latency, error) {
	key := latencyKey{l.Latency, l.ZeroLatency}
	if model, made := m.latencies[key]; made {
		return model, nil
	}
	r := &report{src: &m.scenario.source}
	model, err := sampleReader{report: r, s: m.scenario, key: "link.latency", zero: l.ZeroLatency}.latency(l.Latency)
	if err == nil {
		_, err = r.result()
	}
	if m.latencies == nil {
		m.latencies = map[latencyKey]netmodel.Latency{}
	}
	m.latencies[key] = model
	return model, err
}

// latencyKey is all that the model of a latency depends on.
type latencyKey struct {
	latency Latency
	zero    bool
}

// Lookup finds a node by id.
func (m *Mesh) Lookup(id string) (sim.NodeID, bool) {
	n, ok := m.byID[id]
	return n, ok
}

// IDs lists the node ids by NodeID.
func (m *Mesh) IDs() []string {
	ids := make([]string, len(m.Nodes))
	for i, n := range m.Nodes {
		ids[i] = n.ID
	}
	return ids
}

func (m *Mesh) suggest(id string) string {
	first := Mesh{Nodes: m.Nodes[:min(len(m.Nodes), maxSuggestions)]}
	return suggest(id, first.IDs())
}

// maxSuggestions bounds the nodes that a wrong id is compared with: a file may
// have many wrong ids.
const maxSuggestions = 1000

// link finds a link by its ends, or returns nil.
func (m *Mesh) link(from, to sim.NodeID) *MeshLink {
	i, ok := slices.BinarySearchFunc(m.Links, MeshLink{From: from, To: to}, compareLinks)
	if !ok {
		return nil
	}
	return &m.Links[i]
}

// twoWay reports whether there is also a link back.
func (m *Mesh) twoWay(l *MeshLink) bool { return m.link(l.To, l.From) != nil }

// linkName names one direction of a link.
func (m *Mesh) linkName(l *MeshLink) string { return m.Nodes[l.From].ID + "->" + m.Nodes[l.To].ID }

func compareLinks(a, b MeshLink) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
}

// Ends are the two ends of one direction of a link.
type Ends struct{ From, To sim.NodeID }

// Resolve finds the links that a set names, in its order, each direction once.
func (m *Mesh) Resolve(set LinkSet) ([]Ends, error) {
	r := &report{src: &source{}}
	ends := m.resolveLinks(r, "links", set)
	_, err := r.result()
	return ends, err
}

func (m *Mesh) resolveLinks(r *report, path string, set LinkSet) (ends []Ends) {
	if r.touches(path) {
		return nil
	}
	if n, ok := drawn(set); ok {
		if most := len(m.pairs()); n > int64(most) && !m.nodesOpen && !m.linksOpen {
			r.add(path, set, "is more than the mesh has; allowed: 1 … %d pairs of linked nodes", most)
		}
		return nil
	}
	seen := map[Ends]bool{}
	for i, text := range set {
		place := elementPath(path, i)
		found, problem := m.resolveLink(text)
		if problem != "" {
			r.add(place, text, "%s", problem)
		}
		for _, e := range found {
			if seen[e] {
				r.add(place, text, "names %s->%s a second time", m.Nodes[e.From].ID, m.Nodes[e.To].ID)
			}
			seen[e] = true
			ends = append(ends, e)
		}
	}
	return ends
}

// resolveLink reads "a->b", "a<->b", "a--b" or "a-b". Ids may contain a hyphen, so
// the last two are cut wherever both sides are nodes.
func (m *Mesh) resolveLink(text string) (ends []Ends, problem string) {
	const allowed = `allowed: "a->b" (one way), "a-b" (both ways)`
	if a, b, ok := strings.Cut(text, "<->"); ok {
		return m.direct([][2]string{{a, b}}, true)
	}
	if a, b, ok := strings.Cut(text, "->"); ok {
		return m.direct([][2]string{{a, b}}, false)
	}
	var cuts [][2]string
	for i := range len(text) {
		if text[i] != '-' {
			continue
		}
		for _, mark := range []string{"--", "-"} {
			if rest, ok := strings.CutPrefix(text[i:], mark); ok {
				a, b := strings.TrimSpace(text[:i]), strings.TrimSpace(rest)
				_, knowsA := m.Lookup(a)
				_, knowsB := m.Lookup(b)
				if knowsA && knowsB {
					cuts = append(cuts, [2]string{a, b})
				}
			}
		}
	}
	switch len(cuts) {
	case 0:
		if a, b, ok := strings.Cut(text, "-"); ok && strings.Count(text, "-") == 1 {
			return m.direct([][2]string{{a, b}}, true) // says which end is unknown
		}
		if m.nodesOpen && strings.Contains(text, "-") {
			return nil, ""
		}
		return nil, "names no two nodes; " + allowed
	case 1:
		return m.direct(cuts, true)
	}
	return nil, `can be read in several ways; allowed: a pair ["a", "b"] or "a<->b"`
}

// direct gives the directions between two ends that have a link.
func (m *Mesh) direct(cuts [][2]string, both bool) (ends []Ends, problem string) {
	var n [2]sim.NodeID
	for i, id := range cuts[0] {
		id = strings.TrimSpace(id)
		node, ok := m.Lookup(id)
		if !ok && m.nodesOpen {
			return nil, ""
		}
		if !ok {
			return nil, "names the unknown node " + quote(shorten(id)) + m.suggest(id)
		}
		n[i] = node
	}
	ways := []Ends{{n[0], n[1]}, {n[1], n[0]}}
	if !both {
		ways = ways[:1]
	}
	for _, e := range ways {
		if m.link(e.From, e.To) != nil {
			ends = append(ends, e)
		}
	}
	if len(ends) == 0 && !m.linksOpen {
		return nil, "is not a link of this mesh"
	}
	return ends, ""
}

// ResolveNodes numbers the nodes that a list names, ascending.
func (m *Mesh) ResolveNodes(list NodeList) ([]sim.NodeID, error) {
	r := &report{src: &source{}}
	nodes := m.resolveNodes(r, "nodes", list)
	_, err := r.result()
	return nodes, err
}

func (m *Mesh) resolveNodes(r *report, path string, list NodeList) []sim.NodeID {
	var nodes []sim.NodeID
	if r.touches(path) {
		return nil
	}
	if len(list) == 1 && list[0] == everyone {
		for i := range m.Nodes {
			nodes = append(nodes, sim.NodeID(i))
		}
		return nodes
	}
	if n, ok := drawn(list); ok {
		m.checkDrawn(r, path, list, n)
		return nil
	}
	m.checkIDs(r, path, list)
	for _, id := range list {
		if n, known := m.Lookup(id); known {
			nodes = append(nodes, n)
		}
	}
	slices.Sort(nodes)
	return nodes
}

// ResolveGroups numbers the nodes of a partition's groups; "*" becomes all nodes
// in no other group.
func (m *Mesh) ResolveGroups(groups [][]string) ([][]sim.NodeID, error) {
	r := &report{src: &source{}}
	out := m.resolveGroups(r, "groups", groups)
	_, err := r.result()
	return out, err
}

func (m *Mesh) resolveGroups(r *report, path string, groups [][]string) [][]sim.NodeID {
	if n, ok := drawnGroups(groups); ok {
		m.checkDrawn(r, path, groups, n)
		return nil
	}
	out := make([][]sim.NodeID, len(groups))
	in, rest := map[sim.NodeID]int{}, -1
	for g, ids := range groups {
		place := elementPath(path, g)
		for i, id := range ids {
			n, known := m.Lookup(id)
			other, taken := in[n]
			switch {
			case id == everyone && rest >= 0:
				r.add(elementPath(place, i), id, "is in group %d already; allowed: once", rest)
			case id == everyone:
				rest = g
			case !known && m.nodesOpen:
			case !known:
				r.add(elementPath(place, i), id, "is not a node%s", m.suggest(id))
			case taken:
				r.add(elementPath(place, i), id, "is in group %d already; allowed: one group for each node", other)
			default:
				in[n] = g
				out[g] = append(out[g], n)
			}
		}
		if len(ids) == 0 {
			r.add(place, ids, "is empty; allowed: a list of ids, or \"*\" for all the rest")
		}
	}
	if rest >= 0 {
		for i := range m.Nodes {
			if _, taken := in[sim.NodeID(i)]; !taken {
				out[rest] = append(out[rest], sim.NodeID(i))
			}
		}
		if len(out[rest]) == 0 && !m.nodesOpen {
			r.add(elementPath(path, rest), groups[rest], "no node is left for \"*\"")
		}
	}
	return out
}

// Find finds a link by its ends.
func (m *Mesh) Find(from, to sim.NodeID) (*MeshLink, bool) {
	l := m.link(from, to)
	return l, l != nil
}
