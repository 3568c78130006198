package mesh

import "slices"

// WaitingClaim is a claim that a node has not decided, for those who look at a run.
type WaitingClaim struct {
	Claim       string   `json:"claim"` // its id
	From        string   `json:"from"`
	Statement   string   `json:"statement"`
	Source      string   `json:"source"` // its uri; "": it cites none
	Tier        string   `json:"tier"`   // of the source, in the node's own table
	State       string   `json:"state"`  // pending or disputed
	Rule        int64    `json:"rule"`   // that keeps it waiting (protocol.md, section 6); 0: it has too few voices
	Needs       int      `json:"needs"`  // voices
	Agree       []string `json:"agree"`  // of those who are trusted now, each key once
	Contradict  []string `json:"contradict"`
	NotAnswered []string `json:"not_answered"` // of those who were asked
}

// WaitingClaims lists the claims that the node has not decided, in the order of their
// coming; none if it takes no claims.
func (r *Router) WaitingClaims() []WaitingClaim {
	i := slices.IndexFunc(r.protocols.all, func(p Protocol) bool { _, is := p.(*Claims); return is })
	if i < 0 {
		return nil
	}
	l := r.protocols.all[i].(*Claims)
	var all []WaitingClaim
	for _, cl := range l.waiting {
		w := WaitingClaim{
			Claim: cl.id, From: l.Codec.names[cl.sender], Statement: l.Facts.statement(cl.fact, cl.holds), Source: cl.cited.uri, Tier: cl.cited.tier.String(),
			State: claimStateNames[cl.state], Rule: l.ruleOf(cl).number, Needs: l.Quorum,
			Agree: l.voices(cl, agrees), Contradict: l.voices(cl, contradicts), NotAnswered: []string{},
		}
		for _, v := range cl.votes {
			if !v.answered {
				w.NotAnswered = append(w.NotAnswered, l.Codec.names[v.peer])
			}
		}
		all = append(all, w)
	}
	return all
}

// voices names the votes for one side that count now.
func (l *Claims) voices(cl *claim, says stance) []string {
	names := []string{}
	for _, v := range l.count(cl, says) {
		names = append(names, l.Codec.names[v.peer])
	}
	return names
}
