package scenarios_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/sim"
	"meshsim/trace"
)

// packet is a message as the recurrence of store and forward sees it.
type packet struct {
	flow, n int
	path    []sim.NodeID
	at      int64 // when it reaches path[hop]
	hop     int
	order   int // among those that wait for the same instant
}

// arrivals computes when each packet reaches the end of its path, without any
// queue: on each link, departure = max(arrival, previous departure) + ⌈bits/rate⌉.
// Packets are taken by time, at equal times in the order in which they became
// known; of a flow that is when the one before it was sent.
func arrivals(s *scenarios.Scenario, paths map[[2]int][]sim.NodeID) map[[2]int]int64 {
	m, _ := s.Mesh()
	free, links, order := map[scenarios.Ends]int64{}, map[scenarios.Ends]scenarios.MeshLink{}, 0
	for _, l := range m.Links {
		links[scenarios.Ends{From: l.From, To: l.To}] = l
	}
	var waiting []packet
	know := func(p packet) {
		p.order = order
		order++
		waiting = append(waiting, p)
	}
	send := func(flow, n int) {
		t := &s.Traffic[flow]
		if n < int(t.Count) {
			know(packet{flow: flow, n: n, path: paths[[2]int{flow, n}], at: int64(t.Start) + int64(n)*int64(t.Interval)})
		}
	}
	for flow := range s.Traffic {
		send(flow, 0)
	}
	done := map[[2]int]int64{}
	for len(waiting) > 0 {
		next := 0
		for i, p := range waiting {
			if q := waiting[next]; p.at < q.at || p.at == q.at && p.order < q.order {
				next = i
			}
		}
		p := waiting[next]
		waiting = slices.Delete(waiting, next, next+1)
		if p.hop == len(p.path)-1 {
			done[[2]int{p.flow, p.n}] = p.at
			continue
		}
		ends := scenarios.Ends{From: p.path[p.hop], To: p.path[p.hop+1]}
		l, first := links[ends], p.hop == 0
		bits := (bytesOf(&s.Traffic[p.flow]) + l.Header) * 8
		free[ends] = max(p.at, free[ends]) + (bits*1_000_000_000+int64(l.Bandwidth)-1)/int64(l.Bandwidth)
		p.at, p.hop = free[ends]+int64(l.Latency.Least()), p.hop+1
		know(p)
		if first {
			send(p.flow, p.n+1)
		}
	}
	return done
}

// chain draws a line or a ring whose links all have a rate and a latency of their
// own, and flows across it that get in each other's way.
func chain(t *rapid.T) *scenarios.Scenario {
	n := rapid.IntRange(3, 9).Draw(t, "nodes")
	s := &scenarios.Scenario{
		Name: "chain", Seed: 1, Duration: time.Hour,
		Topology: scenarios.Topology{Kind: scenarios.Line{Nodes: int64(n)}},
		Routing:  scenarios.Routing{MaxHops: 255},
	}
	pairs := n - 1
	if rapid.Bool().Draw(t, "ring") {
		s.Topology.Kind = scenarios.Ring{Nodes: int64(n)}
		pairs = n
	}
	for i := range pairs {
		for _, ends := range [][2]int{{i, (i + 1) % n}, {(i + 1) % n, i}} {
			latency := scenarios.Constant(gen.Many.Draw(t, "latency"))
			rate := scenarios.BitRate(rapid.Int64Range(10_000, 10_000_000).Draw(t, "rate"))
			header := rapid.Int64Range(0, 60).Draw(t, "header")
			s.Links = append(s.Links, scenarios.Links{
				From: gen.ID(ends[0]), To: gen.ID(ends[1]), Latency: &latency, Bandwidth: &rate, Header: &header,
			})
		}
	}
	for i := range rapid.IntRange(1, 5).Draw(t, "flows") {
		from := rapid.IntRange(0, n-1).Draw(t, "from")
		to := (from + rapid.IntRange(1, n-1).Draw(t, "distance")) % n
		s.Traffic = append(s.Traffic, messages(
			fmt.Sprintf("f%d", i), []string{gen.ID(from)}, []string{gen.ID(to)},
			time.Duration(rapid.Int64Range(0, 3_000_000).Draw(t, "start")),
			time.Duration(rapid.Int64Range(1, 5_000_000).Draw(t, "interval")),
			rapid.Int64Range(1, 1500).Draw(t, "size"), rapid.Int64Range(1, 12).Draw(t, "count")))
	}
	return s
}

// The delay over a path is what its links take to send and to propagate, and what
// comes first leaves first, exact to the nanosecond.
func TestDelayIsSerialisationPropagationAndQueueing(t *testing.T) {
	waited := 0
	gen.Check(t, chain, func(t *rapid.T, s *scenarios.Scenario) {
		delivered, result := record(t, s, trace.EnvelopeDelivered)
		require.Zero(t, result.Metrics.Copies.InFlight+result.Metrics.Copies.Dropped)
		paths, got := map[[2]int][]sim.NodeID{}, map[[2]int]int64{}
		for _, e := range delivered {
			flow := slices.IndexFunc(s.Traffic, func(t scenarios.Traffic) bool { return t.Name == e.Flow.Name })
			id := [2]int{flow, int(e.N)}
			paths[id], got[id] = e.Path, int64(e.T)
			sent := int64(s.Traffic[flow].Start) + e.N*int64(s.Traffic[flow].Interval)
			require.Equal(t, int64(e.T)-sent, int64(e.Latency))
		}
		require.Equal(t, arrivals(s, paths), got)
		for _, l := range result.Metrics.Links.By {
			if l.WaitNS > 0 {
				waited++
			}
		}
	})
	require.Greater(t, waited, 100, "links where something waited, or queueing was not tested")
}

// A packet alone on its way takes the plain sum.
func TestDelayOfOnePacketIsTheSum(t *testing.T) {
	gen.Check(t, func(t *rapid.T) *scenarios.Scenario {
		s := chain(t)
		s.Traffic = s.Traffic[:1]
		s.Traffic[0].Count = 1
		return s
	}, func(t *rapid.T, s *scenarios.Scenario) {
		delivered, _ := record(t, s, trace.EnvelopeDelivered)
		require.Len(t, delivered, 1)
		m, err := s.Mesh()
		require.NoError(t, err)
		var sum time.Duration
		for i, to := range delivered[0].Path[1:] {
			for _, l := range m.Links {
				if l.From == delivered[0].Path[i] && l.To == to {
					bits, rate := (bytesOf(&s.Traffic[0])+l.Header)*8, int64(l.Bandwidth)
					sum += l.Latency.Least() + time.Duration((bits*1e9+rate-1)/rate)
				}
			}
		}
		require.Equal(t, sum, delivered[0].Latency)
	})
}
