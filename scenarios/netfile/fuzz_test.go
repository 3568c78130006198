package netfile

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshsim/netmodel"
	"meshsim/sim"
)

// What any bytes may make of a reader: problems, or a sound network; never a
// panic, a hang, or more than the rules allow.

func FuzzGML(f *testing.F)     { fuzz(f, GML, gmlSeeds) }
func FuzzGraphML(f *testing.F) { fuzz(f, GraphML, graphmlSeeds) }
func FuzzDOT(f *testing.F)     { fuzz(f, DOT, dotSeeds) }
func FuzzJSON(f *testing.F)    { fuzz(f, JSON, jsonSeeds) }

var gmlSeeds = []string{
	sampleGML,
	"graph [ directed 1 node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 latency \"20ms\" loss 0.1 ] ]",
	"Creator \"x\"\nVersion 1\ngraph [\n# c\nnode [ id \"a&quot;\" graphics [ x 1 y -2.5e3 ] ] node [ id 2 stats [ a [ b 1 ] ] ] ]",
	"graph [ node [ id 0 id 1 ] edge [ source 7 ] node ] ",
}

var graphmlSeeds = []string{
	sampleGraphML,
	`<graphml><graph edgedefault="directed"><node id="a"><graph><node id="b"/></graph></node><edge source="a" target="b" directed="false"/></graph></graphml>`,
	`<?xml version="1.0" encoding="latin1"?><graphml><key id="d" attr.name="lat"><default>9</default></key><graph><node id="&lt;"><data key="d">x</data></node></graph></graphml>`,
	`<!DOCTYPE g [<!ENTITY a "b">]><graphml>&a;</graphml>`,
}

var dotSeeds = []string{
	sampleDOT,
	`strict digraph { a -> { b c } -> d:n [latency="5ms" loss="1%"]; subgraph x { node [pos="1,2!"] e; f } 7 -> -1.5; "q\"" -> <b<i>c</i>> }`,
	"graph g { a -- b -- c [label=x]\n# c\n/* d */ a -- a; \"x\" + \"y\" -- b; edge [bandwidth=1e9]; b -- d }",
	"graph { node [label=\"\\N\"] a = b; }",
}

var jsonSeeds = []string{
	sampleJSON,
	`{"links":[{"source":"a","target":"b","source_tq":0.5,"target_tq":1}]}`,
	`{"directed":true,"nodes":[{"id":0,"lat":1,"lon":2},{"id":"x","label":null}],"links":[{"a":0,"b":"x","latency_us":1.5e3}],"graph":{"k":[1,{}]}}`,
	`{"nodes":[[[[]]],{"id":[1]},{"id":1.5},3],"links":{"a":1}}`,
}

func fuzz(f *testing.F, format Format, seeds []string) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
		f.Add([]byte(seed[:len(seed)*2/3]))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		network, problems := parse(format, data, 200, 1000)
		again, _ := parse(format, data, 200, 1000)
		require.Equal(t, network, again)
		lines := 1 + bytes.Count(data, []byte("\n"))
		bad := false
		for _, p := range problems {
			bad = bad || !p.Warning
			require.True(t, 1 <= p.Line && p.Line <= lines, "line %d of %d: %s", p.Line, lines, p.Message)
			require.NotEmpty(t, p.Message)
		}
		require.True(t, bad || len(network.Nodes) > 0)
		requireSound(t, network, 200, 1000)
	})
}

// parse reads with the rules of scenarios, but for its bounds.
func parse(format Format, data []byte, nodes, links int) (*Network, []Problem) {
	var problems []Problem
	network := Parse(format, data, Rules{
		CheckID: func(id string) string {
			if id == "" || len(id) > 128 || strings.TrimSpace(id) != id {
				return "is no id"
			}
			return ""
		},
		Suggest:  func(string, []string) string { return "" },
		MaxNodes: nodes, MaxLinks: links / 2,
		Latency: 1e6, MaxLatency: 24 * 3600 * 1e9, MaxBandwidth: 1e15,
		Report: func(p Problem) bool {
			problems = append(problems, p)
			return len(problems) < 100
		},
	})
	return network, problems
}

func requireSound(t *testing.T, n *Network, nodes, links int) {
	require.LessOrEqual(t, len(n.Nodes), nodes+1)
	require.LessOrEqual(t, len(n.Links), links)
	ids := map[string]bool{}
	for _, node := range n.Nodes {
		require.False(t, ids[node.ID], node.ID)
		require.NotEmpty(t, node.ID)
		require.NotEmpty(t, strings.Trim(node.ID, "0123456789"), "a bare number")
		ids[node.ID] = true
		x, y := node.Place.X, node.Place.Y
		switch node.Place.Kind {
		case netmodel.OnEarth:
			require.True(t, -180e7 <= x && x <= 180e7 && -90e7 <= y && y <= 90e7, "%v", node.Place)
		case netmodel.InSquare:
			require.True(t, 0 <= x && x < 1<<32 && 0 <= y && y < 1<<32, "%v", node.Place)
		}
	}
	ends := map[[2]int]bool{}
	for _, l := range n.Links {
		require.True(t, 0 <= l.From && l.From < len(n.Nodes) && 0 <= l.To && l.To < len(n.Nodes) && l.From != l.To)
		require.False(t, ends[[2]int{l.From, l.To}])
		ends[[2]int{l.From, l.To}] = true
		require.Positive(t, l.Line)
		require.True(t, 0 <= l.Latency && l.Latency <= 24*3600*1e9 && l.Loss <= sim.One && 0 <= l.Bandwidth && l.Bandwidth <= 1e15)
		require.True(t, l.Known&HasBandwidth == 0 || l.Bandwidth > 0)
	}
}
