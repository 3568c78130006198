package campaign

import (
	"fmt"
	"slices"
	"time"

	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trace/analysis"
	"meshsim/trust"
)

// judged looks at what nodes make of each other's words, in the run and in a twin with
// the same friends and enemies over wires that lose little: most drawn meshes are too
// bad for many words to arrive.
func judged(c *Case) string {
	if what := c.unfounded(c.Scenario, c.Events); what != "" || !c.talks() {
		return what
	}
	s, events := c.judgedTwin(), &analysis.Recording{}
	r := c.run(s, scenarios.Options{Sinks: []trace.Sink{events}})
	for _, i := range r.Invariants {
		if i.Verdict == scenarios.Failed {
			c.shows(s, &trace.Event{Seq: i.FirstSeq})
			return fmt.Sprintf("over wires that lose little, invariant %s: %s", i.Name, i.Detail)
		}
	}
	return c.unfounded(s, events.Events)
}

// talks reports whether any node tells another what it knows.
func (c *Case) talks() bool {
	return slices.ContainsFunc(c.Scenario.Traffic, func(t scenarios.Traffic) bool { return speaks(t.Kind) })
}

// speaks reports whether traffic is facts or claims.
func speaks(kind scenarios.TrafficKind) bool {
	switch kind.(type) {
	case scenarios.Facts, scenarios.Claims:
		return true
	}
	return false
}

// judgedTwin keeps what nodes know, say and are told to do, and changes what is between
// them: one copy in twenty is lost, so that some things are said twice.
func (c *Case) judgedTwin() *scenarios.Scenario {
	s := c.Scenario.Clone()
	clean(s)
	evenLatencies(s)
	s.Link.Loss = scenarios.Ratio(50_000_000)
	s.Expects, s.Registry, s.Measure, s.Memory = nil, everyone, scenarios.Measure{}, nil
	s.Routing.Strategy, s.Routing.File, s.Routing.MaxHops, s.Routing.Fanout, s.Routing.SeenMax = "shortest_path", "", 255, 0, 65536
	s.Handshake.Retry, s.Handshake.Tries, s.Trust.Window = 100*time.Millisecond, 5, time.Hour
	s.Faults = slices.DeleteFunc(s.Faults, func(f scenarios.Fault) bool { _, crash := f.Kind.(scenarios.NodeCrash); return !crash })
	s.Traffic = slices.DeleteFunc(s.Traffic, func(t scenarios.Traffic) bool {
		_, meet := t.Kind.(scenarios.Handshakes)
		return !meet && !speaks(t.Kind)
	})
	s.Duration += 2 * time.Second
	return s
}

// unfounded looks for trust, warnings and tiers that nothing accounts for, in a run of
// the scenario or of a twin.
func (c *Case) unfounded(s *scenarios.Scenario, events []trace.Event) string {
	told := func(e *trace.Event) string { c.shows(s, e); return c.words(e) }
	var most *trust.Closure // asked for only where trust moves
	caught := map[[2]sim.NodeID]bool{}
	deceived, relayed, honest := c.deceived(), s.Trust.Warnings == "relay", c.isHonest()
	for i := range events {
		e := &events[i]
		switch pair := [2]sim.NodeID{e.Node, e.Peer}; e.Kind {
		case trace.TrustUpdated:
			to := trust.Level(e.To)
			if to == trust.Blocked {
				caught[pair] = caught[pair] || ownEvidence[e.By]
				continue
			}
			if most == nil {
				most = must(s.Closure())
			}
			if !deceived && to > most.Level(e.Node, e.Peer) {
				return fmt.Sprintf("%s holds %s at %s, and could not come further than %s: %s", c.name(e.Node), c.name(e.Peer), to, most.Level(e.Node, e.Peer), told(e))
			}
		case trace.Action:
			if e.What == "warn" {
				caught[[2]sim.NodeID{e.Node, c.subject(e)}] = true
			}
		case trace.Warned:
			if !caught[[2]sim.NodeID{e.Peer, e.Subject}] && honest(e.Peer) && !relayed {
				return fmt.Sprintf("%s warns of %s, which it caught at nothing: %s", c.name(e.Peer), c.name(e.Subject), told(e))
			}
		case trace.ClaimReceived:
			if tier := tierOf(s, e.Source); e.Tier != tier && honest(e.Node) {
				return fmt.Sprintf("%s takes %q for a source of tier %s, and its table says %s: %s", c.name(e.Node), e.Source, e.Tier, tier, told(e))
			}
		}
	}
	return ""
}

// ownEvidence is by what a node blocks a peer that it may warn of.
var ownEvidence = map[string]bool{"contradiction": true, "citation": true, "equivocation": true, "replay": true}

// isHonest tells who misbehaves in no way.
func (c *Case) isHonest() func(sim.NodeID) bool {
	dishonest := map[string]bool{}
	for _, a := range c.Result.Adversaries {
		for _, id := range a.Nodes {
			dishonest[id] = true
		}
	}
	return func(node sim.NodeID) bool { return !dishonest[c.name(node)] }
}

// subject is of whom an action has a node warn a peer.
func (c *Case) subject(e *trace.Event) sim.NodeID {
	for id, n := range c.Mesh.Nodes {
		if e.Detail == "subject "+n.ID {
			return sim.NodeID(id)
		}
	}
	return sim.NoNode
}

// tierOf is the tier of a source by the scenario's own table.
func tierOf(s *scenarios.Scenario, uri string) string {
	for i := range s.Knowledge.Sources {
		if source := &s.Knowledge.Sources[i]; source.URI == uri {
			return source.Tier
		}
	}
	return "unknown"
}
