package mesh

import (
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// Node is all that a world knows of a node. Step must depend on nothing but its
// arguments and the node's own state: no wall clock, no goroutine, no map order.
type Node interface {
	// Step handles one input at the node's own time now, which a skewed clock may
	// set back. Input and outbox are valid during the call only; so is the input's
	// envelope, Hops included.
	//
	// A Start after the first one ends a crash that left the node its memory: no
	// timer that it asked for before will come, and no envelope that it kept is its
	// any more. After a crash that lost the state a new node gets the Start. If what its
	// links cost changed while it was down, it is told after that.
	Step(now clock.Time, in *Input, out *Outbox)
}

// Input is one thing that a node is told.
type Input struct {
	Kind     InputKind
	Envelope *Envelope     // Submit, Arrive
	From     sim.NodeID    // Arrive: the previous hop; NeighbourUp, NeighbourDown: which
	Tag      uint64        // Timer: as given to Outbox.Wake; Start: the node's incarnation
	Cost     time.Duration // LinkCost
	Command  *Command      // Do
}

// Command is what an operator or an application asks of a node.
type Command struct {
	Kind    CommandKind
	Peer    sim.NodeID // all but SetPresence and SetHuman
	State   AgentState // SetPresence
	Human   HumanState // SetHuman
	Subject sim.NodeID // Introduce, Warn
	Facts   []int      // Propose, Claim: places in the Facts of the run
	N       uint64     // Propose, Claim: of the facts that the node knows of these, it is the turn of number N, round and round
	Source  int        // Claim: place of the source that is cited, or NoSource
}

// CommandKind says what is asked.
type CommandKind uint8

const (
	WantHandshake CommandKind = iota // shake hands with Peer
	SetPresence                      // be in State
	SetHuman                         // the node's human is in the state Human
	Override                         // forgive Peer, and take whatever key it has now
	Introduce                        // introduce Subject to Peer
	Warn                             // warn Peer of Subject
	Propose                          // propose one of Facts to Peer
	Claim                            // submit a claim of one of Facts to Peer
	Disconnect                       // close the session with Peer, and keep it closed
	Reconnect                        // open the session with Peer, if it is closed or was never open
)

// InputKind says what an input is.
type InputKind uint8

const (
	Start         InputKind = iota // the node begins, or comes back from a crash; every link counts as up
	Submit                         // its application wants Envelope sent
	Arrive                         // Envelope came from neighbour From
	Timer                          // a wake-up that it asked for
	NeighbourUp                    // the link to neighbour From came up
	NeighbourDown                  // the link to neighbour From went down
	LinkCost                       // the mean latency of the link to neighbour From is now Cost
	Do                             // Command is to be done
)

// Outbox collects what a node does in one step, in order.
type Outbox struct {
	Acts  []Act
	Facts []trace.Event // for the record; time, node and cause are filled in by the world

	to     []sim.NodeID
	blanks []*Envelope // for what protocols send, reused by every step
	used   int         // of them
}

// Act is one thing that a node does.
type Act struct {
	Kind     ActKind
	Reason   trace.Reason  // Drop
	Misdeed  trace.Misdeed // Deliver, Drop, Send: what an adversary did with it, for the record
	Envelope *Envelope
	To       []sim.NodeID  // Send
	After    time.Duration // Wake, by the node's own clock
	Tag      uint64        // Wake; Tell, Offer, Hand: the place in Facts
	Mark     *trust.Mark   // Note
	Because  []*trust.Mark // Tell
	Kept     time.Duration // Send: how long an adversary that delays kept it, by its own clock
}

// ActKind says what an act is.
type ActKind uint8

const (
	ActSend ActKind = iota
	ActDeliver
	ActDrop
	ActWake
	ActTell
	ActNote
	ActOffer
	ActHand
)

// Send hands the envelope to the links to the given neighbours, one copy each.
// The world appends the hop. The slice is copied. An envelope goes on in one Send:
// a second one sends what the node does not hold any more.
func (o *Outbox) Send(e *Envelope, to []sim.NodeID) {
	from := len(o.to)
	o.to = append(o.to, to...)
	*o.act() = Act{Kind: ActSend, Envelope: e, To: o.to[from:len(o.to):len(o.to)]}
}

// room is an empty list for n nodes, where the next Send keeps its own.
func (o *Outbox) room(n int) []sim.NodeID {
	o.to = slices.Grow(o.to, n)
	return o.to[len(o.to):]
}

// act makes room for one more act, to be overwritten.
func (o *Outbox) act() *Act {
	n := len(o.Acts)
	if n == cap(o.Acts) {
		o.Acts = append(o.Acts, Act{})
	}
	o.Acts = o.Acts[:n+1]
	return &o.Acts[n]
}

// Deliver takes the envelope as one for this node.
func (o *Outbox) Deliver(e *Envelope) { *o.act() = Act{Kind: ActDeliver, Envelope: e} }

// Drop refuses the envelope.
func (o *Outbox) Drop(e *Envelope, r trace.Reason) {
	*o.act() = Act{Kind: ActDrop, Envelope: e, Reason: r}
}

// Wake asks for a Timer input with this tag after a span of the node's clock, 0 or
// more.
func (o *Outbox) Wake(after time.Duration, tag uint64) {
	*o.act() = Act{Kind: ActWake, After: after, Tag: tag}
}

// Tell adds a fact to the record of the run, which names as further causes what was
// noted by these marks. Nothing that happens depends on it.
func (o *Outbox) Tell(fact trace.Event, because ...*trust.Mark) {
	*o.act() = Act{Kind: ActTell, Tag: uint64(len(o.Facts)), Because: because}
	o.Facts = append(o.Facts, fact)
}

// Offer tells the record that a session has taken a message: that which the node was to
// submit, which is no envelope then, or one of the node's own.
func (o *Outbox) Offer(m *Envelope, fact trace.Event) { o.tellOf(ActOffer, m, fact) }

// Hand tells the record that a session hands over a message, which all that the node
// does after it in this step comes from. It returns the place of the act.
func (o *Outbox) Hand(m *Envelope, fact trace.Event) int {
	o.tellOf(ActHand, m, fact)
	return len(o.Acts) - 1
}

func (o *Outbox) tellOf(kind ActKind, m *Envelope, fact trace.Event) {
	*o.act() = Act{Kind: kind, Envelope: m, Tag: uint64(len(o.Facts))}
	o.Facts = append(o.Facts, fact)
}

// Note marks the place that the step has in the record, for facts that are told
// because of it later.
func (o *Outbox) Note(m *trust.Mark) { *o.act() = Act{Kind: ActNote, Mark: m} }

// blank returns an envelope to overwrite, which is the step's until its end.
func (o *Outbox) blank() *Envelope {
	if o.used == len(o.blanks) {
		o.blanks = append(o.blanks, new(Envelope))
	}
	o.used++
	return o.blanks[o.used-1]
}

// Reset empties the outbox and keeps its memory.
func (o *Outbox) Reset() {
	o.Acts, o.Facts, o.to, o.used = o.Acts[:0], o.Facts[:0], o.to[:0], 0
}

// View is what a node can see when it decides where an envelope goes next.
type View struct {
	router *Router
	been   trail // where the envelope was
}

// Self is the node.
func (v View) Self() sim.NodeID { return v.router.self }

// Neighbours are the nodes it shares a link with, in key order. A link that is
// down still counts: what the node hands to it is lost there.
func (v View) Neighbours() []sim.NodeID { return v.router.neighbours }

// Blocked reports whether the node's trust blocks a peer.
func (v View) Blocked(id sim.NodeID) bool { return v.router.Blocked(id) }

// Usable reports whether a single path may go on to next: a neighbour that is not
// blocked and that the envelope, which the view is for, has not been to.
func (v View) Usable(e *Envelope, next sim.NodeID) bool {
	r := v.router
	return r.near.has(next) && !r.Blocked(next) && next != e.Origin && !v.been.has(e.Hops, next)
}

// ForwardingPolicy decides who gets an envelope next: the seam for a routing of
// one's own. The router has applied the rules that hold for every policy.
type ForwardingPolicy interface {
	// Next appends the neighbours that e goes on to, in key order, to buf. The
	// envelope came from neighbour from, or from NoNode at its origin.
	Next(v View, e *Envelope, from sim.NodeID, buf []sim.NodeID) []sim.NodeID
}

// Gate is the node's trust as routing sees it.
type Gate interface {
	Blocked(sim.NodeID) bool
	Hear(peer sim.NodeID, now clock.Time) // something of a peer came
}

// Oracle knows the links that are up, all of them. Only shortest_path asks it.
type Oracle interface {
	// NextHop is the first node after from on the path to to with the least mean
	// latency over links now up, ties broken by node key.
	NextHop(from, to sim.NodeID) (sim.NodeID, bool)
}
