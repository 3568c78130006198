package mesh

import (
	"slices"
	"time"

	"meshsim/sim/planted"
	"meshsim/trace"
)

// What the cells of handshakeTable do, each named by what it sends or waits for.

// begin sends the first HELLO of an attempt.
func begin(h *Handshakes, c *Context, p *handshake, _ *cipMessage) {
	h.enter(c, p)
	h.sayHello(c, p)
}

func (h *Handshakes) sayHello(c *Context, p *handshake) {
	o := h.offer(c, p, false)
	p.state = hsHelloSent
	h.send(c, p, typeCIPHello, cipPayload{nonce: o.nonce, challenge: o.challenge, incarnation: h.incarnation})
	h.waitForAnswer(c, p)
}

// waitForAnswer sets the retry timer, twice as long each time.
func (h *Handshakes) waitForAnswer(c *Context, p *handshake) {
	p.tries++
	h.arm(c, p, h.jittered(c, p, h.Retry<<(p.tries-1)))
}

// ack answers a HELLO. One that comes while the node waits for a proof begins the
// wait anew, as the peer may have no further HELLO left.
func ack(h *Handshakes, c *Context, p *handshake, m *cipMessage) {
	h.enter(c, p)
	p.state, p.hello, p.tries = hsAckSent, m, 0
	h.sayAck(c, p)
	h.waitForAnswer(c, p)
}

func (h *Handshakes) sayAck(c *Context, p *handshake) {
	o := h.offer(c, p, true)
	h.send(c, p, typeHelloAck, cipPayload{
		nonce: o.nonce, challenge: o.challenge, incarnation: h.incarnation, inReplyTo: p.hello.nonce, answer: h.answer(p.hello),
	})
}

// answer is the answer to the challenge in a message.
func (h *Handshakes) answer(m *cipMessage) []byte {
	return h.Identity.signText(challengeText(m.challenge, h.Codec.names, h.Identity.ID, m.sender))
}

// simultaneous decides between two HELLOs that crossed: that of the smaller
// fingerprint wins.
func simultaneous(h *Handshakes, c *Context, p *handshake, m *cipMessage) {
	if m.key.less(h.key) || planted.Bug == planted.OpenByArrival {
		ack(h, c, p, m)
	}
}

// ackStay answers one more HELLO of a peer that this node is established with. It
// stays so if the incarnation is the same.
func ackStay(h *Handshakes, c *Context, p *handshake, m *cipMessage) {
	if !p.met {
		ack(h, c, p, m)
		return
	}
	p.hello = m
	h.sayAck(c, p)
}

// prove answers the challenge in a HELLO_ACK, in the first STATE_UPDATE. One that
// comes again, when the node is established already, gets a proof too.
func prove(h *Handshakes, c *Context, p *handshake, m *cipMessage) {
	p.ack = m
	if p.state == hsEstablished && p.met {
		h.sayProof(c, p)
		return
	}
	h.establish(c, p)
	h.sayProof(c, p)
	h.waitForAnswer(c, p)
}

func (h *Handshakes) sayProof(c *Context, p *handshake) {
	id := h.send(c, p, typeStateUpdate, cipPayload{inReplyTo: p.ack.nonce, answer: h.answer(p.ack)})
	p.proofs = keep(p.proofs, id, mostOffers)
}

// establish enters established, which is told the first time.
func (h *Handshakes) establish(c *Context, p *handshake) {
	p.state, p.tries, p.proven = hsEstablished, 0, false
	p.timer++
	if !p.met {
		p.met = true
		c.Tell(trace.Event{Kind: trace.HandshakeCompleted, Peer: p.peer, Payload: trace.Payload{
			Incarnation: int64(p.incarnation), Session: h.session(p),
		}})
	}
}

// confirm answers a proof. Whoever proves itself is established: the node need not
// wait for the answer to a proof of its own.
func confirm(h *Handshakes, c *Context, p *handshake, m *cipMessage) {
	if p.state != hsEstablished {
		h.establish(c, p)
	}
	h.endWait(p)
	h.send(c, p, typeStateUpdate, cipPayload{inReplyTo: m.id})
}

// proven ends the wait for the answer to the proof. Whose own wish it was says what
// for, once.
func proven(h *Handshakes, c *Context, p *handshake, _ *cipMessage) {
	h.endWait(p)
	if p.wish && !p.asked {
		p.asked, p.tries = true, 0
		h.sayIntent(c, p)
	}
}

// endWait ends the wait for the answer to a proof, if there is one.
func (h *Handshakes) endWait(p *handshake) {
	if !p.proven {
		p.proven, p.rounds = true, 0
		p.timer++
	}
}

func (h *Handshakes) sayIntent(c *Context, p *handshake) {
	p.intents = keep(p.intents, h.send(c, p, typeIntent, cipPayload{}), mostOffers)
	h.waitForAnswer(c, p)
}

// decide answers an INTENT.
func (h *Handshakes) decide(c *Context, p *handshake, m *cipMessage) {
	if p.state != hsEstablished {
		return
	}
	payload := cipPayload{inReplyTo: m.id, decision: "accepted"}
	if h.state.Presence == Overloaded {
		payload.decision, payload.retryAfterMS = "deferred", h.RetryAfter.Milliseconds()
	}
	h.send(c, p, typeDecisionShare, payload)
}

// decided takes the answer to an INTENT: one that defers is asked again later.
func (h *Handshakes) decided(c *Context, p *handshake, m *cipMessage) {
	if !slices.Contains(p.intents, m.inReplyTo) {
		return
	}
	p.intents, p.tries = nil, 0
	p.timer++
	if m.decision != "deferred" {
		return
	}
	after := time.Duration(m.retryAfterMS) * time.Millisecond
	c.Tell(trace.Event{Kind: trace.HandshakeDeferred, Peer: p.peer, Payload: trace.Payload{Detail: "asks to wait for " + after.String()}})
	h.arm(c, p, after)
}

func helloAgain(h *Handshakes, c *Context, p *handshake, _ *cipMessage) {
	if p.tries >= h.Tries {
		h.backOff(c, p)
		return
	}
	h.sayHello(c, p)
}

func ackAgain(h *Handshakes, c *Context, p *handshake, _ *cipMessage) {
	switch {
	case p.tries < h.Tries:
		h.sayAck(c, p)
		h.waitForAnswer(c, p)
	case p.wish:
		h.backOff(c, p)
	default:
		h.fail(c, p, hsIdle, "no proof")
	}
}

// proveAgain repeats a proof or an INTENT without an answer. The proof's limit leads
// to back-off; without a decision the peers stay as they are.
func proveAgain(h *Handshakes, c *Context, p *handshake, _ *cipMessage) {
	switch {
	case !p.proven && p.tries < h.Tries:
		h.sayProof(c, p)
		h.waitForAnswer(c, p)
	case !p.proven:
		h.backOff(c, p)
	case p.tries < h.Tries:
		h.sayIntent(c, p)
	}
}

// backOff rests for a while, twice as long each time.
func (h *Handshakes) backOff(c *Context, p *handshake) {
	p.state = hsBackoff
	h.arm(c, p, h.jittered(c, p, h.Backoff<<p.rounds))
	p.rounds++
}

func nextRound(h *Handshakes, c *Context, p *handshake, _ *cipMessage) {
	if p.rounds >= h.Rounds {
		h.fail(c, p, hsFailed, "no answer")
		return
	}
	p.tries = 0
	h.sayHello(c, p)
}

// reborn begins anew with the next incarnation of a peer.
func reborn(h *Handshakes, c *Context, p *handshake, _ *cipMessage) {
	if p.met {
		h.leave(p, hsIdle)
	} else {
		h.fail(c, p, hsIdle, "a newer incarnation")
	}
	if p.wish {
		h.input(c, p, inStart, nil)
	}
}
