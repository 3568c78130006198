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
		Args:    cobra.MaximumNArgs(1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{defaultDemo}
			}
			return a.demo(args[0])
		},
	}
}

func (a *app) demo(name string) (err error) {
	defer guard(&err)
	s, err := a.load(name)
	if err != nil {
		return err
	}
	interrupted, stop := onInterrupt()
	defer stop()
	story, err := rerun.Tell(s, interrupted)
	if err != nil {
		return err
	}
	if a.json {
		if err := a.printJSON(story.Result); err != nil {
			return err
		}
		return resultStatus(story.Result, false)
	}
	p := &printer{w: a.out, colour: a.colour(a.out)}
	p.story(story)
	if p.err != nil {
		return p.err
	}
	return resultStatus(story.Result, false)
}

func (p *printer) story(s *rerun.Story) {
	for _, line := range s.About {
		p.line("%s", line)
	}
	for _, phase := range s.Phases {
		p.line("")
		p.line("%v – %v   %s", phase.From, phase.To, weather(phase.Faults))
		for _, e := range abridged(phase.Events) {
			p.line("  %s", e)
		}
		p.line("  %d messages sent, %d of %d deliveries made%s", phase.Sent, phase.Delivered, phase.Expected, percent(phase.Delivered, phase.Expected))
		if phase.Delivered > 0 {
			p.line("  they took %v over %.2f hops on average", short(int64(phase.Latency)), phase.Hops)
		}
		var drops []string
		for _, d := range phase.Drops {
			drops = append(drops, fmt.Sprintf("%d by %s", d.N, d.What))
		}
		if len(drops) > 0 {
			p.line("  copies lost: %s", strings.Join(drops, ", "))
		}
	}
	p.line("")
	p.verdict(s.Result)
	p.expectations(s.Result)
}

func weather(faults []string) string {
	if len(faults) == 0 {
		return "all is well"
	}
	return "under " + strings.Join(faults, ", ")
}

// abridged is the first few of many events.
func abridged(events []string) []string {
	const most = 6
	if len(events) <= most {
		return events
	}
	return append(events[:most:most], fmt.Sprintf("… and %d more", len(events)-most))
}

func percent(part, of int) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.1f %%)", 100*float64(part)/float64(of))
}
