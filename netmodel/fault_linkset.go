package netmodel

import (
	"fmt"

	"meshsim/sim"
)

// LinkSetFault gives links, each in the direction given, other values for a time.
// Of several the one that began last decides, value by value. Routing knows the
// mean latencies, nodes do not notice.
type LinkSetFault struct {
	Links []Ends
	Set   LinkValues
}

// LinkValues are values of a LinkSpec; nil ones stay as they are.
type LinkValues struct {
	Latency   *Latency
	Loss      *sim.Ratio
	BurstLoss *GilbertElliott
	Corrupt   *sim.Ratio
	Duplicate *sim.Ratio
	Reorder   *sim.Ratio
	FIFO      *bool
	Bandwidth *int64
	Queue     *Queue
	MTU       *int64
	Header    *int64
}

func (LinkSetFault) fate() Fate { return Arrives }

func (f LinkSetFault) holds(n *Network) ([]int32, error) {
	held, err := n.findAll(f.Links)
	if err != nil {
		return nil, err
	}
	for _, i := range held {
		s := n.links[i].spec
		f.apply(&s)
		if err := s.check(len(n.keys)); err != nil {
			return nil, fmt.Errorf("link %s: %w", n.name(s.ends()), err)
		}
	}
	return held, nil
}

// apply lets a loss or a bandwidth replace also what a profile says of them, unless
// the profile began later.
func (f LinkSetFault) apply(s *LinkSpec) {
	if put(&s.Latency, f.Set.Latency); f.Set.Latency != nil {
		s.ownLoss, s.ownRate = false, false
	}
	if recorded := s.Latency.profile != nil; recorded {
		s.ownLoss, s.ownRate = s.ownLoss || f.Set.Loss != nil, s.ownRate || f.Set.Bandwidth != nil
	}
	put(&s.Loss, f.Set.Loss)
	put(&s.BurstLoss, f.Set.BurstLoss)
	put(&s.Corrupt, f.Set.Corrupt)
	put(&s.Duplicate, f.Set.Duplicate)
	put(&s.Reorder, f.Set.Reorder)
	put(&s.FIFO, f.Set.FIFO)
	put(&s.Bandwidth, f.Set.Bandwidth)
	put(&s.Queue, f.Set.Queue)
	put(&s.MTU, f.Set.MTU)
	put(&s.Header, f.Set.Header)
}

func put[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func (f LinkSetFault) touches() aspects {
	v := &f.Set
	return aspects{
		delay:     v.Latency != nil || v.Reorder != nil || v.FIFO != nil || v.Bandwidth != nil || v.Header != nil,
		room:      v.Queue != nil,
		size:      v.MTU != nil,
		loss:      v.Loss != nil || v.BurstLoss != nil || v.Corrupt != nil,
		duplicate: v.Duplicate != nil,
	}
}
