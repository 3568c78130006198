package main

import (
	"cmp"
	"strings"
	"time"

	"meshsim/scenarios/world"
)

// dossiers are what a node keeps on its peers, of those who told it something.
func (p *printer) dossiers(n *world.State) {
	if len(n.FirstHand) > 0 {
		p.line("    knows at first hand: %s", strings.Join(n.FirstHand, ", "))
	}
	for i := range n.Dossiers {
		p.dossier(&n.Dossiers[i])
	}
	for _, c := range n.Claims {
		p.line("    claim %s of %s: %s, source %s (%s): %s; needs %d, say so: %s, contradict: %s, not answered: %s",
			c.Claim, c.From, c.Statement, cmp.Or(c.Source, "none"), c.Tier, c.State, c.Needs, orNobody(c.Agree), orNobody(c.Contradict), orNobody(c.NotAnswered))
	}
}

func (p *printer) dossier(d *world.Dossier) {
	text := d.Trust
	if d.Anchor {
		text += ", an anchor"
	}
	if d.Fingerprint != "" {
		text += ", key " + d.Fingerprint
	}
	if d.Caught {
		text += ", caught by the node itself"
	}
	p.line("    keeps on %-12s %s", d.Peer, text)
	for _, s := range d.Said {
		p.line("      it said %s (version %d)", s.Statement, s.Version)
	}
	for _, proof := range d.Proofs {
		p.line("      proved by %s (version %d)", proof.Fact, proof.Version)
	}
	for _, k := range d.Kept {
		p.line("      %s (version %d) waits: %d of %d confirmed it (%s), %d contradicted it (%s), asked: %s",
			k.Statement, k.Version, len(k.Confirmed), k.Needs, orNobody(k.Confirmed), len(k.Challenged), orNobody(k.Challenged), orNobody(k.Asked))
	}
	for _, w := range d.Warnings {
		counts := "waits: " + w.By + " is not trusted"
		switch {
		case w.Used:
			counts = "used"
		case w.Trusted:
			counts = "counts"
		}
		p.line("      %s warned of it (%s)", w.By, counts)
	}
	for _, i := range d.Introductions {
		p.line("      introduces %s, which waits until %s is trusted, or until %v", i.Subject, d.Peer, time.Duration(i.ExpiresNS))
	}
	if d.Unanswered > 0 {
		p.line("      has not answered %s", plural(int64(d.Unanswered), "message"))
	}
}

func orNobody(ids []string) string {
	if len(ids) == 0 {
		return "nobody"
	}
	return strings.Join(ids, " ")
}
