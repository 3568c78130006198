package campaign

import (
	"errors"
	"fmt"
	"slices"

	"meshsim/scenarios"
)

// Shrinker makes a failing scenario small.
type Shrinker struct {
	Attempts int          // runs allowed; 0: 2000
	Stop     func() bool  // polled; true ends it with the best so far
	Progress func(Shrunk) // called after every attempt

	// Failing says how a scenario fails, or fails as if none of its faults ever
	// began; "" if it does not. nil: by what its run is judged by.
	Failing func(s *scenarios.Scenario, faultless bool) Signature
}

// Shrunk is a scenario made small, or the best so far.
type Shrunk struct {
	Scenario  *scenarios.Scenario
	Signature Signature
	Attempts  int
	Kept      []string // what was done, in words
	Done      bool     // nothing further helps; else attempts or patience ran out
}

// ErrPasses says that there is nothing to shrink.
var ErrPasses = errors.New("does not fail: there is nothing to shrink")

// Shrink searches greedily: it removes faults, traffic, links and nodes, then
// time, then simplifies numbers, and keeps what still fails with the same
// signature, and, if the original does, passes once its faults are taken out. It
// is deterministic; that it was ended early shows in Done.
func (c Shrinker) Shrink(s *scenarios.Scenario) (*Shrunk, error) {
	whole, err := s.SelfContained()
	if err != nil {
		return nil, err
	}
	if whole, err = scenarios.LoadBytes(whole.TOML(), "shrink", scenarios.WithFiles(whole.Files)); err != nil {
		return nil, err
	}
	whole.Record, whole.Comment = nil, nil // they are about the original
	if c.Attempts == 0 {
		c.Attempts = 2000
	}
	if c.Failing == nil {
		c.Failing = c.fails
	}
	h := &shrinking{Shrinker: c}
	h.Scenario, h.Signature = whole, c.Failing(whole, false)
	if h.Signature == "" {
		return nil, ErrPasses
	}
	h.needsFaults = len(whole.Faults) > 0 && c.Failing(whole, true) != h.Signature
	h.Done = h.all()
	return &h.Shrunk, nil
}

// fails runs a scenario to see how it fails.
func (c Shrinker) fails(s *scenarios.Scenario, faultless bool) Signature {
	r, err := s.Run(scenarios.Options{Stop: c.Stop, FailFast: true, WithoutFaults: faultless})
	if r != nil && r.Interrupted && c.Stop != nil && c.Stop() {
		return ""
	}
	return SignatureOf(r, err)
}

// shrinking is a Shrink under way.
type shrinking struct {
	Shrinker
	Shrunk
	needsFaults bool
	planned     bool // the contact plan is written out
}

// out reports that no further attempt may be made.
func (h *shrinking) out() bool {
	return h.Shrunk.Attempts >= h.Shrinker.Attempts || h.Stop != nil && h.Stop()
}

// try edits a copy of the best and keeps it if it fails as the original does.
func (h *shrinking) try(what string, edit func(*scenarios.Scenario)) bool {
	if h.out() {
		return false
	}
	c := h.Scenario.Clone()
	edit(c)
	if _, err := c.Validate(); err != nil {
		return false
	}
	h.Shrunk.Attempts++
	kept := h.Failing(c, false) == h.Signature && (!h.needsFaults || h.Failing(c, true) != h.Signature)
	if kept {
		h.Scenario = c
		h.Kept = append(h.Kept, what)
	}
	if h.Progress != nil {
		h.Progress(h.Shrunk)
	}
	return kept
}

// all does every pass until none helps. It reports whether it came to that.
func (h *shrinking) all() bool {
	for before := -1; before != len(h.Kept) && !h.out(); {
		before = len(h.Kept)
		h.duration() // first: it makes every further attempt cheaper
		h.expectations()
		h.lists()
		h.nodes()
		h.values()
	}
	h.shape()
	return !h.out()
}

// expectations leaves only the one that fails, or none.
func (h *shrinking) expectations() {
	h.remove("expectation", func(s *scenarios.Scenario) int { return len(s.Expects) },
		func(s *scenarios.Scenario, from, to int) { s.Expects = slices.Delete(s.Expects, from, to) })
}

// lists removes faults, adversaries, actions, traffic, knowledge and links.
func (h *shrinking) lists() {
	h.remove("fault", func(s *scenarios.Scenario) int { return len(s.Faults) },
		func(s *scenarios.Scenario, from, to int) { s.Faults = slices.Delete(s.Faults, from, to) })
	h.remove("adversary", func(s *scenarios.Scenario) int { return len(s.Adversaries) },
		func(s *scenarios.Scenario, from, to int) { s.Adversaries = slices.Delete(s.Adversaries, from, to) })
	h.remove("action", func(s *scenarios.Scenario) int { return len(s.Actions) },
		func(s *scenarios.Scenario, from, to int) { s.Actions = slices.Delete(s.Actions, from, to) })
	h.remove("traffic", func(s *scenarios.Scenario) int { return len(s.Traffic) },
		func(s *scenarios.Scenario, from, to int) { s.Traffic = slices.Delete(s.Traffic, from, to) })
	h.remove("source", func(s *scenarios.Scenario) int { return len(s.Knowledge.Sources) },
		func(s *scenarios.Scenario, from, to int) {
			s.Knowledge.Sources = slices.Delete(s.Knowledge.Sources, from, to)
		})
	h.remove("fact", func(s *scenarios.Scenario) int { return len(s.Knowledge.Facts) },
		func(s *scenarios.Scenario, from, to int) {
			s.Knowledge.Facts = slices.Delete(s.Knowledge.Facts, from, to)
		})
	if !h.separable() {
		h.writeOut()
	}
	if h.separable() {
		h.remove("link", func(s *scenarios.Scenario) int { return len(s.Links) },
			func(s *scenarios.Scenario, from, to int) { s.Links = slices.Delete(s.Links, from, to) })
		h.remove("contact", func(s *scenarios.Scenario) int { return len(s.Planned()) },
			func(s *scenarios.Scenario, from, to int) { s.SetPlan(slices.Delete(s.Planned(), from, to)) })
	}
}

// separable reports whether single links, contacts and nodes can go.
func (h *shrinking) separable() bool {
	switch h.Scenario.Topology.Kind.(type) {
	case scenarios.OwnLinks:
		return true
	case scenarios.ContactPlan:
		return h.planned
	}
	return false
}

// writeOut turns the topology into a list of links, or of contacts.
func (h *shrinking) writeOut() {
	const most = 5000
	if x, planned := h.Scenario.ExplicitPlan(); planned {
		h.planned = len(x.Planned()) <= most && h.try("contact plan written out", func(s *scenarios.Scenario) { *s = *x })
		return
	}
	if x, err := h.Scenario.Explicit(); err == nil && len(x.Links) <= most {
		h.try("links written out", func(s *scenarios.Scenario) { *s = *x })
	}
}

// remove takes entries out of a list, many at once first (Zeller, Hildebrandt:
// "Simplifying and isolating failure-inducing input", IEEE TSE 2002).
func (h *shrinking) remove(what string, size func(*scenarios.Scenario) int, cut func(s *scenarios.Scenario, from, to int)) {
	for chunk := size(h.Scenario); chunk >= 1; chunk /= 2 {
		for end := size(h.Scenario); end > 0; {
			from, to := max(0, end-chunk), min(end, size(h.Scenario))
			if to > from {
				h.try(fmt.Sprintf("%s %d to %d removed", what, from, to-1), func(s *scenarios.Scenario) { cut(s, from, to) })
			}
			end = from
		}
	}
}

// nodes removes single nodes, with their links and wherever they are named.
func (h *shrinking) nodes() {
	m, err := h.Scenario.Mesh()
	if err != nil {
		return
	}
	if !h.separable() {
		return
	}
	ids := m.IDs()
	slices.Reverse(ids)
	for _, id := range ids {
		h.try("node "+id+" removed", func(s *scenarios.Scenario) { s.RemoveNode(id) })
	}
}

// duration halves the run as often as it still fails.
func (h *shrinking) duration() {
	for h.try("half the time", func(s *scenarios.Scenario) { s.Duration /= 2 }) {
	}
}

// values simplifies one value after another.
func (h *shrinking) values() {
	tried := map[string]bool{}
	for again := true; again && !h.out(); {
		again = false
		for _, e := range h.Scenario.Simpler() {
			if tried[e.What] {
				continue
			}
			tried[e.What] = true
			if h.try(e.What, e.Do) {
				again = true
				break
			}
		}
	}
}

// shape says a list of links as a kind of topology again, if it is one.
func (h *shrinking) shape() {
	for _, kind := range shapes(h.Scenario) {
		if h.try("topology "+scenarios.KindName(kind), func(s *scenarios.Scenario) {
			s.Topology.Kind, s.Links, s.Nodes = kind, nil, nil
		}) {
			return
		}
	}
}

// shapes are the kinds that may have as many nodes and links.
func shapes(s *scenarios.Scenario) []scenarios.TopologyKind {
	if _, own := s.Topology.Kind.(scenarios.OwnLinks); !own {
		return nil
	}
	m, err := s.Mesh()
	if err != nil {
		return nil
	}
	n := int64(len(m.Nodes))
	kinds := []scenarios.TopologyKind{scenarios.Line{Nodes: n}}
	if n >= 3 {
		kinds = append(kinds, scenarios.Ring{Nodes: n})
	}
	return kinds
}
