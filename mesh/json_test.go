package mesh

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/sim"
)

var codecNames = []string{"a", "bé", `c"<`, "d"}

func goldenEnvelope() *Envelope {
	return &Envelope{
		ID: NewID([4]uint64{1, 2, 0, 0}), Type: "SERVICE<&>INVOKE", Origin: 0, Destination: 3,
		Payload: RawPayload(`{"k":"v"}`), Hops: []sim.NodeID{1, 2, 3}, Created: 1_000_000_001, Sign: Signature{Token: 0xabc},
	}
}

func TestEnvelopeJSONGoldens(t *testing.T) {
	broadcast := goldenEnvelope()
	broadcast.Destination, broadcast.Payload, broadcast.Hops = sim.Everyone, nil, nil
	c := NewCodec(codecNames, epoch)
	for _, g := range []struct {
		e                *Envelope
		whole, canonical string
	}{
		{
			goldenEnvelope(),
			`{"created_at":"2025-01-01T00:00:01.000000001Z","destination":"d","hops":["bé","c\"<","d"],"id":"00000000-0000-4001-8000-000000000002","mesh":"1.0","origin":"a","payload":{"k":"v"},"sign":{"algo":"modelled","signature":"0000000000000abc"},"type":"SERVICE<&>INVOKE"}`,
			`{"created_at":"2025-01-01T00:00:01.000000001Z","destination":"d","id":"00000000-0000-4001-8000-000000000002","mesh":"1.0","origin":"a","payload":{"k":"v"},"type":"SERVICE<&>INVOKE"}`,
		},
		{
			broadcast,
			`{"created_at":"2025-01-01T00:00:01.000000001Z","destination":"*","hops":[],"id":"00000000-0000-4001-8000-000000000002","mesh":"1.0","origin":"a","payload":{},"sign":{"algo":"modelled","signature":"0000000000000abc"},"type":"SERVICE<&>INVOKE"}`,
			`{"created_at":"2025-01-01T00:00:01.000000001Z","destination":"*","id":"00000000-0000-4001-8000-000000000002","mesh":"1.0","origin":"a","payload":{},"type":"SERVICE<&>INVOKE"}`,
		},
	} {
		assert.Equal(t, g.whole, string(c.AppendEnvelope(nil, g.e)))
		assert.Equal(t, g.canonical, string(c.AppendCanonical(nil, g.e)))
		// The canonical form of the whole is the whole.
		again, err := ParsePayload([]byte(g.whole))
		require.NoError(t, err)
		assert.Equal(t, g.whole, string(again))
	}
}

func TestEnvelopeRoundTrip(t *testing.T) {
	c := NewCodec(codecNames, epoch)
	rapid.Check(t, func(t *rapid.T) {
		node := rapid.Custom(func(t *rapid.T) sim.NodeID { return sim.NodeID(rapid.IntRange(0, 3).Draw(t, "node")) })
		e := &Envelope{
			ID:          NewID([4]uint64{rapid.Uint64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo")}),
			Type:        rapid.String().Draw(t, "type"),
			Origin:      node.Draw(t, "origin"),
			Destination: rapid.OneOf(node, rapid.Just(sim.Everyone)).Draw(t, "destination"),
			Hops:        rapid.SliceOfN(node, 0, 5).Draw(t, "hops"),
			Created:     clock.Time(rapid.Int64().Draw(t, "created")),
			Sign:        Signature{Token: rapid.Uint64().Draw(t, "token")},
			Size:        2,
		}
		if len(e.Hops) == 0 {
			e.Hops = nil
		}
		if n := rapid.Int64Range(-5, 5).Draw(t, "payload"); n != 0 {
			e.Payload = RawPayload(fmt.Sprintf(`{"n":%d}`, n))
			e.Size = int64(len(e.Payload.AppendJSON(nil)))
		}
		got, err := c.Parse(c.AppendEnvelope(nil, e))
		require.NoError(t, err)
		require.Equal(t, e, got)
	})
}

func TestParseTakesAnyOrderAndWhiteSpace(t *testing.T) {
	c := NewCodec(codecNames, epoch)
	got, err := c.Parse([]byte(`{
		"type": "SERVICE<&>INVOKE", "mesh": "1.0", "origin": "a", "destination": "d", "hops": ["bé", "c\"<", "d"],
		"id": "00000000-0000-4001-8000-000000000002", "created_at": "2025-01-01T00:00:01.000000001Z",
		"sign": {"signature": "0000000000000abc", "algo": "modelled"}, "payload": {"k": "v"}}`))
	require.NoError(t, err)
	want := goldenEnvelope()
	want.Size = int64(len(`{"k":"v"}`))
	assert.Equal(t, want, got)
}

func TestParseRefuses(t *testing.T) {
	c := NewCodec(codecNames, epoch)
	good := string(c.AppendEnvelope(nil, goldenEnvelope()))
	for _, r := range []struct{ old, new, want string }{
		{good, `[]`, "envelope: not an object"},
		{good, good[:20], "unexpected end"},
		{`"mesh":"1.0",`, ``, "envelope: mesh: missing"},
		{`"hops"`, `"Hops"`, "envelope: hops: missing\nenvelope: Hops: unknown key"},
		{`"mesh":"1.0"`, `"mesh":"1.1"`, `envelope: mesh: version "1.1" is not known; allowed: "1.0"`},
		{`"mesh":"1.0"`, `"mesh":1`, `envelope: mesh: 1 is not a string`},
		{`"mesh":"1.0"`, `"mesh":"1.0","ttl":3`, "envelope: ttl: unknown key"},
		{`"mesh":"1.0"`, `"mesh":"1.0","mesh":"1.0"`, `key "mesh" is given twice`},
		{`"origin":"a"`, `"origin":"z"`, `envelope: origin: no node has the id "z"`},
		{`"origin":"a"`, `"origin":"*"`, `envelope: origin: no node has the id "*"`},
		{`"origin":"a"`, `"origin":[]`, `envelope: origin: [] is not a string`},
		{`"destination":"d"`, `"destination":"z"`, `envelope: destination: no node has the id "z"`},
		{`"destination":"d"`, `"destination":true`, `envelope: destination: true is not a string`},
		{`["bé",`, `["x",`, `envelope: hops: no node has the id "x"`},
		{`["bé",`, `[7,`, "is not a list of node ids"},
		{`["bé","c\"<","d"]`, `{}`, "envelope: hops: {} is not a list of node ids"},
		{`"id":"0`, `"id":"g`, "envelope: id:"},
		{`"id":"00000000-0000-4001-8000-000000000002"`, `"id":5`, "envelope: id: 5 is not a string"},
		{`{"k":"v"}`, `["k"]`, `envelope: payload: ["k"] is not an object`},
		{`{"k":"v"}`, `{"k":0.5}`, "number 0.5 is not allowed"},
		{`"type":"SERVICE<&>INVOKE"`, `"type":9`, "envelope: type: 9 is not a string"},
		{`01.000000001Z`, `01.5Z`, "envelope: created_at:"},
		{`01.000000001Z`, `01.000000001+00:00`, "allowed: RFC 3339 in UTC with nine decimals, such as 2025-01-01T00:00:00.000000000Z"},
		{`2025-01-01T`, `2999-01-01T`, "within 292 years"},
		{`"2025-01-01T00:00:01.000000001Z"`, `0`, "envelope: created_at: 0 is not a string"},
		{`modelled`, `rot13`, `envelope: sign: algo: "rot13" is not known; allowed: "modelled"`},
		{`0000000000000abc`, `abc`, `envelope: sign: signature: "abc" is not 16 digits`},
		{`0000000000000abc`, `0000000000000ABC`, "is not 16 digits of lower-case hex"},
		{`"algo":"modelled",`, ``, "envelope: sign:"},
		{`"algo":"modelled",`, `"algo":"modelled","key":"x",`, "is not a signature"},
		{`{"algo":"modelled","signature":"0000000000000abc"}`, `"x"`, "envelope: sign: not an object"},
	} {
		require.Contains(t, good, r.old)
		_, err := c.Parse([]byte(strings.Replace(good, r.old, r.new, 1)))
		assert.ErrorContains(t, err, r.want, r.new)
	}
}

func TestParseTellsAllThatIsWrongBriefly(t *testing.T) {
	_, err := NewCodec(codecNames, epoch).Parse([]byte(`{"mesh":"2","type":[` + strings.Repeat("1,", 10000) + `1]}`))
	require.Error(t, err)
	assert.Len(t, strings.Split(err.Error(), "\n"), len(envelopeFields))
	assert.Less(t, len(err.Error()), 1000)
}

func FuzzParse(f *testing.F) {
	c := NewCodec(codecNames, epoch)
	f.Add(c.AppendEnvelope(nil, goldenEnvelope()))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := c.Parse(data)
		if err != nil {
			return
		}
		text := c.AppendEnvelope(nil, e)
		again, err := c.Parse(text)
		require.NoError(t, err)
		require.Equal(t, e, again)
	})
}
