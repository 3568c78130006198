package netmodel

import (
	"slices"
	"time"

	"meshsim/sim"
	"meshsim/sim/planted"
)

// routeMemory bounds the entries of cached trees, 16 bytes each: all trees of
// 4096 nodes fit, of larger networks the trees computed last are kept.
const routeMemory = 1 << 24

// Route is one entry of the all-knowing routing table.
type Route struct {
	Node, Destination sim.NodeID
	Next              sim.NodeID    // NoNode: no path any more
	Metric            time.Duration // summed mean latencies; 0 when there is no path
}

// routes knows the shortest paths over the links that are up: one tree for each
// destination, computed when it is first asked for and again after a change.
type routes struct {
	first   []int32      // as in Network
	to      []sim.NodeID // as in Network
	from    []sim.NodeID // as in Network
	firstIn []int32      // links into node i are in[firstIn[i]] … in[firstIn[i+1]−1]
	in      []int32
	mean    []time.Duration // by link
	up      []bool          // by link, and of both its ends
	version uint64          // number of changes of up and mean
	changed []int32         // links that the latest change turned
	weighed []weight        // means that the latest change replaced

	slot   []int32 // by destination: its place in trees + 1, or 0
	trees  []tree
	most   int // trees kept
	oldest int // of trees, once there are most

	labels []label // by node, of the tree being built
	heap   labelHeap
	before tree // of Changes
}

// tree is the shortest paths of all nodes to one destination.
type tree struct {
	destination sim.NodeID
	version     uint64
	entries     []entry
}

type entry struct {
	cost time.Duration
	hops int32 // along next, or −1: no path
	next sim.NodeID
}

// weight is a mean latency of a link.
type weight struct {
	link int32
	mean time.Duration
}

func newRoutes(n *Network, links []LinkSpec) *routes {
	nodes := len(n.keys)
	r := &routes{
		first: n.first, to: n.to, from: n.from,
		firstIn: make([]int32, nodes+1),
		in:      make([]int32, len(links)),
		mean:    make([]time.Duration, len(links)),
		up:      make([]bool, len(links)),
		slot:    make([]int32, nodes),
		most:    max(1, routeMemory/nodes),
		labels:  make([]label, nodes),
	}
	for i := range links {
		r.mean[i], r.up[i] = links[i].Latency.Mean(), true
		r.firstIn[links[i].To+1]++
	}
	for i := range nodes {
		r.firstIn[i+1] += r.firstIn[i]
	}
	place := slices.Clone(r.firstIn)
	for i := range links {
		to := links[i].To
		r.in[place[to]] = int32(i)
		place[to]++
	}
	return r
}

// NextHop is the first node after from on a path to to with the least sum of mean
// latencies over the links that are not down, nor are the nodes at their ends. Of all next hops on such paths it is
// the smallest, except that a link of latency 0 must also lead to where fewer hops
// remain: else two nodes could send to each other forever. It reports false when
// there is no path or from is to. Partitions are not seen.
func (n *Network) NextHop(from, to sim.NodeID) (sim.NodeID, bool) {
	e := &n.routes.tree(to).entries[from]
	return e.next, e.next != sim.NoNode
}

// Distance is the sum of mean latencies along the path that NextHop leads, and
// its number of links. It reports false when there is no path.
func (n *Network) Distance(from, to sim.NodeID) (latency time.Duration, hops int, ok bool) {
	e := &n.routes.tree(to).entries[from]
	if e.hops < 0 {
		return 0, 0, false
	}
	return e.cost, int(e.hops), true
}

// SetOff tells routing that nodes, each named once, are down or up again. It makes
// no difference to what is handed to their links.
func (n *Network) SetOff(nodes []sim.NodeID, off bool) {
	r := n.routes
	r.changed, r.weighed = r.changed[:0], r.weighed[:0]
	if planted.Bug == planted.RoutesKeepCrashed {
		return
	}
	for _, id := range nodes {
		if n.off[id] == off {
			continue
		}
		n.off[id] = off
		for i := n.first[id]; i < n.first[id+1]; i++ {
			if !n.links[i].isDown() && !n.off[n.to[i]] {
				r.changed = append(r.changed, i)
			}
		}
		for _, i := range r.in[r.firstIn[id]:r.firstIn[id+1]] {
			if !n.links[i].isDown() && !n.off[n.from[i]] {
				r.changed = append(r.changed, i)
			}
		}
	}
	r.turn()
}

// RouteChanges calls yield for every route whose next hop or metric changed with
// the latest Begin, End, SetContact or SetOff: by destination, then by node. It takes two
// shortest-path computations for each destination, unless no link changed.
func (n *Network) RouteChanges(yield func(Route)) {
	r := n.routes
	if len(r.changed)+len(r.weighed) == 0 {
		return
	}
	for d := range sim.NodeID(len(n.keys)) {
		r.exchange()
		r.build(&r.before, d)
		r.exchange()
		for node, now := range r.tree(d).entries {
			if was := r.before.entries[node]; now.next != was.next || now.cost != was.cost {
				yield(Route{sim.NodeID(node), d, now.next, now.cost})
			}
		}
	}
}

// CostChanges calls yield for every link whose mean latency changed with the latest
// Begin or End, in the order of the links.
func (n *Network) CostChanges(yield func(e Ends, mean time.Duration)) {
	for _, w := range n.routes.weighed {
		yield(Ends{n.from[w.link], n.to[w.link]}, n.routes.mean[w.link])
	}
}

// turn makes the links that changed count as up, or as down.
func (r *routes) turn() {
	if len(r.changed) > 0 {
		r.flip()
		r.version++
	}
}

// flip turns the links that changed from up to down or back.
func (r *routes) flip() {
	for _, i := range r.changed {
		r.up[i] = !r.up[i]
	}
}

// weigh gives a link another mean latency.
func (r *routes) weigh(link int32, mean time.Duration) {
	r.weighed = append(r.weighed, weight{link, r.mean[link]})
	r.mean[link] = mean
	r.version++
}

// exchange turns to the state before the last change, or back.
func (r *routes) exchange() {
	r.flip()
	for k := range r.weighed {
		w := &r.weighed[k]
		r.mean[w.link], w.mean = w.mean, r.mean[w.link]
	}
}

// tree returns the current tree of a destination, valid until the next call.
func (r *routes) tree(d sim.NodeID) *tree {
	k := r.slot[d] - 1
	if k >= 0 && r.trees[k].version == r.version {
		return &r.trees[k]
	}
	if k < 0 {
		k = r.place()
		r.slot[d] = k + 1
	}
	t := &r.trees[k]
	r.build(t, d)
	t.version = r.version
	return t
}

// place finds room for a tree: the oldest goes when there are as many as may be.
func (r *routes) place() int32 {
	if len(r.trees) < r.most {
		r.trees = append(r.trees, tree{})
		return int32(len(r.trees) - 1)
	}
	k := r.oldest
	r.oldest = (r.oldest + 1) % r.most
	r.slot[r.trees[k].destination] = 0
	return int32(k)
}
