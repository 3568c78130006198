package netfile

import (
	"fmt"
	"strings"

	"meshsim/sim"
)

// maxTold bounds the warnings of one sort: a dump of a large multigraph has
// thousands, and nobody reads them.
const maxTold = 50

// attribute is one name with its value.
type attribute struct {
	name  string
	value any // a string, a Bare word, or nil for what is no scalar
	line  int
}

// builder puts a Network together for any of the readers.
type builder struct {
	rules    Rules
	network  Network
	full     bool           // enough problems, or a bound was passed: nothing more is read
	wrong    bool           // a problem that is no warning was found
	byName   map[string]int // ids that were met, to names
	names    []name
	edges    []edge
	directed bool      // edges that do not say go one way
	endNames [2]string // of edges, in messages
	implied  bool      // an edge makes the nodes that it names
	plane    plane
	told     map[string]int // warnings, by sort
	at       place          // what is read, for the keys of problems
}

// name is an id that was met: of a node, or in an edge.
type name struct {
	id   string
	node int // in network.Nodes; −1 while it is not declared
	line int // where it was met first
	bare bool
	told bool // that it collides with another
}

// place is an entry of a list of the file. A file may be one line, so that the line
// tells nothing.
type place struct {
	list  string // "" outside of any
	index int
}

// key is the place of an attribute of the entry, or of the entry itself.
func (p place) key(attribute string) string {
	switch {
	case p.list == "":
		return attribute
	case attribute == "":
		return fmt.Sprintf("%s[%d]", p.list, p.index)
	}
	return fmt.Sprintf("%s[%d].%s", p.list, p.index, attribute)
}

// way says where an edge goes.
type way uint8

const (
	asGraph way = iota // as the graph says
	oneWay
	bothWays
)

// edge is a link whose nodes may still come.
type edge struct {
	ends        [2]int // in names
	line        int
	entry       int // in the file's list of edges, if it has one
	way         way
	there, back values
}

// values are those of one direction.
type values struct {
	known     Values
	latency   int64
	loss      sim.Ratio
	bandwidth int64
}

func newBuilder(rules Rules) *builder {
	return &builder{rules: rules, byName: map[string]int{}, told: map[string]int{}, endNames: [2]string{"source", "target"}}
}

// problem reports what is wrong.
func (b *builder) problem(line int, key string, value any, format string, args ...any) {
	b.wrong = true
	b.report(Problem{Line: line, Key: key, Value: value, Message: fmt.Sprintf(format, args...)})
}

func (b *builder) report(p Problem) {
	p.Key = b.at.key(p.Key)
	if !b.full && !b.rules.Report(p) {
		b.full = true
	}
}

// warning reports what the network can do without; only the first of a sort are
// told.
func (b *builder) warning(sort string, p Problem) {
	p.Warning = true
	if b.told[sort]++; b.told[sort] <= maxTold {
		b.report(p)
	}
}

// stop is a problem after which nothing more is read.
func (b *builder) stop(line int, format string, args ...any) {
	if !b.full {
		b.problem(line, "", nil, format, args...)
	}
	b.full = true
}

// limit is stop for more than a file may hold.
func (b *builder) limit(line int, what string, most int) {
	b.at = place{}
	b.stop(line, "has more than %d %s; allowed: at most %d", most, what, most)
}

// id is what a name in a file stands for, or "" after a problem; bare says that it
// was given without the n before it.
func (b *builder) id(a attribute) (id string, bare bool) {
	var text string
	switch v := a.value.(type) {
	case string:
		text = v
	case Bare:
		text = string(v)
		if strings.ContainsAny(text, ".eE+") && isNumber(text) {
			b.problem(a.line, a.name, a.value, "is no whole number; allowed: a node id")
			return "", false
		}
	default:
		b.problem(a.line, a.name, nil, "is no text and no number; allowed: a node id")
		return "", false
	}
	id, bare = NodeID(text)
	if problem := b.rules.CheckID(id); problem != "" {
		b.problem(a.line, a.name, a.value, "%s", problem)
		return "", false
	}
	return id, bare
}

// meet numbers a name; −1 after a problem.
func (b *builder) meet(a attribute) int {
	id, bare := b.id(a)
	if id == "" {
		return -1
	}
	i, known := b.byName[id]
	switch {
	case known && b.names[i].bare != bare:
		if !b.names[i].told {
			b.names[i].told = true
			b.problem(a.line, a.name, a.value, "%s", Collision(id, bare, b.names[i].line))
		}
		return -1
	case known:
		return i
	}
	id = strings.Clone(id) // else it would hold the whole file
	b.byName[id] = len(b.names)
	b.names = append(b.names, name{id: id, node: -1, line: a.line, bare: bare})
	return len(b.names) - 1
}

// declare makes a node of a name that is none yet.
func (b *builder) declare(i, line int) (node int) {
	n := &b.names[i]
	if n.node < 0 {
		n.node = len(b.network.Nodes)
		b.network.Nodes = append(b.network.Nodes, Node{ID: n.id})
		if len(b.network.Nodes) > b.rules.MaxNodes {
			b.limit(line, "nodes", b.rules.MaxNodes)
		}
	}
	return n.node
}

// node adds a node of a format that declares each once.
func (b *builder) node(id attribute, attributes []attribute) {
	i := b.meet(id)
	if i < 0 {
		return
	}
	if b.names[i].node >= 0 {
		b.problem(id.line, id.name, id.value, "is the id of an earlier node too; allowed: one node for each id")
		return
	}
	b.describe(b.declare(i, id.line), attributes)
}

// edge adds a link between two named nodes.
func (b *builder) edge(source, target attribute, line int, w way, attributes []attribute) {
	from, to := b.meet(source), b.meet(target)
	there, back := b.weigh(attributes)
	if from < 0 || to < 0 || b.full {
		return
	}
	b.link([2]int{from, to}, line, w, there, back)
}

func (b *builder) link(ends [2]int, line int, w way, there, back values) {
	if b.room(1, line); !b.full {
		b.edges = append(b.edges, edge{ends, line, b.at.index, w, there, back})
	}
}

// room ends the reading when there is none for so many further links.
func (b *builder) room(further, line int) {
	if len(b.edges)+further > b.rules.MaxLinks {
		b.limit(line, "links", b.rules.MaxLinks)
	}
}

// finish makes links of the edges.
func (b *builder) finish() {
	if b.full {
		return
	}
	b.places()
	at := make(map[[2]int]int, 2*len(b.edges)) // directions, to network.Links
	for _, e := range b.edges {
		b.at = place{b.network.Edges, e.entry}
		ends, ok := b.ends(e)
		switch {
		case b.full:
			return
		case !ok:
			continue
		case ends[0] == ends[1]:
			b.warning("self-loop", Problem{Line: e.line, Message: b.network.Nodes[ends[0]].ID + " is linked to itself; the link is dropped"})
			continue
		}
		first := b.merge(at, ends, e, e.there)
		if e.way == bothWays || e.way == asGraph && !b.directed {
			first = max(first, b.merge(at, [2]int{ends[1], ends[0]}, e, e.back))
		}
		if first > 0 {
			a, z := b.network.Nodes[ends[0]].ID, b.network.Nodes[ends[1]].ID
			b.warning("parallel link", Problem{Line: e.line, Message: fmt.Sprintf("%s and %s are also linked in line %d; the least latency stays", a, z, first)})
		}
	}
	b.at = place{}
	b.summarize()
	if len(b.network.Nodes) == 0 && !b.wrong {
		b.problem(1, "", nil, NoNodes)
	}
}

// ends are the nodes of an edge, if they exist.
func (b *builder) ends(e edge) (nodes [2]int, ok bool) {
	ok = true
	for k, key := range b.endNames {
		n := b.names[e.ends[k]]
		switch {
		case n.node >= 0:
			nodes[k] = n.node
		case b.implied:
			nodes[k] = b.declare(e.ends[k], e.line)
		default:
			b.problem(e.line, key, n.id, "is not a node of this file%s", b.rules.Suggest(n.id, b.known()))
			ok = false
		}
	}
	return nodes, ok
}

// known lists some nodes that a wrong name may stand for.
func (b *builder) known() []string {
	const most = 1000
	var ids []string
	for _, n := range b.network.Nodes[:min(len(b.network.Nodes), most)] {
		ids = append(ids, n.ID)
	}
	return ids
}

// merge adds a direction unless a quicker one is there. It returns the line that
// gave the direction first, or 0 when this one did.
func (b *builder) merge(at map[[2]int]int, ends [2]int, e edge, v values) (first int) {
	l := Link{From: ends[0], To: ends[1], Line: e.line, Entry: e.entry, Known: v.known, Latency: v.latency, Loss: v.loss, Bandwidth: v.bandwidth}
	i, known := at[ends]
	if !known {
		at[ends] = len(b.network.Links)
		b.network.Links = append(b.network.Links, l)
		return 0
	}
	old := &b.network.Links[i]
	first = old.Line
	if b.latencyOf(&l) < b.latencyOf(old) {
		l.Line = first // of which later ones are told
		*old = l
	}
	return first
}

func (b *builder) latencyOf(l *Link) int64 {
	if l.Known&HasLatency == 0 {
		return b.rules.Latency
	}
	return l.Latency
}

// summarize counts the warnings that were not told.
func (b *builder) summarize() {
	for _, sort := range []string{"self-loop", "parallel link", "unlisted node", "half a place", "rate of 0", "hyperedge", "label"} {
		if more := b.told[sort] - maxTold; more > 0 {
			b.report(Problem{Line: 1, Message: fmt.Sprintf("there are %d further warnings of this sort: %s", more, sort), Warning: true})
		}
	}
}
