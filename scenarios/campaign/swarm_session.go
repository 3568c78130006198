package campaign

import (
	"slices"
	"time"

	"meshsim/scenarios"
)

// mostTalkers is how many nodes a mesh with sessions may have: each pair that talks goes
// on with heartbeats.
const mostTalkers = 20

// sessions has what is said to single nodes go through sessions. Times are such that
// they close, open and send again within the run.
func (w *swarm) sessions() {
	if !w.on("session", 40) || len(w.mesh.Nodes) > mostTalkers || !slices.ContainsFunc(w.s.Traffic, carried) {
		return
	}
	d := w.of("session")
	s := &w.s.Session
	s.Enabled = true
	s.Overflow, s.OnReconnect, s.Congestion = d.word(words("session.overflow")), d.word(words("session.on_reconnect")), d.word(words("session.congestion"))
	s.Heartbeat = d.span(50*time.Millisecond, 500*time.Millisecond)
	s.HeartbeatTimeout = s.Heartbeat + d.span(10*time.Millisecond, time.Second)
	s.ReconnectMin = d.span(10*time.Millisecond, 300*time.Millisecond)
	s.ReconnectMax = s.ReconnectMin + d.span(time.Millisecond, time.Second)
	s.RTOMin = d.span(20*time.Millisecond, 500*time.Millisecond)
	s.RTOMax = s.RTOMin + d.span(time.Millisecond, 2*time.Second)
	s.Jitter, s.BlockTimeout = d.share(0, 50), d.span(time.Millisecond, 500*time.Millisecond)
	if d.hit(50) {
		s.MaxQueue = int64(d.between(1, 8))
	}
	if d.hit(50) {
		s.Window = int64(d.between(1, 32))
	}
	if d.hit(50) {
		s.FastRetransmit = new(bool)
	}
	if d.hit(40) {
		s.ReadInterval = d.span(time.Millisecond, 200*time.Millisecond)
	}
	if d.hit(50) && len(w.mesh.Nodes) > 1 {
		w.operators(d)
	}
}

// carried reports whether a traffic's messages go through sessions.
func carried(t scenarios.Traffic) bool {
	switch t.Kind.(type) {
	case scenarios.Messages, scenarios.Requests:
		return t.File != "" || t.To.How != scenarios.ToAll
	case scenarios.Facts, scenarios.Claims:
		return true
	}
	return false
}

// operators close sessions, and open them, most of them again.
func (w *swarm) operators(d *draws) {
	for range d.between(1, 3) {
		two := d.some(len(w.mesh.Nodes), 2)
		if len(two) < 2 {
			two = []int{0, 1}
		}
		node, peer := w.mesh.Nodes[two[0]].ID, w.mesh.Nodes[two[1]].ID
		at := d.span(0, w.s.Duration)
		if d.hit(75) {
			w.s.Actions = append(w.s.Actions, scenarios.Action{At: at, Node: node, Kind: scenarios.Disconnect{Peer: peer}})
			at += d.span(time.Millisecond, time.Second)
		}
		w.s.Actions = append(w.s.Actions, scenarios.Action{At: min(at, w.s.Duration), Node: node, Kind: scenarios.Reconnect{Peer: peer}})
	}
}
