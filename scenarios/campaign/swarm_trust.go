package campaign

import (
	"fmt"
	"slices"
	"time"

	"meshsim/scenarios"
)

// closeKnit is the most nodes of a mesh in which everyone tells everyone: that takes
// some ten messages for each pair.
const closeKnit = 12

// knowledge draws what there is to know, what nodes tell each other of it, and what they
// make of that.
func (w *swarm) knowledge() {
	if !w.on("knowledge", 50) {
		return
	}
	w.facts()
	if w.on("facts", 85) {
		w.tell(w.of("facts"), scenarios.Facts{Domain: w.domain(w.of("facts/domain"))})
	}
	if w.on("claims", 60) {
		d := w.of("claims")
		k := scenarios.Claims{Domain: w.domain(d), Source: w.citable(d)}
		w.tell(d, k)
	}
	w.judgement()
	if len(w.mesh.Nodes) <= closeKnit && w.on("introductions", 60) {
		w.s.Trust.Introductions = pick(w.of("introductions"), "tell", "meet")
	}
	w.anchors()
	w.shakeHands()
}

// shakeHands has nodes meet, of whom nothing comes otherwise, if nothing else has them.
func (w *swarm) shakeHands() {
	if h := &w.s.Handshake; h.Auto == "" || h.Auto == "none" {
		h.Auto = "neighbours"
		if len(w.mesh.Nodes) <= closeKnit && w.of("handshake/met").hit(60) {
			h.Auto = "all"
		}
	}
}

// facts draws what holds, who knows it, and who says so.
func (w *swarm) facts() {
	d, k := w.of("knowledge"), &w.s.Knowledge
	mistaken := w.on("mistaken", 35)
	for i := range d.between(1, 4) {
		f := scenarios.Fact{ID: fmt.Sprintf("f%d", i+1), Domain: pick(d, "general", "general", "weather", "tides"), KnownBy: w.knowers(d)}
		if mistaken && d.hit(60) {
			f.WrongAt = w.knowers(w.of("mistaken/" + f.ID))
		}
		k.Facts = append(k.Facts, f)
	}
	d = w.of("sources")
	for i := range d.below(5) {
		s := scenarios.Source{URI: fmt.Sprintf("https://s%d", i+1), Tier: d.word(words("knowledge.sources.tier"))}
		for _, fact := range k.Facts {
			if d.hit(50) {
				s.Says = append(s.Says, fact.ID)
			}
		}
		k.Sources = append(k.Sources, s)
	}
}

// knowers are everyone, some that are drawn in the run, or some of many.
func (w *swarm) knowers(d *draws) scenarios.NodeList {
	n := len(w.mesh.Nodes)
	switch how := d.below(10); {
	case how < 3:
		return scenarios.NodeList{"*"}
	case how < 5:
		return scenarios.NodeList{scenarios.Drawn(int64(d.between(1, n)))}
	}
	return w.someNodes(d, n)
}

// domain is that of a fact, or none: any.
func (w *swarm) domain(d *draws) string {
	if d.hit(50) {
		return ""
	}
	return pick(d, w.s.Knowledge.Facts...).Domain
}

// citable is a source, or none.
func (w *swarm) citable(d *draws) string {
	if all := w.s.Knowledge.Sources; len(all) > 0 && d.hit(75) {
		return pick(d, all...).URI
	}
	return ""
}

// tell draws traffic by which nodes tell each other what they know: in small meshes
// everyone everything, in others some, something.
func (w *swarm) tell(d *draws, kind scenarios.TrafficKind) {
	n := len(w.mesh.Nodes)
	if n < 2 {
		return
	}
	t := scenarios.Traffic{Name: scenarios.KindName(kind), Kind: kind, Arrivals: d.word(words("traffic.arrivals"))}
	small := n <= closeKnit && (n <= closeKnit/2 || !floodsAll(w.s.Routing.Strategy))
	if !small || d.hit(25) {
		t.From = scenarios.NodeSet{IDs: w.someNodes(d, 5)}
	}
	if small && d.hit(70) {
		t.To = scenarios.Target{How: scenarios.ToEach}
	} else if len(t.From.IDs) > 0 && d.hit(30) {
		t.To = scenarios.Target{How: scenarios.ToNodes, IDs: w.others(d, t.From.IDs)}
		if len(t.To.IDs) == 0 {
			t.To = scenarios.Target{}
		}
	}
	t.Count = int64(d.between(1, 2*len(w.s.Knowledge.Facts)))
	t.Interval = max(time.Millisecond, w.s.Duration/time.Duration(2*t.Count+1))
	if d.hit(40) {
		t.Start = d.span(1, w.s.Duration/3)
	}
	w.s.Traffic = append(w.s.Traffic, t)
}

// others are some nodes that are not among these.
func (w *swarm) others(d *draws, than []string) []string {
	return slices.DeleteFunc(w.someNodes(d, 4), func(id string) bool { return slices.Contains(than, id) })
}

// judgement draws the rules by which nodes trust.
func (w *swarm) judgement() {
	if !w.on("judgement", 75) {
		return
	}
	d, t := w.of("judgement"), &w.s.Trust
	t.Verify, t.Quorum, t.Warners = d.word(words("trust.verify")), int64(d.between(1, 3)), int64(d.between(1, 3))
	t.Warnings = d.word(words("trust.warnings"))
	t.VerifyTimeout = d.span(20*time.Millisecond, w.s.Duration/2)
	t.Settle = d.span(time.Millisecond, w.s.Duration)
	if d.hit(25) {
		t.Decay = d.span(w.s.Duration/8, w.s.Duration)
	}
	if d.hit(50) {
		t.IntroductionHops = int64(d.between(2, 4))
	}
	if d.hit(50) {
		t.IntroductionExpire = d.span(w.s.Duration/50, w.s.Duration)
	}
	if d = w.of("claims_max"); d.hit(60) {
		t.ClaimsMax, t.ClaimsOverflow = int64(d.between(1, 3)), d.word(words("trust.claims_overflow"))
	}
}

// anchors draws whom nodes trust from the start: everyone some, or some nodes others.
func (w *swarm) anchors() {
	if w.on("anchors", 35) {
		w.s.Trust.Anchors = w.someNodes(w.of("anchors"), 3)
	}
	if w.on("default anchors", 20) {
		w.s.NodeDefaults.Anchors = w.someNodes(w.of("default anchors"), 3)
	}
	if !w.on("node anchors", 25) {
		return
	}
	d := w.of("node anchors")
	if len(w.s.Nodes) == 0 { // all of them: without an entry a node of own links is none
		for _, n := range w.mesh.Nodes {
			w.s.Nodes = append(w.s.Nodes, scenarios.Node{ID: n.ID})
		}
	}
	for i := range w.s.Nodes {
		n := &w.s.Nodes[i]
		if d.hit(40) {
			n.Anchors = w.others(d, []string{n.ID}) // often none at all, whoever is one by default
		}
	}
}
