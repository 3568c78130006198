package rerun

import (
	"slices"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// beholder is a sink that keeps what a few nodes were told and made of it: messages that
// came, levels of trust that changed, claims.
type beholder struct {
	*speaker
	nodes   []sim.NodeID
	until   clock.Time
	events  []trace.Event
	letters map[trace.EnvelopeID]mesh.Payload // of envelopes to the nodes
	heard   map[[2]sim.NodeID]clock.Time      // by node and peer: when something of it came last
	silence map[uint64]clock.Time             // by the number of what was lost to silence: when it began
	lost    map[[2]sim.NodeID]*groups         // by node and peer: messages of the peer for it that ended on their way
}

// behold looks at nodes from the start of the run up to a time.
func (p *Past) behold(until clock.Time, nodes ...sim.NodeID) (*beholder, *scenarios.Result, error) {
	b := &beholder{
		speaker: newSpeaker(p.Names), nodes: nodes, until: until,
		letters: map[trace.EnvelopeID]mesh.Payload{}, heard: map[[2]sim.NodeID]clock.Time{}, silence: map[uint64]clock.Time{}, lost: map[[2]sim.NodeID]*groups{},
	}
	r, err := p.playAloud(b, func(e *mesh.Envelope) {
		if slices.Contains(nodes, e.Destination) && e.Payload != nil {
			b.letters[e.ID] = e.Payload
		}
	})
	return b, r, err
}

// Emit implements trace.Sink.
func (b *beholder) Emit(e *trace.Event) {
	b.hear(e)
	if e.Seq == 0 || e.T > b.until {
		return
	}
	if e.Kind == trace.EnvelopeDropped && e.Control && e.Reason != trace.Duplicate && slices.Contains(b.nodes, e.Destination) {
		ends := [2]sim.NodeID{e.Destination, e.Origin}
		if b.lost[ends] == nil {
			b.lost[ends] = newGroups()
		}
		b.lost[ends].add(b.speaker, e)
	}
	if !slices.Contains(b.nodes, e.Node) {
		return
	}
	switch e.Kind {
	case trace.EnvelopeDelivered:
		b.heard[[2]sim.NodeID{e.Node, e.Origin}] = e.T
		if !e.Control {
			return
		}
	case trace.EnvelopeDropped:
		if e.Reason != trace.Replay {
			return
		}
	case trace.TrustUpdated:
		if e.Evidence.String() == "decay" {
			b.silence[e.Seq] = b.heard[[2]sim.NodeID{e.Node, e.Peer}]
		}
	default:
		if e.Kind.OfEnvelope() || e.Kind == trace.RouteChanged {
			return
		}
	}
	if len(b.events) < mostWitnessed {
		b.events = append(b.events, e.Clone())
	}
}

// at is the event with a number, nil if it was not kept.
func (b *beholder) at(seq uint64) *trace.Event {
	i, ok := slices.BinarySearchFunc(b.events, seq, func(e trace.Event, seq uint64) int { return int(int64(e.Seq) - int64(seq)) })
	if !ok {
		return nil
	}
	return &b.events[i]
}

// turns are the changes of a node's level of a peer before an event, from the last time
// on that the node came up knowing nobody, which is the first of them then.
func (b *beholder) turns(node, peer sim.NodeID, before uint64) (turns []*trace.Event) {
	for i := range b.events {
		switch e := &b.events[i]; {
		case e.Seq >= before:
			return turns
		case e.Node != node:
		case e.Kind == trace.NodeUp && e.Lose >= trace.LoseState:
			turns = append(turns[:0], e)
		case e.Kind == trace.TrustUpdated && e.Peer == peer:
			turns = append(turns, e)
		}
	}
	return turns
}

// evidence are the events behind one, in the order in which they happened.
func (b *beholder) evidence(e *trace.Event) (events []*trace.Event) {
	seqs := append(slices.Clone(e.Because), e.Cause)
	slices.Sort(seqs)
	for _, seq := range slices.Compact(seqs) {
		if of := b.at(seq); of != nil {
			events = append(events, of)
		}
	}
	if kindOf(e) == "replay" { // the message was refused, which is told between its arrival and what it moved
		for i := range b.events {
			if of := &b.events[i]; of.Kind == trace.EnvelopeDropped && of.Cause == e.Cause && of.Node == e.Node {
				events = append(events, of)
			}
		}
	}
	return events
}
