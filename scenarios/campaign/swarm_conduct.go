package campaign

import (
	"slices"
	"time"

	"meshsim/scenarios"
)

// conduct draws what operators do and who misbehaves. Nothing comes of what operators
// do unless nodes meet, so they do, if nothing else has them meet.
func (w *swarm) conduct() {
	if w.on("action", 35) {
		w.actions(w.of("action"))
	}
	if w.on("adversary", 45) {
		w.adversaries(w.of("adversary"))
	}
	w.deceit()
	if len(w.s.Knowledge.Facts) > 0 {
		w.shakeHands()
	}
	w.orders()
	if len(w.s.Actions) > 0 && w.s.Handshake.Auto == "" {
		w.s.Handshake.Auto = "neighbours"
	}
}

func (w *swarm) actions(d *draws) {
	for range d.between(1, 3) {
		w.s.Actions = append(w.s.Actions, scenarios.Action{
			At: d.span(0, w.s.Duration), Node: w.mesh.Nodes[d.below(len(w.mesh.Nodes))].ID,
			Kind: scenarios.SetPresence{Presence: d.word(words("action.set_presence.presence")), LRI: int64(d.between(0, 100))},
		})
	}
	if d.hit(75) { // peers want something as soon as they have met, and are put off
		for _, n := range w.mesh.Nodes[:min(12, len(w.mesh.Nodes))] {
			w.s.Actions = append(w.s.Actions, scenarios.Action{Node: n.ID, Kind: scenarios.SetPresence{Presence: "overloaded"}})
		}
	}
}

// adversaries draws one entry of any nodes, or several of some nodes each.
func (w *swarm) adversaries(d *draws) {
	several := d.hit(50)
	w.adversary(d, several)
	for range 2 {
		if several && len(w.honest()) > 0 {
			w.adversary(d, true)
		}
	}
}

// honest are the nodes that no entry names so far.
func (w *swarm) honest() []string {
	var ids []string
	for _, n := range w.mesh.Nodes {
		if !slices.ContainsFunc(w.s.Adversaries, func(a scenarios.Adversary) bool { return slices.Contains(a.Nodes.IDs, n.ID) }) {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

func (w *swarm) adversary(d *draws, named bool) {
	var a scenarios.Adversary
	switch how := d.below(3); {
	case named || how == 0:
		honest := w.honest()
		for _, i := range d.some(len(honest), 4) {
			a.Nodes.IDs = append(a.Nodes.IDs, honest[i])
		}
	case how == 1:
		a.Nodes.Random = int64(d.between(1, min(4, len(w.mesh.Nodes))))
	}
	if d.hit(50) {
		a.Start = d.span(1, w.s.Duration/4)
	}
	if d.hit(50) {
		a.Stop = a.Start + d.span(w.s.Duration/4, w.s.Duration)
	}
	a.Behaviour = w.behaviour(d, &a)
	w.s.Adversaries = append(w.s.Adversaries, a)
}

func (w *swarm) behaviour(d *draws, a *scenarios.Adversary) scenarios.AdversaryKind {
	kinds := slices.DeleteFunc(slices.Clone(words("adversary.behaviour")), func(k string) bool { return slices.Contains(deceptions, k) })
	switch kind := d.word(kinds); kind {
	case "blackhole":
		return scenarios.Blackhole{}
	case "grayhole":
		return scenarios.Grayhole{Share: d.share(50, 1000)}
	case "tamper":
		return scenarios.Tamper{Share: d.share(50, 1000)}
	case "delay":
		return scenarios.Delay{By: d.span(time.Millisecond, w.s.Duration/4)}
	case "flood":
		few := 4 // messages of each
		if a.Nodes.All() {
			few = 1
		}
		return scenarios.Flood{Rate: scenarios.Frequency(int64(d.between(1, few)) * int64(scenarios.PerSecond) * int64(time.Second) / int64(w.s.Duration))}
	case "replay":
		w.replayed(d)
		return scenarios.Replay{}
	default:
		panic("campaign: nobody draws an adversary that does " + kind)
	}
}

// replayed gives those who replay something to say again, and time for it.
func (w *swarm) replayed(d *draws) {
	w.s.Duration += time.Second // that is how long it takes to say it again
	if d.hit(75) {              // who is replayed is blocked
		w.s.Trust.OnReplay = "malicious"
	}
	if w.s.Handshake.Auto == "" {
		w.s.Handshake.Auto = "neighbours"
	}
	if d.hit(50) && len(w.mesh.Nodes) <= 12 { // nodes that pass on what others say can replay it
		w.s.Handshake.Auto = "all"
	}
}
