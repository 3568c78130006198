package trust

import "meshsim/sim"

// Table is one node's level for every peer. The zero Table knows nobody.
type Table struct {
	peers []opinion // by number
}

// opinion is what the node holds of one peer.
type opinion struct {
	level         Level
	authenticated bool // the peer has answered a challenge of this node
}

// NewTable returns the table of a node in a mesh of so many.
func NewTable(nodes int) *Table { return &Table{peers: make([]opinion, nodes)} }

// Level is the level of a peer; of one that is no node of the mesh, Unknown.
func (t *Table) Level(peer sim.NodeID) Level {
	if uint(peer) >= uint(len(t.peers)) {
		return Unknown
	}
	return t.peers[peer].level
}

// Blocked reports whether a peer is blocked.
func (t *Table) Blocked(peer sim.NodeID) bool { return t.Level(peer) == Blocked }

// Authenticated reports whether a peer has answered a challenge.
func (t *Table) Authenticated(peer sim.NodeID) bool {
	return uint(peer) < uint(len(t.peers)) && t.peers[peer].authenticated
}

// Authenticate notes that a peer has answered a challenge.
func (t *Table) Authenticate(peer sim.NodeID) { t.peers[peer].authenticated = true }

// Apply moves a peer's level by an event, and returns the levels before and after.
func (t *Table) Apply(peer sim.NodeID, e Event) (from, to Level) {
	p := &t.peers[peer]
	from = p.level
	p.level = Next(from, e)
	return from, p.level
}
