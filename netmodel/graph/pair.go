package graph

import "fmt"

// Pair is what lies between two nodes, in the direction from Source to Destination.
type Pair struct {
	Source      string       `json:"source"`
	Destination string       `json:"destination"`
	Paths       []NamedRoute `json:"paths"`          // the best first; none when there is no way
	Disjoint    int64        `json:"disjoint_paths"` // most ways that share no link
	MinCut      [][]string   `json:"min_cut"`        // as many links, from and to, without which there is no way
	Bandwidth   *int64       `json:"bandwidth"`      // bit/s of all ways together; null: unlimited
	Bottleneck  [][]string   `json:"bottleneck"`     // the links that limit it
	LeftOut     string       `json:"left_out,omitempty"`
}

// Between finds the k best ways from one node to another, and what limits them.
// Unless all are wanted, fewer than k are looked for where each takes long, and
// LeftOut says so.
func (g *Graph) Between(source, destination, k int, all bool) *Pair {
	p := &Pair{Source: g.names[source], Destination: g.names[destination], Paths: []NamedRoute{}}
	if _, hops, ok := g.Distance(source, destination); ok && !all {
		each := max(1, int64(hops)) * int64(len(g.names)+len(g.links)) // a search for every hop of the one before
		if fit := 1 + mostRouteSteps/each; int64(k) > fit {
			p.LeftOut = fmt.Sprintf("paths from number %d on: each takes %d steps of work", fit+1, each)
			k = int(fit)
		}
	}
	for _, r := range g.Paths(source, destination, k) {
		p.Paths = append(p.Paths, g.NameRoute(r))
	}
	fewest := g.MinCut(source, destination)
	p.Disjoint, p.MinCut = fewest.Capacity, g.namesOfPairs(fewest.Links)
	narrowest := g.Bottleneck(source, destination)
	p.Bottleneck = g.namesOfPairs(narrowest.Links)
	if !narrowest.Unlimited {
		p.Bandwidth = &narrowest.Capacity
	}
	return p
}
