package expect

import (
	"fmt"
	"reflect"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm/runtime"
)

// isDivision are the operators that mean nothing over zero.
var isDivision = map[string]bool{"/": true, "%": true}

// literals refuses a division by a zero that is written there. It comes before
// keys of the scenario become literals: those may be zero in one run only.
type literals struct{ *resolver }

func (l *literals) Visit(node *ast.Node) {
	if n, ok := (*node).(*ast.BinaryNode); ok && isDivision[n.Operator] && isZero(n.Right) {
		l.fail(n, "division by zero")
	}
}

func isZero(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return n.Value == 0
	case *ast.FloatNode:
		return n.Value == 0
	case *ast.UnaryNode:
		return isZero(n.Node)
	case *ast.StringNode:
		value, unit := parseQuantity(n.Value)
		return unit != plain && value == 0
	}
	return false
}

// divider replaces the divisions of a checked expression by calls that note a
// divisor of zero. The check is over: a call need not tell its type.
type divider struct{ set *Set }

func (d *divider) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || !isDivision[n.Operator] {
		return
	}
	f := d.set.quotient()
	if n.Operator == "%" {
		f = d.set.remainder()
	}
	callee := &ast.IdentifierNode{Value: d.set.machine.define(f)}
	callee.SetType(reflect.TypeOf(f))
	ast.Patch(node, &ast.CallNode{Callee: callee, Arguments: []ast.Node{n.Left, n.Right}})
}

// division is of the one type for two values of any kind that the library's
// machine calls without an allocation.
type division = func(a, b any) any

// quotient is a / b. Over zero it is 1, for an evaluation that is not judged.
func (s *Set) quotient() division {
	last := new(box[float64])
	return func(a, b any) any {
		if runtime.Equal(b, 0) {
			s.machine.overZero = true
			return last.of(1)
		}
		return last.of(runtime.Divide(a, b))
	}
}

// remainder is a % b, likewise.
func (s *Set) remainder() division {
	last := new(box[int])
	return func(a, b any) any {
		if runtime.Equal(b, 0) {
			s.machine.overZero = true
			return last.of(1)
		}
		return last.of(runtime.Modulo(a, b))
	}
}

// define makes a function known to programs, by a name that no expression can hold.
func (m *machine) define(f any) string {
	name := fmt.Sprintf("function %d", len(m.env))
	m.env[name] = f
	return name
}
