package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

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
leaves NAME-SEED.fail.toml, which runs alone anywhere.

Exit status: 0 passed, 1 failed, 2 bad input or output that can't be written,
4 vacuous (an expectation was never put to the test), 130 interrupted.`,
		Example: `  meshsim run abilene-partition
  meshsim run my.toml --seed 0x2a --set link.loss=2% --trace run.jsonl.zst
  meshsim run detour --json | jq .metrics.traffic.delivery_ratio`,
		Args:              takes(1, 1),
		ValidArgsFunction: completeScenarios,
		RunE:              func(_ *cobra.Command, args []string) error { return a.runScenario(args[0], f) },
	}
	f.trace.register(cmd)
	cmd.Flags().StringVar(&f.out, "out", ".", "`DIR` for NAME-SEED.fail.toml, made if need be")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "a fault without effect makes the exit status 4")
	cmd.Flags().BoolVar(&f.failFast, "fail-fast", false, "end the run at the first failed expectation")
	return cmd
}

// attempt is one run under way, with what it was asked for.
type attempt struct {
	runFlags
	name     string // the argument
	scenario *scenarios.Scenario
	options  scenarios.Options
	done     func()
}

func (a *app) runScenario(name string, f runFlags) error {
	if a.json && f.trace.toStdout() {
		return errors.New("--json and --trace - both want stdout for themselves")
	}
	if info, err := os.Stat(f.out); err == nil && !info.IsDir() {
		return fmt.Errorf("--out %s: is not a folder", f.out)
	}
	s, err := a.load(name)
	if err != nil {
		return err
	}
	a.warn(s)
	o, _, done := a.watched(s.Name)
	defer done()
	o.FailFast = f.failFast
	file, err := f.trace.open(s, name, &o)
	if err != nil {
		return err
	}
	r, err := s.Run(o)
	if r == nil && !isCrash(err) {
		file.Abort()
		return err
	}
	if commit := file.Commit(); commit != nil {
		err = errors.Join(err, about(f.trace.path, commit))
	}
	if r == nil {
		return err
	}
	a.settleResult(r, f.strict)
	if isClosedPipe(err) {
		return err
	}
	return errors.Join(err, a.report(&attempt{f, name, s, o, done}, r))
}

// report tells what a run came to, and leaves the file of a failed one. What
// can't be written does not keep the rest from being told.
func (a *app) report(run *attempt, r *scenarios.Result) error {
	failed := r.Verdict == scenarios.Failed && !r.Interrupted
	var left string
	var err error
	if failed {
		left, err = saveFailure(run.scenario, r, run.out)
	}
	r.Reproduce = a.commandLine(run, r, left)
	if a.json {
		if err != nil {
			return err
		}
		if !a.verbose {
			r.Metrics.Links.By = nil
		}
		return a.printJSON(r)
	}
	var autopsy *rerun.Autopsy
	if failed && !a.quiet {
		again := run.options
		again.Trace, again.FailFast = nil, false
		var cut error
		autopsy, cut = rerun.Examine(run.scenario, r, again)
		err = errors.Join(err, cut)
	}
	run.done()
	p := a.printer()
	if run.trace.toStdout() {
		p.w, p.colour = a.err, false
	}
	p.result(r, a.quiet, a.verbose)
	if autopsy != nil {
		p.autopsy(autopsy)
	}
	if left != "" {
		p.whatNext(left, a.quiet)
	}
	return errors.Join(err, p.err)
}

func saveFailure(s *scenarios.Scenario, r *scenarios.Result, folder string) (string, error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", &fileError{folder, fmt.Errorf("can't be made a folder: %w", errors.Unwrap(err))}
	}
	path, err := s.SaveFailure(folder, r)
	if err != nil {
		return "", err
	}
	return path, nil
}

// settleResult notes the exit statuses that a result calls for.
func (a *app) settleResult(r *scenarios.Result, strict bool) {
	if r.Interrupted {
		a.settle(exitInterrupted)
	}
	switch r.Verdict {
	case scenarios.Failed:
		a.settle(exitFailed)
	case scenarios.Vacuous:
		a.settle(exitVacuous)
	}
	for _, f := range r.Faults {
		if strict && f.Vacuous {
			a.settle(exitVacuous)
		}
	}
}

// commandLine is what to type for the same run. What came from stdin and failed
// is in the file that it left.
func (a *app) commandLine(run *attempt, r *scenarios.Result, left string) string {
	if run.name == "-" && left != "" {
		return "meshsim run " + quoted(left)
	}
	words := []string{"meshsim", "run", quoted(run.name)}
	for _, set := range a.set {
		words = append(words, "--set", quoted(set))
	}
	words = append(words, "--seed", strconv.FormatUint(r.Seed, 10))
	if run.failFast {
		words = append(words, "--fail-fast")
	}
	return strings.Join(words, " ")
}

// quoted is a word that a shell takes as it is.
func quoted(word string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./=:,@%+", c)
	}
	if word != "" && strings.IndexFunc(word, func(c rune) bool { return !plain(c) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
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
