package scenarios_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/netmodel/graph"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

const strategiesPage = "STRATEGIES.md"

const strategiesHeader = `# Strategies compared

Every strategy on the same networks, with the same messages, the same failures and the same seeds. The networks are those of three built-ins:
a ring, a mesh of fifty radio nodes, and a network that was built. Each runs for 60 virtual seconds, sends messages of 200 bytes between
random pairs from 10s on, and has two failures of ten seconds: at 20s a link goes down, which both its ends see at once (` + "`link_down`" + `);
at 40s another link silently loses all that it takes (` + "`link_set`" + ` with a loss of 100 %). No pair is ever without a way. Any row can be had again:

    meshsim run routing-geometric --set routing.strategy=flood --seed 2

A row sums up the runs with seeds 1, 2 and 3; in the geometric mesh a seed also draws the mesh and the links that fail.

- **delivered**: of the messages sent, in per cent.
- **stretch**: latency of all messages that were delivered, divided by their distance: the least latency between the two nodes over the links
  that worked when the message was sent. What is not delivered does not count.
- **copies**: transmissions of application messages, for each message sent.
- **duplicates**: further copies that reached the destination, for each message sent.
- **control**: transmissions and bytes of the strategy's own messages, for each node and second.
- **re-converged**: from the failure to the last change of any node's route before the failure ends, after which all nodes know ways to all
  others that are as short as the links left allow; of three runs the longest. "never": not before the link was back. "–": this strategy learns no routes.

` + "`shortest_path`" + ` is the all-knowing oracle, which sees a link go down but no loss. ` + "`static`" + ` has its routes of time 0 for ever.
This page is written by ` + "`go test ./scenarios -run Strategies -update`" + `.
`

// The strategies, by how much they know.
var strategies = []string{"shortest_path", "static", "direct", "flood", "gossip", "link_state", "distance_vector"}

// Every strategy does on each network what it must, and the page of figures is true.
func TestStrategies(t *testing.T) {
	networks := []string{"routing-ring", "routing-geometric", "routing-geant"}
	rows := make(map[string]*comparison)
	for _, network := range networks {
		for _, strategy := range strategies {
			rows[network+strategy] = &comparison{back: [2]time.Duration{noRoutes, noRoutes}}
		}
	}
	t.Run("runs", func(t *testing.T) {
		for _, network := range networks {
			for _, strategy := range strategies {
				t.Run(network+"/"+strategy, func(t *testing.T) {
					t.Parallel()
					for seed := sim.Seed(1); seed <= 3; seed++ {
						rows[network+strategy].run(t, network, strategy, seed)
					}
				})
			}
		}
	})
	var page strings.Builder
	page.WriteString(strategiesHeader)
	for _, network := range networks {
		fmt.Fprintf(&page, "\n## %s\n\n%s", network, comparisonHeader)
		for _, strategy := range strategies {
			page.WriteString(rows[network+strategy].row(strategy))
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(strategiesPage, []byte(page.String()), 0o644))
	}
	text, err := os.ReadFile(strategiesPage)
	require.NoError(t, err)
	require.Equal(t, string(text), page.String())
}

// comparison is what one strategy came to on one network.
type comparison struct {
	traffic           trace.ClassSummary // sums of sent, delivered and duplicates
	latency, distance time.Duration      // sums over messages delivered
	copies            int64              // transmissions of application messages
	control           trace.ControlSummary
	nodeSeconds       int64
	back              [2]time.Duration // from seen and silent failure to routes that are right
}

const (
	noRoutes  time.Duration = -1 // the strategy learns none
	neverBack time.Duration = 1<<63 - 1
)

const comparisonHeader = `| strategy | delivered | stretch | copies | duplicates | control transmissions | control bytes | re-converged: seen | silent |
|---|---|---|---|---|---|---|---|---|
`

func (c *comparison) row(strategy string) string {
	t := &c.traffic
	per := func(n, of int64) float64 { return float64(n) / float64(of) }
	back := func(d time.Duration) string {
		switch d {
		case noRoutes:
			return "–"
		case neverBack:
			return "never"
		}
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("| %s | %.2f | %.3f | %.2f | %.2f | %.1f | %.0f | %s | %s |\n", strategy, per(100*t.Delivered, t.Sent),
		per(int64(c.latency), int64(c.distance)), per(c.copies, t.Sent), per(t.Duplicates, t.Sent),
		per(c.control.Transmissions, c.nodeSeconds), per(c.control.Bytes, c.nodeSeconds), back(c.back[0]), back(c.back[1]))
}

// run adds a run, which must be as the strategy promises.
func (c *comparison) run(t *testing.T, network, strategy string, seed sim.Seed) {
	w := watch(t, load(t, network, scenarios.WithSeed(seed)), strategy)
	settings, files := []string{"routing.strategy=" + strategy}, map[string]string(nil)
	if strategy == "static" {
		settings, files = append(settings, "routing.file=routes.csv"), w.routeFile(t)
	}
	s := load(t, network, scenarios.WithSeed(seed), scenarios.WithFiles(files), scenarios.WithSet(settings...))
	s.Expects = nil // they are of the built-in's own strategy
	r := run(t, s, scenarios.Options{Sinks: []trace.Sink{w}})
	w.endPhases(clock.Never)
	m := &r.Metrics
	w.check(t, strategy, m)

	c.traffic.Sent += m.Traffic.Sent
	c.traffic.Delivered += m.Traffic.Delivered
	c.traffic.Duplicates += m.Traffic.Duplicates
	c.latency += w.latency
	c.distance += w.distance
	c.copies += m.Links.Transmissions - m.Control.Transmissions
	c.control.Transmissions += m.Control.Transmissions
	c.control.Bytes += m.Control.Bytes
	c.nodeSeconds += int64(len(w.metric)) * int64(time.Duration(r.SimNS)/time.Second)
	c.back[0] = max(c.back[0], w.phases[1].back)
	c.back[1] = max(c.back[1], w.phases[3].back)
}

// check compares a run with what its strategy promises.
func (w *watcher) check(t *testing.T, strategy string, m *trace.Summary) {
	sent, delivered, drops := m.Traffic.Sent, m.Traffic.Delivered, m.Drops
	lost, stretch := sent-delivered, float64(w.latency)/float64(w.distance)
	learns := strategy == "link_state" || strategy == "distance_vector"
	floods := strategy == "flood" || strategy == "gossip"
	require.Greater(t, sent, int64(1000))
	assert.Zero(t, m.Traffic.InFlight)
	assert.Zero(t, drops["hop_limit"]+drops["loop"])
	assert.Equal(t, learns, m.Control.Transmissions > 0)
	assert.Equal(t, learns, m.Control.Bytes > 0)
	if !floods {
		assert.Zero(t, m.Traffic.Duplicates)
		assert.Equal(t, lost, drops["loss"]+drops["link_down"]+drops["no_route"]-m.Control.Drops)
	}
	switch strategy {
	case "direct":
		assert.EqualValues(t, 1, m.Traffic.Hops.Max)
		assert.InDelta(t, 1, stretch, 0)
	case "flood":
		assert.Equal(t, sent, delivered, "no pair is without a way")
		assert.InDelta(t, 1, stretch, 0.001, "the first copy came the shortest way")
	case "gossip":
		assert.Greater(t, stretch, 0.999)
	case "static":
		assert.Zero(t, drops["no_route"])
		assert.InDelta(t, 1, stretch, 0.001)
	case "shortest_path":
		assert.Zero(t, w.phases[1].back)
		assert.InDelta(t, 1, stretch, 0.01)
	default:
		for i, p := range w.phases {
			assert.NotEqual(t, neverBack, p.back, "phase %d: routes are not as short as the links that are left allow", i)
		}
		assert.Less(t, w.phases[1].back, time.Second)
		assert.Less(t, w.phases[3].back, 6*time.Second)
		assert.Less(t, lost, sent/40)
		assert.InDelta(t, 1, stretch, 0.01)
	}
}

// watcher is a sink that compares routes and journeys with the network as it is.
type watcher struct {
	phases            []networkPhase
	at                int               // the phase at hand
	metric            [][]time.Duration // of routes, by node and destination; −1: there is none
	learns            bool
	changed           clock.Time // last change of a route
	latency, distance time.Duration
}

// networkPhase is a time in which the same links work.
type networkPhase struct {
	from, until clock.Time
	works       *graph.Graph
	back        time.Duration
}

// watch makes the watcher of a run, with a phase before, during and after each failure.
func watch(t *testing.T, s *scenarios.Scenario, strategy string) *watcher {
	s, err := s.SelfContained() // random links are known then
	require.NoError(t, err)
	m, err := s.Mesh()
	require.NoError(t, err)
	whole, err := m.Graph()
	require.NoError(t, err)
	require.Len(t, s.Faults, 2)
	w := &watcher{learns: slices.Contains([]string{"shortest_path", "link_state", "distance_vector"}, strategy)}
	at := clock.Time(0)
	for _, f := range s.Faults {
		_, links, err := m.ResolveParts(linksOf(f.Kind))
		require.NoError(t, err)
		left, _ := whole.Without(nil, links)
		require.Len(t, left.Components(), 1, "seed %d cuts the mesh in two", s.Seed)
		begin, end := clock.Time(f.At), clock.Time(f.Until)
		w.phases = append(w.phases, networkPhase{from: at, until: begin, works: whole}, networkPhase{from: begin, until: end, works: left})
		at = end
	}
	w.phases = append(w.phases, networkPhase{from: at, until: clock.Never, works: whole})
	w.metric = make([][]time.Duration, whole.Nodes())
	for i := range w.metric {
		w.metric[i] = make([]time.Duration, whole.Nodes())
		for to := range w.metric[i] {
			w.metric[i][to] = -1
			if strategy == "shortest_path" { // its events tell of changes only
				w.metric[i][to] = w.between(0, i, to)
			}
		}
	}
	return w
}

func linksOf(kind scenarios.FaultKind) []string {
	if down, ok := kind.(scenarios.LinkDown); ok {
		return down.Links
	}
	return kind.(scenarios.LinkChange).Links
}

// between is the least latency between two nodes in a phase.
func (w *watcher) between(phase, from, to int) time.Duration {
	latency, _, _ := w.phases[phase].works.Distance(from, to)
	return latency
}

func (w *watcher) Emit(e *trace.Event) {
	w.endPhases(e.T)
	switch {
	case e.Kind == trace.RouteChanged:
		w.metric[e.Node][e.Destination], w.changed = time.Duration(e.Metric), e.T
		if e.Next == sim.NoNode {
			w.metric[e.Node][e.Destination] = -1
		}
	case e.Kind == trace.EnvelopeDelivered && !e.Control:
		sent := e.T.Add(-e.Latency)
		phase := slices.IndexFunc(w.phases, func(p networkPhase) bool { return sent < p.until })
		w.latency += e.Latency
		w.distance += w.between(phase, int(e.Origin), int(e.Node))
	}
}

// endPhases looks at the routes at the end of each phase that is over by now.
func (w *watcher) endPhases(now clock.Time) {
	for ; w.at < len(w.phases) && now >= w.phases[w.at].until; w.at++ {
		p := &w.phases[w.at]
		p.back = max(w.changed.Sub(p.from), 0)
		if !w.learns {
			p.back = noRoutes
		} else if !w.right() {
			p.back = neverBack
		}
	}
}

// right reports whether all routes are as short as the working links allow.
func (w *watcher) right() bool {
	for from := range w.metric {
		for to, metric := range w.metric[from] {
			if from != to && metric != w.between(w.at, from, to) {
				return false
			}
		}
	}
	return true
}

// routeFile is the file of the oracle's routes at time 0, for the strategy static.
func (w *watcher) routeFile(t *testing.T) map[string]string {
	g, text := w.phases[0].works, "node,destination,next\n"
	for from := range g.Nodes() {
		for to := range g.Nodes() {
			if route, ok := g.Route(from, to); ok && from != to {
				text += fmt.Sprintf("%s,%s,%s\n", g.Name(from), g.Name(to), g.Name(route.Path[1]))
			}
		}
	}
	z, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	return map[string]string{"routes.csv": base64.StdEncoding.EncodeToString(z.EncodeAll([]byte(text), nil))}
}
