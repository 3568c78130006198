package campaign

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// row with sessions, so narrow that messages wait for room while n1 is down.
var talking = strings.Replace(row, "[[traffic]]", `[session]
enabled = true
window = 1
max_queue = 2
heartbeat = "50ms"
heartbeat_timeout = "200ms"
block_timeout = "80ms"
[[traffic]]`, 1)

// The oracle of sessions sees a message that waits on though its session has closed, and
// one of which its twin tells nothing.
func TestSessionsSeeDoctoredEvents(t *testing.T) {
	c := ranCase(t, talking)
	require.Empty(t, sessions(c))
	first := func(kind trace.Kind, why string) *trace.Event {
		for i := range c.Events {
			if e := &c.Events[i]; e.Kind == kind && e.Why == why {
				return e
			}
		}
		require.Fail(t, "no such event", why)
		return nil
	}
	first(trace.SessionDrop, "timeout")
	late := *first(trace.SessionDrop, "disconnected") // which is told before the session is closed
	late.Why = "timeout"
	c.Events = append(c.Events, late)
	assert.Contains(t, sessions(c), "waits on: session_offer")
	assert.Equal(t, c.Scenario, c.evidence.scenario)
}

// What a message may come to depends on whether its session resumes.
func TestLedger(t *testing.T) {
	id := trace.EnvelopeID{1}
	offer := trace.Event{Kind: trace.SessionOffer, Node: 0, Peer: 1, Payload: trace.Payload{ID: id}}
	read := trace.Event{Kind: trace.SessionDeliver, Node: 1, Peer: 0, Payload: trace.Payload{ID: id}}
	drop := func(node sim.NodeID, why string) trace.Event {
		return trace.Event{Kind: trace.SessionDrop, Node: node, Peer: 1 - node, Payload: trace.Payload{ID: id, Why: why}}
	}
	for _, row := range []struct {
		events          []trace.Event
		resumes, clears string // what is wrong
	}{
		{[]trace.Event{offer, read}, "", ""},
		{[]trace.Event{offer}, "has not read", "has not read"},
		{[]trace.Event{offer, read, read}, "read 2 times", "read 2 times"},
		{[]trace.Event{offer, drop(0, "drop_oldest")}, "", ""},
		{[]trace.Event{offer, drop(0, "lost")}, `dropped by ["lost"]`, ""},
		{[]trace.Event{offer, read, drop(0, "lost")}, `dropped by ["lost"]`, ""},
		{[]trace.Event{offer, drop(1, "unread")}, `dropped by ["unread"]`, ""},
	} {
		l := newLedger()
		for i := range row.events {
			l.Emit(&row.events[i])
		}
		for resumes, want := range map[bool]string{true: row.resumes, false: row.clears} {
			what := l.of[id].wrong(resumes)
			assert.True(t, what == want || want != "" && strings.Contains(what, want), "%q, expected: %q", what, want)
		}
	}
}

// The twin of sessions keeps what loses messages until faults are over, and nothing after.
func TestSessionTwin(t *testing.T) {
	c := ranCase(t, strings.Replace(talking, `latency = "10ms"`, "latency = \"10ms\"\nloss = \"10%\"\nduplicate = \"20%\"", 1)+`
[[action]]
at = "300ms"
node = "n0"
kind = "disconnect"
peer = "n2"
`)
	s := c.sessionTwin()
	assert.True(t, s.Session.Enabled)
	assert.Zero(t, s.Link.Loss)
	assert.Zero(t, s.Link.Duplicate)
	bad := s.Faults[len(s.Faults)-1]
	assert.Equal(t, c.Scenario.Duration, bad.Until)
	assert.Equal(t, scenarios.LinkValues{Latency: &c.Scenario.Link.Latency, Loss: &c.Scenario.Link.Loss, Duplicate: &c.Scenario.Link.Duplicate}, bad.Kind.(scenarios.LinkChange).Set)
	require.Len(t, s.Actions, 2)
	assert.Equal(t, scenarios.Action{At: c.Scenario.Duration, Node: "n0", Kind: scenarios.Reconnect{Peer: "n2"}}, s.Actions[1])
	assert.Empty(t, sessions(c))
}
