package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"meshsim/scenarios/rerun"
)

const defaultDemo = "abilene-partition"

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "demo [NAME]",
		Short:   "Run a built-in scenario and tell it as a story",
		Example: "  meshsim demo\n  meshsim demo detour",
		Args:    takes(0, 1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{defaultDemo}
			}
			return a.demo(args[0])
		},
	}
}

func (a *app) demo(name string) error {
	s, err := a.load(name)
	if err != nil {
		return err
	}
	o, _, done := a.watched(s.Name)
	defer done()
	story, err := rerun.Tell(s, o)
	if err != nil {
		return err
	}
	done()
	a.settleResult(story.Result, false)
	if a.json {
		story.Result.Metrics.Links.By = nil
		story.Result.Reproduce = a.commandLine(&attempt{name: name}, story.Result, "")
		return a.printJSON(story.Result)
	}
	p := a.printer()
	p.story(story)
	p.line("")
	p.line("The same in numbers: %s", a.commandLine(&attempt{name: name}, story.Result, ""))
	return p.err
}

func (p *printer) story(s *rerun.Story) {
	p.line("%s", s.Result.Scenario)
	p.line("")
	for _, line := range s.About {
		p.line("  %s", line)
	}
	p.line("")
	p.line("%s live on the mesh: %s.", plural(int64(len(s.Nodes)), "node"), strings.Join(abridged(s.Nodes, 12), ", "))
	for i := range s.Phases {
		p.line("")
		p.phase(&s.Phases[i])
	}
	p.line("")
	p.line("What was expected of it:")
	p.expectations(s.Result)
	p.line("")
	p.verdict(s.Result)
}

func (p *printer) phase(phase *rerun.Phase) {
	weather := "all is well"
	if len(phase.Faults) > 0 {
		weather = strings.Join(phase.Faults, " and ")
	}
	p.line("From %v to %v: %s.", phase.From, phase.To, weather)
	for _, e := range abridged(phase.Events, 6) {
		p.line("  %s", e)
	}
	if len(phase.Peers) > 0 {
		p.line("  Among peers: %s.", counts(phase.Peers, "×"))
	}
	if phase.Sent == 0 {
		p.line("  No application sends anything.")
		return
	}
	if phase.Expected == phase.Sent {
		p.line("  %s set out, %s arrive%s.", plural(phase.Sent, "message"), count(phase.Delivered), percent(phase.Delivered, phase.Expected))
	} else {
		p.line("  %s set out to %s receivers, %s arrive%s.", plural(phase.Sent, "message"), count(phase.Expected), count(phase.Delivered), percent(phase.Delivered, phase.Expected))
	}
	if phase.Delivered > 0 {
		p.line("  On average they travel %v over %.2f links.", short(int64(phase.Latency)), phase.Hops)
	}
	if len(phase.Drops) > 0 {
		p.line("  Lost on the way: %s.", counts(phase.Drops, "by"))
	}
}

// counts lists how often what occurred, such as: 3 by loss, 1 by no_route.
func counts(all []rerun.Count, link string) string {
	var words []string
	for _, c := range all {
		words = append(words, fmt.Sprintf("%s %s %s", count(c.N), link, c.What))
	}
	return strings.Join(words, ", ")
}

// abridged is the first few of many.
func abridged(all []string, most int) []string {
	if len(all) <= most {
		return all
	}
	return append(all[:most:most], fmt.Sprintf("… and %d more", len(all)-most))
}
