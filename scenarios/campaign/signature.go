// Package campaign runs a scenario many times: with other seeds, in other forms,
// or whole random ones, to find failures and to make them small.
package campaign

import (
	"errors"
	"regexp"
	"strings"

	"meshsim/scenarios"
	"meshsim/trace"
)

// Signature says how a run failed, such that two failures of one signature are
// likely of one cause. "" is none: the run did not fail.
type Signature string

// SignatureOf reads how a run failed: by a broken invariant, by a failed
// expectation, by getting stuck, or by a crash of our own.
func SignatureOf(r *scenarios.Result, err error) Signature {
	var crash *scenarios.Crash
	if errors.As(err, &crash) {
		return crashed(crash.Cause)
	}
	if err != nil || r == nil {
		return ""
	}
	for _, i := range r.Invariants {
		if i.Verdict == scenarios.Failed {
			return Signature("invariant " + i.Name)
		}
	}
	if r.Stuck != "" {
		return "stuck"
	}
	for _, e := range r.Expectations {
		if e.Verdict == scenarios.Failed {
			return Signature("expectation " + e.Name + lostTo(r, e.Expr))
		}
	}
	return ""
}

// numbers are what differs between crashes of one cause: ids, times, indices.
var numbers = regexp.MustCompile(`[0-9a-f]*[0-9][0-9a-f.-]*`)

func crashed(cause string) Signature {
	line, _, _ := strings.Cut(cause, "\n")
	return Signature("crash: " + numbers.ReplaceAllString(line, "#"))
}

// lostTo tells apart the ways in which messages can fail to arrive, for an
// expectation that asks for arrivals: what was lost to a fault is another failure
// than what is merely under way when the run ends.
func lostTo(r *scenarios.Result, expression string) string {
	if !strings.Contains(expression, "deliver") {
		return ""
	}
	what, most := "messages under way at the end", int64(0)
	for _, reason := range trace.Reasons() {
		if n := r.Metrics.Drops[reason.String()]; n > most && reason != trace.Duplicate {
			what, most = reason.String(), n
		}
	}
	return ": " + what
}
