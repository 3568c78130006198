package scenarios_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/sim"
	"meshsim/trace"
)

// sharing draws a mesh whose nodes share records while copies are lost, come twice and
// overtake each other, nodes crash, with or without their memory, and some come late.
// All that is over at 2 s. After that, whoever has a record asks each other node
// within n − 1 questions, and so does from then on who thereby hears that there are
// any; each question comes after a sync interval and its tenth at most, and takes as
// long as catching up with all. So, n nodes being in reach of each other, at the end
//
//	2 s + 2 n × (1.1 × sync_interval + (records / chunk_size + 1) × 2 × way there)
//
// all have all, where the way there is at most n − 1 links of 3 ms; and what is under
// way at 2 s takes up to 100 ms a link.
func sharing(t *rapid.T) *scenarios.Scenario {
	const over = 2 * time.Second
	g := gen.Connected(50).Draw(t, "graph")
	s := g.Scenario(t)
	s.Seed = sim.Seed(rapid.Uint64Range(0, 1000).Draw(t, "seed"))
	s.Routing.Strategy = rapid.SampledFrom([]string{"shortest_path", "shortest_path", "flood"}).Draw(t, "strategy")
	if g.Nodes > 15 {
		s.Routing.Strategy = "shortest_path" // questions that flood are many
	}
	quick := scenarios.Uniform(time.Millisecond, 3*time.Millisecond)
	for i := range s.Links {
		s.Links[i].Latency = &quick
	}
	s.NodeDefaults.Start = scenarios.StartTime{Max: over, Uniform: rapid.Bool().Draw(t, "late")}
	if !s.NodeDefaults.Start.Uniform {
		s.NodeDefaults.Start.Max = 0
	}
	s.Memory = &scenarios.Memory{
		Sync: 500 * time.Millisecond, ChunkSize: rapid.Int64Range(1, 6).Draw(t, "chunk"),
	}
	sources := int64(min(g.Nodes, 4))
	s.Traffic = []scenarios.Traffic{{
		Name: "thoughts", Kind: scenarios.Reflections{}, From: scenarios.NodeSet{Random: sources}, Arrivals: "poisson",
		Interval: 200 * time.Millisecond, Stop: over, Count: 6, Size: scenarios.Bytes(rapid.Int64Range(0, 300).Draw(t, "size")),
	}}
	var links scenarios.LinkSet
	for _, pair := range g.Pairs {
		links = append(links, gen.ID(pair[0])+"-"+gen.ID(pair[1]))
	}
	slow := scenarios.Uniform(time.Millisecond, 100*time.Millisecond)
	s.Faults = []scenarios.Fault{{
		Name: "storm", Until: over, Kind: scenarios.LinkChange{Links: links, Set: scenarios.LinkValues{
			Latency: &slow, Loss: new(rapid.SampledFrom([]scenarios.Ratio{0, 300_000_000, 1_000_000_000}).Draw(t, "loss")),
			Duplicate: new(rapid.SampledFrom([]scenarios.Ratio{0, 300_000_000}).Draw(t, "duplicate")),
		}},
	}}
	for i := range rapid.IntRange(0, 4).Draw(t, "crashes") {
		at := time.Duration(rapid.Int64Range(0, 1800).Draw(t, "at")) * time.Millisecond
		s.Faults = append(s.Faults, scenarios.Fault{
			Name: fmt.Sprintf("crash %d", i), At: at, Until: at + time.Duration(rapid.Int64Range(1, 199).Draw(t, "for"))*time.Millisecond,
			Kind: scenarios.NodeCrash{Nodes: scenarios.NodeList{scenarios.Drawn(1)}, Lose: rapid.SampledFrom([]string{"nothing", "state"}).Draw(t, "lose")},
		})
	}
	n, records := time.Duration(g.Nodes), time.Duration(6*sources)
	s.Duration = over + 2*n*(550*time.Millisecond+(records/time.Duration(s.Memory.ChunkSize)+1)*2*(n-1)*3*time.Millisecond) + n*100*time.Millisecond
	return s
}

// Every node ends with every record that anybody still had when the faults ended, and
// takes each exactly once, unless a crash took it away.
func TestAllEndWithAllRecordsOnce(t *testing.T) {
	var drawn sizes
	caughtUp, lost := 0, 0
	gen.Check(t, sharing, func(t *rapid.T, s *scenarios.Scenario) {
		n := int(s.Topology.Kind.(scenarios.OwnLinks).Nodes)
		drawn.add(n)
		events, result := record(t, s, trace.NodeUp, trace.EnvelopeSent, trace.MemoryUpdated)
		twin := newNaiveMemory(n)
		for i := range events {
			twin.tell(t, &events[i])
		}
		twin.check(t)
		m := result.Metrics.Memory
		require.EqualValues(t, twin.pushed, m.Records, "what is pushed is made")
		if len(twin.missing()) == 0 && m.Records > 0 { // else who comes late never catches up
			require.EqualValues(t, 1, m.Completeness)
			require.Zero(t, m.Behind)
		}
		caughtUp += twin.bySync
		lost += len(twin.missing())
	})
	t.Logf("%d records were caught up on, %d were lost for good in crashes", caughtUp, lost)
	assert.Greater(t, caughtUp, 1000)
	drawn.check(t)
}

// naiveMemory is who has what, as sets.
type naiveMemory struct {
	has    []map[string]bool
	made   map[string]bool
	pushed int
	bySync int
	author map[string]sim.NodeID
}

func newNaiveMemory(n int) *naiveMemory {
	m := &naiveMemory{made: map[string]bool{}, author: map[string]sim.NodeID{}}
	for range n {
		m.has = append(m.has, map[string]bool{})
	}
	return m
}

func (m *naiveMemory) tell(t *rapid.T, e *trace.Event) {
	switch e.Kind {
	case trace.NodeUp:
		if e.Lose >= trace.LoseState {
			clear(m.has[e.Node])
		}
	case trace.EnvelopeSent:
		if e.Type == "PUSH_REFLECTION" {
			m.pushed++
		}
	case trace.MemoryUpdated:
		require.False(t, m.has[e.Node][e.Record], "node %d has %s already", e.Node, e.Record)
		m.has[e.Node][e.Record] = true
		if e.Peer == sim.NoNode {
			require.False(t, m.made[e.Record])
			m.made[e.Record], m.author[e.Record] = true, e.Node
			return
		}
		require.True(t, m.made[e.Record], "nobody made it")
		if e.Peer != m.author[e.Record] {
			m.bySync++
		}
	}
}

// check asks whether all have what any has.
func (m *naiveMemory) check(t *rapid.T) {
	for record := range m.made {
		for node := range m.has {
			require.Equal(t, m.has[0][record], m.has[node][record], "record %s at nodes 0 and %d", record, node)
		}
	}
}

// missing are the records that nobody has any more.
func (m *naiveMemory) missing() (all []string) {
	for record := range m.made {
		if !m.has[0][record] {
			all = append(all, record)
		}
	}
	return all
}
