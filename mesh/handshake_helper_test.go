package mesh

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// nervous is a node that shakes hands, alone on a stage: the test plays its peers,
// and the time.
type nervous struct {
	*testing.T
	*Handshakes
	router *Router
	now    clock.Time
	out    Outbox
	wake   *Act          // the latest timer
	said   []*cipMessage // since the last look, all to one peer
	facts  []string      // likewise
	drops  []trace.Reason
}

// Timers of the nodes on a stage, without jitter.
const (
	retryTime   = time.Second
	backoffTime = 10 * time.Second
	window      = 30 * time.Second
	tries       = 3
	rounds      = 2

	me = sim.NodeID(3) // whose fingerprint is neither the smallest nor the largest
)

// newNervous returns node me of 4, which knows nobody, at a time of its clock that
// leaves room for older dates.
func newNervous(t *testing.T) *nervous {
	n := &nervous{T: t, now: clock.Time(time.Hour)}
	n.Handshakes = n.make(identity(4, me))
	n.tell(Input{Kind: Start, Tag: 1})
	n.look()
	return n
}

// make makes the node anew, as after a crash that loses its state.
func (n *nervous) make(id Identity) *Handshakes {
	c := config(n.T, me, 4, 0, 1, 2)
	h := NewHandshakes(HandshakeConfig{
		Identity: id, Codec: NewCodec(keysOf(4), epoch), Registry: c.Registry, Trust: trust.NewTable(4),
		Retry: retryTime, Tries: tries, Backoff: backoffTime, Rounds: rounds, RetryAfter: 5 * time.Second, Window: window,
		Chance: sim.Seed(1).Stream("node/n003/handshake"),
	}, 4)
	c.Policy, c.Protocols, c.Gate, c.Identity = Direct(), []Protocol{h}, h.Trust, id
	c.Author = NewAuthor(id, sim.Seed(1).Stream("ids"), keysOf(4))
	n.router = newRouter(n.T, c)
	return h
}

func (n *nervous) tell(in Input) {
	n.out.Reset()
	n.router.Step(n.now, &in, &n.out)
	for i := range n.out.Acts {
		switch a := n.out.Acts[i]; a.Kind {
		case ActSend:
			n.said = append(n.said, a.Envelope.Payload.(*cipMessage))
		case ActDrop:
			n.drops = append(n.drops, a.Reason)
		case ActWake:
			n.wake = &a
		case ActTell:
			fact := n.out.Facts[a.Tag]
			words := strings.TrimPrefix(fact.Kind.String(), "handshake_")
			if fact.Kind == trace.TrustUpdated {
				words = fmt.Sprint(fact.From, "→", fact.To)
			}
			n.facts = append(n.facts, words)
		}
	}
}

// want is the node's own wish.
func (n *nervous) want(peer sim.NodeID) {
	n.tell(Input{Kind: Do, From: sim.NoNode, Command: &Command{Kind: WantHandshake, Peer: peer}})
}

// ring lets the latest timer go off, and says after how long.
func (n *nervous) ring() time.Duration {
	a := n.wake
	require.NotNil(n.T, a, "no timer")
	n.now = n.now.Add(a.After)
	n.tell(Input{Kind: Timer, Tag: a.Tag})
	return a.After
}

// last is the latest message of a type, of those since the last look.
func (n *nervous) last(typ string) *cipMessage {
	for i := len(n.said) - 1; i >= 0; i-- {
		if n.said[i].typ == typ {
			return n.said[i]
		}
	}
	require.Failf(n.T, "never said", typ)
	return nil
}

// look says what happened since the last look: what was sent, told and refused.
func (n *nervous) look() string {
	var words []string
	for _, m := range n.said {
		typ := m.typ
		if typ == typeStateUpdate && m.answer != nil {
			typ = "proof"
		}
		words = append(words, typ)
	}
	words = append(words, n.facts...)
	for _, r := range n.drops {
		words = append(words, "drop "+r.String())
	}
	n.said, n.facts, n.drops = nil, nil, nil
	return strings.Join(words, ", ")
}

// puppet is a peer that says what the test has it say.
type puppet struct {
	Identity
	on          *nervous
	incarnation uint64
	author      *Author
	said        uint64
}

func newPuppet(n *nervous, id Identity) *puppet {
	return &puppet{Identity: id, on: n, incarnation: 1, author: NewAuthor(id, sim.Seed(2).Stream("ids"), keysOf(4))}
}

// fresh is a token that nobody has seen.
func (p *puppet) fresh() (t token) {
	p.said++
	t[0], t[1], t[8] = byte(p.said), byte(p.said>>8), byte(p.ID)+1
	return t
}

// message is a valid message of a type; altered by with before it is signed.
func (p *puppet) message(typ string, payload cipPayload, with ...func(*cipMessage)) *cipMessage {
	m := &cipMessage{
		codec: p.on.Codec, id: p.fresh(), typ: typ, timestamp: p.on.now, sender: p.ID, key: p.public, receiver: me,
		state: AgentState{Presence: Focused, LRI: 50}, cipPayload: payload,
	}
	for _, w := range with {
		w(m)
	}
	m.signature = p.signText(m.appendText(nil))
	m.set(m, nil)
	return m
}

// carry has a message arrive in an envelope of this puppet's.
func (p *puppet) carry(m *cipMessage) {
	e := &Envelope{Type: m.typ, Destination: me, Payload: m, Size: m.Size()}
	p.author.issue(e, p.on.now)
	e.Hops = []sim.NodeID{me}
	p.on.tell(Input{Kind: Arrive, Envelope: e, From: p.ID})
}

func (p *puppet) hello(with ...func(*cipMessage)) *cipMessage {
	return p.message(typeCIPHello, cipPayload{nonce: p.fresh(), challenge: p.fresh(), incarnation: p.incarnation}, with...)
}

// ack answers a HELLO of the node's, with a proof that the challenge was read.
func (p *puppet) ack(hello *cipMessage, with ...func(*cipMessage)) *cipMessage {
	return p.message(typeHelloAck, cipPayload{
		nonce: p.fresh(), challenge: p.fresh(), incarnation: p.incarnation, inReplyTo: hello.nonce, answer: p.answerTo(hello),
	}, with...)
}

// proof answers a HELLO_ACK of the node's.
func (p *puppet) proof(ack *cipMessage, with ...func(*cipMessage)) *cipMessage {
	return p.message(typeStateUpdate, cipPayload{inReplyTo: ack.nonce, answer: p.answerTo(ack)}, with...)
}

func (p *puppet) answerTo(m *cipMessage) []byte {
	return p.signText(challengeText(m.challenge, p.on.Codec.names, p.ID, me))
}

// reply is a message of a type that answers one of the node's by its id.
func (p *puppet) reply(typ string, to *cipMessage, decision string) *cipMessage {
	return p.message(typ, cipPayload{inReplyTo: to.id, decision: decision, retryAfterMS: 5000})
}

// smaller is a node whose fingerprint is below that of me, larger one above.
func smaller(t *testing.T) Identity { return byFingerprint(t, true) }
func larger(t *testing.T) Identity  { return byFingerprint(t, false) }

func byFingerprint(t *testing.T, below bool) Identity {
	for _, id := range []sim.NodeID{0, 1, 2} {
		if p := identity(4, id); p.public.less(identity(4, me).public) == below {
			return p
		}
	}
	require.Fail(t, "choose other keys")
	return Identity{}
}
