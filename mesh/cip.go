package mesh

import (
	"slices"
	"strconv"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// cipVersion is the version of CIP messages, their field "cip".
const cipVersion = "1.0"

// Types of CIP messages, which are types of envelopes too.
const (
	typeCIPHello      = "HELLO"
	typeHelloAck      = "HELLO_ACK"
	typeIntent        = "INTENT"
	typeDecisionShare = "DECISION_SHARE"
	typeStateUpdate   = "STATE_UPDATE"
	typeFactPropose   = "FACT_PROPOSE"
	typeFactConfirm   = "FACT_CONFIRM"
	typeFactChallenge = "FACT_CHALLENGE"
	typeFactReject    = "FACT_REJECT"
)

// token is a nonce, a challenge or the id of a message: 16 bytes.
type token [16]byte

// Presence is what an agent says of its attention.
type Presence string

// The presences.
const (
	Focused    Presence = "focused"
	Diffuse    Presence = "diffuse"
	Overloaded Presence = "overloaded"
	Engaged    Presence = "engaged"
)

// AgentState is what an agent tells of itself in each of its CIP messages.
type AgentState struct {
	Presence Presence
	LRI      int64 // 0–100
}

// cipMessage is a CIP message, the payload of an envelope. Its own signature covers all
// else, so that it proves its sender in whatever envelope it comes.
type cipMessage struct {
	seal
	codec        *Codec
	id           token
	typ          string
	timestamp    clock.Time // of the sender's own clock
	sender       sim.NodeID
	key          *PublicKey // of the sender
	capabilities []string
	receiver     sim.NodeID
	receiverKey  *PublicKey // nil: not known yet
	view         trust.Level
	state        AgentState
	cipPayload
	signature []byte
}

// cipPayload are the fields of all payloads; those of a message's type are set.
type cipPayload struct {
	nonce, challenge token
	incarnation      uint64
	answer           []byte
	inReplyTo        token
	decision         string
	retryAfterMS     int64
	goal             string       // INTENT; "": to meet
	word             *wordPayload // INTENT that is about somebody
	fact             *factPayload // FACT_…
}

// AppendJSON implements Payload.
func (m *cipMessage) AppendJSON(b []byte) []byte { return m.append(b, true) }

// appendText appends what the signature covers: the message without sign.
func (m *cipMessage) appendText(b []byte) []byte { return m.append(b, false) }

func (m *cipMessage) append(b []byte, whole bool) []byte {
	b = append(b, `{"cip":"`+cipVersion+`","msg_id":`...)
	b = appendHexString(b, m.id[:])
	b = append(b, `,"payload":`...)
	b = m.appendPayload(b)
	b = append(b, `,"receiver":{"agent_id":`...)
	b = m.codec.appendNode(b, m.receiver)
	b = append(b, `,"fingerprint":`...)
	b = appendFingerprint(b, m.receiverKey)
	b = append(b, `},"sender":{"agent_id":`...)
	b = m.codec.appendNode(b, m.sender)
	b = append(b, `,"capabilities":`...)
	b = appendStrings(b, m.capabilities)
	b = append(b, `,"fingerprint":`...)
	b = appendFingerprint(b, m.key)
	b = append(b, `,"pubkey":`...)
	b = appendHexString(b, m.key.raw())
	b = append(b, '}')
	if whole {
		b = append(b, `,"sign":`...)
		b = appendHexString(b, m.signature)
	}
	b = append(b, `,"state":{"intent":"","kernel_signals":{},"lri":`...)
	b = strconv.AppendInt(b, m.state.LRI, 10)
	b = append(b, `,"presence":`...)
	b = trace.AppendJSONString(b, string(m.state.Presence))
	b = append(b, `},"timestamp":"`...)
	b = m.timestamp.AppendRFC3339(b, m.codec.epoch)
	b = append(b, `","trust":{"receiver_view":"","sender_view":`...)
	b = trace.AppendJSONString(b, m.view.String())
	b = append(b, `},"type":`...)
	b = trace.AppendJSONString(b, m.typ)
	return append(b, '}')
}

func (m *cipMessage) appendPayload(b []byte) []byte {
	switch m.typ {
	case typeCIPHello:
		b = append(b, `{"capabilities":`...)
		b = appendStrings(b, m.capabilities)
		b = append(b, `,"challenge":`...)
		b = appendHexString(b, m.challenge[:])
		b = m.appendIncarnation(b)
		b = append(b, `,"nonce":`...)
		b = appendHexString(b, m.nonce[:])
		b = append(b, `,"protocols":["cip/`+cipVersion+`"]`...)
	case typeHelloAck:
		b = append(b, `{"answer":`...)
		b = appendHexString(b, m.answer)
		b = append(b, `,"challenge":`...)
		b = appendHexString(b, m.challenge[:])
		b = append(b, `,"in_reply_to":`...)
		b = appendHexString(b, m.inReplyTo[:])
		b = m.appendIncarnation(b)
		b = append(b, `,"nonce":`...)
		b = appendHexString(b, m.nonce[:])
	case typeStateUpdate:
		b = append(b, '{')
		if m.answer != nil {
			b = append(b, `"answer":`...)
			b = appendHexString(b, m.answer)
			b = append(b, ',')
		}
		b = append(b, `"in_reply_to":`...)
		b = appendHexString(b, m.inReplyTo[:])
	case typeIntent:
		b = m.appendIntent(b)
	case typeFactPropose, typeFactConfirm, typeFactChallenge, typeFactReject:
		b = m.appendFact(b)
	case typeDecisionShare:
		b = append(b, `{"decision":`...)
		b = trace.AppendJSONString(b, m.decision)
		b = append(b, `,"in_reply_to":`...)
		b = appendHexString(b, m.inReplyTo[:])
		b = append(b, `,"retry_after":`...)
		b = strconv.AppendInt(b, m.retryAfterMS, 10)
	}
	return append(b, '}')
}

func (m *cipMessage) appendIntent(b []byte) []byte {
	w := m.word
	if w == nil {
		return append(b, `{"goal":"`+goalMeet+`","priority":1,"topic":"handshake"`...)
	}
	b = append(b, '{')
	if m.goal == goalIntroduce {
		b = append(b, `"expires":"`...)
		b = w.expires.AppendRFC3339(b, m.codec.epoch)
		b = append(b, `",`...)
	}
	b = append(b, `"fingerprint":`...)
	b = appendFingerprint(b, w.key)
	b = append(b, `,"goal":`...)
	b = trace.AppendJSONString(b, m.goal)
	if m.goal == goalIntroduce {
		b = append(b, `,"hops":`...)
		b = strconv.AppendInt(b, int64(w.hops), 10)
	}
	b = append(b, `,"nonce":`...)
	b = appendHexString(b, w.nonce[:])
	b = append(b, `,"priority":1,"topic":`...)
	return m.codec.appendNode(b, w.subject)
}

// appendFact appends what a message says of a fact. What the sender itself thinks of
// it is there only if it thinks something.
func (m *cipMessage) appendFact(b []byte) []byte {
	f, proposes := m.fact, m.typ == typeFactPropose
	b = append(b, '{')
	if proposes {
		b = append(b, `"confidence":100,"domain":`...)
		b = trace.AppendJSONString(b, f.about.Domain)
		b = append(b, ',')
	}
	if m.asserts() {
		b = append(b, `"holds":`...)
		b = strconv.AppendBool(b, f.holds)
		b = append(b, ',')
	}
	if !proposes {
		b = append(b, `"in_reply_to":`...)
		b = appendHexString(b, m.inReplyTo[:])
		b = append(b, ',')
	}
	b = append(b, `"incarnation":`...)
	b = strconv.AppendUint(b, m.incarnation, 10)
	if proposes {
		b = append(b, `,"proposal":`...)
		b = appendHexString(b, f.proposal[:])
	}
	if f.reason != "" {
		b = append(b, `,"reason":`...)
		b = trace.AppendJSONString(b, f.reason)
	}
	if f.relay != nil {
		b = append(b, `,"relay_of":`...)
		b = f.relay.AppendJSON(b)
	}
	if proposes {
		b = append(b, `,"sources":[]`...)
	}
	b = append(b, `,"statement":`...)
	b = trace.AppendJSONString(b, f.about.ID)
	b = append(b, `,"version":`...)
	return strconv.AppendUint(b, f.version, 10)
}

func (m *cipMessage) appendIncarnation(b []byte) []byte {
	b = append(b, `,"incarnation":`...)
	return strconv.AppendUint(b, m.incarnation, 10)
}

func appendFingerprint(b []byte, k *PublicKey) []byte {
	if k == nil {
		return append(b, `""`...)
	}
	return appendHexString(b, k.print())
}

func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = trace.AppendJSONString(b, s)
	}
	return append(b, ']')
}

// challengeText is what the answer to a challenge signs: challenge|sender|receiver.
func challengeText(challenge token, names []string, sender, receiver sim.NodeID) []byte {
	b := appendHexString(nil, challenge[:])
	b = slices.Concat(b[1:len(b)-1], []byte("|"+names[sender]+"|"+names[receiver]))
	return b
}
