package mesh

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"meshsim/trace"
)

// emptyPayload is the canonical JSON of no payload.
const emptyPayload = "{}"

// maxDepth bounds the nesting of JSON from outside.
const maxDepth = 100

// RawPayload is a payload that is known as canonical JSON only: ParsePayload and
// Codec.Parse make it.
type RawPayload []byte

// AppendJSON implements Payload.
func (p RawPayload) AppendJSON(b []byte) []byte { return append(b, p...) }

// ParsePayload brings a JSON object into canonical form: members sorted by the
// UTF-8 bytes of their keys, no white space, text unescaped where JSON allows it.
// Values are integers of 64 bits, strings, booleans, arrays and objects; null and
// numbers that are not written as integers are refused, as are keys given twice,
// text that is not Unicode and nesting deeper than 100.
func ParsePayload(data []byte) (RawPayload, error) {
	members, err := parseObject(data)
	if err != nil {
		return nil, err
	}
	return appendMembers(nil, members), nil
}

// member is one member of an object, its value in canonical form.
type member struct {
	key   string
	value []byte
}

// parseObject reads one object, the members of which come sorted.
func parseObject(data []byte) ([]member, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("the text is not UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, fmt.Errorf("byte %d: %w", syntax.Offset, err)
		}
		return nil, err
	}
	if at := loneSurrogate(data); at >= 0 {
		return nil, fmt.Errorf("byte %d: half a surrogate pair is no character", at)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	c := canonicaliser{d}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	if token != json.Delim('{') {
		return nil, errors.New("not an object; allowed: {…}")
	}
	members, err := c.members(1)
	if err != nil {
		return nil, fmt.Errorf("byte %d: %w", d.InputOffset(), err)
	}
	return members, nil
}

// loneSurrogate returns where a text that is JSON escapes half a surrogate pair,
// which encoding/json would replace without a word, or −1.
func loneSurrogate(data []byte) int {
	unit := func(i int) rune { // the UTF-16 unit that is escaped at i, or 0
		if i+6 > len(data) || data[i] != '\\' || data[i+1] != 'u' {
			return 0
		}
		u, _ := strconv.ParseUint(string(data[i+2:i+6]), 16, 16)
		return rune(u)
	}
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		if u := unit(i); utf16.IsSurrogate(u) {
			if utf16.DecodeRune(u, unit(i+6)) == utf8.RuneError {
				return i
			}
			i += 6
		}
		i++ // the escaped character, which may be a backslash
	}
	return -1
}

// canonicaliser renders the tokens of a text that is known to be JSON.
type canonicaliser struct{ *json.Decoder }

// members reads up to the end of an object.
func (c canonicaliser) members(depth int) ([]member, error) {
	var members []member
	for c.More() {
		key, err := c.Token()
		if err != nil {
			return nil, err
		}
		value, err := c.appendValue(nil, depth)
		if err != nil {
			return nil, err
		}
		members = append(members, member{key.(string), value})
	}
	if _, err := c.Token(); err != nil {
		return nil, err
	}
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.key, b.key) })
	for i := 1; i < len(members); i++ {
		if members[i].key == members[i-1].key {
			return nil, fmt.Errorf("key %q is given twice", members[i].key)
		}
	}
	return members, nil
}

func (c canonicaliser) appendValue(b []byte, depth int) ([]byte, error) {
	token, err := c.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case string:
		return trace.AppendJSONString(b, v), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("number %s is not allowed; allowed: integers of 64 bits", v)
		}
		return strconv.AppendInt(b, n, 10), nil
	case json.Delim:
		if depth == maxDepth {
			return nil, fmt.Errorf("nested too deeply; allowed: %d levels", maxDepth)
		}
		if v == '[' {
			return c.appendArray(b, depth+1)
		}
		members, err := c.members(depth + 1)
		return appendMembers(b, members), err
	default:
		return nil, errors.New("null is not allowed")
	}
}

func (c canonicaliser) appendArray(b []byte, depth int) ([]byte, error) {
	b = append(b, '[')
	for first := true; c.More(); first = false {
		if !first {
			b = append(b, ',')
		}
		var err error
		if b, err = c.appendValue(b, depth); err != nil {
			return nil, err
		}
	}
	_, err := c.Token()
	return append(b, ']'), err
}

func appendMembers(b []byte, members []member) []byte {
	b = append(b, '{')
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(trace.AppendJSONString(b, m.key), ':'), m.value...)
	}
	return append(b, '}')
}
