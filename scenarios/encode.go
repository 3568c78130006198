package scenarios

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// TOML writes the scenario in canonical form: keys in the order of the reference,
// none that has its default but version, name, seed, duration and the names of
// entries. Reading it back gives the same scenario.
func (s *Scenario) TOML() []byte {
	e := &encoder{}
	for _, line := range s.Comment {
		e.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
	e.table("", reflect.ValueOf(s.withDefaults()).Elem())
	return []byte(e.String())
}

// encoder writes tables: values first, then the tables within.
type encoder struct{ strings.Builder }

func (e *encoder) table(path string, v reflect.Value) {
	e.values(v)
	e.tablesWithin(path, v)
}

func (e *encoder) tablesWithin(path string, v reflect.Value) {
	for _, f := range schemas[v.Type()].fields {
		fv, full := v.Field(f.index), joinKey(path, f.key)
		switch {
		case f.kind:
			if !fv.IsNil() {
				e.tablesWithin(path, fv.Elem())
			}
		case isTable(f.typ):
			e.inner(full, fv, f.required)
		case f.typ.Kind() == reflect.Pointer && isTable(f.typ.Elem()):
			if !fv.IsNil() {
				e.inner(full, fv.Elem(), true)
			}
		case f.typ.Kind() == reflect.Slice && isTable(f.typ.Elem()):
			for i := range fv.Len() {
				e.WriteString("\n[[" + full + "]]\n")
				e.table(full, fv.Index(i))
			}
		case f.typ.Kind() == reflect.Map:
			e.stringMap(full, fv)
		}
	}
}

// inner writes [path] unless nothing but defaults is in it.
func (e *encoder) inner(path string, v reflect.Value, always bool) {
	body := &encoder{}
	body.table(path, v)
	if always || body.Len() > 0 {
		e.WriteString("\n[" + path + "]\n" + body.String())
	}
}

// values writes the keys of a table that are no tables.
func (e *encoder) values(v reflect.Value) {
	for _, f := range schemas[v.Type()].fields {
		fv := v.Field(f.index)
		if f.kind {
			if !fv.IsNil() {
				e.pair(f.key, quote(KindName(fv.Interface())))
				e.values(fv.Elem())
			}
			continue
		}
		if f.typ.Kind() == reflect.Pointer && !isTable(f.typ.Elem()) && !fv.IsNil() {
			e.pair(f.key, formatValue(fv.Elem()))
			continue
		}
		if !isValue(f.typ) || !f.required && !f.always && f.isDefault(fv) {
			continue
		}
		if f.typ.Kind() == reflect.Slice && f.typ.Elem().Kind() == reflect.Struct && fv.Len() > 0 {
			e.pair(f.key, formatLines(fv))
			continue
		}
		e.pair(f.key, formatValue(fv))
	}
}

// formatLines is a list with a line for each of its elements.
func formatLines(v reflect.Value) string {
	var b strings.Builder
	b.WriteString("[\n")
	for i := range v.Len() {
		b.WriteString("  " + formatValue(v.Index(i)) + ",\n")
	}
	return b.String() + "]"
}

func (e *encoder) pair(key, value string) { e.WriteString(key + " = " + value + "\n") }

func (e *encoder) stringMap(path string, v reflect.Value) {
	if v.Len() == 0 {
		return
	}
	e.WriteString("\n[" + path + "]\n")
	m := v.Interface().(map[string]string)
	for _, key := range sortedKeys(m) {
		e.pair(quote(key), quote(m[key]))
	}
}

// isValue reports whether values of the type stand behind a key.
func isValue(t reflect.Type) bool {
	_, ok := codecs[t]
	return ok || t.Kind() == reflect.Slice && isValue(t.Elem())
}

func (f *field) isDefault(v reflect.Value) bool {
	if !f.fallback.IsValid() {
		return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 && !f.keepZero
	}
	return reflect.DeepEqual(v.Interface(), f.fallback.Interface())
}

// formatValue is a value as TOML.
func formatValue(v reflect.Value) string {
	if c, ok := codecs[v.Type()]; ok {
		return c.format(v.Interface())
	}
	items := make([]string, v.Len())
	for i := range items {
		items[i] = formatValue(v.Index(i))
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// quote is a TOML basic string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7F:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func quoteList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// renderValue shows a value in a message: as TOML, on one short line.
func renderValue(raw any) string {
	switch v := raw.(type) {
	case nil:
		return ""
	case string:
		return quote(shorten(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return renderFloat(v)
	case time.Time:
		if isLocal(v) {
			return v.Format("2006-01-02T15:04:05")
		}
		return v.Format(time.RFC3339Nano)
	case map[string]any:
		return "{…}"
	case []map[string]any:
		return "[{…}]"
	case []any:
		const most = 8
		items := make([]string, 0, most+1)
		for _, element := range v[:min(len(v), most)] {
			items = append(items, renderValue(element))
		}
		if len(v) > most {
			items = append(items, "…")
		}
		return shorten("[" + strings.Join(items, ", ") + "]")
	case []string:
		return shorten(quoteList(v))
	default:
		if rv := reflect.ValueOf(raw); isValue(rv.Type()) {
			return shorten(formatValue(rv))
		}
		return shorten(fmt.Sprint(raw))
	}
}

// renderFloat is a float as TOML; only wrong values are floats.
func renderFloat(v float64) string {
	text := strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(v, 'g', -1, 64), "+"))
	if strings.Trim(text, "-0123456789") == "" {
		return text + ".0" // else it would look like the integer that is asked for
	}
	return text
}
