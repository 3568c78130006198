package draw

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// DOT writes the graph in the language of Graphviz: undirected when every link
// goes both ways alike, else each direction by itself.
func (p *Picture) DOT(w io.Writer) error {
	out := bufio.NewWriter(w)
	edges := p.edges()
	kind, arrow := "graph", "--"
	if !undirected(edges) {
		kind, arrow = "digraph", "->"
	}
	fmt.Fprintf(out, "%s %s {\n", kind, dotID(p.Title))
	for i := range p.Nodes {
		n := &p.Nodes[i]
		fmt.Fprintf(out, "  %s%s;\n", dotID(n.ID), dotAttributes(n.properties()))
	}
	link := func(l *Link) {
		if l != nil {
			fmt.Fprintf(out, "  %s %s %s%s;\n", dotID(p.Nodes[l.From].ID), arrow, dotID(p.Nodes[l.To].ID), dotAttributes(l.properties()))
		}
	}
	for _, e := range edges {
		link(e.there)
		if arrow == "->" {
			link(e.back)
		}
	}
	fmt.Fprintln(out, "}")
	return out.Flush()
}

func dotAttributes(all []property) string {
	var parts []string
	for _, p := range all {
		parts = append(parts, p.name+"="+dotID(p.value))
	}
	if parts == nil {
		return ""
	}
	return " [" + strings.Join(parts, " ") + "]"
}

// dotID quotes an id. In a quoted string of DOT only the quote itself needs a
// backslash; one at the end would escape the closing quote, so backslashes are
// doubled, as Graphviz's labels read them.
func dotID(id string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(id) + `"`
}
