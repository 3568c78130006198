package scenarios

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"meshsim/netmodel"
	"meshsim/sim"
)

// maxNodes bounds a mesh.
const maxNodes = 100_000

// grapher puts a Mesh together. Nodes have positions until their keys give them
// numbers.
type grapher struct {
	*report
	s         *Scenario
	ids       []string
	positions map[string]int
	links     []draft
	byEnds    map[[2]int]int          // to links
	places    map[int]netmodel.Place  // by position, of nodes that have one
	labels    map[int]string          // by position, likewise
	hosts     map[int]string          // by position, of a sybil's further ids
	contacts  []contactDraft          // of a contact plan
	closed    bool                    // no further nodes: a link to one is an error
	means     map[latencyKey]Duration // of latencies that were compared
	met       map[string]metName      // names in a CSV file or contact plan, by id

	// What a problem leaves unsure: whether there are further nodes, or links.
	nodesOpen, linksOpen bool
}

// draft is one direction of a link between positions.
type draft struct {
	ends  [2]int
	spec  Link
	timed bool   // the latency is its own, not that of [link]
	entry int    // of [[links]] that gave it; −1 when none did
	place string // key that gave the latency; "" for a file, which checks its own
}

func newGrapher(r *report, s *Scenario) *grapher {
	return &grapher{
		report: r, s: s, closed: true,
		positions: map[string]int{}, byEnds: map[[2]int]int{}, places: map[int]netmodel.Place{}, labels: map[int]string{}, hosts: map[int]string{},
	}
}

// mesh builds the graph, or returns nil when there are problems.
func (s *Scenario) mesh(r *report) *Mesh {
	before := r.errors()
	if m := s.sketch(r); r.errors() == before && s.Topology.Kind != nil {
		return m
	}
	return nil
}

// sketch builds the graph without what has problems, found now or before. It
// serves the checks of what names nodes and links: the mesh knows of what its
// problems leave it unsure.
func (s *Scenario) sketch(r *report) *Mesh {
	before := r.errors()
	g := newGrapher(r, s)
	if g.drawable() {
		s.Topology.Kind.draw(g)
		if _, fromFile := s.Topology.Kind.(fileKind); fromFile && (r.errors() > before || r.touches("files")) {
			g.nodesOpen = true
		}
	} else {
		g.nodesOpen = true
	}
	g.closed = g.closed && !g.nodesOpen
	g.ownLinks()
	g.sybils()
	g.locate()
	if len(g.ids) == 0 && r.errors() == before && !g.nodesOpen && !r.touches("links", "link") {
		r.add("topology", nil, "is empty; allowed: at least one node")
	}
	g.checkLatencies()
	g.checkPolicies()
	return g.finish()
}

// drawable reports whether all that decides on the nodes is sound.
func (g *grapher) drawable() bool {
	kind := g.s.Topology.Kind
	if kind == nil || g.touches("topology.kind") {
		return false
	}
	for _, f := range schemas[reflect.TypeOf(kind)].fields {
		if g.touches(joinKey("topology", f.key)) {
			return false
		}
	}
	for i := range g.s.Nodes {
		if g.touches(elementPath("node", i) + ".id") {
			return false
		}
	}
	return len(g.s.Nodes) > 0 || !g.touches("node")
}

// addNode gives an id the next position, or finds the one it has.
func (g *grapher) addNode(id string) int {
	if i, known := g.positions[id]; known {
		return i
	}
	g.positions[id] = len(g.ids)
	g.ids = append(g.ids, id)
	return len(g.ids) - 1
}

// generate makes n nodes and links between them.
func (g *grapher) generate(n int64, links func(int) ([]netmodel.Pair, error)) {
	pairs, err := links(int(n))
	if err != nil { // unless its bounds were checked
		g.report.add("topology.nodes", n, "%v", err)
		return
	}
	g.name(n)
	g.join(pairs)
}

// name makes n nodes and lets [[node]] name them: in order, if there are as many
// and not all have default ids; else each must be one of them.
func (g *grapher) name(n int64) {
	nodes := g.s.Nodes
	inOrder := int64(len(nodes)) == n && slices.ContainsFunc(nodes, func(node Node) bool { return !isDefaultID(node.ID, n) })
	for i := range int(n) {
		if inOrder {
			g.ids = append(g.ids, nodes[i].ID)
		} else {
			g.ids = append(g.ids, "n"+strconv.Itoa(i))
		}
		g.positions[g.ids[i]] = i
	}
	for i, node := range nodes {
		if _, known := g.positions[node.ID]; !known {
			g.report.add(elementPath("node", i)+".id", node.ID, "is not a node of this topology; allowed: n0 … n%d, or %d entries that name them all%s", n-1, n, g.suggest(node.ID))
			g.addNode(node.ID) // who names it elsewhere makes no second mistake
		}
	}
}

// join links positions as [link] says.
func (g *grapher) join(pairs []netmodel.Pair) {
	for _, pair := range pairs {
		g.both([2]int{pair.A, pair.B}, draft{spec: g.s.Link, entry: -1, place: "link"})
	}
}

func isDefaultID(id string, n int64) bool {
	digits, ok := strings.CutPrefix(id, "n")
	i, err := strconv.ParseInt(digits, 10, 64)
	return ok && err == nil && i < n && id == "n"+strconv.FormatInt(i, 10)
}

func (g *grapher) suggest(id string) string {
	return suggest(id, g.ids[:min(len(g.ids), maxSuggestions)])
}

// both adds a link in both directions.
func (g *grapher) both(ends [2]int, d draft) {
	d.ends = ends
	g.put(d)
	d.ends = [2]int{ends[1], ends[0]}
	g.put(d)
}

// put adds a direction or replaces it.
func (g *grapher) put(d draft) {
	if i, known := g.byEnds[d.ends]; known {
		g.links[i] = d
		return
	}
	g.byEnds[d.ends] = len(g.links)
	g.links = append(g.links, d)
}

func (k Line) draw(g *grapher) { g.generate(k.Nodes, netmodel.Line) }
func (k Ring) draw(g *grapher) { g.generate(k.Nodes, netmodel.Ring) }
func (k Star) draw(g *grapher) { g.generate(k.Nodes, netmodel.Star) }
func (k Full) draw(g *grapher) { g.generate(k.Nodes, netmodel.Full) }

func (k Tree) draw(g *grapher) {
	g.generate(k.Nodes, func(n int) ([]netmodel.Pair, error) { return netmodel.Tree(n, int(k.Branching)) })
}

func (k Grid) draw(g *grapher)  { g.table(k.Rows, k.Columns, netmodel.Grid) }
func (k Torus) draw(g *grapher) { g.table(k.Rows, k.Columns, netmodel.Torus) }

// table makes rows × columns nodes.
func (g *grapher) table(rows, columns int64, links func(rows, columns int) ([]netmodel.Pair, error)) {
	if rows*columns > maxNodes {
		g.report.add("topology.columns", columns, "makes %d nodes with %d rows; allowed: %d nodes", rows*columns, rows, maxNodes)
		g.nodesOpen = true
		return
	}
	g.generate(rows*columns, func(int) ([]netmodel.Pair, error) { return links(int(rows), int(columns)) })
}

func (k OwnLinks) draw(g *grapher) {
	switch {
	case k.Nodes != 0:
		g.generate(k.Nodes, func(int) ([]netmodel.Pair, error) { return nil, nil })
	case len(g.s.Nodes) > 0:
		for _, node := range g.s.Nodes {
			g.addNode(node.ID)
		}
	default:
		g.closed = false
	}
}

// ownLinks applies [[links]]: each overrides a link or adds one.
func (g *grapher) ownLinks() {
	g.linksOpen = g.linksOpen || g.nodesOpen || len(g.s.Links) == 0 && g.touches("links", "link")
	g.nodesOpen = g.nodesOpen || g.linksOpen && !g.closed
	for i := range g.s.Links {
		entry, path := &g.s.Links[i], elementPath("links", i)
		ids, keys, ok := g.ends(entry, path)
		if !ok {
			g.linksOpen = true
			g.nodesOpen = g.nodesOpen || !g.closed
			continue
		}
		var ends [2]int
		for k, id := range ids {
			position, known := g.positions[id]
			if !known && g.closed {
				g.report.add(path+keys[k], id, "is not a node%s", g.suggest(id))
				ok, g.linksOpen = false, true
			} else if !known {
				position = g.addNode(id)
			}
			ends[k] = position
		}
		if ok {
			g.override(ends, entry, i, path+keys[0])
			if entry.From == "" {
				g.override([2]int{ends[1], ends[0]}, entry, i, path+keys[1])
			}
		}
	}
}

// ends reads the two ends of an entry and the keys that gave them.
func (g *grapher) ends(entry *Links, path string) (ids [2]string, keys [2]string, ok bool) {
	keys = [2]string{".from", ".to"}
	switch {
	case g.touches(path+".from", path+".to", path+".between"):
		return ids, keys, false
	case len(entry.Between) > 0 && (entry.From != "" || entry.To != ""):
		g.report.add(path+".between", entry.Between, "can't stand beside from and to; allowed: from and to for one direction, between for both")
		return ids, keys, false
	case len(entry.Between) > 0:
		if len(entry.Between) != 2 {
			g.report.add(path+".between", entry.Between, "has %d entries; allowed: 2", len(entry.Between))
			return ids, keys, false
		}
		ids, keys = [2]string(entry.Between), [2]string{".between[0]", ".between[1]"}
	case entry.From == "" || entry.To == "":
		g.report.add(path, nil, "has no ends; allowed: from and to for one direction, between = [a, b] for both")
		return ids, keys, false
	default:
		ids = [2]string{entry.From, entry.To}
	}
	for k, id := range ids {
		if problem := checkID(id); problem != "" {
			g.report.add(path+keys[k], id, "%s", problem)
			return ids, keys, false
		}
	}
	if ids[0] == ids[1] {
		g.report.add(path+keys[1], ids[1], "links %s to itself", ids[0])
		return ids, keys, false
	}
	return ids, keys, true
}

// override applies an entry to one direction.
func (g *grapher) override(ends [2]int, entry *Links, i int, place string) {
	d := draft{ends: ends, spec: g.s.Link, place: "link"}
	at, known := g.byEnds[ends]
	if known {
		d = g.links[at]
	}
	_, only := g.s.Topology.Kind.(OwnLinks)
	switch {
	case known && d.entry >= 0:
		g.report.add(place, g.ids[ends[0]]+"->"+g.ids[ends[1]], "is given by links[%d] already; allowed: one entry for each direction", d.entry)
		return
	case !known && !only && !g.nodesOpen:
		g.warn(place, g.ids[ends[0]]+"->"+g.ids[ends[1]], "is not a link of the topology; it is added")
	}
	d.entry = i
	entry.apply(&d.spec)
	d.timed = d.timed || entry.Latency != nil
	if entry.Latency != nil || entry.ZeroLatency != nil {
		d.place = elementPath("links", i)
	}
	g.put(d)
}

// sybilLink is the wire between a node and its further ids: nothing is lost on it.
const sybilLink = time.Microsecond

// sybils adds the further ids of adversaries, each linked to the node behind it alone.
func (g *grapher) sybils() {
	for i, a := range g.s.Adversaries {
		kind, ok := a.Behaviour.(SybilAttack)
		path := elementPath("adversary", i)
		if !ok || g.touches(path) {
			continue
		}
		if a.Nodes.All() || a.Nodes.Random > 0 {
			g.report.add(path+".nodes", a.Nodes, "adds nodes to the mesh; allowed: ids")
			continue
		}
		for _, host := range a.Nodes.IDs {
			at, known := g.positions[host]
			for n := int64(1); known && n <= kind.Count; n++ {
				id := host + "+" + strconv.FormatInt(n, 10)
				if _, taken := g.positions[id]; taken {
					g.report.add(path+".nodes", a.Nodes, "makes the further id %s, which is a node already", quote(id))
					continue
				}
				position := g.addNode(id)
				g.hosts[position] = host
				g.both([2]int{at, position}, draft{spec: Link{Latency: Latency{ConstantLatency{Duration(sybilLink)}}, QueuePolicy: "drop_tail"}, timed: true, entry: -1})
			}
		}
	}
}

// checkLatencies refuses a latency of 0 where it is not asked for, once for each
// place that gives one.
func (g *grapher) checkLatencies() {
	for _, d := range g.links {
		key := d.place + ".latency"
		if d.spec.Latency.Least() == 0 && !d.spec.ZeroLatency && d.place != "" && !g.touches(key, d.place+".zero_latency", "link.latency", "link.zero_latency") {
			g.report.add(key, d.spec.Latency, "must be above 0; allowed: at least \"1ns\", or zero_latency = true")
		}
	}
}

// finish numbers the nodes by their keys.
func (g *grapher) finish() *Mesh {
	m := &Mesh{scenario: g.s, Nodes: make([]MeshNode, len(g.ids)), byID: make(map[string]sim.NodeID, len(g.ids)), nodesOpen: g.nodesOpen, linksOpen: g.linksOpen}
	common := &g.s.NodeDefaults
	for i, id := range g.ids {
		m.Nodes[i] = MeshNode{
			ID: id, Key: id, Kind: common.Kind, Address: common.Address, Capabilities: common.Capabilities, Anchors: common.Anchors,
			Host: g.hosts[i], Label: g.labels[i], Uplink: common.Uplink, Downlink: common.Downlink, Place: g.places[i],
		}
	}
	for _, n := range g.s.Nodes {
		if i, known := g.positions[n.ID]; known {
			m.Nodes[i].set(&n)
		}
	}
	slices.SortFunc(m.Nodes, func(a, b MeshNode) int { return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.ID, b.ID)) })
	for i, n := range m.Nodes {
		m.byID[n.ID] = sim.NodeID(i)
	}
	for _, d := range g.links {
		m.Links = append(m.Links, MeshLink{m.byID[g.ids[d.ends[0]]], m.byID[g.ids[d.ends[1]]], d.spec})
	}
	slices.SortFunc(m.Links, compareLinks)
	m.Contacts = g.plan(m)
	g.checkKeys(m)
	return m
}

// set makes the node what its entry says.
func (m *MeshNode) set(n *Node) {
	m.Key, m.Kind, m.Address = cmp.Or(n.Key, n.ID), cmp.Or(n.Kind, m.Kind), cmp.Or(n.Address, m.Address)
	if len(n.Capabilities) > 0 {
		m.Capabilities = n.Capabilities
	}
	if n.Anchors != nil {
		m.Anchors = n.Anchors
	}
	m.Label = cmp.Or(n.Label, m.Label)
	m.Uplink, m.Downlink = given(n.Uplink, m.Uplink), given(n.Downlink, m.Downlink)
}

// given is the value of a key that an entry may give, or else the common one.
func given[T any](own *T, common T) T {
	if own != nil {
		return *own
	}
	return common
}

// checkKeys refuses two nodes with one key: draws could not tell them apart.
func (g *grapher) checkKeys(m *Mesh) {
	for i := 1; i < len(m.Nodes); i++ {
		a, b := m.Nodes[i-1], m.Nodes[i]
		if a.Key != b.Key || a.ID == b.ID {
			continue
		}
		entry := slices.IndexFunc(g.s.Nodes, func(n Node) bool { return n.Key == a.Key })
		g.report.add(elementPath("node", max(entry, 0))+".key", a.Key, "is the key of both %s and %s; allowed: one node for each key (default: its id)", a.ID, b.ID)
	}
}

// checkID says what is wrong with a node id, or "".
func checkID(id string) string {
	const longest = 128
	switch {
	case id == "":
		return "is empty; allowed: a node id"
	case len(id) > longest:
		return "is longer than " + strconv.Itoa(longest) + " bytes"
	case slices.Contains(targetWords, id), isDrawn(id):
		return "is a word of the language; allowed: any other id"
	case strings.Contains(id, "->"):
		return `contains "->", which stands between the ends of a link`
	case strings.TrimSpace(id) != id || strings.ContainsFunc(id, unprintable):
		return "has blanks at an end, or characters that can't be printed"
	}
	return ""
}
