package expect

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/checker/nature"
	bytecode "github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// resolver replaces the names in one expression by what they stand for: a literal
// for a key of the scenario, else a call of a function of its own, which is the
// fastest thing that the library's machine can run.
type resolver struct {
	set       *Set
	env       Env
	converged bool // what trust.converged is
	config    *conf.Config
	byPath    map[string]*name
	names     []*name // in the order met
	reads     reading
	err       error // the first that it found itself
}

// program compiles the expression. Types are checked between the passes that
// name things and after them.
func (r *resolver) program(text string) (*vm.Program, error) {
	r.config = conf.CreateNew()
	expr.Env(types.Map{"nodes": types.Array(types.String), "honest": types.Array(types.String)})(r.config)
	expr.AsBool()(r.config)
	expr.WarnOnAny()(r.config)
	for _, f := range nondeterministic {
		expr.DisableBuiltin(f)(r.config)
		delete(r.config.Builtins, f)
	}
	r.config.Visitors = []ast.Visitor{&literals{r}, r, &finisher{resolver: r}, &coercer{r}}
	r.config.Check()

	tree, err := checker.ParseCheck(text, r.config)
	if err != nil {
		return nil, err
	}
	ast.Walk(&tree.Node, forgetter{})
	if _, err := checker.Check(tree, r.config); err != nil {
		return nil, err
	}
	ast.Walk(&tree.Node, &divider{r.set})
	if err := optimizer.Optimize(&tree.Node, r.config); err != nil {
		return nil, err
	}
	return bytecode.Compile(tree, r.config)
}

// forgetter drops the types of calls: the check takes a call that has one as
// checked, its arguments too, whatever the checks between the passes found there.
type forgetter struct{}

func (forgetter) Visit(node *ast.Node) {
	if _, ok := (*node).(*ast.CallNode); ok {
		(*node).SetNature(nature.Nature{})
	}
}

func (r *resolver) fail(at ast.Node, format string, args ...any) {
	if r.err == nil {
		r.err = &file.Error{Location: at.Location(), Message: fmt.Sprintf(format, args...)}
	}
}

// hint says more about an error of the library.
func (r *resolver) hint(err error) string {
	var at *file.Error
	if !errors.As(err, &at) {
		return "; an expectation is true or false"
	}
	if word, found := strings.CutPrefix(at.Message, "unknown name "); found {
		if c := callNamed(word); c != nil && c.field != "" {
			return fmt.Sprintf(": write %s(…).%s", c.name, c.field)
		}
		return r.env.didYouMean("", word, r.roots())
	}
	return ""
}

// roots are the words that a name can begin with.
func (r *resolver) roots() []string {
	all := append([]string{"nodes", "honest", "envelope"}, r.set.metrics.inGroup[""]...)
	for i := range calls {
		all = append(all, calls[i].name)
	}
	return append(all, keysOf(r.env.Constants)...)
}

// Visit is called for each node after its children.
func (r *resolver) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.CallNode:
		if c := callee(n); c != nil && c.field == "" {
			r.call(node, c, n)
		}
	case *ast.VariableDeclaratorNode:
		if slices.Contains(r.roots(), n.Name) {
			r.fail(n, "let %s: the name is taken", n.Name)
		}
	case *ast.MemberNode:
		if call, ok := n.Node.(*ast.CallNode); ok {
			r.member(node, n, call)
			return
		}
		r.path(node)
	case *ast.IdentifierNode:
		r.path(node)
	}
}

// path resolves a dotted path; one that is a group is left for its parent.
func (r *resolver) path(node *ast.Node) {
	path := pathOf(*node)
	if path == nil || !r.known(path[0]) {
		return
	}
	text := dotted(path)
	if n, ok := r.byPath[text]; ok && !n.constant {
		ast.Patch(node, callOf(text))
		return
	}
	switch path[0] {
	case "envelope":
		if get, ok := r.envelope(path[1:]); ok {
			r.reads.envelope = true
			unit := plain
			if path[1] == "latency" {
				r.reads.latency, unit = true, duration
			}
			if path[1] == "skew" {
				unit = duration
			}
			r.add(node, &name{path: text, unit: unit, get: get}, envelopeFields[path[1]])
			return
		}
	default:
		if m, ok := r.set.metrics.byPath[text]; ok {
			r.metric(node, text, m)
			return
		}
		if v, ok := constant(r.env.Constants, path); ok && !isGroup(v) {
			r.constant(node, text, v)
			return
		}
	}
	if len(path) > 1 && len(r.children(path)) == 0 {
		if r.isGroup(path) {
			r.fail(*node, "%s is a group without a value in it here", text)
			return
		}
		last := len(path) - 1
		r.fail(*node, "unknown name %s%s", text, r.env.didYouMean(dotted(path[:last]), path[last], r.children(path[:last])))
	}
}

// add replaces the node by a call of the name's function.
func (r *resolver) add(node *ast.Node, n *name, signature any) {
	expr.Function(n.path, n.load, signature)(r.config)
	r.byPath[n.path] = n
	r.names = append(r.names, n)
	ast.Patch(node, callOf(n.path))
}

// metric replaces the node by a reader of a metric of the present instant, or by what
// is taken for true of the one that only the end of the run tells.
func (r *resolver) metric(node *ast.Node, text string, m *metric) {
	n := &name{path: text, unit: m.unit, metric: m}
	if m.hindsight {
		r.reads.hindsight = true
		assumed := any(r.converged)
		n.get = func() any { return assumed }
		r.add(node, n, new(func() bool))
		return
	}
	if m.atEnd {
		r.reads.end = text
	}
	s := r.set
	n.get = func() any {
		s.summary()
		return m.get()
	}
	r.add(node, n, new(func() float64))
}

// constant replaces the node by the value of a scenario key.
func (r *resolver) constant(node *ast.Node, text string, v any) {
	literal, value, unit := literalOf(v)
	if r.byPath[text] == nil {
		n := &name{path: text, unit: unit, constant: true, seen: seen{value: value}}
		r.byPath[text] = n
		r.names = append(r.names, n)
	}
	ast.Patch(node, literal)
}

// known reports whether a path can begin with the word.
func (r *resolver) known(root string) bool {
	_, isKey := r.env.Constants[root]
	return root == "envelope" || isKey || slices.Contains(r.set.metrics.inGroup[""], root)
}

// isGroup reports whether an unresolved path is of a group, be it an empty one.
func (r *resolver) isGroup(path []string) bool {
	last := len(path) - 1
	if slices.Contains(r.set.metrics.inGroup[dotted(path[:last])], path[last]) {
		return true
	}
	_, isKey := constant(r.env.Constants, path)
	return isKey
}

// children lists what a group holds, none for what is no group.
func (r *resolver) children(path []string) []string {
	if len(path) == 1 && path[0] == "envelope" {
		return keysOf(envelopeFields)
	}
	all := slices.Clone(r.set.metrics.inGroup[dotted(path)])
	v, _ := constant(r.env.Constants, path)
	switch v := v.(type) {
	case map[string]any:
		all = append(all, keysOf(v)...)
	case []any:
		for i := range v {
			all = append(all, "["+strconv.Itoa(i)+"]")
		}
	}
	return all
}

// pathOf is a.b[0].c as its parts, indexes in brackets; nil for anything else.
func pathOf(node ast.Node) []string {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return []string{n.Value}
	case *ast.MemberNode:
		path := pathOf(n.Node)
		if path == nil {
			return nil
		}
		switch p := n.Property.(type) {
		case *ast.StringNode:
			return append(path, p.Value)
		case *ast.IntegerNode:
			return append(path, "["+strconv.Itoa(p.Value)+"]")
		}
	}
	return nil
}

func dotted(path []string) string {
	text := ""
	for _, p := range path {
		text = join(text, p)
	}
	return text
}

func callOf(function string) ast.Node {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: function}}
}

// finisher refuses what the resolver left: groups where a value is wanted.
type finisher struct {
	*resolver
	refused ast.Node // the group that err is about
}

func (f *finisher) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		f.group(n)
	case *ast.MemberNode:
		if n.Node == f.refused && pathOf(n) != nil { // it says more than its beginning
			f.err = nil
			f.group(n)
		}
	case *ast.CallNode:
		if c := callee(n); c != nil && c.field != "" {
			f.fail(n, "%s(…) alone is no value: write %s(…).%s", c.name, c.name, c.field)
		}
	}
}

// group refuses a path, which is one of a group if it is still there.
func (f *finisher) group(node ast.Node) {
	path := pathOf(node)
	if f.err != nil || !f.known(path[0]) {
		return
	}
	some := f.children(path)
	if len(some) > 3 {
		some = append(some[:3:3], "…")
	}
	f.fail(node, "%s is a group: name a value in it (%s)", dotted(path), strings.Join(some, ", "))
	f.refused = node
}
