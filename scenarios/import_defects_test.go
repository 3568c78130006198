package scenarios

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/netmodel"
)

func importOf(name, text string, options ...Option) (*Scenario, error) {
	return Import(fstest.MapFS{name: {Data: []byte(text)}}, name, options...)
}

// What stands in a file that is no network, or not quite, is told so that its user
// finds it.
func TestImportTellsWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"n.dot", "graph {\na -- b [latency=4us]\n}", `n.dot:2: syntax: 4us is a number that goes on as a name; needed: quotes, as in "4us"`},
		{"n.dot", "graph { 3com -- b }", `n.dot:1: syntax: 3com is a number that goes on as a name; needed: quotes, as in "3com"`},
		{"n.dot", "graph { 1 -- x\nx -- n1\nn1 -- x }", `n.dot:2: id = "n1": would be one node with "1" of line 1: a bare number gets an n before it; allowed: another id for one of them`},
		{"n.csv", "source,target\nn1,x\nx,1\n", `n.csv:3: target = "1": would be one node with "n1" of line 2: a bare number gets an n before it; allowed: another id for one of them`},
		{"n.gml", "graph [ node [ id 1 ]\nnode [ id \"n1\" ] ]", `n.gml:2: node[1].id = "n1": would be one node with "1" of line 1: a bare number gets an n before it; allowed: another id for one of them`},
		{"n.graphml", "<graphml><graph edgedefault=\"directed\"><node id=\"1\"/>\n<node id=\"n1\"/></graph></graphml>", `n.graphml:2: node[1].id = "n1": would be one node with "1" of line 1: a bare number gets an n before it; allowed: another id for one of them`},
		{"n.json", "{\"links\":[{\"source\":1,\"target\":2},\n{\"source\":\"n2\",\"target\":3}]}", `n.json:2: links[1].source = "n2": would be one node with "2" of line 1: a bare number gets an n before it; allowed: another id for one of them`},
		{"n.json", `{"nodes":[{"id":"a"},{"id":"b"},{"id":""}],"links":[{"a":"a","b":"b"},{"a":"a","b":"c"},{"a":"b","b":"a","loss":3}]}`,
			`n.json:1: nodes[2].id = "": is empty; allowed: a node id` + "\n" + `n.json:1: links[2].loss = 3: is out of range; allowed: a share 0 … 1, or a percentage such as "1.5%"` + "\n" + `n.json:1: links[1].b = "c": is not a node of this file`},
		{"n.json", `{"edges":[{"source":"a","target":"b","latency":0},{"source":"b","target":"c"},{"source":"c","target":"d","latency":0}]}`,
			"n.json:1: edges[0].latency = 0: must be above 0; allowed: at least 1ns, or zero_latency = true in [link]\nn.json:1: edges[2].latency = 0: must be above 0; allowed: at least 1ns, or zero_latency = true in [link]"},
		{"n.csv", "source,target\n", "n.csv:1: has no nodes; allowed: at least one"},
		{"n.gml", "graph [ ]", "n.gml:1: has no nodes; allowed: at least one"},
		{"n.csv", "source,target\na\n", "n.csv:2: has 1 cell; allowed: 2, as many as the header"},
		{"n.csv", "source;target\na;b\n", "n.csv:1: is no header; allowed: source,target,latency,loss,bandwidth,queue,direction; cells must be separated by commas, not by semicolons"},
		{"n.csv", "source\ttarget\na\tb\n", "n.csv:1: is no header; allowed: source,target,latency,loss,bandwidth,queue,direction; cells must be separated by commas, not by tabs"},
		{"n.csv", "source,target\na;b\n", "n.csv:2: has 1 cell; allowed: 2, as many as the header; cells must be separated by commas, not by semicolons"},
		{"n.graphml", "<graphml><key id=\"d\" attr.name=\"lat\"/>\n<key id=\"d\" attr.name=\"lon\"/><graph edgedefault=\"directed\"><node id=\"a\"/></graph></graphml>", `n.graphml:2: id = "d": is the id of an earlier <key> too; allowed: one <key> for each id`},
		{"n.graphml", inUTF16("<graphml/>", true), "n.graphml:1: is in UTF-16; a text in UTF-8 is needed"},
		{"n.csv", inUTF16("source,target\na,b\n", false), "n.csv: is in UTF-16; a text in UTF-8 is needed"},
		{"n.csv", "source,target,start,end\na,b,0s,1s\n", `n.csv:1: looks like a contact plan, which a [topology] of kind = "contacts" reads`},
		{"plan.txt", "0 CONN a b up\n", `plan.txt: has no extension that tells its format; allowed: .gml .graphml .dot .gv .csv .json; it looks like a contact plan, which a [topology] of kind = "contacts" reads`},
	} {
		_, err := importOf(c.file, c.text)
		assert.EqualError(t, err, c.want, c.text)
	}
}

func inUTF16(text string, mark bool) string {
	var b bytes.Buffer
	if mark {
		b.WriteString("\xFF\xFE")
	}
	for _, c := range utf16.Encode([]rune(text)) {
		b.Write([]byte{byte(c), byte(c >> 8)})
	}
	return b.String()
}

// A file without nodes is told with its own name, and with the key that names it.
func TestEmptyNetworkFile(t *testing.T) {
	for kind, files := range map[string]map[string]string{
		"file":     {"n.csv": "source,target\n", "n.gml": "graph [ ]", "n.json": `{"nodes":[]}`},
		"contacts": {"n.csv": "source,target,start,end\n"},
	} {
		for name, text := range files {
			_, err := tryLoad(fmt.Sprintf("[topology]\nkind = %q\npath = %q\n", kind, name), name, text)
			assert.EqualError(t, err, fmt.Sprintf("%s:1: topology.path = %q: has no nodes; allowed: at least one", name, name))
		}
	}
	m := meshOf(t, "[topology]\nkind = \"file\"\npath = \"n.csv\"\n[[node]]\nid = \"lone\"\n", "n.csv", "source,target\n")
	assert.Len(t, m.Nodes, 1)
}

// Lines that hold nothing but blanks or commas are no rows.
func TestBlankRows(t *testing.T) {
	m := meshOf(t, "[topology]\nkind = \"file\"\npath = \"n.csv\"\n", "n.csv", " \t\n,\nsource,target\n\t\na,b\n , \n\nb,c\n\" \",\n")
	assert.Len(t, m.Nodes, 3)
	assert.Len(t, m.Links, 4)
}

// All that would be read as a number in a scenario gets an n.
func TestBareNumbers(t *testing.T) {
	m := meshOf(t, "[topology]\nkind = \"file\"\npath = \"n.csv\"\n", "n.csv", "source,target\n-1,1.5\n+3,1e5\n-3.14,.5\n7,0x1f\n1_000,inf\n1.2.3,1a\n-,e5\n10-0,in\n")
	assert.ElementsMatch(t, []string{
		"n-1", "n1.5", "n+3", "n1e5", "n-3.14", "n.5", "n7", "n0x1f", "n1_000", "ninf", "1.2.3", "1a", "-", "e5", "10-0", "in",
	}, m.IDs())
	for _, id := range m.IDs() {
		assert.IsType(t, "", parseTOMLValue(id), id)
	}
}

// A file with latencies of 0 is imported where they are allowed.
func TestImportOfZeroLatency(t *testing.T) {
	const text = `{"links":[{"source":"a","target":"b","latency":0}]}`
	for _, set := range []string{"link.zero_latency=true", "link={zero_latency=true}"} {
		s, err := importOf("n.json", text, WithSet(set, "duration=\"20s\""))
		require.NoError(t, err)
		m, err := s.Mesh()
		require.NoError(t, err)
		assert.Zero(t, m.Links[0].Latency.Least())
		passes(t, s)
	}
	_, err := importOf("n.json", text, WithSet("link.zero_latency=1"))
	assert.ErrorContains(t, err, "links[0].latency = 0: must be above 0")
	_, err = importOf("n.json", `{"links":[{"source":"a","target":"b"}]}`, WithSet("link.zero_latency=1"))
	assert.EqualError(t, err, "--set: link.zero_latency = 1: is an integer; allowed: true or false")
}

// A label that is cut is told.
func TestLongLabels(t *testing.T) {
	s := importText(t, "n.json", `{"nodes":[{"id":"a","label":"`+strings.Repeat("ä", 100)+`"},{"id":"b","label":"`+strings.Repeat("ö", 101)+`"}]}`)
	assert.Equal(t, strings.Repeat("ä", 100), s.Nodes[0].Label)
	assert.Equal(t, strings.Repeat("ö", 100), s.Nodes[1].Label)
	assert.Contains(t, strings.Join(s.Comment, "\n"), "line 1: nodes[1].label = ")
	assert.Contains(t, strings.Join(s.Comment, "\n"), "has 101 characters; it is cut after 100")
	assert.NotContains(t, strings.Join(s.Comment, "\n"), "nodes[0]")
}

// No format takes more links than a generator makes, and files are refused before
// their links are made.
func TestTooManyLinks(t *testing.T) {
	const most = netmodel.MaxDrawn
	rows := func(first, form, last string) string {
		var b strings.Builder
		b.WriteString(first)
		for i := range most + 1 {
			fmt.Fprintf(&b, form, i%1000, 1000+i/1000)
		}
		return b.String() + last
	}
	for _, c := range []struct {
		kind, name, text string
		line             int
	}{
		{"file", "n.csv", rows("source,target\n", "a%d,b%d\n", ""), most + 2},
		{"file", "n.json", rows(`{"links":[`, "{\"source\":%d,\"target\":%d},\n", `{}]}`), most + 1},
		{"file", "n.dot", "graph {\n{" + strings.Join(numbers(20000), " x") + "} -- {" + strings.Join(numbers(20000), " y") + "} }", 2},
		{"contacts", "n.csv", rows("source,target,start,end\n", "a%d,b%d,1s,2s\n", ""), most + 2},
		{"contacts", "n.txt", rows("", "0 a%d b%d\n", ""), most + 1},
		{"contacts", "n.txt", rows("", "0 CONN a%d b%d up\n", ""), most + 1},
		{"contacts", "n.txt", rows("", "a contact +0 +1 %d %d 1\n", ""), most + 1},
	} {
		_, err := tryLoad(fmt.Sprintf("[topology]\nkind = %q\npath = %q\n", c.kind, c.name), c.name, c.text)
		assert.EqualError(t, err, fmt.Sprintf("%s:%d: has more than %d links; allowed: at most %d", c.name, c.line, most, most), c.kind)
	}
}

func numbers(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint(i)
	}
	return list
}

// A text that is no scenario but a network or a plan is told what reads it.
func TestForeignText(t *testing.T) {
	for text, want := range map[string]string{
		`{"links":[]}`:                         "it looks like a network file: save it, or use scenario import - --format json",
		"<?xml version=\"1.0\"?><graphml/>":    "import - --format graphml",
		"strict digraph {\na -> b }":           "import - --format dot",
		"# c\ngraph [\n node [ id 1 ] ]":       "import - --format gml",
		"source,target\na,b\n":                 "import - --format csv",
		"source,target,start,end\na,b,0s,1s\n": `it looks like a contact plan, which a [topology] of kind = "contacts" reads`,
		"20 1 2\n":                             "it looks like a contact plan",
		"a contact +0 +10 1 2 100\n":           "it looks like a contact plan",
	} {
		_, err := LoadReader(nil, strings.NewReader(text), "<stdin>")
		assert.ErrorContains(t, err, want, text)
	}
	_, err := LoadReader(nil, strings.NewReader("{}"), "n.txt")
	assert.ErrorContains(t, err, "use scenario import n.txt --format json")
	for _, text := range []string{"version = ", "graph = {", "[topology\nkind = \"file\"", "version 1"} {
		_, err = LoadReader(nil, strings.NewReader(text), "<stdin>")
		assert.NotContains(t, err.Error(), "looks like", text)
	}
}
