package netfile

import (
	"slices"
	"strings"
)

// dotReader reads DOT. gonum's reader is not used: it gives no lines, and keeps a
// whole tree of the file.
type dotReader struct {
	dotLexer
	digraph bool
	depth   int
}

// dotScope is a graph or subgraph: the defaults in it, and the nodes that it names.
type dotScope struct {
	nodes, edges []attribute // defaults
	root         bool
	members      []int // names, each once, of a subgraph
	has          map[int]bool
}

func (s *dotScope) add(name int) {
	if !s.root && !s.has[name] {
		s.has[name] = true
		s.members = append(s.members, name)
	}
}

func parseDOT(b *builder, text string) {
	r := &dotReader{dotLexer: dotLexer{b: b, text: text, line: 1}}
	t := r.next()
	if t.kind == dotWord && t.text == "strict" {
		t = r.next()
	}
	if t.kind != dotWord || t.text != "graph" && t.text != "digraph" {
		r.bad(t.line, "graph { … } or digraph { … } is expected")
		return
	}
	r.digraph = t.text == "digraph"
	b.directed = r.digraph
	if t = r.next(); t.kind == dotID {
		t = r.next()
	}
	if !t.is("{") {
		r.bad(t.line, "{ is expected")
		return
	}
	r.statements(&dotScope{root: true})
	if b.full {
		return
	}
	switch t = r.next(); {
	case t.kind == dotWord:
		b.stop(t.line, "has a second graph; allowed: one")
	case t.kind != dotEnd:
		r.bad(t.line, "something follows the graph")
	}
}

// statements reads up to the closing brace.
func (r *dotReader) statements(s *dotScope) {
	for !r.b.full {
		switch t := r.peek(); {
		case t.is("}"):
			r.next()
			return
		case t.is(";"), t.is(","):
			r.next()
		case t.kind == dotEnd:
			r.bad(t.line, "the file ends within a graph; a } is missing")
		case t.kind == dotWord && t.text != "subgraph":
			r.next()
			r.defaults(s, t)
		case t.kind == dotID, t.kind == dotWord, t.is("{"):
			r.statement(s)
		case t.kind != dotBad:
			r.bad(t.line, "a statement is expected")
		}
	}
}

// defaults reads node [ … ], edge [ … ] or graph [ … ].
func (r *dotReader) defaults(s *dotScope, word dotToken) {
	if t := r.peek(); !t.is("[") || word.text == "strict" || word.text == "digraph" {
		r.bad(word.line, "the keyword "+word.text+" is out of place; a name like it needs quotes")
		return
	}
	attributes := r.attributes()
	switch word.text {
	case "node":
		s.nodes = overlay(s.nodes, attributes)
	case "edge":
		s.edges = overlay(s.edges, attributes)
	}
}

// overlay puts attributes over others. Only the few that mean something are kept.
func overlay(under, over []attribute) []attribute {
	if len(over) == 0 {
		return under
	}
	merged := slices.Clone(under)
	for _, a := range over {
		if i := slices.IndexFunc(merged, func(m attribute) bool { return strings.EqualFold(m.name, a.name) }); i >= 0 {
			merged[i] = a
		} else {
			merged = append(merged, a)
		}
	}
	return merged
}

// attributes reads all [ … ] that follow: those that mean something.
func (r *dotReader) attributes() (attributes []attribute) {
	for r.peek().is("[") {
		r.next()
		for !r.b.full {
			t := r.next()
			if t.is("]") {
				break
			}
			if t.is(";") || t.is(",") {
				continue
			}
			if t.kind != dotID && t.kind != dotWord {
				if t.kind != dotBad {
					r.bad(t.line, "a name or ] is expected")
				}
				break
			}
			value := dotToken{dotID, "true", t.line}
			if r.peek().is("=") {
				r.next()
				if value = r.next(); value.kind != dotID {
					if value.kind != dotBad {
						r.bad(value.line, "a value is expected after =")
					}
					break
				}
			}
			isLabel := strings.EqualFold(t.text, "label")
			if isLabel && value.text == `\N` || !isKnown(t.text) {
				continue // \N is the id itself
			}
			if isLabel {
				value.text = strings.TrimSpace(labelText.Replace(value.text))
			}
			attributes = overlay(attributes, []attribute{{t.text, value.text, t.line}})
		}
	}
	return attributes
}

// statement reads a node, a chain of edges, a subgraph, or name = value.
func (r *dotReader) statement(s *dotScope) {
	line := r.peek().line
	first, plain, ok := r.end(s)
	if !ok {
		return
	}
	switch t := r.peek(); {
	case t.is("=") && plain != nil:
		r.next()
		if t = r.next(); t.kind != dotID && t.kind != dotBad {
			r.bad(t.line, "a value is expected after =")
		}
		return
	case t.kind != dotEdge:
		r.single(s, first, plain)
		return
	}
	chain := [][]int{r.name(s, first, plain)}
	for r.peek().kind == dotEdge && !r.b.full {
		if t := r.next(); (t.text == "->") != r.digraph {
			r.b.problem(t.line, "", nil, "%s is no edge of this graph; allowed: -- in a graph, -> in a digraph", t.text)
		}
		members, plain, ok := r.end(s)
		if !ok {
			return
		}
		chain = append(chain, r.name(s, members, plain))
	}
	there, back := r.b.weigh(overlay(s.edges, r.attributes()))
	for i := 1; i < len(chain); i++ {
		if r.b.room(len(chain[i-1])*len(chain[i]), line); r.b.full {
			return
		}
		for _, from := range chain[i-1] {
			for _, to := range chain[i] {
				if r.b.link([2]int{from, to}, line, asGraph, there, back); r.b.full {
					return
				}
			}
		}
	}
}

// single reads a statement that is no edge.
func (r *dotReader) single(s *dotScope, members []int, plain *dotToken) {
	if plain == nil {
		return // a subgraph, which was read
	}
	known := len(r.b.names)
	names := r.name(s, members, plain)
	attributes := r.attributes()
	if len(names) == 1 && len(attributes) > 0 && !r.b.full {
		if names[0] >= known {
			attributes = overlay(s.nodes, attributes) // again, so that what belongs together is read together
		}
		r.b.describe(r.b.names[names[0]].node, attributes)
	}
}

// end reads what may stand at an end of an edge: a name with a port, which means
// nothing here, or a subgraph.
func (r *dotReader) end(s *dotScope) (members []int, plain *dotToken, ok bool) {
	t := r.next()
	if t.kind == dotID {
		for i := 0; i < 2 && r.peek().is(":"); i++ {
			r.next()
			if port := r.next(); port.kind != dotID {
				if port.kind != dotBad {
					r.bad(port.line, "a port is expected after :")
				}
				return nil, nil, false
			}
		}
		return nil, &t, !r.b.full
	}
	if t.kind == dotWord && t.text == "subgraph" {
		if t = r.next(); t.kind == dotID {
			t = r.next()
		}
	}
	if !t.is("{") {
		if t.kind != dotBad {
			r.bad(t.line, "a node or a subgraph { … } is expected")
		}
		return nil, nil, false
	}
	if r.depth++; r.depth > maxDepth {
		r.bad(t.line, "subgraphs are nested too deeply")
		return nil, nil, false
	}
	inner := &dotScope{nodes: s.nodes, edges: s.edges, has: map[int]bool{}}
	r.statements(inner)
	r.depth--
	for _, m := range inner.members {
		s.add(m)
	}
	return inner.members, nil, !r.b.full
}

// name makes the node that a plain end names; a subgraph's exist.
func (r *dotReader) name(s *dotScope, members []int, plain *dotToken) []int {
	if plain == nil {
		return members
	}
	// A backslash is doubled by most writers. Graphviz keeps both, and shows one.
	i := r.b.meet(attribute{"id", strings.ReplaceAll(plain.text, `\\`, `\`), plain.line})
	if i < 0 {
		return nil
	}
	if r.b.names[i].node < 0 {
		r.b.describe(r.b.declare(i, plain.line), s.nodes)
	}
	s.add(i)
	return []int{i}
}
