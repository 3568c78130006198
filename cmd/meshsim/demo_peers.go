package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"meshsim/scenarios/rerun"
)

// mostSuspects bounds how many are told of one by one.
const mostSuspects = 3

// trustTale tells who came to trust whom, and who was found out.
func (p *printer) trustTale(t *rerun.TrustTale) {
	if t.Gained > 0 {
		p.line("  %s is the first to come to trust a peer, %s, at %v: %s.", t.First.Node, t.First.Peer, at(t.First.T), t.First.Why)
		if t.Gained > 1 {
			p.line("  Trust is gained %s, last by %s in %s, at %v.", times(t.Gained), t.Last.Node, t.Last.Peer, at(t.Last.T))
		}
		p.line("  %s", trustNow(t))
	}
	if t.Faded > 0 {
		p.line("  Trust fades %s, where nothing was heard.", times(t.Faded))
	}
	for i := range t.Suspects[:min(mostSuspects, len(t.Suspects))] {
		p.suspect(&t.Suspects[i])
	}
	if more := len(t.Suspects) - mostSuspects; more > 0 {
		p.line("  … and %d more, suspected or warned of.", more)
	}
}

func trustNow(t *rerun.TrustTale) string {
	node := "honest node"
	if t.AllHonest {
		node = "node"
	}
	if t.Everyone {
		return fmt.Sprintf("Since %v every %s trusts every other node.", at(t.Since), node)
	}
	return fmt.Sprintf("In the end %ss trust in %s of %s ordered pairs.", node, count(t.Pairs), count(t.Of))
}

// suspect tells in order of time how one was found out, or slandered.
func (p *printer) suspect(s *rerun.Suspect) {
	type sentence struct {
		t     int64
		words func(who string) string
	}
	var all []sentence
	if d := &s.FirstDoubt; s.Doubts > 0 {
		all = append(all, sentence{int64(d.T), func(who string) string {
			return fmt.Sprintf("%s is the first to doubt %s, at %v: %s.", d.Node, who, at(d.T), d.Why)
		}})
	}
	if f := &s.First; s.Blocks > 0 {
		all = append(all, sentence{int64(f.T), func(who string) string {
			return fmt.Sprintf("%s is the first to block %s, at %v: %s.", f.Node, who, at(f.T), f.Why)
		}})
	}
	if w := &s.FirstWarning; s.Warnings > 0 {
		all = append(all, sentence{int64(w.T), func(who string) string {
			return fmt.Sprintf("%s of %s: the first of %s comes at %v, from %s to %s.", warners(s.Warners), who, plural(s.Warnings, "warning"), at(w.T), w.Peer, w.Node)
		}})
	}
	if l := &s.Last; s.Blocks > 1 {
		all = append(all, sentence{int64(l.T), func(who string) string {
			return fmt.Sprintf("%s is the last to block %s, at %v: %s.", l.Node, who, at(l.T), l.Why)
		}})
	}
	slices.SortStableFunc(all, func(a, b sentence) int { return cmp.Compare(a.t, b.t) })
	who := s.Name + ", an adversary"
	if s.Honest {
		who = s.Name + ", who is honest"
	}
	for _, next := range all {
		p.line("  %s", next.words(who))
		who = s.Name
	}
	if s.Blocks > 0 {
		p.line("  %s is blocked %s: %s; in the end %d of %d honest nodes block it.", who, times(s.Blocks), counts(s.By, "by"), s.Blockers, s.Of)
	}
}

// at is a time of the run, as short as a duration.
func at[T ~int64](t T) time.Duration { return short(int64(t)) }

func warners(names []string) string {
	if len(names) == 1 {
		return names[0] + " warns"
	}
	return strings.Join(abridged(names, 4), ", ") + " warn"
}

// claimsTale tells what became of claims.
func (p *printer) claimsTale(t *rerun.ClaimsTale) {
	for _, turn := range abridged(t.Turns, 4) {
		p.line("  %s", turn)
	}
	if len(t.Turns) == 0 && len(t.Decided) == 0 && t.Waiting == 0 {
		return
	}
	var words []string
	if t.Received > 0 {
		words = append(words, plural(t.Received, "claim")+" received")
	}
	for _, d := range t.Decided {
		words = append(words, count(d.N)+" "+d.What)
	}
	words = append(words, "in the end "+waiting(t.Waiting))
	p.line("  Claims: %s.", strings.Join(words, ", "))
}

func waiting(n int64) string {
	switch n {
	case 0:
		return "none waits"
	case 1:
		return "1 waits"
	}
	return count(n) + " wait"
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return count(n) + " times"
}
