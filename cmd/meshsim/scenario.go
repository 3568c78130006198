package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/outfile"
)

func (a *app) scenarioCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "scenario",
		Short:   "List, show, start, import, check and resolve scenarios",
		Example: "  meshsim scenario list\n  meshsim scenario new my.toml",
	}
	cmd.AddCommand(a.scenarioList(), a.scenarioShow(), a.scenarioNew(), a.scenarioValidate(), a.scenarioResolve(), a.scenarioImport())
	a.group(cmd)
	return cmd
}

func (a *app) scenarioList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the built-in scenarios", Example: "  meshsim scenario list -q", Args: takes(0, 0),
		RunE: func(*cobra.Command, []string) error {
			entries := scenarios.Library()
			if a.json {
				return a.printJSON(struct {
					Scenarios []scenarios.Entry `json:"scenarios"`
				}{entries})
			}
			p := a.printer()
			width := 0
			for _, e := range entries {
				width = max(width, len(e.Name))
			}
			for _, e := range entries {
				if a.quiet {
					p.line("%s", e.Name)
				} else {
					p.line("%-*s  %s", width, e.Name, e.Description)
				}
			}
			return p.err
		},
	}
}

func (a *app) scenarioShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Print a built-in scenario", Example: "  meshsim scenario show detour",
		Args: takes(1, 1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := scenarios.Builtin(args[0])
			if err != nil {
				return err
			}
			return a.printTOML(text)
		},
	}
}

func (a *app) scenarioNew() *cobra.Command {
	return &cobra.Command{
		Use: "new [FILE]", Short: "Write a small scenario to start from, or print it",
		Example: "  meshsim scenario new my.toml\n  meshsim run my.toml",
		Args:    takes(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "-" {
				return a.printTOML(scenarios.Starter())
			}
			if err := outfile.WriteNew(args[0], scenarios.Starter()); err != nil {
				return err
			}
			switch {
			case a.json:
				return a.printJSON(struct {
					File string `json:"file"`
				}{args[0]})
			case a.quiet:
				return nil
			}
			_, err := fmt.Fprintf(a.out, "wrote %s; run it with: meshsim run %s\n", args[0], quoted(args[0]))
			return err
		},
	}
}

func (a *app) scenarioValidate() *cobra.Command {
	return &cobra.Command{
		Use: "validate SCENARIO", Short: "Check a scenario without running it",
		Example: "  meshsim scenario validate my.toml --json",
		Args:    takes(1, 1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := a.load(args[0])
			if a.json {
				return a.printValidity(s, err)
			}
			if err != nil {
				return err
			}
			a.warn(s)
			p := a.printer()
			p.line("%s: %s", args[0], p.paint("ok"))
			return p.err
		},
	}
}

// validity is the document of `scenario validate`.
type validity struct {
	OK       bool                `json:"ok"`
	Errors   scenarios.Errors    `json:"errors"`
	Warnings []scenarios.Problem `json:"warnings"`
}

func (a *app) printValidity(s *scenarios.Scenario, err error) error {
	v := validity{OK: err == nil, Errors: scenarios.Errors{}, Warnings: []scenarios.Problem{}}
	if err != nil {
		a.settle(exitBadInput)
		v.Errors = problemsOf(err)
	} else {
		v.Warnings = append(v.Warnings, s.Warnings()...)
	}
	return a.printJSON(v)
}

func (a *app) scenarioResolve() *cobra.Command {
	return &cobra.Command{
		Use: "resolve SCENARIO", Short: "Print the scenario as it runs: overrides applied, files inside",
		Example: "  meshsim scenario resolve abilene-partition --seed 7 > whole.toml",
		Args:    takes(1, 1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := a.load(args[0])
			if err != nil {
				return err
			}
			whole, err := s.SelfContained()
			if err != nil {
				return err
			}
			return a.printTOML(whole.TOML())
		},
	}
}

// printTOML prints a scenario, or with --json a document that holds it.
func (a *app) printTOML(text []byte) error {
	if a.json {
		return a.printJSON(struct {
			TOML string `json:"toml"`
		}{string(text)})
	}
	_, err := a.out.Write(text)
	return err
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
