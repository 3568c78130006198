package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/campaign"
	"meshsim/scenarios/rerun"
)

// explainFlags say what is to be explained.
type explainFlags struct {
	envelope string
	drop     uint64
	route    string
	trust    string
	claim    string
	at       string
}

func (a *app) explainCommand() *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain FILE",
		Short: "Tell why something happened: a failure, a drop, a route, trust, a claim",
		Long: `Tell why something happened, as a story from cause to effect.

FILE is a scenario, a .fail.toml or a trace. Without an option it is the first
broken invariant or failed expectation that is explained. The run is made again
for it, so that a trace of few events answers as much as one of all; its
checkpoints prove that it is the same run.

--trust A B tells what moved A's level of B, step by step, and under each step what
it rests on: the messages that came, who was counted, and why A trusted those. If A
does not trust B it says what is missing.`,
		Example: `  meshsim explain starter-1.fail.toml
  meshsim explain abilene-partition --route Seattle NewYork --at 12s
  meshsim explain run.jsonl.zst --drop 2211
  meshsim explain run.jsonl.zst --envelope 3f2a
  meshsim explain run.jsonl.zst --trust Alice Bob --at 12s
  meshsim explain run.jsonl.zst --claim 7c01`,
		Args: takes(1, 1), ValidArgsFunction: completeScenarios,
		RunE: func(cmd *cobra.Command, args []string) error { return a.explain(cmd, args[0], f) },
	}
	cmd.Flags().StringVar(&f.envelope, "envelope", "", "what became of the envelope `ID`, or of the one whose id begins so")
	cmd.Flags().Uint64Var(&f.drop, "drop", 0, "what led to the drop that is event `SEQ`")
	cmd.Flags().StringVar(&f.route, "route", "", "how an envelope would go from `A B`, with --at")
	cmd.Flags().StringVar(&f.trust, "trust", "", "why A trusts B, or does not, of `A B`; with --at: at that time, else at the end")
	cmd.Flags().StringVar(&f.claim, "claim", "", "what became of the claim `ID`, or of the one whose id begins so, and by which rules")
	cmd.Flags().StringVar(&f.at, "at", "", "`TIME` of --route or --trust, such as 12s")
	cmd.MarkFlagsMutuallyExclusive("envelope", "drop", "route", "trust", "claim")
	return cmd
}

func (a *app) explain(cmd *cobra.Command, name string, f explainFlags) error {
	switch changed := cmd.Flags().Changed; {
	case changed("route") && !changed("at"):
		return errors.New("--route A B and --at TIME go together")
	case changed("at") && !changed("route") && !changed("trust"):
		return errors.New("--at TIME is for --route A B or --trust A B, with which it has to go together")
	}
	o, _, done := a.watched(name)
	defer done()
	p, err := a.past(name, o)
	if err != nil {
		return err
	}
	x, err := explanation(cmd, p, o, f)
	done()
	if err != nil {
		return about(name, err)
	}
	a.notes(x.Notes)
	if a.json {
		return a.printJSON(x)
	}
	out := a.printer()
	out.explanation(x, a.quiet)
	return out.err
}

func explanation(cmd *cobra.Command, p *rerun.Past, o scenarios.Options, f explainFlags) (*rerun.Explanation, error) {
	switch changed := cmd.Flags().Changed; {
	case changed("envelope"):
		return rerun.ExplainEnvelope(p, f.envelope)
	case changed("drop"):
		return rerun.ExplainDrop(p, f.drop)
	case changed("claim"):
		return rerun.ExplainClaim(p, f.claim)
	case changed("route"):
		return ofPair("route", f.route, f.at, func(a, b string, at time.Duration) (*rerun.Explanation, error) {
			return rerun.ExplainRoute(p, a, b, at)
		})
	case changed("trust"):
		return ofPair("trust", f.trust, f.at, func(a, b string, at time.Duration) (*rerun.Explanation, error) {
			return rerun.ExplainTrust(p, a, b, at)
		})
	}
	if p.Scenario != nil {
		if x, ok, err := campaign.ExplainOracle(p.Scenario, o); ok {
			return x, err
		}
	}
	return rerun.ExplainFailure(p)
}

// ofPair explains what is between the two nodes of a flag, at a time if one is given.
func ofPair(flag, pair, when string, explain func(a, b string, at time.Duration) (*rerun.Explanation, error)) (*rerun.Explanation, error) {
	ends := split(pair)
	if len(ends) != 2 {
		return nil, fmt.Errorf("--%s %s: two nodes are needed, as in --%s n0 n5", flag, pair, flag)
	}
	at := rerun.AtTheEnd
	if when != "" {
		var err error
		if at, err = parseAt(when); err != nil {
			return nil, err
		}
	}
	return explain(ends[0], ends[1], at)
}

func (p *printer) explanation(x *rerun.Explanation, quiet bool) {
	p.line("%s", x.Question)
	for _, l := range x.Answer {
		p.line("  %s", l)
	}
	if quiet {
		return
	}
	for _, account := range x.Accounts {
		p.line("")
		p.line("%s:", account.Title)
		if len(account.Steps) == 0 {
			p.line("  nothing")
		}
		for i, s := range account.Steps {
			if account.Left > 0 && i == len(account.Steps)/2 {
				p.line("  %14s  %d events are left out", "…", account.Left)
			}
			p.step(&s, "")
		}
	}
}

// step tells of a step, and below it of what it rests on.
func (p *printer) step(s *rerun.Step, indent string) {
	at, number := fmt.Sprint(s.T), fmt.Sprintf("#%d", s.Seq)
	if s.Seq == 0 {
		at, number = "", ""
	}
	p.line("  %14s  %-8s %s%s", at, number, indent, s.Text)
	for _, b := range s.Because {
		p.line("  %14s  %8s %sbecause of %s", "", "", indent, b)
	}
	for i := range s.Grounds {
		p.step(&s.Grounds[i], indent+"    ")
	}
}

// pairs are the flags that take two words, as --route A B.
var pairs = []string{"--route", "--trust"}

// paired joins the two words of such a flag into the one that the parser takes.
func paired(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			return append(out, args[i:]...)
		}
		if slices.Contains(pairs, args[i]) && i+2 < len(args) && len(split(args[i+1])) == 1 && !strings.HasPrefix(args[i+2], "-") {
			out = append(out, args[i]+"="+args[i+1]+","+args[i+2])
			i += 2
			continue
		}
		out = append(out, args[i])
	}
	return out
}

// split reads two words as "A,B", "A B" or "A->B".
func split(pair string) []string {
	for _, between := range []string{"->", ",", " "} {
		if a, b, ok := strings.Cut(pair, between); ok {
			return []string{strings.TrimSpace(a), strings.TrimSpace(b)}
		}
	}
	return []string{pair}
}

// parseAt reads --at, a time of the run.
func parseAt(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	t, err := scenarios.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("--at %s: %w", text, err)
	}
	return t, nil
}
