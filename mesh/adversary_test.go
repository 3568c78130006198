package mesh

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// misbehaving is node 1 of 4 with the neighbours 0, 2 and 3, that floods.
func misbehaving(t *testing.T, corrupt func(*Router) Node) (Node, Config) {
	conf := config(t, 1, 4, 0, 2, 3)
	conf.Policy = Flood{}
	conf.Author = NewAuthor(conf.Identity, sim.Seed(1).Stream("envelope/id"), keysOf(4))
	return corrupt(newRouter(t, conf)), conf
}

// forwarded is an envelope from node 0 on its way through node 1.
func forwarded(n uint64, to sim.NodeID) Input {
	e := &Envelope{ID: idOf(n), Type: "MESSAGE", Origin: 0, Destination: to, Hops: []sim.NodeID{1}, Key: sim.Key{N: n}}
	identity(4, 0).Sign(e)
	return Input{Kind: Arrive, Envelope: e, From: 0}
}

func actsOf(n Node, now clock.Time, in Input) []Act {
	var out Outbox
	n.Step(now, &in, &out)
	return out.Acts
}

func blackhole(r *Router) Node {
	return NewBlackhole(r, Span{clock.Time(clock.Second), clock.Time(2 * clock.Second)}, sim.One, sim.Stream{})
}

// What a blackhole should pass on ends there within its time, and nothing else.
func TestBlackhole(t *testing.T) {
	const within = clock.Time(1500 * time.Millisecond)
	own := forwarded(1, 2)
	own.Envelope.Origin = 1
	identity(4, 1).Sign(own.Envelope)
	control := forwarded(1, sim.Everyone)
	control.Envelope.Control = true
	identity(4, 0).Sign(control.Envelope)
	submitted := Input{Kind: Submit, Envelope: &Envelope{ID: idOf(9), Origin: 1, Destination: 2}}
	type row struct {
		kind    ActKind
		reason  trace.Reason
		misdeed trace.Misdeed
	}
	for _, c := range []struct {
		name string
		now  clock.Time
		in   Input
		want []row
	}{
		{"before", clock.Time(clock.Second) - 1, forwarded(1, 2), []row{{kind: ActSend}}},
		{"from then on", clock.Time(clock.Second), forwarded(1, 2), []row{{kind: ActDrop, reason: trace.Adversary}}},
		{"at the end", clock.Time(2 * clock.Second), forwarded(1, 2), []row{{kind: ActSend}}},
		{"for itself", within, forwarded(1, 1), []row{{kind: ActDeliver}}},
		{"broadcast", within, forwarded(1, sim.Everyone), []row{{kind: ActDeliver, misdeed: trace.Withheld}}},
		{"control", within, control, []row{{kind: ActDeliver}}},
		{"its own, that came back", within, own, []row{{kind: ActSend}}},
		{"its own", within, submitted, []row{{kind: ActSend}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			node, _ := misbehaving(t, blackhole)
			var got []row
			for _, a := range actsOf(node, c.now, c.in) {
				got = append(got, row{a.Kind, a.Reason, a.Misdeed})
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// A broadcast that the handler of its type refuses is withheld all the same.
func TestBlackholeWithholdsWhatIsRefused(t *testing.T) {
	node, _ := misbehaving(t, blackhole)
	in := forwarded(1, sim.Everyone)
	in.Envelope.Type = "HCP_HELLO"
	identity(4, 0).Sign(in.Envelope)
	acts := actsOf(node, clock.Time(clock.Second), in)
	require.Len(t, acts, 1)
	assert.Equal(t, Act{Kind: ActDrop, Envelope: in.Envelope, Reason: trace.UnknownType, Misdeed: trace.Withheld}, acts[0])
}

// An altered copy has the id of the true one and its size, and no node takes it.
func TestTampererBreaksTheSignature(t *testing.T) {
	node, conf := misbehaving(t, func(r *Router) Node {
		return NewTamperer(r, Span{0, clock.Never}, sim.One, sim.Stream{})
	})
	for n, to := range map[uint64]sim.NodeID{1: 2, 2: sim.Everyone} {
		in := forwarded(n, to)
		acts := actsOf(node, 0, in)
		sent := acts[len(acts)-1]
		assert.Equal(t, []sim.NodeID{2, 3}, sent.To)
		assert.Equal(t, trace.Altered, sent.Misdeed)
		assert.False(t, conf.Keyring.Verify(sent.Envelope))
		assert.Equal(t, idOf(n), sent.Envelope.ID)
	}
}

// A delayer keeps copies apart, whatever order they go on in, and a start empties it.
func TestDelayerKeepsCopiesApart(t *testing.T) {
	const by = time.Second
	node, _ := misbehaving(t, func(r *Router) Node { return NewDelayer(r, Span{0, clock.Never}, by) })
	var tags []uint64
	for n := range uint64(3) {
		acts := actsOf(node, clock.Time(n), forwarded(n, 2))
		require.Len(t, acts, 1)
		require.Equal(t, Act{Kind: ActWake, After: by, Tag: acts[0].Tag}, acts[0])
		tags = append(tags, acts[0].Tag)
	}
	for _, n := range []uint64{1, 0, 2} {
		acts := actsOf(node, clock.Time(10), Input{Kind: Timer, Tag: tags[n]})
		require.Len(t, acts, 1)
		assert.Equal(t, idOf(n), acts[0].Envelope.ID)
		assert.Equal(t, time.Duration(10-n), acts[0].Kept)
		assert.Equal(t, []sim.NodeID{2, 3}, acts[0].To, "not back to where it came from")
	}
	first := actsOf(node, 0, forwarded(7, 2))[0].Tag
	actsOf(node, 0, Input{Kind: Start, Tag: 2})
	again := map[uint64]bool{}
	for n := range uint64(6) {
		again[actsOf(node, 0, forwarded(10+n, 2))[0].Tag] = true
	}
	assert.Len(t, again, 6, "each has a place of its own")
	assert.True(t, again[first], "the place of what the crash ended is free")
}

func TestAdversariesDoNotAllocate(t *testing.T) {
	for name, corrupt := range map[string]func(*Router) Node{
		"blackhole": func(r *Router) Node { return NewBlackhole(r, Span{0, clock.Never}, sim.One/2, sim.Stream{}) },
		"tamper":    func(r *Router) Node { return NewTamperer(r, Span{0, clock.Never}, sim.One/2, sim.Stream{}) },
		"delay":     func(r *Router) Node { return NewDelayer(r, Span{0, clock.Never}, time.Second) },
		"flood":     func(r *Router) Node { return NewFlooder(r, Span{0, clock.Never}, 1e9) },
	} {
		t.Run(name, func(t *testing.T) {
			conf := config(t, 1, 4, 0, 2, 3)
			conf.Policy, conf.SeenMax = Flood{}, 1
			conf.Author = NewAuthor(conf.Identity, sim.Seed(1).Stream("envelope/id"), keysOf(4))
			node := corrupt(newRouter(t, conf))
			passed := []Input{forwarded(1, sim.Everyone), forwarded(2, 2), forwarded(3, 2)}
			created := passed[0].Envelope.Created
			var out Outbox
			var now clock.Time
			timer := Input{Kind: Timer}
			round := func() {
				for i := range passed {
					out.Reset()
					passed[i].Envelope.Created = created // which may have been altered
					node.Step(now, &passed[i], &out)
					if last := out.Acts[len(out.Acts)-1]; last.Kind == ActWake {
						timer.Tag = last.Tag
						out.Reset()
						node.Step(now, &timer, &out)
					}
				}
				if _, floods := node.(*Flooder); floods {
					now, timer.Tag = now.Add(time.Second), adversaryTag
					out.Reset()
					node.Step(now, &timer, &out)
					require.Equal(t, ActSend, out.Acts[0].Kind)
				}
			}
			for range 10 {
				round()
			}
			assert.Zero(t, testing.AllocsPerRun(100, round))
		})
	}
}

// A liar says of the source that it cites for a lie that it is as good as any; of what it
// does not lie about, or not at the time, it says what its table says.
func TestLiarsPraiseTheirSources(t *testing.T) {
	lies := &liar{Span{10, 20}, honest{}, []bool{true, false}}
	for _, c := range []struct {
		now  clock.Time
		fact int
		want Tier
	}{{9, 0, TierLow}, {10, 0, TierHigh}, {10, 1, TierLow}, {20, 0, TierLow}} {
		assert.Equal(t, c.want, lies.Vouches(&Context{Now: c.now}, c.fact, TierLow), "fact %d at %v", c.fact, c.now)
	}
	both := &equivocator{truth: lies}
	assert.Equal(t, TierHigh, both.Vouches(&Context{Now: 10}, 0, TierLow), "what it praises is not its own matter")
}
