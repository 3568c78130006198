package mesh

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/rtt"
	"meshsim/sim"
	"meshsim/trace"
)

// What a node says arrives in order and once, though a third of all is lost.
func TestSessionsCarryInOrder(t *testing.T) {
	k := newTalkers(t, 2, plainSession(), nil, nil)
	lost := 0
	k.lose = func(sim.NodeID, sim.NodeID, string) bool { lost++; return lost%3 == 0 }
	var want, got []string
	for i := range 60 {
		k.say(0, 1, "NOTE")
		k.run(20 * time.Millisecond)
		want = append(want, fmt.Sprintf("n1 n0 deliver NOTE state %d #%d", i, i))
	}
	k.run(time.Minute)
	for _, e := range k.look() {
		if len(e) > 13 && e[:13] == "n1 n0 deliver" {
			got = append(got, e)
		}
	}
	assert.Equal(t, want, got)
	stats := k.session(0, 1).session.Stats()
	assert.EqualValues(t, 60, stats.Sent)
	assert.Positive(t, stats.Retransmits)
}

// An answer goes back through the session of the request; broadcasts, messages to
// oneself and handshakes go through none.
func TestWhatGoesThroughSessions(t *testing.T) {
	echo := func(m *Envelope) (Answer, bool) {
		if m.Sign != (Signature{}) && m.Destination == 1 {
			return Answer{}, false // it would be an envelope
		}
		return Answer{"ECHO", 10}, m.Type == "ASK"
	}
	facts := &Facts{All: []Fact{knowledge("f", "d", "rr")}}
	k := newTalkers(t, 2, plainSession(), facts, nil, func(c *Config) { c.Protocols = append(c.Protocols, NewApplication(echo, "ASK")) })
	k.say(0, 1, "ASK")
	k.run(aWhile)
	assert.Equal(t, []string{
		"n0 n1 offer ASK state 0", "n1 n0 open 0", "n0 n1 open 0", "n1 n0 deliver ASK state 0 #0", "n1 n0 offer ECHO state 0", "n0 n1 deliver ECHO state 0 #0",
	}, k.look())

	k.say(0, sim.Everyone, "ASK")
	k.say(0, 0, "NOTE")
	k.meet([2]sim.NodeID{0, 1})
	assert.NotContains(t, k.look(), "n0 n1 offer ASK state 1", "a broadcast")
	assert.Empty(t, k.look(), "a handshake")
	k.propose(0, 1, 0)
	assert.Equal(t, []string{
		"n0 n1 offer FACT_PROPOSE knowledge 0", "n1 n0 deliver FACT_PROPOSE knowledge 0 #0",
		"n1 n0 offer FACT_CONFIRM knowledge 0", "n0 n1 deliver FACT_CONFIRM knowledge 0 #0",
	}, k.look())
	assert.Contains(t, k.heard(1), "n1: n0 probing→trusted verified by local")
}

// What a full queue does, in the record's words.
func TestOverflowOfSessions(t *testing.T) {
	for policy, want := range map[rtt.Overflow][]string{
		rtt.FailFast:   {"n0 n1 overflow state error", "n0 n1 drop NOTE state 1: error"},
		rtt.DropOldest: {"n0 n1 drop NOTE state 0: drop_oldest", "n0 n1 overflow state drop_oldest"},
		rtt.DropNewest: {"n0 n1 overflow state drop_newest", "n0 n1 drop NOTE state 1: drop_newest"},
		rtt.Block:      {"n0 n1 overflow state block", "n0 n1 drop NOTE state 1: timeout"},
	} {
		cfg := plainSession()
		cfg.MaxQueue, cfg.Overflow = 1, policy
		k := newTalkers(t, 2, cfg, nil, nil)
		k.lose = func(sim.NodeID, sim.NodeID, string) bool { return true }
		k.say(0, 1, "NOTE")
		k.look()
		k.say(0, 1, "NOTE")
		k.run(cfg.BlockTimeout - 1)
		if policy == rtt.Block {
			assert.Equal(t, append([]string{"n0 n1 offer NOTE state 1"}, want[:1]...), k.look(), "it waits")
			k.run(1)
			assert.Equal(t, want[1:], k.look())
			continue
		}
		assert.Equal(t, append([]string{"n0 n1 offer NOTE state 1"}, want...), k.look(), policy)
	}
}

// Whose session closed gets no room in a queue that is full.
func TestAFullQueueOfAClosedSession(t *testing.T) {
	cfg := plainSession()
	cfg.MaxQueue, cfg.Overflow = 1, rtt.Block
	k := newTalkers(t, 2, cfg, nil, nil)
	k.open(0, 1)
	k.do(0, Command{Kind: Disconnect, Peer: 1})
	k.say(0, 1, "NOTE")
	k.say(0, 1, "NOTE")
	assert.Equal(t, []string{
		"n0 n1 close disconnect", "n0 n1 offer NOTE state 0", "n0 n1 offer NOTE state 1", "n0 n1 overflow state block", "n0 n1 drop NOTE state 1: disconnected",
	}, k.look())
	k.run(aWhile)
	assert.Equal(t, []string{"n1 n0 close peer"}, k.look(), "and it stays closed")
	k.do(0, Command{Kind: Reconnect, Peer: 1})
	k.run(aWhile)
	assert.Equal(t, []string{"n1 n0 open 1", "n0 n1 open 1", "n1 n0 deliver NOTE state 0 #0"}, k.look())
}

func TestSilenceClosesASession(t *testing.T) {
	k := newTalkers(t, 2, plainSession(), nil, nil)
	k.open(0, 1)
	k.lose = func(from, _ sim.NodeID, _ string) bool { return from == 1 }
	k.run(2 * time.Second)
	assert.Equal(t, []string{"n0 n1 silence", "n0 n1 close heartbeat_timeout"}, k.look())
	k.lose = func(_, _ sim.NodeID, _ string) bool { return false }
	k.run(2 * time.Second)
	assert.Equal(t, []string{"n0 n1 open 1"}, k.look(), "the other end never noticed")
}

// A peer that is blocked has no session: what waits for it is lost, what it still has
// for the node is not taken, and nothing is offered to it any more.
func TestBlockingEndsASession(t *testing.T) {
	cfg := plainSession()
	cfg.ReadInterval = 100 * time.Millisecond
	k := newTalkers(t, 2, cfg, nil, nil)
	k.open(0, 1)
	for range 3 {
		k.say(1, 0, "NOTE")
	}
	k.run(2 * linkTime)
	k.lose = func(sim.NodeID, sim.NodeID, string) bool { return true }
	k.say(0, 1, "NOTE")
	k.look()
	k.block(0, 1)
	k.say(0, 1, "NOTE")
	k.run(aWhile)
	var own []string
	for _, e := range k.look() {
		if e[:2] == "n0" {
			own = append(own, e)
		}
	}
	assert.Equal(t, []string{
		"n0 n1 drop NOTE state 3: lost", "n0 n1 close blocked", "n0 n1 offer NOTE state 4", "n0 n1 drop NOTE state 4: blocked",
		"n0 n1 drop NOTE state 1: blocked", "n0 n1 drop NOTE state 2: blocked",
	}, own)
}

// A restart of the peer ends the session for good, and the handshake with it.
func TestARebornPeer(t *testing.T) {
	k := newTalkers(t, 2, plainSession(), nil, nil)
	k.meet([2]sim.NodeID{0, 1})
	k.open(0, 1)
	require.Equal(t, "established", k.hs[0].Meetings()[0].State)
	first := k.session(0, 1).number
	require.Equal(t, first, k.session(1, 0).number, "both ends call it the same")

	k.lose = func(_, to sim.NodeID, _ string) bool { return to == 1 }
	k.say(0, 1, "NOTE")
	k.lose = func(_, _ sim.NodeID, _ string) bool { return false }
	k.restart(1, 2)
	k.look()
	k.say(1, 0, "NOTE")
	k.run(100 * time.Millisecond)
	assert.Equal(t, []string{
		"n1 n0 offer NOTE state 1", "n0 n1 drop NOTE state 0: lost", "n0 n1 close reborn", "n0 n1 open 0", "n1 n0 open 0", "n0 n1 deliver NOTE state 1 #0",
	}, k.look())
	assert.NotEqual(t, first, k.session(0, 1).number)
	assert.Equal(t, k.session(0, 1).number, k.session(1, 0).number)
	m := k.hs[0].Meetings()[0]
	assert.Equal(t, "established", m.State, "it was its own wish, so it shakes hands again")
	assert.EqualValues(t, 2, m.Incarnation)
	k.run(aWhile)
	assert.Equal(t, "established", k.hs[1].Meetings()[0].State, "with who is there now")
}

// A peer with another key is another peer: what was for the old one is lost.
func TestAPeerWithAnotherKey(t *testing.T) {
	k := newTalkers(t, 3, plainSession(), nil, nil)
	k.open(0, 1)
	k.lose = func(sim.NodeID, sim.NodeID, string) bool { return true }
	k.say(0, 1, "NOTE")
	k.look()
	k.nodes[0].pin(1, identity(3, 2).Public())
	k.say(0, 1, "NOTE")
	assert.Equal(t, []string{"n0 n1 offer NOTE state 1", "n0 n1 drop NOTE state 0: lost", "n0 n1 close override"}, k.look())
	assert.Equal(t, identity(3, 2).Public().print(), k.session(0, 1).session.Name().To.print())
}

// What is refused of a segment, and how the record words it.
func TestRefusedSegments(t *testing.T) {
	k := newTalkers(t, 3, plainSession(), nil, nil)
	k.open(0, 1)
	good := rtt.Segment[*PublicKey, *Envelope]{Kind: rtt.Data, Name: k.session(0, 1).session.Name(), Attempt: 1, Echo: 1, Message: &Envelope{Type: "NOTE"}, Size: 1, Credit: 256}
	for name, c := range map[string]struct {
		change func(g *segment)
		want   trace.Reason
	}{
		"as it should be":    {func(*segment) {}, trace.NoReason},
		"another key":        {func(g *segment) { g.Name.From = identity(3, 2).Public() }, trace.IdentityConflict},
		"beyond the window":  {func(g *segment) { g.Seq = 1 << 20 }, trace.Replay},
		"an older session":   {func(g *segment) { g.Name.Number = 0 }, trace.Stale},
		"an older existence": {func(g *segment) { g.Name.FromIncarnation = 0 }, trace.Stale},
	} {
		g := good
		c.change(&g)
		var out Outbox
		context := k.nodes[1].protocols.in(int(k.nodes[1].sessionsAt), k.engine.Now(), &out)
		e := &Envelope{Type: "RTT_DATA", Origin: 0, Destination: 1, Payload: &rttSegment{g: g}, Hops: []sim.NodeID{1}}
		assert.Equal(t, c.want, k.nodes[1].sessions.Take(context, e, 0), name)
	}
	var out Outbox
	context := k.nodes[1].protocols.in(int(k.nodes[1].sessionsAt), k.engine.Now(), &out)
	for name, e := range map[string]*Envelope{
		"no segment":  {Type: "RTT_DATA", Origin: 0, Destination: 1},
		"a broadcast": {Type: "RTT_OPEN", Origin: 0, Destination: sim.Everyone, Payload: &rttSegment{g: good}},
		"from itself": {Type: "RTT_OPEN", Origin: 1, Destination: 1, Payload: &rttSegment{g: good}},
	} {
		assert.Equal(t, trace.UnknownType, k.nodes[1].sessions.Take(context, e, 0), name)
	}
}

// A type that belongs to a protocol which the receiver does not speak.
func TestAMessageThatNobodyTakes(t *testing.T) {
	k := newTalkers(t, 2, plainSession(), nil, nil)
	var out Outbox
	c := k.nodes[0].protocols.in(0, k.engine.Now(), &out)
	p := &rttSegment{g: rtt.Segment[*PublicKey, *Envelope]{Name: rtt.Name[*PublicKey]{From: identity(2, 0).Public(), To: identity(2, 1).Public()}}}
	p.pour(&sealer{text: nil, keep: true})
	c.Send("LIP_FETCH", p, 1)
	k.perform(0, &out)
	k.run(aWhile)
	assert.Contains(t, k.look(), "n1 n0 drop LIP_FETCH knowledge 0: unknown_type")
}

// A clock that is set back stands still for sessions: nothing is due twice, and nothing
// never.
func TestSessionsWithAClockThatIsSetBack(t *testing.T) {
	s := &Sessions{}
	at := func(now time.Duration) time.Duration { return time.Duration(s.clock(&Context{Now: clock.Time(now)})) }
	s.restart(&Context{Now: clock.Time(time.Hour)}, 1)
	assert.Equal(t, time.Duration(0), at(time.Hour))
	assert.Equal(t, time.Second, at(time.Hour+time.Second))
	assert.Equal(t, time.Second, at(time.Minute))
	assert.Equal(t, 2*time.Second, at(time.Minute+time.Second))
}

// A segment is as large as the message in it, and who opens a session becomes known.
func TestSizeAndAcquaintance(t *testing.T) {
	k := newTalkers(t, 2, plainSession(), nil, nil)
	m := &Envelope{Type: "NOTE", Size: 100}
	name := rtt.Name[*PublicKey]{From: identity(2, 0).Public(), To: identity(2, 1).Public()}
	var w sealer
	assert.EqualValues(t, 100, (&rttSegment{g: segment{Name: name, Kind: rtt.Data, Message: m}}).pour(&w))
	assert.Zero(t, (&rttSegment{g: segment{Name: name}}).pour(&w))
	known := k.nodes[1].sessions.Registry
	known.Remove(0)
	k.open(0, 1)
	assert.True(t, known.Has(0))
	assert.Equal(t, "open", k.nodes[0].Sessions()[0].State)
}
