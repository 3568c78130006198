package graph

import (
	"cmp"
	"fmt"
	"slices"
)

// Summary is what a graph is, in names. Of what was too costly to compute it has
// null, and says so in Skipped. Floats have six significant digits.
type Summary struct {
	Nodes              int        `json:"nodes"`
	Links              int        `json:"links"` // pairs that are linked in either direction
	OneWayLinks        int        `json:"one_way_links"`
	Components         int        `json:"components"`
	ComponentSizes     []int      `json:"component_sizes"`     // the largest first
	Diameter           *int       `json:"diameter"`            // hops, over connected pairs
	MeanHops           *float64   `json:"mean_hops"`           // likewise
	MeanLatencyNS      *int64     `json:"mean_latency_ns"`     // of the routes, rounded down
	PairsWithoutRoute  *int64     `json:"pairs_without_route"` // ordered
	Degree             Degree     `json:"degree"`
	ArticulationPoints []string   `json:"articulation_points"`
	Bridges            [][]string `json:"bridges"`

	AlgebraicConnectivity *float64     `json:"algebraic_connectivity"`
	Communities           *Communities `json:"communities"`
	Centrality            []Centrality `json:"centrality"` // by node
	PageRanks             []Rank       `json:"pagerank"`   // the highest first
	LinkLoads             []LinkLoad   `json:"link_loads"` // the busiest first
	SlowestRoute          *NamedRoute  `json:"slowest_route"`
	Routes                []NamedRoute `json:"routes"` // if wanted, of all ordered pairs that have one
	Skipped               []Skipped    `json:"skipped"`
}

// Communities are groups of nodes that are linked among themselves more than chance
// would have it.
type Communities struct {
	Modularity float64    `json:"modularity"`
	Groups     [][]string `json:"groups"` // the largest first
}

// Centrality is how a node stands in the whole.
type Centrality struct {
	Node        string   `json:"node"`
	Degree      int      `json:"degree"`
	Betweenness *float64 `json:"betweenness"` // ordered pairs that it relays, by hops
	Closeness   *float64 `json:"closeness"`   // 0 to 1, by hops
	PageRank    float64  `json:"pagerank"`    // 0 to 1, see Graph.PageRank
}

// LinkLoad is the number of routes, of all ordered pairs, that cross a link in
// either direction.
type LinkLoad struct {
	Link   []string `json:"link"`
	Routes int      `json:"routes"`
}

// NamedRoute is a Route in names.
type NamedRoute struct {
	Source      string   `json:"source"`
	Destination string   `json:"destination"`
	LatencyNS   int64    `json:"latency_ns"`
	Path        []string `json:"path"`
}

// routesKey is the measure that is computed on request only.
const routesKey = "routes"

// Skipped is a measure that was not computed.
type Skipped struct {
	Measure string `json:"measure"`
	Why     string `json:"why"`
}

// Bounds of what Summarize computes unasked, in steps of the measure. With n nodes
// and m links, distances of all pairs take n·(n + 2m) steps, eigenvalues n³. Each is
// some seconds on a common machine at its bound. What is
// always computed grows with n + m alone.
const (
	mostHopSteps         = 1_000_000_000 // 12 000 nodes of degree 6
	mostRouteSteps       = 50_000_000    // 2600 nodes of degree 6
	mostBetweennessSteps = 30_000_000    // 2000 nodes of degree 6
	mostEigenSteps       = 1_000_000_000 // 1000 nodes
	mostCommunitySteps   = 10_000        // links
	mostListedRoutes     = 1_000_000     // 1000 nodes
)

// Want says what a Summary is to have.
type Want struct {
	All    bool // whatever it costs
	Routes bool // the list of routes, which grows with the square of the nodes
}

// AllPairsCost says why Lose, or the routes of all pairs, are too much work to be
// done unasked, or "".
func (g *Graph) AllPairsCost() string { return tooMuch(g.pairSteps(), mostRouteSteps) }

func (g *Graph) pairSteps() int64 {
	n := int64(len(g.names))
	return n * (n + 2*int64(len(g.edges)))
}

func tooMuch(steps, most int64) string {
	if steps <= most {
		return ""
	}
	return fmt.Sprintf("%d steps of work, more than %d", steps, most)
}

// NameRoute puts names to a route.
func (g *Graph) NameRoute(r Route) NamedRoute {
	path := g.namesOf(r.Path)
	return NamedRoute{path[0], path[len(path)-1], int64(r.Latency), path}
}

// Summarize measures the graph.
func (g *Graph) Summarize(want Want) *Summary {
	articulation, bridges := g.CutPoints()
	s := &Summary{
		Nodes: len(g.names), Links: len(g.edges), OneWayLinks: 2*len(g.edges) - len(g.links),
		ComponentSizes: []int{}, Degree: g.Degree(),
		ArticulationPoints: g.namesOf(articulation), Bridges: g.namesOfPairs(bridges),
		Centrality: make([]Centrality, len(g.names)), Skipped: []Skipped{},
	}
	for _, c := range g.Components() {
		s.Components++
		s.ComponentSizes = append(s.ComponentSizes, len(c))
	}
	ranks := g.PageRank(Damping)
	s.PageRanks = Ranked(g.names, ranks)
	for i, rank := range ranks {
		s.Centrality[i] = Centrality{Node: g.names[i], Degree: len(g.beside[i]), PageRank: rounded(rank)}
	}
	n := int64(len(g.names))
	for _, m := range []struct {
		name        string
		steps, most int64
		measure     func(*Summary)
	}{
		{"diameter, mean_hops, closeness", g.pairSteps(), mostHopSteps, g.addHops},
		{"betweenness", g.pairSteps(), mostBetweennessSteps, g.addBetweenness},
		{"communities", int64(len(g.edges)), mostCommunitySteps, g.addCommunities},
		{"algebraic_connectivity", n * n * n, mostEigenSteps, g.addConnectivity},
		{"mean_latency_ns, pairs_without_route, slowest_route, link_loads", g.pairSteps(), mostRouteSteps, g.addLatencies},
		{routesKey, n * (n - 1), mostListedRoutes, g.addRoutes},
	} {
		why := tooMuch(m.steps, m.most)
		switch {
		case m.name == routesKey && !want.Routes:
		case why != "" && !want.All:
			s.Skipped = append(s.Skipped, Skipped{m.name, why})
		default:
			m.measure(s)
		}
	}
	return s
}

func (g *Graph) addHops(s *Summary) {
	h := g.Hops()
	mean := rounded(h.Mean())
	s.Diameter, s.MeanHops = &h.Diameter, &mean
	for i, c := range h.Closeness {
		c = rounded(c)
		s.Centrality[i].Closeness = &c
	}
}

func (g *Graph) addBetweenness(s *Summary) {
	for i, b := range g.Betweenness() {
		b = rounded(b)
		s.Centrality[i].Betweenness = &b
	}
}

func (g *Graph) addCommunities(s *Summary) {
	groups, modularity := g.Communities()
	s.Communities = &Communities{Modularity: rounded(modularity), Groups: make([][]string, len(groups))}
	for i, group := range groups {
		s.Communities.Groups[i] = g.namesOf(group)
	}
}

func (g *Graph) addConnectivity(s *Summary) {
	a := rounded(g.AlgebraicConnectivity())
	s.AlgebraicConnectivity = &a
}

func (g *Graph) addLatencies(s *Summary) {
	var latencies sum
	var without int64
	slowest := [2]int{-1}
	var most int64 = -1
	g.eachPair(func(source, destination int) {
		latency, _, ok := g.Distance(source, destination)
		if !ok {
			without++
			return
		}
		latencies.add(int64(latency))
		pair := [2]int{source, destination}
		if l := int64(latency); l > most || l == most && comparePairs(pair, slowest) < 0 {
			most, slowest = l, pair
		}
	})
	mean := latencies.floor()
	s.MeanLatencyNS, s.PairsWithoutRoute = &mean, &without
	if most >= 0 {
		r, _ := g.Route(slowest[0], slowest[1])
		named := g.NameRoute(r)
		s.SlowestRoute = &named
	}
	s.LinkLoads = []LinkLoad{}
	for i, routes := range g.Loads() {
		s.LinkLoads = append(s.LinkLoads, LinkLoad{g.namesOf(g.edges[i][:]), routes})
	}
	slices.SortStableFunc(s.LinkLoads, func(a, b LinkLoad) int { return cmp.Compare(b.Routes, a.Routes) })
}

func (g *Graph) addRoutes(s *Summary) {
	s.Routes = []NamedRoute{}
	var routes []Route
	g.eachPair(func(source, destination int) {
		if r, ok := g.Route(source, destination); ok {
			routes = append(routes, r)
		}
	})
	slices.SortStableFunc(routes, func(a, b Route) int { return cmp.Compare(a.Path[0], b.Path[0]) }) // they come by destination
	for _, r := range routes {
		s.Routes = append(s.Routes, g.NameRoute(r))
	}
}
