package scenarios

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Problems of one part hide none of another, and no one is blamed for naming what
// the broken part may have.
var allAtOnce = []struct{ name, text, want string }{
	{"a wrong value hides nothing", `version = 1
duration = "10s"
[topology]
kind = "ring"
nodes = 5
[link]
loss = 1
[[links]]
loss = "1%"
[[links]]
between = ["n0", "n1", "n2"]
[[links]]
from = "n0"
between = ["n0", "n1"]
[routing]
strategy = "static"
file = "no.csv"
max_hop = 3
[[traffic]]
rate = "1/s"
from = "x9"
[[traffic]]
file = "no.csv"
colour = "red"
[[fault]]
kind = "partition"
at = "1s"
groups = [["n0"], ["x8"]]
[[expect]]
at_end = "node('x7').up"
`, `x.toml:7: link.loss = 1: has no unit; allowed: a percentage such as "1.5%"
x.toml:8: links[0]: has no ends; allowed: from and to for one direction, between = [a, b] for both
x.toml:11: links[1].between = ["n0", "n1", "n2"]: has 3 entries; allowed: 2
x.toml:14: links[2].between = ["n0", "n1"]: can't stand beside from and to; allowed: from and to for one direction, between for both
x.toml:17: routing.file = "no.csv": there is no such file
x.toml:18: routing.max_hop = 3: is not a key; allowed: strategy max_hops fanout file seen_max hello_interval advertise_interval (did you mean "max_hops"?)
x.toml:21: traffic[0].from = "x9": is not a node
x.toml:23: traffic[1].file = "no.csv": there is no such file
x.toml:24: traffic[1].colour = "red": is not a key; allowed: name kind type from to arrivals rate interval size start stop count class file
x.toml:28: fault[0].groups[1][0] = "x8": is not a node
x.toml:30: expect[0].at_end = "node('x7').up": column N: no node 'x7'`},
	{"a bad link hides no names", sound + `[[links]]
between = ["n0", "q"]
[[traffic]]
rate = "1/s"
to = "x9"
[[fault]]
kind = "link_down"
at = "1s"
links = ["n0-n2", "n0-x9"]
[[expect]]
at_end = "traffic.dleivered > 0"
[[expect]]
name = "two forms"
always = "true"
at_end = "true"
[[expect]]
at_end = "fault('split').active"
`, `x.toml:7: links[0].between[1] = "q": is not a node
x.toml:10: traffic[0].to = "x9": is not a node
x.toml:14: fault[0].links[1] = "n0-x9": names the unknown node "x9"
x.toml:16: expect[0].at_end = "traffic.dleivered > 0": column N: unknown name traffic.dleivered (did you mean traffic.delivered?)
x.toml:20: expect[1].at_end = "true": can't stand beside always; allowed: exactly one of always eventually stays within at_end
x.toml:22: expect[2].at_end = "fault('split').active": column N: no fault 'split'`},
	{"without nodes nothing is said of names", strings.Replace(sound, `"ring"`, `"rnig"`, 1) + `[[links]]
between = ["a", "b"]
[[links]]
from = "a"
[[traffic]]
rate = "1/s"
from = { random = 9 }
[[traffic]]
rate = "1/s"
from = ["a", "z"]
to = "y"
[[fault]]
kind = "link_down"
at = "1s"
links = ["a-b", "v->w", "b-c-d"]
[[fault]]
kind = "partition"
at = "1s"
groups = [["a", "b"], ["*"]]
[[expect]]
at_end = "topology.nodes > 3 && node('a').up"
[[expect]]
at_end = "node('z').up && route('a', \"b\").up"
[[expect]]
at_end = "node('z').pu"
`, `x.toml:4: topology.kind = "rnig": is not known; allowed: line ring star full grid torus tree random geometric small_world scale_free links file contacts (did you mean "ring"?)
x.toml:8: links[1]: has no ends; allowed: from and to for one direction, between = [a, b] for both
x.toml:30: expect[2].at_end = "node('z').pu": column N: node(…) has no such field, only up`},
	{"a misspelt table is not absent", sound + `[[ndoe]]
id = "a"
[[fualt]]
name = "split"
[[traffic]]
rtae = "1/s"
from = "a"
[[links]]
form = "n0"
to = "n1"
[[expect]]
at_end = "fault('split').active && node('a').up"
`, `x.toml:6: ndoe = [{…}]: is not a key; allowed: version name seed duration epoch measure topology link links node node_defaults registry routing mesh handshake trust session memory knowledge traffic fault adversary action expect record files (did you mean "node"?)
x.toml:8: fualt = [{…}]: is not a key; allowed: version name seed duration epoch measure topology link links node node_defaults registry routing mesh handshake trust session memory knowledge traffic fault adversary action expect record files (did you mean "fault"?)
x.toml:11: traffic[0].rtae = "1/s": is not a key; allowed: name kind type from to arrivals rate interval size start stop count class file (did you mean "rate"?)
x.toml:14: links[0].form = "n0": is not a key; allowed: from to between latency loss burst_loss bandwidth queue queue_policy duplicate reorder corrupt mtu header fifo zero_latency (did you mean "from"?)`},
	{"names of a bad fault are unsure", sound + `[[fault]]
nmae = "split"
kind = "link_down"
at = 3
links = ["n0-n1"]
[[traffic]]
rate = "1/m"
class = 5
[link]
bandwidth = "3"
[[expect]]
within = "true"
after = "split"
limit = "1s"
[[expect]]
at_end = "fault('split').active"
[[expect]]
at_end = "traffic.classes.web.sent > 0"
[[expect]]
at_end = "link.bandwidth > 5"
[[expect]]
while = 3
always = "link.losss < 2"
`, `x.toml:7: fault[0].nmae = "split": is not a key; allowed: name kind links at until (did you mean "name"?)
x.toml:9: fault[0].at = 3: has no unit; allowed: a duration such as "20ms"
x.toml:12: traffic[0].rate = "1/m": is not a whole number of 10⁻⁹/s; an interval may say it exactly
x.toml:13: traffic[0].class = 5: is an integer; allowed: a string
x.toml:15: link.bandwidth = "3": has no unit; units: bit/s kbit/s Mbit/s Gbit/s
x.toml:27: expect[4].while = 3: is an integer; allowed: a string
x.toml:28: expect[4].always = "link.losss < 2": column N: unknown name link.losss (did you mean link.loss?)`},
	{"a key twice, once misspelt", sound + "Nodes = 9\n" + traffic + "rate = \"1/s\"\nfrom = \"x9\"\n",
		`x.toml:6: topology.Nodes = 9: is not a key; allowed: kind nodes (did you mean "nodes"?)
x.toml:10: traffic[0].from = "x9": is not a node`},
	{"nodes that are no tables", "node = [\"a\", \"b\"]\n" + sound + traffic + "rate = \"1/s\"\nfrom = \"a\"\n",
		`x.toml:1: node[0] = "a": is a string; allowed: a table [node]
x.toml:1: node[1] = "b": is a string; allowed: a table [node]`},
	{"a node that has no place", sound + "[[node]]\nid = \"n7\"\n" + traffic + "rate = \"1/s\"\nfrom = [\"n7\", \"x9\"]\n",
		`x.toml:7: node[0].id = "n7": is not a node of this topology; allowed: n0 … n4, or 5 entries that name them all (did you mean "n0"?)
x.toml:11: traffic[0].from[1] = "x9": is not a node`},
	{"links that name the nodes", "version = 1\nduration = \"1s\"\n[topology]\nkind = \"links\"\n[[links]]\nbetween = [\"a\", \"b\"]\n[[links]]\nbetween = [\"c\"]\n" + traffic + "rate = \"1/s\"\nfrom = [\"c\", \"a\"]\n",
		`x.toml:8: links[1].between = ["c"]: has 1 entries; allowed: 2`},
	{"files inside that are none", "version = 1\nduration = \"1s\"\n[topology]\nkind = \"file\"\npath = \"l.csv\"\n[files]\n\"l.csv\" = 3\n" + traffic + "rate = \"1/s\"\nfrom = \"a\"\n",
		`x.toml:7: files."l.csv" = 3: is an integer; allowed: a string`},
}

func TestAllProblemsAtOnce(t *testing.T) {
	for _, c := range allAtOnce {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadBytes([]byte(c.text), "x.toml")
			require.Error(t, err)
			assert.Equal(t, c.want, columnNumber.ReplaceAllString(err.Error(), "column N"))
		})
	}
}

// columnNumber is where in an expression, which is not what these tests are about.
var columnNumber = regexp.MustCompile(`column \d+`)

// A table file with a bad row leaves its links and nodes unsure, and other files
// are read all the same.
func TestBadLinkFileHidesNoOther(t *testing.T) {
	_, err := tryLoad(fileTopology+"[routing]\nstrategy = \"static\"\nfile = \"r.csv\"\n"+traffic+"file = \"f.csv\"\n",
		"l.csv", "source,target,latency\na,b,\nb,c,5\n", "r.csv", "node,destination,next\na,c,b\na,b,b\na,b,z\nb,a,b\na,b,b\n", "f.csv", "source,destination,size\nc,a,1e3\nz,a,\n")
	assert.EqualError(t, err, `f.csv:2: size = "1e3": is no integer; allowed: 0 … 1073741824
l.csv:3: latency = "5": has no unit; allowed: a duration such as "20ms", or { KIND = … } of kind uniform normal lognormal exponential pareto weibull empirical profile
r.csv:6: destination = "b": has a route in line 3 already`)
}

func TestOverridesOfUnknownTables(t *testing.T) {
	const top = "version name seed duration epoch measure topology link links node node_defaults registry routing mesh handshake trust session memory knowledge traffic fault adversary action expect record files"
	for _, c := range []struct {
		set  []string
		want string
	}{
		{[]string{"radio.power=3"}, `--set: radio.power = 3: is not a key; allowed: ` + top},
		{[]string{"wisdom.warners=3", "wisdom.quorum=2"}, "--set: wisdom.quorum = 2: is not a key; allowed: " + top + "\n--set: wisdom.warners = 3: is not a key; allowed: " + top},
		{[]string{"Link.latency=7ms"}, `--set: Link.latency = "7ms": is not a key; allowed: ` + top + ` (did you mean "link.latency"?)`},
		{[]string{"link.latency.mean=7ms"}, `--set: link.latency = {…}: has the unknown kind "mean"; allowed: uniform normal lognormal exponential pareto weibull empirical profile`},
	} {
		_, err := LoadBytes([]byte(sound), "x.toml", WithSet(c.set...))
		assert.EqualError(t, err, c.want)
	}
	_, err := LoadBytes([]byte(sound+"[radio]\nx = 1\n"), "x.toml", WithSet("radio.power=3"))
	assert.EqualError(t, err, `x.toml:6: radio = {…}: is not a key; allowed: `+top)
}

func TestTrafficIsMessages(t *testing.T) {
	s, err := LoadBytes([]byte(sound+"[[traffic]]\nrate = \"1/s\"\n"), "x.toml")
	require.NoError(t, err)
	assert.Equal(t, Messages{Type: "MESSAGE"}, s.Traffic[0].Kind)
	s, err = LoadBytes([]byte(sound+"[[traffic]]\nrate = \"1/s\"\ntype = \"PING\"\n"), "x.toml")
	require.NoError(t, err)
	assert.Equal(t, Messages{Type: "PING"}, s.Traffic[0].Kind)

	literal := &Scenario{Duration: time.Second, Topology: Topology{Kind: Ring{Nodes: 3}}, Traffic: []Traffic{{Rate: PerSecond}}}
	_, err = literal.Validate()
	require.NoError(t, err)
	assert.Nil(t, literal.Traffic[0].Kind, "the caller's stay")
	again, err := LoadBytes(literal.TOML(), "x.toml")
	require.NoError(t, err)
	assert.Equal(t, Messages{Type: "MESSAGE"}, again.Traffic[0].Kind)
	assert.Equal(t, string(literal.TOML()), string(again.TOML()))
}

func TestNamesArePrintable(t *testing.T) {
	const refused = ": is no name; allowed: 1 … 100 printable characters"
	long := strings.Repeat("ä", 100)
	for text, key := range map[string]string{
		"name = %s\n" + sound:                                                                    `x.toml:1: name`,
		sound + "[[traffic]]\nrate = \"1/s\"\nname = %s\n":                                       `x.toml:8: traffic[0].name`,
		sound + "[[traffic]]\nrate = \"1/s\"\nclass = %s\n":                                      `x.toml:8: traffic[0].class`,
		sound + "[[fault]]\nkind = \"link_down\"\nat = \"1s\"\nlinks = [\"n0-n1\"]\nname = %s\n": `x.toml:10: fault[0].name`,
		sound + "[[expect]]\nat_end = \"true\"\nname = %s\n":                                     `x.toml:8: expect[0].name`,
		sound + "[[node]]\nid = \"n1\"\nkey = %s\n":                                              `x.toml:8: node[0].key`,
	} {
		for value, shown := range map[string]string{`""`: `""`, `"a\nb"`: `"a\nb"`, `"\u001b[31m"`: `"\u001B[31m"`, `"\u009b"`: `"\u009b"`, `"a\u202eb"`: `"a\u202eb"`, `"` + long + `x"`: `"` + strings.Repeat("ä", 59) + `…"`} {
			_, err := LoadBytes([]byte(strings.Replace(text, "%s", value, 1)), "x.toml")
			assert.EqualError(t, err, key+" = "+shown+refused)
		}
		_, err := LoadBytes([]byte(strings.Replace(text, "%s", `"`+long+`"`, 1)), "x.toml")
		assert.NoError(t, err)
	}
	_, err := LoadBytes([]byte(sound+"[[node]]\nid = \"a\\u202eb\"\n"), "x.toml")
	assert.ErrorContains(t, err, `node[0].id = "a\u202eb": has blanks at an end, or characters that can't be printed`)
	_, err = (&Scenario{Name: "\a", Duration: 1, Topology: Topology{Kind: Ring{Nodes: 3}}}).Validate()
	assert.EqualError(t, err, `name = "\u0007"`+refused)
}

func TestNumbersInTableFiles(t *testing.T) {
	const flows = traffic + "file = \"f.csv\"\n"
	_, err := tryLoad(fileTopology+flows, "l.csv", "source,target,queue\na,b,99999999999999999999\n", "f.csv", "source,destination\n")
	assert.EqualError(t, err, `l.csv:2: queue = "99999999999999999999": is too large; allowed: a number of copies, or bytes such as "64KiB"`)
	_, err = tryLoad(fileTopology+flows, "l.csv", "source,target\na,b\n", "f.csv", "source,destination,size,count\na,b,1e3,99999999999999999999\n")
	assert.EqualError(t, err, `f.csv:2: size = "1e3": is no integer; allowed: 0 … 1073741824
f.csv:2: count = "99999999999999999999": is out of range; allowed: 1 … 9007199254740992`)
}

func TestFlowsAfterTheEnd(t *testing.T) {
	s := load(t, fileTopology+traffic+"file = \"f.csv\"\n", "l.csv", "source,target\na,b\n",
		"f.csv", "source,destination,start\na,b,10s\na,b,10.000000001s\nb,a,11s\n")
	warnings, err := s.Validate()
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	assert.Equal(t, `x.toml:8: warning: traffic[0].file = "f.csv": 2 of 3 flows start after the end of the run (10s)`, warnings[0].String())
}
