package rtt

// Outbox is what calls of a session leave to be done. Its holder takes what is in it,
// in the order of its fields, after each call, and then resets it; sessions may share one.
type Outbox[K comparable, M any] struct {
	Gone      []Gone[M]
	Events    []Event
	Delivered []Delivery[M]
	Segments  []Segment[K, M]
}

// Reset empties the outbox, and keeps its room.
func (o *Outbox[K, M]) Reset() {
	clear(o.Gone) // lets go of messages
	clear(o.Delivered)
	clear(o.Segments)
	o.Gone, o.Events, o.Delivered, o.Segments = o.Gone[:0], o.Events[:0], o.Delivered[:0], o.Segments[:0]
}

// Delivery is a message for the reader.
type Delivery[M any] struct {
	Channel Channel
	Index   uint64 // in its channel, from 0 in each session
	Number  uint64 // of the session
	Message M
}

// Gone is a message that a session no longer answers for, though nobody told it that
// it arrived.
type Gone[M any] struct {
	Channel Channel
	Why     Why
	Message M
}

// Why says what became of a message that is gone.
type Why uint8

// What becomes of messages.
const (
	Dropped      Why = iota // out of the queue, by DropOldest
	Lost                    // the session ended for good, or was cleared, before it was acknowledged
	TimedOut                // its offer waited for BlockTimeout
	Disconnected            // its offer waited when the session closed
	Unread                  // it had arrived, after others that had not, when the session ended for good
	whyCount
)

var whyNames = [whyCount]string{"dropped_oldest", "lost", "timeout", "disconnected", "unread"}

func (w Why) String() string { return whyNames[w] }

// EventKind is a kind of Event.
type EventKind uint8

// The kinds of events, with the fields that they have.
const (
	Opened           EventKind = iota // Count: reconnects so far
	Closed                            // Reason
	HeartbeatTimeout                  // comes before the Closed of that reason
	Retransmitted                     // Channel, Seq, Count: how often it was sent by now
	Overflowed                        // Channel
	Replayed                          // Seq: one outside of the window
	Reborn                            // Count: the peer's incarnation, newer than the one that was known
	eventCount
)

var eventNames = [eventCount]string{"session_open", "session_close", "heartbeat_timeout", "session_retransmit", "session_overflow", "replay", "reborn"}

func (k EventKind) String() string { return eventNames[k] }

// Event is something that happened to a session.
type Event struct {
	Kind    EventKind
	Reason  Reason
	Channel Channel
	Seq     uint64
	Count   uint64
}

// Reason is why a session closed.
type Reason string

// The reasons that a session has itself. Whoever calls Session.Close may have others.
const (
	ReasonSilence    Reason = "heartbeat_timeout"
	ReasonDisconnect Reason = "disconnect" // an operator, by Session.Disconnect
	ReasonBlocked    Reason = "blocked"    // the peer is blocked, by Session.Close
	ReasonPeer       Reason = "peer"       // the peer closed it
	ReasonReborn     Reason = "reborn"     // the peer has restarted
	ReasonRenumbered Reason = "renumbered" // the peer began a new one
)
