package mesh

import (
	"encoding/hex"
	"slices"

	"meshsim/sim"
	"meshsim/trust"
)

// Dossier is what a node keeps on a peer by which it judges it, for those who look at a
// run.
type Dossier struct {
	Peer          string             `json:"peer"`
	Trust         string             `json:"trust"`
	Authenticated bool               `json:"authenticated"`
	Anchor        bool               `json:"anchor,omitempty"`        // it was trusted from the start
	Fingerprint   string             `json:"fingerprint,omitempty"`   // of its pinned key: the first 8 bytes in hex; "": none is pinned
	Said          []Saying           `json:"said,omitempty"`          // of each fact, the newest that it said
	Proofs        []Proof            `json:"proofs,omitempty"`        // facts that proved it, and will not again but in a newer version
	Kept          []KeptFact         `json:"kept,omitempty"`          // its facts that wait for judgement, oldest first
	Warnings      []KeptWarning      `json:"warnings,omitempty"`      // of it
	Introductions []KeptIntroduction `json:"introductions,omitempty"` // by it, which wait until it is trusted
	Unanswered    int                `json:"unanswered,omitempty"`    // proposals, introductions and warnings to it without an answer
	Caught        bool               `json:"caught,omitempty"`        // the node itself holds evidence against it
}

// Saying is what a peer said of a fact.
type Saying struct {
	Statement   string `json:"statement"` // the fact's id, or "not " and that
	Version     uint64 `json:"version"`   // of the peer's opinion
	Incarnation uint64 `json:"incarnation"`
}

// Proof is a fact that proved a peer.
type Proof struct {
	Fact    string `json:"fact"`
	Version uint64 `json:"version"`
}

// KeptFact is a fact of a peer that is not judged yet.
type KeptFact struct {
	Statement  string   `json:"statement"`
	Version    uint64   `json:"version"`
	Needs      int      `json:"needs"`      // confirmations, or challenges with a conflict
	Confirmed  []string `json:"confirmed"`  // by those who are trusted now
	Challenged []string `json:"challenged"` // with a conflict, by those who are trusted now
	Asked      []string `json:"asked"`      // and have not answered
	Answered   []string `json:"answered"`   // whatever they did
}

// KeptWarning is a warning of a peer.
type KeptWarning struct {
	By      string `json:"by"`
	Trusted bool   `json:"trusted"` // that one is trusted now; else the warning waits until it is
	Used    bool   `json:"used"`    // it was part of a conflict, and counts no more
}

// KeptIntroduction is an introduction that waits.
type KeptIntroduction struct {
	Subject   string `json:"subject"`
	HopsLeft  int    `json:"hops_left"`
	ExpiresNS int64  `json:"expires_ns"` // by the node's own clock
}

// Dossiers lists what the node keeps on those whom it has heard of or trusts, in order;
// none if it never shakes hands.
func (r *Router) Dossiers() []Dossier {
	h := r.handshakes()
	if h == nil {
		return nil
	}
	j := h.judgement
	var all []Dossier
	for id := range sim.NodeID(len(j.files)) {
		if j.h.peers[id] != nil || j.files[id] != nil || j.h.Trust.Level(id) != trust.Unknown {
			all = append(all, j.dossier(id))
		}
	}
	return all
}

// FirstHand lists what the node knows at first hand: the ids of facts, each with "not "
// before it where the node is mistaken.
func (r *Router) FirstHand() []string {
	h := r.handshakes()
	if h == nil {
		return nil
	}
	j := h.judgement
	var all []string
	for fact := range j.Facts.All {
		if holds, knows := j.knows(fact); knows {
			all = append(all, j.Facts.statement(fact, holds))
		}
	}
	return all
}

// statement is how people write that a fact holds, or that it does not.
func (f *Facts) statement(fact int, holds bool) string {
	if holds {
		return f.All[fact].ID
	}
	return "not " + f.All[fact].ID
}

func (j *Judgement) dossier(id sim.NodeID) Dossier {
	names := j.h.Codec.names
	d := Dossier{
		Peer: names[id], Trust: j.h.Trust.Level(id).String(), Authenticated: j.h.Trust.Authenticated(id), Anchor: slices.Contains(j.Anchors, id),
	}
	if p := j.h.peers[id]; p != nil && p.key != nil {
		d.Fingerprint = hex.EncodeToString(p.key.print()[:8])
	}
	for _, p := range j.polls {
		if p.author == id {
			d.Kept = append(d.Kept, j.kept(p))
		}
	}
	f := j.files[id]
	if f == nil {
		return d
	}
	for fact, a := range f.assertions {
		if a.mark != nil {
			d.Said = append(d.Said, Saying{j.Facts.statement(fact, a.holds), a.version, a.incarnation})
		}
	}
	for fact, version := range f.proofs {
		if version > 0 {
			d.Proofs = append(d.Proofs, Proof{j.Facts.All[fact].ID, version})
		}
	}
	for by, used := range f.warnings.All() {
		d.Warnings = append(d.Warnings, KeptWarning{names[by], j.trusts(by), used})
	}
	for _, i := range f.words {
		d.Introductions = append(d.Introductions, KeptIntroduction{names[i.subject], i.hops, int64(i.expires)})
	}
	d.Unanswered, d.Caught = len(f.asks), f.caught
	return d
}

func (j *Judgement) kept(p *poll) KeptFact {
	s := p.original.fact
	confirmed, _ := p.confirm.Trusted(j.h.Trust)
	challenged, _ := p.conflict.Trusted(j.h.Trust)
	return KeptFact{
		Statement: j.Facts.statement(s.fact, s.holds), Version: s.version, Needs: j.K,
		Confirmed: j.names(confirmed), Challenged: j.names(challenged), Asked: j.names(p.asked), Answered: j.names(p.answered),
	}
}

func (j *Judgement) names(ids []sim.NodeID) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = j.h.Codec.names[id]
	}
	return names
}
