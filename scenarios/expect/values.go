package expect

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
)

// envelopeFields are the names under envelope, with the types of their readers.
var envelopeFields = map[string]any{
	"type":        new(func() string),
	"origin":      new(func() string),
	"destination": new(func() string),
	"hops":        new(func() int),
	"latency":     new(func() float64), // of delivered envelopes only
	"skew":        new(func() float64), // of submitted ones; 0 of others
}

// envelope is the reader of a field of the present event's envelope.
func (r *resolver) envelope(path []string) (func() any, bool) {
	if len(path) != 1 {
		return nil, false
	}
	s := r.set
	switch path[0] {
	case "type":
		last := new(box[string])
		return func() any { return last.of(s.event.Type) }, true
	case "origin":
		return func() any { return s.nodeName(s.event.Origin) }, true
	case "destination":
		return func() any { return s.nodeName(s.event.Destination) }, true
	case "hops":
		return func() any { return len(s.event.Path) - 1 }, true
	case "skew":
		last := new(box[float64])
		return func() any { return last.of(float64(s.event.Skew)) }, true
	case "latency":
		last := new(box[float64])
		return func() any { return last.of(float64(s.event.Latency)) }, true
	}
	return nil, false
}

// constant finds a key of the scenario.
func constant(table map[string]any, path []string) (any, bool) {
	var v any = table
	for _, p := range path {
		switch group := v.(type) {
		case map[string]any:
			below, ok := group[p]
			if !ok {
				return nil, false
			}
			v = below
		case []any:
			i, err := strconv.Atoi(strings.Trim(p, "[]"))
			if err != nil || i < 0 || i >= len(group) {
				return nil, false
			}
			v = group[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func isGroup(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// literalOf is a key's value as a literal, as a value of expressions, and its unit.
func literalOf(v any) (ast.Node, any, unit) {
	switch v := v.(type) {
	case bool:
		return &ast.BoolNode{Value: v}, v, plain
	case string:
		return &ast.StringNode{Value: v}, v, plain
	case int:
		return literalOf(int64(v))
	case int64:
		if v >= math.MinInt32 && v <= math.MaxInt32 {
			return &ast.IntegerNode{Value: int(v)}, int(v), plain
		}
		return &ast.FloatNode{Value: float64(v)}, float64(v), plain
	case float64:
		return &ast.FloatNode{Value: v}, v, plain
	case time.Duration:
		return &ast.FloatNode{Value: float64(v)}, float64(v), duration
	}
	panic(fmt.Sprintf("expect: a scenario key of type %T", v))
}

func keysOf[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m)) //meshsim:allow maprange: sorted before anyone sees them
}
