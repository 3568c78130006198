package world

import (
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim/planted"
)

// arrive ends a copy's way over a link: it is lost with a link that was cut
// meanwhile, or else passes the receiver's downlink, if there is one, on its way to
// the node.
func (w *World) arrive(e *event) {
	if fate, fault := w.net.CutAt(e.from, e.node); fate != netmodel.Arrives {
		w.cutOff(e, fate, fault)
	} else if w.net.HasDownlink(e.node) {
		w.receive(e)
	} else {
		w.enter(e)
	}
}

// cutOff ends a copy with its link.
func (w *World) cutOff(e *event, fate netmodel.Fate, fault netmodel.FaultID) {
	w.fill(e.envelope)
	w.blameOn(fault)
	w.dropOnWire(e.from, e.node, fate, e.envelope.Copy, e.cause)
	w.recycle(e.envelope)
}

// receive hands a copy to the downlink of its receiver. One that finds no room is
// dropped there: nothing of it shows at the sending end.
func (w *World) receive(e *event) {
	fate, end := w.net.Receive(w.engine.Now(), e.from, e.node, e.envelope.Size)
	if fate != netmodel.Arrives {
		w.dropAtReceiver(e, fate)
		return
	}
	e.kind = through
	w.engine.At(end, *e)
}

// enter hands a copy to its receiver, which throws a damaged one away.
func (w *World) enter(e *event) {
	if e.damaged {
		w.throwAway(e)
		return
	}
	w.tell(e.node, mesh.Input{Kind: mesh.Arrive, Envelope: e.envelope, From: e.from}, e.cause)
}

func (w *World) throwAway(e *event) {
	if planted.Bug == planted.CorruptSeen {
		w.nodes[e.node].node.Step(w.engine.Now(), &mesh.Input{Kind: mesh.Arrive, Envelope: e.envelope, From: e.from}, new(mesh.Outbox))
	}
	w.net.Damaged(e.from, e.node)
	w.dropAtReceiver(e, netmodel.Corrupted)
}

// dropAtReceiver ends a copy that came over its link but not into the node.
func (w *World) dropAtReceiver(e *event, fate netmodel.Fate) {
	w.fill(e.envelope)
	w.dropOnWire(e.node, e.from, fate, e.envelope.Copy, e.cause)
	w.recycle(e.envelope)
}
