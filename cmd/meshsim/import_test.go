package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const square = "graph { a -- b -- c -- d -- a\nc -- c }\n"

// What import prints runs, from a file and from a pipe; what it writes too.
func TestImport(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("square.gv", []byte(square), 0o666))
	got := meshsim("scenario", "import", "square.gv")
	require.Equal(t, 0, got.status, got.stderr)
	assert.Empty(t, got.stderr)
	assert.True(t, strings.HasPrefix(got.stdout, "# Imported from square.gv: 4 nodes, 4 links.\n"), got.stdout)
	assert.Contains(t, got.stdout, "# Note: line 2: c is linked to itself; the link is dropped\n")
	ran := meshsimReading(got.stdout, "run", "-", "-q")
	assert.Equal(t, 0, ran.status, ran.stdout+ran.stderr)

	piped := meshsimReading(square, "scenario", "import", "-", "--format", "dot", "--seed", "7", "--set", "duration=20s")
	assert.Equal(t, 0, piped.status, piped.stderr)
	assert.Contains(t, piped.stdout, "name = \"imported\"\nseed = 7\nduration = \"20s\"\n")

	assert.Equal(t, outcome{0, "wrote my.toml; run it with: meshsim run my.toml\n", ""}, meshsim("scenario", "import", "square.gv", "--out", "my.toml"))
	assert.Equal(t, got.stdout, read(t, "my.toml"))
	again := meshsim("scenario", "import", "square.gv", "--out", "my.toml")
	assert.Equal(t, 2, again.status, "an edited scenario is not overwritten")
	assert.Equal(t, got.stdout, document(t, meshsim("scenario", "import", "square.gv", "--json").stdout)["toml"])
	assert.Equal(t, "new.toml", document(t, meshsim("scenario", "import", "square.gv", "--out", "new.toml", "--json").stdout)["file"])
}

func TestImportOfBadInput(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("bad.gml", []byte("graph [ node [ id 1 ]\nedge [ source 1 target 2 ]\nedge [ source 1 ] ]"), 0o666))
	require.NoError(t, os.WriteFile("x.txt", []byte("graph { a }"), 0o666))
	for line, want := range map[string]string{
		"scenario import bad.gml":            "bad.gml:2: edge[0].target = \"n2\": is not a node of this file (did you mean \"n1\"?)\nbad.gml:3: edge[1].target: is missing in the edge; allowed: a node id\n",
		"scenario import none.gml":           "none.gml: there is no such file\n",
		"scenario import x.txt":              "x.txt: has no extension that tells its format; allowed: .gml .graphml .dot .gv .csv .json\n",
		"scenario import x.txt --format gml": "x.txt:1: has no graph; allowed: graph [ node [ id 0 ] … ]\n",
		"scenario import none --format gml":  "none: there is no such file\n",
		"scenario import . --format gml":     ".: is a directory; a file is needed\n",
		"scenario import x.txt --format doc": "x.txt: \"doc\" is no format; allowed: gml graphml dot gv csv json (did you mean \"dot\"?)\n",
		"scenario import -":                  "import -: need --format, one of gml graphml dot gv csv json\n",
		"scenario import - --format json":    "<stdin>:1: is empty; allowed: a network with at least one node\n",
	} {
		got := meshsim(strings.Fields(line)...)
		assert.Equal(t, 2, got.status, line)
		assert.Empty(t, got.stdout, line)
		assert.Equal(t, want, strings.TrimPrefix(got.stderr, "meshsim: "), line)
	}
	got := meshsim("scenario", "import", "bad.gml", "--json")
	assert.Equal(t, 2, got.status)
	assert.Len(t, document(t, got.stdout)["errors"], 2)
	assert.Equal(t, 0, meshsim("scenario", "import", "x.txt", "--format", "gv").status)
}

// Networks where they are not read are told where they are.
func TestNetworkInTheWrongPlace(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("plan.csv", []byte("source,target,start,end\na,b,0s,1s\n"), 0o666))
	require.NoError(t, os.WriteFile("empty.csv", []byte("source,target\n"), 0o666))
	require.NoError(t, os.WriteFile("plan.txt", []byte("0 CONN a b up\n"), 0o666))
	require.NoError(t, os.WriteFile("zero.json", []byte(`{"links":[{"source":"a","target":"b","latency":0}]}`), 0o666))
	for line, want := range map[string]string{
		"topology -":                 "<stdin>:1: syntax: ",
		"topology - --format dot":    "save it, or use scenario import - --format dot\n",
		"topology - --format json":   "--format json: is not known; allowed: dot graphml svg; it is what is written, not what is read: a network file on stdin is read by scenario import - --format json\n",
		"topology plan.csv":          "plan.csv:1: looks like a contact plan, which a [topology] of kind = \"contacts\" reads\n",
		"topology plan.txt":          "; it looks like a contact plan, which a [topology] of kind = \"contacts\" reads\n",
		"topology empty.csv":         "empty.csv:1: has no nodes; allowed: at least one\n",
		"scenario import empty.csv":  "empty.csv:1: has no nodes; allowed: at least one\n",
		"scenario import plan.csv":   "plan.csv:1: looks like a contact plan, which a [topology] of kind = \"contacts\" reads\n",
		"topology zero.json":         "zero.json:1: links[0].latency = 0: must be above 0; ",
		"topology plan.csv --seed 1": "plan.csv:1: looks like",
	} {
		got := meshsimReading(square, strings.Fields(line)...)
		assert.Equal(t, 2, got.status, line)
		assert.Empty(t, got.stdout, line)
		assert.Contains(t, got.stderr, want, line)
	}
	got := meshsim("scenario", "import", "zero.json", "--set", "link.zero_latency=true")
	require.Equal(t, 0, got.status, got.stderr)
	assert.Equal(t, 0, meshsimReading(got.stdout, "run", "-", "-q").status)
	assert.Equal(t, 0, meshsim("topology", "zero.json", "--set", "link.zero_latency=true").status)
}
