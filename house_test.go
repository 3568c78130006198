// Package meshsim_test holds the house rules: which package may import which,
// and what the run path must never do, because it would make runs differ.
package meshsim_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

const module = "meshsim"

const (
	maxFileLines = 500
	maxFuncLines = 80
)

// runPath are the packages that a run is made of.
var runPath = []string{"clock", "sim", "trace", "netmodel", "trust", "rtt", "mesh", "scenarios/world", "scenarios/expect"}

// layers says what each package may import of this module; "…" stands for the
// package and all below it, and a package has the row of its nearest ancestor.
var layers = map[string][]string{
	"clock":           {},
	"sim":             {"clock", "sim/planted"},
	"sim/planted":     {},
	"sim/simtest":     {"clock", "sim"},
	"trace":           {"clock", "sim", "sim/planted"},
	"trace/export":    {"clock", "sim", "trace", "trace/export…"},
	"trace/analysis":  {"clock", "sim", "trace", "trace/analysis…"},
	"trace/report":    {"clock", "sim", "trace…"},
	"netmodel":        {"clock", "sim", "sim/planted"},
	"netmodel/graph":  {"clock", "sim", "netmodel…"},
	"trust":           {"clock", "sim", "sim/planted"},
	"rtt":             {"clock", "sim", "sim/planted"},
	"mesh":            {"clock", "sim", "sim/planted", "trace", "trust", "rtt"},
	"scenarios":       {"clock", "sim…", "trace…", "netmodel…", "trust", "rtt", "mesh", "scenarios…"},
	"scenarios/world": {"clock", "sim", "sim/planted", "trace", "netmodel", "trust", "rtt", "mesh"},
	"cmd":             {"scenarios…", "trace…", "netmodel/graph…", "sim/planted"},
}

// confined says in which files a module of others may be imported, tests apart.
var confined = map[string][]string{
	"gonum.org/v1/":                {"netmodel/graph/*.go", "netmodel/graph/draw/*.go", "netmodel/generat*.go"},
	"github.com/BurntSushi/toml":   {"scenarios/*.go"},
	"github.com/pelletier/go-toml": {"scenarios/*.go"},
	"github.com/santhosh-tekuri/":  {},
	"github.com/spf13/":            {"cmd/*/*.go"},
	"github.com/stretchr/testify":  {},
	"golang.org/x/tools":           {},
	"pgregory.net/rapid":           {"scenarios/gen/*.go"},
}

// bannedImports are packages without a place on the run path: the machine, its
// clocks, its threads, chance that no seed governs, rounding that differs.
var bannedImports = []string{
	"context", "crypto/rand", "hash/maphash", "log", "log/slog", "math/cmplx", "math/rand", "math/rand/v2", "net", "os", "plugin",
	"runtime", "sync", "syscall", "testing", "unsafe",
}

// bannedNames are what else of the standard library the run path must not use,
// by rule; all of math is banned but what is exact everywhere.
var bannedNames = map[string]string{
	"time.Now": "wallclock", "time.Since": "wallclock", "time.Until": "wallclock", "time.Sleep": "wallclock",
	"time.After": "wallclock", "time.AfterFunc": "wallclock", "time.Tick": "wallclock",
	"time.NewTimer": "wallclock", "time.NewTicker": "wallclock", "time.Timer": "wallclock", "time.Ticker": "wallclock",
	"time.Local": "wallclock", "(time.Time).Local": "wallclock", "time.LoadLocation": "wallclock",
	"maps.All": "maprange", "maps.Keys": "maprange", "maps.Values": "maprange", "maps.DeleteFunc": "maprange",
	"(reflect.Value).MapRange": "maprange", "(reflect.Value).MapKeys": "maprange",
	"(reflect.Value).Seq": "maprange", "(reflect.Value).Seq2": "maprange",
}

var exactMath = []string{"Sqrt", "Floor", "Abs"}

// The rules that a comment "//meshsim:allow <rule>: <why>" can lift, for its own
// line or, when it stands alone, for the next.
var (
	allowable = []string{"import", "wallclock", "goroutine", "maprange", "math", "float", "pointer"}
	allowForm = regexp.MustCompile(`^//meshsim:allow (\w+): \S.{9,}$`)
)

// source is one file, with types when it is on the run path.
type source struct {
	path string // in the module, with slashes
	text []byte
	fset *token.FileSet
	file *ast.File
	info *types.Info
}

type problem struct {
	line int
	rule string
	what string
}

func (s *source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }
func (s *source) dir() string  { return path.Dir(s.path) }

func (s *source) isRunPath() bool { return !s.isTest() && slices.Contains(runPath, s.dir()) }

func (s *source) at(p token.Pos) int { return s.fset.Position(p).Line }

// check is all house rules over one file.
func (s *source) check() []problem {
	found := s.sizes()
	if !s.isTest() {
		found = append(found, s.imports()...)
		found = append(found, s.environment()...)
	}
	if s.info != nil {
		found = append(found, s.lift(s.bans())...)
	}
	return found
}

func (s *source) sizes() []problem {
	var found []problem
	if n := bytes.Count(s.text, []byte("\n")); n > maxFileLines {
		found = append(found, problem{1, "size", fmt.Sprintf("%d lines in a file, at most %d", n, maxFileLines)})
	}
	if s.isTest() {
		return found
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			if lines := s.at(n.End()) - s.at(n.Pos()) + 1; lines > maxFuncLines {
				found = append(found, problem{s.at(n.Pos()), "size", fmt.Sprintf("%d lines in a function, at most %d", lines, maxFuncLines)})
			}
		}
		return true
	})
	return found
}

// imports applies the layer rule and the places of other people's modules.
func (s *source) imports() []problem {
	var found []problem
	for _, spec := range s.file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if name == module || strings.HasPrefix(name, module+"/") {
			if within := strings.TrimPrefix(name, module+"/"); !mayImport(s.dir(), within) {
				found = append(found, problem{s.at(spec.Pos()), "layer", s.dir() + " may not import " + within})
			}
			continue
		}
		for prefix, files := range confined {
			match := func(pattern string) bool { ok, _ := path.Match(pattern, s.path); return ok }
			if strings.HasPrefix(name, prefix) && !slices.ContainsFunc(files, match) {
				found = append(found, problem{s.at(spec.Pos()), "layer", fmt.Sprintf("%s may be imported in %v only", name, files)})
			}
		}
	}
	return found
}

// environmental are the functions of package os that read the environment.
var environmental = []string{"Environ", "ExpandEnv", "Getenv", "LookupEnv"}

// environment finds who reads the environment: programs may, and what only a build
// with planted bugs has.
func (s *source) environment() []problem {
	if s.file.Name.Name == "main" || bytes.HasPrefix(s.text, []byte("//go:build planted\n")) {
		return nil
	}
	var found []problem
	ast.Inspect(s.file, func(n ast.Node) bool {
		if call, ok := n.(*ast.SelectorExpr); ok && slices.Contains(environmental, call.Sel.Name) {
			if of, ok := call.X.(*ast.Ident); ok && of.Name == "os" {
				found = append(found, problem{s.at(n.Pos()), "environment", "os." + call.Sel.Name + ": what the environment says is handed in by the program"})
			}
		}
		return true
	})
	return found
}

func mayImport(dir, name string) bool {
	row, ok := layers[dir]
	for up := dir; !ok && up != "."; row, ok = layers[up] {
		up = path.Dir(up)
	}
	return slices.ContainsFunc(row, func(allowed string) bool {
		tree, all := strings.CutSuffix(allowed, "…")
		return name == tree || all && strings.HasPrefix(name, tree+"/")
	})
}

// lift takes away the problems that a comment allows, and adds those of comments
// that give no reason or allow nothing.
func (s *source) lift(found []problem) []problem {
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			if !strings.HasPrefix(c.Text, "//meshsim:") {
				continue
			}
			line := s.at(c.Pos())
			form := allowForm.FindStringSubmatch(c.Text)
			if form == nil || !slices.Contains(allowable, form[1]) {
				found = append(found, problem{line, "allow", "want //meshsim:allow RULE: WHY, with a reason and a RULE of " + strings.Join(allowable, " ")})
				continue
			}
			covers := line
			if s.alone(c) {
				covers++
			}
			before := len(found)
			found = slices.DeleteFunc(found, func(p problem) bool { return p.line == covers && p.rule == form[1] })
			if len(found) == before {
				found = append(found, problem{line, "allow", "there is nothing to allow here"})
			}
		}
	}
	return found
}

// alone reports whether nothing but white space stands before a comment.
func (s *source) alone(c *ast.Comment) bool {
	end := s.fset.Position(c.Pos()).Offset
	start := bytes.LastIndexByte(s.text[:end], '\n') + 1
	return len(bytes.TrimSpace(s.text[start:end])) == 0
}

// bans finds what the run path must not do.
func (s *source) bans() []problem {
	var found []problem
	add := func(n ast.Node, rule, what string) { found = append(found, problem{s.at(n.Pos()), rule, what}) }
	rounded := map[ast.Expr]bool{} // products whose rounding is explicit
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			name, _ := strconv.Unquote(n.Path.Value)
			if slices.ContainsFunc(bannedImports, func(b string) bool { return name == b || strings.HasPrefix(name, b+"/") }) {
				add(n, "import", name+" has no place on the run path")
			}
		case *ast.GoStmt:
			add(n, "goroutine", "a run is one goroutine")
		case *ast.SelectStmt:
			add(n, "goroutine", "select chooses at random")
		case *ast.RangeStmt:
			if _, ok := core(s.info.TypeOf(n.X)).(*types.Map); ok {
				add(n, "maprange", "the order of a map is random")
			}
		case *ast.Ident:
			if rule, what := s.bannedUse(n); rule != "" {
				add(n, rule, what)
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING && strings.Contains(n.Value, "%p") {
				add(n, "pointer", "an address differs from run to run")
			}
		case *ast.CallExpr:
			if s.info.Types[n.Fun].IsType() && len(n.Args) == 1 && isFloat(s.info.TypeOf(n)) {
				rounded[ast.Unparen(n.Args[0])] = true
			}
		case *ast.BinaryExpr:
			if n.Op == token.MUL && !rounded[n] && s.fusable(n) {
				add(n, "float", "a later sum may be fused with this product on some machines: round it, float64(a*b)")
			}
		case *ast.AssignStmt:
			if n.Tok == token.MUL_ASSIGN && s.fusable(n.Lhs[0]) {
				add(n, "float", "a later sum may be fused with this product on some machines: write x = float64(x*y)")
			}
		}
		return true
	})
	return found
}

func (s *source) bannedUse(id *ast.Ident) (rule, what string) {
	obj := s.info.Uses[id]
	if obj == nil || obj.Pkg() == nil {
		return "", ""
	}
	name := obj.Pkg().Path() + "." + obj.Name()
	if f, ok := obj.(*types.Func); ok {
		name = f.FullName()
		if f.Pkg().Path() == "math" && !slices.Contains(exactMath, f.Name()) {
			return "math", name + " may round differently elsewhere"
		}
	}
	if rule, ok := bannedNames[name]; ok {
		return rule, name + " is not a function of scenario and seed"
	}
	return "", ""
}

// fusable reports whether an expression is a float that is computed at run time.
func (s *source) fusable(e ast.Expr) bool {
	tv := s.info.Types[e]
	return isFloat(tv.Type) && (tv.Value == nil || tv.Value.Kind() == constant.Unknown)
}

func isFloat(t types.Type) bool {
	if p, ok := t.(*types.TypeParam); ok {
		return types.Satisfies(types.Typ[types.Float64], p.Constraint().Underlying().(*types.Interface))
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsFloat != 0
}

// core is the type that a range loop over t sees, for a type parameter too.
func core(t types.Type) types.Type {
	p, ok := t.(*types.TypeParam)
	if !ok {
		return t.Underlying()
	}
	constraint := p.Constraint().Underlying().(*types.Interface)
	for i := range constraint.NumEmbeddeds() {
		switch e := constraint.EmbeddedType(i).(type) {
		case *types.Union:
			return e.Term(0).Type().Underlying()
		default:
			return e.Underlying()
		}
	}
	return constraint
}

func TestHouseRules(t *testing.T) {
	sources := readModule(t)
	require.NotEmpty(t, sources)
	typecheck(t, sources)
	for _, s := range sources {
		for _, p := range s.check() {
			t.Errorf("%s:%d: %s: %s", s.path, p.line, p.rule, p.what)
		}
	}
}

// readModule parses every Go file of the module.
func readModule(t *testing.T) map[string]*source {
	sources := map[string]*source{}
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() && base != "." && (base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(base, ".go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments)
		if err != nil {
			return err
		}
		s := &source{path: filepath.ToSlash(name), text: text, fset: fset, file: file}
		sources[s.path] = s
		return nil
	})
	require.NoError(t, err)
	return sources
}

// typecheck gives the files of the run path their types. Every file of it must be
// built everywhere, or else a machine could run what was never checked.
func typecheck(t *testing.T, sources map[string]*source) {
	var patterns []string
	for _, s := range sources {
		if p := "./" + s.dir(); s.isRunPath() && !slices.Contains(patterns, p) {
			patterns = append(patterns, p)
		}
	}
	slices.Sort(patterns)
	mode := packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo
	loaded, err := packages.Load(&packages.Config{Mode: mode}, patterns...)
	require.NoError(t, err)
	root, err := filepath.Abs(".")
	require.NoError(t, err)
	for _, pkg := range loaded {
		require.Empty(t, pkg.Errors, pkg.PkgPath)
		for _, file := range pkg.Syntax {
			name, err := filepath.Rel(root, pkg.Fset.Position(file.Package).Filename)
			require.NoError(t, err)
			s := sources[filepath.ToSlash(name)]
			require.NotNil(t, s, name)
			s.fset, s.file, s.info = pkg.Fset, file, pkg.TypesInfo
		}
	}
	for _, s := range sources {
		if s.isRunPath() && s.info == nil {
			t.Errorf("%s: build constraints have no place on the run path", s.path)
		}
	}
}
