package mesh

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
	"meshsim/trust"
)

// What a node keeps on its peers is what they said, who proved it, and what waits for
// whom.
func TestDossiers(t *testing.T) {
	facts := &Facts{All: []Fact{knowledge("air", "d", "rrr.."), knowledge("sea", "d", ".r.rr"), knowledge("sky", "d", ".wr.r")}}
	s := newSociety(t, 6, padded(facts, 6), func(id sim.NodeID, j *JudgementConfig) {
		if id == 0 {
			j.Anchors = []sim.NodeID{2}
		}
	})
	assert.Equal(t, []Dossier{{Peer: "n002", Trust: "trusted", Anchor: true, Fingerprint: s.fingerprint(2)}}, s.nodes[0].Dossiers())
	assert.Equal(t, []string{"air"}, s.nodes[0].FirstHand())
	assert.Equal(t, []string{"air", "sea", "not sky"}, s.nodes[1].FirstHand())

	s.do(3, Command{Kind: Introduce, Peer: 0, Subject: 4})
	s.meet(allPairs(5)...)
	s.propose(1, 0, 0) // proves it
	s.propose(3, 0, 1) // n1 confirms
	s.do(1, Command{Kind: Warn, Peer: 0, Subject: 4})
	s.do(4, Command{Kind: Warn, Peer: 0, Subject: 3})
	s.propose(4, 0, 2) // n1 contradicts, n2 confirms
	of := func(id int) Dossier {
		for _, d := range s.nodes[0].Dossiers() {
			if d.Peer == keysOf(6)[id] {
				return d
			}
		}
		return Dossier{}
	}
	said := func(statement string) Saying { return Saying{Statement: statement, Version: 1, Incarnation: 1} }
	one := of(1)
	assert.Equal(t, []Proof{{"air", 1}}, one.Proofs)
	assert.Equal(t, []Saying{said("air"), said("sea"), said("not sky")}, one.Said)
	assert.True(t, one.Authenticated)
	three := of(3)
	assert.Equal(t, []Saying{said("sea")}, three.Said, "and of nothing else")
	require.Len(t, three.Introductions, 1)
	assert.Equal(t, "n004", three.Introductions[0].Subject)
	assert.Equal(t, 1, three.Introductions[0].HopsLeft)
	assert.Equal(t, []KeptWarning{{By: "n004"}}, three.Warnings)
	assert.Equal(t, []KeptFact{{Statement: "sea", Version: 1, Needs: 2, Confirmed: []string{"n001"}, Challenged: []string{}, Asked: []string{}, Answered: []string{"n001", "n002"}}}, three.Kept)
	four := of(4)
	assert.Equal(t, []KeptWarning{{By: "n001", Trusted: true}}, four.Warnings)
	assert.Equal(t, []KeptFact{{Statement: "sky", Version: 1, Needs: 2, Confirmed: []string{"n002"}, Challenged: []string{"n001"}, Asked: []string{}, Answered: []string{"n001", "n002"}}}, four.Kept)
	assert.Empty(t, of(5).Peer, "it never heard of that one")

	s.lose = func(_, to sim.NodeID, _ string) bool { return to == 0 }
	s.do(0, Command{Kind: Warn, Peer: 3, Subject: 5})
	assert.Equal(t, 1, of(3).Unanswered)
	s.lose = func(_, _ sim.NodeID, _ string) bool { return false }
	s.run(time.Minute)
	s.do(2, Command{Kind: Warn, Peer: 0, Subject: 4})
	s.run(time.Second)
	require.Equal(t, trust.Blocked, s.level(0, 4))
	assert.Equal(t, []KeptWarning{{By: "n001", Trusted: true, Used: true}, {By: "n002", Trusted: true, Used: true}}, of(4).Warnings)
	assert.False(t, of(4).Caught, "by others")
	assert.True(t, s.caught(1, 4), "n1 knows better")
	assert.Nil(t, (&Router{protocols: &ProtocolRouter{}}).Dossiers())
	assert.Nil(t, (&Router{protocols: &ProtocolRouter{}}).FirstHand())
}

// padded makes further nodes know nothing.
func padded(f *Facts, nodes int) *Facts {
	for i := range f.All {
		f.All[i].Known = append(f.All[i].Known, make([]Belief, nodes-len(f.All[i].Known))...)
	}
	return f
}

// fingerprint is the one that n0 keeps of a peer.
func (s *society) fingerprint(of sim.NodeID) string {
	return hexOf(s.hs[0].peers[of].key.print()[:8])
}

func (s *society) caught(at, of sim.NodeID) bool {
	for _, d := range s.nodes[at].Dossiers() {
		if d.Peer == keysOf(len(s.nodes))[of] {
			return d.Caught
		}
	}
	return false
}

// Claims that wait say for what.
func TestWaitingClaims(t *testing.T) {
	d := newDoubter(t)
	assert.Nil(t, d.router.WaitingClaims())
	for _, voter := range []sim.NodeID{2, 3, 4} {
		d.trusts.set(voter, trust.Trusted)
	}
	d.claims(1, "a", statement{0, true}, citation{uri: "https://low"})
	d.answers(2, agrees)
	waits := WaitingClaim{
		Claim: "a", From: "n001", Statement: "f0", Source: "https://low", Tier: "low", State: "pending", Rule: 4, Needs: 2,
		Agree: []string{"n002"}, Contradict: []string{}, NotAnswered: []string{"n003", "n004"},
	}
	assert.Equal(t, []WaitingClaim{waits}, d.router.WaitingClaims())
	d.trusts.set(1, trust.Trusted)
	waits.Rule = 0
	assert.Equal(t, []WaitingClaim{waits}, d.router.WaitingClaims(), "too few voices")
	d.answers(3, contradicts)
	waits.State, waits.Rule, waits.Contradict, waits.NotAnswered = "disputed", 3, []string{"n003"}, []string{"n004"}
	assert.Equal(t, []WaitingClaim{waits}, d.router.WaitingClaims())
	d.trusts.set(2, trust.Probing)
	d.answers(4, contradicts)
	assert.Nil(t, d.router.WaitingClaims(), "it is decided")
	assert.Nil(t, (&Router{protocols: &ProtocolRouter{}}).WaitingClaims())
}
