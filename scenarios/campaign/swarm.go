package campaign

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"meshsim/scenarios"
	"meshsim/sim"
)

// Bounds of drawn scenarios, which keep a run to some milliseconds.
const (
	mostNodes  = 50
	mostCopies = 2500 // copies that the traffic of a scenario is meant to become
)

// Draw draws a whole scenario of up to 50 nodes: topology, wires, nodes, routing,
// traffic, faults, actions and adversaries, each feature by its own coin. It depends on the seed, which
// is also that of the run, and on this version of meshsim alone. What it returns
// was written as TOML and read back.
func Draw(seed sim.Seed) *scenarios.Scenario {
	w := &swarm{chooser: chooser{seed}, s: &scenarios.Scenario{
		Name: "swarm", Seed: seed, Comment: []string{fmt.Sprintf("Drawn by meshsim fuzz --seed %d --runs 1.", seed)},
	}}
	w.s.Duration = w.of("duration").span(500*time.Millisecond, 5*time.Second)
	w.topology()
	w.links()
	w.nodes()
	w.mesh = must(w.s.Mesh())
	w.routing()
	w.peers()
	w.faults()
	w.traffic()
	w.memory()
	w.knowledge()
	w.conduct()
	w.sessions()
	w.measure()
	return must(scenarios.LoadBytes(w.s.TOML(), fmt.Sprintf("swarm-%d.toml", seed)))
}

// must is for what a drawn scenario has by construction; else Draw is wrong.
func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("campaign: a drawn scenario is bad: %v", err))
	}
	return v
}

// swarm is a scenario being drawn.
type swarm struct {
	chooser
	s     *scenarios.Scenario
	graph graph           // what own links, files and contacts are drawn from
	mesh  *scenarios.Mesh // once there are nodes and links
}

// pairs are the links of the mesh, those of both directions once.
func (w *swarm) pairs() []string {
	var names []string
	seen := map[scenarios.Ends]bool{}
	for _, l := range w.mesh.Links {
		if seen[scenarios.Ends{From: l.To, To: l.From}] {
			continue
		}
		seen[scenarios.Ends{From: l.From, To: l.To}] = true
		arrow := "->"
		if _, both := w.mesh.Find(l.To, l.From); both {
			arrow = "<->"
		}
		names = append(names, w.mesh.Nodes[l.From].ID+arrow+w.mesh.Nodes[l.To].ID)
	}
	return names
}

// someLinks draws links; empty if the mesh has none.
func (w *swarm) someLinks(d *draws, most int) scenarios.LinkSet {
	pairs := w.pairs()
	if len(pairs) == 0 {
		return nil
	}
	if d.hit(20) {
		return scenarios.LinkSet{scenarios.Drawn(int64(d.between(1, min(most, len(pairs)))))}
	}
	var set scenarios.LinkSet
	for _, i := range d.some(len(pairs), most) {
		if d.hit(25) { // one direction
			pairs[i] = strings.Replace(pairs[i], "<->", "->", 1)
		}
		set = append(set, pairs[i])
	}
	return set
}

// fewNodes draws nodes for a fault, or leaves them to chance, or names all.
func (w *swarm) fewNodes(d *draws) scenarios.NodeList {
	switch how := d.below(20); {
	case how < 3:
		return scenarios.NodeList{"*"}
	case how < 8:
		return scenarios.NodeList{scenarios.Drawn(int64(d.between(1, min(4, len(w.mesh.Nodes)))))}
	}
	return w.someNodes(d, 4)
}

func (w *swarm) someNodes(d *draws, most int) []string {
	var ids []string
	for _, i := range d.some(len(w.mesh.Nodes), most) {
		ids = append(ids, w.mesh.Nodes[i].ID)
	}
	return ids
}

// words are what a key allows, by its path among the features of the language.
func words(key string) []string { return allWords()[key] }

var allWords = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	for _, f := range scenarios.Features() {
		if key, word, ok := strings.Cut(f, "="); ok {
			all[key] = append(all[key], word)
		}
	}
	return all
})

// measure leaves a part of the run uncounted.
func (w *swarm) measure() {
	d := w.of("measure")
	if w.on("warmup", 25) {
		w.s.Measure.Warmup = d.span(time.Millisecond, w.s.Duration/4)
	}
	if w.on("drain", 25) {
		w.s.Measure.Drain = d.span(time.Millisecond, w.s.Duration/4)
	}
}
