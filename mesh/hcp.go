package mesh

import (
	"cmp"
	"slices"

	"meshsim/sim"
	"meshsim/trace"
)

// HCP is the gate between a node's human and those who want something of it
// (protocol.md, 6): an HCP_HELLO or HCP_INTENT is answered with an HCP_DECISION by the
// human's state. Whose HCP_HELLO was accepted gets an HCP_CONTEXT, and an
// HCP_STATE_UPDATE whenever that state changes.
//
// HCP_HELLO and HCP_INTENT are said by applications, which submit them as any message:
// what they say in it is between them and the human.
type HCP struct {
	self   sim.NodeID
	human  HumanState
	guests []guest // in key order
	buf    []byte
}

// guest is a peer that wanted something of the human.
type guest struct {
	peer    sim.NodeID
	follows bool             // it is told of changes
	waits   bool             // it was asked to check in first
	typ     string           // of the message that it waits with
	id      trace.EnvelopeID // of its envelope
}

// NewHCP returns the protocol of one node. Until a SetHuman says otherwise its human is
// at ease, and consents.
func NewHCP(self sim.NodeID) *HCP { return &HCP{self: self, human: calmHuman} }

// Decisions of the gate.
const (
	decisionAccepted = "accepted"
	decisionRefused  = "refused"
	decisionDeferred = "deferred"
	decisionCheckIn  = "check_in"
)

// gateRule is one rule of the gate. Rationale and alternatives are for the one who asks.
type gateRule struct {
	when         func(h *HumanState, checkedIn bool) bool
	decision     string
	rationale    string
	alternatives []string
}

// Bounds of the gate (protocol.md, 6).
const (
	mostPressure = 80 // from here on a human is left alone
	leastClarity = 30 // likewise up to here
)

// gateRules are the rules of protocol.md, section 6; the first one that matches decides.
var gateRules = [...]gateRule{
	{revoked, decisionRefused, "consent is revoked", []string{"ask for consent"}},
	{underPressure, decisionDeferred, "under pressure", []string{"ask later", "leave a note"}},
	{unclear, decisionDeferred, "not clear enough to decide", []string{"ask later", "leave a note"}},
	{uneasy, decisionCheckIn, "not at ease", []string{"check in", "ask later"}},
	{anyHuman, decisionAccepted, "consent is given", nil},
}

func revoked(h *HumanState, _ bool) bool       { return h.Consent == consentRevoked }
func underPressure(h *HumanState, _ bool) bool { return h.Pressure >= mostPressure }
func unclear(h *HumanState, _ bool) bool       { return h.Clarity <= leastClarity }
func anyHuman(*HumanState, bool) bool          { return true }

func uneasy(h *HumanState, checkedIn bool) bool {
	return !checkedIn && (h.Affect == affectAnxious || h.Affect == affectTense)
}

// gate is the rule that holds for a human now.
func gate(h *HumanState, checkedIn bool) *gateRule {
	return &gateRules[slices.IndexFunc(gateRules[:], func(r gateRule) bool { return r.when(h, checkedIn) })]
}

// Types implements Protocol.
func (h *HCP) Types() []string {
	return []string{typeHCPHello, typeHCPIntent, typeHCPContext, typeHCPDecision, typeHCPFeedback, typeHCPStateUpdate}
}

// Tell implements Protocol.
func (h *HCP) Tell(c *Context, in *Input) {
	if in.Kind == Do && in.Command.Kind == SetHuman {
		h.set(c, in.Command.Human)
	}
}

// set notes the human's new state, and tells those who are to know. Without consent that
// is the last that they hear.
func (h *HCP) set(c *Context, human HumanState) {
	if h.human == human {
		return
	}
	h.human = human
	for i := range h.guests {
		g := &h.guests[i]
		if g.follows {
			g.follows = human.Consent != consentRevoked
			h.say(c, g.peer, hcpMessage{typ: typeHCPStateUpdate, human: human})
		}
	}
}

// Take implements Protocol.
func (h *HCP) Take(c *Context, e *Envelope, _ sim.NodeID) trace.Reason {
	if e.Destination != h.self {
		return trace.UnknownType
	}
	switch e.Type {
	case typeHCPHello, typeHCPIntent:
		g := h.guest(e.Origin)
		g.typ, g.id = e.Type, e.ID
		h.decide(c, g, false)
	case typeHCPFeedback:
		if g := h.guest(e.Origin); g.waits {
			h.decide(c, g, true)
		}
	case typeHCPDecision:
		if m, ok := e.Payload.(*hcpMessage); ok && m.rule.decision == decisionCheckIn {
			h.say(c, e.Origin, hcpMessage{typ: typeHCPFeedback, inReplyTo: m.inReplyTo})
		}
	}
	return trace.NoReason
}

// guest is what is kept of a peer, from now on at least.
func (h *HCP) guest(peer sim.NodeID) *guest {
	i, found := slices.BinarySearchFunc(h.guests, peer, func(g guest, id sim.NodeID) int { return cmp.Compare(g.peer, id) })
	if !found {
		h.guests = slices.Insert(h.guests, i, guest{peer: peer})
	}
	return &h.guests[i]
}

// decide answers what a peer wants, by the rules of the gate.
func (h *HCP) decide(c *Context, g *guest, checkedIn bool) {
	r := gate(&h.human, checkedIn)
	g.waits = r.decision == decisionCheckIn
	h.say(c, g.peer, hcpMessage{typ: typeHCPDecision, inReplyTo: g.id, rule: r})
	if g.typ == typeHCPHello && r.decision == decisionAccepted {
		g.follows = true
		h.say(c, g.peer, hcpMessage{typ: typeHCPContext, human: h.human})
	}
}

func (h *HCP) say(c *Context, peer sim.NodeID, m hcpMessage) {
	if c.Blocked(peer) {
		return
	}
	p := &m
	h.buf = p.set(p, h.buf)
	c.Send(p.typ, p, peer)
}
