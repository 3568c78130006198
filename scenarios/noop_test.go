package scenarios

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// noop is a line of the table of what fails without what. In the scenario, with the
// overrides on, the feature does something: all expectations hold. With the
// overrides off it does nothing, or what another word does: then the expectation
// named red does not hold.
type noop struct {
	feature  string // as features lists them
	scenario string // a built-in, or one of the texts in noop_table_test.go
	on       []string
	red      string // its name; for one of the texts the expectation itself, at the end unless on has its own
	off      []string
}

func (n *noop) inline() bool { return strings.Contains(n.scenario, "\n") }

// load is the scenario with the feature, or without.
func (n *noop) load(t *testing.T, without bool) *Scenario {
	set := n.on
	if n.inline() && !slices.ContainsFunc(n.on, func(s string) bool { return strings.HasPrefix(s, "expect=") }) {
		set = append([]string{"expect=[{at_end=" + quote(n.red) + "}]"}, set...)
	}
	if without {
		set = append(slices.Clone(set), n.off...)
	}
	var s *Scenario
	var err error
	if n.inline() {
		s, err = LoadReader(noopFiles, strings.NewReader("version = 1\nname = \"noop\"\n"+n.scenario), "noop.toml", WithSet(set...))
	} else {
		s, err = Load(nil, n.scenario, WithSet(set...))
	}
	require.NoError(t, err)
	return s
}

// verdict is that of the expectation named red, and of the run.
func (n *noop) verdict(t *testing.T, without bool) (red, all string) {
	result, err := n.load(t, without).Run(Options{})
	require.NoError(t, err)
	for _, i := range result.Invariants {
		require.Equal(t, Passed, i.Verdict, i.Detail)
	}
	for _, e := range result.Expectations {
		if e.Name == n.red {
			return e.Verdict, result.Verdict
		}
	}
	require.Failf(t, "no such expectation", "%s: %s", n.scenario, n.red)
	return "", ""
}

// Every model and every fault is missed where it is not: replaced by a no-op, the
// expectation named in its line of the table turns red, failed or vacuous.
func TestNothingIsANoOp(t *testing.T) {
	for _, row := range allNoops() {
		t.Run(row.feature, func(t *testing.T) {
			with, all := row.verdict(t, false)
			assert.Equal(t, []string{Passed, Passed}, []string{with, all}, "with it")
			without, _ := row.verdict(t, true)
			assert.Contains(t, []string{Failed, Vacuous}, without, "without it")
		})
	}
}

// allNoops is the table with the lines that follow from others: what a key of [link]
// does it does in [[links]] and in link_set too, and what a key of [node_defaults]
// does, in [[node]].
func allNoops() []noop {
	all := slices.Concat(noops, sessionNoops)
	for _, row := range noops {
		key, ofLink := strings.CutPrefix(row.feature, "link.")
		nodeKey, ofNode := strings.CutPrefix(row.feature, "node_defaults.")
		switch {
		case ofLink && key != "geo":
			all = append(all, row.elsewhere("links."+key, ownLink))
			if key, _, _ := strings.Cut(key, "="); schemas[reflect.TypeFor[LinkValues]()].byKey[key] != nil {
				all = append(all, row.elsewhere("fault.link_set.set."+key, setByFault))
			}
		case ofNode:
			all = append(all, row.elsewhere("node."+nodeKey, ownNodes))
		}
	}
	return all
}

// elsewhere is the line with keys of a table given in another place.
func (n noop) elsewhere(feature string, where func(set []string) []string) noop {
	n.feature, n.on, n.off = feature, where(n.on), where(append(slices.Clone(n.on), n.off...))
	return n
}

// ownLink moves keys of [link] to the first entry of [[links]].
func ownLink(set []string) []string {
	moved := slices.Clone(set)
	for i, s := range moved {
		if rest, ok := strings.CutPrefix(s, "link."); ok {
			moved[i] = "links[0]." + rest
		}
	}
	return moved
}

// setByFault lets a fault set keys of [link]; of those given twice the last counts.
func setByFault(set []string) []string {
	var moved, values []string
	for i, s := range set {
		rest, ok := strings.CutPrefix(s, "link.")
		key, _, _ := strings.Cut(rest, "=")
		again := slices.ContainsFunc(set[i+1:], func(s string) bool { return strings.HasPrefix(s, "link."+key+"=") })
		switch {
		case !ok:
			moved = append(moved, s)
		case !again:
			values = append(values, rest)
		}
	}
	return append(moved, `fault=[{kind="link_set",at="0s",links=["a->b"],set={`+strings.Join(values, ",")+`}}]`)
}

// ownNodes moves keys of [node_defaults] to the first two entries of [[node]].
func ownNodes(set []string) []string {
	var moved []string
	for _, s := range set {
		if rest, ok := strings.CutPrefix(s, "node_defaults."); ok {
			moved = append(moved, "node[0]."+rest, "node[1]."+rest)
		} else {
			moved = append(moved, s)
		}
	}
	return moved
}

// features lists what must have a line: every kind in the table of kinds; every key
// that a kind may have; every key of the tables that describe links, nodes, routing
// and traffic; of keys with words, every word.
func features() (all []string) {
	for of, rows := range kinds {
		prefix := strings.ToLower(strings.TrimSuffix(of.Name(), "Kind")) + "."
		for _, row := range rows {
			all = append(all, prefix+row.name)
			all = append(all, optional(prefix+row.name+".", reflect.TypeOf(row.zero))...)
		}
	}
	for prefix, t := range map[string]reflect.Type{
		"link.": reflect.TypeFor[Link](), "links.": reflect.TypeFor[Links](), "node.": reflect.TypeFor[Node](),
		"node_defaults.": reflect.TypeFor[NodeDefaults](), "registry.": reflect.TypeFor[Registry](), "memory.": reflect.TypeFor[Memory](), "routing.": reflect.TypeFor[Routing](),
		"mesh.": reflect.TypeFor[Wire](), "handshake.": reflect.TypeFor[Handshake](), "trust.": reflect.TypeFor[Trust](), "session.": reflect.TypeFor[Session](),
		"measure.": reflect.TypeFor[Measure](), "traffic.": reflect.TypeFor[Traffic](), "fault.": reflect.TypeFor[Fault](),
		"adversary.": reflect.TypeFor[Adversary](), "action.": reflect.TypeFor[Action](),
	} {
		all = append(all, optional(prefix, t)...)
	}
	slices.Sort(all)
	return all
}

// optional lists the keys of a table that need not be given.
func optional(prefix string, t reflect.Type) (all []string) {
	for _, f := range schemas[t].fields {
		switch {
		case f.kind:
		case len(f.enum) > 0:
			for _, word := range f.enum {
				all = append(all, prefix+f.key+"="+word)
			}
		case isTable(f.typ):
			all = append(all, optional(prefix+f.key+".", f.typ)...)
		case !f.required:
			all = append(all, prefix+f.key)
		}
	}
	return all
}

// What is added to the language has to be added to the table too.
func TestEveryFeatureHasItsNoOp(t *testing.T) {
	have := map[string]int{}
	for _, row := range allNoops() {
		have[row.feature]++
	}
	must := map[string]bool{}
	for _, feature := range features() {
		must[feature] = true
		if _, exempt := noNoop[feature]; exempt {
			assert.Zero(t, have[feature], "%s is both in the table and exempt from it", feature)
			continue
		}
		assert.Positive(t, have[feature], "%s has no line in noop_table_test.go: what fails without it?", feature)
	}
	for feature, lines := range have {
		assert.True(t, must[feature], "%s has a line, but there is no such thing", feature)
		assert.Equal(t, 1, lines, feature)
	}
	for feature := range noNoop {
		assert.True(t, must[feature], "%s is exempt, but there is no such thing", feature)
	}
}

// noNoop is what needs no line, and why.
var noNoop = map[string]string{
	"traffic.name":                  "a name",
	"fault.name":                    "a name",
	"node.address":                  "described to others, decides nothing",
	"node.capabilities":             "described to others, decides nothing",
	"node_defaults.address":         "described to others, decides nothing",
	"node_defaults.capabilities":    "described to others, decides nothing",
	"node_defaults.kind=agent":      "described to others, decides nothing",
	"node_defaults.kind=router":     "described to others, decides nothing",
	"node_defaults.kind=service":    "described to others, decides nothing",
	"node.label":                    "for people, in drawings",
	"node.kind=agent":               "described to others, decides nothing",
	"node.kind=router":              "described to others, decides nothing",
	"node.kind=service":             "described to others, decides nothing",
	"topology.scale_free.connected": "this kind is always connected",
}

// noopFiles are what the scenarios of the table name.
var noopFiles = fstest.MapFS{
	"routes.csv":   {Data: []byte("node,destination,next\nn0,n2,n1\nn1,n2,n2\n")},
	"direct.csv":   {Data: []byte("node,destination,next\nn0,n2,n2\n")},
	"flows.csv":    {Data: []byte("source,destination,start,interval,size,count\na,b,0ms,10ms,77,9\n")},
	"silence.csv":  {Data: []byte("source,destination,start,interval,size,count\na,b,0ms,10ms,77,1\n")},
	"latency.csv":  {Data: []byte("latency,weight\n10ms,3\n30ms,1\n")},
	"size.csv":     {Data: []byte("size,weight\n50,1\n250,1\n")},
	"recorded.csv": {Data: []byte("time,latency\n0s,10ms\n200ms,30ms\n")},
}
