package campaign

import (
	"fmt"
	"slices"
	"time"

	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// cleanFlood floods one broadcast over the same mesh without faults: every node acts
// on the first copy and sends to all neighbours but the one that it came from, so
// that each link carries it once each way, but for the n − 1 links of the first
// copies, whatever the latencies.
func cleanFlood(c *Case) string {
	links, both := c.neighbours()
	if len(c.Mesh.Contacts) > 0 || !both || c.sybils() {
		return ""
	}
	source := int(c.Scenario.Seed.Stream("swarm/flood").Draw(sim.Key{}, 0) % uint64(len(links)))
	reach := distances(links, source)
	nodes, directed := 0, 0
	for i, d := range reach {
		if d >= 0 {
			nodes++
			directed += len(links[i])
		}
	}
	if nodes < 2 {
		return ""
	}
	s := c.Scenario.Clone()
	clean(s)
	forwardOnly(s)
	s.Link.Duplicate, s.Faults, s.Expects, s.Measure, s.Registry, s.Memory = 0, nil, nil, scenarios.Measure{}, everyone, nil
	for i := range s.Links {
		s.Links[i].Duplicate = nil
	}
	s.Duration = quiet
	s.Routing.Strategy, s.Routing.File, s.Routing.MaxHops, s.Routing.Fanout, s.Routing.SeenMax = "flood", "", 255, 0, 65536
	s.Traffic = []scenarios.Traffic{{Name: "flood", Kind: scenarios.Messages{Type: "MESSAGE"}, Size: scenarios.Bytes(200), From: scenarios.NodeSet{IDs: []string{c.Mesh.Nodes[source].ID}},
		To: scenarios.Target{How: scenarios.ToAll}, Arrivals: "periodic", Interval: time.Second, Count: 1}}
	back := &backtracks{}
	m := c.run(s, scenarios.Options{Sinks: []trace.Sink{back}}).Metrics
	want := int64(directed - nodes + 1)
	if m.Links.Transmissions != want || m.Traffic.Duplicates != want-int64(nodes-1) || m.Copies.Delivered != int64(nodes-1) {
		told := fmt.Sprintf("a flood from %s, which reaches %d nodes over %d links, sent %d copies, of which %d were delivered and %d were duplicates; expected: %d, %d and %d",
			c.Mesh.Nodes[source].ID, nodes, directed/2, m.Links.Transmissions, m.Copies.Delivered, m.Traffic.Duplicates, want, nodes-1, want-int64(nodes-1))
		if back.first != nil {
			c.shows(s, back.first)
			told += "; it sends back: " + c.words(back.first)
		}
		return told
	}
	return ""
}

// backtracks keeps the first copy that goes back to where it came from.
type backtracks struct{ first *trace.Event }

// Emit implements trace.Sink.
func (b *backtracks) Emit(e *trace.Event) {
	if n := len(e.Path); b.first == nil && e.Kind == trace.EnvelopeTransmitted && n > 2 && e.Path[n-1] == e.Path[n-3] {
		b.first = kept(e)
	}
}

// kept is an event that outlives the call of its sink.
func kept(e *trace.Event) *trace.Event {
	own := e.Clone()
	return &own
}

// everyone knows everyone.
var everyone = scenarios.Registry{Start: "all"}

// quiet is how long a variant of a scenario goes on after its last message: longer
// than anything takes over clean wires.
const quiet = 5 * time.Minute

// clean takes from wires and nodes all that may lose or delay a message but latency.
func clean(s *scenarios.Scenario) {
	l := &s.Link
	l.Loss, l.BurstLoss, l.Corrupt, l.MTU, l.Bandwidth, l.Queue, l.QueuePolicy = 0, scenarios.BurstLoss{}, 0, 0, 0, scenarios.QueueSize{}, "drop_tail"
	steady(&l.Latency)
	for i := range s.Links {
		l := &s.Links[i]
		l.Loss, l.BurstLoss, l.Corrupt, l.MTU, l.Bandwidth, l.Queue, l.QueuePolicy = nil, nil, nil, nil, nil, nil, nil
		steady(l.Latency)
	}
	s.NodeDefaults.Uplink, s.NodeDefaults.Downlink, s.NodeDefaults.Start = scenarios.Access{}, scenarios.Access{}, scenarios.StartTime{}
	for i := range s.Nodes {
		n := &s.Nodes[i]
		n.Uplink, n.Downlink, n.Start = nil, nil, nil
	}
}

// forwardOnly has nodes pass on what others send, and nothing else: nobody meets or
// judges anybody, and nobody is told what to do.
func forwardOnly(s *scenarios.Scenario) {
	s.Handshake.Auto, s.Actions, s.Adversaries = "none", nil, nil
	s.Trust.Anchors, s.NodeDefaults.Anchors = nil, nil
	for i := range s.Nodes {
		s.Nodes[i].Anchors = nil
	}
}

// sybils reports whether nodes are adversaries' further ids: without those the mesh is
// another one.
func (c *Case) sybils() bool {
	return slices.ContainsFunc(c.Mesh.Nodes, func(n scenarios.MeshNode) bool { return n.Host != "" })
}

// steady takes a profile, which also loses copies, out of a latency.
func steady(l *scenarios.Latency) {
	if l == nil {
		return
	}
	if _, recorded := l.Kind.(scenarios.ProfileLatency); recorded {
		*l = scenarios.Constant(3 * time.Millisecond)
	}
}

// neighbours lists the nodes that each node has a link to, and says whether all links
// lead both ways.
func (c *Case) neighbours() (links [][]int, both bool) {
	links, both = make([][]int, len(c.Mesh.Nodes)), true
	for _, l := range c.Mesh.Links {
		links[l.From] = append(links[l.From], int(l.To))
		_, back := c.Mesh.Find(l.To, l.From)
		both = both && back
	}
	return links, both
}

// distances counts the links from a node to every other, −1 where there is no way.
func distances(links [][]int, from int) []int {
	of := make([]int, len(links))
	for i := range of {
		of[i] = -1
	}
	of[from] = 0
	for queue := []int{from}; len(queue) > 0; queue = queue[1:] {
		for _, to := range links[queue[0]] {
			if of[to] < 0 {
				of[to] = of[queue[0]] + 1
				queue = append(queue, to)
			}
		}
	}
	return of
}
