package rerun_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/sim"
	"meshsim/trace"
)

func TestTraceReplaysAsSame(t *testing.T) {
	s := load(t, cut)
	for name, filter := range map[string]trace.Filter{
		"all":       everything,
		"protocol":  {Level: trace.LevelProtocol},
		"summary":   {Level: trace.LevelSummary},
		"a stretch": {Level: trace.LevelAll, From: 1e9, To: 2e9},
		"one node":  {Level: trace.LevelAll, Nodes: []sim.NodeID{2}},
	} {
		t.Run(name, func(t *testing.T) {
			lines := record(t, s, scenarios.Options{}, filter)
			require.Greater(t, len(lines), 5)
			out, err := rerun.Trace(reader(t, lines), scenarios.Options{})
			require.NoError(t, err)
			assert.Equal(t, &rerun.Replayed{Same: true}, out)
		})
	}
}

func TestReplayNamesTheEventThatWasTamperedWith(t *testing.T) {
	lines := record(t, load(t, cut), scenarios.Options{}, everything)
	number := lineOf(t, lines, "200")
	for name, tamper := range map[string]func([]string) []string{
		"a number": func(l []string) []string {
			changed := strings.Replace(l[number], `"size":200`, `"size":201`, 1)
			require.NotEqual(t, l[number], changed)
			l[number] = changed
			return l
		},
		"a line taken": func(l []string) []string { return slices.Delete(l, number, number+1) },
		"a line twice": func(l []string) []string { return slices.Insert(l, number, l[number-1]) },
	} {
		t.Run(name, func(t *testing.T) {
			out, err := rerun.Trace(reader(t, tamper(slices.Clone(lines))), scenarios.Options{})
			require.NoError(t, err)
			require.False(t, out.Same)
			d := out.FirstDifference
			assert.InDelta(t, 200, d.Seq, 1)
			assert.NotEqual(t, d.A, d.B)
			assert.Contains(t, d.B, `"seq":200,`)
			assert.NotNil(t, d.Causes)
		})
	}
}

func TestReplayForgivesWhatATraceLost(t *testing.T) {
	s := load(t, cut)
	lines := record(t, s, scenarios.Options{}, everything)
	number := lineOf(t, lines, "200")

	damaged := slices.Clone(lines)
	damaged[number] = "{\"t\":garbage\n"
	damaged[number+1] = "\x00\x01\n"
	out, err := rerun.Trace(reader(t, damaged), scenarios.Options{})
	require.NoError(t, err)
	assert.Equal(t, &rerun.Replayed{Same: true}, out)

	partial := slices.Clone(lines[:number+1])
	partial[number] = partial[number][:20] // as a kill leaves it
	out, err = rerun.Trace(reader(t, partial), scenarios.Options{})
	require.NoError(t, err)
	assert.True(t, out.Same)
	assert.Contains(t, out.Note, "up to event #199,")

	// The whole trace of a run that ended early is as good.
	early := record(t, s, scenarios.Options{Stop: stopAfter(1)}, everything)
	require.Less(t, len(early), len(lines))
	require.Contains(t, early[len(early)-2], `"end":true`)
	out, err = rerun.Trace(reader(t, early), scenarios.Options{})
	require.NoError(t, err)
	assert.True(t, out.Same)
	assert.NotEmpty(t, out.Note)

	// But a record that claims to be whole is not.
	short := append(slices.Clone(lines[:number]), lines[len(lines)-2])
	out, err = rerun.Trace(reader(t, short), scenarios.Options{})
	require.NoError(t, err)
	assert.False(t, out.Same)
	assert.Empty(t, out.FirstDifference.A)
}

func TestRecordsOfAnotherEngineAreRefused(t *testing.T) {
	s := load(t, cut)
	lines := record(t, s, scenarios.Options{}, everything)
	lines[0] = strings.Replace(lines[0], `"engine":2`, `"engine":7`, 1)
	_, err := rerun.Trace(reader(t, lines), scenarios.Options{})
	assert.Equal(t, rerun.EngineError{Recorded: 7}, err)
	s.Record = &scenarios.Record{Engine: 7}
	_, err = rerun.Record(s, scenarios.Options{})
	assert.Equal(t, rerun.EngineError{Recorded: 7}, err)
	assert.EqualError(t, err, "was recorded by engine 7; this is engine 2, whose digests differ")
}

func TestRecordComparesTheDigest(t *testing.T) {
	s := load(t, cut)
	_, err := rerun.Record(s, scenarios.Options{})
	require.ErrorContains(t, err, "has no [record]")

	digest := run(t, s, scenarios.Options{}).Digest
	s.Record = &scenarios.Record{Engine: scenarios.Engine, Digest: digest}
	out, err := rerun.Record(s, scenarios.Options{})
	require.NoError(t, err)
	assert.Equal(t, &rerun.Replayed{Same: true}, out)

	s.Seed++
	out, err = rerun.Record(s, scenarios.Options{})
	require.NoError(t, err)
	assert.False(t, out.Same)
	assert.Equal(t, digest, out.FirstDifference.A)
	assert.NotEqual(t, digest, out.FirstDifference.B)
	assert.NotNil(t, out.FirstDifference.Causes)
}

func TestRecordOfARunThatEndedAtItsFirstFailure(t *testing.T) {
	s := load(t, cut, "[[expect]]\nalways = \"envelope.hops < 2\"")
	r := run(t, s, scenarios.Options{FailFast: true})
	require.Less(t, r.SimNS, int64(4e9))
	path, err := s.SaveFailure(t.TempDir(), r)
	require.NoError(t, err)
	kept, err := scenarios.Load(nil, path)
	require.NoError(t, err)
	out, err := rerun.Record(kept, scenarios.Options{})
	require.NoError(t, err)
	assert.True(t, out.Same)

	lines := record(t, s, scenarios.Options{FailFast: true}, everything)
	out, err = rerun.Trace(reader(t, lines), scenarios.Options{})
	require.NoError(t, err)
	assert.True(t, out.Same)
	assert.NotEmpty(t, out.Note)
}

func TestInterruptedTellsNothing(t *testing.T) {
	s := load(t, cut)
	lines := record(t, s, scenarios.Options{}, everything)
	_, err := rerun.Trace(reader(t, lines), scenarios.Options{Stop: stopAfter(1)})
	assert.Equal(t, rerun.ErrInterrupted, err)
	s.Record = &scenarios.Record{Engine: scenarios.Engine}
	_, err = rerun.Record(s, scenarios.Options{Stop: stopAfter(1)})
	assert.Equal(t, rerun.ErrInterrupted, err)
}

func TestTracesAreCompared(t *testing.T) {
	a := record(t, load(t, cut), scenarios.Options{}, everything)
	other := load(t, cut)
	other.Seed++
	b := record(t, other, scenarios.Options{}, everything)
	compare := func(a, b []string) *rerun.Replayed {
		out, err := rerun.Traces(reader(t, a), reader(t, b))
		require.NoError(t, err)
		return out
	}
	assert.Equal(t, &rerun.Replayed{Same: true}, compare(a, a))

	out := compare(a, b)
	require.False(t, out.Same)
	before, err := rerun.StateBefore(reader(t, a).Header(), out.FirstDifference.A)
	require.NoError(t, err)
	require.NotNil(t, before)
	assert.Equal(t, out.FirstDifference.Seq, before.Seq)

	number := lineOf(t, a, "200")
	damaged := slices.Clone(a)
	damaged[number] = "?\n"
	assert.True(t, compare(a, damaged).Same, "what is damaged does not count")
	assert.True(t, compare(damaged, a).Same)
	missing := slices.Delete(slices.Clone(a), number, number+1)
	assert.False(t, compare(a, missing).Same, "what is missing does")
	assert.False(t, compare(missing, a).Same)
	assert.Contains(t, compare(a, a[:number]).Note, "up to event #199,")
	assert.Contains(t, compare(a[:number], a).Note, "up to event #199,")
}

func TestStateBefore(t *testing.T) {
	lines := record(t, load(t, cut), scenarios.Options{}, everything)
	header := reader(t, lines).Header()
	for i, line := range lines {
		if strings.Contains(line, `"event_type":"link_down"`) && strings.Contains(line, `"node":"n2"`) {
			before, err := rerun.StateBefore(header, strings.TrimSpace(line))
			require.NoError(t, err)
			require.Len(t, before.Nodes, 2)
			assert.Equal(t, "n2", before.Nodes[0].ID)
			assert.Equal(t, "n3", before.Nodes[1].ID)
			assert.Positive(t, before.Nodes[0].Links[1].Transmissions, "it is the state of that time, not of the start")
			break
		}
		require.Less(t, i, len(lines)-1, "no link goes down")
	}
	for _, nothing := range []string{"", `{"seq":3}`, `{"seq":99999999,"node":"n1"}`} {
		before, err := rerun.StateBefore(header, nothing)
		require.NoError(t, err)
		assert.Nil(t, before)
	}
	header.Engine = 7
	_, err := rerun.StateBefore(header, `{"seq":3,"node":"n1"}`)
	assert.Equal(t, rerun.EngineError{Recorded: 7}, err)
}
