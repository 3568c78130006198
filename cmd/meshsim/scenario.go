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
		Short:   "List, show, start, check and resolve scenarios",
		Example: "  meshsim scenario list\n  meshsim scenario new my.toml",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.scenarioList(), a.scenarioShow(), a.scenarioNew(), a.scenarioValidate(), a.scenarioResolve())
	return cmd
}

func (a *app) scenarioList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the built-in scenarios", Example: "  meshsim scenario list -q", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			entries := scenarios.Library()
			if a.json {
				return a.printJSON(struct {
					Scenarios []scenarios.Entry `json:"scenarios"`
				}{entries})
			}
			p := &printer{w: a.out}
			for _, e := range entries {
				if a.quiet {
					p.line("%s", e.Name)
				} else {
					p.line("%-20s %s", e.Name, e.Description)
				}
			}
			return p.err
		},
	}
}

func (a *app) scenarioShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Print a built-in scenario", Example: "  meshsim scenario show detour",
		Args: cobra.ExactArgs(1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := scenarios.Builtin(args[0])
			if err != nil {
				return err
			}
			_, err = a.out.Write(text)
			return err
		},
	}
}

func (a *app) scenarioNew() *cobra.Command {
	return &cobra.Command{
		Use: "new [FILE]", Short: "Write a small scenario to start from, or print it",
		Example: "  meshsim scenario new my.toml\n  meshsim run my.toml",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "-" {
				_, err := a.out.Write(scenarios.Starter())
				return err
			}
			if err := outfile.WriteNew(args[0], scenarios.Starter()); err != nil {
				return err
			}
			if a.quiet || a.json {
				return nil
			}
			_, err := fmt.Fprintf(a.out, "wrote %s; run it with: meshsim run %s\n", args[0], args[0])
			return err
		},
	}
}

func (a *app) scenarioValidate() *cobra.Command {
	return &cobra.Command{
		Use: "validate SCENARIO", Short: "Check a scenario without running it",
		Example: "  meshsim scenario validate my.toml --json",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := a.load(args[0])
			if err != nil {
				return err
			}
			warnings := s.Warnings()
			if a.json {
				return a.printJSON(struct {
					OK       bool                `json:"ok"`
					Errors   []scenarios.Problem `json:"errors"`
					Warnings []scenarios.Problem `json:"warnings"`
				}{true, []scenarios.Problem{}, append([]scenarios.Problem{}, warnings...)})
			}
			a.warn(s)
			_, err = fmt.Fprintf(a.out, "%s: ok\n", args[0])
			return err
		},
	}
}

func (a *app) scenarioResolve() *cobra.Command {
	return &cobra.Command{
		Use: "resolve SCENARIO", Short: "Print the scenario as it runs: overrides applied, files inside",
		Example: "  meshsim scenario resolve abilene-partition --seed 7 > whole.toml",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := a.load(args[0])
			if err != nil {
				return err
			}
			whole, err := s.SelfContained()
			if err != nil {
				return err
			}
			_, err = a.out.Write(whole.TOML())
			return err
		},
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
