package scenarios

import (
	"errors"
	"fmt"

	"meshsim/clock"
	"meshsim/netmodel"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
)

// ErrInterrupted says that Options.Stop ended a run before it told anything.
var ErrInterrupted = errors.New("interrupted")

// at runs the scenario up to and including time t and lets look see the world as
// it is then. Of the options, Stop counts.
func (s *Scenario) at(t Duration, o Options, look func(*running) error) error {
	if t < 0 || t > s.Duration {
		return fmt.Errorf("%s is not within the run, which lasts %s", formatDuration(t), formatDuration(s.Duration))
	}
	r, err := s.prepare(Options{Stop: o.Stop})
	if err != nil {
		return err
	}
	switch r.advance(clock.Time(t)) {
	case world.Stuck:
		return fmt.Errorf("the run is stuck before %s", formatDuration(t))
	case world.Interrupted:
		return ErrInterrupted
	}
	return look(r)
}

// Way is the way that an envelope would take at some time.
type Way struct {
	Up   bool     `json:"up"`
	Path []string `json:"path"` // as far as it would get
	Stop string   `json:"stop"` // of what is not up: why it ends there
}

// RouteAt is the way that an envelope of a for b would take at time t, if no
// chance, no queue and no later change stopped it.
func (s *Scenario) RouteAt(a, b string, t Duration, o Options) (route Way, err error) {
	err = s.at(t, o, func(r *running) error {
		var ends [2]sim.NodeID
		for i, id := range []string{a, b} {
			n, known := r.mesh.Lookup(id)
			if !known {
				return fmt.Errorf("there is no node %q%s", id, r.mesh.suggest(id))
			}
			ends[i] = n
		}
		way := r.world.Route(ends[0], ends[1])
		route.Up = way.Up
		for _, id := range way.Path {
			route.Path = append(route.Path, r.mesh.Nodes[id].ID)
		}
		if !way.Up {
			route.Stop = r.stopOf(way, ends)
		}
		return nil
	})
	return route, err
}

// stopOf says why a route does not lead on.
func (r *running) stopOf(way world.Route, ends [2]sim.NodeID) string {
	name := func(id sim.NodeID) string { return r.mesh.Nodes[id].ID }
	for _, id := range ends {
		if !r.world.NodeUp(id) {
			return name(id) + " is down"
		}
	}
	last := way.Path[len(way.Path)-1]
	switch {
	case way.Next == sim.NoNode:
		return name(last) + " has no way on that it could take"
	case way.Fate == netmodel.LinkDown:
		return fmt.Sprintf("the link %s → %s is down", name(last), name(way.Next))
	case way.Fate == netmodel.Partitioned:
		return fmt.Sprintf("a partition cuts %s → %s", name(last), name(way.Next))
	case way.Fate == netmodel.Kept:
		return fmt.Sprintf("%s → %s is held", name(last), name(way.Next))
	}
	return name(way.Next) + " is down"
}

// Moment is a mesh as it was at some time of its run.
type Moment struct {
	TNS     int64         `json:"t_ns"`
	Events  uint64        `json:"events"` // so far
	Digest  string        `json:"digest"` // so far
	Faults  []string      `json:"faults"` // those active, by name
	Metrics trace.Summary `json:"metrics"`
	Trust   *TrustRanks   `json:"trust,omitempty"` // of a whole mesh whose nodes meet
	Nodes   []world.State `json:"nodes"`
}

// Inspect runs the scenario up to and including time t and describes the mesh as it
// is then, with the nodes of the given ids; none: all.
func (s *Scenario) Inspect(t Duration, ids []string, o Options) (*Moment, error) {
	m := &Moment{TNS: int64(t), Faults: []string{}, Nodes: []world.State{}}
	err := s.at(t, o, func(r *running) error {
		if len(ids) == 0 {
			ids = r.mesh.IDs()
			if r.meets() {
				m.Trust = rankTrust(ids, r.world.Metrics().Peers().Level, r.pretrusted())
			}
		}
		for _, id := range ids {
			n, known := r.mesh.Lookup(id)
			if !known {
				return fmt.Errorf("there is no node %q%s", id, r.mesh.suggest(id))
			}
			m.Nodes = append(m.Nodes, r.world.State(n))
		}
		for i, f := range r.activeFaults() {
			if r.world.FaultActive(i) {
				m.Faults = append(m.Faults, f.Name)
			}
		}
		m.Events, m.Digest, m.Metrics = r.world.Events(), r.world.Digest(), r.world.Metrics().Summary()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}
