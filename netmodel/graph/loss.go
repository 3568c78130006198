package graph

import (
	"cmp"
	"slices"
)

// Loss is what taking nodes and links out would do to the rest. Pairs are ordered,
// and of different nodes that are left.
type Loss struct {
	LostNodes        []string   `json:"nodes"`
	LostLinks        [][]string `json:"links"`             // directed, those of lost nodes not included
	ComponentsBefore int        `json:"components_before"` // of the whole
	Components       int        `json:"components"`        // of what is left
	Parts            [][]string `json:"parts"`             // its components, the largest first
	PairsOfLost      int        `json:"pairs_of_lost"`     // pairs with a lost node as an end that had a route
	PairsCut         int        `json:"pairs_cut"`         // pairs left without their route, and without another
	PairsRerouted    int        `json:"pairs_rerouted"`    // pairs whose route goes another way
	PairsKept        int        `json:"pairs_kept"`        // pairs that have a route before and after

	// Over the pairs kept. Hops are those of the routes, which take the least latency:
	// more than the fewest hops, which Summary has.
	MeanHopsBefore      float64 `json:"mean_route_hops_before"`
	MeanHops            float64 `json:"mean_route_hops"`
	MeanLatencyNSBefore int64   `json:"mean_latency_ns_before"`
	MeanLatencyNS       int64   `json:"mean_latency_ns"`
	WorstDetour         *Detour `json:"worst_detour"` // null when no route gets slower

	Loads []Load `json:"loads"` // links that more routes cross than before, those that gain most first
}

// Detour is a route that a loss makes slower.
type Detour struct {
	Source          string   `json:"source"`
	Destination     string   `json:"destination"`
	LatencyNSBefore int64    `json:"latency_ns_before"`
	LatencyNS       int64    `json:"latency_ns"`
	Path            []string `json:"path"`
}

// Load is the number of routes, of all ordered pairs, that cross a link in either
// direction.
type Load struct {
	Link   []string `json:"link"`
	Before int      `json:"before"`
	Routes int      `json:"routes"`
}

// Lose compares the graph with what is left of it without nodes and directed links.
// It looks at the routes of all pairs: see Costs.
func (g *Graph) Lose(nodes []int, links [][2]int) *Loss {
	left, now := g.Without(nodes, links)
	parts := left.Components()
	loss := &Loss{
		LostNodes: g.namesOf(nodes), LostLinks: g.namesOfPairs(links),
		ComponentsBefore: len(g.Components()), Components: len(parts), Parts: make([][]string, len(parts)),
	}
	for i, part := range parts {
		loss.Parts[i] = left.namesOf(part)
	}
	g.comparePairs(loss, left, now)
	loss.Loads = g.gains(left, now)
	return loss
}

// comparePairs fills in what becomes of the routes.
func (g *Graph) comparePairs(loss *Loss, left *Graph, now []int) {
	var sums struct{ hopsBefore, hops, latencyBefore, latency sum }
	var worst Route
	var slower int64
	g.eachPair(func(source, destination int) {
		before, had := g.Route(source, destination)
		a, b := now[source], now[destination]
		switch {
		case !had:
			return
		case a < 0 || b < 0:
			loss.PairsOfLost++
			return
		}
		after, has := left.Route(a, b)
		if !has {
			loss.PairsCut++
			return
		}
		loss.PairsKept++
		sums.hopsBefore.add(int64(before.Hops()))
		sums.hops.add(int64(after.Hops()))
		sums.latencyBefore.add(int64(before.Latency))
		sums.latency.add(int64(after.Latency))
		if !slices.EqualFunc(before.Path, after.Path, func(was, is int) bool { return now[was] == is }) {
			loss.PairsRerouted++
		}
		more := int64(after.Latency - before.Latency)
		if more > slower || more == slower && more > 0 && slices.Compare(after.Path, worst.Path) < 0 {
			slower, worst = more, after
			loss.WorstDetour = &Detour{
				Source: g.names[source], Destination: g.names[destination],
				LatencyNSBefore: int64(before.Latency), LatencyNS: int64(after.Latency), Path: left.namesOf(after.Path),
			}
		}
	})
	loss.MeanHopsBefore, loss.MeanHops = rounded(sums.hopsBefore.mean()), rounded(sums.hops.mean())
	loss.MeanLatencyNSBefore, loss.MeanLatencyNS = sums.latencyBefore.floor(), sums.latency.floor()
}

// gains lists the links that carry more routes when the rest is gone.
func (g *Graph) gains(left *Graph, now []int) []Load {
	before, after := g.Loads(), left.Loads()
	gains := []Load{}
	for i, e := range g.edges {
		a, b := now[e[0]], now[e[1]]
		if a < 0 || b < 0 {
			continue
		}
		k := left.edge(a, b)
		if k < len(left.edges) && left.edges[k] == [2]int{a, b} && after[k] > before[i] {
			gains = append(gains, Load{g.namesOf(e[:]), before[i], after[k]})
		}
	}
	slices.SortStableFunc(gains, func(a, b Load) int { return cmp.Compare(b.Routes-b.Before, a.Routes-a.Before) })
	return gains
}
