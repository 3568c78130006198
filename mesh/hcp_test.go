package mesh

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
	"meshsim/trace"
)

// receptionist is a node with a human behind it, whose peers the test plays.
type receptionist struct {
	*testing.T
	*HCP
	router *Router
	gate   blocked
	made   uint64
	said   []*Envelope // since the last look
}

func newReceptionist(t *testing.T) *receptionist {
	r := &receptionist{T: t, HCP: NewHCP(0)}
	c := config(t, 0, 4, 1, 2, 3)
	c.Protocols, c.Gate = []Protocol{r.HCP}, &r.gate
	c.Author = NewAuthor(c.Identity, sim.Seed(1).Stream("ids"), keysOf(4))
	r.router = newRouter(t, c)
	return r
}

func (r *receptionist) does(in Input) (reason trace.Reason) {
	var out Outbox
	r.router.Step(0, &in, &out)
	for _, a := range out.Acts {
		switch a.Kind {
		case ActSend:
			r.said = append(r.said, a.Envelope)
		case ActDrop:
			reason = a.Reason
		}
	}
	return reason
}

// hears has a message of a peer's arrive, and returns the id of its envelope.
func (r *receptionist) hears(peer sim.NodeID, typ string, p Payload) trace.EnvelopeID {
	r.made++
	e := &Envelope{ID: idOf(r.made), Type: typ, Origin: peer, Destination: 0, Hops: []sim.NodeID{0}, Payload: p}
	if p != nil {
		e.Size = int64(len(p.AppendJSON(nil)))
	}
	identity(4, peer).Sign(e)
	require.Equal(r, trace.NoReason, r.does(Input{Kind: Arrive, Envelope: e, From: peer}))
	return e.ID
}

func (r *receptionist) humanIs(h HumanState) {
	r.does(Input{Kind: Do, From: sim.NoNode, Command: &Command{Kind: SetHuman, Human: h}})
}

// look says what it sent since the last look, with what was decided.
func (r *receptionist) look() string {
	var words []string
	for _, e := range r.said {
		m := e.Payload.(*hcpMessage)
		fits(r.T, "hcp", m)
		word := strings.TrimPrefix(e.Type, "HCP_") + " to " + keysOf(4)[e.Destination]
		if m.rule != nil {
			word = m.rule.decision + " to " + keysOf(4)[e.Destination]
		}
		words = append(words, word)
	}
	r.said = nil
	return strings.Join(words, ", ")
}

// human is one at ease, as altered.
func human(with func(*HumanState)) HumanState {
	h := calmHuman
	with(&h)
	return h
}

// TestGate is the list of protocol.md, section 6: each rule, at its bounds, and the order
// among them.
func TestGate(t *testing.T) {
	for _, c := range []struct {
		rule          string
		human         HumanState
		first, second string // before and after a check-in; "": there is none
	}{
		{"at ease", calmHuman, "accepted", ""},
		{"calm", human(func(h *HumanState) { h.Affect = "calm" }), "accepted", ""},
		{"energized", human(func(h *HumanState) { h.Affect = "energized" }), "accepted", ""},
		{"limited consent", human(func(h *HumanState) { h.Consent = "limited" }), "accepted", ""},
		{"overloaded", human(func(h *HumanState) { h.Presence = Overloaded }), "accepted", ""},
		{"revoked", human(func(h *HumanState) { h.Consent = "revoked" }), "refused", ""},
		{"revoked before all else", HumanState{Focused, "tense", 0, 100, "revoked"}, "refused", ""},
		{"pressure 80", human(func(h *HumanState) { h.Pressure = 80 }), "deferred", ""},
		{"pressure 79", human(func(h *HumanState) { h.Pressure = 79 }), "accepted", ""},
		{"clarity 30", human(func(h *HumanState) { h.Clarity = 30 }), "deferred", ""},
		{"clarity 31", human(func(h *HumanState) { h.Clarity = 31 }), "accepted", ""},
		{"deferred before a check-in", HumanState{Focused, "anxious", 100, 80, "granted"}, "deferred", ""},
		{"anxious", human(func(h *HumanState) { h.Affect = "anxious" }), "check_in", "accepted"},
		{"tense", human(func(h *HumanState) { h.Affect = "tense" }), "check_in", "accepted"},
	} {
		r := newReceptionist(t)
		r.humanIs(c.human)
		id := r.hears(2, typeHCPIntent, nil)
		require.Len(t, r.said, 1, c.rule)
		m := r.said[0].Payload.(*hcpMessage)
		assert.Equal(t, id, m.inReplyTo)
		assert.NotEmpty(t, m.rule.rationale)
		assert.Equal(t, c.first == "accepted", len(m.rule.alternatives) == 0, "%s: what else can be done", c.rule)
		assert.Equal(t, c.first+" to n002", r.look(), c.rule)
		r.hears(2, typeHCPFeedback, nil)
		if c.second == "" {
			assert.Empty(t, r.look(), "%s: it was not asked to check in", c.rule)
			continue
		}
		assert.Equal(t, id, r.said[0].Payload.(*hcpMessage).inReplyTo)
		assert.Equal(t, c.second+" to n002", r.look(), c.rule)
		r.hears(2, typeHCPFeedback, nil)
		assert.Empty(t, r.look(), "%s: once", c.rule)
	}
}

// After a check-in the gate decides by what the human's state is then.
func TestCheckIn(t *testing.T) {
	r := newReceptionist(t)
	tense := human(func(h *HumanState) { h.Affect = "tense" })
	r.humanIs(tense)
	r.hears(1, typeHCPHello, RawPayload(`{"hcp":"1.0","type":"HCP_HELLO"}`))
	r.hears(2, typeHCPIntent, nil)
	latest := r.hears(2, typeHCPIntent, nil)
	require.Equal(t, "check_in to n001, check_in to n002, check_in to n002", r.look())
	r.hears(3, typeHCPFeedback, nil)
	require.Empty(t, r.look(), "whom nobody asked")
	r.hears(2, typeHCPFeedback, nil)
	require.Equal(t, latest, r.said[0].Payload.(*hcpMessage).inReplyTo)
	require.Equal(t, "accepted to n002", r.look())
	tense.Pressure = 90
	r.humanIs(tense)
	r.hears(1, typeHCPFeedback, nil)
	require.Equal(t, "deferred to n001", r.look())

	asker := newReceptionist(t)
	ask := asker.hears(3, typeHCPDecision, newHCP(hcpMessage{typ: typeHCPDecision, inReplyTo: latest, rule: gate(&HumanState{Clarity: 100, Affect: "anxious"}, false)}))
	require.NotEqual(t, ask, latest)
	require.Equal(t, latest, asker.said[0].Payload.(*hcpMessage).inReplyTo)
	require.Equal(t, "FEEDBACK to n003", asker.look())
	for _, r := range gateRules {
		if r.decision != decisionCheckIn {
			asker.hears(3, typeHCPDecision, newHCP(hcpMessage{typ: typeHCPDecision, inReplyTo: latest, rule: &r}))
		}
	}
	asker.hears(3, typeHCPDecision, RawPayload(`{}`))
	asker.hears(3, typeHCPContext, RawPayload(`{}`))
	asker.hears(3, typeHCPStateUpdate, nil)
	require.Empty(t, asker.look())
}

func newHCP(m hcpMessage) *hcpMessage {
	m.set(&m, nil)
	return &m
}

// Who said HCP_HELLO and was accepted knows how the human is, as far as consent goes.
func TestHumanStateIsShared(t *testing.T) {
	r := newReceptionist(t)
	shared := func() string {
		var states []string
		for _, e := range r.said {
			states = append(states, string(e.Payload.AppendJSON(nil)))
		}
		r.look()
		return strings.Join(states, "\n")
	}
	r.hears(1, typeHCPHello, nil)
	require.Equal(t, "accepted to n001, CONTEXT to n001", r.look())
	r.hears(2, typeHCPIntent, nil)
	require.Equal(t, "accepted to n002", r.look(), "who did not ask is not told")
	r.humanIs(HumanState{Diffuse, "energized", 90, 10, "granted"})
	require.Equal(t, `{"hcp":"1.0","human":{"affect":"energized","clarity":90,"consent":"granted","presence":"diffuse","pressure":10},"type":"HCP_STATE_UPDATE"}`, shared())
	r.humanIs(HumanState{Diffuse, "energized", 90, 10, "granted"})
	require.Empty(t, r.look(), "nothing is new")
	r.humanIs(HumanState{Diffuse, "energized", 90, 10, "limited"})
	require.Equal(t, `{"hcp":"1.0","human":{"consent":"limited","presence":"diffuse"},"type":"HCP_STATE_UPDATE"}`, shared())
	r.gate = blocked{1}
	r.humanIs(calmHuman)
	require.Empty(t, r.look(), "who is blocked is not told")
	r.gate = nil
	r.hears(3, typeHCPHello, nil)
	r.look()
	r.humanIs(HumanState{Diffuse, "energized", 90, 10, "revoked"})
	require.Len(t, r.said, 2)
	require.Equal(t, `{"hcp":"1.0","human":{"consent":"revoked"},"type":"HCP_STATE_UPDATE"}`, strings.Split(shared(), "\n")[0])
	r.humanIs(calmHuman)
	require.Empty(t, r.look(), "consent that was revoked is to be asked for anew")
	r.humanIs(HumanState{Diffuse, "energized", 90, 80, "granted"})
	r.hears(1, typeHCPHello, nil)
	r.humanIs(calmHuman)
	require.Equal(t, "deferred to n001", r.look())
}

// A message to everyone is nothing for the gate.
func TestGateTakesNoBroadcast(t *testing.T) {
	r := newReceptionist(t)
	e := &Envelope{ID: idOf(7), Type: typeHCPHello, Origin: 1, Destination: sim.Everyone, Hops: []sim.NodeID{0}}
	identity(4, 1).Sign(e)
	require.Equal(t, trace.UnknownType, r.does(Input{Kind: Arrive, Envelope: e, From: 1}))
	require.Empty(t, r.guests)
}
