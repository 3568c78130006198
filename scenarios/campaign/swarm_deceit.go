package campaign

import (
	"slices"
	"time"

	"meshsim/scenarios"
)

// deceit draws who deceives others about what there is to know, and about each other.
// They are no nodes that misbehave otherwise.
func (w *swarm) deceit() {
	if !w.on("deceit", 30) {
		return
	}
	for _, a := range w.s.Adversaries {
		if a.Nodes.All() || a.Nodes.Random > 0 {
			return // who is still honest nobody knows yet
		}
	}
	if len(w.s.Knowledge.Facts) == 0 {
		w.s.Duration += time.Second
		w.facts()
		w.tell(w.of("deceit/facts"), scenarios.Facts{})
	}
	d := w.of("deceit")
	for range d.between(1, 3) {
		circle, honest := w.circle(), w.honest()
		honest = slices.DeleteFunc(honest, func(id string) bool { return !slices.Contains(circle, id) })
		if len(honest) == 0 {
			return
		}
		var a scenarios.Adversary
		for _, i := range d.some(len(honest), 2) {
			a.Nodes.IDs = append(a.Nodes.IDs, honest[i])
		}
		a.Behaviour = w.deception(d, &a)
		if d.hit(30) {
			a.Start = d.span(1, w.s.Duration/4)
		}
		if d.hit(30) {
			a.Stop = a.Start + d.span(w.s.Duration/4, w.s.Duration)
		}
		w.s.Adversaries = append(w.s.Adversaries, a)
	}
}

// deception draws how an entry deceives.
func (w *swarm) deception(d *draws, a *scenarios.Adversary) scenarios.AdversaryKind {
	switch d.below(5) {
	case 0:
		return scenarios.Lie{Domain: w.domain(d)}
	case 1:
		return scenarios.Equivocate{}
	case 2:
		a.Start = d.span(0, w.s.Duration/2) // when nodes have met: it looks but once a second
		return scenarios.Slander{Targets: w.slandered(d)}
	case 3:
		a.Start = d.span(0, w.s.Duration/2)
		return scenarios.IntroduceLiars{}
	}
	a.Nodes.IDs = a.Nodes.IDs[:1]
	w.s.Duration += time.Second // it tells what it knows each second
	return scenarios.SybilAttack{Count: int64(d.between(1, 2))}
}

// slandered are of whom somebody warns.
func (w *swarm) slandered(d *draws) scenarios.NodeList {
	switch d.below(3) {
	case 0:
		return scenarios.NodeList{"*"}
	case 1:
		return scenarios.NodeList{scenarios.Drawn(int64(d.between(1, min(4, len(w.mesh.Nodes)))))}
	}
	return w.friends(d, 4)
}

// deceptions are the behaviours that deceit draws, with chance of its own.
var deceptions = []string{"lie", "equivocate", "slander", "introduce_liars", "sybil"}
