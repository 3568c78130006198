package scenarios_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/trace"
)

// pair is a link a–b of 10 ms, over which a writes to b every 100 ms from 0 on.
func pair(count int64) *scenarios.Scenario {
	return &scenarios.Scenario{
		Name: "pair", Duration: 2 * time.Second,
		Topology: scenarios.Topology{Kind: scenarios.OwnLinks{}},
		Link:     scenarios.Link{Latency: scenarios.Constant(10 * time.Millisecond)},
		Links:    []scenarios.Links{{Between: []string{"a", "b"}}},
		Traffic:  []scenarios.Traffic{messages("t1", []string{"a"}, []string{"b"}, 0, 100*time.Millisecond, 100, count)},
	}
}

func ms(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func cut(name string, at, until int64, kind scenarios.FaultKind) scenarios.Fault {
	return scenarios.Fault{Name: name, Kind: kind, At: ms(at), Until: ms(until)}
}

// Cut off from everyone, everything is lost, at the first link and for that
// reason alone.
func TestPartitionOfAllFromAll(t *testing.T) {
	gen.Check(t, func(t *rapid.T) *scenarios.Scenario {
		s := gen.Troubled(t)
		groups := [][]string{}
		for i := range s.Topology.Kind.(scenarios.OwnLinks).Nodes {
			groups = append(groups, []string{gen.ID(int(i))})
		}
		s.Faults = []scenarios.Fault{{Name: "alone", Kind: scenarios.Partition{Groups: groups}}}
		s.Registry, s.Routing.Strategy = scenarios.Registry{}, "flood"
		return s
	}, func(t *rapid.T, s *scenarios.Scenario) {
		result := run(t, s, scenarios.Options{})
		require.Zero(t, result.Metrics.Traffic.Delivered+result.Metrics.Links.Transmissions)
		require.Equal(t, result.Metrics.Copies.Created, result.Metrics.Drops["partition"])
		require.Equal(t, result.Metrics.Copies.Created, result.Faults[0].Effect.Envelopes)
	})
}

func TestOneWayPartition(t *testing.T) {
	s := pair(5)
	s.Traffic = append(s.Traffic, messages("back", []string{"b"}, []string{"a"}, 0, ms(100), 100, 5))
	s.Faults = []scenarios.Fault{{Name: "cut", Kind: scenarios.Partition{Groups: [][]string{{"a"}, {"b"}}, OneWay: true}}}
	delivered, result := record(t, s, trace.EnvelopeDelivered)
	assert.EqualValues(t, 5, result.Metrics.Drops["partition"])
	require.Len(t, delivered, 5)
	for _, e := range delivered {
		assert.Equal(t, "back", e.Flow.Name)
	}
}

// A link that two faults hold is back when both have ended; what is lost is
// blamed on the one that began first.
func TestOverlappingFaults(t *testing.T) {
	s := pair(10)
	link := scenarios.LinkDown{Links: scenarios.LinkSet{"a<->b"}}
	s.Faults = []scenarios.Fault{cut("first", 150, 450, link), cut("second", 350, 750, link)}
	events, result := record(t, s, trace.EnvelopeDropped)
	assert.EqualValues(t, 4, result.Metrics.Traffic.Delivered)
	for i, e := range events {
		assert.EqualValues(t, 2+i, e.N)
		assert.Equal(t, trace.NoRoute, e.Reason, "routing knows")
	}
	assert.Len(t, events, 6)

	s.Routing.Strategy = "direct" // it does not know
	events, result = record(t, s, trace.EnvelopeDropped, trace.FaultBegin)
	first, second := events[0].Seq, events[3].Seq
	for i, e := range slices.DeleteFunc(events, func(e trace.Event) bool { return e.Kind == trace.FaultBegin }) {
		blamed := first
		if e.N >= 5 {
			blamed = second
		}
		assert.EqualValues(t, 2+i, e.N)
		assert.Equal(t, trace.LinkIsDown, e.Reason)
		assert.Equal(t, []uint64{blamed}, e.Because, "message %d", e.N)
	}
	assert.EqualValues(t, 3, result.Faults[0].Effect.Envelopes)
	assert.EqualValues(t, 3, result.Faults[1].Effect.Envelopes)
}

// What is on the wire when the link goes down is lost with it.
func TestLinkGoesDownUnderACopy(t *testing.T) {
	s := pair(1)
	s.Faults = []scenarios.Fault{cut("blink", 5, 6, scenarios.LinkDown{Links: scenarios.LinkSet{"a->b"}})}
	assert.EqualValues(t, 1, run(t, s, scenarios.Options{}).Metrics.Traffic.Delivered, "it is up again when the copy arrives")
	s.Faults[0].Until = ms(11)
	assert.EqualValues(t, 1, run(t, s, scenarios.Options{}).Metrics.Drops["link_down"])
}

// A fault that never comes to act changes nothing, nor does leaving out all faults
// of a run in which none ends before it.
func TestFaultAfterTheEndChangesNothing(t *testing.T) {
	gen.Check(t, gen.Troubled, func(t *rapid.T, s *scenarios.Scenario) {
		late := *s
		late.Faults = append(slices.Clone(s.Faults), scenarios.Fault{
			Name: "late", At: s.Duration + 1, Kind: scenarios.Partition{Groups: [][]string{{"n0"}, {"*"}}},
		})
		result := run(t, &late, scenarios.Options{})
		require.Equal(t, run(t, s, scenarios.Options{}).Digest, result.Digest)
		require.True(t, result.Faults[len(s.Faults)].Vacuous)
		none := *s
		none.Faults = nil
		require.Equal(t, run(t, &none, scenarios.Options{}).Digest, run(t, &late, scenarios.Options{WithoutFaults: true}).Digest)
	})
}

// A wire's second copy is told and counted, and its message delivered once.
func TestDuplicatesAreDeliveredOnce(t *testing.T) {
	s := pair(10)
	s.Link.Duplicate = 1_000_000_000
	result := run(t, s, scenarios.Options{})
	assert.EqualValues(t, 20, result.Metrics.Copies.Created)
	assert.EqualValues(t, 10, result.Metrics.Copies.Delivered)
	assert.EqualValues(t, 10, result.Metrics.Traffic.Delivered)
	assert.EqualValues(t, 10, result.Metrics.Traffic.Duplicates)
	assert.EqualValues(t, 10, result.Metrics.Links.Transmissions)

	s.Link.Loss = 1_000_000_000
	result = run(t, s, scenarios.Options{})
	assert.EqualValues(t, 20, result.Metrics.Copies.Created, "a lost copy is duplicated too")
	assert.EqualValues(t, 20, result.Metrics.Drops["loss"], "and its duplicate lost by itself")
}
