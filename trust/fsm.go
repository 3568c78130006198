// Package trust is what a node believes of its peers: a level for each, which only
// evidence moves.
package trust

// Level is how far a node trusts a peer.
type Level uint8

// The levels.
const (
	Unknown Level = iota
	Probing
	Trusted
	Blocked
	levelCount
)

var levelNames = [levelCount]string{"unknown", "probing", "trusted", "blocked"}

func (l Level) String() string { return levelNames[l] }

// Event is a kind of evidence.
type Event uint8

// The kinds of evidence.
const (
	Handshake    Event = iota // the peer answered a challenge
	Introduction              // a trusted peer introduced it
	Verified                  // a fact of it was found true
	Conflict                  // a fact of it was found false
	Malicious                 // it was caught
	Override                  // an operator forgave it
	Decay                     // it was not heard of for long
	eventCount
)

var eventNames = [eventCount]string{"handshake", "introduction", "verified", "conflict", "malicious", "override", "decay"}

func (e Event) String() string { return eventNames[e] }

// transitions is the table of the state machine. That verified leaves an unknown or
// blocked peer where it is, and that only override leaves blocked, are decisions of
// the protocol.
var transitions = [levelCount][eventCount]Level{
	//        Handshake Introduction Verified Conflict Malicious Override Decay
	Unknown: {Probing, Probing, Unknown, Unknown, Blocked, Unknown, Unknown},
	Probing: {Probing, Probing, Trusted, Blocked, Blocked, Probing, Probing},
	Trusted: {Trusted, Trusted, Trusted, Probing, Blocked, Trusted, Probing},
	Blocked: {Blocked, Blocked, Blocked, Blocked, Blocked, Probing, Blocked},
}

// Next is the level after an event.
func Next(from Level, e Event) Level { return transitions[from][e] }
