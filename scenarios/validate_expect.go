package scenarios

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"meshsim/clock"
	"meshsim/scenarios/expect"
	"meshsim/sim"
)

// forms gives the expressions of an entry by form; one of them must be there.
func (x *Expect) forms() (specs []expect.Spec) {
	for _, form := range []struct{ key, text string }{
		{expect.Always, x.Always}, {expect.Eventually, x.Eventually}, {expect.Stays, x.Stays}, {expect.Within, x.Within}, {expect.AtEnd, x.AtEnd},
	} {
		if form.text != "" {
			specs = append(specs, expect.Spec{
				Name: x.Name, Form: form.key, Expr: form.text, While: x.While,
				By: clock.Time(x.By), From: clock.Time(x.From), After: x.After, Limit: x.Limit,
			})
		}
	}
	return specs
}

const formKeys = "always eventually stays within at_end"

// checkExpect checks one entry but for its expressions.
func (s *Scenario) checkExpect(r *report, i int) {
	x, path := &s.Expects[i], elementPath("expect", i)
	specs := x.forms()
	if r.touches(below(path, formKeys)...) {
		return
	}
	switch len(specs) {
	case 0:
		r.add(path, nil, "says nothing; allowed: exactly one of %s", formKeys)
		return
	case 1:
	default:
		r.add(path+"."+specs[1].Form, specs[1].Expr, "can't stand beside %s; allowed: exactly one of %s", specs[0].Form, formKeys)
		return
	}
	if specs[0].Form == expect.Within {
		s.checkWithin(r, path, x)
	}
	for _, t := range []struct {
		key string
		at  Duration
	}{{".by", x.By}, {".from", x.From}} {
		if t.at > s.Duration && !r.touches(path+t.key, "duration") {
			r.warn(path+t.key, t.at, "is after the end of the run (%s)", formatDuration(s.Duration))
		}
	}
}

func (s *Scenario) checkWithin(r *report, path string, x *Expect) {
	if x.Limit == 0 && !r.touches(path+".limit") {
		r.add(path+".limit", nil, "is missing; allowed: a duration such as \"5s\"")
	}
	f := slices.IndexFunc(s.Faults, func(f Fault) bool { return f.Name == x.After })
	if f >= 0 && s.Faults[f].Until == 0 && !r.touches(elementPath("fault", f)+".until") {
		r.add(path+".after", x.After, "never ends; give the fault an until")
	}
}

// compileExpects compiles the expectations of a scenario whose entries have one
// form each.
func (s *Scenario) compileExpects(m *Mesh) (*expect.Set, []expect.Problem) {
	full := s.withDefaults()
	var specs []expect.Spec
	for i := range full.Expects {
		specs = append(specs, full.Expects[i].forms()...)
	}
	return expect.Compile(specs, full.expectEnv(m))
}

// expectEnv is what the expressions of a scenario with all defaults can name.
func (s *Scenario) expectEnv(m *Mesh) expect.Env {
	env := expect.Env{Nodes: m.IDs(), Constants: s.constants(), Nearest: nearest}
	dishonest := s.dishonest(m)
	for i, id := range env.Nodes {
		if _, lies := slices.BinarySearch(dishonest, sim.NodeID(i)); !lies {
			env.Honest = append(env.Honest, id)
		}
	}
	for _, f := range s.Faults {
		env.Faults = append(env.Faults, f.Name)
	}
	for _, t := range s.Traffic {
		if t.Class != "" && !slices.Contains(env.Classes, t.Class) {
			env.Classes = append(env.Classes, t.Class)
		}
	}
	return env
}

// checkExpressions reports what is wrong within the expressions of the entries
// that are sound but for them.
func (s *Scenario) checkExpressions(r *report, m *Mesh) {
	env := s.expectEnv(m)
	faultsOpen := s.unsureFaults(r)
	var specs []expect.Spec
	var entries []int
	for i := range s.Expects {
		forms := s.Expects[i].forms()
		if len(forms) != 1 || r.touches(below(elementPath("expect", i), formKeys)...) {
			continue
		}
		text := forms[0].Expr + " " + forms[0].While
		if s.unsureKeys(r, text) {
			continue
		}
		if m.nodesOpen {
			env.Nodes = append(env.Nodes, words(text)...)
		}
		if faultsOpen {
			env.Faults = append(append(env.Faults, words(text)...), forms[0].After)
		}
		specs, entries = append(specs, forms[0]), append(entries, i)
	}
	_, problems := expect.Compile(specs, env)
	for _, p := range problems {
		i := entries[p.Spec]
		key := elementPath("expect", i) + "." + p.Key
		if r.touches(key) {
			continue
		}
		var value any
		entry := reflect.ValueOf(&s.Expects[i]).Elem()
		if f := schemas[entry.Type()].byKey[p.Key]; f != nil && !entry.Field(f.index).IsZero() {
			value = entry.Field(f.index).Interface()
		}
		r.add(key, value, "%s", p.Message)
	}
}

// below gives the paths of keys in the table at path.
func below(path, keys string) []string {
	paths := strings.Fields(keys)
	for i := range paths {
		paths[i] = joinKey(path, paths[i])
	}
	return paths
}

// words lists the texts in quotes of an expression: the names that it may mean.
func words(expression string) []string {
	var found []string
	for _, match := range quotedWord.FindAllStringSubmatch(expression, -1) {
		found = append(found, match[1]+match[2])
	}
	return found
}

var quotedWord = regexp.MustCompile(`'([^']*)'|"([^"]*)"`)

// unsureFaults reports whether a problem leaves unsure how the faults are called.
func (s *Scenario) unsureFaults(r *report) bool {
	for i := range s.Faults {
		if r.touches(elementPath("fault", i) + ".name") {
			return true
		}
	}
	return len(s.Faults) == 0 && r.touches("fault")
}

// unsureKeys reports whether an expression mentions a key of the scenario that a
// problem leaves without a value.
func (s *Scenario) unsureKeys(r *report, expression string) bool {
	if s.Topology.Kind == nil && strings.Contains(expression, "topology.") {
		return true
	}
	for _, key := range sortedKeys(r.touched) {
		table, isKind := strings.CutSuffix(key, ".kind")
		switch {
		case isKind && strings.Contains(expression, table+"."),
			strings.HasSuffix(key, ".class") && strings.Contains(expression, ".classes."),
			strings.Contains(key, ".") && strings.Contains(expression, key):
			return true
		}
	}
	return false
}

// constants are the scenario's keys as expressions see them: tables as maps,
// lists of tables as lists; what is neither a number, a time nor a word is left
// out.
func (s *Scenario) constants() map[string]any {
	full := *s.withDefaults()
	if m := full.memory(); m != (Memory{}) { // traffic alone may bring it about
		full.Memory = &m
	}
	return constantsOf(reflect.ValueOf(full))
}

func constantsOf(v reflect.Value) map[string]any {
	out := map[string]any{}
	for _, f := range schemas[v.Type()].fields {
		fv := v.Field(f.index)
		switch {
		case f.kind:
			if fv.IsNil() {
				continue
			}
			out[f.key] = KindName(fv.Interface())
			for key, value := range constantsOf(fv.Elem()) {
				out[key] = value
			}
		case isTable(f.typ):
			out[f.key] = constantsOf(fv)
		case f.typ.Kind() == reflect.Pointer && isTable(f.typ.Elem()):
			if !fv.IsNil() {
				out[f.key] = constantsOf(fv.Elem())
			}
		case f.typ.Kind() == reflect.Slice && isTable(f.typ.Elem()):
			list := make([]any, fv.Len())
			for i := range list {
				list[i] = constantsOf(fv.Index(i))
			}
			out[f.key] = list
		default:
			if c, ok := constantOf(fv); ok {
				out[f.key] = c
			}
		}
	}
	return out
}

func constantOf(v reflect.Value) (any, bool) {
	if isFamily(v.Type()) {
		return constantOfFamily(v)
	}
	switch c := v.Interface().(type) {
	case bool, string, int64, time.Duration:
		return c, true
	case Ratio:
		return float64(c) / 1e9, true
	case Probability:
		return float64(c) / 1e9, true
	case Length:
		return float64(c) / float64(Side), true
	case BitRate:
		return int64(c), c != 0
	case Frequency:
		return float64(c) / float64(PerSecond), c != 0
	case Number:
		return c.Float(), true
	case StartTime:
		return c.Min, !c.Uniform
	case Offset:
		return time.Duration(c), true
	case PPM:
		return float64(c) / perPPM, true
	}
	return nil, false
}

// constantOfFamily is a plain value, or the keys of a kind by its name.
func constantOfFamily(v reflect.Value) (any, bool) {
	kind := v.Field(0).Elem()
	if !kind.IsValid() {
		return nil, false
	}
	if reflect.TypeOf(kinds[kindsOf(v.Type())][0].zero) == kind.Type() {
		return constantOf(kind.Field(0))
	}
	return map[string]any{KindName(kind.Interface()): constantsOf(kind)}, true
}
