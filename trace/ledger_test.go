package trace

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
)

// letter builds the events of one envelope in the shape that a world gives them.
type letter struct {
	id       byte
	from, to sim.NodeID
	flow     string // none: control traffic
}

func (m letter) event(k Kind, node sim.NodeID, path []sim.NodeID) Event {
	return Event{Kind: k, Node: node, Peer: sim.NoNode, Payload: Payload{
		ID: EnvelopeID{15: m.id}, Origin: m.from, Destination: m.to, Path: path, Size: 100,
		Flow: Flow{Name: m.flow}, Control: m.flow == "",
	}}
}

func (m letter) sent(copies int32) Event {
	e := m.event(EnvelopeSent, m.from, []sim.NodeID{m.from})
	e.Peer, e.Copies = m.to, copies
	return e
}

// wire is a copy that a link takes; its duplicate has number 1.
func (m letter) wire(copy int32, path ...sim.NodeID) Event {
	e := m.event(EnvelopeTransmitted, path[len(path)-2], path)
	e.Peer, e.Copy = path[len(path)-1], copy
	return e
}

// lost is a copy that ends on the wire.
func (m letter) lost(copy int32, path ...sim.NodeID) Event {
	e := m.event(EnvelopeDropped, path[len(path)-2], path)
	e.Copy, e.Reason, e.Layer = copy, Loss, Wire
	return e
}

// untaken is a copy that no link takes.
func (m letter) untaken(path ...sim.NodeID) Event {
	e := m.event(EnvelopeDropped, path[len(path)-1], path)
	e.Reason, e.Layer = QueueFull, Wire
	return e
}

// queueFull is a copy for which a queue has no room, on its way from or to a peer.
func (m letter) queueFull(copy int32, peer sim.NodeID, path ...sim.NodeID) Event {
	e := m.untaken(path...)
	e.Copy, e.Peer = copy, peer
	return e
}

func (m letter) refused(r Reason, copy int32, path ...sim.NodeID) Event {
	e := m.event(EnvelopeDropped, path[len(path)-1], path)
	e.Copy, e.Reason, e.Layer = copy, r, Node
	return e
}

func (m letter) forwarded(copies, copy int32, path ...sim.NodeID) Event {
	e := m.event(EnvelopeForwarded, path[len(path)-1], path)
	e.Copies, e.Copy = copies, copy
	return e
}

func (m letter) injected(copies int32, path ...sim.NodeID) Event {
	e := m.forwarded(copies, 0, path...)
	e.Injected = true
	return e
}

func (m letter) delivered(copy int32, path ...sim.NodeID) Event {
	e := m.event(EnvelopeDelivered, path[len(path)-1], path)
	e.Copy = copy
	return e
}

// observed runs all observers over a story; event i has seq i + 1 and t = 10·seq. As a
// world does it hands on the hints, which those that ended may have given too.
type observed struct {
	*Observers
	flaws []flaw
	seq   uint64
	hints map[EnvelopeID]int32
}

var fourNames = []string{"alfa", "bravo", "charlie", "delta"}

func observe(seenMax int, cfg MetricsConfig) *observed {
	l := NewLedger(len(fourNames), seenMax)
	cfg.Nodes = len(fourNames)
	cfg.Header = func(from, to sim.NodeID) int64 { return int64(10*from + to) }
	return &observed{hints: map[EnvelopeID]int32{}, Observers: &Observers{
		Ledger: l, Metrics: NewMetrics(l, cfg), Conservation: NewConservation(l, fourNames),
		HopLimit: NewHopLimitCheck(2, fourNames), NoRevisit: NewNoRevisit(l, fourNames, 3), Effects: NewEffects(),
	}}
}

func (o *observed) tell(story ...Event) {
	for _, e := range story {
		o.seq++
		e.Seq, e.T, e.Hint = o.seq, clock.Time(10*o.seq), o.hints[e.ID]
		o.Emit(&e)
		o.hints[e.ID] = e.Hint
		if f := o.Ledger.current.flaw; f != noFlaw {
			o.flaws = append(o.flaws, f)
		}
	}
}

const alfa, bravo, charlie, delta = sim.NodeID(0), sim.NodeID(1), sim.NodeID(2), sim.NodeID(3)

func TestLedgerFollowsCopies(t *testing.T) {
	one := letter{1, alfa, charlie, "t1"}
	all := letter{2, alfa, sim.Everyone, "t1"}
	for _, tt := range []struct {
		rule                              string
		story                             []Event
		created, delivered, dropped, open int64
		held                              []uint64 // hashes of the open copies
	}{
		{"a submission without a neighbour is held", []Event{one.sent(0)}, 1, 0, 0, 1,
			[]uint64{CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa}, 0)}},
		{"and ends when it is delivered", []Event{one.sent(0), one.delivered(0, alfa)}, 1, 1, 0, 0, nil},
		{"or dropped", []Event{one.sent(0), one.refused(NoRoute, 0, alfa)}, 1, 0, 1, 0, nil},
		{"or goes on later", []Event{one.sent(0), one.forwarded(2, 0, alfa), one.wire(0, alfa, bravo)}, 2, 0, 0, 2,
			[]uint64{CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, bravo}, 0), CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa}, HandOver)}},
		{"k neighbours are k copies", []Event{one.sent(3), one.wire(0, alfa, bravo), one.wire(0, alfa, charlie), one.wire(0, alfa, delta)}, 3, 0, 0, 3,
			[]uint64{
				CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, bravo}, 0), CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, charlie}, 0),
				CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, delta}, 0),
			}},
		{"what a link does not take ends", []Event{one.sent(2), one.untaken(alfa), one.wire(0, alfa, bravo)}, 2, 0, 1, 1,
			[]uint64{CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, bravo}, 0)}},
		{"what a link loses ends", []Event{one.sent(1), one.wire(0, alfa, bravo), one.lost(0, alfa, bravo)}, 1, 0, 1, 0, nil},
		{"a duplicate is created, also of a lost copy", []Event{one.sent(1), one.wire(0, alfa, bravo), one.lost(0, alfa, bravo), one.wire(1, alfa, bravo)}, 2, 0, 1, 1,
			[]uint64{CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, bravo}, 1)}},
		{"a forward ends what was held", []Event{one.sent(1), one.wire(0, alfa, bravo), one.forwarded(1, 0, alfa, bravo), one.wire(0, alfa, bravo, charlie), one.delivered(0, alfa, bravo, charlie)},
			1, 1, 0, 0, nil},
		{"a forward of a duplicate", []Event{one.sent(1), one.wire(0, alfa, bravo), one.wire(1, alfa, bravo), one.forwarded(2, 1, alfa, bravo)}, 3, 0, 0, 3,
			[]uint64{
				CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, bravo}, 0), CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, bravo}, HandOver),
				CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, bravo}, HandOver),
			}},
		{"what waits to be sent is not what finds a full downlink", []Event{
			one.sent(1), one.wire(0, alfa, bravo), one.wire(1, alfa, bravo), one.forwarded(1, 0, alfa, bravo), one.queueFull(1, alfa, alfa, bravo),
		}, 2, 0, 1, 1, []uint64{CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, bravo}, HandOver)}},
		{"nor the other way round", []Event{
			one.sent(1), one.wire(0, alfa, bravo), one.wire(1, alfa, bravo), one.forwarded(1, 0, alfa, bravo), one.queueFull(1, charlie, alfa, bravo),
		}, 2, 0, 1, 1, []uint64{CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, bravo}, 1)}},
		{"a broadcast that was delivered goes on", []Event{all.sent(1), all.wire(0, alfa, bravo), all.delivered(0, alfa, bravo), all.forwarded(2, 0, alfa, bravo)}, 3, 1, 0, 2,
			[]uint64{CopyHash(EnvelopeID{15: 2}, []sim.NodeID{alfa, bravo}, HandOver), CopyHash(EnvelopeID{15: 2}, []sim.NodeID{alfa, bravo}, HandOver)}},
		{"what was not held is created", []Event{one.injected(2, alfa, bravo), one.wire(0, alfa, bravo, charlie), one.wire(0, alfa, bravo, delta)}, 2, 0, 0, 2,
			[]uint64{CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, bravo, charlie}, 0), CopyHash(EnvelopeID{15: 1}, []sim.NodeID{alfa, bravo, delta}, 0)}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			o := observe(10, MetricsConfig{})
			o.tell(tt.story...)
			assert.Empty(t, o.flaws)
			assert.Equal(t, CopySummary{tt.created, tt.delivered, tt.dropped, tt.open}, o.Metrics.Summary().Copies)
			assert.Equal(t, tt.open, o.Ledger.Open())
			var sum uint64
			for _, h := range tt.held {
				sum += h
			}
			assert.Equal(t, sum, o.Ledger.Fingerprint())
		})
	}
}

func TestLedgerFindsFlaws(t *testing.T) {
	one := letter{1, alfa, charlie, "t1"}
	all := letter{2, alfa, sim.Everyone, "t1"}
	for _, tt := range []struct {
		name  string
		story []Event
		want  flaw
	}{
		{"one id twice", []Event{one.sent(1), one.sent(1)}, sentTwice},
		{"one id twice, the first closed", []Event{one.sent(0), one.delivered(0, alfa), one.sent(1)}, sentTwice},
		{"delivered out of nothing", []Event{one.delivered(0, alfa, bravo)}, unknownID},
		{"dropped out of nothing", []Event{one.lost(0, alfa, bravo)}, unknownID},
		{"delivered twice", []Event{one.sent(1), one.wire(0, alfa, charlie), one.delivered(0, alfa, charlie), one.delivered(0, alfa, charlie)}, notOpen},
		{"delivered as the duplicate that it is not", []Event{one.sent(1), one.wire(0, alfa, charlie), one.delivered(1, alfa, charlie)}, notOpen},
		{"delivered over another path", []Event{one.sent(1), one.wire(0, alfa, charlie), one.delivered(0, alfa, bravo, charlie)}, notOpen},
		{"dropped before a link took it", []Event{one.sent(1), one.lost(0, alfa, bravo)}, notOpen},
		{"two copies on links for one handed over", []Event{one.sent(1), one.wire(0, alfa, bravo), one.wire(0, alfa, charlie)}, notHandedOver},
		{"forwarded on another path", []Event{one.sent(1), one.wire(0, alfa, bravo), one.forwarded(1, 0, alfa, delta)}, notHeldForward},
		{"forwarded twice", []Event{all.sent(1), all.wire(0, alfa, bravo), all.delivered(0, alfa, bravo), all.forwarded(1, 0, alfa, bravo), all.forwarded(1, 0, alfa, bravo)}, notHeldForward},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := observe(10, MetricsConfig{})
			o.tell(tt.story...)
			require.Equal(t, []flaw{tt.want}, o.flaws)
			got := o.Conservation.Result()
			assert.Equal(t, "failed", got.Verdict)
			assert.Equal(t, int64(1), got.Violations)
			assert.Equal(t, uint64(len(tt.story)), got.FirstSeq)
			assert.Equal(t, int64(10*len(tt.story)), got.AtNS)
			assert.Contains(t, got.Detail, (EnvelopeID{15: tt.story[0].ID[15]}).String())
		})
	}
}

func TestLedgerForgetsTheOldestFirst(t *testing.T) {
	o := observe(2, MetricsConfig{})
	for id := byte(1); id <= 3; id++ {
		o.tell(letter{id, alfa, bravo, "t1"}.sent(0), letter{id, alfa, bravo, "t1"}.refused(NoRoute, 0, alfa))
	}
	require.Empty(t, o.flaws)
	o.tell(letter{2, alfa, bravo, "t1"}.sent(1))
	assert.Equal(t, []flaw{sentTwice}, o.flaws, "one of the two newest is remembered")
	o.tell(letter{1, alfa, bravo, "t1"}.sent(1))
	assert.Equal(t, []flaw{sentTwice}, o.flaws, "the third is not")
}

func TestLedgerForgetsForOneThatComesBack(t *testing.T) {
	one, two := letter{1, alfa, charlie, "t1"}, letter{2, alfa, charlie, "t1"}
	o := observe(1, MetricsConfig{})
	o.tell(one.sent(0), one.refused(NoRoute, 0, alfa))
	o.tell(two.sent(0), two.delivered(0, alfa), two.injected(1, alfa, bravo))
	o.tell(one.sent(1))
	assert.Empty(t, o.flaws, "both had ended for a moment, and one was too many")
}

func TestLedgerNeedsHistory(t *testing.T) {
	assert.Panics(t, func() { NewLedger(3, 0) })
}

func TestCopyHashTellsCopiesApart(t *testing.T) {
	id := EnvelopeID{1, 2, 3}
	base := CopyHash(id, []sim.NodeID{1, 2}, 0)
	for name, other := range map[string]uint64{
		"id":               CopyHash(EnvelopeID{1, 2, 4}, []sim.NodeID{1, 2}, 0),
		"id's second half": CopyHash(EnvelopeID{1, 2, 3, 15: 1}, []sim.NodeID{1, 2}, 0),
		"order":            CopyHash(id, []sim.NodeID{2, 1}, 0),
		"length":           CopyHash(id, []sim.NodeID{1, 2, 0}, 0),
		"copy number":      CopyHash(id, []sim.NodeID{1, 2}, 1),
		"not judged yet":   CopyHash(id, []sim.NodeID{1, 2}, HandOver),
	} {
		assert.NotEqual(t, base, other, name)
	}
}

// No two copies on short paths in a small mesh share a hash.
func TestCopyHashOfAllShortPaths(t *testing.T) {
	const nodes, hops = 6, 5
	all := map[uint64]bool{}
	count := 0
	var visit func(path []sim.NodeID)
	visit = func(path []sim.NodeID) {
		for copy := HandOver; copy <= 2; copy++ {
			all[CopyHash(EnvelopeID{7}, path, copy)] = true
			count++
		}
		for node := sim.NodeID(0); len(path) < hops && node < nodes; node++ {
			visit(append(path, node))
		}
	}
	visit(nil)
	assert.Len(t, all, count)
}

func TestObserversDoNotAllocate(t *testing.T) {
	o := observers(make([]string, streamNodes), 100)
	s := newUnicastStream(20)
	for range 50_000 {
		s.step(o.Emit)
	}
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		for range 5_000 {
			s.step(o.Emit)
		}
	}))
	assert.Empty(t, o.Conservation.Result().Detail)
}
