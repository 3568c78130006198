package netmodel

import (
	"fmt"

	"meshsim/clock"
	"meshsim/sim"
)

// LineSpec is a transmitter as it is given. The zero LineSpec is none: nothing waits.
type LineSpec struct {
	Bandwidth int64 // bit/s; 0: unlimited
	Queue     Queue // what may wait for it
}

func (l LineSpec) check() error {
	if l.Bandwidth < 0 {
		return fmt.Errorf("bandwidth %d bit/s is negative", l.Bandwidth)
	}
	return l.Queue.check()
}

// access is what the links of one node share.
type access struct{ uplink, downlink *transmitter }

// Share gives a node transmitters that all its links share: what it sends passes
// the uplink before the link's own transmitter, what is sent to it passes the
// downlink after the link. It is to be called before the first Carry. It refuses a
// LineSpec out of range.
func (n *Network) Share(id sim.NodeID, uplink, downlink LineSpec) error {
	if err := uplink.check(); err != nil {
		return fmt.Errorf("uplink of node %s: %w", n.key(id), err)
	}
	if err := downlink.check(); err != nil {
		return fmt.Errorf("downlink of node %s: %w", n.key(id), err)
	}
	for i := n.first[id]; i < n.first[id+1] && uplink.Bandwidth != 0; i++ {
		if l := &n.links[i]; l.spec.Policy != DropTail {
			return fmt.Errorf("uplink of node %s: link %s has a queue policy of its own", n.key(id), n.name(l.spec.ends()))
		}
	}
	if n.access == nil {
		n.access = make([]access, len(n.keys))
	}
	a := &n.access[id]
	*a = access{newTransmitter(uplink), newTransmitter(downlink)}
	for i := n.first[id]; i < n.first[id+1]; i++ {
		n.links[i].uplink = a.uplink
		n.links[i].review()
	}
	return nil
}

func newTransmitter(l LineSpec) *transmitter {
	if l.Bandwidth == 0 {
		return nil
	}
	return &transmitter{rate: rateOf(l.Bandwidth), queue: l.Queue}
}

// HasDownlink reports whether what arrives at a node has to pass a downlink.
func (n *Network) HasDownlink(to sim.NodeID) bool {
	return n.access != nil && n.access[to].downlink != nil
}

// Receive hands a copy of size bytes (header excluded), which has come over the
// link between two nodes, to the receiver's downlink. It tells when it is through,
// or that it was refused: QueueFull. Calls for one receiver must not go back in time.
func (n *Network) Receive(now clock.Time, from, to sim.NodeID, size int64) (Fate, clock.Time) {
	l := n.link(from, to)
	_, end, ok := n.access[to].downlink.take(now, size+l.spec.Header)
	if !ok {
		l.drops++
		return QueueFull, now
	}
	return Arrives, end
}

// Damaged counts a corrupted copy that its receiver throws away.
func (n *Network) Damaged(from, to sim.NodeID) { n.link(from, to).drops++ }

// AccessStats is what a node's uplink and downlink did so far: of Stats only the
// times and the longest queue. It is nil for what the node does not have.
func (n *Network) AccessStats(id sim.NodeID) (uplink, downlink *Stats) {
	if n.access == nil {
		return nil, nil
	}
	return n.access[id].uplink.stats(), n.access[id].downlink.stats()
}

func (t *transmitter) stats() *Stats {
	if t == nil {
		return nil
	}
	s := &Stats{}
	t.add(s)
	return s
}
