package scenarios

import (
	"fmt"
	"slices"

	"meshsim/netmodel"
	"meshsim/sim"
)

// surveyWork bounds a survey, in nodes and links looked at: a tenth of a second.
// Of a larger mesh a sample of destinations is surveyed.
const surveyWork = 1 << 20

// survey follows what the traffic sends through the mesh as it is without faults,
// one destination at a time.
type survey struct {
	*builder
	strategy string
	net      *netmodel.Network
	used     *netmodel.Network // net, but for links that the strategy does not use
	static   [][]Route         // by destination
	demands  []demand
	general  []int   // demands that have every node as a destination, or broadcasts
	special  [][]int // other demands, by destination
	sample   []sim.NodeID
	out      []int // links out of node i are mesh.Links[out[i]] … [out[i+1]−1]
	into     [][]sim.NodeID

	tallies []tally // by entry, the last one without an entry
	meeting *meeting
	loads

	// Of the destination at hand, by node: the links to it, or a verdict, and the
	// next hop; and the same for broadcasts.
	hops, floodHops []int32
	next            []sim.NodeID
	queue           []sim.NodeID
}

// Verdicts in place of a number of hops.
const (
	noPath  int32 = -1 - iota
	looping       // a static table leads round and round
	unseen        // while it is followed
)

// tally is what becomes of the ordered pairs of an entry.
type tally struct {
	pairs                                 int
	unknown, unreachable, looping, beyond int
	apart                                 int // in a contact plan: never joined when they send
	longest                               int32
	pair                                  [2]sim.NodeID // the first that is lost without a path
	parted                                [2]sim.NodeID // the first of those apart
	broadcast                             bool
}

// newSurvey prepares a survey, or returns nil when the mesh has no pair.
func newSurvey(b *builder) *survey {
	n := len(b.mesh.Nodes)
	if n < 2 {
		return nil
	}
	v := &survey{
		builder: b, strategy: b.scenario.Routing.Strategy, demands: b.demands(), special: make([][]int, n),
		tallies: make([]tally, len(b.scenario.Traffic)+1),
		hops:    make([]int32, n), floodHops: make([]int32, n), next: make([]sim.NodeID, n),
		out: make([]int, n+1), into: make([][]sim.NodeID, n),
	}
	if b.scenario.Routing.Learns() {
		v.strategy = "shortest_path" // what they find once they have learnt it
	}
	if len(b.mesh.Contacts) > 0 && v.strategy == "shortest_path" {
		v.strategy = "contacts" // what the least number of links is at best
	}
	for k := range v.demands {
		if d := &v.demands[k]; d.to == nil || len(d.to) == n {
			v.general = append(v.general, k)
		} else {
			for _, to := range d.to {
				v.special[to] = append(v.special[to], k)
			}
		}
	}
	for _, l := range b.mesh.Links {
		v.out[l.From+1]++
		v.into[l.To] = append(v.into[l.To], l.From)
	}
	for i := range n {
		v.out[i+1] += v.out[i]
	}
	if !v.wire() {
		return nil
	}
	v.prepareLoads()
	step := 1 + (n+len(b.mesh.Links))*n/surveyWork
	for i := 0; i < n; i += step {
		v.sample = append(v.sample, sim.NodeID(i))
	}
	return v
}

// wire makes what the strategy looks up its next hops in.
func (v *survey) wire() bool {
	if v.strategy == "static" {
		routes, _ := v.scenario.Routes(v.mesh) // validated
		v.static = make([][]Route, len(v.mesh.Nodes))
		for _, r := range routes {
			v.static[r.Destination] = append(v.static[r.Destination], r)
		}
	}
	keys, specs := v.keys(), make([]netmodel.LinkSpec, 0, len(v.mesh.Links))
	var twoWay []netmodel.LinkSpec
	for i := range v.mesh.Links {
		l := &v.mesh.Links[i]
		spec, err := v.link(l)
		if err != nil {
			return false
		}
		specs = append(specs, spec)
		if v.mesh.twoWay(l) {
			twoWay = append(twoWay, spec)
		}
	}
	var err error
	if v.net, err = netmodel.New(v.scenario.Seed, keys, specs); err != nil {
		return false
	}
	if v.used = v.net; v.scenario.Routing.Learns() && len(twoWay) < len(specs) {
		v.used, err = netmodel.New(v.scenario.Seed, keys, twoWay)
	}
	return err == nil
}

// run surveys every destination of the sample.
func (v *survey) run() {
	v.meeting = v.meet()
	for _, to := range v.sample {
		v.lookAt(to)
		for _, k := range v.general {
			v.follow(k, to)
		}
		for _, k := range v.special[to] {
			v.follow(k, to)
		}
		if v.limited {
			for _, k := range v.origins[to] {
				v.loadFlood(k, to)
			}
		}
	}
}

// lookAt finds the ways to a destination.
func (v *survey) lookAt(to sim.NodeID) {
	v.breadthFirst(to)
	for s := range v.next {
		v.next[s] = sim.NoNode
	}
	switch v.strategy {
	case "direct":
		for s := range v.hops {
			v.hops[s] = noPath
		}
		for _, s := range v.into[to] {
			v.hops[s], v.next[s] = 1, to
		}
	case "static":
		v.followTable(to)
	case "shortest_path":
		for s := range v.hops {
			v.hops[s] = noPath
			if _, hops, ok := v.used.Distance(sim.NodeID(s), to); ok {
				v.hops[s] = int32(hops)
				v.next[s], _ = v.used.NextHop(sim.NodeID(s), to)
			}
		}
	default: // what no strategy can do better
		copy(v.hops, v.floodHops)
	}
	v.hops[to] = 0
}

// breadthFirst counts the links to a destination, in floodHops.
func (v *survey) breadthFirst(to sim.NodeID) {
	for s := range v.floodHops {
		v.floodHops[s] = noPath
	}
	v.floodHops[to] = 0
	v.queue = append(v.queue[:0], to)
	for i := 0; i < len(v.queue); i++ {
		for _, s := range v.into[v.queue[i]] {
			if v.floodHops[s] == noPath {
				v.floodHops[s] = v.floodHops[v.queue[i]] + 1
				v.queue = append(v.queue, s)
			}
		}
	}
}

// followTable follows a static table to a destination from every node.
func (v *survey) followTable(to sim.NodeID) {
	for s := range v.hops {
		v.hops[s] = noPath
	}
	for _, r := range v.static[to] {
		v.hops[r.Node], v.next[r.Node] = unseen, r.Next
	}
	v.hops[to] = 0
	const walking = unseen - 1
	for s := range v.hops {
		path, at := v.queue[:0], sim.NodeID(s)
		for v.hops[at] == unseen {
			v.hops[at] = walking
			path = append(path, at)
			at = v.next[at]
		}
		end := v.hops[at]
		if end == walking {
			end = looping
		}
		for _, node := range slices.Backward(path) {
			if end >= 0 {
				end++
			}
			v.hops[node] = end
		}
		v.queue = path
	}
}

// follow counts what becomes of the pairs of a demand with this destination.
func (v *survey) follow(k int, to sim.NodeID) {
	d := &v.demands[k]
	entry := d.entry
	if entry < 0 {
		entry = len(v.tallies) - 1
	}
	t := &v.tallies[entry]
	t.broadcast = d.to == nil
	hops := v.hops
	if d.to == nil {
		hops = v.floodHops
	}
	for i, s := range d.from {
		if s == to {
			continue
		}
		t.pairs++
		lost := true
		switch h := hops[s]; {
		case d.to != nil && d.entry >= 0 && !v.known(s, to):
			t.unknown++
		case h == looping:
			t.looping++
		case h < 0:
			t.unreachable++
		case v.meeting.apart(k, i, to):
			if t.apart++; t.apart == 1 {
				t.parted = [2]sim.NodeID{s, to}
			}
			continue
		case int64(h) > v.scenario.Routing.MaxHops:
			t.beyond++
			t.longest = max(t.longest, h)
			continue
		default:
			lost = false
		}
		if lost && t.unknown+t.looping+t.unreachable == 1 {
			t.pair = [2]sim.NodeID{s, to}
		}
	}
	v.loadWays(k, to)
}

// known reports whether a node has a peer in its registry at the start, or may hear
// of it later.
func (v *survey) known(s, to sim.NodeID) bool {
	switch {
	case v.scenario.Registry.Announce > 0:
		return true
	case v.scenario.Registry.Start == "none":
		return false
	case v.scenario.Registry.Start == "neighbours":
		return v.mesh.link(s, to) != nil
	}
	return true
}

// tellPairs warns of pairs that lose whatever they send.
func (v *survey) tellPairs(r *report) {
	for i := range v.tallies {
		t := &v.tallies[i]
		if t.pairs == 0 {
			continue
		}
		of, path := "", "topology"
		if i < len(v.scenario.Traffic) {
			entry := &v.scenario.Traffic[i]
			of, path = " of traffic "+quote(entry.Name), elementPath("traffic", i)+".to"
			if entry.File != "" {
				path = elementPath("traffic", i) + ".file"
			}
		}
		v.tellUnknown(r, t, of)
		v.tellPathless(r, t, of, path)
		v.tellApart(r, t, path)
		v.tellBeyond(r, t, of)
	}
}

func (v *survey) tellUnknown(r *report, t *tally, of string) {
	if t.unknown > 0 && !v.scenario.meant("drops.unknown_peer") {
		r.warn("registry.start", v.scenario.Registry.Start, "for %s%s the source does not know the destination at the start, such as %s %s", t.share(t.unknown, v), of, v.example(t), meantBy("drops.unknown_peer"))
	}
}

func (v *survey) tellPathless(r *report, t *tally, of, path string) {
	if v.scenario.meant("drops.no_route") {
		return
	}
	n, why := t.unreachable, meantBy("drops.no_route")
	switch {
	case n > 0 && !t.broadcast && v.strategy == "direct":
		r.warn("routing.strategy", v.strategy, "reaches neighbours only, and %s%s are none, such as %s %s", t.share(n, v), of, v.example(t), why)
	case n > 0 && !t.broadcast && v.strategy == "static":
		r.warn("routing.file", v.scenario.Routing.File, "leads %s%s to where there is no route, such as %s %s", t.share(n, v), of, v.example(t), why)
	case n > 0 && of != "":
		r.warn(path, nil, "%s have no path, such as %s %s", t.share(n, v), v.example(t), why)
	}
	if t.looping > 0 {
		r.warn("routing.file", v.scenario.Routing.File, "leads %s%s in a loop, such as %s %s", t.share(t.looping, v), of, v.example(t), why)
	}
}

func (v *survey) tellBeyond(r *report, t *tally, of string) {
	if t.beyond == 0 || v.scenario.meant("drops.hop_limit") {
		return
	}
	note := ""
	switch {
	case v.strategy == "flood" || v.strategy == "gossip" || t.broadcast:
		note = "; a flood may reach fewer still, as its first copy need not take the fewest links"
	case v.strategy == "contacts":
		note = "; as links come and go it may be more"
	}
	r.warn("routing.max_hops", v.scenario.Routing.MaxHops, "is too low for %s%s, which need up to %d links%s %s", t.share(t.beyond, v), of, t.longest, note, meantBy("drops.hop_limit"))
}

// share says how many of the pairs.
func (t *tally) share(n int, v *survey) string {
	sample := ""
	if len(v.sample) < len(v.mesh.Nodes) {
		sample = fmt.Sprintf(", in a sample of %d of %d destinations", len(v.sample), len(v.mesh.Nodes))
	}
	return fmt.Sprintf("%d of the %d ordered pairs (%.3g %%%s)", n, t.pairs, 100*float64(n)/float64(t.pairs), sample)
}

func (v *survey) example(t *tally) string {
	return v.mesh.Nodes[t.pair[0]].ID + " → " + v.mesh.Nodes[t.pair[1]].ID
}
