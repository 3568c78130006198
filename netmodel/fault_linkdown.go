package netmodel

import "fmt"

// LinkDownFault takes links down, each in the direction given. Nodes notice.
type LinkDownFault struct {
	Links []Ends
}

func (LinkDownFault) fate() Fate { return LinkDown }

func (f LinkDownFault) holds(n *Network) ([]int32, error) {
	held := make([]int32, len(f.Links))
	for k, e := range f.Links {
		i, ok := int32(0), false
		if n.has(e.From) {
			i, ok = n.find(e.From, e.To)
		}
		if !ok {
			return nil, fmt.Errorf("no link %s", n.name(e))
		}
		held[k] = i
	}
	return held, nil
}
