package netfile

import (
	"html"
	"strings"
)

// gmlReader reads GML: lists of a key with a number, a "text" or a [list].
type gmlReader struct {
	b    *builder
	text string
	pos  int
	line int

	nodes, edges int // that were read
}

// gmlToken is a key, a value, or a bracket.
type gmlToken struct {
	kind  gmlKind
	value any // a string or a Bare
	line  int
}

type gmlKind uint8

const (
	gmlEnd gmlKind = iota
	gmlOpen
	gmlClose
	gmlWord // key or number
	gmlText
	gmlBad // after a problem: nothing more is read
)

func parseGML(b *builder, text string) {
	r := &gmlReader{b: b, text: text, line: 1}
	found := false
	b.network.Edges = "edge"
	for !b.full {
		key := r.next()
		switch key.kind {
		case gmlEnd:
			if !found && !b.full {
				b.problem(1, "", nil, "has no graph; allowed: graph [ node [ id 0 ] … ]")
			}
			return
		default:
			if !r.isKey(key) {
				return
			}
		}
		value := r.next()
		switch isGraph := strings.EqualFold(string(key.value.(Bare)), "graph"); {
		case isGraph && value.kind == gmlOpen && found:
			b.stop(key.line, "has a second graph; allowed: one")
		case isGraph && value.kind == gmlOpen:
			found = true
			r.graph()
		default:
			r.skip(key, value)
		}
	}
}

// syntax is a problem after which nothing more is read.
func (r *gmlReader) syntax(line int, what string) { r.b.stop(line, "syntax: %s", what) }

// next reads a token. Lines that begin with # are comments.
func (r *gmlReader) next() gmlToken {
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; c {
		case '\n':
			r.line++
			r.pos++
		case ' ', '\t', '\r', '\f', '\v':
			r.pos++
		case '#':
			r.pos += lengthOfLine(r.text[r.pos:])
		case '[':
			r.pos++
			return gmlToken{gmlOpen, nil, r.line}
		case ']':
			r.pos++
			return gmlToken{gmlClose, nil, r.line}
		case '"':
			return r.quoted()
		default:
			start := r.pos
			if end := strings.IndexAny(r.text[r.pos:], " \t\r\n\f\v[]\"#"); end >= 0 {
				r.pos += end
			} else {
				r.pos = len(r.text)
			}
			return gmlToken{gmlWord, Bare(r.text[start:r.pos]), r.line}
		}
	}
	return gmlToken{gmlEnd, nil, r.line}
}

func lengthOfLine(text string) int {
	if end := strings.IndexByte(text, '\n'); end >= 0 {
		return end
	}
	return len(text)
}

// quoted reads a text, which may go over several lines; a quote within it is
// written &quot;.
func (r *gmlReader) quoted() gmlToken {
	line := r.line
	end := strings.IndexByte(r.text[r.pos+1:], '"')
	if end < 0 {
		r.syntax(line, "a text does not end")
		return gmlToken{gmlBad, nil, line}
	}
	text := r.text[r.pos+1 : r.pos+1+end]
	r.pos += end + 2
	r.line += strings.Count(text, "\n")
	return gmlToken{gmlText, html.UnescapeString(text), line}
}

// graph reads the list of the key graph, after its bracket.
func (r *gmlReader) graph() {
	for !r.b.full {
		key := r.next()
		if key.kind == gmlClose {
			return
		}
		if !r.isKey(key) {
			return
		}
		value := r.next()
		switch name := string(key.value.(Bare)); {
		case name == "node" || name == "edge":
			r.entry(key, value, name)
		case name == "directed":
			if value.value != Bare("0") && value.value != Bare("1") {
				r.b.problem(key.line, name, value.value, "is not known; allowed: 0 1")
			}
			r.b.directed = value.value == Bare("1")
			r.skip(key, value)
		default:
			r.skip(key, value)
		}
	}
}

// entry reads a node or edge.
func (r *gmlReader) entry(key, value gmlToken, name string) {
	read, count := r.node, &r.nodes
	if name == "edge" {
		read, count = r.edge, &r.edges
	}
	r.b.at = place{name, *count}
	*count++
	if value.kind == gmlOpen {
		read(key.line)
	} else {
		r.b.problem(key.line, "", value.value, "is no list; allowed: %s [ … ]", name)
		r.skip(key, value)
	}
	r.b.at = place{}
}

// isKey reports whether a token is a key; all else in its place ends the reading.
func (r *gmlReader) isKey(t gmlToken) bool {
	switch word, _ := t.value.(Bare); {
	case t.kind == gmlWord && isDotLetter(word[0]):
		return true
	case t.kind == gmlEnd:
		r.syntax(t.line, "the file ends within a list; a ] is missing")
	case t.kind != gmlBad:
		r.syntax(t.line, "a key is expected")
	}
	return false
}

// skip passes over a value that is not needed.
func (r *gmlReader) skip(key, value gmlToken) {
	switch value.kind {
	case gmlOpen:
		for depth := 1; depth > 0; {
			switch t := r.next(); t.kind {
			case gmlOpen:
				if depth++; depth > maxDepth {
					r.syntax(t.line, "lists are nested too deeply")
					return
				}
			case gmlClose:
				depth--
			case gmlEnd:
				r.syntax(t.line, "the file ends within a list; a ] is missing")
				return
			case gmlBad:
				return
			}
		}
	case gmlClose, gmlEnd:
		r.syntax(key.line, "the key "+shorten(string(key.value.(Bare)))+" has no value")
	}
}

// block reads the list of a node or edge: its values, and those of graphics,
// where drawings have the place.
func (r *gmlReader) block() (attributes []attribute, ok bool) {
	depth := 0
	for {
		key := r.next()
		if key.kind == gmlClose {
			if depth == 0 {
				return attributes, true
			}
			depth--
			continue
		}
		if !r.isKey(key) {
			return nil, false
		}
		value := r.next()
		name := string(key.value.(Bare))
		switch {
		case value.kind == gmlOpen && depth == 0 && strings.EqualFold(name, "graphics"):
			depth++
		case value.kind == gmlText || value.kind == gmlWord:
			if depth == 0 || name == "x" || name == "y" {
				attributes = append(attributes, attribute{name, value.value, key.line})
			}
		default:
			if depth == 0 && value.kind == gmlOpen && (isKnown(name) || isEnd(name)) {
				attributes = append(attributes, attribute{name, nil, key.line})
			}
			if r.skip(key, value); r.b.full {
				return nil, false
			}
		}
	}
}

func isEnd(name string) bool { return name == "id" || name == "source" || name == "target" }

func (r *gmlReader) node(line int) {
	attributes, ok := r.block()
	if !ok {
		return
	}
	if id, ok := r.need(attributes, "id", "node", line); ok {
		r.b.node(id, attributes)
	}
}

func (r *gmlReader) edge(line int) {
	attributes, ok := r.block()
	if !ok {
		return
	}
	source, okS := r.need(attributes, "source", "edge", line)
	target, okT := r.need(attributes, "target", "edge", line)
	if okS && okT {
		r.b.edge(source, target, line, asGraph, attributes)
	}
}

// need finds a key that must be given once.
func (r *gmlReader) need(attributes []attribute, key, what string, line int) (found attribute, ok bool) {
	for _, a := range attributes {
		if a.name != key {
			continue
		}
		if ok {
			r.b.problem(a.line, key, a.value, "is given twice; allowed: once in each %s", what)
			return found, false
		}
		found, ok = a, true
	}
	if !ok {
		r.b.problem(line, key, nil, "is missing in the %s; allowed: a node id", what)
	}
	return found, ok
}

// shorten bounds a word in a message.
func shorten(s string) string {
	const most = 60
	if r := []rune(s[:min(len(s), 8*most)]); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
