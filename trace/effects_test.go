package trace

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEffectsOfFaults(t *testing.T) {
	begin := func(seq uint64, name string) Event {
		return Event{Kind: FaultBegin, Seq: seq, Payload: Payload{Name: name}}
	}
	end := func(seq uint64, name string) Event {
		return Event{Kind: FaultEnd, Seq: seq, Payload: Payload{Name: name}}
	}
	by := func(k Kind, seq, cause uint64, because ...uint64) Event {
		return Event{Kind: k, Seq: seq, Cause: cause, Because: because}
	}
	for _, tt := range []struct {
		rule  string
		story []Event
		want  FaultEffect // of "split"
	}{
		{"a fault that does nothing", []Event{begin(1, "split"), end(2, "split")}, FaultEffect{}},
		{"a drop that names it", []Event{begin(1, "split"), by(EnvelopeDropped, 2, 0, 1), by(EnvelopeDropped, 3, 0, 1)}, FaultEffect{Envelopes: 2}},
		{"a drop is one envelope, named twice or not", []Event{begin(1, "split"), end(2, "split"), by(EnvelopeDropped, 3, 0, 1, 2, 1)}, FaultEffect{Envelopes: 1}},
		{"what it delayed, at whatever end", []Event{begin(1, "split"), by(EnvelopeDelivered, 2, 0, 1), by(EnvelopeForwarded, 3, 0, 1), by(EnvelopeSent, 4, 0, 1)}, FaultEffect{Envelopes: 3}},
		{"what is no copy", []Event{begin(1, "split"), by(NodeUp, 2, 0, 1)}, FaultEffect{}},
		{"a route behind a node of long ago", []Event{
			begin(1, "split"), by(NodeDown, 2, 1), by(NodeUp, 3, 2), by(EnvelopeSent, 3+recentTrails, 0), by(RouteChanged, 4+recentTrails, 3),
		}, FaultEffect{Routes: 1}},
		{"a route behind a node that went down long ago", []Event{
			begin(1, "split"), by(NodeDown, 2, 1), by(RouteChanged, 2+recentTrails, 0), by(RouteChanged, 3+recentTrails, 1), by(EnvelopeSent, 2+2*recentTrails, 1), by(RouteChanged, 3+2*recentTrails, 2),
		}, FaultEffect{Routes: 2}},
		{"a drop that names others", []Event{begin(1, "split"), begin(2, "other"), by(EnvelopeDropped, 3, 0, 2, 7)}, FaultEffect{}},
		{"a transmission that names it", []Event{begin(1, "split"), by(EnvelopeTransmitted, 2, 0, 1, 1), by(EnvelopeTransmitted, 3, 0, 7)}, FaultEffect{Envelopes: 1}},
		{"a drop that it caused in other ways", []Event{begin(1, "split"), by(EnvelopeDropped, 2, 1)}, FaultEffect{}},
		{"a route behind the begin", []Event{begin(1, "split"), by(RouteChanged, 2, 1)}, FaultEffect{Routes: 1}},
		{"a route behind the end", []Event{begin(1, "split"), end(2, "split"), by(RouteChanged, 3, 2)}, FaultEffect{Routes: 1}},
		{"a route behind its links", []Event{
			begin(1, "split"), by(LinkDown, 2, 1), by(RouteChanged, 3, 2), end(4, "split"), by(LinkUp, 5, 4), by(RouteChanged, 6, 5),
		}, FaultEffect{Routes: 2}},
		{"a route behind a message behind a route", []Event{
			begin(1, "split"), by(LinkDown, 2, 1), by(RouteChanged, 3, 2), by(EnvelopeSent, 4, 3), by(EnvelopeDelivered, 5, 4), by(RouteChanged, 6, 5),
		}, FaultEffect{Routes: 2}},
		{"a route behind a fault of long ago", []Event{
			begin(1, "split"), by(LinkDown, 2, 1), by(EnvelopeSent, 2+recentTrails, 2), by(RouteChanged, 3+recentTrails, 2),
		}, FaultEffect{Routes: 1}},
		{"a route by itself, or behind another fault", []Event{
			by(LinkDown, 1, 0), begin(2, "split"), begin(3, "other"), by(RouteChanged, 4, 3), by(RouteChanged, 5, 0), by(RouteChanged, 6, 1),
		}, FaultEffect{}},
		{"a route behind an event that only shares its place", []Event{
			begin(1, "split"), by(RouteChanged, 2, 1), by(RouteChanged, 3+recentTrails, 2+recentTrails),
		}, FaultEffect{Routes: 1}},
		{"what sessions do behind it", []Event{
			begin(1, "split"), by(NodeDown, 2, 1), by(SessionOpen, 3, 2), by(SessionClose, 4, 3), by(HeartbeatTimeout, 5, 4), by(SessionRetransmit, 6, 5),
			by(SessionOverflow, 7, 6), by(SessionOffer, 8, 7), by(SessionDeliver, 9, 8), by(SessionDrop, 10, 9), by(SessionOpen, 11, 10), by(SessionOpen, 12, 0),
		}, FaultEffect{Sessions: 6}},
		{"a fault that comes again", []Event{
			begin(1, "split"), end(2, "split"), begin(3, "split"), by(EnvelopeDropped, 4, 0, 3), by(RouteChanged, 5, 1),
		}, FaultEffect{Envelopes: 1, Routes: 1}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			f := NewEffects()
			for i := range tt.story {
				f.Emit(&tt.story[i])
			}
			assert.Equal(t, tt.want, f.Of("split"))
			assert.Equal(t, tt.want == FaultEffect{}, f.Of("split").Vacuous())
		})
	}
	f := NewEffects()
	assert.True(t, f.Of("never began").Vacuous())
	a, b := begin(3, "split"), begin(5, "other")
	f.Emit(&a)
	f.Emit(&b)
	for seq, want := range map[uint64]bool{3: true, 5: false, 4: false, 0: false} {
		assert.Equal(t, want, f.Began("split", seq), "%d", seq)
	}
	assert.False(t, f.Began("third", 3))
}
