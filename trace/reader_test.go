package trace

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/sim"
)

// sampleTrace is a whole trace and the events in it.
func sampleTrace(t require.TestingT) ([]byte, []Event) {
	events := sampleRun(RouteChanged)
	return traceOf(t, sampleNames, Header{Epoch: sampleEpoch}, Filter{Level: LevelAll}, events), events
}

func compress(t require.TestingT, data []byte) []byte {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	require.NoError(t, err)
	return z.EncodeAll(data, nil)
}

// texts renders warnings, one a line.
func texts(warnings []Warning) string {
	var b strings.Builder
	for _, w := range warnings {
		fmt.Fprintln(&b, w)
	}
	return b.String()
}

func TestReaderOfAWholeTrace(t *testing.T) {
	data, events := sampleTrace(t)
	for name, file := range map[string][]byte{
		"plain":              data,
		"zstd":               compress(t, data),
		"without last \\n":   bytes.TrimSuffix(data, []byte("\n")),
		"of another system":  bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")),
		"with empty lines":   bytes.ReplaceAll(data, []byte("\n"), []byte("\n\n")),
		"with spaces inside": bytes.ReplaceAll(bytes.ReplaceAll(data, []byte(","), []byte(" ,\t")), []byte(":["), []byte(" : [ ")),
	} {
		r, got := readAll(t, file)
		assert.Equal(t, clones(events), got, name)
		assert.Empty(t, texts(r.Warnings()), name)
		end, ok := r.End()
		assert.True(t, ok, name)
		assert.Equal(t, EndLine{End: true, Events: uint64(len(events)), Digest: digestOf(events...), Verdict: "passed"}, end, name)
		half := len(events) / 2
		assert.Equal(t, []Checkpoint{{events[half].T, uint64(half), digestOf(events[:half]...)}}, r.Checkpoints(), name)
		_, err := r.Next()
		assert.Equal(t, io.EOF, err, "the end stays the end")
	}
}

// The digests are those of the whole run, so a part of it is not held against them.
func TestReaderOfAFilteredTrace(t *testing.T) {
	for _, f := range []Filter{
		{Level: LevelProtocol},
		{Level: LevelAll, From: 1},
		{Level: LevelAll, To: 1},
		{Level: LevelAll, Nodes: []sim.NodeID{0}},
	} {
		r, got := readAll(t, traceOf(t, sampleNames, Header{}, f, sampleRun(RouteChanged)))
		assert.Less(t, len(got), 3*int(RouteChanged), "%+v", f)
		assert.Empty(t, texts(r.Warnings()), "%+v", f)
		h := r.Header()
		assert.False(t, h.Complete(), "%+v", f)
	}
}

func TestReaderNeedsAHeader(t *testing.T) {
	for file, want := range map[string]string{
		"":                                   "not a trace: it is empty",
		"\x7fELF":                            "not a trace: line 1: a header is a JSON object",
		"[1]":                                "not a trace: line 1: a header is a JSON object",
		"{":                                  "not a trace: line 1: unexpected end of JSON input",
		"{}\n":                               `not a trace: line 1: a header has the key "trace", a version from 1`,
		`{"trace":"1"}`:                      "not a trace: line 1: json: cannot unmarshal",
		`{"trace":1}`:                        `not a trace: line 1: a header has the key "names", the node ids`,
		`{"trace":1,"names":["a","a"]}`:      `not a trace: line 1: names: node id "a" occurs twice`,
		`{"trace":1,"level":"x"}`:            `unknown level "x"; allowed: summary protocol all`,
		"{" + strings.Repeat(" ", maxHeader): "not a trace: line 1: the line is too long",
		"\x28\xb5\x2f\xfd broken":            "not a trace: ",
		"\x28\xb5\x2f\xfd":                   "not a trace: ",
	} {
		_, err := NewReader(strings.NewReader(file))
		assert.ErrorContains(t, err, want, "%.40q", file)
	}
	_, err := NewReader(io.MultiReader(strings.NewReader(""), failingReader{}))
	assert.ErrorIs(t, err, errDisk)
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errDisk }

// Wherever a trace is cut, what stands before the cut is read.
func TestReaderOfATruncatedTrace(t *testing.T) {
	events := sampleRun(RouteChanged)[:RouteChanged] // one of each kind
	data := traceOf(t, sampleNames, Header{Epoch: sampleEpoch}, Filter{Level: LevelAll}, events)
	header := bytes.IndexByte(data, '\n')
	end := len(data) - 1 // of the end line
	for cut := range len(data) {
		r, err := NewReader(bytes.NewReader(data[:cut]))
		if cut < header {
			require.Error(t, err, cut)
			continue
		}
		require.NoError(t, err, cut)
		got := drain(t, r)
		lines := bytes.Count(data[:cut], []byte(`}}`+"\n")) - bytes.Count(data[:cut], []byte(`{"checkpoint"`))
		require.GreaterOrEqual(t, len(got), lines, cut)
		require.LessOrEqual(t, len(got), lines+1, cut)
		require.Equal(t, clones(events[:len(got)]), got, cut)
		require.Equal(t, cut < end, strings.Contains(texts(r.Warnings()), "the end line is missing"), cut)
		require.Equal(t, cut < end, len(r.Warnings()) > 0, cut)
	}
}

func TestReaderOfATruncatedZstd(t *testing.T) {
	data, events := sampleTrace(t)
	file := compress(t, data)
	for cut := range len(file) {
		r, err := NewReader(bytes.NewReader(file[:cut]))
		if err != nil {
			continue
		}
		got := drain(t, r)
		require.Equal(t, clones(events[:len(got)]), got, cut)
		require.NotEmpty(t, r.Warnings(), cut)
	}
}

// Zstd of many blocks is read up to the damage and, where that shows only in the
// checksum at the end, past it.
func TestReaderOfADamagedZstd(t *testing.T) {
	const n = 3000
	var file bytes.Buffer
	z, err := zstd.NewWriter(&file, zstd.WithEncoderConcurrency(1))
	require.NoError(t, err)
	w := newSampleWriter(t, z)
	for seq := range uint64(n) {
		e := sampleEvent(EnvelopeTransmitted, seq+1)
		for i := range e.ID { // so that it does not compress to nothing
			e.ID[i] = byte(seq * uint64(i+7) * 2654435761 >> 8)
		}
		w.Emit(&e)
	}
	require.NoError(t, w.End(n, "", "passed", false))
	require.NoError(t, z.Close())

	flipped := bytes.Clone(file.Bytes())
	flipped[len(flipped)*3/4] ^= 0xff
	for name, data := range map[string][]byte{"flipped": flipped, "cut": file.Bytes()[:file.Len()*3/4]} {
		r, got := readAll(t, data)
		require.Greater(t, len(got), n/2, name)
		for i, e := range got[:n/2] {
			require.Equal(t, uint64(i+1), e.Seq, name)
		}
		assert.Contains(t, texts(r.Warnings()), "can't be read any further: ", name)
	}
}

func TestReaderOfAnUnreadableRest(t *testing.T) {
	data, events := sampleTrace(t)
	half := bytes.Index(data, []byte(`{"checkpoint"`))
	r, err := NewReader(io.MultiReader(bytes.NewReader(data[:half]), failingReader{}))
	require.NoError(t, err)
	assert.Equal(t, clones(events[:len(events)/2]), drain(t, r))
	assert.Contains(t, texts(r.Warnings()), "can't be read any further: disk full")
}

// Each damage costs one line; the rest is read, and the digest tells.
func TestReaderOfDamagedLines(t *testing.T) {
	data, events := sampleTrace(t)
	const at = 7 // an envelope_transmitted; header and lines count from 1, so line 8
	lines := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	line := string(lines[at])
	require.Contains(t, line, `"event_type":"envelope_transmitted"`)
	for _, c := range []struct{ old, new, warning string }{
		{line, line[:len(line)/2], "not JSON"},
		{line, "\xff\x00garbage", "not JSON"},
		{line, "null", "not an object"},
		{line, "[]", "not an object"},
		{line, "{}", "neither an event, nor a checkpoint, nor the end"},
		{`"t":`, `"s":`, "t is missing"},
		{`"t":`, `"t":-1`, "t: -10 is negative"},
		{`"seq":`, `"seq":-`, "seq: -7 is not a number from 0"},
		{`"seq":7`, `"seq":99999999999999999999`, "is not a number from 0"},
		{`"cause":6`, `"cause":"6"`, `cause: "6" is not a number from 0`},
		{`"because":[1,2]`, `"because":{}`, "because: {} is not an array"},
		{`"because":[1,2]`, `"because":[1,null]`, "because: null is not a number"},
		{`"event_type":"envelope_transmitted"`, `"event_type":7`, "7 is not a string"},
		{`"node":"n3"`, `"node":"n9"`, `node: node "n9" is not in the header`},
		{`"peer":"n1"`, `"peer":null`, "peer: null is not a string"},
		{`"payload":{`, `"payload":7,"x":{`, "payload: not an object"},
		{`"id":"0f`, `"id":"0F`, "payload: id: "},
		{`"id":"0f`, `"id":"0`, "payload: id: "},
		{`"control":true`, `"control":1`, "payload: control: 1 is not true or false"},
		{`"type":"MESH_HELLO",`, ``, "payload: type is missing"},
		{`"path":["n2",`, `"path":["x",`, `payload: path: node "x" is not in the header`},
		{`"path":["n2",`, `"path":[`, "payload: hops is 4, but path has 4 nodes"},
		{`"hops":4`, `"hops":5`, "payload: hops is 5, but path has 5 nodes"},
		{`"flow":"t1"`, `"flow":""`, "payload: flow: is empty"},
		{`"flow":"t1"`, `"flow":-1`, "payload: flow: -1 is not a number from 0"},
		{`"flow":"t1",`, ``, "payload: flow without n, or n without flow"},
		{`"copy":`, `"copy":99999999999`, "is not an integer of 32 bits"},
		{`"start_ns":`, `"start_ns":0.`, "is not an integer of 64 bits"},
	} {
		changed := strings.Replace(line, c.old, c.new, 1)
		require.NotEqual(t, line, changed, c.warning)
		damaged := append([][]byte{}, lines...)
		damaged[at] = []byte(changed)
		r, got := readAll(t, bytes.Join(damaged, []byte("\n")))
		without := append(clones(events[:at-1]), clones(events[at:])...)
		assert.Equal(t, without, got, "%s -> %s", c.old, c.new)
		w := texts(r.Warnings())
		assert.Contains(t, w, "line 8: damaged, passed over: ", "%s -> %s", c.old, c.new)
		assert.Contains(t, w, c.warning)
		assert.Contains(t, w, "the end line has 33 events of digest")
		assert.Equal(t, 1, r.Damaged(), "%s -> %s", c.old, c.new)
	}
}

func TestReaderNamesDamageOfOtherLines(t *testing.T) {
	data, events := sampleTrace(t)
	digest := digestOf(events...)
	for _, c := range []struct{ name, old, new, warning string }{
		{"digest of the end", digest, strings.Repeat("0", 32), "of digest 00000000000000000000000000000000, but those read are 33 of digest " + digest},
		{"events of the end", `"end":true,"events":33`, `"end":true,"events":34`, "the end line has 34 events"},
		{"end false", `"end":true`, `"end":false`, "end is not true"},
		{"end of another type", `"end":true`, `"end":1`, "damaged, passed over: json: "},
		{"checkpoint of another type", `"checkpoint":{"t":`, `"checkpoint":{"t":"x","u":`, "damaged, passed over: json: "},
		{"checkpoint's events", `"events":16,`, `"events":17,`, "events do not give the digests of the checkpoints"},
		{"a changed event", `"seq":9,"cause":8,"because":[1,2],"event_type":"envelope_delivered","node":"n3"`, `"seq":9,"cause":8,"because":[1,2],"event_type":"envelope_delivered","node":"n2"`, "events do not give the digests"},
		{"order", `"seq":9,`, `"seq":3,`, "seq 3 follows seq 8"},
		{"lines behind the end", `"verdict":"passed"}`, `"verdict":"passed"}` + "\n{}\n{}", "what follows the end line is ignored"},
	} {
		changed := bytes.Replace(data, []byte(c.old), []byte(c.new), 1)
		require.NotEqual(t, data, changed, c.name)
		r, _ := readAll(t, changed)
		assert.Contains(t, texts(r.Warnings()), c.warning, c.name)
		assert.Equal(t, 1, strings.Count(texts(r.Warnings()), c.warning), c.name)
	}
}

func TestReaderToleratesANewerVersion(t *testing.T) {
	data, events := sampleTrace(t)
	s := strings.Replace(string(data), `{"trace":1,"record":2,`, `{"trace":2,"record":3,"new":{"a":[1]},`, 1)
	s = strings.ReplaceAll(s, `"cause":`, `"why":{"x":["}"]},"cause":`)
	s = strings.ReplaceAll(s, `"payload":{"name"`, `"payload":{"colour":"a\"}b","name"`)
	s = strings.ReplaceAll(s, `"payload":{"incarnation"`, `"payload":{"size":3,"incarnation"`)
	s = strings.ReplaceAll(s, `"event_type":"route_changed"`, `"event_type":"route_painted"`)
	r, got := readAll(t, []byte(s))
	var want []Event
	for _, e := range clones(events) {
		if e.Kind != RouteChanged {
			want = append(want, e)
		}
	}
	assert.Equal(t, want, got)
	assert.Equal(t, len(events)-len(want), r.Damaged(), "each may have been an event")
	assert.Equal(t, `line 1: the trace has version 2, later than 1; what is new in it is passed over
line 2: unknown key "why" is passed over
line 2: unknown key "node_up.size" is passed over
line 5: unknown key "fault_begin.colour" is passed over
line 6: unknown key "fault_end.colour" is passed over
line 12: unknown event type "route_painted" is passed over
`, texts(r.Warnings()), "each once, and no digest that this version can't take")
}

func TestReaderBoundsLinesAndWarnings(t *testing.T) {
	data, events := sampleTrace(t)
	header := bytes.IndexByte(data, '\n') + 1
	for _, c := range []struct {
		length  int
		warning string
	}{
		{maxLine, "damaged, passed over: not JSON"},
		{maxLine + 1, "longer than 16777216 bytes, passed over"},
	} {
		long := bytes.Repeat([]byte("x"), c.length)
		r, got := readAll(t, bytes.Join([][]byte{data[:header], long, {'\n'}, data[header:]}, nil))
		assert.Equal(t, clones(events), got)
		assert.Equal(t, "line 2: "+c.warning+"\n", texts(r.Warnings()))
	}

	garbage := strings.Repeat("x\n", 250)
	r, got := readAll(t, []byte(string(data[:header])+garbage+string(data[header:])))
	assert.Equal(t, clones(events), got)
	require.Len(t, r.Warnings(), maxWarnings+1)
	assert.Equal(t, Warning{286, "150 further warnings up to here"}, r.Warnings()[maxWarnings])
}

func FuzzReader(f *testing.F) {
	data, _ := sampleTrace(f)
	f.Add(data)
	header, lines, _ := bytes.Cut(data, []byte("\n"))
	for line := range bytes.Lines(lines) { // small files are read more often
		f.Add(slices.Concat(header, []byte("\n"), line))
		f.Add(slices.Concat(header, []byte("\n"), line, line))
	}
	f.Add(compress(f, data[:len(data)/2]))
	f.Add(bytes.ReplaceAll(data[:len(header)+1000], []byte(`"n1"`), []byte(`"\u006e1"`)))
	f.Add([]byte(`{"trace":1,"names":["n"]}` + "\n" + `{"t":0,"seq":1,"cause":0,"because":[],"event_type":"link_up","node":"n","peer":"","payload":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 16<<10 {
			return
		}
		r, err := NewReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		enc := newEncoder(r.Header().Names, r.Header().Epoch)
		again := Reader{dec: r.dec}
		again.dec.event = Event{}
		for {
			e, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			line := enc.event(nil, e)
			want := clone(e)
			got, err := again.line(line)
			if err != nil || !assert.ObjectsAreEqual(want, clone(got)) {
				t.Fatalf("%s: read as %+v, again as %+v: %v", base64.StdEncoding.EncodeToString(data), want, got, err)
			}
		}
	})
}
