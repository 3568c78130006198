package trace

import (
	"encoding/binary"
	"testing"

	"meshsim/clock"
	"meshsim/sim"
)

// unicastStream repeats the life of a message over five hops for many messages at
// once, one event of each in turn, under ever new ids.
type unicastStream struct {
	life  []Event // of one message
	ids   []EnvelopeID
	next  int // message whose turn it is
	stage int
	lives uint64
}

const streamNodes = 50

func newUnicastStream(atOnce int) *unicastStream {
	path := []sim.NodeID{3, 17, 42, 8, 29, 11}
	s := &unicastStream{ids: make([]EnvelopeID, atOnce)}
	add := func(k Kind, p Payload) {
		p.Origin, p.Destination, p.Size = path[0], path[5], 200
		p.Flow = Flow{Name: "t1"}
		s.life = append(s.life, Event{Kind: k, T: clock.Time(len(s.life)), Node: p.Path[len(p.Path)-1], Payload: p})
	}
	add(EnvelopeSent, Payload{Path: path[:1], Copies: 1})
	for hop := 1; hop <= 5; hop++ {
		if hop > 1 {
			add(EnvelopeForwarded, Payload{Path: path[:hop], Copies: 1})
		}
		add(EnvelopeTransmitted, Payload{Path: path[:hop+1]})
		e := &s.life[len(s.life)-1]
		e.Node, e.Peer = path[hop-1], path[hop]
	}
	add(EnvelopeDelivered, Payload{Path: path, Latency: 52_123_456})
	for i := range s.ids {
		s.newID(i)
	}
	return s
}

func (s *unicastStream) newID(i int) {
	s.lives++
	binary.LittleEndian.PutUint64(s.ids[i][:], s.lives*0x9e3779b97f4a7c15)
	binary.LittleEndian.PutUint64(s.ids[i][8:], s.lives*0xd1342543de82ef95)
}

// step is the next two events: what a node does, and the link.
func (s *unicastStream) step(emit func(*Event)) {
	for stage := s.stage; stage < s.stage+2 && stage < len(s.life); stage++ {
		e := &s.life[stage]
		e.ID = s.ids[s.next]
		emit(e)
	}
	if s.stage+2 >= len(s.life) {
		s.newID(s.next)
	}
	if s.next++; s.next == len(s.ids) {
		s.next = 0
		if s.stage += 2; s.stage >= len(s.life) {
			s.stage = 0
		}
	}
}

func observers(names []string, seenMax int) *Observers {
	l := NewLedger(len(names), seenMax)
	return &Observers{
		Ledger:       l,
		Metrics:      NewMetrics(l, MetricsConfig{Nodes: len(names), To: clock.Never, Header: func(_, _ sim.NodeID) int64 { return 30 }}),
		Conservation: NewConservation(l, names), HopLimit: NewHopLimitCheck(8, names), NoRevisit: NewNoRevisit(l, names), Effects: NewEffects(),
	}
}

func BenchmarkObservers(b *testing.B) {
	o := observers(make([]string, streamNodes), 1<<16)
	s := newUnicastStream(500)
	events := 0
	emit := func(e *Event) {
		events++
		o.Emit(e)
	}
	for range 500_000 {
		s.step(emit)
	}
	events = 0
	b.ReportAllocs()
	for b.Loop() {
		s.step(emit)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}
