package gen

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"pgregory.net/rapid"

	"meshsim/scenarios"
)

// Check checks a property of drawn scenarios as rapid.Check does, and on failure
// leaves the minimised scenario beside rapid's own record of it, as a file that
// `meshsim run` runs and `meshsim replay` compares: without the generator, which
// may have changed by then. What draw cannot know, such as the numbers that must
// come out, holds may put into the scenario as expectations before it runs it.
//
// Draws start from a fixed seed unless -rapid.seed gives another.
func Check(t rapid.TB, draw func(*rapid.T) *scenarios.Scenario, holds func(*rapid.T, *scenarios.Scenario)) {
	t.Helper()
	fixSeed()
	var last *scenarios.Scenario
	defer func() {
		if t.Failed() && last != nil { // rapid ends with the minimised one
			keep(t, last)
		}
	}()
	rapid.Check(t, func(rt *rapid.T) {
		last = nil
		s := draw(rt)
		last = s
		holds(rt, s)
	})
}

func fixSeed() {
	if f := flag.Lookup("rapid.seed"); f.Value.String() == "0" {
		if err := f.Value.Set("1"); err != nil {
			panic(err)
		}
	}
}

// keep writes the scenario down, with the digest of its run if it runs at all.
func keep(t rapid.TB, s *scenarios.Scenario) {
	t.Helper()
	failed := *s
	failed.Comment = []string{fmt.Sprintf("The smallest scenario found on which the property of %s fails.", t.Name())}
	failed.Record = &scenarios.Record{Engine: scenarios.Engine, Failure: t.Name()}
	if result, err := run(s); err == nil {
		failed.Record.Digest = result.Digest
	} else {
		failed.Comment = append(failed.Comment, err.Error())
	}
	folder := filepath.Join("testdata", "rapid", filepath.FromSlash(t.Name()))
	file := filepath.Join(folder, s.Name+".fail.toml")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Logf("the scenario can't be kept: %v", err)
	} else if err := os.WriteFile(file, failed.TOML(), 0o666); err != nil {
		t.Logf("the scenario can't be kept: %v", err)
	} else {
		t.Logf("to see the failing scenario: meshsim run %s", file)
	}
}

// run runs a scenario; one that panics gives an error, since that may be the very
// failure that is to be kept.
func run(s *scenarios.Scenario) (result *scenarios.Result, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it panics: %v", r)
		}
	}()
	return s.Run(scenarios.Options{})
}
