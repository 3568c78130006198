package campaign

import (
	"fmt"
	"slices"
	"time"

	"meshsim/scenarios"
)

// mostFriends bounds the circle. Where everyone tells everyone something, that takes
// some ten messages for each pair.
const mostFriends = 8

// circle are the nodes, in a large mesh a few of them, that know and tell each other
// something: a handful of nodes can come to trust in the time of a run, and fall out.
func (w *swarm) circle() (ids []string) {
	d, n := w.of("circle"), len(w.mesh.Nodes)
	for _, i := range d.exactly(n, d.between(min(n, 4), min(n, mostFriends))) {
		ids = append(ids, w.mesh.Nodes[i].ID)
	}
	return ids
}

// friends are some of the circle.
func (w *swarm) friends(d *draws, most int) (ids []string) {
	circle := w.circle()
	for _, i := range d.some(len(circle), most) {
		ids = append(ids, circle[i])
	}
	return ids
}

// knowledge draws what there is to know, what nodes tell each other of it, and what they
// make of that.
func (w *swarm) knowledge() {
	if !w.on("knowledge", 50) {
		return
	}
	w.s.Duration += time.Second // trust takes some messages there and back
	w.facts()
	if w.on("facts", 85) {
		w.tell(w.of("facts"), scenarios.Facts{Domain: w.domain(w.of("facts/domain"))})
	}
	if w.on("claims", 60) {
		d := w.of("claims")
		w.tell(d, scenarios.Claims{Domain: w.domain(d), Source: w.citable(d)})
	}
	w.judgement()
	w.anchors()
}

// shakeHands has the circle meet; of those who do not nothing comes.
func (w *swarm) shakeHands() {
	if w.s.Handshake.Auto == "all" || len(w.mesh.Nodes) < 2 {
		return
	}
	if len(w.mesh.Nodes) <= mostFriends && w.on("all meet", 60) {
		w.s.Handshake.Auto = "all"
		return
	}
	ids := w.circle()
	w.s.Traffic = append(w.s.Traffic, scenarios.Traffic{
		Name: "meetings", Kind: scenarios.Handshakes{}, From: scenarios.NodeSet{IDs: ids}, To: scenarios.Target{How: scenarios.ToNodes, IDs: ids},
		Arrivals: "periodic", Interval: w.s.Duration / 100, Count: int64(2 * len(ids)),
	})
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

// knowers are everyone, some that are drawn in the run, or some of the circle.
func (w *swarm) knowers(d *draws) scenarios.NodeList {
	switch how := d.below(10); {
	case how < 3:
		return scenarios.NodeList{"*"}
	case how < 5:
		return scenarios.NodeList{scenarios.Drawn(int64(d.between(1, len(w.mesh.Nodes))))}
	}
	return w.friends(d, mostFriends)
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

// tell draws traffic by which the circle, or all of a small mesh, tell each other what
// they know.
func (w *swarm) tell(d *draws, kind scenarios.TrafficKind) {
	n, ids := len(w.mesh.Nodes), w.circle()
	if n < 2 {
		return
	}
	t := scenarios.Traffic{
		Name: scenarios.KindName(kind), Kind: kind, Arrivals: d.word(words("traffic.arrivals")), Start: d.span(0, w.s.Duration/4),
		From: scenarios.NodeSet{IDs: ids}, To: scenarios.Target{How: scenarios.ToNodes, IDs: ids}, Count: int64(d.between(4, 24)),
	}
	switch how := d.below(4); {
	case how == 0 && n <= mostFriends:
		t.From, t.To, t.Count = scenarios.NodeSet{}, scenarios.Target{How: scenarios.ToEach}, int64(d.between(1, 6))
	case how == 1 && n <= mostFriends:
		t.From, t.To = scenarios.NodeSet{}, scenarios.Target{}
	case how == 2 && len(ids) > 2:
		t.From.IDs = ids[:2] // all others hear the same
	}
	t.Interval = max(time.Millisecond, w.s.Duration/2/time.Duration(t.Count))
	w.s.Traffic = append(w.s.Traffic, t)
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
	t.Introductions = d.word(words("trust.introductions"))
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
		w.s.Trust.Anchors = w.friends(w.of("anchors"), 3)
	}
	if w.on("default anchors", 20) {
		w.s.NodeDefaults.Anchors = w.friends(w.of("default anchors"), 3)
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
			self := func(id string) bool { return id == n.ID }
			n.Anchors = slices.DeleteFunc(w.friends(d, 4), self) // often none at all, whoever is one by default
		}
	}
}
