package netfile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each text is refused with exactly these lines, and all of them.
func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		name   string
		format Format
		text   string
		want   string
	}{
		{"empty", GML, " \n", "1: is empty; allowed: a network with at least one node"},
		{"binary", DOT, "graph {\x00}", "1: is a binary file; a text is needed"},
		{"not UTF-8", JSON, "{\n\"\xff\":1}", "2: is not valid UTF-8; a text in UTF-8 is needed"},

		{"GML: other text", GML, "\nversion = 1\nname \"x\"\n", "2: syntax: a key is expected"},
		{"GML: no graph", GML, "Creator \"x\"", "1: has no graph; allowed: graph [ node [ id 0 ] … ]"},
		{"GML: no nodes", GML, "graph [ ]", "1: has no nodes; allowed: at least one"},
		{"GML: truncated", GML, "graph [\nnode [ id 0\n", "3: node[0]: syntax: the file ends within a list; a ] is missing"},
		{"GML: truncated text", GML, "graph [\nnode [ id 0 label \"x\n", "2: node[0]: syntax: a text does not end"},
		{"GML: value missing", GML, "graph [ node [ id ] ]", "1: node[0]: syntax: the key id has no value"},
		{"GML: two graphs", GML, "graph [ node [ id 0 ] ]\ngraph [ ]", "2: has a second graph; allowed: one"},
		{"GML: ids", GML, "graph [\nnode [ label \"a\" ]\nnode [ id 1 ]\nnode [ id 1 ]\nnode [ id 1.5 ]\nnode [ id [ ] ]\nnode [ id 2 id 3 ]\nnode \"n\"\n]",
			"2: node[0].id: is missing in the node; allowed: a node id\n" +
				"4: node[2].id = 1: is the id of an earlier node too; allowed: one node for each id\n" +
				"5: node[3].id = 1.5: is no whole number; allowed: a node id\n" +
				"6: node[4].id: is no text and no number; allowed: a node id\n" +
				"7: node[5].id = 3: is given twice; allowed: once in each node\n" +
				"8: node[6] = \"n\": is no list; allowed: node [ … ]"},
		{"GML: after a text of two lines", GML, "graph [ node [ id 1 label \"a\nb\" ]\nnode [ ] ]", "3: node[1].id: is missing in the node; allowed: a node id"},
		{"GML: ends", GML, "graph [ node [ id 1 ]\nedge [ source 1 ]\nedge [ target 1 ]\nedge [ source 1 target 2 ]\nedge [ source x target 1 ] ]",
			"2: edge[0].target: is missing in the edge; allowed: a node id\n3: edge[1].source: is missing in the edge; allowed: a node id\n" +
				"4: edge[2].target = \"n2\": is not a node of this file\n5: edge[3].source = \"x\": is not a node of this file"},
		{"GML: values", GML, "graph [ directed yes\nnode [ id 1 Latitude 91 Longitude 0 ]\nnode [ id 2 x 1e300 y 0 ]\nnode [ id 3 label [ ] ]\nedge [ source 1 target 2\nlatency -5 ]\nedge [ source 1 target 3 loss 2 ]\nedge [ source 2 target 3 bandwidth \"fast\" ] ]",
			"1: directed = yes: is not known; allowed: 0 1\n2: node[0].Latitude = 91: is out of range; allowed: -90 … 90\n3: node[1].x = 1e300: is out of range; allowed: -1e+15 … 1e+15\n4: node[2].label: is no text; allowed: the name of the node\n" +
				"6: edge[0].latency = -5: must not be negative; allowed: a time such as \"20ms\"\n7: edge[1].loss = 2: is out of range; allowed: a share 0 … 1, or a percentage such as \"1.5%\"\n" +
				"8: edge[2].bandwidth = \"fast\": is no number with a known unit; allowed: bit/s, or a rate such as \"10Mbit/s\""},
		{"GML: huge numbers", GML, "graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2\nlatency_s 1e9 ] edge [ source 1 target 2\nlatency 1e999999999 ] edge [ source 1 target 2\nbandwidth 1e16 ] edge [ source 1 target 2\nLinkSpeedRaw 99999999999999999999999999 ] ]",
			"2: edge[0].latency_s = 1e9: is too large; allowed: at most 86400s\n3: edge[1].latency = 1e999999999: is too large; allowed: a time such as \"20ms\"\n" +
				"4: edge[2].bandwidth = 1e16: is too large; allowed: at most 1000000000000000 bit/s\n5: edge[3].LinkSpeedRaw = 99999999999999999999999999: is too large; allowed: bit/s, or a rate such as \"10Mbit/s\"\n" +
				"2: warning: edge[1]: n1 and n2 are also linked in line 1; the least latency stays\n3: warning: edge[2]: n1 and n2 are also linked in line 1; the least latency stays\n4: warning: edge[3]: n1 and n2 are also linked in line 1; the least latency stays"},

		{"GraphML: other text", GraphML, "graph [ node [ id 0 ] ]", "1: has no graph; allowed: <graphml><graph edgedefault=\"undirected\">…"},
		{"GraphML: other XML", GraphML, "\n<html></html>", "2: the outermost element is <html>; allowed: <graphml>"},
		{"GraphML: no graph", GraphML, "<graphml/>", "1: has no graph; allowed: <graphml><graph edgedefault=\"undirected\">…"},
		{"GraphML: truncated", GraphML, "<graphml>\n<graph edgedefault=\"undirected\">\n<node id=\"a\"/>", "3: syntax: the file ends within <graph>"},
		{"GraphML: truncated tag", GraphML, "<graphml>\n<graph edgedefault=\"undir", "2: syntax: unexpected EOF"},
		{"GraphML: crossed", GraphML, "<graphml>\n<graph edgedefault=\"directed\"><node id=\"a\">\n</graph></node></graphml>", "3: node[0]: syntax: </graph> closes what is not open"},
		{"GraphML: entity", GraphML, "<!DOCTYPE g [<!ENTITY a \"aaaa\">]>\n<graphml>&a;</graphml>", "2: syntax: invalid character entity &a;"},
		{"GraphML: ids", GraphML, "<graphml><graph edgedefault=\"sideways\">\n<node/>\n<node id=\"a\"/>\n<node id=\"a\"/>\n<node id=\"\"/>\n</graph></graphml>",
			"1: edgedefault = \"sideways\": is not known; allowed: directed undirected\n2: node[0].id: is missing in <node>; allowed: a node id\n4: node[2].id = \"a\": is the id of an earlier node too; allowed: one node for each id\n5: node[3].id = \"\": is no id"},
		{"GraphML: ends", GraphML, "<graphml><graph edgedefault=\"directed\"><node id=\"a\"/>\n<edge source=\"a\"/>\n<edge source=\"a\" target=\"b\"/>\n<edge source=\"a\" target=\"a\" directed=\"no\"/></graph></graphml>",
			"2: edge[0].target: is missing in <edge>; allowed: a node id\n4: edge[2].directed = \"no\": is not known; allowed: true false\n3: edge[1].target = \"b\": is not a node of this file\n4: warning: edge[2]: a is linked to itself; the link is dropped"},
		{"GraphML: values", GraphML, "<graphml><key id=\"l\" attr.name=\"latency\"/><key/><graph edgedefault=\"directed\"><node id=\"a\"/><node id=\"b\"/>\n<edge source=\"a\" target=\"b\">\n<data key=\"l\">soon</data>\n<data key=\"m\">1</data></edge></graph></graphml>",
			"1: id: is missing in <key>; allowed: the name that <data key=\"…\"> uses\n4: edge[0].key = \"m\": is not declared; allowed: the id of a <key>\n3: edge[0].latency = \"soon\": is no number with a known unit; allowed: a time such as \"20ms\""},

		{"DOT: other text", DOT, "{\"nodes\": []}", "1: syntax: graph { … } or digraph { … } is expected"},
		{"DOT: no nodes", DOT, "graph {}", "1: has no nodes; allowed: at least one"},
		{"DOT: truncated", DOT, "graph {\na -- b\n", "3: syntax: the file ends within a graph; a } is missing"},
		{"DOT: truncated text", DOT, "graph {\na -- \"b\n", "2: syntax: a text does not end"},
		{"DOT: truncated comment", DOT, "graph {\n/* a -- b }", "2: syntax: a comment does not end"},
		{"DOT: edge without end", DOT, "graph { a --\n}", "2: syntax: a node or a subgraph { … } is expected"},
		{"DOT: wrong edges", DOT, "graph {\na -> b\nb -- c }", "2: -> is no edge of this graph; allowed: -- in a graph, -> in a digraph"},
		{"DOT: keyword as a name", DOT, "digraph {\nnode -> b }", "2: syntax: the keyword node is out of place; a name like it needs quotes"},
		{"DOT: attributes", DOT, "graph { a [label=\n] }", "2: syntax: a value is expected after ="},
		{"DOT: two graphs", DOT, "graph { a }\ngraph { b }", "2: has a second graph; allowed: one"},
		{"DOT: character", DOT, "graph { a & b }", "1: syntax: an unexpected character &"},
		{"DOT: values", DOT, "graph { a [pos=\"here\"]\na -- b [latency=\"-1ms\"]\nb -- c [loss=\"101%\"] }",
			"1: pos = \"here\": is no position; allowed: \"x,y\"\n2: latency = \"-1ms\": must not be negative; allowed: a time such as \"20ms\"\n3: loss = \"101%\": is out of range; allowed: a share 0 … 1, or a percentage such as \"1.5%\""},
		{"DOT: ids", DOT, "graph { \"\" -- a }", "1: id = \"\": is no id"},

		{"JSON: other text", JSON, "graph { a }", "1: syntax: invalid character 'g' looking for beginning of value"},
		{"JSON: a list", JSON, "[1]", "1: is no object; allowed: { \"nodes\": […], \"links\": […] }"},
		{"JSON: something else", JSON, "{\"a\": {\"b\": [1]}}", "1: has neither nodes nor links; allowed: { \"nodes\": […], \"links\": […] }"},
		{"JSON: no nodes", JSON, "{\"nodes\": [], \"links\": []}", "1: has no nodes; allowed: at least one"},
		{"JSON: truncated", JSON, "{\"nodes\":\n[{\"id\": 1},\n", "3: syntax: the file ends too early"},
		{"JSON: comma", JSON, "{\"nodes\": [{\"id\": 1},]\n}", "1: syntax: invalid character ']' looking for beginning of value"},
		{"JSON: two documents", JSON, "{\"nodes\": [{\"id\": 1}]}\n{}", "2: syntax: something follows the outermost object"},
		{"JSON: twice", JSON, "{\"nodes\": [{\"id\": 1,\n\"id\": 2}],\n\"nodes\": []}", "2: nodes[0].id = 2: is given twice; allowed: once\n3: has nodes twice; allowed: once"},
		{"JSON: wrong types", JSON, "{\"directed\": 1,\n\"nodes\": [3,\n{\"id\": true},\n{\"id\": [1]},\n{\"id\": null},\n{\"id\": 1e3}], \"links\":\n{} }",
			"1: directed = 1: is no boolean; allowed: true false\n2: nodes[0]: is no object; allowed: { … }\n3: nodes[1].id: is no text and no number; allowed: a node id\n" +
				"4: nodes[2].id: is no text and no number; allowed: a node id\n5: nodes[3].id: is missing in the node; allowed: a node id\n6: nodes[4].id = 1e3: is no whole number; allowed: a node id\n7: links is no list; allowed: a list of objects"},
		{"JSON: ids", JSON, "{\"nodes\": [{\"id\": 1},\n{\"id\": \"1\"},\n{\"id\": \"n1\"},\n{}]}",
			"2: nodes[1].id = \"1\": is the id of an earlier node too; allowed: one node for each id\n3: nodes[2].id = \"n1\": would be one node with \"1\" of line 1: a bare number gets an n before it; allowed: another id for one of them\n4: nodes[3].id: is missing in the node; allowed: a node id"},
		{"JSON: ends", JSON, "{\"nodes\": [{\"id\": \"a\"}], \"links\": [\n{\"x\": 1},\n{\"a\": \"a\", \"b\": \"c\"},\n{\"a\": \"a\"},\n{\"source\": \"a\", \"target\": \"a\"}]}",
			"2: links[0].source: is missing in the link; allowed: source and target, or a and b\n4: links[2].b: is missing in the link; allowed: a node id\n5: links[3].a: is missing in the link; allowed: a node id\n3: links[1].b = \"c\": is not a node of this file"},
		{"JSON: unlisted node of meshnet-lab", JSON, "{\"nodes\": [{\"id\": \"a\"}], \"links\": [\n{\"source\": \"a\", \"target\": \"c\"}]}", "2: warning: links[0].target = \"c\": is not in nodes; it is added"},
		{"JSON: values", JSON, "{\"links\": [\n{\"source\": \"a\", \"target\": \"b\", \"source_tq\": 1.5},\n{\"source\": \"a\", \"target\": \"b\", \"latency_us\": -1},\n{\"source\": \"a\", \"target\": \"b\", \"latency_us\": {}}]}",
			"2: links[0].source_tq = 1.5: is out of range; allowed: a share 0 … 1, or a percentage such as \"1.5%\"\n3: links[1].latency_us = -1: must not be negative; allowed: a time such as \"20ms\"\n4: links[2].latency_us: is no number; allowed: a time such as \"20ms\"\n" +
				"3: warning: links[1]: a and b are also linked in line 2; the least latency stays\n4: warning: links[2]: a and b are also linked in line 2; the least latency stays"},
		{"JSON: times without a unit", JSON, "{\"links\": [{\"source\": \"a\", \"target\": \"b\", \"latency\": 2},\n{\"source\": \"b\", \"target\": \"c\", \"delay\": 3}]}", "1: warning: links[0].latency = 2: has no unit; milliseconds are taken, here and further on"},
		{"JSON: rate of 0", JSON, "{\"links\": [{\"source\": \"a\", \"target\": \"b\", \"bandwidth\": 0}]}", "1: warning: links[0].bandwidth = 0: carries nothing; it is taken as not given"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, problems := parse(c.format, []byte(c.text), 100, 1000)
			assert.Equal(t, c.want, told(problems))
		})
	}
}

func told(problems []Problem) string {
	var lines []string
	for _, p := range problems {
		text := fmt.Sprintf("%d: ", p.Line)
		if p.Warning {
			text += "warning: "
		}
		if p.Key != "" {
			text += p.Key
			if s, quoted := p.Value.(string); quoted {
				text += fmt.Sprintf(" = %q", s)
			} else if p.Value != nil {
				text += fmt.Sprintf(" = %v", p.Value)
			}
			text += ": "
		}
		lines = append(lines, text+p.Message)
	}
	return strings.Join(lines, "\n")
}

// Large and hostile files end soon, with one problem.
func TestHostileInput(t *testing.T) {
	const mega = 1 << 20
	chain := "a" + strings.Repeat(" -- b -- a", mega/10)
	for _, c := range []struct {
		name   string
		format Format
		text   string
		want   string
	}{
		{"10 MB of [", GML, "graph " + strings.Repeat("[", 10*mega), "1: syntax: a key is expected"},
		{"10 MB of nested lists", GML, "graph [ " + strings.Repeat("a [ ", 10*mega/4), "1: syntax: lists are nested too deeply"},
		{"10 MB of [", JSON, strings.Repeat("[", 10*mega), "1: is no object; allowed: { \"nodes\": […], \"links\": […] }"},
		{"10 MB of nested lists", JSON, "{\"x\":" + strings.Repeat("[", 10*mega), "1: syntax: lists and objects are nested too deeply"},
		{"10 MB of {", DOT, "graph " + strings.Repeat("{", 10*mega), "1: syntax: subgraphs are nested too deeply"},
		{"10 MB of [", DOT, strings.Repeat("[", 10*mega), "1: syntax: graph { … } or digraph { … } is expected"},
		{"10 MB of <", DOT, "graph { " + strings.Repeat("<", 10*mega), "1: syntax: a text in < > does not end"},
		{"10 MB of <a>", GraphML, "<graphml>" + strings.Repeat("<a>", 10*mega/3), "1: syntax: elements are nested too deeply"},
		{"10 MB of attributes", GraphML, "<graphml " + strings.Repeat("a=\"\" ", 2*mega), "1: syntax: an element is longer than 1 MiB"},
		{"10 MB of [", GraphML, strings.Repeat("[", 10*mega), "1: syntax: an element is longer than 1 MiB"},
		{"too many nodes", DOT, "graph { " + strings.Repeat("a", 100) + strings.Join(numbered(200), ";") + " }", "1: has more than 100 nodes; allowed: at most 100"},
		{"too many links", DOT, "graph { " + chain + " }", "1: has more than 500 links; allowed: at most 500"},
		{"a product of links", DOT, "graph { {" + strings.Join(numbered(90), ";") + "} -- {" + strings.Join(numbered(90), ";") + "} }", "1: has more than 500 links; allowed: at most 500"},
		{"too many nodes", JSON, "{\"nodes\":[{\"id\":" + strings.Join(numbered(200), "},{\"id\":") + "}]}", "1: has more than 100 nodes; allowed: at most 100"},
		{"a million problems", JSON, "{\"nodes\":[" + strings.Repeat("1,", mega) + "1]}", ""},
		{"a long number", JSON, "{\"links\":[{\"source\":\"a\",\"target\":\"b\",\"latency\":0." + strings.Repeat("3", mega) + "}]}", "long"},
	} {
		t.Run(c.name+" "+string(c.format), func(t *testing.T) {
			begin := time.Now()
			_, problems := parse(c.format, []byte(c.text), 100, 1000)
			switch c.want {
			case "":
				require.Len(t, problems, 100, "as many as the report takes")
			case "long":
				require.Len(t, problems, 1)
				require.Equal(t, "is no number; allowed: a time such as \"20ms\"", problems[0].Message)
			default:
				require.Equal(t, c.want, told(problems))
			}
			assert.Less(t, time.Since(begin), 20*time.Second)
		})
	}
}

// A product of subgraphs ends at the bound, not after all of its pairs.
func TestProductOfSubgraphs(t *testing.T) {
	many := strings.Join(numbered(90_000), ";")
	_, problems := parse(DOT, []byte("graph { {"+many+"} -- {"+many+"} }"), 100_000, 1000)
	require.Equal(t, "1: has more than 500 links; allowed: at most 500", told(problems))
}

func numbered(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint(i)
	}
	return list
}

// Only the first warnings of a sort are told, and the others counted: a dump of a
// multigraph stays readable.
func TestManyWarnings(t *testing.T) {
	text := "graph { a -- b\n" + strings.Repeat("a -- b\n", 80) + "}"
	_, problems := parse(DOT, []byte(text), 100, 1000)
	require.Len(t, problems, maxTold+1)
	assert.Equal(t, "there are 30 further warnings of this sort: parallel link", problems[maxTold].Message)
}
