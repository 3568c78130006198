package campaign

import (
	"fmt"

	"meshsim/scenarios"
)

// orders draws what operators have nodes do about each other, what happens to humans,
// and what applications submit beside all traffic. Each needs two nodes, or three.
func (w *swarm) orders() {
	circle := w.circle()
	if len(circle) < 3 || !w.on("orders", 40) {
		return
	}
	for i := range w.of("orders").between(2, 6) {
		d := w.of(fmt.Sprintf("orders/%d", i+1))
		at, turn := d.exactly(len(circle), 3), d.below(3) // who of the three does it, to whom, and about whom
		node, peer, subject := circle[at[turn]], circle[at[(turn+1)%3]], circle[at[(turn+2)%3]]
		w.s.Actions = append(w.s.Actions, scenarios.Action{At: d.span(0, w.s.Duration), Node: node, Kind: w.order(d, peer, subject)})
	}
}

// order draws one thing to do.
func (w *swarm) order(d *draws, peer, subject string) scenarios.ActionKind {
	facts := w.s.Knowledge.Facts
	switch how := d.below(7); {
	case how == 0:
		return scenarios.Override{Peer: peer}
	case how == 1:
		return scenarios.Introduce{Peer: peer, Subject: subject}
	case how == 2:
		return scenarios.Warn{Peer: peer, Subject: subject}
	case how == 3 && len(facts) > 0:
		return scenarios.Claim{Peer: peer, Fact: pick(d, facts...).ID, Source: w.citable(d)}
	case how < 6:
		return scenarios.SetHuman{
			Presence: d.word(words("action.set_human.presence")), Affect: d.word(words("action.set_human.affect")), Consent: d.word(words("action.set_human.consent")),
			Clarity: int64(d.between(0, 100)), Pressure: int64(d.between(0, 100)),
		}
	}
	k := scenarios.Submit{Peer: peer, Type: pick(d, "HCP_HELLO", "HCP_HELLO", "HCP_INTENT", "REPORT")}
	if d.hit(50) {
		k.Size = new(int64(d.between(0, 3000)))
	}
	if d.hit(50) {
		k.Payload = `{"wants":"a talk"}`
	}
	return k
}
