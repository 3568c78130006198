package scenarios_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
)

// However edits are followed, they come to an end: none leads back.
func TestSimplerComesToAnEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := scenarios.LoadBytes(gen.Troubled(t).TOML(), "drawn")
		require.NoError(t, err)
		for k := 0; ; k++ {
			edits := s.Simpler()
			if len(edits) == 0 {
				return
			}
			require.Less(t, k, 400, "%s", s.TOML())
			rapid.SampledFrom(edits).Draw(t, "edit").Do(s)
		}
	})
}

// An edit does what it says, to the clone that it is given.
func TestSimplerSaysWhatItDoes(t *testing.T) {
	s, err := scenarios.Load(nil, "abilene-partition")
	require.NoError(t, err)
	before := string(s.TOML())
	edits := s.Simpler()
	require.Greater(t, len(edits), 20)
	for _, e := range edits {
		c := s.Clone()
		e.Do(c)
		after := string(c.TOML())
		require.NotEqual(t, before, after, e.What)
		_, value, set := strings.Cut(e.What, " = ")
		if zero := strings.HasPrefix(value, `"0`); set && !zero { // which may be the default, and then is not written
			assert.Contains(t, after, " = "+value, e.What)
		}
	}
	require.Equal(t, before, string(s.TOML()))
}

func TestRemoveNode(t *testing.T) {
	s, err := scenarios.LoadBytes([]byte(`version = 1
duration = "1s"
[topology]
kind = "links"
[[links]]
between = ["a", "b"]
[[links]]
from = "b"
to = "c"
[[traffic]]
from = ["a", "c"]
to = "b"
rate = "1/s"
[[traffic]]
from = "c"
to = ["a", "b"]
rate = "1/s"
[[fault]]
kind = "link_down"
links = ["b->c"]
at = "0s"
[[fault]]
kind = "partition"
groups = [["a", "c"], ["*"]]
at = "0s"
[[fault]]
kind = "churn"
nodes = ["a", "c"]
outages = [{ node = "c", at = "1ms" }, { node = "a", at = "2ms" }]
at = "0s"
[[fault]]
kind = "pause"
nodes = "c"
at = "0s"
[[fault]]
kind = "flap"
links = ["a-b", "b->c"]
outages = [{ link = "b->c", at = "1ms" }]
at = "0s"
`), "test.toml")
	require.NoError(t, err)
	s.Routing.Strategy, s.Routing.File = "static", "routes.csv"
	s.Embed("routes.csv", []byte("node,destination,next\na,b,b\na,c,b\nb,c,c\nb,a,a\n"))
	flows := s.Traffic[0]
	flows.From, flows.To, flows.Rate, flows.File = scenarios.NodeSet{}, scenarios.Target{}, 0, "flows.csv"
	s.Traffic = append(s.Traffic, flows)
	s.Embed("flows.csv", []byte("source,destination,start,interval,size,count\na,c,0s,1s,1,1\n"))
	s.RemoveNode("c")
	assert.Equal(t, "static", s.Routing.Strategy)
	m, err := s.Mesh()
	require.NoError(t, err)
	routes, err := s.Routes(m)
	require.NoError(t, err)
	assert.Len(t, routes, 2, "between a and b")
	whole := s.Clone()
	whole.RemoveNode("b")
	assert.Empty(t, whole.Links)
	assert.Empty(t, whole.Traffic, "a was a node only by its link to b")
	assert.Len(t, s.Links, 1)
	require.Len(t, s.Traffic, 1)
	assert.Equal(t, []string{"a"}, s.Traffic[0].From.IDs)
	require.Len(t, s.Faults, 3)
	assert.Equal(t, [][]string{{"a"}, {"*"}}, s.Faults[0].Kind.(scenarios.Partition).Groups)
	assert.Equal(t, []scenarios.NodeOutage{{Node: "a", At: ms(2)}}, s.Faults[1].Kind.(scenarios.Churn).Outages)
	assert.Equal(t, []scenarios.LinkOutage{}, s.Faults[2].Kind.(scenarios.Flap).Outages, "which is not the same as none given")
	_, err = s.Validate()
	assert.NoError(t, err)
}
