package campaign

import (
	"fmt"
	"runtime/debug"
	"slices"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trace/analysis"
)

// Oracle knows something that holds for any scenario.
type Oracle struct {
	Name  string
	Doc   string
	Check func(*Case) string // what is wrong, or ""

	derives bool // it runs another scenario, made from this one
}

// Oracles are those of a campaign, in the order in which they are asked. Broken
// invariants, failed expectations, crashes and runs that get stuck come before them.
func Oracles() []Oracle {
	return []Oracle{
		{"same_seed", "the same seed again gives the same digest, also of the resolved and self-contained form, whoever watches", sameSeed, false},
		{"written_out", "with every node and link, or every contact, written out it gives the same digest", writtenOut, false},
		{"outages", "nothing crosses a link that is down or cut, nothing happens at a node that is down or stands still, and a copy is handled when it arrives", outages, false},
		{"refusals", "links and nodes refuse a copy only for a reason: down or cut, a copy of an id that was taken in", refusals, false},
		{"order", "copies leave a link in the order in which they were handed to it", order, false},
		{"wires", "starts, losses and arrivals on links are those of a wire written apart, from seed, keys and queue", wires, false},
		{"light_cone", "with one message or fault taken out, nothing differs that it could not have reached", lightCone, false},
		{"clean_flood", "a flood over clean wires reaches whom it can with 2E − n + 1 copies", cleanFlood, true},
		{"healed", "once faults are over and wires clean, exactly who is within the strategy's reach is reached", healed, true},
		{"remembered", "over clean wires every node ends with every record, also one that was cut off while they were pushed", remembered, true},
		{"sessions", "once wires are clean, nodes that never went down have read each message of a session exactly once, unless it had no room", sessions, true},
		{"judged", "nodes trust no more than who knows what and who meets whom allow, warn of those they caught, and look tiers up; also where most of what they say arrives", judged, true},
		{"closure", "without conflicts, once wires are clean, trust comes to all that who knows what and who meets whom allow", closure, true},
	}
}

// mostEvents bounds the runs whose events are kept for oracles.
const mostEvents = 300_000

// Case is a scenario, its run, and what oracles ask of it.
type Case struct {
	Scenario *scenarios.Scenario
	Result   *scenarios.Result
	Mesh     *scenarios.Mesh
	Events   []trace.Event

	whole    *scenarios.Scenario // resolved, once it was asked for
	stop     func() bool
	thorough bool // try more, as when a scenario is being made small
	evidence evidence
}

// resolved is the scenario, self-contained: of what is left to chance it says what came.
func (c *Case) resolved() *scenarios.Scenario {
	if c.whole == nil {
		c.whole = must(c.Scenario.SelfContained())
	}
	return c.whole
}

// evidence is the event that an oracle objects to: the first that it tells of.
type evidence struct {
	scenario *scenarios.Scenario // in whose run it is; nil: there is none
	seq      uint64
}

// shows notes the evidence, unless there is some.
func (c *Case) shows(s *scenarios.Scenario, e *trace.Event) {
	if c.evidence.scenario == nil && e != nil {
		c.evidence = evidence{s, e.Seq}
	}
}

// failed is a failure that ends the questions.
type failed struct {
	signature Signature
	detail    string
}

// run runs a variant of the case. A failure of that run is one of the case's own.
func (c *Case) run(s *scenarios.Scenario, o scenarios.Options) *scenarios.Result {
	o.Stop = c.stop
	r, err := s.Run(o)
	if signature := SignatureOf(r, err); signature != "" && r == nil {
		panic(failed{signature, err.Error()})
	} else if err != nil {
		panic(failed{"bad variant", err.Error()})
	}
	if r.Interrupted {
		panic(interrupted{})
	}
	return r
}

// interrupted ends a case that was not finished.
type interrupted struct{}

// recording keeps events up to a bound.
type recording struct {
	analysis.Recording
	over bool
}

// Emit implements trace.Sink.
func (r *recording) Emit(e *trace.Event) {
	if len(r.Events) >= mostEvents {
		r.over, r.Events = true, nil
		return
	}
	if !r.over {
		r.Recording.Emit(e)
	}
}

// examine runs a scenario and asks the oracles. finished is false when stop ended it.
func examine(s *scenarios.Scenario, oracles []Oracle, stop func() bool, thorough bool) (c *Case, found failed, finished bool) {
	c = &Case{Scenario: s, stop: stop, thorough: thorough}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case interrupted:
			finished = false
		case failed:
			found, finished = p, true
		default:
			found, finished = failed{crashed(fmt.Sprint(p)), string(debug.Stack())}, true
		}
	}()
	var err error
	if c.Mesh, err = s.Mesh(); err != nil {
		return c, failed{"bad scenario", err.Error()}, true
	}
	events := &recording{}
	r, err := s.Run(scenarios.Options{Sinks: []trace.Sink{events}, Stop: stop})
	if r != nil && r.Interrupted {
		return c, failed{}, false
	}
	c.Result, c.Events = r, events.Events
	if signature := SignatureOf(r, err); signature != "" || err != nil {
		detail := fmt.Sprint(err)
		if r != nil {
			detail = r.Failure()
		}
		return c, failed{signature, detail}, true
	}
	if events.over {
		return c, failed{}, true
	}
	for _, o := range oracles {
		if what := o.Check(c); what != "" {
			return c, failed{o.signature(), what}, true
		}
	}
	return c, failed{}, true
}

func sameSeed(c *Case) string {
	s := must(scenarios.LoadBytes(c.resolved().TOML(), "again.toml"))
	if r := c.run(s, scenarios.Options{}); r.Digest != c.Result.Digest {
		return fmt.Sprintf("digest %s, and then %s%s", c.Result.Digest, r.Digest, c.firstDifference(s))
	}
	return ""
}

// writtenOut is asked of one seed in four.
func writtenOut(c *Case) string {
	if c.Scenario.Seed%4 != 0 && !c.thorough {
		return ""
	}
	s, planned := c.Scenario.ExplicitPlan()
	if !planned {
		var err error
		if s, err = c.Scenario.Explicit(); err != nil {
			return err.Error()
		}
	}
	if r := c.run(s, scenarios.Options{}); r.Digest != c.Result.Digest {
		return fmt.Sprintf("digest %s, and %s when it is written out%s", c.Result.Digest, r.Digest, c.firstDifference(s))
	}
	return ""
}

// firstDifference runs what gave another digest once more, and tells of the first event
// that is another; nothing if this time there is none.
func (c *Case) firstDifference(s *scenarios.Scenario) string {
	again := &analysis.Recording{}
	c.run(s, scenarios.Options{Sinks: []trace.Sink{again}})
	for i := range min(len(c.Events), len(again.Events)) {
		if a, b := &c.Events[i], &again.Events[i]; !analysis.Same(a, b) {
			return fmt.Sprintf("; event #%d is %s, and then %s", a.Seq, c.tell(a), c.words(b))
		}
	}
	return ""
}

// lightCone takes messages out, one in each twin, or a fault: before it begins, and
// that at every node, it can have done nothing.
func lightCone(c *Case) string {
	if n := uint64(len(c.Scenario.Faults)); n > 0 && (c.thorough || c.Scenario.Seed%2 == 1) {
		gone := c.Scenario.Seed.Stream("swarm/omit/fault").Draw(sim.Key{}, 0) % n
		if what := c.withoutFault(int(gone)); what != "" || !c.thorough {
			return what
		}
	}
	var sent []*trace.Event
	for i := range c.Events {
		if e := &c.Events[i]; submits(e) {
			sent = append(sent, e)
		}
	}
	twins := 1
	if c.thorough {
		twins = 5
	}
	stream := c.Scenario.Seed.Stream("swarm/omit")
	for i := range min(twins, len(sent)) {
		gone := sent[stream.Draw(sim.Key{N: uint64(i)}, 0)%uint64(len(sent))]
		if what := c.without(gone); what != "" {
			return what
		}
	}
	return ""
}

// submits reports whether an event is that an application submits a message: an envelope,
// or what a session carries.
func submits(e *trace.Event) bool {
	return e.Flow != (trace.Flow{}) && (e.Kind == trace.SessionOffer || e.Kind == trace.EnvelopeSent && !e.Segment())
}

func (c *Case) withoutFault(gone int) string {
	s := c.Scenario.Clone()
	fault := s.Faults[gone]
	s.Faults = slices.Delete(s.Faults, gone, gone+1)
	s.Expects = nil // they may name it
	twin := &analysis.Recording{}
	c.run(s, scenarios.Options{Sinks: []trace.Sink{twin}})
	at := clock.Time(fault.At)
	cone := analysis.LightCone(len(c.Mesh.Nodes), []analysis.Change{{At: at}}, nil, nil)
	if leak := cone.Outside(c.Events, twin.Events); leak != nil {
		return fmt.Sprintf("without the fault %s, which begins at %v, %s differs before: %s with it, %s without",
			fault.Name, at, c.name(leak.Node), c.tell(leak.A), c.words(leak.B))
	}
	return ""
}

func (c *Case) without(gone *trace.Event) string {
	omitted := scenarios.Message{Flow: gone.Flow.Name, Origin: c.name(gone.Node), N: uint64(gone.N)}
	twin := &analysis.Recording{}
	taken := false
	c.run(c.Scenario, scenarios.Options{Sinks: []trace.Sink{twin}, Omit: func(m scenarios.Message) bool {
		taken = taken || m == omitted
		return m == omitted
	}})
	if !taken {
		return ""
	}
	var changes []analysis.Change // several where a name stands for several: to = "each", the rows of two files
	for i := range c.Events {
		e := &c.Events[i]
		if submits(e) && e.Flow.Name == gone.Flow.Name && e.Node == gone.Node && e.N == gone.N {
			changes = append(changes, analysis.Change{At: e.T, Nodes: []sim.NodeID{e.Node}})
		}
	}
	cone := analysis.LightCone(len(c.Mesh.Nodes), changes, c.Events, twin.Events)
	leak := cone.Outside(c.Events, twin.Events)
	if leak == nil {
		return ""
	}
	reached := "never"
	if leak.Reached != clock.Never {
		reached = leak.Reached.String()
	}
	return fmt.Sprintf("without message %d of %s from %s, sent at %v, %s differs, which it could reach at %s: %s with it, %s without",
		gone.N, omitted.Flow, omitted.Origin, gone.T, c.name(leak.Node), reached, c.tell(leak.A), c.words(leak.B))
}

func (c *Case) name(id sim.NodeID) string {
	if id < 0 {
		return "the mesh"
	}
	return c.Mesh.Nodes[id].ID
}

// tell puts an event of the case into words. It becomes the evidence.
func (c *Case) tell(e *trace.Event) string {
	c.shows(c.Scenario, e)
	return c.words(e)
}

// words are those for an event of any run of these nodes.
func (c *Case) words(e *trace.Event) string {
	if e == nil {
		return "nothing"
	}
	text := fmt.Sprintf("%s at %v", e.Kind, e.T)
	if e.Kind.OfEnvelope() {
		text += " of " + e.ID.String() + " over"
		for _, node := range e.Path {
			text += " " + c.name(node)
		}
		if e.Reason != trace.NoReason {
			text += ", " + e.Reason.String()
		}
	}
	return text
}
