package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/sim/planted"
	"meshsim/trace"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check SCENARIO",
		Short: "Prove that a run is deterministic: the same digest in other circumstances",
		Long: `Run the scenario here and in new processes: at GOMAXPROCS 1 and 7, without the
CPU's fused multiply-add, and traced; and compare the digests.

Exit status: 0 same, 3 different, whatever the expectations say.`,
		Example: "  meshsim check abilene-partition\n  meshsim check my.toml --seed 7 --json",
		Args:    takes(1, 1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error { return a.check(args[0]) },
	}
}

// circumstance is a way to run that must not matter.
type circumstance struct {
	how    string
	env    []string
	traced bool
}

var circumstances = []circumstance{
	{how: "new process, GOMAXPROCS=1", env: []string{"GOMAXPROCS=1"}},
	{how: "new process, GOMAXPROCS=7", env: []string{"GOMAXPROCS=7"}},
	{how: "new process, no fused multiply-add", env: []string{"GODEBUG=cpu.fma=off"}},
	{how: "new process, traced", traced: true},
}

type checkedRun struct {
	How    string `json:"how"`
	Digest string `json:"digest"`
}

type checked struct {
	OK              bool              `json:"ok"`
	Digest          string            `json:"digest"`
	Runs            []checkedRun      `json:"runs"`
	FirstDifference *trace.Difference `json:"first_difference"`
}

func (a *app) check(name string) error {
	s, err := a.load(name)
	if err != nil {
		return err
	}
	a.warn(s)
	whole, err := s.SelfContained()
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "meshsim-check-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o, ctx, done := a.watched("checking " + s.Name)
	defer done()
	c := &checker{ctx: ctx, program: program, text: whole.TOML(), dir: dir, scenario: s, options: o}
	out, err := c.check()
	if err != nil {
		return err
	}
	done()
	return a.reportCheck(s.Name, out)
}

// checker runs one scenario in many circumstances.
type checker struct {
	ctx      context.Context
	program  string // the executable of the new processes
	text     []byte // the scenario, self-contained
	dir      string // for what they write
	scenario *scenarios.Scenario
	options  scenarios.Options
}

func (c *checker) check() (*checked, error) {
	r, err := c.scenario.Run(c.options)
	if err != nil {
		return nil, err
	}
	if r.Interrupted {
		return nil, rerun.ErrInterrupted
	}
	out := &checked{OK: true, Digest: r.Digest, Runs: []checkedRun{{"this process", r.Digest}}}
	for _, how := range circumstances {
		digest, err := c.run(how)
		if err != nil {
			return nil, err
		}
		out.Runs = append(out.Runs, checkedRun{how.how, digest})
		if digest != r.Digest && out.OK {
			out.OK = false
			if out.FirstDifference, err = c.difference(how); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (c *checker) tracePath() string { return filepath.Join(c.dir, "trace.jsonl") }

// run runs the scenario in a process of its own and returns the digest.
func (c *checker) run(how circumstance) (string, error) {
	args := []string{"run", "-", "--json", "--out", c.dir}
	if how.traced {
		args = append(args, "--trace", c.tracePath())
	}
	cmd := exec.CommandContext(c.ctx, c.program, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Env = append(withoutFlags(os.Environ()), how.env...)
	cmd.Stdin = bytes.NewReader(c.text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	var result scenarios.Result
	unread := json.Unmarshal(stdout, &result)
	var exit *exec.ExitError
	switch {
	case c.ctx.Err() != nil || result.Interrupted:
		return "", rerun.ErrInterrupted
	case err != nil && !errors.As(err, &exit):
		return "", fmt.Errorf("%s: %w", how.how, err)
	case unread != nil || result.Digest == "":
		return "", fmt.Errorf("%s: gave no result: %v: %s", how.how, cmd.ProcessState, bytes.TrimSpace(stderr.Bytes()))
	}
	return result.Digest, nil
}

// withoutFlags is the environment without what stands for flags: it has been
// applied to the scenario already. A planted bug is no flag.
func withoutFlags(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		return strings.HasPrefix(e, variable("")) && !strings.HasPrefix(e, planted.Variable+"=")
	})
}

// difference runs the scenario in these circumstances once more, traced, and
// compares every event with a run here. It is nil if this time there is none.
func (c *checker) difference(how circumstance) (*trace.Difference, error) {
	how.traced = true
	if _, err := c.run(how); err != nil {
		return nil, err
	}
	f, err := os.Open(c.tracePath())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := trace.NewReader(f)
	if err != nil {
		return nil, err
	}
	replayed, err := rerun.Compare(r, c.scenario, c.options)
	if err != nil {
		return nil, err
	}
	return replayed.FirstDifference, nil
}

func (a *app) reportCheck(name string, out *checked) error {
	if !out.OK {
		a.settle(exitNotDeterministic)
	}
	if a.json {
		return a.printJSON(out)
	}
	p := a.printer()
	word := map[bool]string{true: "same", false: "different"}[out.OK]
	p.line("%s: %s  (digest %s)", name, p.paint(word), out.Digest)
	for _, r := range out.Runs {
		if !a.quiet || r.Digest != out.Digest {
			p.line("  %s  %s", r.Digest, r.How)
		}
	}
	switch {
	case out.FirstDifference != nil:
		p.line("  a is the run of a new process, b that of this one")
		p.difference(out.FirstDifference)
	case !out.OK:
		p.line("  run again and traced, no event differs: it does not happen each time")
	}
	return p.err
}
