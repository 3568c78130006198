package netfile

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// graphmlReader reads GraphML. Nodes of nested graphs are nodes like all others.
type graphmlReader struct {
	b      *builder
	in     *xml.Decoder
	source *meteredReader
	at     int      // line on which the token begins
	open   []string // names of the elements that are open
	graphs int

	keys      map[string]string // names of attributes by id; "" for those that mean nothing
	declaring graphmlDefault    // the key that is read
	defaults  []graphmlDefault

	inNode, inEdge bool
	id             attribute    // of the node that is read
	ends           [2]attribute // of the edge that is read
	way            way
	line           int
	nodes, edges   int         // that were read
	gathered       []attribute // what its data say
	drawn          []attribute // what a yEd drawing of it says

	element string // whose text is collected
	data    attribute
	text    strings.Builder
}

// graphmlDefault is the value of an attribute for those that do not give it.
type graphmlDefault struct {
	attribute
	of string // node, edge or all
}

// maxElement bounds one tag or text: the XML reader keeps it whole, and takes
// many times its size for one of many attributes.
const maxElement = 1 << 20

// meteredReader gives bytes until an element is too long.
type meteredReader struct {
	in   *bytes.Reader
	left int
}

var errLong = errors.New("an element is longer than 1 MiB")

func (r *meteredReader) ReadByte() (byte, error) {
	if r.left--; r.left < 0 {
		return 0, errLong
	}
	return r.in.ReadByte()
}

func (r *meteredReader) Read(p []byte) (int, error) { // the XML reader reads bytes
	c, err := r.ReadByte()
	if err != nil || len(p) == 0 {
		return 0, err
	}
	p[0] = c
	return 1, nil
}

func parseGraphML(b *builder, data []byte) {
	r := &graphmlReader{b: b, source: &meteredReader{in: bytes.NewReader(data)}, keys: map[string]string{}}
	r.in = xml.NewDecoder(r.source)
	b.network.Edges = "edge"
	r.in.CharsetReader = func(string, io.Reader) (io.Reader, error) { return r.source, nil } // it is UTF-8: Parse looked
	for !b.full {
		r.source.left = maxElement
		r.at, _ = r.in.InputPos()
		t, err := r.in.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.syntax(err)
			return
		}
		switch t := t.(type) {
		case xml.StartElement:
			r.start(t)
		case xml.EndElement:
			r.end(t.Name.Local)
		case xml.CharData:
			if r.element != "" {
				r.text.Write(t)
			}
		}
	}
	switch {
	case b.full:
	case len(r.open) > 0:
		b.stop(r.at, "syntax: the file ends within <%s>", shorten(r.open[len(r.open)-1]))
	case r.graphs == 0:
		b.problem(1, "", nil, "has no graph; allowed: <graphml><graph edgedefault=\"undirected\">…")
	}
}

func (r *graphmlReader) syntax(err error) {
	line, _ := r.in.InputPos()
	text := err.Error()
	if bad := (*xml.SyntaxError)(nil); errors.As(err, &bad) {
		text, line = bad.Msg, bad.Line
	}
	r.b.stop(line, "syntax: %s", shorten(text))
}

// start reads an opening tag. Prefixes are not looked up: y:Geometry is yEd's in
// every file that has it.
func (r *graphmlReader) start(t xml.StartElement) {
	name := t.Name.Local
	if len(r.open) == 0 && name != "graphml" {
		r.b.stop(r.at, "the outermost element is <%s>; allowed: <graphml>", shorten(name))
		return
	}
	if r.open = append(r.open, name); len(r.open) > maxDepth {
		r.b.stop(r.at, "syntax: elements are nested too deeply")
		return
	}
	switch name {
	case "key":
		r.key(t)
	case "default":
		r.collect(name, r.declaring.name)
	case "graph":
		r.graph(t)
	case "node":
		r.flush() // the node around it
		r.node(t)
	case "edge":
		r.flush()
		r.edge(t)
	case "hyperedge":
		r.b.warning("hyperedge", Problem{Line: r.at, Message: "a hyperedge is no link between two nodes; it is dropped"})
	case "data":
		r.startData(t)
	case "Geometry":
		r.geometry(t)
	case "NodeLabel":
		if r.inNode {
			r.collect(name, "label")
		}
	}
}

// value is an attribute of a tag.
func value(t xml.StartElement, name string) (text string, ok bool) {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value, true
		}
	}
	return "", false
}

func (r *graphmlReader) key(t xml.StartElement) {
	const most = 10_000
	id, ok := value(t, "id")
	if !ok {
		r.b.problem(r.at, "id", nil, "is missing in <key>; allowed: the name that <data key=\"…\"> uses")
		return
	}
	if len(r.keys) == most {
		r.b.limit(r.at, "keys", most)
		return
	}
	if _, known := r.keys[id]; known {
		r.b.problem(r.at, "id", id, "is the id of an earlier <key> too; allowed: one <key> for each id")
		r.declaring = graphmlDefault{}
		return
	}
	name, _ := value(t, "attr.name")
	of, _ := value(t, "for")
	if !isKnown(name) {
		name = ""
	}
	r.keys[id] = name
	r.declaring = graphmlDefault{attribute{name: name}, of}
}

func (r *graphmlReader) graph(t xml.StartElement) {
	if slices.Contains(r.open[:len(r.open)-1], "graph") {
		return // a nested one
	}
	if r.graphs++; r.graphs > 1 {
		r.b.stop(r.at, "has a second graph; allowed: one")
		return
	}
	switch direction, ok := value(t, "edgedefault"); {
	case !ok:
		r.b.warning("edgedefault", Problem{Line: r.at, Key: "edgedefault", Message: "is missing; undirected is taken"})
	case direction == "directed":
		r.b.directed = true
	case direction != "undirected":
		r.b.problem(r.at, "edgedefault", direction, "is not known; allowed: directed undirected")
	}
}

func (r *graphmlReader) node(t xml.StartElement) {
	r.b.at = place{"node", r.nodes}
	r.nodes++
	id, ok := value(t, "id")
	if !ok {
		r.b.problem(r.at, "id", nil, "is missing in <node>; allowed: a node id")
	}
	r.id, r.inNode = attribute{"id", id, r.at}, ok
}

func (r *graphmlReader) edge(t xml.StartElement) {
	r.b.at = place{"edge", r.edges}
	r.edges++
	r.inEdge, r.line, r.way = true, r.at, asGraph
	for k, key := range [2]string{"source", "target"} {
		id, ok := value(t, key)
		if !ok {
			r.b.problem(r.at, key, nil, "is missing in <edge>; allowed: a node id")
			r.inEdge = false
		}
		r.ends[k] = attribute{key, id, r.at}
	}
	switch directed, ok := value(t, "directed"); {
	case !ok:
	case directed == "true" || directed == "1":
		r.way = oneWay
	case directed == "false" || directed == "0":
		r.way = bothWays
	default:
		r.b.problem(r.at, "directed", directed, "is not known; allowed: true false")
	}
}

func (r *graphmlReader) startData(t xml.StartElement) {
	id, _ := value(t, "key")
	name, declared := r.keys[id]
	switch {
	case !declared:
		r.b.problem(r.at, "key", id, "is not declared; allowed: the id of a <key>")
	case r.inNode || r.inEdge:
		r.collect("data", name)
	}
}

// collect begins to take the text of an element as the value of an attribute.
func (r *graphmlReader) collect(element, name string) {
	if r.element == "" && name != "" {
		r.element, r.data = element, attribute{name: name, line: r.at}
		r.text.Reset()
	}
}

// geometry is where yEd draws a node.
func (r *graphmlReader) geometry(t xml.StartElement) {
	for _, name := range []string{"x", "y"} {
		if text, ok := value(t, name); ok && r.inNode {
			r.draw(attribute{name, Bare(text), r.at})
		}
	}
}

func (r *graphmlReader) draw(a attribute) {
	if _, known := exactly(r.drawn, a.name); !known {
		r.drawn = append(r.drawn, a)
	}
}

// end reads a closing tag.
func (r *graphmlReader) end(name string) {
	if len(r.open) == 0 || r.open[len(r.open)-1] != name {
		r.b.stop(r.at, "syntax: </%s> closes what is not open", shorten(name))
		return
	}
	r.open = r.open[:len(r.open)-1]
	if name == r.element {
		r.take(strings.TrimSpace(r.text.String()))
	}
	if name == "node" || name == "edge" {
		r.flush()
	}
}

// take is the text of an element at its end.
func (r *graphmlReader) take(text string) {
	r.data.value = text
	switch {
	case text == "":
	case r.element == "default":
		r.declaring.attribute = r.data
		same := func(d graphmlDefault) bool { return d.name == r.data.name && d.of == r.declaring.of }
		r.defaults = append(slices.DeleteFunc(r.defaults, same), r.declaring)
	case r.element == "NodeLabel":
		r.draw(r.data)
	default:
		r.gathered = append(r.gathered, r.data)
	}
	r.element = ""
}

// flush hands over the node or edge that was read.
func (r *graphmlReader) flush() {
	r.complete("node", r.inNode)
	r.complete("edge", r.inEdge)
	switch {
	case r.inNode:
		r.b.node(r.id, r.gathered)
	case r.inEdge:
		r.b.edge(r.ends[0], r.ends[1], r.line, r.way, r.gathered)
	}
	r.inNode, r.inEdge, r.element = false, false, ""
	r.gathered, r.drawn = r.gathered[:0], r.drawn[:0]
	r.b.at = place{}
}

// complete adds what the drawing and the defaults say of what the data do not.
func (r *graphmlReader) complete(of string, reading bool) {
	if !reading {
		return
	}
	_, named := find(r.gathered, labelNames)
	for _, a := range r.drawn {
		if _, given := exactly(r.gathered, a.name); !given && (a.name != "label" || !named) {
			r.gathered = append(r.gathered, a)
		}
	}
	for _, d := range r.defaults {
		if _, given := exactly(r.gathered, d.name); !given && (d.of == of || d.of == "all") {
			r.gathered = append(r.gathered, d.attribute)
		}
	}
}
