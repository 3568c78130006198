package netmodel

import "slices"

// SetContact puts links, each in the direction given, into contact or out of it
// and returns those that came up or went down through it, ordered by (from, to):
// none that a fault holds down. A link that was so already stays as it is, and one
// that the network does not have is a bug of the caller: it panics.
//
// A link out of contact is down without a fault to blame, whatever faults hold it:
// it is up again when contact and faults both let it be. In a new network all
// links are in contact.
func (n *Network) SetContact(ends []Ends, in bool) []Ends {
	turned := make([]int32, 0, len(ends))
	n.routes.changed, n.routes.weighed = n.routes.changed[:0], n.routes.weighed[:0]
	for _, e := range ends {
		i := n.number(e.From, e.To)
		l := &n.links[i]
		if l.away != in {
			continue
		}
		l.away = !in
		l.review()
		if in {
			n.away--
		} else {
			n.away++
		}
		if l.down == NoFault {
			turned = append(turned, i)
		}
	}
	slices.Sort(turned)
	return n.flipped(LinkDown, turned)
}
