package mesh

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
	"meshsim/trace"
)

// echo answers whatever it takes.
func echo(m *Envelope) (Answer, bool) { return Answer{Type: m.Type + "_REPLY", Size: 33}, true }

// speaking is node 1 of 4 on a full mesh, with an application for the types.
func speaking(t *testing.T, loop AgentLoop, types ...string) *Router {
	c := config(t, 1, 4, 0, 2, 3)
	c.Protocols = []Protocol{NewApplication(loop, types...)}
	c.Author = NewAuthor(c.Identity, sim.Seed(1).Stream("envelope/id"), keysOf(4))
	return newRouter(t, c)
}

// arriving is the n-th message of node 0, of this type, for node 1 or for everyone.
func arriving(n uint64, typ string, to sim.NodeID) Input {
	e := &Envelope{ID: idOf(n), Type: typ, Origin: 0, Destination: to, Hops: []sim.NodeID{1}, Key: sim.Key{Source: 7, N: n}, Flow: trace.Flow{Name: "t1"}, N: int64(n)}
	identity(4, 0).Sign(e)
	return Input{Kind: Arrive, Envelope: e, From: 0}
}

func TestTypesAreRegisteredOnce(t *testing.T) {
	_, err := NewProtocolRouter(NewApplication(echo, "ASK"), NewApplication(echo, "TELL", "ASK"))
	require.EqualError(t, err, `mesh: message type "ASK" is registered twice, by *mesh.Application and *mesh.Application`)
	c := config(t, 1, 4, 0, 2, 3)
	c.Protocols = []Protocol{NewApplication(echo, "ASK"), NewApplication(echo, "ASK")}
	c.Author = NewAuthor(c.Identity, sim.Seed(1).Stream("envelope/id"), keysOf(4))
	_, err = NewRouter(c)
	require.ErrorContains(t, err, "registered twice")
}

// What belongs to a protocol that the node does not speak is refused; what belongs to
// none is the application's; and a type that is registered is spoken.
func TestUnknownTypes(t *testing.T) {
	for _, typ := range []string{
		"HELLO", "HELLO_ACK", "INTENT", "FACT_PROPOSE", "FACT_CHALLENGE", "FACT_CONFIRM", "FACT_REJECT", "DECISION_SHARE", "STATE_UPDATE",
		"LIP_FETCH", "LIP_EVIDENCE", "LIP_CONFLICT", "LIP_ACCEPT", "LIP_REJECT",
		"HCP_HELLO", "HCP_INTENT", "HCP_CONTEXT", "HCP_DECISION", "HCP_FEEDBACK", "HCP_STATE_UPDATE",
		"RTT_OPEN", "RTT_DATA", "RTT_ACK", "RTT_HEARTBEAT", "RTT_CLOSE", "ANNOUNCE", "PUSH_REFLECTION", "SYNC_GRAPH_REQUEST", "SYNC_GRAPH_CHUNK",
	} {
		in := arriving(1, typ, 1)
		assert.Equal(t, []act{dropped(trace.UnknownType)}, step(newRouter(t, config(t, 1, 4, 0, 2, 3)), in), typ)
		assert.True(t, IsProtocolType(typ), typ)
	}
	for _, typ := range []string{"MESH_HELLO", "SERVICE_INVOKE", "hello", ""} {
		assert.Equal(t, []act{delivered()}, step(newRouter(t, config(t, 1, 4, 0, 2, 3)), arriving(1, typ, 1)), typ)
	}
	quiet := func(*Envelope) (Answer, bool) { return Answer{}, false }
	assert.Equal(t, []act{delivered()}, step(speaking(t, quiet, "HCP_HELLO"), arriving(1, "HCP_HELLO", 1)))
}

// Whose a type is does not depend on what came before it.
func TestTypesInAnyOrder(t *testing.T) {
	want := map[string]act{"ASK": delivered(), "TELL": delivered(), "HELLO": dropped(trace.UnknownType), "": delivered()}
	rapid.Check(t, func(rt *rapid.T) {
		taken := 0
		r := speaking(t, func(*Envelope) (Answer, bool) { taken++; return Answer{}, false }, "ASK")
		asked := 0
		for n, typ := range rapid.SliceOf(rapid.SampledFrom([]string{"ASK", "TELL", "HELLO", ""})).Draw(rt, "types") {
			require.Equal(rt, []act{want[typ]}, step(r, arriving(uint64(n), typ, 1)), "%d: %q", n, typ)
			if typ == "ASK" {
				asked++
			}
			require.Equal(rt, asked, taken)
		}
	})
}

// A broadcast that a node refuses goes on from there all the same.
func TestRefusedBroadcastGoesOn(t *testing.T) {
	c := config(t, 1, 4, 0, 2, 3)
	c.Policy = Flood{}
	assert.Equal(t, []act{dropped(trace.UnknownType), sent(2, 3)}, step(newRouter(t, c), arriving(1, "HCP_HELLO", sim.Everyone)))
}

// An application answers each message once, in its flow and under its number; what it
// answered before makes no difference.
func TestApplicationAnswers(t *testing.T) {
	answer := func(r *Router, in Input) Envelope {
		var out Outbox
		r.Step(0, &in, &out)
		require.Len(t, out.Acts, 2)
		require.Equal(t, ActDeliver, out.Acts[0].Kind)
		require.Equal(t, []sim.NodeID{0}, out.Acts[1].To)
		return *out.Acts[1].Envelope
	}
	busy, fresh := speaking(t, echo, "ASK"), speaking(t, echo, "ASK")
	first := answer(busy, arriving(4, "ASK", 1))
	second := answer(busy, arriving(5, "ASK", 1))
	alone := answer(fresh, arriving(5, "ASK", 1))
	assert.Equal(t, alone.ID, second.ID)
	assert.NotEqual(t, first.ID, second.ID)
	assert.Equal(t, "ASK_REPLY", second.Type)
	assert.Equal(t, []int64{33, 5}, []int64{second.Size, second.N})
	assert.Equal(t, trace.Flow{Name: "t1"}, second.Flow)
	assert.Equal(t, []sim.NodeID{1, 0}, []sim.NodeID{second.Origin, second.Destination})

	busy.seen = NewMemory(4).Seen(1, 1024) // the node forgets, its application does not
	assert.Equal(t, []act{delivered()}, step(busy, arriving(5, "ASK", 1)))
	step(busy, Input{Kind: Start, Tag: 2})
	later := answer(busy, arriving(6, "ASK", 1))
	assert.NotEqual(t, answer(fresh, arriving(6, "ASK", 1)).ID, later.ID, "another incarnation answers under keys of its own")
	assert.Equal(t, []act{delivered()}, step(busy, arriving(7, "TELL", 1)), "not of a type that it takes")
}

// A node is told nothing by a broadcast of its own, and answers none.
func TestApplicationDoesNotAnswerItself(t *testing.T) {
	e := &Envelope{ID: idOf(1), Type: "ASK", Origin: 1, Destination: sim.Everyone}
	assert.Equal(t, []act{sent(0, 2, 3)}, step(speaking(t, echo, "ASK"), Input{Kind: Submit, Envelope: e}))
}
