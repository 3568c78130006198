package mesh

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
	"meshsim/trust"
)

func newScenePlay(t *testing.T) *scenePlay {
	n := newNervous(t)
	return &scenePlay{nervous: n, puppet: newPuppet(n, smaller(t))}
}

// forger is a node that speaks in the puppet's name, with its own key.
func (s *scenePlay) forger() (*puppet, func(*cipMessage)) {
	f := newPuppet(s.nervous, identity(4, 2))
	return f, func(m *cipMessage) { m.sender = s.puppet.ID }
}

// Without the answer to its challenge a node takes no step, whoever signed the message.
func TestAnswersAreChecked(t *testing.T) {
	wrong := func(m *cipMessage) { m.answer[0] ^= 1 }
	s := newScenePlay(t)
	s.do(saysHello)
	s.carry(s.puppet.proof(s.ack, wrong))
	assert.Equal(t, "drop bad_signature", s.note())
	s = newScenePlay(t)
	s.do(wanted)
	s.carry(s.puppet.ack(s.hello, wrong))
	assert.Equal(t, "drop bad_signature", s.note())
	s.carry(s.puppet.ack(s.hello, func(m *cipMessage) { // an answer to another challenge
		m.answer = s.signText(challengeText(token{1}, s.Codec.names, s.puppet.ID, me))
	}))
	assert.Equal(t, "drop bad_signature", s.note())
	assert.Equal(t, trust.Unknown, s.Trust.Level(s.puppet.ID))
	assert.False(t, s.Trust.Authenticated(s.puppet.ID))
	saysAck(s)
	assert.True(t, s.Trust.Authenticated(s.puppet.ID))
}

// Nonces and incarnations are those of a key: whoever speaks in a peer's name with
// another one before the peer is pinned takes nothing from it.
func TestForgersUseUpNothing(t *testing.T) {
	s := newScenePlay(t)
	f, inItsName := s.forger()
	mine := s.puppet.hello()
	f.incarnation = 99
	f.carry(f.hello(inItsName, func(m *cipMessage) { m.nonce, m.id = mine.nonce, mine.id }))
	assert.Equal(t, "HELLO_ACK, started", s.note())
	s.carry(mine)
	assert.Equal(t, "HELLO_ACK", s.note(), "neither replay nor stale")
	saysProof(s)
	assert.Equal(t, "STATE_UPDATE, unknown→probing, completed", s.note())
	assert.EqualValues(t, 1, s.with(s.puppet.ID).incarnation)
	f.carry(f.hello(inItsName))
	assert.Equal(t, "drop identity_conflict", s.note(), "once the key is pinned")
}

// A key that anybody may invent pushes out no more than others of its kind.
func TestPinnedKeysAreRemembered(t *testing.T) {
	s := newScenePlay(t)
	first := s.puppet.hello()
	s.carry(first)
	s.note()
	saysProof(s)
	for n := range uint64(20) {
		id := identity(4, 2).Renewed(1, "n002", n+1)
		f := newPuppet(s.nervous, id)
		f.carry(f.hello(func(m *cipMessage) { m.sender = s.puppet.ID }))
	}
	s.note()
	s.carry(first)
	assert.Equal(t, "drop replay", s.note())
}

// Before a restart that forgot nothing, and after: nonces and the key stay, handshakes
// do not.
func TestRestartKeepsNonces(t *testing.T) {
	s := newScenePlay(t)
	old := s.puppet.hello()
	s.carry(old)
	s.note()
	saysProof(s)
	s.nervous.tell(Input{Kind: Start, Tag: 2})
	s.note()
	assert.Equal(t, hsIdle, s.with(s.puppet.ID).state)
	s.carry(old)
	assert.Equal(t, "drop replay", s.note())
	saysHello(s)
	assert.Equal(t, "HELLO_ACK, started", s.note())
	assert.EqualValues(t, 2, s.ack.incarnation)
	saysProof(s)
	assert.Equal(t, "STATE_UPDATE, completed", s.note(), "the level was kept")
}

// A node that forgot its nonces is protected by its fresh challenges.
func TestOldMessagesAfterALoss(t *testing.T) {
	s := newScenePlay(t)
	hello := s.puppet.hello()
	s.carry(hello)
	s.note()
	proof := s.puppet.proof(s.ack)
	s.Handshakes = s.make(s.nervous.Identity)
	s.nervous.tell(Input{Kind: Start, Tag: 2})
	s.carry(hello)
	assert.Equal(t, "HELLO_ACK, started", s.note())
	s.carry(proof)
	assert.Empty(t, s.note(), "it answers a challenge of long ago")
	assert.Equal(t, hsAckSent, s.with(s.puppet.ID).state)
	assert.Equal(t, trust.Unknown, s.Trust.Level(s.puppet.ID))
}

// Nothing is accepted from a blocked peer, whoever brings it.
func TestBlockedPeersAreNotHeard(t *testing.T) {
	s := newScenePlay(t)
	s.Trust.Apply(s.puppet.ID, trust.Malicious)
	saysHello(s)
	assert.Equal(t, "drop blocked", s.note())
	f, _ := s.forger()
	f.carry(s.puppet.hello())
	assert.Equal(t, "drop blocked", s.note())
}

// INTENT is sent once; whoever is overloaded defers it, and is asked again then.
func TestIntent(t *testing.T) {
	s := newScenePlay(t)
	s.do(wanted, saysAck)
	givesAnswer(s)
	require.Len(t, s.nervous.said, 1)
	intent := s.nervous.said[0]
	assert.Equal(t, "INTENT", s.note())
	givesAnswer(s)
	assert.Empty(t, s.note(), "once")
	s.carry(s.reply(typeDecisionShare, intent, "deferred"))
	assert.Equal(t, "deferred", s.note())
	s.carry(s.reply(typeDecisionShare, intent, "deferred"))
	assert.Empty(t, s.note(), "of one question it is told once")
	assert.Equal(t, 5*time.Second, s.ring())
	intent = s.nervous.said[0]
	assert.Equal(t, "INTENT", s.note())
	s.ring()
	assert.Equal(t, "INTENT", s.note())
	timer := *s.wake
	s.carry(s.reply(typeDecisionShare, intent, "accepted"))
	s.nervous.tell(Input{Kind: Timer, Tag: timer.Tag})
	assert.Empty(t, s.note(), "an answer to the earlier of two is one")
}

func TestDecisions(t *testing.T) {
	s := newScenePlay(t)
	ask := func() *cipMessage {
		s.note()
		s.carry(s.puppet.message(typeIntent, cipPayload{}))
		if len(s.nervous.said) == 0 {
			return nil
		}
		return s.last(typeDecisionShare)
	}
	assert.Nil(t, ask(), "not before the handshake")
	s.do(saysHello, saysProof)
	assert.Equal(t, "accepted", ask().decision)
	s.nervous.tell(Input{Kind: Do, From: sim.NoNode, Command: &Command{Kind: SetPresence, State: AgentState{Presence: Overloaded, LRI: 97}}})
	m := ask()
	assert.Equal(t, []any{"deferred", int64(5000), int64(97)}, []any{m.decision, m.retryAfterMS, m.state.LRI})
}

// Messages are canonical JSON: keys sorted, no white space, and as long as they say.
func TestCIPMessagesAreCanonical(t *testing.T) {
	s := newScenePlay(t)
	s.Capabilities = []string{"a", `"é"`}
	s.do(saysHello)
	var all []*cipMessage
	for _, step := range []func(*scenePlay){wanted, saysHello, saysProof} {
		step(s)
		all = append(all, s.nervous.said...)
		s.note()
	}
	s.carry(s.puppet.message(typeIntent, cipPayload{}))
	all = append(all, s.nervous.said...)
	s = newScenePlay(t)
	for _, step := range []func(*scenePlay){wanted, saysAck, givesAnswer} {
		step(s)
		all = append(all, s.nervous.said...)
		s.note()
	}
	types := map[string]bool{}
	for _, m := range all {
		types[m.typ] = true
		text := m.AppendJSON(nil)
		assert.EqualValues(t, len(text), m.Size())
		var parsed map[string]any
		require.NoError(t, json.Unmarshal(text, &parsed), string(text))
		again, err := json.Marshal(parsed)
		require.NoError(t, err)
		assert.Equal(t, string(again), string(text))
		assert.Len(t, parsed["sign"], 64)
		assert.Equal(t, m.typ, parsed["type"])
	}
	assert.Len(t, types, 5)
}
