package trace

import (
	"fmt"

	"meshsim/sim"
)

// legal says where evidence moves a level from and to, as protocol.md, section 5, has
// it; all other evidence leaves the level. It is written down apart from package
// trust, on which nothing here depends.
var legal = map[trustStep]bool{
	{unknown, byHandshake, probing}:    true,
	{unknown, byIntroduction, probing}: true,
	{unknown, byMalicious, blocked}:    true,
	{probing, byVerified, trusted}:     true,
	{probing, byConflict, blocked}:     true,
	{probing, byMalicious, blocked}:    true,
	{trusted, byConflict, probing}:     true,
	{trusted, byMalicious, blocked}:    true,
	{trusted, byDecay, probing}:        true,
	{blocked, byOverride, probing}:     true,
}

// trustStep is a transition: from a level, by evidence, to a level.
type trustStep struct {
	from Trust
	by   Evidence
	to   Trust
}

// overrides reports whether an event is that an operator has a node forgive a peer.
func overrides(e *Event) bool { return e.Kind == Action && e.What == "override" && e.Peer >= 0 }

// TrustTransitions checks that levels of trust move as they may, each from where the
// last one left it. A node that comes up without its state knows nobody but its
// anchors. After an override the peer may show another key, and then begins at unknown,
// once, of which no event of its own tells.
type TrustTransitions struct {
	finding
	levels   *Peers
	released []map[sim.NodeID]bool // by node: whose pins it let go
}

// NewTrustTransitions returns the checker of "trust_transitions".
func NewTrustTransitions(names []string, anchors Anchors) *TrustTransitions {
	return &TrustTransitions{
		finding:  newFinding("trust_transitions", names),
		levels:   NewPeers(MetricsConfig{Nodes: len(names), Anchors: anchors}),
		released: make([]map[sim.NodeID]bool, len(names)),
	}
}

// Reads implements Selective.
func (c *TrustTransitions) Reads(k Kind) bool { return k == TrustUpdated || k == NodeUp || k == Action }

// Emit checks a transition.
func (c *TrustTransitions) Emit(e *Event) {
	switch {
	case e.Kind == TrustUpdated:
		c.Evaluations++
		c.check(e)
	case overrides(e):
		noted(c.released, e.Node, e.Peer)
		return
	case e.Kind == NodeUp && e.Lose >= LoseState:
		c.released[e.Node] = nil
	case e.Kind != NodeUp:
		return
	}
	c.levels.Emit(e)
}

func (c *TrustTransitions) check(e *Event) {
	held := c.levels.Level(e.Node, e.Peer)
	if e.From == unknown && held != unknown && c.released[e.Node][e.Peer] {
		held = unknown
		delete(c.released[e.Node], e.Peer)
	}
	if e.From != held || !legal[trustStep{e.From, e.Evidence, e.To}] {
		c.violated(e.T, e.Seq, func() string {
			return fmt.Sprintf("%s moves %s from %s to %s by %s, and held it at %s", c.names[e.Node], c.names[e.Peer], e.From, e.To, e.Evidence, held)
		})
	}
}

// noted adds a peer to those of a node.
func noted(peers []map[sim.NodeID]bool, node, peer sim.NodeID) {
	if peers[node] == nil {
		peers[node] = make(map[sim.NodeID]bool)
	}
	peers[node][peer] = true
}

// TrustHandshake checks that no peer is trusted which did not answer a challenge of
// the node, as far as events tell: the first answer moves the level by handshake, or
// completes one, or both. Anchors need not: the scenario vouches for their keys. What a
// peer at unknown answered was another key, which an override let go.
type TrustHandshake struct {
	finding
	met     []map[sim.NodeID]bool // by node: who answered
	anchors Anchors
}

// NewTrustHandshake returns the checker of "trust_handshake".
func NewTrustHandshake(names []string, anchors Anchors) *TrustHandshake {
	return &TrustHandshake{finding: newFinding("trust_handshake", names), met: make([]map[sim.NodeID]bool, len(names)), anchors: anchors}
}

// Reads implements Selective.
func (c *TrustHandshake) Reads(k Kind) bool {
	return k == TrustUpdated || k == HandshakeCompleted || k == NodeUp
}

// Emit checks a transition to trusted.
func (c *TrustHandshake) Emit(e *Event) {
	switch {
	case e.Kind == NodeUp && e.Lose >= LoseState:
		c.met[e.Node] = nil
	case e.Kind == HandshakeCompleted, e.Kind == TrustUpdated && e.Evidence == byHandshake:
		noted(c.met, e.Node, e.Peer)
	case e.Kind == TrustUpdated && e.From == unknown:
		delete(c.met[e.Node], e.Peer)
	}
	if e.Kind != TrustUpdated {
		return
	}
	c.Evaluations++
	if e.To == trusted && !c.met[e.Node][e.Peer] && !c.anchors.Has(e.Node, e.Peer) {
		c.violated(e.T, e.Seq, func() string {
			return fmt.Sprintf("%s trusts %s, which never answered a challenge", c.names[e.Node], c.names[e.Peer])
		})
	}
}
