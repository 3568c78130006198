package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"meshsim/scenarios"
)

// app is what all verbs share: streams and global flags.
type app struct {
	in       io.Reader
	out, err io.Writer

	seed    string
	set     []string
	json    bool
	quiet   bool
	verbose bool
	noColor bool
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "meshsim",
		Short: "A deterministic simulator for trust-aware mesh networks",
		Long: `meshsim runs a mesh of protocol nodes on a virtual clock over a simulated
network, judges what the scenario expects, and reproduces every failure exactly:
a run is a function of scenario, seed and engine version.

Exit status: 0 passed · 1 an expectation or invariant failed, or diff found a
difference · 2 bad input, usage, or output that can't be written · 3 not
deterministic · 4 vacuous · 5 internal error · 130 interrupted`,
		Example: `  meshsim run abilene-partition          # a built-in scenario on a real network
  meshsim scenario new my.toml           # one of your own to start from
  meshsim run my.toml --seed 7 --json    # the result as one JSON document`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: a.environment,
		Args:              cobra.NoArgs,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	f := root.PersistentFlags()
	f.StringVar(&a.seed, "seed", "", "seed of the run, decimal or 0x, 0 … 2⁵³−1 (default: the scenario's)")
	f.StringArrayVar(&a.set, "set", nil, "override a key, as in --set topology.nodes=20 (repeatable)")
	f.BoolVar(&a.json, "json", false, "print one JSON document on stdout, nothing else")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "print less: names and verdicts")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "print more: links, checkpoints")
	f.BoolVar(&a.noColor, "no-color", false, "no colour, as with NO_COLOR")
	root.AddCommand(a.runCommand(), a.checkCommand(), a.replayCommand(), a.diffCommand(), a.demoCommand(), a.scenarioCommand(), a.versionCommand())
	return root
}

// environment applies MESHSIM_NAME for every flag --name that is not given.
func (a *app) environment(cmd *cobra.Command, _ []string) error {
	var bad error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := "MESHSIM_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if value, ok := os.LookupEnv(name); ok && value != "" && !f.Changed && f.Name != "help" {
			if err := f.Value.Set(value); err != nil {
				bad = fmt.Errorf("%s=%s: %w", name, value, err)
			}
			f.Changed = true
		}
	})
	return bad
}

// load reads the scenario that an argument names: a file, a built-in, or - for
// stdin, with the overrides of the command line.
func (a *app) load(name string) (*scenarios.Scenario, error) {
	options := []scenarios.Option{scenarios.WithSet(a.set...)}
	if a.seed != "" {
		seed, err := scenarios.ParseSeed(a.seed)
		if err != nil {
			return nil, scenarios.Errors{{File: "--seed", Value: a.seed, Message: err.Error()}}
		}
		options = append(options, scenarios.WithSeed(seed))
	}
	if name == "-" {
		return scenarios.LoadReader(nil, a.in, "<stdin>", options...)
	}
	return scenarios.Load(nil, name, options...)
}

// guard turns a panic of our own code into a reported crash.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = internal{fmt.Sprintf("%v\n\nThis is a bug of meshsim, not of your scenario. What a report needs: the scenario, the seed, and\n%s", p, debug.Stack())}
	}
}

// colour reports whether the stream is to be coloured: a terminal, and nobody
// said no.
func (a *app) colour(w io.Writer) bool {
	_, refused := os.LookupEnv("NO_COLOR")
	return !a.noColor && !refused && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
