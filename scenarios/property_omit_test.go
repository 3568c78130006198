package scenarios_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/trace"
)

// busyMesh is a lossy, jittery mesh of 50 nodes that each send so many messages.
func busyMesh(strategy string, each int64) *scenarios.Scenario {
	graph := rapid.Custom(func(t *rapid.T) *scenarios.Scenario {
		g := gen.Graph{Nodes: 50}
		for i := range 50 {
			g.Pairs = append(g.Pairs, [2]int{i, (i + 1) % 50})
		}
		for i := 0; i < 50; i += 5 {
			g.Pairs = append(g.Pairs, [2]int{i, (i*7 + 13) % 50})
		}
		return g.Scenario(t)
	})
	s := graph.Example(1)
	for i := range s.Links {
		jitter := scenarios.Uniform(5*time.Millisecond, 25*time.Millisecond)
		s.Links[i].Latency = &jitter
	}
	s.Link.Loss = 50_000_000
	s.Routing = scenarios.Routing{Strategy: strategy, MaxHops: 30}
	s.Duration = 40 * time.Second
	s.Traffic = []scenarios.Traffic{{Name: "t1", Kind: scenarios.Messages{}, Rate: 10 * scenarios.PerSecond, Count: each}}
	return s
}

// historiesOf runs a scenario, with or without one message, and tells what
// happened to each.
func historiesOf(t *testing.T, s *scenarios.Scenario, omit *scenarios.Message) map[message]uint64 {
	h := newHistories()
	o := scenarios.Options{Sinks: []trace.Sink{h}}
	if omit != nil {
		o.Omit = func(m scenarios.Message) bool { return m == *omit }
	}
	result := run(t, s, o)
	require.Positive(t, result.Metrics.Drops["loss"])
	require.Positive(t, result.Metrics.Traffic.Delivered)
	return h.of
}

// changed counts the messages that fare differently once n30 leaves out its 20th.
func changed(t *testing.T, s *scenarios.Scenario) (others, differ int) {
	m, err := s.Mesh()
	require.NoError(t, err)
	n30, _ := m.Lookup("n30")
	gone := message{trace.Flow{Name: "t1"}, n30, 19}
	before := historiesOf(t, s, nil)
	after := historiesOf(t, s, &scenarios.Message{Flow: "t1", Origin: "n30", N: 19})
	require.Contains(t, before, gone)
	require.NotContains(t, after, gone)
	require.Len(t, after, len(before)-1)
	for m, history := range after {
		if before[m] != history {
			differ++
		}
	}
	return len(after), differ
}

// Chance belongs to the message: one of 10 000 more or less changes no other. Of
// floods 2 000 do, since each of them is some 70 copies.
func TestOmittedMessageChangesNoOther(t *testing.T) {
	for strategy, each := range map[string]int64{"shortest_path": 200, "flood": 40} {
		for _, duplicate := range []scenarios.Ratio{0, 100_000_000} {
			t.Run(fmt.Sprintf("%s, duplicate %v", strategy, duplicate), func(t *testing.T) {
				s := busyMesh(strategy, each)
				s.Link.Duplicate = duplicate
				others, differ := changed(t, s)
				require.EqualValues(t, 50*each-1, others)
				require.Zero(t, differ, "messages that one message less changed")
			})
		}
	}
}

// Messages do meet in queues: there the same comparison finds those behind it.
// It is the proof that the comparison would see a leak.
func TestOmittedMessageFreesAQueue(t *testing.T) {
	s := busyMesh("shortest_path", 200)
	s.Link.Bandwidth = 50 * scenarios.KbitPerSecond
	_, differ := changed(t, s)
	require.Positive(t, differ, "messages behind the one left out")
}
