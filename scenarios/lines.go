package scenarios

import (
	"strconv"
	"strings"
)

// The bounds of nesting: the TOML reader recurses, and no scenario needs more.
const (
	maxDepth     = 32      // of arrays and inline tables within each other
	maxKeyParts  = 32      // of a dotted key
	maxPlaces    = 1 << 20 // lines that are remembered
	maxPartBytes = 1 << 10 // of one part of a key
)

// lineIndex maps full key paths such as fault[0].groups[1] to lines from 1. The
// TOML reader gives lines for syntax errors only.
type lineIndex map[string]int

// indexLines scans a TOML text. It is lenient: the TOML reader is the judge of
// syntax, and up to its first complaint both see the same. It returns a message
// and its line if the text is nested too deeply to be read at all.
func indexLines(text string) (lines lineIndex, line int, problem string) {
	s := &lineScanner{text: strings.TrimPrefix(text, "\uFEFF"), line: 1, index: lineIndex{}, tables: map[string]int{}}
	prefix := ""
	for s.problem == "" {
		s.skip(" \t\r\n")
		switch {
		case s.pos >= len(s.text):
			return s.index, 0, ""
		case s.text[s.pos] == '[':
			prefix = s.header()
		default:
			s.pair(prefix, 0)
		}
	}
	return s.index, s.line, s.problem
}

type lineScanner struct {
	text    string
	pos     int
	line    int
	index   lineIndex
	tables  map[string]int // entries so far of each array of tables
	problem string
}

// skip passes over the given white space and over comments.
func (s *lineScanner) skip(space string) {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '#':
			s.until("\n")
		case strings.IndexByte(space, c) < 0:
			return
		default:
			s.advance()
		}
	}
}

func (s *lineScanner) advance() {
	if s.text[s.pos] == '\n' {
		s.line++
	}
	s.pos++
}

// until moves to the first of the bytes, or to the end.
func (s *lineScanner) until(stops string) {
	if i := strings.IndexAny(s.text[s.pos:], stops); i >= 0 {
		s.pos += i
	} else {
		s.pos = len(s.text)
	}
}

func (s *lineScanner) at(prefix string) bool { return strings.HasPrefix(s.text[s.pos:], prefix) }

func (s *lineScanner) record(path string, line int) {
	if _, known := s.index[path]; !known && len(s.index) < maxPlaces {
		s.index[path] = line
	}
}

// header reads [table] or [[table]] and returns its path.
func (s *lineScanner) header() string {
	line := s.line
	s.pos++
	array := s.at("[")
	if array {
		s.pos++
	}
	parts := s.key()
	path := ""
	for i, part := range parts {
		path = joinKey(path, part)
		if array && i == len(parts)-1 {
			s.record(path, line)
			s.tables[path]++
		}
		if n := s.tables[path]; n > 0 {
			path = elementPath(path, n-1)
		}
		s.record(path, line)
	}
	s.until("\n")
	return path
}

// pair reads key = value.
func (s *lineScanner) pair(prefix string, depth int) {
	start, line := s.pos, s.line
	for _, part := range s.key() {
		prefix = joinKey(prefix, part)
		s.record(prefix, line)
	}
	s.skip(" \t")
	if s.at("=") {
		s.pos++
		s.skip(" \t")
		s.value(prefix, depth)
	}
	if s.pos == start && s.pos < len(s.text) { // not TOML; the reader will say so
		s.advance()
	}
}

// key reads a dotted key.
func (s *lineScanner) key() (parts []string) {
	for s.pos < len(s.text) {
		s.skip(" \t")
		start := s.pos
		switch {
		case s.at(`"`), s.at("'"):
			s.str()
			parts = append(parts, unquoteKey(s.text[start:s.pos]))
		default:
			for s.pos < len(s.text) && isBare(s.text[s.pos]) {
				s.pos++
			}
			parts = append(parts, s.text[start:s.pos])
		}
		if s.pos-start > maxPartBytes {
			s.problem = "key is longer than " + strconv.Itoa(maxPartBytes) + " bytes"
		}
		if len(parts) > maxKeyParts {
			s.problem = "key has more than " + strconv.Itoa(maxKeyParts) + " parts"
		}
		s.skip(" \t")
		if !s.at(".") || s.problem != "" {
			return parts
		}
		s.pos++
	}
	return parts
}

// value passes over a value and records what lies inside it.
func (s *lineScanner) value(path string, depth int) {
	if depth > maxDepth {
		s.problem = "value is nested deeper than " + strconv.Itoa(maxDepth) + " levels"
		return
	}
	switch {
	case s.at("["):
		s.list(path, depth)
	case s.at("{"):
		s.inline(path, depth)
	case s.at(`"`), s.at("'"):
		s.str()
	default:
		s.until(",]}#\n")
	}
}

func (s *lineScanner) list(path string, depth int) {
	line := s.line
	s.pos++
	for i := 0; s.problem == ""; i++ {
		s.skip(" \t\r\n,")
		if s.pos >= len(s.text) || s.at("]") || s.at("}") {
			break
		}
		element := elementPath(path, i)
		if s.line != line { // else the list's own line serves
			s.record(element, s.line)
		}
		s.value(element, depth+1)
	}
	if s.at("]") {
		s.pos++
	}
}

func (s *lineScanner) inline(path string, depth int) {
	s.pos++
	for s.problem == "" {
		s.skip(" \t\r\n,")
		if s.pos >= len(s.text) || s.at("}") || s.at("]") {
			break
		}
		s.pair(path, depth+1)
	}
	if s.at("}") {
		s.pos++
	}
}

// str passes over a string of any of the four forms.
func (s *lineScanner) str() {
	quote := s.text[s.pos : s.pos+1]
	if long := strings.Repeat(quote, 3); s.at(long) {
		s.long(long)
		return
	}
	s.pos++
	for s.pos < len(s.text) && !s.at(quote) && !s.at("\n") {
		if s.at(`\`) && quote == `"` {
			s.pos++
		}
		s.pos++
	}
	s.pos = min(s.pos, len(s.text))
	if s.at(quote) {
		s.pos++
	}
}

// long passes over a multi-line string; up to two quotes may precede the closing
// three.
func (s *lineScanner) long(quotes string) {
	s.pos += 3
	for s.pos < len(s.text) && !s.at(quotes) {
		if s.at(`\`) && quotes[0] == '"' && s.pos+1 < len(s.text) {
			s.pos++
		}
		s.advance()
	}
	for range 5 {
		if s.at(quotes[:1]) {
			s.pos++
		}
	}
}

func isBare(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// unquoteKey is what a quoted key stands for.
func unquoteKey(quoted string) string {
	if strings.HasPrefix(quoted, `"`) && strings.Contains(quoted, `\`) {
		if key, ok := parseTOMLValue(quoted).(string); ok {
			return key
		}
	}
	return strings.Trim(quoted, `"'`)
}

// joinKey appends a key to a path, in quotes where TOML needs them.
func joinKey(path, key string) string {
	if key == "" || strings.IndexFunc(key, func(r rune) bool { return r > 127 || !isBare(byte(r)) }) >= 0 {
		key = quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

func elementPath(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// parentPath cuts the last key or index off a path; "" has no parent.
func parentPath(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}
