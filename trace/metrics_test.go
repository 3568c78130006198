package trace

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
)

func up(node sim.NodeID) Event   { return Event{Kind: NodeUp, Node: node} }
func down(node sim.NodeID) Event { return Event{Kind: NodeDown, Node: node} }

// after gives a delivery its latency.
func after(latency time.Duration, e Event) Event {
	e.Latency = latency
	return e
}

func TestMetricsOfTraffic(t *testing.T) {
	web := letter{1, alfa, charlie, "web"}
	news := letter{2, alfa, sim.Everyone, "news"}
	hello := letter{3, alfa, bravo, ""}
	ups := []Event{up(alfa), up(bravo), up(charlie), up(charlie)}
	arrival := LatencySummary{Count: 1, Sum: 70, Min: 70, Mean: 70, P50: 70, P95: 70, P99: 70, Max: 70}

	for _, tt := range []struct {
		rule  string
		story []Event
		want  ClassSummary
	}{
		{"a unicast under way", []Event{web.sent(1), web.wire(0, alfa, bravo)},
			ClassSummary{Sent: 1, Expected: 1, InFlight: 1}},
		{"a unicast that arrives", []Event{web.sent(1), web.wire(0, alfa, charlie), after(70, web.delivered(0, alfa, charlie))},
			ClassSummary{Sent: 1, Expected: 1, Delivered: 1, DeliveryRatio: 1, LastDeliveryNS: 70, LatencyNS: arrival, Hops: HopSummary{1, 1}}},
		{"a unicast that is lost", []Event{web.sent(1), web.wire(0, alfa, bravo), web.lost(0, alfa, bravo)},
			ClassSummary{Sent: 1, Expected: 1}},
		{"only the first arrival counts; the second is a duplicate", []Event{
			web.sent(1), web.wire(0, alfa, charlie), web.wire(1, alfa, charlie), after(70, web.delivered(0, alfa, charlie)), web.refused(Duplicate, 1, alfa, charlie),
		}, ClassSummary{Sent: 1, Expected: 1, Delivered: 1, DeliveryRatio: 1, Duplicates: 1, LastDeliveryNS: 80, LatencyNS: arrival, Hops: HopSummary{1, 1}}},
		{"delivered twice counts once", []Event{
			web.sent(1), web.wire(0, alfa, charlie), web.wire(1, alfa, charlie), after(70, web.delivered(0, alfa, charlie)), after(90, web.delivered(1, alfa, charlie)),
		}, ClassSummary{Sent: 1, Expected: 1, Delivered: 1, DeliveryRatio: 1, LastDeliveryNS: 80, LatencyNS: arrival, Hops: HopSummary{1, 1}}},
		{"a duplicate on the way is none", []Event{web.sent(1), web.wire(0, alfa, bravo), web.refused(Duplicate, 0, alfa, bravo)},
			ClassSummary{Sent: 1, Expected: 1}},
		{"a delivery elsewhere is none", []Event{web.sent(1), web.wire(0, alfa, bravo), web.delivered(0, alfa, bravo)},
			ClassSummary{Sent: 1, Expected: 1}},
		{"a broadcast expects the other nodes that are up", []Event{
			news.sent(1), news.wire(0, alfa, charlie), after(70, news.delivered(0, alfa, charlie)), news.forwarded(1, 0, alfa, charlie), news.wire(0, alfa, charlie, bravo),
		}, ClassSummary{Sent: 1, Expected: 2, Delivered: 1, DeliveryRatio: 0.5, InFlight: 1, LastDeliveryNS: 70, LatencyNS: arrival, Hops: HopSummary{1, 1}}},
		{"its duplicates count anywhere", []Event{news.sent(1), news.wire(0, alfa, bravo), news.refused(Duplicate, 0, alfa, bravo)},
			ClassSummary{Sent: 1, Expected: 2, Duplicates: 1}},
		{"who is down is not expected", []Event{down(bravo), down(bravo), news.sent(1), up(bravo), news.wire(0, alfa, bravo)},
			ClassSummary{Sent: 1, Expected: 1, InFlight: 1}},
		{"its own origin is no arrival", []Event{news.sent(0), news.delivered(0, alfa)},
			ClassSummary{Sent: 1, Expected: 2}},
		{"control does not count", []Event{hello.sent(1), hello.wire(0, alfa, bravo), hello.delivered(0, alfa, bravo)},
			ClassSummary{}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			o := observe(10, MetricsConfig{To: clock.Never})
			o.tell(ups...)
			o.tell(tt.story...)
			require.Empty(t, o.flaws)
			got := o.Metrics.Summary().Traffic
			assert.Equal(t, tt.want, got.ClassSummary)
			assert.Empty(t, got.Classes)
		})
	}
}

func TestMetricsWindowIncludesItsEnds(t *testing.T) {
	o := observe(10, MetricsConfig{From: 20, To: 40})
	for id := byte(1); id <= 5; id++ { // at 10, 20, … 50
		o.tell(letter{id, alfa, bravo, "t1"}.sent(1))
	}
	s := o.Metrics.Summary()
	assert.Equal(t, int64(3), s.Traffic.Sent)
	assert.Equal(t, int64(3), s.Traffic.InFlight)
	assert.Equal(t, int64(5), s.Copies.InFlight, "copies have no window")

	o = observe(10, MetricsConfig{From: 0, To: -1})
	o.tell(letter{1, alfa, bravo, "t1"}.sent(1))
	assert.Zero(t, o.Metrics.Summary().Traffic.Sent)
}

func TestMetricsPerClass(t *testing.T) {
	o := observe(10, MetricsConfig{To: clock.Never, Classes: []FlowClass{
		{Flow{Name: "1"}, "web"}, {Flow{Name: "1", IsRow: true}, "bulk"}, {Flow{Name: "2"}, "web"},
	}})
	row := letter{2, alfa, bravo, "1"}.sent(1)
	row.Flow.IsRow = true
	o.tell(
		letter{1, alfa, bravo, "1"}.sent(1), row, letter{3, alfa, bravo, "2"}.sent(1), letter{4, alfa, bravo, "3"}.sent(1),
		letter{1, alfa, bravo, "1"}.wire(0, alfa, bravo), after(9, letter{1, alfa, bravo, "1"}.delivered(0, alfa, bravo)),
	)
	s := o.Metrics.Summary()
	assert.Equal(t, int64(4), s.Traffic.Sent)
	assert.Equal(t, map[string]ClassSummary{
		"bulk": {Sent: 1, Expected: 1, InFlight: 1},
		"web": {
			Sent: 2, Expected: 2, Delivered: 1, DeliveryRatio: 0.5, InFlight: 1, LastDeliveryNS: 60, Hops: HopSummary{1, 1},
			LatencyNS: LatencySummary{Count: 1, Sum: 9, Min: 9, Mean: 9, P50: 9, P95: 9, P99: 9, Max: 9},
		},
	}, s.Traffic.Classes)
}

func TestMetricsOfLinksControlAndDrops(t *testing.T) {
	app, hello := letter{1, alfa, bravo, "t1"}, letter{2, bravo, charlie, ""}
	o := observe(10, MetricsConfig{From: 1000, To: clock.Never})
	o.tell(
		app.sent(1), app.wire(0, alfa, bravo), app.wire(1, alfa, bravo), app.lost(0, alfa, bravo),
		hello.sent(2), hello.wire(0, bravo, charlie), hello.untaken(bravo), hello.refused(BadSignature, 0, bravo, charlie),
	)
	s := o.Metrics.Summary()
	assert.Equal(t, LinkSummary{Transmissions: 2, Bytes: 101 + 112}, s.Links, "headers of 1 and 12 bytes; a duplicate takes no transmitter")
	assert.Equal(t, ControlSummary{Envelopes: 1, Transmissions: 1, Bytes: 112, Drops: 2}, s.Control)
	require.Len(t, s.Drops, len(Reasons()))
	for _, r := range Reasons() {
		want := int64(0)
		if r == Loss || r == QueueFull || r == BadSignature {
			want = 1
		}
		assert.Equal(t, want, s.Drops[r.String()], r)
	}
}

func TestMetricsFillsInPlace(t *testing.T) {
	m := letter{1, alfa, bravo, "t1"}
	o := observe(10, MetricsConfig{To: clock.Never, Classes: []FlowClass{{Flow{Name: "t1"}, "web"}}})
	o.tell(m.sent(1), m.wire(0, alfa, bravo))
	s := o.Metrics.Summary()
	o.tell(after(9, m.delivered(0, alfa, bravo)))

	o.Metrics.FillCounts(&s)
	assert.Equal(t, int64(1), s.Traffic.Delivered)
	assert.Equal(t, int64(1), s.Traffic.Classes["web"].Delivered)
	assert.Zero(t, s.Traffic.LatencyNS.Count)
	o.Metrics.FillLatency(&s)
	assert.Equal(t, int64(9), s.Traffic.LatencyNS.P99)
	assert.Equal(t, int64(9), s.Traffic.Classes["web"].LatencyNS.P99)
	assert.Equal(t, int64(1), s.Traffic.Classes["web"].Delivered, "the counts stay")
	assert.Equal(t, o.Metrics.Summary(), s)
	assert.Zero(t, testing.AllocsPerRun(10, func() { o.Metrics.Fill(&s) }))
}
