package trace

import "fmt"

// sessionWords says what an event of a session is about.
func sessionWords(names []string, e *Event) string {
	peer := nameOf(names, e.Peer)
	switch e.Kind {
	case SessionOpen:
		if e.Reconnects > 0 {
			return fmt.Sprintf("session with %s open again, for the %d. time", peer, e.Reconnects)
		}
		return "session with " + peer + " open"
	case SessionClose:
		return fmt.Sprintf("session with %s closed: %s", peer, e.Why)
	case HeartbeatTimeout:
		return "nothing heard of " + peer + " for too long"
	case SessionRetransmit:
		return fmt.Sprintf("sends segment %d to %s again (%s)", e.Seqno, peer, e.Channel)
	case SessionOverflow:
		return fmt.Sprintf("queue to %s is full (%s, %s)", peer, e.Channel, e.Policy)
	case SessionOffer:
		return fmt.Sprintf("hands %s for %s to their session (%s)", messageName(e), peer, e.Channel)
	case SessionDeliver:
		return fmt.Sprintf("gets %s of %s from their session (%s %d), after %v", messageName(e), peer, e.Channel, e.Index, e.Latency)
	}
	return fmt.Sprintf("session with %s drops %s: %s", peer, messageName(e), e.Why)
}
