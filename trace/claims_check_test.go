package trace

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/sim"
)

// got is that alfa received claim c of a sender.
func got(sender sim.NodeID, tier string) Event {
	return Event{Kind: ClaimReceived, Node: alfa, Peer: sender, Payload: Payload{Claim: "c", Statement: "f1", Holds: true, Source: "s", Tier: tier}}
}

// becomes is what alfa makes of claim c of delta, by a rule and voices.
func becomes(state ClaimState, rule int64, voices ...sim.NodeID) Event {
	return Event{Kind: ClaimResolved, Node: alfa, Peer: delta, Payload: Payload{Claim: "c", State: state.String(), Rule: rule, Voices: voices}}
}

// trusts is that alfa comes to trust a peer.
func trusts(peer sim.NodeID) Event {
	return Event{Kind: TrustUpdated, Node: alfa, Peer: peer, Payload: Payload{From: probing, To: trusted, Evidence: byVerified}}
}

// Of alfa's peers charlie and delta are trusted.
func TestClaimCheck(t *testing.T) {
	low, medium := got(delta, "low"), got(delta, "medium")
	echoSends, echoTrusted, echoBlocked := got(echo, "high"), trusts(echo), trusts(echo)
	echoBlocked.From, echoBlocked.To, echoBlocked.Evidence = trusted, blocked, byMalicious
	ofEcho := func(e Event) Event { e.Peer = echo; return e }
	disputed := becomes(ClaimDisputed, 3, charlie)
	lost := Event{Kind: NodeUp, Node: alfa, Payload: Payload{Lose: LoseState}}
	checks := func(levels *Peers) CheckingSink { return NewClaimCheck(levels, fiveNames, 2) }
	const resolved = `claim_resolved at alfa, of claim "c": `
	for _, tt := range []struct {
		name   string
		events []Event
		detail string
	}{
		{"by its source", []Event{medium, becomes(ClaimAccepted, 5)}, ""},
		{"corroborated", []Event{low, echoTrusted, becomes(ClaimAccepted, 6, charlie, echo)}, ""},
		{"of a blocked source", []Event{got(delta, "blocked"), becomes(ClaimRejected, 1)}, ""},
		{"of a blocked sender", []Event{echoSends, echoTrusted, echoBlocked, ofEcho(becomes(ClaimRejected, 1))}, ""},
		{"disputed, then accepted", []Event{low, disputed, echoTrusted, becomes(ClaimAccepted, 7, charlie, echo)}, ""},
		{"disputed, then rejected", []Event{low, disputed, echoTrusted, becomes(ClaimRejected, 7, charlie, echo)}, ""},
		{"dropped", []Event{low, becomes(ClaimDropped, 0)}, ""},
		{"disputed, then dropped", []Event{low, disputed, becomes(ClaimDropped, 0)}, ""},
		{"anew after it was forgotten", []Event{medium, becomes(ClaimAccepted, 5), lost, medium, becomes(ClaimAccepted, 5)}, ""},

		{"received twice", []Event{low, low}, `claim_received at alfa, of claim "c": it was received before`},
		{"never received", []Event{becomes(ClaimAccepted, 5)}, resolved + "it was never received"},
		{"received by another", []Event{func() Event { e := medium; e.Node = charlie; return e }(), becomes(ClaimAccepted, 5)}, resolved + "it was never received"},
		{"forgotten", []Event{medium, lost, becomes(ClaimAccepted, 5)}, resolved + "it was never received"},
		{"of another sender", []Event{medium, ofEcho(becomes(ClaimAccepted, 5))}, resolved + "it came from delta, not from echo"},
		{"accepted is final", []Event{medium, becomes(ClaimAccepted, 5), becomes(ClaimRejected, 7, charlie, echo)}, resolved + `it was accepted, and can't become "rejected"`},
		{"rejected is final", []Event{got(delta, "blocked"), becomes(ClaimRejected, 1), becomes(ClaimAccepted, 5)}, resolved + `it was rejected, and can't become "accepted"`},
		{"dropped is final", []Event{medium, becomes(ClaimDropped, 0), becomes(ClaimAccepted, 5)}, resolved + `it was dropped, and can't become "accepted"`},
		{"disputed twice", []Event{medium, disputed, disputed}, resolved + `it was disputed, and can't become "disputed"`},
		{"back to pending", []Event{medium, disputed, becomes(ClaimPending, 4)}, resolved + `it was disputed, and can't become "pending"`},
		{"no such state", []Event{medium, func() Event { e := becomes(ClaimAccepted, 5); e.State = "believed"; return e }()}, resolved + `it was pending, and can't become "believed"`},
		{"by the rule of another state", []Event{medium, becomes(ClaimAccepted, 3)}, resolved + "rule 3 makes none accepted"},
		{"by a source of a low tier", []Event{low, becomes(ClaimAccepted, 5)}, resolved + "its source is of tier low, below medium"},
		{"by its source, of a sender not trusted", []Event{echoSends, ofEcho(becomes(ClaimAccepted, 5))}, resolved + "its sender is at unknown, not trusted"},
		{"corroborated by too few", []Event{low, becomes(ClaimAccepted, 6, charlie)}, resolved + "it takes 2 voices, and 1 count"},
		{"corroborated by its sender", []Event{low, becomes(ClaimAccepted, 6, charlie, delta)}, resolved + "delta has no voice in it"},
		{"corroborated by one not trusted", []Event{low, becomes(ClaimAccepted, 6, charlie, echo)}, resolved + "echo counts, which it holds at unknown"},
		{"a dispute ended by one twice", []Event{low, disputed, becomes(ClaimRejected, 7, charlie, charlie)}, resolved + "charlie counts twice"},
		{"nothing is blocked", []Event{low, becomes(ClaimRejected, 1)}, resolved + "its source is of tier low and its sender at trusted, neither is blocked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.detail, judgeWith(checks, tt.events))
			assert.Empty(t, judgeWith(checks, tt.events, alfa), "of a dishonest node nothing is asked")
		})
	}
}

func TestMetricsOfClaims(t *testing.T) {
	lie := got(delta, "low")
	lie.Holds = false
	accepted := becomes(ClaimAccepted, 6, bravo, charlie)
	lost := Event{Kind: NodeUp, Node: alfa, Payload: Payload{Lose: LoseIdentity}}
	for _, tt := range []struct {
		name   string
		events []Event
		want   ClaimSummary
		state  ClaimState
	}{
		{"none", []Event{lost}, ClaimSummary{}, NoClaim},
		{"pending", []Event{lie}, ClaimSummary{Received: 1, Pending: 1}, ClaimPending},
		{"accepted", []Event{got(delta, "low"), accepted}, ClaimSummary{Received: 1, Accepted: 1}, ClaimAccepted},
		{"a lie accepted", []Event{lie, accepted}, ClaimSummary{Received: 1, Accepted: 1, FalseAccepted: 1}, ClaimAccepted},
		{"disputed", []Event{lie, becomes(ClaimDisputed, 3)}, ClaimSummary{Received: 1, Disputed: 1}, ClaimDisputed},
		{"then rejected", []Event{lie, becomes(ClaimDisputed, 3), becomes(ClaimRejected, 7)}, ClaimSummary{Received: 1, Rejected: 1}, ClaimRejected},
		{"forgotten, once accepted", []Event{lie, accepted, lost}, ClaimSummary{Received: 1, Dropped: 1}, NoClaim},
		{"forgotten, and anew", []Event{lie, becomes(ClaimDropped, 0), lost, lie}, ClaimSummary{Received: 2, Pending: 1, Dropped: 1}, ClaimPending},
		{"a crash that lost nothing", []Event{lie, comesUp(LoseNothing)}, ClaimSummary{Received: 1, Pending: 1}, ClaimPending},
	} {
		t.Run(tt.name, func(t *testing.T) {
			honest, liars := NewClaims(5), NewClaims(5, alfa)
			for i := range tt.events {
				honest.Emit(&tt.events[i])
				liars.Emit(&tt.events[i])
			}
			assert.Equal(t, tt.want, honest.Summary())
			assert.Equal(t, tt.state, honest.State(alfa, "c"))
			assert.Equal(t, NoClaim, honest.State(bravo, "c"))
			assert.Zero(t, liars.Summary())
			assert.Equal(t, tt.state, liars.State(alfa, "c"))
		})
	}
}
