package scenarios

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"meshsim/sim"
)

// loads is what the traffic offers the links, and so the uplinks and downlinks of
// their ends, in messages per second.
type loads struct {
	limited bool                // something has a bandwidth: else nothing is looked at
	ways    map[loadKey]float64 // along ways to a destination
	floods  map[int]float64     // by demand: on every link, but for what is spared
	spared  map[loadKey]float64
	origins [][]int // by node: demands whose messages flood from it
}

// loadKey is a link, by its number in the mesh, and a demand.
type loadKey struct{ link, demand int }

func (v *survey) prepareLoads() {
	v.limited = v.narrow() && len(v.mesh.Contacts) == 0
	v.ways, v.floods, v.spared = map[loadKey]float64{}, map[int]float64{}, map[loadKey]float64{}
	v.origins = make([][]int, len(v.mesh.Nodes))
	for k := range v.demands {
		if d := &v.demands[k]; v.floodsFor(d) && !v.gossips() && !d.lone {
			for _, s := range d.from {
				v.origins[s] = append(v.origins[s], k)
			}
		}
	}
}

// narrow reports whether anything has a bandwidth.
func (v *survey) narrow() bool {
	return slices.ContainsFunc(v.mesh.Links, func(l MeshLink) bool { return l.Bandwidth > 0 }) ||
		slices.ContainsFunc(v.mesh.Nodes, func(n MeshNode) bool { return n.Uplink.Bandwidth > 0 || n.Downlink.Bandwidth > 0 })
}

// hasNext reports whether each message takes one way, which the survey knows.
func (v *survey) hasNext() bool {
	return slices.Contains([]string{"direct", "static", "shortest_path"}, v.strategy)
}

func (v *survey) floodsFor(d *demand) bool { return d.to == nil || v.strategy == "flood" }

// gossips reports whether nodes choose to whom they flood, so that nobody knows the load.
func (v *survey) gossips() bool { return v.scenario.Routing.Fanout > 0 || v.strategy == "gossip" }

// loadWays pushes what nodes send to a destination down the tree of next hops,
// those first that are farthest. What goes beyond the hop limit or has no way is
// left out.
func (v *survey) loadWays(k int, to sim.NodeID) {
	d, limit := &v.demands[k], v.scenario.Routing.MaxHops
	if !v.limited || d.lone || v.floodsFor(d) || !v.hasNext() {
		return
	}
	flow := make(map[sim.NodeID]float64, len(d.from))
	waves := make([][]sim.NodeID, limit+1) // nodes by hops
	for _, s := range d.from {
		if h := v.hops[s]; s != to && h > 0 && int64(h) <= limit && v.known(s, to) {
			flow[s] = d.toward(s)
			waves[h] = append(waves[h], s)
		}
	}
	for h := limit; h > 0; h-- {
		for _, s := range waves[h] {
			next := v.next[s]
			v.ways[loadKey{v.number(s, next), k}] += flow[s]
			if _, met := flow[next]; !met && next != to {
				waves[h-1] = append(waves[h-1], next)
			}
			flow[next] += flow[s]
		}
	}
}

// loadFlood adds the floods that begin at a node: each crosses every link but
// those on which a node would send back where its first copy came from.
func (v *survey) loadFlood(k int, origin sim.NodeID) {
	d := &v.demands[k]
	rate := d.rate
	if d.each {
		rate = float64(rate * float64(d.others(origin)))
	}
	v.floods[k] += rate
	for i := range v.mesh.Nodes {
		s := sim.NodeID(i)
		if h := v.floodHops[s]; h < 0 || int64(h) >= v.scenario.Routing.MaxHops {
			for l := v.out[s]; l < v.out[s+1]; l++ { // it sends nothing on
				v.spared[loadKey{l, k}] += rate
			}
		} else if back, ok := v.net.NextHop(s, origin); ok {
			v.spared[loadKey{v.number(s, back), k}] += rate
		}
	}
}

// number is a link's place in the mesh.
func (v *survey) number(from, to sim.NodeID) int {
	i, _ := slices.BinarySearchFunc(v.mesh.Links, MeshLink{From: from, To: to}, compareLinks)
	return i
}

// others is how many of its destinations a source can send to.
func (d *demand) others(s sim.NodeID) int {
	if d.among == nil || d.among[s] {
		return len(d.to) - 1
	}
	return len(d.to)
}

// toward is what a source sends to one of its destinations, per second.
func (d *demand) toward(s sim.NodeID) float64 {
	if d.each {
		return d.rate
	}
	return d.rate / float64(d.others(s))
}

// offer is a change of what a transmitter is offered, in bits per second.
type offer struct {
	line, demand int // line: see line
	at           Duration
	change       float64
}

// offers lists what begins and ends at transmitters with a bandwidth, by
// transmitter, then time. What links send passes the uplink of one end and the
// downlink of the other too.
func (v *survey) offers() (all []offer) {
	scale := float64(len(v.mesh.Nodes)) / float64(len(v.sample))
	sums := map[loadKey]float64{} // by line
	add := func(key loadKey, rate float64) {
		l, d := &v.mesh.Links[key.link], &v.demands[key.demand]
		bits := float64(rate*scale) * 8 * (d.size + float64(l.Header))
		links, nodes := len(v.mesh.Links), len(v.mesh.Nodes)
		for _, line := range [3]int{key.link, links + int(l.From), links + nodes + int(l.To)} {
			if bits > 0 && v.line(line).Bandwidth > 0 {
				sums[loadKey{line, key.demand}] += bits
			}
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(v.ways), loadKey.compare) { // sums of floats depend on their order
		add(key, v.ways[key])
	}
	if len(v.floods)*len(v.mesh.Links) <= surveyWork {
		for _, k := range slices.Sorted(maps.Keys(v.floods)) {
			for l := range v.mesh.Links {
				add(loadKey{l, k}, v.floods[k]-v.spared[loadKey{l, k}])
			}
		}
	}
	for key, bits := range sums {
		d := &v.demands[key.demand]
		all = append(all, offer{key.link, key.demand, d.at, bits}, offer{key.link, key.demand, d.until, -bits})
	}
	slices.SortFunc(all, func(a, b offer) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.at, b.at), cmp.Compare(a.change, b.change), cmp.Compare(a.demand, b.demand))
	})
	return all
}

func (k loadKey) compare(o loadKey) int {
	return cmp.Or(cmp.Compare(k.link, o.link), cmp.Compare(k.demand, o.demand))
}

// line is a transmitter by number: those of the links, then the uplinks of the
// nodes, then their downlinks.
func (v *survey) line(i int) Access {
	if i < len(v.mesh.Links) {
		l := &v.mesh.Links[i]
		return Access{Bandwidth: l.Bandwidth, Queue: l.Queue}
	}
	i -= len(v.mesh.Links)
	if n := len(v.mesh.Nodes); i >= n {
		return v.mesh.Nodes[i-n].Downlink
	}
	return v.mesh.Nodes[i].Uplink
}

// lineName is what a transmitter is called, with the key that gives it its
// bandwidth, and that key's value.
func (v *survey) lineName(i int) (name, key string, value any) {
	if i < len(v.mesh.Links) {
		l := &v.mesh.Links[i]
		key, value = v.bandwidthKey(l)
		return v.mesh.linkName(l), key, value
	}
	i -= len(v.mesh.Links)
	n, what := &v.mesh.Nodes[i%len(v.mesh.Nodes)], "uplink"
	own, access := func(e *Node) *Access { return e.Uplink }, n.Uplink
	if i >= len(v.mesh.Nodes) {
		what, access = "downlink", n.Downlink
		own = func(e *Node) *Access { return e.Downlink }
	}
	key = "node_defaults." + what
	if k := slices.IndexFunc(v.scenario.Nodes, func(e Node) bool { return e.ID == n.ID && own(&e) != nil }); k >= 0 {
		key = elementPath("node", k) + "." + what
	}
	return "the " + what + " of " + n.ID, key, access.Bandwidth
}

// overload is a transmitter that is offered more than it carries.
type overload struct {
	line int
	bits float64 // per second, at most
	load float64 // of its bandwidth
}

// overloads lists them, the worst first.
func (v *survey) overloads() (all []overload) {
	const tolerance = 1e-9 // of sums
	now, line := 0.0, -1
	for _, o := range v.offers() {
		if o.line != line {
			now, line = 0, o.line
		}
		now += o.change
		load := now / float64(v.line(line).Bandwidth)
		if load <= 1+tolerance {
			continue
		}
		if n := len(all); n > 0 && all[n-1].line == line {
			all[n-1].bits, all[n-1].load = max(all[n-1].bits, now), max(all[n-1].load, load)
		} else {
			all = append(all, overload{line, now, load})
		}
	}
	slices.SortStableFunc(all, func(a, b overload) int { return -cmp.Compare(a.load, b.load) })
	return all
}

// tellLoads warns of what is offered most beyond what it carries. What a queue
// with an end refuses are drops; one without an end only grows, and so does what
// is in flight.
func (v *survey) tellLoads(r *report) {
	const shown = 3
	if !v.limited {
		return
	}
	drops, grows := v.scenario.meant("drops.queue_full"), v.scenario.meant("traffic.in_flight")
	all := slices.DeleteFunc(v.overloads(), func(o overload) bool {
		if v.line(o.line).Queue == (QueueSize{}) {
			return grows
		}
		return drops
	})
	for i, o := range all[:min(len(all), shown)] {
		more := ""
		if i == shown-1 && len(all) > shown {
			more = ", and further ones are offered too much"
		}
		line, why := v.line(o.line), meantBy("drops.queue_full")
		if line.Queue == (QueueSize{}) {
			why = "; its queue is unlimited and grows without bound as long as that lasts " + meantBy("traffic.in_flight")
		} else {
			why = " " + why
		}
		name, key, value := v.lineName(o.line)
		r.warn(key, value, "%s is offered %s, %s %% of it%s%s", name, roughly(o.bits, float64(line.Bandwidth)), excess(100*o.load), more, why)
	}
}

// excess writes a percentage above 100 with as many digits as tell it from 100.
func excess(percent float64) string {
	digits := 0
	for unit := 1.0; digits < 9 && percent < 100+unit; digits++ {
		unit /= 10
	}
	return strconv.FormatFloat(percent, 'f', digits, 64)
}

// roughly writes bits per second to three digits, or to as many as tell them from
// what is less.
func roughly(bits, than float64) string {
	at := 0
	for at < len(rateUnits)-1 && bits >= float64(rateUnits[at+1].size) {
		at++
	}
	unit, text := float64(rateUnits[at].size), ""
	for digits := 3; digits <= 15; digits++ {
		text = strconv.FormatFloat(bits/unit, 'g', digits, 64)
		if x, _ := strconv.ParseFloat(text, 64); float64(x*unit) > than && !strings.Contains(text, "e") {
			break
		}
	}
	return text + rateUnits[at].name
}

// bandwidthKey is the key that gives a link its bandwidth, and its value.
func (v *survey) bandwidthKey(l *MeshLink) (key string, value any) {
	for i, own := range v.scenario.Links {
		ends := [2]string{own.From, own.To}
		if len(own.Between) == 2 {
			ends = [2]string(own.Between)
		}
		a, _ := v.mesh.Lookup(ends[0])
		b, _ := v.mesh.Lookup(ends[1])
		if own.Bandwidth != nil && (a == l.From && b == l.To || len(own.Between) == 2 && a == l.To && b == l.From) {
			return elementPath("links", i) + ".bandwidth", l.Bandwidth
		}
	}
	if l.Bandwidth == v.scenario.Link.Bandwidth {
		return "link.bandwidth", l.Bandwidth
	}
	return "topology.path", nil
}
