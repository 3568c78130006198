package scenarios

import (
	"reflect"
	"slices"
	"time"

	"meshsim/sim"
)

// Edit is a change of a scenario that may make it simpler.
type Edit struct {
	What string // in words, such as "link.loss = 0%"
	Do   func(*Scenario)
}

// Simpler lists edits of single values, the boldest for each value first: its
// default, then rounder numbers. They apply to any scenario with the same entries.
// Whether the result still makes sense is for Validate to say.
func (s *Scenario) Simpler() []Edit {
	w := &simplifier{}
	full := s.withDefaults()
	w.table("", reflect.ValueOf(full).Elem(), nil)
	return w.edits
}

// simplifier walks over the tables of a scenario.
type simplifier struct{ edits []Edit }

// turn leads from one value to another within it: a field by index, or an element
// of a list. Through pointers and kinds it leads by itself.
type turn struct {
	index   int
	element bool
}

// names and what a file records are nobody's to simplify.
var untouchable = []string{"version", "name", "epoch", "id", "key", "record", "files", "expect", "kind", "after"}

func (w *simplifier) table(path string, v reflect.Value, way []turn) {
	for _, f := range schemas[v.Type()].fields {
		if slices.Contains(untouchable, f.key) && !f.kind {
			continue
		}
		fv, full, on := v.Field(f.index), joinKey(path, f.key), append(slices.Clone(way), turn{index: f.index})
		switch {
		case f.kind:
			if !fv.IsNil() {
				w.table(path, fv.Elem(), on)
			}
		case isTable(f.typ):
			w.table(full, fv, on)
		case f.typ.Kind() == reflect.Pointer && isTable(f.typ.Elem()):
			if !fv.IsNil() {
				w.table(full, fv.Elem(), on)
			}
		case f.typ.Kind() == reflect.Slice && isTable(f.typ.Elem()):
			for i := range fv.Len() {
				w.table(elementPath(full, i), fv.Index(i), append(slices.Clone(on), turn{index: i, element: true}))
			}
		default:
			w.value(full, &f, fv, on)
		}
	}
}

// value lists simpler values of one key.
func (w *simplifier) value(path string, f *field, v reflect.Value, way []turn) {
	if f.typ.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		w.add(path+" left out", way, reflect.Zero(f.typ))
		for _, simple := range simpler(v.Elem().Interface()) {
			p := reflect.New(f.typ.Elem())
			p.Elem().Set(reflect.ValueOf(simple))
			w.add(path+" = "+formatValue(p.Elem()), way, p)
		}
		return
	}
	standard := reflect.Zero(f.typ)
	if f.fallback.IsValid() {
		standard = f.fallback
	}
	if reflect.DeepEqual(v.Interface(), standard.Interface()) {
		return // nothing is simpler than a key that is not there
	}
	if !f.required {
		w.add(path+" left out", way, standard)
	}
	for _, simple := range simpler(v.Interface()) {
		w.add(path+" = "+formatValue(reflect.ValueOf(simple)), way, reflect.ValueOf(simple))
	}
}

func (w *simplifier) add(what string, way []turn, value reflect.Value) {
	w.edits = append(w.edits, Edit{what, func(s *Scenario) { set(reflect.ValueOf(s).Elem(), way, value) }})
}

// set puts a value where the way leads. What a kind holds can't be set in place:
// it is copied, changed, and put back.
func set(v reflect.Value, way []turn, value reflect.Value) {
	if len(way) == 0 {
		v.Set(value)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		set(v.Elem(), way, value)
	case reflect.Interface:
		own := reflect.New(v.Elem().Type()).Elem()
		own.Set(v.Elem())
		set(own, way, value)
		v.Set(own)
	default:
		if next := way[0]; next.element {
			set(v.Index(next.index), way[1:], value)
		} else {
			set(v.Field(next.index), way[1:], value)
		}
	}
}

// simpler lists values that say the same more simply, or nearly the same.
func simpler(v any) []any {
	var all []any
	switch v := v.(type) {
	case time.Duration:
		if v > 0 {
			all = append(all, time.Duration(0))
		}
		for _, n := range rounder(int64(v)) {
			all = append(all, time.Duration(n))
		}
	case int64:
		if v > 1 {
			all = append(all, int64(1))
		}
		for _, n := range rounder(v) {
			all = append(all, n)
		}
	case sim.Seed:
		for n := sim.Seed(1); n < min(v, 6); n++ {
			all = append(all, n)
		}
	case Ratio:
		for _, r := range []Ratio{0, sim.One, sim.One / 2, sim.One / 10, sim.One / 100} {
			if r == v {
				break // those before it are simpler
			}
			all = append(all, r)
		}
	case BitRate:
		for _, n := range rounder(int64(v)) {
			all = append(all, BitRate(n))
		}
	case Frequency:
		for _, n := range rounder(int64(v)) {
			all = append(all, Frequency(n))
		}
	case Latency:
		if mean, ok := v.mean(); ok {
			for _, n := range append(rounder(int64(mean)), int64(mean)) {
				if simple := Constant(Duration(n)); simple != v {
					all = append(all, simple)
				}
			}
		}
	case Size:
		if mean, ok := v.mean(); ok {
			for _, n := range append(rounder(mean), mean) {
				if simple := Bytes(n); simple != v {
					all = append(all, simple)
				}
			}
		}
	case []NodeOutage:
		all = halves(all, v)
	case []LinkOutage:
		all = halves(all, v)
	case NodeSet:
		for _, id := range v.IDs[:min(len(v.IDs), 20)] {
			if len(v.IDs) > 1 {
				all = append(all, NodeSet{IDs: []string{id}})
			}
		}
	}
	return all
}

// halves adds the two halves of a list that has them.
func halves[T any](all []any, list []T) []any {
	if len(list) < 2 {
		return all
	}
	return append(all, list[:len(list)/2], list[len(list)/2:])
}

// rounder lists simpler numbers near n: 1 234 567 gives 1 000 000, 1 200 000
// and 2 000 000. Simpler is what has fewer digits before its zeros, or as many and
// is less, so that no chain of them comes back.
func rounder(n int64) []int64 {
	power := int64(1)
	for n/power >= 10 {
		power *= 10
	}
	near := []int64{power, n / power * power}
	if power > 1 {
		near = append(near, n/(power/10)*(power/10), (n/power+1)*power)
	}
	var all []int64
	for _, m := range near {
		fewer := digits(m) < digits(n) || digits(m) == digits(n) && m < n
		if m > 0 && fewer && !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}

// digits counts those of a number before its zeros.
func digits(n int64) int {
	for n != 0 && n%10 == 0 {
		n /= 10
	}
	count := 0
	for ; n != 0; n /= 10 {
		count++
	}
	return count
}
