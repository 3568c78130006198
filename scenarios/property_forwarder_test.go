package scenarios_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/sim"
	"meshsim/trace"
)

// relayed draws a mesh in which two nodes write to each other, and another one, the
// first on the way between them if there is one, goes down for a time.
func relayed(t *rapid.T) *scenarios.Scenario {
	g := gen.Connected(50).Draw(t, "graph")
	s := g.Scenario(t)
	s.Seed = sim.Seed(rapid.Uint64Range(0, 1000).Draw(t, "seed"))
	s.Session = drawnSession(t, longestWay(t, s))
	s.Session.MaxQueue, s.Session.OnReconnect = 2*mostLetters, "resume"
	ends := []string{gen.ID(0), gen.ID(g.Nodes - 1)}
	for i := range ends {
		s.Traffic = append(s.Traffic, scenarios.Traffic{
			Kind: scenarios.Requests{ReplySize: 300}, From: scenarios.NodeSet{IDs: ends[i : i+1]}, To: scenarios.Target{How: scenarios.ToNodes, IDs: ends[1-i : 2-i]},
			Arrivals: "poisson", Interval: ms(rapid.Int64Range(20, 150).Draw(t, "interval")), Count: mostLetters, Stop: faultsEnd, Size: scenarios.Bytes(rapid.Int64Range(0, 1500).Draw(t, "size")),
		})
	}
	at := ms(rapid.Int64Range(100, 1500).Draw(t, "at"))
	s.Duration = faultsEnd + mailBound(t, s)
	loss := scenarios.Fault{Name: "loss", Until: faultsEnd, Kind: scenarios.LinkChange{
		Links: scenarios.LinkSet{scenarios.Drawn(int64(len(g.Pairs)))}, Set: scenarios.LinkValues{Loss: new(rapid.SampledFrom([]scenarios.Ratio{0, 100_000_000}).Draw(t, "loss"))},
	}}
	crash := scenarios.Fault{Name: "crash", At: at, Until: at + ms(rapid.Int64Range(1, int64(faultsEnd.Milliseconds())-1600).Draw(t, "for")), Kind: scenarios.NodeCrash{
		Nodes: scenarios.NodeList{between(t, s, g)}, Lose: "nothing",
	}}
	s.Faults = []scenarios.Fault{crash, loss}
	return s
}

// between is the node over which the first message goes from the first node to the
// last; if none does, any.
func between(t *rapid.T, s *scenarios.Scenario, g gen.Graph) string {
	m, err := s.Mesh()
	require.NoError(t, err)
	if events, _ := record(t, s, trace.EnvelopeForwarded); len(events) > 0 {
		return m.Nodes[events[0].Node].ID
	}
	return gen.ID(min(1, g.Nodes-1))
}

// Forwarders know nothing of sessions: what one loses in a crash changes nothing, not even
// a time; that it was down delays messages, and that is all.
func TestForwardersKeepNoSessions(t *testing.T) {
	var drawn sizes
	delayed, read := 0, 0
	gen.Check(t, relayed, func(t *rapid.T, s *scenarios.Scenario) {
		n := int(s.Topology.Kind.(scenarios.OwnLinks).Nodes)
		if n < 3 {
			return
		}
		drawn.add(n)
		crash := s.Faults[0]
		kinds := []trace.Kind{trace.SessionOffer, trace.SessionDeliver, trace.SessionDrop, trace.SessionOpen, trace.SessionClose, trace.SessionRetransmit}
		one, _ := record(t, s, kinds...)
		for _, lose := range []string{"state", "identity"} {
			kind := crash.Kind.(scenarios.NodeCrash)
			kind.Lose = lose
			s.Faults[0].Kind = kind
			other, _ := record(t, s, kinds...)
			require.Equal(t, timed(one), timed(other), "what a forwarder loses matters")
		}
		s.Faults = s.Faults[1:]
		well, _ := record(t, s, kinds...)
		require.Equal(t, lists(t, well), lists(t, one))
		for _, e := range one {
			if e.Kind == trace.SessionDeliver {
				read++
			}
		}
		if !slices.Equal(timed(well), timed(one)) {
			delayed++
		}
	})
	drawn.check(t)
	t.Logf("%d messages read, a crash showed in %d runs", read, delayed)
	assert.Greater(t, delayed, 20)
}

// happening is what an event of a session says but its number.
type happening struct {
	kind       trace.Kind
	at         time.Duration
	node, peer sim.NodeID
	id         trace.EnvelopeID
	seqno      int64
}

func timed(events []trace.Event) (all []happening) {
	for i := range events {
		e := &events[i]
		all = append(all, happening{e.Kind, time.Duration(e.T), e.Node, e.Peer, e.ID, e.Seqno})
	}
	return all
}

// lists are, for each reader and type, the messages that it read; all that were offered.
func lists(t require.TestingT, events []trace.Event) map[sim.NodeID]map[string][]message {
	offered, read := map[sim.NodeID]map[string][]message{}, map[sim.NodeID]map[string][]message{}
	add := func(to map[sim.NodeID]map[string][]message, node sim.NodeID, e *trace.Event) {
		if to[node] == nil {
			to[node] = map[string][]message{}
		}
		to[node][e.Type] = append(to[node][e.Type], message{e.Flow, node, e.N})
	}
	for i := range events {
		switch e := &events[i]; e.Kind {
		case trace.SessionOffer:
			add(offered, e.Peer, e)
		case trace.SessionDeliver:
			add(read, e.Node, e)
		case trace.SessionDrop:
			require.Fail(t, "dropped", "%v", e)
		}
	}
	require.Equal(t, offered, read)
	return read
}
