package rerun

import (
	"slices"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// LastEvents is how many events before a failure an Autopsy tells.
const LastEvents = 10

// Autopsy says how a run failed.
type Autopsy struct {
	What          string     `json:"what"` // the expectation or invariant
	At            clock.Time `json:"at_ns"`
	Value         string     `json:"value"`          // what was found instead
	Nodes         []string   `json:"nodes"`          // those concerned; empty: no one in particular
	Events        []string   `json:"events"`         // the last ones there before the failure, in words
	WithoutFaults string     `json:"without_faults"` // verdict of the same without the scenario's faults; empty: it has none
}

// Examine finds out about the first failure of a run. It runs the scenario once
// more, and again without its faults if it has any. It returns nil for a run in
// which nothing failed.
func Examine(s *scenarios.Scenario, r *scenarios.Result, o scenarios.Options) (*Autopsy, error) {
	a := firstFailure(r)
	if a == nil {
		return nil, nil
	}
	mesh, err := s.Mesh()
	if err != nil {
		return nil, err
	}
	tail := &tail{names: mesh.IDs(), until: a.At}
	for _, id := range a.Nodes {
		tail.nodes = append(tail.nodes, sim.NodeID(slices.Index(tail.names, id)))
	}
	o.Sinks = []trace.Sink{tail}
	if _, err := whole(s, o); err != nil {
		return nil, err
	}
	a.Events = tail.describe()
	if len(s.Faults) > 0 {
		o.Sinks, o.WithoutFaults = nil, true
		without, err := whole(s, o)
		if err != nil {
			return nil, err
		}
		a.WithoutFaults = verdictOf(without, a.What)
	}
	return a, nil
}

// firstFailure is the failure that showed first, invariants before expectations:
// if one of those breaks, the rest of the run means little.
func firstFailure(r *scenarios.Result) *Autopsy {
	for _, i := range r.Invariants {
		if i.Verdict == scenarios.Failed {
			return &Autopsy{What: invariantName(i), At: clock.Time(i.AtNS), Value: i.Detail}
		}
	}
	for _, f := range r.Failures {
		return &Autopsy{What: f.Name, At: f.At, Value: f.Value, Nodes: f.Nodes}
	}
	if r.Stuck != "" {
		return &Autopsy{What: "the run is stuck", At: clock.Time(r.SimNS), Value: r.Stuck}
	}
	return nil
}

func invariantName(i trace.Invariant) string { return "invariant " + i.Name }

// verdictOf is the verdict of the expectation or invariant of this name, or of the
// whole run.
func verdictOf(r *scenarios.Result, name string) string {
	for _, e := range r.Expectations {
		if e.Name == name {
			return e.Verdict
		}
	}
	for _, i := range r.Invariants {
		if invariantName(i) == name {
			return i.Verdict
		}
	}
	return r.Verdict
}

// tail keeps the last events at some nodes up to a time. Without nodes it keeps
// what went wrong and what changed: drops, faults, routes.
type tail struct {
	names []string
	nodes []sim.NodeID
	until clock.Time
	last  []trace.Event
}

// Emit implements trace.Sink.
func (t *tail) Emit(e *trace.Event) {
	if e.T > t.until || !t.concerned(e) {
		return
	}
	if len(t.last) == LastEvents {
		t.last = append(t.last[:0], t.last[1:]...)
	}
	t.last = append(t.last, e.Clone())
}

func (t *tail) concerned(e *trace.Event) bool {
	if len(t.nodes) == 0 {
		return e.Kind == trace.EnvelopeDropped || !e.Kind.OfEnvelope()
	}
	return slices.Contains(t.nodes, e.Node) || e.Peer != sim.NoNode && slices.Contains(t.nodes, e.Peer)
}

func (t *tail) describe() []string {
	lines := make([]string, len(t.last))
	for i := range t.last {
		lines[i] = trace.Describe(t.names, &t.last[i])
	}
	return lines
}
