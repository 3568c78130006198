package trace

import (
	"fmt"
	"strings"

	"meshsim/sim"
)

// Describe puts an event into one line for people: when, which, where, what.
// Names are the node ids by number.
func Describe(names []string, e *Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%14v  #%-7d %-13s %s", e.T, e.Seq, place(names, e), Words(names, e))
	if e.Cause != 0 {
		fmt.Fprintf(&b, "  (by #%d)", e.Cause)
	}
	return b.String()
}

func place(names []string, e *Event) string {
	switch {
	case e.Node == sim.NoNode:
		return "mesh"
	case e.Peer == sim.NoNode:
		return nameOf(names, e.Node)
	}
	return nameOf(names, e.Node) + " " + nameOf(names, e.Peer)
}

// Words says what an event is about, without when and where.
func Words(names []string, e *Event) string {
	switch e.Kind {
	case NodeUp:
		if e.Lose != NoLose {
			return fmt.Sprintf("node up again, incarnation %d, having lost %s", e.Incarnation, lost[e.Lose])
		}
		return "node up"
	case NodeDown:
		return "node down"
	case LinkUp, LinkDown:
		return strings.ReplaceAll(e.Kind.String(), "_", " ")
	case FaultBegin, FaultEnd:
		return fmt.Sprintf("%s %q %s", e.What, e.Name, strings.TrimPrefix(e.Kind.String(), "fault_"))
	case ExpectationFailed:
		return fmt.Sprintf("expectation %q failed: %s", e.Name, e.Detail)
	case RouteChanged:
		if e.Next == sim.NoNode {
			return "no route to " + nameOf(names, e.Destination) + " any more"
		}
		return fmt.Sprintf("route to %s now by %s, metric %d", nameOf(names, e.Destination), nameOf(names, e.Next), e.Metric)
	case HandshakeStarted, HandshakeCompleted:
		return fmt.Sprintf("%s, incarnation %d of the peer", strings.ReplaceAll(e.Kind.String(), "_", " "), e.Incarnation)
	case HandshakeFailed, HandshakeDeferred:
		return strings.ReplaceAll(e.Kind.String(), "_", " ") + ": " + e.Detail
	case TrustUpdated:
		words := fmt.Sprintf("trust in %s: %s → %s, by %s", nameOf(names, e.Peer), e.From, e.To, e.Evidence)
		if e.By != "" {
			words += ", " + e.By
		}
		return words + ofVoicesText(names, e)
	case MemoryUpdated:
		return "has record " + e.Record
	case Introduced:
		return fmt.Sprintf("%s introduces %s, %d hops left", nameOf(names, e.Peer), nameOf(names, e.Subject), e.HopsLeft)
	case Warned:
		return fmt.Sprintf("%s warns of %s", nameOf(names, e.Peer), nameOf(names, e.Subject))
	case ClaimReceived:
		return fmt.Sprintf("claim %s of %s: %s, source %s (%s)", e.Claim, nameOf(names, e.Peer), statementText(e), e.Source, e.Tier)
	case ClaimResolved:
		words := fmt.Sprintf("claim %s of %s %s", e.Claim, nameOf(names, e.Peer), e.State)
		if e.Rule != 0 {
			words += fmt.Sprintf(", by rule %d", e.Rule)
		}
		return words + ofVoicesText(names, e)
	case SessionOpen, SessionClose, HeartbeatTimeout, SessionRetransmit, SessionOverflow, SessionOffer, SessionDeliver, SessionDrop:
		return sessionWords(names, e)
	case Action:
		return strings.TrimSpace("operator: " + e.What + " " + e.Detail)
	}
	what := fmt.Sprintf("%-11s %s %s→%s over %s", strings.TrimPrefix(e.Kind.String(), "envelope_"), messageName(e), nameOf(names, e.Origin), nameOf(names, e.Destination), pathText(names, e.Path))
	switch e.Kind {
	case EnvelopeSent, EnvelopeForwarded:
		what += fmt.Sprintf(", to %d", e.Copies)
		if e.Skew != 0 {
			what += fmt.Sprintf(", dated %v off", e.Skew)
		}
		what += misdeed(e)
	case EnvelopeTransmitted:
		what += fmt.Sprintf(", arrives %v", e.Arrive)
	case EnvelopeDelivered:
		what += fmt.Sprintf(", after %v", e.Latency) + misdeed(e)
	case EnvelopeDropped:
		what += fmt.Sprintf(": %s (%s)", e.Reason, e.Layer) + misdeed(e)
	}
	return what
}

// misdeed is what an adversary did, in words.
func misdeed(e *Event) string {
	switch e.Misdeed {
	case NoMisdeed:
		return ""
	case Delayed:
		return fmt.Sprintf(", kept for %v", e.Kept)
	}
	return ", " + e.Misdeed.String()
}

// lost is what a node lost, in words.
var lost = [loseCount]string{LoseNothing: "nothing", LoseState: "its state", LoseIdentity: "its identity"}

// messageName names a message shortly: type, flow and number, or the id's beginning.
func messageName(e *Event) string {
	if e.Flow.Name == "" {
		return e.Type + " " + e.ID.String()[:8]
	}
	return fmt.Sprintf("%s %s/%d", e.Type, e.Flow.Name, e.N)
}

// statementText is what a claim says.
func statementText(e *Event) string {
	if e.Holds {
		return e.Statement
	}
	return "not " + e.Statement
}

// ofVoicesText names the peers that were counted, if any were.
func ofVoicesText(names []string, e *Event) string {
	if len(e.Voices) == 0 {
		return ""
	}
	return " of " + pathText(names, e.Voices)
}

func pathText(names []string, path []sim.NodeID) string {
	hops := make([]string, len(path))
	for i, id := range path {
		hops[i] = nameOf(names, id)
	}
	return strings.Join(hops, ",")
}

func nameOf(names []string, id sim.NodeID) string {
	switch {
	case id == sim.Everyone:
		return "*"
	case id == sim.NoNode:
		return "-"
	}
	return names[id]
}
