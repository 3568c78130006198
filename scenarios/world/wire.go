package world

import (
	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/sim/planted"
	"meshsim/trace"
)

// handOver gives one copy to a link and queues what the wire makes of it. w.event
// tells of the envelope already, at its sender. If nobody needs the envelope after
// this, it goes on itself; handOver reports whether it did.
func (w *World) handOver(from, to sim.NodeID, e *mesh.Envelope, cause uint64, unneeded bool) (moved bool) {
	v := &w.verdict
	w.net.Carry(w.engine.Now(), from, to, e.Size, e.Key, v)
	w.event.Copies, w.event.Injected = 0, false
	w.event.Reason, w.event.Layer = trace.NoReason, trace.NoLayer
	if !v.Fate.Taken() {
		return w.notTaken(from, to, e, cause, unneeded)
	}
	return w.put(from, to, e, cause, unneeded)
}

// put records what becomes of a copy that a link took, and queues its arrival.
func (w *World) put(from, to sim.NodeID, e *mesh.Envelope, cause uint64, unneeded bool) (moved bool) {
	v := &w.verdict
	w.event.Path = append(w.path, to)
	switch arrives := w.transmit(from, to, 0, v.Fate, v.Arrive, cause); {
	case arrives == 0:
	case unneeded && !v.Duplicated:
		e.Hops, e.Copy = append(e.Hops, to), 0
		w.engine.At(v.Arrive, event{kind: arrival, damaged: v.Fate == netmodel.Corrupted, node: to, from: from, cause: arrives, envelope: e})
		moved = true
	default:
		w.launch(from, to, e, 0, v.Fate, v.Arrive, arrives)
	}
	if v.Duplicated {
		w.event.Reason, w.event.Layer = trace.NoReason, trace.NoLayer
		if arrives := w.transmit(from, to, 1, v.DuplicateFate, v.DuplicateArrive, cause); arrives != 0 {
			w.launch(from, to, e, 1, v.DuplicateFate, v.DuplicateArrive, arrives)
		}
	}
	return moved
}

// transmit records one copy that the link took. It returns the event's number, or
// 0 when the copy is lost, which is recorded too.
func (w *World) transmit(from, to sim.NodeID, copy int32, fate netmodel.Fate, arrive clock.Time, cause uint64) uint64 {
	blame := w.verdict.Blame
	if blame != nil || len(w.keptBy) > 0 {
		w.becauseTransmitted(copy, fate)
	}
	w.event.Copy, w.event.Start, w.event.Arrive = copy, w.verdict.Start, arrive
	seq := w.emitEnvelope(trace.EnvelopeTransmitted, from, to, cause)
	if fate.Reaches() {
		return seq
	}
	if blame != nil {
		w.because(nil, blame.Lose)
	}
	w.event.Start, w.event.Arrive = 0, 0
	w.dropOnWire(from, to, fate, copy, seq)
	return 0
}

// launch queues the arrival of a copy, which is made here.
func (w *World) launch(from, to sim.NodeID, e *mesh.Envelope, copy int32, fate netmodel.Fate, arrive clock.Time, cause uint64) {
	next := w.fresh()
	next.Become(e)
	next.Hops, next.Copy = append(next.Hops, to), copy
	w.engine.At(arrive, event{kind: arrival, damaged: fate == netmodel.Corrupted, node: to, from: from, cause: cause, envelope: next})
}

// dropOnWire records, at the end of the link where it happens, the end of the copy
// that w.event describes, which names the faults to blame already.
func (w *World) dropOnWire(at, other sim.NodeID, fate netmodel.Fate, copy int32, cause uint64) {
	if planted.Bug == planted.LostDrop && fate == netmodel.QueueFull {
		return
	}
	if planted.Bug == planted.DropReason && fate == netmodel.BurstLost {
		fate = netmodel.Lost
	}
	w.event.Copy, w.event.Reason, w.event.Layer = copy, reasons[fate], trace.Wire
	w.emitEnvelope(trace.EnvelopeDropped, at, other, cause)
}

// reasons is how the record words what a wire does.
var reasons = [...]trace.Reason{
	netmodel.Lost:        trace.Loss,
	netmodel.BurstLost:   trace.BurstLoss,
	netmodel.Corrupted:   trace.Corrupt,
	netmodel.TooLarge:    trace.MTU,
	netmodel.QueueFull:   trace.QueueFull,
	netmodel.LinkDown:    trace.LinkIsDown,
	netmodel.Partitioned: trace.Partition,
}
