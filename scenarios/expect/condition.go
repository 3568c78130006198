package expect

import (
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/vm"
)

// outcome is what an evaluation came to.
type outcome uint8

const (
	skipped outcome = iota // a ratio over zero is neither true nor false
	holds
	fails
	broken // a runtime error
)

// machine runs programs over the few names that are the same for all of them.
type machine struct {
	vm       vm.VM
	env      map[string]any
	overZero bool // the present run divided by zero
}

// condition is a compiled expression.
type condition struct {
	program *vm.Program
	names   []*name
	over    []*int64 // denominators of its ratios
	err     string   // of the last evaluation
}

// evaluate runs the expression on the present state.
func (c *condition) evaluate(s *Set) outcome {
	c.err = ""
	if len(c.over) > 0 {
		s.summary()
		for _, n := range c.over {
			if *n == 0 {
				return skipped
			}
		}
	}
	for _, n := range c.names {
		n.judged, n.read = n.seen, n.constant
	}
	s.machine.overZero = false
	result, err := s.machine.vm.Run(c.program, s.machine.env)
	switch {
	case s.machine.overZero: // whatever came of it, be it an error
		for _, n := range c.names {
			n.seen = n.judged
		}
		return skipped
	case err != nil:
		c.err = oneLine(err, c.program.Source().String())
		return broken
	case result.(bool):
		return holds
	}
	return fails
}

// text renders the names that the last evaluation read.
func (c *condition) text() string {
	var b strings.Builder
	for _, n := range c.names {
		if !n.read {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(n.title())
		b.WriteString(" = ")
		b.WriteString(n.unit.text(n.value))
	}
	return b.String()
}

// name is one name in an expression, with what the last evaluation saw of it.
type name struct {
	path     string
	unit     unit
	constant bool
	get      func() any
	metric   *metric
	call     *call

	seen
	judged seen // by the evaluation before
}

// seen is what an evaluation saw of a name.
type seen struct {
	value any
	read  bool
	args  [2]string // of the last call
}

// load is the function that the expression calls for the name.
func (n *name) load(...any) (any, error) {
	n.value, n.read = n.get(), true
	return n.value, nil
}

func (n *name) title() string {
	if n.call != nil {
		return n.call.title(n.args)
	}
	return n.path
}

// box keeps the boxed form of a value, so that reading an unchanged one again
// allocates nothing.
type box[T comparable] struct {
	value T
	boxed any
}

func (b *box[T]) of(v T) any {
	if b.boxed == nil || b.value != v {
		b.value, b.boxed = v, v
	}
	return b.boxed
}

// unit is what a number counts.
type unit uint8

const (
	plain    unit = iota
	duration      // ns
	ratio
)

var unitNames = [...]string{"a number", "a duration", "a ratio"}

// text renders a value in its unit.
func (u unit) text(v any) string {
	switch v := v.(type) {
	case float64:
		if u == duration {
			return time.Duration(v).String()
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return "'" + v.(string) + "'"
}
