package netmodel

import (
	"slices"

	"meshsim/sim/planted"
)

// HoldFault keeps what is handed to links, each in the direction given, until it
// ends. Nodes and routing do not notice.
type HoldFault struct {
	Links []Ends
}

func (HoldFault) fate() Fate { return Kept }

func (f HoldFault) holds(n *Network) ([]int32, error) { return n.findAll(f.Links) }

// keptCopy is a copy that a hold keeps.
type keptCopy struct {
	by     FaultID
	ticket Ticket
}

// release lets go of what a hold keeps.
func (n *Network) release(id FaultID) {
	if planted.Bug == planted.HoldLoses {
		return
	}
	n.kept = slices.DeleteFunc(n.kept, func(k keptCopy) bool {
		if k.by == id {
			n.released = append(n.released, k.ticket)
		}
		return k.by == id
	})
}

// Release calls yield for every copy that a hold kept which has ended, in the order
// of their hand-over: hand it over again. One that another hold keeps too is among
// them; handed over again, it is kept by that one.
func (n *Network) Release(yield func(Ticket)) {
	for _, ticket := range n.released {
		n.tickets.give(ticket)
		yield(ticket)
	}
	n.released = n.released[:0]
}
