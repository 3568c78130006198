package scenarios_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
)

// failingTest stands for a test whose failure is what is being tested.
type failingTest struct {
	*testing.T
	failed bool
	logged []string
}

func (f *failingTest) Name() string              { return "TestFailing/one" }
func (f *failingTest) Failed() bool              { return f.failed }
func (f *failingTest) Fail()                     { f.failed = true }
func (f *failingTest) FailNow()                  { f.failed = true; runtime.Goexit() }
func (f *failingTest) Errorf(s string, a ...any) { f.failed = true; f.Logf(s, a...) }
func (f *failingTest) Error(a ...any)            { f.failed = true; f.Log(a...) }
func (f *failingTest) Fatalf(s string, a ...any) { f.Errorf(s, a...); f.FailNow() }
func (f *failingTest) Fatal(a ...any)            { f.Error(a...); f.FailNow() }
func (f *failingTest) Log(a ...any)              { f.logged = append(f.logged, fmt.Sprint(a...)) }
func (f *failingTest) Logf(s string, a ...any)   { f.logged = append(f.logged, fmt.Sprintf(s, a...)) }

// failure checks a property that fails and returns the file that was left.
func failure(t *testing.T, holds func(*rapid.T, *scenarios.Scenario)) *scenarios.Scenario {
	t.Chdir(t.TempDir())
	f := &failingTest{T: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		gen.Check(f, gen.Troubled, holds)
	}()
	<-done
	require.True(t, f.failed)
	file := filepath.Join("testdata", "rapid", "TestFailing", "one", "drawn.fail.toml")
	assert.Contains(t, strings.Join(f.logged, "\n"), "meshsim run "+file)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	s, err := scenarios.LoadBytes(text, "drawn.fail.toml")
	require.NoError(t, err)
	return s
}

// A property that fails leaves the smallest scenario as a file that runs alone, to
// the digest that the failing run had.
func TestFailedPropertyLeavesItsScenario(t *testing.T) {
	var last *scenarios.Result
	s := failure(t, func(t *rapid.T, s *scenarios.Scenario) {
		last = run(t, s, scenarios.Options{})
		require.Less(t, last.Metrics.Links.Transmissions, int64(10))
	})
	assert.GreaterOrEqual(t, last.Metrics.Links.Transmissions, int64(10))
	assert.Equal(t, time.Millisecond, s.Duration, "it is minimised")
	assert.Empty(t, s.Faults, "it is minimised")
	again := run(t, s, scenarios.Options{})
	assert.Equal(t, last.Digest, again.Digest)
	assert.Equal(t, last.Digest, s.Record.Digest)
}

// So does one that panics.
func TestPanickingPropertyLeavesItsScenario(t *testing.T) {
	s := failure(t, func(_ *rapid.T, s *scenarios.Scenario) {
		if s.Routing.MaxHops > 3 {
			panic("planted")
		}
	})
	assert.EqualValues(t, 4, s.Routing.MaxHops)
}
