package scenarios

import (
	"reflect"
	"slices"
	"strings"
)

// Features lists what a scenario can say, made from the tables that decode it: its
// optional keys, such as link.loss, the words and kinds that a key allows, such as
// routing.strategy=flood, fault.kind=crash and then fault.crash.lose=state, and the
// forms of a value, such as traffic.to=each. The kinds of latencies and sizes, such as
// latency=pareto, are the same wherever they stand, and listed once. Keys of [record]
// and [files] are none.
func Features() []string {
	var f featureList
	f.claim("", reflect.TypeFor[Scenario]())
	return f.sorted()
}

// Features lists those that the scenario makes use of: keys without their default,
// and words and forms that are in force.
func (s *Scenario) Features() []string {
	var f featureList
	f.use("", reflect.ValueOf(s.withDefaults()).Elem())
	return f.sorted()
}

// featureList is a list under way.
type featureList []string

func (f featureList) sorted() []string {
	slices.Sort(f)
	return slices.Compact(f)
}

// bookkeeping are the tables that say nothing of what happens.
var bookkeeping = []string{"record", "files"}

func (f *featureList) claim(path string, t reflect.Type) {
	for i := range schemas[t].fields {
		k := &schemas[t].fields[i]
		full, inner := joinKey(path, k.key), tableWithin(k.typ)
		switch {
		case path == "" && slices.Contains(bookkeeping, k.key):
		case k.kind:
			f.claimKinds(full, path, k.typ)
		case isFamily(pointed(k.typ)):
			family := familyName(pointed(k.typ))
			*f = append(*f, full)
			f.claimKinds(family, family, kindsOf(pointed(k.typ)))
		case inner != nil:
			f.claim(full, inner)
		default:
			for _, word := range k.forms() {
				*f = append(*f, full+"="+word)
			}
			if k.forms() == nil && !k.required {
				*f = append(*f, full)
			}
		}
	}
}

func (f *featureList) claimKinds(key, within string, of reflect.Type) {
	for _, row := range kinds[of] {
		*f = append(*f, key+"="+row.name)
		f.claim(joinKey(within, row.name), reflect.TypeOf(row.zero))
	}
}

func (f *featureList) useKind(key, within string, kind reflect.Value) {
	if kind.IsNil() {
		return
	}
	name := KindName(kind.Interface())
	*f = append(*f, key+"="+name)
	f.use(joinKey(within, name), kind.Elem())
}

// familyName is how the features of a family are called, wherever its values stand.
func familyName(t reflect.Type) string { return strings.ToLower(t.Name()) }

func pointed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

func (f *featureList) use(path string, v reflect.Value) {
	for i := range schemas[v.Type()].fields {
		k := &schemas[v.Type()].fields[i]
		f.useKey(path, k, v.Field(k.index))
	}
}

func (f *featureList) useKey(path string, k *field, v reflect.Value) {
	full := joinKey(path, k.key)
	switch {
	case path == "" && slices.Contains(bookkeeping, k.key):
		return
	case k.kind:
		f.useKind(full, path, v)
		return
	case k.typ.Kind() == reflect.Slice && tableWithin(k.typ) != nil:
		for i := range v.Len() {
			f.use(full, v.Index(i))
		}
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	} else if k.forms() == nil && !isFamily(v.Type()) && k.isDefault(v) {
		return
	}
	switch {
	case isFamily(v.Type()):
		family := familyName(v.Type())
		if !k.isDefault(v) {
			*f = append(*f, full)
		}
		f.useKind(family, family, v.Field(0))
	case isTable(v.Type()):
		f.use(full, v)
	case v.Kind() == reflect.String && v.Len() == 0 && len(k.enum) > 0: // a word that is not given
	case v.Kind() == reflect.Slice && v.Len() == 0 && k.forms() != nil: // names that are not given
	case k.forms() != nil:
		*f = append(*f, full+"="+k.formOf(v))
	case !k.required:
		*f = append(*f, full)
	}
}

// forms are the words of a key, or the forms that its values have; nil if it has
// neither.
func (k *field) forms() []string {
	if len(k.enum) > 0 {
		return k.enum
	}
	return formsOf[pointed(k.typ)]
}

// formsOf are the forms of the values of a type.
var formsOf = map[reflect.Type][]string{
	reflect.TypeFor[Target]():    {"random", "each", "*", "nodes"},
	reflect.TypeFor[NodeSet]():   {"*", "nodes", "random"},
	reflect.TypeFor[StartTime](): {"fixed", "uniform"},
	reflect.TypeFor[NodeList]():  {"nodes", "*", "random"},
	reflect.TypeFor[LinkSet]():   {"links", "random"},
	reflect.TypeFor[QueueSize](): {"unlimited", "copies", "bytes"},
}

func (k *field) formOf(v reflect.Value) string {
	choose := func(second bool, words []string) string {
		if second {
			return words[1]
		}
		return words[0]
	}
	words := k.forms()
	switch q := v.Interface().(type) {
	case Target:
		return words[q.How]
	case NodeSet:
		if q.Random > 0 {
			return words[2]
		}
		return choose(!q.All(), words)
	case NodeList:
		if isDrawn(q...) {
			return words[2]
		}
		return choose(slices.Equal(q, NodeList{everyone}), words)
	case LinkSet:
		return choose(isDrawn(q...), words)
	case StartTime:
		return choose(q.Uniform, words)
	case QueueSize:
		return words[q.Unit]
	}
	return v.String()
}

// Embed puts a file that the scenario names into it.
func (s *Scenario) Embed(name string, data []byte) {
	if s.Files == nil {
		s.Files = map[string]string{}
	}
	s.Files[name] = pack(data)
}
