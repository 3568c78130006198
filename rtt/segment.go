package rtt

// Kind is what a segment is for.
type Kind uint8

// The kinds of segments.
const (
	Open      Kind = iota // wants the session, or has it back; answered by Ack
	Data                  // carries a message
	Ack                   // says what has arrived
	Heartbeat             // says that its sender lives
	Close                 // ends the session, or refuses it
	kindCount
)

var kindNames = [kindCount]string{"RTT_OPEN", "RTT_DATA", "RTT_ACK", "RTT_HEARTBEAT", "RTT_CLOSE"}

// String is the message type of the envelope that carries it.
func (k Kind) String() string { return kindNames[k] }

// Channel is one of the streams of messages that share a session. Each is in order
// of its own: none waits for what another one lost.
type Channel uint8

// The channels, the most urgent first.
const (
	Control Channel = iota
	State
	Knowledge
	channelCount
)

var channelNames = [channelCount]string{"control", "state", "knowledge"}

func (c Channel) String() string { return channelNames[c] }

// Name says which session a segment is of, as its sender sees it. Incarnations count
// from 1.
type Name[K comparable] struct {
	From, To        K      // fingerprints of sender and receiver
	FromIncarnation uint64 // the sender's
	ToIncarnation   uint64 // the newest of the receiver that the sender knows; 0: none
	Number          uint64 // of the session, from 1; 0, in a Close: there is none
}

// maxSack bounds the ranges of a segment. RFC 2018 has room for 3 or 4; as the latest
// comes first, each is told several times before it is left out.
const maxSack = 4

// Range is the sequence numbers from First until before End.
type Range struct{ First, End uint64 }

// Segment is one message of the session protocol. What is sent again is a new Segment
// with the same Seq. All but the message stands in every kind, so that each of them
// repeats what an earlier one that was lost should have told.
type Segment[K comparable, M any] struct {
	Kind Kind
	Name Name[K]

	Attempt uint64 // how often the sender has begun to open, from 1
	Echo    uint64 // the newest Attempt that it has seen; an Ack with the current one answers an Open

	Ack    uint64         // every sequence number below it has arrived
	Sack   [maxSack]Range // what has arrived beyond, the latest first; empty ones end the list
	Credit uint64         // every sequence number below it may be sent

	Seq     uint64  // of Data, from 0, in the order of the first sending
	Channel Channel // of Data
	Index   uint64  // of Data: the number of the message in its channel, from 0
	Size    int     // of Data, in bytes, as it was offered
	Message M       // of Data

	Reason Reason // of Close
	Final  bool   // of Close: the session ended for good; else it may be opened again
}
