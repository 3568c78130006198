package netmodel

import "fmt"

// LinkDownFault takes links down, each in the direction given. Nodes notice.
type LinkDownFault struct {
	Links []Ends
}

func (LinkDownFault) fate() Fate { return LinkDown }

func (f LinkDownFault) holds(n *Network) ([]int32, error) { return n.findAll(f.Links) }

// findAll numbers links by their ends.
func (n *Network) findAll(ends []Ends) ([]int32, error) {
	links := make([]int32, len(ends))
	for k, e := range ends {
		i, ok := int32(0), false
		if n.has(e.From) && n.has(e.To) {
			i, ok = n.find(e.From, e.To)
		}
		if !ok {
			return nil, fmt.Errorf("no link %s", n.name(e))
		}
		links[k] = i
	}
	return links, nil
}
