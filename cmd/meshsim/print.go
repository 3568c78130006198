package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"meshsim/scenarios"
	"meshsim/trace"
)

// printer writes for people. It remembers the first error, so that callers check
// once.
type printer struct {
	w      io.Writer
	colour bool
	err    error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// row is a line with a label, or a verdict, before it.
func (p *printer) row(label, format string, args ...any) {
	gap := strings.Repeat(" ", max(0, labelWidth-utf8.RuneCountInString(label)))
	p.line("  %s%s%s", p.paint(label), gap, fmt.Sprintf(format, args...))
}

const labelWidth = 12

// paint colours a word by what it means. The word says it all without the colour.
func (p *printer) paint(word string) string {
	code := ""
	switch word {
	case scenarios.Passed, "same", "ok":
		code = "32" // green
	case scenarios.Failed, "different":
		code = "31" // red
	case scenarios.Vacuous, "interrupted":
		code = "33" // yellow
	}
	if !p.colour || code == "" {
		return word
	}
	return "\x1b[" + code + "m" + word + "\x1b[0m"
}

// result is what a run came to.
func (p *printer) result(r *scenarios.Result, quiet, verbose bool) {
	p.verdict(r)
	if quiet {
		for _, e := range r.Expectations {
			if e.Verdict != scenarios.Passed {
				p.row(e.Verdict, "%s", e.Name)
			}
		}
		for _, f := range r.Faults {
			if f.Vacuous {
				p.row(scenarios.Vacuous, "fault %q changed nothing", f.Name)
			}
		}
		return
	}
	p.summary(r)
	p.expectations(r)
	if verbose {
		p.links(r.Metrics.Links.By)
		p.checkpoints(r.Checkpoints)
	}
}

func (p *printer) verdict(r *scenarios.Result) {
	word := p.paint(r.Verdict)
	if r.Interrupted {
		word = p.paint("interrupted") + ", " + word + " so far"
	}
	p.line("%s: %s  (seed %d, digest %s)", r.Scenario, word, r.Seed, r.Digest)
}

// summary is the run in numbers, at a glance.
func (p *printer) summary(r *scenarios.Result) {
	speed := r.SimNS / max(r.WallNS, 1)
	p.row("time", "%v simulated in %v (×%s), %s events", time.Duration(r.SimNS), short(r.WallNS), count(speed), count(int64(r.Events)))
	if r.Stuck != "" {
		p.row("stuck", "%s", r.Stuck)
	}
	m := &r.Metrics
	t := &m.Traffic
	p.row("traffic", "%s sent, %s of %s delivered%s, %s duplicates, %s in flight",
		count(t.Sent), count(t.Delivered), count(t.Expected), percent(t.Delivered, t.Expected), count(t.Duplicates), count(t.InFlight))
	if l := &t.LatencyNS; l.Count > 0 {
		p.row("latency", "%v mean, %v median, %v p95, %v p99, %v max", short(l.Mean), short(l.P50), short(l.P95), short(l.P99), short(l.Max))
		p.row("hops", "%.2f mean, %d max", t.Hops.Mean, t.Hops.Max)
	}
	p.row("links", "%s transmissions, %s bytes", count(m.Links.Transmissions), count(m.Links.Bytes))
	if c := &m.Control; c.Envelopes > 0 {
		p.row("control", "%s envelopes, %s transmissions, %s bytes, %s drops", count(c.Envelopes), count(c.Transmissions), count(c.Bytes), count(c.Drops))
	}
	c := &m.Copies
	p.row("copies", "%s = %s delivered + %s dropped + %s in flight", count(c.Created), count(c.Delivered), count(c.Dropped), count(c.InFlight))
	p.drops(m)
	p.peers(m)
	for _, f := range r.Faults {
		p.fault(&f)
	}
	for _, a := range r.Adversaries {
		p.adversary(&a)
	}
}

func (p *printer) drops(m *trace.Summary) {
	var parts []string
	for _, reason := range trace.Reasons() {
		if n := m.Drops[reason.String()]; n > 0 {
			parts = append(parts, count(n)+" "+reason.String())
		}
	}
	if len(parts) > 0 {
		p.row("drops", "%s", strings.Join(parts, ", "))
	}
}

// peers says how nodes met, if any did or tried.
func (p *printer) peers(m *trace.Summary) {
	if h := &m.Handshakes; *h != (trace.HandshakeSummary{}) {
		p.row("handshakes", "%s started, %s completed, %s failed, %s deferred", count(h.Started), count(h.Completed), count(h.Failed), count(h.Deferred))
	}
	if t := &m.Trust; t.Transitions > 0 {
		p.row("trust", "%s, then %s unknown, %s probing, %s trusted, %s blocked", plural(t.Transitions, "transition"),
			count(t.Levels.Unknown), count(t.Levels.Probing), count(t.Levels.Trusted), count(t.Levels.Blocked))
		p.convergence(t)
	}
	if c := &m.Claims; c.Received > 0 {
		p.row("claims", "%s = %s pending + %s accepted + %s rejected + %s disputed + %s dropped; %s accepted are false", count(c.Received),
			count(c.Pending), count(c.Accepted), count(c.Rejected), count(c.Disputed), count(c.Dropped), count(c.FalseAccepted))
	}
	p.sessions(&m.Sessions)
}

// sessions says what transport sessions did, if there are any.
func (p *printer) sessions(s *trace.SessionSummary) {
	if *s != (trace.SessionSummary{}) {
		p.row("sessions", "%s opened, %s closed, %s, %s, %s, %s lost", count(s.Opened), count(s.Closed),
			plural(s.Reconnects, "reconnect"), plural(s.Retransmits, "retransmit"), plural(s.Overflow, "overflow"), plural(s.Lost, "message"))
	}
}

// convergence says whether trust came to rest, and how far it went wrong.
func (p *printer) convergence(t *trace.TrustSummary) {
	words := []string{"not converged"}
	if t.Converged {
		words[0] = fmt.Sprintf("converged at %v", time.Duration(t.ConvergedAtNS))
	}
	for _, flaw := range []struct {
		n    int64
		what string
	}{
		{t.FalseBlocked, "false block"}, {t.MissedLiars, "missed liar"}, {t.FalseAccusations, "false accusation"}, {t.Oscillations, "oscillation"},
	} {
		if flaw.n > 0 {
			words = append(words, plural(flaw.n, flaw.what))
		}
	}
	if l := &t.DistrustNS; l.Count > 0 {
		words = append(words, fmt.Sprintf("liars blocked after %v mean, %v max", short(l.Mean), short(l.Max)))
	}
	p.row("", "%s", strings.Join(words, ", "))
}

func (p *printer) fault(f *scenarios.FaultResult) {
	effect := fmt.Sprintf("%s copies hit, %s routes changed", count(f.Effect.Envelopes), count(f.Effect.Routes))
	if n := f.Effect.Sessions; n > 0 {
		effect += fmt.Sprintf(", %s of sessions", plural(n, "event"))
	}
	if f.Vacuous {
		effect = p.paint(scenarios.Vacuous) + ", it changed nothing"
	}
	p.row("fault", "%s %q, %v – %v: %s", f.Kind, f.Name, time.Duration(f.AtNS), time.Duration(f.UntilNS), effect)
}

// adversary says who misbehaved and what came of it.
func (p *printer) adversary(a *scenarios.AdversaryResult) {
	h := &a.Harm
	var did []string
	for _, part := range []struct {
		n    int64
		what string
	}{
		{h.Dropped, "%s dropped"}, {h.Altered, "%s copies altered"}, {h.Injected, "%s injected"},
	} {
		if part.n > 0 {
			did = append(did, fmt.Sprintf(part.what, count(part.n)))
		}
	}
	if h.Delayed > 0 {
		did = append(did, fmt.Sprintf("%s delayed by %v on average", count(h.Delayed), short(int64(h.Delay)/h.Delayed)))
	}
	if len(did) == 0 {
		did = []string{"no harm to messages"}
	}
	who := a.Nodes[0]
	if more := int64(len(a.Nodes) - 1); more > 0 {
		who += " and " + plural(more, "other node")
	}
	p.row("adversary", "%s %s: %s; %s", a.Behaviour, who, strings.Join(did, ", "), exposure(a.ExposedBy))
}

func exposure(evidence string) string {
	if evidence == "" {
		return "no evidence exposes it"
	}
	return "exposed by " + evidence
}

func (p *printer) expectations(r *scenarios.Result) {
	for _, e := range r.Expectations {
		p.row(e.Verdict, "%s", e.Name)
		if e.Verdict == scenarios.Passed {
			continue
		}
		if e.Name != e.Expr {
			p.row("", "%s: %s", e.Form, e.Expr)
		}
		if e.Evaluations == 0 {
			p.row("", "never evaluated %s", e.Value)
		} else {
			p.row("", "found %s at %v, %s", e.Value, time.Duration(e.AtNS), plural(e.Evaluations, "evaluation"))
		}
	}
	passed := 0
	for _, i := range r.Invariants {
		if i.Verdict == scenarios.Passed {
			passed++
			continue
		}
		p.row(i.Verdict, "invariant %s: %s (at %v, event #%d)", i.Name, i.Detail, time.Duration(i.AtNS), i.FirstSeq)
	}
	p.row("invariants", "%d of %d hold", passed, len(r.Invariants))
}

func (p *printer) links(by map[string]trace.LinkDetail) {
	if p.err != nil || len(by) == 0 {
		return
	}
	t := tabwriter.NewWriter(p.w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\n  link\tcopies\tbytes\tdrops\tbusy\twaited\tmost\tlongest queue\t\n")
	for _, name := range sortedKeys(by) {
		l := by[name]
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%v\t%v\t%v\t%d\t\n", name, count(l.Transmissions), count(l.Bytes), count(l.Drops),
			short(l.BusyNS), short(l.WaitNS), short(l.WaitMaxNS), l.QueueMax)
	}
	p.err = t.Flush()
}

func (p *printer) checkpoints(all []trace.Checkpoint) {
	p.line("")
	p.line("  %14s  %12s   %s", "checkpoint", "events", "digest")
	for _, c := range all {
		p.line("  %14v  %12s   %s", c.T, count(int64(c.Events)), c.Digest)
	}
}

// short is a duration with four significant digits or so.
func short(ns int64) time.Duration {
	d := time.Duration(ns)
	for unit := time.Duration(1); unit <= time.Second; unit *= 10 {
		if d < 10000*unit {
			return d.Round(unit)
		}
	}
	return d.Round(time.Second)
}

// count is a number with its thousands apart.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}

// percent is a share in brackets; nothing for a share of nothing.
func percent(part, of int64) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.2f %%)", 100*float64(part)/float64(of))
}
