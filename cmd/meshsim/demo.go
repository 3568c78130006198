package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
)

// threeDemos are what there is to see first: a partition that heals, a liar who is found
// out, and a reader who slows the writer.
var threeDemos = []string{"abilene-partition", "one-liar", "slow-reader"}

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "demo [NAME]",
		Short:   "Run a built-in scenario and tell it as a story, or three of them",
		Example: "  meshsim demo\n  meshsim demo slander-relayed",
		Args:    takes(0, 1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.demos(threeDemos)
			}
			return a.demo(args[0])
		},
	}
}

func (a *app) demo(name string) error {
	story, err := a.tale(name)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(story.Result)
	}
	p := a.printer()
	p.story(story)
	return p.err
}

// demos tells stories one after the other. The exit status is the gravest of theirs; an
// interrupted one is the last.
func (a *app) demos(names []string) error {
	results := []*scenarios.Result{}
	p := a.printer()
	for i, name := range names {
		story, err := a.tale(name)
		if err != nil {
			return err
		}
		results = append(results, story.Result)
		if !a.json {
			if i > 0 {
				p.line("\n%s\n", strings.Repeat("─", 78))
			}
			p.story(story)
		}
		if p.err != nil || story.Result.Interrupted {
			break
		}
	}
	if a.json {
		return a.printJSON(map[string]any{"stories": results})
	}
	return p.err
}

// tale runs a scenario to tell of it, and notes what the run came to.
func (a *app) tale(name string) (*rerun.Story, error) {
	s, err := a.load(name)
	if err != nil {
		return nil, err
	}
	o, _, done := a.watched(s.Name)
	defer done()
	story, err := rerun.Tell(s, o)
	if err != nil {
		return nil, err
	}
	a.settleResult(story.Result, false)
	story.Result.Metrics.Links.By = nil
	story.Result.Reproduce = a.commandLine(&attempt{name: name}, story.Result, "")
	return story, nil
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
	p.line("")
	p.line("The same in numbers: %s", s.Result.Reproduce)
}

func (p *printer) phase(phase *rerun.Phase) {
	weather := "all is well"
	if trouble := slices.Concat(phase.Faults, phase.Misdeeds); len(trouble) > 0 {
		weather = strings.Join(trouble, " and ")
	}
	p.line("From %v to %v: %s.", phase.From, phase.To, weather)
	for _, e := range abridged(phase.Events, 6) {
		p.line("  %s", e)
	}
	if len(phase.Peers) > 0 {
		p.line("  Among peers: %s.", counts(phase.Peers, "×"))
	}
	p.trustTale(&phase.Trust)
	p.claimsTale(&phase.Claims)
	p.traffic(phase)
	p.sessionsTale(&phase.Sessions)
}

// traffic tells of the messages of applications.
func (p *printer) traffic(phase *rerun.Phase) {
	if phase.Sent == 0 {
		if len(phase.Events) == 0 && len(phase.Peers) == 0 && len(phase.Claims.Turns) == 0 {
			p.line("  No application sends anything.")
		}
		return
	}
	switch {
	case phase.Sessions.Offered == phase.Sent:
		p.line("  %s are offered to sessions, %s are read%s.", plural(phase.Sent, "message"), count(phase.Delivered), percent(phase.Delivered, phase.Expected))
	case phase.Expected == phase.Sent:
		p.line("  %s set out, %s arrive%s.", plural(phase.Sent, "message"), count(phase.Delivered), percent(phase.Delivered, phase.Expected))
	default:
		p.line("  %s set out to %s receivers, %s arrive%s.", plural(phase.Sent, "message"), count(phase.Expected), count(phase.Delivered), percent(phase.Delivered, phase.Expected))
	}
	switch {
	case phase.Delivered == 0:
	case phase.Sessions.Offered == phase.Sent:
		p.line("  From the offer until they are read takes %v on average, %v at most.", short(int64(phase.Latency)), short(int64(phase.Slowest)))
	default:
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
