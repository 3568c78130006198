package rtt

import (
	"meshsim/clock"
	"meshsim/sim/planted"
)

// receiver is what has arrived and not been read, by sequence number. It has a slot
// for each number from base until before base + Window, and grants credit up to
// there: a message keeps its slot until it and all before it have been read.
type receiver[M any] struct {
	slots   ring[slot[M]]        // from base until before the highest that has arrived
	next    uint64               // every sequence number below it has arrived
	index   [channelCount]uint64 // of the next message of each channel for the reader
	ready   bool                 // there is a message for the reader
	granted uint64               // credit that the peer was told of last
	pace    clock.Time           // when the reader may take the next message
}

type slot[M any] struct {
	state   place
	channel Channel
	index   uint64
	message M
}

// place is whether a message is in its slot.
type place uint8

const (
	absent place = iota
	here
	read
)

// credit is the sequence number before which everything has room.
func (s *Session[K, M]) credit() uint64 { return s.receive.slots.base + uint64(s.cfg.Window) }

// takeData takes a message that arrived. The window of sequence numbers is Window either
// way from the first that is not read: the peer was granted nothing beyond, and what
// is before was acknowledged to it before it could send what came since.
func (s *Session[K, M]) takeData(g *Segment[K, M]) Verdict {
	r := &s.receive
	width := uint64(s.cfg.Window)
	edge := s.credit()
	if planted.Bug == planted.WindowEdge {
		edge--
	}
	if g.Seq >= edge || g.Seq+width < r.slots.base || g.Channel >= channelCount {
		s.tell(Event{Kind: Replayed, Channel: g.Channel, Seq: g.Seq})
		return Replay
	}
	s.mustAck = true
	if g.Seq < r.slots.end && (g.Seq < r.slots.base || r.slots.at(g.Seq).state != absent) {
		return Repeated
	}
	r.slots.extend(g.Seq + 1)
	*r.slots.at(g.Seq) = slot[M]{here, g.Channel, g.Index, g.Message}
	for r.next < r.slots.end && r.slots.at(r.next).state != absent {
		r.next++
	}
	r.ready = r.ready || g.Index == r.index[g.Channel]
	return Accepted
}

// deliver hands the reader as much as it takes by now.
func (s *Session[K, M]) deliver(now clock.Time) {
	r := &s.receive
	for r.ready && s.cfg.ReadInterval >= 0 && now >= r.pace {
		s.deliverOne()
		r.pace = now.Add(s.cfg.ReadInterval)
	}
}

// deliverOne hands over the first message that is next in its channel, if there is one.
func (s *Session[K, M]) deliverOne() {
	r := &s.receive
	seq := r.find()
	if seq == r.slots.end {
		return
	}
	f := r.slots.at(seq)
	s.out.Delivered = append(s.out.Delivered, Delivery[M]{f.channel, f.index, s.name.Number, f.message})
	s.stats.Delivered++
	r.index[f.channel]++
	*f = slot[M]{state: read}
	for r.slots.base < r.slots.end && r.slots.at(r.slots.base).state == read {
		r.slots.pop()
	}
	r.ready = r.find() < r.slots.end
}

// find is the sequence number of the first message that is next in its channel, or
// the end.
func (r *receiver[M]) find() uint64 {
	for seq := r.slots.base; seq < r.slots.end; seq++ {
		if f := r.slots.at(seq); f.state == here && f.index == r.index[f.channel] {
			return seq
		}
	}
	return r.slots.end
}

// ranges fills in what has arrived beyond the first gap, the highest first.
func (r *receiver[M]) ranges(to *[maxSack]Range) {
	seq := r.slots.end
	for i := 0; i < maxSack && seq > r.next; i++ {
		for seq > r.next && r.slots.at(seq-1).state == absent {
			seq--
		}
		end := seq
		for seq > r.next && r.slots.at(seq-1).state != absent {
			seq--
		}
		if end > seq {
			to[i] = Range{seq, end}
		}
	}
}

// forgetReceived starts anew, for a session of another name. What is next for the reader has
// been acknowledged, so it still gets that; what waits behind a gap is gone.
func (s *Session[K, M]) forgetReceived() {
	r := &s.receive
	for r.ready {
		s.deliverOne()
	}
	for r.slots.base < r.slots.end {
		if f := r.slots.pop(); f.state == here {
			s.gone(f.channel, Unread, f.message)
		}
	}
	*r = receiver[M]{slots: ring[slot[M]]{slots: r.slots.slots}, pace: r.pace}
}
