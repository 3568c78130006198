package mesh

import (
	"encoding/binary"
	"time"

	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// HandshakeConfig is what the CIP handshake of a node is made of. All fields are
// required but Capabilities and Auto.
type HandshakeConfig struct {
	Identity     Identity
	Codec        *Codec
	Registry     *PeerRegistry // peers that say HELLO become known
	Trust        *trust.Table  // written to
	Capabilities []string
	Auto         []sim.NodeID  // with whom it shakes hands when it starts
	Retry        time.Duration // until the first retry; doubled by each
	Tries        int           // of a message, the first one included
	Backoff      time.Duration // after that; doubled by each round
	Rounds       int           // of tries, the first one included
	RetryAfter   time.Duration // when an overloaded node wants to be asked again
	Window       time.Duration // how far a timestamp may be from the node's own clock
	Malicious    bool          // a replay counts as malice of the peer in whose name it comes
	Chance       sim.Stream    // of the node's own, for nonces and jitter
}

// Handshakes is the CIP handshake of one node with its peers (protocol.md, 4): HELLO,
// HELLO_ACK, the proof in a STATE_UPDATE and its answer, then INTENT and its decision.
// Each message may take any number of hops, or be lost, repeated, overtaken.
type Handshakes struct {
	HandshakeConfig
	key         *PublicKey
	incarnation uint64
	state       AgentState
	peers       []*handshake // by number; nil: never heard of
	buf         []byte
}

// handshake is one node's end of the handshake with one peer.
type handshake struct {
	peer        sim.NodeID
	state       handshakeState
	wish        bool       // it is the node's own
	met         bool       // completed since it last left idle or failed
	incarnation uint64     // the newest known of the peer; 0: none
	key         *PublicKey // of the peer, pinned by its first answer to a challenge
	heard       memories   // nonces and message ids of the peer

	offers []offer     // nonces and challenges of this attempt, oldest first
	hello  *cipMessage // whose challenge this node answers: a HELLO or a HELLO_ACK
	proofs []token     // message ids of the proofs of this attempt
	tries  int         // of the message that waits for an answer
	rounds int         // of tries, in this attempt
	timer  uint64      // number of the latest timer; earlier ones are stale
	intent token       // id of the latest INTENT
	asking bool        // which waits for a decision
	proven bool        // the peer answered the proof
	drawn  uint64      // draws so far
}

// offer is a nonce and a challenge that this node sent, in answer to a HELLO or as one.
type offer struct {
	nonce, challenge token
	replies          bool // in a HELLO_ACK
}

// handshakeState is where a handshake is.
type handshakeState uint8

const (
	hsIdle handshakeState = iota
	hsHelloSent
	hsAckSent
	hsEstablished
	hsBackoff
	hsFailed
	hsStates
)

// handshakeInput is what moves a handshake.
type handshakeInput uint8

const (
	inStart  handshakeInput = iota // the node's own wish
	inHello                        // all those from here are valid ones
	inAck                          // to a nonce of this attempt
	inProof                        // to a challenge of this attempt
	inAnswer                       // STATE_UPDATE that answers this node's proof
	inRetry                        // the timer
	inReborn                       // a session saw a newer incarnation of the peer
	hsInputs
)

// handshakeAct is what a cell of the table does. The message is nil unless the input
// is one.
type handshakeAct func(*Handshakes, *Context, *handshake, *cipMessage)

// handshakeTable is the table of protocol.md, section 4; nil is its –.
var handshakeTable [hsInputs][hsStates]handshakeAct

func init() { // not at the declaration, as the acts look up the table
	handshakeTable = [hsInputs][hsStates]handshakeAct{
		//         idle  hello_sent    ack_sent  established backoff    failed
		inStart:  {begin, nil, nil, nil, nil, begin},
		inHello:  {ack, simultaneous, ackAnew, ackAnew, ack, ack},
		inAck:    {nil, prove, prove, prove, prove, nil},
		inProof:  {nil, nil, confirm, confirm, nil, nil},
		inAnswer: {nil, nil, nil, proven, nil, nil},
		inRetry:  {nil, helloAgain, ackAgain, proveAgain, nextRound, nil},
		inReborn: {nil, nil, reborn, reborn, nil, nil},
	}
}

// NewHandshakes returns the protocol of one node in a mesh of so many.
func NewHandshakes(c HandshakeConfig, nodes int) *Handshakes {
	return &Handshakes{HandshakeConfig: c, key: c.Identity.Public(), state: AgentState{Presence: Focused, LRI: 50}, peers: make([]*handshake, nodes)}
}

// Types implements Protocol.
func (h *Handshakes) Types() []string {
	return []string{typeCIPHello, typeHelloAck, typeStateUpdate, typeIntent, typeDecisionShare}
}

// Tell implements Protocol.
func (h *Handshakes) Tell(c *Context, in *Input) {
	switch in.Kind {
	case Start:
		h.restart(c, in.Tag)
	case Timer:
		if p := h.peers[in.Tag>>32]; p.timer&(1<<32-1) == in.Tag&(1<<32-1) {
			h.retry(c, p)
		}
	case Do:
		h.obey(c, in.Command)
	}
}

// restart forgets handshakes that were under way: their names hold the incarnation.
// Keys, nonces and what is known of incarnations stay.
func (h *Handshakes) restart(c *Context, incarnation uint64) {
	h.incarnation = incarnation
	for i, p := range h.peers {
		if p != nil {
			h.peers[i] = &handshake{peer: p.peer, incarnation: p.incarnation, key: p.key, heard: p.heard, timer: p.timer, drawn: p.drawn}
		}
	}
	for _, id := range h.Auto {
		h.want(c, id)
	}
}

// obey does what an operator or application asks for.
func (h *Handshakes) obey(c *Context, command *Command) {
	switch command.Kind {
	case WantHandshake:
		h.want(c, command.Peer)
	case SetPresence:
		h.state = command.State
	}
}

// want notes the node's own wish for a handshake.
func (h *Handshakes) want(c *Context, id sim.NodeID) {
	p := h.with(id)
	p.wish = true
	h.input(c, p, inStart, nil)
}

func (h *Handshakes) with(id sim.NodeID) *handshake {
	if h.peers[id] == nil {
		h.peers[id] = &handshake{peer: id}
	}
	return h.peers[id]
}

func (h *Handshakes) input(c *Context, p *handshake, in handshakeInput, m *cipMessage) {
	if do := handshakeTable[in][p.state]; do != nil {
		do(h, c, p, m)
	}
}

// Take implements Protocol.
func (h *Handshakes) Take(c *Context, e *Envelope, _ sim.NodeID) trace.Reason {
	m, ok := e.Payload.(*cipMessage)
	if !ok || m.receiver != h.Identity.ID {
		return trace.UnknownType
	}
	p := h.with(m.sender)
	if reason := h.refuse(c, p, m); reason != trace.NoReason {
		if reason == trace.Replay && h.Malicious {
			h.move(c, p, trust.Malicious)
		}
		return reason
	}
	p.heard.add(m.id)
	switch m.typ {
	case typeCIPHello:
		p.heard.add(m.nonce)
		h.hello(c, p, m)
	case typeHelloAck:
		p.heard.add(m.nonce)
		return h.answered(c, p, m, inAck)
	case typeStateUpdate:
		if m.answer != nil {
			return h.answered(c, p, m, inProof)
		}
		if has(p.proofs, m.inReplyTo) {
			h.input(c, p, inAnswer, m)
		}
	case typeIntent:
		h.decide(c, p, m)
	case typeDecisionShare:
		h.decided(c, p, m)
	}
	return trace.NoReason
}

// refuse is what makes a message invalid. It drops the message and changes nobody's
// level, or whoever replays or forges in a peer's name could get it blocked.
func (h *Handshakes) refuse(c *Context, p *handshake, m *cipMessage) trace.Reason {
	h.buf = m.appendText(h.buf[:0])
	hasNonce := m.typ == typeCIPHello || m.typ == typeHelloAck
	switch age := c.Now.Sub(m.timestamp); {
	case !m.key.verify(h.buf, m.signature):
		return trace.BadSignature
	case age > h.Window || -age > h.Window, m.incarnation != 0 && m.incarnation < p.incarnation:
		return trace.Stale
	case p.heard.has(m.id), hasNonce && p.heard.has(m.nonce):
		return trace.Replay
	case p.key != nil && p.key != m.key:
		return trace.IdentityConflict
	}
	return trace.NoReason
}

// hello handles a valid HELLO, whose sender is known from now on.
func (h *Handshakes) hello(c *Context, p *handshake, m *cipMessage) {
	if !h.Registry.Refresh(p.peer, c.Now) {
		h.Registry.Hear(Peer{ID: p.peer, Name: h.Codec.names[p.peer], Capabilities: m.capabilities, Kind: KindAgent}, c.Now)
	}
	if p.incarnation != 0 && m.incarnation > p.incarnation && p.state != hsFailed {
		h.leave(p, hsIdle) // what was said to the old one is over; the level stays
	}
	p.incarnation = max(p.incarnation, m.incarnation)
	h.input(c, p, inHello, m)
}

// answered handles a HELLO_ACK or a proof, if it is to a nonce of this attempt: only
// the holder of the key can have answered the challenge that went with it.
func (h *Handshakes) answered(c *Context, p *handshake, m *cipMessage, in handshakeInput) trace.Reason {
	for _, o := range p.offers {
		if o.nonce != m.inReplyTo || o.replies != (in == inProof) {
			continue
		}
		if handshakeTable[in][p.state] == nil {
			break
		}
		if !m.key.verify(challengeText(o.challenge, h.Codec.names, p.peer, h.Identity.ID), m.answer) {
			return trace.BadSignature
		}
		p.key = m.key
		p.incarnation = max(p.incarnation, m.incarnation)
		h.Trust.Authenticate(p.peer)
		h.move(c, p, trust.Handshake)
		h.input(c, p, in, m)
		break
	}
	return trace.NoReason
}

// move applies evidence about the peer.
func (h *Handshakes) move(c *Context, p *handshake, e trust.Event) {
	from, to := h.Trust.Apply(p.peer, e)
	if from != to {
		c.Tell(trace.Event{Kind: trace.TrustUpdated, Peer: p.peer, Payload: trace.Payload{
			From: trace.Trust(from), To: trace.Trust(to), Evidence: trace.Evidence(e),
		}})
	}
}

// draw returns 16 fresh bytes.
func (h *Handshakes) draw(p *handshake) (t token) {
	p.drawn++
	block := h.Chance.Block(sim.Key{Source: sim.Hash(h.Codec.names[p.peer]), N: p.drawn}, uint32(h.incarnation), 0)
	binary.BigEndian.PutUint64(t[:8], block[0])
	binary.BigEndian.PutUint64(t[8:], block[1])
	return t
}

// arm sets the timer of a handshake, ± 10 %, and makes earlier ones stale.
func (h *Handshakes) arm(c *Context, p *handshake, span time.Duration) {
	p.timer++
	spread := uint64(span / 5)
	t := h.draw(p)
	jitter := binary.BigEndian.Uint64(t[:8]) % (spread + 1)
	c.Wake(span-time.Duration(spread/2)+time.Duration(jitter), uint64(p.peer)<<32|p.timer&(1<<32-1))
}

// send signs a message and sends it.
func (h *Handshakes) send(c *Context, p *handshake, typ string, payload cipPayload) token {
	m := &cipMessage{
		codec: h.Codec, id: h.draw(p), typ: typ, timestamp: c.Now, sender: h.Identity.ID, key: h.key, capabilities: h.Capabilities,
		receiver: p.peer, receiverKey: p.key, view: h.Trust.Level(p.peer), state: h.state, cipPayload: payload,
	}
	h.buf = m.appendText(h.buf[:0])
	m.signature = h.Identity.signText(h.buf)
	h.buf = m.set(m, h.buf)
	c.Send(typ, m, p.peer)
	return m.id
}

// offer makes a nonce and a challenge of this attempt. The oldest of many is forgotten.
func (h *Handshakes) offer(p *handshake, replies bool) offer {
	const most = 32
	if len(p.offers) == most {
		p.offers = p.offers[1:]
	}
	o := offer{h.draw(p), h.draw(p), replies}
	p.offers = append(p.offers, o)
	return o
}

// enter begins an attempt from idle or failed.
func (h *Handshakes) enter(c *Context, p *handshake) {
	if p.state == hsIdle || p.state == hsFailed {
		p.rounds, p.tries, p.met, p.proven, p.asking = 0, 0, false, false, false
		c.Tell(trace.Event{Kind: trace.HandshakeStarted, Peer: p.peer, Payload: trace.Payload{Incarnation: int64(p.incarnation)}})
	}
}

// leave ends an attempt: nothing that was said in it counts any more.
func (h *Handshakes) leave(p *handshake, to handshakeState) {
	p.state, p.offers, p.proofs, p.asking, p.proven = to, nil, nil, false, false
	p.timer++
}

func (h *Handshakes) fail(c *Context, p *handshake, to handshakeState, why string) {
	h.leave(p, to)
	c.Tell(trace.Event{Kind: trace.HandshakeFailed, Peer: p.peer, Payload: trace.Payload{Detail: why}})
}

// session numbers what two incarnations of two keys have together: the same at both ends.
func (h *Handshakes) session(p *handshake) uint64 {
	one, two, first, second := h.key, p.key, h.incarnation, p.incarnation
	if two.less(one) {
		one, two, first, second = two, one, second, first
	}
	b := append(append([]byte(nil), one.print()...), two.print()...)
	b = binary.BigEndian.AppendUint64(b, first)
	b = binary.BigEndian.AppendUint64(b, second)
	return sim.Hash(string(b)) >> 11 // 53 bits, which every JSON reader keeps
}

func has(list []token, t token) bool {
	for _, x := range list {
		if x == t {
			return true
		}
	}
	return false
}
