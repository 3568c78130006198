package trace

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
)

// talk is what happens to message n of a session from alfa to bravo.
func spoken(k Kind, n int, more ...func(*Event)) Event {
	e := Event{Kind: k, Node: alfa, Peer: bravo, Payload: Payload{ID: EnvelopeID{byte(n), byte(n >> 8), 0xee}, Type: "NOTE", Flow: Flow{Name: "t1"}, N: int64(n), Channel: "state", Session: 7}}
	if k == SessionDeliver {
		e.Node, e.Peer, e.Index, e.SegmentHops = bravo, alfa, int64(n), 3
	}
	for _, change := range more {
		change(&e)
	}
	return e
}

func lasting(d time.Duration) func(*Event) { return func(e *Event) { e.Latency = d } }
func because(why string) func(*Event)      { return func(e *Event) { e.Why = why } }
func index(i int64) func(*Event)           { return func(e *Event) { e.Index = i } }
func ofSession(s uint64) func(*Event)      { return func(e *Event) { e.Session = s } }

func TestMetricsOfSessions(t *testing.T) {
	down := Event{Kind: NodeDown, Node: alfa, Peer: sim.NoNode}
	type counts struct{ sent, delivered, inFlight, lost int64 }
	for _, c := range []struct {
		name  string
		story []Event
		want  counts
	}{
		{"offered", []Event{spoken(SessionOffer, 1), spoken(SessionOffer, 2)}, counts{sent: 2, inFlight: 2}},
		{"delivered", []Event{spoken(SessionOffer, 1), spoken(SessionDeliver, 1, lasting(5))}, counts{sent: 1, delivered: 1}},
		{"dropped by a full queue", []Event{spoken(SessionOffer, 1), spoken(SessionDrop, 1, because("error"))}, counts{sent: 1}},
		{"lost", []Event{spoken(SessionOffer, 1), spoken(SessionDrop, 1, because("lost"))}, counts{sent: 1, lost: 1}},
		{"lost, as its sender thinks", []Event{spoken(SessionOffer, 1), spoken(SessionDeliver, 1), spoken(SessionDrop, 1, because("lost"))}, counts{sent: 1, delivered: 1, lost: 1}},
		{"lost, but it was on its way", []Event{spoken(SessionOffer, 1), spoken(SessionDrop, 1, because("lost")), spoken(SessionDeliver, 1)}, counts{sent: 1, delivered: 1, lost: 1}},
		{"its sender goes down", []Event{spoken(SessionOffer, 1), spoken(SessionOffer, 2), spoken(SessionDeliver, 1), down}, counts{sent: 2, delivered: 1, lost: 1}},
		{"its receiver goes down", []Event{spoken(SessionOffer, 1), {Kind: NodeDown, Node: bravo}}, counts{sent: 1, inFlight: 1}},
		{"a place that is used again", []Event{spoken(SessionOffer, 1), spoken(SessionDeliver, 1), spoken(SessionOffer, 2), down, spoken(SessionOffer, 3)}, counts{sent: 3, delivered: 1, inFlight: 1, lost: 1}},
		{"of no traffic", []Event{spoken(SessionOffer, 1, func(e *Event) { e.Flow = Flow{} }), spoken(SessionDeliver, 1, func(e *Event) { e.Flow = Flow{} })}, counts{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := observe(100, MetricsConfig{To: clock.Never})
			o.tell(c.story...)
			s := o.Metrics.Summary()
			assert.Equal(t, c.want, counts{s.Traffic.Sent, s.Traffic.Delivered, s.Traffic.InFlight, s.Sessions.Lost})
			assert.Equal(t, c.want.sent, s.Traffic.Expected)
			if c.want.delivered > 0 {
				assert.EqualValues(t, 3, s.Traffic.Hops.Max)
			}
		})
	}
}

// A segment of a message is no message of its own, but what its copies cost is the
// application's.
func TestSegmentsAreNoMessages(t *testing.T) {
	o := observe(100, MetricsConfig{To: clock.Never})
	sent := letter{1, alfa, bravo, "t1"}.sent(1)
	sent.Type = "RTT_DATA"
	o.tell(sent)
	s := o.Metrics.Summary()
	assert.Zero(t, s.Traffic.Sent)
	assert.Zero(t, s.Traffic.InFlight)
	assert.Zero(t, s.Control.Envelopes)
}

func TestCountsOfSessions(t *testing.T) {
	s := NewSessions(len(fourNames))
	emit := func(k Kind, reconnects int64) {
		s.Emit(&Event{Kind: k, Node: alfa, Peer: bravo, Payload: Payload{Reconnects: reconnects}})
	}
	emit(SessionOpen, 0)
	assert.True(t, s.Up(alfa, bravo))
	assert.False(t, s.Up(bravo, alfa), "the other end has told nothing")
	emit(HeartbeatTimeout, 0)
	emit(SessionClose, 0)
	assert.False(t, s.Up(alfa, bravo))
	emit(SessionOpen, 1)
	emit(SessionRetransmit, 0)
	emit(SessionOverflow, 0)
	emit(SessionOverflow, 0)
	assert.Equal(t, SessionSummary{Opened: 2, Closed: 1, Reconnects: 1, Retransmits: 1, Overflow: 2}, s.Summary())
	emit(NodeDown, 0)
	assert.False(t, s.Up(alfa, bravo), "it went down with its node")
}

func TestInvariantsOfSessions(t *testing.T) {
	for _, c := range []struct {
		name        string
		story       []Event
		once, order string // what is wrong with the last event
	}{
		{"in order", []Event{spoken(SessionDeliver, 1), spoken(SessionDeliver, 2), spoken(SessionDeliver, 4)}, "", ""},
		{"twice", []Event{spoken(SessionDeliver, 1), spoken(SessionDeliver, 2), spoken(SessionDeliver, 1, index(3))}, "bravo gets NOTE t1/1 of alfa twice from their session", ""},
		{"twice, in another session", []Event{spoken(SessionDeliver, 1), spoken(SessionDeliver, 1, index(0), ofSession(8))}, "bravo gets NOTE t1/1 of alfa twice from their session", ""},
		{"overtaken", []Event{spoken(SessionDeliver, 2), spoken(SessionDeliver, 1)}, "", "bravo gets message 1 of channel state from alfa after message 2"},
		{"the same place", []Event{spoken(SessionDeliver, 2), spoken(SessionDeliver, 3, index(2))}, "", "bravo gets message 2 of channel state from alfa after message 2"},
		{"another channel", []Event{spoken(SessionDeliver, 2), spoken(SessionDeliver, 1, func(e *Event) { e.Channel = "control" })}, "", ""},
		{"another session", []Event{spoken(SessionDeliver, 2), spoken(SessionDeliver, 1, ofSession(8))}, "", ""},
		{"another pair", []Event{spoken(SessionDeliver, 2), spoken(SessionDeliver, 1, func(e *Event) { e.Peer = charlie })}, "", ""},
		{"what is no delivery", []Event{spoken(SessionDeliver, 1), spoken(SessionOffer, 1), spoken(SessionDrop, 1)}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			once, order := NewSessionOnce(fourNames), NewChannelOrder(fourNames)
			for i, e := range c.story {
				require.Equal(t, "passed", once.Result().Verdict)
				require.Equal(t, "passed", order.Result().Verdict)
				e.Seq = uint64(i + 1)
				once.Emit(&e)
				order.Emit(&e)
			}
			assert.Equal(t, c.once, once.Result().Detail)
			assert.Equal(t, c.order, order.Result().Detail)
			assert.Equal(t, once.Result().Evaluations, order.Result().Evaluations)
		})
	}
}

// SessionOnce is bounded: of very many deliveries the oldest are forgotten.
func TestSessionOnceForgets(t *testing.T) {
	c := NewSessionOnce(fourNames)
	for n := range mostDelivered + 10 {
		e := spoken(SessionDeliver, n, func(e *Event) { e.ID[5] = byte(n >> 16) })
		c.Emit(&e)
	}
	assert.Len(t, c.known, mostDelivered)
	assert.Len(t, c.ring, mostDelivered)
	e := spoken(SessionDeliver, 10)
	c.Emit(&e)
	assert.Equal(t, "failed", c.Result().Verdict, "the oldest that it knows")
}

// A node takes nothing from its session with a peer that it blocks.
func TestBlockedCheckOfSessions(t *testing.T) {
	peers := NewPeers(MetricsConfig{Nodes: len(fourNames)})
	c := NewBlockedCheck(peers, fourNames)
	e := spoken(SessionDeliver, 1)
	c.Emit(&e)
	assert.Equal(t, "passed", c.Result().Verdict)
	peers.Emit(&Event{Kind: TrustUpdated, Node: bravo, Peer: alfa, Payload: Payload{From: unknown, To: blocked, Evidence: byMalicious}})
	c.Emit(&e)
	assert.Equal(t, "bravo takes NOTE t1/1 from its session with alfa, which it holds at blocked", c.Result().Detail)
}

func TestWordsOfSessions(t *testing.T) {
	for k, want := range map[Kind]string{
		SessionOpen: "session with bravo open again, for the 2. time", SessionClose: "session with bravo closed: peer",
		HeartbeatTimeout: "nothing heard of bravo for too long", SessionRetransmit: "sends segment 4 to bravo again (state)",
		SessionOverflow: "queue to bravo is full (state, block)", SessionOffer: "hands NOTE t1/1 for bravo to their session (state)",
		SessionDeliver: "gets NOTE t1/1 of bravo from their session (state 1), after 5ns", SessionDrop: "session with bravo drops NOTE t1/1: peer",
	} {
		e := spoken(k, 1, lasting(5), because("peer"), func(e *Event) { e.Node, e.Peer, e.Reconnects, e.Seqno, e.Policy = alfa, bravo, 2, 4, "block" })
		assert.Equal(t, want, Words(fourNames, &e))
	}
}
