package scenarios_test

import (
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
)

// faultsEnd is when all faults of a drawn storm are over.
const faultsEnd = 2 * time.Second

// storm draws a connected mesh in which nodes shake hands before and after the end of
// its faults: loss, duplication, reordering, delay, partitions and crashes.
func storm(t *rapid.T) *scenarios.Scenario {
	g := gen.Connected(50).Draw(t, "graph")
	s := g.Scenario(t)
	s.Seed = sim.Seed(rapid.Uint64Range(0, 1000).Draw(t, "seed"))
	leg := longestWay(t, s)
	s.Handshake = scenarios.Handshake{
		Retry: max(ms(50), leg), Tries: rapid.Int64Range(2, 4).Draw(t, "tries"),
		Backoff: ms(rapid.Int64Range(100, 1000).Draw(t, "backoff")), Rounds: rapid.Int64Range(2, 3).Draw(t, "rounds"),
		Auto: rapid.SampledFrom([]string{"none", "neighbours"}).Draw(t, "auto"), Jitter: 100_000_000,
	}
	s.Traffic = []scenarios.Traffic{{
		Name: "wishes", Kind: scenarios.Handshakes{}, To: scenarios.Target{How: scenarios.ToRandom}, Arrivals: "poisson",
		Interval: ms(rapid.Int64Range(200, 2000).Draw(t, "interval")), Count: 4, Stop: 2 * faultsEnd,
	}}
	s.Faults = append(s.Faults, scenarios.Fault{Name: "bad wires", Until: faultsEnd, Kind: scenarios.LinkChange{
		Links: scenarios.LinkSet{scenarios.Drawn(int64(len(g.Pairs)))}, Set: scenarios.LinkValues{
			Loss:      new(rapid.SampledFrom([]scenarios.Ratio{50_000_000, 200_000_000, 500_000_000}).Draw(t, "loss")),
			Duplicate: new(scenarios.Ratio(100_000_000)), Reorder: new(scenarios.Ratio(100_000_000)),
		},
	}})
	for range rapid.IntRange(0, 4).Draw(t, "faults") {
		s.Faults = append(s.Faults, stormFault(t, g))
	}
	s.Duration = 2*faultsEnd + stormBound(s, leg) + time.Second
	return s
}

// longest delay that stormFault adds to a copy.
const clogDelay = 50 * time.Millisecond

func stormFault(t *rapid.T, g gen.Graph) scenarios.Fault {
	at := ms(rapid.Int64Range(0, 1900).Draw(t, "at"))
	until := at + time.Duration(rapid.Int64Range(1, int64(faultsEnd-at)).Draw(t, "for"))
	few := scenarios.NodeList{scenarios.Drawn(rapid.Int64Range(1, int64(min(g.Nodes, 5))).Draw(t, "nodes"))}
	kind := rapid.SampledFrom([]scenarios.FaultKind{
		scenarios.NodeCrash{Nodes: few, Lose: "nothing"}, scenarios.NodeCrash{Nodes: few, Lose: "state"}, scenarios.NodeCrash{Nodes: few, Lose: "identity"},
		scenarios.Clog{Links: scenarios.LinkSet{scenarios.Drawn(1)}, Delay: clogDelay}, scenarios.Partition{Mode: "halves"},
	}).Draw(t, "kind")
	return scenarios.Fault{At: at, Until: until, Kind: kind}
}

// longestWay is the diameter times the largest one-way delay of a link.
func longestWay(t require.TestingT, s *scenarios.Scenario) time.Duration {
	m, err := s.Mesh()
	require.NoError(t, err)
	slowest, diameter := time.Duration(0), 0
	for _, l := range m.Links {
		slowest = max(slowest, l.Latency.Least())
	}
	for from := range m.Nodes {
		hops := map[sim.NodeID]int{sim.NodeID(from): 0}
		for queue := []sim.NodeID{sim.NodeID(from)}; len(queue) > 0; queue = queue[1:] {
			for _, l := range m.Links {
				if _, known := hops[l.To]; l.From == queue[0] && !known {
					hops[l.To] = hops[l.From] + 1
					diameter = max(diameter, hops[l.To])
					queue = append(queue, l.To)
				}
			}
		}
	}
	return time.Duration(diameter) * (slowest + clogDelay)
}

// stormBound is how long after the end of faults, or after its start, a handshake
// completes at the latest: what passes between one HELLO of a node and its next, and
// four messages over the longest way.
func stormBound(s *scenarios.Scenario, leg time.Duration) time.Duration {
	h := &s.Handshake
	budget := h.Retry<<h.Tries + h.Backoff<<(h.Rounds-1)
	return budget + budget/10 + 4*leg
}

// ends is what the events say of one end of a handshake.
type end struct {
	last        trace.Kind // started, completed or failed
	at          clock.Time
	session     uint64
	incarnation int64
	asked       bool       // it said HELLO when no fault was left
	askedAt     clock.Time // the first time
	askedBefore bool       // it said HELLO while there were faults
}

type handshakeEnds map[[2]sim.NodeID]*end

func (h handshakeEnds) of(a, b sim.NodeID) *end {
	if h[[2]sim.NodeID{a, b}] == nil {
		h[[2]sim.NodeID{a, b}] = &end{}
	}
	return h[[2]sim.NodeID{a, b}]
}

// TestHandshakesComplete: whatever went wrong before, a handshake that has a HELLO
// left when the faults end, or starts later, completes at both ends within the bound,
// and both name the same session of the same incarnations. What is invalid moves
// nobody's level.
func TestHandshakesComplete(t *testing.T) {
	var drawn sizes
	completed, excused, refused := 0, 0, 0
	gen.Check(t, storm, func(t *rapid.T, s *scenarios.Scenario) {
		events, _ := record(t, s)
		m, err := s.Mesh()
		require.NoError(t, err)
		drawn.add(len(m.Nodes))
		bound := stormBound(s, longestWay(t, s))
		ends, stranger, incarnation := handshakeEnds{}, make([]bool, len(m.Nodes)), make([]int64, len(m.Nodes))
		moved, invalid := map[uint64]bool{}, map[uint64]bool{}
		for i := range events {
			e := &events[i]
			require.True(t, !e.Kind.OfEnvelope() || e.Session == 0 && e.To == 0, "left over from another event")
			switch e.Kind {
			case trace.NodeUp:
				incarnation[e.Node] = e.Incarnation
				stranger[e.Node] = stranger[e.Node] || e.Lose == trace.LoseIdentity
				for id := range m.Nodes { // its handshakes are gone
					delete(ends, [2]sim.NodeID{e.Node, sim.NodeID(id)})
				}
			case trace.HandshakeStarted, trace.HandshakeCompleted, trace.HandshakeFailed:
				end := ends.of(e.Node, e.Peer)
				end.last, end.at = e.Kind, e.T
				if e.Kind == trace.HandshakeCompleted {
					end.session, end.incarnation = e.Session, e.Incarnation
				}
			case trace.EnvelopeSent:
				if end := ends.of(e.Origin, e.Destination); e.Type == "HELLO" {
					if e.T < clock.Time(faultsEnd) {
						end.askedBefore = true
					} else if !end.asked {
						end.asked, end.askedAt = true, e.T
					}
				}
			case trace.TrustUpdated:
				moved[e.Cause] = true
			case trace.EnvelopeDropped:
				if r := e.Reason; r == trace.BadSignature || r == trace.Stale || r == trace.Replay || r == trace.IdentityConflict {
					invalid[e.Cause] = true
				}
			}
		}
		for cause := range invalid {
			refused++
			require.False(t, moved[cause], "an invalid message moved a level")
		}
		for pair, one := range ends {
			a, b := pair[0], pair[1]
			other := ends.of(b, a)
			if !one.asked || stranger[a] || stranger[b] {
				continue
			}
			// The peer waited for an answer to a HELLO of its own, which wins over others, was
			// lost, and was its last: it had no try left, and both give up.
			if other.askedBefore && !other.asked && other.last == trace.HandshakeFailed {
				excused++
				continue
			}
			completed++
			between := m.Nodes[a].ID + " and " + m.Nodes[b].ID
			require.Equal(t, []trace.Kind{trace.HandshakeCompleted, trace.HandshakeCompleted}, []trace.Kind{one.last, other.last}, between)
			require.Equal(t, one.session, other.session, between)
			require.Equal(t, []int64{incarnation[b], incarnation[a]}, []int64{one.incarnation, other.incarnation}, between)
			latest := one.askedAt.Add(bound)
			require.True(t, one.at <= latest && other.at <= latest, "%s: at %v and %v, asked at %v, bound %v", between, one.at, other.at, one.askedAt, bound)
		}
	})
	drawn.check(t)
	t.Logf("%d handshakes completed, %d were given up, %d invalid messages", completed, excused, refused)
	assert.Greater(t, completed, 1000)
	assert.Less(t, 100*excused, completed)
	assert.Positive(t, refused)
}
