package campaign

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// The same seeds come to the same, whatever the number of workers.
func TestCampaignIsTheSameForAnyWorkers(t *testing.T) {
	var reports []*Report
	for _, workers := range []int{1, 3} {
		var last Progress
		r, err := (&Campaign{Seed: 40, Runs: 12, Workers: workers, Progress: func(p Progress) { last = p }}).Run()
		require.NoError(t, err)
		assert.Equal(t, 12, last.Finished)
		r.PerSecond = 0
		reports = append(reports, r)
	}
	assert.Equal(t, reports[0], reports[1])
	assert.Zero(t, reports[0].Failed)
	assert.False(t, reports[0].Gaps(), "too few to tell")
}

const sad = `version = 1
name = "sad"
seed = 3
duration = "2s"
[topology]
kind = "ring"
nodes = 5
[link]
loss = "3%"
[[traffic]]
rate = "2/s"
[[expect]]
name = "nothing is lost"
at_end = "drops.loss == 0"
`

// Failures of one signature are one entry and one file, which fails alone.
func TestFailuresAreMerged(t *testing.T) {
	s, err := scenarios.LoadBytes([]byte(sad), "sad.toml")
	require.NoError(t, err)
	c := &Campaign{Scenario: s, Seed: s.Seed, Runs: 8, Attempts: 40}
	r, err := c.Run()
	require.NoError(t, err)
	require.Len(t, r.Signatures, 1)
	f := r.Signatures[0]
	assert.Equal(t, Signature("expectation nothing is lost"), f.Signature)
	assert.Equal(t, r.Failed, f.Count)
	assert.Greater(t, f.Count, 1)
	assert.Len(t, f.Seeds, f.Count)
	require.NoError(t, c.Save(r, t.TempDir()))
	small, err := scenarios.Load(nil, r.Signatures[0].File)
	require.NoError(t, err)
	assert.Equal(t, string(f.Signature), small.Record.Failure)
	got, err := small.Run(scenarios.Options{})
	require.NoError(t, err)
	assert.Equal(t, f.Signature, SignatureOf(got, nil))
	assert.Equal(t, small.Record.Digest, got.Digest)
}

// A campaign ends when it is told to, and keeps what is finished.
func TestCampaignStops(t *testing.T) {
	var finished atomic.Int64
	c := &Campaign{Seed: 1, Workers: 2, Progress: func(p Progress) { finished.Store(int64(p.Finished)) }}
	c.Stop = func() bool { return finished.Load() >= 3 }
	r, err := c.Run()
	require.NoError(t, err)
	assert.True(t, r.Interrupted)
	assert.GreaterOrEqual(t, r.Runs, 3)
	r, err = (&Campaign{Seed: 1, Time: time.Nanosecond}).Run()
	require.NoError(t, err)
	assert.Zero(t, r.Runs)
	r, err = (&Campaign{Seed: sim.MaxSeed, Runs: 5}).Run()
	require.NoError(t, err)
	assert.Equal(t, 1, r.Runs, "there are no further seeds")
}

// What is to end at the first failure ends soon after it, and tells of the same one for
// any number of workers.
func TestCampaignFailsFast(t *testing.T) {
	s, err := scenarios.LoadBytes([]byte(sad), "sad.toml")
	require.NoError(t, err)
	whole, err := (&Campaign{Scenario: s, Seed: 3, Runs: 8}).Run()
	require.NoError(t, err)
	for _, workers := range []int{1, 3} {
		r, err := (&Campaign{Scenario: s, Seed: 3, Runs: 1000, Workers: workers, FailFast: true}).Run()
		require.NoError(t, err)
		assert.Equal(t, whole.Signatures[0].Seeds[0], r.Signatures[0].Seeds[0])
		assert.Less(t, r.Runs, 10)
	}
}

func TestRunsElsewhere(t *testing.T) {
	asked := 0
	c := &Campaign{Seed: 50, Runs: 1, Elsewhere: func(s *scenarios.Scenario) (string, error) {
		asked++
		return "another", nil
	}}
	r, err := c.Run()
	require.NoError(t, err)
	assert.Equal(t, 1, asked)
	require.Len(t, r.Signatures, 1)
	assert.Equal(t, Signature("oracle new_process"), r.Signatures[0].Signature)
	c.Elsewhere = func(*scenarios.Scenario) (string, error) { return "", errors.New("no program") }
	_, err = c.Run()
	assert.EqualError(t, err, "no program")
}

// What was never seen, and what is seen though it can't be, is told.
func TestCoverage(t *testing.T) {
	all := claimed()
	for _, what := range []string{"event/node_down", "drop/burst_loss", "drop/blocked", "effect/hold", "scenario/topology.kind=torus", "scenario/routing.strategy=static", "scenario/latency=pareto", "scenario/link.mtu"} {
		assert.Contains(t, all, what)
	}
	assert.NotContains(t, all, "drop/loop")
	var c Coverage
	c.add([]string{"event/node_up", "drop/loop"})
	c.add([]string{"event/node_up"})
	c.close([]string{"event/node_up", "event/link_up"})
	assert.Equal(t, Coverage{map[string]int{"event/node_up": 2, "drop/loop": 1}, []string{"event/link_up"}, []string{"drop/loop"}}, c)
	assert.True(t, (&Report{Runs: EnoughRuns, Coverage: c}).Gaps())
	assert.False(t, (&Report{Runs: EnoughRuns - 1, Coverage: c}).Gaps())
}

// mesh of three nodes in a row, with a fault of each kind that stops something.
const row = `version = 1
duration = "1s"
[topology]
kind = "line"
nodes = 3
[link]
latency = "10ms"
bandwidth = "100kbit/s"
[routing]
strategy = "flood"
[[traffic]]
from = "n0"
to = "n2"
arrivals = "periodic"
interval = "100ms"
[[fault]]
kind = "crash"
nodes = ["n1"]
at = "250ms"
until = "450ms"
[[fault]]
kind = "pause"
nodes = ["n2"]
at = "500ms"
until = "550ms"
[[fault]]
kind = "partition"
groups = [["n0"], ["*"]]
at = "600ms"
until = "650ms"
[[fault]]
kind = "link_down"
links = ["n1->n2"]
at = "800ms"
until = "850ms"
`

func ranCase(t *testing.T, text string) *Case {
	t.Helper()
	s, err := scenarios.LoadBytes([]byte(text), "case.toml")
	require.NoError(t, err)
	c, found, finished := examine(s, Oracles(), nil, true)
	require.True(t, finished)
	require.Empty(t, found.signature, found.detail)
	return c
}

// Oracles that read events see each event that can't be.
func TestOraclesSeeDoctoredEvents(t *testing.T) {
	oracle := map[string]func(*Case) string{"outages": outages, "wires": wires, "refusals": refusals, "order": order}
	at := func(ms int) clock.Time { return clock.Time(ms) * clock.Time(time.Millisecond) }
	find := func(c *Case, kind trace.Kind, after clock.Time) *trace.Event {
		for i := range c.Events {
			if e := &c.Events[i]; e.Kind == kind && e.T >= after {
				return e
			}
		}
		t.Fatal("no such event")
		return nil
	}
	for name, doctor := range map[string]struct {
		by, says string
		change   func(c *Case)
	}{
		"a node that is down sends":        {"outages", "n1 is down", func(c *Case) { e := find(c, trace.EnvelopeForwarded, 0); e.T = at(300) }},
		"a node that stands still accepts": {"outages", "n2 stands still", func(c *Case) { e := find(c, trace.EnvelopeDelivered, 0); e.T = at(520) }},
		"a cut link takes a copy":          {"outages", "takes a copy while it is down or cut", func(c *Case) { e := find(c, trace.EnvelopeTransmitted, 0); e.T = at(620) }},
		"a copy crosses a link that is down": {"outages", "lets a copy arrive while", func(c *Case) {
			find(c, trace.EnvelopeTransmitted, at(701)).Arrive, find(c, trace.EnvelopeDelivered, at(701)).T = at(820), at(820)
		}},
		"a copy is early":             {"outages", "is handled before", func(c *Case) { e := find(c, trace.EnvelopeDelivered, 0); e.T-- }},
		"a copy is late":              {"outages", "is handled later", func(c *Case) { e := find(c, trace.EnvelopeDelivered, 0); e.T++ }},
		"a link cuts without a fault": {"refusals", "neither down nor cut", func(c *Case) { find(c, trace.EnvelopeDropped, at(600)).T = at(700) }},
		"a node refuses what it does not know": {"refusals", "as a duplicate", func(c *Case) {
			e := find(c, trace.EnvelopeDelivered, 0)
			e.Kind, e.Reason, e.Layer = trace.EnvelopeDropped, trace.Duplicate, trace.Node
		}},
		"a node knows what it should have forgotten": {"refusals", "as a duplicate", func(c *Case) {
			e := *find(c, trace.EnvelopeForwarded, 0)
			e.Kind, e.Reason, e.Layer = trace.EnvelopeDropped, trace.Duplicate, trace.Node
			find(c, trace.NodeUp, at(1)).Lose = trace.LoseState
			c.Events = append(c.Events, e)
		}},
		"a copy leaves before an earlier one": {"order", "was handed over later", func(c *Case) {
			first := find(c, trace.EnvelopeTransmitted, 0)
			find(c, trace.EnvelopeTransmitted, at(90)).Cause = first.Cause - 1
		}},
		"a transmitter begins early": {"wires", "begins to send", func(c *Case) { e := find(c, trace.EnvelopeTransmitted, at(701)); e.Start -= 5 }},
		"a wire is slow":             {"wires", "arrives at", func(c *Case) { e := find(c, trace.EnvelopeTransmitted, at(701)); e.Arrive++ }},
		"a copy is lost for no reason": {"wires", `ends by "loss", expected: ""`, func(c *Case) {
			e := *find(c, trace.EnvelopeTransmitted, 0)
			e.Kind, e.Reason, e.Layer, e.Cause = trace.EnvelopeDropped, trace.Loss, trace.Wire, e.Seq
			c.Events = append(c.Events, e)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c := ranCase(t, row)
			require.Empty(t, oracle[doctor.by](c))
			doctor.change(c)
			assert.Contains(t, oracle[doctor.by](c), doctor.says)
			assert.Equal(t, c.Scenario, c.evidence.scenario)
			assert.Positive(t, c.evidence.seq)
		})
	}
}

// Oracles know messages of routing protocols too.
func TestOraclesSeeDoctoredControl(t *testing.T) {
	for _, strategy := range []string{"link_state", "distance_vector"} {
		learnt := strings.Replace(row, `"flood"`, `"`+strategy+`"
hello_interval = "30ms"
advertise_interval = "100ms"`, 1)
		control := func(c *Case, kind trace.Kind) *trace.Event {
			i := slices.IndexFunc(c.Events, func(e trace.Event) bool { return e.Kind == kind && e.Control && e.Copy == 0 })
			require.Positive(t, i)
			return &c.Events[i]
		}
		c := ranCase(t, learnt)
		e := *control(c, trace.EnvelopeTransmitted)
		e.Kind, e.Reason, e.Layer, e.Cause = trace.EnvelopeDropped, trace.Loss, trace.Wire, e.Seq
		c.Events = append(c.Events, e)
		assert.Contains(t, wires(c), `ends by "loss", expected: ""`)

		c = ranCase(t, learnt)
		control(c, trace.EnvelopeDelivered).T++
		assert.Contains(t, outages(c), "is handled later")

		c = ranCase(t, learnt)
		c.Mesh.Links = c.Mesh.Links[:2] // n0 – n1 alone
		assert.Contains(t, healed(c), "n2 is true, expected: false")

		c = ranCase(t, learnt)
		c.Mesh.Links = slices.DeleteFunc(c.Mesh.Links, func(l scenarios.MeshLink) bool { return l.From == 2 }) // n1 → n2 leads one way
		assert.Contains(t, healed(c), "n2 is true, expected: false")
	}
}

// Oracles that compare runs see a run that is another.
func TestOraclesSeeOtherRuns(t *testing.T) {
	c := ranCase(t, row)
	c.Result.Digest = "x"
	assert.Contains(t, sameSeed(c), "digest x, and then ")
	assert.Contains(t, writtenOut(c), "digest x, and ")

	c = ranCase(t, row)
	e := c.Events[len(c.Events)-1]
	e.Node, e.T, e.Kind = 2, 1, trace.NodeUp // before anything sent could have reached n2
	c.Events = append(c.Events, e)
	assert.Contains(t, lightCone(c), "n2 differs")
	first := slices.IndexFunc(c.Events, func(e trace.Event) bool { return e.Kind == trace.EnvelopeSent })
	assert.Contains(t, c.without(&c.Events[first]), "n2 differs, which it could reach at")

	c = ranCase(t, row)
	c.Scenario.Faults = c.Scenario.Faults[:1] // the crash, which begins at 250 ms
	c.Events[3].T++
	assert.Contains(t, lightCone(c), "differs before: ")

	c = ranCase(t, row)
	c.Mesh.Links = c.Mesh.Links[:2] // n0 – n1 alone: the flood does more
	assert.Contains(t, cleanFlood(c), "expected: ")
	assert.Nil(t, c.evidence.scenario, "no copy goes back")
	assert.Contains(t, healed(c), "n2 is true, expected: false; the end of it: envelope_delivered")
	assert.NotEqual(t, c.Scenario, c.evidence.scenario, "it is of another run")
}

// What a failure file lists of a fault beyond the run is no part of its healed twin.
func TestHealedTwinOfListedOutages(t *testing.T) {
	c := ranCase(t, row)
	c.Scenario = must(scenarios.LoadBytes([]byte(row+`
[[fault]]
kind = "flap"
links = ["n0-n1"]
at = "900ms"
outages = [{ link = "n0-n1", at = "950ms", until = "1.2s" }, { link = "n0-n1", at = "1.5s", until = "1.6s" }]
[[fault]]
kind = "churn"
nodes = ["n1"]
at = "900ms"
outages = [{ node = "n1", at = "910ms" }, { node = "n1", at = "1s", until = "2s" }]
`), "listed.toml"))
	twin, _ := c.healedTwin()
	assert.Equal(t, []scenarios.LinkOutage{{Link: "n0-n1", At: 950 * time.Millisecond, Until: time.Second}}, twin.Faults[4].Kind.(scenarios.Flap).Outages)
	assert.Equal(t, []scenarios.NodeOutage{{Node: "n1", At: 910 * time.Millisecond}}, twin.Faults[5].Kind.(scenarios.Churn).Outages)
	assert.Empty(t, healed(c))
}

// deaf is a ring in which n2 comes back with a key that nobody knows. What n1 then says
// of its routes over n2 is lost: it is cut off just then, not for so long that n0 would
// give it up.
const deaf = `version = 1
duration = "1s"
[topology]
kind = "ring"
nodes = 7
[routing]
strategy = "distance_vector"
hello_interval = "100ms"
advertise_interval = "2s"
[[fault]]
kind = "crash"
nodes = ["n2"]
lose = "identity"
at = "300ms"
until = "350ms"
[[fault]]
kind = "partition"
groups = [["n1"], ["*"]]
at = "530ms"
until = "740ms"
`

// Where a lost retraction leaves a route that leads nowhere, nodes are given the time
// until it is forgotten: no oracle objects.
func TestHealedWaitsForLostRetractions(t *testing.T) {
	c := ranCase(t, deaf)
	twin, _ := c.healedTwin()
	var changed []clock.Time // at which n0 knew another way to n3
	c.run(twin, scenarios.Options{Sinks: []trace.Sink{sinkFunc(func(e *trace.Event) {
		if e.Kind == trace.RouteChanged && e.Node == 0 && e.Destination == 3 {
			changed = append(changed, e.T)
		}
	})}})
	outlived := clock.Time(3 * c.Scenario.Routing.Advertise)
	assert.Greater(t, slices.Max(changed), outlived, "its route over n1 outlived the retraction")
}

type sinkFunc func(*trace.Event)

func (f sinkFunc) Emit(e *trace.Event) { f(e) }

// A crash of a node is a failure with a signature that does not tell its numbers.
func TestCrashesHaveOneSignature(t *testing.T) {
	for _, cause := range []string{"node n3 ends a copy of envelope 4a02d1fc-1ac6-43f7-94ca-1e246bd900e2\nx", "node n12 ends a copy of envelope 00000000-1ac6-43f7-94ca-1e246bd900e2"} {
		assert.Equal(t, Signature("crash: node n# ends a copy of envelope #"), crashed(cause))
	}
}

// Where a record names an oracle, it is asked about the scenario's seeds too.
func TestOraclesOfARecord(t *testing.T) {
	s, err := scenarios.LoadBytes([]byte(row), "row.toml")
	require.NoError(t, err)
	names := func() (all []string) {
		for _, o := range (&Campaign{Scenario: s}).oracles() {
			all = append(all, o.Name)
		}
		return all
	}
	assert.NotContains(t, names(), "healed")
	s.Record = &scenarios.Record{Failure: "oracle healed"}
	assert.Contains(t, names(), "healed")
	assert.NotContains(t, names(), "clean_flood")
}
