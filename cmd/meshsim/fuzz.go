package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/campaign"
)

// fuzzFlags are the flags of `fuzz` alone.
type fuzzFlags struct {
	runs, workers, attempts int
	time                    time.Duration
	out                     string
	failFast                bool
}

func (a *app) fuzzCommand() *cobra.Command {
	var f fuzzFlags
	var cmd *cobra.Command
	cmd = &cobra.Command{
		Use:   "fuzz [SCENARIO]",
		Short: "Run many seeds, of a scenario or of whole random ones, and shrink what fails",
		Long: `Run many seeds and make small what fails.

Without SCENARIO each seed draws a whole scenario: topology, wires, nodes, routing,
traffic and faults, with some features off entirely. Each is run and judged by what
must hold of any: the built-in invariants; the same digest for the same seed, now and
then in a new process; no difference outside the light cone of one message taken out;
nothing across links that are down or cut, nothing at nodes that are down; nothing
refused without a reason, and nothing out of order; a clean
flood of 2E − n + 1 copies; and, once the faults are over and the wires clean, all
that is connected within the hop limit is reached.

With SCENARIO its own seeds are run, from --seed on, and its expectations count too.

A failure leaves NAME-SEED.fail.toml, one for each signature. Ctrl-C keeps what is
finished.

Exit status: 0 nothing failed, 1 some run failed, 4 in ` + fmt.Sprint(campaign.EnoughRuns) + ` runs or more something that
there is (a kind, a reason of drops, a key) was never seen, 130 interrupted.`,
		Example: "  meshsim fuzz --time 10m --out failures\n  meshsim fuzz --seed 1000 --runs 500 --json\n  meshsim fuzz my.toml --runs 200",
		Args:    takes(0, 1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			if f.time > 0 && !cmd.Flags().Changed("runs") {
				f.runs = 0
			} else if f.runs < 1 {
				return fmt.Errorf("--runs %d: must be at least 1", f.runs)
			}
			return a.fuzz(strings.Join(args, ""), f)
		},
	}
	cmd.Flags().IntVar(&f.runs, "runs", 100, "`N` runs; with --time alone as many as there is time for")
	cmd.Flags().DurationVar(&f.time, "time", 0, "begin no run after this time, as in 90s or 10m")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "`N` runs at once (default: the number of CPUs)")
	cmd.Flags().IntVar(&f.attempts, "attempts", 200, "most `N` forms to try in making a failure small")
	cmd.Flags().BoolVar(&f.failFast, "fail-fast", false, "begin no run after one that failed")
	cmd.Flags().StringVar(&f.out, "out", ".", "`DIR` for NAME-SEED.fail.toml, made if need be")
	return cmd
}

func (f *fuzzFlags) check() error {
	var errs []error
	if f.workers < 0 {
		errs = append(errs, fmt.Errorf("--workers %d: must be at least 1", f.workers))
	}
	if f.attempts < 1 {
		errs = append(errs, fmt.Errorf("--attempts %d: must be at least 1", f.attempts))
	}
	if f.time < 0 {
		errs = append(errs, fmt.Errorf("--time %v: must be above 0", f.time))
	}
	if info, err := os.Stat(f.out); err == nil && !info.IsDir() {
		errs = append(errs, fmt.Errorf("--out %s: is not a folder", f.out))
	}
	return errors.Join(errs...)
}

// campaign is the campaign that the command line asks for.
func (a *app) campaign(name string, f fuzzFlags) (*campaign.Campaign, error) {
	c := &campaign.Campaign{Seed: 1, Runs: f.runs, Time: f.time, Workers: f.workers, Attempts: f.attempts, FailFast: f.failFast}
	if name != "" {
		s, err := a.load(name)
		if err != nil {
			return nil, err
		}
		a.warn(s)
		c.Scenario, c.Seed = s, s.Seed
		return c, nil
	}
	if len(a.set) > 0 {
		return nil, errors.New("--set has no place where whole scenarios are drawn; name a SCENARIO")
	}
	seed := a.seed
	if seed == "" {
		seed = os.Getenv(variable("seed"))
	}
	if seed != "" {
		n, err := scenarios.ParseSeed(seed)
		if err != nil {
			return nil, scenarios.Errors{{File: "--seed", Key: "seed", Value: seed, Message: err.Error()}}
		}
		c.Seed = n
	}
	return c, nil
}

func (a *app) fuzz(name string, f fuzzFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	c, err := a.campaign(name, f)
	if err != nil {
		return err
	}
	o, ctx, done := a.watched("fuzz")
	defer done()
	c.Stop = o.Stop
	if o.Progress != nil {
		c.Progress = a.fuzzProgress()
	}
	remove, err := a.elsewhere(ctx, c)
	if err != nil {
		return err
	}
	defer remove()
	r, err := c.Run()
	if err != nil {
		return err
	}
	if c.Progress != nil {
		fmt.Fprint(a.err, "\r\x1b[K")
	}
	if r.Interrupted {
		a.settle(exitInterrupted)
	}
	if r.Failed > 0 {
		a.settle(exitFailed)
		if err := os.MkdirAll(f.out, 0o777); err != nil {
			return err
		}
		err = c.Save(r, f.out)
	}
	if name == "" && r.Gaps() {
		a.settle(exitVacuous)
	}
	done()
	return errors.Join(err, a.reportFuzz(name, r))
}

// fuzzProgress tells now and then how far it is, and how fast.
func (a *app) fuzzProgress() func(campaign.Progress) {
	started := time.Now()
	var shown time.Time
	return func(now campaign.Progress) {
		if wall := time.Now(); wall.Sub(shown) > 200*time.Millisecond {
			shown = wall
			rate := float64(now.Finished) / wall.Sub(started).Seconds()
			fmt.Fprintf(a.err, "\rfuzz  %d runs, %.1f a second, %d failed\x1b[K", now.Finished, rate, now.Failed)
		}
	}
}

// elsewhere has the campaign compare some runs with those of new processes.
func (a *app) elsewhere(ctx context.Context, c *campaign.Campaign) (remove func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "meshsim-fuzz-")
	if err != nil {
		return nil, err
	}
	c.Elsewhere = func(s *scenarios.Scenario) (string, error) {
		whole, err := s.SelfContained()
		if err != nil {
			return "", err
		}
		another := &checker{ctx: ctx, program: program, text: whole.TOML(), dir: dir}
		return another.run(circumstance{how: "new process"})
	}
	return func() { os.RemoveAll(dir) }, nil
}

func (a *app) reportFuzz(name string, r *campaign.Report) error {
	if a.json {
		return a.printJSON(r)
	}
	p := a.printer()
	word := "passed"
	switch {
	case r.Failed > 0:
		word = "failed"
	case name == "" && r.Gaps():
		word = "vacuous"
	}
	p.line("fuzz: %s  (%d runs from seed %d on, %d failed, %.1f a second)", p.paint(word), r.Runs, r.Seed, r.Failed, r.PerSecond)
	for _, f := range r.Signatures {
		detail, _, _ := strings.Cut(f.Detail, "\n")
		p.line("  %s: %d times, first with seed %d", f.Signature, f.Count, f.Seeds[0])
		if !a.quiet {
			p.line("    %s", detail)
		}
		if f.File != "" {
			p.line("    left %s; again: meshsim fuzz %s --runs 1", f.File, quoted(f.File))
		}
	}
	if name == "" {
		a.reportCoverage(p, &r.Coverage)
	}
	return p.err
}

func (a *app) reportCoverage(p *printer, c *campaign.Coverage) {
	p.line("  coverage: %d seen, %d never", len(c.Seen), len(c.Never))
	if a.quiet {
		return
	}
	for _, what := range c.Never {
		p.line("    never %s", what)
	}
	for _, what := range c.Strange {
		p.line("    %s was seen, though nothing is known to do it", what)
	}
	if a.verbose {
		for _, what := range sortedKeys(c.Seen) {
			p.line("    %6d runs  %s", c.Seen[what], what)
		}
	}
}
