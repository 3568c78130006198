package mesh

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
	"meshsim/trace"
)

// scene is one envelope at node 1 of 10, which has the neighbours 2, 3, 5 and
// sends on by flooding. It comes from 2, with origin 9, or is submitted there.
type scene struct {
	*Envelope
	Config
	submit bool
	from   sim.NodeID
	forged bool // by 8, in the name of the origin
	again  bool // comes a second time; the first is not looked at
}

// what builds up a scene.
type what func(*scene)

func to(id sim.NodeID) what          { return func(s *scene) { s.Destination = id } }
func origin(id sim.NodeID) what      { return func(s *scene) { s.Origin = id } }
func maxHops(n int) what             { return func(s *scene) { s.MaxHops = n } }
func block(ids ...sim.NodeID) what   { return func(s *scene) { s.Gate = blocked(ids) } }
func policy(p ForwardingPolicy) what { return func(s *scene) { s.Policy = p } }
func forget(id sim.NodeID) what      { return func(s *scene) { s.Registry.Remove(id) } }
func control(s *scene)               { s.Control = true }
func forge(s *scene)                 { s.forged = true }
func atFirstHop(s *scene)            { s.Hops = []sim.NodeID{1} }
func twice(s *scene)                 { s.again = true }
func submitted(s *scene)             { s.submit, s.from, s.Origin, s.Hops = true, sim.NoNode, 1, nil }

func came(hops ...sim.NodeID) what {
	return func(s *scene) { s.from, s.Hops = hops[len(hops)-2], hops }
}

func play(t *testing.T, build []what) []act {
	s := &scene{Envelope: &Envelope{ID: idOf(1), Type: "T", Origin: 9, Destination: 7, Hops: []sim.NodeID{2, 1}}, Config: config(t, 1, 10, 2, 3, 5), from: 2}
	s.Policy = Flood{}
	for _, w := range build {
		w(s)
	}
	r := newRouter(t, s.Config)
	kind := Submit
	if !s.submit {
		kind = Arrive
		signer := s.Origin
		if s.forged {
			signer = 8
		}
		identity(10, signer).Sign(s.Envelope)
	}
	in := Input{Kind: kind, Envelope: s.Envelope, From: s.from}
	if s.again {
		step(r, in)
		in.Kind = Arrive
	}
	before := *s.Envelope
	acts := step(r, in)
	before.row = s.Envelope.row // a hint, no part of the message
	if !s.submit {
		assert.Equal(t, before, *s.Envelope, "the router wrote to an envelope that it did not sign")
	}
	return acts
}

func all(w ...what) []what { return w }

func TestRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		build []what
		want  []act
	}{
		{"origin 1: to itself", all(submitted, to(1)), []act{delivered()}},
		{"origin 1 before 4: to itself, blocked", all(submitted, to(1), block(1)), []act{delivered()}},
		{"origin 4: blocked", all(submitted, block(7)), []act{dropped(trace.Blocked)}},
		{"origin 5: unknown", all(submitted, forget(7)), []act{dropped(trace.UnknownPeer)}},
		{"origin 6: no route", all(submitted, policy(Direct())), []act{dropped(trace.NoRoute)}},
		{"origin: on to the next", all(submitted), []act{sent(2, 3, 5)}},
		{"origin: 4 before 5", all(submitted, block(7), forget(7)), []act{dropped(trace.Blocked)}},
		{"origin: 5 before 6", all(submitted, forget(7), policy(Direct())), []act{dropped(trace.UnknownPeer)}},

		{"1: arrived", all(to(1)), []act{delivered()}},
		{"1 before 3: arrived with the last hop allowed", all(to(1), maxHops(2)), []act{delivered()}},
		{"1 before 3: arrived beyond it", all(to(1), maxHops(1)), []act{delivered()}},
		{"1: not on from there, whatever its hops say", all(to(1), control, func(s *scene) { s.Hops = nil }), []act{delivered()}},
		{"2: the destination has had it", all(came(7, 2, 1)), []act{dropped(trace.Loop)}},
		{"2 before 3", all(came(7, 2, 1), maxHops(1)), []act{dropped(trace.Loop)}},
		{"3: at the limit", all(maxHops(2)), []act{dropped(trace.HopLimit)}},
		{"3: beyond the limit", all(maxHops(1)), []act{dropped(trace.HopLimit)}},
		{"3: one below the limit", all(maxHops(3)), []act{sent(3, 5)}},
		{"3 before 4", all(maxHops(2), block(7)), []act{dropped(trace.HopLimit)}},
		{"4: blocked destination", all(block(7)), []act{dropped(trace.Blocked)}},
		{"4 before 5", all(block(7), forget(7)), []act{dropped(trace.Blocked)}},
		{"5: unknown destination", all(forget(7)), []act{dropped(trace.UnknownPeer)}},
		{"5 before 6", all(forget(7), policy(Direct())), []act{dropped(trace.UnknownPeer)}},
		{"6: no next hop", all(policy(Direct())), []act{dropped(trace.NoRoute)}},
		{"6: no usable next hop", all(policy(ShortestPath(oracleTo(2)))), []act{dropped(trace.NoRoute)}},
		{"on to the next hop", all(policy(ShortestPath(oracleTo(5)))), []act{sent(5)}},
		{"a relay whose registry lacks origin and previous hop goes on", all(forget(9), forget(2)), []act{sent(3, 5)}},

		{"receiver: previous hop blocked", all(to(1), block(2)), []act{dropped(trace.Blocked)}},
		{"receiver: origin blocked", all(to(1), block(9)), []act{dropped(trace.Blocked)}},
		{"receiver: relay in between blocked is no matter", all(to(1), came(4, 2, 1), block(4)), []act{delivered()}},
		{"receiver: seen before", all(to(1), twice), []act{dropped(trace.Duplicate)}},
		{"receiver: forged", all(to(1), forge), []act{dropped(trace.BadSignature)}},
		{"receiver: blocked before bad signature", all(to(1), forge, block(2)), []act{dropped(trace.Blocked)}},
		{"receiver: bad signature before 2", all(came(7, 2, 1), forge), []act{dropped(trace.BadSignature)}},
		{"receiver: blocked origin before 4", all(block(9, 7)), []act{dropped(trace.Blocked)}},
		{"receiver: its own comes back", all(submitted, twice), []act{dropped(trace.Duplicate)}},
		{"receiver: a forged one is forged the second time too", all(to(1), forge, twice), []act{dropped(trace.BadSignature)}},

		{"broadcast at its origin", all(submitted, to(sim.Everyone)), []act{sent(2, 3, 5)}},
		{"broadcast at its origin, 6", all(submitted, to(sim.Everyone), block(2, 3, 5)), []act{dropped(trace.NoRoute)}},
		{"broadcast on its way", all(to(sim.Everyone)), []act{delivered(), sent(3, 5)}},
		{"broadcast under a single path", all(to(sim.Everyone), policy(Direct())), []act{delivered(), sent(3, 5)}},
		{"broadcast, 3 ends it", all(to(sim.Everyone), maxHops(2)), []act{delivered()}},
		{"broadcast, 6 ends it", all(to(sim.Everyone), block(3, 5)), []act{delivered()}},
		{"broadcast, 2, 4 and 5 do not hold", all(to(sim.Everyone), came(sim.Everyone, 2, 1), block(sim.Everyone)), []act{delivered(), sent(3, 5)}},
		{"broadcast seen before", all(to(sim.Everyone), twice), []act{dropped(trace.Duplicate)}},
		{"broadcast forged", all(to(sim.Everyone), forge), []act{dropped(trace.BadSignature)}},
		{"broadcast back at an origin that forgot it", all(to(sim.Everyone), origin(1)), []act{sent(3, 5)}},
		{"broadcast back at an origin that forgot it, 3", all(to(sim.Everyone), origin(1), maxHops(2)), []act{dropped(trace.HopLimit)}},

		{"control: 5 does not hold", all(submitted, to(3), control, forget(3), policy(Direct())), []act{sent(3)}},
		{"control: 4 holds", all(submitted, to(3), control, block(3), policy(Direct())), []act{dropped(trace.Blocked)}},
		{"control: one hop, at its destination", all(origin(2), to(1), control, atFirstHop), []act{delivered()}},
		{"control: one hop, not on", all(origin(2), control, atFirstHop), []act{dropped(trace.HopLimit)}},
		{"control: one hop of a broadcast", all(origin(2), to(sim.Everyone), control, atFirstHop), []act{delivered()}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, play(t, c.build)) })
	}
}

func TestForgedCopyDoesNotShutOutTheTrueOne(t *testing.T) {
	cfg := config(t, 1, 10, 2)
	gate := blocked{2}
	cfg.Gate = &gate
	r := newRouter(t, cfg)
	e := &Envelope{ID: idOf(1), Origin: 9, Destination: 1, Hops: []sim.NodeID{2, 1}}
	in := Input{Kind: Arrive, Envelope: e, From: 2}

	identity(10, 9).Sign(e)
	require.Equal(t, []act{dropped(trace.Blocked)}, step(r, in))
	gate = nil
	identity(10, 8).Sign(e)
	require.Equal(t, []act{dropped(trace.BadSignature)}, step(r, in))
	identity(10, 9).Sign(e)
	require.Equal(t, []act{delivered()}, step(r, in))
	identity(10, 8).Sign(e) // duplicates are judged by id alone
	require.Equal(t, []act{dropped(trace.Duplicate)}, step(r, in))
}

// fickle sends the first envelope to all, two nowhere, and one by a list of its own.
type fickle struct{ asked int }

func (f *fickle) Next(v View, _ *Envelope, _ sim.NodeID, buf []sim.NodeID) []sim.NodeID {
	switch f.asked++; f.asked {
	case 1:
		return append(buf, v.Neighbours()...)
	case 2:
		return nil
	case 3:
		return buf
	default:
		return []sim.NodeID{3}
	}
}

// However a policy gives its list, what a node sent earlier in the step stays as it was.
func TestRouteAfterASend(t *testing.T) {
	cfg := config(t, 1, 10, 2, 3)
	cfg.Policy = &fickle{}
	r := newRouter(t, cfg)
	var out Outbox
	for n := range uint64(4) {
		r.Step(0, &Input{Kind: Submit, Envelope: &Envelope{ID: idOf(n), Origin: 1, Destination: 7}}, &out)
	}
	require.Equal(t, []act{sent(2, 3), dropped(trace.NoRoute), dropped(trace.NoRoute), sent(3)}, out.short())
}

func TestSubmitSigns(t *testing.T) {
	cfg := config(t, 1, 10, 2)
	r := newRouter(t, cfg)
	e := &Envelope{ID: idOf(1), Origin: 1, Destination: 2}
	require.Equal(t, []act{sent(2)}, step(r, Input{Kind: Submit, Envelope: e}))
	assert.True(t, cfg.Keyring.Verify(e))
}

func TestRouterForgetsTheOldestID(t *testing.T) {
	cfg := config(t, 1, 10, 2)
	cfg.SeenMax = 2
	r := newRouter(t, cfg)
	for i, want := range []struct {
		id  uint64
		act act
	}{
		{1, delivered()}, {2, delivered()}, {1, dropped(trace.Duplicate)}, {3, delivered()},
		{2, dropped(trace.Duplicate)}, {1, delivered()}, {2, delivered()},
	} {
		e := &Envelope{ID: idOf(want.id), Origin: 9, Destination: 1, Hops: []sim.NodeID{2, 1}}
		identity(10, 9).Sign(e)
		require.Equal(t, []act{want.act}, step(r, Input{Kind: Arrive, Envelope: e, From: 2}), "copy %d", i)
	}
}

func TestRouterDoesNothingUnasked(t *testing.T) {
	r := newRouter(t, config(t, 1, 10, 2))
	for _, kind := range []InputKind{Start, Timer, NeighbourUp, NeighbourDown} {
		assert.Empty(t, step(r, Input{Kind: kind, From: 2}))
	}
}

func TestNewRouterValidates(t *testing.T) {
	for _, c := range []struct {
		want  string
		spoil func(*Config)
	}{
		{"self is -1", func(c *Config) { c.Self = -1 }},
		{"neighbour 0 is 1; allowed: another node", func(c *Config) { c.Neighbours = []sim.NodeID{1, 2} }},
		{"neighbour 0 is -1", func(c *Config) { c.Neighbours = []sim.NodeID{-1, 2} }},
		{"neighbour 1 is 2 after 3", func(c *Config) { c.Neighbours = []sim.NodeID{3, 2} }},
		{"neighbour 1 is 2 after 2", func(c *Config) { c.Neighbours = []sim.NodeID{2, 2} }},
		{"no registry", func(c *Config) { c.Registry = nil }},
		{"no forwarding policy", func(c *Config) { c.Policy = nil }},
		{"max hops is 0; allowed: 1 … 255 links", func(c *Config) { c.MaxHops = 0 }},
		{"max hops is 256", func(c *Config) { c.MaxHops = 256 }},
		{"seen max is 0; allowed: 1 … 16777216 ids", func(c *Config) { c.SeenMax = 0 }},
		{"seen max is 16777217", func(c *Config) { c.SeenMax = MaxSeen + 1 }},
		{"the identity is not that of node 1", func(c *Config) { c.Identity = identity(10, 2) }},
		{"the identity is not that of node 1", func(c *Config) { c.Identity = Identity{ID: 1} }},
		{"no keyring", func(c *Config) { c.Keyring = nil }},
	} {
		cfg := config(t, 1, 10, 2)
		c.spoil(&cfg)
		_, err := NewRouter(cfg)
		assert.ErrorContains(t, err, c.want)
	}
	_, err := NewRouter(Config{})
	require.Error(t, err)
	assert.Contains(t, err.Error(), "no registry\nmesh: router: no forwarding policy")

	cfg := config(t, 1, 10)
	cfg.MaxHops, cfg.SeenMax = MaxHopLimit, MaxSeen
	assert.NotNil(t, newRouter(t, cfg), "the bounds themselves, and no neighbours")
}
