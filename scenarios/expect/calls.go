package expect

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"

	"meshsim/trace"
)

// call is a name with arguments, such as node('a').up or trust('a', 'b').
type call struct {
	name, field string     // field "": the call itself is the value
	of          []argument // one or two
	words       []any      // that it can be, by number; nil: it is no word
	signature   any
	literal     any // the signature with literal arguments, which are not passed
	read        func(w World, a, b string) any
}

// argument is what an argument names.
type argument uint8

const (
	aNode argument = iota
	aFault
	aClaim // by its id, which only the run tells
)

var argumentNames = [...]string{"node", "fault", "claim"}

var calls = [...]call{
	{"route", "up", []argument{aNode, aNode}, nil, new(func(a, b string) bool), new(func() bool), func(w World, a, b string) any { return w.RouteUp(a, b) }},
	{"node", "up", []argument{aNode}, nil, new(func(a string) bool), new(func() bool), func(w World, a, _ string) any { return w.NodeUp(a) }},
	{"fault", "active", []argument{aFault}, nil, new(func(a string) bool), new(func() bool), func(w World, a, _ string) any { return w.FaultActive(a) }},
	{"session", "up", []argument{aNode, aNode}, nil, new(func(a, b string) bool), new(func() bool), func(w World, a, b string) any { return w.SessionUp(a, b) }},
	{"trust", "", []argument{aNode, aNode}, levels, new(func(a, b string) string), new(func() string), func(w World, a, b string) any { return levels[w.Trust(a, b)] }},
	{"claim", "", []argument{aClaim, aNode}, claims, new(func(c, a string) string), new(func() string), func(w World, c, a string) any { return claims[w.Claim(c, a)] }},
}

// The levels of trust and the states of claims, boxed once.
var levels, claims = boxed(trace.Trusts()), boxed(trace.ClaimStates())

func boxed[T fmt.Stringer](values []T) (all []any) {
	for _, v := range values {
		all = append(all, v.String())
	}
	return all
}

// callNamed returns the call of that name, or nil.
func callNamed(name string) *call {
	for i := range calls {
		if calls[i].name == name {
			return &calls[i]
		}
	}
	return nil
}

func (c *call) title(args [2]string) string {
	text := c.name + "('" + args[0]
	if len(c.of) == 2 {
		text += "', '" + args[1]
	}
	if text += "')"; c.field != "" {
		text += "." + c.field
	}
	return text
}

// callee is the call of that name, or nil.
func callee(n *ast.CallNode) *call {
	name, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return nil
	}
	return callNamed(name.Value)
}

// member resolves route('a','b').up and its like.
func (r *resolver) member(node *ast.Node, m *ast.MemberNode, inner *ast.CallNode) {
	c := callee(inner)
	if c == nil {
		return
	}
	if field, ok := m.Property.(*ast.StringNode); !ok || field.Value != c.field {
		r.fail(m, "%s(…) has no such field, only %s", c.name, c.field)
		return
	}
	r.call(node, c, inner)
}

// call resolves a call. With literal arguments it is a name like any other; with
// computed ones its function gets them at each call.
func (r *resolver) call(node *ast.Node, c *call, inner *ast.CallNode) {
	if len(inner.Arguments) != len(c.of) {
		r.fail(inner, "%s takes %d names, not %d", c.name, len(c.of), len(inner.Arguments))
		return
	}
	n := &name{call: c}
	literal := true
	for i, a := range inner.Arguments {
		s, ok := a.(*ast.StringNode)
		if !ok {
			literal = false
			continue
		}
		if known := r.named(c.of[i]); !slices.Contains(known, s.Value) && (c.of[i] != aClaim || s.Value == "") {
			r.fail(a, "no %s '%s'%s", argumentNames[c.of[i]], s.Value, r.env.didYouMean("", s.Value, known))
		}
		n.args[i] = s.Value
	}
	if literal {
		r.literalCall(node, n)
		return
	}
	r.computedCall(node, n, inner)
}

// literalCall reads the world without passing arguments around.
func (r *resolver) literalCall(node *ast.Node, n *name) {
	n.path = n.title()
	if r.byPath[n.path] != nil {
		ast.Patch(node, callOf(n.path))
		return
	}
	s := r.set
	n.get = func() any { return n.call.read(s.world, n.args[0], n.args[1]) }
	r.add(node, n, n.call.literal)
}

// computedCall remembers the arguments of the last call: in all(nodes, …) that is
// the one that decided.
func (r *resolver) computedCall(node *ast.Node, n *name, inner *ast.CallNode) {
	s, of, known := r.set, n.call.of, make([]map[string]bool, len(n.call.of))
	for i := range of {
		known[i] = map[string]bool{}
		for _, k := range r.named(of[i]) {
			known[i][k] = true
		}
	}
	n.path = fmt.Sprintf("%s at %d", n.call.name, inner.Location().From)
	load := func(args ...any) (any, error) {
		for i, a := range args {
			text, _ := a.(string) // no name is ""
			if !known[i][text] && (of[i] != aClaim || text == "") {
				return nil, fmt.Errorf("no %s '%v'", argumentNames[of[i]], a)
			}
			n.args[i] = text
		}
		n.value, n.read = n.call.read(s.world, n.args[0], n.args[1]), true
		return n.value, nil
	}
	expr.Function(n.path, load, n.call.signature)(r.config)
	r.names = append(r.names, n)
	ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: n.path}, Arguments: inner.Arguments})
}

// named lists the names that an argument can be; none of a claim, which is not known.
func (r *resolver) named(a argument) []string {
	switch a {
	case aNode:
		return r.env.Nodes
	case aFault:
		return r.env.Faults
	}
	return nil
}
