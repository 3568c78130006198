package mesh

import "meshsim/rtt"

// protocolTypes are the message types of the protocols (protocol.md, 3, 4, 6, 7 and
// 9), spoken by a node or not. All other types are the application's.
var protocolTypes = []string{
	typeHello, typeLinkState, typeDistanceVector, typeSeqnoRequest,
	typeCIPHello, typeHelloAck, typeIntent, typeDecisionShare, typeStateUpdate,
	typeFactPropose, typeFactChallenge, typeFactConfirm, typeFactReject,
	typeLIPFetch, typeLIPEvidence, typeLIPConflict, typeLIPAccept, typeLIPReject,
	typeHCPHello, typeHCPIntent, typeHCPContext, typeHCPDecision, typeHCPFeedback, typeHCPStateUpdate,
	rtt.Open.String(), rtt.Data.String(), rtt.Ack.String(), rtt.Heartbeat.String(), rtt.Close.String(),
	"ANNOUNCE", "PUSH_REFLECTION", "SYNC_GRAPH_REQUEST", "SYNC_GRAPH_CHUNK",
}

// isProtocolType holds protocolTypes; read-only.
var isProtocolType = func() map[string]bool {
	of := make(map[string]bool, len(protocolTypes))
	for _, typ := range protocolTypes {
		of[typ] = true
	}
	return of
}()

// IsHuman reports whether applications say messages of a type to humans, through the gate
// of HCP.
func IsHuman(typ string) bool { return typ == typeHCPHello || typ == typeHCPIntent }

// IsProtocolType reports whether a message type belongs to the protocols: nodes refuse
// messages of such a type that do not come from the protocol.
func IsProtocolType(typ string) bool { return isProtocolType[typ] }
