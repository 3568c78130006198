package netfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/encoding/dot"
	"gonum.org/v1/gonum/graph/simple"
	"pgregory.net/rapid"
)

// gonum's reader of DOT and this one see the same nodes and links in any text of
// nodes, chains, ports, subgraphs, attributes and comments. Within a subgraph that
// is an end of an edge the nodes are new: gonum forgets those that it met before.
func TestDOTIsReadAsGonumDoes(t *testing.T) {
	linked := 0
	rapid.Check(t, func(t *rapid.T) {
		directed := rapid.Bool().Draw(t, "directed")
		text := dotText(t, directed)
		network, problems := parse(DOT, []byte(text), 1000, 100_000)
		for _, p := range problems {
			require.True(t, p.Warning, "%s\n%s", p.Message, text)
		}
		var got []string
		for _, n := range network.Nodes {
			got = append(got, n.ID)
		}
		for _, l := range network.Links {
			got = append(got, network.Nodes[l.From].ID+">"+network.Nodes[l.To].ID)
			linked++
		}
		slices.Sort(got)
		require.Equal(t, gonumReads(t, text, directed), got, text)
	})
	require.Greater(t, linked, 100, "links, or the property was not tried")
}

// dotText draws a graph.
func dotText(t *rapid.T, directed bool) string {
	const deepest = 2
	kind, arrow := "graph", " -- "
	if directed {
		kind, arrow = "digraph", " -> "
	}
	ids := []string{"a", "b_1", `"c d"`, `"e\"f"`, "ä", "-1.5", `"->"`, `"n"`, "Edges", `"{;}"`}
	fresh := 0
	id := func(depth int) string {
		if depth < deepest {
			fresh++
			return fmt.Sprintf("s%d", fresh)
		}
		return rapid.SampledFrom(ids).Draw(t, "id")
	}
	attributes := rapid.SampledFrom([]string{"", "", " [color=red]", ` [label="x];", latency=5] [a=b;c=d]`, " []"})
	space := rapid.SampledFrom([]string{" ", "\n", " /* } */ ", " // }\n", ";", "\n# }\n"})
	var statement func(depth int) string
	end := func(depth int) string {
		if depth > 0 && rapid.IntRange(0, 4).Draw(t, "subgraph") == 0 {
			s := rapid.SampledFrom([]string{"{ ", "subgraph { ", "subgraph s { "}).Draw(t, "how")
			for range rapid.IntRange(1, 3).Draw(t, "within") {
				s += statement(depth-1) + space.Draw(t, "space")
			}
			return s + " }"
		}
		return id(depth) + rapid.SampledFrom([]string{"", "", "", ":n", ":p:se"}).Draw(t, "port")
	}
	statement = func(depth int) string {
		switch rapid.IntRange(0, 5).Draw(t, "statement") {
		case 0:
			return id(depth) + attributes.Draw(t, "attributes")
		case 1:
			return rapid.SampledFrom([]string{"node [shape=box]", "edge [latency=3]", "graph [a=b]", "rank = same"}).Draw(t, "default")
		}
		chain := []string{end(depth)}
		for range rapid.IntRange(1, 3).Draw(t, "links") {
			chain = append(chain, end(depth))
		}
		return strings.Join(chain, arrow) + attributes.Draw(t, "attributes")
	}
	text := kind + " g {\n"
	for range rapid.IntRange(1, 6).Draw(t, "statements") {
		text += statement(deepest) + space.Draw(t, "space")
	}
	return text + id(deepest) + "\n}\n" // at least one node
}

// gonumNode keeps the id that the text gives.
type gonumNode struct {
	graph.Node
	id string
}

func (n *gonumNode) SetDOTID(id string) { n.id = id }

// The graphs drop parallel links as this package does, and self-loops, at which
// gonum's own graphs panic.
type gonumGraph struct{ *simple.UndirectedGraph }

func (g gonumGraph) NewNode() graph.Node { return &gonumNode{Node: g.UndirectedGraph.NewNode()} }
func (g gonumGraph) SetEdge(e graph.Edge) {
	if e.From().ID() != e.To().ID() {
		g.UndirectedGraph.SetEdge(e)
	}
}

type gonumDigraph struct{ *simple.DirectedGraph }

func (g gonumDigraph) NewNode() graph.Node { return &gonumNode{Node: g.DirectedGraph.NewNode()} }
func (g gonumDigraph) SetEdge(e graph.Edge) {
	if e.From().ID() != e.To().ID() {
		g.DirectedGraph.SetEdge(e)
	}
}

func gonumReads(t require.TestingT, text string, directed bool) (all []string) {
	id := func(n graph.Node) string {
		text := n.(*gonumNode).id
		if strings.HasPrefix(text, `"`) {
			text = strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`)
		}
		if text == "-1.5" {
			text = "n-1.5"
		}
		return text
	}
	collect := func(nodes graph.Nodes, edges graph.Edges) {
		for nodes.Next() {
			all = append(all, id(nodes.Node()))
		}
		for edges.Next() {
			from, to := id(edges.Edge().From()), id(edges.Edge().To())
			all = append(all, fmt.Sprintf("%s>%s", from, to))
			if !directed {
				all = append(all, fmt.Sprintf("%s>%s", to, from))
			}
		}
	}
	if directed {
		g := gonumDigraph{simple.NewDirectedGraph()}
		require.NoError(t, dot.Unmarshal([]byte(text), g), text)
		collect(g.Nodes(), g.Edges())
	} else {
		g := gonumGraph{simple.NewUndirectedGraph()}
		require.NoError(t, dot.Unmarshal([]byte(text), g), text)
		collect(g.Nodes(), g.Edges())
	}
	slices.Sort(all)
	return all
}
