package world

import (
	"cmp"
	"fmt"
	"slices"

	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// holding is the copy that the stepping node has in hand: what arrived, or what
// its application submitted.
type holding struct {
	envelope *mesh.Envelope
	state    copyState
	cause    uint64 // seq of the event that brought it
	delivery uint64 // seq of its delivery; 0: there was none
	told     bool   // Submit: envelope_sent is out
	last     bool   // the act at hand is the step's last
	moved    bool   // the envelope itself travels on, not a copy of it
}

// copyState is what has become of the copy in hand.
//
//	          deliver*  drop    send on
//	held      taken     gone    gone
//	taken     panic     panic   gone, as new copies
//	gone      panic     panic   injected: the node does not hold it
//
// A copy that is still held when the step is over is kept.
//
// * or refused by the handler of its type
type copyState uint8

const (
	gone copyState = iota // also when there is none
	held
	taken
)

// Submit hands a message to its origin, as that node's application would.
func (w *World) Submit(m Message) {
	if !w.nodes[m.Origin].up {
		return
	}
	e := w.fresh()
	e.Become(&mesh.Envelope{
		ID: mesh.NewID(w.ids.Block(m.Key, 0, 0)), Type: m.Type, Origin: m.Origin, Destination: m.Destination,
		Size: m.Size, Key: m.Key, Flow: m.Flow, N: m.N, Payload: m.Payload,
	})
	if m.Content != nil {
		p := m.Content(e.ID, m.Origin, m.Size)
		e.Payload, e.Size = p, p.Size()
	}
	w.tell(m.Origin, mesh.Input{Kind: mesh.Submit, Envelope: e, From: sim.NoNode}, m.Cause)
}

// Command asks a node for something, as its operator would. To a node that is down it
// is lost. The cause is the event behind it, or 0.
func (w *World) Command(id sim.NodeID, c mesh.Command, cause uint64) {
	w.tell(id, mesh.Input{Kind: mesh.Do, From: sim.NoNode, Command: &c}, cause)
}

// step lets a node handle the input in w.in, if it runs, then does what it asks for, in
// its order.
func (w *World) step(id sim.NodeID, cause uint64) {
	p, h, now := &w.nodes[id], &w.holding, w.engine.Now()
	if !p.ready && w.putOff(id, cause) {
		return
	}
	*h = holding{envelope: w.in.Envelope, cause: cause}
	own := p.now(now)
	if h.envelope != nil {
		h.state = held
		if w.in.Kind == mesh.Submit {
			h.envelope.Created, h.envelope.Sent = own, now
		}
	}
	w.out.Reset()
	p.node.Step(own, &w.in, &w.out)
	for i := range w.out.Acts {
		h.last = i == len(w.out.Acts)-1
		w.perform(id, &w.out.Acts[i])
	}
	if h.state == held {
		w.tellSubmitted(id, 0)
		w.keep(id, h.envelope)
	}
	if h.envelope != nil && !h.moved {
		w.recycle(h.envelope)
	}
}

func (w *World) perform(id sim.NodeID, a *mesh.Act) {
	switch a.Kind {
	case mesh.ActSend:
		w.send(id, a)
	case mesh.ActDeliver:
		w.deliver(id, a)
	case mesh.ActDrop:
		w.drop(id, a)
	case mesh.ActWake:
		w.wake(id, a)
	case mesh.ActTell:
		w.tellFact(id, a)
	case mesh.ActOffer:
		w.offer(id, a)
	case mesh.ActHand:
		w.hand(id, a)
	case mesh.ActNote:
		a.Mark.Set(w.holding.behind())
	}
}

// deliver ends a copy where it was to go.
func (w *World) deliver(id sim.NodeID, a *mesh.Act) {
	w.take(id, a.Envelope)
	w.event.Latency, w.event.Misdeed = w.engine.Now().Sub(a.Envelope.Sent), a.Misdeed
	delivery := w.emitEnvelope(trace.EnvelopeDelivered, id, w.in.From, w.holding.cause)
	if a.Envelope == w.holding.envelope {
		w.holding.state, w.holding.delivery = taken, delivery
	}
}

// drop ends a copy that the node refuses.
func (w *World) drop(id sim.NodeID, a *mesh.Act) {
	w.take(id, a.Envelope)
	if a.Envelope == w.holding.envelope && a.Reason.ByHandler() {
		w.holding.state = taken
	}
	w.event.Reason, w.event.Layer, w.event.Misdeed = a.Reason, trace.Node, a.Misdeed
	if a.Reason == trace.BadSignature || a.Reason == trace.IdentityConflict {
		w.blameOn(w.nodes[a.Envelope.Origin].stranger())
	}
	w.emitEnvelope(trace.EnvelopeDropped, id, w.in.From, w.holding.cause)
}

// wake schedules a timer, by the node's own clock.
func (w *World) wake(id sim.NodeID, a *mesh.Act) {
	if a.After < 0 {
		panic(fmt.Sprintf("world: node %s wants to wake %v ago", w.names[id], -a.After))
	}
	p, now := &w.nodes[id], w.engine.Now()
	w.engine.At(now.Add(p.until(now, a.After)), event{kind: wake, node: id, source: p.incarnation, tag: a.Tag, cause: w.holding.cause})
}

// tellFact adds a fact to the record, with the events that it is told because of.
func (w *World) tellFact(id sim.NodeID, a *mesh.Act) {
	fact := w.out.Facts[a.Tag]
	fact.Node = id
	for _, m := range a.Because {
		if seq := m.Seq(); seq != w.holding.behind() {
			w.event.Because = append(w.event.Because, seq)
		}
	}
	w.emitFact(fact, w.holding.behind())
}

// hand tells that a session hands a message over.
func (w *World) hand(id sim.NodeID, a *mesh.Act) {
	fact := w.out.Facts[a.Tag]
	fact.Node = id
	if fact.Kind == trace.SessionDeliver {
		fact.Latency = w.engine.Now().Sub(a.Envelope.Sent)
	}
	w.holding.delivery = w.emitFact(fact, w.holding.behind())
}

// offer tells of a message that a session has taken. What its application submitted is
// no envelope then: the node holds it no more.
func (w *World) offer(id sim.NodeID, a *mesh.Act) {
	h, fact := &w.holding, w.out.Facts[a.Tag]
	fact.Node = id
	if w.in.Kind == mesh.Submit && h.state == held && a.Envelope.ID == h.envelope.ID {
		h.state, h.told = gone, true
		h.cause = w.emitFact(fact, h.cause)
		return
	}
	a.Envelope.Sent = w.engine.Now()
	w.emitFact(fact, h.behind())
}

// behind is the event behind what a node does of its own accord in this step: the
// delivery of what came, or whatever else it was told.
func (h *holding) behind() uint64 { return cmp.Or(h.delivery, h.cause) }

// take ends the copy that a node delivers or drops: the one in hand, or one that
// it kept. A node that ends a copy it does not have is wrong in its code.
func (w *World) take(id sim.NodeID, e *mesh.Envelope) {
	switch {
	case e == w.holding.envelope && w.holding.state == held:
		w.tellSubmitted(id, 0)
		w.holding.state = gone
	case w.letGo(id, e):
	case e.Origin == id && len(e.Hops) == 0 && e != w.holding.envelope: // its own, which can't leave
		e.Sent = w.engine.Now()
		w.emitSent(id, e, 0)
	default:
		panic(fmt.Sprintf("world: node %s ends a copy of envelope %v that it does not hold", w.names[id], e.ID))
	}
	w.fill(e)
}

// send hands copies to links. An envelope in hand, or kept, goes on; one that the
// node makes is submitted by it; any other one is injected.
func (w *World) send(id sim.NodeID, a *mesh.Act) {
	h, e, to := &w.holding, a.Envelope, a.To
	inHand := e == h.envelope
	if len(to) == 0 {
		if !inHand || h.state == held { // else it was a broadcast, which just ends here
			w.drop(id, &mesh.Act{Kind: mesh.ActDrop, Envelope: e, Reason: trace.NoRoute})
		}
		return
	}
	own := e.Origin == id && len(e.Hops) == 0
	kept := !inHand && w.letGo(id, e)
	var cause uint64
	switch {
	case own && inHand && !h.told:
		cause = w.tellSubmitted(id, len(to))
	case own && !inHand && !kept:
		e.Sent = w.engine.Now()
		cause = w.emitSent(id, e, len(to))
	default:
		w.fill(e)
		w.event.Copies, w.event.Injected = int32(len(to)), !kept && (!inHand || h.state == gone)
		w.event.Misdeed, w.event.Kept = a.Misdeed, a.Kept
		cause = w.emitEnvelope(trace.EnvelopeForwarded, id, w.in.From, h.cause)
	}
	if inHand {
		h.state = gone
	}
	e.Hint = w.event.Hint
	for i, neighbour := range to {
		if w.handOver(id, neighbour, e, cause, inHand && h.last && i == len(to)-1) {
			h.moved = true
		}
	}
}

// tellSubmitted emits envelope_sent for a submission that has not been told yet.
func (w *World) tellSubmitted(id sim.NodeID, copies int) uint64 {
	h := &w.holding
	if w.in.Kind != mesh.Submit || h.told {
		return h.cause
	}
	h.told = true
	h.cause = w.emitSent(id, h.envelope, copies)
	return h.cause
}

func (w *World) emitSent(id sim.NodeID, e *mesh.Envelope, copies int) uint64 {
	if w.config.OnSent != nil {
		w.config.OnSent(e)
	}
	w.fill(e)
	w.event.Copies = int32(copies)
	if p := &w.nodes[id]; p.clock != nil {
		w.event.Skew = e.Created.Sub(w.engine.Now())
		w.blameOn(p.skewed())
	}
	seq := w.emitEnvelope(trace.EnvelopeSent, id, e.Destination, w.holding.behind())
	w.event.Skew = 0
	return seq
}

// blameOn makes the next event name a fault, if any, as needed for it too.
func (w *World) blameOn(fault netmodel.FaultID) {
	if fault != netmodel.NoFault {
		w.event.Because = append(w.event.Because, w.begunBy(fault))
	}
}

// fill makes w.event tell of an envelope where it is.
func (w *World) fill(e *mesh.Envelope) {
	w.event.Hint = e.Hint
	p := &w.event.Payload
	p.ID, p.Type, p.Control, p.Origin, p.Destination = e.ID, e.Type, e.Flow.Name == "", e.Origin, e.Destination
	p.Path, p.Size, p.Flow, p.N = w.pathOf(e), e.Size, e.Flow, e.N
	p.Copy, p.Copies, p.Injected, p.Reason, p.Layer = e.Copy, 0, false, trace.NoReason, trace.NoLayer
	p.Start, p.Arrive, p.Latency = 0, 0, 0
	p.Misdeed, p.Kept = trace.NoMisdeed, 0
}

// emitEnvelope emits what w.event tells of an envelope.
func (w *World) emitEnvelope(k trace.Kind, node, peer sim.NodeID, cause uint64) uint64 {
	e := &w.event
	e.Kind, e.Node, e.Peer, e.T, e.Cause = k, node, peer, w.engine.Now(), cause
	seq := w.hub.Emit(e)
	e.Because = e.Because[:0]
	return seq
}

// emitFact emits an event that is about no envelope.
func (w *World) emitFact(fact trace.Event, cause uint64) uint64 {
	fact.Because = w.event.Because // its room
	fact.T, fact.Cause = w.engine.Now(), cause
	w.event = fact
	seq := w.hub.Emit(&w.event)
	w.event = trace.Event{Because: w.event.Because[:0]} // fill leaves what is no envelope's as it is
	return seq
}

// pathOf returns origin and hops, in a buffer that the next call reuses.
func (w *World) pathOf(e *mesh.Envelope) []sim.NodeID {
	w.path = e.Path(w.pathRoom[:0])
	return w.path
}

// keep notes a copy that a node took in and has not ended.
func (w *World) keep(id sim.NodeID, e *mesh.Envelope) {
	k := w.fresh()
	k.Become(e)
	w.nodes[id].kept = append(w.nodes[id].kept, k)
}

// letGo forgets a kept copy and reports whether there was one.
func (w *World) letGo(id sim.NodeID, e *mesh.Envelope) bool {
	kept := w.nodes[id].kept
	i := slices.IndexFunc(kept, func(k *mesh.Envelope) bool {
		return k.ID == e.ID && k.Copy == e.Copy && slices.Equal(k.Hops, e.Hops)
	})
	if i < 0 {
		return false
	}
	w.recycle(kept[i])
	w.nodes[id].kept = slices.Delete(kept, i, i+1)
	return true
}

// fresh returns an envelope that is to become something.
func (w *World) fresh() *mesh.Envelope {
	n := len(w.pool)
	if n == 0 {
		return mesh.NewEnvelope()
	}
	e := w.pool[n-1]
	w.pool = w.pool[:n-1]
	return e
}

func (w *World) recycle(e *mesh.Envelope) {
	e.Payload = nil
	w.pool = append(w.pool, e)
}
