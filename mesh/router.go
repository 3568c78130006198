package mesh

import (
	"errors"
	"fmt"

	"meshsim/clock"
	"meshsim/rtt"
	"meshsim/sim"
	"meshsim/sim/planted"
	"meshsim/trace"
)

// MaxHopLimit is the largest hop limit, in links.
const MaxHopLimit = 255

// controlHops is the hop limit of control envelopes: they go from one neighbour
// to the next, whatever the configured limit.
const controlHops = 1

// Config is what a Router is made of. All fields are required but Gate, Memory and,
// with Author, Protocols.
type Config struct {
	Self       sim.NodeID
	Neighbours []sim.NodeID     // in ascending order, each once, without Self; kept and not written to
	Registry   *PeerRegistry    // whom the node knows
	Policy     ForwardingPolicy // who gets an envelope next
	MaxHops    int              // links that an envelope may cross, 1 … MaxHopLimit
	SeenMax    int              // envelope ids remembered, 1 … MaxSeen; the oldest is forgotten first
	Memory     *Memory          // that of the run, in which the ids are kept; nil: its own
	Gate       Gate             // asked about any origin, neighbour or destination; nil: nobody is blocked
	Identity   Identity         // that of Self
	Keyring    *Keyring         // of all nodes
	Protocols  []Protocol       // what else the node speaks; told of everything in this order
	Author     *Author          // makes the envelopes that they send
}

// Router is the built-in node: it signs what its application submits, refuses
// what it must, delivers what is for it, and lets its policy say where the rest
// goes next. What else it does, its protocols do.
type Router struct {
	// What every envelope needs, side by side.
	self     sim.NodeID
	maxHops  int32
	gate     Gate
	seen     *SeenSet
	pins     map[sim.NodeID]*envelopeKey // keys that took the place of those in the keyring
	keyring  *Keyring
	registry *PeerRegistry
	policy   ForwardingPolicy
	near     nodeSet   // the neighbours
	sessions *Sessions // among the protocols; nil: none

	neighbours []sim.NodeID
	identity   Identity
	author     *Author
	protocols  *ProtocolRouter
	sessionsAt uint64 // place of sessions there
}

// NewRouter returns the node that the configuration describes, or says all that
// is wrong with it.
func NewRouter(c Config) (*Router, error) {
	protocols, err := NewProtocolRouter(c.Protocols...)
	if err := errors.Join(c.validate(), err); err != nil {
		return nil, err
	}
	if c.Memory == nil {
		c.Memory = NewMemory(int(c.Self) + 1)
	}
	r := &Router{
		self:       c.Self,
		neighbours: c.Neighbours,
		near:       newNodeSet(c.Neighbours),
		registry:   c.Registry,
		policy:     c.Policy,
		maxHops:    int32(c.MaxHops),
		gate:       c.Gate,
		identity:   c.Identity,
		keyring:    c.Keyring,
		author:     c.Author,
		protocols:  protocols,
		seen:       c.Memory.Seen(c.Self, c.SeenMax),
	}
	protocols.ctx.router = r
	for i, p := range c.Protocols {
		if s, ok := p.(*Sessions); ok {
			r.sessions, r.sessionsAt = s, uint64(i)
		}
	}
	return r, nil
}

func (c *Config) validate() error {
	var errs []error
	must := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("mesh: router: "+format, args...))
		}
	}
	must(c.Self >= 0, "self is %d; a node has a number from 0", c.Self)
	for i, n := range c.Neighbours {
		must(n >= 0 && n != c.Self, "neighbour %d is %d; allowed: another node", i, n)
		must(i == 0 || c.Neighbours[i-1] < n, "neighbour %d is %d after %d; they come in ascending order, each once", i, n, c.Neighbours[max(i-1, 0)])
	}
	must(c.Registry != nil, "no registry")
	must(c.Policy != nil, "no forwarding policy")
	must(c.MaxHops >= 1 && c.MaxHops <= MaxHopLimit, "max hops is %d; allowed: 1 … %d links", c.MaxHops, MaxHopLimit)
	must(c.SeenMax >= 1 && c.SeenMax <= MaxSeen, "seen max is %d; allowed: 1 … %d ids", c.SeenMax, MaxSeen)
	must(c.Identity.ID == c.Self && c.Identity.ring != nil, "the identity is not that of node %d", c.Self)
	must(c.Keyring != nil, "no keyring")
	must(len(c.Protocols) == 0 || c.Author != nil, "no author for the protocols")
	return errors.Join(errs...)
}

// Blocked reports whether the node's trust blocks a peer.
func (r *Router) Blocked(id sim.NodeID) bool { return r.gate != nil && r.gate.Blocked(id) }

// Step implements Node. A submitted envelope comes complete but for its
// signature, which Step sets; nothing else is ever written to an envelope.
func (r *Router) Step(now clock.Time, in *Input, out *Outbox) {
	switch in.Kind {
	case Submit:
		r.submit(now, in.Envelope, out)
	case Arrive:
		r.arrive(now, in, out)
	default:
		r.protocols.tell(now, in, out)
	}
}

// submit takes what the application sends: a message for another node goes through the
// session with it, if the node has such.
func (r *Router) submit(now clock.Time, e *Envelope, out *Outbox) {
	if r.sessions != nil && !e.Broadcast() && e.Destination != r.self && (IsHuman(e.Type) || !IsProtocolType(e.Type)) {
		ch, carried := channelOf(e.Type)
		if !carried {
			ch = rtt.State
		}
		r.sessions.offer(r.protocols.in(int(r.sessionsAt), now, out), ch, e)
		return
	}
	r.identity.Sign(e)
	r.seen.add(e)
	if e.Destination == r.self {
		r.protocols.deliver(now, e, sim.NoNode, out)
	} else if reason := r.forward(e, sim.NoNode, out); reason != trace.NoReason {
		out.Drop(e, reason)
	}
	if e.Broadcast() {
		r.protocols.overhear(now, e, out)
	}
}

func (r *Router) arrive(now clock.Time, in *Input, out *Outbox) {
	if reason := r.refuseArrival(in); reason != trace.NoReason {
		out.Drop(in.Envelope, reason)
		return
	}
	e := in.Envelope
	r.seen.note(e)
	if r.gate != nil {
		r.gate.Hear(e.Origin, now)
	}
	mine := e.Destination == r.self || e.Broadcast() && e.Origin != r.self
	if mine {
		r.protocols.deliver(now, e, in.From, out)
		if !e.Broadcast() {
			return // its destination sends a unicast nowhere, even when it floods
		}
	}
	// A broadcast that can't go on was delivered here, so it is not lost.
	if reason := r.forward(e, in.From, out); reason != trace.NoReason && !mine {
		out.Drop(e, reason)
	}
}

// refuseArrival is what a receiver asks of a copy, in this order. The id becomes
// seen only if all is well, so that no forged copy can shut out the true one.
func (r *Router) refuseArrival(in *Input) trace.Reason {
	e := in.Envelope
	switch {
	case r.Blocked(in.From), r.Blocked(e.Origin):
		return trace.Blocked
	case r.seen.look(e):
		return trace.Duplicate
	case !r.keyring.verifyBy(r.keyOf(e.Origin), e):
		if planted.Bug == planted.ForgedSeen {
			r.seen.note(e)
		}
		return trace.BadSignature
	}
	return trace.NoReason
}

// keyOf is the key that this node holds to be a peer's; nil: no node has that number.
func (r *Router) keyOf(peer sim.NodeID) *envelopeKey {
	if len(r.pins) > 0 {
		if key := r.pins[peer]; key != nil {
			return key
		}
	}
	return r.keyring.of(peer)
}

// pinned is the public side of the key that this node holds to be a peer's.
func (r *Router) pinned(peer sim.NodeID) *PublicKey { return r.keyOf(peer).public }

// pin makes another key that of a peer.
func (r *Router) pin(peer sim.NodeID, key *PublicKey) {
	if r.pins == nil {
		r.pins = make(map[sim.NodeID]*envelopeKey)
	}
	r.pins[peer] = &envelopeKey{secret: key.secret(), name: r.keyring.keys[peer].name, public: key}
}

// forward sends the envelope on, or says why it can't go on.
func (r *Router) forward(e *Envelope, from sim.NodeID, out *Outbox) trace.Reason {
	been := trailOf(e.Hops)
	if reason := r.refuseForward(e, been); reason != trace.NoReason {
		return reason
	}
	to := r.policy.Next(View{r, been}, e, from, out.room(len(r.neighbours)))
	if len(to) == 0 {
		return trace.NoRoute
	}
	out.Send(e, to)
	return trace.NoReason
}

// refuseForward is what origin and forwarder ask of an envelope that is not for
// themselves, in this order, before they look for a next hop.
func (r *Router) refuseForward(e *Envelope, been trail) trace.Reason {
	limit := int(r.maxHops)
	if e.Control {
		limit = controlHops
	}
	if planted.Bug == planted.HopLimit {
		limit++
	}
	unicast := !e.Broadcast()
	switch {
	case unicast && been.has(e.Hops, e.Destination):
		return trace.Loop
	case len(e.Hops) >= limit:
		return trace.HopLimit
	case unicast && r.Blocked(e.Destination):
		return trace.Blocked
	case unicast && !e.Control && !r.registry.Has(e.Destination):
		return trace.UnknownPeer
	}
	return trace.NoReason
}
