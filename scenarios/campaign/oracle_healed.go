package campaign

import (
	"fmt"
	"slices"
	"time"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/sim"
	"meshsim/trace"
)

// healedCopies bounds the messages of the second phase.
const healedCopies = 2500

// healed runs the scenario once more over clean wires, and when its faults are over
// and its traffic has come to rest, sends from some nodes to each. What the strategy
// can reach within the hop limit must arrive, and nothing else. Gossip, which promises
// nobody in particular anything, is not asked.
//
// Where the hop limit may bind, all latencies are made equal: then the way of least
// latency has the fewest links, and the first copy of a flood came over as few. They
// are, too, where nodes learn their routes: how long that takes depends on them.
func healed(c *Case) string {
	if len(c.Mesh.Contacts) > 0 || len(c.Mesh.Nodes) < 2 || c.gossips() || c.sybils() {
		return ""
	}
	s, sources := c.healedTwin()
	h := &heard{from: map[sim.NodeID]bool{}, got: map[[2]sim.NodeID]bool{}, strange: map[sim.NodeID]bool{}, last: map[[2]sim.NodeID]*trace.Event{}}
	r := c.run(s, scenarios.Options{Sinks: []trace.Sink{h}})
	under, links := r.Metrics.Copies.InFlight, c.ways(h)
	if c.learns() {
		under = r.Metrics.Traffic.InFlight // hellos go on for ever
	}
	if under > 0 {
		copies := &rerun.OpenCopies{}
		c.run(s, scenarios.Options{Sinks: []trace.Sink{copies}})
		seq, at := copies.Oldest()
		c.shows(s, &trace.Event{Seq: seq})
		return fmt.Sprintf("%d copies are still under way %v after the last message, over clean wires, one of them since event #%d at %v", under, c.rests(), seq, at)
	}
	reaches := c.reach(s, links)
	for _, from := range sources {
		if !h.from[from] || h.strange[from] {
			continue // it never started, or it lost the key by which others know it
		}
		for to := range sim.NodeID(len(links)) {
			if to == from {
				continue
			}
			way := [2]sim.NodeID{from, to}
			want, got := reaches(int(from), int(to)), h.got[way]
			if want != got {
				c.shows(s, h.last[way])
				return fmt.Sprintf("after all faults, over clean wires, %s with a hop limit of %d: %s reaches %s is %v, expected: %v; the end of it: %s",
					s.Routing.Strategy, s.Routing.MaxHops, c.name(from), c.name(to), got, want, c.words(h.last[way]))
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
	last    map[[2]sim.NodeID]*trace.Event // delivery, or else the last that came of it
}

// Emit implements trace.Sink.
func (h *heard) Emit(e *trace.Event) {
	switch {
	case e.Kind == trace.NodeUp && e.Lose == trace.LoseIdentity:
		h.strange[e.Node] = true
	case e.Flow.Name != healedFlow:
		return
	case e.Kind == trace.EnvelopeSent:
		h.from[e.Node] = true
	case e.Kind == trace.EnvelopeDelivered:
		h.got[[2]sim.NodeID{e.Origin, e.Node}] = true
	}
	way := [2]sim.NodeID{e.Origin, e.Destination}
	if before := h.last[way]; before == nil || before.Kind != trace.EnvelopeDelivered {
		h.last[way] = kept(e)
	}
}

const healedFlow = "healed"

// healedTwin is the scenario of both phases, and who sends in the second.
func (c *Case) healedTwin() (*scenarios.Scenario, []sim.NodeID) {
	s := c.Scenario.Clone()
	over := s.Duration // the first phase
	clean(s)
	forwardOnly(s)
	s.Expects, s.Registry, s.Memory = nil, everyone, nil
	var faults []scenarios.Fault
	for _, f := range s.Faults {
		if f.At < over {
			faults = append(faults, endedBy(over, f))
		}
	}
	s.Faults = faults
	var traffic []scenarios.Traffic
	for _, t := range s.Traffic {
		if t.File == "" && t.Start < over && forwards(t.Kind) {
			if t.Stop == 0 || t.Stop > over {
				t.Stop = over
			}
			traffic = append(traffic, t)
		}
	}
	again := over + c.settles()
	s.Duration = again + c.rests()
	s.Measure = scenarios.Measure{Warmup: again}
	if s.Routing.MaxHops < int64(len(c.Mesh.Nodes)-1) || c.learns() {
		evenLatencies(s)
	}
	sources := c.senders(s.Routing.Strategy)
	var ids []string
	for _, node := range sources {
		ids = append(ids, c.name(node))
	}
	s.Traffic = append(traffic, scenarios.Traffic{Name: healedFlow, Kind: scenarios.Messages{Type: "MESSAGE"}, Size: scenarios.Bytes(200), From: scenarios.NodeSet{IDs: ids},
		To: scenarios.Target{How: scenarios.ToEach}, Arrivals: "periodic", Interval: time.Second, Start: again, Count: 1})
	return s, sources
}

// forwards reports whether traffic is messages and nothing else.
func forwards(kind scenarios.TrafficKind) bool {
	switch kind.(type) {
	case scenarios.Reflections, scenarios.Handshakes, scenarios.Facts, scenarios.Claims:
		return false
	}
	return true
}

// endedBy is a fault that ends by a time, and with it the outages that it lists.
func endedBy(end time.Duration, f scenarios.Fault) scenarios.Fault {
	if f.Until == 0 || f.Until > end {
		f.Until = end
	}
	nodes := func(o *scenarios.NodeOutage) bool { o.Until = min(o.Until, end); return o.At >= end }
	links := func(o *scenarios.LinkOutage) bool { o.Until = min(o.Until, end); return o.At >= end }
	switch k := f.Kind.(type) {
	case scenarios.Churn:
		k.Outages = cutOff(k.Outages, nodes)
		f.Kind = k
	case scenarios.Flap:
		k.Outages = cutOff(k.Outages, links)
		f.Kind = k
	case scenarios.Swizzle:
		k.Outages = cutOff(k.Outages, links)
		f.Kind = k
	}
	return f
}

// cutOff shortens outages by a function that reports whether one goes altogether. None
// at all stay nil: they are still to be drawn.
func cutOff[O any](outages []O, shorten func(*O) bool) []O {
	outages = slices.Clone(outages)
	for i := range slices.Backward(outages) {
		if shorten(&outages[i]) {
			outages = slices.Delete(outages, i, i+1)
		}
	}
	return outages
}

// gossips reports whether a node hands a unicast to some of its neighbours, by chance.
func (c *Case) gossips() bool {
	r := &c.Scenario.Routing
	return r.Strategy == "gossip" || r.Strategy == "flood" && r.Fanout > 0
}

// learns reports whether nodes learn their routes from each other.
func (c *Case) learns() bool { return c.Scenario.Routing.Learns() }

// settles is how long after the last fault the second phase begins.
//
// Where nodes learn their routes it is the time that this may take over clean wires: four
// hellos until silence is noticed, one until both ends hear each other, an advert of
// everything, since what was lost is said again by then, and five hellos with requests
// that were lost or came too early; all by clocks a tenth too slow, with jitter of a
// tenth. Then what is new crosses the mesh three times there and back: at every node
// it may wait for 20 ms to be told together with more.
//
// Where they tell distances, a retraction that was lost is not said again: it takes the
// four adverts after which a route that nobody repeats is forgotten.
func (c *Case) settles() time.Duration {
	if !c.learns() {
		return quiet
	}
	links, _ := c.neighbours()
	longest := 0
	for i := range links {
		longest = max(longest, slices.Max(distances(links, i)))
	}
	r, adverts := &c.Scenario.Routing, time.Duration(1)
	if r.Strategy == "distance_vector" {
		adverts = 4
	}
	return (10*r.Hello+adverts*(r.Advertise+r.Hello))*5/4 + 6*time.Duration(longest+1)*(25*time.Millisecond+evenLatency)
}

// rests is how long the second phase goes on after its messages.
func (c *Case) rests() time.Duration {
	if c.learns() { // all latencies are even
		return time.Second
	}
	return quiet
}

// ways lists for each node those to which links lead that the strategy may use. Nodes
// that learn their routes do not use a link that leads one way, nor one to a node
// that lost the key by which others know it.
func (c *Case) ways(h *heard) [][]int {
	links, _ := c.neighbours()
	if !c.learns() {
		return links
	}
	for from := range links {
		links[from] = slices.DeleteFunc(links[from], func(to int) bool {
			_, back := c.Mesh.Find(sim.NodeID(to), sim.NodeID(from))
			return !back || h.strange[sim.NodeID(from)] || h.strange[sim.NodeID(to)]
		})
	}
	return links
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

// evenLatency is what evenLatencies gives all links.
const evenLatency = time.Millisecond

// evenLatencies makes all links alike.
func evenLatencies(s *scenarios.Scenario) {
	s.Link.Latency, s.Link.Geo, s.Link.Reorder = scenarios.Constant(evenLatency), false, 0
	for i := range s.Links {
		s.Links[i].Latency, s.Links[i].Reorder = new(scenarios.Constant(evenLatency)), nil
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
