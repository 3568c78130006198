package scenarios

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/trace"
)

// anyMesh draws a scenario in which all talk to all, ten times in ten seconds, and
// its load is a matter of the graph alone: links both ways, some missing, and no
// two ways of the same latency, to which sending adds a nanosecond a link.
func anyMesh(t *rapid.T, strategy string) *Scenario {
	n, linked := rapid.IntRange(2, 6).Draw(t, "nodes"), 0
	text := fmt.Sprintf("version = 1\nduration = \"10s\"\n[topology]\nkind = \"links\"\nnodes = %d\n[link]\nbandwidth = \"1000000Gbit/s\"\nheader = 20\n", n)
	for a := range n {
		for b := range a {
			if rapid.IntRange(0, 2).Draw(t, "linked") > 0 {
				continue
			}
			text += fmt.Sprintf("[[links]]\nbetween = [\"n%d\", \"n%d\"]\nlatency = \"%dns\"\n", a, b, 5_000_000*rapid.IntRange(1, 20).Draw(t, "latency")+64<<linked)
			linked++
		}
	}
	text += fmt.Sprintf("[routing]\nstrategy = %q\nmax_hops = %d\n", strategy, rapid.IntRange(1, 6).Draw(t, "max hops"))
	fsys := fstest.MapFS{}
	if strategy == "static" {
		text += "file = \"r.csv\"\n"
		s, err := LoadBytes([]byte(strings.Replace(strings.Replace(text, "static", "flood", 1), "file = \"r.csv\"\n", "", 1)), "x.toml")
		require.NoError(t, err)
		fsys["r.csv"] = &fstest.MapFile{Data: []byte("node,destination,next\n" + anyTable(t, s))}
	}
	text += "[[traffic]]\nto = \"each\"\narrivals = \"periodic\"\nrate = \"1/s\"\ncount = 10\nsize = 100\n"
	text += "[registry]\nstart = \"" + rapid.SampledFrom([]string{"all", "all", "none"}).Draw(t, "registry") + "\"\n"
	fsys["x.toml"] = &fstest.MapFile{Data: []byte(text)}
	s, err := Load(fsys, "x.toml")
	require.NoError(t, err)
	s.Duration = 15 * time.Second // so that the last ones arrive
	return s
}

// anyTable draws a table of routes, of which some are missing and many make loops.
func anyTable(t *rapid.T, s *Scenario) (table string) {
	m, err := s.Mesh()
	require.NoError(t, err)
	for _, l := range m.Links {
		for to := range m.Nodes {
			if id := m.Nodes[l.From].ID; m.Nodes[to].ID != id && !strings.Contains(table, fmt.Sprintf("\n%s,n%d,", id, to)) && rapid.IntRange(0, 3).Draw(t, "route") > 0 {
				table += fmt.Sprintf("\n%s,n%d,%s", id, to, m.Nodes[l.To].ID)
			}
		}
	}
	return strings.TrimPrefix(table, "\n")
}

func surveyed(t require.TestingT, s *Scenario) *survey {
	m, err := s.Mesh()
	require.NoError(t, err)
	v := newSurvey(&builder{scenario: s, mesh: m})
	require.NotNil(t, v)
	v.run()
	return v
}

// The pairs that lint says are lost are those that a run loses, for the reason that
// it gives, and links carry what it says they are offered.
func TestLintAgainstRuns(t *testing.T) {
	for _, strategy := range []string{"shortest_path", "static", "direct", "flood"} {
		t.Run(strategy, func(t *testing.T) {
			seen := tally{}
			rapid.Check(t, func(t *rapid.T) {
				s := anyMesh(t, strategy)
				v := surveyed(t, s)
				result, err := s.Run(Options{})
				require.NoError(t, err)
				got, drops := v.tallies[0], result.Metrics.Drops
				n := len(v.mesh.Nodes)
				require.Equal(t, n*(n-1), got.pairs)
				require.EqualValues(t, 10*got.unknown, drops["unknown_peer"])
				lost := got.unknown + got.unreachable + got.looping + got.beyond
				switch strategy {
				case "flood":
					require.LessOrEqual(t, result.Metrics.Traffic.Delivered, int64(10*(got.pairs-lost)))
				case "static": // on the way to a dead end there may be the limit
					require.GreaterOrEqual(t, drops["hop_limit"], int64(10*got.beyond))
					require.EqualValues(t, 10*(got.pairs-lost), result.Metrics.Traffic.Delivered)
				default:
					require.EqualValues(t, 10*got.beyond, drops["hop_limit"])
					require.EqualValues(t, 10*(got.unreachable+got.looping), drops["no_route"])
					require.EqualValues(t, 10*(got.pairs-lost), result.Metrics.Traffic.Delivered)
				}
				if strategy != "flood" && got.beyond == 0 && got.looping+got.unreachable == 0 {
					requireLoads(t, v, result)
				}
				seen.beyond += got.beyond
				seen.unknown += got.unknown
				seen.unreachable += got.unreachable
				seen.looping += got.looping
			})
			assert.Positive(t, seen.unknown)
			assert.Positive(t, seen.unreachable)
			assert.Equal(t, strategy != "direct", seen.beyond > 0)
			assert.Equal(t, strategy == "static", seen.looping > 0)
		})
	}
}

// requireLoads compares what links are offered with what they took.
func requireLoads(t *rapid.T, v *survey, result *Result) {
	offered := map[string]float64{}
	for _, o := range v.offers() {
		if o.change > 0 && o.line < len(v.mesh.Links) {
			l := v.mesh.Links[o.line]
			offered[v.mesh.Nodes[l.From].ID+"->"+v.mesh.Nodes[l.To].ID] += o.change / 8 / (100 + 20)
		}
	}
	for i := range v.mesh.Nodes {
		v.mesh.Nodes[i].Uplink.Bandwidth, v.mesh.Nodes[i].Downlink.Bandwidth = 1, 1
	}
	up, down, sent, received := map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, o := range v.offers() {
		if n := o.line - len(v.mesh.Links); o.change > 0 && n >= len(v.mesh.Nodes) {
			down[v.mesh.Nodes[n-len(v.mesh.Nodes)].ID] += o.change / 8 / (100 + 20)
		} else if o.change > 0 && n >= 0 {
			up[v.mesh.Nodes[n].ID] += o.change / 8 / (100 + 20)
		}
	}
	for name, l := range result.Metrics.Links.By {
		require.InDelta(t, float64(l.Transmissions)/10, offered[name], 1e-6, name)
		from, to, _ := strings.Cut(name, "->")
		sent[from] += float64(l.Transmissions) / 10
		received[to] += float64(l.Transmissions) / 10
	}
	for _, n := range v.mesh.Nodes {
		require.InDelta(t, sent[n.ID], up[n.ID], 1e-6, n.ID)
		require.InDelta(t, received[n.ID], down[n.ID], 1e-6, n.ID)
	}
}

// A broadcast crosses every link but where it would go back.
func TestLintOfFloodLoads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyMesh(t, "flood")
		s.Routing.MaxHops, s.Registry.Start, s.Traffic[0].To = 9, "all", Target{How: ToAll}
		result, err := s.Run(Options{})
		require.NoError(t, err)
		requireLoads(t, surveyed(t, s), result)
	})
}

// firstSent notes when the first message is sent.
type firstSent struct{ at time.Duration }

func (f *firstSent) Emit(e *trace.Event) {
	if e.Kind == trace.EnvelopeSent {
		f.at = min(f.at, time.Duration(e.T))
	}
}

// When lint says that the first message would leave, it leaves in a longer run.
func TestLintKnowsTheFirstMessage(t *testing.T) {
	s, err := tryLoad(lineOf("2") + "[[traffic]]\ninterval = \"1h\"\n")
	require.NoError(t, err)
	warning := warningsOf(s)
	s.Duration = 2 * time.Hour
	first := &firstSent{math.MaxInt64}
	_, err = s.Run(Options{Sinks: []trace.Sink{first}})
	require.NoError(t, err)
	assert.Contains(t, warning, formatDuration(first.at))
}

// Lint is a small part of a run of fifty nodes.
func BenchmarkLint(b *testing.B) {
	s, err := Load(nil, "workload")
	require.NoError(b, err)
	m, err := s.Mesh()
	require.NoError(b, err)
	for b.Loop() {
		s.lint(&report{src: &s.source}, m)
	}
}
