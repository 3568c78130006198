package mesh

import (
	"strconv"

	"meshsim/trace"
)

// HumanState is what is known of the human behind a node.
type HumanState struct {
	Presence Presence
	Affect   string // calm tense anxious energized neutral
	Clarity  int64  // 0–100
	Pressure int64  // 0–100
	Consent  string // granted limited revoked
}

// calmHuman is the state of a human of whom nothing was said.
var calmHuman = HumanState{Presence: Focused, Affect: "neutral", Clarity: 100, Consent: consentGranted}

// Words of a HumanState that decide something.
const (
	consentGranted = "granted"
	consentLimited = "limited"
	consentRevoked = "revoked"
	affectTense    = "tense"
	affectAnxious  = "anxious"
)

// appendShared appends as much of the state as others may know: with limited consent not
// how the human feels, and once it is revoked only that.
func (h *HumanState) appendShared(b []byte) []byte {
	b = append(b, '{')
	if h.Consent == consentGranted {
		b = append(b, `"affect":`...)
		b = trace.AppendJSONString(b, h.Affect)
		b = append(b, `,"clarity":`...)
		b = strconv.AppendInt(b, h.Clarity, 10)
		b = append(b, ',')
	}
	b = append(b, `"consent":`...)
	b = trace.AppendJSONString(b, h.Consent)
	if h.Consent != consentRevoked {
		b = append(b, `,"presence":`...)
		b = trace.AppendJSONString(b, string(h.Presence))
	}
	if h.Consent == consentGranted {
		b = append(b, `,"pressure":`...)
		b = strconv.AppendInt(b, h.Pressure, 10)
	}
	return append(b, '}')
}
