package campaign_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/scenarios/campaign"
)

// sprawling fails because one link of its way is down, among much that has
// nothing to do with it.
const sprawling = `version = 1
name = "sprawling"
seed = 77
duration = "4s"
[topology]
kind = "ring"
nodes = 12
[link]
latency = { uniform = { min = "4ms", max = "9ms" } }
bandwidth = "3.7Mbit/s"
duplicate = "1.3%"
[routing]
max_hops = 20
seen_max = 4096
[[traffic]]
rate = "3/s"
size = 317
[[traffic]]
from = ["n3", "n4", "n9"]
to = "n7"
rate = "1.7/s"
start = "0.234s"
[handshake]
auto = "neighbours"
[[adversary]]
nodes = "*"
behaviour = "replay"
[[action]]
at = "1s"
kind = "set_presence"
node = "n1"
presence = "overloaded"
[[fault]]
name = "split"
kind = "partition"
groups = [["n1", "n2"], ["*"]]
at = "1.21s"
until = "2.89s"
[[fault]]
name = "cut"
kind = "link_down"
links = ["n5-n6"]
at = "0.5s"
until = "3.125s"
[[expect]]
at_end = "drops.hop_limit == 0"
[[expect]]
name = "no partition is felt"
always = "drops.partition == 0"
`

func load(t *testing.T, text string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.LoadBytes([]byte(text), "test.toml")
	require.NoError(t, err)
	return s
}

func TestShrink(t *testing.T) {
	got, err := campaign.Shrinker{}.Shrink(load(t, sprawling))
	require.NoError(t, err)
	assert.True(t, got.Done)
	s := got.Scenario
	t.Logf("%d attempts\n%s", got.Attempts, s.TOML())
	assert.Equal(t, campaign.Signature("expectation no partition is felt"), got.Signature)
	m, err := s.Mesh()
	require.NoError(t, err)
	assert.LessOrEqual(t, len(m.Nodes), 3)
	assert.Len(t, s.Faults, 1)
	assert.Empty(t, s.Adversaries)
	assert.Empty(t, s.Actions)
	assert.Len(t, s.Traffic, 1)
	assert.Len(t, s.Expects, 1)
	r, err := s.Run(scenarios.Options{})
	require.NoError(t, err)
	assert.Equal(t, got.Signature, campaign.SignatureOf(r, nil))
	r, err = s.Run(scenarios.Options{WithoutFaults: true})
	require.NoError(t, err)
	assert.NotEqual(t, got.Signature, campaign.SignatureOf(r, nil), "it needs its fault, as the original does")
	again, err := campaign.Shrinker{}.Shrink(load(t, sprawling))
	require.NoError(t, err)
	assert.Equal(t, string(s.TOML()), string(again.Scenario.TOML()), "the same each time")
}

func TestShrinkOfAPass(t *testing.T) {
	_, err := campaign.Shrinker{}.Shrink(load(t, strings.Replace(sprawling, "drops.partition == 0", "drops.partition >= 0", 1)))
	assert.ErrorIs(t, err, campaign.ErrPasses)
}

// Ended early, it has the best so far, and goes on from there.
func TestShrinkGoesOn(t *testing.T) {
	first, err := campaign.Shrinker{Attempts: 10}.Shrink(load(t, sprawling))
	require.NoError(t, err)
	assert.False(t, first.Done)
	assert.Equal(t, 10, first.Attempts)
	rest, err := campaign.Shrinker{}.Shrink(load(t, string(first.Scenario.TOML())))
	require.NoError(t, err)
	assert.True(t, rest.Done)
	assert.Len(t, rest.Scenario.Faults, 1)
}

// What passes without its faults is not shrunk to what fails for another reason,
// such as a run too short to send anything.
func TestShrinkKeepsTheFaultThatIsNeeded(t *testing.T) {
	text := strings.Replace(sprawling, `always = "drops.partition == 0"`, `at_end = "copies.dropped == 0 && traffic.sent > 3"`, 1)
	text = strings.Replace(text, `duplicate = "1.3%"`, ``, 1)
	got, err := campaign.Shrinker{}.Shrink(load(t, text))
	require.NoError(t, err)
	require.NotEmpty(t, got.Scenario.Faults)
	r, err := got.Scenario.Run(scenarios.Options{WithoutFaults: true})
	require.NoError(t, err)
	assert.NotEqual(t, got.Signature, campaign.SignatureOf(r, nil))
}

// A contact plan is written out, and contacts, links and nodes go that the failure
// does not need.
func TestShrinkAContactPlan(t *testing.T) {
	text := `version = 1
name = "passes"
duration = "20s"
[topology]
kind = "contacts"
path = "plan.csv"
[link]
latency = "3ms"
[[traffic]]
from = "a"
to = "c"
arrivals = "periodic"
interval = "1s"
[[traffic]]
from = "d"
to = "e"
rate = "3/s"
[[expect]]
name = "there is always a way"
at_end = "drops.link_down == 0 && drops.no_route == 0"
`
	plan := "source,target,start,end,latency\na,b,0s,5s,7ms\nb,c,0s,5s,\nb,c,7s,9s,\nd,e,0s,20s,\nd,a,2s,3s,\ne,c,1s,4s,\n"
	s, err := scenarios.Load(fstest.MapFS{"passes.toml": {Data: []byte(text)}, "plan.csv": {Data: []byte(plan)}}, "passes.toml")
	require.NoError(t, err)
	got, err := campaign.Shrinker{}.Shrink(s)
	require.NoError(t, err)
	assert.True(t, got.Done)
	m, err := got.Scenario.Mesh()
	require.NoError(t, err)
	assert.Len(t, m.Nodes, 2, "%s", got.Kept)
	assert.Len(t, got.Scenario.Planned(), 1, "%s", got.Kept)
	assert.Contains(t, got.Kept, "contact plan written out")
	alone := load(t, string(got.Scenario.TOML()))
	r, err := alone.Run(scenarios.Options{})
	require.NoError(t, err)
	assert.Equal(t, got.Signature, campaign.SignatureOf(r, nil))
}
