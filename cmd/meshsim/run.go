package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
)

// runFlags are the flags of `run` alone.
type runFlags struct {
	trace    traceFlags
	out      string
	strict   bool
	failFast bool
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run SCENARIO",
		Short: "Run a scenario once and print verdict and summary",
		Long: `Run a scenario once and print its verdict and a summary.

SCENARIO is a TOML file, - for stdin, or the name of a built-in. A failing run
leaves NAME-SEED.fail.toml, which runs alone anywhere.`,
		Example: `  meshsim run abilene-partition
  meshsim run my.toml --seed 0x2a --set link.loss=2% --trace run.jsonl.zst
  meshsim run detour --json | jq .metrics.traffic.delivery_ratio`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeScenarios,
		RunE:              func(_ *cobra.Command, args []string) error { return a.runScenario(args[0], f) },
	}
	f.trace.register(cmd)
	cmd.Flags().StringVar(&f.out, "out", ".", "folder for NAME-SEED.fail.toml")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "a fault without effect makes the exit status 4")
	cmd.Flags().BoolVar(&f.failFast, "fail-fast", false, "end the run at the first failed expectation")
	return cmd
}

func (a *app) runScenario(name string, f runFlags) (err error) {
	defer guard(&err)
	s, err := a.load(name)
	if err != nil {
		return err
	}
	a.warn(s)
	interrupted, stop := onInterrupt()
	defer stop()
	options := scenarios.Options{FailFast: f.failFast, Stop: interrupted}
	done := a.progress(s, &options)
	file, err := f.trace.open(s, &options)
	if err != nil {
		return err
	}
	r, err := s.Run(options)
	done()
	if err == nil {
		err = file.Commit()
	}
	if err != nil {
		file.Abort()
		return err
	}
	return a.report(s, r, f)
}

// report prints a result and returns what its exit status is.
func (a *app) report(s *scenarios.Scenario, r *scenarios.Result, f runFlags) error {
	var autopsy *rerun.Autopsy
	var left string
	if r.Verdict == scenarios.Failed && !r.Interrupted {
		var err error
		if autopsy, err = rerun.Examine(s, r); err != nil {
			return err
		}
		if left, err = s.SaveFailure(f.out, r); err != nil {
			return err
		}
	}
	if err := a.printResult(r, autopsy, left); err != nil {
		return err
	}
	return resultStatus(r, f.strict)
}

func (a *app) printResult(r *scenarios.Result, autopsy *rerun.Autopsy, left string) error {
	if a.json {
		if !a.verbose {
			r.Metrics.Links.By = nil
		}
		return a.printJSON(r)
	}
	p := &printer{w: a.out, colour: a.colour(a.out)}
	p.verdict(r)
	if !a.quiet {
		p.summary(r, a.verbose)
	}
	if autopsy != nil {
		p.autopsy(autopsy, left)
	}
	return p.err
}

// resultStatus is the exit status that a result calls for, as an error.
func resultStatus(r *scenarios.Result, strict bool) error {
	vacuous := r.Verdict == scenarios.Vacuous
	for _, f := range r.Faults {
		vacuous = vacuous || strict && f.Vacuous
	}
	switch {
	case r.Interrupted:
		return status(exitInterrupted)
	case r.Verdict == scenarios.Failed:
		return status(exitFailed)
	case vacuous:
		return status(exitVacuous)
	}
	return nil
}

// warn prints what is odd about a scenario but does not stop it.
func (a *app) warn(s *scenarios.Scenario) {
	if a.json || a.quiet {
		return
	}
	for _, w := range s.Warnings() {
		fmt.Fprintln(a.err, w)
	}
}

// onInterrupt tells whether Ctrl-C was pressed since.
func onInterrupt() (interrupted func() bool, stop func()) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	return func() bool { return ctx.Err() != nil }, cancel
}

// progress shows on a terminal how far the run is; the returned function clears
// the line.
func (a *app) progress(s *scenarios.Scenario, o *scenarios.Options) (done func()) {
	if a.quiet || !isTerminal(a.err) {
		return func() {}
	}
	o.Progress = func(now time.Duration) {
		fmt.Fprintf(a.err, "\r%s  %v of %v \x1b[K", s.Name, now, s.Duration)
	}
	return func() { fmt.Fprint(a.err, "\r\x1b[K") }
}

func completeScenarios(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, e := range scenarios.Library() {
		names = append(names, e.Name+"\t"+e.Description)
	}
	return names, cobra.ShellCompDirectiveDefault
}
