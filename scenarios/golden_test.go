package scenarios_test

import (
	"flag"
	"fmt"
	"os"
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
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got.String()), 0o666))
		return
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String())
}

// The reference page is what the tables of the language say. Write it anew with
//
//	go test ./scenarios -run ReferencePage -update
func TestReferencePageIsTheTables(t *testing.T) {
	const page = "REFERENCE.md"
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(scenarios.Reference()), 0o644))
	}
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, scenarios.Reference(), string(text))
}
