package trace

import (
	"bytes"
	"encoding/json"
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

// nastyStrings are valid UTF-8 that a careless encoder or decoder breaks on.
var nastyStrings = []string{
	"", `"`, `\`, `\"`, "a\nb\r\t", "\x00\x1f\x7f", "\u2028\u2029", "é€😀", "</script>&", "\ufffd", `\u0041`, "{}[],:", `"end":true`, "null", " ",
}

func genText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(nastyStrings), rapid.String())
}

// drawNames draws node ids: distinct, and neither empty nor "*".
func drawNames(t *rapid.T) []string {
	ok := func(s string) bool { return s != "" && s != "*" }
	return rapid.SliceOfNDistinct(genText().Filter(ok), 1, 8, rapid.ID).Draw(t, "names")
}

func genNode(nodes int) *rapid.Generator[sim.NodeID] {
	return rapid.Map(rapid.IntRange(int(sim.Everyone), nodes-1), func(i int) sim.NodeID { return sim.NodeID(i) })
}

// genEvent generates events of every kind, with what their row has and no more.
func genEvent(nodes int) *rapid.Generator[Event] {
	return rapid.Custom(func(t *rapid.T) Event {
		e := Event{
			Kind:    rapid.SampledFrom(Kinds()).Draw(t, "kind"),
			T:       clock.Time(rapid.Int64Range(0, int64(8760*time.Hour)).Draw(t, "t")),
			Node:    genNode(nodes).Draw(t, "node"),
			Peer:    genNode(nodes).Draw(t, "peer"),
			Seq:     rapid.Uint64().Draw(t, "seq"),
			Cause:   rapid.Uint64().Draw(t, "cause"),
			Because: rapid.SliceOfN(rapid.Uint64(), 0, 4).Draw(t, "because"),
		}
		for _, f := range kinds[e.Kind].fields {
			drawField(t, &e, f, nodes)
		}
		if e.Flow.Name == "" {
			e.Flow, e.N = Flow{}, 0
		}
		return e
	})
}

func drawField(t *rapid.T, e *Event, f field, nodes int) {
	node, text := genNode(nodes), genText()
	switch f {
	case fieldID:
		copy(e.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	case fieldType:
		e.Type = text.Draw(t, "type")
	case fieldControl:
		e.Control = rapid.Bool().Draw(t, "control")
	case fieldOrigin:
		e.Origin = node.Draw(t, "origin")
	case fieldDestination:
		e.Destination = node.Draw(t, "destination")
	case fieldPath:
		e.Path = rapid.SliceOfN(node, 0, 6).Draw(t, "path")
	case fieldHops:
	case fieldFlow:
		e.Flow = Flow{Name: text.Draw(t, "flow")}
		if rapid.Bool().Draw(t, "row") {
			e.Flow = Flow{Name: rapid.StringMatching(`0|[1-9][0-9]{0,6}`).Draw(t, "flow"), IsRow: true}
		}
	case fieldInjected:
		e.Injected = rapid.Bool().Draw(t, "injected")
	case fieldReason:
		e.Reason = Reason(rapid.IntRange(0, int(reasonCount)-1).Draw(t, "reason"))
	case fieldLayer:
		e.Layer = Layer(rapid.IntRange(0, int(layerCount)-1).Draw(t, "layer"))
	case fieldName:
		e.Name = text.Draw(t, "name")
	case fieldWhat:
		e.What = text.Draw(t, "what")
	case fieldDetail:
		e.Detail = text.Draw(t, "detail")
	case fieldLose:
		e.Lose = Lose(rapid.IntRange(0, int(loseCount)-1).Draw(t, "lose"))
	case fieldMisdeed:
		e.Misdeed = Misdeed(rapid.IntRange(0, int(misdeedCount)-1).Draw(t, "misdeed"))
	case fieldKept:
		if e.Misdeed == Delayed {
			e.setInteger(f, rapid.Int64().Draw(t, "kept"))
		}
	case fieldFrom:
		e.From = Trust(rapid.IntRange(0, int(trustCount)-1).Draw(t, "from"))
	case fieldTo:
		e.To = Trust(rapid.IntRange(0, int(trustCount)-1).Draw(t, "to"))
	case fieldEvent:
		e.Evidence = Evidence(rapid.IntRange(0, int(evidenceCount)-1).Draw(t, "event"))
	case fieldRecord:
		e.Record = text.Draw(t, "record")
	case fieldBy, fieldClaim, fieldStatement, fieldSource, fieldTier, fieldState, fieldWhy, fieldChannel, fieldPolicy:
		*e.text(f) = text.Draw(t, fieldNames[f])
	case fieldVoices:
		e.Voices = rapid.SliceOfN(node, 0, 3).Draw(t, "voices")
	case fieldSubject:
		e.Subject = node.Draw(t, "subject")
	case fieldHolds:
		e.Holds = rapid.Bool().Draw(t, "holds")
	case fieldNext:
		e.Next = node.Draw(t, "next")
	default:
		if f.bits() == 32 {
			e.setInteger(f, int64(rapid.Int32().Draw(t, fieldNames[f])))
			return
		}
		e.setInteger(f, rapid.Int64().Draw(t, fieldNames[f]))
	}
}

// traceOf writes a whole trace, with a checkpoint in its middle.
func traceOf(t require.TestingT, names []string, h Header, f Filter, events []Event) []byte {
	var b bytes.Buffer
	w, err := NewWriter(&b, names, h, f)
	require.NoError(t, err)
	d := NewDigest(names)
	for i := range events {
		if i == len(events)/2 {
			w.Checkpoint(d.Checkpoint(events[i].T))
		}
		d.Emit(&events[i])
		w.Emit(&events[i])
	}
	require.NoError(t, w.End(d.events, d.Sum(), "passed", false))
	return b.Bytes()
}

// readAll reads a trace to its end. The events are copies.
func readAll(t require.TestingT, data []byte) (*Reader, []Event) {
	r, err := NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	return r, drain(t, r)
}

func drain(t require.TestingT, r *Reader) []Event {
	var events []Event
	for {
		e, err := r.Next()
		if err == io.EOF {
			return events
		}
		require.NoError(t, err)
		events = append(events, clone(e))
	}
}

// clone copies an event, with empty slices as nil.
func clone(e *Event) Event {
	c := *e
	c.Because = append([]uint64(nil), e.Because...)
	c.Path = append([]sim.NodeID(nil), e.Path...)
	c.Voices = append([]sim.NodeID(nil), e.Voices...)
	return c
}

func clones(events []Event) []Event {
	var out []Event
	for i := range events {
		out = append(out, clone(&events[i]))
	}
	return out
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := drawNames(t)
		events := rapid.SliceOfN(genEvent(len(names)), 0, 20).Draw(t, "events")
		for i := range events {
			if events[i].Seq != 0 {
				events[i].Seq = uint64(i + 1)
			}
		}
		h := Header{Scenario: genText().Draw(t, "scenario"), ScenarioTOML: genText().Draw(t, "toml"), Seed: sim.MaxSeed, Epoch: sampleEpoch}
		data := traceOf(t, names, h, Filter{Level: LevelAll}, events)

		r, got := readAll(t, data)
		require.Equal(t, clones(events), got)
		require.Empty(t, r.Warnings(), "the digest comes out, checkpoints and end are there")
		require.Equal(t, names, r.Header().Names)
		require.Equal(t, h.ScenarioTOML, r.Header().ScenarioTOML)
		for line := range strings.Lines(string(data)) {
			require.True(t, json.Valid([]byte(line)), line)
		}
	})
}

// Every field of every row is written: a change that the digest sees, a reader sees.
func TestEveryFieldIsWritten(t *testing.T) {
	enc := newEncoder(sampleNames, sampleEpoch)
	for _, k := range Kinds() {
		before := sampleEvent(k, 1)
		for _, f := range kinds[k].fields {
			for i, change := range mutations[f] {
				e := sampleEvent(k, 1)
				change(&e)
				assert.NotEqual(t, string(enc.event(nil, &before)), string(enc.event(nil, &e)), "%v, change %d of %s", k, i, fieldNames[f])
			}
		}
	}
}
