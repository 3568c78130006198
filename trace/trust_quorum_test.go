package trace

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/sim"
)

// The levels that alfa holds at the start of these tales: charlie and delta are its
// anchors. Echo it does not know.
const echo = sim.NodeID(4)

var fiveNames = []string{"alfa", "bravo", "charlie", "delta", "echo"}

// judgeWith tells levels, and then a checker that asks them, of events, and returns the
// checker's words on the first bad one.
func judgeWith(check func(*Peers) CheckingSink, events []Event, dishonest ...sim.NodeID) string {
	levels := NewPeers(MetricsConfig{Nodes: len(fiveNames), Anchors: Anchors{alfa: {charlie, delta}}, Dishonest: dishonest})
	c := check(levels)
	for i := range events {
		if events[i].Seq == 0 {
			events[i].Seq = uint64(100 + i)
		}
		levels.Emit(&events[i])
		if s, ok := c.(Selective); ok && s.Reads(events[i].Kind) {
			c.Emit(&events[i])
		}
	}
	return c.Result().Detail
}

// counted is a transition by the word of voices, come of as many events.
func counted(e Event, by string, voices ...sim.NodeID) Event {
	e.By, e.Voices, e.Cause = by, voices, 50
	for i := range voices[min(1, len(voices)):] {
		e.Because = append(e.Because, uint64(51+i))
	}
	return e
}

func withCause(e Event, cause uint64, because ...uint64) Event {
	e.Cause, e.Because = cause, because
	return e
}

func TestQuorum(t *testing.T) {
	verified, conflict := moves(probing, trusted, byVerified), moves(probing, blocked, byConflict)
	fallen := Event{Kind: TrustUpdated, Node: alfa, Peer: delta, Payload: Payload{From: trusted, To: probing, Evidence: byDecay}}
	checks := func(levels *Peers) CheckingSink { return NewQuorum(levels, fiveNames, 2, 1) }
	for _, tt := range []struct {
		name   string
		events []Event
		detail string
	}{
		{"enough", []Event{counted(verified, "quorum", charlie, delta)}, ""},
		{"enough that challenge", []Event{counted(conflict, "challenges", delta, charlie)}, ""},
		{"enough that warn", []Event{counted(conflict, "warnings", delta)}, ""},
		{"one's own knowledge", []Event{withCause(counted(verified, "local"), 9)}, ""},
		{"one's own knowledge against it", []Event{counted(conflict, "contradiction")}, ""},
		{"no word needed", []Event{moves(unknown, probing, byHandshake)}, ""},
		{"malice without a word", []Event{moves(probing, blocked, byMalicious)}, `alfa moves bravo by malicious, "": it can't be by that`},
		{"one only", []Event{counted(verified, "quorum", charlie)}, `alfa moves bravo by verified, "quorum": it takes 2 voices, and 1 count`},
		{"none that warns", []Event{counted(conflict, "warnings")}, `alfa moves bravo by conflict, "warnings": it takes 1 voices, and 0 count`},
		{"one twice", []Event{counted(conflict, "challenges", charlie, charlie)}, `alfa moves bravo by conflict, "challenges": charlie counts twice`},
		{"the peer itself", []Event{counted(verified, "quorum", charlie, bravo)}, `alfa moves bravo by verified, "quorum": bravo has no voice in it`},
		{"the node itself", []Event{counted(verified, "quorum", alfa, charlie)}, `alfa moves bravo by verified, "quorum": alfa has no voice in it`},
		{"one that is not trusted", []Event{counted(verified, "quorum", charlie, echo)}, `alfa moves bravo by verified, "quorum": echo counts, which it holds at unknown`},
		{"one that was", []Event{fallen, counted(verified, "quorum", charlie, delta)}, `alfa moves bravo by verified, "quorum": delta counts, which it holds at probing`},
		{"one event for two", []Event{withCause(counted(verified, "quorum", charlie, delta), 50, 50, 50)}, `alfa moves bravo by verified, "quorum": it takes 2 events, and 1 led to it`},
		{"no cause but two reasons", []Event{withCause(counted(verified, "quorum", charlie, delta), 0, 50, 51)}, ""},
		{"grounds of other evidence", []Event{counted(verified, "warnings", charlie, delta)}, `alfa moves bravo by verified, "warnings": it can't be by that`},
		{"unknown grounds", []Event{counted(verified, "hearsay", charlie, delta)}, `alfa moves bravo by verified, "hearsay": it can't be by that`},
		{"no grounds", []Event{verified}, `alfa moves bravo by verified, "": it can't be by that`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.detail, judgeWith(checks, tt.events))
			assert.Empty(t, judgeWith(checks, tt.events, alfa), "of a dishonest node nothing is asked")
		})
	}
}

func TestBlocked(t *testing.T) {
	blocks := moves(unknown, blocked, byMalicious)
	takes := func(kind Kind, node sim.NodeID, path ...sim.NodeID) Event {
		e := Event{Kind: kind, Node: node, Peer: sim.NoNode, Payload: Payload{Origin: path[0], Path: append(path, node)}}
		if e.Peer = path[len(path)-1]; e.Peer == node {
			e.Peer = sim.NoNode
		}
		return e
	}
	checks := func(levels *Peers) CheckingSink { return NewBlockedCheck(levels, fiveNames) }
	const over = "alfa takes envelope 00000000-0000-0000-0000-000000000000 over "
	for _, tt := range []struct {
		name   string
		events []Event
		detail string
	}{
		{"before it is blocked", []Event{takes(EnvelopeDelivered, alfa, bravo), blocks}, ""},
		{"by another", []Event{blocks, takes(EnvelopeDelivered, charlie, bravo)}, ""},
		{"over it as an earlier hop", []Event{blocks, takes(EnvelopeDelivered, alfa, charlie, bravo, delta)}, ""},
		{"refused", []Event{blocks, takes(EnvelopeDropped, alfa, bravo)}, ""},
		{"forgiven", []Event{blocks, moves(blocked, probing, byOverride), takes(EnvelopeDelivered, alfa, bravo)}, ""},
		{"forgotten in a crash", []Event{blocks, comesUp(LoseState), takes(EnvelopeDelivered, alfa, bravo)}, ""},
		{"its own", []Event{blocks, takes(EnvelopeDelivered, alfa, alfa)}, ""},
		{"of it", []Event{blocks, takes(EnvelopeDelivered, alfa, bravo, charlie)}, over + "bravo → charlie → alfa, and holds bravo at blocked"},
		{"from it", []Event{blocks, takes(EnvelopeDelivered, alfa, charlie, bravo)}, over + "charlie → bravo → alfa, and holds bravo at blocked"},
		{"passed on", []Event{blocks, takes(EnvelopeForwarded, alfa, bravo)}, over + "bravo → alfa, and holds bravo at blocked"},
		{"remembered through a crash", []Event{blocks, comesUp(LoseNothing), takes(EnvelopeDelivered, alfa, bravo)}, over + "bravo → alfa, and holds bravo at blocked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.detail, judgeWith(checks, tt.events))
			assert.Empty(t, judgeWith(checks, tt.events, alfa), "of a dishonest node nothing is asked")
		})
	}
}
