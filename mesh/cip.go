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
		b = append(b, `{"goal":"meet","priority":1,"topic":"handshake"`...)
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
