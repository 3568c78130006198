package trace

import (
	"strings"
	"time"

	"meshsim/sim"
)

// Harm is what the nodes of an entry of adversaries did to the envelopes of others,
// and how many they made up.
type Harm struct {
	Dropped  int64         `json:"dropped"`  // envelopes that were to go on and ended at one of them
	Delayed  int64         `json:"delayed"`  // envelopes that went on late
	Delay    time.Duration `json:"delay_ns"` // the sum of how long these were kept, by the own clock of who kept them
	Altered  int64         `json:"altered"`  // copies that left one of them with other content; no honest node takes such a copy
	Injected int64         `json:"injected"` // envelopes of their own that harm: junk that was sent; of what is replayed, that which was refused as such
}

// HarmConfig says who the nodes of an entry are, and how what they make up is known.
type HarmConfig struct {
	Nodes []sim.NodeID // none in two entries
	Junk  string       // type of the messages that they make up; "": they make none
}

// Harms is a sink that adds up what each entry of adversaries did.
type Harms struct {
	entries []HarmConfig
	of      map[sim.NodeID]int // the entry of a node
	harms   []Harm
}

// NewHarms returns a sink for these entries.
func NewHarms(entries []HarmConfig) *Harms {
	h := &Harms{entries: entries, of: make(map[sim.NodeID]int), harms: make([]Harm, len(entries))}
	for i := range entries {
		for _, node := range entries[i].Nodes {
			h.of[node] = i
		}
	}
	return h
}

// Of is what the nodes of an entry, by its place, did so far.
func (h *Harms) Of(entry int) Harm { return h.harms[entry] }

// Reads implements Selective.
func (h *Harms) Reads(k Kind) bool { return k.OfEnvelope() && k != EnvelopeTransmitted }

// Emit counts the event.
func (h *Harms) Emit(e *Event) {
	if e.Kind == EnvelopeDropped && (e.Reason == Replay || e.Reason == IdentityConflict && strings.HasPrefix(e.Type, "RTT_")) {
		if entry, ok := h.of[e.Origin]; ok {
			h.harms[entry].Injected++
		}
	}
	entry, ok := h.of[e.Node]
	if !ok {
		return
	}
	harm := &h.harms[entry]
	switch {
	case e.Kind == EnvelopeDropped && e.Reason == Adversary, e.Misdeed == Withheld:
		harm.Dropped++
	case e.Misdeed == Altered:
		harm.Altered += int64(e.Copies)
	case e.Misdeed == Delayed:
		harm.Delayed++
		harm.Delay += e.Kept
	case e.Kind == EnvelopeSent && e.Type == h.entries[entry].Junk && e.Flow == (Flow{}):
		harm.Injected++
	}
}
