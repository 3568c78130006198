package trace

import "meshsim/clock"

// Sink reads events in order.
type Sink interface {
	Emit(*Event)
}

// Selective is a sink that reads some kinds only. A hub does not call it for the
// others, which is most of the calls in a run.
type Selective interface {
	Sink
	Reads(Kind) bool
}

// Checkpoint is the state of the digest at one point of a run.
type Checkpoint struct {
	T      clock.Time `json:"t"`
	Events uint64     `json:"events"`
	Digest string     `json:"digest"`
}

// CheckpointSink is a sink that wants to know of checkpoints too.
type CheckpointSink interface {
	Sink
	Checkpoint(Checkpoint)
}

// checkpointEvery is the number of events after which a checkpoint is kept, in
// addition to those at every virtual second.
const checkpointEvery = 1 << 16

// Hub numbers events, records them in the digest and hands them to the observers and
// any number of sinks, always in the same order. Digest and observers are always on.
type Hub struct {
	digest    *Digest
	observers *Observers
	sinks     []Sink
	readers   [kindCount][]Sink // of sinks, those that read a kind
	seq       uint64
}

// NewHub returns a hub over the observers and the given sinks; names are the node ids
// by number.
func NewHub(names []string, o *Observers, sinks ...Sink) *Hub {
	h := &Hub{digest: NewDigest(names), observers: o, sinks: sinks}
	for _, k := range Kinds() {
		for _, s := range sinks {
			if selective, ok := s.(Selective); !ok || selective.Reads(k) {
				h.readers[k] = append(h.readers[k], s)
			}
		}
	}
	return h
}

// Emit gives the event the next number, hands it on, and returns the number.
func (h *Hub) Emit(e *Event) uint64 {
	h.seq++
	e.Seq = h.seq
	h.digest.Emit(e)
	h.observers.Emit(e)
	if readers := h.readers[e.Kind]; len(readers) > 0 {
		hand(e, readers)
	}
	if h.seq%checkpointEvery == 0 {
		h.checkpoint(e.T)
	}
	return h.seq
}

func hand(e *Event, readers []Sink) {
	for _, s := range readers {
		s.Emit(e)
	}
}

// Second keeps the checkpoint of a whole virtual second, after all events up to it.
func (h *Hub) Second(t clock.Time) { h.checkpoint(t) }

func (h *Hub) checkpoint(t clock.Time) {
	c := h.digest.Checkpoint(t)
	for _, s := range h.sinks {
		if cs, ok := s.(CheckpointSink); ok {
			cs.Checkpoint(c)
		}
	}
}

// Events is the number of events so far.
func (h *Hub) Events() uint64 { return h.seq }

// Digest is the digest of the run so far, 32 hex digits.
func (h *Hub) Digest() string { return h.digest.Sum() }

// Checkpoints are those kept so far.
func (h *Hub) Checkpoints() []Checkpoint { return h.digest.Checkpoints() }
