package scenarios

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"meshsim/sim"
)

// loads is what the traffic offers the links, in messages per second.
type loads struct {
	limited bool                // some link has a bandwidth: else nothing is looked at
	ways    map[loadKey]float64 // along ways to a destination
	floods  map[int]float64     // by demand: on every link, but for what is spared
	spared  map[loadKey]float64
	origins [][]int // by node: demands whose messages flood from it
}

// loadKey is a link, by its number in the mesh, and a demand.
type loadKey struct{ link, demand int }

func (v *survey) prepareLoads() {
	v.limited = slices.ContainsFunc(v.mesh.Links, func(l MeshLink) bool { return l.Bandwidth > 0 }) && len(v.mesh.Contacts) == 0
	v.ways, v.floods, v.spared = map[loadKey]float64{}, map[int]float64{}, map[loadKey]float64{}
	v.origins = make([][]int, len(v.mesh.Nodes))
	for k := range v.demands {
		if d := &v.demands[k]; v.floodsFor(d) && !d.lone {
			for _, s := range d.from {
				v.origins[s] = append(v.origins[s], k)
			}
		}
	}
}

// hasNext reports whether each message takes one way, which the survey knows.
func (v *survey) hasNext() bool {
	return slices.Contains([]string{"direct", "static", "shortest_path"}, v.strategy)
}

func (v *survey) floodsFor(d *demand) bool { return d.to == nil || v.strategy == "flood" }

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

// offer is a change of what a link is offered, in bits per second.
type offer struct {
	link, demand int
	at           Duration
	change       float64
}

// offers lists what begins and ends on links with a bandwidth, by link, then time.
func (v *survey) offers() (all []offer) {
	scale := float64(len(v.mesh.Nodes)) / float64(len(v.sample))
	add := func(key loadKey, rate float64) {
		l, d := &v.mesh.Links[key.link], &v.demands[key.demand]
		bits := float64(rate*scale) * 8 * (d.size + float64(l.Header))
		if l.Bandwidth > 0 && bits > 0 {
			all = append(all, offer{key.link, key.demand, d.at, bits}, offer{key.link, key.demand, d.until, -bits})
		}
	}
	for key, rate := range v.ways {
		add(key, rate)
	}
	if len(v.floods)*len(v.mesh.Links) <= surveyWork {
		for k, rate := range v.floods {
			for l := range v.mesh.Links {
				add(loadKey{l, k}, rate-v.spared[loadKey{l, k}])
			}
		}
	}
	slices.SortFunc(all, func(a, b offer) int {
		return cmp.Or(cmp.Compare(a.link, b.link), cmp.Compare(a.at, b.at), cmp.Compare(a.change, b.change), cmp.Compare(a.demand, b.demand))
	})
	return all
}

// overload is a link that is offered more than it carries.
type overload struct {
	link int
	bits float64 // per second, at most
	load float64 // of its bandwidth
}

// overloads lists them, the worst first.
func (v *survey) overloads() (all []overload) {
	const tolerance = 1e-9 // of sums
	now, link := 0.0, -1
	for _, o := range v.offers() {
		if o.link != link {
			now, link = 0, o.link
		}
		now += o.change
		load := now / float64(v.mesh.Links[o.link].Bandwidth)
		if load <= 1+tolerance {
			continue
		}
		if n := len(all); n > 0 && all[n-1].link == link {
			all[n-1].bits, all[n-1].load = max(all[n-1].bits, now), max(all[n-1].load, load)
		} else {
			all = append(all, overload{link, now, load})
		}
	}
	slices.SortStableFunc(all, func(a, b overload) int { return -cmp.Compare(a.load, b.load) })
	return all
}

// tellLoads warns of the links that are offered most beyond what they carry.
func (v *survey) tellLoads(r *report) {
	const shown = 3
	if !v.limited || v.scenario.meant("drops.queue_full") {
		return
	}
	all := v.overloads()
	for i, o := range all[:min(len(all), shown)] {
		l, more := &v.mesh.Links[o.link], ""
		if i == shown-1 && len(all) > shown {
			more = ", and further links are offered too much"
		}
		name := v.mesh.Nodes[l.From].ID + "->" + v.mesh.Nodes[l.To].ID
		key, value := v.bandwidthKey(l)
		r.warn(key, value, "%s is offered %s, %.0f %% of it%s %s", name, roughly(o.bits), math.Ceil(100*o.load-0.001), more, meantBy("drops.queue_full"))
	}
}

// roughly writes bits per second to three digits.
func roughly(bits float64) string {
	at := 0
	for at < len(rateUnits)-1 && bits >= float64(rateUnits[at+1].size) {
		at++
	}
	return fmt.Sprintf("%.3g%s", bits/float64(rateUnits[at].size), rateUnits[at].name)
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
