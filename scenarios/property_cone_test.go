package scenarios_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trace/analysis"
)

// twins are two runs of a scenario, one without one message, and the light cone of
// its absence: the origin when it was submitted, and whom copies reach from there.
type twins struct {
	with, without []trace.Event
	origin        sim.NodeID
	cone          analysis.Cone
}

// twinsOf takes the message out of which the events with it tell the submission.
func twinsOf(t require.TestingT, s *scenarios.Scenario, with []trace.Event, names []string, sent *trace.Event) *twins {
	r := &analysis.Recording{}
	run(t, s, scenarios.Options{Sinks: []trace.Sink{r}, Omit: func(m scenarios.Message) bool {
		return m.Flow == sent.Flow.Name && m.Origin == names[sent.Origin] && m.N == uint64(sent.N)
	}})
	change := analysis.Change{At: sent.T, Nodes: []sim.NodeID{sent.Origin}}
	return &twins{with, r.Events, sent.Origin, analysis.LightCone(len(names), []analysis.Change{change}, with, r.Events)}
}

// recorded is a run with all its events, and the ids of its nodes by number.
func recorded(t require.TestingT, s *scenarios.Scenario) ([]trace.Event, []string) {
	m, err := s.Mesh()
	require.NoError(t, err)
	r := &analysis.Recording{}
	run(t, s, scenarios.Options{Sinks: []trace.Sink{r}})
	return r.Events, m.IDs()
}

func submissions(events []trace.Event) (sent []*trace.Event) {
	for i := range events {
		if e := &events[i]; e.Kind == trace.EnvelopeSent && !e.Control {
			sent = append(sent, e)
		}
	}
	return sent
}

// reached counts the nodes that the cone comes to.
func (w *twins) reached() (n int) {
	for _, at := range w.cone {
		if at != clock.Never {
			n++
		}
	}
	return n
}

// narrowed is the cone when it comes to each node but the origin later by d than it
// does: as if what happens there in the meantime had another cause.
func (w *twins) narrowed(d time.Duration) analysis.Cone {
	cone := make(analysis.Cone, len(w.cone))
	for id, at := range w.cone {
		if cone[id] = at; at != clock.Never && sim.NodeID(id) != w.origin {
			cone[id] = at.Add(d)
		}
	}
	return cone
}

// differ counts the messages, but the one left out, that fare differently.
func (w *twins) differ() (n int) {
	a, b := newHistories(), newHistories()
	for i := range w.with {
		a.Emit(&w.with[i])
	}
	for i := range w.without {
		b.Emit(&w.without[i])
	}
	for m, history := range b.of {
		if a.of[m] != history {
			n++
		}
	}
	return n
}

// staticRoutes writes the next hops of the least-latency paths of a mesh to a file.
func staticRoutes(t *testing.T, s *scenarios.Scenario) string {
	m, err := s.Mesh()
	require.NoError(t, err)
	oracle := newRoads(m)
	text := strings.Builder{}
	text.WriteString("node,destination,next\n")
	for a := range sim.NodeID(len(m.Nodes)) {
		for b := range sim.NodeID(len(m.Nodes)) {
			if a != b {
				fmt.Fprintf(&text, "%s,%s,%s\n", m.Nodes[a].ID, m.Nodes[b].ID, m.Nodes[oracle.road(a, b)[1]].ID)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "routes.csv")
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o666))
	return file
}

// coupled is a busy mesh in which messages meet in everything that couples them:
// queues of all links and of all nodes, chains of burst loss, the order of a FIFO.
func coupled(t *testing.T, strategy, policy string) *scenarios.Scenario {
	s := busyMesh(strategy, 24)
	impair(s)
	s.Duration = 4 * time.Second
	s.Link.Loss, s.Link.Duplicate, s.Link.FIFO = 10_000_000, 50_000_000, true
	s.Link.BurstLoss = scenarios.BurstLoss{P: 20_000_000, R: 250_000_000, Bad: 500_000_000}
	s.Link.Bandwidth, s.Link.Queue = 50*scenarios.KbitPerSecond, scenarios.QueueSize{Unit: scenarios.QueueCopies, Max: 3}
	s.NodeDefaults.Downlink = scenarios.Access{Bandwidth: 600 * scenarios.KbitPerSecond, Queue: scenarios.QueueSize{Unit: scenarios.QueueCopies, Max: 8}}
	if policy == "drop_tail" {
		s.NodeDefaults.Uplink = scenarios.Access{Bandwidth: 600 * scenarios.KbitPerSecond}
	}
	if strategy == "flood" {
		s.Traffic[0].Rate /= 10
	}
	if strategy == "static" {
		s.Routing.File = staticRoutes(t, s)
	}
	s.Link.QueuePolicy = policy
	return s
}

// What one message more or less changes, it changes along the copies of either run,
// and nowhere sooner: in queues of every kind, in chains, behind what may not be
// overtaken. A cone that comes 10 ms later, of which 2.7 ms are the way through the
// downlink, misses something: so the comparison sees a leak, and the cone is not too wide.
func TestOmittedMessageIsFeltInItsLightConeOnly(t *testing.T) {
	for _, strategy := range []string{"shortest_path", "static", "flood"} {
		for _, policy := range []string{"drop_tail", "drop_random", "codel"} {
			t.Run(strategy+", "+policy, func(t *testing.T) {
				s := coupled(t, strategy, policy)
				with, names := recorded(t, s)
				sent := submissions(with)
				full := 0
				for i := range with {
					if with[i].Reason == trace.QueueFull && with[i].Kind == trace.EnvelopeDropped {
						full++
					}
				}
				require.Greater(t, full, 50, "queues are full")
				felt, leaks := 0, 0
				for _, i := range []int{len(sent) / 10, len(sent) / 3, len(sent) / 2} {
					w := twinsOf(t, s, with, names, sent[i])
					if leak := w.cone.Outside(w.with, w.without); leak != nil {
						t.Fatalf("outside the light cone of %v: %+v", sent[i], leak)
					}
					felt += w.differ()
					if w.narrowed(10*time.Millisecond).Outside(w.with, w.without) != nil {
						leaks++
					}
				}
				assert.Greater(t, felt, 10, "messages that one message less changed")
				assert.Positive(t, leaks, "a cone that is too narrow is not seen")
			})
		}
	}
}

// So it is in drawn scenarios in which anything may happen.
func TestLightConeOfDrawnScenarios(t *testing.T) {
	far, felt := 0, 0
	gen.Check(t, gen.Troubled, func(t *rapid.T, s *scenarios.Scenario) {
		with, names := recorded(t, s)
		sent := submissions(with)
		if len(sent) == 0 {
			return
		}
		w := twinsOf(t, s, with, names, rapid.SampledFrom(sent).Draw(t, "message left out"))
		require.Nil(t, w.cone.Outside(w.with, w.without))
		if w.reached() > 2 {
			far++
		}
		felt += w.differ()
	})
	t.Logf("%d cones of more than two nodes, %d messages changed", far, felt)
	assert.Positive(t, far)
	assert.Positive(t, felt)
}
