package mesh

import (
	"encoding/binary"
	"slices"
	"time"

	"meshsim/sim"
	"meshsim/sim/planted"
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
	Jitter       int64         // how far it and Backoff may be off, either way, in 10⁻⁹ of them
	Tries        int           // of a message, the first one included
	Backoff      time.Duration // after that; doubled by each round
	Rounds       int           // of tries, the first one included
	RetryAfter   time.Duration // when an overloaded node wants to be asked again
	Window       time.Duration // how far a timestamp may be from the node's own clock
	Malicious    bool          // a replay counts as malice of the peer in whose name it comes
	Judgement    JudgementConfig
	Chance       sim.Stream // of the node's own, for nonces and jitter
}

// Handshakes is the CIP handshake of one node with its peers (protocol.md, 4): HELLO,
// HELLO_ACK, the proof in a STATE_UPDATE and its answer, then INTENT and its decision.
// Each message may take any number of hops, or be lost, repeated, overtaken.
//
// Between a HELLO of a node and its next one pass at most
//
//	(1 + Jitter) × (2^Tries × Retry + 2^(Rounds−1) × Backoff),
//
// and a HELLO needs four messages to complete at both ends. So once nothing is lost any
// more a handshake with a HELLO left completes within that time, the retry budget, and
// 4 × diameter × largest one-way delay.
type Handshakes struct {
	HandshakeConfig
	judgement   *Judgement
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
	incarnation uint64     // of the peer that this node speaks with; 0: none yet
	key         *PublicKey // of the peer, pinned by its first answer to a challenge
	voices      []*voice   // that spoke in the peer's name; once the key is pinned, its own

	attempt
	tries  int    // of the message that waits for an answer
	rounds int    // of tries, in this attempt
	timer  uint64 // number of the latest timer; earlier ones are stale
	drawn  uint64 // draws so far
}

// attempt is what was said since a handshake was last told as started.
type attempt struct {
	met     bool        // it was told as completed
	offers  []offer     // nonces and challenges, oldest first
	hello   *cipMessage // the HELLO that the node's HELLO_ACK answers
	ack     *cipMessage // the HELLO_ACK that the node's proof answers
	proofs  []token     // message ids of the node's proofs
	proven  bool        // the peer is known to be established too
	intents []token     // message ids of the INTENTs that wait for a decision
	asked   bool        // an INTENT was sent
}

// voice is what is remembered of a key that spoke in a peer's name.
type voice struct {
	key         *PublicKey
	incarnation uint64   // the newest
	heard       memories // nonces and message ids
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
		inHello:  {ack, simultaneous, ack, ackStay, ack, ack},
		inAck:    {nil, prove, prove, prove, prove, nil},
		inProof:  {nil, nil, confirm, confirm, nil, nil},
		inAnswer: {nil, nil, nil, proven, nil, nil},
		inRetry:  {nil, helloAgain, ackAgain, proveAgain, nextRound, nil},
		inReborn: {nil, nil, reborn, reborn, nil, nil},
	}
}

// NewHandshakes returns the protocol of one node in a mesh of so many.
func NewHandshakes(c HandshakeConfig, nodes int) *Handshakes {
	h := &Handshakes{HandshakeConfig: c, key: c.Identity.Public(), state: AgentState{Presence: Focused, LRI: 50}, peers: make([]*handshake, nodes)}
	h.judgement = newJudgement(c.Judgement, h, nodes)
	return h
}

// Trusts is what the node makes of its peers, as its other protocols see it.
func (h *Handshakes) Trusts() Trusts { return h.judgement }

// Types implements Protocol.
func (h *Handshakes) Types() []string {
	return []string{
		typeCIPHello, typeHelloAck, typeStateUpdate, typeIntent, typeDecisionShare,
		typeFactPropose, typeFactConfirm, typeFactChallenge, typeFactReject,
	}
}

// Tell implements Protocol.
func (h *Handshakes) Tell(c *Context, in *Input) {
	switch in.Kind {
	case Start:
		h.restart(c, in.Tag)
		h.judgement.restart(c)
	case Timer:
		if in.Tag >= tagDecay {
			h.judgement.timer(c, in.Tag)
		} else if p := h.peers[in.Tag>>32]; p != nil && p.timer&(1<<32-1) == in.Tag&(1<<32-1) {
			h.input(c, p, inRetry, nil)
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
			h.peers[i] = &handshake{peer: p.peer, incarnation: p.incarnation, key: p.key, voices: p.voices, timer: p.timer, drawn: p.drawn}
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
	case Propose:
		h.judgement.propose(c, command)
	case Override:
		h.judgement.override(c, command.Peer)
	case Introduce:
		h.judgement.introduce(c, command.Peer, command.Subject)
	case Warn:
		h.judgement.warn(c, command.Peer, command.Subject)
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
			h.judgement.move(c, p.peer, trust.Malicious, byReplay, nil)
		}
		return reason
	}
	v := p.listen(m.key)
	v.heard.add(m.id)
	switch m.typ {
	case typeCIPHello:
		v.heard.add(m.nonce)
		h.greeted(c, p, v, m)
	case typeHelloAck:
		v.heard.add(m.nonce)
		return h.answered(c, p, v, m, inAck)
	case typeStateUpdate:
		if m.answer != nil {
			return h.answered(c, p, v, m, inProof)
		}
		if slices.Contains(p.proofs, m.inReplyTo) {
			h.input(c, p, inAnswer, m)
		}
	case typeIntent:
		if m.word != nil {
			h.judgement.takeWord(c, p, m)
		} else {
			h.decide(c, p, m)
		}
	case typeDecisionShare:
		if h.judgement.end(p.peer, m) == nil {
			h.decided(c, p, m)
		}
	default:
		return h.judgement.takeFact(c, p, m)
	}
	return trace.NoReason
}

// refuse is what makes a message invalid. It drops the message and changes nobody's
// level, or whoever replays or forges in a peer's name could get it blocked. One that
// a third node brings in the name of a blocked peer is refused as its own would be.
func (h *Handshakes) refuse(c *Context, p *handshake, m *cipMessage) trace.Reason {
	h.buf = m.appendText(h.buf[:0])
	hasNonce := m.typ == typeCIPHello || m.typ == typeHelloAck
	var known voice
	if v := p.voice(m.key); v != nil {
		known = *v
	}
	switch age := c.Now.Sub(m.timestamp); {
	case h.Trust.Blocked(p.peer):
		return trace.Blocked
	case !m.key.verify(h.buf, m.signature):
		return trace.BadSignature
	case age > h.Window || -age > h.Window, m.incarnation != 0 && m.incarnation < known.incarnation:
		return trace.Stale
	case planted.Bug == planted.NonceForgotten:
		return trace.NoReason
	case known.heard.has(m.id), hasNonce && known.heard.has(m.nonce):
		return trace.Replay
	case p.key != nil && p.key != m.key:
		return trace.IdentityConflict
	}
	return trace.NoReason
}

// voice returns what is remembered of a key, or nil.
func (p *handshake) voice(k *PublicKey) *voice {
	for _, v := range p.voices {
		if v.key == k {
			return v
		}
	}
	return nil
}

// listen returns what is remembered of a key, from now on at least. As long as none
// is pinned, anybody may speak in the peer's name: the oldest of many is forgotten.
func (p *handshake) listen(k *PublicKey) *voice {
	if v := p.voice(k); v != nil {
		return v
	}
	v := &voice{key: k}
	p.voices = keep(p.voices, v, 4)
	return v
}

// greeted handles a valid HELLO, whose sender is known from now on.
func (h *Handshakes) greeted(c *Context, p *handshake, v *voice, m *cipMessage) {
	h.Registry.Meet(Peer{ID: p.peer, Name: h.Codec.names[p.peer], Capabilities: m.capabilities, Kind: KindAgent}, c.Now)
	h.meet(c, p, v, m)
	h.input(c, p, inHello, m)
}

// answered handles a HELLO_ACK or a proof, if it is to a nonce of this attempt: only
// the holder of the key can have answered the challenge that went with it.
func (h *Handshakes) answered(c *Context, p *handshake, v *voice, m *cipMessage, in handshakeInput) trace.Reason {
	i := slices.IndexFunc(p.offers, func(o offer) bool { return o.nonce == m.inReplyTo && o.replies == (in == inProof) })
	if i < 0 || handshakeTable[in][p.state] == nil {
		return trace.NoReason
	}
	if !m.key.verify(challengeText(p.offers[i].challenge, h.Codec.names, p.peer, h.Identity.ID), m.answer) && planted.Bug != planted.ProofUnchecked {
		return trace.BadSignature
	}
	p.key, p.voices = m.key, append(p.voices[:0], v)
	h.judgement.pinned(c, p)
	h.Trust.Authenticate(p.peer)
	h.judgement.move(c, p.peer, trust.Handshake, "", nil)
	h.meet(c, p, v, m)
	h.input(c, p, in, m)
	h.judgement.authenticated(c, p.peer)
	return trace.NoReason
}

// meet notes the incarnation of the peer. With a newer one than was known a handshake
// starts that is told apart: nothing that was said to the old one counts, but for the
// node's HELLOs, which are for whoever reads them.
func (h *Handshakes) meet(c *Context, p *handshake, v *voice, m *cipMessage) {
	newer := v.incarnation != 0 && m.incarnation > v.incarnation
	v.incarnation = max(v.incarnation, m.incarnation)
	p.incarnation = v.incarnation
	if newer && p.state != hsIdle && p.state != hsFailed {
		hellos := slices.DeleteFunc(p.offers, func(o offer) bool { return o.replies })
		h.begun(c, p)
		p.offers = hellos
	}
}

// draw returns 16 fresh bytes.
func (h *Handshakes) draw(c *Context, p *handshake) (t token) {
	p.drawn++
	block := h.Chance.Block(sim.Key{Source: sim.Hash(c.key(p.peer)), N: p.drawn}, uint32(h.incarnation), 0)
	binary.BigEndian.PutUint64(t[:8], block[0])
	binary.BigEndian.PutUint64(t[8:], block[1])
	return t
}

// arm sets the timer of a handshake, and makes earlier ones stale.
func (h *Handshakes) arm(c *Context, p *handshake, span time.Duration) {
	p.timer++
	c.Wake(span, uint64(p.peer)<<32|p.timer&(1<<32-1))
}

// jittered is a span give or take its share of jitter.
func (h *Handshakes) jittered(c *Context, p *handshake, span time.Duration) time.Duration {
	const billion = 1_000_000_000
	most := int64(span)/billion*h.Jitter + int64(span)%billion*h.Jitter/billion
	t := h.draw(c, p)
	return span - time.Duration(most) + time.Duration(binary.BigEndian.Uint64(t[:8])%uint64(2*most+1))
}

// send signs a message and sends it.
func (h *Handshakes) send(c *Context, p *handshake, typ string, payload cipPayload) token {
	m := &cipMessage{
		codec: h.Codec, id: h.draw(c, p), typ: typ, timestamp: c.Now, sender: h.Identity.ID, key: h.key, capabilities: h.Capabilities,
		receiver: p.peer, receiverKey: p.key, view: h.Trust.Level(p.peer), state: h.state, cipPayload: payload,
	}
	h.buf = m.appendText(h.buf[:0])
	m.signature = h.Identity.signText(h.buf)
	h.buf = m.set(m, h.buf)
	c.Send(typ, m, p.peer)
	return m.id
}

// offer makes a nonce and a challenge of this attempt.
func (h *Handshakes) offer(c *Context, p *handshake, replies bool) offer {
	o := offer{h.draw(c, p), h.draw(c, p), replies}
	p.offers = keep(p.offers, o, mostOffers)
	return o
}

// enter begins an attempt from idle or failed.
func (h *Handshakes) enter(c *Context, p *handshake) {
	if p.state == hsIdle || p.state == hsFailed {
		h.begun(c, p)
	}
}

// begun tells that a handshake starts.
func (h *Handshakes) begun(c *Context, p *handshake) {
	p.attempt, p.rounds, p.tries = attempt{}, 0, 0
	c.Tell(trace.Event{Kind: trace.HandshakeStarted, Peer: p.peer, Payload: trace.Payload{Incarnation: int64(p.incarnation)}})
}

// leave ends an attempt: nothing that was said in it counts any more.
func (h *Handshakes) leave(p *handshake, to handshakeState) {
	p.state, p.attempt = to, attempt{}
	p.timer++
}

func (h *Handshakes) fail(c *Context, p *handshake, to handshakeState, why string) {
	h.leave(p, to)
	c.Tell(trace.Event{Kind: trace.HandshakeFailed, Peer: p.peer, Payload: trace.Payload{Detail: why}})
}

// Reborn implements RebirthListener: what was agreed with an older incarnation of the
// peer does not count any more.
func (h *Handshakes) Reborn(c *Context, peer sim.NodeID, incarnation uint64) {
	p := h.peers[peer]
	if p == nil || handshakeTable[inReborn][p.state] == nil || incarnation <= p.incarnation {
		return
	}
	p.incarnation = incarnation
	if v := p.voice(c.router.pinned(peer)); v != nil {
		v.incarnation = max(v.incarnation, incarnation)
	}
	h.input(c, p, inReborn, nil)
}

// session numbers what two incarnations of two keys have together.
func (h *Handshakes) session(p *handshake) uint64 {
	return numberOf(h.key, p.key, h.incarnation, p.incarnation)
}

// numberOf is a number of what two incarnations of two keys have together, the same at
// both ends. More numbers tell apart what they have several of.
func numberOf(one, two *PublicKey, first, second uint64, more ...uint64) uint64 {
	if two.less(one) {
		one, two, first, second = two, one, second, first
	}
	b := append(append([]byte(nil), one.print()...), two.print()...)
	for _, n := range append([]uint64{first, second}, more...) {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return sim.Hash(string(b)) >> 11 // 53 bits, which every JSON reader keeps
}

// mostOffers bounds what one attempt remembers of its own messages of a kind. It is
// above all that 16 tries at a time leave unanswered, even if the peer sends as many.
const mostOffers = 64

// keep appends to a list, of which the oldest is forgotten when it is full.
func keep[T any](list []T, x T, most int) []T {
	if len(list) >= most {
		list = slices.Delete(list, 0, 1)
	}
	return append(list, x)
}
