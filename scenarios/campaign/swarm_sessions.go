package campaign

import (
	"time"

	"meshsim/scenarios"
)

// sessions has messages to single nodes go through sessions, mostly in such a way that
// one overflows, closes and opens again within the run, and has operators disconnect some.
func (w *swarm) sessions() {
	if len(w.mesh.Nodes) < 2 || w.correspondents() == 0 || !w.on("session", 35) {
		return
	}
	s := &w.s.Session
	s.Enabled = true
	w.sessionQueue(s)
	w.sessionTimes(s)
	if w.on("session/recovery", 60) {
		d := w.of("session/recovery")
		s.RTOMin, s.RTOMax = d.span(5*time.Millisecond, 500*time.Millisecond), d.span(500*time.Millisecond, 5*time.Second)
		s.FastRetransmit, s.Congestion = new(d.hit(50)), d.word(words("session.congestion"))
	}
	if w.on("session/actions", 60) {
		w.disconnections(w.of("session/actions"))
	}
}

// sessionQueue draws what a session holds, and what becomes of more.
func (w *swarm) sessionQueue(s *scenarios.Session) {
	if w.on("session/queue", 75) {
		d := w.of("session/queue")
		s.MaxQueue, s.Overflow = int64(pick(d, 1, 2, d.between(1, 40))), d.word(words("session.overflow"))
		s.BlockTimeout = d.span(time.Millisecond, w.s.Duration/4)
	}
	if w.on("session/window", 50) {
		d := w.of("session/window")
		s.Window = int64(pick(d, 1, 2, 3, d.between(1, 64)))
	}
	if w.on("session/read", 40) {
		s.ReadInterval = w.of("session/read").span(time.Microsecond, 20*time.Millisecond)
	}
}

// mostHeartbeats bounds the copies that say no more than that a node lives.
const mostHeartbeats = 2 * mostCopies

// sessionTimes draws how soon silence is noticed, which is at least long enough for the
// answer to the first message, and how soon a session is opened again. The more sessions
// there may be, the rarer are heartbeats.
func (w *swarm) sessionTimes(s *scenarios.Session) {
	d := w.of("session/times")
	s.Heartbeat = max(d.span(20*time.Millisecond, 500*time.Millisecond), w.s.Duration*time.Duration(w.correspondents()*w.copies())/mostHeartbeats)
	s.HeartbeatTimeout = 2*s.Heartbeat + d.span(200*time.Millisecond, 2*time.Second)
	s.ReconnectMin, s.ReconnectMax = d.span(10*time.Millisecond, 200*time.Millisecond), d.span(200*time.Millisecond, 2*time.Second)
	s.Jitter, s.OnReconnect = d.share(0, 30), d.word(words("session.on_reconnect"))
}

// correspondents bounds how many ends of sessions there are.
func (w *swarm) correspondents() int {
	n, ends := len(w.mesh.Nodes), 0
	for _, t := range w.s.Traffic {
		sources, peers := n, min(n-1, int(max(1, t.Count)))
		if k := len(t.From.IDs) + int(t.From.Random); k > 0 {
			sources = k
		}
		switch {
		case t.File != "":
			sources, peers = mostFlows, 1
		case t.To.How == scenarios.ToAll:
			peers = 0
		case t.To.How == scenarios.ToEach:
			peers = n - 1
		case t.To.How == scenarios.ToNodes:
			peers = len(t.To.IDs)
		}
		ends += 2 * sources * peers
	}
	return min(ends, n*(n-1))
}

// copies is about how many copies a message to a single node becomes.
func (w *swarm) copies() int {
	if floodsAll(w.s.Routing.Strategy) {
		return len(w.mesh.Links) + len(w.mesh.Nodes)
	}
	return 6 // a way's links, about
}

// disconnections draws operators who disconnect sessions, those of sources among them,
// most of which are reconnected later.
func (w *swarm) disconnections(d *draws) {
	nodes := w.mesh.Nodes
	for range d.between(1, 4) {
		at := d.below(len(nodes))
		node, peer := nodes[at].ID, nodes[(at+1+d.below(len(nodes)-1))%len(nodes)].ID
		if t := pick(d, w.s.Traffic...); len(t.From.IDs) > 0 && t.From.IDs[0] != peer {
			node = t.From.IDs[0]
		}
		if t := pick(d, w.s.Traffic...); len(t.To.IDs) > 0 && t.To.IDs[0] != node {
			peer = t.To.IDs[0]
		}
		when := d.span(0, w.s.Duration)
		w.s.Actions = append(w.s.Actions, scenarios.Action{At: when, Node: node, Kind: scenarios.Disconnect{Peer: peer}})
		if d.hit(75) {
			w.s.Actions = append(w.s.Actions, scenarios.Action{At: when + d.span(1, w.s.Duration/2), Node: node, Kind: scenarios.Reconnect{Peer: peer}})
		}
	}
}
