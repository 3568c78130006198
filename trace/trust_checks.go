package trace

import (
	"fmt"

	"meshsim/sim"
)

// legal says where evidence moves a level from and to, as protocol.md, section 5, has
// it; all other evidence leaves the level. It is written down apart from package
// trust, on which nothing here depends.
var legal = map[trustStep]bool{
	{"unknown", "handshake", "probing"}:    true,
	{"unknown", "introduction", "probing"}: true,
	{"unknown", "malicious", "blocked"}:    true,
	{"probing", "verified", "trusted"}:     true,
	{"probing", "conflict", "blocked"}:     true,
	{"probing", "malicious", "blocked"}:    true,
	{"trusted", "conflict", "probing"}:     true,
	{"trusted", "malicious", "blocked"}:    true,
	{"trusted", "decay", "probing"}:        true,
	{"blocked", "override", "probing"}:     true,
}

// trustStep is a transition: from a level, by evidence, to a level.
type trustStep struct{ from, by, to string }

// TrustTransitions checks that levels of trust move as they may, each from where the
// last one left it. A node that comes up without its state knows nobody.
type TrustTransitions struct {
	finding
	levels *Peers
}

// NewTrustTransitions returns the checker of "trust_transitions".
func NewTrustTransitions(names []string) *TrustTransitions {
	return &TrustTransitions{finding: newFinding("trust_transitions", names), levels: NewPeers(len(names))}
}

// Reads implements Selective.
func (c *TrustTransitions) Reads(k Kind) bool { return k == TrustUpdated || k == NodeUp }

// Emit checks a transition.
func (c *TrustTransitions) Emit(e *Event) {
	if !c.Reads(e.Kind) {
		return
	}
	if e.Kind == TrustUpdated {
		c.Evaluations++
		held := c.levels.Level(e.Node, e.Peer)
		step := trustStep{e.From.String(), e.Evidence.String(), e.To.String()}
		if e.From != held || !legal[step] {
			c.violated(e.T, e.Seq, func() string {
				return fmt.Sprintf("%s moves %s from %s to %s by %s, and held it at %s", c.names[e.Node], c.names[e.Peer], step.from, step.to, step.by, held)
			})
		}
	}
	c.levels.Emit(e)
}

// TrustHandshake checks that no peer is trusted which did not answer a challenge of
// the node, as far as events tell: the first answer moves the level by handshake, or
// completes one, or both.
type TrustHandshake struct {
	finding
	met []map[sim.NodeID]bool // by node: who answered
}

// NewTrustHandshake returns the checker of "trust_handshake".
func NewTrustHandshake(names []string) *TrustHandshake {
	return &TrustHandshake{finding: newFinding("trust_handshake", names), met: make([]map[sim.NodeID]bool, len(names))}
}

// Reads implements Selective.
func (c *TrustHandshake) Reads(k Kind) bool {
	return k == TrustUpdated || k == HandshakeCompleted || k == NodeUp
}

// Emit checks a transition to trusted.
func (c *TrustHandshake) Emit(e *Event) {
	if !c.Reads(e.Kind) {
		return
	}
	switch {
	case e.Kind == NodeUp && e.Lose >= LoseState:
		c.met[e.Node] = nil
	case e.Kind == HandshakeCompleted, e.Kind == TrustUpdated && e.Evidence.String() == "handshake":
		if c.met[e.Node] == nil {
			c.met[e.Node] = make(map[sim.NodeID]bool)
		}
		c.met[e.Node][e.Peer] = true
	}
	if e.Kind != TrustUpdated {
		return
	}
	c.Evaluations++
	if e.To.String() == "trusted" && !c.met[e.Node][e.Peer] {
		c.violated(e.T, e.Seq, func() string {
			return fmt.Sprintf("%s trusts %s, which never answered a challenge", c.names[e.Node], c.names[e.Peer])
		})
	}
}
