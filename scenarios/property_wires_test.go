package scenarios_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// agrees accepts a share of n within 4 standard errors of p.
func agrees(hits, n int64, p float64) bool {
	return math.Abs(float64(hits)/float64(n)-p) <= 4*math.Sqrt(p*(1-p)/float64(n))
}

// lossyLine sends n messages over h links that lose a tenth each.
func lossyLine(n, h int64) *scenarios.Scenario {
	last := []string{"n0", "n1", "n2", "n3", "n4", "n5"}[h]
	return &scenarios.Scenario{
		Name: "lossy", Seed: 1, Duration: time.Hour,
		Topology: scenarios.Topology{Kind: scenarios.Line{Nodes: h + 1}},
		Link:     scenarios.Link{Loss: 100_000_000},
		Traffic:  []scenarios.Traffic{messages("t1", []string{"n0"}, []string{last}, 0, time.Millisecond, 100, n)},
	}
}

// Links lose independently: over h of them (1−p)ʰ get through. One draw for a
// message, which all its links would share, would let 1−p through, and is found out.
func TestDeliveryOverLossyLinks(t *testing.T) {
	const n, want = 100_000, 0.59049
	s := lossyLine(n, 5)
	result := run(t, s, scenarios.Options{})
	delivered := result.Metrics.Traffic.Delivered
	assert.InDelta(t, want, float64(delivered)/n, 0.0062)
	assert.EqualValues(t, n-delivered, result.Metrics.Drops["loss"])

	shared := run(t, lossyLine(n, 1), scenarios.Options{}).Metrics.Traffic.Delivered // as if one draw decided
	assert.True(t, agrees(shared, n, 0.9))
	assert.False(t, agrees(shared, n, want), "the control passes")
}

// A run with burst loss alone loses what theory says, and says why.
func TestBurstLossInARun(t *testing.T) {
	const n, inflation = 100_000, 6.69
	s := lossyLine(n, 1)
	s.Link = scenarios.Link{BurstLoss: scenarios.BurstLoss{P: 10_000_000, R: 250_000_000, Bad: 1_000_000_000}}
	result := run(t, s, scenarios.Options{})
	lost := result.Metrics.Drops["burst_loss"]
	require.Equal(t, lost, result.Metrics.Copies.Dropped)
	share := 0.01 / 0.26
	assert.InDelta(t, share, float64(lost)/n, 4*math.Sqrt(inflation*share*(1-share)/n))
}

// A direction has what [[links]] say of it, and the other does not.
func TestLinksMayBeAsymmetric(t *testing.T) {
	s := pair(50)
	s.Duration = 10 * time.Second
	back := messages("back", []string{"b"}, []string{"a"}, 0, ms(100), 100, 50)
	s.Traffic = append(s.Traffic, back)
	all, small, slow := scenarios.Ratio(1_000_000_000), new(int64(99)), scenarios.Constant(ms(30))
	for name, c := range map[string]struct {
		forth, back scenarios.Links
		drops       map[string]int64
	}{
		"loss and corruption": {scenarios.Links{Loss: &all}, scenarios.Links{Corrupt: &all}, map[string]int64{"loss": 50, "corrupt": 50}},
		"mtu and burst loss": {
			scenarios.Links{MTU: small}, scenarios.Links{BurstLoss: &scenarios.BurstLoss{P: all, Bad: all}}, map[string]int64{"mtu": 50, "burst_loss": 50},
		},
		"one way only": {scenarios.Links{Loss: &all}, scenarios.Links{Latency: &slow}, map[string]int64{"loss": 50}},
	} {
		c.forth.From, c.forth.To, c.back.From, c.back.To = "a", "b", "b", "a"
		s.Links = []scenarios.Links{c.forth, c.back}
		result := run(t, s, scenarios.Options{})
		sum := int64(0)
		for reason, n := range c.drops {
			assert.Equal(t, n, result.Metrics.Drops[reason], "%s: %s", name, reason)
			sum += n
		}
		assert.EqualValues(t, 100-sum, result.Metrics.Traffic.Delivered, name)
	}
}

// The MTU is of envelopes: a size of just so much passes, whatever the header.
func TestEnvelopeOfTheMTUPasses(t *testing.T) {
	s := pair(5)
	s.Link.MTU, s.Link.Header = 100, 40
	result := run(t, s, scenarios.Options{})
	assert.EqualValues(t, 5, result.Metrics.Traffic.Delivered)
	assert.EqualValues(t, 5*140, result.Metrics.Links.Bytes)
	s.Traffic[0].Size = scenarios.Bytes(101)
	events, result := record(t, s, trace.EnvelopeDropped, trace.EnvelopeTransmitted)
	assert.EqualValues(t, 5, result.Metrics.Drops["mtu"])
	require.Len(t, events, 5, "none was transmitted")
	assert.Equal(t, []any{sim.NodeID(0), sim.NodeID(1), trace.MTU, trace.Wire}, []any{events[0].Node, events[0].Peer, events[0].Reason, events[0].Layer})
}

// What is corrupted takes the time of what is not, all the way: others wait for it
// as before. The receiver drops it when it arrives.
func TestCorruptionCostsItsTransmission(t *testing.T) {
	s := pair(100)
	s.Duration = time.Minute
	s.Traffic[0].Interval = ms(1)
	s.Link.Bandwidth = 100 * scenarios.KbitPerSecond // 100 bytes take 8 ms
	s.NodeDefaults.Downlink.Bandwidth = 50 * scenarios.KbitPerSecond
	sound := deliveries(t, s)
	s.Link.Corrupt = 300_000_000
	damaged := deliveries(t, s)
	require.Len(t, sound, 100)
	require.Greater(t, len(damaged), 50)
	for n, at := range damaged {
		require.Equal(t, sound[n], at)
	}
	events, result := record(t, s, trace.EnvelopeDropped)
	require.EqualValues(t, len(events), result.Metrics.Drops["corrupt"])
	require.Len(t, events, 100-len(damaged))
	for _, e := range events {
		require.Equal(t, sound[e.N], e.T, "when it would have been delivered")
		require.Equal(t, []any{sim.NodeID(1), sim.NodeID(0), trace.Corrupt, trace.Wire}, []any{e.Node, e.Peer, e.Reason, e.Layer})
		require.Equal(t, []sim.NodeID{0, 1}, e.Path)
	}
	link := result.Metrics.Links.By["a->b"]
	assert.EqualValues(t, 100*ms(8), link.BusyNS)
	assert.EqualValues(t, len(events), link.Drops)
}

// A wire's second copy is corrupted by itself, and so is each copy of a broadcast.
func TestEveryCopyMayBeCorrupted(t *testing.T) {
	s := star()
	s.Link.Corrupt, s.Link.Duplicate = 1_000_000_000, 1_000_000_000
	s.Routing.Strategy = "flood"
	s.Traffic = []scenarios.Traffic{messages("t1", []string{"hub"}, nil, 0, time.Second, 100, 5)}
	s.Traffic[0].To = scenarios.Target{How: scenarios.ToAll}
	result := run(t, s, scenarios.Options{})
	assert.EqualValues(t, 5*3*2, result.Metrics.Drops["corrupt"])
	assert.Equal(t, result.Metrics.Copies.Created, result.Metrics.Drops["corrupt"])
}

// deliveries tells by number when messages were delivered.
func deliveries(t *testing.T, s *scenarios.Scenario) map[int64]any {
	events, _ := record(t, s, trace.EnvelopeDelivered)
	at := map[int64]any{}
	for _, e := range events {
		at[e.N] = e.T
	}
	return at
}

const hub sim.NodeID = 3 // of star

// star has a hub and leaves a, b and c around it, on links of 10 ms.
func star() *scenarios.Scenario {
	s := &scenarios.Scenario{
		Name: "star", Seed: 1, Duration: 10 * time.Second,
		Topology: scenarios.Topology{Kind: scenarios.OwnLinks{}},
		Link:     scenarios.Link{Latency: scenarios.Constant(ms(10)), Header: 25},
	}
	s.Nodes = []scenarios.Node{{ID: "hub"}}
	for _, leaf := range []string{"a", "b", "c"} {
		s.Nodes = append(s.Nodes, scenarios.Node{ID: leaf})
		s.Links = append(s.Links, scenarios.Links{Between: []string{"hub", leaf}})
	}
	return s
}

// times lists when events happened, in order.
func times(events []trace.Event) (all []time.Duration) {
	for _, e := range events {
		all = append(all, time.Duration(e.T))
	}
	slices.Sort(all)
	return all
}

// Messages to different neighbours share the uplink, first come, first served:
// 125 bytes with the header take 1 ms at 1 Mbit/s. A link's own transmitter comes
// after it, store and forward.
func TestUplinkIsSharedByAllLinks(t *testing.T) {
	s := star()
	s.Nodes[0].Uplink = &scenarios.Access{Bandwidth: scenarios.MbitPerSecond}
	s.Traffic = []scenarios.Traffic{messages("t1", []string{"hub"}, nil, 0, time.Second, 100, 2)}
	s.Traffic[0].To = scenarios.Target{How: scenarios.ToEach}
	delivered, _ := record(t, s, trace.EnvelopeDelivered)
	assert.Equal(t, []time.Duration{ms(11), ms(12), ms(13), ms(1011), ms(1012), ms(1013)}, times(delivered))

	s.Link.Bandwidth = 500 * scenarios.KbitPerSecond // 2 ms more on each link
	sent, _ := record(t, s, trace.EnvelopeTransmitted)
	for i, e := range sent[:3] {
		assert.EqualValues(t, ms(int64(i)), e.Start)
		assert.EqualValues(t, ms(int64(i)+13), e.Arrive)
	}
	delivered, _ = record(t, s, trace.EnvelopeDelivered)
	assert.Equal(t, []time.Duration{ms(13), ms(14), ms(15), ms(1013), ms(1014), ms(1015)}, times(delivered))

	s.Nodes[0].Uplink.Queue = scenarios.QueueSize{Unit: scenarios.QueueCopies, Max: 1}
	dropped, result := record(t, s, trace.EnvelopeDropped)
	assert.EqualValues(t, 2, result.Metrics.Drops["queue_full"])
	assert.Equal(t, []time.Duration{0, ms(1000)}, times(dropped), "at hand-over, by the sender")
	assert.Equal(t, hub, dropped[0].Node)
}

// Messages from different neighbours that arrive at once wait for the downlink.
// They have arrived there; the node gets them later.
func TestDownlinkIsSharedByAllLinks(t *testing.T) {
	s := star()
	s.Nodes[0].Downlink = &scenarios.Access{Bandwidth: scenarios.MbitPerSecond}
	s.Traffic = []scenarios.Traffic{messages("t1", []string{"a", "b", "c"}, []string{"hub"}, 0, time.Second, 100, 1)}
	sent, _ := record(t, s, trace.EnvelopeTransmitted)
	require.Len(t, sent, 3)
	for _, e := range sent {
		assert.EqualValues(t, 0, e.Start)
		assert.EqualValues(t, ms(10), e.Arrive)
	}
	delivered, _ := record(t, s, trace.EnvelopeDelivered)
	assert.Equal(t, []time.Duration{ms(11), ms(12), ms(13)}, times(delivered))

	s.Duration = ms(12) - 1
	result := run(t, s, scenarios.Options{})
	assert.EqualValues(t, 2, result.Metrics.Copies.InFlight, "what waits is in flight")

	s.Duration = time.Second
	s.Nodes[0].Downlink.Queue = scenarios.QueueSize{Unit: scenarios.QueueBytes, Max: 125}
	dropped, result := record(t, s, trace.EnvelopeDropped)
	require.Len(t, dropped, 1)
	e := dropped[0]
	assert.EqualValues(t, ms(10), e.T)
	assert.Equal(t, []any{trace.QueueFull, trace.Wire, hub, sim.NodeID(2)}, []any{e.Reason, e.Layer, e.Node, e.Peer})
	assert.Len(t, e.Path, 2, "it had been handed over")
	assert.EqualValues(t, 1, result.Metrics.Links.By["c->hub"].Drops)
	s.Nodes[0].Downlink.Queue.Max = 124
	assert.EqualValues(t, 2, run(t, s, scenarios.Options{}).Metrics.Drops["queue_full"], "the header counts")
}

// A link is judged when a copy arrives at its end. What has, and waits for the
// downlink, is safe.
func TestCutReachesNoDownlink(t *testing.T) {
	s := star()
	s.NodeDefaults.Downlink.Bandwidth = 10 * scenarios.KbitPerSecond // 100 ms each
	s.Traffic = []scenarios.Traffic{messages("t1", []string{"a"}, []string{"hub"}, 0, ms(1), 100, 8)}
	s.Faults = []scenarios.Fault{cut("split", 15, 2000, scenarios.Partition{Groups: [][]string{{"a"}, {"*"}}})}
	result := run(t, s, scenarios.Options{})
	assert.EqualValues(t, 5, result.Metrics.Traffic.Delivered, "arrived at 10 … 14 ms")
	assert.EqualValues(t, 3, result.Metrics.Drops["partition"])
	s.Link.Corrupt = 1_000_000_000
	result = run(t, s, scenarios.Options{})
	assert.EqualValues(t, 5, result.Metrics.Drops["corrupt"])
	assert.EqualValues(t, 3, result.Metrics.Drops["partition"], "who does not arrive is not thrown away")
}
