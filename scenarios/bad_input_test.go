package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sound is a scenario without a problem; rows of the table put lines after it.
const sound = `version = 1
duration = "10s"
[topology]
kind = "ring"
nodes = 5
`

const traffic = "[[traffic]]\nkind = \"messages\"\n"

// Each text is refused with exactly these lines.
var badInput = []struct{ name, text, want string }{
	{"empty file", "", `x.toml:1: version: is missing; allowed: an integer
x.toml:1: duration: is missing; allowed: a duration such as "20ms"
x.toml:1: topology: is missing; allowed: a table [topology]`},
	{"unknown key", "zzz = \"a\"\n" + sound, `x.toml:1: zzz = "a": is not a key; allowed: version name seed duration epoch measure topology link links node node_defaults registry routing mesh handshake trust session memory knowledge traffic fault adversary action expect record files`},
	{"memory out of bounds", sound + "[memory]\nchunk_size = 0\nlimit = 0\nsync_interval = \"0s\"", `x.toml:7: memory.chunk_size = 0: is out of range; allowed: 1 … 1024
x.toml:8: memory.limit = 0: is out of range; allowed: 1 … 16777216
x.toml:9: memory.sync_interval = "0s": is out of range; allowed: 1ms … 8760h`},
	{"reflections not for all", sound + "[[traffic]]\nkind = \"reflections\"\nrate = \"1/s\"\nto = \"n1\"\nsize = 1048577", `x.toml:9: traffic[0].to = "n1": can't choose who gets a reflection; allowed: "*", or nothing
x.toml:10: traffic[0].size = 1048577: is more than a reflection may have; allowed: up to 1048576 bytes`},
	{"reflections from a file", sound + "[[traffic]]\nkind = \"reflections\"\nfile = \"x.csv\"", `x.toml:8: traffic[0].file = "x.csv": goes with the kind messages`},
	{"letters swapped", "nmae = \"a\"\n" + sound, `x.toml:1: nmae = "a": is not a key; allowed: version name seed duration epoch measure topology link links node node_defaults registry routing mesh handshake trust session memory knowledge traffic fault adversary action expect record files (did you mean "name"?)`},
	{"unknown key, near one", "durations = 3\n" + sound, `x.toml:1: durations = 3: is not a key; allowed: version name seed duration epoch measure topology link links node node_defaults registry routing mesh handshake trust session memory knowledge traffic fault adversary action expect record files (did you mean "duration"?)`},
	{"key in the wrong case", sound + "Nodes = 2\n", `x.toml:6: topology.Nodes = 2: is not a key; allowed: kind nodes (did you mean "nodes"?)`},
	{"unknown table", sound + "[radio]\npower = 3\n", `x.toml:6: radio = {…}: is not a key; allowed: version name seed duration epoch measure topology link links node node_defaults registry routing mesh handshake trust session memory knowledge traffic fault adversary action expect record files`},
	{"version", strings.Replace(sound, "version = 1", "version = 2", 1), `x.toml:1: version = 2: is out of range; allowed: 1 … 1`},
	{"missing kind", "version = 1\nduration = \"1s\"\n[topology]\nnodes = 3\n", `x.toml:3: topology.kind: is missing; allowed: line ring star full grid torus tree random geometric small_world scale_free links file contacts`},
	{"unknown kind", strings.Replace(sound, `"ring"`, `"rong"`, 1), `x.toml:4: topology.kind = "rong": is not known; allowed: line ring star full grid torus tree random geometric small_world scale_free links file contacts (did you mean "ring"?)`},
	{"kind of a wrong type", strings.Replace(sound, `"ring"`, `7`, 1), `x.toml:4: topology.kind = 7: is an integer; allowed: line ring star full grid torus tree random geometric small_world scale_free links file contacts`},
	{"key of another kind", sound + traffic + "rate = \"1/s\"\n[[fault]]\nkind = \"link_down\"\nat = \"1s\"\nlinks = [\"n0-n1\"]\ngroups = [[\"n0\"], [\"*\"]]\n", `x.toml:13: fault[0].groups = [["n0"], ["*"]]: is a key of kind partition only; allowed: name kind links at until`},
	{"missing key of a kind", sound + "[[fault]]\nkind = \"partition\"\nat = \"1s\"\n", `x.toml:6: fault[0].groups: is missing; allowed: groups or mode`},
	{"required key of an entry", sound + "[[fault]]\nkind = \"link_down\"\nlinks = [\"n0-n1\"]\n", `x.toml:6: fault[0].at: is missing; allowed: a duration such as "20ms"`},
	{"no unit", strings.Replace(sound, `"10s"`, `10`, 1), `x.toml:2: duration = 10: has no unit; allowed: a duration such as "20ms"`},
	{"no unit in a string", strings.Replace(sound, `"10s"`, `"10"`, 1), `x.toml:2: duration = "10": has no unit; units: ns us µs ms s m h`},
	{"unknown unit", strings.Replace(sound, `"10s"`, `"10sec"`, 1), `x.toml:2: duration = "10sec": has the unknown unit "sec"; units: ns us µs ms s m h`},
	{"unit of another quantity", sound + "[link]\nbandwidth = \"10Mbits/s\"\n", `x.toml:7: link.bandwidth = "10Mbits/s": has the unknown unit "Mbits/s"; units: bit/s kbit/s Mbit/s Gbit/s (did you mean "Mbit/s"?)`},
	{"negative duration", strings.Replace(sound, `"10s"`, `"-10s"`, 1), `x.toml:2: duration = "-10s": must not be negative; allowed: a duration such as "20ms"`},
	{"zero duration", strings.Replace(sound, `"10s"`, `"0s"`, 1), `x.toml:2: duration = "0s": is out of range; allowed: 1ns … 8760h`},
	{"huge duration", strings.Replace(sound, `"10s"`, `"99999999999h"`, 1), `x.toml:2: duration = "99999999999h": is too large; allowed: a duration such as "20ms"`},
	{"duration beyond a year", strings.Replace(sound, `"10s"`, `"8761h"`, 1), `x.toml:2: duration = "8761h": is out of range; allowed: 1ns … 8760h`},
	{"too fine a duration", strings.Replace(sound, `"10s"`, `"0.5ns"`, 1), `x.toml:2: duration = "0.5ns": is finer than 1ns; allowed: a duration such as "20ms"`},
	{"negative count", strings.Replace(sound, `5`, `-5`, 1), `x.toml:5: topology.nodes = -5: is out of range; allowed: 3 … 100000`},
	{"huge count", strings.Replace(sound, `5`, `9999999999`, 1), `x.toml:5: topology.nodes = 9999999999: is out of range; allowed: 3 … 100000`},
	{"beyond int64", strings.Replace(sound, `5`, `99999999999999999999`, 1), `x.toml:5: syntax: 99999999999999999999 is out of range for int64`},
	{"float for an integer", strings.Replace(sound, `5`, `5.0`, 1), `x.toml:5: topology.nodes = 5.0: is a float; allowed: an integer`},
	{"not a number", strings.Replace(sound, `5`, `nan`, 1), `x.toml:5: topology.nodes = nan: is a float; allowed: an integer`},
	{"infinity", sound + "[link]\nloss = inf\n", `x.toml:7: link.loss = inf: has no unit; allowed: a percentage such as "1.5%"`},
	{"ratio without percent", sound + "[link]\nloss = 0.01\n", `x.toml:7: link.loss = 0.01: has no unit; allowed: a percentage such as "1.5%"`},
	{"ratio above one", sound + "[link]\nloss = \"100.1%\"\n", `x.toml:7: link.loss = "100.1%": is above 100%; allowed: a percentage such as "1.5%"`},
	{"ratio too fine", sound + "[link]\nloss = \"0.00000001%\"\n", `x.toml:7: link.loss = "0.00000001%": is finer than 0.0000001%; allowed: a percentage such as "1.5%"`},
	{"bandwidth of zero", sound + "[link]\nbandwidth = \"0bit/s\"\n", `x.toml:7: link.bandwidth = "0bit/s": must be at least 1bit/s; leave it out for "unlimited", and use a fault for a dead link`},
	{"queue", sound + "[link]\nqueue = -1\n", `x.toml:7: link.queue = -1: is out of range; allowed: 0 … 1099511627776 copies`},
	{"latency of zero", sound + "[link]\nlatency = \"0s\"\n", `x.toml:7: link.latency = "0s": must be above 0; allowed: at least "1ns", or zero_latency = true`},
	{"latency kind", sound + "[link]\nlatency = { unifrom = { min = \"1ms\", max = \"2ms\" } }\n", `x.toml:7: link.latency = {…}: has the unknown kind "unifrom"; allowed: uniform normal lognormal exponential pareto weibull empirical profile (did you mean "uniform"?)`},
	{"latency turned round", sound + "[link]\nlatency = { uniform = { min = \"3ms\", max = \"2ms\" } }\n", `x.toml:7: link.latency.uniform.max = "2ms": is below min; allowed: at least 3ms`},
	{"latency without max", sound + "[link]\nlatency = { uniform = { min = \"3ms\" } }\n", `x.toml:7: link.latency.uniform.max: is missing; allowed: a duration such as "20ms"`},
	{"seed too large", "seed = 9007199254740992\n" + sound, `x.toml:1: seed = 9007199254740992: is out of range; allowed: 0 … 9007199254740991 (2⁵³−1)`},
	{"seed negative", "seed = -1\n" + sound, `x.toml:1: seed = -1: is out of range; allowed: 0 … 9007199254740991 (2⁵³−1)`},
	{"seed in hex too large", "seed = \"0xffffffffffffffffff\"\n" + sound, `x.toml:1: seed = "0xffffffffffffffffff": is too large; allowed: 0 … 9007199254740991 (2⁵³−1)`},
	{"epoch without offset", "epoch = 2025-01-01T00:00:00\n" + sound, `x.toml:1: epoch = 2025-01-01T00:00:00: has no offset; allowed: a date with time and offset such as 2025-01-01T00:00:00Z`},
	{"handshakes with everyone at once", sound + "[[traffic]]\nkind = \"handshakes\"\nto = \"*\"\ninterval = \"1s\"\n", `x.toml:8: traffic[0].to = "*": is everyone at once; allowed with handshakes: ids, "random", "each"`},
	{"handshakes from a file", sound + "[[traffic]]\nkind = \"handshakes\"\nfile = \"flows.csv\"\n", `x.toml:8: traffic[0].file = "flows.csv": is for messages; allowed with handshakes: from, to and arrivals`},
	{"word not in the list", sound + "[routing]\nstrategy = \"ospf\"\n", `x.toml:7: routing.strategy = "ospf": is not known; allowed: direct flood gossip shortest_path static link_state distance_vector`},
	{"near word", sound + "[routing]\nstrategy = \"flod\"\n", `x.toml:7: routing.strategy = "flod": is not known; allowed: direct flood gossip shortest_path static link_state distance_vector (did you mean "flood"?)`},
	{"table for a value", sound + "[link.loss]\na = 1\n", `x.toml:6: link.loss = {…}: is a table; allowed: a percentage such as "1.5%"`},
	{"value for a table", "link = 3\n" + sound, `x.toml:1: link = 3: is an integer; allowed: a table [link]`},
	{"table for tables", sound + "[traffic]\nkind = \"messages\"\n", `x.toml:6: traffic = {…}: is a table; allowed: tables [[traffic]]`},
	{"number among strings", sound + "[[node]]\nid = \"n1\"\ncapabilities = [\"a\",\n 3]\n", `x.toml:9: node[0].capabilities[1] = 3: is an integer; allowed: a string`},
	{"duplicate node ids", sound + "[[node]]\nid = \"n1\"\n[[node]]\nid = \"n1\"\n", `x.toml:9: node[1].id = "n1": is the name of node[0] too; allowed: one entry for each name`},
	{"duplicate node keys", sound + "[[node]]\nid = \"n1\"\nkey = \"n2\"\n", `x.toml:8: node[0].key = "n2": is the key of both n1 and n2; allowed: one node for each key (default: its id)`},
	{"node not in the topology", sound + "[[node]]\nid = \"n7\"\n", `x.toml:7: node[0].id = "n7": is not a node of this topology; allowed: n0 … n4, or 5 entries that name them all (did you mean "n0"?)`},
	{"reserved id", sound + "[[node]]\nid = \"each\"\n", `x.toml:7: node[0].id = "each": is a word of the language; allowed: any other id`},
	{"link to an unknown node", sound + "[[links]]\nbetween = [\"n0\", \"m1\"]\n", `x.toml:7: links[0].between[1] = "m1": is not a node (did you mean "n1"?)`},
	{"link to itself", sound + "[[links]]\nfrom = \"n0\"\nto = \"n0\"\n", `x.toml:8: links[0].to = "n0": links n0 to itself`},
	{"link twice", sound + "[[links]]\nbetween = [\"n0\", \"n1\"]\n[[links]]\nfrom = \"n1\"\nto = \"n0\"\n", `x.toml:9: links[1].from = "n1->n0": is given by links[0] already; allowed: one entry for each direction`},
	{"link without ends", sound + "[[links]]\nfrom = \"n0\"\n", `x.toml:6: links[0]: has no ends; allowed: from and to for one direction, between = [a, b] for both`},
	{"link with too many ends", sound + "[[links]]\nfrom = \"n0\"\nbetween = [\"n0\", \"n1\"]\n", `x.toml:8: links[0].between = ["n0", "n1"]: can't stand beside from and to; allowed: from and to for one direction, between for both`},
	{"empty topology", "version = 1\nduration = \"1s\"\n[topology]\nkind = \"links\"\n", `x.toml:3: topology: is empty; allowed: at least one node`},
	{"no rate", sound + traffic, `x.toml:6: traffic[0].rate: is missing; allowed: rate or interval`},
	{"rate and interval", sound + traffic + "rate = \"1/s\"\ninterval = \"1s\"\n", `x.toml:9: traffic[0].interval = "1s": can't stand beside rate; allowed: one of them`},
	{"rate of zero", sound + traffic + "rate = \"0/s\"\n", `x.toml:8: traffic[0].rate = "0/s": must be at least 0.0000001/s; allowed: a frequency such as "10/s"`},
	{"rate too fine", sound + traffic + "rate = \"1/m\"\n", `x.toml:8: traffic[0].rate = "1/m": is not a whole number of 10⁻⁹/s; an interval may say it exactly`},
	{"unknown source", sound + traffic + "rate = \"1/s\"\nfrom = [\"n0\",\n \"x1\"]\n", `x.toml:10: traffic[0].from[1] = "x1": is not a node (did you mean "n1"?)`},
	{"too many random sources", sound + traffic + "rate = \"1/s\"\nfrom = { random = 6 }\n", `x.toml:9: traffic[0].from = { random = 6 }: is more than the mesh has; allowed: 1 … 5`},
	{"to oneself", sound + traffic + "rate = \"1/s\"\nfrom = \"n0\"\nto = \"n0\"\n", `x.toml:10: traffic[0].to = "n0": is the source itself`},
	{"stop before start", sound + traffic + "rate = \"1/s\"\nstart = \"2s\"\nstop = \"1s\"\n", `x.toml:10: traffic[0].stop = "1s": is not after start (2s)`},
	{"names twice", sound + traffic + "rate = \"1/s\"\nname = \"t2\"\n" + traffic + "rate = \"1/s\"\n", `x.toml:10: traffic[1].name = "t2": is the name of traffic[0] too; allowed: one entry for each name`},
	{"file and rate", sound + traffic + "rate = \"1/s\"\nfile = \"flows.csv\"\n", `x.toml:8: traffic[0].rate = "1/s": can't stand beside file, which gives it for each flow
x.toml:9: traffic[0].file = "flows.csv": there is no such file`},
	{"static without file", sound + "[routing]\nstrategy = \"static\"\n", `x.toml:6: routing.file: is missing; needed for the strategy static`},
	{"file without static", sound + "[routing]\nfile = \"r.csv\"\n", `x.toml:7: routing.file = "r.csv": goes with the strategy static, not with shortest_path`},
	{"fault turned round", sound + "[[fault]]\nkind = \"link_down\"\nlinks = [\"n0-n1\"]\nat = \"2s\"\nuntil = \"1s\"\n", `x.toml:10: fault[0].until = "1s": is not after at (2s)`},
	{"one group", sound + "[[fault]]\nkind = \"partition\"\nat = \"1s\"\ngroups = [[\"n0\"]]\n", `x.toml:9: fault[0].groups = [["n0"]]: has 1 groups; allowed: 2 or more ("*" is all the rest)`},
	{"node in two groups", sound + "[[fault]]\nkind = \"partition\"\nat = \"1s\"\ngroups = [[\"n0\"],\n[\"n1\", \"n0\"]]\n", `x.toml:10: fault[0].groups[1][1] = "n0": is in group 0 already; allowed: one group for each node`},
	{"rest twice", sound + "[[fault]]\nkind = \"partition\"\nat = \"1s\"\ngroups = [[\"*\"], [\"*\"]]\n", `x.toml:9: fault[0].groups[1][0] = "*": is in group 0 already; allowed: once`},
	{"crash without nodes", sound + "[[fault]]\nat = \"1s\"\nkind = \"crash\"\n", `x.toml:6: fault[0].nodes: is missing; allowed: an id, a list of ids, "*" or { random = N }`},
	{"crash of no node", sound + "[[fault]]\nat = \"1s\"\nkind = \"crash\"\nnodes = []\n", `x.toml:9: fault[0].nodes = []: is empty; allowed: an id, a list of ids, "*" or { random = N }`},
	{"crash of an unknown node", sound + "[[fault]]\nat = \"1s\"\nkind = \"crash\"\nnodes = [\"n0\", \"m1\"]\n", `x.toml:9: fault[0].nodes[1] = "m1": is not a node (did you mean "n1"?)`},
	{"crash of a node twice", sound + "[[fault]]\nat = \"1s\"\nkind = \"crash\"\nnodes = [\"n1\", \"n1\"]\n", `x.toml:9: fault[0].nodes[1] = "n1": is named twice`},
	{"pause of all and one more", sound + "[[fault]]\nat = \"1s\"\nkind = \"pause\"\nnodes = [\"*\", \"n1\"]\n", `x.toml:9: fault[0].nodes = ["*", "n1"]: has "*", which is all nodes, beside others; allowed: an id, a list of ids, "*" or { random = N }`},
	{"pause of a table", sound + "[[fault]]\nat = \"1s\"\nkind = \"pause\"\nnodes = { rnd = 2 }\n", `x.toml:9: fault[0].nodes = {…}: is a table of other keys than random = N; allowed: an id, a list of ids, "*" or { random = N }`},
	{"what a crash loses", sound + "[[fault]]\nat = \"1s\"\nkind = \"crash\"\nnodes = \"n1\"\nlose = \"stat\"\n", `x.toml:10: fault[0].lose = "stat": is not known; allowed: nothing state identity (did you mean "state"?)`},
	{"what a pause loses", sound + "[[fault]]\nat = \"1s\"\nkind = \"pause\"\nnodes = \"n1\"\nlose = \"state\"\n", `x.toml:10: fault[0].lose = "state": is a key of kind crash, churn only; allowed: name kind nodes at until`},
	{"skew of nothing", sound + "[[fault]]\nat = \"1s\"\nkind = \"clock_skew\"\nnodes = \"n1\"\n", `x.toml:6: fault[0].offset: is missing; needed is an offset or drift_ppm that is not 0`},
	{"skew of a year and more", sound + "[[fault]]\nat = \"1s\"\nkind = \"clock_skew\"\nnodes = \"n1\"\noffset = \"-8761h\"\ndrift_ppm = -100000.001\n", `x.toml:10: fault[0].offset = "-8761h": is out of range; allowed: -8760h … 8760h
x.toml:11: fault[0].drift_ppm = -100000.001: is out of range; allowed: -100000 … 100000`},
	{"offset without unit", sound + "[node_defaults]\nclock_offset = -5\n", `x.toml:7: node_defaults.clock_offset = -5: has no unit; allowed: a duration such as "-20ms"`},
	{"drift too fine", sound + "[[node]]\nid = \"n1\"\nclock_drift_ppm = 0.0001\n", `x.toml:8: node[0].clock_drift_ppm = 0.0001: is finer than 0.001; allowed: a number such as 12.5`},
	{"drift as a string", sound + "[[node]]\nid = \"n1\"\nclock_drift_ppm = \"5\"\n", `x.toml:8: node[0].clock_drift_ppm = "5": is a string; allowed: a number such as 12.5`},
	{"drift that is no number", sound + "[node_defaults]\nclock_drift_ppm = nan\n", `x.toml:7: node_defaults.clock_drift_ppm = nan: is no finite number; allowed: a number such as 12.5`},
	{"start turned round", sound + "[node_defaults]\nstart = { uniform = [\"2s\", \"1s\"] }\n", `x.toml:7: node_defaults.start = {…}: uniform begins after its end; allowed: a duration such as "200ms", or { uniform = ["0s", "200ms"] }`},
	{"start of three", sound + "[node_defaults]\nstart = { uniform = [\"2s\", \"1s\", \"3s\"] }\n", `x.toml:7: node_defaults.start = {…}: uniform has 3 entries; allowed: a duration such as "200ms", or { uniform = ["0s", "200ms"] }`},
	{"start without unit", sound + "[[node]]\nid = \"n1\"\nstart = { uniform = [0, \"1s\"] }\n", `x.toml:8: node[0].start = {…}: uniform[0] is an integer; allowed: a duration such as "200ms", or { uniform = ["0s", "200ms"] }`},
	{"start of another kind", sound + "[[node]]\nid = \"n1\"\nstart = { unifrom = [\"0s\", \"1s\"] }\n", `x.toml:8: node[0].start = {…}: has the unknown kind "unifrom"; allowed: uniform (did you mean "uniform"?)`},
	{"start as in a latency", sound + "[[node]]\nid = \"n1\"\nstart = { uniform = { min = \"0s\", max = \"1s\" } }\n", `x.toml:8: node[0].start = {…}: uniform is a table; allowed: a duration such as "200ms", or { uniform = ["0s", "200ms"] }`},
	{"start after a year", sound + "[node_defaults]\nstart = \"8761h\"\n", `x.toml:7: node_defaults.start = "8761h": must be at most 8760h; allowed: a duration such as "200ms", or { uniform = ["0s", "200ms"] }`},
	{"negative start", sound + "[node_defaults]\nstart = \"-1s\"\n", `x.toml:7: node_defaults.start = "-1s": must not be negative; allowed: a duration such as "200ms", or { uniform = ["0s", "200ms"] }`},
	{"not a link", sound + "[[fault]]\nkind = \"link_down\"\nat = \"1s\"\nlinks = [\"n0-n2\"]\n", `x.toml:9: fault[0].links[0] = "n0-n2": is not a link of this mesh`},
	{"link of an unknown node", sound + "[[fault]]\nkind = \"link_down\"\nat = \"1s\"\nlinks = [[\"n0\", \"k1\"]]\n", `x.toml:9: fault[0].links[0] = "n0<->k1": names the unknown node "k1" (did you mean "n1"?)`},
	{"expectation without form", sound + "[[expect]]\nname = \"x\"\n", `x.toml:6: expect[0]: says nothing; allowed: exactly one of always eventually stays within at_end`},
	{"expectation with two forms", sound + "[[expect]]\nalways = \"true\"\nat_end = \"true\"\n", `x.toml:8: expect[0].at_end = "true": can't stand beside always; allowed: exactly one of always eventually stays within at_end`},
	{"within without limit", sound + "[[fault]]\nname = \"f\"\nkind = \"link_down\"\nlinks = [\"n0-n1\"]\nat = \"1s\"\n[[expect]]\nwithin = \"node('n0').up\"\nafter = \"f\"\n", `x.toml:11: expect[0].limit: is missing; allowed: a duration such as "5s"
x.toml:13: expect[0].after = "f": never ends; give the fault an until`},
	{"unknown name in an expression", sound + "[[expect]]\nname = \"x\"\nat_end = \"trafic.sent > 0\"\n", `x.toml:8: expect[0].at_end = "trafic.sent > 0": column 1: unknown name trafic (did you mean traffic?)`},
	{"missing file", strings.Replace(strings.Replace(sound, `"ring"`, `"file"`, 1), "nodes = 5", "path = \"no.csv\"", 1), `x.toml:5: topology.path = "no.csv": there is no such file`},
	{"syntax", "version = = 1\n", `x.toml:1: syntax: expected value but found '=' instead`},
	{"line end in a message", "x = 0b\n", `x.toml:1: syntax: not a binary number: '0b\n'`},
	{"key twice", sound + "nodes = 6\n", `x.toml:6: syntax: Key 'topology.nodes' has already been defined.`},
	{"nesting", "x = " + strings.Repeat("[", 100_000), `x.toml:1: syntax: value is nested deeper than 32 levels`},
	{"binary", "version = 1\x00", `x.toml: is a binary file; a text is needed`},
	{"not UTF-8", "name = \"\xff\"", `x.toml: is not valid UTF-8; a text in UTF-8 is needed`},
	{"all at once, by line", "duration = 3\nversion = 1\n[topology]\nkind = \"ring\"\nnode = 5\n[link]\nloss = 1\n", `x.toml:1: duration = 3: has no unit; allowed: a duration such as "20ms"
x.toml:3: topology.nodes: is missing; allowed: an integer
x.toml:5: topology.node = 5: is not a key; allowed: kind nodes (did you mean "nodes"?)
x.toml:7: link.loss = 1: has no unit; allowed: a percentage such as "1.5%"`},
}

func TestBadInput(t *testing.T) {
	for _, c := range badInput {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadBytes([]byte(c.text), "x.toml")
			require.Error(t, err)
			assert.Equal(t, c.want, err.Error())
		})
	}
}

func TestSoundInputHasNoProblem(t *testing.T) {
	s, err := LoadBytes([]byte(sound), "x.toml")
	require.NoError(t, err)
	warnings, err := s.Validate()
	assert.NoError(t, err)
	assert.Empty(t, warnings)
}

// Problems without end are not listed without end.
func TestProblemsAreBounded(t *testing.T) {
	_, err := LoadBytes([]byte(sound+strings.Repeat("[[fault]]\n", 5000)), "x.toml")
	var errs Errors
	require.ErrorAs(t, err, &errs)
	assert.Len(t, errs, maxProblems+1)
	assert.Equal(t, "x.toml: further problems are not shown", errs[maxProblems].String())
}

func TestWarnings(t *testing.T) {
	s, err := LoadBytes([]byte(sound+`[measure]
warmup = "6s"
drain = "4s"
[[links]]
between = ["n0", "n2"]
[[fault]]
kind = "link_down"
at = "11s"
links = ["n0->n2"]
[[node]]
id = "n1"
start = "12s"
[[expect]]
eventually = "node('n0').up"
by = "20s"
`), "x.toml")
	require.NoError(t, err)
	warnings, err := s.Validate()
	require.NoError(t, err)
	var lines []string
	for _, w := range warnings {
		lines = append(lines, w.String())
	}
	assert.Equal(t, []string{
		`x.toml:6: warning: measure: warmup and drain leave nothing of the run; no message is counted`,
		`x.toml:10: warning: links[0].between[0] = "n0->n2": is not a link of the topology; it is added`,
		`x.toml:10: warning: links[0].between[1] = "n2->n0": is not a link of the topology; it is added`,
		`x.toml:13: warning: fault[0].at = "11s": is after the end of the run (10s)`,
		`x.toml:17: warning: node[0].start = "12s": is after the end of the run (10s)`,
		`x.toml:20: warning: expect[0].by = "20s": is after the end of the run (10s)`,
	}, lines)
}
