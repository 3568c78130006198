package scenarios

import (
	"fmt"
	"reflect"
	"strings"
)

// A family is a type of values that are either plain, "20ms", or of a kind with keys
// of its own, { normal = { mean = "20ms", stddev = "4ms" } }: Latency and Size. In Go
// it is a struct whose one field, Kind, is an interface with rows in the table of
// kinds; the first row is the plain kind, which has one key. A kind may also be
// given without the names of its keys: { uniform = [64, 1500] }, { exponential = 500 }.

// families says of each whether its kinds are written without the names of keys.
var families = map[reflect.Type]struct{ brief bool }{
	typeOfLatency: {brief: false},
	typeOfSize:    {brief: true},
}

func isFamily(t reflect.Type) bool { _, ok := families[t]; return ok }

// kindsOf is the interface of a family's kinds.
func kindsOf(family reflect.Type) reflect.Type { return family.Field(0).Type }

// checker is a kind with conditions that the bounds of its keys can't say.
type checker interface {
	check(r *report, path string)
}

// familyCodec is the codec of a family, for tags and cells of tables, which have
// no place but their own: a problem within is told as one of the whole.
func familyCodec[T any](plain string) codec {
	t := reflect.TypeFor[T]()
	want := plain + ", or { KIND = … } of kind"
	for _, row := range kinds[kindsOf(t)][1:] {
		want += " " + row.name
	}
	parse := func(raw any) (v T, err error) {
		r := &report{src: &source{}}
		decoder{r}.family("", raw, reflect.ValueOf(&v).Elem())
		if len(r.problems) > 0 {
			p := r.problems[0]
			return v, fmt.Errorf("%s", strings.TrimSpace(p.Key+" "+p.Message))
		}
		return v, nil
	}
	return codecOf(want, parse, func(v T) string { return formatFamily(reflect.ValueOf(v)) })
}

// family reads a value of a family and reports whether it is right.
func (d decoder) family(path string, raw any, v reflect.Value) bool {
	before := d.errors()
	rows := kinds[kindsOf(v.Type())]
	table, ok := raw.(map[string]any)
	if !ok {
		plain := reflect.New(reflect.TypeOf(rows[0].zero)).Elem()
		d.plain(path, raw, v.Type(), plain)
		v.Field(0).Set(plain)
		return d.errors() == before
	}
	var names []string
	for _, row := range rows[1:] {
		names = append(names, row.name)
	}
	for _, name := range sortedKeys(table) {
		t := findKind(kindsOf(v.Type()), name)
		if t == nil {
			d.add(path, raw, "has the unknown kind %q; allowed: %s%s", shorten(name), strings.Join(names, " "), suggest(name, names))
			continue
		}
		if len(table) > 1 {
			d.add(path, raw, "is of %d kinds; allowed: one of %s", len(table), strings.Join(names, " "))
			return false
		}
		kind := reflect.New(t).Elem()
		d.kindOfFamily(joinKey(path, name), table[name], kind)
		if c, ok := kind.Interface().(checker); ok && d.errors() == before {
			c.check(d.report, joinKey(path, name))
		}
		v.Field(0).Set(kind)
	}
	if len(table) == 0 {
		d.add(path, raw, "is of no kind; allowed: %s", strings.Join(names, " "))
	}
	return d.errors() == before
}

// plain reads the only key of the plain kind.
func (d decoder) plain(path string, raw any, family reflect.Type, kind reflect.Value) {
	f := &schemas[kind.Type()].fields[0]
	value, err := codecs[f.typ].parse(raw)
	if err != nil {
		d.add(path, raw, "%s", codecs[family].explain(err))
		return
	}
	if problem := f.check(reflect.ValueOf(value)); problem != "" {
		d.add(path, raw, "%s", problem)
		return
	}
	kind.Field(f.index).Set(reflect.ValueOf(value))
}

// kindOfFamily reads the keys of a kind: a table, or their values in order.
func (d decoder) kindOfFamily(path string, raw any, kind reflect.Value) {
	s := schemas[kind.Type()]
	values, isList := raw.([]any)
	table, isTable := raw.(map[string]any)
	switch {
	case isTable:
	case isList && len(values) > len(s.fields):
		d.add(path, raw, "has %d values; allowed: %s", len(values), strings.Join(s.keys(nil), " "))
		return
	default:
		if !isList {
			values = []any{raw}
		}
		table = map[string]any{}
		for i, value := range values {
			table[s.fields[i].key] = value
		}
	}
	d.table(path, table, kind)
}

// formatFamily writes a value of a family as TOML.
func formatFamily(v reflect.Value) string {
	kind := v.Field(0).Elem()
	if !kind.IsValid() {
		return "{}"
	}
	s := schemas[kind.Type()]
	name := KindName(kind.Interface())
	if name == kinds[kindsOf(v.Type())][0].name {
		return formatValue(kind.Field(s.fields[0].index))
	}
	var pairs, values []string
	for i := range s.fields {
		f := &s.fields[i]
		fv := kind.Field(f.index)
		values = append(values, formatValue(fv))
		if f.required || !f.isDefault(fv) {
			pairs = append(pairs, f.key+" = "+formatValue(fv))
		}
	}
	switch {
	case !families[v.Type()].brief:
		return "{ " + name + " = { " + strings.Join(pairs, ", ") + " } }"
	case len(values) == 1:
		return "{ " + name + " = " + values[0] + " }"
	}
	return "{ " + name + " = [" + strings.Join(values, ", ") + "] }"
}

// checkFamily checks a Go value of a family, as the decoder does a text.
func checkFamily(r *report, path string, v reflect.Value) {
	kind := v.Field(0).Elem()
	rows := kinds[kindsOf(v.Type())]
	switch {
	case !kind.IsValid():
		r.add(path, nil, "is missing; allowed: %s", codecs[v.Type()].want)
	case kind.Type() == reflect.TypeOf(rows[0].zero):
		f := &schemas[kind.Type()].fields[0]
		if problem := f.check(kind.Field(f.index)); problem != "" {
			r.add(path, v.Interface(), "%s", problem)
		}
	case schemas[kind.Type()] == nil:
		r.add(path, nil, "is of a kind of its own; allowed: %s", codecs[v.Type()].want)
	default:
		before := r.errors()
		path = joinKey(path, KindName(kind.Interface()))
		checkTable(r, path, kind)
		if c, ok := kind.Interface().(checker); ok && r.errors() == before {
			c.check(r, path)
		}
	}
}
