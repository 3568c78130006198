package campaign

import (
	"fmt"
	"slices"
	"time"

	"meshsim/scenarios"
)

// remembered runs the records of the scenario alone, over clean wires, with one node
// cut off until all are pushed: within a minute it has caught up on them, chunk by
// chunk, and every node has every record.
func remembered(c *Case) string {
	links, both := c.neighbours()
	n := len(links)
	if len(c.Mesh.Contacts) > 0 || !both || c.sybils() || n < 2 || n > 20 || slices.Contains(distances(links, 0), -1) {
		return ""
	}
	s := c.Scenario.Clone()
	s.Traffic = slices.DeleteFunc(s.Traffic, func(t scenarios.Traffic) bool {
		_, is := t.Kind.(scenarios.Reflections)
		return !is
	})
	if len(s.Traffic) == 0 {
		return ""
	}
	over := s.Duration
	for i := range s.Traffic {
		t := &s.Traffic[i]
		t.Stop, t.Size = min(max(t.Stop, 0), over), scenarios.Bytes(10)
		if t.Stop == 0 {
			t.Stop = over
		}
	}
	clean(s)
	forwardOnly(s)
	evenLatencies(s)
	s.Expects, s.Registry, s.Measure = nil, everyone, scenarios.Measure{}
	s.Routing.Strategy, s.Routing.File, s.Routing.MaxHops, s.Routing.Fanout, s.Routing.SeenMax = "shortest_path", "", 255, 0, 65536
	s.Memory = &scenarios.Memory{Sync: time.Second, ChunkSize: 3, Limit: 65536}
	s.Faults = []scenarios.Fault{{Name: "late", Until: over, Kind: scenarios.Isolate{Nodes: scenarios.NodeList{c.Mesh.Nodes[n/2].ID}}}}
	s.Duration = over + time.Minute
	m := c.run(s, scenarios.Options{}).Metrics.Memory
	if m.Records > 0 && m.Completeness != 1 {
		return fmt.Sprintf("a minute after the last record was pushed, over clean wires, a node holds %.4f of %d records on average, expected: 1", m.Completeness, m.Records)
	}
	return ""
}
