package netfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

// jsonReader reads JSON token by token, so that every one has its line.
type jsonReader struct {
	b     *builder
	data  []byte
	in    *json.Decoder
	lines lineCounter
	depth int
	shape jsonShape
	seen  []string // keys of the outermost object
}

// jsonShape is how links name their ends: source and target as in meshnet-lab, or
// a and b.
type jsonShape uint8

const (
	unknownShape jsonShape = iota
	sourceTarget
	aAndB
)

// lineCounter turns growing offsets into lines.
type lineCounter struct {
	data []byte
	pos  int
	line int // newlines before pos
}

func (c *lineCounter) at(offset int) int {
	offset = min(max(offset, c.pos), len(c.data))
	c.line += bytes.Count(c.data[c.pos:offset], []byte("\n"))
	c.pos = offset
	return c.line + 1
}

func parseJSON(b *builder, data []byte) {
	r := &jsonReader{b: b, data: data, in: json.NewDecoder(bytes.NewReader(data)), lines: lineCounter{data: data}}
	r.in.UseNumber()
	first, ok := r.token()
	if !ok {
		return
	}
	if first != json.Delim('{') {
		b.stop(r.line(), "is no object; allowed: { \"nodes\": […], \"links\": […] }")
		return
	}
	for r.in.More() && !b.full {
		r.member()
	}
	if b.full {
		return
	}
	if _, ok := r.token(); !ok { // the closing brace
		return
	}
	if _, err := r.in.Token(); !errors.Is(err, io.EOF) {
		b.stop(r.line(), "syntax: something follows the outermost object")
		return
	}
	r.complete()
}

// complete judges what can be judged at the end only.
func (r *jsonReader) complete() {
	listed := slices.Contains(r.seen, "nodes")
	linked := slices.Contains(r.seen, "links")
	switch {
	case !listed && !linked:
		r.b.problem(1, "", nil, "has neither nodes nor links; allowed: { \"nodes\": […], \"links\": […] }")
	case r.shape == sourceTarget:
		// In meshnet-lab links make the nodes, and nodes only describe them.
		r.b.implied = true
		if !listed {
			return
		}
		for _, e := range r.b.edges {
			r.b.at = place{r.b.network.Edges, e.entry}
			for k, key := range r.b.endNames {
				if n := r.b.names[e.ends[k]]; n.node < 0 && !r.b.full {
					r.b.warning("unlisted node", Problem{Line: e.line, Key: key, Value: n.id, Message: "is not in nodes; it is added"})
					r.b.declare(e.ends[k], e.line)
				}
			}
		}
		r.b.at = place{}
	}
}

func (r *jsonReader) line() int { return r.lines.at(int(r.in.InputOffset())) }

// token reads one; ok is false after a problem.
func (r *jsonReader) token() (t json.Token, ok bool) {
	t, err := r.in.Token()
	if err == nil {
		switch t {
		case json.Delim('{'), json.Delim('['):
			if r.depth++; r.depth > maxDepth {
				r.b.stop(r.line(), "syntax: lists and objects are nested too deeply")
				return nil, false
			}
		case json.Delim('}'), json.Delim(']'):
			r.depth--
		}
		return t, true
	}
	if bad := (*json.SyntaxError)(nil); errors.As(err, &bad) {
		r.b.stop(r.lines.at(int(bad.Offset)), "syntax: %s", bad.Error())
	} else {
		r.b.stop(r.lines.at(len(r.data)), "syntax: the file ends too early")
	}
	return nil, false
}

// member reads one key of the outermost object with its value.
func (r *jsonReader) member() {
	t, ok := r.token()
	if !ok {
		return
	}
	name, line := t.(string), r.line()
	key := name
	if key == "edges" { // what some writers call links
		key = "links"
	}
	if key != "nodes" && key != "links" && key != "directed" {
		r.value()
		return
	}
	if slices.Contains(r.seen, key) {
		r.b.stop(line, "has %s twice; allowed: once", key)
		return
	}
	r.seen = append(r.seen, key)
	switch key {
	case "directed":
		switch value := r.value(); value {
		case Bare("true"):
			r.b.directed = true
		case Bare("false"):
		default:
			r.b.problem(line, key, value, "is no boolean; allowed: true false")
		}
	case "nodes":
		r.list(key, r.node)
	case "links":
		r.b.network.Edges = name
		r.list(name, r.link)
	}
}

// list reads a list of objects.
func (r *jsonReader) list(key string, each func(line int, attributes []attribute)) {
	t, ok := r.token()
	if !ok {
		return
	}
	if t != json.Delim('[') {
		r.b.problem(r.line(), "", nil, "%s is no list; allowed: a list of objects", key)
		r.rest(t)
		return
	}
	var attributes []attribute
	for i := 0; r.in.More() && !r.b.full; i++ {
		t, ok := r.token()
		if !ok {
			return
		}
		r.b.at = place{key, i}
		line := r.line()
		if t != json.Delim('{') {
			r.b.problem(line, "", nil, "is no object; allowed: { … }")
			r.rest(t)
		} else if attributes, ok = r.object(attributes[:0]); ok {
			each(line, attributes)
		}
		r.b.at = place{}
	}
	if !r.b.full {
		r.token() // the closing bracket
	}
}

// object reads the members of an object after its brace.
func (r *jsonReader) object(attributes []attribute) (_ []attribute, ok bool) {
	for r.in.More() && !r.b.full {
		t, ok := r.token()
		if !ok {
			return attributes, false
		}
		name, line := t.(string), r.line()
		value := r.value()
		if r.b.full {
			return attributes, false
		}
		end := isEnd(name) || name == "a" || name == "b"
		if value == Bare("null") || !end && !isKnown(name) {
			continue
		}
		if end && (value == Bare("true") || value == Bare("false")) {
			value = nil
		}
		if slices.ContainsFunc(attributes, func(a attribute) bool { return a.name == name }) {
			r.b.problem(line, name, value, "is given twice; allowed: once")
			continue
		}
		attributes = append(attributes, attribute{name, value, line})
	}
	if r.b.full {
		return attributes, false
	}
	_, ok = r.token()
	return attributes, ok
}

// value reads any value: a string, a Bare word, or nil for a list or object.
func (r *jsonReader) value() any {
	t, ok := r.token()
	if !ok {
		return nil
	}
	switch v := t.(type) {
	case string:
		return v
	case json.Number:
		return Bare(v)
	case bool:
		if v {
			return Bare("true")
		}
		return Bare("false")
	case nil:
		return Bare("null")
	}
	r.rest(t)
	return nil
}

// rest passes over what an opening token began.
func (r *jsonReader) rest(t json.Token) {
	if t != json.Delim('{') && t != json.Delim('[') {
		return
	}
	for outer := r.depth - 1; r.depth > outer; {
		if _, ok := r.token(); !ok {
			return
		}
	}
}

// node reads an entry of nodes.
func (r *jsonReader) node(line int, attributes []attribute) {
	if id, ok := exactly(attributes, "id"); ok {
		r.b.node(id, attributes)
		return
	}
	r.b.problem(line, "id", nil, "is missing in the node; allowed: a node id")
}

// link reads an entry of links; the first one tells the shape.
func (r *jsonReader) link(line int, attributes []attribute) {
	if r.shape == unknownShape {
		_, hasSource := exactly(attributes, "source")
		_, hasTarget := exactly(attributes, "target")
		_, hasA := exactly(attributes, "a")
		_, hasB := exactly(attributes, "b")
		switch {
		case hasSource || hasTarget:
			r.shape = sourceTarget
		case hasA || hasB:
			r.shape = aAndB
			r.b.endNames = [2]string{"a", "b"}
		default:
			r.b.problem(line, "source", nil, "is missing in the link; allowed: source and target, or a and b")
			return
		}
	}
	var ends [2]attribute
	for k, key := range r.b.endNames {
		var ok bool
		if ends[k], ok = exactly(attributes, key); !ok {
			r.b.problem(line, key, nil, "is missing in the link; allowed: a node id")
			return
		}
	}
	r.b.edge(ends[0], ends[1], line, asGraph, attributes)
}

// exactly finds the attribute of a name.
func exactly(attributes []attribute, name string) (attribute, bool) {
	i := slices.IndexFunc(attributes, func(a attribute) bool { return a.name == name })
	if i < 0 {
		return attribute{}, false
	}
	return attributes[i], true
}
