package campaign

import (
	"fmt"
	"strings"
	"time"

	"meshsim/scenarios"
)

// mostAdverts bounds the copies of adverts that a run of link_state is meant to flood
// again because their time has come.
const mostAdverts = 5000

// routing draws the strategy, tight or ample hop limits, whom nodes know, and how
// often they tell of themselves.
func (w *swarm) routing() {
	r, d, n := &w.s.Routing, w.of("routing"), len(w.mesh.Nodes)
	r.Strategy = d.word(words("routing.strategy"))
	r.MaxHops = int64(pick(d, d.between(1, 8), max(1, n-1), 255))
	if r.Strategy == "static" {
		r.File = "routes.csv"
		w.s.Embed(r.File, []byte(w.routes()))
	}
	if w.on("registry", 25) {
		w.s.Registry.Start = w.of("registry").word(words("registry.start"))
	}
	if w.on("announce", 15) {
		w.s.Registry.Announce = w.of("announce").span(w.s.Duration/8, w.s.Duration)
	}
	if w.on("expire", 10) {
		w.s.Registry.Expire = w.of("expire").span(w.s.Duration/8, 2*w.s.Duration)
	}
	if w.on("seen_max", 30) {
		r.SeenMax = int64(w.of("seen_max").between(1, 32))
	}
	if w.on("fanout", 25) {
		r.Fanout = int64(w.of("fanout").between(1, 5))
	}
	if w.on("hello_interval", 80) {
		d := w.of("hello_interval")
		r.Hello = d.span(w.s.Duration/40, w.s.Duration/8)
		flooded := time.Duration(n * len(w.mesh.Links))
		r.Advertise = max(r.Hello*time.Duration(d.between(1, 6)), w.s.Duration*flooded/mostAdverts)
	}
}

// routes is a table of next hops with the fewest hops to each destination, by a
// search from each over the links that lead to it.
func (w *swarm) routes() string {
	var b strings.Builder
	b.WriteString("node,destination,next\n")
	for to := range w.mesh.Nodes {
		next := map[int]int{to: to}
		for queue := []int{to}; len(queue) > 0; queue = queue[1:] {
			for _, l := range w.mesh.Links {
				if _, done := next[int(l.From)]; int(l.To) == queue[0] && !done {
					next[int(l.From)] = queue[0]
					queue = append(queue, int(l.From))
				}
			}
		}
		for from := range w.mesh.Nodes {
			if via, ok := next[from]; ok && from != to {
				fmt.Fprintf(&b, "%s,%s,%s\n", w.mesh.Nodes[from].ID, w.mesh.Nodes[to].ID, w.mesh.Nodes[via].ID)
			}
		}
	}
	return b.String()
}

// traffic draws up to three entries that together become so many copies as a short
// run bears.
func (w *swarm) traffic() {
	d := w.of("traffic")
	entries := d.between(1, 3)
	for i := range entries {
		e := w.of(fmt.Sprintf("traffic/%d", i+1))
		t := scenarios.Traffic{Name: fmt.Sprintf("t%d", i+1), Kind: scenarios.Messages{}}
		if e.hit(15) && len(w.mesh.Nodes) > 1 {
			t.File = t.Name + ".csv"
			w.s.Embed(t.File, []byte(w.flows(e)))
		} else {
			w.sources(e, &t)
			w.pace(e, &t, mostCopies/entries)
		}
		if e.hit(25) {
			t.Class = pick(e, "web", "bulk")
		}
		if e.hit(25) {
			t.Kind = scenarios.Messages{Type: pick(e, "REPORT", "ROUTE_HELLO", "LIP_FETCH")} // refused where nodes speak a routing protocol, or make claims
		} else if e.hit(30) && t.To.How != scenarios.ToAll { // all would answer
			t.Kind = scenarios.Requests{Type: pick(e, "REQUEST", "ASK"), ReplySize: int64(pick(e, 0, 200, e.between(0, 3000)))}
		}
		if t.File == "" && t.To.How != scenarios.ToAll && e.hit(20) {
			t.Kind = scenarios.Handshakes{}
		}
		w.s.Traffic = append(w.s.Traffic, t)
	}
	if w.on("reflections", 20) {
		e := w.of("reflections")
		t := scenarios.Traffic{Name: "thoughts", Kind: scenarios.Reflections{}, To: scenarios.Target{How: scenarios.ToAll}}
		t.From = scenarios.NodeSet{IDs: w.someNodes(e, 5)}
		w.pace(e, &t, mostCopies/2)
		w.s.Traffic = append(w.s.Traffic, t)
	}
	if flood := w.floods(); flood && w.s.Routing.SeenMax > 0 {
		w.s.Routing.SeenMax = 0 // what is forgotten floods again, up to the hop limit
	}
}

// memory says how nodes share records, or only that they do.
func (w *swarm) memory() {
	if !w.on("memory", 25) {
		return
	}
	d, m := w.of("memory"), &scenarios.Memory{}
	if d.hit(70) { // not so often that a large mesh does little else
		m.Sync = d.span(w.s.Duration/6, w.s.Duration)
	}
	if d.hit(50) {
		m.ChunkSize = int64(d.between(1, 8))
	}
	if d.hit(40) {
		m.Limit = int64(d.between(1, 20))
	}
	w.s.Memory = m
}

// floods reports whether anything is sent to all neighbours.
func (w *swarm) floods() bool {
	for _, t := range w.s.Traffic {
		if t.To.How == scenarios.ToAll && t.File == "" {
			return true
		}
	}
	return floodsAll(w.s.Routing.Strategy)
}

// floodsAll reports whether a strategy sends unicasts to several neighbours too.
func floodsAll(strategy string) bool { return strategy == "flood" || strategy == "gossip" }

// sources draws who sends to whom.
func (w *swarm) sources(d *draws, t *scenarios.Traffic) {
	n := len(w.mesh.Nodes)
	switch d.below(3) {
	case 0:
		t.From = scenarios.NodeSet{IDs: w.someNodes(d, 5)}
	case 1:
		t.From = scenarios.NodeSet{Random: int64(d.between(1, min(n, 5)))}
	}
	switch how := d.below(4); {
	case how == 0 || n < 2:
		t.To = scenarios.Target{How: scenarios.ToAll}
	case how == 1:
		t.To = scenarios.Target{How: scenarios.ToEach}
	case how == 2 && t.From.All():
		t.To = scenarios.Target{How: scenarios.ToNodes, IDs: w.someNodes(d, 3)}
	}
}

// pace draws when messages come, so few that no more than so many copies are to be
// expected.
func (w *swarm) pace(d *draws, t *scenarios.Traffic, copies int) {
	n := len(w.mesh.Nodes)
	sources, each := n, 6 // a way's links, about
	if k := len(t.From.IDs) + int(t.From.Random); k > 0 {
		sources = k
	}
	if floodsAll(w.s.Routing.Strategy) || t.To.How == scenarios.ToAll {
		each = len(w.mesh.Links) + n
	}
	if t.To.How == scenarios.ToEach {
		each *= max(1, n-1)
	}
	count := max(1, copies/max(1, sources*each))
	t.Arrivals = d.word(words("traffic.arrivals"))
	gap := max(time.Millisecond, w.s.Duration/time.Duration(min(count, 40)+1))
	if d.hit(50) {
		t.Interval = gap
	} else {
		t.Rate = max(scenarios.PerSecond/10, scenarios.Frequency(int64(scenarios.PerSecond)*int64(time.Second)/int64(gap)))
	}
	t.Count = int64(min(count, 40))
	t.Size = w.size(d)
	if d.hit(40) {
		t.Start = d.span(1, w.s.Duration/3)
	}
	if d.hit(30) {
		t.Stop = t.Start + d.span(w.s.Duration/10, w.s.Duration)
	}
}

// size draws the bytes of messages.
func (w *swarm) size(d *draws) scenarios.Size {
	fixed := scenarios.Bytes(int64(pick(d, 0, 1, 199, 200, 201, d.between(0, 3000))))
	switch d.word(words("size")) {
	case "uniform":
		return scenarios.Size{Kind: scenarios.UniformSize{Min: int64(d.between(0, 200)), Max: int64(d.between(200, 3000))}}
	case "exponential":
		return scenarios.Size{Kind: scenarios.ExponentialSize{Mean: int64(d.between(1, 800))}}
	case "empirical":
		w.s.Embed("sizes.csv", []byte("size,weight\n40,7\n576,4\n1500,1\n"))
		return scenarios.Size{Kind: scenarios.EmpiricalSize{File: "sizes.csv"}}
	}
	return fixed
}

// flows is a flow file of a few rows.
func (w *swarm) flows(d *draws) string {
	var b strings.Builder
	b.WriteString("source,destination,start,interval,size,count\n")
	n := len(w.mesh.Nodes)
	for range d.between(1, 4) {
		from := d.below(n)
		to := (from + 1 + d.below(n-1)) % n
		fmt.Fprintf(&b, "%s,%s,%dns,%dns,%d,%d\n", w.mesh.Nodes[from].ID, w.mesh.Nodes[to].ID, d.span(0, w.s.Duration/2), d.span(time.Millisecond, w.s.Duration/5), d.between(0, 1500), d.between(1, 8))
	}
	return b.String()
}
