package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"meshsim/netmodel/graph"
	"meshsim/netmodel/graph/draw"
)

// fewNames is how many of a list of names are shown.
const fewNames = 8

func few(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	names = slices.SortedFunc(slices.Values(names), draw.Natural)
	return strings.Join(abridged(names, fewNames), ", ")
}

// way is a path; of a long one both ends.
func way(path []string) string {
	if len(path) > fewNames {
		path = slices.Concat(path[:4], []string{"…"}, path[len(path)-3:])
	}
	return strings.Join(path, " → ")
}

// linkNames names links, "a–b" where both directions are there.
func linkNames(links [][]string) []string {
	known := map[[2]string]bool{}
	for _, l := range links {
		known[[2]string(l)] = true
	}
	names := []string{}
	for _, l := range links {
		switch {
		case !known[[2]string{l[1], l[0]}]:
			names = append(names, l[0]+"→"+l[1])
		case !slices.Contains(names, l[1]+"–"+l[0]):
			names = append(names, l[0]+"–"+l[1])
		}
	}
	return names
}

func undirected(links [][]string) []string {
	names := make([]string, len(links))
	for i, ends := range links {
		names[i] = strings.Join(ends, "–")
	}
	return names
}

// sizes is how large one or more groups are: "5 + 3 + 3 nodes".
func sizes(groups []int) string {
	words := make([]string, len(groups))
	for i, n := range groups {
		words[i] = strconv.Itoa(n)
	}
	if len(groups) == 1 {
		return plural(int64(groups[0]), "node")
	}
	return strings.Join(abridged(words, fewNames), " + ") + " nodes"
}

// topology tells what a graph is: the first line when quiet, tables when verbose.
func (p *printer) topology(v *topologyView, quiet, verbose bool) {
	whole := "connected"
	if v.Components > 1 {
		whole = fmt.Sprintf("%d components (%s)", v.Components, sizes(v.ComponentSizes))
	}
	oneWay := ""
	if v.OneWayLinks > 0 {
		oneWay = fmt.Sprintf(" (%s one way)", count(int64(v.OneWayLinks)))
	}
	name := v.Scenario
	if v.At != nil {
		name += " at " + time.Duration(*v.At).String()
	}
	p.line("%s: %s, %s%s, %s", name, plural(int64(v.Nodes), "node"), plural(int64(v.Links), "link"), oneWay, whole)
	if !quiet {
		p.distances(v)
		p.weak(v)
		p.standing(v)
		for _, s := range v.Skipped {
			p.row("left out", "%s: %s; --all computes it", s.Measure, s.Why)
		}
	}
	if v.Trust != nil {
		p.line("\n  by who trusts whom:")
		p.trust(v.Trust)
	}
	if v.Pair != nil {
		p.pair(v.Pair, v.Cut, quiet)
	}
	if v.Cut != nil {
		p.loss(v.Cut, quiet)
	}
	if verbose {
		p.topologyTables(v)
	}
}

// distances are how far apart nodes are.
func (p *printer) distances(v *topologyView) {
	p.row("degree", "%d – %d, %.2f mean", v.Degree.Min, v.Degree.Max, v.Degree.Mean)
	if v.MeanHops != nil {
		p.row("hops", "%.2f mean, diameter %d", *v.MeanHops, *v.Diameter)
	}
	if r := v.SlowestRoute; r != nil {
		p.row("latency", "%v mean, %v at most: %s", short(*v.MeanLatencyNS), short(r.LatencyNS), way(r.Path))
	}
	if v.PairsWithoutRoute != nil && *v.PairsWithoutRoute > 0 {
		all := int64(v.Nodes) * int64(v.Nodes-1)
		p.row("no route", "%s of %s ordered pairs%s", count(*v.PairsWithoutRoute), count(all), percent(*v.PairsWithoutRoute, all))
	}
}

// weak is what the graph hangs on.
func (p *printer) weak(v *topologyView) {
	p.row("cut points", "%s", few(v.ArticulationPoints))
	p.row("bridges", "%s", few(undirected(v.Bridges)))
	if v.AlgebraicConnectivity != nil {
		p.row("strength", "%.4g algebraic connectivity", *v.AlgebraicConnectivity)
	}
}

// standing is who is central, and who stands together.
func (p *printer) standing(v *topologyView) {
	if len(v.Centrality) > 2 && v.Centrality[0].Betweenness != nil {
		others := float64(v.Nodes-1) * float64(v.Nodes-2)
		central := slices.Clone(v.Centrality)
		slices.SortStableFunc(central, func(a, b graph.Centrality) int { return cmp.Compare(*b.Betweenness, *a.Betweenness) })
		var names []string
		for _, c := range central[:min(3, len(central))] {
			if *c.Betweenness > 0 {
				names = append(names, fmt.Sprintf("%s %.0f %%", c.Node, 100**c.Betweenness/others))
			}
		}
		if len(names) > 0 {
			p.row("central", "%s of the others' shortest paths", strings.Join(names, ", "))
		}
	}
	if len(v.PageRanks) > 2 {
		p.row("PageRank", "%s", ranksText(v.PageRanks, 3, 0))
	}
	if len(v.LinkLoads) > 0 {
		busiest := v.LinkLoads[0]
		routes := int64(v.Nodes)*int64(v.Nodes-1) - *v.PairsWithoutRoute
		p.row("busiest", "%s, on %s of %s routes%s", strings.Join(busiest.Link, "–"), count(int64(busiest.Routes)), count(routes), percent(int64(busiest.Routes), routes))
	}
	if c := v.Communities; c != nil {
		var groups []int
		for _, g := range c.Groups {
			groups = append(groups, len(g))
		}
		p.row("communities", "%d (%s), modularity %.2f", len(groups), sizes(groups), c.Modularity)
	}
}

// ranksText is who stands highest, and lowest, in a measure.
func ranksText(ranks []graph.Rank, highest, lowest int) string {
	if len(ranks) == 0 || ranks[0].Value == ranks[len(ranks)-1].Value {
		return "all alike"
	}
	words := make([]string, len(ranks))
	for i, r := range ranks {
		words[i] = fmt.Sprintf("%s %.4f", r.Node, r.Value)
	}
	if len(words) <= highest+lowest {
		return strings.Join(words, ", ")
	}
	text := strings.Join(words[:highest], ", ")
	if lowest > 0 {
		text += " … " + strings.Join(words[len(words)-lowest:], ", ")
	}
	return text
}

// pair is what lies between two nodes; the best path only when quiet.
func (p *printer) pair(x *graph.Pair, cut *graph.Loss, quiet bool) {
	if !quiet {
		p.line("")
	}
	ends := "from " + x.Source + " to " + x.Destination
	if cut != nil {
		ends += " without " + lost(cut)
	}
	if len(x.Paths) == 0 {
		p.line("%s there is no path", ends)
		return
	}
	best := &x.Paths[0]
	if quiet {
		p.line("%s: %v, %s", ends, short(best.LatencyNS), plural(int64(len(best.Path)-1), "hop"))
		return
	}
	p.line("%s:", ends)
	for i, r := range x.Paths {
		p.row(fmt.Sprintf("%d.", i+1), "%v, %s: %s", short(r.LatencyNS), plural(int64(len(r.Path)-1), "hop"), strings.Join(r.Path, " → "))
	}
	if x.LeftOut != "" {
		p.row("left out", "%s; --all finds them", x.LeftOut)
	}
	p.row("disjoint", "%s at most without a link in common; all cut by the loss of %s", plural(x.Disjoint, "path"), few(linkNames(x.MinCut)))
	if x.Bandwidth == nil {
		p.row("bandwidth", "unlimited")
	} else {
		p.row("bandwidth", "%s over all paths together, limited by %s", bitRate(*x.Bandwidth), few(linkNames(x.Bottleneck)))
	}
}

// lost names what is taken out.
func lost(l *graph.Loss) string {
	return few(append(slices.Clone(l.LostNodes), linkNames(l.LostLinks)...))
}

// loss is what a loss would do; one line when quiet.
func (p *printer) loss(l *graph.Loss, quiet bool) {
	if quiet {
		p.line("without %s: %s, %s cut", lost(l), plural(int64(l.Components), "component"), plural(int64(l.PairsCut), "pair"))
		return
	}
	p.line("")
	p.line("without %s:", lost(l))
	var parts []int
	for _, part := range l.Parts {
		parts = append(parts, len(part))
	}
	if len(parts) == 0 {
		p.row("components", "none, before %d: no node is left", l.ComponentsBefore)
		return
	}
	p.row("components", "%d, before %d: %s", l.Components, l.ComponentsBefore, sizes(parts))
	for _, part := range l.Parts[min(1, len(l.Parts)):min(fewNames, len(l.Parts))] {
		p.row("", "apart: %s", few(part))
	}
	p.row("pairs", "%s cut, %s rerouted, %s as before", count(int64(l.PairsCut)), count(int64(l.PairsRerouted)), count(int64(l.PairsKept-l.PairsRerouted)))
	if len(l.LostNodes) > 0 {
		p.row("", "%s more had a lost node at an end", count(int64(l.PairsOfLost)))
	}
	if l.PairsKept > 0 {
		p.row("route hops", "%.2f mean along the routes of the pairs kept, before %.2f", l.MeanHops, l.MeanHopsBefore)
		p.row("latency", "%v mean, before %v", short(l.MeanLatencyNS), short(l.MeanLatencyNSBefore))
	}
	if d := l.WorstDetour; d != nil {
		p.row("worst", "%v, before %v: %s", short(d.LatencyNS), short(d.LatencyNSBefore), way(d.Path))
	}
	p.gains(l.Loads)
}

// gains are the links that carry the load of what is lost.
func (p *printer) gains(loads []graph.Load) {
	label := "load"
	for _, l := range loads[:min(3, len(loads))] {
		p.row(label, "%s carries %s, before %s", strings.Join(l.Link, "–"), plural(int64(l.Routes), "route"), count(int64(l.Before)))
		label = ""
	}
}

// topologyTables are the tables of -v.
func (p *printer) topologyTables(v *topologyView) {
	if p.err != nil {
		return
	}
	group := map[string]int{}
	if v.Communities != nil {
		for i, g := range v.Communities.Groups {
			for _, name := range g {
				group[name] = i + 1
			}
		}
	}
	t := tabwriter.NewWriter(p.w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\n  node\tdegree\tbetweenness\tcloseness\tPageRank\tcommunity\t\n")
	for _, c := range v.Centrality {
		fmt.Fprintf(t, "  %s\t%d\t%s\t%s\t%.5f\t%s\t\n", c.Node, c.Degree, cell(c.Betweenness, 2), cell(c.Closeness, 4), c.PageRank, named(group[c.Node]))
	}
	p.linkTable(t, v)
	p.err = t.Flush()
	if len(v.Routes) > 0 {
		p.line("\n  %10s  %4s  route", "latency", "hops")
	}
	for _, r := range v.Routes[:min(mostRouteLines, len(v.Routes))] {
		p.line("  %10v  %4d  %s", short(r.LatencyNS), len(r.Path)-1, way(r.Path))
	}
	if more := len(v.Routes) - mostRouteLines; more > 0 {
		p.line("  … and %s; --json has all", plural(int64(more), "more route"))
	}
}

// mostRouteLines bounds the table of routes.
const mostRouteLines = 1000

// linkTable has a line for each direction of a link.
func (p *printer) linkTable(t *tabwriter.Writer, v *topologyView) {
	loads := map[[2]string]int{}
	for _, l := range v.LinkLoads {
		loads[[2]string(l.Link)] = l.Routes
	}
	fmt.Fprintf(t, "\n  link\tlatency\tbandwidth\troutes either way\t\n")
	for _, l := range v.graph.Links() {
		routes := "–"
		if v.LinkLoads != nil {
			routes = count(int64(loads[[2]string{v.graph.Name(min(l.From, l.To)), v.graph.Name(max(l.From, l.To))}]))
		}
		bandwidth := "unlimited"
		if l.Bandwidth > 0 {
			bandwidth = bitRate(l.Bandwidth)
		}
		fmt.Fprintf(t, "  %s → %s\t%v\t%s\t%s\t\n", v.graph.Name(l.From), v.graph.Name(l.To), short(int64(l.Latency)), bandwidth, routes)
	}
}

// cell is a number of a table that may be left out.
func cell(x *float64, digits int) string {
	if x == nil {
		return "–"
	}
	return strconv.FormatFloat(*x, 'f', digits, 64)
}

func named(group int) string {
	if group == 0 {
		return "–"
	}
	return strconv.Itoa(group)
}

// bitRate is a bandwidth in the largest unit that keeps it whole.
func bitRate(rate int64) string {
	units := []string{"bit/s", "kbit/s", "Mbit/s", "Gbit/s"} // as in a scenario
	k := 0
	for ; k < len(units)-1 && rate > 0 && rate%1000 == 0; k++ {
		rate /= 1000
	}
	return strconv.FormatInt(rate, 10) + units[k]
}
