package world

import (
	"slices"

	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
)

// waitingCopy is a copy that was handed to a link, which has not taken it yet: it
// waits in a queue that is served by events, or a fault keeps it. For the books it
// is a copy to hand over at its sender.
type waitingCopy struct {
	envelope *mesh.Envelope // nil: the place is free
	from, to sim.NodeID
	cause    uint64          // seq of its envelope_sent or envelope_forwarded
	keptBy   []uint64        // seqs of the fault_begin of those that kept it
	blame    *netmodel.Blame // of those that changed the link when it began to queue
}

// notTaken does what is due for a copy that the link did not take, now or for good.
func (w *World) notTaken(from, to sim.NodeID, e *mesh.Envelope, cause uint64, unneeded bool) (moved bool) {
	v := &w.verdict
	if v.Fate == netmodel.Due {
		w.serve(from, to)
		w.fill(e)
		return w.handOver(from, to, e, cause, unneeded)
	}
	if len(v.Evicted) > 0 {
		w.dropEvicted()
		w.fill(e)
	}
	if v.Fate == netmodel.Queued || v.Fate == netmodel.Kept {
		w.await(from, to, e, cause, unneeded)
		return unneeded
	}
	w.because(w.keptBy, nil)
	switch {
	case v.Fault != netmodel.NoFault:
		w.event.Because = append(w.event.Because, w.begunBy(v.Fault))
	case v.Blame == nil:
	case v.Fate == netmodel.QueueFull:
		w.becauseAlso(v.Blame.Refuse)
	case v.Fate == netmodel.TooLarge:
		w.becauseAlso(v.Blame.TooLarge)
	}
	w.event.Path, w.event.Start, w.event.Arrive = w.path, 0, 0
	w.dropOnWire(from, to, v.Fate, 0, cause)
	return false
}

// await keeps a copy under the ticket of the verdict.
func (w *World) await(from, to sim.NodeID, e *mesh.Envelope, cause uint64, unneeded bool) {
	v := &w.verdict
	if !unneeded {
		next := w.fresh()
		next.Become(e)
		e = next
	}
	for int(v.Ticket) >= len(w.waiting) {
		w.waiting = append(w.waiting, waitingCopy{})
	}
	c := &w.waiting[v.Ticket]
	c.envelope, c.from, c.to, c.cause, c.blame = e, from, to, cause, v.Blame
	c.keptBy = append(c.keptBy[:0], w.keptBy...)
	if v.Fate == netmodel.Kept {
		c.keptBy = append(c.keptBy, w.begunBy(v.Fault))
	}
	w.askToServe(from, to)
}

func (w *World) askToServe(from, to sim.NodeID) {
	if at := w.verdict.Serve; at != 0 {
		w.engine.At(at, event{kind: serve, node: to, from: from})
	}
}

// serve does what is due at a link whose queue is served by events.
func (w *World) serve(from, to sim.NodeID) {
	handedOver := w.keptBy
	for w.net.Serve(w.engine.Now(), from, to, &w.verdict) {
		w.dropEvicted()
		c := w.noLongerWaiting(w.verdict.Ticket)
		w.keptBy = c.keptBy
		w.fill(c.envelope)
		if !w.put(from, to, c.envelope, c.cause, true) {
			w.recycle(c.envelope)
		}
	}
	w.keptBy = handedOver
	w.askToServe(from, to)
}

// handOverAgain gives a copy that a fault kept to its link, as if it came now.
func (w *World) handOverAgain(ticket netmodel.Ticket) {
	c := w.noLongerWaiting(ticket)
	w.keptBy = c.keptBy
	w.fill(c.envelope)
	if !w.handOver(c.from, c.to, c.envelope, c.cause, true) {
		w.recycle(c.envelope)
	}
	w.keptBy = nil
}

// dropEvicted records the end of the waiting copies that the verdict names.
func (w *World) dropEvicted() {
	for _, ticket := range w.verdict.Evicted {
		c := w.noLongerWaiting(ticket)
		w.fill(c.envelope)
		var refused []netmodel.FaultID
		if c.blame != nil {
			refused = c.blame.Refuse
		}
		w.because(c.keptBy, refused)
		w.dropOnWire(c.from, c.to, netmodel.QueueFull, 0, c.cause)
		w.recycle(c.envelope)
	}
}

// noLongerWaiting frees the place of a copy and returns it. Its keptBy is valid
// until another copy waits there.
func (w *World) noLongerWaiting(ticket netmodel.Ticket) waitingCopy {
	c := w.waiting[ticket]
	w.waiting[ticket].envelope = nil
	return c
}

// because makes w.event name the faults that kept a copy, by seq, and others.
func (w *World) because(keptBy []uint64, faults []netmodel.FaultID) {
	w.event.Because = append(w.event.Because[:0], keptBy...)
	w.becauseAlso(faults)
}

func (w *World) becauseAlso(faults []netmodel.FaultID) {
	for _, id := range faults {
		w.event.Because = append(w.event.Because, w.begunBy(id))
	}
}

// becauseTransmitted makes w.event name the faults that kept or delayed the copy
// that a link took, or made it a second one; and of one that its receiver will find
// corrupt those that changed how many are, as this is where it is decided.
func (w *World) becauseTransmitted(copy int32, fate netmodel.Fate) {
	blame := w.verdict.Blame
	if blame == nil {
		blame = &netmodel.Blame{}
	}
	if copy == 0 {
		w.because(w.keptBy, blame.Delay)
	} else {
		w.because(nil, blame.Delay)
		w.becauseAlso(blame.Duplicate)
	}
	if fate == netmodel.Corrupted {
		w.becauseAlso(blame.Lose)
	}
}

// touches reports whether a fault delays or keeps a waiting copy.
func (w *World) touches(fault string, c *waitingCopy) bool {
	if slices.ContainsFunc(c.keptBy, func(seq uint64) bool { return w.effects.Began(fault, seq) }) {
		return true
	}
	return c.blame != nil && slices.ContainsFunc(c.blame.Delay, func(id netmodel.FaultID) bool {
		return w.effects.Began(fault, w.begunBy(id))
	})
}
