package expect

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/file"
)

// Env is what expressions can name in one scenario.
type Env struct {
	Nodes   []string // ids by NodeID
	Honest  []string // those of honest nodes, in the same order
	Faults  []string
	Classes []string // of traffic
	// Constants are the scenario's keys: bool, string, int, int64, float64 and
	// time.Duration, in map[string]any for tables and []any for lists.
	Constants map[string]any
	// Nearest returns the known word that a misspelt one may stand for, or "". It
	// may be nil: no hints then.
	Nearest func(word string, known []string) string
}

// didYouMean is the hint for an unknown word below a path, or nothing.
func (e *Env) didYouMean(path, word string, known []string) string {
	if e.Nearest == nil {
		return ""
	}
	near := e.Nearest(word, known)
	if near == "" || near == word {
		return ""
	}
	return " (did you mean " + join(path, near) + "?)"
}

// Problem is one fault of a spec.
type Problem struct {
	Spec    int    // index from 0
	Key     string // always … at_end, while, by, from, after, limit
	Message string // one line
}

// nondeterministic are the library's functions that ask a wall clock or depend on
// the order of a map; duration is a scenario key.
var nondeterministic = []string{"now", "date", "timezone", "duration", "keys", "values", "toPairs", "groupBy"}

// Compile checks all specs and returns their set, or every problem in them.
func Compile(specs []Spec, env Env) (*Set, []Problem) {
	s := &Set{last: -1, nodes: make([]any, len(env.Nodes))}
	for i, n := range env.Nodes {
		s.nodes[i] = n
	}
	s.metrics.index(env.Classes)
	honest := make([]any, len(env.Honest))
	for i, n := range env.Honest {
		honest[i] = n
	}
	s.machine.env = map[string]any{"nodes": s.nodes, "honest": honest}

	c := &compiler{set: s, env: env}
	for i, spec := range specs {
		c.spec = i
		c.add(spec)
	}
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return s, nil
}

// compiler turns specs into expectations of a set.
type compiler struct {
	set      *Set
	env      Env
	spec     int
	problems []Problem
}

func (c *compiler) problem(key, format string, args ...any) {
	c.problems = append(c.problems, Problem{c.spec, key, fmt.Sprintf(format, args...)})
}

func (c *compiler) add(spec Spec) {
	if spec.Name == "" {
		spec.Name = spec.Expr
	}
	before := len(c.problems)
	c.checkKeys(spec)
	x, reads := c.expectation(spec, false)
	switch {
	case spec.Form == AtEnd && reads.envelope:
		c.problem(AtEnd, "envelope.* is there at envelope events only, not at the end")
	case spec.Form != AtEnd && reads.end != "":
		c.problem(spec.Form, "%s is known at the end only: use at_end", reads.end)
	}
	if len(c.problems) > before {
		return
	}
	c.set.all = append(c.set.all, x)
	c.set.watch(x)
	if reads.hindsight {
		x.belief, _ = c.expectation(spec, true)
		x.hypothesis, x.belief.hypothesis = true, true
		c.set.hindsight = append(c.set.hindsight, x)
		c.set.watch(x.belief)
	}
}

// expectation compiles a spec, for a run in which trust has converged or not.
func (c *compiler) expectation(spec Spec, converged bool) (*expectation, reading) {
	cond, reads := c.compile(spec.Form, spec.Expr, converged)
	var guard *condition
	if spec.While != "" {
		var more reading
		guard, more = c.compile("while", spec.While, converged)
		reads.add(more)
	}
	x := newExpectation(spec, cond, guard)
	x.perEvent, x.onlyDelivered = reads.envelope, reads.latency
	return x, reads
}

// checkKeys refuses keys that another form has, and bad values.
func (c *compiler) checkKeys(spec Spec) {
	switch spec.Form {
	case Always, Eventually, Stays, Within, AtEnd:
	default:
		panic("expect: no form " + spec.Form)
	}
	for _, k := range []struct {
		key, form string
		given     bool
	}{
		{"while", Always, spec.While != ""},
		{"by", Eventually, spec.By != 0},
		{"from", Stays, spec.From != 0},
		{"after", Within, spec.After != ""},
		{"limit", Within, spec.Limit != 0},
	} {
		if k.given && k.form != spec.Form {
			c.problem(k.key, "goes with %s, not with %s", k.form, spec.Form)
		}
	}
	switch {
	case spec.Form != Within:
	case spec.After == "":
		c.problem("after", "is missing: the name of the fault whose end it is about")
	case !slices.Contains(c.env.Faults, spec.After):
		c.problem("after", "no fault '%s'%s", spec.After, c.env.didYouMean("", spec.After, c.env.Faults))
	}
	if spec.Limit < 0 || spec.By < 0 || spec.From < 0 {
		c.problem(spec.Form, "its times must not be negative")
	}
}

// reading is what an expression reads that is not there at every instant.
type reading struct {
	envelope  bool   // of an envelope
	latency   bool   // of a delivered one
	hindsight bool   // whether trust has converged
	end       string // a metric that the end of the run tells
}

func (r *reading) add(more reading) {
	r.envelope = r.envelope || more.envelope
	r.latency = r.latency || more.latency
	r.hindsight = r.hindsight || more.hindsight
	r.end = cmp.Or(r.end, more.end)
}

// compile compiles the expression that a key holds.
func (c *compiler) compile(key, text string, converged bool) (*condition, reading) {
	r := &resolver{set: c.set, env: c.env, converged: converged, byPath: map[string]*name{}}
	program, err := r.program(portable(text))
	switch {
	case r.err != nil:
		c.problem(key, "%s", oneLine(r.err, text))
		return nil, reading{}
	case err != nil:
		c.problem(key, "%s%s", oneLine(err, text), r.hint(err))
		return nil, reading{}
	}
	cond := &condition{program: program, names: r.names}
	for _, n := range r.names {
		if n.metric == nil {
			continue
		}
		c.set.metrics.use(n.metric, key)
		if n.metric.over != nil && !slices.Contains(cond.over, n.metric.over) {
			cond.over = append(cond.over, n.metric.over)
		}
	}
	return cond, r.reads
}

// oneLine is an error of the library with its place, without the picture.
func oneLine(err error, text string) string {
	var at *file.Error
	if !errors.As(err, &at) {
		return strings.ReplaceAll(err.Error(), "\n", " ")
	}
	at.Bind(file.NewSource(text))
	place := ""
	if at.Line > 1 {
		place = fmt.Sprintf("line %d, ", at.Line)
	}
	return fmt.Sprintf("%scolumn %d: %s", place, at.Column+1, strings.ReplaceAll(at.Message, "\n", " "))
}
