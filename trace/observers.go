package trace

// Observers are those who watch every event of a run, as one sink: the ledger, which
// finds out what an event meant, and those who ask it. One look-up of the envelope and
// one switch by the kind serve them all.
type Observers struct {
	Ledger       *Ledger
	Metrics      *Metrics
	Conservation *Conservation
	HopLimit     *HopLimitCheck
	NoRevisit    *NoRevisit
	Effects      *Effects
}

// Emit hands the event to those whom its kind concerns. The ledger comes first, and
// moves the record of the envelope when all have seen it.
func (o *Observers) Emit(e *Event) {
	o.Conservation.seq = e.Seq
	kind := e.Kind
	if !kind.OfEnvelope() {
		o.Ledger.other(e)
		o.Metrics.other(e)
		o.Effects.Emit(e)
		return
	}
	l := o.Ledger
	l.current = step{}
	r := l.table.hinted(&e.ID, e.Hint)
	if r == nil || kind == EnvelopeSent {
		r = l.search(e)
	}
	visit := false // somebody processes the envelope
	switch kind {
	case EnvelopeSent:
		l.sent(e, r)
		o.Metrics.sent(e, r)
	case EnvelopeTransmitted:
		l.transmitted(e, r)
		o.Metrics.transmitted(e)
	case EnvelopeForwarded: // what a node sends on counts when links take it
		l.forwarded(e, r)
		visit = true
	case EnvelopeDelivered:
		l.taken(e, r)
		o.Metrics.delivered(e, r)
		o.HopLimit.check(e)
		visit = true
	case EnvelopeDropped:
		l.refused(e, r)
		o.Metrics.dropped(e, r)
		visit = e.Reason.ByHandler()
	}
	if visit && !o.NoRevisit.holds(e) {
		o.NoRevisit.broken(e)
	}
	if !o.Conservation.holds() {
		o.Conservation.broken(e)
	}
	if o.Effects.begun() {
		o.Effects.Emit(e)
	}
	if r.left != r.underWay || r.open == 0 || l.table.came {
		o.Metrics.settle(r)
		l.table.settle(e.Hint)
	}
}
