package mesh

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParsePayloadMakesItCanonical(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{}`, `{}`},
		{" {\n} ", `{}`},
		{`{"b":1,"a":[true,false,-5,{}],"":"x"}`, `{"":"x","a":[true,false,-5,{}],"b":1}`},
		{`{"a":{"d":[],"c":[ ]}}`, `{"a":{"c":[],"d":[]}}`},
		{`{"a":"<&>\u003c\u00e9\/\u2028"}`, "{\"a\":\"<&><é/\u2028\"}"},
		{`{"a":"\"\\\b\f\n\r\t\u0000\u001F\u007f"}`, "{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\"}"},
		{`{"a":"\ud83d\ude00"}`, `{"a":"😀"}`},
		{`{"a":"\\ud83d"}`, `{"a":"\\ud83d"}`},
		{`{"a":-0}`, `{"a":0}`},
		{`{"a":[9223372036854775807,-9223372036854775808]}`, `{"a":[9223372036854775807,-9223372036854775808]}`},
		// By the bytes of UTF-8, where UTF-16 would put the second first.
		{"{\"\U0001F600\":1,\"\uFF5E\":2,\"z\":3}", "{\"z\":3,\"\uFF5E\":2,\"\U0001F600\":1}"},
	} {
		got, err := ParsePayload([]byte(c.in))
		require.NoError(t, err, c.in)
		assert.Equal(t, c.want, string(got))
	}
}

func TestParsePayloadRefuses(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, "unexpected end"},
		{`{"a":1`, "unexpected end"},
		{`{"a":1,}`, "byte 8: invalid character"},
		{`{"a":1} {}`, "byte 9: invalid character"},
		{`[1]`, "not an object"},
		{`null`, "not an object"},
		{`"a"`, "not an object"},
		{`{"a":null}`, "null is not allowed"},
		{`{"a":1.0}`, "number 1.0 is not allowed; allowed: integers of 64 bits"},
		{`{"a":[1e3]}`, "number 1e3 is not allowed"},
		{`{"a":9223372036854775808}`, "number 9223372036854775808 is not allowed"},
		{`{"a":1,"b":{"c":1,"\u0063":2}}`, `key "c" is given twice`},
		{"{\"a\":\"\xff\"}", "not UTF-8"},
		{`{"a":"\ud83d"}`, "byte 6: half a surrogate pair"},
		{`{"a":"\ude00\ud83d"}`, "byte 6: half a surrogate pair"},
		{`{"a":"\ud83d\n"}`, "byte 6: half a surrogate pair"},
		{`{"a":"\\\ud83d\ud83d\ude00"}`, "byte 8: half a surrogate pair"},
		{nested(maxDepth), "nested too deeply; allowed: 100 levels"},
	} {
		_, err := ParsePayload([]byte(c.in))
		assert.ErrorContains(t, err, c.want, c.in)
	}
	_, err := ParsePayload([]byte(nested(maxDepth - 1)))
	assert.NoError(t, err)
}

// nested is an object with a list of lists of lists inside.
func nested(lists int) string {
	return `{"a":` + strings.Repeat("[", lists) + strings.Repeat("]", lists) + "}"
}

// anyObject draws what a canonical payload may hold.
func anyObject(depth int) *rapid.Generator[map[string]any] {
	return rapid.MapOfN(rapid.String(), anyValue(depth), 0, 4)
}

func anyValue(depth int) *rapid.Generator[any] {
	leaves := []*rapid.Generator[any]{rapid.String().AsAny(), rapid.Bool().AsAny(), rapid.Int64().AsAny()}
	if depth > 0 {
		leaves = append(leaves, rapid.SliceOfN(anyValue(depth-1), 0, 3).AsAny(), anyObject(depth-1).AsAny())
	}
	return rapid.OneOf(leaves...)
}

func TestParsePayloadKeepsTheValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.MarshalIndent(anyObject(3).Draw(t, "object"), "", " ")
		require.NoError(t, err)
		payload, err := ParsePayload(text)
		require.NoError(t, err)
		require.JSONEq(t, string(text), string(payload))
		again, err := ParsePayload(payload)
		require.NoError(t, err)
		require.Equal(t, payload, again)
	})
}
