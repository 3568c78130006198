package trace

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"meshsim/clock"
	"meshsim/sim"
)

// Jain's index is what its definition says, over the pairs that sent something; the
// paper's own examples are k of n that share all.
func TestFairness(t *testing.T) {
	for _, tt := range []struct {
		bytes []int64
		want  float64
	}{
		{nil, 0}, {[]int64{0, 0}, 0}, {[]int64{7}, 1}, {[]int64{5, 5, 5, 5}, 1}, {[]int64{9, 9, 0, 0, 0, 0, 0, 0, 0, 0}, 0.2}, {[]int64{1, 2, 3}, 36. / 42},
	} {
		o := observe(100, MetricsConfig{From: 10, To: clock.Never})
		id := byte(0)
		tell := func(kind Kind, at clock.Time, node, peer sim.NodeID, size int64, flow string) {
			o.Metrics.session(&Event{Kind: kind, T: at, Node: node, Peer: peer, Payload: Payload{ID: EnvelopeID{id}, Size: size, Flow: Flow{Name: flow}}})
		}
		send := func(from, to sim.NodeID, sent clock.Time, size int64, flow string) {
			id++
			tell(SessionOffer, sent, from, to, size, flow)
			if size > 0 {
				tell(SessionDeliver, sent, to, from, size, flow)
			}
		}
		send(90, 91, 9, 1000, "t1") // before the window
		send(92, 93, 50, 1000, "")  // no message of the application's
		for i, left := range tt.bytes {
			from, to := sim.NodeID(i), sim.NodeID(i/2) // some share an end
			send(from, to, 20, 0, "t1")
			for left > 0 {
				n := (left + 1) / 2
				send(from, to, 20, n, "t1")
				left -= n
			}
		}
		assert.InDelta(t, tt.want, o.Metrics.Summary().Sessions.Fairness, 1e-12, "%v", tt.bytes)
	}
}
