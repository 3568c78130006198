package gen

import (
	"time"

	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/sim"
)

// Learning draws a scenario of up to 50 nodes that find their routes themselves, or
// gossip, by one of these strategies, in troubles of every kind: wires that lose and
// double, partitions, flaps and churn, some to the end.
func Learning(t *rapid.T, strategies ...string) *scenarios.Scenario {
	s, g := learning(t, strategies)
	s.Duration = time.Duration(rapid.Int64Range(100, 2000).Draw(t, "duration")) * time.Millisecond
	s.Routing.MaxHops = rapid.Int64Range(1, 12).Draw(t, "max hops")
	s.Link.Loss = rapid.SampledFrom([]scenarios.Ratio{0, 10_000_000, 300_000_000}).Draw(t, "loss")
	s.Link.Duplicate = rapid.SampledFrom([]scenarios.Ratio{0, 100_000_000}).Draw(t, "duplicate")
	s.Link.Reorder = rapid.SampledFrom([]scenarios.Ratio{0, 300_000_000}).Draw(t, "reorder")
	for i := range rapid.IntRange(0, 6).Draw(t, "faults") {
		s.Faults = append(s.Faults, fault(t, g, i))
	}
	s.Traffic = []scenarios.Traffic{
		writing("unicast", scenarios.ToRandom, 0, 20),
		writing("broadcast", scenarios.ToAll, 50*time.Millisecond, 3),
	}
	return s
}

// Healed is when all that goes wrong in what Healing draws has ended.
const Healed = time.Second

// Healing draws a scenario like those of Learning, but when Healed is reached all
// wires are clean and nothing changes any more. Links that went down may stay so, and
// nodes that crashed. Every copy that wires held back has arrived within another
// Healed. It is for the caller to say how long the run goes on, and to add messages.
func Healing(t *rapid.T, strategy string) *scenarios.Scenario {
	s, g := learning(t, []string{strategy})
	s.Routing.MaxHops = 255
	for i := range rapid.IntRange(0, 8).Draw(t, "faults") {
		f := fault(t, g, i)
		later := time.Duration(rapid.Int64Range(0, 200).Draw(t, "later")) * time.Millisecond
		if f.At += later; f.Until == 0 {
			f.Until = Healed
		} else {
			f.Until += later
		}
		switch kind := f.Kind.(type) {
		case scenarios.LinkChange:
			kind.Set.Bandwidth = nil // a backlog could last for any time
			kind.Set.Loss = new(scenarios.Ratio(500_000_000))
			f.Kind = kind
		case scenarios.LinkDown, scenarios.NodeCrash:
			if rapid.IntRange(0, 2).Draw(t, "stays") == 0 {
				f.Until = 0
			}
		}
		s.Faults = append(s.Faults, f)
	}
	if rapid.Bool().Draw(t, "lossy") {
		s.Faults = append(s.Faults, scenarios.Fault{Name: "lossy", Until: Healed, Kind: scenarios.LinkChange{Links: g.all(), Set: scenarios.LinkValues{
			Loss: new(scenarios.Ratio(400_000_000)), Duplicate: new(scenarios.Ratio(100_000_000)), Corrupt: new(scenarios.Ratio(100_000_000)),
		}}})
	}
	return s
}

func learning(t *rapid.T, strategies []string) (*scenarios.Scenario, Graph) {
	g := Connected(50).Draw(t, "graph")
	s := g.Scenario(t)
	s.Seed = sim.Seed(rapid.Uint64Range(0, 1000).Draw(t, "seed"))
	hello := time.Duration(rapid.Int64Range(50, 100).Draw(t, "hello")) * time.Millisecond
	s.Routing = scenarios.Routing{
		Strategy: rapid.SampledFrom(strategies).Draw(t, "strategy"),
		Hello:    hello, Advertise: hello * time.Duration(rapid.Int64Range(1, 4).Draw(t, "advertise")),
	}
	return s, g
}

// all are the links of the graph.
func (g Graph) all() scenarios.LinkSet {
	var set scenarios.LinkSet
	for _, pair := range g.Pairs {
		set = append(set, ID(pair[0])+"<->"+ID(pair[1]))
	}
	return set
}

func writing(name string, how scenarios.TargetKind, start time.Duration, count int64) scenarios.Traffic {
	return scenarios.Traffic{
		Name: name, Kind: scenarios.Messages{}, To: scenarios.Target{How: how}, Arrivals: "periodic",
		Start: start, Interval: 60 * time.Millisecond, Count: count,
	}
}
