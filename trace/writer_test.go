package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/sim"
)

// newSampleWriter writes a full trace over sampleNames.
func newSampleWriter(t require.TestingT, w io.Writer) *Writer {
	tw, err := NewWriter(w, sampleNames, Header{Epoch: sampleEpoch}, Filter{Level: LevelAll})
	require.NoError(t, err)
	return tw
}

func TestTraceLines(t *testing.T) {
	var b bytes.Buffer
	h := Header{Meshsim: "1", Engine: 1, Scenario: "a<b", ScenarioSHA256: "00ff", ScenarioTOML: "version = 1\n", Seed: 42, Epoch: sampleEpoch}
	w, err := NewWriter(&b, []string{"n0", `n"1`}, h, Filter{Level: LevelAll})
	require.NoError(t, err)
	delivered := Event{
		Kind: EnvelopeDelivered, T: 1_001_234_567, Seq: 17, Cause: 12, Because: []uint64{9, 11}, Node: 1, Peer: 0,
		Payload: Payload{
			ID: EnvelopeID{0xab}, Type: "PING", Origin: 0, Destination: 1, Path: []sim.NodeID{0, 1}, Size: 200,
			Flow: Flow{Name: "t1"}, N: 3, Latency: 5 * time.Millisecond,
		},
	}
	row := delivered
	row.Flow = Flow{Name: "7", IsRow: true}
	unasked := delivered
	unasked.Flow = Flow{}
	broadcast := Event{
		Kind: EnvelopeForwarded, Seq: 18, Node: 0, Peer: sim.Everyone,
		Payload: Payload{Type: "PING", Destination: sim.Everyone, Path: []sim.NodeID{0}, Copies: 2, Injected: true},
	}
	fault := Event{Kind: FaultBegin, T: 999_999_999, Seq: 19, Node: sim.NoNode, Peer: sim.NoNode, Payload: Payload{Name: "split", What: "partition"}}
	retracted := Event{Kind: RouteChanged, Seq: 20, Node: 0, Peer: sim.NoNode, Payload: Payload{Destination: 1, Next: sim.NoNode, Metric: -1, Seqno: 4}}
	up := Event{Kind: LinkUp, Seq: 21, Node: 0, Peer: 1}
	for _, e := range []Event{delivered, row, unasked, broadcast, fault, retracted, up} {
		w.Emit(&e)
	}
	w.Checkpoint(Checkpoint{T: 5, Events: 6, Digest: "d"})
	require.NoError(t, w.End(9, "e", "failed", true))

	const envelope = `"payload":{"id":"ab000000-0000-0000-0000-000000000000","type":"PING","control":false,"origin":"n0",`
	const head = `{"t":1001234567,"seq":17,"cause":12,"because":[9,11],"event_type":"envelope_delivered","node":"n\"1","peer":"n0","occurred_at":"2025-01-01T00:00:01.001234567Z",` +
		envelope + `"destination":"n\"1","path":["n0","n\"1"],"hops":1,"size":200,`
	want := []string{
		`{"trace":1,"record":2,"meshsim":"1","engine":1,"scenario":"a<b","scenario_sha256":"00ff","scenario_toml":"version = 1\n","files":{},"seed":42,"epoch":"2025-01-01T00:00:00Z","level":"all","names":["n0","n\"1"]}`,
		head + `"flow":"t1","n":3,"copy":0,"latency_ns":5000000}}`,
		head + `"flow":7,"n":3,"copy":0,"latency_ns":5000000}}`,
		head + `"copy":0,"latency_ns":5000000}}`,
		`{"t":0,"seq":18,"cause":0,"because":[],"event_type":"envelope_forwarded","node":"n0","peer":"*","occurred_at":"2025-01-01T00:00:00.000000000Z","payload":{"id":"00000000-0000-0000-0000-000000000000","type":"PING","control":false,"origin":"n0","destination":"*","path":["n0"],"hops":0,"size":0,"copy":0,"copies":2,"injected":true}}`,
		`{"t":999999999,"seq":19,"cause":0,"because":[],"event_type":"fault_begin","node":"","peer":"","occurred_at":"2025-01-01T00:00:00.999999999Z","payload":{"name":"split","kind":"partition"}}`,
		`{"t":0,"seq":20,"cause":0,"because":[],"event_type":"route_changed","node":"n0","peer":"","occurred_at":"2025-01-01T00:00:00.000000000Z","payload":{"destination":"n\"1","next":"","metric":-1,"seqno":4}}`,
		`{"t":0,"seq":21,"cause":0,"because":[],"event_type":"link_up","node":"n0","peer":"n\"1","occurred_at":"2025-01-01T00:00:00.000000000Z","payload":{}}`,
		`{"checkpoint":{"t":5,"events":6,"digest":"d"}}`,
		`{"end":true,"events":9,"digest":"e","verdict":"failed","interrupted":true}`,
	}
	assert.Equal(t, want, strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n"))
}

func TestFilter(t *testing.T) {
	at := func(ns clock.Time) func(*Event) { return func(e *Event) { e.T = ns } }
	where := func(node, peer sim.NodeID) func(*Event) { return func(e *Event) { e.Node, e.Peer = node, peer } }
	for _, c := range []struct {
		name   string
		filter Filter
		kind   Kind
		change func(*Event)
		keeps  bool
	}{
		{"all keeps copies", Filter{Level: LevelAll}, EnvelopeTransmitted, at(0), true},
		{"protocol is without copies", Filter{Level: LevelProtocol}, EnvelopeForwarded, at(0), false},
		{"protocol has deliveries", Filter{Level: LevelProtocol}, EnvelopeDelivered, at(0), true},
		{"summary is without deliveries", Filter{Level: LevelSummary}, EnvelopeDelivered, at(0), false},
		{"summary has faults", Filter{Level: LevelSummary}, FaultEnd, at(0), true},
		{"before from", Filter{From: 10}, NodeUp, at(9), false},
		{"at from", Filter{From: 10}, NodeUp, at(10), true},
		{"at to", Filter{To: 10}, NodeUp, at(10), true},
		{"after to", Filter{To: 10}, NodeUp, at(11), false},
		{"at another node", Filter{Nodes: []sim.NodeID{4, 2}}, LinkUp, where(1, 3), false},
		{"at a node", Filter{Nodes: []sim.NodeID{4, 2}}, LinkUp, where(2, 3), true},
		{"with a node", Filter{Nodes: []sim.NodeID{4, 2}}, LinkUp, where(3, 4), true},
		{"of the whole mesh", Filter{Nodes: []sim.NodeID{4, 2}}, FaultBegin, where(sim.NoNode, sim.NoNode), true},
		{"without a peer", Filter{Nodes: []sim.NodeID{4, 2}}, NodeUp, where(1, sim.NoNode), false},
	} {
		e := sampleEvent(c.kind, 1)
		c.change(&e)
		var b bytes.Buffer
		w, err := NewWriter(&b, sampleNames, Header{}, c.filter)
		require.NoError(t, err)
		w.Emit(&e)
		require.NoError(t, w.End(1, "d", "passed", false))
		assert.Equal(t, c.keeps, strings.Contains(b.String(), `"event_type"`), c.name)

		r, err := NewReader(bytes.NewReader(b.Bytes()))
		require.NoError(t, err, c.name)
		h := r.Header()
		assert.Equal(t, c.filter, h.filterOver(sampleNames), "the header tells the filter: %s", c.name)
		assert.Equal(t, c.name == "all keeps copies", h.Complete(), c.name)
	}
}

func TestHeaderThatCanNotBeReadAgain(t *testing.T) {
	for _, c := range []struct {
		names []string
		h     Header
		err   string
	}{
		{[]string{"a", "b", "a"}, Header{}, `trace header: node id "a" occurs twice`},
		{[]string{"a", ""}, Header{}, `trace header: node 1: "" is not an id`},
		{[]string{"*"}, Header{}, `trace header: node 0: "*" is not an id`},
		{nil, Header{ScenarioTOML: strings.Repeat("x", maxHeader)}, "at most 67108864 are allowed"},
		{nil, Header{Epoch: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "trace header: "},
	} {
		_, err := NewWriter(io.Discard, c.names, c.h, Filter{})
		assert.ErrorContains(t, err, c.err)
	}
}

func TestLevelWords(t *testing.T) {
	for _, l := range []Level{LevelSummary, LevelProtocol, LevelAll} {
		var got Level
		require.NoError(t, got.UnmarshalText([]byte(l.String())))
		assert.Equal(t, l, got)
	}
	var l Level
	assert.EqualError(t, l.UnmarshalText([]byte("some")), `unknown level "some"; allowed: summary protocol all`)
}

// failingWriter fails from its n-th write on, counted from 0.
type failingWriter struct{ n, writes int }

var errDisk = errors.New("disk full")

func (w *failingWriter) Write(b []byte) (int, error) {
	w.writes++
	if w.writes > w.n {
		return 0, errDisk
	}
	return len(b), nil
}

func TestWriterKeepsTheFirstError(t *testing.T) {
	_, err := NewWriter(&failingWriter{n: 0}, sampleNames, Header{}, Filter{})
	assert.ErrorIs(t, err, errDisk)

	disk := &failingWriter{n: 1}
	w := newSampleWriter(t, disk)
	e := sampleEvent(EnvelopeTransmitted, 1)
	for range 1000 {
		w.Emit(&e)
	}
	assert.ErrorIs(t, w.Err(), errDisk)
	w.Checkpoint(Checkpoint{})
	assert.ErrorIs(t, w.End(1000, "", "passed", false), errDisk)
	assert.Equal(t, 2, disk.writes, "nothing is written after an error")
}

func TestWriterEmitDoesNotAllocate(t *testing.T) {
	w := newSampleWriter(t, io.Discard)
	for _, k := range Kinds() {
		e := sampleEvent(k, 1)
		assert.Zero(t, testing.AllocsPerRun(1000, func() { e.T += 1e8; w.Emit(&e) }), k)
	}
}

func TestAnyBytesGiveJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		var got string
		require.NoError(t, json.Unmarshal(AppendJSONString(nil, s), &got))
		require.Equal(t, string([]rune(s)), got)
	})
}

func TestJSONStringsHaveNoNeedlessEscapes(t *testing.T) {
	assert.Equal(t, `"\"\\\b\f\n\r\t\u0000\u001f`+"\x7f</é\uFFFD\uFFFDb\"", string(AppendJSONString(nil, "\"\\\b\f\n\r\t\x00\x1f\x7f</é\xff\xffb")))
}

func TestInstantIsThatOfTheClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		epoch := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "epoch"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		enc := newEncoder(nil, epoch)
		for _, ns := range rapid.SliceOfN(rapid.Int64Range(0, 5e9), 1, 10).Draw(t, "t") {
			at := clock.Time(ns)
			require.Equal(t, string(at.AppendRFC3339(nil, epoch)), string(enc.instant(nil, at)))
		}
	})
}
