package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios/world"
	"meshsim/sim"
)

func meshOf(t require.TestingT, text string, files ...string) *Mesh {
	s := load(t, text, files...)
	m, err := s.Mesh()
	require.NoError(t, err)
	return m
}

// load reads a scenario of the given topology; files are names and contents.
func load(t require.TestingT, text string, files ...string) *Scenario {
	s, err := tryLoad(text, files...)
	require.NoError(t, err)
	return s
}

func tryLoad(text string, files ...string) (*Scenario, error) {
	fsys := fstest.MapFS{"x.toml": {Data: []byte("version = 1\nduration = \"10s\"\n" + text)}}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return Load(fsys, "x.toml")
}

// links writes the directions of a mesh as one line.
func (m *Mesh) arrows() string {
	var all []string
	for _, l := range m.Links {
		all = append(all, m.Nodes[l.From].ID+">"+m.Nodes[l.To].ID)
	}
	return strings.Join(all, " ")
}

func TestNodeNaming(t *testing.T) {
	for name, c := range map[string]struct{ text, ids, arrows string }{
		"default":              {"kind = \"line\"\nnodes = 3", "n0 n1 n2", "n0>n1 n1>n0 n1>n2 n2>n1"},
		"byte order of ids":    {"kind = \"line\"\nnodes = 11", "n0 n1 n10 n2 n3 n4 n5 n6 n7 n8 n9", ""},
		"as many: in order":    {"kind = \"line\"\nnodes = 2\n[[node]]\nid = \"z\"\n[[node]]\nid = \"n0\"", "n0 z", "n0>z z>n0"},
		"all default: matched": {"kind = \"line\"\nnodes = 2\n[[node]]\nid = \"n1\"\nkey = \"a\"\n[[node]]\nid = \"n0\"", "n1 n0", "n1>n0 n0>n1"},
		"fewer: matched":       {"kind = \"line\"\nnodes = 3\n[[node]]\nid = \"n2\"\nkey = \"a\"", "n2 n0 n1", "n2>n1 n0>n1 n1>n2 n1>n0"},
		"links, counted":       {"kind = \"links\"\nnodes = 3\n[[links]]\nbetween = [\"n0\", \"n2\"]", "n0 n1 n2", "n0>n2 n2>n0"},
		"links, by node":       {"kind = \"links\"\n[[node]]\nid = \"b\"\n[[node]]\nid = \"a\"\n[[links]]\nfrom = \"b\"\nto = \"a\"", "a b", "b>a"},
		"links, by link":       {"kind = \"links\"\n[[links]]\nfrom = \"b\"\nto = \"a\"\n[[links]]\nfrom = \"c\"\nto = \"a\"", "a b c", "b>a c>a"},
		"ring":                 {"kind = \"ring\"\nnodes = 4", "n0 n1 n2 n3", "n0>n1 n0>n3 n1>n0 n1>n2 n2>n1 n2>n3 n3>n0 n3>n2"},
		"full":                 {"kind = \"full\"\nnodes = 3", "n0 n1 n2", "n0>n1 n0>n2 n1>n0 n1>n2 n2>n0 n2>n1"},
		"file":                 {"kind = \"file\"\npath = \"l.csv\"\n[[node]]\nid = \"lone\"", "lone n10 n9 x", "n10>n9 n9>n10 n9>x"},
	} {
		m := meshOf(t, "[topology]\n"+c.text, "l.csv", "source,target,direction\n10,9,\n9,x,forward\n")
		assert.Equal(t, c.ids, strings.Join(m.IDs(), " "), name)
		if c.arrows != "" {
			assert.Equal(t, c.arrows, m.arrows(), name)
		}
	}
}

func TestNamesThatDoNotMatch(t *testing.T) {
	_, err := tryLoad("[topology]\nkind = \"links\"\nnodes = 2\n[[links]]\nbetween = [\"n0\", \"n2\"]\n")
	assert.EqualError(t, err, `x.toml:7: links[0].between[1] = "n2": is not a node (did you mean "n0"?)`)
	_, err = tryLoad("[topology]\nkind = \"links\"\n[[node]]\nid = \"a\"\n[[links]]\nfrom = \"a\"\nto = \"b\"\n")
	assert.EqualError(t, err, `x.toml:9: links[0].to = "b": is not a node`)
}

func TestLinkOverrides(t *testing.T) {
	m := meshOf(t, `[topology]
kind = "line"
nodes = 3
[link]
latency = "5ms"
loss = "1%"
[[links]]
from = "n0"
to = "n1"
latency = "7ms"
[[links]]
between = ["n1", "n2"]
loss = "0%"
zero_latency = true
latency = "0s"
[[node]]
id = "n1"
kind = "router"
address = "there"
capabilities = ["store"]
`)
	standard := Link{Latency: Constant(5 * time.Millisecond), Loss: 10_000_000, QueuePolicy: "drop_tail"}
	slow, instant := standard, standard
	slow.Latency = Constant(7 * time.Millisecond)
	instant.Latency, instant.Loss, instant.ZeroLatency = Constant(0), 0, true
	assert.Equal(t, []MeshLink{{0, 1, slow}, {1, 0, standard}, {1, 2, instant}, {2, 1, instant}}, m.Links)
	assert.Equal(t, []MeshNode{
		{ID: "n0", Key: "n0", Kind: "agent"},
		{ID: "n1", Key: "n1", Kind: "router", Address: "there", Capabilities: []string{"store"}},
		{ID: "n2", Key: "n2", Kind: "agent"},
	}, m.Nodes)
}

const fileTopology = "[topology]\nkind = \"file\"\npath = \"l.csv\"\n"

func TestLinkFile(t *testing.T) {
	s := load(t, fileTopology+"[link]\nheader = 30\n[[links]]\nbetween = [\"a\", \"b\"]\nloss = \"2%\"\n", "l.csv", `# where it is from
source, target, latency, loss, bandwidth, queue
a,b,3ms,1%,10Mbit/s,64KiB

b,a,2ms,,,
a,a,1ms,,,
b,c,"{ uniform = { min = ""1ms"", max = ""2ms"" } }",,,5
`)
	m, err := s.Mesh()
	require.NoError(t, err)
	quick := Link{Latency: Constant(2 * time.Millisecond), Loss: 20_000_000, Header: 30, QueuePolicy: "drop_tail"}
	jitter := Link{Latency: Uniform(time.Millisecond, 2*time.Millisecond), Queue: QueueSize{QueueCopies, 5}, Header: 30, QueuePolicy: "drop_tail"}
	assert.Equal(t, []MeshLink{{0, 1, quick}, {1, 0, quick}, {1, 2, jitter}, {2, 1, jitter}}, m.Links)
	warnings, err := s.Validate()
	require.NoError(t, err)
	require.Len(t, warnings, 2)
	assert.Equal(t, `l.csv:5: warning: target = "a": b and a are also linked in line 3; the least latency stays`, warnings[0].String())
	assert.Equal(t, `l.csv:6: warning: target = "a": is the source; the link is dropped`, warnings[1].String())
}

func TestBadTableFiles(t *testing.T) {
	const static = "[routing]\nstrategy = \"static\"\nfile = \"r.csv\"\n"
	const flows = traffic + "file = \"f.csv\"\n"
	const links = "source,target\na,b\nb,c\n"
	for _, c := range []struct{ name, text, csv, want string }{
		{"l.csv", "", "", "l.csv:1: is empty; allowed: a header with source,target,latency,loss,bandwidth,queue,direction"},
		{"l.csv", "", "source,traget\n", "l.csv:1: traget: is not a column; allowed: source,target,latency,loss,bandwidth,queue,direction (did you mean \"target\"?)\n" +
			"l.csv:1: target: is missing; allowed: source,target,latency,loss,bandwidth,queue,direction"},
		{"l.csv", "", "source,target,source\n", "l.csv:1: source: is a column twice"},
		{"l.csv", "", "source,target\na\nb,\n", "l.csv:2: has 1 cell; allowed: 2, as many as the header\nl.csv:3: target: is empty; allowed: a node id"},
		{"l.csv", "", "source,target,latency\na,b,5\n\nb,c,0ms\nc,d,2 h\n", "l.csv:2: latency = \"5\": has no unit; allowed: a duration such as \"20ms\", or { KIND = … } of kind uniform normal lognormal exponential pareto weibull empirical profile\n" +
			"l.csv:4: latency = \"0ms\": must be above 0; allowed: at least 1ns, or zero_latency = true in [link]\n" +
			"l.csv:5: latency = \"2 h\": has the unknown unit \" h\"; units: ns us µs ms s m h"},
		{"l.csv", "", "source,target,direction\na,b,backward\n", "l.csv:2: direction = \"backward\": is not known; allowed: both forward"},
		{"l.csv", "", "source,target\na,\"b\nc", "l.csv:3: syntax: extraneous or missing \" in quoted-field"},
		{"l.csv", "", "source,target\na,b\x00", "x.toml:5: topology.path = \"l.csv\": is a binary file; a text is needed"},
		{"r.csv", static, "node,destination,next\na,b,c\na,c,b\na,c,b\na,a,b\nx,a,b\n", "r.csv:2: next = \"c\": is not linked to a\n" +
			"r.csv:4: destination = \"c\": has a route in line 3 already\nr.csv:5: destination = \"a\": is the node itself\nr.csv:6: node = \"x\": is not a node"},
		{"f.csv", flows, "source,destination,count,interval,size,start\na,b,2,,,\na,*,1,,-1,\na,a,,,,\nb,c,0,1s,,9000h\n", "f.csv:2: interval: is missing; needed for a count above 1\n" +
			"f.csv:3: size = \"-1\": is out of range; allowed: 0 … 1073741824\nf.csv:4: destination = \"a\": is the source\n" +
			"f.csv:5: start = \"9000h\": is out of range; allowed: at most 8760h\nf.csv:5: count = \"0\": is out of range; allowed: 1 … 9007199254740992"},
	} {
		files := []string{"l.csv", links, c.name, c.csv}
		_, err := tryLoad(fileTopology+c.text, files...)
		require.Error(t, err, c.want)
		assert.Equal(t, c.want, err.Error())
	}
}

func TestRoutesAndFlows(t *testing.T) {
	s := load(t, fileTopology+"[routing]\nstrategy = \"static\"\nfile = \"r.csv\"\n"+traffic+"file = \"f.csv\"\n",
		"l.csv", "source,target\nb,a\nb,c\n", "r.csv", "node,destination,next\nc,a,b\na,c,b\na,b,b\n",
		"f.csv", "destination,source,start,interval,size,count\nc,a,5ns,2ms,34,1000\n*,b,,,,\n")
	m, err := s.Mesh()
	require.NoError(t, err)
	routes, err := s.Routes(m)
	require.NoError(t, err)
	assert.Equal(t, []Route{{0, 1, 1}, {0, 2, 1}, {2, 0, 1}}, routes)
	flows, err := s.Flows(m, 0)
	require.NoError(t, err)
	assert.Equal(t, []world.Flow{
		{Source: 0, Destination: 2, Start: 5, Interval: 2 * time.Millisecond, Size: 34, Count: 1000},
		{Source: 1, Destination: sim.Everyone, Size: 200, Count: 1},
	}, flows)
}

func TestResolveLinks(t *testing.T) {
	m := meshOf(t, `[topology]
kind = "links"
[[links]]
between = ["a-b", "c"]
[[links]]
between = ["a", "b-c"]
[[links]]
between = ["x", "y-"]
[[links]]
from = "one"
to = "way"
`)
	id := func(name string) sim.NodeID {
		n, ok := m.Lookup(name)
		require.True(t, ok, name)
		return n
	}
	for text, want := range map[string][]Ends{
		"a-b->c":    {{id("a-b"), id("c")}},
		"a-b <-> c": {{id("a-b"), id("c")}, {id("c"), id("a-b")}},
		"a->b-c":    {{id("a"), id("b-c")}},
		"x--y-":     {{id("x"), id("y-")}, {id("y-"), id("x")}},
		"x-y-":      {{id("x"), id("y-")}, {id("y-"), id("x")}},
		"one-way":   {{id("one"), id("way")}},
	} {
		got, err := m.Resolve(LinkSet{text})
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for text, want := range map[string]string{
		"a-b-c":         `can be read in several ways; allowed: a pair ["a", "b"] or "a<->b"`,
		"way->one":      "is not a link of this mesh",
		"a->z":          `names the unknown node "z"`,
		"one-wya":       `names the unknown node "wya" (did you mean "way"?)`,
		"who-knows-who": `names no two nodes; allowed: "a->b" (one way), "a-b" (both ways)`,
	} {
		_, err := m.Resolve(LinkSet{text})
		assert.ErrorContains(t, err, want, text)
	}
	_, err := m.Resolve(LinkSet{"one->way", "one-way"})
	assert.ErrorContains(t, err, "names one->way a second time")
}

func TestResolveGroups(t *testing.T) {
	m := meshOf(t, "[topology]\nkind = \"line\"\nnodes = 4\n")
	groups, err := m.ResolveGroups([][]string{{"n2"}, {"*", "n1"}})
	require.NoError(t, err)
	assert.Equal(t, [][]sim.NodeID{{2}, {1, 0, 3}}, groups)
	for want, groups := range map[string][][]string{
		`is empty`:                 {{}, {"*"}},
		`no node is left for "*"`:  {{"n0", "n1", "n2", "n3"}, {"*"}},
		`did you mean "n1"`:        {{"m1"}, {"*"}},
		`is in group 0 already`:    {{"n0"}, {"n0"}},
		`n1": is in group 0 alrea`: {{"n1", "n1"}, {"n0"}},
	} {
		_, err := m.ResolveGroups(groups)
		assert.ErrorContains(t, err, want)
	}
}

// Whatever keys the nodes have, the mesh is that of the naive reading: numbers by
// key, and every link between the same two names.
func TestKeysOnlyRenumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Zb-m]{1,3}`), 3, 8, rapid.ID[string]).Draw(t, "keys")
		text := fmt.Sprintf("[topology]\nkind = \"ring\"\nnodes = %d\n", len(keys))
		want := map[string]string{}
		for i, key := range keys {
			text += fmt.Sprintf("[[node]]\nid = \"n%d\"\nkey = %q\n", i, key)
			want[key] = fmt.Sprintf("n%d", i)
		}
		m := meshOf(t, text)
		slices.Sort(keys)
		for i, n := range m.Nodes {
			assert.Equal(t, keys[i], n.Key)
			assert.Equal(t, want[n.Key], n.ID)
		}
		plain := meshOf(t, fmt.Sprintf("[topology]\nkind = \"ring\"\nnodes = %d\n", len(keys)))
		assert.ElementsMatch(t, strings.Fields(plain.arrows()), strings.Fields(m.arrows()))
		assert.True(t, slices.IsSortedFunc(m.Links, compareLinks))
	})
}

// What all nodes are, a node may be otherwise.
func TestNodeDefaults(t *testing.T) {
	s, err := LoadBytes([]byte(`version = 1
duration = "1s"
[topology]
kind = "line"
nodes = 3
[node_defaults]
kind = "router"
address = "10.0.0.1"
capabilities = ["relay"]
[[node]]
id = "n1"
kind = "service"
capabilities = ["store"]
[[node]]
id = "n2"
`), "x.toml")
	require.NoError(t, err)
	m, err := s.Mesh()
	require.NoError(t, err)
	var got []string
	for _, n := range m.Nodes {
		got = append(got, n.ID+" "+n.Kind+" "+n.Address+" "+strings.Join(n.Capabilities, ","))
	}
	assert.Equal(t, []string{"n0 router 10.0.0.1 relay", "n1 service 10.0.0.1 store", "n2 router 10.0.0.1 relay"}, got)
}
