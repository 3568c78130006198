package trace

import "meshsim/sim"

// nameTable holds what is written for a node, so that nothing has to be rendered
// per event: row 0 is Everyone, row 1 NoNode, then the nodes by number.
type nameTable []string

// newNameTable renders every name once.
func newNameTable(names []string, render func([]byte, string) []byte) nameTable {
	t := make(nameTable, 0, len(names)+2)
	t = append(t, string(render(nil, "*")), string(render(nil, "")))
	for _, name := range names {
		t = append(t, string(render(nil, name)))
	}
	return t
}

func (t nameTable) of(id sim.NodeID) string { return t[id-sim.Everyone] }
