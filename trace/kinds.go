package trace

// Kind is a kind of event. The numbers are part of the digest's record: append,
// never renumber.
type Kind uint8

const (
	NodeUp Kind = iota + 1
	LinkUp
	LinkDown
	FaultBegin
	FaultEnd
	EnvelopeSent
	EnvelopeTransmitted
	EnvelopeForwarded
	EnvelopeDelivered
	EnvelopeDropped
	RouteChanged
	ExpectationFailed
	NodeDown
	HandshakeStarted
	HandshakeCompleted
	HandshakeFailed
	HandshakeDeferred
	TrustUpdated
	MemoryUpdated
	Action
	Introduced
	Warned
	ClaimReceived
	ClaimResolved
	SessionOpen
	SessionClose
	HeartbeatTimeout
	SessionRetransmit
	SessionOverflow
	SessionOffer
	SessionDeliver
	SessionDrop
	kindCount
)

// field is one payload field. Its number is not recorded anywhere; the order of a
// kind's row is.
type field uint8

const (
	fieldID field = iota
	fieldType
	fieldControl
	fieldOrigin
	fieldDestination
	fieldPath
	fieldHops // derived from path
	fieldSize
	fieldFlow // with n; absent for traffic that no entry asked for
	fieldN
	fieldCopies
	fieldCopy
	fieldInjected // absent unless true
	fieldStart
	fieldArrive
	fieldLatency
	fieldReason
	fieldLayer
	fieldIncarnation
	fieldName
	fieldWhat // written "kind"
	fieldDetail
	fieldNext // written "" when retracted
	fieldMetric
	fieldSeqno
	fieldLose // of a node's first start, when nothing is lost, absent
	fieldSkew // absent unless the origin's clock is wrong
	fieldSession
	fieldFrom
	fieldTo
	fieldEvent
	fieldRecord
	fieldBy     // absent unless evidence is of several kinds
	fieldVoices // absent unless several were counted
	fieldSubject
	fieldHopsLeft
	fieldClaim
	fieldStatement
	fieldHolds
	fieldSource
	fieldTier
	fieldState
	fieldRule
	fieldReconnects
	fieldWhy // written "reason"
	fieldChannel
	fieldPolicy
	fieldIndex
	fieldSegmentHops
	fieldMisdeed // absent unless an adversary did it
	fieldKept    // absent unless misdeed is delayed
	fieldCount
)

// fieldNames are the keys of the JSON payload.
var fieldNames = [fieldCount]string{
	"id", "type", "control", "origin", "destination", "path", "hops", "size", "flow", "n", "copies", "copy", "injected",
	"start_ns", "arrive_ns", "latency_ns", "reason", "layer", "incarnation", "name", "kind", "detail", "next", "metric", "seqno", "lose", "skew_ns",
	"session", "from", "to", "event", "record",
	"by", "voices", "subject", "hops_left", "claim", "statement", "holds", "source", "tier", "state", "rule",
	"reconnects", "reason", "channel", "policy", "index", "segment_hops",
	"misdeed", "kept_ns",
}

// Level is how much a trace holds; each level includes those before it.
type Level uint8

const (
	LevelSummary  Level = iota // faults, up and down, trust, handshakes, sessions, expectations
	LevelProtocol              // what nodes decide: sent, delivered, dropped, routes, messages of sessions
	LevelAll                   // every copy on every link
)

// kindRow is one row of the table of kinds: all that writers, readers and the
// digest know of a kind.
type kindRow struct {
	name   string
	level  Level
	fields []field
}

// ofEnvelope is what every envelope_* event carries.
func ofEnvelope(more ...field) []field {
	return append([]field{fieldID, fieldType, fieldControl, fieldOrigin, fieldDestination, fieldPath, fieldHops, fieldSize, fieldFlow, fieldN}, more...)
}

var kinds = [kindCount]kindRow{
	NodeUp:              {"node_up", LevelSummary, []field{fieldIncarnation, fieldLose}},
	LinkUp:              {"link_up", LevelSummary, nil},
	LinkDown:            {"link_down", LevelSummary, nil},
	FaultBegin:          {"fault_begin", LevelSummary, []field{fieldName, fieldWhat}},
	FaultEnd:            {"fault_end", LevelSummary, []field{fieldName, fieldWhat}},
	EnvelopeSent:        {"envelope_sent", LevelProtocol, ofEnvelope(fieldCopies, fieldSkew)},
	EnvelopeTransmitted: {"envelope_transmitted", LevelAll, ofEnvelope(fieldCopy, fieldStart, fieldArrive)},
	EnvelopeForwarded:   {"envelope_forwarded", LevelAll, ofEnvelope(fieldCopy, fieldCopies, fieldInjected, fieldMisdeed, fieldKept)},
	EnvelopeDelivered:   {"envelope_delivered", LevelProtocol, ofEnvelope(fieldCopy, fieldLatency, fieldMisdeed)},
	EnvelopeDropped:     {"envelope_dropped", LevelProtocol, ofEnvelope(fieldCopy, fieldReason, fieldLayer, fieldMisdeed)},
	RouteChanged:        {"route_changed", LevelProtocol, []field{fieldDestination, fieldNext, fieldMetric, fieldSeqno}},
	ExpectationFailed:   {"expectation_failed", LevelSummary, []field{fieldName, fieldWhat, fieldDetail}},
	NodeDown:            {"node_down", LevelSummary, []field{fieldIncarnation}},
	HandshakeStarted:    {"handshake_started", LevelSummary, []field{fieldIncarnation}},
	HandshakeCompleted:  {"handshake_completed", LevelSummary, []field{fieldIncarnation, fieldSession}},
	HandshakeFailed:     {"handshake_failed", LevelSummary, []field{fieldDetail}},
	HandshakeDeferred:   {"handshake_deferred", LevelSummary, []field{fieldDetail}},
	TrustUpdated:        {"trust_updated", LevelSummary, []field{fieldFrom, fieldTo, fieldEvent, fieldBy, fieldVoices}},
	MemoryUpdated:       {"memory_updated", LevelProtocol, []field{fieldRecord}},
	Action:              {"action", LevelSummary, []field{fieldWhat, fieldDetail}},
	Introduced:          {"introduction", LevelSummary, []field{fieldSubject, fieldHopsLeft}},
	Warned:              {"warning", LevelSummary, []field{fieldSubject}},
	ClaimReceived:       {"claim_received", LevelSummary, []field{fieldClaim, fieldStatement, fieldHolds, fieldSource, fieldTier}},
	ClaimResolved:       {"claim_resolved", LevelSummary, []field{fieldClaim, fieldState, fieldRule, fieldVoices}},
	SessionOpen:         {"session_open", LevelSummary, []field{fieldSession, fieldReconnects}},
	SessionClose:        {"session_close", LevelSummary, []field{fieldSession, fieldWhy}},
	HeartbeatTimeout:    {"heartbeat_timeout", LevelSummary, []field{fieldSession}},
	SessionRetransmit:   {"session_retransmit", LevelSummary, []field{fieldSession, fieldSeqno, fieldChannel}},
	SessionOverflow:     {"session_overflow", LevelSummary, []field{fieldSession, fieldChannel, fieldPolicy}},
	SessionOffer:        {"session_offer", LevelProtocol, []field{fieldID, fieldType, fieldSize, fieldChannel, fieldFlow, fieldN}},
	SessionDeliver:      {"session_deliver", LevelProtocol, []field{fieldID, fieldType, fieldSize, fieldSession, fieldChannel, fieldIndex, fieldFlow, fieldN, fieldSegmentHops, fieldLatency}},
	SessionDrop:         {"session_drop", LevelProtocol, []field{fieldID, fieldType, fieldChannel, fieldFlow, fieldN, fieldWhy}},
}

func (k Kind) String() string {
	if k >= kindCount {
		return "unknown"
	}
	return kinds[k].name
}

// Level is the least level of a trace that holds events of this kind.
func (k Kind) Level() Level { return kinds[k].level }

// OfEnvelope reports whether events of this kind carry an envelope.
func (k Kind) OfEnvelope() bool { return k >= EnvelopeSent && k <= EnvelopeDropped }

// OfMessage reports whether events of this kind name a message by its id: an envelope, or
// what a session carries.
func (k Kind) OfMessage() bool { return k.OfEnvelope() || k >= SessionOffer && k <= SessionDrop }

// Kinds lists every kind in order.
func Kinds() []Kind {
	all := make([]Kind, 0, kindCount-1)
	for k := NodeUp; k < kindCount; k++ {
		all = append(all, k)
	}
	return all
}
