package scenarios

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	wantBurst  = `allowed: a table { p = "0.5%", r = "20%", good = "0%", bad = "100%" }`
	wantAccess = `allowed: a bandwidth such as "10Mbit/s", or { bandwidth = "10Mbit/s", queue = 64 }`
)

// What is wrong with the impairments of a link, and with what a node's links share.
func TestBadWires(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"burst loss, not a table", "[link]\nburst_loss = \"1%\"\n", `x.toml:7: link.burst_loss = "1%": is a string; ` + wantBurst},
		{"burst loss without r", "[link]\nburst_loss = { p = \"1%\" }\n", `x.toml:7: link.burst_loss = {…}: r is missing; ` + wantBurst},
		{"burst loss without unit", "[link]\nburst_loss = { p = 0.01, r = \"1%\" }\n", `x.toml:7: link.burst_loss = {…}: p has no unit; ` + wantBurst},
		{"burst loss above one", "[link]\nburst_loss = { p = \"1%\", r = \"1%\", bad = \"101%\" }\n", `x.toml:7: link.burst_loss = {…}: bad is above 100%; ` + wantBurst},
		{"burst loss, unknown key", "[link]\nburst_loss = { p = \"1%\", r = \"1%\", god = \"1%\" }\n", `x.toml:7: link.burst_loss = {…}: has the unknown key "god"; allowed: p, r, good, bad (did you mean "good"?)`},
		{"corrupt", "[link]\ncorrupt = 1\n", `x.toml:7: link.corrupt = 1: has no unit; allowed: a percentage such as "1.5%"`},
		{"reorder", "[link]\nreorder = \"-1%\"\n", `x.toml:7: link.reorder = "-1%": must not be negative; allowed: a percentage such as "1.5%"`},
		{"mtu of zero", "[link]\nmtu = 0\n", `x.toml:7: link.mtu = 0: is out of range; allowed: 1 … 1073741824`},
		{"mtu with unit", "[link]\nmtu = \"1500B\"\n", `x.toml:7: link.mtu = "1500B": is a string; allowed: an integer`},
		{"fifo", "[link]\nfifo = \"yes\"\n", `x.toml:7: link.fifo = "yes": is a string; allowed: true or false`},
		{"an override", "[[links]]\nbetween = [\"n0\", \"n1\"]\nmtu = -1\ncorrupt = \"2\"\nburst_loss = 3\n", `x.toml:8: links[0].mtu = -1: is out of range; allowed: 1 … 1073741824
x.toml:9: links[0].corrupt = "2": has no unit; units: %
x.toml:10: links[0].burst_loss = 3: is an integer; ` + wantBurst},
		{"uplink without unit", "[node_defaults]\nuplink = 10\n", `x.toml:7: node_defaults.uplink = 10: has no unit; ` + wantAccess},
		{"uplink of zero", "[node_defaults]\nuplink = \"0bit/s\"\n", `x.toml:7: node_defaults.uplink = "0bit/s": must be at least 1bit/s; leave it out for "unlimited", and use a fault for a dead link`},
		{"downlink, queue alone", "[node_defaults]\ndownlink = { queue = 3 }\n", `x.toml:7: node_defaults.downlink = {…}: bandwidth is missing; ` + wantAccess},
		{"downlink, bad queue", "[[node]]\nid = \"n1\"\ndownlink = { bandwidth = \"1Mbit/s\", queue = -3 }\n", `x.toml:8: node[0].downlink = {…}: queue is out of range; allowed: 0 … 1099511627776 copies`},
		{"uplink, unknown key", "[[node]]\nid = \"n1\"\nuplink = { bandwith = \"1Mbit/s\" }\n", `x.toml:8: node[0].uplink = {…}: has the unknown key "bandwith"; allowed: bandwidth, queue (did you mean "bandwidth"?)`},
		{"key of a node among the defaults", "[node_defaults]\nuplnk = \"1Mbit/s\"\n", `x.toml:7: node_defaults.uplnk = "1Mbit/s": is not a key; allowed: kind address capabilities anchors uplink downlink start clock_offset clock_drift_ppm (did you mean "uplink"?)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadBytes([]byte(sound+c.text), "x.toml")
			require.Error(t, err)
			assert.Equal(t, c.want, err.Error())
		})
	}
}

// A Go literal can hold what no text spells.
func TestBadWiresInLiterals(t *testing.T) {
	s, err := LoadBytes([]byte(sound), "x.toml")
	require.NoError(t, err)
	s.source = source{}
	s.Link.BurstLoss.R, s.Link.MTU = 1_000_000_001, -1
	s.NodeDefaults.Uplink.Queue.Max, s.NodeDefaults.Downlink.Bandwidth = -1, -1
	s.Nodes = []Node{{ID: "n2", Uplink: &Access{Bandwidth: maxBitRate + 1}}}
	_, err = s.Validate()
	require.Error(t, err)
	for _, want := range []string{
		"link.burst_loss = ", "link.mtu = -1", "node_defaults.uplink = ", "node_defaults.downlink = ", "node[0].uplink = ",
	} {
		assert.ErrorContains(t, err, want)
	}
}

// A node has what it says, or else what [node_defaults] says, if it has an entry or
// not; "unlimited" takes a default back. So do links.
func TestDefaultsOfNodesAndLinks(t *testing.T) {
	s, err := LoadBytes([]byte(sound+`[link]
mtu = 1500
burst_loss = { p = "1%", r = "20%" }
[node_defaults]
uplink = "1Mbit/s"
downlink = { bandwidth = "2Mbit/s", queue = "3kB" }
[[node]]
id = "n1"
uplink = "unlimited"
[[node]]
id = "n2"
downlink = { bandwidth = "9Mbit/s" }
[[links]]
from = "n0"
to = "n1"
mtu = 100
burst_loss = { p = "0%", r = "0%", bad = "0%" }
fifo = true
`), "x.toml")
	require.NoError(t, err)
	m, err := s.Mesh()
	require.NoError(t, err)
	up, down := Access{Bandwidth: MbitPerSecond}, Access{2 * MbitPerSecond, QueueSize{QueueBytes, 3000}}
	for id, want := range map[string][2]Access{
		"n0": {up, down}, "n1": {{}, down}, "n2": {up, {Bandwidth: 9 * MbitPerSecond}}, "n4": {up, down},
	} {
		n, _ := m.Lookup(id)
		assert.Equal(t, want, [2]Access{m.Nodes[n].Uplink, m.Nodes[n].Downlink}, id)
	}
	forth, back := m.link(0, 1), m.link(1, 0)
	assert.Equal(t, []any{int64(100), BurstLoss{}, true}, []any{forth.MTU, forth.BurstLoss, forth.FIFO})
	assert.Equal(t, []any{int64(1500), BurstLoss{10_000_000, 200_000_000, 0, 1_000_000_000}, false}, []any{back.MTU, back.BurstLoss, back.FIFO})
}
