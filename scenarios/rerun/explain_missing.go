package rerun

import (
	"fmt"
	"slices"
	"strings"

	"meshsim/mesh"
	"meshsim/scenarios/world"
	"meshsim/sim"
)

// dossierOf is what a node keeps on a peer; of one that it never heard of, next to nothing.
func dossierOf(state *world.State, peer string) mesh.Dossier {
	i := slices.IndexFunc(state.Dossiers, func(d mesh.Dossier) bool { return d.Peer == peer })
	if i < 0 {
		return mesh.Dossier{Peer: peer, Trust: "unknown"}
	}
	return state.Dossiers[i]
}

// missing says what keeps a node from trusting a peer, as the node itself has it.
func (t *testimony) missing(state *world.State, node, peer sim.NodeID, verify string) []string {
	d := dossierOf(state, t.name(peer))
	if d.Trust == "trusted" {
		return nil
	}
	lack := &lack{a: state.ID, b: d.Peer, verify: verify, Dossier: d}
	switch {
	case d.Trust == "blocked":
		lack.say("only an operator who overrides that moves it from there")
	case !d.Authenticated:
		lack.unmet(state)
	case len(d.Kept) > 0:
		for i := range d.Kept {
			lack.waiting(&d.Kept[i], state)
		}
	case len(d.Said) == 0 && len(d.Proofs) == 0:
		lack.say("missing: %s has told %s no fact", lack.b, lack.a)
	default:
		for _, proof := range d.Proofs {
			lack.say("missing: %q (version %d) has proved it before, and does so once", proof.Fact, proof.Version)
		}
		for _, s := range d.Said {
			lack.said(s, state.FirstHand)
		}
	}
	lack.unheeded(state)
	if d.Trust != "blocked" {
		lack.lost(t.lost[[2]sim.NodeID{node, peer}])
	}
	return lack.lines
}

// lack is what is missing for trust, while it is told.
type lack struct {
	mesh.Dossier
	a, b   string
	verify string
	lines  []string
}

func (l *lack) say(format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

// unmet says that the peer has not shown who it is.
func (l *lack) unmet(state *world.State) {
	how := "no handshake was begun"
	for _, m := range state.Meetings {
		if m.Peer == l.b {
			how = "their handshake is " + m.State
		}
	}
	l.say("missing: %s has not answered a challenge of %s: %s", l.b, l.a, how)
	for _, k := range l.Kept {
		l.say("%q, which it said, waits until it has", k.Statement)
	}
}

// waiting says how far the judgement of a fact is.
func (l *lack) waiting(k *mesh.KeptFact, state *world.State) {
	l.say("missing: %q, which %s says, has %d of %s%s", k.Statement, l.b, len(k.Confirmed), plural(k.Needs, "confirmation", "confirmations"), of(k.Confirmed))
	if len(k.Challenged) > 0 {
		l.say("it is contradicted by %s", strings.Join(k.Challenged, ", "))
	}
	if len(k.Asked) > 0 {
		l.say("%s: asked, and did not answer yet", strings.Join(k.Asked, ", "))
	}
	others := slices.DeleteFunc(slices.Clone(k.Answered), func(id string) bool {
		return slices.Contains(k.Confirmed, id) || slices.Contains(k.Challenged, id)
	})
	if len(others) > 0 {
		l.say("%s: answered, and is not counted", strings.Join(others, ", "))
	}
	if !slices.ContainsFunc(state.Dossiers, func(d mesh.Dossier) bool { return d.Trust == "trusted" }) {
		l.say("%s trusts nobody whom it could ask", l.a)
	}
}

// said says why a fact that came, and that is no proof any more, is of no use.
func (l *lack) said(s mesh.Saying, firstHand []string) {
	fact := strings.TrimPrefix(s.Statement, "not ")
	switch {
	case slices.Contains(l.Proofs, mesh.Proof{Fact: fact, Version: s.Version}):
	case l.verify == "local" && !slices.Contains(firstHand, fact) && !slices.Contains(firstHand, "not "+fact):
		l.say("missing: %q (version %d) is nothing that %s knows at first hand, and by verify = %q it asks nobody", s.Statement, s.Version, l.a, l.verify)
	default:
		l.say("missing: %q (version %d) does not wait for judgement; %s would have to say so again", s.Statement, s.Version, l.b)
	}
}

// unheeded tells of the words of those who are not trusted.
func (l *lack) unheeded(state *world.State) {
	for i := range state.Dossiers {
		d := &state.Dossiers[i]
		for _, word := range d.Introductions {
			if word.Subject == l.b && l.Trust == "unknown" {
				l.say("%s introduced it, whom %s does not trust", d.Peer, l.a)
			}
		}
	}
	for _, w := range l.Warnings {
		switch {
		case w.Used:
		case w.Trusted:
			l.say("%s warns of it", w.By)
		default:
			l.say("%s warns of it, whom %s does not trust", w.By, l.a)
		}
	}
}

// lost tells where messages of the peer ended that never came.
func (l *lack) lost(groups *groups) {
	if groups != nil {
		l.say("%s from %s to %s did not come:", plural(groups.total, "message", "messages"), l.b, l.a)
		l.lines = append(l.lines, groups.lines("  ")...)
	}
}

// of names those who did it, if any did.
func of(who []string) string {
	if len(who) == 0 {
		return ""
	}
	return " (" + strings.Join(who, ", ") + ")"
}
