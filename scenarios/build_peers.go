package scenarios

import (
	"slices"
	"time"

	"meshsim/mesh"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trust"
)

// meets reports whether any node may ever shake hands, or hold more of a peer than that
// it does not know it.
func (b *builder) meets() bool {
	return b.scenario.shakes() || b.judges()
}

// hasTraffic reports whether any traffic is of a kind.
func hasTraffic[K TrafficKind](s *Scenario) bool {
	return slices.ContainsFunc(s.Traffic, func(t Traffic) bool { _, is := t.Kind.(K); return is })
}

// handshakes is the CIP handshake of the node in this seat.
func (b *builder) handshakes(seat world.Seat, registry *mesh.PeerRegistry, table *trust.Table) *mesh.Handshakes {
	h := &b.scenario.Handshake
	c := mesh.HandshakeConfig{
		Identity: seat.Identity, Codec: b.wire, Registry: registry, Trust: table, Capabilities: b.peers[seat.Self].Capabilities,
		Retry: time.Duration(h.Retry), Jitter: int64(h.Jitter), Tries: int(h.Tries), Backoff: time.Duration(h.Backoff), Rounds: int(h.Rounds),
		RetryAfter: time.Duration(h.RetryAfter), Window: time.Duration(b.scenario.Trust.Window),
		Malicious: b.scenario.Trust.OnReplay == "malicious", Chance: seat.Handshake,
		Judgement: b.judgement(seat),
	}
	switch h.Auto {
	case "neighbours":
		c.Auto = seat.Neighbours
	case "all":
		for id := range sim.NodeID(len(b.peers)) {
			if id != seat.Self {
				c.Auto = append(c.Auto, id)
			}
		}
	}
	return mesh.NewHandshakes(c, len(b.peers))
}
