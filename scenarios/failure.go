package scenarios

import (
	"bytes"
	_ "embed"
	"fmt"
	"path/filepath"

	"meshsim/scenarios/outfile"
)

//go:embed starter.toml
var starter []byte

// Starter is a small scenario to start from, with comments.
func Starter() []byte { return bytes.Clone(starter) }

// Builtin is the text of a built-in scenario.
func Builtin(name string) ([]byte, error) {
	if text, ok := builtin(name); ok {
		return text, nil
	}
	return nil, fmt.Errorf("there is no built-in scenario %q%s", name, suggest(name, libraryNames()))
}

// SaveFailure writes NAME-SEED.fail.toml into a folder: the scenario of a failed
// run, self-contained, with a record of the run. It returns the file's path.
func (s *Scenario) SaveFailure(folder string, r *Result) (path string, err error) {
	whole, err := s.SelfContained()
	if err != nil {
		return "", err
	}
	failure := r.Failure()
	whole.Record = &Record{Engine: Engine, Digest: r.Digest, Failure: failure, FailFast: r.failFast}
	path = filepath.Join(folder, fmt.Sprintf("%s-%d.fail.toml", FileName(whole.Name), whole.Seed))
	whole.Comment = []string{
		fmt.Sprintf("A run of %q with seed %d that failed: %s.", whole.Name, whole.Seed, failure),
		"It runs alone anywhere, and must end with the digest that it records:",
		"meshsim replay " + filepath.Base(path),
	}
	return path, outfile.Write(path, whole.TOML())
}

// Failure is what failed, in one line.
func (r *Result) Failure() string {
	for _, i := range r.Invariants {
		if i.Verdict == Failed {
			return "invariant " + i.Name + ": " + i.Detail
		}
	}
	for _, f := range r.Failures {
		return fmt.Sprintf("%s (%s: %s) at %v", f.Name, f.Form, f.Expr, f.At)
	}
	return r.Stuck
}

// FileName makes a name safe to be part of a file's name.
func FileName(name string) string {
	safe := []rune(name)
	for i, c := range safe {
		if c != '-' && c != '_' && c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			safe[i] = '_'
		}
	}
	return string(safe)
}
