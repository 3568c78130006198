package netfile

import (
	"fmt"
	"regexp"
	"strings"
)

// NodeID is the id that a name in a file stands for. A bare number, which is what
// TOML or JSON would read as a number, such as 7, -1, 1.5, .5, 1e5, 0x1f or inf, gets
// an n before it: as a value of a scenario it would be no text.
func NodeID(text string) (id string, bare bool) {
	if isBareNumber(text) {
		return "n" + text, true
	}
	return text, false
}

// bareNumber is the numbers of TOML, and those of other formats that begin or end
// with the point.
var bareNumber = regexp.MustCompile(`^[+-]?(inf|nan|0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|` +
	`([0-9](_?[0-9])*\.?|([0-9](_?[0-9])*)?\.[0-9](_?[0-9])*)([eE][+-]?[0-9](_?[0-9])*)?)$`)

func isBareNumber(text string) bool {
	return text != "" && strings.IndexByte("+-.0123456789in", text[0]) >= 0 && bareNumber.MatchString(text)
}

// Collision says that two names of a file stand for one id: one with the n before
// it, and a bare number. bare tells which of them was met now; the other was met in
// the line.
func Collision(id string, bare bool, line int) string {
	other := id
	if !bare {
		other = id[1:]
	}
	return fmt.Sprintf("would be one node with %q of line %d: a bare number gets an n before it; allowed: another id for one of them", other, line)
}

// UTF16 is the message on a text in UTF-16.
const UTF16 = "is in UTF-16; a text in UTF-8 is needed"

// IsUTF16 reports whether data is a text in UTF-16: it has a byte order mark, or
// begins with two characters of ASCII.
func IsUTF16(data []byte) bool {
	if len(data) < 2 {
		return false
	}
	if data[0] == 0xFE && data[1] == 0xFF || data[0] == 0xFF && data[1] == 0xFE {
		return true
	}
	zero := func(i int) bool { return data[i] == 0 }
	return len(data) >= 4 && (zero(0) && !zero(1) && zero(2) && !zero(3) || !zero(0) && zero(1) && !zero(2) && zero(3))
}
