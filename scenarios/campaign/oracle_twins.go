package campaign

import (
	"fmt"
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
	if len(c.Mesh.Contacts) > 0 || !both {
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
	s.Link.Duplicate, s.Faults, s.Expects, s.Measure, s.Registry = 0, nil, nil, scenarios.Measure{}, everyone
	for i := range s.Links {
		s.Links[i].Duplicate = nil
	}
	s.Duration = quiet
	s.Routing.Strategy, s.Routing.File, s.Routing.MaxHops, s.Routing.SeenMax, s.Handshake.Auto = "flood", "", 255, 65536, "none"
	s.Traffic = []scenarios.Traffic{{Name: "flood", Kind: scenarios.Messages{Type: "MESSAGE"}, Size: scenarios.Bytes(200), From: scenarios.NodeSet{IDs: []string{c.Mesh.Nodes[source].ID}},
		To: scenarios.Target{How: scenarios.ToAll}, Arrivals: "periodic", Interval: time.Second, Count: 1}}
	m := c.run(s, scenarios.Options{}).Metrics
	want := int64(directed - nodes + 1)
	if m.Links.Transmissions != want || m.Traffic.Duplicates != want-int64(nodes-1) || m.Copies.Delivered != int64(nodes-1) {
		return fmt.Sprintf("a flood from %s, which reaches %d nodes over %d links, sent %d copies, of which %d were delivered and %d were duplicates; expected: %d, %d and %d",
			c.Mesh.Nodes[source].ID, nodes, directed/2, m.Links.Transmissions, m.Copies.Delivered, m.Traffic.Duplicates, want, nodes-1, want-int64(nodes-1))
	}
	return ""
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

// healedCopies bounds the messages of the second phase.
const healedCopies = 2500

// healed runs the scenario once more over clean wires, and when its faults are over
// and its traffic has come to rest, sends from some nodes to each. What the strategy
// can reach within the hop limit must arrive, and nothing else.
//
// Where the hop limit may bind, all latencies are made equal: then the way of least
// latency has the fewest links, and the first copy of a flood came over as few.
func healed(c *Case) string {
	if len(c.Mesh.Contacts) > 0 || len(c.Mesh.Nodes) < 2 {
		return ""
	}
	s, sources := c.healedTwin()
	h := &heard{from: map[sim.NodeID]bool{}, got: map[[2]sim.NodeID]bool{}, strange: map[sim.NodeID]bool{}}
	r := c.run(s, scenarios.Options{Sinks: []trace.Sink{h}})
	if n := r.Metrics.Copies.InFlight; n > 0 {
		return fmt.Sprintf("%d copies are still under way %v after the last message, over clean wires", n, quiet)
	}
	links, _ := c.neighbours()
	reaches := c.reach(s, links)
	for _, from := range sources {
		if !h.from[from] || h.strange[from] {
			continue // it never started, or it lost the key by which others know it
		}
		for to := range sim.NodeID(len(links)) {
			if to == from {
				continue
			}
			want, got := reaches(int(from), int(to)), h.got[[2]sim.NodeID{from, to}]
			if want != got {
				return fmt.Sprintf("after all faults, over clean wires, %s with a hop limit of %d: %s reaches %s is %v, expected: %v",
					s.Routing.Strategy, s.Routing.MaxHops, c.name(from), c.name(to), got, want)
			}
		}
	}
	return ""
}

// heard collects which messages of the second phase arrived.
type heard struct {
	from    map[sim.NodeID]bool
	got     map[[2]sim.NodeID]bool
	strange map[sim.NodeID]bool
}

// Emit implements trace.Sink.
func (h *heard) Emit(e *trace.Event) {
	switch {
	case e.Kind == trace.NodeUp && e.Lose == trace.LoseIdentity:
		h.strange[e.Node] = true
	case e.Flow.Name != healedFlow:
	case e.Kind == trace.EnvelopeSent:
		h.from[e.Node] = true
	case e.Kind == trace.EnvelopeDelivered:
		h.got[[2]sim.NodeID{e.Origin, e.Node}] = true
	}
}

const healedFlow = "healed"

// healedTwin is the scenario of both phases, and who sends in the second.
func (c *Case) healedTwin() (*scenarios.Scenario, []sim.NodeID) {
	s := c.Scenario.Clone()
	over := s.Duration // the first phase
	clean(s)
	s.Expects, s.Registry = nil, everyone
	var faults []scenarios.Fault
	for _, f := range s.Faults {
		if f.At < over {
			if f.Until == 0 || f.Until > over {
				f.Until = over
			}
			faults = append(faults, f)
		}
	}
	s.Faults = faults
	var traffic []scenarios.Traffic
	for _, t := range s.Traffic {
		if t.File == "" && t.Start < over {
			if t.Stop == 0 || t.Stop > over {
				t.Stop = over
			}
			traffic = append(traffic, t)
		}
	}
	s.Duration = over + 2*quiet
	s.Measure = scenarios.Measure{Warmup: over + quiet}
	if s.Routing.MaxHops < int64(len(c.Mesh.Nodes)-1) {
		evenLatencies(s)
	}
	sources := c.senders(s.Routing.Strategy)
	var ids []string
	for _, node := range sources {
		ids = append(ids, c.name(node))
	}
	s.Traffic = append(traffic, scenarios.Traffic{Name: healedFlow, Kind: scenarios.Messages{Type: "MESSAGE"}, Size: scenarios.Bytes(200), From: scenarios.NodeSet{IDs: ids},
		To: scenarios.Target{How: scenarios.ToEach}, Arrivals: "periodic", Interval: time.Second, Start: over + quiet, Count: 1})
	return s, sources
}

// senders are so many nodes as the bound allows, beginning anywhere.
func (c *Case) senders(strategy string) []sim.NodeID {
	n := len(c.Mesh.Nodes)
	cost := 6 * (n - 1)
	if strategy == "flood" {
		cost = (n - 1) * (len(c.Mesh.Links) + 1)
	}
	var nodes []sim.NodeID
	first := int(c.Scenario.Seed.Stream("swarm/healed").Draw(sim.Key{}, 0) % uint64(n))
	for i := range min(n, max(1, healedCopies/cost)) {
		nodes = append(nodes, sim.NodeID((first+i)%n))
	}
	return nodes
}

// evenLatencies makes all links alike.
func evenLatencies(s *scenarios.Scenario) {
	s.Link.Latency, s.Link.Geo, s.Link.Reorder = scenarios.Constant(time.Millisecond), false, 0
	for i := range s.Links {
		s.Links[i].Latency, s.Links[i].Reorder = new(scenarios.Constant(time.Millisecond)), nil
	}
}

// reach says who can reach whom, by strategy.
func (c *Case) reach(s *scenarios.Scenario, links [][]int) func(from, to int) bool {
	limit := int(s.Routing.MaxHops)
	next := map[[2]int]int{}
	if s.Routing.Strategy == "static" {
		for _, r := range must(s.Routes(c.Mesh)) {
			next[[2]int{int(r.Node), int(r.Destination)}] = int(r.Next)
		}
	}
	known := make([][]int, len(links))
	return func(from, to int) bool {
		switch s.Routing.Strategy {
		case "static":
			at, ok := from, true
			for hops := 0; ok && hops < limit && at != to; hops++ {
				at, ok = next[[2]int{at, to}]
			}
			return ok && at == to
		case "direct":
			limit = 1
		}
		if known[from] == nil {
			known[from] = distances(links, from)
		}
		return known[from][to] >= 0 && known[from][to] <= limit
	}
}
