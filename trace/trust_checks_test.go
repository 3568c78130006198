package trace

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/sim"
)

func moves(from, to Trust, by Evidence) Event {
	return Event{Kind: TrustUpdated, Node: alfa, Peer: bravo, Payload: Payload{From: from, To: to, Evidence: by}}
}

// overridden is that an operator has alfa forgive a peer.
func overridden(peer sim.NodeID) Event {
	return Event{Kind: Action, Node: alfa, Peer: peer, Payload: Payload{What: "override"}}
}

func comesUp(lose Lose) Event { return Event{Kind: NodeUp, Node: alfa, Payload: Payload{Lose: lose}} }

// judge tells a checker of events, and returns its words on the first bad one.
func judge(c CheckingSink, events []Event) (detail string, violations uint64) {
	for i := range events {
		events[i].Seq = uint64(i + 1)
		c.Emit(&events[i])
	}
	return c.Result().Detail, uint64(c.Result().Violations)
}

func TestTrustTransitions(t *testing.T) {
	meet := moves(unknown, probing, byHandshake)
	pushed := overridden(bravo)
	pushed.What = "introduce"
	const anew = "alfa moves bravo from unknown to probing by handshake, and held it at probing"
	for _, tt := range []struct {
		name   string
		events []Event
		detail string
	}{
		{"up and down again", []Event{
			comesUp(NoLose), meet, moves(probing, trusted, byVerified), moves(trusted, blocked, byMalicious), moves(blocked, probing, byOverride),
		}, ""},
		{"a crash that lost nothing", []Event{meet, comesUp(LoseNothing), moves(probing, trusted, byVerified)}, ""},
		{"a crash that lost the state", []Event{meet, comesUp(LoseState), meet}, ""},
		{"no such step", []Event{moves(unknown, trusted, byVerified)}, "alfa moves bravo from unknown to trusted by verified, and held it at unknown"},
		{"no step at all", []Event{meet, moves(probing, probing, byHandshake)}, "alfa moves bravo from probing to probing by handshake, and held it at probing"},
		{"out of blocked", []Event{moves(unknown, blocked, byMalicious), moves(blocked, probing, byHandshake)}, "alfa moves bravo from blocked to probing by handshake, and held it at blocked"},
		{"another key after an override", []Event{meet, overridden(bravo), meet}, ""},
		{"the same key after an override", []Event{moves(unknown, blocked, byMalicious), overridden(bravo), moves(blocked, probing, byOverride), moves(probing, trusted, byVerified)}, ""},
		{"another key later after an override", []Event{moves(unknown, blocked, byMalicious), overridden(bravo), moves(blocked, probing, byOverride), meet}, ""},
		{"another key after an override, twice", []Event{meet, overridden(bravo), meet, meet}, anew},
		{"another key after an override of another peer", []Event{meet, overridden(charlie), meet}, anew},
		{"another key after another action", []Event{meet, pushed, meet}, anew},
		{"an override forgotten in a crash", []Event{meet, overridden(bravo), comesUp(LoseState), meet, meet}, anew},
		{"an override opens no other step", []Event{meet, overridden(bravo), moves(trusted, blocked, byMalicious)},
			"alfa moves bravo from trusted to blocked by malicious, and held it at probing"},
		{"from where it is not", []Event{meet, meet}, "alfa moves bravo from unknown to probing by handshake, and held it at probing"},
		{"remembered through a loss", []Event{meet, comesUp(LoseIdentity), moves(probing, trusted, byVerified)}, "alfa moves bravo from probing to trusted by verified, and held it at unknown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			detail, violations := judge(NewTrustTransitions(fourNames, nil), tt.events)
			assert.Equal(t, tt.detail, detail)
			assert.Equal(t, tt.detail != "", violations == 1)
		})
	}
}

// An anchor is trusted from the start, and again after a crash that took all else.
func TestAnchorsBeginTrusted(t *testing.T) {
	anchors := Anchors{alfa: {bravo}}
	for _, tt := range []struct {
		name   string
		checks func() CheckingSink
		events []Event
		detail string
	}{
		{"moves from trusted", func() CheckingSink { return NewTrustTransitions(fourNames, anchors) },
			[]Event{moves(trusted, probing, byConflict), comesUp(LoseState), moves(trusted, blocked, byMalicious)}, ""},
		{"moves from where it would be without", func() CheckingSink { return NewTrustTransitions(fourNames, anchors) },
			[]Event{moves(unknown, probing, byHandshake)}, "alfa moves bravo from unknown to probing by handshake, and held it at trusted"},
		{"needs no handshake", func() CheckingSink { return NewTrustHandshake(fourNames, anchors) },
			[]Event{moves(trusted, probing, byDecay), moves(probing, trusted, byVerified)}, ""},
		{"another's anchor does", func() CheckingSink { return NewTrustHandshake(fourNames, Anchors{charlie: {bravo}}) },
			[]Event{moves(unknown, probing, byIntroduction), moves(probing, trusted, byVerified)}, "alfa trusts bravo, which never answered a challenge"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			detail, _ := judge(tt.checks(), tt.events)
			assert.Equal(t, tt.detail, detail)
		})
	}
}

func TestTrustHandshake(t *testing.T) {
	introduced, trusts := moves(unknown, probing, byIntroduction), moves(probing, trusted, byVerified)
	completed := Event{Kind: HandshakeCompleted, Node: alfa, Peer: bravo}
	const never = "alfa trusts bravo, which never answered a challenge"
	for _, tt := range []struct {
		name   string
		events []Event
		detail string
	}{
		{"met", []Event{moves(unknown, probing, byHandshake), trusts}, ""},
		{"introduced, then met", []Event{introduced, completed, trusts}, ""},
		{"met before a crash that lost nothing", []Event{introduced, completed, comesUp(LoseNothing), trusts}, ""},
		{"introduced", []Event{introduced, trusts}, never},
		{"what another key answered", []Event{moves(unknown, probing, byHandshake), overridden(bravo), introduced, trusts}, never},
		{"met before a crash that lost it", []Event{introduced, completed, comesUp(LoseState), introduced, trusts}, never},
		{"met by another", []Event{introduced, {Kind: HandshakeCompleted, Node: bravo, Peer: alfa}, trusts}, never},
	} {
		t.Run(tt.name, func(t *testing.T) {
			detail, _ := judge(NewTrustHandshake(fourNames, nil), tt.events)
			assert.Equal(t, tt.detail, detail)
		})
	}
}
