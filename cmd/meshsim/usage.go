package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"meshsim/scenarios"
)

// environment refuses flags that are given empty, and applies MESHSIM_NAME for
// every flag --name that is not given. The seed's is left to scenarios.WithEnv,
// which ranks it below --set.
func (a *app) environment(cmd *cobra.Command, _ []string) error {
	var problems scenarios.Errors
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed && f.Value.Type() == "string" && f.Value.String() == "" {
			// As a shell leaves it of a variable that is not set.
			problems = append(problems, scenarios.Problem{File: "--" + f.Name, Message: "is empty"})
		}
		value := os.Getenv(variable(f.Name))
		if value == "" || f.Changed || f.Name == "help" || f.Name == "seed" {
			return
		}
		f.Changed = true
		if err := f.Value.Set(value); err != nil {
			problems = append(problems, scenarios.Problem{
				File: variable(f.Name), Value: value, Message: fmt.Sprintf("%q is not a %s", value, f.Value.Type()),
			})
		}
	})
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// variable is the environment variable that stands for a flag.
func variable(flag string) string {
	return "MESHSIM_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// wantsJSON reports whether a command line that may be wrong asks for JSON.
func wantsJSON(args []string) bool {
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[:i]
	}
	wanted, _ := strconv.ParseBool(os.Getenv(variable("json")))
	for _, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--json="); ok {
			wanted, _ = strconv.ParseBool(value)
		} else if arg == "--json" {
			wanted = true
		}
	}
	return wanted
}

// takes wants that many arguments, and shows the usage if there are others.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if least <= len(args) && len(args) <= most {
			return nil
		}
		given := "no argument"
		if len(args) > 0 {
			given = fmt.Sprintf("%d arguments (%s)", len(args), strings.Join(args, " "))
		}
		return fmt.Errorf("%s: %s given; usage: %s", cmd.CommandPath(), given, cmd.UseLine())
	}
}

// group makes cmd a verb that only stands before others.
func (a *app) group(cmd *cobra.Command) {
	cmd.SuggestionsMinimumDistance = 2
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownVerb(cmd, args[0])
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if a.json {
			return fmt.Errorf("%s --json: which verb? %s", cmd.CommandPath(), allowedVerbs(cmd))
		}
		return cmd.Help()
	}
}

func unknownVerb(cmd *cobra.Command, word string) error {
	hint := ""
	if near := cmd.SuggestionsFor(word); len(near) > 0 {
		hint = fmt.Sprintf(" (did you mean %q?)", near[0])
	}
	return fmt.Errorf("%s has no verb %q; %s%s", cmd.CommandPath(), word, allowedVerbs(cmd), hint)
}

func allowedVerbs(cmd *cobra.Command) string {
	allowed := "allowed:"
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			allowed += " " + c.Name()
		}
	}
	return allowed
}

// flagError says which flags there are.
func flagError(cmd *cobra.Command, err error) error {
	if !strings.HasPrefix(err.Error(), "unknown") {
		return fmt.Errorf("%w; usage: %s", err, cmd.UseLine())
	}
	allowed := "allowed:"
	cmd.Flags().VisitAll(func(f *pflag.Flag) { allowed += " --" + f.Name })
	return fmt.Errorf("%w; %s", err, allowed)
}

// helpCommand is cobra's, but for an unknown verb, which is an error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [VERB]", Short: "Explain a verb", Example: "  meshsim help run",
		RunE: func(cmd *cobra.Command, args []string) error {
			verb, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownVerb(verb, rest[0])
			}
			return verb.Help()
		},
	}
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
