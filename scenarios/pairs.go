package scenarios

import (
	"cmp"
	"slices"
)

// linkPair is two nodes with a link between them, the first by key first, or the
// sender of the only direction.
type linkPair struct {
	Ends
	both bool
}

// pairs are all linked pairs of nodes, in order.
func (m *Mesh) pairs() []linkPair {
	ends := make([]Ends, len(m.Links))
	for i := range m.Links {
		ends[i] = Ends{m.Links[i].From, m.Links[i].To}
	}
	return pairsOf(ends)
}

// pairsOf joins the two directions of each pair, in the order of the smaller ends.
func pairsOf(ends []Ends) []linkPair {
	ways := make(map[Ends]bool, len(ends))
	for _, e := range ends {
		ways[e] = true
	}
	var pairs []linkPair
	for _, e := range ends {
		both := ways[Ends{e.To, e.From}]
		if !both || e.From < e.To {
			pairs = append(pairs, linkPair{e, both})
		}
	}
	slices.SortFunc(pairs, func(a, b linkPair) int { return compareEnds(a.Ends, b.Ends) })
	return pairs
}

func compareEnds(a, b Ends) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) }

// pairKey is how a pair is called in draws, whichever direction it has.
func (m *Mesh) pairKey(p Ends) string {
	return m.Nodes[min(p.From, p.To)].Key + "-" + m.Nodes[max(p.From, p.To)].Key
}

// pairName is how a LinkSet calls the links of a pair.
func (m *Mesh) pairName(p linkPair) string {
	mark := "->"
	if p.both {
		mark = "<->"
	}
	return m.Nodes[p.From].ID + mark + m.Nodes[p.To].ID
}
