package world

import (
	"cmp"
	"slices"

	"meshsim/clock"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// Fault is one thing that goes wrong for a time: one outage for most kinds, several
// for one that comes and goes.
type Fault struct {
	Name    string
	Kind    string
	At      clock.Time
	Until   clock.Time // clock.Never: to the end
	Outages []Outage   // those at the same time act in this order
}

// Outage is a span within a fault in which it has an effect.
type Outage struct {
	At, Until clock.Time // as in Fault, and within its span
	Effect    Effect
}

// Effect is what a fault does to the world, one kind a file.
type Effect interface {
	// begin makes it act. id names the outage among all of the run, and cause is the
	// event to blame: the fault_begin.
	begin(w *World, id netmodel.FaultID, cause uint64)
	// end takes it back; the cause is the fault_end, or else the fault_begin.
	end(w *World, id netmodel.FaultID, cause uint64)
}

// Faults is the source that begins and ends faults. At equal times ends come
// before beginnings, and both in the order of the list.
type Faults []Fault

// faultState is what the world knows of a fault while it runs.
type faultState struct {
	begun   uint64 // seq of its fault_begin
	active  bool
	outages []outageState
}

type outageState struct {
	id     netmodel.FaultID
	active bool
}

// faultTurn is one thing that is due: a fault as a whole, or one of its outages.
type faultTurn struct {
	at     clock.Time
	fault  int
	outage int // −1: the fault, and with it the outages of the same time
	begins bool
}

// Start implements Source.
func (f Faults) Start(s *Schedule) {
	s.faults = make([]faultState, len(f))
	for i := range f {
		fault, state := &f[i], &s.faults[i]
		s.faultTurns = append(s.faultTurns, faultTurn{fault.At, i, -1, true}, faultTurn{fault.Until, i, -1, false})
		state.outages = make([]outageState, len(fault.Outages))
		for k, o := range fault.Outages {
			state.outages[k].id = netmodel.FaultID(len(s.blame))
			s.blame = append(s.blame, i)
			if o.At != fault.At {
				s.faultTurns = append(s.faultTurns, faultTurn{o.At, i, k, true})
			}
			if o.Until != fault.Until {
				s.faultTurns = append(s.faultTurns, faultTurn{o.Until, i, k, false})
			}
		}
	}
	slices.SortStableFunc(s.faultTurns, func(a, b faultTurn) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(rank(a.begins), rank(b.begins)), cmp.Compare(a.fault, b.fault), cmp.Compare(a.outage, b.outage))
	})
	for k, t := range s.faultTurns {
		if t.at != clock.Never {
			s.At(t.at, uint64(k))
		}
	}
}

func rank(begins bool) int {
	if begins {
		return 1
	}
	return 0
}

// Do implements Source; the tag is the turn's place in the order.
func (f Faults) Do(s *Schedule, tag uint64) {
	t := s.faultTurns[tag]
	fault, state := &f[t.fault], &s.faults[t.fault]
	cause := state.begun
	switch {
	case t.outage >= 0:
		s.turn(fault, state, t.outage, t.begins, cause)
		return
	case t.begins:
		cause = s.tellFault(trace.FaultBegin, fault, 0)
		state.begun = cause
	default:
		cause = s.tellFault(trace.FaultEnd, fault, cause)
	}
	state.active = t.begins
	for k, o := range fault.Outages {
		if t.begins && o.At == fault.At || !t.begins && o.Until == fault.Until {
			s.turn(fault, state, k, t.begins, cause)
		}
	}
}

// turn begins or ends one outage.
func (w *World) turn(f *Fault, state *faultState, k int, begins bool, cause uint64) {
	o := &state.outages[k]
	if o.active == begins {
		return
	}
	if o.active = begins; begins {
		f.Outages[k].Effect.begin(w, o.id, cause)
	} else {
		f.Outages[k].Effect.end(w, o.id, cause)
	}
}

// FaultActive reports whether the fault with this index has begun and not ended.
func (w *World) FaultActive(i int) bool { return w.faults[i].active }

func (w *World) tellFault(k trace.Kind, f *Fault, cause uint64) uint64 {
	return w.emitFact(trace.Event{Kind: k, Node: sim.NoNode, Peer: sim.NoNode, Payload: trace.Payload{Name: f.Name, What: f.Kind}}, cause)
}

// begunBy is the fault_begin behind an outage.
func (w *World) begunBy(id netmodel.FaultID) uint64 { return w.faults[w.blame[id]].begun }
