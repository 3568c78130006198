package meshsim_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// planted are files that break one rule each, or none; imports come first, the
// body of a function follows after ";;".
var planted = []struct {
	name string
	path string
	code string
	rule string // what is reported, sorted; "": the file is clean
}{
	{"clock imports nothing", "clock/x.go", `import _ "meshsim/sim"`, "layer"},
	{"sim imports clock", "sim/x.go", `import _ "meshsim/clock"`, ""},
	{"sim imports trace", "sim/x.go", `import _ "meshsim/trace"`, "layer"},
	{"trace imports mesh", "trace/x.go", `import _ "meshsim/mesh"`, "layer"},
	{"mesh sees the network", "mesh/x.go", `import _ "meshsim/netmodel"`, "layer"},
	{"mesh imports trace", "mesh/x.go", `import _ "meshsim/trace"`, ""},
	{"mesh imports an export", "mesh/x.go", `import _ "meshsim/trace/export"`, "layer"},
	{"the wires see a node", "netmodel/x.go", `import _ "meshsim/mesh"`, "layer"},
	{"the world knows scenarios", "scenarios/world/x.go", `import _ "meshsim/scenarios"`, "layer"},
	{"scenarios import the world", "scenarios/x.go", `import _ "meshsim/scenarios/world"`, ""},
	{"below scenarios", "scenarios/campaign/x.go", `import _ "meshsim/mesh"`, ""},
	{"scenarios import a command", "scenarios/x.go", `import _ "meshsim/cmd/meshsim"`, "layer"},
	{"a command imports mesh", "cmd/meshsim/x.go", `import _ "meshsim/mesh"`, "layer"},
	{"a command imports scenarios", "cmd/meshsim/x.go", `import _ "meshsim/scenarios/rerun"`, ""},
	{"a command imports the graph", "cmd/meshsim/x.go", `import _ "meshsim/netmodel/graph"`, ""},
	{"a command imports netmodel", "cmd/meshsim/x.go", `import _ "meshsim/netmodel"`, "layer"},
	{"a package without a row", "helpers/x.go", `import _ "meshsim/clock"`, "layer"},
	{"a test may look upwards", "mesh/x_test.go", `import _ "meshsim/scenarios"`, ""},
	{"gonum in netmodel", "netmodel/x.go", `import _ "gonum.org/v1/gonum/graph"`, "layer"},
	{"gonum in the graph", "netmodel/graph/x.go", `import _ "gonum.org/v1/gonum/graph"`, ""},
	{"gonum in a generator", "netmodel/generate.go", `import _ "gonum.org/v1/gonum/graph"`, ""},
	{"gonum in a test", "netmodel/x_test.go", `import _ "gonum.org/v1/gonum/graph"`, ""},
	{"TOML in the command", "cmd/meshsim/x.go", `import _ "github.com/BurntSushi/toml"`, "layer"},
	{"TOML in scenarios", "scenarios/x.go", `import _ "github.com/BurntSushi/toml"`, ""},
	{"TOML in the world", "scenarios/world/x.go", `import _ "github.com/BurntSushi/toml"`, "layer"},
	{"a test library off its place", "mesh/x.go", `import _ "github.com/stretchr/testify/require"`, "layer"},

	{"files", "trace/x.go", `import _ "os"`, "import"},
	{"processes", "scenarios/world/x.go", `import _ "os/exec"`, "import"},
	{"files in scenarios", "scenarios/x.go", `import _ "os"`, ""},
	{"the network", "mesh/x.go", `import _ "net/netip"`, "import"},
	{"global chance", "netmodel/x.go", `import _ "math/rand/v2"`, "import"},
	{"old chance", "netmodel/x.go", `import _ "math/rand"`, "import"},
	{"real chance", "mesh/x.go", `import _ "crypto/rand"`, "import"},
	{"random hashes", "mesh/x.go", `import _ "hash/maphash"`, "import"},
	{"locks", "sim/x.go", `import _ "sync"`, "import"},
	{"atomics", "sim/x.go", `import _ "sync/atomic"`, "import"},
	{"unsafe", "sim/x.go", `import _ "unsafe"`, "import"},
	{"the machine", "sim/x.go", `import _ "runtime"`, "import"},
	{"below the machine", "sim/x.go", `import _ "runtime/debug"`, "import"},
	{"a name that only begins alike", "trace/x.go", `import _ "maps"`, ""},
	{"exact arithmetic", "mesh/x.go", `import _ "math/big"; import _ "math/bits"`, ""},

	{"wall clock", "mesh/x.go", `import "time";; _ = time.Now()`, "wallclock"},
	{"wall clock, renamed", "mesh/x.go", `import t "time";; f := t.Now; _ = f`, "wallclock"},
	{"since", "mesh/x.go", `import "time";; _ = time.Since(time.Time{})`, "wallclock"},
	{"sleep", "mesh/x.go", `import "time";; time.Sleep(1)`, "wallclock"},
	{"after", "mesh/x.go", `import "time";; _ = time.After(1)`, "wallclock"},
	{"tick", "mesh/x.go", `import "time";; _ = time.Tick(1)`, "wallclock"},
	{"timer", "mesh/x.go", `import "time";; _ = time.NewTimer(1)`, "wallclock"},
	{"the machine's zone", "mesh/x.go", `import "time";; _ = time.Time{}.Local()`, "wallclock"},
	{"spans", "mesh/x.go", `import "time";; _ = time.Time{}.Add(time.Second).UTC()`, ""},
	{"a method called Now", "mesh/x.go", `type e struct{}; func (e) Now() int { return 1 };; _ = e{}.Now()`, ""},
	{"wall clock off the run path", "scenarios/x.go", `import "time";; _ = time.Now()`, ""},
	{"wall clock in a test", "mesh/x_test.go", `import "time";; _ = time.Now()`, ""},

	{"goroutine", "sim/x.go", `;; go func() {}()`, "goroutine"},
	{"select", "sim/x.go", `;; select {}`, "goroutine"},

	{"range over a map", "mesh/x.go", `;; for range map[int]int{} {}`, "maprange"},
	{"range over a named map", "mesh/x.go", `type set map[int]bool;; for k := range (set{}) { _ = k }`, "maprange"},
	{"range over a map of any type", "mesh/x.go", `func g[M ~map[int]int](m M) { for range m {} }`, "maprange"},
	{"keys of a map", "mesh/x.go", `import "maps";; for k := range maps.Keys(map[int]int{}) { _ = k }`, "maprange"},
	{"keys by reflection", "mesh/x.go", `import "reflect";; _ = reflect.ValueOf(1).MapKeys()`, "maprange"},
	{"range over a slice", "mesh/x.go", `;; for range []map[int]int{} {}`, ""},
	{"range over a slice of any type", "mesh/x.go", `func g[S ~[]int](s S) { for range s {} }`, ""},
	{"looking up", "mesh/x.go", `;; _ = map[int]int{}[1]`, ""},

	{"logarithm", "sim/x.go", `import "math";; _ = math.Log(2)`, "math"},
	{"power as a value", "sim/x.go", `import "math";; f := math.Pow; _ = f`, "math"},
	{"fused by hand", "sim/x.go", `import "math";; _ = math.FMA(1, 2, 3)`, "math"},
	{"what is exact", "sim/x.go", `import "math";; _ = math.Sqrt(2) + math.Floor(2) + math.Abs(2) + math.Pi + math.MaxInt64`, ""},

	{"fusable sum", "sim/x.go", `;; var a, b, c float64; _ = a*b + c`, "float"},
	{"fusable difference", "sim/x.go", `;; var a, b, c float64; _ = c - a*b`, "float"},
	{"fusable in brackets", "sim/x.go", `;; var a, b, c float32; _ = (a * b) + c`, "float"},
	{"a plant in the mesh", "mesh/x.go", `import _ "meshsim/sim/planted"`, ""},
	{"a plant in the clock", "clock/x.go", `import _ "meshsim/sim/planted"`, "layer"},
	{"plants know nothing", "sim/planted/x.go", `import _ "meshsim/sim"`, "layer"},
	{"the environment", "scenarios/x.go", `import "os";; _ = os.Getenv("X")`, "environment"},
	{"the environment without a plant", "sim/planted/x.go", `import "os";; _ = os.Environ()`, "environment"},
	{"the environment as a value", "scenarios/x.go", `import "os";; _ = os.LookupEnv`, "environment"},
	{"the environment in a test", "scenarios/x_test.go", `import "os";; _ = os.Getenv("X")`, ""},
	{"fusable across statements", "sim/x.go", `;; var a, b, c float64; t := a * b; c += t`, "float"},
	{"fusable on assignment", "sim/x.go", `;; var a, b, c float64; a *= b; c += a`, "float"},
	{"fusable of a named type", "sim/x.go", `type f float64;; var a, b, c f; _ = a*b + c`, "float"},
	{"fusable of any type", "sim/x.go", `func g[F int | float64](a, b, c F) F { return a*b + c }`, "float"},
	{"a conversion around the sum", "sim/x.go", `;; var a, b, c float64; _ = float64(a*b + c)`, "float"},
	{"only the inner product is rounded", "sim/x.go", `;; var a, b, c float64; _ = float64(a*b) * c`, "float"},
	{"rounded product", "sim/x.go", `;; var a, b, c float64; _ = float64(a*b) + c; _ = float64((a * b)) - c`, ""},
	{"rounded to a named type", "sim/x.go", `type f float64;; var a, b, c f; _ = f(a*b) + c`, ""},
	{"integers", "sim/x.go", `;; var a, b, c int; _ = a*b + c; a *= b`, ""},
	{"integers of any type", "sim/x.go", `func g[I int | int64](a, b, c I) I { return a*b + c }`, ""},
	{"constants", "sim/x.go", `;; const a = 2.5; var c float64; _ = a*3.5 + c`, ""},
	{"division", "sim/x.go", `;; var a, b, c float64; _ = a/b + c`, ""},

	{"address in a text", "sim/x.go", `import "fmt";; _ = fmt.Sprintf("%p", new(int))`, "pointer"},

	{"allowed on its line", "mesh/x.go", ";;\n for range map[int]int{} {} //meshsim:allow maprange: the sum does not depend on order", ""},
	{"allowed before its line", "mesh/x.go", ";;\n //meshsim:allow maprange: the sum does not depend on order\n for range map[int]int{} {}", ""},
	{"allowed import", "mesh/x.go", "\nimport _ \"unsafe\" //meshsim:allow import: only the size of a value", ""},
	{"allowed for one line only", "mesh/x.go", ";;\n for range map[int]int{} {} //meshsim:allow maprange: the sum does not depend on order\n for range map[int]int{} {}", "maprange"},
	{"allowed, but another rule", "mesh/x.go", ";;\n go func() {}() //meshsim:allow maprange: the sum does not depend on order", "allow goroutine"},
	{"allowed without a reason", "mesh/x.go", ";;\n for range map[int]int{} {} //meshsim:allow maprange", "allow maprange"},
	{"allowed with half a reason", "mesh/x.go", ";;\n for range map[int]int{} {} //meshsim:allow maprange: ok", "allow maprange"},
	{"allowed by no rule", "mesh/x.go", ";;\n for range map[int]int{} {} //meshsim:allow everything: because it is convenient", "allow maprange"},
	{"a layer is not to be allowed", "mesh/x.go", "\nimport _ \"meshsim/netmodel\" //meshsim:allow layer: because it is convenient", "allow layer"},
	{"allowed in vain", "mesh/x.go", ";;\n //meshsim:allow maprange: the sum does not depend on order\n for range 3 {}", "allow"},

	{"a long function", "cmd/meshsim/x.go", ";;" + strings.Repeat("\n", maxFuncLines-1), "size"},
	{"a long function value", "cmd/meshsim/x.go", "var f = func() {" + strings.Repeat("\n", maxFuncLines) + "}", "size"},
	{"as long as it may be", "cmd/meshsim/x.go", ";;" + strings.Repeat("\n", maxFuncLines-2), ""},
	{"a long test", "mesh/x_test.go", ";;" + strings.Repeat("\n", maxFuncLines), ""},
	{"a long file", "mesh/x_test.go", strings.Repeat("\n", maxFileLines+1), "size"},
	{"as long as a file may be", "mesh/x_test.go", strings.Repeat("\n", maxFileLines), ""},
}

func TestHouseRulesBite(t *testing.T) {
	std := importer.Default()
	for _, tt := range planted {
		t.Run(tt.name, func(t *testing.T) {
			head, body, hasBody := strings.Cut(tt.code, ";;")
			text := "package x; " + head
			if hasBody {
				text = strings.TrimRight(text, "; ") + "; func x() {" + body + "\n}"
			}
			var rules []string
			for _, p := range plant(t, tt.path, text, std).check() {
				rules = append(rules, p.rule)
			}
			slices.Sort(rules)
			require.Equal(t, tt.rule, strings.Join(slices.Compact(rules), " "))
		})
	}
}

// plant is a file as the module's would be read, with types when it would have them.
func plant(t *testing.T, name, text string, std types.Importer) *source {
	s := &source{path: name, text: []byte(text), fset: token.NewFileSet()}
	var err error
	s.file, err = parser.ParseFile(s.fset, name, text, parser.ParseComments)
	require.NoError(t, err)
	if !s.isRunPath() {
		return s
	}
	s.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: onlyStandard{std}}
	_, err = config.Check(s.dir(), s.fset, []*ast.File{s.file}, s.info)
	require.NoError(t, err, "a planted file must compile")
	return s
}

// onlyStandard gives an empty package for what is not of the standard library:
// planted files import it in name only.
type onlyStandard struct{ types.Importer }

func (i onlyStandard) Import(name string) (*types.Package, error) {
	if strings.Contains(name, ".") || strings.HasPrefix(name, module+"/") {
		pkg := types.NewPackage(name, name[strings.LastIndexByte(name, '/')+1:])
		pkg.MarkComplete()
		return pkg, nil
	}
	return i.Importer.Import(name)
}
