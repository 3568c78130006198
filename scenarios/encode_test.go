package scenarios

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
)

var anyWord = rapid.StringMatching(`[a-z"\\é\n ]{1,6}`)

// draw fills the table v with any values that its keys may have: a twin of the
// decoder that knows the same tags.
func draw(t *rapid.T, v reflect.Value) {
	for _, f := range schemas[v.Type()].fields {
		fv := v.Field(f.index)
		switch {
		case f.kind:
			row := reflect.New(reflect.TypeOf(rapid.SampledFrom(kinds[f.typ]).Draw(t, "kind").zero)).Elem()
			draw(t, row)
			fv.Set(row)
		case isTable(f.typ):
			draw(t, fv)
		case f.typ.Kind() == reflect.Slice && isTable(f.typ.Elem()):
			n := rapid.IntRange(0, 2).Draw(t, f.key)
			if n > 0 {
				fv.Set(reflect.MakeSlice(f.typ, n, n))
			}
			for i := range n {
				draw(t, fv.Index(i))
			}
		case !f.required && !f.fallback.IsValid() && f.key != "name" && rapid.Bool().Draw(t, "absent"):
		case f.typ.Kind() == reflect.Pointer && isTable(f.typ.Elem()):
			fv.Set(reflect.New(f.typ.Elem()))
			draw(t, fv.Elem())
		case f.typ.Kind() == reflect.Pointer:
			fv.Set(reflect.New(f.typ.Elem()))
			drawValue(t, &f, fv.Elem())
		default:
			drawValue(t, &f, fv)
		}
	}
}

func drawValue(t *rapid.T, f *field, v reflect.Value) {
	nanos := rapid.Int64Range(0, int64(maxLatency))
	words := rapid.SliceOfN(anyWord, 1, 3)
	low, high := int64(0), int64(1<<40)
	if f.min != nil {
		low = *f.min
	}
	if f.max != nil {
		high = *f.max
	}
	var drawn any
	switch v.Interface().(type) {
	case string:
		drawn = anyWord.Draw(t, f.key)
		if len(f.enum) > 0 {
			drawn = rapid.SampledFrom(f.enum).Draw(t, f.key)
		}
		if f.name {
			drawn = rapid.StringOfN(rapid.RuneFrom(nil, unicode.L, unicode.P, unicode.S, unicode.Nd), 1, 100, -1).Draw(t, f.key)
		}
	case int64:
		drawn = rapid.Int64Range(low, high).Draw(t, f.key)
	case bool:
		drawn = rapid.Bool().Draw(t, f.key)
	case time.Time:
		drawn = time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, f.key), nanos.Draw(t, f.key)%1e9).UTC()
	case Duration:
		drawn = Duration(rapid.Int64Range(low, high).Draw(t, f.key))
	case Ratio:
		drawn = Ratio(rapid.Uint32Range(0, uint32(sim.One)).Draw(t, f.key))
	case Probability:
		drawn = Probability(rapid.Uint32Range(0, uint32(sim.One)).Draw(t, f.key))
	case Length:
		drawn = Length(rapid.Int64Range(low, high).Draw(t, f.key))
	case Degrees:
		drawn = Degrees(rapid.Int64Range(low, high).Draw(t, f.key))
	case BitRate:
		drawn = BitRate(rapid.Int64Range(0, int64(maxBitRate)).Draw(t, f.key))
	case Frequency:
		drawn = Frequency(rapid.Int64Range(int64(minFrequency), int64(maxFrequency)).Draw(t, f.key))
	case sim.Seed:
		drawn = sim.Seed(rapid.Uint64Range(0, uint64(sim.MaxSeed)).Draw(t, f.key))
	case QueueSize:
		drawn = rapid.SampledFrom([]QueueSize{{}, {QueueCopies, 0}, {QueueCopies, 7}, {QueueBytes, 0}, {QueueBytes, 65536}, {QueueBytes, 1001}}).Draw(t, f.key)
	case BurstLoss:
		drawn = rapid.SampledFrom([]BurstLoss{{}, {P: 1, R: 2, Good: 3, Bad: 4}, {R: sim.One}}).Draw(t, f.key)
	case Access:
		drawn = rapid.SampledFrom([]Access{{}, {Bandwidth: 5000}, {7, QueueSize{QueueCopies, 0}}, {0, QueueSize{QueueBytes, 9}}}).Draw(t, f.key)
	case Latency:
		drawn = drawFamily[Latency](t, f)
	case Size:
		drawn = drawFamily[Size](t, f)
	case Number:
		drawn = Number(rapid.Int64Range(low, min(high, int64(maxNumber))).Draw(t, f.key))
	case NodeList:
		drawn = rapid.SampledFrom([]NodeList{{"a"}, {"*"}, {"a", "b"}, {Drawn(3)}}).Draw(t, f.key)
	case StartTime:
		drawn = rapid.SampledFrom([]StartTime{{}, StartAt(time.Second), {Min: 0, Max: 0, Uniform: true}, {Min: 1, Max: time.Hour, Uniform: true}}).Draw(t, f.key)
	case Offset:
		drawn = Offset(rapid.Int64Range(low, high).Draw(t, f.key))
	case PPM:
		drawn = PPM(rapid.Int64Range(low, high).Draw(t, f.key))
	case NodeSet:
		drawn = rapid.SampledFrom([]NodeSet{{}, {Random: 3}, {IDs: []string{"a"}}, {IDs: []string{"a", "*"}}}).Draw(t, f.key)
	case Target:
		drawn = rapid.SampledFrom([]Target{{}, {How: ToEach}, {How: ToAll}, {ToNodes, []string{"a"}}, {ToNodes, []string{"a", "b"}}}).Draw(t, f.key)
	case LinkSet:
		drawn = rapid.SampledFrom([]LinkSet{{"a->b"}, {"a-b", "c<->d"}, {Drawn(2)}}).Draw(t, f.key)
	case []string:
		drawn = words.Draw(t, f.key)
	case [][]string:
		drawn = rapid.SampledFrom([][][]string{{words.Draw(t, f.key), words.Draw(t, f.key)}, {{Drawn(2)}}}).Draw(t, f.key)
	case []NodeOutage:
		drawn = rapid.SampledFrom([][]NodeOutage{nil, {}, {{"a", 0, 1}, {"b\n", 5, 0}}}).Draw(t, f.key)
	case []LinkOutage:
		drawn = rapid.SampledFrom([][]LinkOutage{nil, {}, {{"a<->b", 1, time.Hour}}}).Draw(t, f.key)
	case map[string]string:
		drawn = map[string]string{anyWord.Draw(t, f.key): anyWord.Draw(t, f.key)}
	default:
		t.Fatalf("no values for %v: teach this generator", v.Type())
	}
	v.Set(reflect.ValueOf(drawn))
}

// drawFamily draws a value of any kind, with keys that agree.
func drawFamily[T any](t *rapid.T, f *field) any {
	v := reflect.New(reflect.TypeFor[T]()).Elem()
	row := rapid.SampledFrom(kinds[kindsOf(v.Type())]).Draw(t, f.key)
	kind := reflect.New(reflect.TypeOf(row.zero)).Elem()
	draw(t, kind)
	v.Field(0).Set(kind)
	r := &report{src: &source{}}
	if checkFamily(r, "", v); len(r.problems) > 0 { // such as a minimum above the maximum
		v.Field(0).Set(reflect.ValueOf(kinds[kindsOf(v.Type())][0].zero))
	}
	return v.Interface()
}

// What is written of any scenario reads as the same scenario.
func TestEncodeDecode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := &Scenario{source: source{decoded: true}}
		draw(t, reflect.ValueOf(want).Elem())
		want.Comment = rapid.SliceOfN(rapid.StringMatching(`[#a-z=]{0,5}`), 0, 3).Draw(t, "comment")
		text := string(want.TOML())

		table, _, _, problem := parseTOML(text)
		require.Empty(t, problem, text)
		got := &Scenario{}
		r := &report{src: &got.source}
		got.decode(r, table)
		require.Empty(t, r.problems, text)
		got.source = want.source
		if comment := leadingComment(text); len(comment) > 0 || len(want.Comment) > 0 {
			assert.Equal(t, want.Comment, comment)
		}
		got.Comment = want.Comment
		assert.Equal(t, want, got, text)
		assert.Equal(t, text, string(got.TOML()))
	})
}

// A Go literal, its text and what is read from the text are the same scenario.
func TestLiteral(t *testing.T) {
	literal := &Scenario{
		Duration: 10 * time.Second,
		Topology: Topology{Ring{Nodes: 5}},
		Link:     Link{Bandwidth: 10 * MbitPerSecond, Queue: QueueSize{QueueCopies, 8}},
		Traffic:  []Traffic{{Kind: Messages{}, Rate: 10 * PerSecond}},
		Faults:   []Fault{{Kind: Partition{Groups: [][]string{{"n0"}, {"*"}}}, At: time.Second}},
	}
	warnings, err := literal.Validate()
	require.NoError(t, err)
	assert.Empty(t, warnings)
	assert.Equal(t, `version = 1
name = "scenario"
seed = 0
duration = "10s"

[topology]
kind = "ring"
nodes = 5

[link]
bandwidth = "10Mbit/s"
queue = 8

[[traffic]]
name = "t1"
kind = "messages"
rate = "10/s"

[[fault]]
name = "f1"
kind = "partition"
groups = [["n0"], ["*"]]
at = "1s"
`, string(literal.TOML()))
	read, err := LoadBytes(literal.TOML(), "x.toml")
	require.NoError(t, err)
	full := literal.withDefaults()
	read.source, full.source = source{}, source{}
	assert.Equal(t, full, read)
	assert.Empty(t, literal.Traffic[0].Name, "the literal itself stays as it was")
	assert.Empty(t, literal.Traffic[0].Kind.(Messages).Type)
}

func TestLiteralProblems(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(*Scenario)
	}{
		{`duration: is missing; allowed: a duration such as "20ms"`, func(s *Scenario) { s.Duration = 0 }},
		{`duration = "-1ns": is out of range; allowed: 1ns … 8760h`, func(s *Scenario) { s.Duration = -1 }},
		{`topology.kind: is missing; allowed: line ring star full grid torus tree random geometric small_world scale_free links file contacts`, func(s *Scenario) { s.Topology.Kind = nil }},
		{`topology.nodes: is missing; allowed: an integer`, func(s *Scenario) { s.Topology.Kind = Ring{} }},
		{`topology.nodes = 2000: is out of range; allowed: 1 … 1000`, func(s *Scenario) { s.Topology.Kind = Full{2000} }},
		{`link.loss = "200%": is out of range; allowed: a percentage such as "1.5%"`, func(s *Scenario) { s.Link.Loss = 2 * sim.One }},
		{`link.latency = "-1ns": is out of range; allowed: 0s … 24h`, func(s *Scenario) { s.Link.Latency = Constant(-1) }},
		{`routing.strategy = "ospf": is not known; allowed: direct flood gossip shortest_path static link_state distance_vector`, func(s *Scenario) { s.Routing.Strategy = "ospf" }},
		{`traffic[0].to = []: is out of range; allowed: an id, a list of ids, "random", "each" or "*"`, func(s *Scenario) { s.Traffic[0].To = Target{How: ToNodes} }},
		{`links[0].header = -1: is out of range; allowed: 0 … 65535`, func(s *Scenario) { s.Links = []Links{{Between: []string{"n0", "n1"}, Header: new(int64(-1))}} }},
	} {
		s := &Scenario{Duration: time.Second, Topology: Topology{Ring{Nodes: 5}}, Traffic: []Traffic{{Kind: Messages{}, Rate: PerSecond}}}
		c.change(s)
		_, err := s.Validate()
		require.Error(t, err, c.want)
		assert.Contains(t, strings.Split(err.Error(), "\n"), c.want)
	}
}

func TestEveryKeyHasADoc(t *testing.T) {
	for typ, s := range schemas {
		for _, f := range s.fields {
			assert.True(t, f.doc != "" || f.kind, "%v.%s", typ, f.key)
		}
	}
	page := strings.ToLower(Reference())
	holds := func(text string) bool { return strings.Contains(page, strings.ToLower(text)) }
	for typ, s := range schemas {
		for _, f := range s.fields {
			assert.True(t, holds("`"+f.key+"`") || holds("["+f.key+"]") || holds("."+f.key+"]"), "%v.%s", typ, f.key)
			assert.True(t, holds(cellText(f.doc)), "%v.%s", typ, f.key)
		}
	}
	for _, rows := range kinds {
		for _, row := range rows {
			assert.NotEmpty(t, row.doc, row.name)
			assert.True(t, holds(" = \""+row.name+"\"`: "+row.doc) || holds("`"+row.name+"`: "+row.doc), row.name)
		}
	}
	assert.True(t, holds("| `max_hops` | an integer, 1 … 255 | `8` |"))
}
