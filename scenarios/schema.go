package scenarios

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// schema is the keys of one table, read once from a struct's tags.
type schema struct {
	fields []field
	byKey  map[string]*field
}

// field is one key of a table.
type field struct {
	index    int
	key      string
	typ      reflect.Type
	kind     bool // an interface whose kind's keys stand beside the key that names it: "kind", if the tag gives none
	required bool
	always   bool // written even when it has its default
	keepZero bool // in a Go literal zero means zero, not the default
	fallback reflect.Value
	min, max *int64
	enum     []string
	name     bool // a text that is printed as it is
	doc      string

	minText, maxText, defaultText string // as in the tags
}

// schemas holds the schema of every table type within Scenario; read-only.
var schemas = map[reflect.Type]*schema{}

// The codecs of families read the schemas of their kinds, and the schemas are made
// with the codecs: neither table can be an initial value.
func init() {
	for _, c := range []codec{familyCodec[Latency](`a duration such as "20ms"`), familyCodec[Size]("an integer")} {
		codecs[c.typ] = c
		learn(schemas, kindsOf(c.typ))
	}
	learn(schemas, reflect.TypeFor[Scenario]())
}

// learn adds the schemas of t and of all tables within it.
func learn(known map[reflect.Type]*schema, t reflect.Type) {
	switch {
	case isTable(t):
		if known[t] == nil {
			known[t] = newSchema(t)
			for _, f := range known[t].fields {
				learn(known, f.typ)
			}
		}
	case t.Kind() == reflect.Interface:
		for _, row := range kinds[t] {
			learn(known, reflect.TypeOf(row.zero))
		}
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Pointer:
		learn(known, t.Elem())
	}
}

// isTable reports whether values of the type are tables with known keys.
func isTable(t reflect.Type) bool {
	_, isValue := codecs[t]
	return t.Kind() == reflect.Struct && !isValue
}

func newSchema(t reflect.Type) *schema {
	s := &schema{byKey: map[string]*field{}}
	for i := range t.NumField() {
		sf := t.Field(i)
		key, option, _ := strings.Cut(sf.Tag.Get("toml"), ",")
		if !sf.IsExported() || key == "-" {
			continue
		}
		s.fields = append(s.fields, newField(sf, key, option == "kind"))
	}
	for i := range s.fields {
		s.byKey[s.fields[i].key] = &s.fields[i]
	}
	return s
}

// newField reads the tags; a bad tag is our own bug.
func newField(sf reflect.StructField, key string, kind bool) field {
	f := field{
		index: sf.Index[0], key: key, typ: sf.Type, kind: kind,
		required: sf.Tag.Get("required") == "true",
		always:   sf.Tag.Get("write") == "always",
		keepZero: sf.Tag.Get("zero") == "kept",
		enum:     strings.Fields(sf.Tag.Get("enum")),
		name:     sf.Tag.Get("text") == "name",
		doc:      sf.Tag.Get("doc"),
	}
	if kind {
		if key == "" {
			f.key = "kind"
		}
		for _, row := range kinds[sf.Type] {
			f.enum = append(f.enum, row.name)
		}
	}
	f.minText, f.maxText, f.defaultText = sf.Tag.Get("min"), sf.Tag.Get("max"), sf.Tag.Get("default")
	f.min, f.max = bound(sf.Type, f.minText), bound(sf.Type, f.maxText)
	if f.defaultText != "" && !kind {
		f.fallback = fromTag(sf.Type, f.defaultText)
	}
	return f
}

// fromTag is the value that a tag spells as a scenario would.
func fromTag(t reflect.Type, text string) reflect.Value {
	v, err := codecs[t].parse(parseTOMLValue(text))
	if err != nil {
		panic(fmt.Sprintf("scenarios: tag value %s of %v %v", text, t, err))
	}
	return reflect.ValueOf(v)
}

func bound(t reflect.Type, text string) *int64 {
	if text == "" {
		return nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	n := fromTag(t, text).Int()
	return &n
}

// check says what is wrong with a value of the right type, or "".
func (f *field) check(v reflect.Value) string {
	if len(f.enum) > 0 && !f.kind {
		for _, word := range f.enum {
			if v.String() == word {
				return ""
			}
		}
		return "is not known; allowed: " + strings.Join(f.enum, " ") + suggest(v.String(), f.enum)
	}
	if f.min != nil && v.Int() < *f.min || f.max != nil && v.Int() > *f.max {
		return "is out of range; allowed: " + f.bounds()
	}
	if f.name {
		return checkName(v.String())
	}
	return ""
}

// checkName says what is wrong with a text that results and messages print as it
// is, or "".
func checkName(name string) string {
	if n := utf8.RuneCountInString(name); n < 1 || n > 100 || strings.ContainsFunc(name, unprintable) {
		return "is no name; allowed: " + nameBounds
	}
	return ""
}

const nameBounds = "1 … 100 printable characters"

// bounds describes the allowed range, or is "".
func (f *field) bounds() string {
	switch {
	case f.min != nil && f.max != nil:
		return f.minText + " … " + f.maxText
	case f.min != nil:
		return "at least " + f.minText
	case f.max != nil:
		return "at most " + f.maxText
	case f.name:
		return nameBounds
	}
	return ""
}

// kindField is the field that has kinds, or nil.
func (s *schema) kindField() *field {
	for i := range s.fields {
		if s.fields[i].kind {
			return &s.fields[i]
		}
	}
	return nil
}

// keys lists the keys of the table, those of the given kind after the one that names it.
func (s *schema) keys(chosen reflect.Type) []string {
	var keys []string
	for _, f := range s.fields {
		keys = append(keys, f.key)
		if f.kind && chosen != nil {
			keys = append(keys, schemas[chosen].keys(nil)...)
		}
	}
	return keys
}

// fill gives every zero field of the table its default. Slices, kinds and
// tables that need not be there are copied first: the caller's stay.
func fill(v reflect.Value) {
	for _, f := range schemas[v.Type()].fields {
		fv := v.Field(f.index)
		switch {
		case f.kind:
			fillKind(&f, fv)
		case isTable(f.typ):
			fill(fv)
		case f.typ.Kind() == reflect.Slice && isTable(f.typ.Elem()):
			fillEntries(fv)
		case f.typ.Kind() == reflect.Pointer && isTable(f.typ.Elem()):
			fillPointed(fv)
		case f.fallback.IsValid() && fv.IsZero() && !f.keepZero:
			fv.Set(f.fallback)
		}
	}
}

func fillKind(f *field, v reflect.Value) {
	if v.IsNil() && f.defaultText != "" {
		v.Set(reflect.Zero(findKind(f.typ, f.defaultText)))
	}
	if !v.IsNil() {
		row := reflect.New(v.Elem().Type()).Elem()
		row.Set(v.Elem())
		fill(row)
		v.Set(row)
	}
}

func fillPointed(v reflect.Value) {
	if v.IsNil() {
		return
	}
	own := reflect.New(v.Type().Elem())
	own.Elem().Set(v.Elem())
	fill(own.Elem())
	v.Set(own)
}

func fillEntries(list reflect.Value) {
	entries := reflect.MakeSlice(list.Type(), list.Len(), list.Len())
	reflect.Copy(entries, list)
	for i := range entries.Len() {
		fill(entries.Index(i))
	}
	if list.Len() > 0 {
		list.Set(entries)
	}
}

// nameEntries gives the entries without a name theirs: t1, t2, … and f1, f2, ….
func (s *Scenario) nameEntries() {
	for i := range s.Traffic {
		if s.Traffic[i].Name == "" {
			s.Traffic[i].Name = "t" + strconv.Itoa(i+1)
		}
	}
	for i := range s.Faults {
		if s.Faults[i].Name == "" {
			s.Faults[i].Name = "f" + strconv.Itoa(i+1)
		}
	}
}

// withDefaults is the scenario with every key set: s itself when it was read from
// TOML, else a copy in which zero fields have their defaults.
func (s *Scenario) withDefaults() *Scenario {
	if s.source.decoded {
		return s
	}
	full := *s
	fill(reflect.ValueOf(&full).Elem())
	full.nameEntries()
	return &full
}
