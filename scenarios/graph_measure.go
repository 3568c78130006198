package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"meshsim/netmodel/graph"
)

// Graph is the mesh as a graph that can be measured: nodes by NodeID, links with
// their mean latencies. Nothing is down in it.
func (m *Mesh) Graph() (*graph.Graph, error) {
	links := make([]graph.Link, len(m.Links))
	for i := range m.Links {
		l := &m.Links[i]
		latency, err := m.latency(l)
		if err != nil {
			return nil, err
		}
		links[i] = graph.Link{From: int(l.From), To: int(l.To), Latency: latency.Mean(), Bandwidth: int64(l.Bandwidth)}
	}
	return graph.New(m.IDs(), links)
}

// ResolveNode finds the number of a node by id. The error has what is allowed.
func (m *Mesh) ResolveNode(id string) (int, error) {
	n, ok := m.Lookup(id)
	if !ok {
		return 0, fmt.Errorf("%q is not a node of this mesh%s", shorten(id), m.suggest(id))
	}
	return int(n), nil
}

// ResolveParts finds the nodes and the directions of links that words name, each
// once: a word is the id of a node, or a link as a LinkSet has it. The error has
// all words that name nothing.
func (m *Mesh) ResolveParts(words []string) (nodes []int, links [][2]int, err error) {
	var errs []error
	for _, word := range words {
		if n, ok := m.Lookup(word); ok {
			nodes = append(nodes, int(n))
			continue
		}
		ends, problem := m.resolveLink(word)
		switch {
		case problem != "" && !strings.Contains(word, "-"):
			errs = append(errs, fmt.Errorf("%q is neither a node nor a link of this mesh%s", shorten(word), m.suggest(word)))
		case problem != "":
			errs = append(errs, fmt.Errorf("%q %s", shorten(word), problem))
		}
		for _, e := range ends {
			links = append(links, [2]int{int(e.From), int(e.To)})
		}
	}
	slices.Sort(nodes)
	slices.SortFunc(links, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(nodes), slices.Compact(links), errors.Join(errs...)
}

// LossText is the share of copies lost as a scenario has it, "" for none.
func (l *MeshLink) LossText() string {
	if l.Loss == 0 {
		return ""
	}
	return formatRatio(l.Loss)
}
