package mesh

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/sim"
)

// Peer is what one node knows of another.
type Peer struct {
	ID           sim.NodeID
	Name         string // its id in everything that is written
	Address      string
	Capabilities []string
	Kind         PeerKind
}

// PeerKind says what a peer is.
type PeerKind string

// The kinds of peers.
const (
	KindAgent   PeerKind = "agent"
	KindService PeerKind = "service"
	KindRouter  PeerKind = "router"
)

// RegistryStart says which peers a registry holds at its start.
type RegistryStart string

// What a registry may hold at its start.
const (
	RegistryAll        RegistryStart = "all"
	RegistryNeighbours RegistryStart = "neighbours"
	RegistryNone       RegistryStart = "none"
)

// PeerRegistry is one node's table of peers: a base that all nodes of a run read
// and none writes, and the node's own changes to it. A node is no peer of its own.
type PeerRegistry struct {
	self    sim.NodeID
	all     uint32       // it began with all of so many nodes; 0: with those in started
	changes []change     // in order of NodeID
	base    []Peer       // every node of the run, by NodeID; shared
	started []sim.NodeID // in order
}

// change is a peer as the node itself learnt it, or nil for one it removed.
type change struct {
	id    sim.NodeID
	peer  *Peer
	heard clock.Time // when it was last heard of, by the node's own clock
	mayGo bool       // it expires: it was heard of, and the registry did not begin with it
}

// NewPeerRegistry returns the registry of node self over a base that holds every
// node of the run at the index of its number. Neighbours, in ascending order, are
// asked for only by RegistryNeighbours. Both slices are kept and not written to.
// It fails on a start that is none of the three.
func NewPeerRegistry(self sim.NodeID, base []Peer, start RegistryStart, neighbours []sim.NodeID) (*PeerRegistry, error) {
	r := &PeerRegistry{self: self, base: base}
	switch start {
	case RegistryAll:
		r.all = uint32(len(base))
	case RegistryNeighbours:
		r.started = neighbours
	case RegistryNone:
	default:
		return nil, fmt.Errorf("registry start %q is not known; allowed: %q, %q, %q", start, RegistryAll, RegistryNeighbours, RegistryNone)
	}
	return r, nil
}

// Has reports whether the peer is known. It is asked for every envelope, also
// for ids that are no node.
func (r *PeerRegistry) Has(id sim.NodeID) bool {
	if uint32(id) < r.all && len(r.changes) == 0 {
		return id != r.self
	}
	return r.has(id)
}

func (r *PeerRegistry) has(id sim.NodeID) bool {
	if i, ok := r.find(id); ok {
		return r.changes[i].peer != nil
	}
	return r.begins(id)
}

// Get returns what is known of a peer.
func (r *PeerRegistry) Get(id sim.NodeID) (Peer, bool) {
	if i, ok := r.find(id); ok {
		if p := r.changes[i].peer; p != nil {
			return *p, true
		}
		return Peer{}, false
	}
	if !r.begins(id) {
		return Peer{}, false
	}
	return r.base[id], true
}

// Add makes a peer known, or replaces what was known of it, and reports whether
// it is new. The node itself is never added. A peer that is no node of the run
// has no number, so the call panics on a number outside the base.
func (r *PeerRegistry) Add(p Peer) bool {
	if p.ID == r.self {
		return false
	}
	r.mustExist(p.ID)
	isNew := !r.Has(p.ID)
	r.set(change{id: p.ID, peer: &p})
	return isNew
}

// Remove forgets a peer and reports whether it was known.
func (r *PeerRegistry) Remove(id sim.NodeID) bool {
	if !r.Has(id) {
		return false
	}
	r.set(change{id: id})
	return true
}

// Hear makes a peer known that was heard of, or brings what is known of it up to
// date. Unless the registry began with it, it expires.
func (r *PeerRegistry) Hear(p Peer, now clock.Time) {
	if old, known := r.Get(p.ID); !known || !old.says(&p) {
		r.Add(p)
	}
	r.Refresh(p.ID, now)
}

// Meet makes a peer known, unless it is: then it was heard of once more.
func (r *PeerRegistry) Meet(p Peer, now clock.Time) {
	if !r.Refresh(p.ID, now) {
		r.Hear(p, now)
	}
}

// Refresh notes that a peer was heard of, and reports whether it is known.
func (r *PeerRegistry) Refresh(id sim.NodeID, now clock.Time) bool {
	if i, ok := r.find(id); ok && r.changes[i].peer != nil {
		r.changes[i].heard, r.changes[i].mayGo = now, !r.begins(id)
	}
	return r.Has(id)
}

// says reports whether two peers are described alike.
func (p *Peer) says(o *Peer) bool {
	return p.Address == o.Address && p.Kind == o.Kind && slices.Equal(p.Capabilities, o.Capabilities)
}

// Expire forgets the peers that were not heard of for a span, of those that may go,
// and returns how long until it has to be asked again: the span, or less.
func (r *PeerRegistry) Expire(now clock.Time, span time.Duration) time.Duration {
	next := span
	r.changes = slices.DeleteFunc(r.changes, func(c change) bool {
		if !c.mayGo {
			return false
		}
		left := span - now.Sub(c.heard)
		if left > 0 {
			next = min(next, left)
		}
		return left <= 0
	})
	return next
}

// Nodes is the number of nodes of the run, known or not.
func (r *PeerRegistry) Nodes() int { return len(r.base) }

// List returns the known peers in the order of their keys.
func (r *PeerRegistry) List() []Peer {
	var peers []Peer
	for i := range r.base {
		if p, ok := r.Get(sim.NodeID(i)); ok {
			peers = append(peers, p)
		}
	}
	return peers
}

// begins reports whether the registry began with the peer.
func (r *PeerRegistry) begins(id sim.NodeID) bool {
	if id == r.self {
		return false
	}
	if r.all > 0 {
		return uint32(id) < r.all
	}
	_, ok := slices.BinarySearch(r.started, id)
	return ok
}

func (r *PeerRegistry) find(id sim.NodeID) (int, bool) {
	return slices.BinarySearchFunc(r.changes, id, func(c change, id sim.NodeID) int { return cmp.Compare(c.id, id) })
}

func (r *PeerRegistry) set(c change) {
	i, ok := r.find(c.id)
	if ok {
		r.changes[i] = c
		return
	}
	r.changes = slices.Insert(r.changes, i, c)
}

func (r *PeerRegistry) mustExist(id sim.NodeID) {
	if uint(id) >= uint(len(r.base)) {
		panic(fmt.Sprintf("mesh: no node has number %d", id))
	}
}
