package world

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// fanIn is four senders with jittery links to node 0, which has a downlink.
func fanIn(t *testing.T, downlink netmodel.LineSpec) (Config, *events) {
	jitter, err := netmodel.Uniform(time.Millisecond, 20*time.Millisecond)
	require.NoError(t, err)
	seen := &events{}
	c := Config{Seed: 5, MaxHops: 8, SeenMax: 10_000, Sinks: []trace.Sink{seen}}
	c.Metrics.To = clock.Time(time.Minute)
	senders := &Messages{
		Name: "t1", Type: "MESSAGE", To: Destinations{Mode: ToOne, Nodes: []sim.NodeID{0}}, Poisson: true,
		Gap: Gap{uint64(20 * time.Millisecond), 1}, Size: FixedSize(400), StopAt: clock.Never, Count: 500, Seed: 5,
	}
	for i := range 5 {
		id := sim.NodeID(i)
		key := string(rune('a' + i))
		senders.Keys = append(senders.Keys, key)
		node := NodeSpec{ID: key, Key: key, New: func(Seat) (mesh.Node, error) {
			return stepper(func(_ clock.Time, in *mesh.Input, out *mesh.Outbox) {
				switch in.Kind {
				case mesh.Submit:
					out.Send(in.Envelope, []sim.NodeID{0})
				case mesh.Arrive:
					out.Deliver(in.Envelope)
				}
			}), nil
		}}
		if i == 0 {
			node.Downlink = downlink
		} else {
			senders.From = append(senders.From, id)
			c.Links = append(c.Links, netmodel.LinkSpec{From: id, To: 0, Latency: jitter, Header: 100})
		}
		c.Nodes = append(c.Nodes, node)
	}
	c.Sources = []Source{senders}
	return c, seen
}

// Little's law at a downlink, to the nanosecond: the time that copies spend in it,
// by the record, is the integral of the number that the queue of events holds there,
// and what the transmitter says of itself.
func TestLittleAtADownlink(t *testing.T) {
	for _, limit := range []int64{4, 1000} {
		c, seen := fanIn(t, netmodel.LineSpec{Bandwidth: 1_000_000, Queue: netmodel.Packets(limit)}) // 4 ms each, 5 ms between them
		var w *World
		var integral, present int64
		var since clock.Time
		c.OnInstant = func(now clock.Time) {
			integral += present * int64(now-since)
			since, present = now, 0
			w.engine.Each(func(_ clock.Time, e *event) {
				if e.kind == through {
					present++
				}
			})
		}
		w = build(t, c)
		sum := sound(t, w)
		arrived, sojourn := map[trace.EnvelopeID]clock.Time{}, int64(0)
		for _, e := range *seen {
			switch e.Kind {
			case trace.EnvelopeTransmitted:
				arrived[e.ID] = e.Arrive
			case trace.EnvelopeDelivered:
				sojourn += int64(e.T - arrived[e.ID])
			}
		}
		require.Positive(t, sojourn)
		assert.Equal(t, sojourn, integral)
		down := w.State(0).Downlink
		assert.Equal(t, sojourn, down.BusyNS+down.WaitNS)
		assert.Equal(t, int64(4*time.Millisecond)*sum.Traffic.Delivered, down.BusyNS)
		assert.EqualValues(t, 2000, sum.Traffic.Delivered+sum.Drops["queue_full"])
		assert.Equal(t, limit == 4, sum.Drops["queue_full"] > 0)
		assert.Nil(t, w.State(0).Uplink)
	}
}

// What waits in a downlink is in flight: at any moment the books have it.
func TestDownlinkIsAudited(t *testing.T) {
	c, _ := fanIn(t, netmodel.LineSpec{Bandwidth: 500_000})
	w := build(t, c)
	for step := range clock.Time(100) {
		w.Run(step * clock.Time(7*time.Millisecond))
		w.audit()
	}
	require.Greater(t, w.State(0).Arriving, 10)
	assert.EqualValues(t, w.Metrics().Summary().Copies.InFlight, w.State(0).Arriving)
	sound(t, w)
}

func TestBadLineIsRefused(t *testing.T) {
	c, _ := fanIn(t, netmodel.LineSpec{Bandwidth: -1})
	_, err := New(c)
	assert.EqualError(t, err, "downlink of node a: bandwidth -1 bit/s is negative")
}
