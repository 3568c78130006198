package scenarios

import (
	"fmt"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/scenarios/world"
	"meshsim/sim"
)

// actions is the source of what operators do.
func (b *builder) actions() world.Actions {
	var actions world.Actions
	keys, submitted := b.keys(), map[string]uint64{}
	for i := range b.scenario.Actions {
		a := &b.scenario.Actions[i]
		action := world.Action{At: clock.Time(a.At), Node: b.id(a.Node), Peer: sim.NoNode, Kind: KindName(a.Kind)}
		for _, other := range a.Kind.others() {
			if other.key == "peer" {
				action.Peer = b.id(other.id)
			}
		}
		a.Kind.order(b, &action)
		if m := action.Message; m != nil { // known to chance by what it is, so that no other action changes its draws
			series := fmt.Sprintf("message/%s/action/%d/%s/%s", keys[action.Node], action.At, m.Type, keys[action.Peer])
			m.Origin, m.Destination = action.Node, action.Peer
			m.Key = sim.Key{Source: sim.Hash(series), N: submitted[series]}
			submitted[series]++
		}
		actions = append(actions, action)
	}
	return actions
}

// id is the number of a node that exists.
func (b *builder) id(name string) sim.NodeID {
	id, _ := b.mesh.Lookup(name) // validated
	return id
}

func (k SetPresence) order(_ *builder, a *world.Action) {
	a.Detail = fmt.Sprintf("%s, lri %d", k.Presence, k.LRI)
	a.Command = mesh.Command{Kind: mesh.SetPresence, State: mesh.AgentState{Presence: mesh.Presence(k.Presence), LRI: k.LRI}}
}

func (k SetHuman) order(_ *builder, a *world.Action) {
	a.Detail = fmt.Sprintf("%s, %s, clarity %d, pressure %d, consent %s", k.Presence, k.Affect, k.Clarity, k.Pressure, k.Consent)
	a.Command = mesh.Command{Kind: mesh.SetHuman, Human: mesh.HumanState{
		Presence: mesh.Presence(k.Presence), Affect: k.Affect, Clarity: k.Clarity, Pressure: k.Pressure, Consent: k.Consent,
	}}
}

func (Override) order(_ *builder, a *world.Action) {
	a.Command = mesh.Command{Kind: mesh.Override, Peer: a.Peer}
}

func (Disconnect) order(_ *builder, a *world.Action) {
	a.Command = mesh.Command{Kind: mesh.Disconnect, Peer: a.Peer}
}

func (Reconnect) order(_ *builder, a *world.Action) {
	a.Command = mesh.Command{Kind: mesh.Reconnect, Peer: a.Peer}
}

func (k Introduce) order(b *builder, a *world.Action) {
	a.Detail = "subject " + k.Subject
	a.Command = mesh.Command{Kind: mesh.Introduce, Peer: a.Peer, Subject: b.id(k.Subject)}
}

func (k Warn) order(b *builder, a *world.Action) {
	a.Detail = "subject " + k.Subject
	a.Command = mesh.Command{Kind: mesh.Warn, Peer: a.Peer, Subject: b.id(k.Subject)}
}

func (k Claim) order(b *builder, a *world.Action) {
	a.Detail = "fact " + k.Fact
	if k.Source != "" {
		a.Detail += ", source " + k.Source
	}
	known := &b.scenario.Knowledge
	a.Command = mesh.Command{
		Kind: mesh.Claim, Peer: a.Peer, Source: known.source(k.Source),
		Facts: known.places(func(f *Fact) bool { return f.ID == k.Fact }),
	}
}

func (k Submit) order(_ *builder, a *world.Action) {
	m := &world.Message{Type: k.Type, Size: usualSize()}
	if k.Payload != "" {
		payload, _ := mesh.ParsePayload([]byte(k.Payload)) // validated
		m.Payload, m.Size = payload, int64(len(payload))
	}
	settle(&m.Size, k.Size)
	a.Detail = fmt.Sprintf("%s, %d bytes", m.Type, m.Size)
	a.Message = m
}
