package campaign

import (
	"time"

	"meshsim/scenarios"
)

// conduct draws what operators do and who misbehaves. Nothing comes of either unless
// nodes meet, so they do, if nothing else has them meet.
func (w *swarm) conduct() {
	if w.on("action", 35) {
		w.actions(w.of("action"))
	}
	if w.on("adversary", 35) {
		w.adversary(w.of("adversary"))
	}
	if len(w.s.Actions)+len(w.s.Adversaries) > 0 && w.s.Handshake.Auto == "" {
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

func (w *swarm) adversary(d *draws) {
	a := scenarios.Adversary{Behaviour: scenarios.Replay{}}
	switch d.below(3) {
	case 0:
		a.Nodes = scenarios.NodeSet{IDs: w.someNodes(d, 4)}
	case 1:
		a.Nodes = scenarios.NodeSet{Random: int64(d.between(1, min(4, len(w.mesh.Nodes))))}
	}
	if d.hit(50) {
		a.Start = d.span(1, w.s.Duration/4)
	}
	if d.hit(50) {
		a.Stop = a.Start + d.span(w.s.Duration/4, w.s.Duration)
	}
	w.s.Duration += time.Second // that is how long it takes to say it again
	if d.hit(75) {              // who is replayed is blocked
		w.s.Trust.OnReplay = "malicious"
	}
	if d.hit(50) && len(w.mesh.Nodes) <= 12 { // nodes that pass on what others say can replay it
		w.s.Handshake.Auto = "all"
	}
	w.s.Adversaries = append(w.s.Adversaries, a)
}
