package rtt

import (
	"meshsim/clock"
	"meshsim/sim/planted"
)

// packetThreshold is how many later segments must have arrived before one counts as
// lost: kPacketThreshold of RFC 9002, section 6.1.1, the three duplicates of RFC 5681.
const packetThreshold = 3

// sender is what has been sent and not been acknowledged, by sequence number.
type sender[M any] struct {
	flight  ring[sent[M]]
	credit  uint64               // the peer has room for sequence numbers below it
	index   [channelCount]uint64 // of the next message of each channel
	sending uint64               // numbers transmissions, again ones too
	arrived uint64               // the newest transmission known to have arrived
	beyond  uint64               // the highest sequence number known to have arrived, and one
	lost    int                  // segments to be sent again
	timeout clock.Time           // retransmission timer; Never while nothing is under way
}

// sent is a message that was sent.
type sent[M any] struct {
	state   fate
	channel Channel
	size    int
	tries   uint64
	at      clock.Time // of the last transmission
	sending uint64     // number of the last transmission
	index   uint64
	message M
}

// fate is where a segment is, as far as the sender knows.
type fate uint8

const (
	underWay fate = iota
	missing       // it counts as lost, and is to be sent again
	arrived
)

// pump sends what window and credit allow: first what was lost, then the queue.
func (s *Session[K, M]) pump(now clock.Time) {
	d := &s.send
	for s.state == open {
		var size int
		again := d.lost > 0
		switch {
		case again:
			size = d.flight.at(s.firstMissing()).size
		case s.queue.len > 0 && d.flight.end < min(d.credit, d.flight.base+uint64(s.cfg.Window)):
			ch := s.queue.next()
			size = s.queue.channels[ch].at(s.queue.channels[ch].base).size
		default:
			s.window.limited = false
			return
		}
		if !s.window.room(&s.cfg, size) {
			s.window.limited = true
			return
		}
		if again {
			s.transmit(now, s.firstMissing())
			d.lost--
			continue
		}
		ch := s.queue.next()
		m := s.queue.take(ch)
		d.flight.push(sent[M]{channel: ch, size: size, index: d.index[ch], message: m.message})
		d.index[ch]++
		s.transmit(now, d.flight.end-1)
		s.letIn()
	}
}

// transmit sends a segment of the flight, for the first time or again.
func (s *Session[K, M]) transmit(now clock.Time, seq uint64) {
	d := &s.send
	f := d.flight.at(seq)
	d.sending++
	f.state, f.at, f.sending = underWay, now, d.sending
	if f.tries++; f.tries > 1 {
		s.stats.Retransmits++
		s.tell(Event{Kind: Retransmitted, Channel: f.channel, Seq: seq, Count: f.tries})
	}
	s.window.flight += f.size
	if d.timeout == clock.Never { // RFC 6298, (5.1)
		d.timeout = now.Add(s.rtt.rto)
	}
	g := s.segment(now, Data)
	g.Seq, g.Channel, g.Index, g.Size, g.Message = seq, f.channel, f.index, f.size, f.message
}

// heardOf takes what a segment says has arrived, and the credit it grants.
func (s *Session[K, M]) heardOf(now clock.Time, g *Segment[K, M]) {
	d := &s.send
	if g.Ack > d.flight.end {
		return // nobody can have that: it is no peer of ours
	}
	if planted.Bug != planted.CreditLost || s.opens < 2 {
		d.credit = max(d.credit, g.Credit)
	}
	var newest *sent[M] // of the highest sequence number that is new
	for i := len(g.Sack) - 1; i >= 0; i-- {
		for seq := max(g.Sack[i].First, g.Ack, d.flight.base); seq < min(g.Sack[i].End, d.flight.end); seq++ {
			newest = s.arrive(seq, newest)
		}
	}
	higher := newest
	for seq := d.flight.base; seq < g.Ack; seq++ {
		newest = s.arrive(seq, newest)
	}
	if higher != nil {
		newest = higher
	}
	if newest != nil {
		if newest.tries == 1 || planted.Bug == planted.KarnOff { // Karn: RFC 6298, section 3
			s.rtt.sample(&s.cfg, now.Sub(newest.at))
		}
		s.restart(now)
	}
	for d.flight.base < g.Ack {
		d.flight.pop()
		s.stats.Sent++
	}
	if s.cfg.FastRetransmit {
		s.overtaken(now)
	}
}

// arrive notes that a segment has arrived, and returns it if that is new, or else
// what it was given.
func (s *Session[K, M]) arrive(seq uint64, known *sent[M]) *sent[M] {
	d := &s.send
	f := d.flight.at(seq)
	switch f.state {
	case arrived:
		return known
	case missing: // it was late, not lost
		d.lost--
		s.window.flight += f.size
	}
	s.window.acked(&s.cfg, f.at, f.size)
	f.state = arrived
	d.beyond = max(d.beyond, seq+1)
	if f.tries == 1 { // of more than one try nobody knows which has arrived
		d.arrived = max(d.arrived, f.sending)
	}
	return f
}

// restart sets the timer anew after news: RFC 6298, (5.2) and (5.3).
func (s *Session[K, M]) restart(now clock.Time) {
	s.send.timeout = clock.Never
	if s.window.flight > 0 {
		s.send.timeout = now.Add(s.rtt.rto)
	}
}

// overtaken finds what is lost, as enough that was sent later has arrived.
func (s *Session[K, M]) overtaken(now clock.Time) {
	d := &s.send
	for seq := d.flight.base; seq < d.beyond; seq++ {
		if f := d.flight.at(seq); f.state == underWay && f.sending+packetThreshold <= d.arrived {
			s.lose(now, f)
		}
	}
}

// timeOut takes all that is under way for lost: RFC 6298, (5.4) to (5.6).
func (s *Session[K, M]) timeOut(now clock.Time) {
	s.rtt.timeout(&s.cfg)
	s.loseAll(now)
}

func (s *Session[K, M]) loseAll(now clock.Time) {
	d := &s.send
	for seq := d.flight.base; seq < d.flight.end; seq++ {
		if f := d.flight.at(seq); f.state == underWay {
			s.lose(now, f)
		}
	}
	d.timeout = clock.Never
}

func (s *Session[K, M]) lose(now clock.Time, f *sent[M]) {
	f.state = missing
	s.send.lost++
	s.window.lost(&s.cfg, now, f.at, f.size, s.rtt.persistent(&s.cfg))
}

// firstMissing is the lowest sequence number that is lost, if one is.
func (s *Session[K, M]) firstMissing() uint64 {
	seq := s.send.flight.base
	for s.send.flight.at(seq).state != missing {
		seq++
	}
	return seq
}
