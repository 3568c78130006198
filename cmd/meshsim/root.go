package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"meshsim/scenarios"
)

// app is what all verbs share: streams, global flags, and how it will end.
type app struct {
	in       io.Reader
	out, err io.Writer
	colour   bool // stdout takes it
	status   int  // the gravest so far

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

Every flag --name-of-flag can be given as MESHSIM_NAME_OF_FLAG in the environment;
the command line wins.

Exit status: 0 passed · 1 an expectation or invariant failed, or diff found a
difference · 2 bad input, usage, or output that can't be written · 3 not
deterministic · 4 vacuous · 5 internal error · 130 interrupted`,
		Example: `  meshsim run abilene-partition          # a built-in scenario on a real network
  meshsim scenario new my.toml           # one of your own to start from
  meshsim run my.toml --seed 7 --json    # the result as one JSON document`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: a.environment,
	}
	f := root.PersistentFlags()
	f.StringVar(&a.seed, "seed", "", "seed `N` of the run, decimal or 0x, 0 … 2⁵³−1 (default: the scenario's)")
	f.StringArrayVar(&a.set, "set", nil, "override a key by `KEY=VALUE`, as in --set topology.nodes=20 (repeatable)")
	f.BoolVar(&a.json, "json", false, "print one JSON document on stdout, nothing else")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "print less: names and verdicts")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "print more: links, checkpoints")
	f.BoolVar(&a.noColor, "no-color", false, "no colour, as with NO_COLOR")
	root.AddCommand(a.runCommand(), a.checkCommand(), a.replayCommand(), a.explainCommand(), a.fuzzCommand(), a.inspectCommand(), a.shrinkCommand(), a.topologyCommand(), a.diffCommand(), a.demoCommand(), a.scenarioCommand(), a.versionCommand())
	root.SetHelpCommand(helpCommand())
	root.SetFlagErrorFunc(flagError)
	a.group(root)
	return root
}

// options are the overrides of the command line and the environment.
func (a *app) options() ([]scenarios.Option, error) {
	options := []scenarios.Option{scenarios.WithEnv(os.LookupEnv), scenarios.WithSet(a.set...)}
	if a.seed != "" {
		seed, err := scenarios.ParseSeed(a.seed)
		if err != nil {
			return nil, scenarios.Errors{{File: "--seed", Key: "seed", Value: a.seed, Message: err.Error()}}
		}
		options = append(options, scenarios.WithSeed(seed))
	}
	return options, nil
}

// load reads the scenario that an argument names: a file, a built-in, or - for
// stdin, with the overrides of the command line and the environment.
func (a *app) load(name string) (*scenarios.Scenario, error) {
	options, err := a.options()
	if err != nil {
		return nil, err
	}
	if name == "-" {
		return scenarios.LoadReader(nil, a.in, "<stdin>", options...)
	}
	return scenarios.Load(nil, name, options...)
}

// untouched refuses overrides for verbs that are about what a file records.
func (a *app) untouched(verb string) error {
	if a.seed == "" && len(a.set) == 0 {
		return nil
	}
	return fmt.Errorf("%s is about what the file records: --seed and --set have no place there", verb)
}

// watched prepares a run to be watched: its progress is shown on a terminal, and
// Ctrl-C ends it in an orderly way. A second Ctrl-C kills. done undoes both.
func (a *app) watched(name string) (o scenarios.Options, ctx context.Context, done func()) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	o.Stop = func() bool { return ctx.Err() != nil }
	if a.quiet || !isTerminal(a.err) {
		return o, ctx, stop
	}
	var shown time.Time
	o.Progress = func(now time.Duration) {
		if wall := time.Now(); wall.Sub(shown) > 100*time.Millisecond {
			fmt.Fprintf(a.err, "\r%s  %v\x1b[K", name, now)
			shown = wall
		}
	}
	return o, ctx, func() {
		stop()
		if !shown.IsZero() {
			fmt.Fprint(a.err, "\r\x1b[K")
		}
	}
}

// printer is one for people, on stdout.
func (a *app) printer() *printer {
	refused := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return &printer{w: a.out, colour: a.colour && !a.noColor && !refused}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
