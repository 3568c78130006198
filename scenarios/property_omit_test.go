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

// So it is with everything else that chance does on a wire to one copy.
func TestOmittedMessageChangesNoImpairment(t *testing.T) {
	s := busyMesh("shortest_path", 100)
	impair(s)
	s.Link.Duplicate = 100_000_000
	for i := 0; i < len(s.Links); i += 10 {
		s.Links[i].MTU = new(int64(199))
	}
	_, differ := changed(t, s)
	require.Zero(t, differ, "messages that one message less changed")
}

func impair(s *scenarios.Scenario) { s.Link.Corrupt, s.Link.Reorder = 50_000_000, 200_000_000 }

// Messages do meet in queues, in chains that count packets, and where one may not
// overtake another: there the same comparison finds those behind the one left out,
// which proves that it would see a leak. Even then no draw of theirs changes.
func TestOmittedMessageIsFelt(t *testing.T) {
	for name, couple := range map[string]func(*scenarios.Scenario){
		"queue": func(s *scenarios.Scenario) { s.Link.Bandwidth = 100 * scenarios.KbitPerSecond },
		"burst loss": func(s *scenarios.Scenario) {
			s.Link.BurstLoss = scenarios.BurstLoss{P: 20_000_000, R: 250_000_000, Bad: 500_000_000}
		},
		"uplink":   func(s *scenarios.Scenario) { s.NodeDefaults.Uplink.Bandwidth = 200 * scenarios.KbitPerSecond },
		"downlink": func(s *scenarios.Scenario) { s.NodeDefaults.Downlink.Bandwidth = 200 * scenarios.KbitPerSecond },
		"fifo":     func(s *scenarios.Scenario) { s.Link.FIFO, s.Routing.Strategy = true, "flood" }, // many copies, so that some hold up others
	} {
		t.Run(name, func(t *testing.T) {
			s := busyMesh("shortest_path", 24)
			impair(s)
			s.Link.Loss = 10_000_000 // the one left out must not be lost at once
			couple(s)
			_, differ := changed(t, s)
			require.Positive(t, differ, "messages behind the one left out")
			for _, m := range sameDraws(t, s) {
				require.Positive(t, m)
			}
		})
	}
}

// drawn is what chance did to one copy on one link.
type drawn struct {
	lost, corrupt, otherwise bool // as which it was dropped
	travelled                time.Duration
}

// drawsOf runs a scenario and tells, by message, path and copy number, what chance did.
func drawsOf(t *testing.T, s *scenarios.Scenario, omit bool) map[string]drawn {
	r := &recorder{kinds: []trace.Kind{trace.EnvelopeTransmitted, trace.EnvelopeDropped}}
	o := scenarios.Options{Sinks: []trace.Sink{r}}
	if omit {
		o.Omit = func(m scenarios.Message) bool { return m.Origin == "n30" && m.N == 19 }
	}
	run(t, s, o)
	of := map[string]drawn{}
	for _, e := range r.events {
		key := fmt.Sprint(e.Origin, e.N, e.Path, e.Copy)
		d, taken := of[key]
		switch {
		case e.Kind == trace.EnvelopeTransmitted:
			d.travelled = e.Arrive.Sub(e.Start)
		case !taken || e.Layer != trace.Wire:
			continue
		default:
			d.lost, d.corrupt = e.Reason == trace.Loss, e.Reason == trace.Corrupt
			d.otherwise = !d.lost && !d.corrupt
		}
		of[key] = d
	}
	return of
}

// sameDraws requires of each copy that both runs have that chance did the same to it,
// with and without one message, and returns how many were lost and corrupted.
func sameDraws(t *testing.T, s *scenarios.Scenario) [2]int {
	with, without := drawsOf(t, s, false), drawsOf(t, s, true)
	counts := [2]int{}
	for key, b := range without {
		a, both := with[key]
		if !both {
			continue
		}
		same := a.lost == b.lost && (s.Link.FIFO || a.travelled == b.travelled) && (a.otherwise || b.otherwise || a.corrupt == b.corrupt)
		if !same {
			t.Fatalf("%s: %v with the message, %v without", key, a, b)
		}
		if a.lost {
			counts[0]++
		}
		if a.corrupt {
			counts[1]++
		}
	}
	return counts
}
