package expect

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
)

// Trust changes at 1 s and 3 s, and has converged at 3 s.
func TestHindsight(t *testing.T) {
	const story = "0s nothing\n 1s probing a>b\n 2s nothing\n 3s probing b>a, begin split\n 4s end split\n 5s settled\n 9s over"
	const restless = "0s nothing\n 1s probing a>b\n 2s nothing\n 3s probing b>a\n 9s over"
	for _, c := range []struct {
		name   string
		spec   Spec
		script string
		want   Result // Verdict, Evaluations, Value, AtNS
	}{
		{"eventually, from the last change on", Spec{Form: Eventually, Expr: "trust.converged", By: 3 * s}, story,
			Result{Verdict: Passed, Evaluations: 4, Value: "trust.converged = true", AtNS: 3e9}},
		{"eventually, not before it", Spec{Form: Eventually, Expr: "trust.converged", By: 3*s - 1}, story,
			Result{Verdict: Failed, Evaluations: 3, Value: "trust.converged = false", AtNS: 3e9 - 1}},
		{"stays", Spec{Form: Stays, Expr: "trust.converged", From: 3 * s}, story,
			Result{Verdict: Passed, Evaluations: 4, Value: "trust.converged = true", AtNS: 9e9}},
		{"stays, from too early on", Spec{Form: Stays, Expr: "trust.converged", From: 2 * s}, story,
			Result{Verdict: Failed, Evaluations: 1, Value: "trust.converged = false", AtNS: 2e9}},
		{"within", Spec{Form: Within, Expr: "trust.converged", After: "split", Limit: time.Second}, story,
			Result{Verdict: Passed, Evaluations: 1, Value: "trust.converged = true", AtNS: 4e9}},
		{"at_end", Spec{Form: AtEnd, Expr: "trust.converged"}, story,
			Result{Verdict: Passed, Evaluations: 1, Value: "trust.converged = true", AtNS: 9e9}},
		{"at_end, when", Spec{Form: AtEnd, Expr: "trust.converged_at_ns == '0s'"}, story,
			Result{Verdict: Failed, Evaluations: 1, Value: "trust.converged_at_ns = 3s", AtNS: 9e9}},
		{"while it has not", Spec{Form: Always, While: "!trust.converged", Expr: "not fault('split').active"}, story,
			Result{Verdict: Passed, Evaluations: 3, Value: "fault('split').active = false", AtNS: 9e9}},
		{"while it has", Spec{Form: Always, While: "trust.converged", Expr: "not fault('split').active"}, story,
			Result{Verdict: Failed, Evaluations: 1, Value: "fault('split').active = true", AtNS: 3e9}},

		{"it never did, eventually", Spec{Form: Eventually, Expr: "trust.converged"}, restless,
			Result{Verdict: Failed, Evaluations: 5, Value: "trust.converged = false", AtNS: 9e9}},
		{"it never did, always", Spec{Form: Always, Expr: "!trust.converged"}, restless,
			Result{Verdict: Passed, Evaluations: 5, Value: "trust.converged = false", AtNS: 9e9}},
		{"it never did, when", Spec{Form: AtEnd, Expr: "trust.converged_at_ns < '20s'"}, restless,
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 9e9}},

		{"nothing ever moved", Spec{Form: Eventually, Expr: "trust.converged"}, "1s nothing\n 2s settled\n 9s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 9e9}},
		{"nothing ever moved, when", Spec{Form: AtEnd, Expr: "trust.converged_at_ns == 0"}, "1s nothing\n 2s settled\n 9s over",
			Result{Verdict: Vacuous, Value: "never evaluated", AtNS: 9e9}},
	} {
		t.Run(c.name, func(t *testing.T) {
			set, problems := Compile([]Spec{c.spec}, abc)
			require.Empty(t, problems)
			var failures []Failure
			set.OnFailure = func(f Failure) { failures = append(failures, f) }
			play(t, set, newScripted(), c.script)
			c.want.Name, c.want.Form, c.want.Expr = c.spec.Expr, c.spec.Form, c.spec.Expr
			assert.Equal(t, []Result{c.want}, set.Results())
			assert.Equal(t, c.want.Verdict == Failed, set.Failed())
			if c.want.Verdict == Failed {
				assert.Equal(t, []Failure{{Result: c.want, At: clock.Time(c.want.AtNS)}}, failures)
			} else {
				assert.Empty(t, failures)
			}
		})
	}
}

// An envelope is judged by whether trust had converged when it went by.
func TestHindsightOfEnvelopes(t *testing.T) {
	set, problems := Compile([]Spec{{Form: Always, While: "trust.converged", Expr: "envelope.hops < 3"}}, abc)
	require.Empty(t, problems)
	var failures []Failure
	set.OnFailure = func(f Failure) { failures = append(failures, f) }
	play(t, set, newScripted(), "1s probing a>b, PING a>b hops 7\n 2s probing b>c\n 3s PING a>b hops 2\n 4s PING c>b hops 4\n 5s settled\n 9s over")
	require.Len(t, failures, 1)
	assert.Equal(t, []string{"c", "b"}, failures[0].Nodes)
	assert.Equal(t, 4*s, failures[0].At)
	assert.EqualValues(t, 2, failures[0].Evaluations)
}

// Verdicts are those of a reader who knows from the start when trust converges.
func TestHindsightAgainstNaiveReading(t *testing.T) {
	exprs := map[string]func(converged, up bool) bool{
		"trust.converged":                     func(c, _ bool) bool { return c },
		"!trust.converged":                    func(c, _ bool) bool { return !c },
		"trust.converged or node('a').up":     func(c, up bool) bool { return c || up },
		"trust.converged == node('a').up":     func(c, up bool) bool { return c == up },
		"!(trust.converged and node('a').up)": func(c, up bool) bool { return !(c && up) },
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(keysOf(exprs)).Draw(t, "expression")
		length := rapid.IntRange(2, 12).Draw(t, "length")
		up, changes, last := make([]bool, length), make([]bool, length), 0
		for i := range up {
			up[i], changes[i] = rapid.Bool().Draw(t, "up"), i > 0 && rapid.IntRange(0, 3).Draw(t, "changes") == 0
			if changes[i] {
				last = i
			}
		}
		converged := rapid.Bool().Draw(t, "converged")
		at := rapid.IntRange(1, length-1).Draw(t, "at")
		set, problems := Compile([]Spec{
			{Form: Always, Expr: text}, {Form: Eventually, Expr: text, By: clock.Time(at) * s}, {Form: Stays, Expr: text, From: clock.Time(at) * s},
			{Form: Stays, Expr: text, From: clock.Time(at)*s - 1}, {Form: AtEnd, Expr: text},
		}, abc)
		require.Empty(t, problems)
		w := newScripted()
		set.Watch(w)
		want := [5]bool{true, false, true, true, false}
		for i, isUp := range up {
			w.down["a"] = !isUp
			if changes[i] {
				w.changed = clock.Time(i) * s
				w.sum.Trust.Transitions++
			}
			set.Instant(clock.Time(i) * s)

			holds := exprs[text](converged && i >= last, isUp)
			want[0] = want[0] && holds
			want[1] = want[1] || holds && i <= at
			want[2] = want[2] && (holds || i < at)
			want[3] = want[3] && (holds || i < at-1)
			want[4] = holds
		}
		w.sum.Trust.Converged = converged
		set.End(clock.Time(length-1) * s)
		for i, r := range set.Results() {
			verdict := Failed
			switch {
			case w.sum.Trust.Transitions == 0:
				verdict = Vacuous
			case want[i]:
				verdict = Passed
			}
			require.Equal(t, verdict, r.Verdict, "%s %s", r.Form, text)
		}
	})
}
