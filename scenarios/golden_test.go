package scenarios_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
)

var update = flag.Bool("update", false, "write anew the files that tests compare with")

const golden = "testdata/golden.txt"

const goldenHeader = `# What every built-in scenario comes to: name, digest, number of events.
# A changed line means that the same scenario and seed no longer give the same run,
# for everyone who compares with an older result. Where that is meant,
#   go test ./scenarios -run Golden -update
# writes this file, and the commit message gives the reason for each changed line.
`

// Built-ins pass, and give the same run on every machine and from version to
// version.
func TestGolden(t *testing.T) {
	var got strings.Builder
	got.WriteString(goldenHeader)
	for _, entry := range scenarios.Library() {
		result := run(t, load(t, entry.Name), scenarios.Options{})
		require.Equal(t, scenarios.Passed, result.Verdict, entry.Name)
		fmt.Fprintf(&got, "%-18s %s %8d\n", entry.Name, result.Digest, result.Events)
	}
	requireGolden(t, golden, got.String())
}

// requireGolden compares a text with the file that holds it, or writes the file.
func requireGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

const (
	regressions       = "library/regress"
	regressionsGolden = "testdata/regress.txt"
)

const regressionsHeader = `# What every scenario of library/regress comes to: name, verdict, digest, number of
# events. Write it anew with
#   go test ./scenarios -run Regressions -update
# A changed line is a past failure that is back, or one that the commit message explains.
`

// What failed once does not fail again. How a scenario gets there is in
// library/README.md.
func TestRegressions(t *testing.T) {
	files, err := filepath.Glob(regressions + "/*.toml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var got strings.Builder
	got.WriteString(regressionsHeader)
	for _, file := range files {
		s := load(t, file)
		require.Equal(t, strings.TrimSuffix(filepath.Base(file), ".toml"), s.Name, file)
		require.Len(t, s.Comment, 3, "%s: what happens, what must hold, how it failed", file)
		require.Nil(t, s.Record, "%s: a record is of the run that failed", file)
		result := run(t, s, scenarios.Options{})
		require.NotEqual(t, scenarios.Failed, result.Verdict, file)
		fmt.Fprintf(&got, "%-18s %-8s %s %8d\n", s.Name, result.Verdict, result.Digest, result.Events)
	}
	requireGolden(t, regressionsGolden, got.String())
}

// The reference page is what the tables of the language say. Write it anew with
//
//	go test ./scenarios -run ReferencePage -update
func TestReferencePageIsTheTables(t *testing.T) {
	const page = "REFERENCE.md"
	requireGolden(t, page, scenarios.Reference())
}
