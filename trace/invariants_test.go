package trace

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/clock"
	"meshsim/sim"
)

func TestConservationAudit(t *testing.T) {
	one := letter{1, alfa, charlie, "t1"}
	hash := func(path ...sim.NodeID) uint64 { return CopyHash(EnvelopeID{15: 1}, path, 0) }
	for _, tt := range []struct {
		name        string
		held        int64
		fingerprint uint64
		detail      string
	}{
		{"as the events say", 2, hash(alfa, bravo) + hash(alfa, charlie), ""},
		{"one is missing", 1, hash(alfa, bravo), "1 copies are under way, but the events leave 2 open"},
		{"one more that adds nothing", 3, hash(alfa, bravo) + hash(alfa, charlie), "3 copies are under way, but the events leave 2 open"},
		{"one is elsewhere", 2, hash(alfa, bravo) + hash(alfa, delta), "2 copies are under way, as many as the events leave open, but not the same ones"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := observe(10, MetricsConfig{})
			o.tell(one.sent(2), one.wire(0, alfa, bravo), one.wire(0, alfa, charlie))
			o.Conservation.Audit(77, tt.held, tt.fingerprint)
			want := Invariant{Name: "conservation", Evaluations: 4, Verdict: "passed"}
			if tt.detail != "" {
				want.Violations, want.FirstSeq, want.AtNS, want.Verdict, want.Detail = 1, 3, 77, "failed", tt.detail
			}
			assert.Equal(t, want, o.Conservation.Result())
		})
	}
}

// TestConservationAddsUp plants a ledger that miscounts without noticing.
func TestConservationAddsUp(t *testing.T) {
	one := letter{1, alfa, charlie, "t1"}
	o := observe(10, MetricsConfig{})
	o.tell(one.sent(1))
	o.Ledger.dropped++
	o.tell(one.wire(0, alfa, bravo), one.lost(0, alfa, bravo))
	assert.Equal(t, Invariant{
		Name: "conservation", Evaluations: 3, Violations: 1, FirstSeq: 2, AtNS: 20, Verdict: "failed",
		Detail: "1 copies created, but 0 delivered + 1 dropped + 1 open",
	}, o.Conservation.Result(), "counted where it happened, not at every event after it")
}

func TestHopLimit(t *testing.T) {
	one := letter{1, alfa, delta, "t1"}
	o := observe(10, MetricsConfig{}) // at most 2 hops
	o.tell(one.delivered(0, alfa), one.delivered(0, alfa, bravo, charlie), one.refused(HopLimit, 0, alfa, bravo, charlie, delta))
	assert.Equal(t, Invariant{Name: "hop_limit", Evaluations: 2, Verdict: "passed"}, o.HopLimit.Result())
	o.tell(one.delivered(0, alfa, bravo, charlie, delta), one.delivered(0, alfa, bravo, charlie, alfa))
	assert.Equal(t, Invariant{
		Name: "hop_limit", Evaluations: 4, Violations: 2, FirstSeq: 4, AtNS: 40, Verdict: "failed",
		Detail: "delta takes envelope 00000000-0000-0000-0000-000000000001 after 3 hops, alfa → bravo → charlie → delta; the limit is 2",
	}, o.HopLimit.Result())
}

func restart(node sim.NodeID, lose Lose) Event {
	return Event{Kind: NodeUp, Node: node, Payload: Payload{Incarnation: 2, Lose: lose}}
}

func TestNoRevisit(t *testing.T) {
	one := letter{1, alfa, charlie, "t1"}
	all := letter{2, alfa, sim.Everyone, "t1"}
	news := letter{1, alfa, sim.Everyone, "t1"}
	for _, tt := range []struct {
		name       string
		story      []Event
		violations int64
	}{
		{"a path without a loop", []Event{
			one.sent(1), one.wire(0, alfa, bravo), one.forwarded(1, 0, alfa, bravo), one.wire(0, alfa, bravo, charlie), one.delivered(0, alfa, bravo, charlie),
		}, 0},
		{"delivered and sent on is one visit", []Event{all.sent(1), all.wire(0, alfa, bravo), all.delivered(0, alfa, bravo), all.forwarded(1, 0, alfa, bravo)}, 0},
		{"an origin may take its own", []Event{one.sent(0), one.delivered(0, alfa)}, 0},
		{"an origin may send on later what it held", []Event{one.sent(0), one.forwarded(1, 0, alfa)}, 0},
		{"a second copy that is dropped is no visit", []Event{
			one.sent(1), one.wire(0, alfa, charlie), one.wire(1, alfa, charlie), one.delivered(0, alfa, charlie), one.refused(Duplicate, 1, alfa, charlie),
		}, 0},
		{"sending what one does not hold is no visit", []Event{one.sent(1), one.wire(0, alfa, bravo), one.forwarded(1, 0, alfa, bravo), one.injected(1, alfa, bravo)}, 0},
		{"back at the origin", []Event{
			one.sent(1), one.wire(0, alfa, bravo), one.forwarded(1, 0, alfa, bravo), one.wire(0, alfa, bravo, alfa), one.forwarded(1, 0, alfa, bravo, alfa),
		}, 1},
		{"delivered twice", []Event{
			one.sent(1), one.wire(0, alfa, charlie), one.wire(1, alfa, charlie), one.delivered(0, alfa, charlie), one.delivered(1, alfa, charlie),
		}, 1},
		{"delivered again after all copies had ended", []Event{
			one.sent(1), one.wire(0, alfa, charlie), one.delivered(0, alfa, charlie), one.injected(1, alfa, bravo), one.wire(0, alfa, bravo, charlie), one.delivered(0, alfa, bravo, charlie),
		}, 1},
		{"delivered again after a crash that lost nothing", []Event{
			one.sent(1), one.wire(0, alfa, charlie), one.wire(1, alfa, charlie), one.delivered(0, alfa, charlie),
			restart(charlie, LoseNothing), one.delivered(1, alfa, charlie),
		}, 1},
		{"delivered again after a crash that lost the state", []Event{
			one.sent(1), one.wire(0, alfa, charlie), one.wire(1, alfa, charlie), one.delivered(0, alfa, charlie),
			restart(charlie, LoseState), one.delivered(1, alfa, charlie),
		}, 0},
		{"delivered again after a crash that lost the identity", []Event{
			one.sent(1), one.wire(0, alfa, charlie), one.wire(1, alfa, charlie), one.delivered(0, alfa, charlie),
			restart(charlie, LoseIdentity), one.delivered(1, alfa, charlie),
		}, 0},
		{"delivered again after a crash of another node", []Event{
			one.sent(1), one.wire(0, alfa, charlie), one.wire(1, alfa, charlie), one.delivered(0, alfa, charlie),
			restart(bravo, LoseState), one.delivered(1, alfa, charlie),
		}, 1},
		{"delivered again after a crash, twice", []Event{
			one.sent(1), one.wire(0, alfa, charlie), one.wire(1, alfa, charlie), one.delivered(0, alfa, charlie),
			restart(charlie, LoseState), one.delivered(1, alfa, charlie), one.injected(1, alfa, bravo), one.wire(0, alfa, bravo, charlie), one.delivered(0, alfa, bravo, charlie),
		}, 1},
		{"delivered again after all copies had ended and a crash", []Event{
			one.sent(1), one.wire(0, alfa, charlie), one.delivered(0, alfa, charlie), restart(charlie, LoseState),
			one.injected(1, alfa, bravo), one.wire(0, alfa, bravo, charlie), one.delivered(0, alfa, bravo, charlie),
		}, 0},
		{"refused by its handler, a broadcast goes on", []Event{
			news.sent(1), news.wire(0, alfa, charlie), news.refused(UnknownType, 0, alfa, charlie), news.forwarded(1, 0, alfa, charlie),
			news.wire(0, alfa, charlie, bravo), news.refused(UnknownType, 0, alfa, charlie, bravo),
		}, 0},
		{"refused by its handler, twice", []Event{
			news.sent(1), news.wire(0, alfa, charlie), news.wire(1, alfa, charlie), news.refused(UnknownType, 0, alfa, charlie),
			news.refused(UnknownType, 1, alfa, charlie),
		}, 1},
		{"a dishonest node may", []Event{
			one.sent(1), one.wire(0, alfa, delta), one.wire(1, alfa, delta), one.forwarded(1, 0, alfa, delta), one.forwarded(1, 1, alfa, delta),
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := observe(10, MetricsConfig{})
			o.tell(tt.story...)
			assert.Empty(t, o.flaws)
			got := o.NoRevisit.Result()
			assert.Equal(t, tt.violations, got.Violations, got.Detail)
			if tt.violations > 0 {
				assert.Equal(t, uint64(len(tt.story)), got.FirstSeq)
				assert.Contains(t, got.Detail, "processes envelope 00000000-0000-0000-0000-000000000001 again, over alfa → ")
			}
		})
	}
}

// TestNoRevisitForgives lets just as many newer ids pass as a node remembers.
func TestNoRevisitForgives(t *testing.T) {
	const seenMax = 5
	for newer := range byte(8) {
		slow := letter{100, alfa, charlie, "t1"}
		o := observe(seenMax, MetricsConfig{To: clock.Never})
		o.tell(slow.sent(1), slow.wire(0, alfa, charlie), slow.wire(1, alfa, charlie), slow.delivered(0, alfa, charlie))
		for id := byte(1); id <= newer; id++ {
			m := letter{id, alfa, charlie, "t1"}
			o.tell(m.sent(1), m.wire(0, alfa, charlie), m.delivered(0, alfa, charlie))
		}
		o.tell(slow.delivered(1, alfa, charlie))
		assert.Empty(t, o.flaws)
		assert.Equal(t, newer < seenMax, o.NoRevisit.Result().Violations == 1, "%d newer ids", newer)
	}
}

// TestNoRevisitForgivesLateArrivals has a node get to know an id that is older
// than the one which it forgets for it.
func TestNoRevisitForgivesLateArrivals(t *testing.T) {
	old, slow := letter{1, alfa, charlie, "t1"}, letter{2, alfa, charlie, "t1"}
	slowly := []Event{slow.sent(1), slow.wire(0, alfa, charlie), slow.wire(1, alfa, charlie), slow.delivered(0, alfa, charlie)}
	for _, tt := range []struct {
		name            string
		before, between []Event
		violations      int64
	}{
		{"nothing else", nil, nil, 1},
		{"the other was under way", []Event{old.sent(1), old.wire(0, alfa, charlie)}, []Event{old.delivered(0, alfa, charlie)}, 0},
		{"the other had ended and came back", []Event{old.sent(1), old.untaken(alfa)},
			[]Event{old.injected(1, alfa, bravo), old.wire(0, alfa, bravo, charlie), old.delivered(0, alfa, bravo, charlie)}, 0},
		{"the other had ended for good", []Event{old.sent(1), old.untaken(alfa)}, nil, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := observe(1, MetricsConfig{})
			o.tell(tt.before...)
			o.tell(slowly...)
			o.tell(tt.between...)
			o.tell(slow.delivered(1, alfa, charlie))
			assert.Empty(t, o.flaws)
			assert.Equal(t, tt.violations, o.NoRevisit.Result().Violations)
		})
	}
}
