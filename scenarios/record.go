package scenarios

import (
	"fmt"
	"strings"

	"meshsim/clock"
	"meshsim/scenarios/world"
	"meshsim/trace"
)

// TraceHeader is the first line of a trace of this scenario: all that it takes to
// run it again.
func (s *Scenario) TraceHeader() (trace.Header, error) {
	whole, err := s.SelfContained()
	if err != nil {
		return trace.Header{}, err
	}
	sum, err := whole.sha256()
	if err != nil {
		return trace.Header{}, err
	}
	files := whole.Files
	whole.Files = nil
	if files == nil {
		files = map[string]string{}
	}
	m, err := s.Mesh()
	if err != nil {
		return trace.Header{}, err
	}
	return trace.Header{
		Meshsim: Version, Engine: Engine, Scenario: whole.Name, ScenarioSHA256: sum, ScenarioTOML: string(whole.TOML()),
		Files: files, Seed: whole.Seed, Epoch: whole.Epoch, Names: m.IDs(),
	}, nil
}

// TraceFilter says what a trace of this scenario keeps: a level (all, protocol or
// summary), the first and the last instant (0: the end), and the nodes concerned
// (none: all).
func (s *Scenario) TraceFilter(level string, from, to Duration, nodes []string) (trace.Filter, error) {
	f := trace.Filter{From: clock.Time(from), To: clock.Time(to)}
	if err := f.Level.UnmarshalText([]byte(level)); err != nil {
		return f, err
	}
	m, err := s.Mesh()
	if err != nil {
		return f, err
	}
	for _, id := range nodes {
		n, ok := m.Lookup(id)
		if !ok {
			return f, fmt.Errorf("there is no node %q to trace; allowed: %s", id, strings.Join(m.IDs(), " "))
		}
		f.Nodes = append(f.Nodes, n)
	}
	return f, nil
}

// FromTrace is the scenario that a trace's header holds.
func FromTrace(h trace.Header) (*Scenario, error) {
	return LoadBytes([]byte(h.ScenarioTOML), "<trace>", WithFiles(h.Files), WithSeed(h.Seed))
}

// StateBefore runs the scenario up to just before the event with this number and
// describes the nodes of the given ids as they were.
func (s *Scenario) StateBefore(seq uint64, ids []string) ([]world.State, error) {
	shot := &snapshot{seq: seq, ids: ids}
	r, err := s.prepare(Options{Sinks: []trace.Sink{shot}, Stop: func() bool { return shot.states != nil }})
	if err != nil {
		return nil, err
	}
	shot.run = r
	if _, err := r.run(); err != nil {
		return nil, err
	}
	return shot.states, nil
}

// snapshot looks at nodes when a certain event is about to be recorded.
type snapshot struct {
	seq    uint64
	ids    []string
	run    *running
	states []world.State
}

// Emit implements trace.Sink.
func (s *snapshot) Emit(e *trace.Event) {
	if e.Seq != s.seq {
		return
	}
	s.states = []world.State{}
	for _, id := range s.ids {
		if n, ok := s.run.mesh.Lookup(id); ok {
			s.states = append(s.states, s.run.world.State(n))
		}
	}
}
