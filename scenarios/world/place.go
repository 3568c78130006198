package world

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/sim/planted"
	"meshsim/trace"
)

// place is a node's place in the world.
//
//	          up   ready
//	not yet   no   no      its start is still to come
//	running   yes  yes
//	paused    yes  no      what comes waits; nobody else knows
//	crashed   no   no      what comes is lost
type place struct {
	node        mesh.Node
	clock       *clock.Clock     // its own; nil: true time
	kept        []*mesh.Envelope // copies that arrived and that it has not yet let go
	trouble     *trouble         // nil until a fault concerns it
	incarnation int32            // how often it started; timers of earlier times are dead
	due         bool             // its start has come
	missed      bool             // what its links cost changed while it was down
	up, ready   bool
}

// trouble is what faults do to a node.
type trouble struct {
	crashes []netmodel.FaultID // those that keep it down, in order of their begin
	lose    trace.Lose         // what the gravest of them takes, ended ones included
	gravest netmodel.FaultID   // the first that takes so much
	renewed uint64             // identities lost so far
	forger  netmodel.FaultID   // the crash that lost the last of them

	pauses  []netmodel.FaultID // in order of their begin
	waiting []deferred         // in order of coming

	skews []skew // in order of their begin
	right *clock.Clock
}

// deferred is an input that waits for the end of a pause.
type deferred struct {
	in    mesh.Input
	cause uint64
	fault netmodel.FaultID // the first of the pauses that held it up
}

// seats is what nodes are given at their making, or when they are made anew.
type seats struct {
	keys       []string
	identities []mesh.Identity // by node
	authors    []*mesh.Author  // likewise; they go on counting after a crash
	stable     []mesh.Stable   // likewise
	keyring    *mesh.Keyring
	memory     *mesh.Memory
}

// settle makes the nodes and gives each its seat.
func (w *World) settle(keys []string) error {
	s := &w.seats
	s.keys = keys
	s.identities, s.keyring = mesh.NewIdentities(w.config.Seed, keys, w.config.Signatures)
	s.memory = mesh.NewMemory(len(keys))
	s.authors = make([]*mesh.Author, len(keys))
	s.stable = make([]mesh.Stable, len(keys))
	w.nodes = make([]place, len(keys))
	for i := range w.config.Nodes {
		spec, p := &w.config.Nodes[i], &w.nodes[i]
		s.authors[i] = mesh.NewAuthor(s.identities[i], w.ids, keys)
		if spec.Clock != (clock.Clock{}) {
			p.clock = &spec.Clock
		}
		if err := w.seat(sim.NodeID(i)); err != nil {
			return err
		}
	}
	return nil
}

// seat makes a node.
func (w *World) seat(id sim.NodeID) error {
	spec, s := &w.config.Nodes[id], &w.seats
	stream := func(name string) sim.Stream { return w.config.Seed.Stream("node/" + spec.Key + "/" + name) }
	node, err := spec.New(Seat{
		Self: id, Names: w.names, Neighbours: w.net.Neighbours(id), Costs: w.net.Costs(id), Oracle: w.net,
		Identity: s.identities[id], Keyring: s.keyring, Author: s.authors[id], Memory: s.memory, Stable: &s.stable[id],
		Draws: stream("draws"), Hello: stream("hello"), Gossip: stream("gossip"), Handshake: stream("handshake"), Claims: stream("claims"),
		Sync: stream("sync"), Announce: stream("announce"), Adversary: stream("adversary"), Session: stream("session"),
	})
	if err != nil {
		return fmt.Errorf("node %s: %w", spec.ID, err)
	}
	w.nodes[id].node, w.nodes[id].missed = node, false
	return nil
}

// scheduleStarts has the nodes start: at time 0 each by itself, later those of one
// time together, since every change of the routes costs a look at all of them.
func (w *World) scheduleStarts() {
	order := make([]sim.NodeID, len(w.nodes))
	for i := range order {
		order[i] = sim.NodeID(i)
	}
	at := func(id sim.NodeID) clock.Time { return w.config.Nodes[id].Start }
	slices.SortStableFunc(order, func(a, b sim.NodeID) int { return cmp.Compare(at(a), at(b)) })
	for len(order) > 0 {
		n, start := 1, at(order[0])
		for start > 0 && n < len(order) && at(order[n]) == start {
			n++
		}
		if start > 0 {
			w.net.SetOff(order[:n], true)
		}
		if start != clock.Never {
			w.engine.At(start, event{kind: begin, node: order[0], source: int32(len(w.starts))})
		}
		w.starts, order = append(w.starts, order[:n]), order[n:]
	}
}

// begin starts nodes for the first time, but for those that a crash holds: they
// start when it ends.
func (w *World) begin(nodes []sim.NodeID) {
	var free []sim.NodeID
	for _, id := range nodes {
		p := &w.nodes[id]
		if p.due = true; p.trouble == nil || len(p.trouble.crashes) == 0 {
			free = append(free, id)
		}
	}
	w.start(free, 0)
}

// start has nodes come up. The cause is the end of a fault, or 0.
func (w *World) start(nodes []sim.NodeID, cause uint64) {
	w.net.SetOff(nodes, false)
	behind := cause
	for _, id := range nodes {
		seq := w.rise(id, cause)
		if cause == 0 {
			behind = seq
		}
	}
	w.tellRoutes(behind)
}

// rise has one node come up, and returns the number of its node_up.
func (w *World) rise(id sim.NodeID, cause uint64) uint64 {
	p := &w.nodes[id]
	lose := trace.NoLose
	if t := p.trouble; t != nil {
		if p.incarnation > 0 {
			lose = t.lose
			w.renew(id, lose)
		}
		t.lose = trace.NoLose
	}
	p.incarnation++
	p.up, p.ready = true, p.trouble == nil || len(p.trouble.pauses) == 0
	seq := w.emitFact(trace.Event{Kind: trace.NodeUp, Node: id, Peer: sim.NoNode, Payload: trace.Payload{Incarnation: int64(p.incarnation), Lose: lose}}, cause)
	w.tell(id, mesh.Input{Kind: mesh.Start, From: sim.NoNode, Tag: uint64(p.incarnation)}, seq)
	w.tellLinksOf(id, seq)
	return seq
}

// tellLinksOf tells a node that came up what became of its links meanwhile.
func (w *World) tellLinksOf(id sim.NodeID, cause uint64) {
	p, costs := &w.nodes[id], w.net.Costs(id)
	for i, to := range w.net.Neighbours(id) {
		if p.missed {
			w.tell(id, mesh.Input{Kind: mesh.LinkCost, From: to, Cost: costs[i]}, cause)
		}
		if w.net.Held(id, to) == netmodel.LinkDown {
			w.tell(id, mesh.Input{Kind: mesh.NeighbourDown, From: to}, cause)
		}
	}
	p.missed = false
}

// renew takes from a node what a crash lost.
func (w *World) renew(id sim.NodeID, lose trace.Lose) {
	if lose == trace.LoseIdentity {
		t, s := w.nodes[id].trouble, &w.seats
		t.renewed++
		t.forger = t.gravest
		s.identities[id] = s.identities[id].Renewed(w.config.Seed, s.keys[id], t.renewed)
		s.authors[id].Renew(s.identities[id])
	}
	if planted.Bug == planted.StateKept {
		return
	}
	if lose >= trace.LoseState {
		if err := w.seat(id); err != nil {
			panic("world: made anew: " + err.Error())
		}
	}
}

// tell hands a node an input that comes now: a node that runs steps on it.
func (w *World) tell(id sim.NodeID, in mesh.Input, cause uint64) {
	w.in = in
	w.step(id, cause)
}

// putOff has the input in w.in wait for a paused node. To one that is down it is lost,
// and if it is a copy, that is told. It reports whether it did so.
func (w *World) putOff(id sim.NodeID, cause uint64) bool {
	p, in := &w.nodes[id], &w.in
	switch {
	case planted.Bug == planted.CrashedHandles && !p.up,
		planted.Bug == planted.PauseSubmits && p.up && in.Kind == mesh.Submit:
		return false
	case p.up:
		t := p.trouble
		t.waiting = append(t.waiting, deferred{*in, cause, t.pauses[0]})
	case in.Kind == mesh.Arrive:
		w.loseAt(id, in.Envelope, p.blame(), cause)
	case in.Kind == mesh.LinkCost:
		p.missed = true
	}
	return true
}

// loseAt ends a copy at a node that is down.
func (w *World) loseAt(id sim.NodeID, e *mesh.Envelope, fault netmodel.FaultID, cause uint64) {
	w.fill(e)
	from := sim.NoNode
	if n := len(w.path); n > 1 {
		from = w.path[n-2]
	}
	w.event.Reason, w.event.Layer = trace.NodeIsDown, trace.Node
	w.blameOn(fault)
	w.emitEnvelope(trace.EnvelopeDropped, id, from, cause)
	w.recycle(e)
}

// blame is the crash that began first of those that keep the node down.
func (p *place) blame() netmodel.FaultID {
	if t := p.trouble; p.due && t != nil && len(t.crashes) > 0 {
		return t.crashes[0]
	}
	return netmodel.NoFault
}

// stranger is the crash to blame when others refuse a node's signature: that in which
// it lost its key, if any.
func (p *place) stranger() netmodel.FaultID {
	if p.trouble != nil && p.trouble.renewed > 0 {
		return p.trouble.forger
	}
	return netmodel.NoFault
}

// now is what the node's own clock shows.
func (p *place) now(t clock.Time) clock.Time {
	if p.clock == nil {
		return t
	}
	return p.clock.At(t)
}

// until is the true time of a span by the node's own clock.
func (p *place) until(t clock.Time, span time.Duration) time.Duration {
	if p.clock == nil {
		return span
	}
	return p.clock.Until(t, span)
}

// troubled is the node's trouble, which there is from now on.
func (p *place) troubled() *trouble {
	if p.trouble == nil {
		p.trouble = &trouble{}
	}
	return p.trouble
}

func (p *place) eachWaiting(f func(*deferred)) {
	if p.trouble == nil {
		return
	}
	for i := range p.trouble.waiting {
		f(&p.trouble.waiting[i])
	}
}

// without takes a fault out of a list.
func without(faults []netmodel.FaultID, id netmodel.FaultID) []netmodel.FaultID {
	i := slices.Index(faults, id)
	return slices.Delete(faults, i, i+1)
}
