package world

import (
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/sim/planted"
)

// Pause stops the world of nodes, as a garbage collector or a suspended machine does:
// copies that arrive, timers that come due, links that go down or up, and what
// applications would submit wait in order, and are handled when it ends. Nobody is
// told. Copies that wait are in flight; a submission is made, dated and counted
// when it is handled.
//
// Pauses may overlap: a node goes on when the last ends. A crash empties the queue of
// a paused node; one that restarts meanwhile is up, and gets its Start when the pause
// ends.
type Pause struct {
	Nodes []sim.NodeID // each once
}

func (f Pause) begin(w *World, id netmodel.FaultID, _ uint64) {
	for _, node := range f.Nodes {
		p := &w.nodes[node]
		t := p.troubled()
		t.pauses = append(t.pauses, id)
		p.ready = false
	}
}

func (f Pause) end(w *World, id netmodel.FaultID, _ uint64) {
	for _, node := range f.Nodes {
		t := w.nodes[node].trouble
		if t.pauses = without(t.pauses, id); len(t.pauses) == 0 {
			w.resume(node)
		}
	}
}

// resume handles what waited. The first event that comes of each names the pause.
func (w *World) resume(id sim.NodeID) {
	p := &w.nodes[id]
	p.ready = p.up
	t := p.trouble
	if planted.Bug == planted.PauseLoses {
		t.waiting = t.waiting[:0]
	}
	for _, d := range t.waiting {
		w.blameOn(d.fault)
		w.in = d.in
		w.step(id, d.cause)
		w.event.Because = w.event.Because[:0] // of what came nothing
	}
	clear(t.waiting)
	t.waiting = t.waiting[:0]
}
