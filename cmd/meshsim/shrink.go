package main

import (
	"cmp"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"meshsim/scenarios/campaign"
	"meshsim/scenarios/rerun"
)

func (a *app) shrinkCommand() *cobra.Command {
	var attempts int
	var out string
	cmd := &cobra.Command{
		Use:   "shrink SCENARIO",
		Short: "Make a failing scenario as small as it still fails",
		Long: `Make a failing scenario as small as it still fails: faults, traffic, links and
nodes go, then time, then numbers become round. What is left fails in the same
expectation, invariant or, of what fuzz left, oracle, and passes without its faults if the original does.

It leaves NAME-SEED.min.fail.toml, which is written at each step: Ctrl-C, or a kill,
leaves the smallest so far. To go on, shrink that file.`,
		Example: "  meshsim shrink starter-1.fail.toml\n  meshsim shrink my.toml --seed 7 --attempts 500 --json",
		Args:    takes(1, 1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error { return a.shrink(args[0], attempts, out) },
	}
	cmd.Flags().IntVar(&attempts, "attempts", 2000, "most `N` forms to try")
	cmd.Flags().StringVar(&out, "out", ".", "`DIR` for NAME-SEED.min.fail.toml, made if need be")
	return cmd
}

// shrunk is the document of `shrink`.
type shrunk struct {
	File      string   `json:"file"`
	Signature string   `json:"signature"`
	Attempts  int      `json:"attempts"`
	Steps     []string `json:"steps"`
	Done      bool     `json:"done"`
	TOML      string   `json:"toml"`
}

func (a *app) shrink(name string, attempts int, out string) error {
	if attempts < 1 {
		return fmt.Errorf("--attempts %d: must be at least 1", attempts)
	}
	s, err := a.load(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	o, ctx, done := a.watched(s.Name)
	defer done()
	c := campaign.Shrinker{Attempts: attempts, Stop: o.Stop, Failing: campaign.Failing(campaign.Recorded(s), o.Stop)}
	saver, steps := campaign.Saver{Folder: out, From: fmt.Sprintf("%q with seed %d", s.Name, s.Seed)}, 0
	c.Progress = func(now campaign.Shrunk) {
		if len(now.Kept) > steps {
			steps = len(now.Kept)
			err = cmp.Or(err, saver.Keep(&now))
		}
		if o.Progress != nil {
			fmt.Fprintf(a.err, "\r%d tried, %d steps, %s\x1b[K", now.Attempts, len(now.Kept), size(&now))
		}
	}
	got, failure := c.Shrink(s)
	if o.Progress != nil {
		fmt.Fprint(a.err, "\r\x1b[K")
	}
	switch interrupted := ctx.Err() != nil; {
	case failure != nil && interrupted: // before it was known to fail
		return rerun.ErrInterrupted
	case failure != nil:
		return about(name, failure)
	case err != nil:
		return err
	case interrupted:
		a.settle(exitInterrupted)
	}
	file, err := saver.Save(got, o.Stop)
	if err != nil {
		return err
	}
	if a.json {
		kept := append([]string{}, got.Kept...)
		return a.printJSON(shrunk{file, string(got.Signature), got.Attempts, kept, got.Done, string(got.Scenario.TOML())})
	}
	p := a.printer()
	p.line("%s: %s", p.paint("failed"), got.Signature)
	p.line("  %d attempts, %d steps: %s", got.Attempts, len(got.Kept), size(got))
	if !got.Done {
		p.line("  ended early; to go on: meshsim shrink %s", quoted(file))
	}
	if !a.quiet {
		p.line("")
		p.line("%s", got.Scenario.TOML())
	}
	p.line("left %s; to see why: meshsim explain %s", file, quoted(file))
	return p.err
}

// size says how large a scenario is.
func size(s *campaign.Shrunk) string {
	nodes := "no mesh"
	if m, err := s.Scenario.Mesh(); err == nil {
		nodes = fmt.Sprintf("%d nodes", len(m.Nodes))
	}
	return fmt.Sprintf("%s, %d faults, %d traffic entries", nodes, len(s.Scenario.Faults), len(s.Scenario.Traffic))
}
