package trace

import (
	"strconv"
	"time"
	"unicode/utf8"

	"meshsim/clock"
	"meshsim/sim"
)

// encoder renders events as JSON, with the keys always in the same order. The
// bytes are this project's own: no library's release can change them.
type encoder struct {
	names nameTable // quoted
	epoch time.Time

	// An instant is a prefix that is the same throughout a second, and its ns.
	second uint64 // the prefix's, counted from the epoch's own second
	prefix []byte // 2025-01-01T00:00:00.
}

func newEncoder(names []string, epoch time.Time) encoder {
	return encoder{names: newNameTable(names, AppendJSONString), epoch: epoch}
}

// kindText is the middle of an event's line, the same for all events of a kind.
var kindText = func() (text [kindCount]string) {
	for k, row := range kinds {
		text[k] = `],"event_type":"` + row.name + `","node":`
	}
	return text
}()

// fieldText is a field's key with the comma before it.
var fieldText = func() (text [fieldCount]string) {
	for f, name := range fieldNames {
		text[f] = `,"` + name + `":`
	}
	return text
}()

// event appends one event, without a line feed.
func (c *encoder) event(b []byte, e *Event) []byte {
	b = append(b, `{"t":`...)
	b = strconv.AppendInt(b, int64(e.T), 10)
	b = append(b, `,"seq":`...)
	b = strconv.AppendUint(b, e.Seq, 10)
	b = append(b, `,"cause":`...)
	b = strconv.AppendUint(b, e.Cause, 10)
	b = append(b, `,"because":[`...)
	for i, seq := range e.Because {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, seq, 10)
	}
	b = append(b, kindText[e.Kind]...)
	b = append(b, c.names.of(e.Node)...)
	b = append(b, `,"peer":`...)
	b = append(b, c.names.of(e.Peer)...)
	b = append(b, `,"occurred_at":"`...)
	b = c.instant(b, e.T)
	b = append(b, `","payload":{`...)
	start := len(b)
	for _, f := range kinds[e.Kind].fields {
		if e.absent(f) {
			continue
		}
		key := fieldText[f]
		if len(b) == start {
			key = key[1:]
		}
		b = c.field(append(b, key...), f, e)
	}
	return append(b, "}}"...)
}

// absent reports whether a field of the kind's row is left out.
func (p *Payload) absent(f field) bool {
	switch f {
	case fieldFlow, fieldN:
		return p.Flow.Name == ""
	case fieldInjected:
		return !p.Injected
	case fieldLose:
		return p.Lose == NoLose
	case fieldSkew:
		return p.Skew == 0
	case fieldBy:
		return p.By == ""
	case fieldVoices:
		return len(p.Voices) == 0
	case fieldMisdeed:
		return p.Misdeed == NoMisdeed
	case fieldKept:
		return p.Misdeed != Delayed
	}
	return false
}

// optionalFields are those that may be absent.
const optionalFields fieldSet = 1<<fieldFlow | 1<<fieldN | 1<<fieldInjected | 1<<fieldLose | 1<<fieldSkew | 1<<fieldBy | 1<<fieldVoices |
	1<<fieldMisdeed | 1<<fieldKept

// field appends the value of one payload field.
func (c *encoder) field(b []byte, f field, e *Event) []byte {
	switch f {
	case fieldID:
		b = append(b, '"')
		b, _ = e.ID.AppendText(b)
		return append(b, '"')
	case fieldType, fieldName, fieldWhat, fieldDetail, fieldRecord, fieldBy, fieldClaim, fieldStatement, fieldSource, fieldTier, fieldState,
		fieldWhy, fieldChannel, fieldPolicy:
		return AppendJSONString(b, *e.text(f))
	case fieldControl:
		return strconv.AppendBool(b, e.Control)
	case fieldOrigin:
		return append(b, c.names.of(e.Origin)...)
	case fieldDestination:
		return append(b, c.names.of(e.Destination)...)
	case fieldPath:
		return c.path(b, e.Path)
	case fieldHops:
		return strconv.AppendInt(b, hops(e.Path), 10)
	case fieldFlow:
		if e.Flow.IsRow {
			return append(b, e.Flow.Name...)
		}
		return AppendJSONString(b, e.Flow.Name)
	case fieldInjected:
		return strconv.AppendBool(b, e.Injected)
	case fieldReason:
		return AppendJSONString(b, e.Reason.String())
	case fieldLayer:
		return AppendJSONString(b, e.Layer.String())
	case fieldHolds:
		return strconv.AppendBool(b, e.Holds)
	case fieldVoices:
		return c.path(b, e.Voices)
	case fieldLose:
		return AppendJSONString(b, e.Lose.String())
	case fieldMisdeed:
		return AppendJSONString(b, e.Misdeed.String())
	case fieldNext:
		return append(b, c.names.of(e.Next)...)
	case fieldSubject:
		return append(b, c.names.of(e.Subject)...)
	case fieldFrom:
		return AppendJSONString(b, e.From.String())
	case fieldTo:
		return AppendJSONString(b, e.To.String())
	case fieldEvent:
		return AppendJSONString(b, e.Evidence.String())
	default:
		return strconv.AppendInt(b, e.integer(f), 10)
	}
}

func (c *encoder) path(b []byte, path []sim.NodeID) []byte {
	b = append(b, '[')
	for i, id := range path {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, c.names.of(id)...)
	}
	return append(b, ']')
}

// hops is the number of links that a path has crossed.
func hops(path []sim.NodeID) int64 { return int64(max(len(path)-1, 0)) }

// instant appends the date of t as clock.Time.AppendRFC3339 does.
func (c *encoder) instant(b []byte, t clock.Time) []byte {
	const zeros = "000000000Z"
	since := uint64(t) + uint64(c.epoch.Nanosecond())
	second, ns := since/uint64(clock.Second), since%uint64(clock.Second)
	if second != c.second || c.prefix == nil {
		c.prefix = t.AppendRFC3339(c.prefix[:0], c.epoch)
		c.prefix = c.prefix[:len(c.prefix)-len(zeros)]
		c.second = second
	}
	b = append(b, c.prefix...)
	b = append(b, zeros...)
	for i := len(b) - 2; ns > 0; i-- {
		b[i] = '0' + byte(ns%10)
		ns /= 10
	}
	return b
}

// plainASCII are the bytes that stand for themselves in a JSON string.
var plainASCII = func() (plain [utf8.RuneSelf]bool) {
	for c := range plain {
		plain[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return plain
}()

// AppendJSONString appends s as a JSON string with no more escapes than RFC 8259,
// section 7 demands: the quote, the backslash and control characters, these by
// their short form where they have one. Each byte that is not UTF-8 becomes U+FFFD.
func AppendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	done := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if !plainASCII[c] {
				b = append(b, s[done:i]...)
				b = appendEscape(b, c)
				done = i + 1
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b = append(b, s[done:i]...)
			b = utf8.AppendRune(b, utf8.RuneError)
			done = i + 1
		}
		i += size
	}
	return append(append(b, s[done:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
