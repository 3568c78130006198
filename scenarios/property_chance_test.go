package scenarios_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/trace"
)

// reread is the scenario as it is written down when it runs.
func reread(t require.TestingT, s *scenarios.Scenario, options ...scenarios.Option) *scenarios.Scenario {
	whole, err := s.SelfContained()
	require.NoError(t, err)
	again, err := scenarios.LoadBytes(whole.TOML(), "whole.toml", options...)
	require.NoError(t, err, "%s", whole.TOML())
	return again
}

// What is written of a scenario says what chance made of its faults, leaves nothing
// to chance itself, and runs the same, as does what a trace holds.
func TestWrittenDownItRunsTheSame(t *testing.T) {
	gen.Check(t, gen.Troubled, func(t *rapid.T, s *scenarios.Scenario) {
		again := reread(t, s)
		require.NotContains(t, string(again.TOML()), "random =")
		header, err := s.TraceHeader()
		require.NoError(t, err)
		traced, err := scenarios.FromTrace(header)
		require.NoError(t, err)
		want := run(t, s, scenarios.Options{})
		for _, other := range []*scenarios.Scenario{again, traced} {
			got := run(t, other, scenarios.Options{})
			require.Equal(t, want.Digest, got.Digest)
			require.Equal(t, want.ScenarioSHA256, got.ScenarioSHA256)
			require.Equal(t, want.Faults, got.Faults)
			require.Equal(t, again.TOML(), reread(t, other).TOML(), "and is written the same")
		}
		require.Equal(t, want.ScenarioSHA256, header.ScenarioSHA256)
	})
}

// troubles is one scenario for each kind of fault that leaves something to chance, with
// an effect that shows; calm the same without an effect.
var troubles = []struct{ name, fault, calm string }{
	{"partition, groups", "kind = \"partition\"\ngroups = { random = 3 }", "until = \"1ns\""},
	{"partition, uniform", "kind = \"partition\"\nmode = \"uniform\"", "until = \"1ns\""},
	{"partition, isolate", "kind = \"partition\"\nmode = \"isolate\"", "until = \"1ns\""},
	{"partition, halves", "kind = \"partition\"\nmode = \"halves\"", "until = \"1ns\""},
	{"isolate", "kind = \"isolate\"\nnodes = { random = 2 }", "until = \"1ns\""},
	{"link_down", "kind = \"link_down\"\nlinks = { random = 3 }", ""},
	{"link_set", "kind = \"link_set\"\nlinks = { random = 3 }\nset = { loss = \"90%\" }", "until = \"1ns\""},
	{"clog", "kind = \"clog\"\nlinks = { random = 3 }\ndelay = \"20ms\"", "until = \"1ns\""},
	{"hold", "kind = \"hold\"\nlinks = { random = 3 }\nuntil = \"5s\"", "until = \"1ns\""},
	{"crash", "kind = \"crash\"\nnodes = { random = 2 }", ""},
	{"pause", "kind = \"pause\"\nnodes = { random = 2 }\nuntil = \"5s\"", "until = \"1ns\""},
	{"clock_skew", "kind = \"clock_skew\"\nnodes = { random = 2 }\noffset = \"1s\"", "until = \"1ns\""},
	{"churn", "kind = \"churn\"\nnodes = { random = 3 }\nmean_up = \"500ms\"\nmean_down = \"200ms\"", "outages = []"},
	{"flap", "kind = \"flap\"\nlinks = { random = 3 }\nmean_up = \"500ms\"\nmean_down = \"200ms\"", "outages = []"},
	{"swizzle", "kind = \"swizzle\"\nnodes = { random = 4 }\nuntil = \"5s\"", "outages = []"},
}

func troubled(t *testing.T, seed int, fault string) *scenarios.Scenario {
	s, err := scenarios.LoadBytes([]byte(fmt.Sprintf("version = 1\nseed = %d\nduration = \"6s\"\n[topology]\nkind = \"grid\"\nrows = 3\ncolumns = 4\n[[traffic]]\nrate = \"5/s\"\nstart = \"10ms\"\n[[fault]]\nname = \"f\"\nat = \"0s\"\n", seed)+fault), "x.toml")
	require.NoError(t, err, fault)
	return s
}

// Every kind, at several seeds: the concrete form runs the same; another seed strikes
// others, but not where the faults have been made concrete.
func TestConcreteFaults(t *testing.T) {
	for _, c := range troubles {
		different := map[string]bool{}
		for seed := range 5 {
			s := troubled(t, seed, c.fault)
			concrete := reread(t, s)
			want, got := run(t, s, scenarios.Options{}), run(t, concrete, scenarios.Options{})
			require.Equal(t, want.Digest, got.Digest, c.name)
			require.Equal(t, want.Faults, got.Faults, c.name)
			require.Equal(t, "f", want.Faults[0].Name)
			require.Equal(t, scenarios.KindName(s.Faults[0].Kind), want.Faults[0].Kind)
			require.Equal(t, concrete.Faults, reread(t, concrete, scenarios.WithSeed(77)).Faults, c.name)
			require.Contains(t, string(s.TOML()), strings.Split(c.fault, "\n")[1], "it is itself as it was")
			different[fmt.Sprint(concrete.Faults)] = true
		}
		require.GreaterOrEqual(t, len(different), 3, c.name)
	}
}

// Each kind tells of its effect, and tells when it has none.
func TestFaultsThatDoNothing(t *testing.T) {
	for _, c := range troubles {
		for seed := range 3 {
			s := troubled(t, seed, c.fault)
			effect := run(t, s, scenarios.Options{}).Faults[0]
			assert.False(t, effect.Vacuous, c.name)
			switch s.Faults[0].Kind.(type) {
			case scenarios.Partition, scenarios.Isolate, scenarios.Pause, scenarios.ClockSkew, scenarios.LinkChange, scenarios.Clog, scenarios.Hold:
				assert.Positive(t, effect.Effect.Envelopes, c.name)
				assert.Zero(t, effect.Effect.Routes, c.name)
			default:
				assert.Positive(t, effect.Effect.Routes, c.name)
			}
			fault := c.fault
			if strings.HasPrefix(c.calm, "until") { // its end comes before the first message
				fault = strings.ReplaceAll(fault, "until = \"5s\"", "")
			}
			s = troubled(t, seed, fault+"\n"+c.calm)
			if c.calm == "" { // nobody asks for a route, or for a node
				s.Traffic, s.Routing.Strategy = nil, "flood"
			}
			effect = run(t, s, scenarios.Options{}).Faults[0]
			assert.True(t, effect.Vacuous, "%s: %v", c.name, effect)
		}
	}
}

// An isolated node hears nobody and is heard by nobody, two of them not each other
// either; the reason is partition, and the blame the fault's.
func TestIsolate(t *testing.T) {
	s := &scenarios.Scenario{
		Name: "isolated", Seed: 1, Duration: time.Second, Topology: scenarios.Topology{Kind: scenarios.Full{Nodes: 6}},
		Traffic: []scenarios.Traffic{{Kind: scenarios.Messages{}, To: scenarios.Target{How: scenarios.ToEach}, Arrivals: "periodic", Interval: ms(100), Count: 1, Start: ms(10)}},
		Faults:  []scenarios.Fault{{Name: "f", Kind: scenarios.Isolate{Nodes: scenarios.NodeList{"n1", "n4"}}}},
		Routing: scenarios.Routing{Strategy: "direct"},
	}
	events, result := record(t, s, trace.EnvelopeDropped, trace.EnvelopeDelivered, trace.LinkDown, trace.NodeDown, trace.RouteChanged)
	require.Len(t, events, 30)
	for _, e := range events {
		alone := func(n int) bool { return n == 1 || n == 4 }
		require.Equal(t, alone(int(e.Origin)) || alone(int(e.Destination)), e.Kind == trace.EnvelopeDropped)
	}
	assert.EqualValues(t, 18, result.Metrics.Drops["partition"])
	assert.EqualValues(t, 18, result.Faults[0].Effect.Envelopes)
}

// stretch is a time in which something is held down.
type stretch struct{ at, until time.Duration } // until 0: to the end

// changes is the naive way to when it goes down and comes up: it asks all stretches at
// every instant at which one of them begins or ends.
func changes(held []stretch, end time.Duration) (at []string) {
	var instants []time.Duration
	for _, s := range held {
		instants = append(instants, s.at, s.until)
	}
	slices.Sort(instants)
	down := false
	for _, now := range slices.Compact(instants) {
		for _, begun := range []func(stretch) bool{ // ends come before beginnings
			func(s stretch) bool { return s.at < now }, func(s stretch) bool { return s.at <= now },
		} {
			is := slices.ContainsFunc(held, func(s stretch) bool { return begun(s) && (s.until == 0 || s.until > now) })
			if is != down && now <= end {
				at = append(at, fmt.Sprint(clock.Time(now), " ", is))
			}
			down = is
		}
	}
	return at
}

// Whatever faults overlap, links and nodes are down when one of them says so and at no
// other time, and all are back when the last has ended.
func TestOverlapsAgainstTwin(t *testing.T) {
	overlaps := 0
	gen.Check(t, func(t *rapid.T) *scenarios.Scenario {
		s := &scenarios.Scenario{
			Name: "overlaps", Seed: 3, Duration: ms(rapid.Int64Range(100, 900).Draw(t, "duration")),
			Topology: scenarios.Topology{Kind: scenarios.Ring{Nodes: 4}},
		}
		links, nodes := scenarios.LinkSet{"n0<->n1", "n1->n2"}, scenarios.NodeList{"n0", "n3"}
		for i := range rapid.IntRange(1, 6).Draw(t, "faults") {
			f := scenarios.Fault{Name: fmt.Sprint("f", i), At: ms(10 * rapid.Int64Range(0, 40).Draw(t, "at"))}
			f.Until = f.At + ms(10*rapid.Int64Range(1, 40).Draw(t, "for"))
			up, down := ms(rapid.Int64Range(5, 80).Draw(t, "up")), ms(rapid.Int64Range(5, 80).Draw(t, "down"))
			f.Kind = rapid.SampledFrom([]scenarios.FaultKind{
				scenarios.LinkDown{Links: links}, scenarios.Flap{Links: links, MeanUp: up, MeanDown: down}, scenarios.Swizzle{Nodes: nodes},
				scenarios.NodeCrash{Nodes: nodes}, scenarios.Churn{Nodes: nodes, MeanUp: up, MeanDown: down},
			}).Draw(t, "kind")
			if _, ok := f.Kind.(scenarios.Swizzle); !ok && rapid.Bool().Draw(t, "stays") {
				f.Until = 0
			}
			s.Faults = append(s.Faults, f)
		}
		return s
	}, func(t *rapid.T, s *scenarios.Scenario) {
		held := map[string][]stretch{}
		hold := func(f scenarios.Fault, at, until time.Duration, what string) {
			if until == 0 {
				until = f.Until
			}
			if a, b, both := strings.Cut(what, "<->"); both {
				held[a+"->"+b], held[b+"->"+a] = append(held[a+"->"+b], stretch{at, until}), append(held[b+"->"+a], stretch{at, until})
				return
			}
			held[what] = append(held[what], stretch{at, until})
		}
		whole, err := s.SelfContained()
		require.NoError(t, err)
		for _, f := range whole.Faults {
			switch k := f.Kind.(type) {
			case scenarios.LinkDown:
				for _, l := range k.Links {
					hold(f, f.At, 0, l)
				}
			case scenarios.NodeCrash:
				for _, id := range k.Nodes {
					hold(f, f.At, 0, id)
				}
			case scenarios.Churn:
				for _, o := range k.Outages {
					hold(f, o.At, o.Until, o.Node)
				}
			case scenarios.Flap:
				for _, o := range k.Outages {
					hold(f, o.At, o.Until, o.Link)
				}
			case scenarios.Swizzle:
				for _, o := range k.Outages {
					hold(f, o.At, o.Until, o.Link)
				}
			}
		}
		want := map[string][]string{}
		for what, stretches := range held {
			slices.SortFunc(stretches, func(a, b stretch) int { return cmp.Compare(a.at, b.at) })
			for i := 1; i < len(stretches); i++ {
				if before := stretches[i-1].until; before == 0 || before > stretches[i].at {
					overlaps++
				}
			}
			if list := changes(stretches, s.Duration); len(list) > 0 {
				want[what] = list
			}
		}
		m, err := s.Mesh()
		require.NoError(t, err)
		got := map[string][]string{}
		events, _ := record(t, s, trace.LinkDown, trace.LinkUp, trace.NodeDown, trace.NodeUp)
		for _, e := range events {
			what := m.Nodes[e.Node].ID
			if e.Kind == trace.LinkDown || e.Kind == trace.LinkUp {
				what += "->" + m.Nodes[e.Peer].ID
			}
			if e.Kind != trace.NodeUp || e.Incarnation > 1 || e.T > 0 {
				got[what] = append(got[what], fmt.Sprint(e.T, " ", e.Kind == trace.LinkDown || e.Kind == trace.NodeDown))
			}
		}
		require.Equal(t, want, got)
	})
	require.Greater(t, overlaps, 100)
}

// A path over h relays, each up U and down D on average, is up (U/(U+D))^h of the time.
func TestAvailabilityOfAPath(t *testing.T) {
	const batches = 40
	s := &scenarios.Scenario{
		Name: "relays", Seed: 11, Duration: 8000 * time.Second, Topology: scenarios.Topology{Kind: scenarios.Line{Nodes: 5}},
		Link:    scenarios.Link{Latency: scenarios.Constant(time.Microsecond)},
		Routing: scenarios.Routing{Strategy: "flood"},
		Faults:  []scenarios.Fault{{Name: "churn", Kind: scenarios.Churn{Nodes: scenarios.NodeList{"n1", "n2", "n3"}, MeanUp: 9 * time.Second, MeanDown: 3 * time.Second}}},
		Traffic: []scenarios.Traffic{messages("probe", []string{"n0"}, []string{"n4"}, 0, time.Second, 100, 8000)},
	}
	delivered, result := record(t, s, trace.EnvelopeDelivered)
	require.EqualValues(t, 8000, result.Metrics.Traffic.Sent)
	share := make([]float64, batches)
	for _, e := range delivered {
		share[e.N*batches/8000] += batches / 8000.
	}
	mean, variance := 0., 0.
	for _, v := range share {
		mean += v / batches
	}
	for _, v := range share {
		variance += (v - mean) * (v - mean) / (batches - 1)
	}
	se := math.Sqrt(variance / batches)
	t.Logf("up %.4f of the time, theory %.4f, standard error %.4f", mean, math.Pow(0.75, 3), se)
	assert.LessOrEqual(t, math.Abs(mean-math.Pow(0.75, 3)), 4*se)
	assert.Less(t, se, 0.02)
}

// Outages can be edited like anything else: what is taken out does not happen.
func TestOutagesAreEditable(t *testing.T) {
	s := reread(t, troubled(t, 1, troubles[12].fault))
	k := s.Faults[0].Kind.(scenarios.Churn)
	require.Greater(t, len(k.Outages), 3)
	downs := func(s *scenarios.Scenario) int {
		events, _ := record(t, s, trace.NodeDown)
		return len(events)
	}
	before := downs(s)
	less := s.Clone()
	k.Outages = k.Outages[1:]
	less.Faults[0].Kind = k
	assert.Equal(t, before-1, downs(less))
	k.Outages = []scenarios.NodeOutage{}
	less.Faults[0].Kind = k
	require.True(t, bytes.Contains(less.TOML(), []byte("outages = []")))
	assert.Zero(t, downs(less))
	assert.Zero(t, downs(reread(t, less)), "none is not the same as not said")
}
