package campaign

import (
	"fmt"
	"slices"
	"time"

	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// mostJudges bounds the meshes whose twin runs to the closure.
const mostJudges = 10

// closure compares trust with what a fixed point, worked out without any messages, makes
// of who knows what and who meets whom: a twin without mistakes, conflicts and decay, in
// which all wires are clean in the end, comes to exactly that.
func closure(c *Case) string {
	if !c.closes() {
		return ""
	}
	s, end := c.closureTwin()
	last := map[[2]sim.NodeID]*trace.Event{}
	c.run(s, scenarios.Options{Sinks: []trace.Sink{latestTrust(last)}})
	for node := range c.Mesh.Nodes {
		for peer := range c.Mesh.Nodes {
			pair := [2]sim.NodeID{sim.NodeID(node), sim.NodeID(peer)}
			level, e := trust.Unknown, last[pair]
			if e != nil {
				level = trust.Level(e.To)
			} else if end.Proof(pair[0], pair[1]).Ground == trust.ByAnchor {
				level = trust.Trusted
			}
			if want := end.Level(pair[0], pair[1]); level != want {
				c.shows(s, e)
				why := ""
				if p := end.Proof(pair[0], pair[1]); p.Ground != trust.NoGround {
					why = fmt.Sprintf(", by %s", p.Ground)
				}
				return fmt.Sprintf("without mistakes, at the end of %v over wires that are clean again, %s holds %s at %s, expected: %s%s; the last of it: %s",
					s.Duration, c.name(pair[0]), c.name(pair[1]), level, want, why, c.words(e))
			}
		}
	}
	return ""
}

// latestTrust keeps the last change of trust of each pair.
type latestTrust map[[2]sim.NodeID]*trace.Event

// Emit implements trace.Sink.
func (l latestTrust) Emit(e *trace.Event) {
	if e.Kind == trace.TrustUpdated {
		l[[2]sim.NodeID{e.Node, e.Peer}] = kept(e)
	}
}

// deceived reports whether any node says what it does not know.
func (c *Case) deceived() bool {
	return slices.ContainsFunc(c.Result.Adversaries, func(a scenarios.AdversaryResult) bool { return slices.Contains(deceptions, a.Behaviour) })
}

// closes reports whether the mesh is one that the twin is made of.
func (c *Case) closes() bool {
	links, both := c.neighbours()
	n := len(links)
	if len(c.Mesh.Contacts) > 0 || c.sybils() || n < 2 || n > mostJudges || !both || slices.Contains(distances(links, 0), -1) {
		return false
	}
	return slices.ContainsFunc(c.Scenario.Traffic, func(t scenarios.Traffic) bool { _, is := t.Kind.(scenarios.Facts); return is })
}

// closureTwin is the scenario in which trust comes to the closure, and that.
//
// Its faults are those of wires. What they lose is repeated, over so many rounds of so
// short rests that no rest is longer than all the time before it, and so over at three
// times the end of the faults. Then each round of the closure takes at most a handshake
// and a poll of all who are trusted, twice the quorum at a time.
func (c *Case) closureTwin() (*scenarios.Scenario, *trust.Closure) {
	s, over := c.Scenario.Clone(), c.Scenario.Duration
	clean(s)
	evenLatencies(s)
	s.Expects, s.Registry, s.Measure, s.Memory, s.Adversaries = nil, everyone, scenarios.Measure{}, nil, nil
	s.Routing.Strategy, s.Routing.File, s.Routing.MaxHops, s.Routing.Fanout, s.Routing.SeenMax = "shortest_path", "", 255, 0, 65536
	h, t := &s.Handshake, &s.Trust
	h.Retry, h.Tries, h.Backoff, h.Rounds, h.RetryAfter = 100*time.Millisecond, 3, 200*time.Millisecond, 16, 100*time.Millisecond
	t.Window, t.OnReplay, t.Decay, t.IntroductionExpire = time.Hour, "drop", 0, time.Hour
	for i := range s.Knowledge.Facts {
		s.Knowledge.Facts[i].WrongAt = nil
	}
	s.Actions = slices.DeleteFunc(s.Actions, func(a scenarios.Action) bool { _, is := a.Kind.(scenarios.Introduce); return !is || a.At > over })
	s.Faults = slices.DeleteFunc(s.Faults, func(f scenarios.Fault) bool { return !ofWires(f.Kind) || f.At >= over })
	for i := range s.Faults {
		s.Faults[i] = endedBy(over, s.Faults[i])
	}
	s.Traffic = slices.DeleteFunc(s.Traffic, func(t scenarios.Traffic) bool {
		_, facts := t.Kind.(scenarios.Facts)
		_, handshakes := t.Kind.(scenarios.Handshakes)
		return !facts && !handshakes
	})
	for i := range s.Traffic { // all of it once to everybody, and the rest is up to the nodes
		t := &s.Traffic[i]
		t.To, t.Count, t.Stop, t.Start = scenarios.Target{How: scenarios.ToEach}, 1, 0, min(t.Start, over)
		t.Rate, t.Interval = 0, over/time.Duration(len(s.Knowledge.Facts)+1)+1
		if _, facts := t.Kind.(scenarios.Facts); facts {
			t.Count, t.Arrivals = int64(len(s.Knowledge.Facts)), "periodic"
		}
	}
	end := must(s.Closure())
	n, rounds := len(c.Mesh.Nodes), 1
	for node := range sim.NodeID(n) {
		for peer := range sim.NodeID(n) {
			rounds = max(rounds, end.Proof(node, peer).Round+1)
		}
	}
	polls := n/int(2*t.Quorum) + 2
	s.Duration = 6*over + time.Duration(rounds)*(time.Second+time.Duration(polls)*t.VerifyTimeout)
	return s, end
}

// ofWires reports whether a fault only loses or delays what nodes send.
func ofWires(k scenarios.FaultKind) bool {
	switch k.(type) {
	case scenarios.Partition, scenarios.Isolate, scenarios.LinkDown, scenarios.Flap, scenarios.Swizzle, scenarios.Clog:
		return true
	}
	return false
}
