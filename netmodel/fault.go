package netmodel

import (
	"fmt"
	"slices"
)

// Fault is one kind of trouble that holds links, one file each. While a fault is
// active, copies handed to a link that it holds, or about to arrive there, end; or
// copies handed over are kept; or the link is another one, for a changer.
type Fault interface {
	// fate is what copies suffer: LinkDown, Partitioned or Kept; Arrives of a changer.
	fate() Fate
	// holds lists the links that the fault holds, by number, in any order. It fails
	// when the fault names what the network does not have.
	holds(*Network) ([]int32, error)
}

// activeFault is a fault between its begin and its end.
type activeFault struct {
	id    FaultID
	fate  Fate
	links []int32 // ascending; a link may be there twice
	by    changer // nil but for one
}

func (a *activeFault) holds(link int32) bool {
	_, ok := slices.BinarySearch(a.links, link)
	return ok
}

// Check reports what is wrong with a fault: a node or link that the network does
// not have, a node that is named twice.
func (n *Network) Check(f Fault) error {
	_, err := f.holds(n)
	return err
}

// Begin makes a fault act from now on and returns the links that went down
// through it, ordered by (from, to): none that was down already, and none for
// other kinds. It panics when the id is active already or Check fails.
//
// Faults may overlap. A link is up when no fault holds it and it is in contact; a
// verdict names the fault that began first of those that hold the link with its
// fate, and none when the link is out of contact.
func (n *Network) Begin(id FaultID, f Fault) []Ends {
	if id < 0 || n.activeIndex(id) >= 0 {
		panic(fmt.Sprintf("netmodel: fault %d can't begin: it is negative or active", id))
	}
	held, err := f.holds(n)
	if err != nil {
		panic(fmt.Sprintf("netmodel: fault %d can't begin: %v", id, err))
	}
	slices.Sort(held)
	a := activeFault{id: id, fate: f.fate(), links: held}
	a.by, _ = f.(changer)
	n.active = append(n.active, a)
	n.routes.changed, n.routes.weighed = n.routes.changed[:0], n.routes.weighed[:0]
	if a.by != nil {
		n.rewire(a.links)
		return nil
	}
	var down []int32
	for _, i := range a.links {
		if first := n.links[i].holder(a.fate); *first == NoFault {
			*first = id
			n.links[i].review()
			if !n.links[i].away { // else it was down
				down = append(down, i)
			}
		}
	}
	return n.flipped(a.fate, down)
}

// End ends an active fault and returns the links that came up through it, ordered
// by (from, to). It panics when the fault is not active.
func (n *Network) End(id FaultID) []Ends {
	k := n.activeIndex(id)
	if k < 0 {
		panic(fmt.Sprintf("netmodel: fault %d can't end: it is not active", id))
	}
	a := n.active[k]
	n.active = slices.Delete(n.active, k, k+1)
	n.routes.changed, n.routes.weighed = n.routes.changed[:0], n.routes.weighed[:0]
	if a.by != nil {
		n.rewire(a.links)
		return nil
	}
	if a.fate == Kept {
		n.release(id)
	}
	var up []int32
	for _, i := range a.links {
		first := n.links[i].holder(a.fate)
		if *first != id {
			continue // an earlier fault holds it still
		}
		*first = n.firstHolding(i, a.fate)
		n.links[i].review()
		if *first == NoFault && !n.links[i].away {
			up = append(up, i)
		}
	}
	return n.flipped(a.fate, up)
}

// flipped tells routing of the links that a fault took or gave back, and names them.
func (n *Network) flipped(f Fate, links []int32) []Ends {
	if f != LinkDown || len(links) == 0 {
		return nil
	}
	ends := make([]Ends, len(links))
	for k, i := range links {
		ends[k] = Ends{n.from[i], n.to[i]}
		if !n.off[n.from[i]] && !n.off[n.to[i]] {
			n.routes.changed = append(n.routes.changed, i)
		}
	}
	n.routes.turn()
	return ends
}

// firstHolding is the active fault with this fate that holds a link and began first.
func (n *Network) firstHolding(link int32, f Fate) FaultID {
	for k := range n.active { // in order of begin
		if a := &n.active[k]; a.fate == f && a.holds(link) {
			return a.id
		}
	}
	return NoFault
}

func (n *Network) activeIndex(id FaultID) int {
	return slices.IndexFunc(n.active, func(a activeFault) bool { return a.id == id })
}
