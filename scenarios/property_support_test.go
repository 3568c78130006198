package scenarios_test

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// recorder is a sink that keeps all events of some kinds, or of every kind.
type recorder struct {
	kinds  []trace.Kind
	events []trace.Event
}

func (r *recorder) Emit(e *trace.Event) {
	if len(r.kinds) > 0 && !slices.Contains(r.kinds, e.Kind) {
		return
	}
	r.events = append(r.events, e.Clone())
}

// run runs a scenario that is expected to keep all invariants, and to check them.
func run(t require.TestingT, s *scenarios.Scenario, o scenarios.Options) *scenarios.Result {
	result, err := s.Run(o)
	require.NoError(t, err)
	for _, i := range result.Invariants {
		require.Equal(t, scenarios.Passed, i.Verdict, "%s: %s", i.Name, i.Detail)
	}
	require.Positive(t, result.Invariants[0].Evaluations)
	return result
}

// record runs a scenario and keeps its events of the given kinds, or all.
func record(t require.TestingT, s *scenarios.Scenario, kinds ...trace.Kind) ([]trace.Event, *scenarios.Result) {
	r := &recorder{kinds: kinds}
	result := run(t, s, scenarios.Options{Sinks: []trace.Sink{r}})
	return r.events, result
}

func load(t require.TestingT, name string, options ...scenarios.Option) *scenarios.Scenario {
	s, err := scenarios.Load(nil, name, options...)
	require.NoError(t, err)
	return s
}

// messages is traffic that sends count messages at a steady pace.
func messages(name string, from, to []string, start, interval time.Duration, size, count int64) scenarios.Traffic {
	return scenarios.Traffic{
		Name: name, Kind: scenarios.Messages{}, From: scenarios.NodeSet{IDs: from},
		To:       scenarios.Target{How: scenarios.ToNodes, IDs: to},
		Arrivals: "periodic", Start: start, Interval: interval, Size: scenarios.Bytes(size), Count: count,
	}
}

// bytesOf is the fixed size of an entry's messages.
func bytesOf(t *scenarios.Traffic) int64 { return t.Size.Kind.(scenarios.FixedSize).Bytes }

// appendEvent renders all of an event but seq, cause and because.
func appendEvent(b []byte, e *trace.Event) []byte {
	number := func(v int64) { b = binary.LittleEndian.AppendUint64(b, uint64(v)) }
	text := func(s string) { number(int64(len(s))); b = append(b, s...) }
	flag := func(v bool) {
		if v {
			number(1)
		} else {
			number(0)
		}
	}
	for _, v := range []int64{
		int64(e.Kind), int64(e.T), int64(e.Node), int64(e.Peer), int64(e.Origin), int64(e.Destination), e.Size, e.N,
		int64(e.Copies), int64(e.Copy), int64(e.Start), int64(e.Arrive), int64(e.Latency), int64(e.Reason), int64(e.Layer),
		e.Incarnation, int64(e.Next), e.Metric, e.Seqno, int64(e.Lose), int64(e.Skew), int64(e.Misdeed), int64(e.Kept), int64(len(e.Path)),
		int64(e.Session), int64(e.From), int64(e.To), int64(e.Evidence), int64(e.Subject), e.HopsLeft, e.Rule, int64(len(e.Voices)),
		e.Reconnects, e.Index, e.SegmentHops,
	} {
		number(v)
	}
	for _, nodes := range [][]sim.NodeID{e.Path, e.Voices} {
		for _, node := range nodes {
			number(int64(node))
		}
	}
	b = append(b, e.ID[:]...)
	for _, s := range []string{e.Type, e.Flow.Name, e.Name, e.What, e.Detail, e.Record, e.By, e.Claim, e.Statement, e.Source, e.Tier, e.State, e.Why, e.Channel, e.Policy} {
		text(s)
	}
	flag(e.Holds)
	flag(e.Control)
	flag(e.Injected)
	flag(e.Flow.IsRow)
	return b
}

// What appendEvent leaves out can change unseen, so it must leave out nothing.
func TestComparisonSeesEveryField(t *testing.T) {
	var visit func(v reflect.Value, path string, base []byte, e *trace.Event)
	visit = func(v reflect.Value, path string, base []byte, e *trace.Event) {
		for i := range v.NumField() {
			f, name := v.Field(i), v.Type().Field(i).Name
			if f.Kind() == reflect.Struct {
				visit(f, path+name+".", base, e)
				continue
			}
			old := reflect.New(f.Type()).Elem()
			old.Set(f)
			switch f.Kind() {
			case reflect.String:
				f.SetString("x")
			case reflect.Bool:
				f.SetBool(true)
			case reflect.Slice:
				f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			case reflect.Array:
				f.Index(3).SetUint(1)
			case reflect.Uint8, reflect.Uint64:
				f.SetUint(1)
			default:
				f.SetInt(1)
			}
			outside := slices.Contains([]string{"Seq", "Cause", "Because", "Hint"}, name)
			assert.Equal(t, outside, bytes.Equal(base, appendEvent(nil, e)), path+name)
			f.Set(old)
		}
	}
	e := &trace.Event{}
	visit(reflect.ValueOf(e).Elem(), "", appendEvent(nil, e), e)
}

// message names an application message in the event stream.
type message struct {
	flow   trace.Flow
	origin sim.NodeID
	n      int64
}

// histories is a sink that hashes the events of each message, in their order.
type histories struct {
	of  map[message]uint64
	buf []byte
}

func newHistories() *histories { return &histories{of: map[message]uint64{}} }

func (h *histories) Emit(e *trace.Event) {
	if !e.Kind.OfEnvelope() {
		return
	}
	m := message{e.Flow, e.Origin, e.N}
	h.buf = appendEvent(binary.LittleEndian.AppendUint64(h.buf[:0], h.of[m]), e)
	sum := fnv.New64a()
	sum.Write(h.buf)
	h.of[m] = sum.Sum64()
}

// written is the run's events as a trace has them, one a line.
func written(t require.TestingT, s *scenarios.Scenario) []string {
	var out bytes.Buffer
	_, err := s.Run(scenarios.Options{Trace: func(names []string) (*trace.Writer, error) {
		header, err := s.TraceHeader()
		require.NoError(t, err)
		return trace.NewWriter(&out, names, header, trace.Filter{Level: trace.LevelAll})
	}})
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, `"event_type"`) {
			lines = append(lines, line)
		}
	}
	require.NotEmpty(t, lines)
	return lines
}

var orderFields = regexp.MustCompile(`"(seq|cause)":\d+,|"because":\[[\d,]*\],`)

// withoutOrder takes seq, cause and because out of written events.
func withoutOrder(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = orderFields.ReplaceAllString(line, "")
	}
	return out
}
