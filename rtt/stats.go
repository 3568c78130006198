package rtt

import "time"

// Stats counts what became of the messages of both sides of a session, over all its
// names. At every step
//
//	Attempted = Enqueued + DroppedNewest + Errors + Waiting
//	Enqueued  = Sent + Queued + DroppedOldest + Lost
//
// A message is the session's until the peer has acknowledged it and all before it:
// until then it is Queued, though it may be under way, and from then on Sent.
type Stats struct {
	Attempted      uint64 // offers
	Enqueued       uint64 // offers that were taken
	DroppedOldest  uint64
	DroppedNewest  uint64
	Blocked        uint64 // offers that had to wait
	Errors         uint64 // offers that failed, those that waited in vain included
	Waiting        int    // offers that wait now
	OverflowEvents uint64 // offers that found the queue full
	MaxQueueLen    int    // most messages that waited to be sent for the first time

	Sent      uint64
	Queued    int
	Lost      uint64 // still queued when the session ended for good or was cleared
	Delivered uint64 // messages of the peer that the reader got

	Retransmits uint64
	Reconnects  uint64
	SRTT        time.Duration // 0 before the first sample
	RTTVAR      time.Duration
	RTO         time.Duration
}

// Stats are the counts by now.
func (s *Session[K, M]) Stats() Stats {
	t := s.stats
	t.Waiting = s.waiters.len()
	t.Queued = s.queue.len + s.send.flight.len()
	t.SRTT, t.RTTVAR, t.RTO = s.rtt.srtt, s.rtt.rttvar, s.rtt.rto
	return t
}
