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

	"meshsim/netmodel"
	"meshsim/sim"
)

// A topology of kind file takes its nodes, labels, places and links from any
// format; [[node]] and [[links]] refine it.
func TestNetworkFiles(t *testing.T) {
	for name, text := range map[string]string{
		"n.gml":     `graph [ node [ id 1 label "One" Latitude 50 Longitude 8 ] node [ id 2 ] node [ id "x" ] edge [ source 1 target 2 latency_us 7 ] edge [ source 2 target x ] ]`,
		"n.graphml": `<graphml><key id="l" attr.name="label"/><key id="y" attr.name="lat"/><key id="x" attr.name="lon"/><key id="t" attr.name="latency_us"/><graph edgedefault="undirected"><node id="1"><data key="l">One</data><data key="y">50</data><data key="x">8</data></node><node id="2"/><node id="x"/><edge source="1" target="2"><data key="t">7</data></edge><edge source="2" target="x"/></graph></graphml>`,
		"n.dot":     `graph { 1 [label=One lat=50 lon=8]; 1 -- 2 [latency_us=7]; 2 -- x }`,
		"n.GV":      `graph { 1 [label=One lat=50 lon=8]; 1 -- 2 [latency_us=7]; 2 -- x }`,
		"n.json":    `{"nodes":[{"id":1,"label":"One","lat":50,"lon":8},{"id":2},{"id":"x"}],"links":[{"a":1,"b":2,"latency_us":7},{"a":2,"b":"x"}]}`,
	} {
		m := meshOf(t, "[topology]\nkind = \"file\"\npath = \""+name+"\"\n[link]\nlatency = \"3ms\"\n[[node]]\nid = \"n2\"\nkey = \"a\"\nlabel = \"Two\"\n[[node]]\nid = \"lone\"\n[[links]]\nbetween = [\"n2\", \"x\"]\nloss = \"1%\"\n", name, text)
		assert.Equal(t, []MeshNode{
			{ID: "n2", Key: "a", Kind: "agent", Label: "Two"},
			{ID: "lone", Key: "lone", Kind: "agent"},
			{ID: "n1", Key: "n1", Kind: "agent", Label: "One", Place: netmodel.Place{Kind: netmodel.OnEarth, X: 8e7, Y: 50e7}},
			{ID: "x", Key: "x", Kind: "agent"},
		}, m.Nodes, name)
		require.Len(t, m.Links, 4, name)
		assert.Equal(t, Constant(7*time.Microsecond), m.link(0, 2).Latency, name)
		assert.Equal(t, Constant(3*time.Millisecond), m.link(3, 0).Latency, name)
		assert.Equal(t, sim.One/100, m.link(3, 0).Loss, name)
	}
}

// What is wrong with a network file is told with its own name and line, beside
// what is wrong with the scenario.
func TestNetworkFileProblems(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"n.txt", "", `x.toml:5: topology.path = "n.txt": has no extension that tells its format; allowed: .gml .graphml .dot .gv .csv .json`},
		{"n.gml", "graph [", `n.gml:1: syntax: the file ends within a list; a ] is missing`},
		{"n.dot", "graph { ab -- bc\nrandom -- cd\n\"a->b\" -- cd }", "n.dot:2: id = \"random\": is a word of the language; allowed: any other id\n" + `n.dot:3: id = "a->b": contains "->", which stands between the ends of a link`},
		{"n.json", "{\"nodes\":[{\"id\":\"alpha\"}],\"links\":[\n{\"a\":\"alpha\",\"b\":\"alpah\"}]}", `n.json:2: links[0].b = "alpah": is not a node of this file (did you mean "alpha"?)`},
		{"n.graphml", "<graphml>\n<graph edgedefault=\"directed\"><node id=\"a\nb\"/></graph></graphml>", `n.graphml:2: node[0].id = "a\nb": has blanks at an end, or characters that can't be printed`},
		{"n.json", `{"links":[{"source":"a","target":"b","latency":0}]}`, "n.json:1: links[0].latency = 0: must be above 0; allowed: at least 1ns, or zero_latency = true in [link]"},
		{"n.gml", strings.Repeat("edge [ ] ", 1), "n.gml:1: has no graph; allowed: graph [ node [ id 0 ] … ]"},
	} {
		_, err := tryLoad("[topology]\nkind = \"file\"\npath = \""+c.name+"\"\n[[traffic]]\nrate = \"1/s\"\nfrom = \"nobody\"\n", c.name, c.text)
		assert.EqualError(t, err, c.want, c.name)
	}
	_, err := tryLoad("[topology]\nkind = \"file\"\npath = \"n.gml\"\n[link]\nloss = \"2\"\n", "n.gml", "graph [ node [ id x y 5 = ] ]")
	assert.EqualError(t, err, "x.toml:7: link.loss = \"2\": has no unit; units: %\nn.gml:1: node[0]: syntax: a key is expected")
	_, err = tryLoad("[topology]\nkind = \"file\"\npath = \"n.dot\"\n", "n.dot", "graph {"+strings.Repeat("\nrandom -- x", 3000)+"}")
	assert.Len(t, err, maxProblems+1, "and one that says that there are more")
}

// mean hops and diameter by breadth-first search, over ordered pairs that have a
// path; relays are the nodes between.
func hopsOf(m *Mesh) (diameter, sum, pairs int) {
	next := make([][]int, len(m.Nodes))
	for _, l := range m.Links {
		next[l.From] = append(next[l.From], int(l.To))
	}
	for s := range m.Nodes {
		seen, ring := map[int]bool{s: true}, []int{s}
		for d := 1; len(ring) > 0; d++ {
			var further []int
			for _, n := range ring {
				for _, to := range next[n] {
					if !seen[to] {
						seen[to] = true
						further = append(further, to)
						diameter, sum, pairs = max(diameter, d), sum+d, pairs+1
					}
				}
			}
			ring = further
		}
	}
	return diameter, sum, pairs
}

// The built-in networks are those of the published tables: nodes, links, diameter
// and mean hops of the Internet Topology Zoo, the relays of Abilene, the copies of
// a flood.
func TestRealNetworks(t *testing.T) {
	for _, c := range []struct {
		file                   string
		nodes, links, diameter int
		mean                   string
	}{
		{"abilene.csv", 11, 14, 5, "2.42"},
		{"nsfnet.gml", 13, 15, 5, "2.42"},
		{"geant2001.graphml", 27, 38, 6, "2.94"},
		{"karate.gv", 34, 78, 5, "2.41"},
	} {
		s, err := Load(libraryFS, "library/flood-abilene.toml", WithSet("topology.path="+c.file))
		require.NoError(t, err)
		require.Empty(t, s.Warnings())
		m, err := s.Mesh()
		require.NoError(t, err)
		assert.Len(t, m.Nodes, c.nodes, c.file)
		assert.Len(t, m.Links, 2*c.links, c.file)
		diameter, sum, pairs := hopsOf(m)
		assert.Equal(t, c.diameter, diameter, c.file)
		assert.Equal(t, c.mean, fmt.Sprintf("%.2f", float64(sum)/float64(pairs)), c.file)
		if c.file == "abilene.csv" {
			assert.Equal(t, 156, sum-pairs, "relays over all ordered pairs")
			assert.Equal(t, 18, c.links*2-c.nodes+1, "copies of a flood")
		}
		if c.file == "karate.gv" {
			assert.Equal(t, 123, c.links*2-c.nodes+1, "copies of a flood")
		}
	}
}

// The ranks that are published for the karate club (d = 0.85) hold, so each of the
// friendships is where it should be.
func TestKaratePageRank(t *testing.T) {
	s, err := Load(nil, "karate")
	require.NoError(t, err)
	m, err := s.Mesh()
	require.NoError(t, err)
	n := len(m.Nodes)
	degree := make([]float64, n)
	for _, l := range m.Links {
		degree[l.From]++
	}
	rank := slices.Repeat([]float64{1 / float64(n)}, n)
	for range 200 {
		next := slices.Repeat([]float64{0.15 / float64(n)}, n)
		for _, l := range m.Links {
			next[l.To] += 0.85 * rank[l.From] / degree[l.From]
		}
		rank = next
	}
	for id, want := range map[string]float64{"n34": 0.10092, "n1": 0.09700, "n33": 0.07169, "n3": 0.05708, "n2": 0.05288} {
		at, ok := m.Lookup(id)
		require.True(t, ok)
		assert.InDelta(t, want, rank[at], 1.5e-5, id)
	}
}

func importText(t require.TestingT, name, text string) *Scenario {
	s, err := Import(fstest.MapFS{name: {Data: []byte(text)}}, name)
	require.NoError(t, err)
	return s
}

// What is imported says so, and what is assumed.
func TestImportComment(t *testing.T) {
	s := importText(t, "square.gml", `graph [
node [ id 0 label "New York" Latitude 40.71427 Longitude -74.00597 ]
node [ id 1 label "Chicago" Latitude 41.85003 Longitude -87.65005 ]
node [ id 2 ]
edge [ source 0 target 1 ]
edge [ source 1 target 0 ]
edge [ source 1 target 2 latency "4ms" loss 0.1 ]
edge [ source 0 target 2 ]
edge [ source 2 target 2 ] ]`)
	assert.Equal(t, `# Imported from square.gml: 3 nodes, 3 links.
# What is sent within the part that hangs together must arrive, but for what the links lose.
# Written as a start: traffic, faults and expectations are yours to change.
# Assumed: for 2 directions latencies from coordinates, as [link] geo has them.
# Assumed: for 2 directions the default latency of 1ms.
# Note: line 6: edge[1]: n1 and n0 are also linked in line 5; the least latency stays
# Note: line 9: edge[4]: n2 is linked to itself; the link is dropped
version = 1
name = "square"
seed = 1
duration = "10s"

[topology]
kind = "links"

[[links]]
between = ["n0", "n1"]
latency = "5.729ms"

[[links]]
between = ["n1", "n2"]
latency = "4ms"
loss = "10%"

[[links]]
between = ["n0", "n2"]

[[node]]
id = "n0"
label = "New York"
lat = 40.71427
lon = -74.00597

[[node]]
id = "n1"
label = "Chicago"
lat = 41.85003
lon = -87.65005

[[node]]
id = "n2"

[[traffic]]
name = "t1"
kind = "messages"
arrivals = "periodic"
interval = "1s"
count = 5

[[expect]]
name = "everything is accounted for"
at_end = "traffic.sent == 15 && traffic.delivered + drops.loss == traffic.sent"
`, string(s.TOML()))
}

// Where all links have coordinates, geo gives their latencies, and moving a node
// moves them; where the file has latencies, they stay.
func TestImportOfPlaces(t *testing.T) {
	const cities = `graph { s [lat=47.60621 lon=-122.33207]; d [lat=39.73915 lon=-104.9847]; v [lat=37.36883 lon=-122.03635]; s -- v; d -- s; d -- v`
	s := importText(t, "west.dot", cities+" }")
	text := string(s.TOML())
	assert.Contains(t, text, "\n[link]\ngeo = true\n")
	assert.NotContains(t, text, "latency =")
	m, err := s.Mesh()
	require.NoError(t, err)
	for ends, want := range map[string]Duration{"s v": 5693, "d s": 8206, "d v": 7518} { // as in the built-in abilene.csv
		a, b, _ := strings.Cut(ends, " ")
		from, _ := m.Lookup(a)
		to, _ := m.Lookup(b)
		assert.Equal(t, Constant(want*time.Microsecond), m.link(from, to).Latency, ends)
	}
	passes(t, s)

	timed := cities + " [latency_us=9] }"
	m, err = importText(t, "west.dot", timed).Mesh()
	require.NoError(t, err)
	want := meshOf(t, "[topology]\nkind = \"file\"\npath = \"n.dot\"\n[link]\ngeo = true\n", "n.dot", timed)
	assert.Equal(t, want.Links, m.Links)
	assert.Equal(t, want.Nodes, m.Nodes)
	d, _ := m.Lookup("d")
	v, _ := m.Lookup("v")
	assert.Equal(t, Constant(9*time.Microsecond), m.link(d, v).Latency)

	assert.Contains(t, importText(t, "plane.dot", `graph { a [pos="1,2"]; a -- b }`).Comment, "Left out: 1 place in a plane, since a [[node]] has a latitude and a longitude.")
}

func TestImportErrors(t *testing.T) {
	files := fstest.MapFS{"a.txt": {}, "a.gml": {Data: []byte("graph [\nnode [ ] ]")}, "a.csv": {Data: []byte("source,target\n")}}
	for name, want := range map[string]string{
		"a.txt": "a.txt: has no extension that tells its format; allowed: .gml .graphml .dot .gv .csv .json",
		"b.gml": "b.gml: there is no such file",
		"a.gml": "a.gml:2: node[0].id: is missing in the node; allowed: a node id",
		"a.csv": "a.csv:1: has no nodes; allowed: at least one",
	} {
		s, err := Import(files, name)
		assert.Nil(t, s)
		assert.EqualError(t, err, want)
	}
	_, err := ImportReader(strings.NewReader("{}"), "<stdin>", "jsn")
	assert.EqualError(t, err, `<stdin>: "jsn" is no format; allowed: gml graphml dot gv csv json (did you mean "json"?)`)
	_, err = ImportReader(strings.NewReader("{"), "<stdin>", "json")
	assert.EqualError(t, err, `<stdin>:1: syntax: the file ends too early`)
}

// passes runs an imported scenario.
func passes(t require.TestingT, s *Scenario) *Result {
	for _, w := range s.Warnings() { // what lint says of a network is no fault of the import
		require.Contains(t, w.Message, "says that this is meant")
	}
	result, err := s.Run(Options{})
	require.NoError(t, err)
	require.Equal(t, Passed, result.Verdict, "%s\n%v", s.TOML(), result.Expectations)
	return result
}

// Awkward networks pass too once they are imported.
func TestImportedScenariosPass(t *testing.T) {
	line := "graph { n0"
	for i := 1; i < 400; i++ {
		line += fmt.Sprintf(" -- n%d", i)
	}
	for name, text := range map[string]string{
		"one.dot":     "graph { a }",
		"two.dot":     "graph { a; b }",
		"pair.dot":    "graph { a -- b; c }",
		"arrow.dot":   "digraph { a -> b; c }",
		"into.dot":    "digraph { b -> a; c -> a; d -> a }",
		"out.dot":     "digraph { a -> b; a -> c; a -> d; d -> c }",
		"parts.dot":   "graph { a -- b -- c; d -- e -- f -- g; h }",
		"line.dot":    line + " }",
		"detour.dot":  "graph { edge [latency=1] a -- b -- c -- d -- e -- f -- g -- h -- i -- j -- k; a -- k [latency=100] }",
		"dead.json":   `{"links":[{"source":"a","target":"b","source_tq":0,"target_tq":0}]}`,
		"slow.json":   `{"links":[{"source":"a","target":"b","bandwidth":8},{"source":"b","target":"c","bandwidth":"1kbit/s"}]}`,
		"day.json":    `{"links":[{"source":"a","target":"b","latency_s":86400},{"source":"b","target":"c","latency_s":86400}]}`,
		"queue.csv":   "source,target,bandwidth,queue,loss\na,b,1kbit/s,0,1%\nb,c,1kbit/s,1,\n",
		"uniform.csv": "source,target,latency\na,b,\"{ uniform = { min = \"\"1ms\"\", max = \"\"9s\"\" } }\"\nb,c,\n",
		"-.dot":       "graph { \"-\" -- b }",
		"a name.dot":  "graph { \"$(rm -rf)\" -- \"'\\\"`\" }",
		"labels.json": `{"nodes":[{"id":"a","label":"x\ny\u0000` + strings.Repeat("é", 300) + `"}]}`,
	} {
		t.Run(name, func(t *testing.T) { passes(t, importText(t, name, text)) })
	}
}

// Of ways that are equally quick any may be taken, so the hop limit fits all.
func TestImportReckonsWithTies(t *testing.T) {
	s := importText(t, "ties.dot", "graph { edge [latency=1] a -- b -- c -- d -- e -- f -- g -- h -- i -- j -- k; a -- k [latency=10] }")
	assert.EqualValues(t, 10, s.Routing.MaxHops)
	passes(t, s)
}

// A network of 700 nodes in parts is imported and run in seconds.
func TestImportOf700Nodes(t *testing.T) {
	var text strings.Builder
	text.WriteString("graph {\n")
	for i := 1; i < 700; i++ { // a tree of 600 nodes, a ring of 90, 10 alone
		switch {
		case i < 600:
			fmt.Fprintf(&text, "%d -- %d [latency_us=%d]\n", i, i/3, 100+i)
		case i < 690:
			fmt.Fprintf(&text, "%d -- %d\n", i, 600+(i+1)%90)
		default:
			fmt.Fprintf(&text, "%d\n", i)
		}
	}
	begin := time.Now()
	result := passes(t, importText(t, "big.dot", text.String()+"}"))
	assert.EqualValues(t, 250, result.Metrics.Traffic.Delivered)
	assert.Less(t, time.Since(begin), 30*time.Second)
}

// Whatever the network, the imported scenario has the nodes and links of the file,
// and passes.
func TestImportIsFaithful(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "nodes")
		directed := rapid.Bool().Draw(t, "directed")
		var nodes, links []string
		for i := range n {
			nodes = append(nodes, fmt.Sprintf(`{"id":%d}`, i))
		}
		for range rapid.IntRange(0, 2*n).Draw(t, "links") {
			a, b := rapid.IntRange(0, n-1).Draw(t, "a"), rapid.IntRange(0, n-1).Draw(t, "b")
			link := fmt.Sprintf(`{"source":%d,"target":%d`, a, b)
			for key, values := range map[string][]string{"latency_ms": {"1", "2", "30"}, "source_tq": {"0", "0.5", "1"}, "bandwidth": {"100", "1e9"}} {
				if v := rapid.SampledFrom(append(values, "")).Draw(t, key); v != "" {
					link += `,"` + key + `":` + v
				}
			}
			links = append(links, link+"}")
		}
		text := fmt.Sprintf(`{"directed":%t,"nodes":[%s],"links":[%s]}`, directed, strings.Join(nodes, ","), strings.Join(links, ","))
		imported := importText(t, "net.json", text)
		want := meshOf(t, "[topology]\nkind = \"file\"\npath = \"net.json\"\n", "net.json", text)
		got, err := imported.Mesh()
		require.NoError(t, err)
		require.Equal(t, want.Nodes, got.Nodes)
		require.Equal(t, want.Links, got.Links)
		passes(t, imported)
	})
}
