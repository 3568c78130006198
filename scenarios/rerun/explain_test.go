package rerun_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/trace"
)

func past(t *testing.T, s *scenarios.Scenario) *rerun.Past {
	t.Helper()
	p, err := rerun.OfScenario(s, scenarios.Options{})
	require.NoError(t, err)
	return p
}

// told is an explanation as text, one thing a line.
func told(x *rerun.Explanation) string {
	var b strings.Builder
	fmt.Fprintln(&b, x.Question)
	for _, l := range x.Answer {
		fmt.Fprintln(&b, l)
	}
	for _, a := range x.Accounts {
		fmt.Fprintln(&b, a.Title)
		for _, s := range a.Steps {
			fmt.Fprintln(&b, s.T, s.Text, s.Because)
		}
	}
	return b.String()
}

// What is told depends on what the failed expectation reads.
func TestExplainFailure(t *testing.T) {
	for expect, want := range map[string][]string{
		`at_end = "traffic.delivery_ratio >= 0.99"`: {
			"found: traffic.delivery_ratio", "24 no_route at n3", "one of them, MESSAGE t/", "n3 knows no way on to n0",
			"what changed for the way from n3 to n0 before", "n3: no route to n0 any more",
		},
		`at_end = "traffic.latency_ns.max < '10ms'"`: {"the slowest took", "the slowest, MESSAGE t/", "is under way for", "over 3 links"},
		`at_end = "drops.loss == 0"`:                 {"copies were dropped as loss:", "loss at n", "by the link's chance of loss"},
		`always = "envelope.hops < 3"`:               {"how MESSAGE t/", "n2 hands it to the link to n3", "n1 passes it on"},
		`stays = "route('n0','n3').up"`:              {"it would not arrive", "what changed before", "n2 → n3: link down", "no route to n3"},
		`always = "!fault('far').active"`:            {"the fault far", "link_down \"far\" begin"},
		`at_end = "traffic.sent == 1"`:               {"the last events before it"},
	} {
		t.Run(expect, func(t *testing.T) {
			x, err := rerun.ExplainFailure(past(t, load(t, cut, "[[expect]]", expect)))
			require.NoError(t, err)
			text := told(x)
			for _, w := range want {
				assert.Contains(t, text, w)
			}
			assert.Empty(t, x.Notes)
		})
	}
}

// Where copies end at a link, the fault is named.
func TestExplainNamesTheFault(t *testing.T) {
	x, err := rerun.ExplainFailure(past(t, load(t, cut, "[routing]\nstrategy = 'flood'\n[[expect]]\nat_end = 'traffic.delivery_ratio >= 0.99'")))
	require.NoError(t, err)
	assert.Contains(t, told(x), `link_down at n2 → n3, because of link_down "far", which began at 1s`)
	assert.Contains(t, told(x), `lost at n3 → n2: the link is down [link_down "far", which began at 1s]`)
	assert.NotContains(t, told(x), "no_route", "a flood's dead ends are not where a message is lost")
}

func TestExplainWhatDidNotFail(t *testing.T) {
	_, err := rerun.ExplainFailure(past(t, load(t, cut)))
	assert.ErrorIs(t, err, rerun.ErrNothingFailed)
}

// ofTrace is the past that recorded lines stand for.
func ofTrace(t *testing.T, lines []string) *rerun.Past {
	t.Helper()
	text := strings.Join(lines, "")
	p, err := rerun.OfTrace(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewBufferString(text)), nil
	}, scenarios.Options{})
	require.NoError(t, err)
	return p
}

// A drop is followed back to where its message came from, whatever the trace
// holds of it.
func TestExplainDropFromAThinTrace(t *testing.T) {
	s := load(t, cut, "[routing]\nstrategy = 'flood'")
	var drop trace.Event
	run(t, s, scenarios.Options{Sinks: []trace.Sink{sinkFunc(func(e *trace.Event) {
		if e.Kind == trace.EnvelopeDropped && e.Reason == trace.LinkIsDown && e.Destination == 3 && len(e.Path) == 3 && drop.Seq == 0 {
			drop = *e
		}
	})}})
	require.NotZero(t, drop.Seq, "a copy for n3 that was handed to the link when it was down")
	full, err := rerun.ExplainDrop(past(t, s), drop.Seq)
	require.NoError(t, err)
	text := told(full)
	assert.Contains(t, text, "lost at n2 → n3: the link is down")
	assert.Contains(t, text, `because of link_down "far", which began at 1s`)
	assert.Contains(t, text, "submits it, for n3")
	thin, err := rerun.ExplainDrop(ofTrace(t, record(t, s, scenarios.Options{}, trace.Filter{Level: trace.LevelSummary})), drop.Seq)
	require.NoError(t, err)
	assert.Equal(t, full, thin)
	envelope, err := rerun.ExplainEnvelope(past(t, s), drop.ID.String()[:13])
	require.NoError(t, err)
	assert.Contains(t, told(envelope), "dropped as link_down")

	_, err = rerun.ExplainDrop(past(t, s), 1)
	assert.EqualError(t, err, "event #1 is no drop: it is node_up")
	_, err = rerun.ExplainDrop(past(t, s), 1<<40)
	assert.ErrorContains(t, err, "there is no event")
	_, err = rerun.ExplainEnvelope(past(t, s), "")
	assert.ErrorContains(t, err, "begins the ids of")
	_, err = rerun.ExplainEnvelope(past(t, s), "xyz")
	assert.ErrorContains(t, err, "there is no envelope")
}

type sinkFunc func(*trace.Event)

func (f sinkFunc) Emit(e *trace.Event) { f(e) }

// The route is what nodes would do, and the account names what changed it.
func TestExplainRoute(t *testing.T) {
	p := past(t, load(t, cut))
	for at, want := range map[time.Duration]string{
		500 * time.Millisecond:  "over 3 links: n0 → n1 → n2 → n3",
		1500 * time.Millisecond: "it would not arrive: n0 has no way on that it could take",
		2500 * time.Millisecond: "over 3 links: n0 → n1 → n2 → n3",
	} {
		x, err := rerun.ExplainRoute(p, "n0", "n3", at)
		require.NoError(t, err)
		assert.Equal(t, want, x.Answer[0], "at %v", at)
	}
	stalled, err := scenarios.Load(nil, "stalled-link")
	require.NoError(t, err)
	held, err := rerun.ExplainRoute(past(t, stalled), "n0", "n3", 3*time.Second)
	require.NoError(t, err)
	assert.Equal(t, "it would not arrive: n1 → n2 is held", held.Answer[0])
	_, err = rerun.ExplainRoute(p, "n0", "n9", 0)
	assert.ErrorContains(t, err, `there is no node "n9"`)
	_, err = rerun.ExplainRoute(p, "n0", "n3", time.Hour)
	assert.ErrorContains(t, err, "is not within the run, which lasts 4s")
}

// A trace of another engine is taken at its word; a record that the run of now
// does not give is said to be one.
func TestForeignAndFalseRecords(t *testing.T) {
	s := load(t, cut)
	lines := record(t, s, scenarios.Options{}, everything)
	foreign := append([]string{strings.Replace(lines[0], `"engine":2`, `"engine":99`, 1)}, lines[1:]...)
	p := ofTrace(t, foreign)
	require.Len(t, p.Notes, 1)
	assert.Contains(t, p.Notes[0], "recorded by engine 99")
	var id string
	for _, l := range lines {
		if _, rest, found := strings.Cut(l, `"payload":{"id":"`); found {
			id = rest[:36]
			break
		}
	}
	x, err := rerun.ExplainEnvelope(p, id)
	require.NoError(t, err)
	own, err := rerun.ExplainEnvelope(past(t, s), id)
	require.NoError(t, err)
	assert.Equal(t, own.Accounts, x.Accounts)
	_, err = rerun.ExplainFailure(p)
	assert.Error(t, err)
	_, err = rerun.Inspect(p, time.Second, nil)
	assert.Error(t, err)

	lied := append([]string{strings.Replace(lines[0], `seed = 5`, `seed = 6`, 1)}, lines[1:]...)
	lied[0] = strings.Replace(lied[0], `"seed":5`, `"seed":6`, 1)
	p = ofTrace(t, lied)
	_, err = rerun.Inspect(p, time.Second, nil)
	require.NoError(t, err)
	require.Len(t, p.Notes, 1)
	assert.Contains(t, p.Notes[0], "this run is not the recorded one")
}

// What is seen at a time is what the events up to it leave.
func TestInspect(t *testing.T) {
	s := load(t, cut)
	at := 1500 * time.Millisecond
	m, err := rerun.Inspect(past(t, s), at, []string{"n2", "n0"})
	require.NoError(t, err)
	assert.Equal(t, []string{"far"}, m.Faults)
	require.Len(t, m.Nodes, 2)
	assert.Equal(t, "n2", m.Nodes[0].ID)
	assert.Equal(t, "link_down", m.Nodes[0].Links[1].Now)
	assert.Empty(t, m.Nodes[0].Routes[2].Next, "to n3")
	assert.Equal(t, []string{"n1"}, m.Nodes[0].Routes[0].Next, "to n0")
	var sent, events int64
	run(t, s, scenarios.Options{Sinks: []trace.Sink{sinkFunc(func(e *trace.Event) {
		if e.T <= clock.Time(at) {
			events++
			if e.Kind == trace.EnvelopeSent {
				sent++
			}
		}
	})}})
	assert.EqualValues(t, events, m.Events)
	assert.Equal(t, sent, m.Metrics.Traffic.Sent)
	_, err = rerun.Inspect(past(t, s), at, []string{"n7"})
	assert.ErrorContains(t, err, `there is no node "n7"`)
}
