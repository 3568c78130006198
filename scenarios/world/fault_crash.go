package world

import (
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// Crash stops nodes, and starts them again when it ends.
//
// What a node holds and what arrives there meanwhile is dropped as node_down, none
// of its timers fires any more, and its applications submit nothing. Its links stay
// up, and its neighbours are told nothing: that a peer is silent they have to find
// out by themselves. Only the all-knowing oracle sees it, so that routes change.
//
// It comes back with the next incarnation. By Lose it keeps its memory, LoseNothing;
// or is made anew and remembers nothing since the scenario's start, LoseState; or
// has also a new key under its old id, LoseIdentity. To all others that key is a
// forger's: what the node signs they drop as bad_signature, with the crash to blame. A
// handshake shows them the other key, which those who know the old one refuse as
// identity_conflict.
//
// Crashes may overlap: a node is down while any holds it, and loses what the gravest
// of them takes, those included that ended before the last.
type Crash struct {
	Nodes []sim.NodeID // each once
	Lose  trace.Lose   // LoseNothing, LoseState or LoseIdentity
}

func (c Crash) begin(w *World, id netmodel.FaultID, cause uint64) {
	var fall []sim.NodeID
	for _, node := range c.Nodes {
		p := &w.nodes[node]
		t := p.troubled()
		t.crashes = append(t.crashes, id)
		if c.Lose > t.lose {
			t.lose, t.gravest = c.Lose, id
		}
		if p.up {
			p.up, p.ready = false, false
			fall = append(fall, node)
		}
	}
	w.net.SetOff(fall, true)
	for _, node := range fall {
		w.fall(node, id, cause)
	}
	w.tellRoutes(cause)
}

func (c Crash) end(w *World, id netmodel.FaultID, cause uint64) {
	var rise []sim.NodeID
	for _, node := range c.Nodes {
		p := &w.nodes[node]
		p.trouble.crashes = without(p.trouble.crashes, id)
		if p.due && len(p.trouble.crashes) == 0 {
			rise = append(rise, node)
		}
	}
	w.start(rise, cause)
}

// fall tells that a node went down, and what went with it: copies that it kept, and
// what waited there for the end of a pause.
func (w *World) fall(id sim.NodeID, fault netmodel.FaultID, cause uint64) {
	p := &w.nodes[id]
	seq := w.emitFact(trace.Event{Kind: trace.NodeDown, Node: id, Peer: sim.NoNode, Payload: trace.Payload{Incarnation: int64(p.incarnation)}}, cause)
	for _, e := range p.kept {
		w.loseAt(id, e, fault, seq)
	}
	clear(p.kept)
	p.kept = p.kept[:0]
	t := p.trouble
	for _, d := range t.waiting {
		switch d.in.Kind {
		case mesh.Arrive:
			w.loseAt(id, d.in.Envelope, fault, seq)
		case mesh.Submit:
			w.recycle(d.in.Envelope)
		case mesh.LinkCost:
			p.missed = true
		}
	}
	clear(t.waiting)
	t.waiting = t.waiting[:0]
}
