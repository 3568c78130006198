package mesh

import "meshsim/trace"

// hcpVersion is the version of HCP messages, their field "hcp".
const hcpVersion = "1.0"

// Types of HCP messages, which are types of envelopes too.
const (
	typeHCPHello       = "HCP_HELLO"
	typeHCPIntent      = "HCP_INTENT"
	typeHCPContext     = "HCP_CONTEXT"
	typeHCPDecision    = "HCP_DECISION"
	typeHCPFeedback    = "HCP_FEEDBACK"
	typeHCPStateUpdate = "HCP_STATE_UPDATE"
)

// hcpMessage is a message of the gate, the payload of an envelope:
//
//	{"hcp":"1.0","payload":{"alternatives":["ask later"],"decision":"deferred","in_reply_to":"…","rationale":"…"},"type":"HCP_DECISION"}
//	{"hcp":"1.0","payload":{"feedback":"go ahead","in_reply_to":"…"},"type":"HCP_FEEDBACK"}
//	{"hcp":"1.0","human":{"affect":"calm",…},"type":"HCP_CONTEXT"}
type hcpMessage struct {
	seal
	typ       string
	inReplyTo trace.EnvelopeID // HCP_DECISION, HCP_FEEDBACK: the envelope that wants something
	rule      *gateRule        // HCP_DECISION
	human     HumanState       // HCP_CONTEXT, HCP_STATE_UPDATE
}

// AppendJSON implements Payload.
func (m *hcpMessage) AppendJSON(b []byte) []byte {
	b = append(b, `{"hcp":"`+hcpVersion+`"`...)
	switch m.typ {
	case typeHCPDecision:
		b = append(b, `,"payload":{"alternatives":`...)
		b = appendStrings(b, m.rule.alternatives)
		b = append(b, `,"decision":`...)
		b = trace.AppendJSONString(b, m.rule.decision)
		b = append(b, `,"in_reply_to":"`...)
		b, _ = m.inReplyTo.AppendText(b)
		b = append(b, `","rationale":`...)
		b = trace.AppendJSONString(b, m.rule.rationale)
		b = append(b, '}')
	case typeHCPFeedback:
		b = append(b, `,"payload":{"feedback":"go ahead","in_reply_to":"`...)
		b, _ = m.inReplyTo.AppendText(b)
		b = append(b, `"}`...)
	case typeHCPContext, typeHCPStateUpdate:
		b = append(b, `,"human":`...)
		b = m.human.appendShared(b)
	}
	b = append(b, `,"type":`...)
	b = trace.AppendJSONString(b, m.typ)
	return append(b, '}')
}
