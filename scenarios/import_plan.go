package scenarios

import (
	"container/heap"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The traffic of an imported scenario: few enough messages for any network.
const (
	importSources  = 50
	importTargets  = 50
	importMessages = 5
	importInterval = time.Second
	importSize     = 200
	importHops     = 255 // the most that [routing] max_hops takes
	importWork     = 4_000_000
)

// plan gives the scenario traffic that can arrive, and an expectation that says so.
func (i *importer) plan(s *Scenario) {
	sources, targets, hops, slowest := i.senders()
	t := Traffic{
		Name: "t1", Kind: Messages{}, Arrivals: "periodic", Interval: importInterval, Size: Bytes(importSize), Count: importMessages,
		To: Target{How: ToAll},
	}
	s.Duration = 10 * time.Second
	s.Routing.MaxHops = int64(max(8, hops))
	if len(sources) == 0 { // no links at all
		t.Arrivals = "periodic"
		s.Traffic = []Traffic{t}
		s.Expects = []Expect{{Name: "without links nobody is heard", AtEnd: "traffic.sent > 0 && traffic.delivered == 0"}}
		return
	}
	t.To = Target{}
	if len(sources) < len(i.ids) {
		t.From = NodeSet{IDs: i.named(sources)}
	}
	if len(targets) < len(i.ids) {
		t.To = Target{How: ToNodes, IDs: i.named(targets)}
	}
	s.Traffic = []Traffic{t}
	sent := len(sources) * importMessages
	needed := importMessages*importInterval + slowest + Duration(hops*sent)*i.slowestSend()
	const longest = time.Hour
	late := needed > longest || needed < 0
	if late {
		needed = longest
	}
	s.Duration = max(s.Duration, (needed + time.Second).Truncate(time.Second))
	s.Expects = []Expect{i.expectation(sent, late)}
}

// expectation accounts for every message.
func (i *importer) expectation(sent int, late bool) Expect {
	has := func(f func(Link) bool) bool {
		return slices.ContainsFunc(i.links, func(d draft) bool { return f(d.spec) })
	}
	accounts := []string{"traffic.delivered"}
	if has(func(l Link) bool { return l.Loss > 0 }) {
		accounts = append(accounts, "drops.loss")
	}
	if has(func(l Link) bool { return l.Queue.Unit != Unlimited }) {
		accounts = append(accounts, "drops.queue_full")
	}
	if late {
		accounts = append(accounts, "traffic.in_flight")
	}
	name := "everything arrives"
	if len(accounts) > 1 {
		name = "everything is accounted for"
	}
	return Expect{Name: name, AtEnd: fmt.Sprintf("traffic.sent == %d && %s == traffic.sent", sent, strings.Join(accounts, " + "))}
}

// slowestSend is the time that the slowest link takes for one message.
func (i *importer) slowestSend() (slowest Duration) {
	for _, d := range i.links {
		if rate := int64(d.spec.Bandwidth); rate > 0 {
			slowest = max(slowest, Duration((importSize*8*int64(time.Second)+rate-1)/rate))
		}
	}
	return min(slowest, time.Hour)
}

func (i *importer) named(nodes []int) []string {
	ids := make([]string, len(nodes))
	for k, n := range nodes {
		ids[k] = i.ids[n]
	}
	return ids
}

// senders chooses sources and targets such that each source reaches each target
// other than itself within the hop limit, by whichever path of least latency; and
// says the hops and the latency of the longest of these paths.
func (i *importer) senders() (sources, targets []int, hops int, slowest Duration) {
	hub, part := i.hub()
	if hub < 0 {
		return nil, nil, 0, 0
	}
	out := i.outgoing()
	from := i.routes(hub, out)
	var reached []int // the hub too
	for _, n := range part {
		if from[n].known && from[n].hops <= importHops {
			reached = append(reached, n)
		}
	}
	targets = spread(reached, importTargets)
	others := slices.DeleteFunc(part, func(n int) bool { return n == hub })
	for _, source := range append([]int{hub}, spread(others, min(importSources, importWork/len(i.links))-1)...) {
		if source != hub {
			from = i.routes(source, out)
		}
		if slices.ContainsFunc(targets, func(n int) bool { return !from[n].known || from[n].hops > importHops }) {
			continue
		}
		sources = append(sources, source)
		for _, n := range targets {
			hops, slowest = max(hops, from[n].hops), max(slowest, from[n].latest)
		}
	}
	if len(sources) == 1 {
		targets = slices.DeleteFunc(targets, func(n int) bool { return n == hub })
	}
	slices.Sort(sources)
	return sources, targets, hops, slowest
}

// spread takes at most n elements, evenly.
func spread(list []int, n int) []int {
	if n <= 0 {
		return nil
	}
	if len(list) <= n {
		return list
	}
	chosen := make([]int, n)
	for k := range chosen {
		chosen[k] = list[k*len(list)/n]
	}
	return chosen
}

// hub is the node with the most outgoing links of the largest part that hangs
// together, whatever the directions; −1 when there are no links.
func (i *importer) hub() (hub int, part []int) {
	parent := make([]int, len(i.ids))
	for n := range parent {
		parent[n] = n
	}
	root := func(n int) int {
		for parent[n] != n {
			parent[n] = parent[parent[n]]
			n = parent[n]
		}
		return n
	}
	degree, size := make([]int, len(i.ids)), make([]int, len(i.ids))
	for _, d := range i.links {
		parent[root(d.ends[0])] = root(d.ends[1])
		degree[d.ends[0]]++
	}
	for n := range i.ids {
		size[root(n)]++
	}
	hub = -1
	for n := range i.ids {
		if degree[n] == 0 {
			continue
		}
		if hub < 0 || size[root(n)] > size[root(hub)] || size[root(n)] == size[root(hub)] && degree[n] > degree[hub] {
			hub = n
		}
	}
	for n := range i.ids {
		if hub >= 0 && root(n) == root(hub) {
			part = append(part, n)
		}
	}
	return hub, part
}

// outgoing lists the links by the node that they leave.
func (i *importer) outgoing() [][]int {
	out := make([][]int, len(i.ids))
	for k, d := range i.links {
		out[d.ends[0]] = append(out[d.ends[0]], k)
	}
	return out
}

// route is the way to a node: of those with the least mean latency the one with
// the most hops, and the most that such a way may take.
type route struct {
	mean, latest Duration
	hops         int
	known, done  bool
}

// routes is Dijkstra's algorithm from one node.
func (i *importer) routes(source int, out [][]int) []route {
	best := make([]route, len(i.ids))
	best[source].known = true
	queue := &routeQueue{{0, source}}
	for queue.Len() > 0 {
		at := heap.Pop(queue).(routeEntry).node
		if best[at].done {
			continue
		}
		best[at].done = true
		for _, k := range out[at] {
			d := &i.links[k]
			to, mean, latest := &best[d.ends[1]], best[at].mean+i.mean(d.spec), best[at].latest+i.latest(d.spec)
			switch {
			case to.done:
			case !to.known || mean < to.mean:
				*to = route{mean: mean, latest: latest, hops: best[at].hops + 1, known: true}
				heap.Push(queue, routeEntry{mean, d.ends[1]})
			case mean == to.mean:
				to.hops, to.latest = max(to.hops, best[at].hops+1), max(to.latest, latest)
			}
		}
	}
	return best
}

// latest is when all but the rarest copies have crossed a link: its longest latency,
// or a hundred means of a long tail.
func (i *importer) latest(l Link) Duration {
	return min(l.Latency.Most(), max(100*min(i.mean(l), maxLatency), l.Latency.Least()))
}

type routeEntry struct {
	mean Duration
	node int
}

type routeQueue []routeEntry

func (q routeQueue) Len() int           { return len(q) }
func (q routeQueue) Less(a, b int) bool { return q[a].mean < q[b].mean }
func (q routeQueue) Swap(a, b int)      { q[a], q[b] = q[b], q[a] }
func (q *routeQueue) Push(e any)        { *q = append(*q, e.(routeEntry)) }
func (q *routeQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
