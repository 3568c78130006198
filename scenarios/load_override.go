package scenarios

import (
	"fmt"
	"strconv"
	"strings"

	"meshsim/sim"
)

// override is the value that replaces that of a key, and where it came from.
type override struct {
	from  string
	value any
}

// overrides are the keys of a scenario that its user sets otherwise.
type overrides struct {
	seed  *sim.Seed
	set   []string
	env   func(string) (string, bool)
	files map[string]string
}

func newOverrides(options []Option) *overrides {
	o := &overrides{}
	for _, option := range options {
		option(o)
	}
	return o
}

const seedVariable = "MESHSIM_SEED"

// apply changes the table, later sources of the order winning: environment, --set,
// --seed.
func (o *overrides) apply(r *report, table map[string]any) {
	if o.env != nil {
		if text, ok := o.env(seedVariable); ok && text != "" {
			o.applyEnv(r, table, text)
		}
	}
	for _, expression := range o.set {
		if key, value, problem := setKey(table, expression); problem != "" {
			r.put(Problem{File: "--set", Key: key, Message: problem})
		} else {
			r.src.set[key] = override{"--set", value}
		}
	}
	if o.files != nil {
		files := make(map[string]any, len(o.files))
		for name, packed := range o.files {
			files[name] = packed
		}
		table["files"] = files
	}
	if o.seed != nil {
		table["seed"] = int64(min(*o.seed, sim.MaxSeed+1))
		r.src.set["seed"] = override{"--seed", table["seed"]}
	}
}

func (o *overrides) applyEnv(r *report, table map[string]any, text string) {
	seed, err := ParseSeed(text)
	if err != nil {
		r.put(Problem{File: seedVariable, Key: "seed", Value: renderValue(text), Message: err.Error()})
		return
	}
	table["seed"] = int64(seed)
	r.src.set["seed"] = override{seedVariable, table["seed"]}
}

// setKey applies KEY=VALUE. It returns the key in its canonical form, its value,
// and what is wrong, or "".
func setKey(table map[string]any, expression string) (key string, value any, problem string) {
	key, text, ok := strings.Cut(expression, "=")
	key = strings.TrimSpace(key)
	if !ok {
		return key, nil, "has no value; allowed: KEY=VALUE such as topology.nodes=20"
	}
	steps, ok := parsePath(key)
	if !ok {
		return key, nil, "is not a key; allowed: a path such as link.latency or fault[0].at"
	}
	var at any = table
	for i, step := range steps[:len(steps)-1] {
		next, problem := step.enter(at, steps[i+1].index < 0)
		if problem != "" {
			return key, nil, problem
		}
		at = next
	}
	value = parseTOMLValue(strings.TrimSpace(text))
	return key, value, steps[len(steps)-1].put(at, value)
}

// step is one key or index of a path.
type step struct {
	key   string
	index int // −1: a key
}

// parsePath reads a path of bare keys and indexes.
func parsePath(path string) (steps []step, ok bool) {
	for part := range strings.SplitSeq(path, ".") {
		key, indexes, _ := strings.Cut(part, "[")
		if key == "" || joinKey("", key) != key {
			return nil, false
		}
		steps = append(steps, step{key, -1})
		for indexes != "" {
			digits, rest, closed := strings.Cut(indexes, "]")
			n, err := strconv.ParseUint(digits, 10, 31)
			if !closed || err != nil || rest != "" && rest[0] != '[' {
				return nil, false
			}
			steps = append(steps, step{"", int(n)})
			indexes = strings.TrimPrefix(rest, "[")
		}
	}
	return steps, len(steps) <= maxKeyParts
}

// enter goes one step down; a table that is missing is made.
func (s step) enter(at any, wantTable bool) (next any, problem string) {
	if s.index >= 0 {
		list, ok := asList(at)
		if problem := s.outside(list, ok); problem != "" {
			return nil, problem
		}
		return list[s.index], ""
	}
	table, ok := at.(map[string]any)
	if !ok {
		return nil, fmt.Sprintf("%s is inside %s, not a table", s.key, typeName(at))
	}
	if table[s.key] == nil && wantTable {
		table[s.key] = map[string]any{}
	}
	return table[s.key], ""
}

// put sets the last step of a path.
func (s step) put(at, value any) (problem string) {
	if s.index < 0 {
		table, ok := at.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is inside %s, not a table", s.key, typeName(at))
		}
		table[s.key] = value
		return ""
	}
	switch list := at.(type) {
	case []any:
		if problem := s.outside(list, true); problem != "" {
			return problem
		}
		list[s.index] = value
		return ""
	case []map[string]any:
		entry, ok := value.(map[string]any)
		if !ok || s.index >= len(list) {
			return fmt.Sprintf("entry %d must be one of %d tables", s.index, len(list))
		}
		list[s.index] = entry
		return ""
	}
	return s.outside(nil, false)
}

func (s step) outside(list []any, ok bool) string {
	switch {
	case !ok:
		return fmt.Sprintf("[%d] is not in a list", s.index)
	case s.index >= len(list):
		return fmt.Sprintf("there is no entry %d; there are %d, counted from 0", s.index, len(list))
	}
	return ""
}
