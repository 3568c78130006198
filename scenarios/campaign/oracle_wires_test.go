package campaign

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// impaired is a link with all that may happen to a copy, behind an uplink that fills.
const impaired = `version = 1
duration = "20s"
[topology]
kind = "line"
nodes = 2
[node_defaults]
uplink = { bandwidth = "100kbit/s", queue = "2000B" }
[link]
latency = { lognormal = { median = "10ms", sigma = 0.5 } }
loss = "5%"
burst_loss = { p = "5%", r = "30%", good = "1%", bad = "80%" }
bandwidth = "120kbit/s"
queue = 2
duplicate = "20%"
corrupt = "10%"
reorder = "10%"
mtu = 1000
header = 40
fifo = true
[[traffic]]
rate = "40/s"
size = { uniform = [0, 1010] }
`

// The naive wire sees each thing that can't be, of all that the record tells.
func TestWiresSeeDoctoredEvents(t *testing.T) {
	whole := ranCase(t, impaired)
	find := func(c *Case, is func(*trace.Event) bool) int {
		i := slices.IndexFunc(c.Events, func(e trace.Event) bool { return is(&e) })
		require.GreaterOrEqual(t, i, 0, "no such event")
		return i
	}
	dropped := func(r trace.Reason) func(*trace.Event) bool {
		return func(e *trace.Event) bool { return e.Kind == trace.EnvelopeDropped && e.Reason == r }
	}
	sent := func(copy int32) func(*trace.Event) bool {
		return func(e *trace.Event) bool { return e.Kind == trace.EnvelopeTransmitted && e.Copy == copy }
	}
	remove := func(c *Case, i int) { c.Events = slices.Delete(c.Events, i, i+1) }
	for says, doctor := range map[string]func(c *Case){
		"with an MTU of 1000 refuses":              func(c *Case) { c.Events[find(c, dropped(trace.MTU))].Size = 1000 },
		"with an MTU of 1000 takes":                func(c *Case) { c.Events[find(c, sent(0))].Size = 1001 },
		"has no room for a copy, though":           func(c *Case) { c.Events[find(c, dropped(trace.QueueFull))].T += 1e10 },
		"an uplink lets a copy wait":               func(c *Case) { c.Events[find(c, dropped(trace.QueueFull))].Kind = trace.EnvelopeTransmitted },
		"begins to send":                           func(c *Case) { c.Events[find(c, sent(0))].Start++ },
		`ends by "", expected: "loss"`:             func(c *Case) { remove(c, find(c, dropped(trace.Loss))) },
		`ends by "", expected: "burst_loss"`:       func(c *Case) { remove(c, find(c, dropped(trace.BurstLoss))) },
		`ends by "burst_loss", expected: "loss"`:   func(c *Case) { c.Events[find(c, dropped(trace.Loss))].Reason = trace.BurstLoss },
		"is corrupt: false, expected: true":        func(c *Case) { c.Events[find(c, dropped(trace.Corrupt))].Kind = trace.EnvelopeDelivered },
		"makes a duplicate: false, expected: true": func(c *Case) { remove(c, find(c, sent(1))) },
		"arrives at": func(c *Case) { c.Events[find(c, sent(0))].Arrive += 10 },
	} {
		t.Run(says, func(t *testing.T) {
			c := *whole
			c.Events = slices.Clone(whole.Events)
			doctor(&c)
			assert.Contains(t, wires(&c), says)
		})
	}
}

// The formulas are those of the distributions: at the quartiles of the draws, and at
// both ends.
func TestNaiveLatencies(t *testing.T) {
	assert.InDelta(t, 0, normalQuantile(1<<63), 1e-15)
	assert.InDelta(t, 0.6744897501960817, normalQuantile(3<<62), 1e-12)
	assert.InDelta(t, -0.6744897501960817, normalQuantile(1<<62), 1e-12)
	assert.InDelta(t, 0.2876820724517809, minusLog(3<<62), 1e-12)
	assert.InDelta(t, 44.3614195558365, minusLog(0), 1e-9)
	assert.Zero(t, minusLog(1<<64-1))
	for _, n := range []uint64{1, 2, 7, 1 << 31, 1<<32 + 1, 1<<63 + 5} {
		for _, draw := range []uint64{0, 1, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, 0xdeadbeefcafef00d, 1<<64 - 1} {
			assert.Equal(t, sim.Below(draw, n), part(draw, n), "%d of %d", draw, n)
		}
	}
	assert.Equal(t, time.Duration(1), serialisation(1, 8_000_000_001), "rounded up")
	assert.Equal(t, netmodel.MaxLatency, 24*time.Hour, "the most that clamp knows")
}
