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
		links[k] = noLink
		if n.has(e.From) && n.has(e.To) {
			links[k] = n.find(e.From, e.To)
		}
		if links[k] == noLink {
			return nil, fmt.Errorf("no link %s", n.name(e))
		}
	}
	return links, nil
}
