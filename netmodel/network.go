// Package netmodel is what the wires do. A Network judges what becomes of each
// copy that a node hands to a link, and knows which links faults hold and where
// the shortest paths lead. It schedules nothing: whoever asks owns the clock.
package netmodel

import (
	"time"

	"errors"
	"fmt"
	"slices"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/sim/planted"
)

// Network is the links of a run with their state. It is not safe for concurrent
// use.
type Network struct {
	keys   []string
	first  []int32      // links out of node i are first[i] … first[i+1]−1
	to     []sim.NodeID // receiving end by link
	from   []sim.NodeID // sending end by link
	links  []link       // ordered by (from, to)
	grid   [][]int32    // link number by its ends, or noLink; nil when there are many nodes
	access []access     // by node; nil when no node has any
	active []activeFault
	off    []bool // by node: routing takes its links to be down
	away   int    // links out of contact
	routes *routes

	seed     sim.Seed
	tickets  tickets
	kept     []keptCopy // in order of hand-over
	released []Ticket   // of ended holds
}

// New returns the network of the given links, all up. keys are the nodes' keys
// by number: with them streams are named, link/KEY->KEY/loss, …/burst_loss,
// …/corrupt, …/duplicate, …/reorder, …/latency and …/evict. It refuses unknown ends,
// a node linked to itself, two links with the same ends, and values out of the range
// that LinkSpec names.
func New(seed sim.Seed, keys []string, links []LinkSpec) (*Network, error) {
	if len(keys) == 0 {
		return nil, errors.New("a network needs at least one node")
	}
	links, err := sorted(keys, links)
	if err != nil {
		return nil, err
	}
	n := &Network{
		keys:  keys,
		off:   make([]bool, len(keys)),
		first: make([]int32, len(keys)+1),
		to:    make([]sim.NodeID, len(links)),
		from:  make([]sim.NodeID, len(links)),
		links: make([]link, len(links)),
		seed:  seed,
	}
	limited := 0
	for i := range links {
		s := &links[i]
		n.first[s.From+1]++
		n.from[i], n.to[i] = s.From, s.To
		n.links[i] = newLink(seed, keys, s)
		if s.limited() && s.Policy == DropTail {
			limited++
		}
	}
	for i := range keys {
		n.first[i+1] += n.first[i]
	}
	lines := make([]transmitter, 0, limited)
	for i := range links {
		switch s := &links[i]; {
		case !s.limited():
		case s.Policy == DropTail:
			lines = append(lines, transmitter{rate: rateOf(s.Bandwidth), queue: s.Queue})
			n.links[i].line = &lines[len(lines)-1]
		default:
			n.links[i].queue = n.newQueue(s)
		}
		n.links[i].review()
	}
	n.grid = newGrid(n)
	n.routes = newRoutes(n, links)
	return n, nil
}

// Neighbours are the nodes to which a link leads from a node, ascending, links
// that are down included. The slice is the network's own: do not change it.
func (n *Network) Neighbours(id sim.NodeID) []sim.NodeID {
	lo, hi := n.first[id], n.first[id+1]
	return n.to[lo:hi:hi]
}

// Costs are the mean latencies of the links to the Neighbours of a node, as routing
// knows them now. The slice is the network's own: do not change it.
func (n *Network) Costs(id sim.NodeID) []time.Duration {
	return n.routes.mean[n.first[id]:n.first[id+1]]
}

// Stats is what a link did so far.
func (n *Network) Stats(from, to sim.NodeID) Stats { return n.link(from, to).stats() }

// Carry judges a copy of size bytes (≥ 0, header excluded) that is handed to a
// link at time now, and fills in the verdict. Calls for the links of one node must
// not go back in time. The order is: link down, partition, MTU, hold, queue full
// (such a copy is not taken); then loss, burst loss, corruption, duplication,
// reordering and latency, each with a draw of its own, keyed by the message; for
// burst loss see GilbertElliott.
//
// A copy passes the uplink of its node and then the link's own transmitter, store
// and forward each. One that the uplink takes and the link's queue does not has used
// the uplink: both judge at hand-over, the latter for the time at which the former
// is through.
//
// A duplicate is judged even when the original is lost. It takes no transmitter
// time, draws loss, corruption, reordering and latency for itself, is no packet of
// its own for burst loss, and is not duplicated again.
//
// A link with a queue policy but DropTail judges what has to wait only when its
// transmission begins: the copy is Queued, and Serve judges it. If a transmission
// should have begun by now the fate is Due: call Serve, then Carry again.
func (n *Network) Carry(now clock.Time, from, to sim.NodeID, size int64, key sim.Key, v *Verdict) {
	l := n.link(from, to)
	if l.plain {
		l.cross(now, size, v)
		return
	}
	l.carry(now, size, key, v)
	if v.Fate == Kept {
		v.Ticket = n.tickets.take()
		n.kept = append(n.kept, keptCopy{v.Fault, v.Ticket})
	}
}

// Serve makes a link begin the transmission that is due, if one is, and reports
// whether it did. The verdict is of the copy of its Ticket; those of Evicted, which
// waited before it, were dropped instead. Repeat it until it reports false: then
// the verdict's Serve says when to call it again. Calls at other times do nothing.
//
// Faults that hold the link change nothing here: what waits, or is on the wire,
// when a link is cut is lost at its arrival unless the link is back by then.
func (n *Network) Serve(now clock.Time, from, to sim.NodeID, v *Verdict) bool {
	return n.link(from, to).serve(now, v)
}

// CutAt says what becomes of a copy that was sent to arrive now: LinkDown or
// Partitioned and the fault to blame, if it is one, when the link has been cut
// since, else Arrives. It counts the drop, so ask once for each arrival.
func (n *Network) CutAt(from, to sim.NodeID) (Fate, FaultID) {
	if len(n.active)+n.away == 0 {
		return Arrives, NoFault
	}
	return n.cutAt(from, to)
}

func (n *Network) cutAt(from, to sim.NodeID) (Fate, FaultID) {
	l := n.link(from, to)
	fate, fault := l.held()
	if planted.Bug == planted.LinkDownDelivers && fate == LinkDown {
		fate = Arrives
	}
	if fate != Arrives {
		l.drops++
	}
	return fate, fault
}

// Held says what becomes of a copy that would arrive now, without counting it.
func (n *Network) Held(from, to sim.NodeID) Fate {
	fate, _ := n.link(from, to).held()
	return fate
}

// Stopped says what faults do to a copy that is handed over now: LinkDown,
// Partitioned or Kept, or else Arrives, without counting it.
func (n *Network) Stopped(from, to sim.NodeID) Fate {
	l := n.link(from, to)
	if fate, _ := l.held(); fate != Arrives || l.kept == NoFault {
		return fate
	}
	return Kept
}

// newQueue makes the queue of a link whose policy is not DropTail.
func (n *Network) newQueue(s *LinkSpec) *servedQueue {
	return &servedQueue{
		policy: s.Policy, bound: s.Queue, tickets: &n.tickets,
		evictions: n.seed.Stream(linkPath(n.keys, s.ends()) + "/evict"),
	}
}

// link is the link between two nodes. To use one that does not exist is a bug of
// the caller, who was told the neighbours.
func (n *Network) link(from, to sim.NodeID) *link { return &n.links[n.number(from, to)] }

func (n *Network) number(from, to sim.NodeID) int32 {
	i := n.find(from, to)
	if i == noLink {
		panic(fmt.Sprintf("netmodel: no link from node %d to node %d", from, to))
	}
	return i
}

// find is the number of the link from a node to another: its place in the order of
// (from, to). It is noLink if there is none.
func (n *Network) find(from, to sim.NodeID) int32 {
	if n.grid != nil && n.has(to) {
		return n.grid[from][to]
	}
	return n.search(from, to)
}

const noLink = -1

func (n *Network) search(from, to sim.NodeID) int32 {
	lo, hi := n.first[from], n.first[from+1]
	if i, ok := slices.BinarySearch(n.to[lo:hi], to); ok {
		return lo + int32(i)
	}
	return noLink
}

// newGrid is the numbers of the links, for a network of so few nodes that there is
// room for one from each to each.
func newGrid(n *Network) [][]int32 {
	const few = 512 // nodes: 1 MiB
	nodes := len(n.keys)
	if nodes > few {
		return nil
	}
	all := slices.Repeat([]int32{noLink}, nodes*nodes)
	grid := make([][]int32, nodes)
	for from := range grid {
		grid[from] = all[from*nodes : (from+1)*nodes]
		for i := n.first[from]; i < n.first[from+1]; i++ {
			grid[from][n.to[i]] = i
		}
	}
	return grid
}

// name names a link in errors.
func (n *Network) name(e Ends) string { return n.key(e.From) + "->" + n.key(e.To) }

func (n *Network) key(id sim.NodeID) string {
	if !n.has(id) {
		return fmt.Sprintf("node %d", id)
	}
	return n.keys[id]
}

func (n *Network) has(id sim.NodeID) bool { return id >= 0 && int(id) < len(n.keys) }
