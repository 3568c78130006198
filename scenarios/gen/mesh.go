package gen

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/sim"
)

// Troubled draws a scenario in which anything may happen that the language has:
// any strategy, tight hop limits, loss, duplication, jitter, short queues, all that
// may go wrong on wires, overlapping faults of every kind, some of them left to
// chance, late starts, unicast and broadcast.
func Troubled(t *rapid.T) *scenarios.Scenario {
	g := Connected(20).Draw(t, "graph")
	s := g.Scenario(t)
	s.Seed = sim.Seed(rapid.Uint64Range(0, 1000).Draw(t, "seed"))
	s.Duration = time.Duration(rapid.Int64Range(1, 2000).Draw(t, "duration")) * time.Millisecond
	s.Routing = scenarios.Routing{
		Strategy: rapid.SampledFrom([]string{"shortest_path", "flood", "direct", "gossip", "link_state", "distance_vector"}).Draw(t, "strategy"),
		MaxHops:  rapid.Int64Range(1, 12).Draw(t, "max hops"),
	}
	if s.Routing.Learns() {
		s.Routing.Hello = time.Duration(rapid.Int64Range(50, 500).Draw(t, "hello")) * time.Millisecond
		s.Routing.Advertise = s.Routing.Hello * time.Duration(rapid.Int64Range(1, 5).Draw(t, "advertise"))
	}
	s.Registry.Start = rapid.SampledFrom([]string{"all", "neighbours", "none"}).Draw(t, "registry")
	s.Link = scenarios.Link{
		Loss:      rapid.SampledFrom([]scenarios.Ratio{0, 10_000_000, 300_000_000, 1_000_000_000}).Draw(t, "loss"),
		Duplicate: rapid.SampledFrom([]scenarios.Ratio{0, 100_000_000, 1_000_000_000}).Draw(t, "duplicate"),
		Bandwidth: rapid.SampledFrom([]scenarios.BitRate{0, 20_000, 1_000_000}).Draw(t, "bandwidth"),
		Queue:     scenarios.QueueSize{Unit: scenarios.QueueCopies, Max: rapid.Int64Range(0, 4).Draw(t, "queue")},
		Header:    rapid.Int64Range(0, 40).Draw(t, "header"),
	}
	for i := range s.Links {
		if rapid.Bool().Draw(t, "jitter") {
			least := s.Links[i].Latency.Least()
			jitter := jittery(least, Many.Draw(t, "spread"))
			s.Links[i].Latency = &jitter
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "late") == 0 {
		s.NodeDefaults.Start = scenarios.StartTime{Max: min(s.Duration, 100*time.Millisecond), Uniform: true}
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "faults") {
		s.Faults = append(s.Faults, fault(t, g, i))
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "entries") {
		s.Traffic = append(s.Traffic, scenarios.Traffic{
			Name: fmt.Sprintf("t%d", i+1),
			Kind: scenarios.Messages{},
			To: rapid.SampledFrom([]scenarios.Target{
				{How: scenarios.ToRandom}, {How: scenarios.ToEach}, {How: scenarios.ToAll},
			}).Draw(t, "to"),
			Arrivals: rapid.SampledFrom([]string{"poisson", "periodic"}).Draw(t, "arrivals"),
			Interval: time.Duration(rapid.Int64Range(10, 500).Draw(t, "interval")) * time.Millisecond,
			Count:    rapid.Int64Range(1, 5).Draw(t, "count"),
		})
	}
	impair(t, s)
	return s
}

// impair gives links, and what nodes share, the rarer troubles of wires.
func impair(t *rapid.T, s *scenarios.Scenario) {
	l := &s.Link
	l.BurstLoss = rapid.SampledFrom([]scenarios.BurstLoss{
		{}, {P: 100_000_000, R: 300_000_000, Bad: 1_000_000_000}, {P: 1_000_000_000, R: 500_000_000, Good: 50_000_000, Bad: 500_000_000},
	}).Draw(t, "burst loss")
	l.Corrupt = rapid.SampledFrom([]scenarios.Ratio{0, 200_000_000}).Draw(t, "corrupt")
	l.Reorder = rapid.SampledFrom([]scenarios.Ratio{0, 300_000_000}).Draw(t, "reorder")
	l.FIFO = rapid.Bool().Draw(t, "fifo")
	access := rapid.SampledFrom([]scenarios.Access{
		{}, {Bandwidth: 1_000_000}, {Bandwidth: 20_000, Queue: scenarios.QueueSize{Unit: scenarios.QueueCopies, Max: 2}},
	})
	s.NodeDefaults.Uplink, s.NodeDefaults.Downlink = access.Draw(t, "uplink"), access.Draw(t, "downlink")
	if s.NodeDefaults.Uplink.Bandwidth == 0 {
		l.QueuePolicy = rapid.SampledFrom([]string{"drop_tail", "drop_random", "codel"}).Draw(t, "policy")
	}
	if rapid.Bool().Draw(t, "mtu") {
		s.Links[even(t, len(s.Links), "narrow link")].MTU = new(int64(199)) // messages have 200
	}
}

// jittery is a latency of a kind that needs no file, around least + spread/2.
func jittery(least, spread time.Duration) scenarios.Latency {
	middle := least + spread/2
	all := []scenarios.Latency{
		scenarios.Uniform(least, least+spread),
		scenarios.Normal(middle, spread/4),
		scenarios.Lognormal(middle, scenarios.Num(0.5)),
		{Kind: scenarios.ExponentialLatency{Mean: middle, Min: least}},
		scenarios.Pareto(least+spread/4, scenarios.Num(2.5)),
		scenarios.Weibull(middle, scenarios.Num(1.5)),
	}
	return all[spread%time.Duration(len(all))]
}
