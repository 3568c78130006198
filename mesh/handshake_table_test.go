package mesh

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/trace"
	"meshsim/trust"
)

// scenePlay is a node with one peer, brought to a state by what really leads there.
type scenePlay struct {
	*nervous
	*puppet
	hello, ack, proof *cipMessage // the latest that the node sent, or nil
}

// note remembers what the node said, for later answers, and looks.
func (s *scenePlay) note() string {
	for _, m := range s.nervous.said {
		switch {
		case m.typ == typeCIPHello:
			s.hello = m
		case m.typ == typeHelloAck:
			s.ack = m
		case m.typ == typeStateUpdate && m.answer != nil:
			s.proof = m
		}
	}
	return s.look()
}

func (s *scenePlay) do(steps ...func(*scenePlay)) {
	for _, step := range steps {
		step(s)
		s.note()
	}
}

// What brings a node to a state, or is an input there.
func wanted(s *scenePlay)      { s.want(s.puppet.ID) }
func rings(s *scenePlay)       { s.ring() }
func saysHello(s *scenePlay)   { s.carry(s.puppet.hello()) }
func saysAck(s *scenePlay)     { s.carry(s.puppet.ack(orBlank(s.hello))) }
func saysProof(s *scenePlay)   { s.carry(s.puppet.proof(orBlank(s.ack))) }
func givesAnswer(s *scenePlay) { s.carry(s.reply(typeStateUpdate, orBlank(s.proof), "")) }
func isReborn(s *scenePlay)    { s.puppet.incarnation++ }
func sessionSees(s *scenePlay) {
	c := s.router.protocols.in(0, s.now, &s.out)
	s.out.Reset()
	s.input(c, s.with(s.puppet.ID), inReborn, nil)
	for _, f := range s.out.Facts {
		s.facts = append(s.facts, f.Kind.String()[len("handshake_"):])
	}
	for _, a := range s.out.Acts {
		if a.Kind == ActSend {
			s.nervous.said = append(s.nervous.said, a.Envelope.Payload.(*cipMessage))
		}
	}
}

// orBlank stands for a message that the node has not sent: nobody can answer it.
func orBlank(m *cipMessage) *cipMessage {
	if m == nil {
		return &cipMessage{cipPayload: cipPayload{nonce: token{9, 9}, challenge: token{9, 8}}}
	}
	return m
}

func ringsUntil(state handshakeState) func(*scenePlay) {
	return func(s *scenePlay) {
		for s.with(s.puppet.ID).state != state {
			s.ring()
			s.note()
		}
	}
}

var stateNames = [hsStates]string{"idle", "hello_sent", "ack_sent", "established", "backoff", "failed"}

// TestHandshakeTable is the table of protocol.md, section 4, cell by cell: what the
// node sends, what it tells, and where it is then. – is: nothing happens.
func TestHandshakeTable(t *testing.T) {
	type steps = []func(*scenePlay)
	crossed := steps{wanted, saysHello} // of the smaller fingerprint
	states := []struct {
		name string
		by   steps
	}{
		{"idle", nil},
		{"hello_sent", steps{wanted}},
		{"ack_sent", crossed},
		{"ack_sent, no wish", steps{saysHello}},
		{"established", steps{wanted, saysAck}},
		{"established, no wish", steps{saysHello, saysProof}},
		{"established, crossed", append(crossed[:2:2], saysProof)},
		{"backoff", steps{wanted, ringsUntil(hsBackoff)}},
		{"backoff, met", append(crossed[:2:2], saysAck, ringsUntil(hsBackoff))},
		{"failed", steps{wanted, ringsUntil(hsFailed)}},
	}
	const (
		none = "–"
		ack  = "HELLO_ACK → ack_sent"
	)
	for _, row := range []struct {
		input string
		by    steps
		cells []string
	}{
		{"start", steps{wanted}, []string{
			"HELLO, started → hello_sent", none, none, none, none, none, none, none, none, "HELLO, started → hello_sent",
		}},
		{"valid HELLO", steps{saysHello}, []string{
			"HELLO_ACK, started → ack_sent", ack, ack, ack, "HELLO_ACK → established", "HELLO_ACK → established", "HELLO_ACK → established",
			ack, ack, "HELLO_ACK, started → ack_sent",
		}},
		{"valid HELLO of a newer incarnation", steps{isReborn, saysHello}, []string{
			"HELLO_ACK, started → ack_sent", ack, "HELLO_ACK, started → ack_sent", "HELLO_ACK, started → ack_sent",
			"HELLO_ACK, started → ack_sent", "HELLO_ACK, started → ack_sent", "HELLO_ACK, started → ack_sent",
			ack, "HELLO_ACK, started → ack_sent", "HELLO_ACK, started → ack_sent",
		}},
		{"valid HELLO_ACK", steps{saysAck}, []string{
			none, "proof, unknown→probing, completed → established", "proof, unknown→probing, completed → established", none,
			"proof → established", none, "proof → established", "proof, unknown→probing, completed → established", "proof → established", none,
		}},
		{"valid HELLO_ACK of a newer incarnation", steps{isReborn, saysAck}, []string{
			none, "proof, unknown→probing, completed → established", "proof, unknown→probing, started, completed → established", none,
			"proof, started, completed → established", none, "proof, started, completed → established",
			"proof, unknown→probing, completed → established", "proof, started, completed → established", none,
		}},
		{"valid proof", steps{saysProof}, []string{
			none, none, "STATE_UPDATE, unknown→probing, completed → established", "STATE_UPDATE, unknown→probing, completed → established",
			none, "STATE_UPDATE → established", "STATE_UPDATE → established", none, none, none,
		}},
		{"STATE_UPDATE that answers the proof", steps{givesAnswer}, []string{
			none, none, none, none, "INTENT → established", none, none, none, none, none,
		}},
		{"retry timer", steps{rings}, []string{
			"", "HELLO → hello_sent", "HELLO_ACK → ack_sent", "HELLO_ACK → ack_sent", "proof → established", "", "",
			"HELLO → hello_sent", "HELLO → hello_sent", "",
		}},
		{"newer incarnation seen by a session", steps{sessionSees}, []string{
			none, none, "HELLO, failed, started → hello_sent", "failed → idle", "HELLO, started → hello_sent", " → idle", "HELLO, started → hello_sent",
			none, none, none,
		}},
	} {
		for i, state := range states {
			t.Run(row.input+" in "+state.name, func(t *testing.T) {
				if row.cells[i] == "" {
					t.Skip("there is no timer")
				}
				n := newNervous(t)
				s := &scenePlay{nervous: n, puppet: newPuppet(n, smaller(t))}
				s.do(state.by...)
				p := s.with(s.puppet.ID)
				before, timer := p.state, p.timer
				require.Contains(t, state.name, stateNames[before])
				s.do(row.by[:len(row.by)-1]...)
				row.by[len(row.by)-1](s)
				if row.cells[i] == none {
					assert.Empty(t, s.look())
					assert.Equal(t, []any{before, timer}, []any{p.state, p.timer}, "nothing happens")
					return
				}
				assert.Equal(t, row.cells[i], fmt.Sprintf("%s → %s", s.look(), stateNames[p.state]))
			})
		}
	}
}

// A HELLO that crosses the node's own is ignored if the node's fingerprint is smaller,
// whichever comes first.
func TestSimultaneousOpen(t *testing.T) {
	n := newNervous(t)
	s := &scenePlay{nervous: n, puppet: newPuppet(n, larger(t))}
	s.do(wanted)
	saysHello(s)
	assert.Empty(t, s.note(), "the peer will answer the node's")
	assert.Equal(t, hsHelloSent, s.with(s.puppet.ID).state)
	saysAck(s)
	assert.Equal(t, "proof, unknown→probing, completed", s.note())
	givesAnswer(s)
	assert.Equal(t, "INTENT", s.note())
}

// Limits: of tries to backoff, or without a wish to idle; of rounds to failed. The
// times are exact where there is no jitter.
func TestHandshakeTimes(t *testing.T) {
	for _, tt := range []struct {
		name string
		by   []func(*scenePlay)
		want []string
	}{
		{"no answer to HELLO", []func(*scenePlay){wanted}, []string{
			"1s: HELLO", "2s: HELLO", "4s: ", "10s: HELLO", "1s: HELLO", "2s: HELLO", "4s: ", "20s: failed",
		}},
		{"no proof", []func(*scenePlay){saysHello}, []string{"1s: HELLO_ACK", "2s: HELLO_ACK", "4s: failed"}},
		{"a second HELLO, no proof", []func(*scenePlay){saysHello, rings, saysHello}, []string{"1s: HELLO_ACK", "2s: HELLO_ACK", "4s: failed"}},
		{"no proof, own wish", []func(*scenePlay){saysHello, wanted}, []string{
			"1s: HELLO_ACK", "2s: HELLO_ACK", "4s: ", "10s: HELLO", "1s: HELLO", "2s: HELLO", "4s: ", "20s: failed",
		}},
		{"no answer to the proof", []func(*scenePlay){wanted, saysAck}, []string{
			"1s: proof", "2s: proof", "4s: ", "10s: HELLO", "1s: HELLO", "2s: HELLO", "4s: ", "20s: failed",
		}},
		{"no decision", []func(*scenePlay){wanted, saysAck, givesAnswer}, []string{"1s: INTENT", "2s: INTENT", "4s: "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := newNervous(t)
			s := &scenePlay{nervous: n, puppet: newPuppet(n, smaller(t))}
			s.do(tt.by...)
			var got []string
			for s.wake != nil {
				a := s.wake
				s.wake = nil
				s.now = s.now.Add(a.After)
				s.nervous.tell(Input{Kind: Timer, Tag: a.Tag})
				got = append(got, fmt.Sprintf("%v: %s", a.After, s.note()))
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

// Jitter is a share of the time, either way, and each time another.
func TestHandshakeJitter(t *testing.T) {
	n := newNervous(t)
	n.Jitter = 100_000_000
	c, p, seen := n.router.protocols.in(0, n.now, &n.out), n.with(1), map[time.Duration]bool{}
	for range 1000 {
		d := n.jittered(c, p, time.Second)
		require.True(t, d >= 900*time.Millisecond && d <= 1100*time.Millisecond, d.String())
		seen[d] = true
	}
	assert.Greater(t, len(seen), 990)
}

// Only the latest timer acts: what an earlier attempt asked for comes to nothing.
func TestTimerOfAnEarlierAttempt(t *testing.T) {
	n := newNervous(t)
	s := &scenePlay{nervous: n, puppet: newPuppet(n, smaller(t))}
	s.do(wanted)
	early := *s.wake
	s.do(saysAck, givesAnswer)
	s.nervous.tell(Input{Kind: Timer, Tag: early.Tag})
	assert.Empty(t, s.note())
	assert.Equal(t, hsEstablished, s.with(s.puppet.ID).state)
}

// The four kinds of invalid messages are dropped with their reason in every state,
// and change nobody's level; with on_replay = "malicious" a replay blocks the peer,
// whoever brought it.
func TestInvalidMessages(t *testing.T) {
	type spoil func(s *scenePlay) *cipMessage
	old := func(age time.Duration) func(*cipMessage) {
		return func(m *cipMessage) { m.timestamp = m.timestamp.Add(-age) }
	}
	for _, tt := range []struct {
		name   string
		spoil  spoil
		reason trace.Reason
	}{
		{"altered after it was signed", func(s *scenePlay) *cipMessage {
			m := s.puppet.hello()
			m.incarnation++
			return m
		}, trace.BadSignature},
		{"signed by another", func(s *scenePlay) *cipMessage {
			other := newPuppet(s.nervous, identity(4, 2))
			return other.hello(func(m *cipMessage) { m.sender, m.key = s.puppet.ID, s.puppet.public })
		}, trace.BadSignature},
		{"too old", func(s *scenePlay) *cipMessage { return s.puppet.hello(old(window + 1)) }, trace.Stale},
		{"too new", func(s *scenePlay) *cipMessage { return s.puppet.hello(old(-window - 1)) }, trace.Stale},
		{"as old as may be", func(s *scenePlay) *cipMessage { return s.puppet.hello(old(window)) }, trace.NoReason},
		{"of an older incarnation", func(s *scenePlay) *cipMessage {
			s.puppet.incarnation = 3
			s.carry(s.puppet.hello())
			s.note()
			s.puppet.incarnation = 2
			return s.puppet.hello()
		}, trace.Stale},
		{"said before", func(s *scenePlay) *cipMessage {
			m := s.puppet.hello()
			s.carry(m)
			s.note()
			return m
		}, trace.Replay},
		{"a nonce said before", func(s *scenePlay) *cipMessage {
			m := s.puppet.hello()
			s.carry(m)
			s.note()
			return s.puppet.hello(func(again *cipMessage) { again.nonce = m.nonce })
		}, trace.Replay},
		{"another key for a pinned id", func(s *scenePlay) *cipMessage {
			s.do(wanted, saysAck)
			id := s.puppet.Identity.Renewed(1, keysOf(4)[s.puppet.ID], 1)
			s.puppet.Identity = id
			s.author.Renew(id)
			return s.puppet.hello()
		}, trace.IdentityConflict},
	} {
		for _, malicious := range []bool{false, true} {
			for _, brought := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, malicious %v, brought %v", tt.name, malicious, brought), func(t *testing.T) {
					n := newNervous(t)
					n.Malicious = malicious
					s := &scenePlay{nervous: n, puppet: newPuppet(n, smaller(t))}
					m := tt.spoil(s)
					level := n.Trust.Level(s.puppet.ID)
					if brought {
						newPuppet(n, identity(4, 2)).carry(m)
					} else {
						s.carry(m)
					}
					if tt.reason == trace.NoReason {
						assert.Empty(t, n.drops)
						return
					}
					if malicious && tt.reason == trace.Replay {
						assert.Equal(t, trust.Blocked, n.Trust.Level(s.puppet.ID))
						assert.Equal(t, "unknown→blocked, drop replay", s.note())
						return
					}
					assert.Equal(t, "drop "+tt.reason.String(), s.note(), "nothing else happens")
					assert.Equal(t, level, n.Trust.Level(s.puppet.ID))
				})
			}
		}
	}
}
