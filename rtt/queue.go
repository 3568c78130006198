package rtt

import "meshsim/clock"

// queue is the messages that wait to be sent for the first time, by channel.
type queue[M any] struct {
	channels [channelCount]ring[queued[M]]
	left     [channelCount]int // of the turns of each channel in this round
	len      int
	offered  uint64 // numbers messages, to know which is oldest
}

type queued[M any] struct {
	order   uint64
	size    int
	message M
}

// turns is how many messages of each channel go in one round, if they are there:
// control goes first, and none starves, as a round has an end.
var turns = [channelCount]int{Control: 4, State: 2, Knowledge: 1}

func (q *queue[M]) push(ch Channel, size int, m M) {
	q.channels[ch].push(queued[M]{order: q.offered, size: size, message: m})
	q.offered++
	q.len++
}

// next is the channel whose turn it is, of a queue that is not empty.
func (q *queue[M]) next() Channel {
	for {
		for ch := range q.channels {
			if q.channels[ch].len() > 0 && q.left[ch] > 0 {
				return Channel(ch)
			}
		}
		q.left = turns
	}
}

// take takes the first message out of the channel whose turn it is.
func (q *queue[M]) take(ch Channel) queued[M] {
	q.left[ch]--
	q.len--
	return q.channels[ch].pop()
}

// oldest takes out the message that has waited longest, of a queue that is not empty.
func (q *queue[M]) oldest() (Channel, M) {
	best := channelCount
	for ch := range channelCount {
		if c := &q.channels[ch]; c.len() > 0 && (best == channelCount || c.at(c.base).order < q.channels[best].at(q.channels[best].base).order) {
			best = ch
		}
	}
	q.len--
	return best, q.channels[best].pop().message
}

// waiter is an offer that waits for room in the queue.
type waiter[M any] struct {
	channel Channel
	size    int
	until   clock.Time
	message M
}

// maxWaiting bounds the offers that wait at a time; a further one fails at once.
const maxWaiting = 1 << 10

// Outcome is what became of an offer.
type Outcome uint8

// The outcomes. After the first, the message is the session's; after Waiting the
// Outbox says if it fails; after the others it goes nowhere.
const (
	Enqueued     Outcome = iota
	Waiting              // Block: until there is room
	Refused              // DropNewest
	Full                 // FailFast: the queue is full; Block: too many wait
	NotConnected         // Block: the queue is full, and the session is closed, so that nothing makes room
)

// admit takes an offer, or does with it what the policy says.
func (s *Session[K, M]) admit(now clock.Time, ch Channel, size int, m M) Outcome {
	s.stats.Attempted++
	if s.queue.len < s.cfg.MaxQueue { // then nobody waits
		s.enqueue(ch, size, m)
		return Enqueued
	}
	s.stats.OverflowEvents++
	s.tell(Event{Kind: Overflowed, Channel: ch})
	switch s.cfg.Overflow {
	case DropOldest:
		old, gone := s.queue.oldest()
		s.gone(old, Dropped, gone)
		s.stats.DroppedOldest++
		s.enqueue(ch, size, m)
		return Enqueued
	case DropNewest:
		s.stats.DroppedNewest++
		return Refused
	case Block:
		if s.state == suspended || s.state == opening && s.opens > 0 {
			s.stats.Errors++
			return NotConnected
		}
		if s.waiters.len() < maxWaiting {
			s.stats.Blocked++
			s.waiters.push(waiter[M]{ch, size, now.Add(s.cfg.BlockTimeout), m})
			return Waiting
		}
	}
	s.stats.Errors++
	return Full
}

func (s *Session[K, M]) enqueue(ch Channel, size int, m M) {
	s.queue.push(ch, size, m)
	s.stats.Enqueued++
	s.stats.MaxQueueLen = max(s.stats.MaxQueueLen, s.queue.len)
}

// letIn lets those who wait into the room that there is, first come, first served.
func (s *Session[K, M]) letIn() {
	for s.waiters.len() > 0 && s.queue.len < s.cfg.MaxQueue {
		w := s.waiters.pop()
		s.enqueue(w.channel, w.size, w.message)
	}
}

// turnAway fails the offers that have waited until a time.
func (s *Session[K, M]) turnAway(until clock.Time, why Why) {
	for s.waiters.len() > 0 && s.waiters.at(s.waiters.base).until <= until {
		w := s.waiters.pop()
		s.gone(w.channel, why, w.message)
		s.stats.Errors++
	}
}
