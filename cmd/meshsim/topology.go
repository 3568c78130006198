package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"meshsim/netmodel/graph"
	"meshsim/scenarios"
)

// topologyFlags are the flags of `topology` alone.
type topologyFlags struct {
	cut      []string
	from, to string
	paths    int
	all      bool
	trust    bool
	format   string
	out      string
	time     string        // --at as it is written
	at       time.Duration // −1: over the whole run
}

// mostPaths bounds --paths: nobody reads more.
const mostPaths = 1000

func (a *app) topologyCommand() *cobra.Command {
	var f topologyFlags
	cmd := &cobra.Command{
		Use:   "topology SCENARIO|FILE",
		Short: "Tell what the graph of a scenario or network file is",
		Long: `Tell what a graph is: size, distances, cut points and bridges, who is central, which
routes there are. FILE is a network file: .gml, .graphml, .dot, .gv, .csv or .json.

Hops are counted over links in either direction, between nodes that are connected;
routes follow links in their direction along the least mean latency, as those of
shortest_path do in a run. PageRank follows links in their direction too, damped by
0.85. -v adds tables, --json has all routes and ranks. What takes long in a large
graph is left out, and said to be; --all computes it.

--by-trust runs the scenario, to its end or to --at, and ranks the nodes in the graph of
who trusts whom then, as inspect does.

Links that come and go, those of a contact plan, are all there; with --at only those
that are in contact at that time of the run, before any fault.

--cut tells what the loss of nodes and links, together, would do.
--from and --to tell what lies between two nodes: the best paths, the most paths that
share no link, and the links that limit them; with --cut, in what is left.

--format draws the graph as SVG, or writes it as DOT or GraphML: cut points and
bridges are red, communities have a colour each.`,
		Example: `  meshsim topology abilene-partition
  meshsim topology network.csv --json | jq .articulation_points
  meshsim topology abilene-partition --cut Denver --cut Atlanta-Houston
  meshsim topology abilene-partition --from Seattle --to NewYork --paths 5
  meshsim topology geometric --out mesh.svg
  meshsim topology satellite-passes --at 6m
  meshsim topology first-contact --by-trust`,
		Args:              takes(1, 1),
		ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.readAt(cmd.Flags().Changed("at"), args[0]); err != nil {
				return err
			}
			if err := f.check(cmd.Flags().Changed("paths")); err != nil {
				return err
			}
			if f.trust && isNetworkFile(args[0]) {
				return fmt.Errorf("--by-trust: %s is a network file, in which nobody trusts anybody; allowed: with a scenario", args[0])
			}
			return a.topology(args[0], f)
		},
	}
	cmd.Flags().StringArrayVar(&f.cut, "cut", nil, "what is left without `NODE|LINK`, a link as a-b or one way as a->b (repeatable)")
	cmd.Flags().StringVar(&f.from, "from", "", "with --to, the paths from `NODE`")
	cmd.Flags().StringVar(&f.to, "to", "", "with --from, the paths to `NODE`")
	cmd.Flags().IntVar(&f.paths, "paths", 3, "how many paths, `K`")
	cmd.Flags().StringVar(&f.format, "format", "", "write the graph as `FORMAT`: svg, dot or graphml (default: that of --out)")
	cmd.Flags().StringVar(&f.out, "out", "", "`FILE` for the graph (default: stdout)")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(sortedKeys(topologyFormats), cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().StringVar(&f.time, "at", "", "the graph of a contact plan at this `TIME` of the run, such as 12s")
	cmd.Flags().BoolVar(&f.trust, "by-trust", false, "run the scenario, and rank its nodes by who trusts whom")
	cmd.Flags().BoolVar(&f.all, "all", false, "leave nothing out, however long it takes")
	for _, name := range []string{"cut", "from", "to"} {
		_ = cmd.RegisterFlagCompletionFunc(name, a.completeNodes)
	}
	return cmd
}

// readAt reads --at.
func (f *topologyFlags) readAt(given bool, name string) (err error) {
	f.at = -1
	switch {
	case !given:
		return nil
	case isNetworkFile(name):
		return fmt.Errorf("--at %s: %s is a network file, which has no times; allowed: with a scenario", f.time, name)
	}
	f.at, err = parseAt(f.time)
	return err
}

// check refuses flags that make no sense together.
func (f *topologyFlags) check(paths bool) error {
	switch {
	case f.from == "" && f.to == "" && paths:
		return errors.New("--paths needs --from NODE and --to NODE")
	case (f.from == "") != (f.to == ""):
		return errors.New("--from and --to need each other")
	case f.from != "" && f.from == f.to:
		return fmt.Errorf("--from %s --to %s: is one node; allowed: two", f.from, f.to)
	case f.paths < 1 || f.paths > mostPaths:
		return fmt.Errorf("--paths %d: is out of range; allowed: 1 … %d", f.paths, mostPaths)
	case slices.Contains(f.cut, ""):
		return errors.New("--cut: is empty")
	}
	return nil
}

// topologyView is what the verb found out, for whoever renders it; as JSON it is
// the document of the verb.
type topologyView struct {
	Scenario string `json:"scenario"`
	Seed     uint64 `json:"seed"`
	At       *int64 `json:"at_ns,omitempty"` // with --at
	*graph.Summary
	Pair *graph.Pair `json:"pair,omitempty"` // with --from and --to
	Cut  *graph.Loss `json:"cut,omitempty"`  // with --cut

	Trust *scenarios.TrustRanks `json:"trust,omitempty"` // with --by-trust

	graph  *graph.Graph
	random bool // the links are drawn from the seed
}

func (a *app) topology(name string, f topologyFlags) error {
	format, err := f.formatOf()
	if err != nil {
		return err
	}
	switch {
	case format != "" && a.json:
		return errors.New("--json is a format of its own: it can't stand beside --format or --out")
	case format != "" && (len(f.cut) > 0 || f.from != ""):
		return errors.New("a drawing shows the whole graph, without what --cut, --from and --to ask for: they can't stand beside --format or --out")
	}
	s, err := a.loadTopology(name)
	if err != nil {
		return err
	}
	a.warn(s)
	mesh, err := f.mesh(s)
	if err != nil {
		return err
	}
	g, err := mesh.Graph()
	if err != nil {
		return err
	}
	v := &topologyView{Scenario: s.Name, Seed: uint64(s.Seed), graph: g, random: s.Topology.Random()}
	if isNetworkFile(name) {
		v.Scenario = filepath.Base(name)
	}
	if f.at >= 0 {
		at := f.at.Nanoseconds()
		v.At = &at
	}
	if err := v.ask(mesh, f); err != nil {
		return err
	}
	if f.trust {
		if v.Trust, err = trusted(s, f.at); err != nil {
			return about(name, err)
		}
	}
	v.Summary = g.Summarize(graph.Want{All: f.all, Routes: a.json || a.verbose && format == ""})
	if format != "" {
		return a.draw(v, mesh, format, f.out)
	}
	if a.json {
		return a.printJSON(v)
	}
	p := a.printer()
	p.topology(v, a.quiet, a.verbose)
	return p.err
}

// trusted runs a scenario to a time, or to its end if that is below 0, and ranks its
// nodes as they stand then.
func trusted(s *scenarios.Scenario, at time.Duration) (*scenarios.TrustRanks, error) {
	if at < 0 {
		at = s.Duration
	}
	m, err := s.Inspect(at, nil, scenarios.Options{})
	if err != nil {
		return nil, err
	}
	if m.Trust == nil {
		return nil, errors.New("--by-trust: no node of this scenario ever meets another")
	}
	return m.Trust, nil
}

// mesh is the graph to look at.
func (f *topologyFlags) mesh(s *scenarios.Scenario) (*scenarios.Mesh, error) {
	if f.at < 0 {
		return s.Mesh()
	}
	m, err := s.MeshAt(f.at)
	if err != nil {
		return nil, fmt.Errorf("--at: %w", err)
	}
	return m, nil
}

// ask finds out what the flags ask for beside the summary.
func (v *topologyView) ask(mesh *scenarios.Mesh, f topologyFlags) error {
	nodes, links, err := mesh.ResolveParts(f.cut)
	if err != nil {
		return flagProblems("--cut", err)
	}
	if len(f.cut) > 0 {
		if why := v.graph.AllPairsCost(); why != "" && !f.all {
			return fmt.Errorf("--cut compares the routes of all pairs: %s; --all does it all the same", why)
		}
		v.Cut = v.graph.Lose(nodes, links)
	}
	if f.from == "" {
		return nil
	}
	from, err := mesh.ResolveNode(f.from)
	to, other := mesh.ResolveNode(f.to)
	if err != nil || other != nil {
		return errors.Join(flagProblems("--from", err), flagProblems("--to", other))
	}
	left, now := v.graph.Without(nodes, links)
	if now[from] < 0 || now[to] < 0 {
		return errors.New("--cut takes away an end of the paths from --from to --to")
	}
	v.Pair = left.Between(now[from], now[to], f.paths, f.all)
	return nil
}

// flagProblems says which flag each of the errors is about.
func flagProblems(flag string, err error) error {
	if err == nil {
		return nil
	}
	problems := problemsOf(err)
	for i := range problems {
		problems[i].File = flag
	}
	return problems
}

// networkFiles are the extensions of files that are a graph and not a scenario.
var networkFiles = []string{".gml", ".graphml", ".dot", ".gv", ".csv", ".json"}

func isNetworkFile(name string) bool {
	return slices.Contains(networkFiles, strings.ToLower(filepath.Ext(name)))
}

// loadTopology reads the scenario or network file that an argument names. A network
// file is a scenario of which the rest does not matter here.
func (a *app) loadTopology(name string) (*scenarios.Scenario, error) {
	if !isNetworkFile(name) {
		return a.load(name)
	}
	options, err := a.options()
	if err != nil {
		return nil, err
	}
	network := &scenarios.Scenario{
		Version: 1, Seed: 1, Duration: 1, Topology: scenarios.Topology{Kind: scenarios.LinkFile{Path: name}},
		Routing: scenarios.Routing{MaxHops: 255}, // no limit of a scenario is to be warned of
	}
	s, err := network.With(options...)
	var problems scenarios.Errors
	if errors.As(err, &problems) {
		for i := range problems { // the file is what was named, not a key of a scenario
			if p := &problems[i]; p.Key == "topology.path" {
				p.Key, p.Value, p.File = "", "", cmp.Or(p.File, name)
			}
		}
		return nil, problems
	}
	return s, err
}

// completeNodes offers the nodes of the scenario that the command line names.
func (a *app) completeNodes(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	s, err := a.loadTopology(args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	mesh, err := s.Mesh()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return mesh.IDs(), cobra.ShellCompDirectiveNoFileComp
}
