package rerun_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
)

func examine(t *testing.T, s *scenarios.Scenario) *rerun.Autopsy {
	t.Helper()
	a, err := rerun.Examine(s, run(t, s, scenarios.Options{}), scenarios.Options{})
	require.NoError(t, err)
	return a
}

// eventTime is the virtual time at the beginning of an event in words.
func eventTime(t *testing.T, line string) clock.Time {
	t.Helper()
	word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	d, err := time.ParseDuration(word)
	require.NoError(t, err)
	return clock.Time(d)
}

func TestAutopsyTellsTheEventsBeforeTheFailure(t *testing.T) {
	a := examine(t, load(t, cut, `[[expect]]
name = "short ways"
always = "!(envelope.origin == 'n3' && envelope.hops >= 2)"`))
	assert.Equal(t, "short ways", a.What)
	assert.Contains(t, a.Value, "envelope.hops = 2")
	require.Len(t, a.Nodes, 2)
	require.Len(t, a.Events, rerun.LastEvents)
	for _, line := range a.Events {
		assert.LessOrEqual(t, eventTime(t, line), a.At, line)
		assert.True(t, strings.Contains(line, a.Nodes[0]) || strings.Contains(line, a.Nodes[1]), line)
	}
	last := a.Events[len(a.Events)-1]
	assert.Equal(t, a.At, eventTime(t, last), "the last is the failure itself")
	assert.Contains(t, last, "n3,n2,n1")
	assert.Equal(t, scenarios.Failed, a.WithoutFaults)
}

func TestAutopsyOfNobodyInParticular(t *testing.T) {
	a := examine(t, load(t, cut, `[[expect]]
name = "no copy is ever lost to the cut"
at_end = "drops.no_route == 0"`))
	assert.Empty(t, a.Nodes)
	assert.Equal(t, clock.Time(4e9), a.At)
	require.Len(t, a.Events, rerun.LastEvents)
	for _, line := range a.Events {
		assert.NotContains(t, line, "transmitted")
		assert.NotContains(t, line, "sent ")
	}
	assert.Equal(t, scenarios.Passed, a.WithoutFaults, "the fault alone is to blame")
}

func TestAutopsyNamesTheFirstFailure(t *testing.T) {
	s := load(t, cut, `[[expect]]
name = "at the end"
at_end = "false"
[[expect]]
name = "sooner"
eventually = "false"
by = "2s"`)
	s.Faults = nil
	a := examine(t, s)
	assert.Equal(t, "sooner", a.What)
	assert.Equal(t, clock.Time(2e9), a.At)
	assert.Empty(t, a.WithoutFaults, "there are none")
}

func TestNothingToExamine(t *testing.T) {
	assert.Nil(t, examine(t, load(t, cut)))
}

func TestExamineIsInterrupted(t *testing.T) {
	s := load(t, cut, "[[expect]]\nat_end = \"false\"")
	r := run(t, s, scenarios.Options{})
	for _, questions := range []int{1, 6} { // in the first of its runs, and in the second
		_, err := rerun.Examine(s, r, scenarios.Options{Stop: stopAfter(questions)})
		assert.Equal(t, rerun.ErrInterrupted, err)
	}
}

func TestStoryHasPhases(t *testing.T) {
	s := load(t, cut, "[[expect]]\nat_end = \"traffic.delivery_ratio > 0.5\"")
	story, err := rerun.Tell(s, scenarios.Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{"Three in a line; the far link fails."}, story.About)
	assert.Equal(t, []string{"n0", "n1", "n2", "n3"}, story.Nodes)
	require.Len(t, story.Phases, 3)
	before, during, after := story.Phases[0], story.Phases[1], story.Phases[2]
	assert.Equal(t, []clock.Time{0, 1e9, 1e9, 2e9, 2e9, 4e9}, []clock.Time{before.From, before.To, during.From, during.To, after.From, after.To})
	assert.Empty(t, before.Faults)
	assert.Equal(t, []string{`link_down "far"`}, during.Faults)
	assert.Empty(t, after.Faults)
	assert.Equal(t, []string{"link down n2→n3", "link down n3→n2"}, during.Events)
	assert.Equal(t, []string{"link up n2→n3", "link up n3→n2"}, after.Events)

	traffic := run(t, s, scenarios.Options{}).Metrics.Traffic
	assert.Equal(t, traffic.Sent, before.Sent+during.Sent+after.Sent)
	assert.Equal(t, traffic.Delivered, before.Delivered+during.Delivered+after.Delivered)
	assert.Less(t, during.Delivered, during.Expected)
	var reasons []string
	for _, d := range during.Drops {
		reasons = append(reasons, d.What)
		assert.Positive(t, d.N)
	}
	assert.Contains(t, reasons, "no_route")
	assert.InDelta(t, 5e6*before.Hops, float64(before.Latency), 1e6, "five ms a link")
}

func TestStoryOfABroadcast(t *testing.T) {
	story, err := rerun.Tell(load(t, `version = 1
duration = "1s"
[topology]
kind = "full"
nodes = 4
[routing]
strategy = "flood"
[[traffic]]
kind = "messages"
from = "n0"
to = "*"
count = 5
interval = "100ms"`), scenarios.Options{})
	require.NoError(t, err)
	require.Len(t, story.Phases, 1)
	p := story.Phases[0]
	assert.Equal(t, []int64{5, 15, 15}, []int64{p.Sent, p.Expected, p.Delivered})
	assert.Empty(t, p.Drops, "that others had it already is no loss")
}

func TestStoryTellsOfHandshakes(t *testing.T) {
	text, err := scenarios.Builtin("overloaded-peer")
	require.NoError(t, err)
	s, err := scenarios.LoadBytes(text, "overloaded-peer")
	require.NoError(t, err)
	story, err := rerun.Tell(s, scenarios.Options{})
	require.NoError(t, err)
	require.Len(t, story.Phases, 3, "the presence of b changes twice")
	assert.Equal(t, []rerun.Count{
		{What: "handshake_started", N: 2}, {What: "handshake_completed", N: 2}, {What: "handshake_deferred", N: 2}, {What: "trust_updated", N: 2},
	}, story.Phases[1].Peers)
}
