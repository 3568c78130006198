package expect

import (
	"regexp"
	"strconv"
	"time"

	"github.com/expr-lang/expr/ast"
)

// coercer turns strings with units that meet a number into numbers: '40ms' into
// ns, '1%' into 0.01. Strings that meet strings stay what they are.
type coercer struct{ *resolver }

// meets are the operators whose sides must be of one kind.
var meets = map[string]bool{
	"==": true, "!=": true, "<": true, "<=": true, ">": true, ">=": true,
	"+": true, "-": true, "*": true, "/": true,
}

func (c *coercer) Visit(node *ast.Node) {
	if n, ok := (*node).(*ast.BinaryNode); ok && meets[n.Operator] {
		c.coerce(&n.Left, n.Right)
		c.coerce(&n.Right, n.Left)
	}
}

// coerce replaces a string literal whose other side is a number.
func (c *coercer) coerce(literal *ast.Node, other ast.Node) {
	s, ok := (*literal).(*ast.StringNode)
	if !ok || other.Nature().IsString() {
		return
	}
	value, unit := parseQuantity(s.Value)
	if unit == plain {
		if other.Nature().IsNumber() {
			c.fail(s, "'%s' is neither a duration such as '40ms' nor a percentage such as '1%%'", s.Value)
		}
		return
	}
	if other := c.unitOf(other); other != plain && other != unit {
		c.fail(s, "'%s' is %s, what it meets is %s", s.Value, unitNames[unit], unitNames[other])
	}
	ast.Patch(literal, &ast.FloatNode{Value: value})
	(*literal).SetNature(c.config.NtCache.NatureOf(value))
}

// unitOf is the unit of a name that stands alone, else plain.
func (c *coercer) unitOf(node ast.Node) unit {
	if call, ok := node.(*ast.CallNode); ok {
		if callee, ok := call.Callee.(*ast.IdentifierNode); ok && c.byPath[callee.Value] != nil {
			return c.byPath[callee.Value].unit
		}
	}
	return plain
}

var percentage = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?%$`)

// parseQuantity reads a duration in ns or a percentage as a ratio; unit plain says
// that the text is neither.
func parseQuantity(text string) (float64, unit) {
	if percentage.MatchString(text) {
		v, err := strconv.ParseFloat(text[:len(text)-1]+"e-2", 64) // rounded once
		if err != nil {
			return 0, plain
		}
		return v, ratio
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, plain
	}
	return float64(d), duration
}
