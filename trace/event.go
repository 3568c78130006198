// Package trace is the record of a run: one ordered stream of events, the table
// of their kinds and fields, and those who read it: the digest, writers, metrics
// and invariant checkers. Readers can't change the run; all of them work alike
// on a live run and on a recorded file.
package trace

import (
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"meshsim/clock"
	"meshsim/sim"
)

// Event is one thing that happened. A sink gets a pointer that is valid during
// the call only, slices included.
type Event struct {
	Kind    Kind
	T       clock.Time
	Node    sim.NodeID // where it happened; NoNode for the whole mesh
	Peer    sim.NodeID // the other end; NoNode for none
	Seq     uint64     // number in the run, from 1; 0 for what is outside the record
	Cause   uint64     // the event that triggered this one; 0 for none
	Because []uint64   // further events that were needed

	// Hint is where the ledger has its record of the envelope, no part of the event.
	// Who makes events of one envelope hands on what the last one came back with; a
	// wrong hint costs a search.
	Hint int32

	Payload
}

// Clone is a copy that outlives the call which the event was handed to.
func (e *Event) Clone() Event {
	c := *e
	c.Because, c.Path, c.Voices = slices.Clone(e.Because), slices.Clone(e.Path), slices.Clone(e.Voices)
	return c
}

// Payload holds the payload fields of all kinds; the kind's row in the table
// says which of them an event carries. Times are in ns of virtual time.
type Payload struct {
	ID          EnvelopeID
	Type        string // message type
	Control     bool   // traffic that no entry asked for, counted apart from the application's
	Origin      sim.NodeID
	Destination sim.NodeID
	Path        []sim.NodeID // origin, then the hops so far
	Size        int64        // bytes without header
	Flow        Flow
	N           int64 // message number of the flow's source, from 0
	Copy        int32 // 1: the duplicate that a wire made
	Copies      int32 // neighbours that the envelope goes on to
	Injected    bool  // sent by a node that did not hold it
	Reason      Reason
	Layer       Layer
	Misdeed     Misdeed // of the adversary at which it happened
	Start       clock.Time
	Arrive      clock.Time
	Latency     time.Duration // submission to this delivery
	Kept        time.Duration // by an adversary that delays, by its own clock
	Skew        time.Duration // created_at, which is by the origin's own clock, less true time

	Incarnation int64  // of a node: 1 at its first start
	Lose        Lose   // of a node that starts again
	Name        string // of a fault or expectation
	What        string // a fault's kind, an expectation's form
	Detail      string // in words

	Next   sim.NodeID // next hop of a route; NoNode: retracted
	Metric int64      // of a route
	Seqno  int64      // of a route

	Session  uint64 // of two peers that have shaken hands; in session_… events, their transport session
	From, To Trust  // a peer's level before and after
	Evidence Evidence
	Record   string // id of a record of the shared memory

	By       string       // of a transition: what the evidence was, where its kind does not say
	Voices   []sim.NodeID // distinct peers that were counted
	Subject  sim.NodeID   // of whom an introduction or a warning is
	HopsLeft int64        // of an introduction, this one included

	Claim     string // its id
	Statement string // the fact that it is about
	Holds     bool   // it says that the fact holds
	Source    string // uri
	Tier      string // of the source, in the receiver's own table
	State     string // of the claim from now on
	Rule      int64  // that decided, by its number in protocol.md; 0: none did

	Reconnects  int64  // of a session, before this opening
	Why         string // a session closed, or dropped a message
	Channel     string // of a session
	Policy      string // by which a full queue decides
	Index       int64  // of a message in its channel of a session, from 0
	SegmentHops int64  // links that the segment crossed which brought a message, or let it through
}

// EnvelopeID is the id of an envelope: a UUID in the version 4 layout.
type EnvelopeID [16]byte

// AppendText appends the usual 8-4-4-4-12 form in lower case.
func (id EnvelopeID) AppendText(b []byte) ([]byte, error) {
	for i, part := range [...][]byte{id[0:4], id[4:6], id[6:8], id[8:10], id[10:16]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b, nil
}

func (id EnvelopeID) String() string {
	b, _ := id.AppendText(make([]byte, 0, 36))
	return string(b)
}

// Flow names the traffic that a message belongs to: an entry's name, or the
// number of a row in a flow file. The zero Flow is traffic that no entry asked for.
type Flow struct {
	Name  string // the entry's name, or the row's number in decimal
	IsRow bool
}

// Reason says why a copy ended without being delivered.
type Reason uint8

// The reasons, in the order of the result document.
const (
	NoReason Reason = iota
	Loss
	BurstLoss
	QueueFull
	MTU
	Corrupt
	Partition
	LinkIsDown
	NodeIsDown
	HopLimit
	Loop
	NoRoute
	UnknownPeer
	Blocked
	Duplicate
	BadSignature
	Stale
	Replay
	IdentityConflict
	UnknownType
	Expired
	Session
	Adversary
	reasonCount
)

var reasonNames = [reasonCount]string{
	"", "loss", "burst_loss", "queue_full", "mtu", "corrupt", "partition", "link_down", "node_down", "hop_limit", "loop", "no_route",
	"unknown_peer", "blocked", "duplicate", "bad_signature", "stale", "replay", "identity_conflict", "unknown_type", "expired", "session", "adversary",
}

func (r Reason) String() string { return reasonNames[r] }

// ByHandler reports whether the handler of a message's type refused it, at its
// destination, where all else was well: a broadcast goes on from there.
func (r Reason) ByHandler() bool { return r >= Stale && r <= Session }

// Reasons lists every reason in order.
func Reasons() []Reason {
	all := make([]Reason, 0, reasonCount-1)
	for r := Loss; r < reasonCount; r++ {
		all = append(all, r)
	}
	return all
}

// ByReceiver reports whether a drop on the wire is told by the end that the copy came
// to, corrupt or too much for that node's downlink, and not by the end that sent it.
// A copy that its sender could not queue to send it back where it came from looks the
// same as one that found a downlink full; the kind of its cause tells them apart.
func (e *Event) ByReceiver() bool {
	last := len(e.Path) - 1
	return e.Layer == Wire && (e.Reason == Corrupt || e.Reason == QueueFull) && last > 0 && e.Node == e.Path[last] && e.Peer == e.Path[last-1]
}

// Layer says who ended a copy.
type Layer uint8

const (
	NoLayer Layer = iota
	Wire
	Node
	layerCount
)

var layerNames = [layerCount]string{"", "wire", "node"}

func (l Layer) String() string { return layerNames[l] }

// Lose says what a node lost in the crash that it comes back from; each includes
// those before it.
type Lose uint8

const (
	NoLose       Lose = iota // it did not crash
	LoseNothing              // its timers only
	LoseState                // all that it learnt since the scenario's start
	LoseIdentity             // its key too
	loseCount
)

var loseNames = [loseCount]string{"", "nothing", "state", "identity"}

func (l Lose) String() string { return loseNames[l] }

// Misdeed says what an adversary did with an envelope that it was to forward, besides
// letting a unicast end, which is a drop.
type Misdeed uint8

const (
	NoMisdeed Misdeed = iota
	Altered           // it goes on with other content under the same id and signature
	Delayed           // it goes on later than it could
	Withheld          // a broadcast that was for this node too does not go on
	misdeedCount
)

var misdeedNames = [misdeedCount]string{"", "altered", "delayed", "withheld"}

func (m Misdeed) String() string { return misdeedNames[m] }

// RowFlow is the flow of row i of a flow file.
func RowFlow(i int) Flow { return Flow{Name: strconv.Itoa(i), IsRow: true} }

// Trust is a level of trust.
type Trust uint8

// The levels, in the order of package trust.
const (
	unknown Trust = iota
	probing
	trusted
	blocked
	trustCount
)

var trustNames = [trustCount]string{"unknown", "probing", "trusted", "blocked"}

func (t Trust) String() string { return trustNames[t] }

// Trusts lists every level in order.
func Trusts() []Trust { return []Trust{unknown, probing, trusted, blocked} }

// Evidence is what moves a level of trust.
type Evidence uint8

// The kinds of evidence, in the order of package trust.
const (
	byHandshake Evidence = iota
	byIntroduction
	byVerified
	byConflict
	byMalicious
	byOverride
	byDecay
	evidenceCount
)

var evidenceNames = [evidenceCount]string{"handshake", "introduction", "verified", "conflict", "malicious", "override", "decay"}

func (e Evidence) String() string { return evidenceNames[e] }
