package trust

import (
	"meshsim/clock"
	"meshsim/sim"
)

// Table is one node's level for every peer. The zero Table knows nobody.
type Table struct {
	peers []opinion // by number
}

// opinion is what the node holds of one peer.
type opinion struct {
	level         Level
	authenticated bool       // the peer has answered a challenge of this node
	heard         clock.Time // when something of it came last
}

// NewTable returns the table of a node in a mesh of so many.
func NewTable(nodes int) *Table { return &Table{peers: make([]opinion, nodes)} }

func (t *Table) knows(peer sim.NodeID) bool { return uint(peer) < uint(len(t.peers)) }

// Level is the level of a peer; of one that is no node of the mesh, Unknown.
func (t *Table) Level(peer sim.NodeID) Level {
	if !t.knows(peer) {
		return Unknown
	}
	return t.peers[peer].level
}

// Blocked reports whether a peer is blocked.
func (t *Table) Blocked(peer sim.NodeID) bool { return t.Level(peer) == Blocked }

// Authenticated reports whether a peer has answered a challenge.
func (t *Table) Authenticated(peer sim.NodeID) bool {
	return t.knows(peer) && t.peers[peer].authenticated
}

// Authenticate notes that a peer has answered a challenge.
func (t *Table) Authenticate(peer sim.NodeID) { t.peers[peer].authenticated = true }

// Anchor has a peer start trusted.
func (t *Table) Anchor(peer sim.NodeID) { t.peers[peer].level = Trusted }

// Release makes a peer prove once more who it is.
func (t *Table) Release(peer sim.NodeID) { t.peers[peer].authenticated = false }

// Forget makes a peer, who turned out to be another one, unknown.
func (t *Table) Forget(peer sim.NodeID) { t.peers[peer] = opinion{heard: t.peers[peer].heard} }

// Hear notes that something of a peer came.
func (t *Table) Hear(peer sim.NodeID, now clock.Time) {
	if t.knows(peer) {
		t.peers[peer].heard = now
	}
}

// Heard is when something of a peer came last; 0: never.
func (t *Table) Heard(peer sim.NodeID) clock.Time { return t.peers[peer].heard }

// Len is the number of nodes of the mesh.
func (t *Table) Len() int { return len(t.peers) }

// Apply moves a peer's level by an event, and returns the levels before and after.
func (t *Table) Apply(peer sim.NodeID, e Event) (from, to Level) {
	p := &t.peers[peer]
	from = p.level
	p.level = Next(from, e)
	return from, p.level
}
