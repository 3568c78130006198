package expect

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
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
	n, ok := (*node).(*ast.BinaryNode)
	if !ok {
		return
	}
	if meets[n.Operator] {
		c.coerce(&n.Left, n.Right)
		c.coerce(&n.Right, n.Left)
	}
	switch n.Operator {
	case "==", "!=":
		c.word(n.Left, n.Right)
		c.word(n.Right, n.Left)
	case "in":
		if list, ok := n.Right.(*ast.ArrayNode); ok {
			for _, literal := range list.Nodes {
				c.word(literal, n.Left)
			}
		}
	}
}

// word refuses a string literal that a call which it is compared with can't be.
func (c *coercer) word(literal, other ast.Node) {
	s, isString := literal.(*ast.StringNode)
	call, isCall := other.(*ast.CallNode)
	if !isString || !isCall {
		return
	}
	callee, _ := call.Callee.(*ast.IdentifierNode)
	i := slices.IndexFunc(c.names, func(n *name) bool { return callee != nil && n.path == callee.Value && n.call != nil })
	if i < 0 || c.names[i].call.words == nil {
		return
	}
	var known []string
	for _, w := range c.names[i].call.words {
		if w == any(s.Value) {
			return
		}
		known = append(known, w.(string))
	}
	c.fail(s, "%s(…) is never '%s'%s; allowed: '%s'", c.names[i].call.name, s.Value, c.env.didYouMean("", s.Value, known), strings.Join(known, "' '"))
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
