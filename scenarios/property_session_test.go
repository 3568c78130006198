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

// correspondence draws a connected mesh in which some nodes write to each other through
// sessions. Until faultsEnd its wires lose, duplicate, reorder and delay, are cut, nodes
// crash, those that write and those that read among them, and operators disconnect
// sessions; from then on all is well.
func correspondence(t *rapid.T) *scenarios.Scenario {
	g := gen.Connected(50).Draw(t, "graph")
	s := g.Scenario(t)
	s.Seed = sim.Seed(rapid.Uint64Range(0, 1000).Draw(t, "seed"))
	s.Session = drawnSession(t, longestWay(t, s))
	writers := drawnNodes(t, g, "writers", 3)
	s.Traffic = letters(t, g, writers)
	s.Knowledge.Facts = []scenarios.Fact{{ID: "f1", KnownBy: scenarios.NodeList{"*"}}}
	s.Faults = []scenarios.Fault{badWires(t, g)}
	for range rapid.IntRange(0, 4).Draw(t, "faults") {
		s.Faults = append(s.Faults, stormFault(t, g))
	}
	for range rapid.IntRange(0, 2).Draw(t, "crashes") {
		f := stormFault(t, g)
		f.Kind = scenarios.NodeCrash{Nodes: drawnNodes(t, g, "crashed", 2), Lose: rapid.SampledFrom([]string{"nothing", "state"}).Draw(t, "lose")}
		if rapid.Bool().Draw(t, "writer") {
			f.Kind = scenarios.NodeCrash{Nodes: writers[:1], Lose: "nothing"}
		}
		s.Faults = append(s.Faults, f)
	}
	for _, node := range drawnNodes(t, g, "disconnected", 3) {
		peer := rapid.SampledFrom(writers).Draw(t, "peer")
		if node == peer || rapid.Bool().Draw(t, "left alone") {
			continue
		}
		s.Actions = append(s.Actions,
			scenarios.Action{At: ms(rapid.Int64Range(0, 1900).Draw(t, "at")), Node: node, Kind: scenarios.Disconnect{Peer: peer}},
			scenarios.Action{At: faultsEnd, Node: node, Kind: scenarios.Reconnect{Peer: peer}},
		)
	}
	s.Duration = 2*faultsEnd + mailBound(t, s) + time.Second
	return s
}

// drawnSession draws a table [session] for ways that take up to so long: silence is
// longer than there and back.
func drawnSession(t *rapid.T, leg time.Duration) scenarios.Session {
	heartbeat := ms(rapid.Int64Range(100, 300).Draw(t, "heartbeat"))
	least := ms(rapid.Int64Range(50, 200).Draw(t, "reconnect"))
	return scenarios.Session{
		Enabled: true, MaxQueue: rapid.Int64Range(1, 20).Draw(t, "queue"),
		Overflow:     rapid.SampledFrom([]string{"block", "error", "drop_oldest", "drop_newest"}).Draw(t, "overflow"),
		BlockTimeout: ms(rapid.Int64Range(10, 500).Draw(t, "block")),
		Heartbeat:    heartbeat, HeartbeatTimeout: max(ms(400), 2*leg+2*heartbeat),
		ReconnectMin: least, ReconnectMax: least * 4, Jitter: 100_000_000,
		OnReconnect: rapid.SampledFrom([]string{"resume", "resume", "clear"}).Draw(t, "reconnect"),
		RTOMin:      ms(rapid.Int64Range(20, 1000).Draw(t, "rto")), RTOMax: 2 * time.Second,
		FastRetransmit: new(rapid.Bool().Draw(t, "fast")),
		Congestion:     rapid.SampledFrom([]string{"newreno", "none"}).Draw(t, "congestion"),
		Window:         rapid.Int64Range(1, 20).Draw(t, "window"),
		ReadInterval:   ms(rapid.SampledFrom([]int64{0, 0, 1, 20}).Draw(t, "read")),
	}
}

// drawnNodes draws one node or several.
func drawnNodes(t *rapid.T, g gen.Graph, label string, most int) []string {
	var ids []string
	for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, g.Nodes-1), 1, min(most, g.Nodes), rapid.ID[int]).Draw(t, label) {
		ids = append(ids, gen.ID(i))
	}
	return ids
}

// mostLetters is how many messages of an entry a node sends.
const mostLetters = 25

// letters draws what the writers send: messages, requests and facts, steadily or in
// bursts that no queue holds.
func letters(t *rapid.T, g gen.Graph, writers []string) []scenarios.Traffic {
	var all []scenarios.Traffic
	for _, kind := range []scenarios.TrafficKind{scenarios.Messages{}, scenarios.Requests{ReplySize: 100}, scenarios.Facts{}} {
		readers := drawnNodes(t, g, "readers", 2)
		if readers[0] == writers[0] && len(readers) == 1 {
			readers = []string{gen.ID(0), gen.ID(1)}
		}
		all = append(all, scenarios.Traffic{
			Kind: kind, From: scenarios.NodeSet{IDs: writers}, To: scenarios.Target{How: scenarios.ToNodes, IDs: readers},
			Arrivals: rapid.SampledFrom([]string{"poisson", "periodic"}).Draw(t, "arrivals"),
			Interval: rapid.SampledFrom([]time.Duration{time.Millisecond, 50 * time.Millisecond, 150 * time.Millisecond}).Draw(t, "interval"),
			Count:    rapid.Int64Range(1, mostLetters).Draw(t, "count"), Stop: 2 * faultsEnd,
			Size: scenarios.Bytes(rapid.SampledFrom([]int64{0, 200, 1500}).Draw(t, "size")),
		})
	}
	return all
}

func badWires(t *rapid.T, g gen.Graph) scenarios.Fault {
	return scenarios.Fault{Name: "bad wires", Until: faultsEnd, Kind: scenarios.LinkChange{
		Links: scenarios.LinkSet{scenarios.Drawn(int64(len(g.Pairs)))}, Set: scenarios.LinkValues{
			Loss:      new(rapid.SampledFrom([]scenarios.Ratio{0, 50_000_000, 200_000_000, 500_000_000}).Draw(t, "loss")),
			Duplicate: new(scenarios.Ratio(100_000_000)), Reorder: new(scenarios.Ratio(200_000_000)),
		},
	}}
}

// mailBound is how long after the end of faults, or after it was offered, a message is
// read at the latest: what is on the way arrives or is known to be lost (leg, rto_max);
// ends that do not agree notice (heartbeat_timeout) and meet (two times reconnect_max,
// with jitter, and there and back); and then all that a session holds goes one by one.
func mailBound(t require.TestingT, s *scenarios.Scenario) time.Duration {
	c, leg := &s.Session, longestWay(t, s)
	held := time.Duration(min(c.MaxQueue+c.Window, 3*2*mostLetters) + 1)
	return c.RTOMax + c.HeartbeatTimeout + c.ReconnectMax*22/10 + c.BlockTimeout + 3*leg + held*(2*leg+c.ReadInterval)
}

// parcel is a message that was offered to a session, and what became of it.
type parcel struct {
	trace.Event          // the offer
	delivered   []uint64 // seq of each delivery
	gone        []string // why it was dropped, at either end
	down, lost  bool     // its origin, or its destination, has gone down since
}

func (p *parcel) open() bool { return len(p.delivered) == 0 && len(p.gone) == 0 && !p.down }

// written reports whether an application offered it: all that an entry of traffic does,
// but facts.
func (p *parcel) written() bool { return p.Flow.Name != "" && p.Channel == "state" }

// mail is all messages that go through sessions, as a plain list in the order of
// their offers.
type mail struct {
	config   *scenarios.Session
	bound    time.Duration
	parcels  []*parcel
	strange  map[sim.NodeID]bool // lost their keys
	fallen   map[sim.NodeID]bool // went down at least once
	overflow map[string]bool     // words for what found no room
	read     int
	counted  trace.SessionSummary
}

func newMail(t require.TestingT, s *scenarios.Scenario) *mail {
	return &mail{
		config: &s.Session, bound: mailBound(t, s), strange: map[sim.NodeID]bool{}, fallen: map[sim.NodeID]bool{},
		overflow: map[string]bool{"error": true, "drop_oldest": true, "drop_newest": true, "timeout": true, "disconnected": true},
	}
}

func (m *mail) tell(t require.TestingT, e *trace.Event) {
	switch e.Kind {
	case trace.NodeDown:
		m.fallen[e.Node] = true
		for _, p := range m.parcels {
			if p.open() && p.Node == e.Node {
				m.counted.Lost++
			}
			p.down = p.down || p.Node == e.Node
			p.lost = p.lost || p.Peer == e.Node
		}
	case trace.NodeUp:
		m.strange[e.Node] = m.strange[e.Node] || e.Lose == trace.LoseIdentity
	case trace.SessionOpen:
		m.counted.Opened++
		if e.Reconnects > 0 {
			m.counted.Reconnects++
		}
	case trace.SessionClose:
		m.counted.Closed++
	case trace.SessionRetransmit:
		m.counted.Retransmits++
	case trace.SessionOverflow:
		m.counted.Overflow++
	case trace.SessionOffer:
		require.Nil(t, m.find(e.ID), "offered twice")
		m.parcels = append(m.parcels, &parcel{Event: e.Clone()})
		m.room(t, e)
	case trace.SessionDeliver:
		m.deliver(t, e)
	case trace.SessionDrop:
		m.drop(t, e)
	}
}

func (m *mail) find(id trace.EnvelopeID) *parcel {
	for _, p := range m.parcels {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// deliver: what was offered to this node is read once, and after what its peer
// offered before on this channel, if that is read at all.
func (m *mail) deliver(t require.TestingT, e *trace.Event) {
	m.read++
	p := m.find(e.ID)
	require.NotNil(t, p, "nobody offered it")
	require.Equal(t, []any{p.Node, p.Peer, p.Channel, p.Type, p.Size}, []any{e.Peer, e.Node, e.Channel, e.Type, e.Size})
	require.Empty(t, p.delivered, "read twice")
	require.NotContains(t, p.gone, "unread")
	p.delivered = append(p.delivered, e.Seq)
	require.EqualValues(t, e.T.Sub(p.T), e.Latency)
	require.LessOrEqual(t, e.T, max(p.T, clock.Time(faultsEnd)).Add(m.bound), "late")
	later := false
	for _, other := range m.parcels {
		later = later || other == p
		if other.Node == p.Node && other.Peer == p.Peer && other.Channel == p.Channel && other != p && later && len(other.delivered) > 0 {
			require.Fail(t, "out of order", "message %v after %v", p.ID, other.ID)
		}
	}
}

func (m *mail) drop(t require.TestingT, e *trace.Event) {
	p := m.find(e.ID)
	require.NotNil(t, p, "nobody offered it")
	require.Contains(t, []sim.NodeID{p.Node, p.Peer}, e.Node)
	require.NotContains(t, p.gone, e.Why)
	if e.Why == trace.LostInSession {
		m.counted.Lost++
	}
	if e.Node == p.Node && e.Why != trace.LostInSession {
		require.Empty(t, p.delivered, "dropped though it was read")
	}
	if e.Why == trace.LostInSession && m.config.OnReconnect == "resume" {
		require.True(t, m.fallen[p.Node] || m.fallen[p.Peer], "lost by a session that resumes, between nodes that never went down")
	}
	p.gone = append(p.gone, e.Why)
}

// room: what a session holds is bounded: the queue, what may be under way or wait for
// its reader, and for a short while what waits for room.
func (m *mail) room(t require.TestingT, e *trace.Event) {
	held, before := 0, e.T
	if m.config.Overflow == "block" {
		before = e.T.Add(-m.config.BlockTimeout)
	}
	for _, p := range m.parcels {
		if p.open() && !p.lost && p.Node == e.Node && p.Peer == e.Peer && p.T < before {
			held++
		}
	}
	require.LessOrEqual(t, held, int(m.config.MaxQueue+m.config.Window))
}

// sure reports whether a message has to be read: its ends never went down, the session
// resumes, and there was room for it.
func (m *mail) sure(p *parcel) bool {
	if m.fallen[p.Node] || m.fallen[p.Peer] || m.config.OnReconnect == "clear" {
		return false
	}
	return len(p.gone) == 0 || !m.overflow[p.gone[0]]
}

// excused reports whether a message may still be open at the end: if an end lost its
// key, or if its reader went down with what it had acknowledged and not read.
func (m *mail) excused(p *parcel) bool {
	return m.strange[p.Node] || m.strange[p.Peer] || p.lost && m.config.ReadInterval > 0
}

// fairness is Jain's index, (Σx)²/(n·Σx²), of the bytes x that the applications of each
// pair got through.
func (m *mail) fairness() float64 {
	got := map[[2]sim.NodeID]float64{}
	for _, p := range m.parcels {
		if !p.written() {
			continue
		}
		got[[2]sim.NodeID{p.Node, p.Peer}] += float64(int64(len(p.delivered)) * p.Size)
	}
	sum, squares := 0.0, 0.0
	for _, x := range got {
		sum, squares = sum+x, squares+x*x
	}
	if squares == 0 {
		return 0
	}
	return sum * sum / (float64(len(got)) * squares)
}

// TestMailArrives holds sessions to what they promise, by lists of what was offered: every
// message at most once and in order, exactly once if its ends never went down and there was
// room; in time once the faults are over; and none is forgotten.
func TestMailArrives(t *testing.T) {
	var drawn sizes
	sure, read, whys := 0, 0, map[string]int{}
	gen.Check(t, correspondence, func(t *rapid.T, s *scenarios.Scenario) {
		drawn.add(int(s.Topology.Kind.(scenarios.OwnLinks).Nodes))
		events, result := record(t, s, trace.NodeDown, trace.NodeUp, trace.SessionOpen, trace.SessionClose, trace.SessionRetransmit, trace.SessionOverflow,
			trace.SessionOffer, trace.SessionDeliver, trace.SessionDrop)
		m := newMail(t, s)
		for i := range events {
			m.tell(t, &events[i])
		}
		open, written := 0, 0
		for _, p := range m.parcels {
			if p.written() {
				written++
				if p.open() {
					open++
				}
			}
			if p.open() {
				require.True(t, m.excused(p), "message %d of %s, offered at %v by node %d to %d, is neither read nor dropped", p.N, p.Flow.Name, p.T, p.Node, p.Peer)
			}
			if m.sure(p) {
				sure++
				require.True(t, len(p.delivered) == 1 || len(p.gone) == 1, "%v", p)
			}
			for _, why := range p.gone {
				whys[why]++
			}
		}
		read += m.read
		m.counted.Fairness = result.Metrics.Sessions.Fairness
		require.Equal(t, m.counted, result.Metrics.Sessions)
		require.InDelta(t, m.fairness(), m.counted.Fairness, 1e-9)
		require.EqualValues(t, written, result.Metrics.Traffic.Sent)
		require.EqualValues(t, open, result.Metrics.Traffic.InFlight)
	})
	drawn.check(t)
	t.Logf("%d messages read, %d had to be, dropped: %v", read, sure, whys)
	assert.Greater(t, sure, 1000)
}
