package scenarios_test

import (
	"fmt"
	"slices"
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
	"meshsim/trust"
)

// ordered is a node and a peer of which it holds something.
type ordered struct{ node, peer sim.NodeID }

// believers is a naive twin of all tables of trust: it follows the events, keeps them
// all, and holds every transition against what led to it.
type believers struct {
	t        require.TestingT
	s        *scenarios.Scenario
	mesh     *scenarios.Mesh
	events   map[uint64]*trace.Event
	levels   map[ordered]trust.Level
	met      map[ordered]bool // the peer has answered a challenge
	released map[ordered]bool // the peer may show another key
	caught   map[ordered]bool // the node held evidence of its own against the peer, ever
	said     map[ordered]bool // an operator had the node warn of the peer
	moved    map[string]int   // transitions, by evidence and what it was
	last     clock.Time       // of the latest one
}

func newBelievers(t require.TestingT, s *scenarios.Scenario) *believers {
	m, err := s.Mesh()
	require.NoError(t, err)
	b := &believers{
		t: t, s: s, mesh: m, events: map[uint64]*trace.Event{}, levels: map[ordered]trust.Level{}, met: map[ordered]bool{},
		released: map[ordered]bool{}, caught: map[ordered]bool{}, said: map[ordered]bool{}, moved: map[string]int{},
	}
	for node := range m.Nodes {
		b.begin(sim.NodeID(node))
	}
	return b
}

// begin has a node know nobody but its anchors.
func (b *believers) begin(node sim.NodeID) {
	for peer := range b.mesh.Nodes {
		pair := ordered{node, sim.NodeID(peer)}
		delete(b.met, pair)
		delete(b.released, pair)
		b.levels[pair] = trust.Unknown
		if b.anchor(pair) {
			b.levels[pair] = trust.Trusted
		}
	}
}

func (b *believers) anchor(pair ordered) bool {
	return pair.node != pair.peer && slices.Contains(b.s.Trust.Anchors, b.mesh.Nodes[pair.peer].ID)
}

func (b *believers) Emit(e *trace.Event) {
	kept := e.Clone()
	b.events[e.Seq] = &kept
	pair := ordered{e.Node, e.Peer}
	switch e.Kind {
	case trace.NodeUp:
		if e.Lose >= trace.LoseState {
			b.begin(e.Node)
		}
	case trace.HandshakeCompleted:
		b.met[pair] = true
	case trace.Action:
		switch e.What {
		case "override":
			b.released[pair] = true
			delete(b.met, pair)
		case "warn":
			b.said[ordered{e.Node, sim.NoNode}] = true
		}
	case trace.Warned:
		b.warned(&kept)
	case trace.TrustUpdated:
		b.updated(&kept, pair)
	}
}

// updated holds a transition against the rules of protocol.md, section 5.
func (b *believers) updated(e *trace.Event, pair ordered) {
	what := fmt.Sprintf("%v: %s moves %s from %s to %s by %s %s of %v", e.T, b.mesh.Nodes[e.Node].ID, b.mesh.Nodes[e.Peer].ID, e.From, e.To, e.Evidence, e.By, e.Voices)
	from, to, evidence := trust.Level(e.From), trust.Level(e.To), trust.Event(e.Evidence)
	if from == trust.Unknown && b.released[pair] {
		b.levels[pair] = trust.Unknown
		delete(b.released, pair)
	}
	require.Equal(b.t, b.levels[pair], from, what)
	require.Equal(b.t, trust.Next(from, evidence), to, what)
	require.NotEqual(b.t, from, to, what)
	if evidence == trust.Handshake {
		b.met[pair] = true
	}
	if from == trust.Blocked {
		require.Equal(b.t, trust.Override, evidence, what)
	}
	if to == trust.Trusted {
		require.Equal(b.t, trust.Verified, evidence, what)
		require.True(b.t, b.met[pair] || b.anchor(pair), "%s, which never proved who it is", what)
	}
	b.grounds(e, evidence, what)
	b.levels[pair] = to
	b.caught[pair] = b.caught[pair] || to == trust.Blocked && (evidence == trust.Malicious || e.By == "contradiction" || e.By == "citation")
	b.moved[fmt.Sprint(e.Evidence, " ", e.By)]++
	b.last = e.T
}

// grounds looks for the messages that each kind of evidence takes.
func (b *believers) grounds(e *trace.Event, evidence trust.Event, what string) {
	switch {
	case evidence == trust.Handshake:
		require.True(b.t, b.came(e, e.Peer, "HELLO_ACK") || b.came(e, e.Peer, "STATE_UPDATE"), what)
	case evidence == trust.Introduction:
		introducers := b.senders(e, "INTENT")
		require.True(b.t, slices.ContainsFunc(introducers, func(by sim.NodeID) bool {
			return b.levels[ordered{e.Node, by}] == trust.Trusted
		}), what)
	case evidence == trust.Verified && e.By == "local":
		require.True(b.t, b.came(e, e.Peer, "FACT_PROPOSE"), what)
	case evidence == trust.Verified:
		require.Equal(b.t, "quorum", e.By, what)
		require.True(b.t, b.came(e, e.Peer, "FACT_PROPOSE"), what)
		b.voices(e, b.s.Trust.Quorum, "FACT_CONFIRM", what)
	case e.By == "challenges":
		b.voices(e, b.s.Trust.Quorum, "FACT_CHALLENGE", what)
	case e.By == "warnings":
		b.voices(e, b.s.Trust.Warners, "INTENT", what)
	}
}

// voices looks whether so many distinct trusted peers, and no others, said so.
func (b *believers) voices(e *trace.Event, least int64, typ, what string) {
	require.GreaterOrEqual(b.t, int64(len(e.Voices)), least, what)
	for i, voice := range e.Voices {
		require.NotContains(b.t, e.Voices[:i], voice, what)
		require.Equal(b.t, trust.Trusted, b.levels[ordered{e.Node, voice}], what)
		require.True(b.t, b.came(e, voice, typ), what)
	}
}

// senders are whose messages of a type led to an event at a node.
func (b *believers) senders(e *trace.Event, typ string) (from []sim.NodeID) {
	for _, seq := range append([]uint64{e.Cause}, e.Because...) {
		if m := b.events[seq]; m != nil && m.Kind == trace.EnvelopeDelivered && m.Node == e.Node && m.Type == typ {
			from = append(from, m.Origin)
		}
	}
	return from
}

// came reports whether a message of a peer led to an event, brought by itself or by who
// says again what others said.
func (b *believers) came(e *trace.Event, peer sim.NodeID, typ string) bool {
	return slices.ContainsFunc(b.senders(e, typ), func(from sim.NodeID) bool {
		_, replays := b.conduct(from).(scenarios.Replay)
		return from == peer || replays
	})
}

// warned holds a warning by an honest node against what that node has seen itself.
func (b *believers) warned(e *trace.Event) {
	if b.s.Trust.Warnings == "relay" || b.lies(e.Peer) || b.said[ordered{e.Peer, sim.NoNode}] {
		return
	}
	require.True(b.t, b.caught[ordered{e.Peer, e.Subject}], "%v: %s warns of %s, which it has not caught", e.T, b.mesh.Nodes[e.Peer].ID, b.mesh.Nodes[e.Subject].ID)
}

// conduct is how a node misbehaves, or the adversary that goes by its id; nil: it is honest.
func (b *believers) conduct(node sim.NodeID) scenarios.AdversaryKind {
	n := b.mesh.Nodes[node]
	for _, a := range b.s.Adversaries {
		if slices.Contains(a.Nodes.IDs, n.ID) || n.Host != "" && slices.Contains(a.Nodes.IDs, n.Host) {
			return a.Behaviour
		}
	}
	return nil
}

func (b *believers) lies(node sim.NodeID) bool { return b.conduct(node) != nil }

// unruly draws a society in which everything goes wrong that can: faults, forgetful
// crashes, mistaken nodes, adversaries of every kind, operators who warn and forgive.
func unruly(t *rapid.T) *scenarios.Scenario {
	c := newSociety(t)
	c.trouble("nothing", "state", "identity")
	s := c.Scenario
	s.Trust.Warnings = rapid.SampledFrom([]string{"first_hand", "first_hand", "relay", "none"}).Draw(t, "warnings")
	s.Trust.OnReplay = rapid.SampledFrom([]string{"drop", "drop", "malicious"}).Draw(t, "on replay")
	if rapid.IntRange(0, 3).Draw(t, "decays") == 0 {
		s.Trust.Decay = ms(rapid.Int64Range(200, 2000).Draw(t, "decay"))
	}
	for i := range s.Knowledge.Facts {
		s.Knowledge.Facts[i].WrongAt = scenarios.NodeList(c.g.Some(t, 0, 3, "wrong"))
	}
	liars := c.g.Some(t, 0, 5, "liars")
	if rapid.Bool().Draw(t, "liars talk") {
		liars = c.by
	}
	for _, liar := range liars {
		s.Adversaries = append(s.Adversaries, scenarios.Adversary{
			Nodes: scenarios.NodeSet{IDs: []string{liar}}, Start: ms(rapid.Int64Range(0, 1500).Draw(t, "lies from")),
			Behaviour: rapid.SampledFrom([]scenarios.AdversaryKind{
				scenarios.Lie{}, scenarios.Equivocate{}, scenarios.Slander{Targets: c.g.Some(t, 1, 3, "targets")}, scenarios.IntroduceLiars{},
				scenarios.Replay{}, scenarios.SybilAttack{Count: 2}, scenarios.Tamper{Share: 500_000_000}, scenarios.Blackhole{},
			}).Draw(t, "behaviour"),
		})
	}
	for range rapid.IntRange(0, 6).Draw(t, "actions") {
		if who := c.g.Some(t, 3, 3, "who"); len(who) == 3 {
			s.Actions = append(s.Actions, scenarios.Action{
				At: ms(rapid.Int64Range(0, 3900).Draw(t, "at")), Node: who[0], Kind: rapid.SampledFrom([]scenarios.ActionKind{
					scenarios.Override{Peer: who[1]}, scenarios.Introduce{Peer: who[1], Subject: who[2]}, scenarios.Warn{Peer: who[1], Subject: who[2]},
				}).Draw(t, "action"),
			})
		}
	}
	if len(liars) > 0 { // by now some have caught it, and forgive it
		for _, who := range c.g.Some(t, 0, 9, "forgive") {
			if who != liars[0] {
				s.Actions = append(s.Actions, scenarios.Action{At: ms(3000), Node: who, Kind: scenarios.Override{Peer: liars[0]}})
			}
		}
	}
	return s
}

// Whatever goes wrong, each level moves as the table of protocol.md, section 5, says and
// by the messages that its evidence takes: nobody is trusted who has not proved who it is
// and that it knows something, an introduction alone makes nobody trusted, blocked ends
// only by an override or forgetfulness, and who warns has evidence of its own.
func TestTrustMovesByTheRules(t *testing.T) {
	var drawn sizes
	moved := map[string]int{}
	gen.Check(t, unruly, func(t *rapid.T, s *scenarios.Scenario) {
		b := newBelievers(t, s)
		drawn.add(int(s.Topology.Kind.(scenarios.OwnLinks).Nodes))
		result := run(t, s, scenarios.Options{Sinks: []trace.Sink{b}})
		blocked := int64(0)
		for pair, level := range b.levels {
			if level == trust.Blocked && !b.lies(pair.node) && !b.lies(pair.peer) {
				blocked++
			}
		}
		require.Equal(t, blocked, result.Metrics.Trust.FalseBlocked)
		for what, n := range b.moved {
			moved[what] += n
		}
	})
	t.Log("transitions:", moved)
	for _, what := range []string{
		"handshake ", "introduction ", "verified local", "verified quorum", "conflict contradiction", "conflict warnings", "conflict challenges",
		"malicious equivocation", "malicious replay", "override ", "decay ",
	} {
		assert.Positive(t, moved[what], what)
	}
	drawn.check(t)
}

// peaceful draws a society without liars and mistaken nodes, whose faults end.
func peaceful(t *rapid.T) *scenarios.Scenario {
	c := newSociety(t)
	c.trouble("nothing", "state")
	c.meetLate(c.g.Some(t, 0, 3, "late wishes"))
	for range rapid.IntRange(0, 4).Draw(t, "introductions") {
		if who := c.g.Some(t, 3, 3, "who"); len(who) == 3 {
			c.Actions = append(c.Actions, scenarios.Action{At: faultsEnd, Node: who[0], Kind: scenarios.Introduce{Peer: who[1], Subject: who[2]}})
		}
	}
	c.Duration = c.settled() + c.closureBound(c.closure()) + time.Second
	return c.Scenario
}

// TestTrustEndsAtTheClosure: without liars and mistaken nodes every level ends, whatever
// the order of messages, at what the closure foretells, within the bound that
// mesh.Judgement states after the faults end and all is said.
func TestTrustEndsAtTheClosure(t *testing.T) {
	var drawn sizes
	trusted, longest, slowest := 0, 0, 0.0
	gen.Check(t, peaceful, func(t *rapid.T, s *scenarios.Scenario) {
		drawn.add(int(s.Topology.Kind.(scenarios.OwnLinks).Nodes))
		closure, err := s.Closure()
		require.NoError(t, err)
		settled := faultsEnd + time.Duration(len(s.Knowledge.Facts))*ms(20)
		bound := s.Duration - time.Second - settled
		// Every other one is run again, with another order of messages.
		for range 1 + int(s.Seed%2) {
			b := newBelievers(t, s)
			result := run(t, s, scenarios.Options{Sinks: []trace.Sink{b}})
			for pair, level := range b.levels {
				if pair.node == pair.peer {
					continue
				}
				what := fmt.Sprintf("%s of %s, seed %d", b.mesh.Nodes[pair.node].ID, b.mesh.Nodes[pair.peer].ID, s.Seed)
				require.Equal(t, closure.Level(pair.node, pair.peer).String(), level.String(), what)
				if proof := closure.Proof(pair.node, pair.peer); level == trust.Trusted {
					trusted++
					longest = max(longest, proof.Round)
				}
			}
			took := b.last.Sub(clock.Time(settled))
			require.LessOrEqual(t, took, bound)
			slowest = max(slowest, float64(took)/float64(bound))
			require.Zero(t, result.Metrics.Trust.FalseBlocked)
			s.Seed++
		}
	})
	t.Logf("%d pairs trust, the longest chain of proofs is %d; the slowest took %.2f of the bound", trusted, longest, slowest)
	assert.Greater(t, trusted, 5000)
	assert.Greater(t, longest, 3)
	assert.Greater(t, slowest, 0.1, "the bound means something")
	drawn.check(t)
}
