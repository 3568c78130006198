package scenarios

import (
	"reflect"

	"meshsim/sim"
)

// Clone is a copy that shares nothing with the scenario that can be changed.
func (s *Scenario) Clone() *Scenario {
	c := *s
	unshare(reflect.ValueOf(&c).Elem())
	return &c
}

// unshare replaces what a value refers to by copies.
func unshare(v reflect.Value) {
	if !v.CanSet() {
		return // an unexported field: nobody outside can change it
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			unshare(v.Field(i))
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		list := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(list, v)
		for i := range list.Len() {
			unshare(list.Index(i))
		}
		v.Set(list)
	case reflect.Pointer:
		if !v.IsNil() {
			p := reflect.New(v.Type().Elem())
			p.Elem().Set(v.Elem())
			unshare(p.Elem())
			v.Set(p)
		}
	case reflect.Interface:
		if !v.IsNil() {
			own := reflect.New(v.Elem().Type()).Elem()
			own.Set(v.Elem())
			unshare(own)
			v.Set(own)
		}
	case reflect.Map:
		if !v.IsNil() {
			m := reflect.MakeMap(v.Type())
			for it := v.MapRange(); it.Next(); {
				m.SetMapIndex(it.Key(), it.Value())
			}
			v.Set(m)
		}
	}
}

// WithSeed is a copy of the scenario with another seed.
func (s *Scenario) WithSeed(seed sim.Seed) *Scenario {
	c := s.Clone()
	c.Seed = seed
	return c
}
