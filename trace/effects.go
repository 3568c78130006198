package trace

import "slices"

// FaultEffect is what a fault did to a run.
type FaultEffect struct {
	Envelopes int64 `json:"envelopes"` // copies that it dropped, delayed, held or dated
	Routes    int64 `json:"routes"`    // route_changed events with it in their cause chain
	Sessions  int64 `json:"sessions"`  // session_* events likewise
	Trust     int64 `json:"trust"`     // trust_updated events likewise
}

// Vacuous reports whether the fault did nothing.
func (f FaultEffect) Vacuous() bool { return f == FaultEffect{} }

// Effects finds what each fault did. A copy was dropped, delayed, held
// or dated by a fault when an envelope_ event names its fault_begin in because; a route
// was changed by a fault when the chain of causes leads to its beginning or end.
//
// That nothing comes is no event, so that no chain leads from it: of a partition or a
// crash, of which nobody is told, the hellos that it drops count, but not the routes
// that nodes give up when a timer tells them of the silence.
//
// Of the events in such chains those of faults, links and nodes are remembered for the
// whole run. The others are remembered while their seq is among the newest 65 536,
// and until a later one takes their place.
type Effects struct {
	faults  map[string]int32 // index by name
	effects []FaultEffect
	lasting []trail // by seq
	recent  []trail // by the low bits of seq
}

// trail says that an event goes back to a fault.
type trail struct {
	seq   uint64 // 0: none
	fault int32
}

const recentTrails = 1 << 16

// NewEffects returns a sink without any fault yet.
func NewEffects() *Effects { return &Effects{faults: make(map[string]int32)} }

// Of is what the fault of this name did so far; nothing if it never began.
func (f *Effects) Of(fault string) FaultEffect {
	if i, ok := f.faults[fault]; ok {
		return f.effects[i]
	}
	return FaultEffect{}
}

// Began reports whether seq is that of the fault_begin, or the fault_end, of the
// fault of this name.
func (f *Effects) Began(fault string, seq uint64) bool {
	i, ok := f.find(seq)
	at, known := f.faults[fault]
	return ok && known && i == at
}

// begun reports whether any fault did: until then only its beginning matters.
func (f *Effects) begun() bool { return len(f.lasting) > 0 }

// Emit follows the event.
func (f *Effects) Emit(e *Event) {
	switch e.Kind {
	case FaultBegin, FaultEnd:
		f.lasting = append(f.lasting, trail{e.Seq, f.index(e.Name)})
		return
	}
	if !f.begun() {
		return
	}
	if len(e.Because) > 0 && e.Kind.OfEnvelope() {
		f.blamed(e)
	}
	fault, ok := f.behind(e)
	if !ok {
		return
	}
	switch e.Kind {
	case LinkUp, LinkDown, NodeUp, NodeDown:
		f.lasting = append(f.lasting, trail{e.Seq, fault})
		return
	case RouteChanged:
		f.effects[fault].Routes++
	case SessionOpen, SessionClose, HeartbeatTimeout, SessionRetransmit, SessionOverflow:
		f.effects[fault].Sessions++
	}
	f.recent[e.Seq%recentTrails] = trail{e.Seq, fault}
}

// index is that of a fault, which is new when it begins for the first time.
func (f *Effects) index(name string) int32 {
	i, ok := f.faults[name]
	if !ok {
		i = int32(len(f.effects))
		f.faults[name] = i
		f.effects = append(f.effects, FaultEffect{})
	}
	if f.recent == nil {
		f.recent = make([]trail, recentTrails)
	}
	return i
}

// blamed counts a copy for every fault that the event names, once each.
func (f *Effects) blamed(e *Event) {
	for n, seq := range e.Because {
		fault, ok := f.find(seq)
		if ok && !slices.ContainsFunc(e.Because[:n], func(before uint64) bool {
			same, ok := f.find(before)
			return ok && same == fault
		}) {
			f.effects[fault].Envelopes++
		}
	}
}

// behind is the fault to which the causes of an event lead back.
func (f *Effects) behind(e *Event) (fault int32, ok bool) {
	if e.Cause == 0 {
		return 0, false
	}
	if t := f.recent[e.Cause%recentTrails]; t.seq == e.Cause {
		return t.fault, true
	}
	return f.find(e.Cause)
}

// find looks among the events of faults and links.
func (f *Effects) find(seq uint64) (fault int32, ok bool) {
	i, ok := slices.BinarySearchFunc(f.lasting, seq, func(t trail, seq uint64) int {
		switch {
		case t.seq < seq:
			return -1
		case t.seq > seq:
			return 1
		}
		return 0
	})
	if !ok {
		return 0, false
	}
	return f.lasting[i].fault, true
}
