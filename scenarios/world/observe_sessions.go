package world

import (
	"meshsim/mesh"
	"meshsim/sim"
)

// Sessioned is a node that can say what sessions it has.
type Sessioned interface{ Sessions() []mesh.SessionLook }

// Session is what a node has with a peer: counts are over all sessions with it since the
// node started.
type Session struct {
	Peer     string `json:"peer"`
	State    string `json:"state"`     // idle, opening, open or suspended
	Session  uint64 `json:"session"`   // number of the one that is open, or was last; 0: none was
	Queue    int    `json:"queue"`     // messages that wait to be sent for the first time
	UnderWay int    `json:"under_way"` // messages that were sent and are not acknowledged
	SRTTNS   int64  `json:"srtt_ns"`   // 0: not measured yet
	RTTVARNS int64  `json:"rttvar_ns"`
	RTONS    int64  `json:"rto_ns"`

	Attempted      uint64 `json:"attempted"` // = enqueued + dropped_newest + errors + waiting
	Enqueued       uint64 `json:"enqueued"`  // = sent + queue + under_way + dropped_oldest + lost
	Sent           uint64 `json:"sent"`      // and acknowledged
	Waiting        int    `json:"waiting"`   // offers that wait for room in the queue
	DroppedOldest  uint64 `json:"dropped_oldest"`
	DroppedNewest  uint64 `json:"dropped_newest"`
	Blocked        uint64 `json:"blocked"` // offers that had to wait
	Errors         uint64 `json:"errors"`
	OverflowEvents uint64 `json:"overflow_events"`
	MaxQueueLen    int    `json:"max_queue_len"`
	Lost           uint64 `json:"lost"`
	Delivered      uint64 `json:"delivered"` // messages of the peer
	Retransmits    uint64 `json:"retransmits"`
	Reconnects     uint64 `json:"reconnects"`
}

func (w *World) sessionsOf(id sim.NodeID) []Session {
	all := []Session{}
	node, ok := w.nodes[id].node.(Sessioned)
	if !ok || !w.nodes[id].up {
		return all
	}
	for _, l := range node.Sessions() {
		all = append(all, Session{
			Peer: w.names[l.Peer], State: l.State, Session: l.Number, Queue: l.Queued - l.UnderWay, UnderWay: l.UnderWay,
			SRTTNS: int64(l.SRTT), RTTVARNS: int64(l.RTTVAR), RTONS: int64(l.RTO),
			Attempted: l.Attempted, Enqueued: l.Enqueued, Sent: l.Sent, Waiting: l.Waiting, DroppedOldest: l.DroppedOldest, DroppedNewest: l.DroppedNewest,
			Blocked: l.Blocked, Errors: l.Errors, OverflowEvents: l.OverflowEvents, MaxQueueLen: l.MaxQueueLen,
			Lost: l.Lost, Delivered: l.Delivered, Retransmits: l.Retransmits, Reconnects: l.Reconnects,
		})
	}
	return all
}
