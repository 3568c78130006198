package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// parseTOML reads a text into tables. Its problems are syntax errors.
func parseTOML(text string) (table map[string]any, lines lineIndex, line int, problem string) {
	lines, line, problem = indexLines(text)
	if problem != "" {
		return nil, lines, line, problem
	}
	if _, err := toml.Decode(text, &table); err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			return nil, lines, syntax.Position.Line, syntax.Message
		}
		return nil, lines, 1, err.Error()
	}
	return table, lines, 0, ""
}

// parseTOMLValue is the value that a text spells in TOML, or the text itself.
func parseTOMLValue(text string) any {
	if !strings.ContainsAny(text, "\n\r") {
		if table, _, _, problem := parseTOML("v = " + text); problem == "" && len(table) == 1 {
			return table["v"]
		}
	}
	return text
}

// decoder fills structs from tables, following the tags. It reports everything
// that is wrong and leaves the default in its place.
type decoder struct{ *report }

// table fills the struct v from m.
func (d decoder) table(path string, m map[string]any, v reflect.Value) {
	s := schemas[v.Type()]
	known, chosen := map[string]bool{}, reflect.Type(nil)
	for i := range s.fields {
		f := &s.fields[i]
		known[f.key] = true
		raw, given := m[f.key]
		if f.kind && !given && f.defaultText != "" {
			raw, given = f.defaultText, true
		}
		switch {
		case !given:
			d.absent(path, f, v.Field(f.index))
		case f.kind:
			chosen = d.kind(path, m, raw, f, v.Field(f.index))
		default:
			d.field(joinKey(path, f.key), raw, f, v.Field(f.index))
		}
	}
	d.unknown(path, m, s, known, chosen)
}

// absent gives a key that is not there its default. Tables are filled with the
// defaults of their keys.
func (d decoder) absent(path string, f *field, v reflect.Value) {
	if f.required {
		want := f.want()
		d.add(joinKey(path, f.key), nil, "is missing; allowed: %s", want)
	}
	switch {
	case f.fallback.IsValid():
		v.Set(f.fallback)
	case isTable(f.typ) && !f.required:
		fill(v)
	}
}

// want says what a value of the field looks like.
func (f *field) want() string {
	if len(f.enum) > 0 {
		return strings.Join(f.enum, " ")
	}
	if c, ok := codecs[f.typ]; ok {
		return c.want
	}
	switch {
	case isTable(f.typ):
		return "a table [" + f.key + "]"
	case f.typ.Kind() == reflect.Pointer:
		return (&field{typ: f.typ.Elem(), key: f.key}).want()
	case f.typ.Kind() == reflect.Map:
		return "a table of strings"
	case f.typ.Elem().Kind() == reflect.String:
		return "a list of strings"
	case !isTable(f.typ.Elem()):
		return "a list, each entry " + codecs[f.typ.Elem()].want
	}
	return "tables [[" + f.key + "]]"
}

// kind reads the key that names a kind and, from the same table, the keys of that kind.
func (d decoder) kind(path string, m map[string]any, raw any, f *field, v reflect.Value) reflect.Type {
	name, ok := raw.(string)
	if !ok {
		d.add(joinKey(path, f.key), raw, "is %s; allowed: %s", typeName(raw), f.want())
		return nil
	}
	t := findKind(f.typ, name)
	if t == nil {
		d.add(joinKey(path, f.key), raw, "is not known; allowed: %s%s", f.want(), suggest(name, f.enum))
		return nil
	}
	row := reflect.New(t).Elem()
	own := map[string]any{}
	for key, value := range m {
		if schemas[t].byKey[key] != nil {
			own[key] = value
		}
	}
	d.table(path, own, row)
	v.Set(row)
	return t
}

// unknown reports the keys of m that the table does not have.
func (d decoder) unknown(path string, m map[string]any, s *schema, known map[string]bool, chosen reflect.Type) {
	kindField := s.kindField()
	for _, key := range sortedKeys(m) {
		if known[key] {
			continue
		}
		var others []string
		if kindField != nil {
			if chosen != nil && schemas[chosen].byKey[key] != nil {
				continue
			}
			others = kindsWith(kindField.typ, key)
		}
		full, allowed := joinKey(path, key), s.keys(chosen)
		switch {
		case len(others) > 0 && chosen == nil: // which keys belong here cannot be told
		case len(others) > 0:
			d.add(full, m[key], "is a key of %s %s only; allowed: %s", kindField.key, strings.Join(others, ", "), strings.Join(allowed, " "))
		default:
			d.stray(path, key, m, allowed)
		}
	}
}

// stray reports a key that the table does not have. A table that only overrides
// made has no place of its own; each of them is refused where it stands.
func (d decoder) stray(path, key string, m map[string]any, allowed []string) {
	near := nearest(key, allowed)
	if _, given := m[near]; near != "" && !given {
		d.touch(joinKey(path, near)) // it is not absent, it is misspelt
	}
	full, value := joinKey(path, key), m[key]
	wrong := []string{full}
	if _, inText := d.src.lines[full]; !inText {
		if set := d.src.setBelow(full); len(set) > 0 {
			wrong = set
		}
	}
	for _, k := range wrong {
		rest, hint := k[len(full):], ""
		if near != "" {
			hint = fmt.Sprintf(" (did you mean %q?)", near+rest)
		}
		if rest != "" {
			value = d.src.set[k].value
		}
		d.add(k, value, "is not a key; allowed: %s%s", strings.Join(allowed, " "), hint)
	}
}

// field reads one key.
func (d decoder) field(path string, raw any, f *field, v reflect.Value) {
	if f.fallback.IsValid() {
		v.Set(f.fallback)
	}
	if isTable(f.typ) {
		m, ok := raw.(map[string]any)
		if !ok {
			d.add(path, raw, "is %s; allowed: %s", typeName(raw), f.want())
			for _, inner := range schemas[f.typ].fields {
				d.touch(joinKey(path, inner.key))
			}
			return
		}
		d.table(path, m, v)
		return
	}
	if f.typ.Kind() == reflect.Pointer {
		value := reflect.New(f.typ.Elem())
		if m, ok := raw.(map[string]any); ok && isTable(f.typ.Elem()) {
			d.table(path, m, value.Elem())
			v.Set(value)
		} else if d.value(path, raw, f, value.Elem()) {
			v.Set(value)
		}
		return
	}
	d.value(path, raw, f, v)
}

// value reads what is not a table and reports whether it is right.
func (d decoder) value(path string, raw any, f *field, v reflect.Value) bool {
	if isFamily(v.Type()) {
		return d.family(path, raw, v)
	}
	if list, ok := raw.([]any); ok && len(list) == 0 && !f.required && v.Type() == typeOfNodeList {
		return true // nobody
	}
	if c, ok := codecs[v.Type()]; ok {
		value, err := c.parse(raw)
		if err != nil {
			d.add(path, raw, "%s", c.explain(err))
			return false
		}
		if problem := f.check(reflect.ValueOf(value)); problem != "" {
			d.add(path, raw, "%s", problem)
			return false
		}
		v.Set(reflect.ValueOf(value))
		return true
	}
	switch v.Kind() {
	case reflect.Slice:
		return d.list(path, raw, f, v)
	case reflect.Map:
		return d.stringMap(path, raw, f, v)
	}
	d.add(path, raw, "is %s; allowed: %s", typeName(raw), f.want())
	return false
}

// list reads a list of values or an array of tables.
func (d decoder) list(path string, raw any, f *field, v reflect.Value) bool {
	elements, ok := asList(raw)
	if !ok {
		d.add(path, raw, "is %s; allowed: %s", typeName(raw), f.want())
		return false
	}
	if len(elements) == 0 && !f.keepZero {
		return true
	}
	list := reflect.MakeSlice(v.Type(), len(elements), len(elements))
	element := field{key: f.key, typ: v.Type().Elem()}
	for i, raw := range elements {
		d.field(elementPath(path, i), raw, &element, list.Index(i))
	}
	v.Set(list)
	return true
}

// asList gives the elements of a list, of values or of tables.
func asList(raw any) ([]any, bool) {
	switch list := raw.(type) {
	case []any:
		return list, true
	case []map[string]any:
		elements := make([]any, len(list))
		for i, m := range list {
			elements[i] = m
		}
		return elements, true
	}
	return nil, false
}

func (d decoder) stringMap(path string, raw any, f *field, v reflect.Value) bool {
	m, ok := raw.(map[string]any)
	if !ok {
		d.add(path, raw, "is %s; allowed: %s", typeName(raw), f.want())
		return false
	}
	out := make(map[string]string, len(m))
	for _, key := range sortedKeys(m) {
		text, ok := m[key].(string)
		if !ok {
			d.add(joinKey(path, key), m[key], "is %s; allowed: a string", typeName(m[key]))
		}
		out[key] = text
	}
	if len(out) > 0 {
		v.Set(reflect.ValueOf(out))
	}
	return true
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// decode fills the scenario from a table.
func (s *Scenario) decode(r *report, table map[string]any) {
	decoder{r}.table("", table, reflect.ValueOf(s).Elem())
	s.nameEntries()
}

// syntaxProblem is a text that is no TOML at all.
func syntaxProblem(file string, line int, message string) Problem {
	return Problem{File: file, Line: line, Message: fmt.Sprintf("syntax: %s", message)}
}
