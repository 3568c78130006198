package trace

import (
	"fmt"
	"sort"

	"meshsim/clock"
	"meshsim/sim"
)

const (
	maxHistory = 1 << 20 // events, of 56 bytes each
	maxCauses  = 100     // events of a chain that are told
)

// history remembers the last events that two runs had in common, so that the
// causes of the first that they have not can be told.
type history struct {
	limit int    // of events
	ring  []past // ascending by seq from next on, round and round
	next  int    // the oldest; the next one goes there once the ring is full
}

// past is what is remembered of an event.
type past struct {
	seq, cause uint64
	t          clock.Time
	id         EnvelopeID
	node, peer sim.NodeID
	kind       Kind
}

func newHistory() history { return history{limit: maxHistory} }

func (h *history) add(e *Event) {
	p := past{e.Seq, e.Cause, e.T, e.ID, e.Node, e.Peer, e.Kind}
	if len(h.ring) < h.limit {
		h.ring = append(h.ring, p)
		return
	}
	h.ring[h.next] = p
	h.next = (h.next + 1) % h.limit
}

// find is the event with a number, if it is remembered.
func (h *history) find(seq uint64) (past, bool) {
	at := func(i int) past { return h.ring[(h.next+i)%len(h.ring)] }
	i := sort.Search(len(h.ring), func(i int) bool { return at(i).seq >= seq })
	if i == len(h.ring) || at(i).seq != seq {
		return past{}, false
	}
	return at(i), true
}

// causes tells the chain of triggers from seq back, the nearest first, as far as
// it is remembered.
func (h *history) causes(seq uint64, names nameTable) []string {
	chain := []string{}
	for seq != 0 {
		p, found := h.find(seq)
		if !found {
			return append(chain, fmt.Sprintf("seq %d: not among the events compared", seq))
		}
		if len(chain) == maxCauses {
			return append(chain, fmt.Sprintf("seq %d, and further back", seq))
		}
		chain = append(chain, p.text(names))
		if p.cause >= seq {
			return append(chain, fmt.Sprintf("seq %d: not before its effect", p.cause))
		}
		seq = p.cause
	}
	return chain
}

func (p past) text(names nameTable) string {
	text := fmt.Sprintf("seq %d at %v: %v", p.seq, p.t, p.kind)
	if p.node != sim.NoNode {
		text += " at " + names.of(p.node)
	}
	if p.peer != sim.NoNode {
		text += ", peer " + names.of(p.peer)
	}
	if p.kind.OfEnvelope() {
		text += ", envelope " + p.id.String()
	}
	return text
}
