package netfile

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/netmodel"
	"meshsim/netmodel/graph/draw"
)

var samples = map[Format]string{GML: sampleGML, GraphML: sampleGraphML, DOT: sampleDOT, JSON: sampleJSON}

// Every format gives the same network, and tells the same two things of it.
func TestFormatsAgree(t *testing.T) {
	for format, text := range samples {
		t.Run(string(format), func(t *testing.T) {
			network, problems := parse(format, []byte(text), 100, 100)
			assert.Equal(t, strings.Join([]string{
				"n0 New York {2 -740059700 407142700}",
				"n1 Zürich {2 85500000 473666700}",
				"n2 " + " {0 0 0}",
				"d " + " {0 0 0}",
			}, "\n"), nodesOf(network))
			assert.Equal(t, strings.Join([]string{
				"n0>n1 40500000ns", "n1>n0 40500000ns",
				"n1>n2 15000000ppb", "n2>n1 15000000ppb",
				"n2>d 10000000000bit/s", "d>n2 10000000000bit/s",
				"d>n0", "n0>d",
				"n0>n2 800000ns", "n2>n0 800000ns",
			}, "\n"), linksOf(network))
			require.Len(t, problems, 2)
			first := problems[0].Line - 1
			assert.Equal(t, fmt.Sprintf("n2 and n0 are also linked in line %d; the least latency stays", first), problems[0].Message)
			assert.Equal(t, "n2 is linked to itself; the link is dropped", problems[1].Message)
			assert.Equal(t, problems[0].Line+1, problems[1].Line)
			assert.True(t, problems[0].Warning && problems[1].Warning)
			assert.Contains(t, strings.Split(text, "\n")[first-1], "900", "the line is that of the link")
		})
	}
}

func nodesOf(n *Network) string {
	var lines []string
	for _, node := range n.Nodes {
		lines = append(lines, fmt.Sprintf("%s %s %v", node.ID, node.Label, node.Place))
	}
	return strings.Join(lines, "\n")
}

func linksOf(n *Network) string {
	var lines []string
	for _, l := range n.Links {
		text := n.Nodes[l.From].ID + ">" + n.Nodes[l.To].ID
		if l.Known&HasLatency != 0 {
			text += fmt.Sprintf(" %dns", l.Latency)
		}
		if l.Known&HasLoss != 0 {
			text += fmt.Sprintf(" %dppb", l.Loss)
		}
		if l.Known&HasBandwidth != 0 {
			text += fmt.Sprintf(" %dbit/s", l.Bandwidth)
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

// What a file means, where formats differ.
func TestMeanings(t *testing.T) {
	for _, c := range []struct {
		name         string
		format       Format
		text         string
		nodes, links string // of nodes the ids
	}{
		{"directed GML", GML, "graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 ] directed 1 ]", "n1 n2", "n1>n2"},
		{"a negative id", GML, "graph [ node [ id -1 ] ]", "n-1", ""},
		{"edges before nodes", GML, "graph [ edge [ source 1 target 2 ] node [ id 1 ] node [ id 2 ] ]", "n1 n2", "n1>n2 n2>n1"},
		{"GML without line ends", GML, `graph[node[id 1 label"a"]node[id 2]edge[source 1 target 2]]`, "n1 n2", "n1>n2 n2>n1"},
		{"directed GraphML, one edge not", GraphML, `<graphml><graph edgedefault="directed"><node id="a"/><node id="b"/><node id="c"/><edge source="a" target="b"/><edge source="b" target="c" directed="false"/></graph></graphml>`, "a b c", "a>b b>c c>b"},
		{"undirected GraphML, one edge is", GraphML, `<graphml><graph edgedefault="undirected"><node id="a"/><node id="b"/><edge source="a" target="b" directed="true"/></graph></graphml>`, "a b", "a>b"},
		{"nested GraphML", GraphML, `<graphml><graph edgedefault="undirected"><node id="a"><graph edgedefault="undirected"><node id="a::b"/></graph></node><edge source="a" target="a::b"/></graph></graphml>`, "a a::b", "a>a::b a::b>a"},
		{"GraphML with defaults", GraphML, `<graphml><key id="k" for="edge" attr.name="latency_us" attr.type="int"><default>5</default></key><graph edgedefault="directed"><node id="a"/><node id="b"/><edge source="a" target="b"/><edge source="b" target="a"><data key="k">6</data></edge></graph></graphml>`, "a b", "a>b 5000ns b>a 6000ns"},
		{"digraph", DOT, "digraph { a -> b -> c; b -> a }", "a b c", "a>b b>c b>a"},
		{"DOT subgraphs", DOT, "graph { { a b } -- { c d } }", "a b c d", "a>c c>a a>d d>a b>c c>b b>d d>b"},
		{"DOT cluster", DOT, "digraph { subgraph cluster_0 { edge [latency=2]; a -> b } b -> c }", "a b c", "a>b 2000000ns b>c"},
		{"DOT defaults reach inwards", DOT, "digraph { edge [latency=2]; { a -> b } }", "a b", "a>b 2000000ns"},
		{"DOT defaults and exceptions", DOT, `digraph { edge [latency="1s" loss=0.5]; a -> b [latency="2s"]; b -> c }`, "a b c", "a>b 2000000000ns 500000000ppb b>c 1000000000ns 500000000ppb"},
		{"DOT ids", DOT, `graph { "a b" -- "c\"d" -- <x<i>y</i>>; 7:n:sw -- "q" + "r"; ä_1 -- -1.5; Graphic -- .5 }`, `a b c"d <x<i>y</i>> n7 qr ä_1 n-1.5 Graphic n.5`, `a b>c"d c"d>a b c"d><x<i>y</i>> <x<i>y</i>>>c"d n7>qr qr>n7 ä_1>n-1.5 n-1.5>ä_1 Graphic>n.5 n.5>Graphic`},
		{"keywords in any case", DOT, "STRICT Digraph G { NODE [x=1] a -> b }", "a b", "a>b"},
		{"meshnet-lab", JSON, `{"links":[{"source":"a","target":"b","source_tq":0.75,"target_tq":1}]}`, "a b", "a>b 250000000ppb b>a 0ppb"},
		{"half a quality", JSON, `{"links":[{"source":"a","target":"b","target_tq":0.5}]}`, "a b", "a>b b>a 500000000ppb"},
		{"nodes and links", JSON, `{"nodes":[{"id":"a"},{"id":3},{"id":"lone"}],"links":[{"a":"a","b":3,"latency_us":1500}]}`, "a n3 lone", "a>n3 1500000ns n3>a 1500000ns"},
		{"directed JSON", JSON, `{"nodes":[{"id":"a"},{"id":"b"}],"links":[{"source":"a","target":"b"}],"directed":true}`, "a b", "a>b"},
		{"called edges", JSON, `{"nodes":[{"id":"a"},{"id":"b"}],"edges":[{"source":"a","target":"b"}]}`, "a b", "a>b b>a"},
		{"byte order mark", JSON, "\uFEFF{\"nodes\":[{\"id\":\"a\"}]}", "a", ""},
		{"parallel, one without latency", JSON, `{"links":[{"source":"a","target":"b","latency":2},{"source":"a","target":"b"}]}`, "a b", "a>b b>a"},
		{"units", JSON, `{"directed":true,"links":[{"source":"a","target":"b","latency":2,"bandwidth":"2.5Mbit/s"},{"source":"b","target":"c","delay_us":0.0004,"bandwidth":"1kbps"},{"source":"c","target":"d","delay":"1.0005us"},{"source":"d","target":"e","latency_s":1e-3}]}`,
			"a b c d e", "a>b 2000000ns 2500000bit/s b>c 0ns 1000bit/s c>d 1001ns d>e 1000000ns"},
	} {
		t.Run(c.name, func(t *testing.T) {
			network, problems := parse(c.format, []byte(c.text), 100, 100)
			for _, p := range problems {
				assert.True(t, p.Warning, p.Message)
			}
			var ids []string
			for _, n := range network.Nodes {
				ids = append(ids, n.ID)
			}
			assert.Equal(t, c.nodes, strings.Join(ids, " "))
			assert.Equal(t, c.links, strings.ReplaceAll(linksOf(network), "\n", " "))
		})
	}
}

// Places in a plane are scaled into the unit square and keep their proportions;
// beside places on earth they have none.
func TestPlaces(t *testing.T) {
	network, problems := parse(DOT, []byte(`graph { a [pos="-10,5"]; b [pos="10,5"]; c [x=0 y=15]; d }`), 100, 100)
	require.Empty(t, problems)
	const side = 1<<32 - 1
	want := []netmodel.Place{
		{Kind: netmodel.InSquare}, {Kind: netmodel.InSquare, X: side}, {Kind: netmodel.InSquare, X: side / 2, Y: side / 2}, {},
	}
	for i, node := range network.Nodes {
		assert.Equal(t, want[i], node.Place, node.ID)
	}
	network, _ = parse(DOT, []byte(`graph { a [pos="-10,5"]; b [lat=-1.5 lon=180] }`), 100, 100)
	assert.Equal(t, netmodel.Place{}, network.Nodes[0].Place)
	rounded, _ := parse(DOT, []byte(`graph { a [lat=0.00000006 lon=-0.00000006] }`), 100, 100)
	assert.Equal(t, netmodel.Place{Kind: netmodel.OnEarth, X: -1, Y: 1}, rounded.Nodes[0].Place)
	assert.Equal(t, netmodel.Place{Kind: netmodel.OnEarth, X: 180e7, Y: -1.5e7}, network.Nodes[1].Place)
	network, problems = parse(JSON, []byte(`{"nodes":[{"id":"a","x":3,"y":3},{"id":"b","lat":2},{"id":"c","Latitude":"NaN","Longitude":"NaN"}]}`), 100, 100)
	assert.Equal(t, netmodel.Place{Kind: netmodel.InSquare}, network.Nodes[0].Place, "alone in its plane")
	require.Len(t, problems, 1)
	assert.Equal(t, Problem{Line: 1, Key: "nodes[1].lat", Value: Bare("2"), Message: "has no longitude beside it; the place is left out", Warning: true}, problems[0])
}

// What the tools of this project draw as DOT or GraphML is read back as it was.
func TestDrawingsAreReadBack(t *testing.T) {
	onEarth := netmodel.Place{Kind: netmodel.OnEarth, X: -740059700, Y: 407142700}
	picture := draw.Picture{
		Nodes: []draw.Node{{ID: "a \"b\"", Label: "<A> & Ü\\N", Place: onEarth}, {ID: "node", Place: onEarth}, {ID: `n7\`, Place: onEarth, Kind: "router"}},
		Links: []draw.Link{
			{From: 0, To: 1, Latency: 5729 * time.Microsecond, Bandwidth: 10e9},
			{From: 0, To: 2, Latency: 1}, {From: 1, To: 0, Latency: 5729 * time.Microsecond, Bandwidth: 10e9, Loss: "1.5%"},
		},
	}
	for format, write := range map[Format]func(io.Writer) error{DOT: picture.DOT, GraphML: picture.GraphML} {
		var text bytes.Buffer
		require.NoError(t, write(&text))
		network, problems := parse(format, text.Bytes(), 100, 100)
		require.Empty(t, problems, "%s", &text)
		assert.Equal(t, `a "b" <A> & Ü\N {2 -740059700 407142700}`+"\nnode  {2 -740059700 407142700}\nn7\\  {2 -740059700 407142700}", nodesOf(network), "%s", &text)
		lines := strings.Split(linksOf(network), "\n")
		slices.Sort(lines)
		assert.Equal(t, []string{`a "b">n7\ 1ns`, `a "b">node 5729000ns 10000000000bit/s`, `node>a "b" 5729000ns 15000000ppb 10000000000bit/s`}, lines, "%s", &text)
	}
}
