package scenarios_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
)

// A mesh written out runs as the one that was made by its kind: every built-in.
func TestExplicitRunsTheSame(t *testing.T) {
	for _, entry := range scenarios.Library() {
		if entry.Name == "workload" {
			continue // long
		}
		t.Run(entry.Name, func(t *testing.T) {
			s, err := scenarios.Load(nil, entry.Name)
			require.NoError(t, err)
			x, planned := s.ExplicitPlan()
			if _, err := s.Explicit(); planned {
				require.ErrorIs(t, err, scenarios.ErrChanging)
			} else {
				x, err = s.Explicit()
				require.NoError(t, err)
				require.IsType(t, scenarios.OwnLinks{}, x.Topology.Kind)
			}
			again, err := scenarios.LoadBytes(x.TOML(), "explicit.toml", scenarios.WithFiles(packed(t, x)))
			require.NoError(t, err)
			require.Equal(t, run(t, s, scenarios.Options{}).Digest, run(t, again, scenarios.Options{}).Digest)
		})
	}
}

// Where distance makes latencies, one that is given stays, even if it is the usual one.
func TestExplicitKeepsALatencyBesideDistances(t *testing.T) {
	s, err := scenarios.LoadBytes([]byte(`
version = 1
duration = "1s"
topology = { kind = "links" }
link = { geo = true }
links = [{ from = "a", to = "b", latency = "1ms" }, { from = "b", to = "a" }]
node = [{ id = "a", lat = 0.0, lon = 0.0 }, { id = "b", lat = 0.0, lon = 90.0 }]
traffic = [{ rate = "10/s" }]
`), "geo.toml")
	require.NoError(t, err)
	x, err := s.Explicit()
	require.NoError(t, err)
	require.Equal(t, run(t, s, scenarios.Options{}).Digest, run(t, x, scenarios.Options{}).Digest)
}

// The further ids of a sybil are made by its entry again, and not written down: also
// where nothing else links the node behind them.
func TestExplicitLeavesOutSybils(t *testing.T) {
	s, err := scenarios.LoadBytes([]byte(`
version = 1
duration = "5s"
topology = { kind = "links", nodes = 4 }
links = [{ between = ["n0", "n1"] }, { between = ["n1", "n2"] }]
handshake = { auto = "all" }
adversary = [{ nodes = ["n0"], behaviour = "sybil", count = 2 }, { nodes = ["n3"], behaviour = "sybil", count = 1 }]
knowledge = { facts = [{ id = "f1", known_by = ["*"] }] }
traffic = [{ kind = "facts", rate = "1/s" }]
`), "sybils.toml")
	require.NoError(t, err)
	x, err := s.Explicit()
	require.NoError(t, err)
	require.Len(t, x.Links, 2)
	require.Len(t, x.Nodes, 4)
	require.Equal(t, run(t, s, scenarios.Options{}).Digest, run(t, x, scenarios.Options{}).Digest)
}

func packed(t *testing.T, s *scenarios.Scenario) map[string]string {
	whole, err := s.SelfContained()
	require.NoError(t, err)
	return whole.Files
}

// What is done to a clone is not done to the original.
func TestCloneSharesNothing(t *testing.T) {
	s, err := scenarios.Load(nil, "abilene-partition")
	require.NoError(t, err)
	before := string(s.TOML())
	c := s.Clone()
	require.Equal(t, before, string(c.TOML()))
	c.Faults[0].Kind.(scenarios.Partition).Groups[0][0] = "changed"
	c.Traffic[0].Name = "changed"
	c.Expects[0].Always = "true"
	c.Comment[0] = "changed"
	require.Equal(t, before, string(s.TOML()))
}

// A plan that is written out leaves the links beside it, and what it says of its own.
func TestExplicitPlan(t *testing.T) {
	s, err := scenarios.Load(fstest.MapFS{
		"plan.csv": {Data: []byte("source,target,start,end,latency,direction\na,b,0s,1s,7ms,\na,b,2s,,,\nb,c,1s,4s,,forward\n")},
		"x.toml": {Data: []byte(`version = 1
duration = "5s"
[topology]
kind = "contacts"
path = "plan.csv"
[[links]]
between = ["c", "a"]
[[traffic]]
arrivals = "periodic"
interval = "100ms"
to = "*"
`)},
	}, "x.toml")
	require.NoError(t, err)
	x, planned := s.ExplicitPlan()
	require.True(t, planned)
	require.Equal(t, []scenarios.PlannedContact{
		{From: "a", To: "b", Both: true, End: time.Second}, {From: "a", To: "b", Both: true, Start: 2 * time.Second}, {From: "b", To: "c", Start: time.Second, End: 4 * time.Second},
	}, x.Planned())
	require.Len(t, x.Links, 2, "a – b for its latency, and c – a")
	require.Equal(t, run(t, s, scenarios.Options{}).Digest, run(t, x, scenarios.Options{}).Digest)

	_, planned = load(t, "detour").ExplicitPlan()
	require.False(t, planned)
	require.Empty(t, load(t, "detour").Planned())
}
