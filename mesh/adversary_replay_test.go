package mesh

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/rtt"
	"meshsim/sim"
)

// A replayer sends what passed through it once more, as its own, within its span of
// time only, and never what it said or what was said to it.
func TestReplayer(t *testing.T) {
	const from, to = clock.Time(10 * clock.Second), clock.Time(20 * clock.Second)
	var ids uint64
	pass := func(sender, receiver sim.NodeID, m *cipMessage) Input {
		ids++
		e := &Envelope{ID: idOf(ids), Type: typeCIPHello, Origin: sender, Destination: receiver, Hops: []sim.NodeID{1}, Payload: m}
		identity(4, sender).Sign(e)
		return Input{Kind: Arrive, Envelope: e, From: sender}
	}
	message := func(id byte, sender, receiver sim.NodeID) *cipMessage {
		m := &cipMessage{id: token{id}, typ: typeCIPHello, sender: sender, key: identity(4, sender).Public(), receiver: receiver}
		m.size, m.code = 10, uint64(id)
		return m
	}
	for _, c := range []struct {
		name             string
		at               clock.Time
		sender, receiver sim.NodeID
		kept             bool
	}{
		{"just before", from - 1, 0, 2, false},
		{"from then on", from, 0, 2, true},
		{"to itself", from, 0, 1, false},
		{"just before the end", to - 1, 0, 2, true},
		{"at the end", to, 0, 2, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			conf := config(t, 1, 4, 0, 2, 3)
			conf.Protocols = []Protocol{NewApplication(echo)}
			conf.Author = NewAuthor(conf.Identity, sim.Seed(1).Stream("envelope/id"), keysOf(4))
			r := NewReplayer(newRouter(t, conf), Span{from, to})
			var out Outbox
			in := pass(c.sender, c.receiver, message(1, c.sender, c.receiver))
			r.Step(c.at, &in, &out)
			require.Equal(t, c.kept, out.Acts[0].Kind == ActWake)
			if !c.kept {
				return
			}
			assert.Equal(t, time.Second, out.Acts[0].After)
			assert.Equal(t, ActSend, out.Acts[1].Kind, "it goes on as from any node")

			again := pass(c.sender, c.receiver, message(1, c.sender, c.receiver))
			out.Reset()
			r.Step(c.at, &again, &out)
			require.Len(t, out.Acts, 1, "it is replayed once")

			out.Reset()
			timer := Input{Kind: Timer, Tag: adversaryTag}
			r.Step(c.at.Add(time.Second), &timer, &out)
			if c.at.Add(time.Second) >= to {
				assert.Empty(t, out.Acts, "it is honest again")
				return
			}
			require.Len(t, out.Acts, 1)
			e := out.Acts[0].Envelope
			assert.Equal(t, []sim.NodeID{1, 2}, []sim.NodeID{e.Origin, e.Destination})
			assert.NotEqual(t, in.Envelope.ID, e.ID)
			assert.Same(t, in.Envelope.Payload, e.Payload)
			assert.True(t, conf.Keyring.Verify(e))
		})
	}
}

// Of a session it says every segment again, but none that was said to itself.
func TestReplayerOfSegments(t *testing.T) {
	conf := config(t, 1, 4, 0, 2, 3)
	conf.Author = NewAuthor(conf.Identity, sim.Seed(1).Stream("envelope/id"), keysOf(4))
	r := NewReplayer(newRouter(t, conf), Span{0, clock.Never})
	for _, c := range []struct {
		from, to sim.NodeID
		kept     bool
	}{{0, 2, true}, {0, 1, false}, {2, 0, true}} {
		q := &rttSegment{g: segment{Name: rtt.Name[*PublicKey]{From: identity(4, c.from).Public(), To: identity(4, c.to).Public()}}}
		q.set(q, nil)
		e := &Envelope{ID: idOf(uint64(10*c.from + c.to)), Type: "RTT_DATA", Origin: c.from, Destination: c.to, Hops: []sim.NodeID{1}, Payload: q}
		identity(4, c.from).Sign(e)
		var out Outbox
		r.Step(0, &Input{Kind: Arrive, Envelope: e, From: c.from}, &out)
		require.Equal(t, c.kept, out.Acts[0].Kind == ActWake, "%d to %d", c.from, c.to)
		if !c.kept {
			continue
		}
		out.Reset()
		r.Step(clock.Time(time.Second), &Input{Kind: Timer, Tag: adversaryTag}, &out)
		require.Len(t, out.Acts, 1)
		again := out.Acts[0].Envelope
		assert.Equal(t, []sim.NodeID{1, c.to}, []sim.NodeID{again.Origin, again.Destination})
		assert.Equal(t, "RTT_DATA", again.Type)
		assert.Same(t, q, again.Payload)
		assert.True(t, conf.Keyring.Verify(again))
	}
}
