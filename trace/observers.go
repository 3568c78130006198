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

// Emit hands the event to those whom its kind concerns; the ledger comes first.
func (o *Observers) Emit(e *Event) {
	o.Conservation.seq = e.Seq
	if !e.Kind.OfEnvelope() {
		o.Ledger.other(e)
		o.Metrics.other(e)
		o.Effects.Emit(e)
		return
	}
	r := o.Ledger.look(e)
	visit := false // somebody processes the envelope
	switch e.Kind {
	case EnvelopeSent:
		o.Ledger.sent(e, r)
		o.Metrics.sent(e, r)
	case EnvelopeTransmitted:
		o.Ledger.transmitted(e, r)
		o.Metrics.transmitted(e)
	case EnvelopeForwarded: // what a node sends on counts when links take it
		o.Ledger.forwarded(e, r)
		visit = true
	case EnvelopeDelivered:
		o.Ledger.taken(e, r)
		o.Metrics.delivered(e, r)
		o.HopLimit.check(e)
		visit = true
	case EnvelopeDropped:
		o.Ledger.refused(e, r)
		o.Metrics.dropped(e, r)
		visit = e.Reason.ByHandler()
	}
	if visit && !o.NoRevisit.holds(e) {
		o.NoRevisit.broken(e)
	}
	if share := r.share(); share != r.underWay {
		o.Metrics.settle(r, share)
	}
	if !o.Conservation.holds() {
		o.Conservation.broken(e)
	}
	if o.Effects.begun() {
		o.Effects.Emit(e)
	}
	o.Ledger.leave(r)
}
