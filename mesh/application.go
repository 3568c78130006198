package mesh

import (
	"meshsim/rtt"
	"meshsim/sim"
	"meshsim/trace"
)

// AgentLoop is an application: a function from a message to its answer, if it has one.
// The message is valid during the call only.
type AgentLoop func(m *Envelope) (a Answer, ok bool)

// Answer is what an application says to a message.
type Answer struct {
	Type string
	Size int64 // bytes of payload, which the simulation does not spell out
}

// Application is the Protocol of an AgentLoop. It answers a message once, however often
// its node takes it: the ids of the newest 4096 that were answered are remembered.
type Application struct {
	loop        AgentLoop
	types       []string
	answered    memories
	incarnation uint64
}

// NewApplication returns the application that takes messages of these types.
func NewApplication(loop AgentLoop, types ...string) *Application {
	return &Application{loop: loop, types: types}
}

// Types implements Protocol.
func (a *Application) Types() []string { return a.types }

// Tell implements Protocol.
func (a *Application) Tell(_ *Context, in *Input) {
	if in.Kind == Start {
		a.incarnation = in.Tag
	}
}

// Take implements Protocol. What the node itself tells everyone is no message to it.
func (a *Application) Take(c *Context, e *Envelope, from sim.NodeID) trace.Reason {
	id := token(e.ID)
	if overheard := e.Broadcast() && from == sim.NoNode; overheard || a.answered.has(id) {
		return trace.NoReason
	}
	if answer, ok := a.loop(e); ok {
		a.answered.add(id)
		c.answer(e, answer, a.incarnation)
	}
	return trace.NoReason
}

// answer sends an application's answer to a message. It belongs to the message's flow
// and has its number there; its key is made of the message's own, so that chance
// treats it the same whatever else was answered before.
func (c *Context) answer(m *Envelope, a Answer, incarnation uint64) {
	author := c.router.author
	e := c.out.blank()
	*e = Envelope{Type: a.Type, Destination: m.Origin, Size: a.Size, Flow: m.Flow, N: m.N, Hops: e.Hops[:0]}
	name := author.identity.ring.keys[author.identity.ID].name
	e.Key = sim.Key{Source: mum(m.Key.Source^salts[0], name^incarnation^salts[1]), N: m.Key.N}
	if c.router.sessions != nil && e.Destination != c.router.self {
		c.offer(rtt.State, e)
		return
	}
	author.complete(e, c.Now)
	c.submit(e)
}
