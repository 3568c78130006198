package trace

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/sim"
)

func TestWordsOfTrustAndClaims(t *testing.T) {
	denies := got(delta, "low")
	denies.Holds = false
	for _, tt := range []struct {
		event Event
		want  string
	}{
		{moves(unknown, probing, byHandshake), "trust in bravo: unknown → probing, by handshake"},
		{counted(moves(probing, trusted, byVerified), "quorum", charlie, delta), "trust in bravo: probing → trusted, by verified, quorum of charlie,delta"},
		{Event{Kind: Introduced, Node: alfa, Peer: bravo, Payload: Payload{Subject: delta, HopsLeft: 2}}, "bravo introduces delta, 2 hops left"},
		{Event{Kind: Warned, Node: alfa, Peer: bravo, Payload: Payload{Subject: delta}}, "bravo warns of delta"},
		{denies, "claim c of delta: not f1, source s (low)"},
		{becomes(ClaimAccepted, 6, bravo, charlie), "claim c of delta accepted, by rule 6 of bravo,charlie"},
		{becomes(ClaimDropped, 0), "claim c of delta dropped"},
		{Event{Kind: Action, Node: alfa, Peer: sim.NoNode, Payload: Payload{What: "override", Detail: "bravo"}}, "operator: override bravo"},
	} {
		assert.Equal(t, tt.want, Words(fiveNames, &tt.event))
	}
}
