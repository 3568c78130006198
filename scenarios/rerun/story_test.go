package rerun

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// The nodes of these stories; mallory is no honest one.
const (
	alfa sim.NodeID = iota
	bravo
	charlie
	mallory
)

var cast = []string{"alfa", "bravo", "charlie", "mallory"}

// told is the story of these events, until 20 s.
func told(from, to time.Duration, events ...trace.Event) []Phase {
	n := newNarrator(cast, nil, []scenarios.Misconduct{{Behaviour: "lie", Nodes: []sim.NodeID{mallory}, From: clock.Time(from), To: clock.Time(to)}})
	for i := range events {
		events[i].Seq = uint64(i + 1)
		n.Emit(&events[i])
	}
	return n.finish(clock.Time(20 * time.Second))
}

func after(d time.Duration, kind trace.Kind, node, peer sim.NodeID, p trace.Payload) trace.Event {
	return trace.Event{Kind: kind, T: clock.Time(d), Node: node, Peer: peer, Payload: p}
}

// moves is a change of mind.
func moves(d time.Duration, node, peer sim.NodeID, from, to trust.Level, e trust.Event, by string, voices ...sim.NodeID) trace.Event {
	return after(d, trace.TrustUpdated, node, peer, trace.Payload{
		From: trace.Trust(from), To: trace.Trust(to), Evidence: trace.Evidence(e), By: by, Voices: voices,
	})
}

func at(d time.Duration) clock.Time { return clock.Time(d) }

// A phase begins where a fault, an adversary or an operator changes something, and
// once for all that change at an instant; none begins as the run ends.
func TestPhasesBeginWithChanges(t *testing.T) {
	fault := trace.Payload{What: "partition", Name: "cut"}
	type span struct {
		from, to         time.Duration
		faults, misdeeds []string
	}
	var lies, cut = []string{"adversary mallory (lie)"}, []string{`partition "cut"`}
	second := time.Second
	for _, c := range []struct {
		name     string
		from, to time.Duration
		events   []trace.Event
		want     []span
	}{
		{"nothing", 20 * second, 30 * second, nil, []span{{0, 20 * second, nil, nil}}},
		{"from the start", 0, time.Duration(clock.Never), nil, []span{{0, 20 * second, nil, lies}}},
		{"for a while", 5 * second, 8 * second, nil, []span{{0, 5 * second, nil, nil}, {5 * second, 8 * second, nil, lies}, {8 * second, 20 * second, nil, nil}}},
		{"with a fault", 5 * second, 8 * second, []trace.Event{
			after(5*second, trace.FaultBegin, sim.NoNode, sim.NoNode, fault), after(9*second, trace.FaultEnd, sim.NoNode, sim.NoNode, fault),
		}, []span{{0, 5 * second, nil, nil}, {5 * second, 8 * second, cut, lies}, {8 * second, 9 * second, cut, nil}, {9 * second, 20 * second, nil, nil}}},
		{"an operator, twice at once", 30 * second, 40 * second, []trace.Event{
			after(2*second, trace.Action, alfa, bravo, trace.Payload{What: "warn"}), after(2*second, trace.Action, alfa, charlie, trace.Payload{What: "warn"}),
		}, []span{{0, 2 * second, nil, nil}, {2 * second, 20 * second, nil, nil}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []span
			for _, p := range told(c.from, c.to, c.events...) {
				got = append(got, span{time.Duration(p.From), time.Duration(p.To), nilIfNone(p.Faults), nilIfNone(p.Misdeeds)})
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func nilIfNone(all []string) []string { return append([]string(nil), all...) }

func TestStoryOfTrust(t *testing.T) {
	const before, lie = time.Second, 10 * time.Second
	var events []trace.Event
	for _, pair := range [][2]sim.NodeID{
		{alfa, bravo}, {mallory, alfa}, {alfa, charlie}, {alfa, mallory}, {bravo, alfa}, {bravo, charlie}, {bravo, mallory}, {charlie, alfa}, {charlie, bravo}, {charlie, mallory},
	} {
		events = append(events, moves(before+time.Duration(len(events)), pair[0], pair[1], trust.Probing, trust.Trusted, trust.Verified, "local"))
	}
	events = append(events,
		after(before+20, trace.HandshakeCompleted, alfa, bravo, trace.Payload{}), // which changes nothing
		moves(lie, bravo, mallory, trust.Trusted, trust.Probing, trust.Conflict, "contradiction"),
		moves(lie+1, bravo, mallory, trust.Probing, trust.Blocked, trust.Conflict, "contradiction"),
		after(lie+2, trace.Warned, charlie, bravo, trace.Payload{Subject: mallory}),
		after(lie+3, trace.Warned, charlie, bravo, trace.Payload{Subject: mallory}),
		after(lie+3, trace.Warned, mallory, bravo, trace.Payload{Subject: alfa}), // who hears it is a liar
		moves(lie+4, charlie, mallory, trust.Trusted, trust.Blocked, trust.Conflict, "warnings", bravo),
		moves(lie+5, mallory, alfa, trust.Trusted, trust.Blocked, trust.Malicious, ""), // a liar's opinion
		moves(lie+6, alfa, bravo, trust.Trusted, trust.Probing, trust.Decay, ""),
	)
	phases := told(5*time.Second, 15*time.Second, events...)
	require.Len(t, phases, 3)

	says := func(who, whom string) string {
		return "what " + who + " says agrees with what " + whom + " knows at first hand"
	}
	assert.Equal(t, TrustTale{
		Gained: 9, First: Turn{at(before), "alfa", "bravo", says("bravo", "alfa")}, Last: Turn{at(before + 9), "charlie", "mallory", says("mallory", "charlie")},
		Pairs: 9, Of: 9, Everyone: true, Since: at(before + 9),
	}, phases[0].Trust)

	exposed := "what mallory says contradicts what bravo knows at first hand"
	assert.Equal(t, TrustTale{
		Faded: 1, Pairs: 6, Of: 9,
		Suspects: []Suspect{{
			Name: "mallory", Doubts: 1, FirstDoubt: Turn{at(lie), "bravo", "mallory", exposed},
			Blocks: 2, First: Turn{at(lie + 1), "bravo", "mallory", exposed},
			Last: Turn{at(lie + 4), "charlie", "mallory", "bravo, whom charlie trusts, warn of mallory"},
			By:   []Count{{"contradiction", 1}, {"warnings", 1}}, Warnings: 2, FirstWarning: Turn{T: at(lie + 2), Node: "charlie", Peer: "bravo"},
			Warners: []string{"bravo"}, Blockers: 2, Of: 3,
		}},
	}, phases[1].Trust)
	assert.Equal(t, TrustTale{Pairs: 6, Of: 9}, phases[2].Trust)
}

// Who lost its state trusts nobody any more but its anchors.
func TestStoryOfAnAmnesiac(t *testing.T) {
	n := newNarrator([]string{"alfa", "bravo"}, trace.Anchors{alfa: {bravo}, bravo: nil}, nil)
	n.Emit(&trace.Event{Kind: trace.TrustUpdated, T: 1, Node: bravo, Peer: alfa, Payload: moves(0, bravo, alfa, trust.Probing, trust.Trusted, trust.Verified, "local").Payload})
	n.close(2)
	assert.Equal(t, TrustTale{
		AllHonest: true, Gained: 1, First: n.now().Trust.First, Last: n.now().Trust.First, Pairs: 2, Of: 2, Everyone: true, Since: 1,
	}, n.now().Trust)
	for _, node := range []sim.NodeID{alfa, bravo} {
		n.Emit(&trace.Event{Kind: trace.NodeUp, T: 3, Node: node, Peer: sim.NoNode, Payload: trace.Payload{Incarnation: 2, Lose: trace.LoseState}})
	}
	n.close(4)
	assert.Equal(t, []any{int64(1), false}, []any{n.now().Trust.Pairs, n.now().Trust.Everyone})
}

func TestStoryOfClaims(t *testing.T) {
	claim := trace.Payload{Claim: "m/a/1", Statement: "bridge-open"}
	resolved := trace.Payload{Claim: "m/a/1", State: "rejected", Voices: []sim.NodeID{bravo, charlie}}
	other := trace.Payload{Claim: "c/a/1", Statement: "ferry-runs", Holds: true}
	phases := told(5*time.Second, 9*time.Second,
		after(1, trace.ClaimReceived, alfa, mallory, claim),
		after(2, trace.ClaimReceived, alfa, charlie, other),
		after(3, trace.ClaimReceived, mallory, charlie, other), // what a liar makes of it nobody asks
		after(6*time.Second, trace.ClaimResolved, alfa, mallory, resolved),
		after(10*time.Second, trace.NodeUp, alfa, sim.NoNode, trace.Payload{Lose: trace.LoseState}),
	)
	assert.Equal(t, []ClaimsTale{
		{Received: 2, Waiting: 2, Turns: []string{
			"at 1ns alfa hears the claim m/a/1 of mallory: bridge-open does not hold", "at 2ns alfa hears the claim c/a/1 of charlie: ferry-runs holds",
		}},
		{Decided: []Count{{"rejected", 1}}, Waiting: 1, Turns: []string{"at 6s the claim m/a/1 is rejected at alfa, on the word of bravo, charlie"}},
		{Decided: []Count{{"forgotten", 1}}},
	}, []ClaimsTale{phases[0].Claims, phases[1].Claims, phases[2].Claims})
}

func TestStoryOfSessions(t *testing.T) {
	message := func(n byte) trace.Payload {
		return trace.Payload{ID: trace.EnvelopeID{n}, Type: "MESSAGE", Size: 125, Flow: trace.Flow{Name: "news"}}
	}
	segment := func(r trace.Reason) trace.Payload {
		return trace.Payload{ID: trace.EnvelopeID{99}, Type: "RTT_DATA", Flow: trace.Flow{Name: "news"}, Reason: r}
	}
	read := func(n byte, latency time.Duration) trace.Payload {
		p := message(n)
		p.Latency, p.SegmentHops = latency, 2
		return p
	}
	why := func(n byte, why string) trace.Payload {
		p := message(n)
		p.Why = why
		return p
	}
	control := message(50)
	control.Flow = trace.Flow{}
	s := time.Second
	phases := told(10*s, 30*s,
		after(0, trace.NodeUp, alfa, sim.NoNode, trace.Payload{}),
		after(1*s, trace.SessionOffer, alfa, bravo, message(1)),
		after(1*s, trace.SessionOpen, alfa, bravo, trace.Payload{}),
		after(2*s, trace.SessionOffer, alfa, bravo, message(2)),
		after(2*s, trace.SessionOverflow, alfa, bravo, trace.Payload{Policy: "block"}),
		after(3*s, trace.SessionOffer, charlie, bravo, message(3)),
		after(3*s, trace.SessionOffer, charlie, bravo, control),
		after(3*s, trace.EnvelopeSent, alfa, bravo, segment(0)),
		after(3*s, trace.EnvelopeDropped, alfa, bravo, segment(trace.QueueFull)),
		after(3*s, trace.EnvelopeDropped, alfa, bravo, segment(trace.Stale)),
		after(4*s, trace.SessionRetransmit, alfa, bravo, trace.Payload{}),
		after(4*s, trace.SessionOverflow, alfa, bravo, trace.Payload{Policy: "block"}),
		after(5*s, trace.SessionDeliver, bravo, alfa, read(1, 4*s)),
		after(6*s, trace.SessionDeliver, bravo, alfa, read(2, 4*s)),
		after(7*s, trace.HeartbeatTimeout, alfa, bravo, trace.Payload{}),
		after(7*s, trace.SessionClose, alfa, bravo, trace.Payload{Why: "heartbeat_timeout"}),
		after(8*s, trace.SessionOpen, alfa, bravo, trace.Payload{Reconnects: 1}),
		after(9*s, trace.SessionOffer, alfa, bravo, message(4)),
		after(9*s, trace.NodeDown, alfa, sim.NoNode, trace.Payload{}),
		after(10*s, trace.HeartbeatTimeout, bravo, alfa, trace.Payload{}),
		after(11*s, trace.SessionOffer, charlie, bravo, message(5)),
		after(12*s, trace.SessionDeliver, bravo, alfa, read(4, 3*s)), // it was on its way: alfa's session holds it no more
		after(13*s, trace.SessionDrop, charlie, bravo, why(3, "lost")),
		after(13*s, trace.SessionDeliver, bravo, charlie, read(3, 9*s)), // likewise
		after(14*s, trace.SessionOffer, charlie, bravo, message(6)),
		after(15*s, trace.SessionOffer, charlie, bravo, message(7)),
	)
	require.Len(t, phases, 2)
	first := &phases[0]
	assert.Equal(t, []any{int64(4), int64(4), int64(4), 5 * s, 9 * s, 2.0}, []any{first.Sent, first.Expected, first.Delivered, first.Latency, first.Slowest, first.Hops})
	assert.Empty(t, first.Drops, "a segment is no message")
	assert.Equal(t, SessionsTale{
		Opened: 2, Reopened: 1, Closed: []Count{{"heartbeat_timeout", 1}}, Silent: 1,
		Offered: 4, Full: 2, FullFrom: at(2 * s), FullTo: at(4 * s), Policy: "block", Most: 3, MostAt: at(3 * s),
		Read: 2, Bytes: 250, ReadFrom: at(5 * s), ReadTo: at(6 * s), Dropped: []Count{{"lost", 1}},
		Segments: []Count{{"queue_full", 1}}, Refused: []Count{{"stale", 1}}, Retransmits: 1,
	}, first.Sessions)
	assert.Equal(t, int64(2000), first.Sessions.Goodput())
	assert.Equal(t, SessionsTale{
		Silent: 1, Offered: 3, Most: 3, MostAt: at(15 * s), Read: 2, Bytes: 250, ReadFrom: at(12 * s), ReadTo: at(13 * s),
	}, phases[1].Sessions)
	one := SessionsTale{Read: 1, Bytes: 125, ReadFrom: at(s), ReadTo: at(s)}
	assert.Zero(t, one.Goodput(), "there is no pace of one")
}

// What the phases tell adds up to what the result says.
func TestStoriesAgreeWithTheMetrics(t *testing.T) {
	for _, name := range []string{
		"one-liar", "slander-relayed", "override", "claim-partition", "forgetful-claims", "slow-reader", "overflow-error", "overflow-drop-oldest", "flapping-session", "bottleneck-sessions", "crash-restart", "anchors",
	} {
		t.Run(name, func(t *testing.T) {
			text, err := scenarios.Builtin(name)
			require.NoError(t, err)
			s, err := scenarios.LoadBytes(text, name)
			require.NoError(t, err)
			story, err := Tell(s, scenarios.Options{})
			require.NoError(t, err)
			var sum Phase
			var blocks, wrongly int64
			for _, p := range story.Phases {
				sum.Sent += p.Sent
				sum.Expected += p.Expected
				sum.Delivered += p.Delivered
				sum.Claims.Received += p.Claims.Received
				sum.Sessions.Opened += p.Sessions.Opened
				sum.Sessions.Reopened += p.Sessions.Reopened
				sum.Sessions.Full += p.Sessions.Full
				sum.Sessions.Retransmits += p.Sessions.Retransmits
				for _, suspect := range p.Trust.Suspects {
					blocks += suspect.Blocks
				}
			}
			last := &story.Phases[len(story.Phases)-1]
			for _, suspect := range last.Trust.Suspects {
				if suspect.Honest {
					wrongly += suspect.Blockers
				}
			}
			m := &story.Result.Metrics
			assert.Equal(t, []int64{m.Traffic.Sent, m.Traffic.Expected, m.Traffic.Delivered}, []int64{sum.Sent, sum.Expected, sum.Delivered})
			assert.Equal(t, []int64{m.Sessions.Opened, m.Sessions.Reconnects, m.Sessions.Overflow, m.Sessions.Retransmits},
				[]int64{sum.Sessions.Opened, sum.Sessions.Reopened, sum.Sessions.Full, sum.Sessions.Retransmits})
			assert.Equal(t, []int64{m.Claims.Received, m.Claims.Pending + m.Claims.Disputed}, []int64{sum.Claims.Received, last.Claims.Waiting})
			if last.Trust.AllHonest {
				assert.Equal(t, m.Trust.Levels.Trusted, last.Trust.Pairs)
			}
			if wrongly > 0 {
				assert.Equal(t, m.Trust.FalseBlocked, wrongly)
			}
			assert.GreaterOrEqual(t, blocks, m.Trust.DistrustNS.Count)
		})
	}
}
