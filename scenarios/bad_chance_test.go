package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	wantNodes  = `allowed: an id, a list of ids, "*" or { random = N }`
	wantGroups = `allowed: lists of ids, or { random = N }`
	wantOutage = `allowed: a table { node = "n3", at = "1s", until = "2s" }`
)

// What is wrong with faults that are left to chance or come again. The ring has five
// nodes, the first line of a fault is line 6.
func TestBadFaults(t *testing.T) {
	churn := "kind = \"churn\"\nat = \"1s\"\nuntil = \"5s\"\nnodes = [\"n1\", \"n2\"]\n"
	flap := "kind = \"flap\"\nat = \"1s\"\nlinks = [\"n0-n1\"]\n"
	for _, c := range []struct{ name, text, want string }{
		{"more nodes than there are", "kind = \"crash\"\nat = \"1s\"\nnodes = { random = 6 }\n", `x.toml:9: fault[0].nodes = { random = 6 }: is more than the mesh has; allowed: 1 … 5`},
		{"more links than there are", "kind = \"link_down\"\nat = \"1s\"\nlinks = { random = 6 }\n", `x.toml:9: fault[0].links = { random = 6 }: is more than the mesh has; allowed: 1 … 5 pairs of linked nodes`},
		{"more groups than nodes", "kind = \"partition\"\nat = \"1s\"\ngroups = { random = 6 }\n", `x.toml:9: fault[0].groups = { random = 6 }: is more than the mesh has; allowed: 1 … 5`},
		{"one group at random", "kind = \"partition\"\nat = \"1s\"\ngroups = { random = 1 }\n", `x.toml:9: fault[0].groups = { random = 1 }: has 1 groups; allowed: 2 or more ("*" is all the rest)`},
		{"none at random", "kind = \"isolate\"\nat = \"1s\"\nnodes = { random = 0 }\n", `x.toml:9: fault[0].nodes = {…}: random must be at least 1; ` + wantNodes},
		{"random of text", "kind = \"isolate\"\nat = \"1s\"\nnodes = { random = \"2\" }\n", `x.toml:9: fault[0].nodes = {…}: is a table of other keys than random = N; ` + wantNodes},
		{"random misspelt", "kind = \"partition\"\nat = \"1s\"\ngroups = { ramdom = 2 }\n", `x.toml:9: fault[0].groups = {…}: is a table of other keys than random = N; ` + wantGroups},
		{"links at random of a float", "kind = \"flap\"\nat = \"1s\"\nlinks = { random = 1.5 }\nmean_up = \"1s\"\nmean_down = \"1s\"\n", `x.toml:9: fault[0].links = {…}: is a table of other keys than random = N; allowed: a list of "a->b" (one way), "a-b" or ["a", "b"] (both ways), or { random = N }`},
		{"groups of text", "kind = \"partition\"\nat = \"1s\"\ngroups = \"n0\"\n", `x.toml:9: fault[0].groups = "n0": is a string; ` + wantGroups},
		{"groups of ids", "kind = \"partition\"\nat = \"1s\"\ngroups = [\"n0\", \"n1\"]\n", `x.toml:9: fault[0].groups = ["n0", "n1"]: entry 0 is a string; ` + wantGroups},
		{"empty group", "kind = \"partition\"\nat = \"1s\"\ngroups = [[\"n0\"], []]\n", `x.toml:9: fault[0].groups[1] = []: is empty; allowed: a list of ids, or "*" for all the rest`},
		{"mode beside groups", "kind = \"partition\"\nat = \"1s\"\ngroups = [[\"n0\"], [\"*\"]]\nmode = \"halves\"\n", `x.toml:10: fault[0].mode = "halves": can't stand beside groups; allowed: one of them`},
		{"mode", "kind = \"partition\"\nat = \"1s\"\nmode = \"halvs\"\n", `x.toml:9: fault[0].mode = "halvs": is not known; allowed: uniform isolate halves (did you mean "halves"?)`},
		{"isolate of nobody known", "kind = \"isolate\"\nat = \"1s\"\nnodes = [\"n1\", \"n9\"]\n", `x.toml:9: fault[0].nodes[1] = "n9": is not a node (did you mean "n0"?)`},
		{"churn without times", churn, "x.toml:6: fault[0].mean_up: is missing; needed without outages\nx.toml:6: fault[0].mean_down: is missing; needed without outages"},
		{"times and nodes", "kind = \"churn\"\nat = \"1s\"\nnodes = \"n9\"\nmean_up = 3\n", `x.toml:6: fault[0].mean_down: is missing; needed without outages
x.toml:9: fault[0].nodes = "n9": is not a node (did you mean "n0"?)
x.toml:10: fault[0].mean_up = 3: has no unit; allowed: a duration such as "20ms"`},
		{"mean of zero", churn + "mean_up = \"0s\"\nmean_down = \"1s\"\n", `x.toml:11: fault[0].mean_up = "0s": is out of range; allowed: 1us … 8760h`},
		{"minimum above the mean", flap + "mean_up = \"1s\"\nmin_up = \"1001ms\"\nmean_down = \"1s\"\nmin_down = \"2s\"\n", `x.toml:11: fault[0].min_up = "1.001s": is above mean_up; allowed: at most 1s
x.toml:13: fault[0].min_down = "2s": is above mean_down; allowed: at most 1s`},
		{"a minimum for nodes", churn + "min_up = \"1s\"\nmean_up = \"1s\"\nmean_down = \"1s\"\n", `x.toml:11: fault[0].min_up = "1s": is a key of kind flap only; allowed: name kind nodes mean_up mean_down lose outages at until`},
		{"flap of no link", "kind = \"flap\"\nat = \"1s\"\nlinks = [\"n0-n2\"]\nmean_up = \"1s\"\nmean_down = \"1s\"\n", `x.toml:9: fault[0].links[0] = "n0-n2": is not a link of this mesh`},
		{"swizzle without end", "kind = \"swizzle\"\nat = \"1s\"\nnodes = \"*\"\n", `x.toml:6: fault[0].until: is missing; needed for a swizzle, which ends when all its links are back`},
		{"too many outages", "kind = \"churn\"\nat = \"1s\"\nnodes = \"*\"\nmean_up = \"10us\"\nmean_down = \"10us\"\n", "x.toml:6: fault[0]: " + tooManyOutages},
		{"outages that are none", churn + "outages = \"n1\"\n", `x.toml:11: fault[0].outages = "n1": is a string; allowed: a list, each entry a table { node = "n3", at = "1s", until = "2s" }`},
		{"outages, keys", churn + "outages = [\n{ nod = \"n1\", at = \"1s\" },\n{ at = \"1s\" },\n{ node = \"n1\", at = 1 },\n7,\n{ node = \"n1\", at = \"1s\", until = \"0s\" }]\n", `x.toml:12: fault[0].outages[0] = {…}: has the unknown key "nod"; allowed: node, at, until (did you mean "node"?)
x.toml:13: fault[0].outages[1] = {…}: node is missing; ` + wantOutage + `
x.toml:14: fault[0].outages[2] = {…}: at has no unit; ` + wantOutage + `
x.toml:15: fault[0].outages[3] = 7: is an integer; ` + wantOutage + `
x.toml:16: fault[0].outages[4] = {…}: ends before it begins; ` + wantOutage},
		{"outages, times", churn + "outages = [\n{ node = \"n1\", at = \"1ms\" },\n{ node = \"n1\", at = \"5s\" },\n{ node = \"n1\", at = \"2s\", until = \"2s\" },\n{ node = \"n2\", at = \"2s\", until = \"5001ms\" }]\n", `x.toml:12: fault[0].outages[0] = { node = "n1", at = "1ms" }: begins before its fault; allowed: 1s or later
x.toml:13: fault[0].outages[1] = { node = "n1", at = "5s" }: does not begin before the end of its fault; allowed: before 5s
x.toml:14: fault[0].outages[2] = { node = "n1", at = "2s", until = "2s" }: ends before it begins; allowed: until after at
x.toml:15: fault[0].outages[3] = { node = "n2", at = "2s", until = "5.001s" }: ends after its fault; allowed: 5s or earlier`},
		{"outages, nodes", churn + "outages = [\n{ node = \"n3\", at = \"1s\" },\n{ node = \"m1\", at = \"1s\" }]\n", `x.toml:12: fault[0].outages[0] = { node = "n3", at = "1s" }: is of none of nodes
x.toml:13: fault[0].outages[1] = { node = "m1", at = "1s" }: is of no node (did you mean "n1"?)`},
		{"outages, links", flap + "outages = [\n{ link = \"n0->n1\", at = \"1s\" },\n{ link = \"n1-n2\", at = \"1s\" },\n{ link = \"n0-n2\", at = \"1s\" },\n{ link = \"n9-n2\", at = \"1s\" }]\n", `x.toml:12: fault[0].outages[1] = { link = "n1-n2", at = "1s" }: is of none of links
x.toml:13: fault[0].outages[2] = { link = "n0-n2", at = "1s" }: is not a link of this mesh
x.toml:14: fault[0].outages[3] = { link = "n9-n2", at = "1s" }: names the unknown node "n9" (did you mean "n0"?)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadBytes([]byte(sound+"[[fault]]\n"+c.text), "x.toml")
			require.Error(t, err)
			assert.Equal(t, c.want, err.Error())
		})
	}
}

// Outages of all faults count together, so that what is written down can be read.
func TestOutagesAreBounded(t *testing.T) {
	many := "[[fault]]\nkind = \"churn\"\nat = \"0s\"\nnodes = \"*\"\nmean_up = \"500us\"\nmean_down = \"500us\"\n" // 50 000
	s, err := LoadBytes([]byte(sound+many), "x.toml")
	require.NoError(t, err)
	whole, err := s.SelfContained()
	require.NoError(t, err)
	assert.InDelta(t, 50_000, len(whole.Faults[0].Kind.(Churn).Outages), 1000)
	assert.Less(t, len(whole.TOML()), maxScenarioBytes/3)
	_, err = LoadBytes([]byte(sound+strings.Repeat(many, 3)), "x.toml")
	assert.EqualError(t, err, "x.toml:18: fault[2]: "+tooManyOutages)
	s.Faults = append(s.Faults, s.Faults[0], s.Faults[0])
	_, err = s.SelfContained()
	assert.ErrorContains(t, err, tooManyOutages)
	s.Faults[0].Kind = Churn{Nodes: NodeList{Drawn(9)}} // what no text gives is no reason to hang
	_, err = s.SelfContained()
	assert.ErrorContains(t, err, tooManyOutages)
}

// An id that would mean a choice is no id.
func TestNoNodeIsCalledAsAChoice(t *testing.T) {
	_, err := LoadBytes([]byte("version = 1\nduration = \"1s\"\n[topology]\nkind = \"links\"\n[[node]]\nid = \"{ random = 2 }\"\n"), "x.toml")
	assert.EqualError(t, err, `x.toml:6: node[0].id = "{ random = 2 }": is a word of the language; allowed: any other id`)
}
