package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
)

// barbell is two triangles that a line of two links joins at m.
const barbell = `source,target,latency,bandwidth,direction
a,b,1ms,10Mbit/s,both
b,c,1ms,10Mbit/s,both
a,c,1ms,10Mbit/s,both
c,m,5ms,2Mbit/s,both
m,x,5ms,1500kbit/s,both
x,y,1ms,,both
y,z,1ms,,both
x,z,1ms,,forward
`

func TestTopologyText(t *testing.T) {
	scenario(t, "barbell.csv", barbell)
	got := meshsim("topology", "barbell.csv", "--from", "a", "--to", "z", "--cut", "b", "--paths", "2")
	assert.Equal(t, outcome{0, `barbell.csv: 7 nodes, 8 links (1 one way), connected
  degree      2 – 3, 2.29 mean
  hops        2.19 mean, diameter 4
  latency     6.881ms mean, 13ms at most: z → y → x → m → c → a
  cut points  c, m, x
  bridges     c–m, m–x
  strength    0.2679 algebraic connectivity
  central     m 60 %, c 53 %, x 53 % of the others' shortest paths
  PageRank    y 0.1823, c 0.1733, x 0.1465
  busiest     c–m, on 24 of 42 routes (57.14 %)
  communities 2 (4 + 3 nodes), modularity 0.37

from a to z without b:
  1.          12ms, 4 hops: a → c → m → x → z
  2.          13ms, 5 hops: a → c → m → x → y → z
  disjoint    1 path at most without a link in common; all cut by the loss of a→c
  bandwidth   1500kbit/s over all paths together, limited by m→x

without b:
  components  1, before 1: 6 nodes
  pairs       0 cut, 0 rerouted, 30 as before
              12 more had a lost node at an end
  route hops  2.20 mean along the routes of the pairs kept, before 2.20
  latency     6.733ms mean, before 6.733ms
`, ""}, got)

	got = meshsim("topology", "barbell.csv", "-q", "--from", "a", "--to", "z", "--cut", "c-m", "--cut", "x->z")
	assert.Equal(t, outcome{0, `barbell.csv: 7 nodes, 8 links (1 one way), connected
from a to z without c–m, x→z there is no path
without c–m, x→z: 2 components, 24 pairs cut
`, ""}, got)

	verbose := meshsim("topology", "barbell.csv", "-v").stdout
	for _, part := range []string{"betweenness", "m        2         18.00      0.6000    0.11", "x → z       1ms    unlimited                   5", "12ms     4  a → c → m → x → z"} {
		assert.Contains(t, verbose, part)
	}
}

// The keys of the contract, and what they hold.
func TestTopologyDocument(t *testing.T) {
	scenario(t, "barbell.csv", barbell)
	got := meshsim("topology", "barbell.csv", "--json", "--from", "z", "--to", "x", "--cut", "c->m")
	require.Equal(t, 0, got.status, got.stderr)
	v := document(t, got.stdout)
	assert.Equal(t, "algebraic_connectivity articulation_points bridges centrality communities component_sizes components cut degree diameter "+
		"link_loads links mean_hops mean_latency_ns nodes one_way_links pagerank pair pairs_without_route routes scenario seed skipped slowest_route",
		strings.Join(slices.Sorted(maps.Keys(v)), " "))
	assert.Equal(t, []any{7.0, 8.0, 1.0, 4.0}, []any{v["nodes"], v["links"], v["components"], v["diameter"]})
	assert.InDelta(t, 92.0/42, v["mean_hops"], 1e-5)
	assert.Equal(t, []any{"c", "m", "x"}, v["articulation_points"])
	assert.Equal(t, []any{[]any{"c", "m"}, []any{"m", "x"}}, v["bridges"])
	routes := v["routes"].([]any)
	require.Len(t, routes, 42)
	assert.Equal(t, map[string]any{"source": "a", "destination": "b", "latency_ns": 1e6, "path": []any{"a", "b"}}, routes[0])
	assert.Equal(t, map[string]any{"source": "z", "destination": "y", "latency_ns": 1e6, "path": []any{"z", "y"}}, routes[41])

	assert.Equal(t, map[string]any{
		"source": "z", "destination": "x", "paths": []any{map[string]any{"source": "z", "destination": "x", "latency_ns": 2e6, "path": []any{"z", "y", "x"}}},
		"disjoint_paths": 1.0, "min_cut": []any{[]any{"z", "y"}}, "bandwidth": nil, "bottleneck": []any{},
	}, v["pair"])
	cut := v["cut"].(map[string]any)
	assert.Equal(t, []any{[]any{"c", "m"}}, cut["links"])
	assert.Equal(t, []any{1.0, 12.0, 30.0, nil}, []any{cut["components"], cut["pairs_cut"], cut["pairs_kept"], cut["worst_detour"]})

	v = document(t, meshsim("topology", "abilene-partition", "--json").stdout)
	assert.NotContains(t, v, "cut")
	assert.Equal(t, []any{11.0, 14.0, 5.0}, []any{v["nodes"], v["links"], v["diameter"]})
	assert.InDelta(t, 2.42, v["mean_hops"], 0.005)
	assert.Equal(t, []any{[]any{}, []any{}, []any{}}, []any{v["articulation_points"], v["bridges"], v["skipped"]})
	assert.Len(t, v["routes"], 110)

	ranks := document(t, meshsim("topology", "karate", "--json").stdout)["pagerank"].([]any)
	require.Len(t, ranks, 34)
	for i, want := range []string{"n34 0.10092", "n1 0.09700", "n33 0.07169", "n3 0.05708", "n2 0.05288"} { // as published
		r := ranks[i].(map[string]any)
		assert.Equal(t, want, fmt.Sprintf("%v %.5f", r["node"], r["value"]))
	}
}

// The document is the same in every process, and the text too.
// A contact plan at a time of the run, and over all of it.
func TestTopologyAtATime(t *testing.T) {
	for at, want := range map[string]string{
		"":   "satellite-passes: 4 nodes, 4 links, connected\n",
		"0":  "satellite-passes at 0s: 4 nodes, 1 link, 3 components (2 + 1 + 1 nodes)\n",
		"6m": "satellite-passes at 6m0s: 4 nodes, 2 links, 2 components (3 + 1 nodes)\n",
		"1h": "satellite-passes at 1h0m0s: 4 nodes, 0 links, 4 components (1 + 1 + 1 + 1 nodes)\n",
	} {
		args := []string{"topology", "satellite-passes", "-q"}
		if at != "" {
			args = append(args, "--at", at)
		}
		assert.Equal(t, outcome{0, want, ""}, meshsim(args...), at)
	}
	got := meshsim("topology", "satellite-passes", "--json", "--at", "6m")
	assert.Contains(t, got.stdout, `{"scenario":"satellite-passes","seed":1,"at_ns":360000000000,"nodes":4,"links":2,`)
	assert.Equal(t, outcome{2, "", "meshsim: --at: 3603.6s is no time of the run; allowed: 0s … 1h\n"}, meshsim("topology", "satellite-passes", "--at", "1h3.6s"))
	assert.Equal(t, outcome{2, "", "meshsim: --at -1s: must not be negative; allowed: a duration such as \"20ms\"\n"}, meshsim("topology", "satellite-passes", "--at", "-1s"))
}

func TestTopologyIsTheSameInEveryProcess(t *testing.T) {
	for _, args := range [][]string{{"topology", "workload", "--json"}, {"topology", "workload", "-v", "--cut", "n7", "--from", "n0", "--to", "n25"}} {
		want := meshsim(args...)
		require.Equal(t, 0, want.status, want.stderr)
		for range 3 {
			assert.Equal(t, want, process(t, nil, args...))
		}
	}
}

// The nodes of a scenario are ranked by who trusts whom when it is over, or at a time.
func TestTopologyOfTrust(t *testing.T) {
	const met = "first-contact --set trust.anchors=['b']"
	anchored := meshsim(append(strings.Fields("topology "+met), "--by-trust")...)
	assert.Contains(t, anchored.stdout, "by who trusts whom:\n  levels")
	assert.Contains(t, anchored.stdout, "EigenTrust  b 1.0000")
	assert.Contains(t, meshsim(append(strings.Fields("topology "+met), "--by-trust", "--at", "0", "--json")...).stdout, `"trust":{"levels":{`)
	assert.Equal(t, outcome{2, "", "three-nodes: --by-trust: no node of this scenario ever meets another\n"}, meshsim("topology", "three-nodes", "--by-trust"))
	write(t, "net.csv", barbell)
	got := meshsim("topology", "net.csv", "--by-trust")
	assert.Equal(t, outcome{2, "", "meshsim: --by-trust: net.csv is a network file, in which nobody trusts anybody; allowed: with a scenario\n"}, got)
}

func TestTopologyCommandLines(t *testing.T) {
	scenario(t, "barbell.csv", barbell)
	write(t, "bad.csv", "source,target,latency\na,b,1\nb,,1ms\n")
	write(t, "loop.csv", "source,target\na,a\na,b\n")
	write(t, "sad.toml", failing)
	write(t, "two.toml", strings.Replace(quiet, "nodes = 2", "nodes = 4", 1))
	write(t, "long.toml", strings.Replace(quiet, "nodes = 2", "nodes = 14", 1))
	write(t, "lone.toml", "version = 1\nduration = \"1s\"\n[topology]\nkind = \"line\"\nnodes = 1\n")
	write(t, "star.toml", strings.Replace(strings.Replace(quiet, "nodes = 2", "nodes = 14", 1), "\"line\"", "\"star\"", 1))
	for _, c := range []struct {
		line   string
		status int
		stdout string // part of it; "" if it must be empty
		stderr string
	}{
		{"topology detour", 0, "detour: 8 nodes, 8 links, connected", ""},
		{"topology detour --set topology.nodes=5", 0, "detour: 5 nodes, 5 links", ""},
		{"topology barbell.csv --set link.loss=1%", 0, "7 nodes", ""},
		{"topology barbell.csv --cut m", 0, "components  2, before 1: 3 + 3 nodes\n              apart: x, y, z\n", ""},
		{"topology two.toml --cut n1-n2", 0, "2, before 1: 2 + 2 nodes", ""},
		{"topology sad.toml --set topology.nodes=4 --cut n0-n1", 0, "0 cut, 6 rerouted, 6 as before", ""},
		{"topology two.toml --cut n1->n2 --cut n0", 0, "without n0, n1→n2:", ""},
		{"topology two.toml -q", 0, "scenario: 4 nodes, 3 links, connected\n", ""},
		{"topology loop.csv -q", 0, "loop.csv: 2 nodes, 1 link, connected", ""},
		{"topology loop.csv", 0, "loop.csv: 2 nodes", "loop.csv:2: warning: target"},
		{"topology star.toml", 0, "cut points  n0\n", ""},
		{"topology long.toml --set routing.max_hops=13", 0, "cut points  n1, n2, n3, n4, n5, n6, n7, n8, … and 4 more\n", ""},
		{"topology two.toml --cut n0 --cut n1 --cut n2 --cut n3", 0, "components  none, before 1: no node is left\n", ""},
		{"topology lone.toml", 0, "communities 1 (1 node), modularity", ""},
		{"topology lone.toml --format svg", 0, "1 node, 0 links<", ""},
		{"topology lone.toml --format svg", 0, ", agent, 0 links</title>", ""},
		{"topology two.toml --format svg", 0, "n0, agent, 1 link</title>", ""},
		{"topology two.toml --from n0 --to n3 --cut n1", 0, "from n0 to n3 without n1 there is no path", ""},
		{"topology abilene-partition --cut Denver", 0, "hops        2.42 mean, diameter 5", ""},
		{"topology abilene-partition --cut Denver", 0, "route hops  2.67 mean along the routes of the pairs kept, before 2.56", ""},
		{"topology satellite-passes --format svg --at 6m", 0, "<title>satellite-passes at 6m0s</title>", ""},
		{"topology geometric --format dot --seed 7", 0, "graph \"geometric, seed 7\" {", ""},
		{"topology geometric --format graphml", 0, "<graph id=\"geometric, seed 42\"", ""},
		{"topology karate --format dot", 0, "graph \"karate\" {", ""},

		{"topology karate --format svg --cut n1", 2, "", "a drawing shows the whole graph, without what --cut, --from and --to ask for: they can't stand beside --format or --out"},
		{"topology karate --out x.svg --from 1 --to 2", 2, "", "can't stand beside --format or --out"},
		{"topology two.toml --from n0 --to n3 --cut n3", 2, "", "--cut takes away an end of the paths from --from to --to"},
		{"topology satellite-passes --at abc", 2, "", "--at abc: does not begin with a number; allowed: a duration such as \"20ms\""},
		{"topology satellite-passes --at 5", 2, "", "--at 5: has no unit; units:"},
		{"topology satellite-passes --at=", 2, "", "--at: is empty"},
		{"topology barbell.csv --at 1s", 2, "", "--at 1s: barbell.csv is a network file, which has no times"},
		{"topology --help", 0, "meshsim topology network.csv --json", ""},
		{"__complete topology det", 0, "detour\t", "ShellCompDirectiveDefault"},
		{"__complete topology barbell.csv --cut ", 0, "a\nb\nc\nm\n", "ShellCompDirectiveNoFileComp"},

		{"topology", 2, "", "no argument given; usage: meshsim topology SCENARIO|FILE"},
		{"topology missing.csv", 2, "", "missing.csv: there is no such file"},
		{"topology missing", 2, "", "missing: there is no such file and no such built-in scenario"},
		{"topology bad.csv", 2, "", `bad.csv:2: latency = "1": `},
		{"topology bad.csv", 2, "", "bad.csv:3: target"},
		{"topology barbell.csv --seed x", 2, "", "--seed: seed = "},
		{"topology barbell.csv --set link.los=1%", 2, "", `--set: link.los = "1%": is not a key`},
		{"topology barbell.csv --cut q", 2, "", `--cut: "q" is neither a node nor a link of this mesh`},
		{"topology barbell.csv --cut a-x --cut n", 2, "", "--cut: \"a-x\" is not a link of this mesh\n--cut: \"n\" is neither"},
		{"topology barbell.csv --cut=", 2, "", "--cut: is empty"},
		{"topology barbell.csv --from a", 2, "", "--from and --to need each other"},
		{"topology barbell.csv --from a --to a", 2, "", "--from a --to a: is one node"},
		{"topology barbell.csv --from aa --to bb", 2, "", "--from: \"aa\" is not a node of this mesh\n--to: \"bb\" is not a node"},
		{"topology barbell.csv --paths 4", 2, "", "--paths needs --from NODE and --to NODE"},
		{"topology barbell.csv --from a --to b --paths 0", 2, "", "--paths 0: is out of range; allowed: 1 … 1000"},
	} {
		t.Run(c.line, func(t *testing.T) {
			args := strings.Split(c.line, " ")
			got := meshsim(args...)
			assert.Equal(t, c.status, got.status, got.stderr)
			for _, stream := range []struct{ want, got string }{{c.stdout, got.stdout}, {c.stderr, got.stderr}} {
				if stream.want == "" {
					assert.Empty(t, stream.got)
				}
				assert.Contains(t, stream.got, stream.want)
			}
		})
	}
	got := meshsimReading(failing, "topology", "-", "--json")
	assert.Equal(t, 5.0, document(t, got.stdout)["nodes"])
	assert.Equal(t, "bad.csv", document(t, meshsim("topology", "bad.csv", "--json").stdout)["errors"].([]any)[0].(map[string]any)["file"])
}

// Random topologies are those of the seed.
func TestTopologyOfASeed(t *testing.T) {
	scenario(t, "random.toml", "version = 1\nduration = \"1s\"\n[topology]\nkind = \"random\"\nnodes = 20\np = \"20%\"\n")
	drawn := func(seed string) outcome { return meshsim("topology", "random.toml", "--json", "--seed", seed) }
	assert.Equal(t, 0, drawn("1").status)
	assert.Equal(t, drawn("1"), drawn("0x1"))
	assert.NotEqual(t, document(t, drawn("1").stdout)["link_loads"], document(t, drawn("2").stdout)["link_loads"])
	run := document(t, meshsim("run", "random.toml", "--json", "--seed", "2", "-v").stdout)
	links := run["metrics"].(map[string]any)["links"].(map[string]any)["by"].(map[string]any)
	assert.Len(t, links, 2*int(document(t, drawn("2").stdout)["links"].(float64)), "those of a run")
}

// What is too costly is left out unless it is asked for.
func TestTopologyOfALargeMesh(t *testing.T) {
	scenario(t, "large.toml", strings.Replace(quiet, "nodes = 2", "nodes = 20000", 1))
	got := meshsim("topology", "large.toml")
	assert.Equal(t, 0, got.status)
	for _, part := range []string{"20,000 nodes, 19,999 links, connected", "left out    betweenness: ", "--all computes it", "cut points  n1, n2, n3, n4"} {
		assert.Contains(t, got.stdout, part)
	}
	got = meshsim("topology", "large.toml", "--cut", "n7")
	assert.Equal(t, 2, got.status)
	assert.Contains(t, got.stderr, "--cut compares the routes of all pairs: 1199960000 steps of work")
	got = meshsim("topology", "large.toml", "--json", "--from", "n0", "--to", "n19999")
	v := document(t, got.stdout)
	assert.Equal(t, []any{nil, nil}, []any{v["diameter"], v["routes"]})
	assert.Len(t, v["pair"].(map[string]any)["paths"].([]any)[0].(map[string]any)["path"], 20000)
}

// Every built-in has a graph.
func TestTopologyOfBuiltins(t *testing.T) {
	for _, e := range scenarios.Library() {
		got := meshsim("topology", e.Name, "--json")
		require.Equal(t, 0, got.status, got.stderr)
		var v struct {
			Nodes, Links, Components int
			Routes                   []struct {
				Path      []string
				LatencyNS int64 `json:"latency_ns"`
			}
		}
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &v))
		assert.Positive(t, v.Nodes)
		if v.Components == 1 {
			assert.GreaterOrEqual(t, len(v.Routes), v.Nodes-1, e.Name)
		}
		for _, r := range v.Routes {
			assert.Positive(t, r.LatencyNS, fmt.Sprint(r.Path))
		}
	}
}

// A graph can be drawn, and what is written for other tools can be read back.
func TestTopologyFormats(t *testing.T) {
	t.Chdir(t.TempDir())
	svg := meshsim("topology", "karate", "--format", "svg")
	require.Equal(t, 0, svg.status, svg.stderr)
	assert.Contains(t, svg.stdout, "34 nodes, 78 links, diameter 5")
	assert.Contains(t, svg.stdout, "cut point")
	assert.Equal(t, 34+1, strings.Count(svg.stdout, "<circle"), "nodes and the legend")
	require.Equal(t, 0, meshsim("topology", "karate", "--out", "karate.SVG").status)
	assert.Equal(t, svg.stdout, read(t, "karate.SVG"))
	for _, file := range []string{"net.dot", "net.graphml", "net.gv"} {
		require.Equal(t, 0, meshsim("topology", "geant2001", "--out", file).status)
		back := document(t, meshsim("topology", file, "--json").stdout)
		assert.EqualValues(t, 27, back["nodes"], file)
		assert.EqualValues(t, 38, back["links"], file)
		first := document(t, meshsim("topology", "geant2001", "--json").stdout)
		assert.Equal(t, first["mean_latency_ns"], back["mean_latency_ns"], file)
	}
	for want, line := range map[string]string{
		"--format png: is not known; allowed: dot graphml svg": "topology karate --format png",
		"--format jpg: is not known":                           "topology karate --out x.jpg",
		"can't stand beside":                                   "topology karate --json --out x.svg",
		"nowhere/x.svg":                                        "topology karate --out nowhere/x.svg",
	} {
		got := meshsim(strings.Fields(line)...)
		assert.Equal(t, 2, got.status, line)
		assert.Contains(t, got.stderr, want)
	}
	assert.NoFileExists(t, "x.svg")
}
