package scenarios

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type topologyCase struct{ name, text, want string }

func (c topologyCase) topology() string {
	return "version = 1\nduration = \"10s\"\n[topology]\n" + c.text
}

// Each topology, after two lines, is refused with exactly these lines.
var badTopology = []topologyCase{
	{"star of none", "kind = \"star\"\nnodes = 0", `x.toml:5: topology.nodes = 0: is out of range; allowed: 1 … 100000`},
	{"grid without rows", "kind = \"grid\"\ncolumns = 3", `x.toml:3: topology.rows: is missing; allowed: an integer`},
	{"grid with nodes", "kind = \"grid\"\nrows = 2\ncolumns = 3\nnodes = 6", `x.toml:7: topology.nodes = 6: is a key of kind line, ring, star, full, tree, random, geometric, small_world, scale_free, links only; allowed: kind rows columns`},
	{"grid too large", "kind = \"grid\"\nrows = 1000\ncolumns = 101", `x.toml:6: topology.columns = 101: makes 101000 nodes with 1000 rows; allowed: 100000 nodes`},
	{"grid far too large", "kind = \"grid\"\nrows = 9223372036854775807\ncolumns = 9223372036854775807", `x.toml:5: topology.rows = 9223372036854775807: is out of range; allowed: 1 … 100000
x.toml:6: topology.columns = 9223372036854775807: is out of range; allowed: 1 … 100000`},
	{"torus of two rows", "kind = \"torus\"\nrows = 2\ncolumns = 5", `x.toml:5: topology.rows = 2: is out of range; allowed: 3 … 100000`},
	{"tree without children", "kind = \"tree\"\nnodes = 5\nbranching = 0", `x.toml:6: topology.branching = 0: is out of range; allowed: 1 … 100000`},
	{"random above one", "kind = \"random\"\nnodes = 5\np = \"101%\"", `x.toml:6: topology.p = "101%": is above 100%; allowed: a percentage such as "10%", or a number such as 0.1`},
	{"random of zero", "kind = \"random\"\nnodes = 5\np = \"0%\"", `x.toml:6: topology.p = "0%": links no nodes, so they can't be connected; allowed: above 0%, or connected = false`},
	{"random without p", "kind = \"random\"\nnodes = 5", `x.toml:3: topology.p: is missing; allowed: a percentage such as "10%", or a number such as 0.1`},
	{"random too sparse", "kind = \"random\"\nnodes = 50\np = \"2%\"", `x.toml:6: topology.p = "2%": none of 1000 graphs drawn was connected, so most likely fewer than 0.299% are; allowed: a larger p (with 13.8% about 95% of graphs are connected), or connected = false`},
	{"random too large", "kind = \"random\"\nnodes = 5001\np = \"2%\"", `x.toml:5: topology.nodes = 5001: is out of range; allowed: 1 … 5000`},
	{"random too dense", "kind = \"random\"\nnodes = 1100\np = \"100%\"", `x.toml:6: topology.p = "100%": random of 1100 nodes: it has more than 524288 links`},
	{"connected as a word", "kind = \"random\"\nnodes = 5\np = \"50%\"\nconnected = \"yes\"", `x.toml:7: topology.connected = "yes": is a string; allowed: true or false`},
	{"radius of zero", "kind = \"geometric\"\nnodes = 5\nradius = 0", `x.toml:6: topology.radius = 0: is out of range; allowed: 0.000000001 … 2`},
	{"radius below zero", "kind = \"geometric\"\nnodes = 5\nradius = -0.1", `x.toml:6: topology.radius = -0.1: is out of range; allowed: 0.000000001 … 2`},
	{"radius above two", "kind = \"geometric\"\nnodes = 5\nradius = 28", `x.toml:6: topology.radius = 28: is out of range; allowed: 0.000000001 … 2`},
	{"radius with a unit", "kind = \"geometric\"\nnodes = 5\nradius = \"28%\"", `x.toml:6: topology.radius = "28%": is a string; allowed: a number such as 0.28`},
	{"radius too fine", "kind = \"geometric\"\nnodes = 5\nradius = 0.1234567891", `x.toml:6: topology.radius = 0.1234567891: is finer than 0.000000001; allowed: a number such as 0.28`},
	{"radius no number", "kind = \"geometric\"\nnodes = 5\nradius = nan", `x.toml:6: topology.radius = nan: is not a finite number; allowed: a number such as 0.28`},
	{"radius infinite", "kind = \"geometric\"\nnodes = 5\nradius = 1e300", `x.toml:6: topology.radius = 1e+300: is out of range; allowed: a number such as 0.28`},
	{"radius too small", "kind = \"geometric\"\nnodes = 50\nradius = 0.01", `x.toml:6: topology.radius = 0.01: none of 1000 graphs drawn was connected, so most likely fewer than 0.299% are; allowed: a larger radius, more nodes, or connected = false`},
	{"k odd", "kind = \"small_world\"\nnodes = 9\nk = 3\nrewire = \"1%\"", `x.toml:6: topology.k = 3: is odd; allowed: an even number, half of them on each side`},
	{"k as many as nodes", "kind = \"small_world\"\nnodes = 4\nk = 4\nrewire = \"1%\"", `x.toml:6: topology.k = 4: is not below nodes (4), and no node has as many others`},
	{"k of zero", "kind = \"small_world\"\nnodes = 4\nk = 0\nrewire = \"1%\"", `x.toml:6: topology.k = 0: is out of range; allowed: 2 … 100000`},
	{"rewire above one", "kind = \"small_world\"\nnodes = 9\nk = 4\nrewire = \"200%\"", `x.toml:7: topology.rewire = "200%": is above 100%; allowed: a percentage such as "10%", or a number such as 0.1`},
	{"rewire too much", "kind = \"small_world\"\nnodes = 9000\nk = 4\nrewire = \"100%\"", `x.toml:6: topology.k = 4: small_world of 9000 nodes: rewiring would look at more than 67108864 candidates`},
	{"attach as many as nodes", "kind = \"scale_free\"\nnodes = 5\nattach = 5", `x.toml:6: topology.attach = 5: is not below nodes (5), and no node has as many others`},
	{"attach of zero", "kind = \"scale_free\"\nnodes = 5\nattach = 0", `x.toml:6: topology.attach = 0: is out of range; allowed: 1 … 100000`},
	{"a bad seed says nothing of links", "kind = \"random\"\nnodes = 5\np = \"50%\"\n[[fault]]\nkind = \"link_down\"\nat = \"1s\"\nlinks = [\"n0-n1\", \"n0-x\"]\n[measure]\nwarmup = 1\n", `x.toml:10: fault[0].links[1] = "n0-x": names the unknown node "x"
x.toml:12: measure.warmup = 1: has no unit; allowed: a duration such as "20ms"
--seed: seed = 9007199254740992: is out of range; allowed: 0 … 9007199254740991 (2⁵³−1)`},
	{"a graph that is not there says nothing of links", "kind = \"small_world\"\nnodes = 9\nk = 3\nrewire = \"1%\"\n[[fault]]\nkind = \"link_down\"\nat = \"1s\"\nlinks = [\"n0-n1\", \"n0-x\"]\n", `x.toml:6: topology.k = 3: is odd; allowed: an even number, half of them on each side
x.toml:11: fault[0].links[1] = "n0-x": names the unknown node "x"`},
	{"nor does one that is not connected", "kind = \"geometric\"\nnodes = 40\nradius = 0.01\n[[fault]]\nkind = \"link_down\"\nat = \"1s\"\nlinks = [\"n0-n1\"]\n", `x.toml:6: topology.radius = 0.01: none of 1000 graphs drawn was connected, so most likely fewer than 0.299% are; allowed: a larger radius, more nodes, or connected = false`},
	{"nodes of a grid too large", "kind = \"grid\"\nrows = 1000\ncolumns = 1000\n[[traffic]]\nrate = \"1/s\"\nfrom = \"n3\"\n", `x.toml:6: topology.columns = 1000: makes 1000000 nodes with 1000 rows; allowed: 100000 nodes`},
	{"latitude beyond the pole", "kind = \"line\"\nnodes = 2\n[[node]]\nid = \"n0\"\nlat = 90.1\nlon = 180.1\n", `x.toml:8: node[0].lat = 90.1: is out of range; allowed: -90 … 90
x.toml:9: node[0].lon = 180.1: is out of range; allowed: -180 … 180`},
	{"half a place", "kind = \"line\"\nnodes = 2\n[[node]]\nid = \"n0\"\nlat = 9\n[[node]]\nid = \"n1\"\nlon = 9\n", `x.toml:6: node[0].lon: is missing; needed beside lat
x.toml:9: node[1].lat: is missing; needed beside lon`},
	{"latitude as a text", "kind = \"line\"\nnodes = 2\n[[node]]\nid = \"n0\"\nlat = \"9N\"\nlon = 9\n", `x.toml:8: node[0].lat = "9N": is a string; allowed: a number of degrees such as 52.52`},
	{"no place", "kind = \"line\"\nnodes = 2\n[link]\ngeo = true\n[[node]]\nid = \"n0\"\nlat = 9\nlon = 9\n", `x.toml:7: link.geo = true: needs coordinates of both ends of each link, and n1 has none; allowed: lat and lon in a [[node]] entry for each, or a latency in [[links]]`},
	{"no places", "kind = \"ring\"\nnodes = 9\n[link]\ngeo = true\n", `x.toml:7: link.geo = true: needs coordinates of both ends of each link, and n0, n1, n2, n3, n4 and 4 others have none; allowed: lat and lon in a [[node]] entry for each, or a latency in [[links]]`},
	{"a probability that is none", "kind = \"random\"\nnodes = 3\np = 1.5\n", `x.toml:6: topology.p = 1.5: is out of range; allowed: "0%" … "100%", or 0 … 1`},
	{"too fine a probability", "kind = \"random\"\nnodes = 3\np = 0.00000000001\n", `x.toml:6: topology.p = 1e-11: is finer than 0.000000001; allowed: a percentage such as "10%", or a number such as 0.1`},
	{"places in the square", "kind = \"geometric\"\nnodes = 2\nradius = 2.0\n[link]\ngeo = true\n", `x.toml:8: link.geo = true: needs coordinates of both ends of each link, and n0, n1 have none; allowed: lat and lon in a [[node]] entry for each, or a latency in [[links]]`},
	{"a bad place is not missing", "kind = \"line\"\nnodes = 2\n[link]\ngeo = true\n[[node]]\nid = \"n0\"\nlat = 9\nlon = 9\n[[node]]\nid = \"n1\"\nlat = 99\nlon = 9\n", `x.toml:14: node[1].lat = 99: is out of range; allowed: -90 … 90`},
	{"geo and latency", "kind = \"line\"\nnodes = 2\n[link]\ngeo = true\nlatency = \"5ms\"\n", `x.toml:8: link.latency = "5ms": can't stand beside geo = true, which gives it; allowed: one of them, or a latency in [[links]]`},
}

func TestBadTopology(t *testing.T) {
	for _, c := range badTopology {
		t.Run(c.name, func(t *testing.T) {
			var options []Option
			if c.name == "a bad seed says nothing of links" {
				options = append(options, WithSeed(1<<53))
			}
			_, err := LoadBytes([]byte(c.topology()), "x.toml", options...)
			require.Error(t, err)
			assert.Equal(t, c.want, err.Error())
		})
	}
}
