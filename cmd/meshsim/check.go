package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
	"meshsim/trace"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check SCENARIO",
		Short: "Prove that a run is deterministic: the same digest in other circumstances",
		Long: `Run the scenario here and in new processes: at GOMAXPROCS 1 and 7, without the
CPU's fused multiply-add, and traced; and compare the digests.
Exit status: 0 same, 3 different, whatever the expectations say.`,
		Example: "  meshsim check abilene-partition",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: completeScenarios,
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

func (a *app) check(name string) (err error) {
	defer guard(&err)
	s, err := a.load(name)
	if err != nil {
		return err
	}
	whole, err := s.SelfContained()
	if err != nil {
		return err
	}
	r, err := s.Run(scenarios.Options{})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "meshsim-check-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	out := checked{OK: true, Digest: r.Digest, Runs: []checkedRun{{"this process", r.Digest}}}
	for _, c := range circumstances {
		digest, err := c.run(whole.TOML(), dir)
		if err != nil {
			return fmt.Errorf("%s: %w", c.how, err)
		}
		out.Runs = append(out.Runs, checkedRun{c.how, digest})
		if digest != r.Digest && out.OK {
			out.OK = false
			if out.FirstDifference, err = c.difference(whole.TOML(), dir); err != nil {
				return err
			}
		}
	}
	return a.reportCheck(s.Name, &out)
}

// run runs the scenario in a process of its own and returns the digest.
func (c circumstance) run(text []byte, dir string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	args := []string{"run", "-", "--json", "--out", dir}
	if c.traced {
		args = append(args, "--trace", filepath.Join(dir, "trace.jsonl"))
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Stdin = bytes.NewReader(text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", err
	}
	var result scenarios.Result
	if json.Unmarshal(stdout, &result) != nil || result.Digest == "" {
		return "", fmt.Errorf("gave no result: %v: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return result.Digest, nil
}

// difference runs the scenario in these circumstances once more, traced, and
// compares every event with a run here.
func (c circumstance) difference(text []byte, dir string) (*trace.Difference, error) {
	c.traced = true
	if _, err := c.run(text, dir); err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(dir, "trace.jsonl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := trace.NewReader(f)
	if err != nil {
		return nil, err
	}
	replayed, err := rerun.Trace(r)
	if err != nil {
		return nil, err
	}
	return replayed.FirstDifference, nil
}

func (a *app) reportCheck(name string, out *checked) error {
	if a.json {
		if err := a.printJSON(out); err != nil {
			return err
		}
	} else {
		p := &printer{w: a.out, colour: a.colour(a.out)}
		word := map[bool]string{true: "same", false: "different"}[out.OK]
		p.line("%s: %s  (digest %s)", name, p.paint(word), out.Digest)
		if !a.quiet {
			for _, r := range out.Runs {
				p.line("  %s  %s", r.Digest, r.How)
			}
		}
		if out.FirstDifference != nil {
			p.difference(out.FirstDifference)
		}
		if p.err != nil {
			return p.err
		}
	}
	if !out.OK {
		return status(exitNotDeterministic)
	}
	return nil
}
