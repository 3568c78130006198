package campaign

import (
	"time"

	"meshsim/scenarios"
)

// peers draws who shakes hands when, and what nodes make of it. Everyone with everyone
// is for small meshes: a handshake takes seven messages.
func (w *swarm) peers() {
	h, d := &w.s.Handshake, w.of("handshake")
	if w.on("handshake", 40) {
		h.Auto = d.word(words("handshake.auto"))
		if h.Auto == "all" && len(w.mesh.Nodes) > 12 {
			h.Auto = "neighbours"
		}
	}
	if w.on("handshake times", 40) {
		h.Retry, h.Backoff, h.RetryAfter = d.span(10*time.Millisecond, time.Second), d.span(10*time.Millisecond, time.Second), d.span(10*time.Millisecond, time.Second)
		h.Tries, h.Rounds, h.Jitter = int64(d.between(1, 6)), int64(d.between(1, 4)), d.share(0, 50)
	}
	if w.on("ed25519", 50) && len(w.mesh.Nodes) <= 10 { // at 80 µs a hop
		w.s.Wire.Signatures = "ed25519"
	}
	if w.on("trust", 40) {
		widest := time.Minute
		if d.hit(50) { // clocks drawn are seldom far off
			widest = time.Second
		}
		w.s.Trust = scenarios.Trust{Window: d.span(100*time.Millisecond, widest), OnReplay: d.word(words("trust.on_replay"))}
	}
}
