package draw

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
)

// GraphML writes the graph with typed attributes (graphml.graphdrawing.org), as
// Gephi, yEd and networkx read it: undirected when every link goes both ways
// alike, else each direction by itself.
func (p *Picture) GraphML(w io.Writer) error {
	out := bufio.NewWriter(w)
	edges := p.edges()
	directed := !undirected(edges)
	fmt.Fprint(out, xml.Header, `<graphml xmlns="http://graphml.graphdrawing.org/xmlns">`, "\n")
	p.keys(out)
	kind := "undirected"
	if directed {
		kind = "directed"
	}
	fmt.Fprintf(out, "  <graph id=\"%s\" edgedefault=\"%s\">\n", escaped(p.Title), kind)
	for i := range p.Nodes {
		n := &p.Nodes[i]
		fmt.Fprintf(out, "    <node id=\"%s\">%s</node>\n", escaped(n.ID), data("node", n.properties()))
	}
	link := func(l *Link) {
		if l != nil {
			fmt.Fprintf(out, "    <edge source=\"%s\" target=\"%s\">%s</edge>\n", escaped(p.Nodes[l.From].ID), escaped(p.Nodes[l.To].ID), data("edge", l.properties()))
		}
	}
	for _, e := range edges {
		link(e.there)
		if directed {
			link(e.back)
		}
	}
	fmt.Fprint(out, "  </graph>\n</graphml>\n")
	return out.Flush()
}

// keys declares the attributes that nodes and links have.
func (p *Picture) keys(out io.Writer) {
	var declared []string
	declare := func(of string, all []property) {
		for _, a := range all {
			if line := fmt.Sprintf("  <key id=\"%s_%s\" for=\"%s\" attr.name=\"%s\" attr.type=\"%s\"/>\n", of, a.name, of, a.name, a.kind); !slices.Contains(declared, line) {
				declared = append(declared, line)
			}
		}
	}
	for i := range p.Nodes {
		declare("node", p.Nodes[i].properties())
	}
	for i := range p.Links {
		declare("edge", p.Links[i].properties())
	}
	fmt.Fprint(out, strings.Join(declared, ""))
}

func data(of string, all []property) string {
	var b strings.Builder
	for _, a := range all {
		fmt.Fprintf(&b, "<data key=\"%s_%s\">%s</data>", of, a.name, escaped(a.value))
	}
	return b.String()
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}
