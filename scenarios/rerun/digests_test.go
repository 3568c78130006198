package rerun_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/sim"
	"meshsim/trace"
)

// jitter is a run whose thin traces are the same whatever the seed: messages leave
// by the clock and only the time they take is left to chance.
const jitter = `version = 1
name = "jitter"
seed = 7
duration = "3s"
[topology]
kind = "line"
nodes = 3
[link]
latency = { uniform = { min = "4ms", max = "6ms" } }
[[traffic]]
kind = "messages"
from = "n0"
to = "n2"
arrivals = "periodic"
interval = "100ms"
`

// thin traces hold nothing in which two seeds of jitter differ.
var thin = map[string]trace.Filter{
	"summary":  {Level: trace.LevelSummary},
	"no nodes": {Level: trace.LevelSummary, Nodes: []sim.NodeID{1}},
	"no time":  {Level: trace.LevelAll, From: 2_950_000_000, To: 2_960_000_000},
}

func jitterTrace(t *testing.T, seed string, filter trace.Filter) []string {
	t.Helper()
	return record(t, load(t, strings.Replace(jitter, "seed = 7", "seed = "+seed, 1)), scenarios.Options{}, filter)
}

func replay(t *testing.T, lines []string) *rerun.Replayed {
	t.Helper()
	out, err := rerun.Trace(reader(t, lines), scenarios.Options{})
	require.NoError(t, err)
	return out
}

func compare(t *testing.T, a, b []string) *rerun.Replayed {
	t.Helper()
	out, err := rerun.Traces(reader(t, a), reader(t, b))
	require.NoError(t, err)
	return out
}

// lineWith is the index of the only line that contains a text.
func lineWith(t *testing.T, lines []string, text string) int {
	t.Helper()
	i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, text) })
	require.GreaterOrEqual(t, i, 0, text)
	return i
}

var digestOf = regexp.MustCompile(`"digest":"[0-9a-f]{32}"`)

// withLine is the trace with its line i changed.
func withLine(t *testing.T, lines []string, i int, change func(string) string) []string {
	t.Helper()
	changed := slices.Clone(lines)
	changed[i] = change(lines[i])
	require.NotEqual(t, lines[i], changed[i])
	return changed
}

func overwritten(line string) string {
	return digestOf.ReplaceAllString(line, `"digest":"`+strings.Repeat("0", 32)+`"`)
}

func TestDigestsTellThinTracesApart(t *testing.T) {
	for name, filter := range thin {
		a, b := jitterTrace(t, "7", filter), jitterTrace(t, "8", filter)
		require.Equal(t, &rerun.Replayed{Same: true}, compare(t, a, a), name)
		forged := withLine(t, a, 0, func(h string) string { return strings.Replace(h, `"seed":7,"epoch"`, `"seed":8,"epoch"`, 1) })
		for how, out := range map[string]*rerun.Replayed{
			"diff":                      compare(t, a, b),
			"the other way":             compare(t, b, a),
			"one without its end":       compare(t, a[:len(a)-2], b),
			"the other without its end": compare(t, a, b[:len(b)-2]),
			"replay of another seed":    replay(t, forged),
			"of that, cut off":          replay(t, forged[:len(a)-2]),
		} {
			require.False(t, out.Same, "%s, %s", name, how)
			d := out.FirstDifference
			assert.Equal(t, []any{uint64(1), clock.Time(0), []string{}}, []any{d.Seq, d.T, d.Causes}, "%s, %s", name, how)
			for _, line := range []string{d.A, d.B} {
				assert.True(t, strings.HasPrefix(line, `{"checkpoint":{"t":1000000000,`), line)
				assert.True(t, json.Valid([]byte(line)), line)
			}
			assert.NotEqual(t, d.A, d.B)
			assert.Equal(t, "the difference lies in events that a trace does not hold, between 0s and 1s", out.Note)
		}
	}
}

func TestTheFirstDifferentIntervalIsNamed(t *testing.T) {
	filter := trace.Filter{Level: trace.LevelSummary}
	a := jitterTrace(t, "7", filter)
	later := record(t, load(t, jitter, "[[traffic]]\nkind = \"messages\"\nfrom = \"n2\"\nto = \"n0\"\narrivals = \"periodic\"\ninterval = \"100ms\"\nstart = \"1500ms\""), scenarios.Options{}, filter)
	out := compare(t, a, later)
	require.False(t, out.Same)
	assert.Contains(t, a[lineWith(t, a, `"checkpoint":{"t":2000000000,`)], out.FirstDifference.A)
	assert.Equal(t, clock.Time(1e9), out.FirstDifference.T)
	var second struct{ Checkpoint trace.Checkpoint }
	require.NoError(t, json.Unmarshal([]byte(a[lineWith(t, a, `"checkpoint":{"t":1000000000,`)]), &second))
	assert.Equal(t, second.Checkpoint.Events+1, out.FirstDifference.Seq)
	assert.Contains(t, out.Note, "between 1s and 2s")
}

// A line with a digest that is not the run's is a difference, of that line alone.
func TestOverwrittenDigests(t *testing.T) {
	filters := map[string]trace.Filter{"all": everything, "summary": {Level: trace.LevelSummary}}
	for name, filter := range filters {
		lines := jitterTrace(t, "7", filter)
		for text, note := range map[string]string{
			`{"end":true`:                  "the end line is not",
			`"checkpoint":{"t":1000000000`: "the checkpoint at 1s is not",
			`"checkpoint":{"t":3000000000`: "the checkpoint at 3s is not",
		} {
			i := lineWith(t, lines, text)
			changed := withLine(t, lines, i, overwritten)
			for how, out := range map[string]*rerun.Replayed{
				"replay": replay(t, changed), "diff": compare(t, changed, lines),
			} {
				require.False(t, out.Same, "%s, %s, %s", name, text, how)
				assert.Equal(t, strings.TrimSpace(changed[i]), out.FirstDifference.A)
				assert.Equal(t, strings.TrimSpace(lines[i]), out.FirstDifference.B)
				assert.Equal(t, "every event is the same; "+note, out.Note, "%s, %s", name, how)
			}
		}
		moved := withLine(t, lines, lineWith(t, lines, `"checkpoint":{"t":1000000000`), func(l string) string {
			return strings.Replace(l, `"t":1000000000,"events":`, `"t":1000000001,"events":1`, 1)
		})
		assert.False(t, replay(t, moved).Same, "a checkpoint that the run does not have")
		more := withLine(t, lines, lineWith(t, lines, `{"end":true`), func(l string) string {
			return strings.Replace(l, `"events":`, `"events":1`, 1)
		})
		assert.False(t, replay(t, more).Same, "an end line with other events")
	}
}

func TestDigestsOfAnotherRecordVersionAreNotCompared(t *testing.T) {
	lines := jitterTrace(t, "7", everything)
	other := withLine(t, lines, lineWith(t, lines, `{"end":true`), overwritten)
	other = withLine(t, other, 0, func(h string) string { return strings.Replace(h, `"record":2`, `"record":3`, 1) })
	assert.True(t, replay(t, other).Same)
}

// What only one side has, because the other lost it, is no difference.
func TestLostCheckpointsAreForgiven(t *testing.T) {
	for name, filter := range map[string]trace.Filter{"all": everything, "summary": {Level: trace.LevelSummary}} {
		lines := jitterTrace(t, "7", filter)
		i := lineWith(t, lines, `"checkpoint":{"t":2000000000`)
		damaged := withLine(t, lines, i, func(l string) string { return l[:20] + "\n" })
		for _, out := range []*rerun.Replayed{
			replay(t, damaged), compare(t, damaged, lines), compare(t, lines, damaged),
			replay(t, lines[:i]), compare(t, lines[:i], lines), compare(t, lines, lines[:i]),
		} {
			assert.True(t, out.Same, name)
			assert.Nil(t, out.FirstDifference)
		}
		assert.Contains(t, replay(t, lines[:i]).Note, "a record ends early")

		early := record(t, load(t, jitter), scenarios.Options{Stop: stopAfter(1)}, filter)
		require.Contains(t, early[len(early)-2], `"interrupted":true`)
		assert.True(t, replay(t, early).Same, name)
		assert.True(t, compare(t, early, lines).Same, name)
		assert.True(t, compare(t, lines, early).Same, name)
	}
}

// An event that differs is told rather than a digest, with a hint that it is late.
func TestAnEventGoesBeforeADigest(t *testing.T) {
	filter := trace.Filter{Level: trace.LevelAll, From: 2e9}
	out := compare(t, jitterTrace(t, "7", filter), jitterTrace(t, "8", filter))
	require.False(t, out.Same)
	assert.Contains(t, out.FirstDifference.A, `"seq"`)
	assert.Equal(t, "the runs differ before it already, in events that a trace does not hold, between 0s and 1s", out.Note)
}

// A thin trace that was cut off is compared up to its last checkpoint, and the
// run is not carried on beyond.
func TestReplayOfACutTraceStopsWhereItEnds(t *testing.T) {
	long := load(t, strings.Replace(jitter, `duration = "3s"`, `duration = "8000h"`, 1))
	lines := record(t, long, scenarios.Options{Stop: stopAfter(5)}, trace.Filter{Level: trace.LevelSummary})
	require.Greater(t, len(lines), 4)
	out := replay(t, lines)
	assert.True(t, out.Same)
	assert.Contains(t, out.Note, "a record ends early")
}

// A trace without its end knows what happened up to its last checkpoint: an event
// of the other before that is a difference, though the trace has no more events.
func TestACutTraceCountsUpToItsLastCheckpoint(t *testing.T) {
	a := jitterTrace(t, "7", trace.Filter{Level: trace.LevelSummary})
	a = a[:lineWith(t, a, `{"end"`)]
	other := load(t, jitter, "[[fault]]\nkind = \"link_down\"\nat = \"1500ms\"\nlinks = [\"n0-n1\"]")
	replayed, err := rerun.Compare(reader(t, a), other, scenarios.Options{})
	require.NoError(t, err)
	b := record(t, other, scenarios.Options{}, trace.Filter{Level: trace.LevelSummary})
	for _, out := range []*rerun.Replayed{replayed, compare(t, a, b), compare(t, b, a)} {
		require.False(t, out.Same)
		assert.Contains(t, out.FirstDifference.A, `{"checkpoint":{"t":2000000000,`)
		assert.Equal(t, clock.Time(1e9), out.FirstDifference.T)
	}
}
